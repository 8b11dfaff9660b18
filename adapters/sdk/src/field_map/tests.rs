//! Registries' ways of writing are read; what can't be read is named, never repeated.

use super::*;
use serde_json::json;

fn read(field: &Value, value: &Value) -> Result<Option<Value>, AdapterError> {
    let map: FieldMap = serde_json::from_value(json!({"a": field})).unwrap();
    map.read(&json!({"x": value}), &|_| true)
        .map(|mut record| record.remove("a"))
}

#[test]
fn numbers_flags_and_lists_are_read_however_they_are_written() {
    let number = || json!({"path": "x", "as": "number"});
    assert_eq!(read(&number(), &json!("86,5")).unwrap(), Some(json!(86.5)));
    assert_eq!(read(&number(), &json!("12")).unwrap(), Some(json!(12)));
    assert_eq!(
        read(&json!({"path": "x", "as": "integer"}), &json!(2e9)).unwrap(),
        Some(json!(2_000_000_000))
    );
    assert_eq!(
        read(&json!({"path": "x", "as": "flag"}), &json!("0")).unwrap(),
        Some(json!(false))
    );
    assert_eq!(
        read(&json!("x"), &json!(["số 1", null, "phố B"])).unwrap(),
        Some(json!("số 1, phố B"))
    );
    assert_eq!(read(&json!("x"), &json!("  ")).unwrap(), None);
    let items = json!({"path": "x", "items": {"code": "ma"}});
    assert_eq!(
        read(&items, &json!({"ma": "ODT"})).unwrap(),
        Some(json!([{"code": "ODT"}]))
    );
}

#[test]
fn an_unreadable_value_is_named_and_not_repeated() {
    let error = read(&json!({"path": "x", "as": "date"}), &json!("Tết 1985"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("`a`") && !error.contains("1985"), "{error}");
    assert!(read(&json!({"path": "x", "as": "integer"}), &json!(1.5)).is_err());
    assert!(read(&json!("x"), &json!({"y": 1})).is_err());
}

#[test]
fn what_is_not_wanted_is_marked_for_counting_and_never_converted() {
    let map: FieldMap =
        serde_json::from_value(json!({"a": "x", "b": {"path": "y", "as": "date"}, "c": "z"}))
            .unwrap();
    let source = json!({"x": "1", "y": "no date", "z": null, "w": 3, "_links": {}});
    let mut record = map.read(&source, &|name| name == "a").unwrap();
    map.note_surplus(&source, &["_links"], &mut record);
    assert_eq!(
        Value::Object(record),
        json!({"a": "1", "b": null, "?w": null})
    );
    assert_eq!(map.paths(&|name| name != "c"), ["x", "y"]);
}

#[test]
fn a_mistake_in_configuration_is_explained() {
    let error =
        serde_json::from_str::<FieldMap>(r#"{"a": {"path": "x", "kind": "date"}}"#).unwrap_err();
    assert!(
        error.to_string().contains("unknown field `kind`"),
        "{error}"
    );
    let error = serde_json::from_str::<FieldMap>(r#"{"a": 3}"#).unwrap_err();
    assert!(error.to_string().contains("a path, or a table"), "{error}");
}
