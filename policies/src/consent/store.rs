//! Where consents are kept: the contract that every store fulfils.
//!
//! The access log is the truth: every change is an entry there before it comes here, and a store
//! says up to which entry it has followed. What it lost, or never had, is replayed.

use super::{Consent, SubjectKey};
use async_trait::async_trait;
use jiff::Timestamp;
use motlan_schemas::ids::{AgencyId, ConsentId, PurposeId};
use std::{error::Error, fmt::Debug};

/// How far a store has followed the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogMarker {
    /// The log, by its origin.
    pub origin: String,
    /// The first entry that is not followed yet.
    pub next: u64,
}

/// A call that gave a consent, so that its repetition gives no second one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdempotentRequest {
    /// SHA-256 of the idempotency key.
    pub key: [u8; 32],
    /// SHA-256 of the body.
    pub body: [u8; 32],
}

/// A consent as an entry of the log says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedConsent {
    /// The consent after the change.
    pub consent: Consent,
    /// The call that gave it, where the entry says so.
    pub request: Option<IdempotentRequest>,
    /// The entry.
    pub entry: EntryPlace,
}

/// Where an entry stands in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryPlace {
    /// Its index, from 0.
    pub leaf_index: u64,
    /// Its RFC 6962 leaf hash.
    pub leaf_hash: [u8; 32],
}

/// Keeps consents.
///
/// Callers may assume that what was acknowledged survives the machine, and that every read begun
/// after the acknowledgement sees it: a withdrawal acts on the next question. An implementer must
/// therefore not answer from a replica or a cache that can lag behind, and must acknowledge nothing
/// after a failed sync: from then on every call is [`ConsentStoreError::Stopped`].
///
/// Changes of one consent come one after the other, in the order of the log; whoever calls sees to
/// that.
#[async_trait]
pub trait ConsentStore: Send + Sync + Debug {
    /// The consents of a citizen to an agency for a purpose, whatever their state, newest first.
    ///
    /// # Errors
    /// The store cannot be read. No consent may then be assumed.
    async fn lookup(
        &self,
        subject: &SubjectKey,
        agency: &AgencyId,
        purpose: &PurposeId,
    ) -> Result<Vec<Consent>, ConsentStoreError>;

    /// All consents about a citizen, newest first.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn list(&self, subject: &SubjectKey) -> Result<Vec<Consent>, ConsentStoreError>;

    /// All consents that a citizen gave in somebody else's place, newest first.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn given_by(&self, giver: &SubjectKey) -> Result<Vec<Consent>, ConsentStoreError>;

    /// The consent that an earlier call with this idempotency key gave about the citizen, and the
    /// digest of that call's body.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn requested(
        &self,
        subject: &SubjectKey,
        key: &[u8; 32],
    ) -> Result<Option<(ConsentId, [u8; 32])>, ConsentStoreError>;

    /// Where the last entry about a consent stands in the log.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn entry_of(&self, consent: &Consent) -> Result<Option<EntryPlace>, ConsentStoreError>;

    /// Keeps consents as entries of the log say they are, in the entries' order, and how far the
    /// log is followed with that: all of it or nothing. Durable when this returns. Doing it again
    /// changes nothing.
    ///
    /// # Errors
    /// The store has failed; the log still has the changes.
    async fn apply(
        &self,
        changes: &[LoggedConsent],
        marker: &LogMarker,
    ) -> Result<(), ConsentStoreError>;

    /// How far the store has followed the log; `None` if not at all.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn marker(&self) -> Result<Option<LogMarker>, ConsentStoreError>;

    /// Says that the log was followed up to here, with no change in between.
    ///
    /// # Errors
    /// The store has failed.
    async fn advance(&self, marker: &LogMarker) -> Result<(), ConsentStoreError>;

    /// Forgets all consents about a citizen for good: when this returns, nothing of them is left in
    /// any of the store's files.
    ///
    /// # Errors
    /// The store has failed; it can be tried again.
    async fn forget(&self, subject: &SubjectKey) -> Result<(), ConsentStoreError>;

    /// Forgets for good all consents that have ended by now and whose last entry stands before this
    /// place of the log.
    ///
    /// # Errors
    /// The store has failed; it can be tried again.
    async fn forget_older(&self, before: u64, now: Timestamp) -> Result<(), ConsentStoreError>;

    /// Forgets everything, to follow the log from its beginning.
    ///
    /// # Errors
    /// The store has failed.
    async fn clear(&self) -> Result<(), ConsentStoreError>;
}

/// Why a store did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum ConsentStoreError {
    /// The store failed.
    #[error("the consent store failed")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
    /// The store failed earlier, and answers nothing any more.
    #[error("the consent store has stopped after an earlier failure")]
    Stopped,
}
