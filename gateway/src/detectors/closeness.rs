//! Officers who ask about themselves and theirs, where the officers' directory knows them. The
//! pipeline compares keyed hashes and writes the result into the entry; here it is only counted.

use super::{
    Asked, Detector, Finding,
    recent::{Daily, Hits, Recent},
};

/// Counts the questions that are close to their officer in one way.
#[derive(Debug)]
pub(super) struct Close {
    rule: &'static str,
    word: &'static str,
    limit: u64,
    officers: Recent<Daily<Hits>>,
}

impl Close {
    /// `word` is how entries say it, the nearest first where they say several.
    pub(super) fn new(rule: &'static str, word: &'static str, limit: u64) -> Self {
        Self {
            rule,
            word,
            limit,
            officers: Recent::default(),
        }
    }
}

impl Detector for Close {
    fn name(&self) -> &'static str {
        self.rule
    }

    fn see(&mut self, asked: &Asked<'_>) -> Option<Finding> {
        // One question is told once, by its nearest word.
        if asked.access.closeness.first()? != self.word {
            return None;
        }
        let hits = self.officers.of(&asked.actor, asked.day).on(asked.day);
        let is_reached = hits.add(asked.place) == self.limit;
        let window = if self.limit == 1 { "once" } else { "day" };
        is_reached.then(|| asked.finding(window, hits, self.limit))
    }
}
