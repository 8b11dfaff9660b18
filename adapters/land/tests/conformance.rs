//! The adapter before the conformance kit, with the sandbox as its source.

use motlan_adapter_sdk::{conformance::CodeTable, http::ApiKey, testing::examination::Examination};
use motlan_land::{Config, LandAdapter};
use motlan_sandbox::credentials;
use url::Url;

#[tokio::test(flavor = "multi_thread")]
async fn the_kit_finds_what_is_committed() {
    let mut examination = Examination::start("land", |url, contract, roots| {
        let mut config = config(url);
        config.http.roots_pem_file = roots;
        LandAdapter::new(config, contract)
    })
    .await;
    examination
        .read_folder(concat!(env!("CARGO_MANIFEST_DIR"), "/conformance"))
        .await;
    let catalogue = examination.candidate.contract.catalogue();
    let parcels = catalogue.dataset_named("land.parcels").unwrap();
    let map = config("http://127.0.0.1".parse().unwrap()).attributes;
    examination.candidate.code_tables = CodeTable::of_map(parcels, &map);
    examination
        .assert_committed(env!("CARGO_MANIFEST_DIR"))
        .await;
}

/// Pages of one parcel, so that every list takes several.
fn config(url: Url) -> Config {
    let mut config = Config::new(url);
    config.page_size = 1;
    // A busy machine takes its time to connect.
    config.http.connect_timeout_ms = 10_000;
    config.http.api_key = Some(ApiKey {
        header: credentials::LAND_API_KEY_HEADER.to_owned(),
        value: credentials::LAND_API_KEY.into(),
    });
    config
}
