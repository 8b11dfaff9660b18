//! Which of a citizen's consents speaks for which attributes of a dataset.

use super::{asked::Asked, facts::ConsentStanding};
use crate::{
    consent::{Consent, ConsentState},
    purpose::BasisKind,
};
use jiff::Timestamp;
use motlan_schemas::{
    catalogue::{AttributeSet, DatasetId},
    ids::ConsentId,
};
use std::cmp::Reverse;

/// Where consent stands for the attributes of one dataset. The sets do not overlap; whatever is in
/// none of them has no consent.
#[derive(Debug, Default)]
pub(super) struct Speaking {
    /// The consent in force that allows most of what is asked.
    pub(super) in_force: Option<ConsentId>,
    /// Somebody else gave it in the citizen's place.
    pub(super) by_another: bool,
    given: AttributeSet,
    expired: AttributeSet,
    revoked: AttributeSet,
}

/// A permit names one consent, so one consent in force is chosen: the one that allows most. For
/// the attributes that it leaves, the newest consent that mentions them tells what became of it.
pub(super) fn speaking(
    asked: &Asked<'_>,
    consents: &[Consent],
    dataset: DatasetId,
    requested: AttributeSet,
    now: Timestamp,
) -> Speaking {
    let mut speaking = Speaking::default();
    if asked.purpose.basis_kind != BasisKind::Consent {
        return speaking;
    }
    // The store was asked for this agency and purpose; a consent to another must not slip through.
    let mut relevant: Vec<_> = consents
        .iter()
        .filter(|c| c.agency == asked.agency.id && c.purposes.contains(&asked.purpose.id))
        .map(|consent| (consent, consent.attributes.of(dataset) & requested))
        .filter(|(_, attributes)| !attributes.is_empty())
        .collect();
    relevant.sort_by_key(|(consent, _)| Reverse((consent.given_at, consent.id)));
    let in_force = relevant
        .iter()
        .filter(|(consent, _)| consent.is_in_force(now));
    // A minor's own consent does not count, so one given for them goes before. `max_by_key` takes
    // the last of equals, so the newest stands last.
    let minor = asked.facts.subject_is_minor;
    let weight =
        |consent: &Consent, set: &AttributeSet| (minor && consent.giver.is_some(), set.len());
    if let Some((consent, attributes)) = in_force.rev().max_by_key(|(c, set)| weight(c, set)) {
        speaking.in_force = Some(consent.id);
        speaking.by_another = consent.giver.is_some();
        speaking.given = *attributes;
    }
    let mut told = speaking.given;
    for (consent, attributes) in relevant {
        let rest = attributes - told;
        match consent.state_at(now) {
            ConsentState::Withdrawn { .. } => speaking.revoked = speaking.revoked | rest,
            ConsentState::Expired { .. } => speaking.expired = speaking.expired | rest,
            ConsentState::Given | ConsentState::UsedUp { .. } => {}
        }
        told = told | rest;
    }
    speaking
}

impl Speaking {
    /// Nothing yet of a question of the past.
    pub(super) fn of_the_past(by_another: bool) -> Self {
        Self {
            by_another,
            ..Self::default()
        }
    }

    /// Adds attributes about which the consent stood so when a question of the past was asked.
    pub(super) fn add(&mut self, standing: ConsentStanding, attributes: AttributeSet) {
        match standing {
            ConsentStanding::Absent => {}
            ConsentStanding::Given => self.given = self.given | attributes,
            ConsentStanding::Expired => self.expired = self.expired | attributes,
            ConsentStanding::Revoked => self.revoked = self.revoked | attributes,
        }
    }

    /// Some attributes, split by where the consent to them stands; parts may be empty.
    pub(super) fn standings(
        &self,
        attributes: AttributeSet,
    ) -> impl Iterator<Item = (ConsentStanding, AttributeSet)> {
        let spoken = self.given | self.expired | self.revoked;
        [
            (ConsentStanding::Given, attributes & self.given),
            (ConsentStanding::Expired, attributes & self.expired),
            (ConsentStanding::Revoked, attributes & self.revoked),
            (ConsentStanding::Absent, attributes - spoken),
        ]
        .into_iter()
    }
}
