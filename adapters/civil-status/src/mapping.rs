//! From the register's elements to the datasets' attributes.
//!
//! The default names follow the forms of Vietnamese registers (`nks` the registered child, `me` mother,
//! `cha` father, `nkt` the deceased, `voChong` spouse, `nguoiGiamHo` guardian, `so`/`quyenSo` number and book). Dates are
//! `dd/MM/yyyy` with zeros for what is unknown; codes are digits. Only permitted elements are read;
//! the others are counted by [`Contract::check`](motlan_adapter_sdk::contract::Contract::check).

mod reading;
mod tables;

use crate::{
    config::{Config, History},
    response,
};
use motlan_adapter_sdk::{adapter::AdapterError, config::ConfigError, paths::Paths, xml::Element};
use motlan_schemas::catalogue::{AttributeIndex, AttributeSet, Cardinality, Catalogue, DatasetId};
use reading::Reading;
use serde_json::{Map, Value};
use std::borrow::Cow;
use tables::Row;

/// The register's own codes by code list, where a deployment does not write them otherwise.
pub fn default_codes()
-> impl Iterator<Item = (&'static str, &'static [(&'static str, &'static str)])> {
    let lists = tables::LISTS.into_iter();
    lists.map(|list| (list, tables::codes(list)))
}

/// The mappings of the five datasets.
#[derive(Debug)]
pub(crate) struct Mappings(Vec<Mapping>);

/// How one operation's records become one dataset's.
#[derive(Debug)]
pub(crate) struct Mapping {
    pub(crate) dataset: DatasetId,
    pub(crate) cardinality: Cardinality,
    pub(crate) operation: String,
    /// The way to the records in a response.
    pub(crate) records: String,
    dataset_name: Box<str>,
    flags: AttributeSet,
    history: Option<History>,
    fields: Vec<Field>,
    /// The elements of a record that are read or tell when it held, in order.
    known: Vec<Box<str>>,
}

#[derive(Debug)]
struct Field {
    attribute: AttributeIndex,
    name: &'static str,
    elements: Paths,
    reading: Reading,
}

impl Mappings {
    /// The default tables with the deployment's own names and codes.
    pub(crate) fn new(config: &Config, catalogue: &Catalogue) -> Result<Self, ConfigError> {
        check(config)?;
        let served = config.serves.of(&DATASETS.map(|(name, _)| name))?;
        let mapping = |(name, rows): (&'static str, &'static [Row])| {
            Mapping::new(name, rows, config, catalogue)
        };
        DATASETS
            .into_iter()
            .filter(|(name, _)| served.contains(name))
            .map(mapping)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Mapping> {
        self.0.iter()
    }

    pub(crate) fn get(&self, dataset: DatasetId) -> Option<&Mapping> {
        self.0.iter().find(|mapping| mapping.dataset == dataset)
    }
}

impl Mapping {
    fn new(
        name: &'static str,
        rows: &'static [Row],
        config: &Config,
        catalogue: &Catalogue,
    ) -> Result<Self, ConfigError> {
        let missing =
            |what: &str| ConfigError::setting("registry", format!("the catalogue has no {what}"));
        let dataset = catalogue.dataset_named(name).ok_or_else(|| missing(name))?;
        let short = short_name(name);
        let mut fields = Vec::new();
        for row in rows {
            let key = format!("{short}.{}", row.attribute);
            let attribute = dataset
                .attribute(row.attribute)
                .ok_or_else(|| missing(&key))?;
            let elements = match config.fields.get(&key) {
                Some(elements) => elements.clone(),
                None if config.default_fields => Paths::one(row.element),
                None => continue,
            };
            let reading = Reading::new(row.kind, config);
            reading.check(row, &dataset.schema)?;
            if !elements.is_empty() {
                fields.push(Field {
                    attribute: attribute.index,
                    name: row.attribute,
                    elements,
                    reading,
                });
            }
        }
        let records = config.record_elements.get(short);
        let history = config.history.iter();
        let dates = history.flat_map(|history| [history.from.as_str(), &history.until]);
        let read = fields
            .iter()
            .flat_map(|field: &Field| field.elements.iter());
        let mut known: Vec<Box<str>> = read.map(first).chain(dates).map(Into::into).collect();
        known.sort_unstable();
        Ok(Self {
            dataset: dataset.id,
            cardinality: dataset.cardinality,
            operation: config.operations.of(short).to_owned(),
            records: records.unwrap_or(&config.record_element).clone(),
            dataset_name: name.into(),
            flags: dataset.flags,
            history: config.history.clone(),
            fields,
            known,
        })
    }

    /// The elements that carry permitted attributes, and the flags, which go with any of them.
    pub(crate) fn elements(&self, permitted: AttributeSet) -> impl Iterator<Item = &str> {
        let permitted = permitted | self.flags;
        let wanted = move |field: &&Field| permitted.contains(field.attribute);
        self.fields
            .iter()
            .filter(wanted)
            .flat_map(|field| field.elements.iter())
    }

    /// One record in the dataset's names. What is not permitted is there as `null`, to be counted.
    pub(crate) fn record(
        &self,
        record: &Element,
        subject: &str,
        permitted: AttributeSet,
    ) -> Result<Map<String, Value>, AdapterError> {
        let permitted = permitted | self.flags;
        let mut object = Map::new();
        for field in &self.fields {
            let value = if permitted.contains(field.attribute) {
                self.value(record, field)?
            } else {
                let mut elements = field.elements.iter();
                let is_there = elements.any(|path| is_there(record, path));
                is_there.then_some(Value::Null)
            };
            if let Some(value) = value {
                object.insert(field.name.to_owned(), value);
            }
        }
        for child in &record.children {
            let name = &*child.name;
            let is_known = self
                .known
                .binary_search_by(|known| (**known).cmp(name))
                .is_ok();
            if !is_known && name != first(subject) {
                // Unknown to the dataset; the mark keeps it apart from attributes.
                object.insert(format!("?{name}"), Value::Null);
            }
        }
        Ok(object)
    }

    /// The value of one attribute: of several elements the texts joined, of other kinds the first.
    fn value(&self, record: &Element, field: &Field) -> Result<Option<Value>, AdapterError> {
        let mut texts = Vec::new();
        for path in field.elements.iter() {
            let element = self.element(record, path, field)?;
            texts.extend(element.and_then(Element::value));
        }
        let raw = match (&field.reading, texts.as_slice()) {
            (_, []) => return Ok(None),
            (Reading::Text(_), [_, _, ..]) => Cow::Owned(texts.join(" ")),
            (_, [first, ..]) => Cow::Borrowed(*first),
        };
        let read = field.reading.read(&raw);
        read.map_err(|error| self.malformed(field, &error.to_string()))
    }

    /// The one element at a place. Where elements repeat, the history tells which of them counts;
    /// without one, none does.
    fn element<'r>(
        &self,
        record: &'r Element,
        path: &str,
        field: &Field,
    ) -> Result<Option<&'r Element>, AdapterError> {
        let mut parent = record;
        for name in path.split('/') {
            let same: Vec<_> = parent.children_named(name).collect();
            let counts = match (same.as_slice(), &self.history) {
                ([], _) => None,
                ([one], _) => Some(*one),
                (several, Some(history)) => response::current(several, history)?,
                (_, None) => {
                    let what = "comes more than once, and no `history` says which of them counts";
                    return Err(self.malformed(field, what));
                }
            };
            let Some(element) = counts else {
                return Ok(None);
            };
            parent = element;
        }
        Ok(Some(parent))
    }

    fn malformed(&self, field: &Field, what: &str) -> AdapterError {
        AdapterError::malformed(format!("`{}.{}` {what}", self.dataset_name, field.name))
    }
}

/// Checks names that belong to no dataset, attribute or list.
fn check(config: &Config) -> Result<(), ConfigError> {
    let attributes: Vec<_> = DATASETS
        .iter()
        .flat_map(|(name, rows)| {
            rows.iter()
                .map(|row| format!("{}.{}", short_name(name), row.attribute))
        })
        .collect();
    if let Some(unknown) = config.fields.keys().find(|key| !attributes.contains(key)) {
        return Err(ConfigError::setting(
            format!("fields.{unknown}"),
            "names no attribute; write dataset.attribute, as in birth.full_name",
        ));
    }
    let is_list = |list: &&String| tables::LISTS.contains(&list.as_str());
    if let Some(unknown) = config.codes.keys().find(|list| !is_list(list)) {
        return Err(ConfigError::setting(
            format!("codes.{unknown}"),
            format!("is no code list; there are {}", tables::LISTS.join(", ")),
        ));
    }
    let is_dataset = |key: &&String| DATASETS.iter().any(|(name, _)| short_name(name) == *key);
    match config.record_elements.keys().find(|key| !is_dataset(key)) {
        None => Ok(()),
        Some(unknown) => Err(ConfigError::setting(
            format!("record_elements.{unknown}"),
            format!(
                "is no dataset; there are {}",
                DATASETS.map(|(name, _)| short_name(name)).join(", ")
            ),
        )),
    }
}

fn short_name(dataset: &str) -> &str {
    dataset.split_once('.').map_or(dataset, |(_, name)| name)
}

fn first(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}

/// Whether there is anything at a place, however often.
fn is_there(record: &Element, path: &str) -> bool {
    match path.split_once('/') {
        None => record
            .children_named(path)
            .any(|element| element.value().is_some()),
        Some((name, rest)) => record
            .children_named(name)
            .any(|element| is_there(element, rest)),
    }
}

const DATASETS: [(&str, &[Row]); 5] = [
    ("civil_status.birth", tables::BIRTH),
    ("civil_status.marital_status", tables::MARITAL_STATUS),
    ("civil_status.marriages", tables::MARRIAGES),
    ("civil_status.death", tables::DEATH),
    ("civil_status.guardianships", tables::GUARDIANSHIPS),
];
