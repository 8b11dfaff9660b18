//! The adapter against the sandbox's registry, in order and out of order, and against servers that lie.

use super::*;
use jiff::Timestamp;
use motlan_policies::permit::{Asking, AssertedBy, Officer};
use motlan_sandbox::{Sandbox, SandboxOptions, faults::Fault, people::personas};
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

async fn sandbox() -> Sandbox {
    Sandbox::start(SandboxOptions::default()).await.unwrap()
}

fn adapter(sandbox: &Sandbox) -> BusinessRegistryAdapter {
    at(&sandbox.registry("business").unwrap().url)
}

fn at(url: &str) -> BusinessRegistryAdapter {
    let config = Config::new(url.parse().unwrap());
    BusinessRegistryAdapter::new(config, contract()).unwrap()
}

fn enterprise(code: &str) -> Subject {
    Subject::Enterprise(code.parse().unwrap())
}

async fn fetch(
    adapter: &BusinessRegistryAdapter,
    subject: &Subject,
    names: &[&str],
) -> Result<Value, AdapterError> {
    let permit = permit(&adapter.contract, subject, names);
    let fetched = adapter.fetch(&permit, &call(2000)).await?;
    Ok(json_of(&adapter.contract, &permit, &fetched))
}

#[tokio::test]
async fn lans_roles_arrive_from_all_pages() {
    let sandbox = sandbox().await;
    let roles = fetch(&adapter(&sandbox), &person(personas::LAN), &[ROLES])
        .await
        .unwrap();
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
    assert_eq!(roles[0]["enterprise_code"], personas::ENTERPRISE);
    assert_eq!(roles[0]["enterprise_status"], "active");
    assert_eq!(
        (&roles[0]["since"], &roles[0]["share_percent"]),
        (&json!("2019-04-16"), &json!(100.0))
    );
    let registry = sandbox.registry("business").unwrap();
    assert_eq!(registry.faults.requests(), 2);
    assert!(
        !registry
            .faults
            .last_request()
            .unwrap()
            .to_string()
            .contains(personas::LAN)
    );
}

#[tokio::test]
async fn the_enterprise_and_its_owners_arrive() {
    let sandbox = sandbox().await;
    let adapter = adapter(&sandbox);
    let subject = enterprise(personas::ENTERPRISE);
    let profile = fetch(&adapter, &subject, &[PROFILE]).await.unwrap();
    assert_eq!(
        (&profile["legal_form"], &profile["status"]),
        (&json!("single_member_llc"), &json!("active"))
    );
    assert_eq!(
        profile["legal_representatives"][0]["personal_id"],
        personas::LAN
    );
    assert_eq!(profile["industries"][0]["main"], true);
    assert_eq!(
        (&profile["registered_on"], &profile["province"]),
        (&json!("2019-04-16"), &json!("01"))
    );
    let owners = fetch(&adapter, &subject, &[OWNERS]).await.unwrap();
    assert_eq!(
        owners,
        json!([{
            "owner_kind": "person", "full_name": "NGUYỄN THỊ LAN", "personal_id": personas::LAN, "nationality": "VN",
            "birth_date": "1985-06-12", "interest": "shareholding", "directness": "direct", "beneficial": true,
            "share_percent": 100.0, "since": "2019-04-16",
        }])
    );
}

#[tokio::test]
async fn nobody_and_an_unknown_enterprise_are_absent() {
    let sandbox = sandbox().await;
    let adapter = adapter(&sandbox);
    assert_eq!(
        fetch(&adapter, &person(personas::NOBODY), &[ROLES])
            .await
            .unwrap(),
        Value::Null
    );
    let unknown = enterprise("0100109106");
    assert_eq!(
        fetch(&adapter, &unknown, &[PROFILE]).await.unwrap(),
        Value::Null
    );
    assert_eq!(
        fetch(&adapter, &unknown, &[OWNERS]).await.unwrap(),
        Value::Null
    );
}

#[tokio::test]
async fn only_what_is_permitted_is_asked_for_and_the_number_is_in_no_url() {
    let sandbox = sandbox().await;
    let adapter = adapter(&sandbox);
    let faults = sandbox.registry("business").unwrap().faults;
    fetch(
        &adapter,
        &person(personas::TUAN),
        &["business.roles.role", "business.roles.since"],
    )
    .await
    .unwrap();
    let request = faults.last_request().unwrap();
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
    let profile = fetch(&adapter, &enterprise(personas::ENTERPRISE), &names)
        .await
        .unwrap();
    assert_eq!(profile.as_object().unwrap().len(), 3);
    let path = faults.last_request().unwrap()["path"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        path.ends_with("?fields=code,deletedOn,name,status,underInvestigation"),
        "{path}"
    );
}

#[tokio::test]
async fn each_fault_is_its_own_error_in_time_and_names_nobody() {
    let sandbox = sandbox().await;
    let adapter = adapter(&sandbox);
    let faults = sandbox.registry("business").unwrap().faults;
    let subjects = [
        (person(personas::LAN), ROLES),
        (enterprise(personas::ENTERPRISE), PROFILE),
        (enterprise(personas::ENTERPRISE), OWNERS),
    ];
    for (fault, problem) in [
        (Fault::Slow, RegistryProblem::RegistryTimeout),
        (Fault::Down, RegistryProblem::RegistryDown),
        (Fault::Garbage, RegistryProblem::RegistryMalformed),
        (Fault::WrongSubject, RegistryProblem::RegistryWrongSubject),
        (Fault::Truncated, RegistryProblem::RegistryTruncated),
        (Fault::Endless, RegistryProblem::RegistryMalformed),
    ] {
        faults.set(fault);
        for (subject, dataset) in &subjects {
            let permit = permit(&adapter.contract, subject, &[dataset]);
            let call = call(if fault == Fault::Slow { 300 } else { 5000 });
            let error = adapter.fetch(&permit, &call).await.unwrap_err();
            assert!(
                Instant::now() <= call.deadline + Duration::from_millis(300),
                "{fault:?}"
            );
            assert_eq!(error.problem(), problem, "{dataset} {fault:?}: {error}");
            assert!(says_nothing_of_a_person(&error), "{error}");
        }
    }
    faults.set(Fault::Ok);
    assert!(
        fetch(&adapter, &person(personas::LAN), &[ROLES])
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn over_delivery_is_dropped_and_counted() {
    let sandbox = sandbox().await;
    let adapter = adapter(&sandbox);
    let faults = sandbox.registry("business").unwrap().faults;
    for (subject, name, expected) in [
        (
            person(personas::LAN),
            "business.roles.role",
            json!({"role": "owner"}),
        ),
        (
            enterprise(personas::ENTERPRISE),
            "business.profile.province",
            json!({"province": "01", "under_investigation": false}),
        ),
    ] {
        let permit = permit(&adapter.contract, &subject, &[name]);
        faults.set(Fault::Ok);
        assert_eq!(
            adapter
                .fetch(&permit, &call(2000))
                .await
                .unwrap()
                .over_delivered(),
            0,
            "{name}"
        );
        faults.set(Fault::OverDelivery);
        let fetched = adapter.fetch(&permit, &call(2000)).await.unwrap();
        assert!(
            fetched.over_delivered() > 10,
            "{name}: {}",
            fetched.over_delivered()
        );
        let records = json_of(&adapter.contract, &permit, &fetched);
        assert_eq!(*records.get(0).unwrap_or(&records), expected);
    }
}

#[tokio::test]
async fn whatever_the_generated_people_hold_is_valid() {
    let sandbox = sandbox().await;
    let adapter = adapter(&sandbox);
    let mut enterprises = 0;
    for index in (0..sandbox.people().sizes().births).step_by(100_003) {
        let number = sandbox.people().sample(index).unwrap();
        let roles = sandbox.people().roles(&number);
        if roles.is_empty() {
            continue;
        }
        let fetched = fetch(&adapter, &person(&number), &[ROLES]).await.unwrap();
        assert_eq!(fetched.as_array().unwrap().len(), roles.len());
        let subject = enterprise(&roles[0].enterprise_code);
        let profile = fetch(&adapter, &subject, &[PROFILE]).await.unwrap();
        // An enterprise that left the register has roles in the past, and neither profile nor owners.
        let owners = fetch(&adapter, &subject, &[OWNERS]).await.unwrap();
        if profile != Value::Null {
            assert_eq!(profile["status"], roles[0].enterprise_status.code());
            enterprises += 1;
        }
        assert!(profile == Value::Null || owners != Value::Null);
    }
    assert!(enterprises > 2, "{enterprises}");
}
