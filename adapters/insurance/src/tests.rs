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

const HEALTH: &str = "insurance.health";
const SOCIAL: &str = "insurance.social";

async fn sandbox() -> Sandbox {
    Sandbox::start(SandboxOptions::default()).await.unwrap()
}

fn adapter(sandbox: &Sandbox, change: impl Fn(&mut Config)) -> InsuranceAdapter {
    let mut config = config(&sandbox.registry("insurance").unwrap().url);
    change(&mut config);
    InsuranceAdapter::new(config, contract()).unwrap()
}

fn config(url: &str) -> Config {
    let mut config = Config::new(url.parse().unwrap());
    config.http.bearer_token = Some(credentials::INSURANCE_BEARER_TOKEN.into());
    config
}

async fn fetch(
    adapter: &InsuranceAdapter,
    number: &str,
    names: &[&str],
) -> Result<Value, AdapterError> {
    let permit = permit(&adapter.contract, &person(number), names);
    let fetched = adapter.fetch(&permit, &call(2000)).await?;
    Ok(json_of(&adapter.contract, &permit, &fetched))
}

#[tokio::test]
async fn lans_card_and_social_insurance_arrive() {
    let sandbox = sandbox().await;
    let adapter = adapter(&sandbox, |_| ());
    let card = fetch(&adapter, personas::LAN, &[HEALTH]).await.unwrap();
    assert_eq!(
        card,
        json!({
            "card_number": "0112345678", "status": "active", "group": "DN", "benefit_level": 4, "coverage_percent": 80,
            "valid_from": "2026-01-01", "valid_until": "2026-12-31", "facility_code": "01001",
            "facility_name": "Bệnh viện đa khoa Ba Đình", "five_years_from": "2020-01-01",
        })
    );
    let social = fetch(&adapter, personas::LAN, &[SOCIAL]).await.unwrap();
    assert_eq!(
        social,
        json!({
            "social_insurance_number": "0112345678", "kind": "compulsory", "status": "contributing",
            "contribution_months": 198, "unemployment_months": 198, "first_contribution": "2008-09",
            "last_contribution": "2026-06", "employer_code": personas::ENTERPRISE,
            "employer_name": "CÔNG TY TNHH MỘT THÀNH VIÊN MAY MẶC HOÀI AN", "salary_vnd": 12_400_000,
        })
    );
}

#[tokio::test]
async fn minhs_insurance_has_ended_and_nobodys_is_absent() {
    let sandbox = sandbox().await;
    let adapter = adapter(&sandbox, |_| ());
    let card = fetch(&adapter, personas::MINH, &["insurance.health.status"])
        .await
        .unwrap();
    assert_eq!(card, json!({"status": "ended", "deceased": true}));
    let social = fetch(&adapter, personas::MINH, &["insurance.social.status"])
        .await
        .unwrap();
    assert_eq!(social, json!({"status": "ended", "deceased": true}));
    assert_eq!(
        fetch(&adapter, personas::HOA, &[SOCIAL]).await.unwrap(),
        Value::Null
    );
    assert_eq!(
        fetch(&adapter, personas::NOBODY, &[HEALTH]).await.unwrap(),
        Value::Null
    );
}

#[tokio::test]
async fn only_what_is_permitted_is_asked_for_and_the_number_is_in_no_url() {
    let sandbox = sandbox().await;
    let adapter = adapter(&sandbox, |_| ());
    let faults = sandbox.registry("insurance").unwrap().faults;
    fetch(&adapter, personas::NOBODY, &[HEALTH]).await.unwrap();
    let request = faults.last_request().unwrap();
    assert_eq!(
        (&request["method"], &request["path"]),
        (&json!("POST"), &json!("/Patient/_search"))
    );
    let expected = format!(
        "identifier=http%3A%2F%2Ffhir.ehealth.gov.vn%2Fcore%2Fsid%2Fnational_id%7C{}&_elements=identifier%2Cdeceased&_count=50",
        personas::NOBODY
    );
    assert_eq!(request["body"], expected);
    assert_eq!(
        (
            &request["headers"]["x-officer"],
            &request["headers"]["x-purpose"]
        ),
        (&json!("cb-4711"), &json!("land-transfer"))
    );
    let names = ["insurance.health.group", "insurance.health.valid_until"];
    let card = fetch(&adapter, personas::LAN, &names).await.unwrap();
    assert_eq!(card, json!({"group": "DN", "valid_until": "2026-12-31"}));
    let request = faults.last_request().unwrap();
    let body = request["body"].as_str().unwrap();
    assert!(
        body.contains("&_elements=beneficiary%2Cclass%2Cperiod%2Cstatus%2Ctype&"),
        "{body}"
    );
    assert!(
        body.contains(
            "type=https%3A%2F%2Fmotlan.gov.vn%2Ffhir%2FCodeSystem%2Finsurance-scheme%7CBHYT"
        ),
        "{body}"
    );
    assert!(!request.to_string().contains(personas::LAN));
}

#[tokio::test]
async fn links_to_further_pages_are_followed_to_the_end() {
    let sandbox = sandbox().await;
    let adapter = adapter(&sandbox, |config| {
        config.page_size = 1;
        config.ask_type = false;
        config.ask_elements = false;
    });
    // Last year's card, this year's card and the social-insurance record are three pages.
    let social = fetch(&adapter, personas::LAN, &["insurance.social.kind"])
        .await
        .unwrap();
    assert_eq!(social, json!({"kind": "compulsory"}));
    let faults = sandbox.registry("insurance").unwrap().faults;
    assert_eq!(faults.requests(), 4);
    assert_eq!(faults.last_request().unwrap()["method"], "GET");
}

#[tokio::test]
async fn each_fault_is_its_own_error_in_time_and_names_nobody() {
    let sandbox = sandbox().await;
    let adapter = adapter(&sandbox, |_| ());
    let faults = sandbox.registry("insurance").unwrap().faults;
    for (fault, problem) in [
        (Fault::Slow, RegistryProblem::RegistryTimeout),
        (Fault::Down, RegistryProblem::RegistryDown),
        (Fault::Garbage, RegistryProblem::RegistryMalformed),
        (Fault::WrongSubject, RegistryProblem::RegistryWrongSubject),
        (Fault::Truncated, RegistryProblem::RegistryTruncated),
        (Fault::Endless, RegistryProblem::RegistryMalformed),
    ] {
        faults.set(fault);
        for dataset in [HEALTH, SOCIAL] {
            let permit = permit(&adapter.contract, &person(personas::LAN), &[dataset]);
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
    assert!(fetch(&adapter, personas::LAN, &[HEALTH]).await.is_ok());
}

#[tokio::test]
async fn over_delivery_is_dropped_and_counted() {
    let sandbox = sandbox().await;
    let adapter = adapter(&sandbox, |_| ());
    let permit = permit(
        &adapter.contract,
        &person(personas::LAN),
        &["insurance.health.group"],
    );
    assert_eq!(
        adapter
            .fetch(&permit, &call(2000))
            .await
            .unwrap()
            .over_delivered(),
        0
    );
    sandbox
        .registry("insurance")
        .unwrap()
        .faults
        .set(Fault::OverDelivery);
    let fetched = adapter.fetch(&permit, &call(2000)).await.unwrap();
    assert!(
        fetched.over_delivered() >= 5,
        "{}",
        fetched.over_delivered()
    );
    assert_eq!(
        json_of(&adapter.contract, &permit, &fetched),
        json!({"group": "DN"})
    );
}

#[tokio::test]
async fn a_bad_token_is_a_refusal_and_health_needs_no_person() {
    let sandbox = sandbox().await;
    let adapter = adapter(&sandbox, |config| {
        config.http.bearer_token = Some("wrong".into())
    });
    adapter.health(&call(2000)).await.unwrap();
    let error = fetch(&adapter, personas::LAN, &[HEALTH]).await.unwrap_err();
    assert_eq!(error.to_string(), "the registry refused: HTTP 401, login");
}

#[tokio::test]
async fn whatever_the_generated_people_hold_is_valid_and_agrees_with_the_facts() {
    let sandbox = sandbox().await;
    let adapter = adapter(&sandbox, |_| ());
    let mut insured = 0;
    for index in (0..sandbox.people().sizes().births).step_by(300_007) {
        let number = sandbox.people().sample(index).unwrap();
        let card = fetch(&adapter, &number, &[HEALTH]).await.unwrap();
        let fact = sandbox.people().health_insurance(&number);
        assert_eq!(
            card.get("status").and_then(Value::as_str),
            fact.as_ref().map(|fact| fact.status.code())
        );
        assert_eq!(
            card.get("card_number").and_then(Value::as_str),
            fact.as_ref().map(|fact| fact.card_number.as_str())
        );
        let social = fetch(&adapter, &number, &[SOCIAL]).await.unwrap();
        let fact = sandbox.people().social_insurance(&number);
        assert_eq!(
            social.get("status").and_then(Value::as_str),
            fact.as_ref().map(|fact| fact.status.code())
        );
        insured += usize::from(card != Value::Null);
    }
    assert!(insured > 5, "{insured}");
}

fn patient(id: &str, number: &str) -> Value {
    json!({"resource": {"resourceType": "Patient", "id": id, "identifier": [{"system": "s", "value": number}]}})
}

fn coverage(beneficiary: &str, card: &str) -> Value {
    json!({"resource": {
        "resourceType": "Coverage", "status": "active", "subscriberId": card, "payor": [{"reference": "Patient/x"}],
        "beneficiary": {"reference": format!("Patient/{beneficiary}")}, "period": {"start": "2021-08-20T00:00:00"},
    }})
}

fn bundle(entries: &Value) -> String {
    json!({"resourceType": "Bundle", "type": "searchset", "entry": entries}).to_string()
}

/// A foreign server, which is configured without types and elements.
async fn from(bodies: Vec<String>) -> Result<Value, AdapterError> {
    let url = canned(200, bodies).await;
    let mut config = config(url.as_str());
    config.person_system = "s".to_owned();
    config.health.scheme = None;
    let adapter = InsuranceAdapter::new(config, contract()).unwrap();
    fetch(
        &adapter,
        personas::LAN,
        &[
            "insurance.health.card_number",
            "insurance.health.valid_from",
            "insurance.health.status",
        ],
    )
    .await
}

#[tokio::test]
async fn of_a_server_that_ignores_the_search_only_the_subjects_coverage_is_kept() {
    let patients = bundle(&json!([
        patient("h", personas::HAI),
        patient("l", personas::LAN)
    ]));
    let coverages = bundle(&json!([
        coverage("h", "DN4010108765432"),
        coverage("l", "DN4010112345678")
    ]));
    let card = from(vec![patients.clone(), coverages]).await.unwrap();
    assert_eq!(
        card,
        json!({"card_number": "DN4010112345678", "status": "active", "valid_from": "2021-08-20"})
    );
    let others = bundle(&json!([coverage("h", "DN4010108765432")]));
    assert_eq!(
        from(vec![patients, others]).await.unwrap_err().problem(),
        RegistryProblem::RegistryWrongSubject
    );
    let other = bundle(&json!([patient("h", personas::HAI)]));
    assert_eq!(
        from(vec![other]).await.unwrap_err().problem(),
        RegistryProblem::RegistryWrongSubject
    );
}

#[tokio::test]
async fn hostile_bundles_are_refused() {
    let patients = bundle(&json!([patient("l", personas::LAN)]));
    let own = |change: Value| {
        let mut coverage = coverage("l", "DN4010112345678");
        coverage["resource"]
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        bundle(&json!([coverage]))
    };
    let link = |url: &str| {
        json!({"resourceType": "Bundle", "link": [{"relation": "next", "url": url}]}).to_string()
    };
    for body in [
        "[".repeat(100_000),
        r#"{"resourceType":"Bundle","resourceType":"Bundle"}"#.to_owned(),
        r#"{"resourceType":"Bundle","entry":{"a":1}}"#.to_owned(),
        link("http://169.254.169.254/latest"),
        link("http%3A%2F%2F127.0.0.1%3A1%2F"),
        link("?_getpages=1"),
        own(json!({"period": {"start": "hôm qua"}})),
        own(json!({"subscriberId": "001185012345 NGUYỄN"})),
        own(json!({"beneficiary": null})),
    ] {
        let error = from(vec![patients.clone(), body.clone()])
            .await
            .unwrap_err();
        let expected = [
            RegistryProblem::RegistryMalformed,
            RegistryProblem::RegistryWrongSubject,
        ];
        assert!(expected.contains(&error.problem()), "{body:.80}: {error}");
        assert!(says_nothing_of_a_person(&error), "{error}");
    }
}
