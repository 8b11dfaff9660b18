//! Dotted names: what `population.identity.full_name` selects, and what a mistyped name meant.

use super::{AttributeSet, Catalogue, DatasetId};
use std::iter::once;

/// Why a name selects nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// A wildcard; a question names what it needs.
    #[error("a wildcard is not accepted: name each attribute or dataset")]
    Wildcard,
    /// Only a registry's name.
    #[error("`{0}` is a whole registry: name its datasets or attributes")]
    RegistryAlone(String),
    /// No dataset or attribute of that name.
    #[error("no dataset or attribute has this name")]
    Unknown {
        /// The most similar name that exists, where one is similar.
        nearest: Option<String>,
    },
}

impl Catalogue {
    /// What a dotted name selects: a dataset's name all its attributes, an attribute's name itself.
    ///
    /// # Errors
    /// A [`NameError`] that says what to write instead.
    pub fn resolve(&self, name: &str) -> Result<(DatasetId, AttributeSet), NameError> {
        if let Some(dataset) = self.dataset_named(name) {
            return Ok((dataset.id, dataset.all()));
        }
        let attribute = name.rsplit_once('.').and_then(|(dataset, attribute)| {
            let dataset = self.dataset_named(dataset)?;
            Some((dataset.id, dataset.attribute(attribute)?.index))
        });
        if let Some((dataset, index)) = attribute {
            return Ok((dataset, once(index).collect()));
        }
        if name.contains(['*', '?', '[']) {
            return Err(NameError::Wildcard);
        }
        if self
            .datasets
            .iter()
            .any(|dataset| dataset.registry.as_str() == name)
        {
            return Err(NameError::RegistryAlone(name.to_owned()));
        }
        Err(NameError::Unknown {
            nearest: self.nearest(name),
        })
    }

    fn nearest(&self, name: &str) -> Option<String> {
        // A name far longer than any real one is not compared: the distance costs length × length.
        if name.len() > NAME_BYTES_MAX {
            return None;
        }
        let names = self.datasets.iter().flat_map(|dataset| {
            once(dataset.name.as_ref()).chain(dataset.attributes.iter().map(|a| a.path.as_ref()))
        });
        nearest(name, names)
    }
}

/// The most similar of some names, if it is similar enough to be what was meant.
#[must_use]
pub fn nearest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    names
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .min()
        .filter(|(distance, candidate)| *distance <= 2 + candidate.len() / 4)
        .map(|(_, candidate)| candidate.to_owned())
}

const NAME_BYTES_MAX: usize = 100;
