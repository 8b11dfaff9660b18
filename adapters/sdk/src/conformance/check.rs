//! What a check is, and what it can find.

use super::bench::Bench;
use crate::tier::Tier;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One thing that an adapter must show.
pub(super) struct Check {
    /// Its stable name: the group and what is shown.
    pub(super) id: &'static str,
    /// The tier that needs it.
    pub(super) tier: Tier,
    /// What it proves, in one sentence.
    pub(super) says: &'static str,
    /// Why it may find nothing to look at.
    pub(super) nothing: &'static str,
    pub(super) run: for<'a> fn(&'a Bench<'a>) -> BoxFuture<'a, Findings>,
}

/// What a check found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    failures: Vec<Failure>,
    looked: usize,
    unproven: Option<String>,
}

/// Something that is not as it must be. Its texts hold no value of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// In which case, under which disturbance.
    pub place: String,
    /// What should have been seen.
    pub expected: String,
    /// What was seen.
    pub seen: String,
    /// What to change in the adapter.
    pub mend: String,
}

/// How a check ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Shown.
    Passed,
    /// Not shown: at least one failure.
    Failed {
        /// What was wrong; the first few, where it is much.
        failures: Vec<Failure>,
    },
    /// There is nothing in this adapter that it could be shown of. Holds no tier down.
    NotApplicable {
        /// Why not.
        reason: String,
    },
    /// It should be shown and is not: a case is missing, or the author left the check out. Holds
    /// the check's tier down.
    Unproven {
        /// What is missing.
        reason: String,
    },
}

impl Check {
    /// The part of the id before the dot.
    pub(super) fn group(&self) -> &'static str {
        self.id.split('.').next().unwrap_or(self.id)
    }
}

impl Findings {
    /// Notes that something was looked at, and fails unless it is as it must be.
    pub(super) fn expect(
        &mut self,
        right: bool,
        place: impl Into<String>,
        expected: impl Into<String>,
        seen: impl Into<String>,
        mend: &str,
    ) {
        self.looked += 1;
        if !right {
            self.failures.push(Failure {
                place: place.into(),
                expected: expected.into(),
                seen: seen.into(),
                mend: mend.to_owned(),
            });
        }
    }

    /// Notes what is missing for the proof.
    pub(super) fn unproven(&mut self, reason: impl Into<String>) {
        self.unproven.get_or_insert_with(|| reason.into());
    }

    /// How much was looked at.
    pub(super) const fn looked(&self) -> usize {
        self.looked
    }

    pub(super) fn join(&mut self, other: Self) {
        self.failures.extend(other.failures);
        self.looked += other.looked;
        self.unproven = self.unproven.take().or(other.unproven);
    }

    /// How it ended; where nothing was looked at, `nothing` says why.
    pub(super) fn verdict(mut self, nothing: &str) -> Verdict {
        if !self.failures.is_empty() {
            self.failures.dedup();
            self.failures.truncate(FAILURES_MAX);
            return Verdict::Failed {
                failures: self.failures,
            };
        }
        match self.unproven {
            Some(reason) => Verdict::Unproven { reason },
            None if self.looked == 0 => Verdict::NotApplicable {
                reason: nothing.to_owned(),
            },
            None => Verdict::Passed,
        }
    }
}

impl Verdict {
    /// The same without values of persons, should an adapter have put one into its errors.
    pub(super) fn without(mut self, secrets: &BTreeSet<String>) -> Self {
        if let Self::Failed { failures } = &mut self {
            for failure in failures {
                for secret in secrets {
                    failure.seen = failure
                        .seen
                        .replace(secret.as_str(), "[a value of a person]");
                }
            }
        }
        self
    }
}

/// More failures of one check repeat each other.
const FAILURES_MAX: usize = 5;
