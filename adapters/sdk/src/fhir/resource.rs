//! The parts of FHIR resources that adapters look for.

use crate::value::{ValueError, partial_date};
use jiff::{
    Timestamp,
    tz::{self, Offset, TimeZone},
};
use motlan_schemas::date::PartialDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A code in a code system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coding {
    /// The code system's URI.
    pub system: String,
    /// The code.
    pub code: String,
}

/// The identifiers of a resource: system and value.
pub fn identifiers(resource: &Value) -> impl Iterator<Item = (&str, &str)> {
    list(resource, "identifier").filter_map(|identifier| {
        let system = identifier
            .get("system")
            .and_then(Value::as_str)
            .unwrap_or("");
        Some((system, identifier.get("value")?.as_str()?))
    })
}

/// Whether a `CodeableConcept` has a coding.
#[must_use]
pub fn has_coding(concept: &Value, wanted: &Coding) -> bool {
    list(concept, "coding").any(|coding| {
        coding
            .get("system")
            .is_some_and(|system| *system == wanted.system)
            && coding.get("code").is_some_and(|code| *code == wanted.code)
    })
}

/// The extension of an element by its URL.
#[must_use]
pub fn extension<'v>(element: &'v Value, url: &str) -> Option<&'v Value> {
    list(element, "extension").find(|extension| extension.get("url").is_some_and(|u| u == url))
}

/// The value of an extension, whatever its type (`valueCode`, `valueDate`, …).
#[must_use]
pub fn extension_value<'v>(element: &'v Value, url: &str) -> Option<&'v Value> {
    let members = extension(element, url)?.as_object()?;
    members
        .iter()
        .find(|(name, _)| name.starts_with("value"))
        .map(|(_, value)| value)
}

/// The id in a reference to a resource of a type: relative, absolute, or of one version.
///
/// ```
/// use motlan_adapter_sdk::fhir::reference_id;
/// let reference = serde_json::json!({"reference": "https://fhir.example/r4/Patient/a1/_history/2"});
/// assert_eq!(reference_id(&reference, "Patient"), Some("a1"));
/// ```
#[must_use]
pub fn reference_id<'v>(reference: &'v Value, resource_type: &str) -> Option<&'v str> {
    let text = reference.get("reference")?.as_str()?;
    let text = text.split_once("/_history/").map_or(text, |(text, _)| text);
    let (before, id) = text.rsplit_once('/')?;
    let kind = before.rsplit('/').next()?;
    (kind == resource_type).then_some(id)
}

/// The contained resource that a local reference (`#id`) means.
#[must_use]
pub fn contained<'v>(resource: &'v Value, reference: &Value) -> Option<&'v Value> {
    let id = reference.get("reference")?.as_str()?.strip_prefix('#')?;
    list(resource, "contained")
        .find(|contained| contained.get("id").is_some_and(|found| found == id))
}

/// The day of a `date`, `dateTime` or `instant`. A moment with a zone is the day that it is in
/// Vietnam; one without, which R4 forbids and servers write, is the day that is written.
///
/// ```
/// use motlan_adapter_sdk::fhir::day;
/// let read = |text| day(text).unwrap().unwrap().to_string();
/// assert_eq!(read("2020-12-31T17:00:00Z"), "2021-01-01");
/// assert_eq!(read("2021-08-20T00:00:00"), "2021-08-20");
/// assert_eq!(read("1965-11"), "1965-11");
/// ```
///
/// # Errors
/// [`ValueError::Date`] for a text that is no date.
pub fn day(text: &str) -> Result<Option<PartialDate>, ValueError> {
    day_at(text, tz::offset(7))
}

/// The same, at another offset from UTC.
///
/// # Errors
/// [`ValueError::Date`] for a text that is no date.
pub fn day_at(text: &str, offset: Offset) -> Result<Option<PartialDate>, ValueError> {
    match text.trim().parse::<Timestamp>() {
        Ok(moment) => {
            let there = moment.to_zoned(TimeZone::fixed(offset));
            Ok(Some(PartialDate::Full(there.date())))
        }
        Err(_) => partial_date(text),
    }
}

fn list<'v>(element: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    element
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}
