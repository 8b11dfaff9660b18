//! The adapter against the sandbox's register, in order and in every kind of disorder.

mod foreign;

use super::*;
use motlan_adapter_sdk::testing::{World, call, contract};
use motlan_sandbox::{
    faults::Fault,
    people::personas::{AN, HAI, HOA, LAN, MINH, NOBODY, TUAN},
};

async fn world() -> World<PopulationAdapter> {
    world_with(|_| ()).await
}

async fn world_with(change: impl FnOnce(&mut Config)) -> World<PopulationAdapter> {
    World::start("population", |url, contract| {
        let mut config = Config::new(url);
        change(&mut config);
        PopulationAdapter::new(config, contract)
    })
    .await
}

fn asked_fields(world: &World<PopulationAdapter>) -> Vec<String> {
    let request = world.last_request();
    let body: Value = serde_json::from_str(request["body"].as_str().unwrap()).unwrap();
    let mut fields: Vec<String> = serde_json::from_value(body["fields"].clone()).unwrap();
    fields.sort_unstable();
    fields
}

#[tokio::test]
async fn every_dataset_of_lan_is_read() {
    let world = world().await;
    let identity = world.json(LAN, &["population.identity"]).await;
    assert_eq!(identity["full_name"], "NGUYỄN THỊ LAN");
    assert_eq!(
        (
            &identity["birth_date"],
            &identity["sex"],
            &identity["status"]
        ),
        (&"1985-06-12".into(), &"female".into(), &"active".into())
    );
    assert_eq!(identity["personal_id"], LAN);
    let residence = world.json(LAN, &["population.residence"]).await;
    assert!(
        residence["permanent_commune"]
            .as_str()
            .is_some_and(|commune| commune.len() == 5)
    );
    let household = world.json(LAN, &["population.household"]).await;
    let members: Vec<_> = household
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["member_personal_id"].as_str().unwrap())
        .collect();
    assert!(
        [HAI, AN].iter().all(|member| members.contains(member)),
        "{} members",
        members.len()
    );
    assert!(household[0]["household_code"].is_string() && household[0]["relationship"].is_string());
    let documents = world.json(LAN, &["population.documents"]).await;
    assert!(
        documents
            .as_array()
            .unwrap()
            .iter()
            .any(|document| document["kind"] == "citizen_card")
    );
}

#[tokio::test]
async fn what_is_not_known_of_hoa_is_absent_and_her_date_stays_partial() {
    let world = world().await;
    let identity = world.json(HOA, &["population.identity"]).await;
    assert_eq!(identity["birth_date"], "1958");
    assert!(
        identity
            .as_object()
            .unwrap()
            .values()
            .all(|value| !value.is_null() && value != "")
    );
    assert_eq!(
        world.json(HOA, &["population.identity.religion"]).await,
        json!({})
    );
}

#[tokio::test]
async fn the_dead_and_the_secret_are_marked_unasked() {
    let world = world().await;
    let minh = world.json(MINH, &["population.identity.full_name"]).await;
    assert_eq!(
        minh,
        json!({"full_name": "LÊ QUANG MINH", "deceased": true})
    );
    let tuan = world.json(TUAN, &["population.residence"]).await;
    assert_eq!(tuan["address_secret"], true);
    assert!(
        tuan.get("permanent_address").is_none()
            && tuan.get("permanent_commune").is_none()
            && tuan.get("current_commune").is_none()
    );
}

#[tokio::test]
async fn nobody_is_absent_in_every_dataset() {
    let world = world().await;
    let datasets = [
        "population.identity",
        "population.residence",
        "population.household",
        "population.documents",
    ];
    world.assert_absent(NOBODY, &datasets).await;
}

#[tokio::test]
async fn only_permitted_fields_are_asked_for_and_the_asker_travels_along() {
    let world = world().await;
    world
        .json(
            LAN,
            &[
                "population.identity.full_name",
                "population.identity.sex",
                "population.identity.deceased",
            ],
        )
        .await;
    assert_eq!(
        asked_fields(&world),
        ["name.full", "personalNumber", "sex.code"]
    );
    let request = world.last_request();
    assert_eq!(
        request["path"],
        "/r1/VN/GOV/G01/population/person-service/persons"
    );
    assert_eq!(request["headers"]["x-road-userid"], "VNcb-4711");
    assert_eq!(request["headers"]["x-road-issue"], "H01.12-261121-0007");
    assert_eq!(request["headers"]["x-motlan-purpose"], "land-transfer");
    world.assert_number_only_in_body(LAN);
    world
        .json(LAN, &["population.household.relationship"])
        .await;
    assert_eq!(
        asked_fields(&world),
        ["household.members.relationship.code", "personalNumber"]
    );
}

#[tokio::test]
async fn each_fault_is_its_own_error_within_the_deadline_and_heals() {
    let world = world().await;
    let cases = [(LAN, "population.identity"), (LAN, "population.household")];
    world.fault_round(&cases, 30_000, &[LAN, "NGUYỄN"]).await;
}

#[tokio::test]
async fn what_is_over_delivered_is_dropped_and_counted() {
    let world = world().await;
    let names = ["population.identity.full_name"];
    let fetched = world.over_delivery_round(LAN, &names).await;
    assert!(fetched.over_delivered() > 5, "{}", fetched.over_delivered());
    let permit = world.permit(LAN, &names);
    assert_eq!(fetched.records().attributes(), permit.attributes());
}

#[tokio::test]
async fn the_registry_is_reached_without_x_road_too() {
    let world = world_with(|config| config.xroad.enabled = false).await;
    assert_eq!(
        world.json(LAN, &["population.identity.full_name"]).await["full_name"],
        "NGUYỄN THỊ LAN"
    );
    let request = world.last_request();
    assert_eq!(request["path"], "/persons");
    assert!(request["headers"].get("x-road-client").is_none());
    world.adapter.health(&call(1_000)).await.unwrap();
}

#[tokio::test]
async fn refusals_are_told_with_their_code() {
    let error_with = async |change: fn(&mut Config)| {
        let world = world_with(change).await;
        world
            .fetch(LAN, &["population.identity.full_name"])
            .await
            .unwrap_err()
            .to_string()
    };
    let unknown_field: fn(&mut Config) = |config| {
        let fields = serde_json::from_str(r#"{"full_name": "shoe.size"}"#).unwrap();
        config.datasets.identity = Records { list: None, fields };
    };
    assert_eq!(
        error_with(unknown_field).await,
        "the registry refused: HTTP 400 paramsValidation"
    );
    assert_eq!(
        error_with(|config| "wrong".clone_into(&mut config.service)).await,
        "the registry is down: X-Road Server.ServerProxy.UnknownService"
    );
    assert_eq!(
        error_with(|config| "nothing".clone_into(&mut config.path)).await,
        "the registry refused: HTTP 404 notFound"
    );
}

#[tokio::test]
async fn health_is_asked_without_a_person() {
    let world = world().await;
    world.adapter.health(&call(1_000)).await.unwrap();
    let request = world.last_request();
    assert_eq!(
        (request["method"].as_str(), request["path"].as_str()),
        (Some("GET"), Some("/r1/VN/GOV/G01/population/listMethods"))
    );
    world.registry.faults.set(Fault::Down);
    assert!(world.adapter.health(&call(1_000)).await.is_err());
}

#[test]
fn mistakes_in_the_configuration_are_named() {
    let text = r#"{"http": {"base_url": "https://registry.example"}, "datasets": {"identity": {"fields": {"shoe_size": "x"}}}}"#;
    let config: Config = serde_json::from_str(text).unwrap();
    let error = PopulationAdapter::new(config, contract()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("datasets.identity.fields.shoe_size"),
        "{error}"
    );
    assert!(
        serde_json::from_str::<Config>(r#"{"http": {"base_url": "https://a.example"}, "x": 1}"#)
            .is_err()
    );
}
