//! Derived answers: statements about a person that the registers can confirm or deny, so that the
//! data behind them never leaves.
//!
//! A [`Check`] is such a statement with its parameters. Each knows the fewest attributes that it
//! has to look at ([`Check::attributes`]); whether they may be looked at is decided as for any
//! question, and what they say is found out elsewhere.

mod parse;

use crate::{
    catalogue::{Catalogue, Selection},
    codes::{Provinces, administrative_units},
    query::{Query, QueryError, Question, Subject},
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

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

/// A statement about a person, with its parameters; written as on the wire.
///
/// ```
/// use motlan_schemas::check::Check;
/// let check = serde_json::to_value(Check::AgeAtLeast { years: 18 }).unwrap();
/// assert_eq!(check, serde_json::json!({"check": "age_at_least", "years": 18}));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "check", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Check {
    /// The person is at least so many years old.
    AgeAtLeast {
        /// Whole years.
        years: u8,
    },
    /// The permanent residence lies in the area.
    ResidesIn {
        /// Code of a province (2 digits) or commune (5 digits) in force.
        #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[0-9]{2}([0-9]{3})?$"))]
        area: Area,
    },
    /// The person is married.
    IsMarried,
    /// The person had insurance on the day.
    IsInsuredOn {
        /// The day.
        #[cfg_attr(feature = "openapi", schema(value_type = String, format = Date))]
        date: Date,
        /// Which insurance.
        kind: InsuranceKind,
    },
    /// The person holds the right to a parcel of land in the area.
    OwnsParcelIn {
        /// Code of a province (2 digits) or commune (5 digits) in force.
        #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = "^[0-9]{2}([0-9]{3})?$"))]
        area: Area,
    },
    /// The person is alive.
    IsAlive,
}

/// A province or commune in force, by its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub enum Area {
    /// A province.
    Province(Arc<str>),
    /// A commune.
    Commune(Arc<str>),
}

/// The two insurances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum InsuranceKind {
    /// Health insurance.
    Health,
    /// Social insurance.
    Social,
}

/// What the registers say to a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CheckResult {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// The registers do not tell, or do not know the person.
    Unknown,
}

/// Some statements about one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checks {
    /// Whom they are about.
    pub subject: Subject,
    /// The statements, at most [`CHECKS_MAX`], each once.
    pub checks: Vec<Check>,
    /// Purpose, case, officer and the like; it selects nothing by itself.
    question: Question,
}

/// The most statements that one call may have checked.
pub const CHECKS_MAX: usize = 10;
/// Nobody grew older yet.
pub const YEARS_MAX: u8 = 150;

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

impl Check {
    /// What it is about.
    #[must_use]
    pub const fn kind(&self) -> CheckKind {
        match self {
            Self::AgeAtLeast { .. } => CheckKind::AgeAtLeast,
            Self::ResidesIn { .. } => CheckKind::ResidesIn,
            Self::IsMarried => CheckKind::IsMarried,
            Self::IsInsuredOn { .. } => CheckKind::IsInsuredOn,
            Self::OwnsParcelIn { .. } => CheckKind::OwnsParcelIn,
            Self::IsAlive => CheckKind::IsAlive,
        }
    }

    /// The full dotted names of the fewest attributes that tell whether it holds.
    ///
    /// Where a register that has no record can mean "no" (land, insurance, deaths), the population
    /// register's `status` tells a person without a record from a number that nobody has.
    #[must_use]
    pub const fn attribute_names(&self) -> &'static [&'static str] {
        match self {
            Self::AgeAtLeast { .. } => &["population.identity.birth_date"],
            Self::ResidesIn { area } => match area {
                Area::Province(_) => &["population.residence.permanent_province"],
                Area::Commune(_) => &["population.residence.permanent_commune"],
            },
            Self::IsMarried => &["civil_status.marital_status.status"],
            Self::IsInsuredOn { kind, .. } => match kind {
                InsuranceKind::Health => &[
                    "population.identity.status",
                    "insurance.health.status",
                    "insurance.health.valid_from",
                    "insurance.health.valid_until",
                ],
                InsuranceKind::Social => &[
                    "population.identity.status",
                    "insurance.social.status",
                    "insurance.social.contribution_months",
                    "insurance.social.first_contribution",
                    "insurance.social.last_contribution",
                ],
            },
            Self::OwnsParcelIn { area } => match area {
                Area::Province(_) => &["population.identity.status", "land.parcels.province"],
                Area::Commune(_) => &["population.identity.status", "land.parcels.commune"],
            },
            Self::IsAlive => &["population.identity.status", "civil_status.death.date"],
        }
    }

    /// The same as a selection of a catalogue.
    #[must_use]
    pub fn attributes(&self, catalogue: &Catalogue) -> Selection {
        self.attribute_names()
            .iter()
            .filter_map(|name| catalogue.resolve(name).ok())
            .collect()
    }
}

impl Check {
    /// Where it has to be looked: a parcel is in the register of the province that it lies in, so
    /// no other land office can say anything to the statement.
    #[must_use]
    pub fn provinces(&self) -> Provinces {
        match self {
            Self::OwnsParcelIn { area } => area.province(),
            Self::AgeAtLeast { .. }
            | Self::ResidesIn { .. }
            | Self::IsMarried
            | Self::IsInsuredOn { .. }
            | Self::IsAlive => Provinces::ALL,
        }
    }
}

impl Area {
    /// The province that it is, or lies in.
    fn province(&self) -> Provinces {
        let code = match self {
            Self::Province(code) => Some(code.as_ref()),
            Self::Commune(code) => administrative_units().province_of(code).map(|p| p.code()),
        };
        code.and_then(|code| Provinces::named(code).ok())
            .unwrap_or(Provinces::ALL)
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Province(code) | Self::Commune(code) => code,
        }
    }
}

impl From<Area> for String {
    fn from(area: Area) -> Self {
        area.code().to_owned()
    }
}

impl Checks {
    /// Reads the body of `POST /v1/checks`.
    ///
    /// ```
    /// use motlan_schemas::{catalogue::Catalogue, check::Checks, query::QueryError};
    /// let body = br#"{"subject": {"person": "001185012345"}, "purpose": "marriage-registration",
    ///                 "checks": [{"check": "age_at_least", "years": 18}, {"check": "is_maried"}]}"#;
    /// let Err(QueryError::Invalid(errors)) = Checks::parse(body) else { panic!() };
    /// assert_eq!(errors[0].pointer, "/checks/1/check");
    /// ```
    ///
    /// # Errors
    /// As [`Query::parse`].
    pub fn parse(body: &[u8]) -> Result<Self, QueryError> {
        parse::checks(body)
    }

    /// Purpose, case, officer and the like.
    #[must_use]
    pub const fn question(&self) -> &Question {
        &self.question
    }

    /// The question that one of the statements comes to: about the fewest attributes, of which
    /// none may leave.
    #[must_use]
    pub fn query(&self, check: &Check, catalogue: &Catalogue) -> Query {
        Query {
            subject: self.subject.clone(),
            question: Question {
                selection: check.attributes(catalogue),
                check: Some(check.kind()),
                provinces: check.provinces(),
                ..self.question.clone()
            },
        }
    }
}

impl CheckResult {
    /// As on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
mod tests;
