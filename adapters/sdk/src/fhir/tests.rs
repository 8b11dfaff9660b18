//! Bundles as real servers write them.

use super::*;
use serde_json::json;

fn page(status: u16, body: &Value) -> Result<Page, AdapterError> {
    let answer = HttpAnswer {
        status: StatusCode::from_u16(status).unwrap(),
        headers: HeaderMap::new(),
        body: body.to_string().into(),
    };
    read(&answer, "Coverage")
}

#[test]
fn a_next_link_that_is_encoded_as_a_whole_is_decoded_and_any_other_is_left_alone() {
    let bundle = |url: &str| json!({"resourceType": "Bundle", "link": [{"relation": "self", "url": "x"}, {"relation": "next", "url": url}]});
    let followed = |url: &str| page(200, &bundle(url)).unwrap().next.unwrap().href;
    assert_eq!(
        followed("https%3A%2F%2Fa.example%2FCoverage%2F%3Fpage-offset%3D2%26_count%3D1"),
        "https://a.example/Coverage/?page-offset=2&_count=1"
    );
    assert_eq!(
        followed("https://a.example/?state=a%2Fb%3D"),
        "https://a.example/?state=a%2Fb%3D"
    );
    assert!(
        page(
            200,
            &json!({"resourceType": "Bundle", "link": [{"relation": "next"}]})
        )
        .is_err()
    );
}

#[test]
fn only_resources_of_the_type_count_and_warnings_pass() {
    let bundle = json!({"resourceType": "Bundle", "type": "searchset", "total": 1, "entry": [
        {"resource": {"resourceType": "Coverage", "id": "a"}},
        {"resource": {"resourceType": "Patient", "id": "b"}, "search": {"mode": "include"}},
        {"resource": {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "not-supported"}]}, "search": {"mode": "outcome"}}]});
    assert_eq!(page(200, &bundle).unwrap().items.len(), 1);
    assert!(page(200, &json!({"resourceType": "Bundle", "type": "history"})).is_err());
    assert!(page(200, &json!({"resourceType": "Bundle", "entry": [{}]})).is_err());
    assert!(page(200, &json!({"resourceType": "Patient"})).is_err());
}

#[test]
fn an_outcome_is_an_error_wherever_it_stands_and_its_text_is_not_repeated() {
    let outcome = |code: &str| json!({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": code, "diagnostics": "001185012345"}]});
    let text = |status, body: Value| page(status, &body).unwrap_err().to_string();
    assert_eq!(
        text(400, outcome("invalid")),
        "the registry refused: HTTP 400, invalid"
    );
    assert_eq!(
        text(500, outcome("exception")),
        "the registry is down: HTTP 500, exception"
    );
    assert_eq!(
        text(200, outcome("forbidden")),
        "the registry refused: OperationOutcome forbidden"
    );
    assert_eq!(
        text(
            200,
            json!({"resourceType": "Bundle", "entry": [{"resource": outcome("timeout")}]})
        ),
        "the registry is down: OperationOutcome timeout"
    );
}

#[test]
fn parts_of_resources_are_found() {
    let coverage = json!({
        "identifier": [{"system": "s", "value": "1"}, {"value": "2"}, {"system": "t"}],
        "type": {"coding": [{"system": "s", "code": "c"}]},
        "contained": [{"resourceType": "Organization", "id": "o", "name": "N"}],
        "extension": [{"url": "u", "valueInteger": 3}, {"url": "f", "valueReference": {"reference": "#o"}}]
    });
    assert_eq!(
        identifiers(&coverage).collect::<Vec<_>>(),
        [("s", "1"), ("", "2")]
    );
    assert!(has_coding(
        &coverage["type"],
        &Coding {
            system: "s".into(),
            code: "c".into()
        }
    ));
    assert_eq!(extension_value(&coverage, "u"), Some(&json!(3)));
    let facility = contained(&coverage, extension_value(&coverage, "f").unwrap()).unwrap();
    assert_eq!(facility["name"], "N");
    assert_eq!(
        reference_id(&json!({"reference": "Patient/7"}), "Patient"),
        Some("7")
    );
    assert_eq!(
        reference_id(&json!({"reference": "Group/7"}), "Patient"),
        None
    );
    assert_eq!(
        reference_id(&json!({"reference": "urn:uuid:7"}), "Patient"),
        None
    );
}
