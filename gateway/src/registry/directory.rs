//! Which registries serve which dataset, and which of them a question goes to.
//!
//! A dataset is served by one registry, or it is *federated*: served by several, each for provinces
//! of its own. A question goes to the registries of the provinces that it names, and to all of them
//! when it names none. Provinces that nobody serves are a part of the answer too: nobody knows what
//! there is, which must not look as if nothing were.

use super::Registry;
use motlan_schemas::{
    catalogue::{Catalogue, Dataset, DatasetId},
    codes::Provinces,
    ids::RegistryId,
};
use std::sync::Arc;

/// All registries, and which of them serve a dataset.
#[derive(Debug)]
pub struct Registries {
    all: Vec<Arc<Registry>>,
    /// In the order of the configuration.
    by_dataset: Vec<Vec<Arc<Registry>>>,
}

/// Registries that cannot be run together.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistriesError {
    /// Two with the same id.
    #[error("two registries have the id `{id}`: give each its own with `adapter.registry`")]
    SameId {
        /// The id.
        id: String,
    },
    /// Two that serve a dataset for the whole country, or one of them does.
    #[error(
        "dataset `{dataset}` is served by both `{first}` and `{second}`: where several registries \
         serve a dataset, each names its `provinces`"
    )]
    ServedTwice {
        /// The dataset.
        dataset: String,
        /// The registry that comes first in the configuration.
        first: String,
        /// The other.
        second: String,
    },
    /// Two that serve a dataset for the same province.
    #[error(
        "dataset `{dataset}` is served by both `{first}` and `{second}` for the province `{province}`: \
         name it in the `provinces` of one of them"
    )]
    SameProvince {
        /// The dataset.
        dataset: String,
        /// The registry that comes first in the configuration.
        first: String,
        /// The other.
        second: String,
        /// The province's code; the first where there are several.
        province: &'static str,
    },
}

/// A part of what a question is about: whoever knows it.
#[derive(Debug, Clone, Copy)]
pub enum Part<'a> {
    /// This registry knows.
    At(&'a Arc<Registry>),
    /// No registry serves these provinces.
    Nowhere(Provinces),
}

impl Registries {
    /// Registers registries for the datasets that their adapters serve.
    ///
    /// # Errors
    /// Two registries with one id, or for one dataset and province.
    pub fn new(catalogue: &Catalogue, all: Vec<Arc<Registry>>) -> Result<Self, RegistriesError> {
        for (place, registry) in all.iter().enumerate() {
            if all.iter().take(place).any(|r| r.id() == registry.id()) {
                return Err(RegistriesError::SameId {
                    id: registry.name.to_string(),
                });
            }
        }
        let by_dataset = catalogue.datasets().iter().map(|dataset| {
            let serving = all.iter().filter(|registry| registry.serves(dataset.id));
            let serving: Vec<_> = serving.cloned().collect();
            check(&dataset.name, &serving)?;
            Ok(serving)
        });
        Ok(Self {
            by_dataset: by_dataset.collect::<Result<_, _>>()?,
            all,
        })
    }

    /// The registries that serve a dataset, in the order of the configuration.
    #[must_use]
    pub fn serving(&self, dataset: DatasetId) -> &[Arc<Registry>] {
        let serving = self.by_dataset.get(dataset.index());
        serving.map_or(&[], Vec::as_slice)
    }

    /// Who knows what there is of a dataset in these provinces: the registries in the order of the
    /// configuration, and at the end the provinces that none serves. There is at least one part.
    pub fn parts(&self, dataset: DatasetId, asked: Provinces) -> impl Iterator<Item = Part<'_>> {
        let serving = self.serving(dataset).iter();
        let served: Provinces = serving.clone().map(|r| r.provinces()).collect();
        let nowhere = asked - served;
        serving
            .filter(move |registry| !registry.provinces().is_disjoint(asked))
            .map(Part::At)
            .chain((!nowhere.is_empty()).then_some(Part::Nowhere(nowhere)))
    }

    /// The datasets that are served for some provinces only, with those that no registry serves.
    pub fn with_gaps<'a>(
        &'a self,
        catalogue: &'a Catalogue,
    ) -> impl Iterator<Item = (&'a Dataset, Provinces)> {
        let datasets = catalogue.datasets().iter();
        datasets.filter_map(|dataset| {
            let serving = self.serving(dataset.id);
            let served: Provinces = serving.iter().map(|r| r.provinces()).collect();
            let gap = Provinces::ALL - served;
            (!serving.is_empty() && !gap.is_empty()).then_some((dataset, gap))
        })
    }

    /// A registry by its id.
    #[must_use]
    pub fn by_id(&self, id: &RegistryId) -> Option<&Arc<Registry>> {
        self.all.iter().find(|registry| registry.id() == id)
    }

    /// Whether a registry of that id serves a dataset.
    #[must_use]
    pub fn serves(&self, id: &RegistryId, dataset: DatasetId) -> bool {
        self.by_id(id)
            .is_some_and(|registry| registry.serves(dataset))
    }

    /// All registries.
    #[must_use]
    pub fn all(&self) -> &[Arc<Registry>] {
        &self.all
    }
}

/// Whether registries of one dataset can be told apart by the provinces that they serve.
fn check(dataset: &str, serving: &[Arc<Registry>]) -> Result<(), RegistriesError> {
    for (place, second) in serving.iter().enumerate() {
        for first in serving.iter().take(place) {
            let both = first.provinces() & second.provinces();
            let Some(province) = both.codes().next() else {
                continue;
            };
            let names = (first.name.to_string(), second.name.to_string());
            let whole_country = [first, second].map(|registry| registry.provinces());
            return Err(if whole_country.contains(&Provinces::ALL) {
                RegistriesError::ServedTwice {
                    dataset: dataset.to_owned(),
                    first: names.0,
                    second: names.1,
                }
            } else {
                RegistriesError::SameProvince {
                    dataset: dataset.to_owned(),
                    first: names.0,
                    second: names.1,
                    province,
                }
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
