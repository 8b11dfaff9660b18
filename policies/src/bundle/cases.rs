//! Runs the cases that stand beside the rules: what must be allowed, what must be denied, and
//! which rules must not be accepted at all.
//!
//! A case names facts of one question and says what the rules make of them; facts that it does not
//! name are those of an ordinary lawful question. A rule in `bundle/tests/_*.cedar` passes when the
//! bundle refuses to load with it.

use super::Bundle;
use crate::{
    decide::facts::{ConsentStanding, Facts, Verdict},
    load::{LoadError, PolicyFiles, SourceFile},
    purpose::BasisKind,
};
use cedar_policy::{Effect, PolicySet};
use motlan_schemas::{
    answer::DenialReason,
    catalogue::{Catalogue, Sensitivity, names},
    ids::{AgencyId, PurposeId},
};
use serde::Deserialize;
use std::collections::BTreeSet;

/// What the cases of a bundle came to.
#[derive(Debug, Default)]
pub struct Report {
    /// One a case, in the order of files and cases.
    pub outcomes: Vec<Outcome>,
    /// Rules that forbid, and that no case shows to deny anything.
    pub untested: Vec<String>,
}

/// What one case came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The file of the case.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
    /// What the case says in its own words.
    pub name: String,
    /// What was expected and what came instead, where it failed.
    pub failure: Option<String>,
}

impl Report {
    /// How many cases failed.
    #[must_use]
    pub fn failed(&self) -> usize {
        let outcomes = self.outcomes.iter();
        outcomes.filter(|one| one.failure.is_some()).count()
    }

    /// Whether every case passed and every rule that forbids has one that shows it.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.failed() == 0 && self.untested.is_empty()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    #[serde(rename = "about")]
    _about: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    facts: CaseFacts,
    expect: Expect,
    reason: Option<DenialReason>,
    rule: Option<String>,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Expect {
    Permit,
    Deny,
}

/// The facts of a case, by the names that they have in the rules' schema.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CaseFacts {
    agency: Option<AgencyId>,
    purpose: Option<PurposeId>,
    dataset: String,
    mandated: bool,
    covered: bool,
    subject_matches: bool,
    sensitivity: Sensitivity,
    names_others: bool,
    officer_required: bool,
    officer_named: bool,
    officer_authenticated: bool,
    case_required: bool,
    case_named: bool,
    basis: BasisKind,
    consent: ConsentStanding,
}

impl Default for CaseFacts {
    /// An ordinary lawful question: everything that the rules want, and nothing special.
    fn default() -> Self {
        Self {
            agency: None,
            purpose: None,
            dataset: "population.identity".to_owned(),
            mandated: true,
            covered: true,
            subject_matches: true,
            sensitivity: Sensitivity::Basic,
            names_others: false,
            officer_required: false,
            officer_named: false,
            officer_authenticated: false,
            case_required: false,
            case_named: false,
            basis: BasisKind::Law,
            consent: ConsentStanding::Absent,
        }
    }
}

impl CaseFacts {
    /// The facts as a decision would have them.
    pub(super) fn facts(self, catalogue: &Catalogue) -> Result<Facts, String> {
        let Some(dataset) = catalogue.dataset_named(&self.dataset) else {
            let all = catalogue.datasets().iter().map(|d| d.name.as_ref());
            let nearest = names::nearest(&self.dataset, all);
            let hint = nearest.map(|name| format!("; did you mean `{name}`?"));
            let hint = hint.unwrap_or_default();
            return Err(format!("there is no dataset `{}`{hint}", self.dataset));
        };
        Ok(Facts {
            agency: self.agency,
            purpose: self.purpose,
            dataset: dataset.id,
            mandated: self.mandated,
            covered: self.covered,
            subject_matches: self.subject_matches,
            sensitivity: self.sensitivity,
            names_others: self.names_others,
            officer_required: self.officer_required,
            officer_named: self.officer_named,
            officer_authenticated: self.officer_authenticated,
            case_required: self.case_required,
            case_named: self.case_named,
            basis: self.basis,
            consent: self.consent,
        })
    }
}

/// Runs all cases of a policy directory.
///
/// # Errors
/// The rules themselves cannot be loaded; see [`check`](crate::load::check).
pub fn run(files: &PolicyFiles, catalogue: &Catalogue) -> Result<Report, LoadError> {
    let bundle = Bundle::read(files, catalogue)?;
    let mut report = Report::default();
    let mut denying = BTreeSet::new();
    for file in &files.cases {
        run_file(file, &bundle, catalogue, &mut report, &mut denying);
    }
    for file in &files.refused {
        refuse(file, files, catalogue, &mut report);
    }
    let rules = bundle.rules.values();
    let forbidding = rules.filter(|rule| rule.effect == Effect::Forbid);
    let ids: BTreeSet<_> = forbidding.map(|rule| rule.id.to_string()).collect();
    report.untested = ids.difference(&denying).cloned().collect();
    Ok(report)
}

fn run_file(
    file: &SourceFile,
    bundle: &Bundle,
    catalogue: &Catalogue,
    report: &mut Report,
    denying: &mut BTreeSet<String>,
) {
    let cases: CaseFile = match serde_json::from_str(&file.text) {
        Ok(cases) => cases,
        Err(error) => {
            let failure = Some(error.to_string());
            let name = "the file can be read".to_owned();
            return report.add(file, error.line().max(1), name, failure);
        }
    };
    let mut from = 0;
    for case in cases.cases {
        // Cases stand in the file in the same order, so each is looked for after the one before.
        let quoted = serde_json::Value::from(case.name.as_str()).to_string();
        let found = file.text.get(from..).and_then(|rest| rest.find(&quoted));
        from += found.unwrap_or_default();
        let line = file.line(&(from..from));
        from += quoted.len();
        let (name, expected) = (case.name.clone(), case.expected());
        let failure = match case.judged(bundle, catalogue) {
            Err(reason) => Some(reason),
            Ok(verdict) => {
                if let (Verdict::Deny { rule, .. }, true) = (&verdict.0, verdict.1) {
                    denying.insert(rule.to_string());
                }
                let got = in_words(&verdict.0);
                (!verdict.1).then(|| format!("expected {expected}, but it is {got}"))
            }
        };
        report.add(file, line, name, failure);
    }
}

impl Case {
    fn expected(&self) -> String {
        let by = self.rule.as_ref().map(|rule| format!(" by `{rule}`"));
        let by = by.unwrap_or_default();
        match (&self.expect, self.reason) {
            (Expect::Permit, _) => format!("permitted{by}"),
            (Expect::Deny, Some(reason)) => format!("denied as `{}`{by}", reason.as_str()),
            (Expect::Deny, None) => format!("denied{by}"),
        }
    }

    /// What the rules say, and whether it is what the case expects.
    fn judged(self, bundle: &Bundle, catalogue: &Catalogue) -> Result<(Verdict, bool), String> {
        let verdict = bundle.judge(&self.facts.facts(catalogue)?);
        let rule_fits = |found: &str| self.rule.as_deref().is_none_or(|rule| rule == found);
        let fits = match &verdict {
            Verdict::Permit { rule } => self.expect == Expect::Permit && rule_fits(rule),
            Verdict::Deny { reason, rule } => {
                let reason_fits = self.reason.is_none_or(|expected| expected == *reason);
                self.expect == Expect::Deny && reason_fits && rule_fits(rule)
            }
        };
        Ok((verdict, fits))
    }
}

/// Each rule of the file by itself must keep the bundle from loading.
fn refuse(file: &SourceFile, files: &PolicyFiles, catalogue: &Catalogue, report: &mut Report) {
    let Ok(set) = file.text.parse::<PolicySet>() else {
        // What does not even parse is refused.
        return report.add(file, 1, "the file is refused".to_owned(), None);
    };
    for policy in set.policies() {
        let id = policy.annotation("id").unwrap_or("without `@id`");
        let at = file
            .text
            .find(&format!("@id(\"{id}\")"))
            .unwrap_or_default();
        let mut with_it = files.clone();
        with_it.rules.push(SourceFile {
            path: file.path.clone(),
            text: policy.to_cedar().unwrap_or_default(),
        });
        let accepted = Bundle::read(&with_it, catalogue).is_ok();
        let failure = accepted.then(|| "expected refused, but it is accepted".to_owned());
        let line = file.line(&(at..at));
        report.add(file, line, format!("rule `{id}` is refused"), failure);
    }
}

impl Report {
    fn add(&mut self, file: &SourceFile, line: usize, name: String, failure: Option<String>) {
        self.outcomes.push(Outcome {
            file: file.path.clone(),
            line,
            name,
            failure,
        });
    }
}

fn in_words(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Permit { rule } => format!("permitted by `{rule}`"),
        Verdict::Deny { reason, rule } => format!("denied as `{}` by `{rule}`", reason.as_str()),
    }
}

#[cfg(test)]
mod tests;
