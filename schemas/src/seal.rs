//! What a data protection officer sends to seal a person's data (`POST /v1/seals`).

use crate::{
    ids::PersonalId,
    query::{QueryError, parse_person, parse_seal},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SealLevel {
    /// Where the person lives.
    Address,
    /// Everything, and that there is anything.
    Identity,
}

/// A seal to be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealRequest {
    /// Whose data.
    pub person: PersonalId,
    /// What of it.
    pub level: SealLevel,
    /// The law or decision that orders it: 10 to 280 characters without a number that could name
    /// a person.
    pub ground: Arc<str>,
    /// When it ends by itself; later than now.
    pub until: Timestamp,
}

impl SealRequest {
    /// Reads the body of `POST /v1/seals`.
    ///
    /// # Errors
    /// Not JSON at all, or every field that is wrong with its JSON pointer.
    pub fn parse(body: &[u8], now: Timestamp) -> Result<Self, QueryError> {
        parse_seal(body, now)
    }

    /// Reads the body of `POST /v1/seals/lift`, which names the person and nothing else.
    ///
    /// # Errors
    /// As [`SealRequest::parse`].
    pub fn parse_person(body: &[u8]) -> Result<PersonalId, QueryError> {
        parse_person(body)
    }
}

impl SealLevel {
    /// As on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Identity => "identity",
        }
    }
}
