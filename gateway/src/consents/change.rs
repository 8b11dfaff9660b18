//! Changes of consents: what is asked for, what came of it, and why not.

use super::CONSENTS_MAX;
use jiff::Timestamp;
use motlan_access_log::log::AppendError;
use motlan_policies::consent::{
    Consent, ConsentState, ConsentStoreError, ConsentTermsError, ConsentUses, IdempotentRequest,
};
use motlan_schemas::{
    catalogue::Selection,
    ids::{AgencyId, PersonalId, PurposeId},
    query::Relation,
};

/// A consent to be given.
#[derive(Debug)]
pub struct Giving {
    /// The citizen whose data it is about.
    pub subject: PersonalId,
    /// The terms; `subject` and `giver` are filled in from here.
    pub terms: Terms,
    /// The program that the citizen uses.
    pub client: String,
    /// Who acts in the citizen's place, verified, and by which record.
    pub acting: Option<VerifiedActing>,
    /// The call, where it carries an idempotency key.
    pub request: Option<IdempotentRequest>,
}

/// The terms of a consent without the people.
#[derive(Debug)]
pub struct Terms {
    /// The agency that may ask.
    pub agency: AgencyId,
    /// For which procedures.
    pub purposes: Vec<PurposeId>,
    /// What it may be told.
    pub attributes: Selection,
    /// From when; at once where it does not say.
    pub from: Option<Timestamp>,
    /// Until when.
    pub until: Timestamp,
    /// How often.
    pub uses: ConsentUses,
}

/// Somebody who acts for another, after that was verified.
#[derive(Debug, Clone)]
pub struct VerifiedActing {
    /// Who acts.
    pub person: PersonalId,
    /// As what.
    pub relation: Relation,
    /// The record that shows it.
    pub verified_by: String,
}

/// A change that is durable, and where it is logged.
#[derive(Debug)]
pub struct Changed {
    /// The consent after the change.
    pub consent: Consent,
    /// Whether this call changed it; an earlier one may have done the same.
    pub is_new: bool,
}

/// Why a consent did not change.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Terms under which nothing could be read.
    #[error(transparent)]
    Terms(#[from] ConsentTermsError),
    /// The citizen has as many as can be kept track of.
    #[error("the citizen has {CONSENTS_MAX} consents already")]
    TooMany,
    /// The idempotency key came before with another body.
    #[error("the idempotency key was used for another call")]
    OtherRequest,
    /// The citizen has no such consent.
    #[error("the citizen has no such consent")]
    Unknown,
    /// It has ended in another way before.
    #[error("the consent is {}", .0.as_str())]
    Ended(ConsentState),
    /// The change could not be logged, so it did not happen.
    #[error("the change could not be logged")]
    Log(#[from] AppendError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] ConsentStoreError),
}
