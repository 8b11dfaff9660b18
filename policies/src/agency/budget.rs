//! Budgets against harvesting: how many different people an agency's officers and programs may ask
//! about, and how often they may be refused or guess wrong.
//!
//! The section `budget` of an agency's file, and every field of it, is optional:
//!
//! ```toml
//! [budget.officer]
//! subjects_per_hour = 60
//! subjects_per_day = 200
//! refusals_per_hour = 30
//! refusals_per_day = 100
//! misses_per_day = 60        # numbers that no register knows
//! neighbours_per_day = 40    # numbers next to one asked about before
//!
//! [budget.client]            # ten officers' worth, but for neighbours
//! subjects_per_day = 2000
//! ```

use serde::Deserialize;
use std::num::NonZeroU32;

/// The budgets of an agency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Of each officer at each client; of the client where a question names no officer.
    pub officer: BudgetLimits,
    /// Of each client, whoever its officers are.
    pub client: BudgetLimits,
}

/// How many different subjects there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetLimits {
    /// Subjects asked about in an hour.
    pub subjects_per_hour: u32,
    /// Subjects asked about in a day.
    pub subjects_per_day: u32,
    /// Subjects of whom something was refused as a whole, or is sealed, in an hour.
    pub refusals_per_hour: u32,
    /// The same in a day.
    pub refusals_per_day: u32,
    /// Subjects whom no register knew, in a day.
    pub misses_per_day: u32,
    /// Subjects whose numbers stand next to one asked about before, in a day. The last six digits
    /// of a number are random: honest work meets neighbours by chance only.
    pub neighbours_per_day: u32,
}

/// What a small office needs on a busy day.
const OFFICER: BudgetLimits = BudgetLimits {
    subjects_per_hour: 60,
    subjects_per_day: 200,
    refusals_per_hour: 30,
    refusals_per_day: 100,
    misses_per_day: 60,
    neighbours_per_day: 40,
};
/// A client is worth so many officers.
const OFFICERS_PER_CLIENT: u32 = 10;
/// Chance does not grow with the number of officers as work does.
const CLIENT_NEIGHBOURS: u32 = 60;

impl Default for Budget {
    fn default() -> Self {
        BudgetFile::default().into()
    }
}

/// The section as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BudgetFile {
    officer: LimitsFile,
    client: LimitsFile,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LimitsFile {
    subjects_per_hour: Option<NonZeroU32>,
    subjects_per_day: Option<NonZeroU32>,
    refusals_per_hour: Option<NonZeroU32>,
    refusals_per_day: Option<NonZeroU32>,
    misses_per_day: Option<NonZeroU32>,
    neighbours_per_day: Option<NonZeroU32>,
}

impl From<BudgetFile> for Budget {
    fn from(file: BudgetFile) -> Self {
        let officer = file.officer.over(OFFICER);
        let many = |limit: u32| limit.saturating_mul(OFFICERS_PER_CLIENT);
        let client = file.client.over(BudgetLimits {
            subjects_per_hour: many(officer.subjects_per_hour),
            subjects_per_day: many(officer.subjects_per_day),
            refusals_per_hour: many(officer.refusals_per_hour),
            refusals_per_day: many(officer.refusals_per_day),
            misses_per_day: many(officer.misses_per_day),
            neighbours_per_day: officer.neighbours_per_day.max(CLIENT_NEIGHBOURS),
        });
        Self { officer, client }
    }
}

impl LimitsFile {
    fn over(&self, usual: BudgetLimits) -> BudgetLimits {
        let or = |written: Option<NonZeroU32>, usual| written.map_or(usual, NonZeroU32::get);
        BudgetLimits {
            subjects_per_hour: or(self.subjects_per_hour, usual.subjects_per_hour),
            subjects_per_day: or(self.subjects_per_day, usual.subjects_per_day),
            refusals_per_hour: or(self.refusals_per_hour, usual.refusals_per_hour),
            refusals_per_day: or(self.refusals_per_day, usual.refusals_per_day),
            misses_per_day: or(self.misses_per_day, usual.misses_per_day),
            neighbours_per_day: or(self.neighbours_per_day, usual.neighbours_per_day),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Budget, toml::de::Error> {
        toml::from_str::<BudgetFile>(text).map(Budget::from)
    }

    #[test]
    fn what_is_not_written_is_as_usual_and_a_client_is_ten_officers() {
        assert_eq!(read("").unwrap(), Budget::default());
        let budget =
            read("[officer]\nsubjects_per_day = 500\n[client]\nmisses_per_day = 7").unwrap();
        assert_eq!(budget.officer.subjects_per_day, 500);
        assert_eq!(budget.officer.subjects_per_hour, 60);
        assert_eq!(budget.client.subjects_per_day, 5000);
        assert_eq!(budget.client.misses_per_day, 7);
        assert_eq!(budget.client.neighbours_per_day, 60);
    }

    #[test]
    fn a_field_that_does_not_exist_or_allows_nothing_is_refused() {
        assert!(read("[officer]\nsubjects_per_week = 5").is_err());
        assert!(read("[officer]\nsubjects_per_day = 0").is_err());
    }
}
