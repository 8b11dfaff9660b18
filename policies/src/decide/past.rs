//! What these policies would have said of a question that the log remembers.
//!
//! A draft is tried on the questions of the past before it goes live. The log names no person, so
//! what was known of one comes as facts: sealed, dead, a minor, where consent stood.

use super::{
    Policies, UNKNOWN_AGENCY, UNKNOWN_PURPOSE, Verdict, asked::Circumstances, consents::Speaking,
    facts::ConsentStanding,
};
use crate::{
    known::{SubjectStatus, Verified},
    permit::AssertedBy,
};
use jiff::Timestamp;
use motlan_schemas::{
    answer::DenialReason,
    catalogue::{AttributeSet, DatasetId, SubjectKind},
    check::CheckKind,
    ids::{AgencyId, ClientId, PurposeId},
    query::Relation,
};
use std::sync::Arc;

/// A question as the log remembers it.
#[derive(Debug, Clone)]
pub struct PastQuestion<'a> {
    /// The agency that asked.
    pub agency: &'a AgencyId,
    /// Its program.
    pub client: &'a ClientId,
    /// Who vouched for the officer, where one was named. The log does not know roles: an officer
    /// for whom the token vouched is taken to have had the role that the purpose wants.
    pub officer: Option<AssertedBy>,
    /// Whether a case was named.
    pub case_named: bool,
    /// The procedure.
    pub purpose: &'a PurposeId,
    /// What was asked for, released or not.
    pub attributes: &'a [PastAttribute<'a>],
    /// When.
    pub at: Timestamp,
    /// From which network zone, where one was known.
    pub zone: Option<&'a str>,
    /// Whether it was about a person or an enterprise.
    pub subject: SubjectKind,
    /// What was known of the subject.
    pub status: SubjectStatus,
    /// Whether the subject was certainly a minor.
    pub subject_is_minor: bool,
    /// Whether the consents in force were given by somebody in the subject's place.
    pub consent_by_another: bool,
    /// Who acted in the subject's place, and whether the registers showed that they may.
    pub applicant: Option<(Relation, Verified)>,
    /// Whether an emergency was named.
    pub emergency_named: bool,
    /// The statement that was checked, where no data was to leave.
    pub check: Option<CheckKind>,
}

/// One attribute of a question of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastAttribute<'a> {
    /// Its full dotted name.
    pub name: &'a str,
    /// Where the citizen's consent to it stood; of no matter where the purpose rests on law.
    pub consent: ConsentStanding,
}

/// What these policies say of a question of the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastVerdict {
    /// The verdict on each attribute, in the order of the question.
    pub attributes: Vec<Verdict>,
}

/// The attributes of one dataset, and where the consent to them stood.
struct PastDataset {
    id: DatasetId,
    requested: AttributeSet,
    consents: Speaking,
}

impl Policies {
    /// Decides a question of the past: with the same rules and facts as [`Policies::decide`], and
    /// without a permit. What these policies or the catalogue no longer have is denied by a rule
    /// that says so: `purpose-is-known`, `agency-is-known`, `client-is-known`,
    /// `attribute-is-known`.
    #[must_use]
    pub fn decide_past(&self, question: &PastQuestion<'_>) -> PastVerdict {
        let all = |rule: &str| PastVerdict {
            attributes: vec![denied(DenialReason::NotMandated, rule); question.attributes.len()],
        };
        let Some(purpose) = self.purposes().get(question.purpose) else {
            return all(UNKNOWN_PURPOSE);
        };
        let Some(agency) = self.agencies().get(question.agency) else {
            return all(UNKNOWN_AGENCY);
        };
        if !agency.clients.contains(question.client) {
            return all(UNKNOWN_CLIENT);
        }
        let asked = self.asked(&Circumstances {
            agency,
            purpose,
            officer: question.officer,
            officer_has_role: purpose.roles.is_empty()
                || question.officer == Some(AssertedBy::Token),
            case_named: question.case_named,
            zone: question.zone,
            at: question.at,
            subject: question.subject,
            status: question.status,
            subject_is_minor: question.subject_is_minor,
            applicant: question.applicant,
            emergency_named: question.emergency_named,
            check: question.check,
        });
        let mut verdicts = Vec::new();
        for dataset in self.past_datasets(question) {
            let (id, consents) = (dataset.id, &dataset.consents);
            let deny =
                |part, reason, rule| verdicts.push((id, part, Verdict::Deny { reason, rule }));
            let permitted = self.judge(&asked, id, dataset.requested, consents, deny);
            if let Some((attributes, rule)) = permitted {
                // A flag goes with what is permitted, so it is found before its own denial.
                let flags = self.flags(id);
                verdicts.insert(0, (id, attributes | flags, Verdict::Permit { rule }));
            }
        }
        let verdict_on = |name: &PastAttribute<'_>| {
            let (dataset, one) = self.catalogue().resolve(name.name).ok()?;
            let on = |(id, part, _): &&(_, AttributeSet, _)| *id == dataset && one.is_subset(*part);
            verdicts
                .iter()
                .find(on)
                .map(|(.., verdict)| verdict.clone())
        };
        let unknown = || denied(DenialReason::NotInPurpose, UNKNOWN_ATTRIBUTE);
        let attributes = question.attributes.iter();
        PastVerdict {
            attributes: attributes
                .map(|name| verdict_on(name).unwrap_or_else(unknown))
                .collect(),
        }
    }

    fn past_datasets(&self, question: &PastQuestion<'_>) -> Vec<PastDataset> {
        let mut datasets: Vec<PastDataset> = Vec::new();
        for attribute in question.attributes {
            let Ok((id, set)) = self.catalogue().resolve(attribute.name) else {
                continue;
            };
            let known = datasets.iter().position(|dataset| dataset.id == id);
            let place = known.unwrap_or(datasets.len());
            if known.is_none() {
                datasets.push(PastDataset {
                    id,
                    requested: AttributeSet::EMPTY,
                    consents: Speaking::of_the_past(question.consent_by_another),
                });
            }
            if let Some(dataset) = datasets.get_mut(place) {
                dataset.requested = dataset.requested | set;
                dataset.consents.add(attribute.consent, set);
            }
        }
        datasets
    }
}

fn denied(reason: DenialReason, rule: &str) -> Verdict {
    Verdict::Deny {
        reason,
        rule: Arc::from(rule),
    }
}

/// The rule of a question whose program these policies no longer have.
const UNKNOWN_CLIENT: &str = "client-is-known";
/// The rule of an attribute that the catalogue no longer has.
const UNKNOWN_ATTRIBUTE: &str = "attribute-is-known";
