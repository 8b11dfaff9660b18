//! The section `detectors`: which are on, and from when on they tell. `docs/operating.md` has a
//! table of what each can see and what it cannot.

use serde::Deserialize;
use std::num::NonZeroU64;

/// The section `detectors`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DetectorsConfig {
    /// How many of the newest entries are read again at start, of at most five weeks.
    pub replay_entries_max: u64,
    /// Questions at night, on weekends and holidays.
    pub out_of_hours: OutOfHoursConfig,
    /// More people in a day than the officer usually asks about.
    pub volume: VolumeConfig,
    /// Many people under one case.
    pub one_case: Limited,
    /// Mostly questions without a case.
    pub no_case: NoCaseConfig,
    /// Officers who ask about themselves.
    pub self_lookup: Limited,
    /// Officers who ask about their own household.
    pub household: Limited,
    /// Officers who ask about people of their own, rare surname.
    pub surname: Limited,
    /// Questions that were refused, again and again.
    pub repeated_refusals: Limited,
    /// Numbers that nobody has, one after the other.
    pub not_found: Limited,
    /// A procedure, or an attribute in a procedure, that the agency has not used before.
    pub first_use: FirstUseConfig,
}

/// A detector with one limit.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limited {
    /// Whether it looks.
    pub enabled: bool,
    /// From how many on it tells; absent: from the detector's usual number on.
    pub limit: Option<NonZeroU64>,
}

/// The section `detectors.out_of_hours`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutOfHoursConfig {
    /// Whether it looks.
    pub enabled: bool,
    /// From how many questions a day on it tells.
    pub limit: NonZeroU64,
    /// How long before the first and after the last office hour work is nothing strange.
    pub margin_minutes: u32,
    /// The ids of agencies that work at all hours: hospitals, the police.
    pub always_open: Vec<String>,
}

/// The section `detectors.volume`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VolumeConfig {
    /// Whether it looks.
    pub enabled: bool,
    /// More than so many times the officer's usual day, which is the median of the last four weeks.
    pub factor: NonZeroU64,
    /// It never tells of fewer people than these.
    pub floor: NonZeroU64,
    /// How many days the officer must have worked in the last four weeks to have a usual day.
    pub days_min: u32,
}

/// The section `detectors.no_case`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NoCaseConfig {
    /// Whether it looks.
    pub enabled: bool,
    /// From how many questions without a case on, in a day.
    pub limit: NonZeroU64,
    /// Only if they are more than this share of the officer's questions of the day, in percent.
    pub share_percent: u64,
    /// Purposes that have no cases, by id.
    pub exempt_purposes: Vec<String>,
}

/// The section `detectors.first_use`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FirstUseConfig {
    /// Whether it looks.
    pub enabled: bool,
    /// For how many days from its first question on an agency, and each of its procedures, may do
    /// everything for the first time; at most 28.
    pub learning_days: u32,
}

impl Default for DetectorsConfig {
    fn default() -> Self {
        Self {
            replay_entries_max: 200_000,
            out_of_hours: OutOfHoursConfig::default(),
            volume: VolumeConfig::default(),
            one_case: Limited::default(),
            no_case: NoCaseConfig::default(),
            self_lookup: Limited::default(),
            household: Limited::default(),
            surname: Limited::default(),
            repeated_refusals: Limited::default(),
            not_found: Limited::default(),
            first_use: FirstUseConfig::default(),
        }
    }
}

impl Limited {
    /// The limit of one that is switched on; `usual` where none is configured.
    pub(super) fn limit_or(self, usual: u64) -> Option<u64> {
        let limit = self.limit.map_or(usual, NonZeroU64::get);
        self.enabled.then_some(limit)
    }
}

impl Default for Limited {
    fn default() -> Self {
        Self {
            enabled: true,
            limit: None,
        }
    }
}

impl Default for OutOfHoursConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            limit: limit(10),
            margin_minutes: 60,
            always_open: Vec::new(),
        }
    }
}

impl Default for VolumeConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            factor: limit(3),
            floor: limit(30),
            days_min: 8,
        }
    }
}

impl Default for NoCaseConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            limit: limit(20),
            share_percent: 50,
            exempt_purposes: Vec::new(),
        }
    }
}

impl Default for FirstUseConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            learning_days: 21,
        }
    }
}

fn limit(usual: u64) -> NonZeroU64 {
    NonZeroU64::new(usual).unwrap_or(NonZeroU64::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_as_usual_and_each_detector_has_its_own() {
        let text = "not_found.enabled = false\none_case.limit = 50\n[volume]\nfloor = 40";
        let config: DetectorsConfig = toml::from_str(text).unwrap();
        assert_eq!(config.not_found.limit_or(10), None);
        assert_eq!(config.one_case.limit_or(20), Some(50));
        assert_eq!(config.repeated_refusals.limit_or(20), Some(20));
        assert_eq!(
            (config.volume.floor.get(), config.volume.factor.get()),
            (40, 3)
        );
        assert!(config.volume.enabled);
    }

    #[test]
    fn a_limit_of_nothing_and_a_name_that_is_none_are_refused() {
        for text in [
            "surname.limit = 0",
            "volumes.floor = 3",
            "volume.ceiling = 3",
        ] {
            assert!(toml::from_str::<DetectorsConfig>(text).is_err(), "{text}");
        }
    }
}
