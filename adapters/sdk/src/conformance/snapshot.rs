//! What a version of an adapter served, kept so that the next one can be compared with it.

use crate::adapter::Descriptor;
use motlan_schemas::catalogue::Catalogue;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What an adapter served.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// The registry.
    pub registry: String,
    /// Its datasets, by name.
    pub datasets: BTreeMap<String, ServedThen>,
}

/// A dataset that an adapter served.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServedThen {
    /// The registry could be asked for single attributes.
    pub selective: bool,
    /// What each attribute could be: its part of the schema, without texts for people.
    pub attributes: BTreeMap<String, Value>,
}

impl Snapshot {
    /// What an adapter serves now.
    #[must_use]
    pub fn of(descriptor: &Descriptor, catalogue: &Catalogue) -> Self {
        let datasets = descriptor.datasets.iter().map(|served| {
            let dataset = catalogue.dataset(served.dataset);
            let attributes = dataset.attributes.iter().map(|attribute| {
                let pointer = format!("/properties/{}", attribute.name);
                let schema = dataset.schema.pointer(&pointer);
                let name = attribute.name.to_string();
                (name, schema.map_or(Value::Null, without_prose))
            });
            let then = ServedThen {
                selective: served.selective,
                attributes: attributes.collect(),
            };
            (dataset.name.to_string(), then)
        });
        Self {
            registry: descriptor.registry.to_string(),
            datasets: datasets.collect(),
        }
    }
}

/// A schema without titles, descriptions and annotations, which may change freely.
fn without_prose(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .filter(|(name, value)| !is_prose(name, value))
                .map(|(name, value)| (name.clone(), without_prose(value)))
                .collect(),
        ),
        Value::Array(items) => items.iter().map(without_prose).collect(),
        other => other.clone(),
    }
}

/// The code list is an annotation that says which values there are.
fn is_prose(name: &str, value: &Value) -> bool {
    let annotation = name.starts_with("x-") && name != "x-code";
    annotation || (PROSE.contains(&name) && value.is_string())
}

const PROSE: [&str; 3] = ["title", "description", "$comment"];
