//! An agency does what it has not done before: a procedure, or an attribute within one.
//!
//! An agency that is new may do everything, and so may each of its procedures for a while: only
//! what comes after that is told.

use super::{
    Asked, Day, Detector, Finding, REMEMBERED_DAYS,
    recent::{Hits, Recent},
};
use std::{collections::BTreeMap, sync::Arc};

/// Purposes with the attributes that they were used for.
#[derive(Debug)]
pub(super) struct FirstUse {
    learning_days: Day,
    agencies: Recent<Option<Since>>,
    purposes: Recent<Uses>,
}

/// The day of the first question.
#[derive(Debug, Clone, Copy)]
struct Since(Day);

#[derive(Debug, Default)]
struct Uses {
    since: Option<Since>,
    /// The day on which each attribute was told last.
    attributes: BTreeMap<Box<str>, Day>,
}

impl FirstUse {
    pub(super) fn new(learning_days: u32) -> Self {
        Self {
            learning_days: Day::from(learning_days).min(REMEMBERED_DAYS),
            agencies: Recent::default(),
            purposes: Recent::default(),
        }
    }
}

impl Detector for FirstUse {
    fn name(&self) -> &'static str {
        "first_use"
    }

    fn see(&mut self, asked: &Asked<'_>) -> Option<Finding> {
        let (access, day) = (asked.access, asked.day);
        if access.attributes.is_empty() {
            return None;
        }
        let agency: Arc<str> = access.agency.as_str().into();
        let agency_since = self.agencies.of(&agency, day).get_or_insert(Since(day)).0;
        let key: Arc<str> = format!("{}/{}", access.agency, access.purpose).into();
        let uses = self.purposes.of(&key, day);
        let is_new = uses.since.is_none();
        let since = uses.since.get_or_insert(Since(day)).0;
        let first = uses.tell(&access.attributes, day);

        let is_learned = |since: Day| day - since >= self.learning_days;
        if first.is_empty() || !is_learned(agency_since) || !(is_new || is_learned(since)) {
            return None;
        }
        let hits = Hits {
            count: first.len() as u64,
            places: [asked.place].into(),
        };
        let mut finding = asked.finding("once", &hits, 1);
        finding.alert.purpose = Some(access.purpose.clone());
        // Of a new procedure, every attribute is new; naming one would mislead.
        let attribute = first.into_iter().next().filter(|_| !is_new);
        finding.alert.attribute = attribute;
        Some(finding)
    }
}

impl Uses {
    /// Takes attributes in; gives back those that were not told in the last four weeks.
    fn tell(&mut self, attributes: &[String], day: Day) -> Vec<String> {
        let attributes = attributes.iter().filter(|attribute| {
            let told = self.attributes.insert(attribute.as_str().into(), day);
            told.is_none_or(|told| day - told > REMEMBERED_DAYS)
        });
        attributes.cloned().collect()
    }
}
