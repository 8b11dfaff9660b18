//! The decision: who asks, what, by which law or consent, in; permits and denials, out.
//!
//! A question is split into groups of attributes whose facts are alike (covered by the purpose or
//! not, how sensitive, where the consent stands), and the rules are asked once a group. The facts
//! are looked up in constant time, and what the rules said of the same facts is remembered, so the
//! size of the national catalogue does not show in the time of a decision.

mod asked;
mod consents;
pub(crate) mod facts;
mod memo;
mod parts;
mod past;

pub use facts::{ConsentStanding, Verdict};
pub use past::{PastAttribute, PastQuestion, PastVerdict};

use crate::{
    agency::{Agency, AgencyDirectory},
    bundle::{Bundle, slices::Place},
    calendar::OfficeCalendar,
    known::{Known, SubjectStatus},
    load::{self, LoadError, PolicyFiles},
    permit::{Asking, AssertedBy, Freshness, Officer, Permit},
    purpose::{Purpose, PurposeCatalogue},
};
use asked::{Asked, Circumstances};
use consents::Speaking;
use facts::{Facts, GroupFacts};
use jiff::Timestamp;
use memo::Memo;
use motlan_schemas::{
    answer::{Basis, DenialReason},
    catalogue::{AttributeSet, Catalogue, DatasetId},
    ids::{ClientId, OfficerId, QueryId},
    query::{Query, Question},
};
use parts::Shape;
use std::{path::Path, sync::Arc, time::Duration};

/// One version of all policies: purposes, agencies, rules.
#[derive(Debug)]
pub struct Policies {
    version: Arc<str>,
    digest: [u8; 32],
    catalogue: Arc<Catalogue>,
    purposes: PurposeCatalogue,
    agencies: AgencyDirectory,
    calendar: OfficeCalendar,
    bundle: Bundle,
    /// Where rules name an agency or a purpose, by their places in the directories.
    agency_places: Vec<Option<Place>>,
    purpose_places: Vec<Option<Place>>,
    shapes: Vec<Shape>,
    memo: Memo,
}

/// Who asks, as the token says.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The agency to which the client belongs.
    pub agency: Arc<Agency>,
    /// The agency's program.
    pub client: ClientId,
    /// The officer for whom the token vouches (`act.sub`), where it does.
    pub officer: Option<OfficerId>,
    /// The officer's roles, as the token vouches for them (`act.roles`).
    pub roles: Vec<Arc<str>>,
}

/// What may be read and what not. Every attribute asked for is in exactly one permit or denial.
#[derive(Debug)]
pub struct Decision {
    /// Who asked, and why; the permits have it too.
    pub asking: Arc<Asking>,
    /// At most one a dataset, in the order of the catalogue.
    pub permits: Vec<Permit>,
    /// In the order of the catalogue; a dataset may have several, for different reasons.
    pub denials: Vec<Denied>,
    /// What was known of the subject.
    pub subject: SubjectStatus,
    /// The policies that decided.
    pub policy_version: Arc<str>,
}

/// Attributes of one dataset that are denied for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// The dataset.
    pub dataset: DatasetId,
    /// The attributes; never empty.
    pub attributes: AttributeSet,
    /// Why.
    pub reason: DenialReason,
    /// The rule that refused, by its id in the bundle.
    pub rule: Arc<str>,
    /// The law or consent by which it could be read, where only a condition is missing.
    pub basis: Option<Basis>,
}

impl Policies {
    /// The national policies of this build.
    ///
    /// # Errors
    /// They do not fit the catalogue.
    pub fn embedded(catalogue: &Arc<Catalogue>) -> Result<Self, LoadError> {
        Self::from_files(&PolicyFiles::embedded(), catalogue)
    }

    /// The policies of a directory with `purposes/`, `agencies/` and `bundle/`.
    ///
    /// # Errors
    /// The first thing that is wrong with them, with its file and line; nothing is loaded then.
    pub fn load(directory: &Path, catalogue: &Arc<Catalogue>) -> Result<Self, LoadError> {
        Self::from_files(&PolicyFiles::read(directory)?, catalogue)
    }

    /// The policies of these files.
    ///
    /// # Errors
    /// As [`Policies::load`].
    pub fn from_files(files: &PolicyFiles, catalogue: &Arc<Catalogue>) -> Result<Self, LoadError> {
        let mut mistakes = Vec::new();
        let purposes = PurposeCatalogue::read(files, catalogue, &mut mistakes);
        let agencies = AgencyDirectory::read(files, &purposes, &mut mistakes);
        let calendar = OfficeCalendar::read(&files.calendar, &mut mistakes);
        if let Some(first) = mistakes.into_iter().next() {
            return Err(first);
        }
        let digest = files.digest();
        let bundle = Bundle::read(files, catalogue)?;
        let named = |agency: &Arc<Agency>| bundle.slices.agency_place(agency.id.as_str());
        let agency_places = agencies.iter().map(named).collect();
        let named = |purpose: &Arc<Purpose>| bundle.slices.purpose_place(purpose.id.as_str());
        let purpose_places = purposes.iter().map(named).collect();
        Ok(Self {
            version: load::version(&digest).into(),
            digest,
            bundle,
            agency_places,
            purpose_places,
            shapes: catalogue.datasets().iter().map(Shape::of).collect(),
            catalogue: Arc::clone(catalogue),
            memo: Memo::default(),
            purposes,
            agencies,
            calendar,
        })
    }

    /// Names these policies: a digest over their files.
    #[must_use]
    pub const fn version(&self) -> &Arc<str> {
        &self.version
    }

    /// SHA-256 over the files of these policies; the version is its beginning.
    #[must_use]
    pub const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// The datasets and attributes of which they speak.
    #[must_use]
    pub const fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// The purposes.
    #[must_use]
    pub const fn purposes(&self) -> &PurposeCatalogue {
        &self.purposes
    }

    /// The agencies.
    #[must_use]
    pub const fn agencies(&self) -> &AgencyDirectory {
        &self.agencies
    }

    /// When offices work.
    #[must_use]
    pub const fn calendar(&self) -> &OfficeCalendar {
        &self.calendar
    }

    /// What an agency may ask for: its purposes, in the order of their ids.
    pub fn entitlements(&self, agency: &Agency) -> impl Iterator<Item = &Purpose> {
        self.purposes
            .iter()
            .map(Arc::as_ref)
            .filter(|purpose| agency.holds_mandate(&purpose.id))
    }

    /// Decides one question.
    ///
    /// Nothing is remembered between two questions but what the rules say of the same facts.
    #[must_use]
    pub fn decide(
        &self,
        caller: &Caller,
        query_id: QueryId,
        query: &Query,
        known: &Known<'_>,
        now: Timestamp,
    ) -> Decision {
        let question = &query.question;
        let mut decision = Decision {
            asking: Arc::new(asking(caller, query_id, question, now)),
            permits: Vec::with_capacity(question.selection.iter().count()),
            denials: Vec::new(),
            subject: known.subject,
            policy_version: Arc::clone(&self.version),
        };
        let Some(purpose) = self.purposes.get(&question.purpose) else {
            decision.deny_all(question, DenialReason::NotMandated, UNKNOWN_PURPOSE);
            return decision;
        };
        let Some(agency) = self.agencies.same(&caller.agency) else {
            decision.deny_all(question, DenialReason::NotMandated, UNKNOWN_AGENCY);
            return decision;
        };
        let officer = decision.asking.officer.as_ref();
        let asked = self.asked(&Circumstances {
            agency,
            purpose,
            officer: officer.map(|officer| officer.asserted_by),
            officer_has_role: purpose.roles.is_empty()
                || purpose.roles.iter().any(|role| caller.roles.contains(role)),
            case_named: question.case.is_some(),
            zone: known.zone.as_deref(),
            at: now,
            subject: query.subject.kind(),
            status: known.subject,
            subject_is_minor: asked::certainly_minor(&query.subject, self.calendar.year(now)),
            applicant: question
                .applicant
                .as_ref()
                .map(|a| (a.relation, known.applicant)),
            emergency_named: question.emergency.is_some(),
            check: question.check,
        });
        for (dataset, requested) in question.selection.iter() {
            let consents = consents::speaking(&asked, known.consents, dataset, requested, now);
            self.decide_dataset(&mut decision, &asked, query, dataset, requested, &consents);
        }
        decision
    }

    fn asked<'a>(&'a self, circumstances: &Circumstances<'a>) -> Asked<'a> {
        let (agency, purpose) = (circumstances.agency, circumstances.purpose);
        let agency_place = self.agency_places.get(agency.index).copied().flatten();
        let purpose_place = self.purpose_places.get(purpose.index).copied().flatten();
        let slice = self.bundle.slices.of(agency_place, purpose_place);
        Asked::new(
            circumstances,
            self.purposes.covered(purpose),
            slice,
            &self.calendar,
        )
    }

    fn decide_dataset(
        &self,
        decision: &mut Decision,
        asked: &Asked<'_>,
        query: &Query,
        dataset: DatasetId,
        requested: AttributeSet,
        consents: &Speaking,
    ) {
        let first_denial = decision.denials.len();
        let deny = |part, reason, rule| {
            decision.deny(first_denial, asked.purpose, dataset, part, reason, rule);
        };
        let Some((permitted, rule)) = self.judge(asked, dataset, requested, consents, deny) else {
            return;
        };
        // Whoever may read something of a record must see its flags: deceased, secret address, …
        let flags = self.flags(dataset);
        if (permitted | flags).is_empty() {
            return;
        }
        decision.lift_denials(first_denial, flags);
        decision.permits.push(Permit {
            asking: Arc::clone(&decision.asking),
            subject: query.subject.clone(),
            dataset,
            attributes: permitted | flags,
            basis: asked.purpose.basis(consents.in_force),
            rule,
            freshness: self.freshness(asked.purpose, dataset, query.question.max_age),
        });
    }

    /// What of a dataset is permitted, with the first rule that does so; what is not is told to
    /// `deny`. Nothing, by a rule, means that the record may be read but for the secret of where
    /// the person lives: then its flags are told. Every decision comes through here, whether its
    /// question is of now or of the past.
    fn judge(
        &self,
        asked: &Asked<'_>,
        dataset: DatasetId,
        requested: AttributeSet,
        consents: &Speaking,
        mut deny: impl FnMut(AttributeSet, DenialReason, Arc<str>),
    ) -> Option<(AttributeSet, Arc<str>)> {
        let shape = self.shapes.get(dataset.index())?;
        let mut permitted = AttributeSet::EMPTY;
        let mut permitting = None;
        let mut but_for_the_address = None;
        let verdict = |group: GroupFacts| {
            let judge = || {
                let (slice, question) = (asked.slice, asked.facts);
                self.bundle.judge(&Facts {
                    slice,
                    question,
                    group,
                })
            };
            let key = asked.key | group.key();
            self.memo.get_or_judge(key, dataset.index(), judge)
        };
        shape.each_part(
            asked,
            dataset,
            requested,
            consents,
            |part, group| match verdict(group) {
                Verdict::Permit { rule } => {
                    permitted = permitted | part;
                    permitting.get_or_insert(rule);
                }
                Verdict::Deny { reason, rule } => {
                    if reason == DenialReason::Sealed && group.tells_address {
                        let elsewhere = GroupFacts {
                            tells_address: false,
                            ..group
                        };
                        if let Verdict::Permit { rule } = verdict(elsewhere) {
                            but_for_the_address.get_or_insert(rule);
                        }
                    }
                    deny(part, reason, rule);
                }
            },
        );
        let rule = permitting.or(but_for_the_address);
        rule.map(|rule| (permitted, rule))
    }

    fn flags(&self, dataset: DatasetId) -> AttributeSet {
        let shape = self.shapes.get(dataset.index());
        shape.map_or(AttributeSet::EMPTY, |shape| shape.flags)
    }

    fn freshness(
        &self,
        purpose: &Purpose,
        dataset: DatasetId,
        caller: Option<Duration>,
    ) -> Freshness {
        let dataset = Duration::from_secs(self.catalogue.dataset(dataset).max_age_seconds);
        let max_age = [purpose.max_age, caller]
            .into_iter()
            .flatten()
            .fold(dataset, Duration::min);
        let wants_fresh = caller == Some(Duration::ZERO);
        let stale_if_error = if wants_fresh {
            Duration::ZERO
        } else {
            purpose.stale_if_error
        };
        Freshness {
            max_age,
            stale_if_error,
        }
    }
}

impl Decision {
    /// Adds a denial, joined with an earlier one of the same dataset for the same reason.
    fn deny(
        &mut self,
        first: usize,
        purpose: &Purpose,
        dataset: DatasetId,
        attributes: AttributeSet,
        reason: DenialReason,
        rule: Arc<str>,
    ) {
        let mut same = self.denials.iter_mut().skip(first);
        if let Some(denied) = same.find(|other| other.reason == reason && other.rule == rule) {
            denied.attributes = denied.attributes | attributes;
            return;
        }
        let basis = attainable(reason).then(|| purpose.basis(None));
        self.denials.push(Denied {
            dataset,
            attributes,
            reason,
            rule,
            basis,
        });
    }

    fn lift_denials(&mut self, first: usize, attributes: AttributeSet) {
        for denied in self.denials.iter_mut().skip(first) {
            denied.attributes = denied.attributes - attributes;
        }
        self.denials.retain(|denied| !denied.attributes.is_empty());
    }

    fn deny_all(&mut self, question: &Question, reason: DenialReason, rule: &str) {
        let rule: Arc<str> = rule.into();
        self.denials.extend(
            question
                .selection
                .iter()
                .map(|(dataset, attributes)| Denied {
                    dataset,
                    attributes,
                    reason,
                    rule: Arc::clone(&rule),
                    basis: None,
                }),
        );
    }
}

fn asking(caller: &Caller, query_id: QueryId, question: &Question, now: Timestamp) -> Asking {
    let by = |asserted_by| {
        move |id: &OfficerId| Officer {
            id: id.clone(),
            asserted_by,
        }
    };
    let token = caller.officer.as_ref().map(by(AssertedBy::Token));
    Asking {
        query_id,
        decided_at: now,
        agency: caller.agency.id.clone(),
        client: caller.client.clone(),
        officer: token.or_else(|| question.officer.as_ref().map(by(AssertedBy::Agency))),
        purpose: question.purpose.clone(),
        case: question.case.clone(),
    }
}

/// Whether the purpose's basis would allow it, if only the caller or the citizen did something.
const fn attainable(reason: DenialReason) -> bool {
    match reason {
        DenialReason::ConsentRequired
        | DenialReason::ConsentExpired
        | DenialReason::ConsentRevoked
        | DenialReason::OfficerRequired
        | DenialReason::CaseRequired => true,
        DenialReason::UnknownAttributeForSubject
        | DenialReason::NotMandated
        | DenialReason::NotInPurpose
        | DenialReason::Sealed
        | DenialReason::ForbiddenByRule
        | DenialReason::PolicyError => false,
    }
}

/// The rule of a question whose purpose does not exist; the gateway refuses it before.
const UNKNOWN_PURPOSE: &str = "purpose-is-known";
/// The rule of a question whose agency these policies no longer have.
const UNKNOWN_AGENCY: &str = "agency-is-known";

#[cfg(test)]
mod tests;
