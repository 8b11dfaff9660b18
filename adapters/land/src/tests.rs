//! The adapter against the sandbox's registry, in order and out of order, and against servers that lie.

use super::*;
use jiff::Timestamp;
use motlan_policies::permit::{Asking, AssertedBy, Officer};
use motlan_sandbox::{Sandbox, SandboxOptions, credentials, faults::Fault, people::personas};
use motlan_schemas::{
    answer::RegistryProblem,
    catalogue::{AttributeSet, Catalogue},
    ids::QueryId,
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use url::Url;

mod liars;

/// A permit for some attributes of one dataset, named in full.
fn permit(contract: &Contract, subject: &Subject, names: &[&str]) -> Permit {
    let resolved: Vec<_> = names
        .iter()
        .map(|name| contract.catalogue().resolve(name).unwrap())
        .collect();
    let attributes = resolved
        .iter()
        .fold(AttributeSet::EMPTY, |set, (_, attributes)| {
            set | *attributes
        });
    let asking = Asking {
        query_id: QueryId::new(Timestamp::UNIX_EPOCH, [0; 10]),
        decided_at: "2026-11-21T03:00:00Z".parse().unwrap(),
        agency: "ward".parse().unwrap(),
        client: "ward-desk".parse().unwrap(),
        officer: Some(Officer {
            id: "cb-4711".parse().unwrap(),
            asserted_by: AssertedBy::Token,
        }),
        purpose: "land-transfer".parse().unwrap(),
        case: Some("hồ sơ 7".parse().unwrap()),
    };
    Permit::dangerous_without_decision(asking, subject.clone(), resolved[0].0, attributes)
}

fn call(milliseconds: u64) -> Call {
    let deadline = Instant::now() + Duration::from_millis(milliseconds);
    Call {
        deadline,
        id: uuid::Uuid::nil(),
        traceparent: None,
    }
}

fn person(number: &str) -> Subject {
    Subject::Person(number.parse().unwrap())
}

fn contract() -> Arc<Contract> {
    Arc::new(Contract::new(Catalogue::national()).unwrap())
}

/// The records as the wire would have them, `null` for an absent subject.
fn json_of(contract: &Contract, permit: &Permit, fetched: &Fetched) -> Value {
    let dataset = contract.catalogue().dataset(permit.dataset());
    let text = fetched.records().to_json(dataset, dataset.all());
    text.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap())
}

/// A server that answers each request with the next of some bodies; the last one stays.
async fn canned(status: u16, bodies: Vec<String>) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    tokio::spawn(async move {
        for place in 0.. {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 8192]).await;
            let body = &bodies[usize::min(place, bodies.len() - 1)];
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
        }
    });
    url
}

fn says_nothing_of_a_person(error: &AdapterError) -> bool {
    let text = format!("{error} {error:?}");
    !text
        .chars()
        .collect::<Vec<_>>()
        .windows(9)
        .any(|window| window.iter().all(char::is_ascii_digit))
}

const PARCELS: &str = "land.parcels";

async fn sandbox() -> Sandbox {
    Sandbox::start(SandboxOptions::default()).await.unwrap()
}

fn config(url: &str) -> Config {
    let mut config = Config::new(url.parse().unwrap());
    let (header, value) = (
        credentials::LAND_API_KEY_HEADER.to_owned(),
        credentials::LAND_API_KEY.into(),
    );
    config.http.api_key = Some(motlan_adapter_sdk::http::ApiKey { header, value });
    config
}

fn adapter(sandbox: &Sandbox, change: impl Fn(&mut Config)) -> LandAdapter {
    let mut config = config(&sandbox.registry("land").unwrap().url);
    change(&mut config);
    LandAdapter::new(config, contract()).unwrap()
}

async fn fetch(adapter: &LandAdapter, number: &str, names: &[&str]) -> Result<Value, AdapterError> {
    let permit = permit(&adapter.contract, &person(number), names);
    let fetched = adapter.fetch(&permit, &call(2000)).await?;
    Ok(json_of(&adapter.contract, &permit, &fetched))
}

#[tokio::test]
async fn lans_parcels_arrive_whole_with_those_who_share_them() {
    let sandbox = sandbox().await;
    let adapter = adapter(&sandbox, |_| ());
    let parcels = fetch(&adapter, personas::LAN, &[PARCELS]).await.unwrap();
    assert_eq!(parcels.as_array().unwrap().len(), 2);
    let house = &parcels[0];
    assert_eq!(house["share"], "1/2");
    assert_eq!(
        house["co_owners"],
        json!([{"full_name": "TRẦN VĂN HẢI", "personal_id": personas::HAI, "share": "1/2"}])
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
    assert_eq!(others, [personas::HAI, personas::TUAN]);
    assert_eq!(
        orchard["land_uses"][1],
        json!({"code": "CLN", "area_m2": 1150.5, "until": "2063-10-15"})
    );
    let minh = fetch(&adapter, personas::MINH, &[PARCELS]).await.unwrap();
    assert_eq!(minh.as_array().unwrap().len(), 1);
    assert_eq!(
        (&minh[0]["share"], &minh[0]["co_owners"]),
        (&json!("1/1"), &json!([]))
    );
}

#[tokio::test]
async fn nobody_is_absent() {
    let sandbox = sandbox().await;
    let parcels = fetch(&adapter(&sandbox, |_| ()), personas::NOBODY, &[PARCELS])
        .await
        .unwrap();
    assert_eq!(parcels, Value::Null);
}

#[tokio::test]
async fn only_what_is_permitted_is_asked_for_and_the_number_is_in_no_url() {
    let sandbox = sandbox().await;
    let names = ["land.parcels.area_m2", "land.parcels.parcel_number"];
    let parcels = fetch(&adapter(&sandbox, |_| ()), personas::LAN, &names)
        .await
        .unwrap();
    assert_eq!(
        parcels[0],
        json!({"parcel_number": "154", "area_m2": 86.4, "disputed": false})
    );
    let request = sandbox
        .registry("land")
        .unwrap()
        .faults
        .last_request()
        .unwrap();
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
    assert_eq!(headers["x-request-id"], uuid::Uuid::nil().to_string());
}

#[tokio::test]
async fn links_to_further_pages_are_followed_to_the_end_in_both_ways_of_searching() {
    let sandbox = sandbox().await;
    for search in [
        motlan_adapter_sdk::ogc::Search::Post,
        motlan_adapter_sdk::ogc::Search::Get,
    ] {
        let adapter = adapter(&sandbox, |config| {
            config.page_size = 1;
            config.search = search;
        });
        let before = sandbox.registry("land").unwrap().faults.requests();
        let parcels = fetch(&adapter, personas::LAN, &["land.parcels.share"])
            .await
            .unwrap();
        assert_eq!(parcels.as_array().unwrap().len(), 2, "{search:?}");
        let registry = sandbox.registry("land").unwrap();
        assert_eq!(registry.faults.requests() - before, 2);
        let path = registry.faults.last_request().unwrap()["path"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(!path.contains(personas::LAN), "{path}");
    }
    let adapter = adapter(&sandbox, |config| {
        config.page_size = 1;
        config.paging.pages_max = 1;
    });
    let error = fetch(&adapter, personas::LAN, &[PARCELS])
        .await
        .unwrap_err();
    assert_eq!(error.problem(), RegistryProblem::RegistryTruncated);
}

#[tokio::test]
async fn each_fault_is_its_own_error_in_time_and_names_nobody() {
    let sandbox = sandbox().await;
    let adapter = adapter(&sandbox, |_| ());
    for (fault, problem) in [
        (Fault::Slow, RegistryProblem::RegistryTimeout),
        (Fault::Down, RegistryProblem::RegistryDown),
        (Fault::Garbage, RegistryProblem::RegistryMalformed),
        (Fault::WrongSubject, RegistryProblem::RegistryWrongSubject),
        (Fault::Truncated, RegistryProblem::RegistryTruncated),
        (Fault::Endless, RegistryProblem::RegistryMalformed),
    ] {
        sandbox.registry("land").unwrap().faults.set(fault);
        let permit = permit(&adapter.contract, &person(personas::LAN), &[PARCELS]);
        let call = call(if fault == Fault::Slow { 300 } else { 5000 });
        let error = adapter.fetch(&permit, &call).await.unwrap_err();
        assert!(
            Instant::now() <= call.deadline + Duration::from_millis(300),
            "{fault:?}"
        );
        assert_eq!(error.problem(), problem, "{fault:?}: {error}");
        assert!(says_nothing_of_a_person(&error), "{error}");
    }
    sandbox.registry("land").unwrap().faults.set(Fault::Ok);
    assert!(fetch(&adapter, personas::LAN, &[PARCELS]).await.is_ok());
}

#[tokio::test]
async fn over_delivery_is_dropped_and_counted() {
    let sandbox = sandbox().await;
    let adapter = adapter(&sandbox, |_| ());
    let permit = permit(
        &adapter.contract,
        &person(personas::LAN),
        &["land.parcels.area_m2"],
    );
    let counted = adapter
        .fetch(&permit, &call(2000))
        .await
        .unwrap()
        .over_delivered();
    assert_eq!(counted, 0);
    sandbox
        .registry("land")
        .unwrap()
        .faults
        .set(Fault::OverDelivery);
    let fetched = adapter.fetch(&permit, &call(2000)).await.unwrap();
    assert!(
        fetched.over_delivered() > 20,
        "{}",
        fetched.over_delivered()
    );
    assert_eq!(
        json_of(&adapter.contract, &permit, &fetched)[0],
        json!({"area_m2": 86.4, "disputed": false})
    );
}

#[tokio::test]
async fn a_bad_key_and_an_unknown_collection_are_refusals_and_health_needs_no_person() {
    let sandbox = sandbox().await;
    adapter(&sandbox, |_| ()).health(&call(2000)).await.unwrap();
    let keyless = adapter(&sandbox, |config| config.http.api_key = None);
    let error = fetch(&keyless, personas::LAN, &[PARCELS])
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the registry refused: HTTP 401, Unauthorized"
    );
    let lost = adapter(&sandbox, |config| config.collection = "thua_dat".to_owned());
    let error = fetch(&lost, personas::LAN, &[PARCELS]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the registry refused: HTTP 404, NotFound"
    );
    assert!(lost.health(&call(2000)).await.is_err());
}

#[tokio::test]
async fn whatever_the_generated_people_hold_is_valid() {
    let sandbox = sandbox().await;
    let adapter = adapter(&sandbox, |_| ());
    let mut held = 0;
    for index in (0..sandbox.people().sizes().births).step_by(300_007) {
        let number = sandbox.people().sample(index).unwrap();
        let parcels = fetch(&adapter, &number, &[PARCELS]).await.unwrap();
        assert_eq!(
            parcels.as_array().map_or(0, Vec::len),
            sandbox.people().parcels(&number).len()
        );
        held += usize::from(parcels != Value::Null);
    }
    assert!(held > 5, "{held}");
}
