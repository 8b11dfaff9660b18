//! What is read as a check, what is refused, and that every attribute a check looks at exists.

use super::*;
use crate::query::QueryError;
use serde_json::{Value, json};

fn body(checks: &Value) -> Vec<u8> {
    json!({"subject": {"person": "001185012345"}, "purpose": "marriage-registration", "checks": checks})
        .to_string()
        .into_bytes()
}

fn errors(checks: &Value) -> Vec<(String, &'static str)> {
    match Checks::parse(&body(checks)) {
        Err(QueryError::Invalid(errors)) => errors
            .iter()
            .map(|error| (error.pointer.clone(), error.mistake.code()))
            .collect(),
        other => panic!("{checks}: {other:?}"),
    }
}

fn all() -> Value {
    json!([
        {"check": "age_at_least", "years": 18},
        {"check": "resides_in", "area": "01"},
        {"check": "resides_in", "area": "00004"},
        {"check": "is_married"},
        {"check": "is_insured_on", "date": "2026-11-01", "kind": "health"},
        {"check": "is_insured_on", "date": "2026-11-01", "kind": "social"},
        {"check": "owns_parcel_in", "area": "01"},
        {"check": "owns_parcel_in", "area": "00004"},
        {"check": "is_alive"},
    ])
}

#[test]
fn every_check_is_read_and_written_alike() {
    let checks = Checks::parse(&body(&all())).unwrap();
    assert_eq!(serde_json::to_value(&checks.checks).unwrap(), all());
    let kinds: std::collections::BTreeSet<CheckKind> =
        checks.checks.iter().map(Check::kind).collect();
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), CheckKind::ALL);
}

#[test]
fn every_attribute_that_a_check_looks_at_exists_and_identifies_nobody_else() {
    let catalogue = Catalogue::national();
    for check in Checks::parse(&body(&all())).unwrap().checks {
        let selection = check.attributes(&catalogue);
        let names = check.attribute_names();
        assert_eq!(
            selection.attribute_count() as usize,
            names.len(),
            "{check:?}"
        );
        for (dataset, attributes) in selection.iter() {
            let dataset = catalogue.dataset(dataset);
            assert!(
                dataset.attributes_in(attributes).all(|a| !a.person),
                "{check:?}"
            );
        }
    }
}

#[test]
fn the_question_of_a_check_selects_its_attributes_alone() {
    let catalogue = Catalogue::national();
    let checks = Checks::parse(&body(&json!([{"check": "is_married"}]))).unwrap();
    let query = checks.query(&Check::IsMarried, &catalogue);
    assert_eq!(query.question.check, Some(CheckKind::IsMarried));
    assert_eq!(
        query.question.selection,
        Check::IsMarried.attributes(&catalogue)
    );
    assert!(checks.question().selection.is_empty());
}

#[test]
fn each_mistake_is_told_at_its_place() {
    let cases = [
        (json!([]), "/checks", "empty"),
        (json!({"check": "is_alive"}), "/checks", "wrong_type"),
        (json!(["is_alive"]), "/checks/0", "wrong_type"),
        (json!([{}]), "/checks/0/check", "required"),
        (
            json!([{"check": "is_rich"}]),
            "/checks/0/check",
            "not_one_of",
        ),
        (
            json!([{"check": "is_alive", "years": 3}]),
            "/checks/0/years",
            "unknown_field",
        ),
        (
            json!([{"check": "age_at_least"}]),
            "/checks/0/years",
            "required",
        ),
        (
            json!([{"check": "age_at_least", "years": 151}]),
            "/checks/0/years",
            "out_of_range",
        ),
        (
            json!([{"check": "age_at_least", "years": "18"}]),
            "/checks/0/years",
            "wrong_type",
        ),
        (
            json!([{"check": "resides_in", "area": "02"}]),
            "/checks/0/area",
            "unknown_area",
        ),
        (
            json!([{"check": "owns_parcel_in", "area": "00000"}]),
            "/checks/0/area",
            "unknown_area",
        ),
        (
            json!([{"check": "is_insured_on", "date": "2026-02-30", "kind": "health"}]),
            "/checks/0/date",
            "day_form",
        ),
        (
            json!([{"check": "is_insured_on", "date": "20261101", "kind": "health"}]),
            "/checks/0/date",
            "day_form",
        ),
        (
            json!([{"check": "is_insured_on", "date": "2026-11-01", "kind": "car"}]),
            "/checks/0/kind",
            "not_one_of",
        ),
        (
            json!([{"check": "is_alive"}, {"check": "is_alive"}]),
            "/checks/1",
            "repeated",
        ),
    ];
    for (checks, pointer, code) in cases {
        assert_eq!(errors(&checks), [(pointer.to_owned(), code)], "{checks}");
    }
    let many: Vec<Value> = (0..=10)
        .map(|years| json!({"check": "age_at_least", "years": years}))
        .collect();
    assert_eq!(errors(&json!(many)), [("/checks".to_owned(), "too_many")]);
}

#[test]
fn a_field_of_another_call_is_refused() {
    let body = json!({"subject": {"person": "001185012345"}, "purpose": "p", "checks": all(),
        "select": ["population.identity"], "require": "all"});
    let Err(QueryError::Invalid(errors)) = Checks::parse(body.to_string().as_bytes()) else {
        panic!("it was read");
    };
    assert!(errors.iter().any(|error| error.pointer == "/select"));
    assert!(errors.iter().any(|error| error.pointer == "/require"));
}

#[test]
fn a_parcel_is_looked_for_where_it_lies_and_everything_else_everywhere() {
    let provinces = |code: &str| {
        let area = match code.len() {
            2 => Area::Province(code.into()),
            _ => Area::Commune(code.into()),
        };
        let provinces = Check::OwnsParcelIn { area }.provinces();
        provinces.codes().collect::<Vec<_>>()
    };
    assert_eq!(provinces("79"), ["79"]);
    assert_eq!(provinces("00004"), ["01"]);
    assert_eq!(Check::IsAlive.provinces(), Provinces::ALL);
}
