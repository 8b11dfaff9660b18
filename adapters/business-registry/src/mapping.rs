//! From the registry's roles, enterprises and records of owners to the attributes of `business.roles`,
//! `business.profile` and `business.owners`.

use crate::config::{Condition, Owners, Profile, Roles};
use motlan_adapter_sdk::{
    adapter::AdapterError,
    field_map::{FieldMap, all_at, at, first, is_number},
};
use motlan_schemas::ids::{EnterpriseCode, PersonalId};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use url::form_urlencoded;

/// The path of a person's roles, where the registry has one for each person.
pub(crate) fn roles_path(
    config: &Roles,
    subject: &PersonalId,
    wanted: &dyn Fn(&str) -> bool,
) -> Option<String> {
    if !config.path.contains("{person}") {
        return None;
    }
    let path = config.path.replace("{person}", subject.expose());
    let size = config.page_size.to_string();
    let fields = role_fields(config, wanted).join(",");
    let parameters = [
        (&config.page_parameter, "0"),
        (&config.size_parameter, &size),
        (&config.fields_parameter, &fields),
    ];
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters.iter().filter(|(name, _)| !name.is_empty()))
        .finish();
    let separator = if query.is_empty() { "" } else { "?" };
    Some(format!("{path}{separator}{query}"))
}

fn role_fields<'c>(config: &'c Roles, wanted: &dyn Fn(&str) -> bool) -> Vec<Cow<'c, str>> {
    let mut fields = config.attributes.paths(wanted);
    fields.push(Cow::Borrowed(&config.holder));
    fields
}

/// The object to post for a person's roles.
pub(crate) fn roles_query(
    config: &Roles,
    subject: &PersonalId,
    wanted: &dyn Fn(&str) -> bool,
) -> Value {
    let fields = role_fields(config, wanted);
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
        let holder = at(role, &config.holder).filter(|holder| !holder.is_null());
        let holder = holder
            .ok_or_else(|| AdapterError::malformed("a role that does not say who holds it"))?;
        if is_number(holder, subject.expose()) {
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
    fields.push(Cow::Borrowed(&config.code));
    if wanted("status") && !config.deleted_on.is_empty() {
        fields.push(Cow::Borrowed(&config.deleted_on));
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
    check_code(at(sent, &config.code), code)?;
    let mut record = config.attributes.read(sent, wanted)?;
    let is_deleted = at(sent, &config.deleted_on).is_some_and(|date| !date.is_null() && date != "");
    if is_deleted && wanted("status") {
        record.insert("status".to_owned(), json!("dissolved"));
    }
    if !wanted("enterprise_code") {
        // It was asked for to know whom the answer is about, so it is not over-delivered.
        record.remove("enterprise_code");
    }
    let expected = [first(&config.code), first(&config.deleted_on), "_links"];
    config.attributes.note_surplus(sent, &expected, &mut record);
    Ok(record)
}

/// The owners among a registry's own records about an enterprise.
pub(crate) fn owners(
    config: &Owners,
    attributes: &FieldMap,
    sent: &Value,
    code: &EnterpriseCode,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<Map<String, Value>>, AdapterError> {
    check_code(at(sent, &config.code), code)?;
    all_at(sent, &config.list)
        .into_iter()
        .filter(|record| {
            config
                .keep
                .iter()
                .all(|condition| fulfils(record, condition))
        })
        .filter(|record| {
            !config
                .drop
                .iter()
                .any(|condition| fulfils(record, condition))
        })
        .map(|record| attributes.read(record, wanted))
        .collect()
}

fn fulfils(record: &Value, Condition { path, is }: &Condition) -> bool {
    let text = match at(record, path) {
        Some(Value::String(text)) => Cow::Borrowed(text.trim()),
        Some(Value::Bool(flag)) => Cow::Owned(flag.to_string()),
        Some(Value::Number(number)) => Cow::Owned(number.to_string()),
        _ => return false,
    };
    is.iter().any(|known| *known == text)
}

/// Whether a document is about the enterprise, by what it states: the code, or an address with it.
fn check_code(stated: Option<&Value>, code: &EnterpriseCode) -> Result<(), AdapterError> {
    let stated = stated.filter(|stated| stated.is_string() || stated.is_number());
    let stated = stated.ok_or_else(|| AdapterError::malformed("an enterprise without its code"))?;
    let path = stated
        .as_str()
        .and_then(|text| text.split(['?', '#']).next());
    let in_path = |path: &str| path.split('/').any(|segment| segment == code.as_str());
    if is_number(stated, code.as_str()) || path.is_some_and(in_path) {
        Ok(())
    } else {
        Err(AdapterError::WrongSubject)
    }
}
