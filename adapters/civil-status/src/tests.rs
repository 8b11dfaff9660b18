//! The adapter against the sandbox's register, in order and in every kind of disorder.

mod foreign;

use super::*;
use motlan_adapter_sdk::paths::Paths;
use motlan_adapter_sdk::testing::{CALL_ID, TRACEPARENT, World, call, contract};
use motlan_sandbox::{
    faults::Fault,
    people::personas::{AN, HAI, HOA, LAN, MAI, MINH, NOBODY, PHUC},
};
use serde_json::{Value, json};

async fn world() -> World<CivilStatusAdapter> {
    world_with(|_| ()).await
}

async fn world_with(change: impl FnOnce(&mut Config)) -> World<CivilStatusAdapter> {
    World::start("civil_status", |url, contract| {
        let mut config = Config::new(url);
        change(&mut config);
        CivilStatusAdapter::new(config, contract)
    })
    .await
}

#[tokio::test]
async fn every_dataset_of_lan_is_read() {
    let world = world().await;
    let birth = world.json(LAN, &["civil_status.birth"]).await;
    assert_eq!(birth["full_name"], "NGUYỄN THỊ LAN");
    assert_eq!(
        (&birth["date"], &birth["sex"], &birth["nationality"]),
        (&"1985-06-12".into(), &"female".into(), &"VN".into())
    );
    assert_eq!(birth["personal_id"], LAN);
    let status = world.json(LAN, &["civil_status.marital_status"]).await;
    assert_eq!(status["status"], "married");
    let marriages = world.json(LAN, &["civil_status.marriages"]).await;
    assert_eq!(marriages[0]["spouse_personal_id"], HAI);
    assert_eq!(marriages[0]["status"], "valid");
    assert_eq!(world.json(LAN, &["civil_status.death"]).await, Value::Null);
    let child = world.json(AN, &["civil_status.birth"]).await;
    assert_eq!(
        (&child["mother_personal_id"], &child["father_personal_id"]),
        (&LAN.into(), &HAI.into())
    );
}

#[tokio::test]
async fn a_death_is_read_with_its_registration() {
    let world = world().await;
    let death = world.json(MINH, &["civil_status.death"]).await;
    assert_eq!(death["registration_date"], "2024-02-19");
    assert!(
        death["registration_office"]
            .as_str()
            .is_some_and(|office| office.len() == 5)
    );
    let status = world.json(MINH, &["civil_status.marital_status"]).await;
    assert_eq!(status["deceased"], true);
}

#[tokio::test]
async fn what_is_not_known_of_hoa_is_absent_and_her_date_stays_partial() {
    let world = world().await;
    let birth = world.json(HOA, &["civil_status.birth"]).await;
    assert_eq!(birth["date"], "1958");
    assert!(
        birth
            .as_object()
            .unwrap()
            .values()
            .all(|value| !value.is_null() && value != "")
    );
    assert_eq!(
        world.json(HOA, &["civil_status.marital_status"]).await["status"],
        "never_married"
    );
    assert_eq!(
        world.json(HOA, &["civil_status.marriages"]).await,
        json!([])
    );
}

#[tokio::test]
async fn the_guardianships_of_a_ward_are_read_the_one_that_ended_first() {
    let world = world().await;
    let guardianships = world.json(PHUC, &["civil_status.guardianships"]).await;
    let read = |nth: usize| {
        let record = &guardianships[nth];
        ["guardian_personal_id", "kind", "status", "from"].map(|name| record[name].clone())
    };
    assert_eq!(read(0), [MINH, "natural", "ended", "2019-05-06"]);
    assert_eq!(guardianships[0]["ended_on"], "2024-02-17");
    assert_eq!(guardianships[0]["end_reason"], "guardian_changed");
    assert_eq!(read(1), [MAI, "natural", "in_force", "2024-03-11"]);
    assert_eq!(guardianships[1]["until"], "2033-10-08");
    assert_eq!(guardianships[1].get("ended_on"), None);
    assert_eq!(guardianships[1].get("end_reason"), None);
    assert_eq!(guardianships[1]["registration_office"], "00004");
    assert_eq!(guardianships[1]["under_investigation"], false);
    for no_ward in [LAN, AN, MAI] {
        let none = world.json(no_ward, &["civil_status.guardianships"]).await;
        assert_eq!(
            none,
            json!([]),
            "of a guardian and of others nothing is said"
        );
    }
}

#[tokio::test]
async fn of_a_guardianship_only_what_is_permitted_is_asked_for() {
    let world = world().await;
    let names = [
        "civil_status.guardianships.guardian_personal_id",
        "civil_status.guardianships.status",
    ];
    let fetched = world.over_delivery_round(PHUC, &names).await;
    assert!(fetched.over_delivered() > 10);
    let _ = world.fetch(PHUC, &names).await.unwrap();
    world.assert_number_only_in_body(PHUC);
    let request = world.last_request();
    let body = request["body"].as_str().unwrap();
    assert!(body.contains("getGuardianships") && body.contains("nguoiGiamHoSoDinhDanh"));
    assert!(!body.contains("nguoiGiamHoHoTen") && !body.contains("lyDoChamDut"));
}

#[tokio::test]
async fn nobody_is_absent_in_every_dataset() {
    let world = world().await;
    let datasets = [
        "civil_status.birth",
        "civil_status.marital_status",
        "civil_status.marriages",
        "civil_status.death",
        "civil_status.guardianships",
    ];
    world.assert_absent(NOBODY, &datasets).await;
}

#[tokio::test]
async fn only_permitted_fields_are_asked_for_and_the_asker_travels_along() {
    let world = world().await;
    let birth = world
        .json(
            LAN,
            &["civil_status.birth.full_name", "civil_status.birth.date"],
        )
        .await;
    let mut names: Vec<_> = birth
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["cancelled", "date", "full_name", "under_investigation"]
    );
    let request = world.last_request();
    world.assert_number_only_in_body(LAN);
    assert_eq!(request["headers"]["traceparent"], TRACEPARENT);
    let body = request["body"].as_str().unwrap();
    assert!(
        body.contains("nksHoTen")
            && body.contains("nksNgaySinh")
            && !body.contains("nksGioiTinh")
            && !body.contains("meHoTen")
    );
    for part in [
        "VNcb-4711",
        "H01.12-261121-0007",
        "land-transfer",
        "ward-ba-dinh",
        &CALL_ID.to_string(),
        ">4.0<",
    ] {
        assert!(body.contains(part), "{part}");
    }
}

#[tokio::test]
async fn each_fault_is_its_own_error_within_the_deadline_and_heals() {
    let world = world().await;
    let cases = [
        (LAN, "civil_status.birth"),
        (LAN, "civil_status.marriages"),
        (LAN, "civil_status.marital_status"),
        (PHUC, "civil_status.guardianships"),
    ];
    world
        .fault_round(&cases, 30_000, &[LAN, HAI, "LAN", PHUC, MAI])
        .await;
}

#[tokio::test]
async fn what_is_over_delivered_is_dropped_and_counted() {
    let world = world().await;
    let fetched = world
        .over_delivery_round(LAN, &["civil_status.birth.full_name"])
        .await;
    assert!(
        fetched.over_delivered() > 10,
        "{}",
        fetched.over_delivered()
    );
    assert_eq!(fetched.records().attributes().len(), 3);
}

#[tokio::test]
async fn a_service_without_field_selection_sends_whole_records_of_which_the_permitted_part_is_kept()
{
    let world = world_with(|config| config.field_selection = false).await;
    assert!(
        world
            .adapter
            .descriptor()
            .datasets
            .iter()
            .all(|served| !served.selective)
    );
    let fetched = world
        .fetch(LAN, &["civil_status.birth.full_name"])
        .await
        .unwrap();
    assert!(fetched.over_delivered() > 10);
    assert!(
        !world.last_request()["body"]
            .as_str()
            .unwrap()
            .contains("fields")
    );
}

#[tokio::test]
async fn what_a_security_server_refuses_is_refused_or_down() {
    let error_with = async |change: fn(&mut Config)| {
        let world = world_with(change).await;
        let names = ["civil_status.birth.full_name"];
        world.fetch(LAN, &names).await.unwrap_err().to_string()
    };
    assert_eq!(
        error_with(|config| "getBirthV9".clone_into(&mut config.operations.birth)).await,
        "the registry is down: X-Road Server.ServerProxy.UnknownService"
    );
    assert_eq!(
        error_with(|config| config.xroad.enabled = false).await,
        "the registry refused: fault Client.MissingHeader"
    );
    let unknown_field: fn(&mut Config) = |config| {
        let element = Paths::one("childName");
        config.fields.insert("birth.full_name".to_owned(), element);
    };
    assert_eq!(
        error_with(unknown_field).await,
        "the registry refused: fault UnknownField"
    );
}

#[tokio::test]
async fn health_is_asked_without_a_person() {
    let world = world().await;
    world.adapter.health(&call(1_000)).await.unwrap();
    assert!(
        world.last_request()["body"]
            .as_str()
            .unwrap()
            .contains("listMethods")
    );
    world.registry.faults.set(Fault::Down);
    assert!(world.adapter.health(&call(1_000)).await.is_err());
}

#[test]
fn mistakes_in_the_configuration_are_named() {
    let refused = |text: &str| {
        let config: Config = serde_json::from_str(text).unwrap();
        CivilStatusAdapter::new(config, contract())
            .unwrap_err()
            .to_string()
    };
    let base = r#""http": {"base_url": "https://registry.example"}"#;
    assert!(
        refused(&format!(
            "{{{base}, \"fields\": {{\"birth.shoe_size\": \"x\"}}}}"
        ))
        .contains("birth.shoe_size")
    );
    assert!(refused(&format!("{{{base}, \"codes\": {{\"colour\": {{}}}}}}")).contains("colour"));
    assert!(serde_json::from_str::<Config>(&format!("{{{base}, \"operation\": {{}}}}")).is_err());
    assert!(serde_json::from_str::<Config>("{}").is_err());
}
