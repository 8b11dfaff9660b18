//! Purposes: the administrative procedures for which data may be read.
//!
//! A purpose says what a procedure needs to know, by which law or consent, and how carefully. The
//! caller names the purpose; what it covers is said here, by the data protection officer.

mod file;

use crate::load::{LoadError, PolicyFiles};
use motlan_schemas::{
    answer::Basis,
    catalogue::{AttributeSet, Catalogue, DatasetId, Selection, names},
    ids::{ConsentId, PurposeId},
    language::Text,
};
use std::{collections::HashMap, sync::Arc, time::Duration};

/// One administrative procedure.
#[derive(Debug)]
pub struct Purpose {
    /// Its id, which questions name.
    pub id: PurposeId,
    /// Its code in the national database of administrative procedures, where it has one.
    pub code: Option<Arc<str>>,
    /// Its title, for people.
    pub title: Text,
    /// Whether law or consent allows it to read.
    pub basis_kind: BasisKind,
    /// The law and the article.
    pub basis_reference: Arc<str>,
    /// Whether a question must name its case.
    pub case_required: bool,
    /// Whether a question must name its officer.
    pub officer_required: bool,
    /// What the procedure needs, by dataset.
    pub attributes: Selection,
    /// The oldest data that will do, where the procedure is stricter than the dataset.
    pub max_age: Option<Duration>,
    /// How much older it may be while a registry is out; zero forbids stale answers.
    pub stale_if_error: Duration,
    /// How many days the agency may keep what it was told.
    pub retention_days: u32,
    /// `attributes` again, by the position of the dataset: the decision looks here.
    covered: Vec<AttributeSet>,
}

/// What a purpose rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BasisKind {
    /// An article of law.
    Law,
    /// The citizen's consent.
    Consent,
}

/// All purposes.
#[derive(Debug, Default)]
pub struct PurposeCatalogue {
    /// In the order of their ids.
    purposes: Vec<Arc<Purpose>>,
    by_id: HashMap<PurposeId, Arc<Purpose>>,
}

impl Purpose {
    /// Which attributes of a dataset the procedure needs.
    #[must_use]
    pub fn covers(&self, dataset: DatasetId) -> AttributeSet {
        self.covered
            .get(dataset.index())
            .copied()
            .unwrap_or(AttributeSet::EMPTY)
    }

    /// What an answer names as its basis. The consent is `None` where none is in force.
    #[must_use]
    pub fn basis(&self, consent: Option<ConsentId>) -> Basis {
        let reference = Arc::clone(&self.basis_reference);
        match self.basis_kind {
            BasisKind::Law => Basis::Law { reference },
            BasisKind::Consent => Basis::Consent {
                reference,
                consent_id: consent.map(|id| id.to_string().into()),
            },
        }
    }
}

impl BasisKind {
    /// As on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Law => "law",
            Self::Consent => "consent",
        }
    }
}

impl PurposeCatalogue {
    /// Reads the purpose files; what is wrong with them is added to the mistakes, with the line
    /// and the nearest name.
    pub(crate) fn read(
        files: &PolicyFiles,
        catalogue: &Catalogue,
        mistakes: &mut Vec<LoadError>,
    ) -> Self {
        let mut purposes = Self::default();
        for file in &files.purposes {
            let Some(purpose) = file::purpose(file, catalogue, mistakes).map(Arc::new) else {
                continue;
            };
            let id = purpose.id.clone();
            if purposes.by_id.insert(id, Arc::clone(&purpose)).is_some() {
                mistakes.push(LoadError::Taken {
                    file: file.path.clone(),
                    id: purpose.id.to_string(),
                });
            }
            purposes.purposes.push(purpose);
        }
        purposes.purposes.sort_by(|a, b| a.id.cmp(&b.id));
        purposes
    }

    /// A purpose by its id.
    #[must_use]
    pub fn get(&self, id: &PurposeId) -> Option<&Arc<Purpose>> {
        self.by_id.get(id)
    }

    /// The purposes in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Purpose>> {
        self.purposes.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.purposes.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.purposes.is_empty()
    }

    /// The most similar id that exists, for a caller who mistyped one.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Option<String> {
        names::nearest(
            name,
            self.purposes.iter().map(|purpose| purpose.id.as_str()),
        )
    }
}
