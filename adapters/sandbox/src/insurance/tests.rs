//! The registry refuses what the real one refuses, and knows identifier systems apart.

use super::*;
use crate::exchange::tests::{Asked, ask};
use serde_json::{Value, json as document};

const TOKEN: (&str, &str) = ("authorization", "Bearer sandbox-insurance-token");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

async fn asked(path: &str, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
    ask(
        router(Population::new(0)),
        Asked {
            method: "POST",
            path,
            headers,
            body,
        },
    )
    .await
}

#[tokio::test]
async fn what_the_real_registry_refuses_is_refused_with_an_outcome() {
    let identifier = "identifier=001185012345";
    for (path, headers, body, status, code) in [
        ("/Patient/_search", &[FORM][..], identifier, 401, "login"),
        (
            "/Patient/_search",
            &[FORM, ("authorization", "Bearer x")],
            identifier,
            401,
            "login",
        ),
        (
            "/Patient/_search",
            &[TOKEN],
            identifier,
            415,
            "not-supported",
        ),
        (
            "/Patient/_search",
            &[TOKEN, FORM, ("accept", "text/html")],
            identifier,
            406,
            "not-supported",
        ),
        ("/Patient/_search", &[TOKEN, FORM], "", 400, "required"),
        (
            "/Patient/_search",
            &[TOKEN, FORM],
            "identifier=1&shoe-size=38",
            400,
            "not-supported",
        ),
        (
            "/Patient/_search",
            &[TOKEN, FORM],
            "identifier=1&_count=many",
            400,
            "value",
        ),
        (
            "/Coverage/_search",
            &[TOKEN, FORM],
            "status=active",
            400,
            "required",
        ),
        ("/Claim/_search", &[TOKEN, FORM], "", 404, "not-found"),
        ("/metadata", &[], "", 405, "not-supported"),
    ] {
        let (got, outcome) = asked(path, headers, body).await;
        assert_eq!(outcome["resourceType"], "OperationOutcome", "{path} {body}");
        assert_eq!(
            (got, outcome["issue"][0]["code"].as_str()),
            (status, Some(code)),
            "{path} {body}"
        );
    }
}

#[tokio::test]
async fn a_search_finds_the_patient_in_the_number_s_own_system_only() {
    let search = |system: &str| format!("identifier={system}%7C001185012345&_elements=identifier");
    let national = search("http%3A%2F%2Ffhir.ehealth.gov.vn%2Fcore%2Fsid%2Fnational_id");
    let (_, found) = asked("/Patient/_search", &[TOKEN, FORM], &national).await;
    assert_eq!(found["total"], 1);
    let patient = found["entry"][0]["resource"].as_object().unwrap();
    let mut elements: Vec<_> = patient.keys().map(String::as_str).collect();
    elements.sort_unstable();
    assert_eq!(elements, ["id", "identifier", "meta", "resourceType"]);
    let (_, none) = asked("/Patient/_search", &[TOKEN, FORM], &search("passport")).await;
    assert_eq!((&none["total"], none.get("entry")), (&document!(0), None));
}
