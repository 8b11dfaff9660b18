//! Where consents are kept: the contract that every store fulfils.

use super::{Consent, SubjectKey};
use async_trait::async_trait;
use motlan_schemas::ids::{AgencyId, ConsentId, PurposeId};
use std::{error::Error, fmt::Debug};

/// Keeps consents.
///
/// Callers may assume that a change which was acknowledged survives the machine, and that every
/// read begun after the acknowledgement sees it: a withdrawal acts on the next question. An
/// implementer must therefore not answer from a replica or a cache that can lag behind, and must
/// acknowledge nothing after a failed sync: from then on every call is
/// [`ConsentStoreError::Stopped`].
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

    /// All consents of a citizen, newest first.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn list(&self, subject: &SubjectKey) -> Result<Vec<Consent>, ConsentStoreError>;

    /// One consent of a citizen; `None` too where it is somebody else's.
    ///
    /// # Errors
    /// The store cannot be read.
    async fn get(
        &self,
        subject: &SubjectKey,
        id: ConsentId,
    ) -> Result<Option<Consent>, ConsentStoreError>;

    /// Keeps a new consent. It is durable when this returns.
    ///
    /// # Errors
    /// [`ConsentStoreError::Conflict`] where the id is taken; otherwise the store has failed, and
    /// whether the consent is kept is unknown.
    async fn put(&self, consent: Consent) -> Result<(), ConsentStoreError>;

    /// Puts the next state of a consent in the place of the one that was seen. It is durable when
    /// this returns.
    ///
    /// # Errors
    /// [`ConsentStoreError::Conflict`] where the consent is no longer as it was seen: read it
    /// again, and ask again whether the transition is possible.
    async fn replace(&self, seen: &Consent, next: Consent) -> Result<(), ConsentStoreError>;
}

/// Why a store did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum ConsentStoreError {
    /// Somebody else was faster, or the id is taken.
    #[error("the consent has changed meanwhile")]
    Conflict,
    /// The store failed.
    #[error("the consent store failed")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
    /// The store failed earlier, and answers nothing any more.
    #[error("the consent store has stopped after an earlier failure")]
    Stopped,
}
