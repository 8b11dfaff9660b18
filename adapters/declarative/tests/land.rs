//! A folder and the Rust adapter for the same source answer byte for byte alike.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what is wrong by panicking"
)]

use motlan_adapter_sdk::{
    adapter::Adapter,
    http::ApiKey,
    testing::{World, call},
};
use motlan_declarative::{DeclarativeAdapter, Folder, Mistakes};
use motlan_land::{Config, LandAdapter};
use motlan_sandbox::{
    credentials,
    faults::Fault,
    people::personas::{AN, HAI, HOA, LAN, MAI, MINH, NOBODY, PHUC, TUAN},
};
use motlan_schemas::catalogue::Catalogue;
use std::path::Path;

/// Everything, single attributes, those that share a field, and those that need care.
const SELECTIONS: [&[&str]; 9] = [
    &["land.parcels"],
    &["land.parcels.area_m2"],
    &["land.parcels.share"],
    &["land.parcels.co_owners"],
    &[
        "land.parcels.share",
        "land.parcels.co_owners",
        "land.parcels.address",
    ],
    &[
        "land.parcels.land_uses",
        "land.parcels.use_until",
        "land.parcels.tenure",
    ],
    &["land.parcels.encumbrances", "land.parcels.attached_assets"],
    &[
        "land.parcels.certificate_date",
        "land.parcels.certificate_office",
        "land.parcels.old_commune",
    ],
    &["land.parcels.disputed"],
];

/// The Rust adapter with its sandbox, and the folder before the same registry.
async fn both() -> (World<LandAdapter>, World<DeclarativeAdapter, url::Url>) {
    let rust = World::start("land", |url, contract| {
        let mut config = Config::new(url);
        config.http.api_key = Some(ApiKey {
            header: credentials::LAND_API_KEY_HEADER.to_owned(),
            value: credentials::LAND_API_KEY.into(),
        });
        LandAdapter::new(config, contract)
    })
    .await;
    let url = rust
        .registry
        .sandbox
        .registry("land")
        .unwrap()
        .url
        .parse()
        .unwrap();
    let folder = Folder::read(Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/land"
    )));
    let folder = folder.unwrap_or_else(|mistakes| panic!("{}", Mistakes(mistakes)));
    let declarative = World::at(url, |url, contract| {
        Ok(DeclarativeAdapter::new(folder, Some(url), contract).unwrap())
    });
    (rust, declarative)
}

/// What an adapter answers, to the byte: records, age, what was too much; or the error.
async fn answer<A: Adapter, R>(world: &World<A, R>, number: &str, names: &[&str]) -> String {
    let permit = world.permit(number, names);
    match world.adapter.fetch(&permit, &call(2_000)).await {
        Ok(fetched) => {
            let catalogue = Catalogue::national();
            let dataset = catalogue.dataset(permit.dataset());
            let records = fetched.records().to_json(dataset, dataset.all());
            format!(
                "{records:?} {:?} {}",
                fetched.as_of(),
                fetched.over_delivered()
            )
        }
        Err(error) => format!("{:?}", error.problem()),
    }
}

#[tokio::test]
async fn every_persona_gets_the_same_bytes_in_every_selection() {
    let (rust, declarative) = both().await;
    let mut held = 0;
    for number in [LAN, HAI, AN, MINH, MAI, HOA, TUAN, PHUC, NOBODY] {
        for names in SELECTIONS {
            let expected = answer(&rust, number, names).await;
            assert_eq!(
                answer(&declarative, number, names).await,
                expected,
                "{names:?}"
            );
            held += usize::from(expected.starts_with("Some"));
        }
    }
    assert!(held >= 20, "{held}");
}

#[tokio::test]
async fn generated_people_get_the_same_bytes() {
    let (rust, declarative) = both().await;
    let people = rust.registry.sandbox.people();
    let mut held = 0;
    for (place, index) in (0..people.sizes().births).step_by(100_003).enumerate() {
        let number = people.sample(index).unwrap();
        let names = SELECTIONS[place % SELECTIONS.len()];
        let expected = answer(&rust, &number, names).await;
        assert_eq!(
            answer(&declarative, &number, names).await,
            expected,
            "{index} {names:?}"
        );
        held += usize::from(expected.starts_with("Some"));
    }
    assert!(held > 30, "{held}");
}

#[tokio::test]
async fn a_registry_out_of_order_gets_the_same_name_for_it() {
    let (rust, declarative) = both().await;
    for fault in [
        Fault::Down,
        Fault::Garbage,
        Fault::WrongSubject,
        Fault::Truncated,
        Fault::Endless,
        Fault::OverDelivery,
    ] {
        rust.registry.faults.set(fault);
        let expected = answer(&rust, LAN, &["land.parcels.area_m2"]).await;
        assert_eq!(
            answer(&declarative, LAN, &["land.parcels.area_m2"]).await,
            expected,
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn both_ask_for_the_same_properties() {
    let (rust, declarative) = both().await;
    for names in SELECTIONS {
        answer(&rust, LAN, names).await;
        let asked = rust.last_request();
        answer(&declarative, LAN, names).await;
        assert_eq!(rust.last_request()["body"], asked["body"], "{names:?}");
        assert_eq!(rust.last_request()["path"], asked["path"], "{names:?}");
    }
}
