//! From a feature's properties to the attributes of `land.parcels`.

use crate::config::Config;
use motlan_adapter_sdk::{
    adapter::AdapterError,
    field_map::{at, first, is_number},
    value,
};
use motlan_schemas::ids::PersonalId;
use serde_json::{Map, Value, json};

/// The properties to ask for: those of the wanted attributes, and the one that tells whose the
/// parcel is.
pub(crate) fn properties(config: &Config, wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mapped = config.attributes.paths(wanted);
    let mut properties: Vec<_> = mapped.iter().map(|path| first(path).to_owned()).collect();
    properties.push(first(&config.owner_ids).to_owned());
    if wants_owners(config, wanted) {
        properties.push(config.owners.property.clone());
    }
    properties.sort_unstable();
    properties.dedup();
    properties
}

/// The subject's parcels among the features.
///
/// A feature counts only if its list of users has the subject. If there are features, and none does,
/// the registry has answered about somebody else.
pub(crate) fn parcels(
    config: &Config,
    features: &[Value],
    subject: &PersonalId,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<Map<String, Value>>, AdapterError> {
    let mut parcels = Vec::new();
    for feature in features {
        let properties = feature
            .get("properties")
            .filter(|properties| properties.is_object());
        let properties =
            properties.ok_or_else(|| AdapterError::malformed("a feature without properties"))?;
        if is_used_by(config, properties, subject)? {
            let mut parcel = parcel(config, properties, subject, wanted)?;
            if wanted(&config.id_attribute)
                && let Some(id) = own_id(feature)
            {
                parcel.insert(config.id_attribute.clone(), Value::String(id));
            }
            parcels.push(parcel);
        }
    }
    if parcels.is_empty() && !features.is_empty() {
        Err(AdapterError::WrongSubject)
    } else {
        Ok(parcels)
    }
}

fn is_used_by(
    config: &Config,
    properties: &Value,
    subject: &PersonalId,
) -> Result<bool, AdapterError> {
    let is_subject = |number: &Value| is_number(number, subject.expose());
    let separator = config.owner_ids_separator.as_str();
    match at(properties, &config.owner_ids) {
        Some(Value::Array(numbers)) => Ok(numbers.iter().any(is_subject)),
        Some(Value::String(numbers)) if !separator.is_empty() => Ok(numbers
            .split(separator)
            .any(|number| number.trim() == subject.expose())),
        Some(number @ (Value::String(_) | Value::Number(_))) => Ok(is_subject(number)),
        _ => Err(AdapterError::malformed(
            "a parcel that does not say who uses it",
        )),
    }
}

fn parcel(
    config: &Config,
    properties: &Value,
    subject: &PersonalId,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Map<String, Value>, AdapterError> {
    let mut parcel = config.attributes.read(properties, wanted)?;
    let mut expected = vec![first(&config.owner_ids)];
    if wants_owners(config, wanted) {
        expected.push(&config.owners.property);
        owners(config, properties, subject, &mut parcel)?;
        for unwanted in ["share", "co_owners"]
            .into_iter()
            .filter(|name| !wanted(name))
        {
            parcel.remove(unwanted);
        }
    }
    config
        .attributes
        .note_surplus(properties, &expected, &mut parcel);
    Ok(parcel)
}

/// Splits the list of users into the subject's share and the others.
fn owners(
    config: &Config,
    properties: &Value,
    subject: &PersonalId,
    parcel: &mut Map<String, Value>,
) -> Result<(), AdapterError> {
    let names = &config.owners;
    let list = match properties.get(&names.property) {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Array(list)) => list.as_slice(),
        Some(one @ Value::Object(_)) => std::slice::from_ref(one),
        Some(_) => return Err(AdapterError::malformed("the users of a parcel are no list")),
    };
    let mut others = Vec::new();
    for owner in list {
        let text = |name: &str| {
            owner
                .get(name)
                .and_then(Value::as_str)
                .and_then(value::text)
        };
        let number = text(&names.personal_id);
        let share = text(&names.share).map(|share| share.replace(' ', ""));
        let is_subject = |number| is_number(number, subject.expose());
        if owner.get(&names.personal_id).is_some_and(is_subject) {
            parcel.extend(share.map(|share| ("share".to_owned(), Value::String(share))));
            continue;
        }
        let members = [
            ("full_name", text(&names.full_name)),
            ("personal_id", number),
            ("share", share),
        ];
        let members = members
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), json!(value?))));
        others.push(Value::Object(members.collect()));
    }
    parcel.insert("co_owners".to_owned(), Value::Array(others));
    Ok(())
}

fn wants_owners(config: &Config, wanted: &dyn Fn(&str) -> bool) -> bool {
    !config.owners.property.is_empty() && (wanted("share") || wanted("co_owners"))
}

/// The id of a feature: servers write texts or numbers (RFC 7946, section 3.2).
fn own_id(feature: &Value) -> Option<String> {
    match feature.get("id")? {
        Value::String(id) => value::text(id),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}
