//! The one question, parsed into a value that cannot be wrong.

mod mistake;
pub(crate) mod parse;

pub use mistake::{FieldError, Mistake, QueryError};
pub(crate) use parse::{
    consent as parse_consent, on_behalf_of as parse_on_behalf_of, person as parse_person,
    seal as parse_seal,
};

use crate::{
    catalogue::{Catalogue, DatasetId, Selection, SubjectKind},
    check::CheckKind,
    codes::Provinces,
    ids::{CaseReference, EnterpriseCode, OfficerId, OrderNumber, PersonalId, PurposeId},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};

/// Whom a question is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A person.
    Person(PersonalId),
    /// An enterprise.
    Enterprise(EnterpriseCode),
}

/// A question that can be decided: every name exists, every limit holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Whom it is about.
    pub subject: Subject,
    /// Everything else, which a batch shares between its subjects.
    pub question: Question,
}

/// A question without its subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The administrative procedure for which it is asked.
    pub purpose: PurposeId,
    /// What is asked for, by dataset.
    pub selection: Selection,
    /// Datasets that were named whole; a refusal of all of one is told in one line.
    pub whole_datasets: Vec<DatasetId>,
    /// The case, in the agency's words.
    pub case: Option<CaseReference>,
    /// The officer, as the agency asserts it.
    pub officer: Option<OfficerId>,
    /// The oldest answer that the caller accepts; zero always asks the registry.
    pub max_age: Option<Duration>,
    /// When the caller stops waiting.
    pub deadline: Duration,
    /// Whether a partial answer is an answer.
    pub require: Require,
    /// Where datasets that several registries serve are asked for: at the registries of these
    /// provinces. A registry that serves the whole country is asked in any case.
    pub provinces: Provinces,
    /// Who stands before the officer in the subject's place, where somebody does.
    pub applicant: Option<Applicant>,
    /// Why the data is needed at once, where the purpose is an emergency.
    pub emergency: Option<Emergency>,
    /// Until when the access is kept from the person it is about, where an order says so.
    pub hidden: Option<Hidden>,
    /// Only whether a statement about the data holds is asked: the data itself does not leave.
    pub check: Option<CheckKind>,
}

/// Somebody who acts in the subject's place. The claim is the caller's; whether it is true is
/// looked up in civil status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applicant {
    /// Who acts.
    pub person: PersonalId,
    /// As what.
    pub relation: Relation,
}

/// What lets one person act for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Relation {
    /// A parent of a minor child, by the child's birth record.
    Parent,
    /// A guardian, by the guardianship record.
    Guardian,
    /// Somebody with the subject's power of attorney.
    Attorney,
}

/// An order to keep an access from the person it is about, such as in an investigation. The access
/// is logged like any other, and shown to that person when the time is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hidden {
    /// The number of the order.
    pub order: OrderNumber,
    /// From when on the person is shown it.
    pub until: Timestamp,
}

/// Why data is needed at once. It is logged, and a data protection officer reviews it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emergency {
    /// What kind of emergency it is.
    pub ground: EmergencyGround,
    /// What happened, in the officer's words: 10 to 280 characters, no number that could name a
    /// person.
    pub reason: Arc<str>,
}

/// The emergencies that the law knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum EmergencyGround {
    /// The life or health of the subject is at risk.
    LifeAtRisk,
    /// The life or health of somebody else is at risk.
    OthersAtRisk,
    /// The subject is missing.
    MissingPerson,
    /// A disaster or an epidemic.
    Disaster,
}

impl Relation {
    /// All relations.
    pub const ALL: [Self; 3] = [Self::Parent, Self::Guardian, Self::Attorney];

    /// As on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::Guardian => "guardian",
            Self::Attorney => "attorney",
        }
    }
}

impl EmergencyGround {
    /// All grounds.
    pub const ALL: [Self; 4] = [
        Self::LifeAtRisk,
        Self::OthersAtRisk,
        Self::MissingPerson,
        Self::Disaster,
    ];

    /// As on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LifeAtRisk => "life_at_risk",
            Self::OthersAtRisk => "others_at_risk",
            Self::MissingPerson => "missing_person",
            Self::Disaster => "disaster",
        }
    }
}

/// What counts as an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Require {
    /// Whatever was obtained in time.
    #[default]
    Any,
    /// Everything permitted, or a problem.
    All,
}

/// A batch: one question about many subjects, each decided, answered and logged by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Whom it is about, at most [`SUBJECTS_MAX`].
    pub subjects: Vec<Subject>,
    /// What is asked of each.
    pub question: Question,
}

/// The most attributes a question may name.
pub const ATTRIBUTES_MAX: u32 = 130;
/// The most subjects a batch may have.
pub const SUBJECTS_MAX: usize = 1_000;
/// How long a caller may wait at most, in milliseconds.
pub const DEADLINE_MS_MAX: u64 = 30_000;
/// How long a caller waits who does not say, in milliseconds.
pub const DEADLINE_MS_DEFAULT: u64 = 5_000;
/// The largest `max_age_seconds`: ten years.
pub const MAX_AGE_SECONDS_MAX: u64 = 315_360_000;

impl Query {
    /// Reads the body of `POST /v1/queries`.
    ///
    /// ```
    /// use motlan_schemas::{catalogue::Catalogue, query::{Query, QueryError}};
    /// let body = br#"{"subject": {"person": "001185012345"}, "purpose": "birth-registration",
    ///                 "select": ["population.identity.fullname"]}"#;
    /// let Err(QueryError::Invalid(errors)) = Query::parse(body, &Catalogue::national()) else { panic!() };
    /// assert_eq!(errors[0].pointer, "/select/0");
    /// assert!(errors[0].mistake.to_string().contains("population.identity.full_name"));
    /// ```
    ///
    /// # Errors
    /// Not JSON at all, or every field that is wrong with its JSON pointer (RFC 6901).
    pub fn parse(body: &[u8], catalogue: &Catalogue) -> Result<Self, QueryError> {
        parse::query(body, catalogue)
    }
}

impl Batch {
    /// Reads the body of `POST /v1/query-batches`: a question with `subjects` in place of `subject`.
    ///
    /// # Errors
    /// As [`Query::parse`].
    pub fn parse(body: &[u8], catalogue: &Catalogue) -> Result<Self, QueryError> {
        parse::batch(body, catalogue)
    }
}

impl Subject {
    /// Which datasets can be about it.
    #[must_use]
    pub const fn kind(&self) -> SubjectKind {
        match self {
            Self::Person(_) => SubjectKind::Person,
            Self::Enterprise(_) => SubjectKind::Enterprise,
        }
    }
}

#[cfg(test)]
mod tests;
