//! The adapter before the conformance kit, with the sandbox as its source.

use motlan_adapter_sdk::{conformance::CodeTable, testing::examination::Examination};
use motlan_civil_status::{CivilStatusAdapter, Config, default_codes};
use url::Url;

#[tokio::test(flavor = "multi_thread")]
async fn the_kit_finds_what_is_committed() {
    let mut examination = Examination::start("civil_status", |url, contract, roots| {
        let mut config = config(url);
        config.http.roots_pem_file = roots;
        CivilStatusAdapter::new(config, contract)
    })
    .await;
    examination
        .read_folder(concat!(env!("CARGO_MANIFEST_DIR"), "/conformance"))
        .await;
    let table = |(list, pairs): (&str, &[(&str, &str)])| CodeTable {
        attribute: format!("civil_status, codes.{list}"),
        code_list: list.to_owned(),
        pairs: pairs
            .iter()
            .map(|(theirs, ours)| ((*theirs).to_owned(), (*ours).to_owned()))
            .collect(),
    };
    let translated = default_codes().filter(|(_, pairs)| !pairs.is_empty());
    examination.candidate.code_tables = translated.map(table).collect();
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
