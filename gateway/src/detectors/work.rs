//! How an officer works: when, how much, and under which cases.

use super::{
    Asked, Day, Detector, Finding, REMEMBERED_DAYS,
    config::{NoCaseConfig, OutOfHoursConfig, VolumeConfig},
    recent::{Daily, Hits, Recent},
};
use jiff::SignedDuration;
use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};

/// How many subjects of a day are told apart: far more than anybody handles by hand.
const SUBJECTS_MAX: usize = 5_000;

/// An officer asks while offices are closed. Emergencies do not count, nor does a program that
/// names no officer: programs work at night.
#[derive(Debug)]
pub(super) struct OutOfHours {
    limit: u64,
    margin: SignedDuration,
    always_open: BTreeSet<String>,
    officers: Recent<Daily<Hits>>,
}

impl OutOfHours {
    pub(super) fn new(config: &OutOfHoursConfig) -> Self {
        Self {
            limit: config.limit.get(),
            margin: SignedDuration::from_mins(config.margin_minutes.into()),
            always_open: config.always_open.iter().cloned().collect(),
            officers: Recent::default(),
        }
    }
}

impl Detector for OutOfHours {
    fn name(&self) -> &'static str {
        "out_of_hours"
    }

    fn see(&mut self, asked: &Asked<'_>) -> Option<Finding> {
        let access = asked.access;
        if access.officer.is_none()
            || access.emergency.is_some()
            || self.always_open.contains(&access.agency)
            || !asked.calendar.is_out_of_hours(asked.at, self.margin)
        {
            return None;
        }
        let hits = self.officers.of(&asked.actor, asked.day).on(asked.day);
        let is_reached = hits.add(asked.place) == self.limit;
        is_reached.then(|| asked.finding("day", hits, self.limit))
    }
}

/// An officer asks about many more people than on other days.
#[derive(Debug)]
pub(super) struct Volume {
    factor: u64,
    floor: u64,
    days_min: usize,
    actors: Recent<Days>,
}

/// The days on which somebody worked.
#[derive(Debug, Default)]
struct Days {
    day: Day,
    subjects: BTreeSet<u64>,
    hits: Hits,
    /// How many subjects each earlier day had, the oldest first.
    past: VecDeque<(Day, u64)>,
}

impl Volume {
    pub(super) fn new(config: &VolumeConfig) -> Self {
        Self {
            factor: config.factor.get(),
            floor: config.floor.get(),
            days_min: usize::try_from(config.days_min).unwrap_or(usize::MAX),
            actors: Recent::default(),
        }
    }
}

impl Detector for Volume {
    fn name(&self) -> &'static str {
        "volume"
    }

    fn see(&mut self, asked: &Asked<'_>) -> Option<Finding> {
        let days = self.actors.of(&asked.actor, asked.day);
        days.begin(asked.day);
        if days.subjects.len() >= SUBJECTS_MAX || !days.subjects.insert(asked.subject()) {
            return None;
        }
        let count = days.hits.add(asked.place);
        let usual = days.usual(self.days_min)?;
        let limit = usual.saturating_mul(self.factor).saturating_add(1);
        let limit = limit.max(self.floor);
        (count == limit).then(|| {
            let mut finding = asked.finding("day", &days.hits, limit);
            finding.alert.usual = Some(usual);
            finding
        })
    }
}

impl Days {
    fn begin(&mut self, day: Day) {
        if self.day == day {
            return;
        }
        if self.hits.count > 0 {
            self.past.push_back((self.day, self.hits.count));
        }
        while (self.past.front()).is_some_and(|(past, _)| day - past > REMEMBERED_DAYS) {
            self.past.pop_front();
        }
        self.day = day;
        self.subjects.clear();
        self.hits = Hits::default();
    }

    /// The median of the days of the last four weeks on which there was work, if they are enough.
    fn usual(&self, days_min: usize) -> Option<u64> {
        let mut counts: Vec<u64> = self.past.iter().map(|(_, count)| *count).collect();
        counts.sort_unstable();
        let middle = counts.len() / 2;
        let upper = counts.get(middle).copied();
        let upper = upper.filter(|_| counts.len() >= days_min)?;
        Some(match middle.checked_sub(1).and_then(|i| counts.get(i)) {
            Some(lower) if counts.len().is_multiple_of(2) => u64::midpoint(*lower, upper),
            _ => upper,
        })
    }
}

/// One case of an agency covers many people, whichever of its officers asks.
#[derive(Debug)]
pub(super) struct OneCase {
    limit: u64,
    cases: Recent<Case>,
}

#[derive(Debug, Default)]
struct Case {
    subjects: BTreeSet<u64>,
    hits: Hits,
}

impl OneCase {
    pub(super) fn new(limit: u64) -> Self {
        Self {
            limit,
            cases: Recent::default(),
        }
    }
}

impl Detector for OneCase {
    fn name(&self) -> &'static str {
        "one_case"
    }

    fn see(&mut self, asked: &Asked<'_>) -> Option<Finding> {
        let case = asked.access.case.as_ref()?;
        let key: Arc<str> = format!("{}/{case}", asked.access.agency).into();
        let Case { subjects, hits } = self.cases.of(&key, asked.day);
        // Once it is told, nothing more of the case need be known.
        if hits.count == self.limit || !subjects.insert(asked.subject()) {
            return None;
        }
        let is_reached = hits.add(asked.place) == self.limit;
        is_reached.then(|| {
            subjects.clear();
            asked.finding("four_weeks", hits, self.limit)
        })
    }
}

/// An officer mostly asks without a case, where the purpose lets that happen.
#[derive(Debug)]
pub(super) struct NoCase {
    limit: u64,
    share_percent: u64,
    exempt: BTreeSet<String>,
    actors: Recent<Daily<Cases>>,
}

#[derive(Debug, Default)]
struct Cases {
    questions: u64,
    without: Hits,
    told: bool,
}

impl NoCase {
    pub(super) fn new(config: &NoCaseConfig) -> Self {
        Self {
            limit: config.limit.get(),
            share_percent: config.share_percent,
            exempt: config.exempt_purposes.iter().cloned().collect(),
            actors: Recent::default(),
        }
    }
}

impl Detector for NoCase {
    fn name(&self) -> &'static str {
        "no_case"
    }

    fn see(&mut self, asked: &Asked<'_>) -> Option<Finding> {
        let access = asked.access;
        // A purpose that requires a case refuses a question without one.
        if asked.refused || access.emergency.is_some() || self.exempt.contains(&access.purpose) {
            return None;
        }
        let cases = self.actors.of(&asked.actor, asked.day).on(asked.day);
        cases.questions += 1;
        if access.case.is_some() {
            return None;
        }
        let without = cases.without.add(asked.place);
        let is_most = without * 100 > cases.questions * self.share_percent;
        if cases.told || without < self.limit || !is_most {
            return None;
        }
        cases.told = true;
        Some(asked.finding("day", &cases.without, self.limit))
    }
}
