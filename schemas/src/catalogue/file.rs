//! Reads dataset schema files (JSON Schema 2020-12 with Motlan's `x-` annotations).

use super::{
    Attribute, AttributeIndex, AttributeSet, Cardinality, Catalogue, Dataset, DatasetId,
    Sensitivity, SubjectKind,
};
use crate::{ids::RegistryId, language::Text};
use serde::{
    Deserialize,
    de::{MapAccess, Visitor},
};
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, LazyLock},
};

/// Why a file is no dataset schema.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The file cannot be read as a dataset schema.
    #[error("dataset `{dataset}`: the schema file is not a dataset schema")]
    Schema {
        /// The dataset, by its file name.
        dataset: String,
        /// Line, column and reason.
        #[source]
        source: serde_json::Error,
    },
    /// The file's name does not start with its registry.
    #[error("dataset `{dataset}`: `x-registry` is `{registry}`, so the name must start with it")]
    Registry {
        /// The dataset, by its file name.
        dataset: String,
        /// What the file says.
        registry: RegistryId,
    },
    /// The catalogue has this dataset already, and describes it otherwise.
    #[error("dataset `{dataset}`: the catalogue has another schema for it")]
    Changed {
        /// The dataset, by its file name.
        dataset: String,
    },
    /// More than [`AttributeIndex::MAX`] attributes.
    #[error("dataset `{dataset}`: more than 64 attributes")]
    TooManyAttributes {
        /// The dataset, by its file name.
        dataset: String,
    },
    /// More datasets than an id can count, or one twice.
    #[error("dataset `{dataset}`: given twice, or more than 255 datasets")]
    Dataset {
        /// The dataset, by its file name.
        dataset: String,
    },
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../datasets/", $name, ".json")))),*]
    };
}

static NATIONAL: LazyLock<Arc<Catalogue>> = LazyLock::new(|| {
    #[expect(
        clippy::expect_used,
        reason = "the files are compiled in, and a test reads them"
    )]
    let catalogue =
        read(NATIONAL_FILES.iter().copied()).expect("the dataset schemas of this build are valid");
    Arc::new(catalogue)
});

const NATIONAL_FILES: &[(&str, &str)] = &files![
    "civil_status.birth",
    "civil_status.marital_status",
    "civil_status.marriages",
    "civil_status.death",
    "civil_status.guardianships",
    "population.identity",
    "population.residence",
    "population.household",
    "population.documents",
    "business.roles",
    "business.profile",
    "business.owners",
    "insurance.health",
    "insurance.social",
    "land.parcels",
    "tax.registration",
    "tax.obligations",
    "tax.income",
    "health.summary",
    "health.allergies",
    "health.conditions",
    "health.immunizations",
];

pub(super) fn national() -> Arc<Catalogue> {
    Arc::clone(&NATIONAL)
}

pub(super) fn extended<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Arc<Catalogue>, CatalogueError> {
    let mut all = NATIONAL_FILES.to_vec();
    for (name, text) in files {
        match all.iter().find(|(known, _)| *known == name) {
            None => all.push((name, text)),
            Some((_, known)) if *known == text => {}
            Some(_) => {
                return Err(CatalogueError::Changed {
                    dataset: name.to_owned(),
                });
            }
        }
    }
    if all.len() == NATIONAL_FILES.len() {
        return Ok(national());
    }
    read(all).map(Arc::new)
}

pub(super) fn read<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Catalogue, CatalogueError> {
    let mut catalogue = Catalogue {
        datasets: Vec::new(),
        by_name: HashMap::new(),
    };
    for (name, text) in files {
        let duplicate = || CatalogueError::Dataset {
            dataset: name.to_owned(),
        };
        let id = DatasetId(u8::try_from(catalogue.datasets.len()).map_err(|_| duplicate())?);
        if catalogue.by_name.insert(name.into(), id).is_some() {
            return Err(duplicate());
        }
        catalogue.datasets.push(dataset(id, name, text)?);
    }
    Ok(catalogue)
}

fn dataset(id: DatasetId, name: &str, text: &str) -> Result<Dataset, CatalogueError> {
    let schema_error = |source| CatalogueError::Schema {
        dataset: name.to_owned(),
        source,
    };
    let file: DatasetFile = serde_json::from_str(text).map_err(schema_error)?;
    if !name.starts_with(&format!("{}.", file.registry)) {
        return Err(CatalogueError::Registry {
            dataset: name.to_owned(),
            registry: file.registry,
        });
    }
    let attributes = file
        .properties
        .0
        .into_iter()
        .enumerate()
        .map(|(position, (key, property))| {
            let index = u8::try_from(position).ok().and_then(AttributeIndex::new);
            index.map(|index| attribute(name, index, &key, property))
        })
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| CatalogueError::TooManyAttributes {
            dataset: name.to_owned(),
        })?;
    let flags: AttributeSet = attributes
        .iter()
        .filter(|a| a.flag)
        .map(|a| a.index)
        .collect();
    Ok(Dataset {
        id,
        name: name.into(),
        registry: file.registry,
        title: file.title,
        description: file.description,
        owner: file.owner,
        subject: file.subject,
        cardinality: file.cardinality,
        max_age_seconds: file.max_age,
        by_name: attributes
            .iter()
            .map(|a| (a.name.clone(), a.index))
            .collect(),
        attributes,
        flags,
        schema: serde_json::from_str(text).map_err(schema_error)?,
    })
}

fn attribute(dataset: &str, index: AttributeIndex, name: &str, property: Property) -> Attribute {
    Attribute {
        index,
        name: name.into(),
        path: format!("{dataset}.{name}").into(),
        title: property.title,
        description: property.description,
        kind: property
            .kind
            .map_or_else(|| "any".into(), String::into_boxed_str),
        sensitivity: property.sensitivity,
        person: property.person,
        flag: property.flag,
        address: property.address,
        code_list: property.code.map(String::into_boxed_str),
    }
}

/// The annotations of a dataset file that the catalogue uses.
#[derive(Deserialize)]
struct DatasetFile {
    #[serde(rename = "x-title")]
    title: Text,
    #[serde(rename = "x-description")]
    description: Text,
    #[serde(rename = "x-owner")]
    owner: Text,
    #[serde(rename = "x-registry")]
    registry: RegistryId,
    #[serde(rename = "x-cardinality")]
    cardinality: Cardinality,
    #[serde(rename = "x-subject")]
    subject: SubjectKind,
    #[serde(rename = "x-max-age")]
    max_age: u64,
    properties: Properties,
}

#[derive(Deserialize)]
struct Property {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(rename = "x-title")]
    title: Text,
    #[serde(rename = "x-description")]
    description: Text,
    #[serde(rename = "x-sensitivity")]
    sensitivity: Sensitivity,
    #[serde(rename = "x-person", default)]
    person: bool,
    #[serde(rename = "x-flag", default)]
    flag: bool,
    #[serde(rename = "x-address", default)]
    address: bool,
    #[serde(rename = "x-code")]
    code: Option<String>,
}

/// The properties in the file's own order, which people chose for reading.
struct Properties(Vec<(String, Property)>);

impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Properties;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of properties")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Properties, A::Error> {
                let mut list = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    list.push(entry);
                }
                Ok(Properties(list))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}
