//! The two registries that exist only as folders, before the sandbox: as good as one in Rust.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what is wrong by panicking"
)]

use motlan_adapter_sdk::{
    adapter::Adapter,
    testing::{World, call},
};
use motlan_declarative::{DeclarativeAdapter, Folder, Mistakes};
use motlan_sandbox::people::personas::{AN, HAI, HOA, LAN, MINH, NOBODY, TUAN};
use serde_json::{Value, json};
use std::path::Path;

const TAX: [&str; 3] = ["tax.registration", "tax.obligations", "tax.income"];
const HEALTH: [&str; 4] = [
    "health.summary",
    "health.allergies",
    "health.conditions",
    "health.immunizations",
];

async fn world(registry: &str) -> World<DeclarativeAdapter> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("registries")
        .join(registry);
    let folder =
        Folder::read(&directory).unwrap_or_else(|mistakes| panic!("{}", Mistakes(mistakes)));
    World::start(registry, |url, contract| {
        Ok(DeclarativeAdapter::new(folder, Some(url), contract).unwrap())
    })
    .await
}

#[tokio::test]
async fn lans_taxes_arrive() {
    let world = world("tax").await;
    let registration = world.json(LAN, &["tax.registration"]).await;
    assert_eq!(registration["tax_code"], LAN);
    assert_eq!(registration["status"], "active");
    for dataset in ["tax.obligations", "tax.income"] {
        let records = world.json(LAN, &[dataset]).await;
        assert!(!records.as_array().unwrap().is_empty(), "{dataset}");
        assert!(records[0]["year"].as_i64().unwrap() > 2000, "{dataset}");
    }
}

#[tokio::test]
async fn lans_health_record_arrives() {
    let world = world("health").await;
    let summary = world.json(LAN, &["health.summary"]).await;
    assert_eq!(summary["record_status"], "active");
    assert!(
        summary["blood_type"].is_string() && summary["updated_on"].is_string(),
        "{summary}"
    );
    assert_eq!(summary["contact_full_name"], "TRẦN VĂN HẢI");
    assert_eq!(summary["contact_relationship"], "spouse");
    assert_eq!(summary["contact_phone"], "0900000124");
    let allergies = world.json(LAN, &["health.allergies"]).await;
    assert_eq!(
        (&allergies[0]["substance"], &allergies[0]["onset"]),
        (&json!("Tôm, cua"), &json!("2003"))
    );
    let conditions = world.json(LAN, &["health.conditions"]).await;
    assert_eq!(conditions[0]["icd10_code"], "K29.7");
    let doses = world.json(AN, &["health.immunizations"]).await;
    assert!(doses.as_array().unwrap().len() > 5, "more than a page");
    assert_eq!(doses[0]["status"], "completed");
    // What is known to the month stays so.
    assert_eq!(
        world.json(HOA, &["health.conditions"]).await[0]["onset"],
        "2019-03"
    );
}

#[tokio::test]
async fn nobody_is_absent_everywhere() {
    world("tax").await.assert_absent(NOBODY, &TAX).await;
    world("health").await.assert_absent(NOBODY, &HEALTH).await;
}

#[tokio::test]
async fn only_what_is_permitted_is_asked_for_and_the_number_stands_in_the_body_alone() {
    let tax = world("tax").await;
    for (name, fields) in [
        ("tax.registration.status", json!(["maSoThue", "trangThai"])),
        ("tax.registration.deceased", json!(["maSoThue"])),
        ("tax.obligations.disputed", json!(["namTinhThue"])),
    ] {
        // Somebody without a second page, so that the last request is the first.
        tax.json(NOBODY, &[name]).await;
        let body: Value =
            serde_json::from_str(tax.last_request()["body"].as_str().unwrap()).unwrap();
        assert_eq!(body["truong"], fields, "{name}");
        tax.assert_number_only_in_body(NOBODY);
    }

    let health = world("health").await;
    health.json(LAN, &["health.summary.blood_type"]).await;
    let request = health.last_request();
    let body = request["body"].as_str().unwrap();
    assert!(
        body.contains("_elements=deceased%2Cextension%2Cidentifier"),
        "{body}"
    );
    health.assert_number_only_in_body(LAN);
}

#[tokio::test]
async fn a_registry_out_of_order_is_named_and_heals() {
    let tax = world("tax").await;
    tax.fault_round(&[(LAN, TAX[0]), (LAN, TAX[2])], 10_000, &[LAN])
        .await;
    let health = world("health").await;
    health
        .fault_round(&[(LAN, HEALTH[0]), (LAN, HEALTH[2])], 10_000, &[LAN])
        .await;
}

#[tokio::test]
async fn what_comes_beyond_the_permit_is_dropped_and_counted() {
    let tax = world("tax").await;
    for name in ["tax.registration.status", "tax.income.year"] {
        assert!(
            tax.over_delivery_round(LAN, &[name]).await.over_delivered() > 0,
            "{name}"
        );
    }
    let health = world("health").await;
    for (number, name) in [
        (LAN, "health.summary.blood_type"),
        (LAN, "health.allergies.substance"),
        (AN, "health.immunizations.vaccine"),
    ] {
        assert!(
            health
                .over_delivery_round(number, &[name])
                .await
                .over_delivered()
                > 0,
            "{name}"
        );
    }
}

#[tokio::test]
async fn whatever_personas_and_generated_people_have_is_valid() {
    for (registry, datasets) in [("tax", TAX.as_slice()), ("health", HEALTH.as_slice())] {
        let world = world(registry).await;
        let people = world.registry.sandbox.people();
        let sampled = (0..people.sizes().births).step_by(600_011);
        let sampled: Vec<String> = sampled.map(|index| people.sample(index).unwrap()).collect();
        let personas = [HAI, HOA, MINH, TUAN].map(str::to_owned);
        let mut held = 0;
        for (place, number) in personas.iter().chain(&sampled).enumerate() {
            let dataset = datasets[place % datasets.len()];
            held += usize::from(world.json(number, &[dataset]).await != Value::Null);
        }
        assert!(held > 10, "{registry}: {held}");
    }
}

#[tokio::test]
async fn both_tell_that_they_live() {
    for registry in ["tax", "health"] {
        world(registry)
            .await
            .adapter
            .health(&call(2_000))
            .await
            .unwrap();
    }
}
