//! Consents: what a citizen allows one agency to read, for which procedures, from when to when.
//!
//! The record follows ISO/IEC TS 27560:2023 as far as a decision needs it: who may process (the
//! agency), for what (purposes), which data (attributes), when, and in which state. A state is only
//! ever left by a transition that consumes the consent and may refuse.

mod store;

pub use motlan_schemas::consent::ConsentUses;
pub use store::{
    ConsentStore, ConsentStoreError, EntryPlace, IdempotentRequest, LogMarker, LoggedConsent,
};

use jiff::Timestamp;
use motlan_schemas::{
    catalogue::Selection,
    ids::{AgencyId, ConsentId, PurposeId},
};
use std::{fmt, sync::Arc};

/// One consent of one citizen to one agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// Its id, which answers and log entries name as their basis.
    pub id: ConsentId,
    /// The citizen, under a key: the number itself is not kept.
    pub subject: SubjectKey,
    /// Who gave it in the citizen's place: the parent of a minor, a guardian.
    pub giver: Option<SubjectKey>,
    /// The agency that may ask.
    pub agency: AgencyId,
    /// The procedures for which it may.
    pub purposes: Vec<PurposeId>,
    /// What it may be told.
    pub attributes: Selection,
    /// Attributes to which the citizen consented and which the catalogue no longer has. Kept
    /// because a consent is evidence; nothing can be read by them.
    pub retired_attributes: Vec<Arc<str>>,
    /// When it was given.
    pub given_at: Timestamp,
    /// From when it counts.
    pub from: Timestamp,
    /// From when it no longer counts.
    pub until: Timestamp,
    /// How often it may be used.
    pub uses: ConsentUses,
    pub(crate) state: ConsentState,
}

/// What a citizen says when giving a consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentTerms {
    /// The citizen.
    pub subject: SubjectKey,
    /// Who gives it in the citizen's place, where somebody does.
    pub giver: Option<SubjectKey>,
    /// The agency that may ask.
    pub agency: AgencyId,
    /// The procedures for which it may; at least one.
    pub purposes: Vec<PurposeId>,
    /// What it may be told; not empty.
    pub attributes: Selection,
    /// From when it counts.
    pub from: Timestamp,
    /// From when it no longer counts; after `from`.
    pub until: Timestamp,
    /// How often it may be used.
    pub uses: ConsentUses,
}

/// A keyed hash (HMAC-SHA-256) of a personal number, made by whoever holds the key.
///
/// Stores see only this, so a stolen disk names nobody.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubjectKey(pub [u8; 32]);

/// Where a consent is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ConsentState {
    /// Given, and neither used up nor withdrawn.
    Given,
    /// Given for one answer, which has been given.
    UsedUp {
        /// When.
        at: Timestamp,
    },
    /// Its time is over.
    Expired {
        /// Since when.
        at: Timestamp,
    },
    /// The citizen has withdrawn it.
    Withdrawn {
        /// When.
        at: Timestamp,
    },
}

/// Why terms are no consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConsentTermsError {
    /// It would never count.
    #[error("`until` must be later than `from` and later than now")]
    Period,
    /// No procedure.
    #[error("at least one purpose must be named")]
    NoPurpose,
    /// No attribute.
    #[error("at least one attribute must be named")]
    NoAttribute,
}

/// Why a consent cannot change as asked. It is unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the consent is {}", .state.as_str())]
pub struct TransitionRefused {
    /// Where it is in its life.
    pub state: ConsentState,
}

impl Consent {
    /// A new consent, given at `now`.
    ///
    /// # Errors
    /// Terms under which nothing could ever be read.
    pub fn give(
        id: ConsentId,
        terms: ConsentTerms,
        now: Timestamp,
    ) -> Result<Self, ConsentTermsError> {
        if terms.until <= terms.from || terms.until <= now {
            return Err(ConsentTermsError::Period);
        }
        if terms.purposes.is_empty() {
            return Err(ConsentTermsError::NoPurpose);
        }
        if terms.attributes.is_empty() {
            return Err(ConsentTermsError::NoAttribute);
        }
        Ok(Self {
            id,
            subject: terms.subject,
            giver: terms.giver,
            agency: terms.agency,
            purposes: terms.purposes,
            attributes: terms.attributes,
            retired_attributes: Vec::new(),
            given_at: now,
            from: terms.from,
            until: terms.until,
            uses: terms.uses,
            state: ConsentState::Given,
        })
    }

    /// A consent as it was kept: what was given at `given_at` and came to `state` since.
    #[must_use]
    pub fn restore(
        id: ConsentId,
        terms: ConsentTerms,
        retired_attributes: Vec<Arc<str>>,
        given_at: Timestamp,
        state: ConsentState,
    ) -> Self {
        Self {
            id,
            subject: terms.subject,
            giver: terms.giver,
            agency: terms.agency,
            purposes: terms.purposes,
            attributes: terms.attributes,
            retired_attributes,
            given_at,
            from: terms.from,
            until: terms.until,
            uses: terms.uses,
            state,
        }
    }

    /// The state it is kept in; unlike [`Consent::state_at`] it does not know that time passes.
    #[must_use]
    pub const fn kept_state(&self) -> ConsentState {
        self.state
    }

    /// Where it is in its life at `now`: the passing of time needs no transition.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> ConsentState {
        match self.state {
            ConsentState::Given if now >= self.until => ConsentState::Expired { at: self.until },
            state => state,
        }
    }

    /// Whether something may be read by it at `now`.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        now >= self.from && self.state_at(now) == ConsentState::Given
    }

    /// Withdraws it.
    ///
    /// # Errors
    /// It is already withdrawn, used up or expired.
    pub fn withdraw(self, now: Timestamp) -> Result<Self, TransitionRefused> {
        self.leave_given(now, ConsentState::Withdrawn { at: now })
    }

    /// Uses it for one answer: a consent for one answer is then used up.
    ///
    /// # Errors
    /// It is not in force.
    pub fn use_for_answer(self, now: Timestamp) -> Result<Self, TransitionRefused> {
        if !self.is_in_force(now) {
            return Err(TransitionRefused {
                state: self.state_at(now),
            });
        }
        match self.uses {
            ConsentUses::Once => self.leave_given(now, ConsentState::UsedUp { at: now }),
            ConsentUses::Repeated => Ok(self),
        }
    }

    fn leave_given(self, now: Timestamp, next: ConsentState) -> Result<Self, TransitionRefused> {
        match self.state_at(now) {
            ConsentState::Given => Ok(Self {
                state: next,
                ..self
            }),
            state => Err(TransitionRefused { state }),
        }
    }
}

impl ConsentState {
    /// As on the wire.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::UsedUp { .. } => "used_up",
            Self::Expired { .. } => "expired",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }
}

impl fmt::Debug for SubjectKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SubjectKey(redacted)")
    }
}

#[cfg(test)]
mod tests;
