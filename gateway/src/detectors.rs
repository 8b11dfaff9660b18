//! Detectors: patterns in the access log at which a data protection officer should look.
//!
//! A detector is a pure function of the entries in their order. It reads no clock, no register and
//! no file: its time is that of the entries, so that a replay of the log finds what was found live.
//! What it remembers is bounded, and nothing of it is older than four weeks.
//!
//! A finding is no verdict. It says what was counted, from which number on that is told, and which
//! entries are behind it; somebody who knows the office decides what it means.

mod closeness;
mod config;
mod first_use;
mod outcomes;
mod recent;
mod work;

pub use config::DetectorsConfig;

use closeness::Close;
use first_use::FirstUse;
use jiff::Timestamp;
use motlan_access_log::entry::{
    Entry, Record,
    record::{Access, Alert},
};
use motlan_policies::calendar::OfficeCalendar;
use outcomes::{NotFound, Refusals};
use recent::Hits;
use std::{fmt, sync::Arc};
use work::{NoCase, OneCase, OutOfHours, Volume};

/// A day on the clocks of Việt Nam, counted from 1970.
pub type Day = i64;

/// No detector looks back further. Whoever replays five weeks of the log is where it was.
pub const REMEMBERED_DAYS: Day = 28;

/// The rules of all detectors, as alerts name them.
pub const RULES: [&str; 10] = [
    "out_of_hours",
    "volume",
    "one_case",
    "no_case",
    "self_lookup",
    "household",
    "surname",
    "repeated_refusals",
    "not_found",
    "first_use",
];

/// A pattern to look for.
pub trait Detector: fmt::Debug + Send {
    /// The rule, as alerts name it.
    fn name(&self) -> &'static str;

    /// Takes the next question of the log. A finding comes with the question that completes it,
    /// and not again with the next ones of the same window.
    fn see(&mut self, asked: &Asked<'_>) -> Option<Finding>;
}

/// One question in the log, as detectors see it.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// Where its entry stands.
    pub place: u64,
    /// When it was asked.
    pub at: Timestamp,
    /// Its day. Days never go back: an entry that stands behind one of the next day counts there.
    pub day: Day,
    /// What the entry says.
    pub access: &'a Access,
    /// Whether it was refused as a whole.
    pub refused: bool,
    /// When offices work.
    pub calendar: &'a OfficeCalendar,
    /// The officer within the agency; the client where no officer is named.
    pub actor: Arc<str>,
}

/// What a detector found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The day of the entry that completed it.
    pub day: Day,
    /// What the log is told.
    pub alert: Alert,
}

/// All detectors that are switched on.
#[derive(Debug)]
pub struct Detectors {
    all: Vec<Box<dyn Detector>>,
    day: Day,
}

impl Detectors {
    /// The detectors of a configuration, which have seen nothing yet.
    #[must_use]
    pub fn new(config: &DetectorsConfig) -> Self {
        let mut all: Vec<Box<dyn Detector>> = Vec::new();
        if config.out_of_hours.enabled {
            all.push(Box::new(OutOfHours::new(&config.out_of_hours)));
        }
        if config.volume.enabled {
            all.push(Box::new(Volume::new(&config.volume)));
        }
        if let Some(limit) = config.one_case.limit_or(20) {
            all.push(Box::new(OneCase::new(limit)));
        }
        if config.no_case.enabled {
            all.push(Box::new(NoCase::new(&config.no_case)));
        }
        for (rule, word, close) in [
            ("self_lookup", "self", config.self_lookup),
            ("household", "household", config.household),
            ("surname", "surname", config.surname),
        ] {
            if let Some(limit) = close.limit_or(1) {
                all.push(Box::new(Close::new(rule, word, limit)));
            }
        }
        if let Some(limit) = config.repeated_refusals.limit_or(20) {
            all.push(Box::new(Refusals::new(limit)));
        }
        if let Some(limit) = config.not_found.limit_or(10) {
            all.push(Box::new(NotFound::new(limit)));
        }
        if config.first_use.enabled {
            all.push(Box::new(FirstUse::new(config.first_use.learning_days)));
        }
        Self { all, day: 0 }
    }

    /// Shows the next entry to every detector. Entries that are no questions tell them nothing.
    pub fn see(&mut self, place: u64, entry: &Entry, calendar: &OfficeCalendar) -> Vec<Finding> {
        let (Record::Disclosure(access) | Record::Check(access) | Record::Refusal(access)) =
            &entry.record
        else {
            return Vec::new();
        };
        let Ok(at) = entry.time.parse::<Timestamp>() else {
            return Vec::new();
        };
        self.day = self.day.max(day(at));
        let asked = Asked {
            place,
            at,
            day: self.day,
            access,
            refused: matches!(entry.record, Record::Refusal(_)),
            calendar,
            actor: actor(access),
        };
        let found = self.all.iter_mut().filter_map(|detector| {
            let mut finding = detector.see(&asked)?;
            finding.alert.rule = detector.name().into();
            Some(finding)
        });
        found.collect()
    }

    /// The day of the last question that was seen.
    #[must_use]
    pub const fn day(&self) -> Day {
        self.day
    }
}

impl Asked<'_> {
    /// The subject, as detectors tell people apart.
    fn subject(&self) -> u64 {
        crate::budget::rebuild::key(&self.access.subject)
    }

    /// A finding about the officer, with the hits behind it.
    fn finding(&self, window: &'static str, hits: &Hits, limit: u64) -> Finding {
        let officer = self.access.officer.as_ref();
        Finding {
            day: self.day,
            alert: Alert {
                agency: self.access.agency.clone(),
                attribute: None,
                client: self.access.client.clone(),
                count: hits.count,
                entries: hits.places.iter().copied().collect(),
                limit,
                officer: officer.map(|officer| officer.id.clone()),
                purpose: None,
                // Filled in where the detector is known.
                rule: "".into(),
                usual: None,
                window: window.into(),
            },
        }
    }
}

/// The day on which a moment lies in Việt Nam, which has had one offset since 1975.
#[must_use]
pub fn day(at: Timestamp) -> Day {
    (at.as_second() + 7 * 3600).div_euclid(24 * 3600)
}

fn actor(access: &Access) -> Arc<str> {
    let (kind, id) = match &access.officer {
        Some(officer) => ("officer", &officer.id),
        None => ("client", &access.client),
    };
    format!("{}/{kind}/{id}", access.agency).into()
}

#[cfg(test)]
pub(crate) mod tests;
