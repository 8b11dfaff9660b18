//! A question is understood, or every mistake in it is named with its place.

use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

fn parse(value: &Value) -> Result<Query, QueryError> {
    Query::parse(value.to_string().as_bytes(), &Catalogue::national())
}

fn good() -> Value {
    json!({ "subject": {"person": "001185012345"}, "purpose": "permanent-residence-registration",
        "select": ["population.identity.full_name", "civil_status.marital_status"],
        "case": "H01.12-261121-0007", "officer": "cb-4711", "max_age_seconds": 3600, "deadline_ms": 2000 })
}

/// The good question with one field changed, and what is said about it.
fn mistakes(field: &str, value: Value) -> Vec<(String, &'static str)> {
    let mut query = good();
    query[field] = value;
    match parse(&query) {
        Err(QueryError::Invalid(errors)) => errors
            .into_iter()
            .map(|e| (e.pointer, e.mistake.code()))
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_question_of_the_design_is_understood() {
    let query = parse(&good()).unwrap();
    assert_eq!(query.question.deadline, Duration::from_secs(2));
    assert_eq!(query.question.max_age, Some(Duration::from_secs(3600)));
    assert_eq!(query.question.whole_datasets.len(), 1);
    assert_eq!(query.question.selection.iter().count(), 2);
}

#[test]
fn each_wrong_field_has_its_pointer_and_code() {
    let one = |field, value| mistakes(field, value).remove(0);
    let at = |pointer: &str, code| (pointer.to_owned(), code);
    assert_eq!(
        one("subject", json!({"person": "1"})),
        at("/subject/person", "personal_number_length")
    );
    assert_eq!(
        one("subject", json!({"person": 1_185_012_345})),
        at("/subject/person", "wrong_type")
    );
    assert_eq!(one("subject", json!({})), at("/subject", "subject_form"));
    assert_eq!(
        one("subject", json!({"person": "x", "enterprise": "y"})),
        at("/subject", "subject_form")
    );
    assert_eq!(
        one("subject", json!({"enterprise": "0100109105"})),
        at("/subject/enterprise", "enterprise_code_check_digit")
    );
    assert_eq!(
        one("purpose", json!("Not A Purpose")),
        at("/purpose", "unknown_purpose")
    );
    assert_eq!(one("select", json!([])), at("/select", "empty"));
    assert_eq!(
        one("select", json!(["land"])),
        at("/select/0", "registry_alone")
    );
    assert_eq!(
        one("select", json!(["land.*"])),
        at("/select/0", "wildcard")
    );
    assert_eq!(
        one("select", json!(["land.parcels", 7])),
        at("/select/1", "wrong_type")
    );
    assert_eq!(
        one("select", json!(vec!["land.parcels"; 131])),
        at("/select", "too_many")
    );
    assert_eq!(one("case", json!("a\u{1b}[2J")), at("/case", "unprintable"));
    assert_eq!(
        one("officer", json!("x".repeat(65))),
        at("/officer", "too_long")
    );
    assert_eq!(
        one("deadline_ms", json!(0)),
        at("/deadline_ms", "out_of_range")
    );
    assert_eq!(
        one("deadline_ms", json!(30_001)),
        at("/deadline_ms", "out_of_range")
    );
    assert_eq!(
        one("deadline_ms", json!("5000")),
        at("/deadline_ms", "wrong_type")
    );
    assert_eq!(
        one("max_age_seconds", json!(-1)),
        at("/max_age_seconds", "out_of_range")
    );
    assert_eq!(
        one("max_age_seconds", json!(1.5)),
        at("/max_age_seconds", "out_of_range")
    );
    assert_eq!(one("require", json!("most")), at("/require", "not_one_of"));
    assert_eq!(one("provinces", json!([])), at("/provinces", "empty"));
    assert_eq!(
        one("provinces", json!("01")),
        at("/provinces", "wrong_type")
    );
    assert_eq!(
        one("provinces", json!(["01", 79])),
        at("/provinces/1", "wrong_type")
    );
    assert_eq!(
        one("provinces", json!(["01", "79", "01"])),
        at("/provinces/2", "repeated")
    );
    assert_eq!(
        one("provinces", json!(vec!["01"; 35])),
        at("/provinces", "too_many")
    );
    assert_eq!(
        one("provinces", json!(["00004"])),
        at("/provinces/0", "unknown_province")
    );
    assert_eq!(
        one("purposes", json!("x")),
        at("/purposes", "unknown_field")
    );
}

#[test]
fn provinces_are_those_named_or_all_and_a_former_one_leads_to_its_successor() {
    assert_eq!(parse(&good()).unwrap().question.provinces, Provinces::ALL);
    let mut query = good();
    query["provinces"] = json!(["79", "01"]);
    let provinces = parse(&query).unwrap().question.provinces;
    assert_eq!(provinces.codes().collect::<Vec<_>>(), ["01", "79"]);
    query["provinces"] = json!(["74"]);
    let Err(QueryError::Invalid(errors)) = parse(&query) else {
        panic!()
    };
    assert_eq!(
        errors[0].mistake.arguments(),
        [("nearest", "79".to_owned())]
    );
}

#[test]
fn all_mistakes_are_told_at_once() {
    let Err(QueryError::Invalid(errors)) = parse(&json!({"deadline_ms": 0})) else {
        panic!()
    };
    let pointers: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(
        pointers,
        ["/subject", "/purpose", "/select", "/deadline_ms"]
    );
}

#[test]
fn a_personal_number_as_a_field_name_is_not_repeated() {
    let Err(error) = parse(&json!({"001185012345": 1})) else {
        panic!()
    };
    assert!(!format!("{error:?}").contains("001185012345"));
}

#[test]
fn a_batch_names_the_wrong_subject_by_its_place() {
    let body = json!({"subjects": [{"person": "001185012345"}, {"person": "x"}],
        "purpose": "birth-registration", "select": ["population.identity"]});
    let error = Batch::parse(body.to_string().as_bytes(), &Catalogue::national()).unwrap_err();
    let QueryError::Invalid(errors) = error else {
        panic!()
    };
    assert_eq!(errors[0].pointer, "/subjects/1/person");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Query::parse(&bytes, &Catalogue::national());
    }
}
