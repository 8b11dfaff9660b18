//! The adapter before the conformance kit, with the sandbox as its source.

use motlan_adapter_sdk::{conformance::CodeTable, testing::examination::Examination};
use motlan_population::{Config, PopulationAdapter};
use url::Url;

#[tokio::test(flavor = "multi_thread")]
async fn the_kit_finds_what_is_committed() {
    let mut examination = Examination::start("population", |url, contract, roots| {
        let mut config = config(url);
        config.http.roots_pem_file = roots;
        PopulationAdapter::new(config, contract)
    })
    .await;
    examination
        .read_folder(concat!(env!("CARGO_MANIFEST_DIR"), "/conformance"))
        .await;
    let catalogue = examination.candidate.contract.catalogue();
    let config = config("http://127.0.0.1".parse().unwrap());
    let tables = [
        ("population.identity", &config.datasets.identity.fields),
        ("population.residence", &config.datasets.residence.fields),
        ("population.household", &config.datasets.household.fields),
        ("population.documents", &config.datasets.documents.fields),
    ];
    let tables =
        tables.map(|(name, map)| CodeTable::of_map(catalogue.dataset_named(name).unwrap(), map));
    examination.candidate.code_tables = tables.concat();
    examination
        .assert_committed(env!("CARGO_MANIFEST_DIR"))
        .await;
}

/// A busy machine takes its time to connect.
fn config(url: Url) -> Config {
    let mut config = Config::new(url);
    config.http.connect_timeout_ms = 10_000;
    config
}
