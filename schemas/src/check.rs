//! Derived answers: statements about a person that the registers can confirm or deny, so that the
//! data behind them never leaves.

use serde::{Deserialize, Serialize};

/// What a check is about; its parameters come with the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CheckKind {
    /// The person is at least so many years old.
    AgeAtLeast,
    /// The person has the permanent residence in a province or commune.
    ResidesIn,
    /// The person is married.
    IsMarried,
    /// The person had health or social insurance on a day.
    IsInsuredOn,
    /// The person owns a parcel of land in a province or commune.
    OwnsParcelIn,
    /// The person is alive.
    IsAlive,
}

impl CheckKind {
    /// All checks.
    pub const ALL: [Self; 6] = [
        Self::AgeAtLeast,
        Self::ResidesIn,
        Self::IsMarried,
        Self::IsInsuredOn,
        Self::OwnsParcelIn,
        Self::IsAlive,
    ];

    /// As on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AgeAtLeast => "age_at_least",
            Self::ResidesIn => "resides_in",
            Self::IsMarried => "is_married",
            Self::IsInsuredOn => "is_insured_on",
            Self::OwnsParcelIn => "owns_parcel_in",
            Self::IsAlive => "is_alive",
        }
    }
}
