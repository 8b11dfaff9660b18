//! What is known of a question beside what it says: the citizen's consents and seal, what the
//! registers show of the subject and of whoever acts for them, and where the call comes from.

use crate::consent::Consent;
use std::sync::Arc;

/// Everything that a decision depends on and that the caller does not say. The default is a
/// question of which nothing more is known.
#[derive(Debug, Clone, Default)]
pub struct Known<'a> {
    /// The subject's consents, as a store's [`lookup`](crate::consent::ConsentStore::lookup) gives
    /// them. They are looked at only where the purpose rests on consent.
    pub consents: &'a [Consent],
    /// What is known of the subject.
    pub subject: SubjectStatus,
    /// Whether the applicant named in the question may act for the subject; of no matter where
    /// none is named.
    pub applicant: Verified,
    /// The network zone from which the call comes, where the configuration names one.
    pub zone: Option<Arc<str>>,
}

/// What is known of a subject, from the seals and from the flags of records already read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct SubjectStatus {
    /// Whether their data is sealed.
    pub seal: Seal,
    /// A record says that they are dead.
    pub deceased: bool,
}

/// How far a person's data is sealed: for people under threat.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seal {
    /// Not at all.
    #[default]
    None,
    /// Nobody may learn where they live (secret address).
    Address,
    /// Nobody may learn anything, not even that there is something (witness protection).
    Identity,
}

/// Whether a claim was looked up in the registers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verified {
    /// It was not looked up, or the registry could not say.
    #[default]
    Unknown,
    /// The registers show that it is so.
    Confirmed,
    /// The registers show that it is not so.
    Refuted,
}

impl Seal {
    /// All levels.
    pub const ALL: [Self; 3] = [Self::None, Self::Address, Self::Identity];

    /// As in purpose files and in the rules' schema.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Address => "address",
            Self::Identity => "identity",
        }
    }
}

impl Verified {
    /// All outcomes.
    pub const ALL: [Self; 3] = [Self::Unknown, Self::Confirmed, Self::Refuted];

    /// As in the rules' schema.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Confirmed => "confirmed",
            Self::Refuted => "refuted",
        }
    }
}
