//! The registry refuses what the real one refuses, and finds people by identifier alone.

use super::*;
use crate::{
    exchange::tests::{Asked, ask},
    fhir::NATIONAL_ID,
};
use personas::{AN, HOA, LAN, MAI, MINH, NOBODY};
use serde_json::{Value, json as document};
use url::form_urlencoded;

const TOKEN: (&str, &str) = ("authorization", "Bearer sandbox-health-token");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

async fn asked(path: &str, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
    let asked = Asked {
        method: "POST",
        path,
        headers,
        body,
    };
    ask(router(Population::new(0)), asked).await
}

/// The Bundle of a person's resources of a type.
async fn bundle(kind: &str, number: &str, elements: &str) -> Value {
    let name = if kind == "Patient" {
        "identifier"
    } else {
        "patient.identifier"
    };
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair(name, &format!("{NATIONAL_ID}|{number}"))
        .append_pair("_elements", elements)
        .finish();
    let path = format!("/{kind}/_search");
    let (status, bundle) = asked(&path, &[TOKEN, FORM], &form).await;
    assert_eq!(status, 200, "{bundle}");
    bundle
}

#[tokio::test]
async fn what_the_real_registry_refuses_is_refused_with_an_outcome() {
    let named = "patient.identifier=001185012345";
    let element = "patient.identifier=001185012345&_elements=telecom";
    for (path, headers, body, status, code) in [
        ("/Condition/_search", &[FORM][..], named, 401, "login"),
        (
            "/Condition/_search",
            &[FORM, ("authorization", "Bearer x")],
            named,
            401,
            "login",
        ),
        ("/Condition/_search", &[TOKEN], named, 415, "not-supported"),
        (
            "/Condition/_search",
            &[TOKEN, FORM, ("accept", "text/html")],
            named,
            406,
            "not-supported",
        ),
        ("/Condition/_search", &[TOKEN, FORM], "", 400, "required"),
        (
            "/Condition/_search",
            &[TOKEN, FORM],
            "identifier=1",
            400,
            "not-supported",
        ),
        (
            "/Condition/_search",
            &[TOKEN, FORM],
            "patient.identifier=1&_count=many",
            400,
            "value",
        ),
        (
            "/Condition/_search",
            &[TOKEN, FORM],
            element,
            403,
            "forbidden",
        ),
        (
            "/Observation/_search",
            &[TOKEN, FORM],
            named,
            403,
            "forbidden",
        ),
        ("/Claim/_search", &[TOKEN, FORM], "", 404, "not-found"),
        ("/metadata", &[], "", 405, "not-supported"),
    ] {
        let (got, outcome) = asked(path, headers, body).await;
        assert_eq!(outcome["resourceType"], "OperationOutcome", "{path} {body}");
        let said = (got, outcome["issue"][0]["code"].as_str());
        assert_eq!(said, (status, Some(code)), "{path} {body}");
    }
}

#[tokio::test]
async fn the_elements_asked_for_come_and_the_mandatory_ones() {
    let found = bundle("AllergyIntolerance", HOA, "code,onset").await;
    assert_eq!(found["total"], 2);
    let mut names: Vec<_> = found["entry"][0]["resource"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "code",
            "id",
            "meta",
            "onsetDateTime",
            "patient",
            "resourceType"
        ]
    );
    let resource = |nth: usize| &found["entry"][nth]["resource"];
    assert_eq!(resource(0)["onsetDateTime"], "1987");
    assert_eq!(resource(1)["onsetString"], "không rõ");
    assert_eq!(resource(0)["patient"]["identifier"]["value"], HOA);
    let found = bundle("Condition", HOA, "onset").await;
    assert_eq!(found["entry"][0]["resource"]["onsetDateTime"], "2019-03");
}

#[tokio::test]
async fn a_closed_record_remains_and_one_never_begun_is_not_found() {
    let patient = bundle("Patient", MINH, "identifier,active,deceased").await;
    let patient = &patient["entry"][0]["resource"];
    assert_eq!(
        (&patient["active"], &patient["deceasedDateTime"]),
        (&document!(false), &document!("2024-02-17"))
    );
    for number in [MAI, NOBODY] {
        let none = bundle("Patient", number, "identifier").await;
        assert_eq!((&none["total"], none.get("entry")), (&document!(0), None));
    }
    let none = bundle("AllergyIntolerance", MINH, "patient").await;
    assert_eq!(none["total"], 0);
}

#[tokio::test]
async fn a_childs_vaccinations_take_several_pages() {
    let first = bundle("Immunization", AN, "patient").await;
    assert_eq!(first["entry"].as_array().unwrap().len(), 5);
    assert_eq!(first["total"], 17);
    let next = first["link"][1]["url"].as_str().unwrap();
    assert!(
        next.contains("/?_getpages=") && !next.contains(AN),
        "{next}"
    );
}

#[tokio::test]
async fn a_dose_whose_day_nobody_entered_has_words_in_its_place() {
    let found = bundle("Immunization", HOA, "lotNumber").await;
    let dose = |nth: usize| &found["entry"][nth]["resource"];
    assert_eq!(dose(0)["occurrenceDateTime"], "2021-09-02");
    assert_eq!(dose(1)["occurrenceString"], "không rõ ngày");
    assert_eq!(bundle("Immunization", LAN, "patient").await["total"], 2);
}
