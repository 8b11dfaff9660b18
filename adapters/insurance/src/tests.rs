//! The adapter against the sandbox's registry, in order and out of order, and against servers that lie.

mod foreign;

use super::*;
use motlan_adapter_sdk::testing::{World, assert_names_nobody, call, canned};
use motlan_sandbox::{
    credentials,
    people::personas::{ENTERPRISE, HAI, HOA, LAN, MINH, NOBODY},
};
use motlan_schemas::answer::RegistryProblem;
use serde_json::json;
use url::Url;

const HEALTH: &str = "insurance.health";
const SOCIAL: &str = "insurance.social";

async fn world() -> World<InsuranceAdapter> {
    world_with(|_| ()).await
}

async fn world_with(change: impl FnOnce(&mut Config)) -> World<InsuranceAdapter> {
    World::start("insurance", |url, contract| {
        let mut config = config(url);
        change(&mut config);
        InsuranceAdapter::new(config, contract)
    })
    .await
}

fn config(url: Url) -> Config {
    let mut config = Config::new(url);
    config.http.bearer_token = Some(credentials::INSURANCE_BEARER_TOKEN.into());
    config
}

#[tokio::test]
async fn lans_card_and_social_insurance_arrive() {
    let world = world().await;
    let card = world.json(LAN, &[HEALTH]).await;
    assert_eq!(
        card,
        json!({
            "card_number": "0112345678", "status": "active", "group": "DN", "benefit_level": 4, "coverage_percent": 80,
            "valid_from": "2026-01-01", "valid_until": "2026-12-31", "facility_code": "01001",
            "facility_name": "Bệnh viện đa khoa Ba Đình", "five_years_from": "2020-01-01",
        })
    );
    let social = world.json(LAN, &[SOCIAL]).await;
    assert_eq!(
        social,
        json!({
            "social_insurance_number": "0112345678", "kind": "compulsory", "status": "contributing",
            "contribution_months": 198, "unemployment_months": 198, "first_contribution": "2008-09",
            "last_contribution": "2026-06", "employer_code": ENTERPRISE,
            "employer_name": "CÔNG TY TNHH MỘT THÀNH VIÊN MAY MẶC HOÀI AN", "salary_vnd": 12_400_000,
        })
    );
}

#[tokio::test]
async fn minhs_insurance_has_ended_and_nobodys_is_absent() {
    let world = world().await;
    let card = world.json(MINH, &["insurance.health.status"]).await;
    assert_eq!(card, json!({"status": "ended", "deceased": true}));
    let social = world.json(MINH, &["insurance.social.status"]).await;
    assert_eq!(social, json!({"status": "ended", "deceased": true}));
    world.assert_absent(HOA, &[SOCIAL]).await;
    world.assert_absent(NOBODY, &[HEALTH]).await;
}

#[tokio::test]
async fn only_what_is_permitted_is_asked_for_and_the_number_is_in_no_url() {
    let world = world().await;
    world.assert_absent(NOBODY, &[HEALTH]).await;
    let request = world.last_request();
    world.assert_number_only_in_body(NOBODY);
    assert_eq!(
        (&request["method"], &request["path"]),
        (&json!("POST"), &json!("/Patient/_search"))
    );
    let expected = format!(
        "identifier=http%3A%2F%2Ffhir.ehealth.gov.vn%2Fcore%2Fsid%2Fnational_id%7C{}&_elements=identifier%2Cdeceased&_count=50",
        NOBODY
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
    let card = world.json(LAN, &names).await;
    assert_eq!(card, json!({"group": "DN", "valid_until": "2026-12-31"}));
    let request = world.last_request();
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
    assert!(!request.to_string().contains(LAN));
}

#[tokio::test]
async fn links_to_further_pages_are_followed_to_the_end() {
    let world = world_with(|config| {
        config.page_size = 1;
        config.ask_type = false;
        config.ask_elements = false;
    })
    .await;
    // Last year's card, this year's card and the social-insurance record are three pages.
    let social = world.read(LAN, &["insurance.social.kind"]).await.unwrap();
    assert_eq!(social, json!({"kind": "compulsory"}));
    assert_eq!(world.registry.faults.requests(), 4);
    assert_eq!(world.last_request()["method"], "GET");
}

#[tokio::test]
async fn each_fault_is_its_own_error_in_time_and_names_nobody() {
    let world = world().await;
    let cases = [(LAN, HEALTH), (LAN, SOCIAL)];
    world.fault_round(&cases, 5_000, &[]).await;
}

#[tokio::test]
async fn over_delivery_is_dropped_and_counted() {
    let world = world().await;
    let names = ["insurance.health.group"];
    let fetched = world.over_delivery_round(LAN, &names).await;
    assert!(
        fetched.over_delivered() >= 5,
        "{}",
        fetched.over_delivered()
    );
    assert_eq!(
        world.json_of(&world.permit(LAN, &names), &fetched),
        json!({"group": "DN"})
    );
}

#[tokio::test]
async fn a_bad_token_is_a_refusal_and_health_needs_no_person() {
    let world = world_with(|config| {
        config.http.bearer_token = Some("wrong".into());
    })
    .await;
    world.adapter.health(&call(2_000)).await.unwrap();
    let error = world.fetch(LAN, &[HEALTH]).await.unwrap_err();
    assert_eq!(error.to_string(), "the registry refused: HTTP 401, login");
}

#[tokio::test]
async fn whatever_the_generated_people_hold_is_valid_and_agrees_with_the_facts() {
    let world = world().await;
    let people = world.registry.sandbox.people();
    let mut insured = 0;
    for index in (0..people.sizes().births).step_by(300_007) {
        let number = people.sample(index).unwrap();
        let card = world.json(&number, &[HEALTH]).await;
        let fact = people.health_insurance(&number);
        assert_eq!(
            card.get("status").and_then(Value::as_str),
            fact.as_ref().map(|fact| fact.status.code())
        );
        assert_eq!(
            card.get("card_number").and_then(Value::as_str),
            fact.as_ref().map(|fact| fact.card_number.as_str())
        );
        let social = world.json(&number, &[SOCIAL]).await;
        let fact = people.social_insurance(&number);
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
    let world = World::at(url, |url, contract| {
        let mut config = config(url);
        config.person_system = "s".to_owned();
        config.health.scheme = None;
        InsuranceAdapter::new(config, contract)
    });
    let names = [
        "insurance.health.card_number",
        "insurance.health.valid_from",
        "insurance.health.status",
    ];
    world.read(LAN, &names).await
}

#[tokio::test]
async fn of_a_server_that_ignores_the_search_only_the_subjects_coverage_is_kept() {
    let patients = bundle(&json!([patient("h", HAI), patient("l", LAN)]));
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
    let other = bundle(&json!([patient("h", HAI)]));
    assert_eq!(
        from(vec![other]).await.unwrap_err().problem(),
        RegistryProblem::RegistryWrongSubject
    );
}

#[tokio::test]
async fn hostile_bundles_are_refused() {
    let patients = bundle(&json!([patient("l", LAN)]));
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
        assert_names_nobody(&error, &[]);
    }
}
