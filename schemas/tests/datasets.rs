//! The dataset files and code lists keep their promises: valid schemas, titles in three languages,
//! codes that exist, and examples that are accepted where broken ones are refused.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use jiff::civil::{Date, date};
use motlan_schemas::{
    codes::{CodeList, administrative_units, former_province},
    language::Language,
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, fs, path::PathBuf};

const PERSONAL_NUMBER: &str = "^[0-9]{12}$";

/// The attributes that hold the subject's own number; all other numbers identify somebody else.
const OWN_NUMBERS: [&str; 2] = [
    "civil_status.birth.personal_id",
    "population.identity.personal_id",
];

#[test]
fn there_are_twenty_two_datasets_and_each_is_a_json_schema() {
    let files = dataset_files();
    assert_eq!(files.len(), 22);
    for (name, schema) in files {
        assert_eq!(
            schema["$schema"], "https://json-schema.org/draft/2020-12/schema",
            "{name}"
        );
        assert_eq!(
            schema["$id"],
            format!("https://motlan.gov.vn/schemas/{name}")
        );
        let checked = jsonschema::draft202012::meta::validate(&schema);
        assert!(checked.is_ok(), "{name}: {:?}", checked.err());
        validator(&schema);
    }
}

#[test]
fn every_dataset_says_whose_it_is_and_how_long_it_keeps() {
    for (name, schema) in dataset_files() {
        let registry = schema["x-registry"].as_str().unwrap();
        assert_eq!(name.split_once('.').unwrap().0, registry);
        assert!(
            ["one", "many"].contains(&schema["x-cardinality"].as_str().unwrap()),
            "{name}"
        );
        assert!(["person", "enterprise"].contains(&schema["x-subject"].as_str().unwrap()));
        assert!(
            (1..=30 * 86_400).contains(&schema["x-max-age"].as_u64().unwrap()),
            "{name}"
        );
        assert_three_languages(&schema["x-owner"], &name);
        assert_eq!(schema["additionalProperties"], false, "{name}");
        assert!(
            schema.get("required").is_none(),
            "{name}: a registry is asked for a subset"
        );
    }
}

#[test]
fn every_title_and_description_is_given_in_three_languages() {
    for (name, schema) in dataset_files() {
        let mut described = vec![(name.clone(), &schema)];
        described.extend(properties(&name, &schema));
        for (path, node) in described {
            for key in ["title", "description"] {
                let texts = &node[format!("x-{key}")];
                assert_three_languages(texts, &path);
                assert_eq!(node[key], texts["en"], "{path}");
            }
        }
    }
}

#[test]
fn every_property_says_how_sensitive_it_is() {
    for (name, schema) in dataset_files() {
        for (path, property) in properties(&name, &schema) {
            let sensitivity = property["x-sensitivity"].as_str().unwrap_or_default();
            assert!(
                ["basic", "sensitive", "special"].contains(&sensitivity),
                "{path}"
            );
            if property["pattern"] == PERSONAL_NUMBER {
                assert_eq!(sensitivity, "sensitive", "{path}");
                let of_somebody_else = !OWN_NUMBERS.contains(&path.as_str());
                assert_eq!(property["x-person"] == true, of_somebody_else, "{path}");
            }
            if property["x-flag"] == true {
                assert_eq!(property["type"], "boolean", "{path}");
            }
        }
    }
}

#[test]
fn coded_attributes_and_code_lists_name_the_same_codes() {
    let mut used = BTreeSet::from(["former-provinces"]);
    let files = dataset_files();
    for (name, schema) in &files {
        for (path, property) in properties(name, schema) {
            let Some(stem) = property["x-code"].as_str() else {
                assert!(
                    property.get("enum").is_none(),
                    "{path}: values without a code list"
                );
                continue;
            };
            used.insert(stem);
            let list = CodeList::named(stem).unwrap_or_else(|| panic!("{path}: no list {stem}"));
            let codes: BTreeSet<_> = list.iter().map(|code| code.code()).collect();
            if let Some(values) = property["enum"].as_array() {
                let values = values.iter().map(|value| value.as_str().unwrap()).collect();
                assert_eq!(codes, values, "{path}");
            } else {
                let validator = validator(property);
                let accepted = codes
                    .iter()
                    .filter(|code| validator.is_valid(&json!(code)))
                    .count();
                let expected = match property["pattern"].as_str().unwrap() {
                    "^[0-9]{2}$" if stem == "administrative-units" => 34,
                    "^[0-9]{5}$" => 3_321,
                    _ => codes.len(),
                };
                assert_eq!(accepted, expected, "{path}");
            }
        }
    }
    let lists: BTreeSet<_> = CodeList::all().map(CodeList::name).collect();
    assert_eq!(
        used, lists,
        "a list that nothing uses, or the other way round"
    );
}

#[test]
fn every_code_list_file_is_compiled_in_and_well_formed() {
    let files: BTreeSet<_> = stems("codes", "csv").into_iter().collect();
    let lists: BTreeSet<_> = CodeList::all().map(|list| list.name().to_owned()).collect();
    assert_eq!(files, lists);
    for list in CodeList::all() {
        let distinct: BTreeSet<_> = list.iter().map(|code| code.code()).collect();
        assert_eq!(
            distinct.len(),
            list.iter().count(),
            "{}: a code twice",
            list.name()
        );
        for code in list {
            assert_eq!(list.lookup(code.code()).unwrap().code(), code.code());
            for language in Language::ALL {
                let title = code.title(language);
                assert!(
                    !title.is_empty() && title.trim() == title,
                    "{}",
                    list.name()
                );
            }
            let (from, until) = (code.valid_from(), code.valid_until());
            assert!(
                from.unwrap_or(Date::MIN) <= until.unwrap_or(Date::MAX),
                "{}",
                list.name()
            );
        }
    }
}

#[test]
fn communes_belong_to_provinces() {
    let units = administrative_units();
    assert_eq!(units.provinces().len(), 34);
    let mut communes = 0;
    for province in units.provinces() {
        let of_province = units.communes_of(province.code());
        assert!(of_province.is_sorted_by_key(|commune| commune.code()));
        for commune in of_province {
            assert_eq!(commune.code().len(), 5);
            assert_eq!(
                units.province_of(commune.code()).unwrap().code(),
                province.code()
            );
        }
        assert_eq!(
            units.province_of(province.code()).map(|unit| unit.code()),
            None
        );
        communes += of_province.len();
    }
    assert_eq!(communes, 3_321);
    assert!(units.communes_of("99").is_empty());
    assert!(units.province_of("99999").is_none());
}

#[test]
fn the_sixty_three_former_provinces_lead_to_the_thirty_four() {
    let former = CodeList::named("former-provinces").unwrap();
    assert_eq!(former.iter().count(), 63);
    let successors: BTreeSet<_> = former
        .iter()
        .map(|code| former_province(code.code()).unwrap().successor.code())
        .collect();
    let provinces = administrative_units().provinces();
    assert_eq!(
        successors,
        provinces.iter().map(|province| province.code()).collect()
    );
    assert!(former_province("03").is_none());
}

#[test]
fn a_code_is_in_force_from_its_first_to_its_last_day() {
    let (last_old, first_new) = (date(2025, 6, 30), date(2025, 7, 1));
    let former = CodeList::named("former-provinces").unwrap();
    assert_eq!(former.valid_on(last_old).count(), 63);
    assert_eq!(former.valid_on(first_new).count(), 0);
    let units = CodeList::named("administrative-units").unwrap();
    assert_eq!(units.valid_on(last_old).count(), 0);
    assert_eq!(units.valid_on(first_new).count(), 34 + 3_321);
    assert_eq!(
        CodeList::named("sex").unwrap().valid_on(last_old).count(),
        3
    );
}

#[test]
fn the_example_of_every_dataset_is_accepted_whole_and_in_part() {
    let files = dataset_files();
    assert_eq!(stems("datasets/examples", "json").len(), files.len());
    for (name, schema) in files {
        let validator = validator(&schema);
        let example = example(&name);
        let record = Value::Object(example.clone());
        let errors: Vec<_> = validator.iter_errors(&record).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
        for (attribute, value) in example {
            assert!(validator.is_valid(&json!({ attribute: value })), "{name}");
        }
    }
}

#[test]
fn coded_values_of_the_examples_are_in_their_lists() {
    for (name, schema) in dataset_files() {
        for (attribute, value) in example(&name) {
            let property = &schema["properties"][&attribute];
            if let (Some(stem), Some(code)) = (property["x-code"].as_str(), value.as_str()) {
                let list = CodeList::named(stem).unwrap();
                assert!(list.lookup(code).is_some(), "{name}.{attribute}");
            }
        }
    }
}

#[test]
fn a_record_with_any_value_of_the_wrong_kind_or_an_unknown_key_is_refused() {
    for (name, schema) in dataset_files() {
        let validator = validator(&schema);
        for (attribute, value) in example(&name) {
            let mut broken = example(&name);
            let wrong = if value.is_string() {
                json!("")
            } else {
                json!("one")
            };
            broken.insert(attribute.clone(), wrong);
            assert!(
                !validator.is_valid(&Value::Object(broken)),
                "{name}.{attribute}"
            );
            let mut null = example(&name);
            null.insert(attribute.clone(), Value::Null);
            assert!(
                !validator.is_valid(&Value::Object(null)),
                "{name}.{attribute}"
            );
        }
        let mut unknown = example(&name);
        unknown.insert("blood_group".to_owned(), json!("O"));
        assert!(!validator.is_valid(&Value::Object(unknown)), "{name}");
    }
}

#[test]
fn dates_may_be_partial_and_nothing_else() {
    let schema = dataset("population.identity");
    let validator = validator(&schema);
    for good in ["1958", "1958-05", "1958-05-17"] {
        assert!(validator.is_valid(&json!({ "birth_date": good })), "{good}");
    }
    for bad in [
        "",
        "58",
        "1958-13",
        "1958-00",
        "1958-05-32",
        "1958-5-1",
        "00000000",
        "17/05/1958",
    ] {
        assert!(!validator.is_valid(&json!({ "birth_date": bad })), "{bad}");
    }
}

#[test]
fn identifiers_and_nested_records_are_checked() {
    let parcel = dataset("land.parcels");
    let parcel = validator(&parcel);
    let co_owner = |number: &str| json!({ "co_owners": [{ "personal_id": number }] });
    assert!(parcel.is_valid(&co_owner("001185012345")));
    assert!(!parcel.is_valid(&co_owner("00118501234")));
    assert!(!parcel.is_valid(&json!({ "co_owners": [{ "phone": "024" }] })));
    assert!(!parcel.is_valid(&json!({ "share": "0/2" })));
    assert!(!parcel.is_valid(&json!({ "encumbrances": [{ "kind": "lien" }] })));
    let profile = dataset("business.profile");
    let profile = validator(&profile);
    assert!(profile.is_valid(&json!({ "enterprise_code": "0109123456-001" })));
    assert!(!profile.is_valid(&json!({ "enterprise_code": "0109123456001" })));
    assert!(!profile.is_valid(&json!({ "email": "nowhere" })));
}

fn validator(schema: &Value) -> jsonschema::Validator {
    let options = jsonschema::options();
    let options = options
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true);
    options.build(schema).unwrap()
}

fn assert_three_languages(texts: &Value, path: &str) {
    let keys: BTreeSet<_> = texts
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(keys, BTreeSet::from(["en", "fr", "vi"]), "{path}");
    for text in texts.as_object().unwrap().values() {
        let text = text.as_str().unwrap();
        assert!(!text.is_empty() && text.trim() == text, "{path}");
    }
}

/// Every attribute of a dataset and every field inside its lists, with its dotted name.
fn properties<'a>(name: &str, schema: &'a Value) -> Vec<(String, &'a Value)> {
    let mut found = Vec::new();
    for (key, property) in schema["properties"].as_object().unwrap() {
        let path = format!("{name}.{key}");
        if property["type"] == "array" {
            found.extend(properties(&path, &property["items"]));
        }
        found.push((path, property));
    }
    found
}

fn dataset_files() -> Vec<(String, Value)> {
    stems("datasets", "json")
        .into_iter()
        .map(|name| (name.clone(), dataset(&name)))
        .collect()
}

fn dataset(name: &str) -> Value {
    let text = fs::read_to_string(here().join("datasets").join(format!("{name}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn example(name: &str) -> Map<String, Value> {
    let path = here()
        .join("datasets/examples")
        .join(format!("{name}.json"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn stems(folder: &str, extension: &str) -> Vec<String> {
    let entries = fs::read_dir(here().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.extension().is_some_and(|found| found == extension));
    let mut stems: Vec<_> = files
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    stems.sort();
    stems
}

fn here() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
