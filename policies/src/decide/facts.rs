//! The facts of a group of attributes: everything that the rules see of it, and nothing else.

use super::Caller;
use crate::{
    bundle::Named,
    permit::{Asking, AssertedBy},
    purpose::{BasisKind, Purpose},
};
use motlan_schemas::{
    answer::DenialReason,
    catalogue::{DatasetId, Sensitivity},
    ids::{AgencyId, PurposeId},
};
use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

/// What the rules see. Two groups with equal facts get equal verdicts, which is what makes it safe
/// to remember one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    /// The agency, only where some rule names it.
    pub(crate) agency: Option<AgencyId>,
    /// The purpose, only where some rule names it.
    pub(crate) purpose: Option<PurposeId>,
    pub(crate) dataset: DatasetId,
    pub(crate) mandated: bool,
    pub(crate) covered: bool,
    pub(crate) subject_matches: bool,
    pub(crate) sensitivity: Sensitivity,
    pub(crate) names_others: bool,
    pub(crate) officer_required: bool,
    pub(crate) officer_named: bool,
    pub(crate) officer_authenticated: bool,
    pub(crate) case_required: bool,
    pub(crate) case_named: bool,
    pub(crate) basis: BasisKind,
    pub(crate) consent: ConsentStanding,
}

/// Where the citizen's consent to some attributes stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ConsentStanding {
    /// There is none that could be used: never given, not yet begun, or used up.
    Absent,
    /// One is in force.
    Given,
    /// The last one has run out.
    Expired,
    /// The last one was withdrawn.
    Revoked,
}

/// What the rules say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It may be read, on the purpose's basis.
    Permit { rule: Arc<str> },
    /// It may not.
    Deny {
        reason: DenialReason,
        rule: Arc<str>,
    },
}

/// What is the same for all groups of one question.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) purpose: &'a Purpose,
    pub(super) agency: &'a AgencyId,
    mandated: bool,
    officer_named: bool,
    officer_authenticated: bool,
    case_named: bool,
    agency_fact: Option<AgencyId>,
    purpose_fact: Option<PurposeId>,
}

/// What differs between the groups of one question.
#[derive(Debug, Clone, Copy)]
pub(super) struct GroupFacts {
    pub(super) dataset: DatasetId,
    pub(super) covered: bool,
    pub(super) subject_matches: bool,
    pub(super) sensitivity: Sensitivity,
    pub(super) names_others: bool,
    pub(super) consent: ConsentStanding,
}

impl<'a> Asked<'a> {
    pub(super) fn new(
        caller: &'a Caller,
        purpose: &'a Purpose,
        asking: &Asking,
        named: &Named,
    ) -> Self {
        let agency = &caller.agency.id;
        let officer = asking.officer.as_ref();
        Self {
            purpose,
            agency,
            mandated: caller.agency.holds_mandate(&purpose.id),
            officer_named: officer.is_some(),
            officer_authenticated: officer.is_some_and(|o| o.asserted_by == AssertedBy::Token),
            case_named: asking.case.is_some(),
            agency_fact: named
                .agencies
                .contains(agency.as_str())
                .then(|| agency.clone()),
            purpose_fact: named
                .purposes
                .contains(purpose.id.as_str())
                .then(|| purpose.id.clone()),
        }
    }

    pub(super) fn facts(&self, group: GroupFacts) -> Facts {
        Facts {
            agency: self.agency_fact.clone(),
            purpose: self.purpose_fact.clone(),
            dataset: group.dataset,
            mandated: self.mandated,
            covered: group.covered,
            subject_matches: group.subject_matches,
            sensitivity: group.sensitivity,
            names_others: group.names_others,
            officer_required: self.purpose.officer_required,
            officer_named: self.officer_named,
            officer_authenticated: self.officer_authenticated,
            case_required: self.purpose.case_required,
            case_named: self.case_named,
            basis: self.purpose.basis_kind,
            consent: group.consent,
        }
    }
}

/// Hashing field by field costs more than all the rest of a remembered decision, so the small
/// fields are hashed as the bits of one number.
impl Hash for Facts {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let flags = [
            self.mandated,
            self.covered,
            self.subject_matches,
            self.names_others,
            self.officer_required,
            self.officer_named,
            self.officer_authenticated,
            self.case_required,
            self.case_named,
            self.basis == BasisKind::Law,
        ];
        let bits = flags
            .into_iter()
            .fold(0_u64, |bits, flag| bits << 1 | u64::from(flag));
        let bits = bits << 2 | self.sensitivity as u64;
        let bits = bits << 2 | self.consent as u64;
        state.write_u64(bits << 8 | self.dataset.index() as u64);
        if self.agency.is_some() || self.purpose.is_some() {
            (&self.agency, &self.purpose).hash(state);
        }
    }
}

impl Facts {
    /// What is missing where the purpose rests on a consent that is not in force.
    pub(crate) const fn missing_consent(&self) -> Option<DenialReason> {
        match (self.basis, self.consent) {
            (BasisKind::Law, _) | (BasisKind::Consent, ConsentStanding::Given) => None,
            (BasisKind::Consent, ConsentStanding::Absent) => Some(DenialReason::ConsentRequired),
            (BasisKind::Consent, ConsentStanding::Expired) => Some(DenialReason::ConsentExpired),
            (BasisKind::Consent, ConsentStanding::Revoked) => Some(DenialReason::ConsentRevoked),
        }
    }

    /// As in the rules' schema.
    pub(crate) const fn sensitivity_name(&self) -> &'static str {
        match self.sensitivity {
            Sensitivity::Basic => "basic",
            Sensitivity::Sensitive => "sensitive",
            Sensitivity::Special => "special",
        }
    }
}

impl ConsentStanding {
    /// As in the rules' schema.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Given => "given",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}
