//! From the register's elements to the datasets' attributes.
//!
//! The default names follow the forms of Vietnamese registers (`nks` the registered child, `me` mother,
//! `cha` father, `nkt` the deceased, `voChong` spouse, `nguoiGiamHo` guardian, `so`/`quyenSo` number and book). Dates are
//! `dd/MM/yyyy` with zeros for what is unknown; codes are digits. Only permitted elements are read;
//! the others are counted by [`Contract::check`](motlan_adapter_sdk::contract::Contract::check).

mod tables;

use crate::config::Config;
use motlan_adapter_sdk::{
    adapter::AdapterError,
    config::ConfigError,
    value::{self, ValueError},
    xml::Element,
};
use motlan_schemas::catalogue::{AttributeIndex, AttributeSet, Cardinality, Catalogue, DatasetId};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use tables::{Kind, Row};

/// The mappings of the five datasets.
#[derive(Debug)]
pub(crate) struct Mappings(Vec<Mapping>);

/// How one operation's records become one dataset's.
#[derive(Debug)]
pub(crate) struct Mapping {
    pub(crate) dataset: DatasetId,
    pub(crate) cardinality: Cardinality,
    pub(crate) operation: String,
    dataset_name: Box<str>,
    flags: AttributeSet,
    fields: Vec<Field>,
}

#[derive(Debug)]
struct Field {
    attribute: AttributeIndex,
    name: &'static str,
    element: String,
    reading: Reading,
}

#[derive(Debug)]
enum Reading {
    Text,
    Date,
    Flag,
    Time,
    Code(BTreeMap<String, String>),
}

impl Mappings {
    /// The default tables with the deployment's own names and codes.
    pub(crate) fn new(config: &Config, catalogue: &Catalogue) -> Result<Self, ConfigError> {
        let operations = &config.operations;
        let datasets = [
            ("birth", &operations.birth, tables::BIRTH),
            (
                "marital_status",
                &operations.marital_status,
                tables::MARITAL_STATUS,
            ),
            ("marriages", &operations.marriages, tables::MARRIAGES),
            ("death", &operations.death, tables::DEATH),
            (
                "guardianships",
                &operations.guardianships,
                tables::GUARDIANSHIPS,
            ),
        ];
        let attributes: Vec<_> = datasets
            .iter()
            .flat_map(|(dataset, _, rows)| {
                rows.iter()
                    .map(move |row| format!("{dataset}.{}", row.attribute))
            })
            .collect();
        if let Some(unknown) = config.fields.keys().find(|key| !attributes.contains(key)) {
            return Err(ConfigError::setting(
                format!("fields.{unknown}"),
                "names no attribute; write dataset.attribute, as in birth.full_name",
            ));
        }
        if let Some(unknown) = config
            .codes
            .keys()
            .find(|list| tables::codes(list).is_none())
        {
            return Err(ConfigError::setting(
                format!("codes.{unknown}"),
                format!("is no code list; there are {}", tables::LISTS.join(", ")),
            ));
        }
        let mapping = |(dataset, operation, rows): (&str, &String, &'static [Row])| {
            Mapping::new(dataset, operation, rows, config, catalogue)
        };
        datasets
            .into_iter()
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
        short_name: &str,
        operation: &str,
        rows: &'static [Row],
        config: &Config,
        catalogue: &Catalogue,
    ) -> Result<Self, ConfigError> {
        let name = format!("civil_status.{short_name}");
        let missing =
            |what: &str| ConfigError::setting("registry", format!("the catalogue has no {what}"));
        let dataset = catalogue
            .dataset_named(&name)
            .ok_or_else(|| missing(&name))?;
        let field = |row: &'static Row| {
            let key = format!("{short_name}.{}", row.attribute);
            let attribute = dataset
                .attribute(row.attribute)
                .ok_or_else(|| missing(&key))?;
            let element = config
                .fields
                .get(&key)
                .map_or(row.element, String::as_str)
                .to_owned();
            let reading = match row.kind {
                Kind::Text => Reading::Text,
                Kind::Date => Reading::Date,
                Kind::Flag => Reading::Flag,
                Kind::Time => Reading::Time,
                Kind::Code(list) => Reading::Code(codes(list, config)),
            };
            Ok(Field {
                attribute: attribute.index,
                name: row.attribute,
                element,
                reading,
            })
        };
        Ok(Self {
            dataset: dataset.id,
            cardinality: dataset.cardinality,
            operation: operation.to_owned(),
            dataset_name: name.into(),
            flags: dataset.flags,
            fields: rows.iter().map(field).collect::<Result<_, ConfigError>>()?,
        })
    }

    /// The elements that carry permitted attributes, and the flags, which go with any of them.
    pub(crate) fn elements(&self, permitted: AttributeSet) -> impl Iterator<Item = &str> {
        let permitted = permitted | self.flags;
        let wanted = move |field: &&Field| permitted.contains(field.attribute);
        self.fields
            .iter()
            .filter(wanted)
            .map(|field| field.element.as_str())
    }

    /// One record in the dataset's names. What is not permitted is there as `null`, to be counted.
    pub(crate) fn record(
        &self,
        record: &Element,
        subject_element: &str,
        permitted: AttributeSet,
    ) -> Result<Map<String, Value>, AdapterError> {
        let permitted = permitted | self.flags;
        let mut object = Map::new();
        for child in record
            .children
            .iter()
            .filter(|child| *child.name != *subject_element)
        {
            let Some(field) = self
                .fields
                .iter()
                .find(|field| *field.element == *child.name)
            else {
                // Unknown to the dataset; the mark keeps it apart from attributes.
                object.insert(format!("?{}", child.name), Value::Null);
                continue;
            };
            let value = if permitted.contains(field.attribute) {
                field.read(child).map_err(|error| {
                    AdapterError::malformed(format!(
                        "`{}.{}` {error}",
                        self.dataset_name, field.name
                    ))
                })?
            } else {
                child.value().map(|_| Value::Null)
            };
            if let Some(value) = value {
                object.insert(field.name.to_owned(), value);
            }
        }
        Ok(object)
    }
}

impl Field {
    fn read(&self, element: &Element) -> Result<Option<Value>, ValueError> {
        let Some(raw) = element.value() else {
            return Ok(None);
        };
        match &self.reading {
            Reading::Text => Ok(value::text(raw).map(Value::from)),
            Reading::Date => {
                Ok(value::partial_date(raw)?.map(|date| Value::from(date.to_string())))
            }
            Reading::Flag => Ok(value::flag(raw)?.map(Value::from)),
            Reading::Time => time(raw).map(|time| Some(Value::from(time))),
            Reading::Code(codes) => {
                let code = codes.get(raw).ok_or(ValueError::Code)?;
                Ok(Some(Value::from(code.as_str())))
            }
        }
    }
}

/// `HH:MM`, with or without seconds.
fn time(raw: &str) -> Result<&str, ValueError> {
    match raw.as_bytes() {
        [_, _, b':', _, _] => Ok(raw),
        [_, _, b':', _, _, b':', _, _] => raw.get(..5).ok_or(ValueError::Form),
        _ => Err(ValueError::Form),
    }
}

fn codes(list: &str, config: &Config) -> BTreeMap<String, String> {
    let own = |pairs: &[(&str, &str)]| {
        pairs
            .iter()
            .map(|(code, ours)| ((*code).to_owned(), (*ours).to_owned()))
            .collect()
    };
    config
        .codes
        .get(list)
        .cloned()
        .unwrap_or_else(|| tables::codes(list).map(own).unwrap_or_default())
}
