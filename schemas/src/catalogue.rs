//! The catalogue: which registry serves which dataset with which attributes.
//!
//! It is read from the JSON Schema files in `datasets/`, one a dataset, and written nowhere else.
//! Inside the program a dataset is a small number ([`DatasetId`]) and the attributes of a dataset
//! are bits ([`AttributeSet`]): "what is asked for and permitted" is then one `&`.

mod attribute_set;
mod file;
pub mod names;
mod selection;

pub use attribute_set::{AttributeIndex, AttributeSet};
pub use file::CatalogueError;
pub use names::NameError;
pub use selection::Selection;

use crate::{ids::RegistryId, language::Text};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::HashMap, sync::Arc};

/// All datasets that the gateway knows.
#[derive(Debug)]
pub struct Catalogue {
    datasets: Vec<Dataset>,
    by_name: HashMap<Box<str>, DatasetId>,
}

/// A dataset's place in its catalogue. Ids of different catalogues must not be mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DatasetId(u8);

/// One dataset: the unit of fetching, caching, freshness and consent.
#[derive(Debug)]
pub struct Dataset {
    /// Its place in the catalogue.
    pub id: DatasetId,
    /// Its dotted name: `population.identity`.
    pub name: Arc<str>,
    /// The registry that serves it.
    pub registry: RegistryId,
    /// Its title, for people.
    pub title: Text,
    /// What it holds, for people.
    pub description: Text,
    /// The authority that keeps the registry.
    pub owner: Text,
    /// Whom a question about it can be about.
    pub subject: SubjectKind,
    /// One record a subject, or a list.
    pub cardinality: Cardinality,
    /// How old an answer from the cache may be where the purpose says nothing stricter.
    pub max_age_seconds: u64,
    /// Its attributes; the position is the [`AttributeIndex`].
    pub attributes: Vec<Attribute>,
    /// The flags (`deceased`, `address_secret`, …), which survive any selection.
    pub flags: AttributeSet,
    /// The whole schema file, against which records are validated.
    pub schema: Value,
    by_name: HashMap<Box<str>, AttributeIndex>,
}

/// One attribute: the unit of release.
#[derive(Debug)]
pub struct Attribute {
    /// Its place among the attributes of the dataset.
    pub index: AttributeIndex,
    /// Its name in the dataset: `full_name`.
    pub name: Box<str>,
    /// Its full dotted name: `population.identity.full_name`.
    pub path: Arc<str>,
    /// Its title, for people.
    pub title: Text,
    /// What it means, for people.
    pub description: Text,
    /// The JSON type of its value: `string`, `number`, `boolean`, `array`, …
    pub kind: Box<str>,
    /// How much care it needs.
    pub sensitivity: Sensitivity,
    /// The value identifies a person other than the subject.
    pub person: bool,
    /// A flag that survives any selection.
    pub flag: bool,
    /// The value tells where the subject lives, which a secret address keeps back.
    pub address: bool,
    /// The code list of its values, where it has one: the stem of a file in `codes/`.
    pub code_list: Option<Box<str>>,
}

/// Whom a dataset describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    /// A person, by personal number.
    Person,
    /// An enterprise, by enterprise code.
    Enterprise,
}

/// How many records a subject has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cardinality {
    /// At most one.
    One,
    /// A list, possibly empty.
    Many,
}

/// How much care an attribute needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sensitivity {
    /// Ordinary personal data.
    Basic,
    /// Sensitive personal data (Decree 356/2025/NĐ-CP).
    Sensitive,
    /// Health, religion, causes of death and the like.
    Special,
}

impl Catalogue {
    /// The datasets of the seven national registries, from the files in `datasets/`.
    #[must_use]
    pub fn national() -> Arc<Self> {
        file::national()
    }

    /// A catalogue from the texts of schema files.
    ///
    /// # Errors
    /// The first file that is no dataset schema, with the reason.
    pub fn from_files<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, CatalogueError> {
        file::read(files)
    }

    /// The national datasets, and others that the texts of schema files describe.
    ///
    /// # Errors
    /// The first file that is no dataset schema, or that describes a national dataset in other
    /// words than this build does.
    pub fn extended<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Arc<Self>, CatalogueError> {
        file::extended(files)
    }

    /// The datasets in the order of their ids.
    #[must_use]
    pub fn datasets(&self) -> &[Dataset] {
        &self.datasets
    }

    /// A dataset by its id.
    ///
    /// # Panics
    /// Where the id is another catalogue's, which is a mistake in the program.
    #[must_use]
    #[expect(
        clippy::indexing_slicing,
        reason = "an id is only made by its own catalogue"
    )]
    pub fn dataset(&self, id: DatasetId) -> &Dataset {
        &self.datasets[usize::from(id.0)]
    }

    /// A dataset by its dotted name.
    #[must_use]
    pub fn dataset_named(&self, name: &str) -> Option<&Dataset> {
        self.by_name.get(name).map(|id| self.dataset(*id))
    }
}

impl DatasetId {
    /// The position, for tables indexed by dataset.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl Dataset {
    /// An attribute by its name within the dataset.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes
            .get(usize::from(self.by_name.get(name)?.get()))
    }

    /// The attributes of a set, in the dataset's order.
    pub fn attributes_in(&self, set: AttributeSet) -> impl Iterator<Item = &Attribute> {
        self.attributes
            .iter()
            .filter(move |attribute| set.contains(attribute.index))
    }

    /// All attributes.
    #[must_use]
    pub fn all(&self) -> AttributeSet {
        self.attributes
            .iter()
            .map(|attribute| attribute.index)
            .collect()
    }
}

#[cfg(test)]
mod tests;
