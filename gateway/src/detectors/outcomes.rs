//! What came of an officer's questions: refused again and again, or about nobody.

use super::{
    Asked, Detector, Finding,
    recent::{Daily, Hits, Recent},
};

/// Somebody is refused again and again.
#[derive(Debug)]
pub(super) struct Refusals {
    limit: u64,
    actors: Recent<Daily<Hits>>,
}

impl Refusals {
    pub(super) fn new(limit: u64) -> Self {
        Self {
            limit,
            actors: Recent::default(),
        }
    }
}

impl Detector for Refusals {
    fn name(&self) -> &'static str {
        "repeated_refusals"
    }

    fn see(&mut self, asked: &Asked<'_>) -> Option<Finding> {
        if !asked.refused {
            return None;
        }
        let hits = self.actors.of(&asked.actor, asked.day).on(asked.day);
        let is_reached = hits.add(asked.place) == self.limit;
        is_reached.then(|| asked.finding("day", hits, self.limit))
    }
}

/// One number after the other is nobody's: somebody tries numbers out.
#[derive(Debug)]
pub(super) struct NotFound {
    limit: u64,
    runs: Recent<Hits>,
}

impl NotFound {
    pub(super) fn new(limit: u64) -> Self {
        Self {
            limit,
            runs: Recent::default(),
        }
    }
}

impl Detector for NotFound {
    fn name(&self) -> &'static str {
        "not_found"
    }

    fn see(&mut self, asked: &Asked<'_>) -> Option<Finding> {
        let outcomes = || asked.access.datasets.values().flatten();
        let any = |status: &str| outcomes().any(|outcome| outcome.status == status);
        let run = self.runs.of(&asked.actor, asked.day);
        if any("ok") {
            *run = Hits::default();
            return None;
        }
        // Where no register said anything, nothing is known of the number.
        if !any("not_found") || run.add(asked.place) != self.limit {
            return None;
        }
        let run = std::mem::take(run);
        Some(asked.finding("run", &run, self.limit))
    }
}
