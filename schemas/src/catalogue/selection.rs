//! What a question asks for: attributes, grouped by dataset.

use super::{AttributeSet, DatasetId};

/// Attributes by dataset, in the order of the catalogue, never with an empty set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection(Vec<(DatasetId, AttributeSet)>);

impl Selection {
    /// Adds attributes of a dataset.
    pub fn add(&mut self, dataset: DatasetId, attributes: AttributeSet) {
        if attributes.is_empty() {
            return;
        }
        match self.0.binary_search_by_key(&dataset, |(id, _)| *id) {
            Ok(place) => {
                if let Some((_, set)) = self.0.get_mut(place) {
                    *set = *set | attributes;
                }
            }
            Err(place) => self.0.insert(place, (dataset, attributes)),
        }
    }

    /// The attributes of one dataset, perhaps none.
    #[must_use]
    pub fn of(&self, dataset: DatasetId) -> AttributeSet {
        self.iter()
            .find(|(id, _)| *id == dataset)
            .map_or(AttributeSet::EMPTY, |(_, set)| set)
    }

    /// Each dataset with its attributes.
    pub fn iter(&self) -> impl Iterator<Item = (DatasetId, AttributeSet)> {
        self.0.iter().copied()
    }

    /// How many attributes there are in all.
    #[must_use]
    pub fn attribute_count(&self) -> u32 {
        self.iter().map(|(_, set)| set.len()).sum()
    }

    /// Whether nothing is selected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(DatasetId, AttributeSet)> for Selection {
    fn from_iter<I: IntoIterator<Item = (DatasetId, AttributeSet)>>(items: I) -> Self {
        let mut selection = Self::default();
        for (dataset, attributes) in items {
            selection.add(dataset, attributes);
        }
        selection
    }
}
