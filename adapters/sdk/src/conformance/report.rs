//! The result of a run: what each check found, and the tier that follows.

mod junit;
mod table;

use super::check::{Check, Failure, Verdict};
use crate::tier::{Committed, Tier};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a run of the kit found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The adapter.
    pub adapter: String,
    /// The version of the kit.
    pub kit: String,
    /// The tier that was reached.
    pub tier: Tier,
    /// Every check, in the order of groups.
    pub results: Vec<CheckResult>,
    /// What the author says about attributes: asked for always, or never sent; by full name.
    pub notes: BTreeMap<String, String>,
}

/// How one check ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckResult {
    /// The check's stable name.
    pub id: String,
    /// Its group.
    pub group: String,
    /// The tier that needs it.
    pub tier: Tier,
    /// What it proves.
    pub says: String,
    /// How it ended.
    #[serde(flatten)]
    pub verdict: Verdict,
}

impl Report {
    pub(super) fn new(
        adapter: &str,
        verdicts: Vec<(&'static Check, Verdict)>,
        notes: BTreeMap<String, String>,
    ) -> Self {
        let results = verdicts.into_iter().map(|(check, verdict)| CheckResult {
            id: check.id.to_owned(),
            group: check.group().to_owned(),
            tier: check.tier,
            says: check.says.to_owned(),
            verdict,
        });
        let results: Vec<CheckResult> = results.collect();
        Self {
            adapter: adapter.to_owned(),
            kit: KIT.to_owned(),
            tier: tier(&results),
            results,
            notes,
        }
    }

    /// The ids of the checks that failed.
    #[must_use]
    pub fn failed(&self) -> Vec<&str> {
        let failed = self
            .results
            .iter()
            .filter(|result| result.verdict.is_failure());
        failed.map(|result| result.id.as_str()).collect()
    }

    /// The failures of one check.
    #[must_use]
    pub fn failures(&self, id: &str) -> &[Failure] {
        let result = self.results.iter().find(|result| result.id == id);
        match result.map(|result| &result.verdict) {
            Some(Verdict::Failed { failures }) => failures,
            _ => &[],
        }
    }

    /// A table for people: one line a check, and below it what was found.
    #[must_use]
    pub fn table(&self) -> String {
        table::table(self)
    }

    /// JUnit XML, for continuous integration.
    #[must_use]
    pub fn junit(&self) -> String {
        junit::junit(self)
    }

    /// JSON.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// What is committed beside the adapter; `digest` is that of a folder ([`crate::tier::digest`]).
    #[must_use]
    pub fn committed(&self, digest: Option<String>) -> Committed {
        let checks = self.results.iter();
        let reasons = self.results.iter().filter_map(|result| {
            let reason = result.verdict.reason()?;
            Some((result.id.clone(), reason))
        });
        Committed {
            tier: self.tier,
            kit: self.kit.clone(),
            digest,
            checks: checks
                .map(|result| (result.id.clone(), result.verdict.as_str().to_owned()))
                .collect(),
            reasons: reasons.collect(),
            notes: self.notes.clone(),
        }
    }

    /// How many checks ended in one way, by [`Verdict::as_str`].
    #[must_use]
    pub fn count(&self, verdict: &str) -> usize {
        let results = self.results.iter();
        results
            .filter(|result| result.verdict.as_str() == verdict)
            .count()
    }
}

impl Verdict {
    /// `passed`, `failed`, `not_applicable` or `unproven`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed { .. } => "failed",
            Self::NotApplicable { .. } => "not_applicable",
            Self::Unproven { .. } => "unproven",
        }
    }

    /// Whether it failed.
    #[must_use]
    pub const fn is_failure(&self) -> bool {
        matches!(self, Self::Failed { .. })
    }

    /// Whether a tier may rest on it.
    const fn holds(&self) -> bool {
        matches!(self, Self::Passed | Self::NotApplicable { .. })
    }

    /// Why it did not pass.
    fn reason(&self) -> Option<String> {
        match self {
            Self::Passed => None,
            Self::NotApplicable { reason } | Self::Unproven { reason } => Some(reason.clone()),
            Self::Failed { failures } => failures.first().map(|failure| {
                format!(
                    "{}: expected {}, saw {}",
                    failure.place, failure.expected, failure.seen
                )
            }),
        }
    }
}

/// The highest tier all of whose checks, and those of the tiers below, hold.
fn tier(results: &[CheckResult]) -> Tier {
    let reached = |tier: Tier| {
        let needed = results.iter().filter(|result| result.tier <= tier);
        needed.into_iter().all(|result| result.verdict.holds())
    };
    let tiers = [Tier::Bronze, Tier::Silver, Tier::Gold];
    tiers
        .into_iter()
        .take_while(|tier| reached(*tier))
        .last()
        .unwrap_or(Tier::None)
}

/// The version of the kit: it changes with what a check demands.
const KIT: &str = "1";

#[cfg(test)]
mod tests {
    use super::*;

    fn result(tier: Tier, verdict: Verdict) -> CheckResult {
        CheckResult {
            id: format!("group.{tier}"),
            group: "group".to_owned(),
            tier,
            says: "It <says> something.".to_owned(),
            verdict,
        }
    }

    fn reason() -> String {
        "no \"case\"".to_owned()
    }

    #[test]
    fn a_tier_holds_those_below_it_and_only_what_is_unproven_or_failed_breaks_it() {
        let open = || Verdict::Unproven { reason: reason() };
        let none = || Verdict::NotApplicable { reason: reason() };
        let of = |bronze: Verdict, silver: Verdict, gold: Verdict| {
            tier(&[
                result(Tier::Bronze, bronze),
                result(Tier::Silver, silver),
                result(Tier::Gold, gold),
            ])
        };
        assert_eq!(of(Verdict::Passed, none(), Verdict::Passed), Tier::Gold);
        assert_eq!(of(Verdict::Passed, Verdict::Passed, open()), Tier::Silver);
        assert_eq!(of(Verdict::Passed, open(), Verdict::Passed), Tier::Bronze);
        let failures = Vec::new();
        assert_eq!(of(Verdict::Failed { failures }, none(), none()), Tier::None);
    }

    #[test]
    fn every_form_of_a_report_tells_the_reason() {
        let report = Report {
            adapter: "a & b".to_owned(),
            kit: KIT.to_owned(),
            tier: Tier::Bronze,
            results: vec![
                result(Tier::Bronze, Verdict::Passed),
                result(Tier::Silver, Verdict::Unproven { reason: reason() }),
            ],
            notes: BTreeMap::new(),
        };
        assert!(report.table().contains(&reason()));
        assert!(
            report
                .junit()
                .contains("message=\"unproven: no &quot;case&quot;\"")
        );
        assert!(
            report.junit().contains(
                "<testsuites name=\"a &amp; b\" tests=\"2\" failures=\"0\" skipped=\"1\">"
            )
        );
        assert!(report.json().contains("\"verdict\": \"unproven\""));
        assert_eq!(report.committed(None).reasons["group.silver"], reason());
    }
}
