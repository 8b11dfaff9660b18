//! The adapter before the conformance kit, with the sandbox as its source.

use motlan_adapter_sdk::testing::examination::Examination;
use motlan_insurance::{Config, InsuranceAdapter};
use motlan_sandbox::credentials;
use url::Url;

#[tokio::test(flavor = "multi_thread")]
async fn the_kit_finds_what_is_committed() {
    let mut examination = Examination::start("insurance", |url, contract, roots| {
        let mut config = config(url);
        config.http.roots_pem_file = roots;
        InsuranceAdapter::new(config, contract)
    })
    .await;
    examination
        .read_folder(concat!(env!("CARGO_MANIFEST_DIR"), "/conformance"))
        .await;
    for name in [
        "insurance.health.valid_from",
        "insurance.health.valid_until",
        "insurance.social.first_contribution",
    ] {
        let reason = "the period shows which of several records is in force";
        let always_asked = &mut examination.candidate.always_asked;
        always_asked.insert(name.to_owned(), reason.to_owned());
    }
    examination
        .assert_committed(env!("CARGO_MANIFEST_DIR"))
        .await;
}

/// Pages of one resource, so that every search takes several.
fn config(url: Url) -> Config {
    let mut config = Config::new(url);
    config.page_size = 1;
    // A busy machine takes its time to connect.
    config.http.connect_timeout_ms = 10_000;
    config.http.bearer_token = Some(credentials::INSURANCE_BEARER_TOKEN.into());
    config
}
