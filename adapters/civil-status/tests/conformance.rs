//! The adapter before the conformance kit, with the sandbox as its source.

use motlan_adapter_sdk::testing::examination::Examination;
use motlan_civil_status::{CivilStatusAdapter, Config};
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
    examination
        .assert_committed(env!("CARGO_MANIFEST_DIR"))
        .await;
}

fn config(url: Url) -> Config {
    Config::new(url)
}
