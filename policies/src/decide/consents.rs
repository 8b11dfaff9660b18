//! Which of a citizen's consents speaks for which attributes of a dataset.

use super::facts::{Asked, ConsentStanding};
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
    if asked.purpose.basis_kind == BasisKind::Law {
        return speaking;
    }
    // The store was asked for this agency and purpose; a consent to another must not slip through.
    let mut relevant: Vec<_> = consents
        .iter()
        .filter(|c| &c.agency == asked.agency && c.purposes.contains(&asked.purpose.id))
        .map(|consent| (consent, consent.attributes.of(dataset) & requested))
        .filter(|(_, attributes)| !attributes.is_empty())
        .collect();
    relevant.sort_by_key(|(consent, _)| Reverse((consent.given_at, consent.id)));
    let in_force = relevant
        .iter()
        .filter(|(consent, _)| consent.is_in_force(now));
    // `max_by_key` takes the last of equals, so the newest stands last.
    if let Some((consent, attributes)) = in_force.rev().max_by_key(|(_, set)| set.len()) {
        speaking.in_force = Some(consent.id);
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
