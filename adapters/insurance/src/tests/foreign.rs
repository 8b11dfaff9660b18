//! Two FHIR servers that the adapter has never seen: `examples/us-core.toml` and
//! `examples/openimis.toml`, and servers that answer as such systems do.
//!
//! Their numbers have twelve digits here, because a question is about a twelve-digit number.

use super::*;
use motlan_adapter_sdk::testing::{
    Received, Reply, Server, assert_example_shown, assert_settings_documented, contract,
};

const US_CORE: &str = include_str!("../../examples/us-core.toml");
const OPENIMIS: &str = include_str!("../../examples/openimis.toml");
const TYPES: &str =
    "https://openimis.github.io/openimis_fhir_r4_ig/CodeSystem/openimis-identifiers";

async fn world(
    example: &str,
    answer: impl Fn(&Received) -> Reply + Send + Sync + 'static,
) -> (World<InsuranceAdapter, Url>, Server) {
    let server = Server::start(answer).await;
    let adapter = |url: Url, contract| {
        let mut config: Config = toml::from_str(example).unwrap();
        config.http.base_url = format!("{url}fhir").parse().unwrap();
        config.http.oauth = None;
        config.http.bearer_token = Some("token".into());
        InsuranceAdapter::new(config, contract)
    };
    (World::at(server.url.clone(), adapter), server)
}

fn bundle(resources: &[Value], next: Option<&str>) -> Value {
    let entries: Vec<_> = resources
        .iter()
        .map(|resource| json!({"resource": resource}))
        .collect();
    let links = next.map(|url| json!([{"relation": "next", "url": url}]));
    json!({"resourceType": "Bundle", "type": "searchset", "total": resources.len(), "entry": entries, "link": links.unwrap_or(json!([]))})
}

fn fhir(body: &Value) -> Reply {
    Reply::new(
        200,
        "application/fhir+json; charset=utf-8",
        body.to_string(),
    )
}

fn us_patient(id: &str, number: &str) -> Value {
    json!({"resourceType": "Patient", "id": id, "identifier": [
        {"use": "usual", "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}, "system": "http://hospital.example", "value": number},
        {"system": "http://hl7.org/fhir/sid/us-ssn", "value": number}
    ], "name": [{"family": "Shaw", "given": ["Amy", "V."]}], "birthDate": "1987-02-20"})
}

fn us_coverage(beneficiary: &str, start: &str) -> Value {
    json!({"resourceType": "Coverage", "id": "c1", "meta": {"profile": ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-coverage"]},
        "identifier": [
            {"type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MC"}]}, "value": "OTHER12345"},
            {"type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MB", "display": "Member Number"}]}, "system": "https://plan.example/memberidentifier", "value": "8880093350"}],
        "status": "active", "type": {"coding": [{"system": "https://nahdo.org/sopt", "code": "3712"}]},
        "subscriberId": "888009335", "beneficiary": {"reference": beneficiary},
        "relationship": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/subscriber-relationship", "code": "self"}]},
        "period": {"start": start}, "payor": [{"reference": "Organization/acme"}],
        "class": [{"type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/coverage-class", "code": "group"}]}, "value": "993355"},
                  {"type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/coverage-class", "code": "plan"}]}, "value": "gold plus"}]})
}

#[tokio::test]
async fn the_us_core_example_reads_a_member_number_by_its_type() {
    let (world, server) = world(US_CORE, |request: &Received| match request.path.as_str() {
        "/fhir/Patient/_search" => fhir(&bundle(&[us_patient("p1", LAN)], None)),
        _ => fhir(&bundle(
            &[us_coverage("Patient/p1", "2020-01-01T02:00:00Z")],
            None,
        )),
    })
    .await;
    let card = world.read(LAN, &[HEALTH]).await.unwrap();
    // Two in the morning in Greenwich is still New Year's Eve there.
    let expected =
        json!({"card_number": "8880093350", "status": "active", "valid_from": "2019-12-31"});
    assert_eq!(card, expected);
    let requests = server.received();
    let form = |place: usize| {
        url::form_urlencoded::parse(requests[place].body.as_bytes())
            .into_owned()
            .collect::<Vec<_>>()
    };
    assert_eq!(
        form(0)[0],
        (
            "identifier".to_owned(),
            format!("http://hl7.org/fhir/sid/us-ssn|{LAN}")
        )
    );
    assert_eq!(form(1)[0], ("patient".to_owned(), "Patient/p1".to_owned()));
    assert!(
        requests.iter().all(|request| !request.path.contains(LAN)
            && request.headers["authorization"] == "Bearer token")
    );
    assert_eq!(world.adapter.descriptor().datasets.len(), 1);
}

#[tokio::test]
async fn of_a_server_that_ignores_the_search_only_the_subjects_resources_are_kept() {
    let (mixed, _) = world(US_CORE, |request: &Received| match request.path.as_str() {
        "/fhir/Patient/_search" => fhir(&bundle(
            &[us_patient("p0", HAI), us_patient("p1", LAN)],
            None,
        )),
        _ => fhir(&bundle(
            &[
                us_coverage("Patient/p0", "2001"),
                us_coverage("https://x.example/fhir/Patient/p1", "2002-05"),
            ],
            None,
        )),
    })
    .await;
    let card = mixed
        .read(LAN, &["insurance.health.valid_from"])
        .await
        .unwrap();
    assert_eq!(card, json!({"valid_from": "2002-05"}));
    let (others, _) = world(US_CORE, |_: &Received| {
        fhir(&bundle(&[us_patient("p0", HAI)], None))
    })
    .await;
    let error = others.fetch(LAN, &[HEALTH]).await.unwrap_err();
    assert_eq!(error.problem(), RegistryProblem::RegistryWrongSubject);
    let (short, _) = world(US_CORE, |_: &Received| {
        let mut bundle = bundle(&[us_patient("p1", LAN)], None);
        bundle["total"] = json!(26);
        fhir(&bundle)
    })
    .await;
    let error = short.fetch(LAN, &[HEALTH]).await.unwrap_err();
    assert_eq!(error.problem(), RegistryProblem::RegistryTruncated);
}

fn insuree(id: &str, number: &str) -> Value {
    let identifier = |code: &str, value: &str| json!({"use": "usual", "type": {"coding": [{"system": TYPES, "code": code}]}, "value": value});
    json!({"resourceType": "Patient", "id": id, "identifier": [identifier("UUID", id), identifier("Code", number)],
        "extension": [{"url": "https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/patient-is-head", "valueBoolean": false}]})
}

fn policy(insuree: &str) -> Value {
    let date = |day: &str| json!({"url": "https://openimis.github.io/openimis_fhir_r4_ig/StructureDefinition/coverage-date", "valueDate": day});
    json!({"resourceType": "Coverage", "id": "c1", "status": "active", "beneficiary": {"reference": format!("Patient/{insuree}"), "type": "Patient"},
        "identifier": [{"type": {"coding": [{"system": TYPES, "code": "Code"}]}, "value": "POLICY000077"}],
        "payor": [{"reference": format!("Patient/{insuree}")}], "extension": [date("2021-08-01"), date("2021-08-20")],
        "period": {"start": "2021-08-20T00:00:00", "end": "2099-08-19T00:00:00"}})
}

/// Pages by `page-offset`, one resource a page, whatever was searched for; the link to the next page is
/// percent-encoded as a whole.
fn openimis(patients: Vec<Value>, coverages: Vec<Value>) -> impl Fn(&Received) -> Reply {
    move |request| {
        let all = match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/fhir/Patient/") => &patients,
            ("GET", "/fhir/Coverage/") => &coverages,
            _ => return Reply::new(301, "text/html", "").header("location", "/fhir/Patient/"),
        };
        let page: usize = request.parameter("page-offset").parse().unwrap_or(1);
        let next = format!(
            "http://{}{}?_count=1&page-offset={}",
            request.headers["host"],
            request.path,
            page + 1
        );
        let encoded: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let found: Vec<_> = all.iter().skip(page - 1).take(1).cloned().collect();
        let mut body = bundle(&found, (page < all.len()).then_some(encoded.as_str()));
        body["total"] = json!(all.len());
        Reply::json(&body)
    }
}

#[tokio::test]
async fn the_openimis_example_follows_encoded_links_and_reads_times_without_a_zone() {
    let patients = vec![insuree("a0", HAI), insuree("a1", LAN), insuree("a2", HOA)];
    let coverages = vec![policy("a0"), policy("a1")];
    let (world, server) = world(OPENIMIS, openimis(patients, coverages)).await;
    let card = world.read(LAN, &[HEALTH]).await.unwrap();
    let expected = json!({"card_number": "POLICY000077", "status": "active", "valid_from": "2021-08-20", "valid_until": "2099-08-19"});
    assert_eq!(card, expected);
    let requests = server.received();
    assert_eq!(
        requests.len(),
        5,
        "three pages of Patients and two of Coverages"
    );
    assert_eq!(requests[0].parameter("identifier"), LAN);
    assert_eq!(requests[0].parameter("_count"), "10");
}

#[tokio::test]
async fn nobody_is_an_empty_bundle_and_an_outcome_is_an_error() {
    let (empty, _) = world(OPENIMIS, openimis(Vec::new(), Vec::new())).await;
    empty.assert_absent(NOBODY, &[HEALTH]).await;
    let (uninsured, _) = world(OPENIMIS, openimis(vec![insuree("a1", LAN)], Vec::new())).await;
    uninsured.assert_absent(LAN, &[HEALTH]).await;
    let outcome = json!({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception", "details": {"text": format!("insuree {LAN}")}}]});
    for status in [200, 500] {
        let outcome = outcome.to_string();
        let (world, _) = world(OPENIMIS, move |_: &Received| {
            Reply::new(status, "application/json", outcome.clone())
        })
        .await;
        let error = world.fetch(LAN, &[HEALTH]).await.unwrap_err();
        assert_eq!(error.problem(), RegistryProblem::RegistryDown, "{error}");
        assert_names_nobody(&error, &[LAN]);
    }
}

#[tokio::test]
async fn a_passport_with_the_same_digits_is_somebody_else() {
    let mut other = insuree("a1", LAN);
    other["identifier"][1]["type"]["coding"][0]["code"] = json!("PPN");
    let (world, _) = world(OPENIMIS, openimis(vec![other], Vec::new())).await;
    let error = world.fetch(LAN, &[HEALTH]).await.unwrap_err();
    assert_eq!(error.problem(), RegistryProblem::RegistryWrongSubject);
}

#[tokio::test]
async fn a_status_in_the_servers_own_words_is_translated_whatever_carries_it() {
    let server = Server::start(|request: &Received| match request.path.as_str() {
        "/Patient/_search" => fhir(&bundle(&[us_patient("p1", LAN)], None)),
        _ => {
            let mut coverage = us_coverage("Patient/p1", "2020");
            coverage["extension"] = json!([{"url": "urn:status", "valueCodeableConcept": {"coding": [{"code": "SUSP"}]}}]);
            fhir(&bundle(&[coverage], None))
        }
    })
    .await;
    let read = async |code: &str| {
        let mut config: Config = toml::from_str(US_CORE).unwrap();
        config.http = motlan_adapter_sdk::http::HttpConfig::new(server.url.clone());
        config.status_extension = "urn:status".to_owned();
        config.health.status_codes = serde_json::from_value(json!({code: "suspended"})).unwrap();
        let world = World::at(server.url.clone(), |_, contract| {
            InsuranceAdapter::new(config, contract)
        });
        world.read(LAN, &["insurance.health.status"]).await
    };
    assert_eq!(read("SUSP").await.unwrap(), json!({"status": "suspended"}));
    let error = read("PEND").await.unwrap_err();
    assert!(
        error.to_string().contains("/status") && !error.to_string().contains("SUSP"),
        "{error}"
    );
}

#[test]
fn a_mistake_in_the_examples_is_told_with_its_place_or_its_setting() {
    let error = |text: String| toml::from_str::<Config>(&text).unwrap_err().to_string();
    let typo = error(US_CORE.replace("card_type", "card_kind"));
    assert!(
        typo.contains("line ") && typo.contains("unknown field `card_kind`"),
        "{typo}"
    );
    let scheme = error(US_CORE.replace("\"any\"", "\"all\""));
    assert!(
        scheme.contains("line ") && scheme.contains("or \"any\""),
        "{scheme}"
    );
    let offset = error(US_CORE.replace("-05:00", "EST"));
    assert!(offset.contains("is written +07:00"), "{offset}");
    let mut config: Config = toml::from_str(OPENIMIS).unwrap();
    config.person_type = None;
    let error = InsuranceAdapter::new(config, contract())
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("`person_system`: is empty, so `person_type`"),
        "{error}"
    );
}

#[test]
fn the_page_about_configurations_has_every_setting_and_the_examples_as_they_are() {
    const PAGE: &str = include_str!("../../../../docs/configuring-registries.md");
    assert_example_shown(PAGE, "Insurance", US_CORE);
    assert_example_shown(PAGE, "Insurance", OPENIMIS);
    assert_settings_documented::<Config>(PAGE, "Insurance", "");
    assert_settings_documented::<HealthCard>(PAGE, "Insurance", "health.");
    assert_settings_documented::<SocialRecord>(PAGE, "Insurance", "social.");
}
