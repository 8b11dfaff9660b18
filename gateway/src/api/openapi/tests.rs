//! The document describes the router, whole, and its examples are what it says they are.

use super::*;
use crate::api::ROUTES;
use motlan_schemas::problem::ProblemCode;
use std::{collections::BTreeSet, fs, path::Path};

#[test]
fn the_document_and_the_router_have_the_same_operations() {
    let document = document();
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            described.insert((method.to_uppercase(), path.clone()));
        }
    }
    let routed: BTreeSet<_> = ROUTES
        .iter()
        .map(|(method, path)| ((*method).to_owned(), path.replace("{*", "{")))
        .collect();
    assert_eq!(described, routed);
}

#[test]
fn every_example_fits_its_schema() {
    let document = document();
    let mut checked = 0;
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let bodies = operation["requestBody"]["content"].as_object().into_iter();
            let answers = operation["responses"].as_object().unwrap().values();
            let answers = answers.filter_map(|response| response["content"].as_object());
            for content in bodies.chain(answers).flat_map(|content| content.values()) {
                let (Some(schema), Some(example)) = (content.get("schema"), content.get("example"))
                else {
                    continue;
                };
                let schema = with_components(schema, &document);
                let validator = jsonschema::validator_for(&schema).unwrap();
                let mistakes: Vec<_> = validator
                    .iter_errors(example)
                    .map(|e| e.to_string())
                    .collect();
                assert!(
                    mistakes.is_empty(),
                    "{}: {mistakes:?}",
                    operation["operationId"]
                );
                checked += 1;
            }
        }
    }
    assert!(checked > 10, "only {checked} examples were found");
}

#[test]
fn every_reference_leads_somewhere_and_every_problem_has_an_example() {
    let document = document();
    let mut references = BTreeSet::new();
    collect_references(&document, &mut references);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    for code in ProblemCode::ALL {
        assert!(document["components"]["examples"][code.as_str()].is_object());
    }
}

#[test]
fn the_committed_document_is_the_generated_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let committed = fs::read_to_string(&path).expect("docs/openapi.json; run cargo xtask openapi");
    let committed: Value = serde_json::from_str(&committed).expect("JSON");
    assert!(
        committed == document(),
        "docs/openapi.json is out of date: run cargo xtask openapi"
    );
}

fn with_components(schema: &Value, document: &Value) -> Value {
    let mut schema = schema.clone();
    let components = document["components"].clone();
    schema
        .as_object_mut()
        .unwrap()
        .insert("components".to_owned(), components);
    schema
}

fn collect_references(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get("$ref") {
                references.insert(reference.clone());
            }
            object
                .values()
                .for_each(|value| collect_references(value, references));
        }
        Value::Array(array) => array
            .iter()
            .for_each(|value| collect_references(value, references)),
        _ => {}
    }
}
