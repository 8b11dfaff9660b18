//! From the registry's roles and enterprises to the attributes of `business.roles` and
//! `business.profile`.

use crate::config::{Profile, Roles};
use motlan_adapter_sdk::{
    adapter::AdapterError,
    field_map::{at, first},
};
use motlan_schemas::ids::{EnterpriseCode, PersonalId};
use serde_json::{Map, Value, json};

/// The object to post for a person's roles.
pub(crate) fn roles_query(
    config: &Roles,
    subject: &PersonalId,
    wanted: &dyn Fn(&str) -> bool,
) -> Value {
    let mut fields = config.attributes.paths(wanted);
    fields.push(&config.holder);
    let members = [
        (&config.subject_parameter, json!(subject.expose())),
        (&config.page_parameter, json!(0)),
        (&config.size_parameter, json!(config.page_size)),
        (&config.fields_parameter, json!(fields)),
    ];
    members
        .into_iter()
        .filter(|(name, _)| !name.is_empty())
        .map(|(name, value)| (name.clone(), value))
        .collect()
}

/// The subject's roles among those that the registry sent. If there are roles, and none is the
/// subject's, the registry has answered about somebody else.
pub(crate) fn roles(
    config: &Roles,
    sent: &[Value],
    subject: &PersonalId,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<Map<String, Value>>, AdapterError> {
    let mut roles = Vec::new();
    for role in sent {
        let holder = at(role, &config.holder).and_then(Value::as_str);
        let holder = holder
            .ok_or_else(|| AdapterError::malformed("a role that does not say who holds it"))?;
        if holder.trim() == subject.expose() {
            let mut record = config.attributes.read(role, wanted)?;
            config
                .attributes
                .note_surplus(role, &[first(&config.holder), "_links"], &mut record);
            roles.push(record);
        }
    }
    if roles.is_empty() && !sent.is_empty() {
        Err(AdapterError::WrongSubject)
    } else {
        Ok(roles)
    }
}

/// The path of an enterprise, with the fields to ask for.
pub(crate) fn profile_path(
    config: &Profile,
    code: &EnterpriseCode,
    wanted: &dyn Fn(&str) -> bool,
) -> String {
    let path = config.path.replace("{code}", code.as_str());
    if config.fields_parameter.is_empty() {
        return path;
    }
    let mut fields = config.attributes.paths(wanted);
    fields.push(&config.code);
    if wanted("status") && !config.deleted_on.is_empty() {
        fields.push(&config.deleted_on);
    }
    fields.sort_unstable();
    fields.dedup();
    format!("{path}?{}={}", config.fields_parameter, fields.join(","))
}

/// The enterprise as a record.
pub(crate) fn profile(
    config: &Profile,
    sent: &Value,
    code: &EnterpriseCode,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Map<String, Value>, AdapterError> {
    let stated = at(sent, &config.code).and_then(Value::as_str);
    let stated = stated.ok_or_else(|| AdapterError::malformed("an enterprise without its code"))?;
    if stated.trim() != code.as_str() {
        return Err(AdapterError::WrongSubject);
    }
    let mut record = config.attributes.read(sent, wanted)?;
    let is_deleted = at(sent, &config.deleted_on).is_some_and(|date| !date.is_null() && date != "");
    if is_deleted && wanted("status") {
        record.entry("status").or_insert_with(|| json!("dissolved"));
    }
    if !wanted("enterprise_code") {
        // It was asked for to know whom the answer is about, so it is not over-delivered.
        record.remove("enterprise_code");
    }
    let expected = [first(&config.code), first(&config.deleted_on), "_links"];
    config.attributes.note_surplus(sent, &expected, &mut record);
    Ok(record)
}
