//! Reads a dataset's attributes out of a registry's own JSON, by configuration.
//!
//! A map says for each attribute where its value stands in the registry's record, of which kind it
//! is, and which of the registry's codes means which of ours. Another deployment of the same
//! protocol is then another map, not another adapter. What the registry writes in its own way
//! (numbers as text, empty text for nothing, `13/05/2018`) is read here, and nothing is guessed: a
//! value that can't be read is an error that names the attribute.

mod check;
mod convert;
mod find;

pub use convert::{integer, read_as};
pub use find::{all_at, at, first, is_number};

use crate::{adapter::AdapterError, codes::Codes, config::ConfigError, paths::Paths};
use motlan_policies::permit::Permit;
use motlan_schemas::catalogue::Dataset;
use serde::{
    Deserialize, Deserializer,
    de::{
        MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};
use serde_json::{Map, Value};
use std::{borrow::Cow, collections::BTreeMap, fmt};

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
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct FieldMap(BTreeMap<String, Field>);

/// Where one attribute comes from. In configuration either a path alone, or a table.
///
/// ```
/// # use motlan_adapter_sdk::field_map::FieldMap;
/// let map: FieldMap = serde_json::from_str(r#"{
///     "full_name": {"path": ["navn.fornavn", "navn.etternavn"], "join": " "},
///     "status": {"path": "slettedato", "codes": {"*": "dissolved"}, "absent": "active"}
/// }"#).unwrap();
/// let source = serde_json::json!({"navn": {"fornavn": "KARI", "etternavn": "LIE"}});
/// let record = map.read(&source, &|_| true).unwrap();
/// assert_eq!((&record["full_name"], &record["status"]), (&"KARI LIE".into(), &"active".into()));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct Field {
    /// The way to the value: member names, or places in an array, joined by dots; `*` is every
    /// place. Of several paths the texts are joined, and of other kinds the first value counts.
    pub path: Paths,
    /// What the value is.
    #[serde(default, rename = "as")]
    pub kind: FieldKind,
    /// What the registry's codes mean; a value that is not listed stays as it is, and the dataset's
    /// schema says whether it may.
    #[serde(default)]
    pub codes: Codes,
    /// What it means that the registry sends no value; without, the attribute is absent too.
    #[serde(default)]
    pub absent: Option<String>,
    /// What stands between several texts.
    #[serde(default = "comma")]
    pub join: String,
    /// Characters to leave out of a text before it is read.
    #[serde(default)]
    pub strip: String,
    /// The value is a list of objects, and each is read by this map.
    #[serde(default)]
    pub items: Option<FieldMap>,
}

/// What a value is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Text, kept in Unicode NFC. A list of texts becomes one.
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

    /// Each attribute with its field, in the order of names.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Field)> {
        self.0.iter().map(|(name, field)| (name.as_str(), field))
    }

    /// Checks that each name is an attribute of the dataset, and each meaning one that the attribute
    /// may have.
    ///
    /// # Errors
    /// The first that is none; `setting` says where the map stands in the configuration.
    pub fn check(&self, dataset: &Dataset, setting: &str) -> Result<(), ConfigError> {
        check::map(self, &dataset.name, &dataset.schema, setting)
    }

    /// The paths to ask a registry for, so that it sends what is wanted and no more, each once and
    /// without places in arrays, which are no names.
    #[must_use]
    pub fn paths(&self, wanted: &dyn Fn(&str) -> bool) -> Vec<Cow<'_, str>> {
        let mut paths: Vec<_> = self
            .0
            .iter()
            .filter(|(name, _)| wanted(name))
            .flat_map(|(_, field)| field.path.iter())
            .map(find::names)
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
            if wanted(name) {
                if let Some(value) = convert::convert(name, field, source)? {
                    record.insert(name.clone(), value);
                }
            } else if field
                .path
                .iter()
                .any(|path| find::is_there(source, path) && !self.is_read_for_another(path, wanted))
            {
                record.insert(name.clone(), Value::Null);
            }
        }
        Ok(record)
    }

    fn is_read_for_another(&self, path: &str, wanted: &dyn Fn(&str) -> bool) -> bool {
        self.0
            .iter()
            .any(|(name, field)| wanted(name) && field.path.iter().any(|other| other == path))
    }

    /// Adds to `record`, as `null`, each member of `source` that neither the map nor `expected`
    /// knows, for [`Contract::check`](crate::contract::Contract::check) to count.
    pub fn note_surplus(&self, source: &Value, expected: &[&str], record: &mut Map<String, Value>) {
        let Some(members) = source.as_object() else {
            return;
        };
        let known = |name: &str| {
            let mut mapped = self.0.values().flat_map(|field| field.path.iter());
            expected.contains(&name) || mapped.any(|path| first(path) == name)
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
            path: Paths::one(path),
            join: comma(),
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
        self.codes = Codes::new(codes);
        self
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

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor)
    }
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = Field;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .write_str("a path, a list of paths, or a table with `path` and, where needed, `as`, `codes`, `absent`, `join`, `strip`, `items`")
    }

    fn visit_str<E>(self, path: &str) -> Result<Field, E> {
        Ok(Field::text(path))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Field, A::Error> {
        let path = Paths::deserialize(SeqAccessDeserializer::new(list))?;
        Ok(Field {
            path,
            ..Field::text("")
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Field, A::Error> {
        Field::deserialize(MapAccessDeserializer::new(members))
    }
}

fn comma() -> String {
    ", ".to_owned()
}

#[cfg(test)]
mod tests;
