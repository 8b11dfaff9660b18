//! The one question, parsed into a value that cannot be wrong.

mod mistake;
mod parse;

pub use mistake::{FieldError, Mistake, QueryError};

use crate::{
    catalogue::{Catalogue, DatasetId, Selection, SubjectKind},
    ids::{CaseReference, EnterpriseCode, OfficerId, PersonalId, PurposeId},
};
use std::time::Duration;

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
