//! Purposes: the administrative procedures for which data may be read.
//!
//! A purpose says what a procedure needs to know, by which law or consent, and how carefully. The
//! caller names the purpose; what it covers is said here, by the data protection officer.

mod file;

use crate::{
    known::Seal,
    load::{LoadError, PolicyFiles},
};
use foldhash::fast::RandomState;
use motlan_schemas::{
    answer::Basis,
    catalogue::{AttributeSet, Catalogue, DatasetId, Selection, names},
    check::CheckKind,
    ids::{ConsentId, PurposeId},
    language::Text,
    query::Relation,
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
    /// Whether law, consent or a vital interest allows it to read.
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
    /// Whether it may be asked only while offices work.
    pub office_hours: bool,
    /// The network zones from which it may be asked; empty: from any.
    pub zones: Vec<Arc<str>>,
    /// The roles of which the officer must have one; empty: none is wanted.
    pub roles: Vec<Arc<str>>,
    /// The statements that it may have checked without the data leaving, covered or not.
    pub checks: Vec<CheckKind>,
    /// Up to which seal it may see all the same.
    pub sees_sealed: Seal,
    /// Whether it may be asked about the dead.
    pub deceased: Deceased,
    /// Who may act in the subject's place; empty: nobody.
    pub applicants: Vec<Relation>,
    /// Within how many hours a data protection officer reviews each use: an emergency has them,
    /// and nothing else has.
    pub review_hours: Option<u32>,
    /// Whether an order can keep its questions from the person they are about, and for how long.
    pub hiding: Option<Hiding>,
    /// Its place in the catalogue.
    pub(crate) index: usize,
}

/// What lets an order keep a question from the person it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hiding {
    /// For how many months at most.
    pub months_max: u32,
    /// The law and the article.
    pub reference: Arc<str>,
}

/// What a purpose makes of a subject who is dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deceased {
    /// It may be asked about them: an inheritance, a funeral grant.
    Allow,
    /// It may not.
    Refuse,
}

/// What a purpose rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BasisKind {
    /// An article of law.
    Law,
    /// The citizen's consent.
    Consent,
    /// The vital interest of a person, in an emergency.
    VitalInterest,
}

/// All purposes.
#[derive(Debug, Default)]
pub struct PurposeCatalogue {
    /// In the order of their ids.
    purposes: Vec<Arc<Purpose>>,
    by_id: HashMap<PurposeId, usize, RandomState>,
    /// What each purpose covers of each dataset, one row a purpose: a decision reads one row, and
    /// not one piece of memory here and one there.
    covered: Vec<AttributeSet>,
    datasets: usize,
}

impl Purpose {
    /// Which attributes of a dataset the procedure needs.
    #[must_use]
    pub fn covers(&self, dataset: DatasetId) -> AttributeSet {
        self.attributes.of(dataset)
    }

    /// What an answer names as its basis. The consent is `None` where none is in force.
    #[must_use]
    pub fn basis(&self, consent: Option<ConsentId>) -> Basis {
        let reference = Arc::clone(&self.basis_reference);
        match self.basis_kind {
            BasisKind::Law => Basis::Law { reference },
            BasisKind::VitalInterest => Basis::VitalInterest { reference },
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
            Self::VitalInterest => "vital_interest",
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
        let mut found = Vec::with_capacity(files.purposes.len());
        for file in &files.purposes {
            found.extend(file::purpose(file, catalogue, mistakes).map(|purpose| (file, purpose)));
        }
        found.sort_by(|(_, a), (_, b)| a.id.cmp(&b.id));
        let mut purposes = Self {
            datasets: catalogue.datasets().len(),
            ..Self::default()
        };
        for (index, (file, purpose)) in found.into_iter().enumerate() {
            if purposes.by_id.insert(purpose.id.clone(), index).is_some() {
                mistakes.push(LoadError::Taken {
                    file: file.path.clone(),
                    id: purpose.id.to_string(),
                });
            }
            let datasets = catalogue.datasets().iter();
            let row = datasets.map(|dataset| purpose.attributes.of(dataset.id));
            purposes.covered.extend(row);
            purposes
                .purposes
                .push(Arc::new(Purpose { index, ..purpose }));
        }
        purposes
    }

    /// What a purpose covers, by the position of the dataset.
    pub(crate) fn covered(&self, purpose: &Purpose) -> &[AttributeSet] {
        let start = purpose.index * self.datasets;
        let row = self.covered.get(start..start + self.datasets);
        row.unwrap_or_default()
    }

    /// A purpose by its id.
    #[must_use]
    pub fn get(&self, id: &PurposeId) -> Option<&Arc<Purpose>> {
        self.purposes.get(*self.by_id.get(id)?)
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
