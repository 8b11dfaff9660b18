//! From what is known of a question to its facts: one way for questions of now and of the past.

use super::facts::{FactsKey, QuestionFacts, Slice};
use crate::{
    agency::Agency,
    calendar::OfficeCalendar,
    known::{SubjectStatus, Verified},
    permit::AssertedBy,
    purpose::{Deceased, Purpose},
};
use jiff::Timestamp;
use motlan_schemas::{
    catalogue::{AttributeSet, SubjectKind},
    check::CheckKind,
    query::{Relation, Subject},
};

/// Everything that matters of a question beside its attributes. No person is in it.
#[derive(Debug)]
pub(super) struct Circumstances<'a> {
    pub(super) agency: &'a Agency,
    pub(super) purpose: &'a Purpose,
    pub(super) officer: Option<AssertedBy>,
    /// The token vouches for a role that the purpose wants, or the purpose wants none.
    pub(super) officer_has_role: bool,
    pub(super) case_named: bool,
    pub(super) zone: Option<&'a str>,
    pub(super) at: Timestamp,
    pub(super) subject: SubjectKind,
    pub(super) status: SubjectStatus,
    pub(super) subject_is_minor: bool,
    pub(super) applicant: Option<(Relation, Verified)>,
    pub(super) emergency_named: bool,
    pub(super) check: Option<CheckKind>,
}

/// A question whose facts are known.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) agency: &'a Agency,
    pub(super) purpose: &'a Purpose,
    pub(super) subject: SubjectKind,
    pub(super) facts: QuestionFacts,
    pub(super) slice: Slice,
    pub(super) key: FactsKey,
    /// What the purpose covers, by dataset.
    covered: &'a [AttributeSet],
    /// The purpose may have this statement checked, whatever data it needs.
    check_covers: bool,
}

impl<'a> Asked<'a> {
    pub(super) fn new(
        circumstances: &Circumstances<'a>,
        covered: &'a [AttributeSet],
        slice: Slice,
        calendar: &OfficeCalendar,
    ) -> Self {
        let purpose = circumstances.purpose;
        let facts = facts(circumstances, calendar);
        let check = circumstances.check;
        Self {
            agency: circumstances.agency,
            purpose,
            subject: circumstances.subject,
            key: facts.key(slice),
            facts,
            slice,
            covered,
            check_covers: check.is_some_and(|kind| purpose.checks.contains(&kind)),
        }
    }

    /// What of a dataset the purpose lets this question look at.
    pub(super) fn covered(&self, dataset: usize) -> AttributeSet {
        let covered = self.covered.get(dataset).copied();
        covered.unwrap_or(AttributeSet::EMPTY)
    }

    pub(super) const fn check_covers(&self) -> bool {
        self.check_covers
    }
}

fn facts(asked: &Circumstances<'_>, calendar: &OfficeCalendar) -> QuestionFacts {
    let purpose = asked.purpose;
    let zone_allowed = purpose.zones.is_empty()
        || asked
            .zone
            .is_some_and(|zone| purpose.zones.iter().any(|allowed| &**allowed == zone));
    QuestionFacts {
        mandated: asked.agency.is_mandated(purpose),
        officer_required: purpose.officer_required,
        officer_named: asked.officer.is_some(),
        officer_authenticated: asked.officer == Some(AssertedBy::Token),
        officer_has_role: asked.officer_has_role,
        case_required: purpose.case_required,
        case_named: asked.case_named,
        office_hours_only: purpose.office_hours,
        in_office_hours: calendar.is_open(asked.at),
        zone_allowed,
        check: asked.check.is_some(),
        subject_deceased: asked.status.deceased,
        deceased_refused: purpose.deceased == Deceased::Refuse,
        subject_is_minor: asked.subject_is_minor,
        applicant_named: asked.applicant.is_some(),
        applicant_accepted: asked
            .applicant
            .is_some_and(|(relation, _)| purpose.applicants.contains(&relation)),
        emergency_mandated: asked.agency.emergency,
        emergency_named: asked.emergency_named,
        basis: purpose.basis_kind,
        seal: asked.status.seal,
        sees_sealed: purpose.sees_sealed,
        applicant: asked.applicant.map_or(Verified::Unknown, |(_, v)| v),
    }
}

/// Whether the subject cannot be of age yet. The personal number knows the year of birth alone, so
/// somebody who turns 18 in the course of this year is no certain minor from its first day on:
/// where only the date of birth can tell, the number does not pretend to.
pub(super) fn certainly_minor(subject: &Subject, year: i16) -> bool {
    match subject {
        Subject::Person(person) => year - person.birth_year() < ADULT_YEARS,
        Subject::Enterprise(_) => false,
    }
}

/// Civil Code 91/2015/QH13, Article 20.
const ADULT_YEARS: i16 = 18;
