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
    assert!(
        error
            .to_string()
            .contains("a path, a list of paths, or a table"),
        "{error}"
    );
}

#[test]
fn a_code_may_mean_nothing_and_a_star_means_every_other_code() {
    let dead =
        json!({"path": "x", "as": "flag", "codes": {"O": "true", "*": "false"}, "absent": "false"});
    assert_eq!(read(&dead, &json!("O")).unwrap(), Some(json!(true)));
    assert_eq!(read(&dead, &json!("E")).unwrap(), Some(json!(false)));
    assert_eq!(read(&dead, &Value::Null).unwrap(), Some(json!(false)));
    let form = json!({"path": "x", "codes": {"ASA": "joint_stock", "KIRK": ""}});
    assert_eq!(read(&form, &json!("KIRK")).unwrap(), None);
    assert_eq!(read(&form, &json!("ESEK")).unwrap(), Some(json!("ESEK")));
    let number = json!({"path": "x", "as": "number", "codes": {"half": "0.5"}});
    assert_eq!(read(&number, &json!("half")).unwrap(), Some(json!(0.5)));
}

#[test]
fn several_paths_are_joined_or_the_first_value_counts() {
    let map: FieldMap = serde_json::from_value(json!({
        "name": {"path": ["a.first", "a.middle", "a.last", "b.names"], "join": " "},
        "born": {"path": ["a.none", "a.born"], "as": "date"},
        "lines": ["a.first", "a.last"],
        "trades": {"path": ["t1", "t2"], "items": {"code": {"path": "code", "strip": ". "}}},
        "all": {"path": "g.*.r.*.n"}
    }))
    .unwrap();
    let source = json!({"a": {"first": "KARI", "middle": null, "last": "LIE", "born": "1963"},
        "t1": {"code": "06.100"}, "t2": [{"code": "46 1"}], "g": [{"r": {"n": 1}}, {"r": [{"n": 2}]}]});
    let record = map.read(&source, &|_| true).unwrap();
    let expected = json!({"name": "KARI LIE", "born": "1963", "lines": "KARI, LIE",
        "trades": [{"code": "06100"}, {"code": "461"}], "all": "1, 2"});
    assert_eq!(Value::Object(record), expected);
    let unit = json!({"b": {"names": ["EKSEMPEL", "ASA"]}});
    let record = map.read(&unit, &|name| name == "name").unwrap();
    assert_eq!(record["name"], "EKSEMPEL ASA");
    assert_eq!(map.paths(&|name| name == "all"), ["g.r.n"]);
}

#[test]
fn what_a_dataset_cannot_hold_is_a_mistake_that_names_the_setting() {
    let catalogue = motlan_schemas::catalogue::Catalogue::national();
    let dataset = catalogue.dataset_named("land.parcels").unwrap();
    let error = |map: Value| {
        let map: FieldMap = serde_json::from_value(map).unwrap();
        map.check(dataset, "attributes").unwrap_err().to_string()
    };
    assert_eq!(
        error(json!({"tenure": {"path": "x", "codes": {"A": "shared"}}})),
        "`attributes.tenure.codes.A`: `shared` is none of sole, common"
    );
    assert_eq!(
        error(json!({"disputed": {"path": "x", "as": "flag", "absent": "perhaps"}})),
        "`attributes.disputed.absent`: `perhaps` must be true or false"
    );
    assert_eq!(
        error(json!({"land_uses": {"path": "x", "items": {"colour": "y"}}})),
        "`attributes.land_uses.colour`: `land.parcels.land_uses` has no such attribute"
    );
    assert!(error(json!({"area_m2": {"path": "x", "items": {}}})).contains("is no list"));
    assert!(error(json!({"area_m2": ""})).contains("leave the attribute out"));
}
