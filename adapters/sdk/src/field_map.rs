//! Reads a dataset's attributes out of a registry's own JSON, by configuration.
//!
//! A map says for each attribute where its value stands in the registry's record, of which kind it
//! is, and which of the registry's codes means which of ours. Another deployment of the same
//! protocol is then another map, not another adapter. What the registry writes in its own way
//! (numbers as text, empty text for nothing, `13/05/2018`) is read here, and nothing is guessed: a
//! value that can't be read is an error that names the attribute.

mod convert;

pub use convert::integer;

use crate::{adapter::AdapterError, config::ConfigError};
use motlan_policies::permit::Permit;
use motlan_schemas::catalogue::Dataset;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, fmt};

/// Where each attribute comes from.
///
/// ```
/// use motlan_adapter_sdk::field_map::FieldMap;
/// let map: FieldMap = serde_json::from_str(r#"{
///     "name": "ten",
///     "status": {"path": "trangThai.ma", "codes": {"01": "active"}},
///     "registered_on": {"path": "ngayDangKy", "as": "date"}
/// }"#).unwrap();
/// let source = serde_json::json!({"ten": "HOÀI AN", "trangThai": {"ma": "01"}, "ngayDangKy": "02/04/2018"});
/// let record = map.read(&source, &|_| true).unwrap();
/// assert_eq!(record["status"], "active");
/// assert_eq!(record["registered_on"], "2018-04-02");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FieldMap(BTreeMap<String, Field>);

/// Where one attribute comes from. In configuration either a path alone, or a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Field {
    /// The way to the value: member names, or places in an array, joined by dots.
    pub path: String,
    /// What the value is.
    #[serde(rename = "as", skip_serializing_if = "FieldKind::is_text")]
    pub kind: FieldKind,
    /// The registry's codes and what they mean; a value that is not listed stays as it is.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub codes: BTreeMap<String, String>,
    /// The value is a list of objects, and each is read by this map.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<FieldMap>,
}

/// What a value is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Text, kept in Unicode NFC. A list of texts becomes one, joined by commas.
    #[default]
    Text,
    /// A number, which may be written as text, with a decimal point or comma.
    Number,
    /// A whole number.
    Integer,
    /// True or false, which may be written as text or as 1 and 0.
    Flag,
    /// A date, which may be partial.
    Date,
}

impl FieldMap {
    /// A map from attributes and their fields.
    #[must_use]
    pub fn new<const N: usize>(fields: [(&str, Field); N]) -> Self {
        Self(
            fields
                .into_iter()
                .map(|(name, field)| (name.to_owned(), field))
                .collect(),
        )
    }

    /// Checks that each name is an attribute of the dataset.
    ///
    /// # Errors
    /// The first name that is none; `setting` says where the map stands in the configuration.
    pub fn check(&self, dataset: &Dataset, setting: &str) -> Result<(), ConfigError> {
        match self.0.keys().find(|name| dataset.attribute(name).is_none()) {
            None => Ok(()),
            Some(name) => {
                let reason = format!("`{}` has no such attribute", dataset.name);
                Err(ConfigError::setting(format!("{setting}.{name}"), reason))
            }
        }
    }

    /// The paths to ask a registry for, so that it sends what is wanted and no more, each once.
    #[must_use]
    pub fn paths(&self, wanted: &dyn Fn(&str) -> bool) -> Vec<&str> {
        let mut paths: Vec<&str> = self
            .0
            .iter()
            .filter(|(name, _)| wanted(name))
            .map(|(_, f)| f.path.as_str())
            .collect();
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    /// Reads the wanted attributes of one record. An attribute that is there although it is not
    /// wanted becomes `null`, so that [`Contract::check`](crate::contract::Contract::check) counts
    /// it as over-delivered and drops it.
    ///
    /// # Errors
    /// [`AdapterError::Malformed`] naming the first attribute whose value can't be read.
    pub fn read(
        &self,
        source: &Value,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<Map<String, Value>, AdapterError> {
        let mut record = Map::new();
        for (name, field) in &self.0 {
            let Some(value) = at(source, &field.path) else {
                continue;
            };
            if !wanted(name) {
                let asked_for_another = self
                    .0
                    .iter()
                    .any(|(n, f)| wanted(n) && f.path == field.path);
                if !asked_for_another && !value.is_null() {
                    record.insert(name.clone(), Value::Null);
                }
            } else if let Some(value) = convert::convert(name, field, value)? {
                record.insert(name.clone(), value);
            }
        }
        Ok(record)
    }

    /// Adds to `record`, as `null`, each member of `source` that neither the map nor `expected`
    /// knows, for [`Contract::check`](crate::contract::Contract::check) to count.
    pub fn note_surplus(&self, source: &Value, expected: &[&str], record: &mut Map<String, Value>) {
        let Some(members) = source.as_object() else {
            return;
        };
        let known = |name: &str| {
            expected.contains(&name) || self.0.values().any(|field| first(&field.path) == name)
        };
        for name in members.keys().filter(|name| !known(name)) {
            // A question mark is in no attribute's name.
            record.insert(format!("?{name}"), Value::Null);
        }
    }
}

impl Field {
    /// Text at a path.
    #[must_use]
    pub fn text(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            ..Self::default()
        }
    }

    /// A value of a kind at a path.
    #[must_use]
    pub fn of(kind: FieldKind, path: &str) -> Self {
        Self {
            kind,
            ..Self::text(path)
        }
    }

    /// A list of objects at a path.
    #[must_use]
    pub fn list(path: &str, items: FieldMap) -> Self {
        Self {
            items: Some(items),
            ..Self::text(path)
        }
    }

    /// The same with the meanings of the registry's codes.
    #[must_use]
    pub fn codes<const N: usize>(mut self, codes: [(&str, &str); N]) -> Self {
        self.codes = codes
            .into_iter()
            .map(|(from, to)| (from.to_owned(), to.to_owned()))
            .collect();
        self
    }
}

impl FieldKind {
    fn is_text(&self) -> bool {
        *self == Self::Text
    }
}

/// Tells of an attribute whether it is to be read: those of the permit, and the flags.
pub fn wanted<'a>(dataset: &'a Dataset, permit: &Permit) -> impl Fn(&str) -> bool + use<'a> {
    let wanted = permit.attributes() | dataset.flags;
    move |name| {
        dataset
            .attribute(name)
            .is_some_and(|attribute| wanted.contains(attribute.index))
    }
}

/// The value at a dotted path.
///
/// ```
/// # use motlan_adapter_sdk::field_map::at;
/// let value = serde_json::json!({"navn": [{"fornavn": "ANNA"}]});
/// assert_eq!(at(&value, "navn.0.fornavn").unwrap(), "ANNA");
/// assert!(at(&value, "navn.1").is_none());
/// ```
#[must_use]
pub fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, name| match value {
        Value::Object(members) => members.get(name),
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        _ => None,
    })
}

/// The first member name of a path.
#[must_use]
pub fn first(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldTable {
    path: String,
    #[serde(default, rename = "as")]
    kind: FieldKind,
    #[serde(default)]
    codes: BTreeMap<String, String>,
    #[serde(default)]
    items: Option<FieldMap>,
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = Field;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .write_str("a path, or a table with `path` and, where needed, `as`, `codes`, `items`")
    }

    fn visit_str<E>(self, path: &str) -> Result<Field, E> {
        Ok(Field::text(path))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Field, A::Error> {
        let FieldTable {
            path,
            kind,
            codes,
            items,
        } = FieldTable::deserialize(MapAccessDeserializer::new(members))?;
        Ok(Field {
            path,
            kind,
            codes,
            items,
        })
    }
}

#[cfg(test)]
mod tests;
