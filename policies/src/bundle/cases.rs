//! Runs the cases that stand beside the rules: what must be allowed, what must be denied, and
//! which rules must not be accepted at all.
//!
//! A case names facts of one question and says what the rules make of them; facts that it does not
//! name are those of an ordinary lawful question. A rule in `bundle/tests/_*.cedar` passes when the
//! bundle refuses to load with it.

use super::Bundle;
use crate::{
    decide::facts::{ConsentStanding, Facts, GroupFacts, QuestionFacts, Verdict},
    known::{Seal, Verified},
    load::{LoadError, PolicyFiles, SourceFile},
    purpose::BasisKind,
};
use cedar_policy::{Effect, PolicySet};
use motlan_schemas::{
    answer::DenialReason,
    catalogue::{Catalogue, DatasetId, Sensitivity, names},
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
    officer_required: bool,
    officer_named: bool,
    officer_authenticated: bool,
    officer_has_role: bool,
    case_required: bool,
    case_named: bool,
    office_hours_only: bool,
    in_office_hours: bool,
    zone_allowed: bool,
    check: bool,
    subject_deceased: bool,
    deceased_refused: bool,
    subject_is_minor: bool,
    applicant_named: bool,
    applicant_accepted: bool,
    emergency_mandated: bool,
    emergency_named: bool,
    basis: BasisKind,
    seal: Seal,
    sees_sealed: Seal,
    applicant: Verified,
    covered: bool,
    subject_matches: bool,
    names_others: bool,
    tells_address: bool,
    consent_by_another: bool,
    sensitivity: Sensitivity,
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
            officer_required: false,
            officer_named: false,
            officer_authenticated: false,
            officer_has_role: true,
            case_required: false,
            case_named: false,
            office_hours_only: false,
            in_office_hours: true,
            zone_allowed: true,
            check: false,
            subject_deceased: false,
            deceased_refused: false,
            subject_is_minor: false,
            applicant_named: false,
            applicant_accepted: false,
            emergency_mandated: false,
            emergency_named: false,
            basis: BasisKind::Law,
            seal: Seal::None,
            sees_sealed: Seal::None,
            applicant: Verified::Unknown,
            covered: true,
            subject_matches: true,
            names_others: false,
            tells_address: false,
            consent_by_another: false,
            sensitivity: Sensitivity::Basic,
            consent: ConsentStanding::Absent,
        }
    }
}

impl CaseFacts {
    /// The facts as a decision would have them.
    pub(super) fn facts(self, bundle: &Bundle, catalogue: &Catalogue) -> Result<Facts, String> {
        let Some(dataset) = catalogue.dataset_named(&self.dataset) else {
            let all = catalogue.datasets().iter().map(|d| d.name.as_ref());
            let nearest = names::nearest(&self.dataset, all);
            let hint = nearest.map(|name| format!("; did you mean `{name}`?"));
            let hint = hint.unwrap_or_default();
            return Err(format!("there is no dataset `{}`{hint}", self.dataset));
        };
        // A case that names nobody is about somebody whom no rule names.
        let agency = self.agency.as_ref().map_or("", |id| id.as_str());
        let purpose = self.purpose.as_ref().map_or("", |id| id.as_str());
        Ok(Facts {
            slice: bundle.slice_of(agency, purpose),
            question: self.question(),
            group: self.group(dataset.id),
        })
    }

    const fn question(&self) -> QuestionFacts {
        QuestionFacts {
            mandated: self.mandated,
            officer_required: self.officer_required,
            officer_named: self.officer_named,
            officer_authenticated: self.officer_authenticated,
            officer_has_role: self.officer_has_role,
            case_required: self.case_required,
            case_named: self.case_named,
            office_hours_only: self.office_hours_only,
            in_office_hours: self.in_office_hours,
            zone_allowed: self.zone_allowed,
            check: self.check,
            subject_deceased: self.subject_deceased,
            deceased_refused: self.deceased_refused,
            subject_is_minor: self.subject_is_minor,
            applicant_named: self.applicant_named,
            applicant_accepted: self.applicant_accepted,
            emergency_mandated: self.emergency_mandated,
            emergency_named: self.emergency_named,
            basis: self.basis,
            seal: self.seal,
            sees_sealed: self.sees_sealed,
            applicant: self.applicant,
        }
    }

    const fn group(&self, dataset: DatasetId) -> GroupFacts {
        GroupFacts {
            dataset,
            covered: self.covered,
            subject_matches: self.subject_matches,
            names_others: self.names_others,
            tells_address: self.tells_address,
            consent_by_another: self.consent_by_another,
            sensitivity: self.sensitivity,
            consent: self.consent,
        }
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
        let verdict = bundle.judge(&self.facts.facts(bundle, catalogue)?);
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
