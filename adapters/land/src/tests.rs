//! The adapter against the sandbox's registry, in order and out of order, and against servers that lie.

use super::*;
use motlan_adapter_sdk::{
    http::ApiKey,
    ogc::Search,
    testing::{CALL_ID, World, assert_names_nobody, call, canned, contract},
};
use motlan_sandbox::{
    credentials,
    people::personas::{HAI, LAN, MINH, NOBODY, TUAN},
};
use motlan_schemas::answer::RegistryProblem;
use serde_json::{Value, json};
use url::Url;

mod foreign;
mod liars;

const PARCELS: &str = "land.parcels";

async fn world() -> World<LandAdapter> {
    world_with(|_| ()).await
}

async fn world_with(change: impl FnOnce(&mut Config)) -> World<LandAdapter> {
    World::start("land", |url, contract| {
        let mut config = config(url);
        change(&mut config);
        LandAdapter::new(config, contract)
    })
    .await
}

fn config(url: Url) -> Config {
    let mut config = Config::new(url);
    config.http.api_key = Some(ApiKey {
        header: credentials::LAND_API_KEY_HEADER.to_owned(),
        value: credentials::LAND_API_KEY.into(),
    });
    config
}

#[tokio::test]
async fn lans_parcels_arrive_whole_with_those_who_share_them() {
    let world = world().await;
    let parcels = world.json(LAN, &[PARCELS]).await;
    assert_eq!(parcels.as_array().unwrap().len(), 2);
    let house = &parcels[0];
    assert_eq!(house["share"], "1/2");
    assert_eq!(
        house["co_owners"],
        json!([{"full_name": "TRẦN VĂN HẢI", "personal_id": HAI, "share": "1/2"}])
    );
    assert_eq!(house["encumbrances"][0]["kind"], "mortgage");
    assert_eq!(house["encumbrances"][0]["since"], "2021-09-30");
    assert_eq!(
        (&house["tenure"], &house["use_until"]),
        (&json!("common"), &json!("long_term"))
    );
    assert_eq!(house["attached_assets"][0]["kind"], "house");
    assert_eq!(
        (&house["certificate_date"], &house["disputed"]),
        (&json!("2015-08-21"), &json!(false))
    );
    let orchard = &parcels[1];
    let others: Vec<_> = orchard["co_owners"]
        .as_array()
        .unwrap()
        .iter()
        .map(|o| o["personal_id"].as_str().unwrap())
        .collect();
    assert_eq!(others, [HAI, TUAN]);
    assert_eq!(
        orchard["land_uses"][1],
        json!({"code": "CLN", "area_m2": 1150.5, "until": "2063-10-15"})
    );
    let minh = world.json(MINH, &[PARCELS]).await;
    assert_eq!(minh.as_array().unwrap().len(), 1);
    assert_eq!(
        (&minh[0]["share"], &minh[0]["co_owners"]),
        (&json!("1/1"), &json!([]))
    );
}

#[tokio::test]
async fn nobody_is_absent() {
    world().await.assert_absent(NOBODY, &[PARCELS]).await;
}

#[tokio::test]
async fn only_what_is_permitted_is_asked_for_and_the_number_is_in_no_url() {
    let mut world = world().await;
    world.asking.case = Some("hồ sơ 7".parse().unwrap());
    let names = ["land.parcels.area_m2", "land.parcels.parcel_number"];
    let parcels = world.json(LAN, &names).await;
    assert_eq!(
        parcels[0],
        json!({"parcel_number": "154", "area_m2": 86.4, "disputed": false})
    );
    let request = world.last_request();
    world.assert_number_only_in_body(LAN);
    assert_eq!(
        (&request["method"], &request["path"]),
        (&json!("POST"), &json!("/collections/parcels/search"))
    );
    let body: Value = serde_json::from_str(request["body"].as_str().unwrap()).unwrap();
    assert_eq!(
        body["properties"],
        json!([
            "dangTranhChap",
            "dienTich",
            "soDinhDanhNguoiSuDung",
            "soThua"
        ])
    );
    assert_eq!(body["skipGeometry"], true);
    let headers = &request["headers"];
    assert_eq!(
        (&headers["x-officer"], &headers["x-purpose"]),
        (&json!("cb-4711"), &json!("land-transfer"))
    );
    assert_eq!(headers["x-case"], "h%E1%BB%93%20s%C6%A1%207");
    assert_eq!(headers["x-request-id"], CALL_ID.to_string());
}

#[tokio::test]
async fn links_to_further_pages_are_followed_to_the_end_in_both_ways_of_searching() {
    for search in [Search::Post, Search::Get] {
        let world = world_with(|config| {
            config.page_size = 1;
            config.search = search;
        })
        .await;
        let parcels = world.json(LAN, &["land.parcels.share"]).await;
        assert_eq!(parcels.as_array().unwrap().len(), 2, "{search:?}");
        assert_eq!(world.registry.faults.requests(), 2);
        world.assert_number_only_in_body(LAN);
    }
    let world = world_with(|config| {
        config.page_size = 1;
        config.paging.pages_max = 1;
    })
    .await;
    let error = world.fetch(LAN, &[PARCELS]).await.unwrap_err();
    assert_eq!(error.problem(), RegistryProblem::RegistryTruncated);
}

#[tokio::test]
async fn each_fault_is_its_own_error_in_time_and_names_nobody() {
    let world = world().await;
    world.fault_round(&[(LAN, PARCELS)], 5_000, &[]).await;
}

#[tokio::test]
async fn over_delivery_is_dropped_and_counted() {
    let world = world().await;
    let names = ["land.parcels.area_m2"];
    let fetched = world.over_delivery_round(LAN, &names).await;
    assert!(
        fetched.over_delivered() > 20,
        "{}",
        fetched.over_delivered()
    );
    assert_eq!(
        world.json_of(&world.permit(LAN, &names), &fetched)[0],
        json!({"area_m2": 86.4, "disputed": false})
    );
}

#[tokio::test]
async fn a_bad_key_and_an_unknown_collection_are_refusals_and_health_needs_no_person() {
    let in_order = world().await;
    in_order.adapter.health(&call(2_000)).await.unwrap();
    let keyless = world_with(|config| config.http.api_key = None).await;
    let error = keyless.fetch(LAN, &[PARCELS]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the registry refused: HTTP 401, Unauthorized"
    );
    let lost = world_with(|config| config.collection = "thua_dat".to_owned()).await;
    let error = lost.fetch(LAN, &[PARCELS]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the registry refused: HTTP 404, NotFound"
    );
    assert!(lost.adapter.health(&call(2_000)).await.is_err());
}

#[tokio::test]
async fn whatever_the_generated_people_hold_is_valid() {
    let world = world().await;
    let people = world.registry.sandbox.people();
    let mut held = 0;
    for index in (0..people.sizes().births).step_by(300_007) {
        let number = people.sample(index).unwrap();
        let parcels = world.json(&number, &[PARCELS]).await;
        assert_eq!(
            parcels.as_array().map_or(0, Vec::len),
            people.parcels(&number).len()
        );
        held += usize::from(parcels != Value::Null);
    }
    assert!(held > 5, "{held}");
}
