//! From a person as the register sends it to the records of one dataset.

use crate::config::{Config, DateNames, Records};
use motlan_adapter_sdk::{
    adapter::AdapterError,
    contract::Mapped,
    field_map::{self, FieldKind, FieldMap},
};
use motlan_policies::permit::Permit;
use motlan_schemas::catalogue::Dataset;
use serde_json::{Map, Value};

/// Maps a person who is the permit's subject.
pub(crate) fn map(
    config: &Config,
    records: &Records,
    dataset: &Dataset,
    permit: &Permit,
    mut person: Value,
) -> Result<Mapped, AdapterError> {
    gather_investigations(&mut person, &config.investigation_member);
    let wanted = field_map::wanted(dataset, permit);
    // A flag of another dataset comes with every answer and is not over-delivered.
    let unasked = config.unasked_members.iter().map(String::as_str);
    let expected: Vec<_> = [&config.number_member, &config.investigation_member]
        .map(String::as_str)
        .into_iter()
        .chain(unasked)
        .collect();
    let counted_by = records.counted_by(dataset, &wanted);
    let read = |mut source: Value| {
        flatten_dates(&mut source, &records.fields, &config.dates);
        let mut record = records.fields.read(&source, &wanted)?;
        // The number is always asked for, to compare it; it is no surplus, nor is what counts.
        for name in ["personal_id"]
            .into_iter()
            .chain(counted_by.map(|(name, _)| name))
        {
            if record.get(name).is_some_and(Value::is_null) {
                record.remove(name);
            }
        }
        records.fields.note_surplus(&source, &expected, &mut record);
        Ok::<Map<String, Value>, AdapterError>(record)
    };
    if let Some(list) = &records.list {
        let items = items(&mut person, list)?;
        let each = |item| read(with_item(&person, list, item));
        return items
            .into_iter()
            .map(each)
            .collect::<Result<_, _>>()
            .map(Mapped::Many);
    }
    let record = read(person)?;
    // The person is known; whether a record of another kind exists shows by what it holds.
    let holds = record.keys().any(|name| dataset.attribute(name).is_some());
    let of_the_person = records
        .fields
        .paths(&|_| true)
        .iter()
        .any(|path| *path == config.number_member);
    Ok(if holds || of_the_person {
        Mapped::One(record)
    } else {
        Mapped::NotFound
    })
}

/// Takes the list out of the person; no list is an empty one.
fn items(person: &mut Value, path: &str) -> Result<Vec<Value>, AdapterError> {
    match place(person, path).map(Value::take) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) => Ok(items),
        // Some servers write a list of one as its item.
        Some(item @ Value::Object(_)) => Ok(vec![item]),
        Some(_) => Err(AdapterError::malformed(format!("`{path}` is no list"))),
    }
}

/// The person with one item in the place of the list.
fn with_item(person: &Value, path: &str, item: Value) -> Value {
    let mut person = person.clone();
    if let Some(list) = place(&mut person, path) {
        *list = item;
    }
    person
}

fn place<'v>(value: &'v mut Value, path: &str) -> Option<&'v mut Value> {
    path.split('.')
        .try_fold(value, |value, name| value.get_mut(name))
}

/// Writes the objects that stand where dates are read as text: `1985-06-12`, `1963-05`, `1958`, or
/// nothing. Only there: elsewhere a member named like a date's stands beside others.
fn flatten_dates(source: &mut Value, fields: &FieldMap, names: &DateNames) {
    let dates = fields
        .fields()
        .filter(|(_, field)| field.kind == FieldKind::Date);
    for path in dates.flat_map(|(_, field)| field.path.iter()) {
        if let Some(value) = place(source, path)
            && let Some(text) = value
                .as_object()
                .and_then(|object| date_text(object, names))
        {
            *value = text;
        }
    }
}

fn date_text(object: &Map<String, Value>, names: &DateNames) -> Option<Value> {
    if let Some(Value::String(date)) = object.get(&names.date) {
        return Some(Value::from(date.as_str()));
    }
    if object.get(&names.unknown) == Some(&Value::Bool(true)) {
        return Some(Value::Null);
    }
    let year = object.get(&names.year)?.as_u64()?;
    let month = object.get(&names.month).and_then(Value::as_u64);
    Some(Value::from(month.map_or_else(
        || format!("{year:04}"),
        |month| format!("{year:04}-{month:02}"),
    )))
}

/// Parts under investigation make the person one who is. The members that say so are taken out of
/// the parts, where they would be taken for something that was not asked for.
fn gather_investigations(person: &mut Value, name: &str) {
    let found = take_members(person, name);
    if found.is_empty() {
        return;
    }
    let says_so = |value: &Value| !value.is_null() && value != &Value::Bool(false);
    let any = found.iter().any(|member| match member {
        Value::Object(parts) => parts.values().any(says_so),
        other => says_so(other),
    });
    if let Some(members) = person.as_object_mut() {
        members.insert(name.to_owned(), Value::Bool(any));
    }
}

/// Takes every member of a name out of a value, however deep it stands.
fn take_members(value: &mut Value, name: &str) -> Vec<Value> {
    match value {
        Value::Object(members) => {
            let own = members.remove(name);
            let below = members
                .values_mut()
                .flat_map(|value| take_members(value, name));
            let below: Vec<_> = below.collect();
            own.into_iter().chain(below).collect()
        }
        Value::Array(items) => items
            .iter_mut()
            .flat_map(|item| take_members(item, name))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use motlan_adapter_sdk::field_map::Field;
    use serde_json::json;

    #[test]
    fn every_member_of_the_date_union_is_read_where_a_date_is_read() {
        let mut value = json!({
            "birth": {"date": {"type": "Date", "date": "1985-06-12", "new": {}}, "place": "Hà Nội"},
            "since": {"type": "YearMonth", "year": 1963, "month": 5},
            "died": {"year": 1958}, "moved": {"unknown": true}, "entry": {"date": "2001"},
        });
        let date = |path| Field::of(FieldKind::Date, path);
        let fields = FieldMap::new([
            ("a", date("birth.date")),
            ("b", date("since")),
            ("c", date("died")),
            ("d", date("moved")),
            ("e", Field::text("entry")),
        ]);
        flatten_dates(&mut value, &fields, &DateNames::default());
        let expected = json!({
            "birth": {"date": "1985-06-12", "place": "Hà Nội"}, "since": "1963-05",
            "died": "1958", "moved": null, "entry": {"date": "2001"},
        });
        assert_eq!(value, expected);
    }

    #[test]
    fn one_part_under_investigation_is_enough() {
        for (parts, expected) in [
            (json!({"birth": true}), true),
            (json!({"birth": false}), false),
            (json!({}), false),
        ] {
            let mut person = json!({"underInvestigation": parts.clone()});
            gather_investigations(&mut person, "underInvestigation");
            assert_eq!(person["underInvestigation"], expected);
            let mut person = json!({"name": [{"full": "X", "underInvestigation": parts}]});
            gather_investigations(&mut person, "underInvestigation");
            let gathered = json!({"name": [{"full": "X"}], "underInvestigation": expected});
            assert_eq!(person, gathered);
        }
    }

    #[test]
    fn a_list_may_be_absent_or_a_single_item() {
        assert!(
            items(&mut json!({}), "household.members")
                .unwrap()
                .is_empty()
        );
        let mut one = json!({"household": {"members": {"name": "X"}}});
        assert_eq!(items(&mut one, "household.members").unwrap().len(), 1);
        assert!(items(&mut json!({"documents": "x"}), "documents").is_err());
    }
}
