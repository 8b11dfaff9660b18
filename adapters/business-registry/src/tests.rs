//! The adapter against the sandbox's registry, in order and out of order, and against servers that lie.

use super::*;
use motlan_adapter_sdk::testing::{World, assert_names_nobody, call, canned, contract};
use motlan_sandbox::people::personas::{ENTERPRISE, HAI, LAN, NOBODY, TUAN};
use motlan_schemas::answer::RegistryProblem;
use serde_json::{Value, json};
use url::Url;

mod foreign;
mod liars;

async fn world() -> World<BusinessRegistryAdapter> {
    World::start("business", adapter).await
}

fn adapter(url: Url, contract: Arc<Contract>) -> Result<BusinessRegistryAdapter, ConfigError> {
    BusinessRegistryAdapter::new(Config::new(url), contract)
}

#[tokio::test]
async fn lans_roles_arrive_from_all_pages() {
    let world = world().await;
    let roles = world.json(LAN, &[ROLES]).await;
    let kinds: Vec<_> = roles
        .as_array()
        .unwrap()
        .iter()
        .map(|role| role["role"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "owner",
            "legal_representative",
            "director",
            "beneficial_owner"
        ]
    );
    assert_eq!(roles[0]["enterprise_code"], ENTERPRISE);
    assert_eq!(roles[0]["enterprise_status"], "active");
    assert_eq!(
        (&roles[0]["since"], &roles[0]["share_percent"]),
        (&json!("2019-04-16"), &json!(100.0))
    );
    assert_eq!(world.registry.faults.requests(), 2);
    assert!(!world.last_request().to_string().contains(LAN));
}

#[tokio::test]
async fn the_enterprise_and_its_owners_arrive() {
    let world = world().await;
    let profile = world.json(ENTERPRISE, &[PROFILE]).await;
    assert_eq!(
        (&profile["legal_form"], &profile["status"]),
        (&json!("single_member_llc"), &json!("active"))
    );
    assert_eq!(profile["legal_representatives"][0]["personal_id"], LAN);
    assert_eq!(profile["industries"][0]["main"], true);
    assert_eq!(
        (&profile["registered_on"], &profile["province"]),
        (&json!("2019-04-16"), &json!("01"))
    );
    let owners = world.json(ENTERPRISE, &[OWNERS]).await;
    assert_eq!(
        owners,
        json!([{
            "owner_kind": "person", "full_name": "NGUYỄN THỊ LAN", "personal_id": LAN, "nationality": "VN",
            "birth_date": "1985-06-12", "interest": "shareholding", "directness": "direct", "beneficial": true,
            "share_percent": 100.0, "since": "2019-04-16",
        }])
    );
}

#[tokio::test]
async fn nobody_and_an_unknown_enterprise_are_absent() {
    let world = world().await;
    world.assert_absent(NOBODY, &[ROLES]).await;
    world.assert_absent("0100109106", &[PROFILE, OWNERS]).await;
}

#[tokio::test]
async fn only_what_is_permitted_is_asked_for_and_the_number_is_in_no_url() {
    let mut world = world().await;
    world.asking.case = Some("hồ sơ 7".parse().unwrap());
    world
        .json(TUAN, &["business.roles.role", "business.roles.since"])
        .await;
    let request = world.last_request();
    world.assert_number_only_in_body(TUAN);
    assert_eq!(
        (&request["method"], &request["path"]),
        (&json!("POST"), &json!("/roles/search"))
    );
    let body: Value = serde_json::from_str(request["body"].as_str().unwrap()).unwrap();
    assert_eq!(
        body["fields"],
        json!(["from", "role.code", "holder.personalNumber"])
    );
    assert_eq!(request["headers"]["x-case"], "h%E1%BB%93%20s%C6%A1%207");
    let names = ["business.profile.name", "business.profile.status"];
    let profile = world.json(ENTERPRISE, &names).await;
    assert_eq!(profile.as_object().unwrap().len(), 3);
    let request = world.last_request();
    let path = request["path"].as_str().unwrap();
    assert!(
        path.ends_with("?fields=code,deletedOn,name,status,underInvestigation"),
        "{path}"
    );
}

#[tokio::test]
async fn each_fault_is_its_own_error_in_time_and_names_nobody() {
    let world = world().await;
    let cases = [(LAN, ROLES), (ENTERPRISE, PROFILE), (ENTERPRISE, OWNERS)];
    world.fault_round(&cases, 5_000, &[]).await;
}

#[tokio::test]
async fn over_delivery_is_dropped_and_counted() {
    let world = world().await;
    for (number, name, expected) in [
        (LAN, "business.roles.role", json!({"role": "owner"})),
        (
            ENTERPRISE,
            "business.profile.province",
            json!({"province": "01", "under_investigation": false}),
        ),
    ] {
        let fetched = world.over_delivery_round(number, &[name]).await;
        assert!(
            fetched.over_delivered() > 10,
            "{name}: {}",
            fetched.over_delivered()
        );
        let records = world.json_of(&world.permit(number, &[name]), &fetched);
        assert_eq!(*records.get(0).unwrap_or(&records), expected);
    }
}

#[tokio::test]
async fn whatever_the_generated_people_hold_is_valid() {
    let world = world().await;
    let people = world.registry.sandbox.people();
    let mut enterprises = 0;
    for index in (0..people.sizes().births).step_by(100_003) {
        let number = people.sample(index).unwrap();
        let roles = people.roles(&number);
        if roles.is_empty() {
            continue;
        }
        let fetched = world.json(&number, &[ROLES]).await;
        assert_eq!(fetched.as_array().unwrap().len(), roles.len());
        let code = roles[0].enterprise_code.as_str();
        let profile = world.json(code, &[PROFILE]).await;
        // An enterprise that left the register has roles in the past, and neither profile nor owners.
        let owners = world.json(code, &[OWNERS]).await;
        if profile != Value::Null {
            assert_eq!(profile["status"], roles[0].enterprise_status.code());
            enterprises += 1;
        }
        assert!(profile == Value::Null || owners != Value::Null);
    }
    assert!(enterprises > 2, "{enterprises}");
}
