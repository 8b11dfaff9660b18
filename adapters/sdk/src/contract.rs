//! What every adapter's output must pass before the gateway sees it.

use crate::adapter::{AdapterError, Descriptor, Fetched};
use jiff::Timestamp;
use jsonschema::Validator;
use motlan_policies::permit::Permit;
use motlan_schemas::{
    catalogue::{Cardinality, Catalogue, Dataset},
    record::{Record, Records},
};
use serde_json::{Map, Value};
use std::sync::Arc;

/// The schemas of all datasets, compiled, and the rule that nothing beyond a permit gets through.
#[derive(Debug)]
pub struct Contract {
    catalogue: Arc<Catalogue>,
    validators: Vec<Validator>,
}

/// A registry's answer in the dataset's own attribute names, not yet checked.
#[derive(Debug, Clone, PartialEq)]
pub enum Mapped {
    /// The registry holds nothing about the subject.
    NotFound,
    /// The record of a dataset with cardinality one.
    One(Map<String, Value>),
    /// The records of a dataset with cardinality many.
    Many(Vec<Map<String, Value>>),
}

/// A dataset's schema that does not compile.
#[derive(Debug, thiserror::Error)]
#[error("dataset `{dataset}`: its JSON Schema does not compile: {reason}")]
pub struct ContractError {
    dataset: String,
    reason: String,
}

impl Contract {
    /// Compiles the schemas of a catalogue.
    ///
    /// # Errors
    /// The first schema that does not compile.
    pub fn new(catalogue: Arc<Catalogue>) -> Result<Self, ContractError> {
        let compile = |dataset: &Dataset| {
            jsonschema::validator_for(&dataset.schema).map_err(|error| ContractError {
                dataset: dataset.name.to_string(),
                reason: error.to_string(),
            })
        };
        let validators = catalogue
            .datasets()
            .iter()
            .map(compile)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            catalogue,
            validators,
        })
    }

    /// The catalogue whose datasets are checked.
    #[must_use]
    pub const fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// Refuses a permit for a dataset that an adapter does not serve, or about a subject of another
    /// kind than the dataset's: to be called before the registry is asked.
    ///
    /// # Errors
    /// [`AdapterError::Refused`].
    pub fn check_served(
        &self,
        descriptor: &Descriptor,
        permit: &Permit,
    ) -> Result<(), AdapterError> {
        let id = permit.dataset();
        let served = descriptor
            .datasets
            .iter()
            .any(|served| served.dataset == id);
        if served && self.catalogue.dataset(id).subject == permit.subject().kind() {
            return Ok(());
        }
        Err(AdapterError::Refused {
            reason: "the dataset or kind of subject is not served".to_owned(),
        })
    }

    /// Keeps what the permit allows of a mapped answer, and validates it.
    ///
    /// Members that are no attribute, and attributes that are not permitted, are dropped and
    /// counted. Flags are always permitted.
    ///
    /// # Errors
    /// [`AdapterError::Malformed`] where a kept value breaks the dataset's schema; the reason names
    /// the attribute, never the value.
    pub fn check(
        &self,
        permit: &Permit,
        mapped: Mapped,
        as_of: Option<Timestamp>,
    ) -> Result<Fetched, AdapterError> {
        let dataset = self.catalogue.dataset(permit.dataset());
        let mut over_delivered = 0;
        let mut checked = |object| self.record(permit, dataset, object, &mut over_delivered);
        let records = match (mapped, dataset.cardinality) {
            (Mapped::NotFound, _) => Records::Absent,
            (Mapped::One(object), Cardinality::One) => Records::One(checked(object)?),
            (Mapped::Many(objects), Cardinality::Many) => {
                Records::Many(objects.into_iter().map(checked).collect::<Result<_, _>>()?)
            }
            (Mapped::One(_), Cardinality::Many) | (Mapped::Many(_), Cardinality::One) => {
                return Err(AdapterError::malformed(
                    "a list where one record is expected, or one record where a list is",
                ));
            }
        };
        Ok(Fetched {
            records,
            as_of,
            over_delivered,
        })
    }

    fn record(
        &self,
        permit: &Permit,
        dataset: &Dataset,
        mut object: Map<String, Value>,
        over_delivered: &mut usize,
    ) -> Result<Record, AdapterError> {
        let permitted = permit.attributes() | dataset.flags;
        let sent = object.len();
        object.retain(|name, _| {
            dataset
                .attribute(name)
                .is_some_and(|attribute| permitted.contains(attribute.index))
        });
        *over_delivered += sent - object.len();
        object.retain(|_, value| !value.is_null());
        let object = Value::Object(object);
        if let Some(validator) = self.validators.get(dataset.id.index())
            && let Some(error) = validator.iter_errors(&object).next()
        {
            let place = error.instance_path().to_string();
            let reason = format!("`{}{place}` breaks the dataset's schema", dataset.name);
            return Err(AdapterError::malformed(reason));
        }
        let object = object.as_object().cloned().unwrap_or_default();
        Ok(Record::new(dataset, &object).0)
    }
}

#[cfg(test)]
mod tests;
