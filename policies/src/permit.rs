//! The permit: what the decision allowed, as a value.

use jiff::Timestamp;
use motlan_schemas::{
    answer::Basis,
    catalogue::{AttributeSet, DatasetId},
    ids::{AgencyId, CaseReference, ClientId, OfficerId, PurposeId, QueryId},
    query::Subject,
};
use std::{sync::Arc, time::Duration};

/// Leave to read some attributes of one dataset about one subject, for one question.
///
/// Only the decision makes one. Registries and the cache are read through it, which also tells
/// them on whose behalf: officer, case and purpose travel with it to the registry.
#[derive(Debug)]
pub struct Permit {
    pub(crate) asking: Arc<Asking>,
    pub(crate) subject: Subject,
    pub(crate) dataset: DatasetId,
    pub(crate) attributes: AttributeSet,
    pub(crate) basis: Basis,
    pub(crate) rule: Arc<str>,
    pub(crate) freshness: Freshness,
}

/// Who asks, and why: the same for all permits of one question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// The question.
    pub query_id: QueryId,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// The agency.
    pub agency: AgencyId,
    /// The agency's program.
    pub client: ClientId,
    /// The officer, and who says so.
    pub officer: Option<Officer>,
    /// The procedure.
    pub purpose: PurposeId,
    /// The case, in the agency's words.
    pub case: Option<CaseReference>,
}

/// An officer, and how we know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Officer {
    /// The officer's id.
    pub id: OfficerId,
    /// Who says that it is this officer.
    pub asserted_by: AssertedBy,
}

/// Who vouches for a statement about the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssertedBy {
    /// The token (`act.sub`): the issuer has authenticated the officer.
    Token,
    /// The agency, in the body of the question.
    Agency,
}

/// How old the data may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// The oldest answer of the registry that still counts: the smallest of what the dataset, the
    /// purpose and the caller accept. Zero always asks the registry.
    pub max_age: Duration,
    /// How much older it may be while the registry is out; zero forbids stale answers.
    pub stale_if_error: Duration,
}

impl Permit {
    /// Who asks, and why.
    #[must_use]
    pub fn asking(&self) -> &Asking {
        &self.asking
    }

    /// About whom.
    #[must_use]
    pub const fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Which dataset.
    #[must_use]
    pub const fn dataset(&self) -> DatasetId {
        self.dataset
    }

    /// Which attributes, and no others. The dataset's flags are among them.
    #[must_use]
    pub const fn attributes(&self) -> AttributeSet {
        self.attributes
    }

    /// The law or consent that allows it.
    #[must_use]
    pub const fn basis(&self) -> &Basis {
        &self.basis
    }

    /// The rule that allows it, by its id in the bundle.
    #[must_use]
    pub const fn rule(&self) -> &Arc<str> {
        &self.rule
    }

    /// How old the data may be.
    #[must_use]
    pub const fn freshness(&self) -> Freshness {
        self.freshness
    }
}

#[cfg(feature = "test-util")]
impl Permit {
    /// A permit without a decision, for the tests of adapters and caches.
    #[must_use]
    pub fn dangerous_without_decision(
        asking: Asking,
        subject: Subject,
        dataset: DatasetId,
        attributes: AttributeSet,
    ) -> Self {
        Self {
            asking: Arc::new(asking),
            subject,
            dataset,
            attributes,
            basis: Basis::Law {
                reference: "test".into(),
            },
            rule: "test".into(),
            freshness: Freshness {
                max_age: Duration::MAX,
                stale_if_error: Duration::ZERO,
            },
        }
    }

    /// The same permit for data of another age.
    #[must_use]
    pub fn dangerous_with_freshness(self, freshness: Freshness) -> Self {
        Self { freshness, ..self }
    }
}
