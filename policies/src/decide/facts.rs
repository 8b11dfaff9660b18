//! The facts of a group of attributes: everything that the rules see of it, and nothing else.
//!
//! A fact has one name everywhere: in the schema of the rules, in their cases, and here.

use crate::{
    known::{Seal, Verified},
    purpose::BasisKind,
};
use motlan_schemas::{
    answer::DenialReason,
    catalogue::{DatasetId, Sensitivity},
};
use std::sync::Arc;

/// What the rules see. Two groups with equal facts get equal verdicts, which is what makes it safe
/// to remember one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) slice: Slice,
    pub(crate) question: QuestionFacts,
    pub(crate) group: GroupFacts,
}

/// The agency and the purpose, by their places among the names in the rules. Only where some rule
/// for exactly them exists: to all others the rules are blind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Slice {
    pub(crate) agency: Option<usize>,
    pub(crate) purpose: Option<usize>,
}

/// What is the same for all groups of one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct QuestionFacts {
    pub(crate) mandated: bool,
    pub(crate) officer_required: bool,
    pub(crate) officer_named: bool,
    pub(crate) officer_authenticated: bool,
    pub(crate) officer_has_role: bool,
    pub(crate) case_required: bool,
    pub(crate) case_named: bool,
    pub(crate) office_hours_only: bool,
    pub(crate) in_office_hours: bool,
    pub(crate) zone_allowed: bool,
    pub(crate) check: bool,
    pub(crate) subject_deceased: bool,
    pub(crate) deceased_refused: bool,
    pub(crate) subject_is_minor: bool,
    pub(crate) applicant_named: bool,
    pub(crate) applicant_accepted: bool,
    pub(crate) emergency_mandated: bool,
    pub(crate) emergency_named: bool,
    pub(crate) basis: BasisKind,
    pub(crate) seal: Seal,
    pub(crate) sees_sealed: Seal,
    pub(crate) applicant: Verified,
}

/// What differs between the groups of one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GroupFacts {
    pub(crate) dataset: DatasetId,
    pub(crate) covered: bool,
    pub(crate) subject_matches: bool,
    pub(crate) names_others: bool,
    pub(crate) tells_address: bool,
    pub(crate) consent_by_another: bool,
    pub(crate) sensitivity: Sensitivity,
    pub(crate) consent: ConsentStanding,
}

/// Where the citizen's consent to some attributes stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentStanding {
    /// There is none that could be used: never given, not yet begun, or used up.
    #[default]
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
pub enum Verdict {
    /// It may be read, on the purpose's basis.
    Permit {
        /// The rule that allows it, by its id in the bundle.
        rule: Arc<str>,
    },
    /// It may not.
    Deny {
        /// Why.
        reason: DenialReason,
        /// The rule that refuses, by its id in the bundle.
        rule: Arc<str>,
    },
}

/// Facts as one number, equal for equal facts alone: what all groups of a question share, or'ed with
/// what is the group's own.
pub(crate) type FactsKey = u128;

impl Facts {
    /// What is missing where the purpose rests on a consent that is not in force.
    pub(crate) const fn missing_consent(&self) -> Option<DenialReason> {
        if !matches!(self.question.basis, BasisKind::Consent) {
            return None;
        }
        match self.group.consent {
            ConsentStanding::Given => None,
            ConsentStanding::Absent => Some(DenialReason::ConsentRequired),
            ConsentStanding::Expired => Some(DenialReason::ConsentExpired),
            ConsentStanding::Revoked => Some(DenialReason::ConsentRevoked),
        }
    }
}

impl QuestionFacts {
    /// The facts that are true or false, by name.
    pub(crate) const fn flags(&self) -> [(&'static str, bool); 18] {
        [
            ("mandated", self.mandated),
            ("officer_required", self.officer_required),
            ("officer_named", self.officer_named),
            ("officer_authenticated", self.officer_authenticated),
            ("officer_has_role", self.officer_has_role),
            ("case_required", self.case_required),
            ("case_named", self.case_named),
            ("office_hours_only", self.office_hours_only),
            ("in_office_hours", self.in_office_hours),
            ("zone_allowed", self.zone_allowed),
            ("check", self.check),
            ("subject_deceased", self.subject_deceased),
            ("deceased_refused", self.deceased_refused),
            ("subject_is_minor", self.subject_is_minor),
            ("applicant_named", self.applicant_named),
            ("applicant_accepted", self.applicant_accepted),
            ("emergency_mandated", self.emergency_mandated),
            ("emergency_named", self.emergency_named),
        ]
    }

    /// The part of the key that all groups of a question share: worked out once a question.
    pub(super) fn key(&self, slice: Slice) -> FactsKey {
        let flags = self.flags().into_iter();
        let bits = flags.fold(0, |bits, (_, flag)| bits << 1 | FactsKey::from(flag));
        let words = [
            self.basis as FactsKey,
            self.seal as FactsKey,
            self.sees_sealed as FactsKey,
            self.applicant as FactsKey,
        ];
        let bits = words.into_iter().fold(bits, |bits, word| bits << 2 | word);
        // INVARIANT: names in rules are far fewer than 2³², and 18 flags, 4 words of 2 bits and the
        // group's bits are fewer than 64.
        let place = |name: Option<usize>| name.map_or(0, |place| place as FactsKey + 1);
        place(slice.agency) << 96 | place(slice.purpose) << 64 | bits << GROUP_BITS
    }
}

impl GroupFacts {
    /// The facts that are true or false, by name.
    pub(crate) const fn flags(&self) -> [(&'static str, bool); 5] {
        [
            ("covered", self.covered),
            ("subject_matches", self.subject_matches),
            ("names_others", self.names_others),
            ("tells_address", self.tells_address),
            ("consent_by_another", self.consent_by_another),
        ]
    }

    pub(super) fn key(&self) -> FactsKey {
        let flags = self.flags().into_iter();
        let bits = flags.fold(0, |bits, (_, flag)| bits << 1 | FactsKey::from(flag));
        let bits = bits << 2 | self.sensitivity as FactsKey;
        let bits = bits << 2 | self.consent as FactsKey;
        bits << 8 | self.dataset.index() as FactsKey
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
    /// All standings.
    pub const ALL: [Self; 4] = [Self::Absent, Self::Given, Self::Expired, Self::Revoked];

    /// As in the rules' schema.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Given => "given",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// 5 flags, 2 words of 2 bits, and 8 bits of the dataset.
const GROUP_BITS: u32 = 17;
