//! Following the log: what it says of consents comes into the store, at start and on
//! `motlan log reindex`.

use super::{ConsentLedger, entry};
use crate::index::{Entries, FollowerError, ReplayError, read};
use motlan_access_log::{details::DetailsError, entry::Record, log::Failure, merkle::hash_leaf};
use motlan_policies::consent::{
    ConsentStore, ConsentStoreError, EntryPlace, LogMarker, LoggedConsent, SubjectKey,
};
use motlan_schemas::catalogue::Catalogue;
use std::{sync::Arc, time::Duration};

/// Why the store cannot be brought to what the log says.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// The store.
    #[error(transparent)]
    Store(#[from] ConsentStoreError),
    /// The log's files, or an entry about a consent that cannot be understood: nothing may be
    /// decided without it.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The log publishes nothing.
    #[error("the access log does not publish its entries")]
    Unpublished,
    /// The log failed.
    #[error("the access log failed: {0}")]
    Failed(Failure),
    /// A file that follows the log.
    #[error("a file that follows the access log cannot be written")]
    File(#[source] std::io::Error),
    /// A task of the runtime ended.
    #[error("reading the access log was cut short")]
    CutShort,
}

/// What following came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Followed {
    /// Entries that were read.
    pub entries: u64,
    /// Changes of consents among them.
    pub changes: u64,
}

/// A start waits so long at most for the log to publish what a crash had left unpublished.
const PUBLISHED_WITHIN: Duration = Duration::from_secs(10);

impl ConsentLedger {
    /// Brings the store to what the log says. A store that follows another log, or is ahead of
    /// this one, is made anew.
    ///
    /// # Errors
    /// [`FollowError`]: the gateway must not answer then.
    pub async fn follow(&self) -> Result<Followed, FollowError> {
        let size = self.log.tree_size();
        let published = tokio::time::timeout(PUBLISHED_WITHIN, self.log.published(size)).await;
        published
            .map_err(|_| FollowError::Unpublished)?
            .map_err(FollowError::Failed)?;
        let entries = Entries {
            tiles: self.log.tiles(),
            details: Arc::clone(self.writer.details()),
        };
        follow(
            self.store.as_ref(),
            &self.catalogue,
            entries,
            self.writer.origin(),
            size,
        )
        .await
    }

    /// Says that the store has followed entries that were no changes of consents, so that the next
    /// start need not read them. Does nothing while there are few.
    ///
    /// # Errors
    /// The store failed.
    pub async fn advance(&self) -> Result<(), ConsentStoreError> {
        let _changes = self.changes.lock().await;
        let next = self.log.tree_size();
        let behind = self
            .store
            .marker()
            .await?
            .map_or(next, |marker| next - marker.next.min(next));
        if behind < ADVANCE_AFTER {
            return Ok(());
        }
        self.store
            .advance(&marker_at(self.writer.origin(), next))
            .await
    }
}

/// So many entries are read, and their changes kept, at once.
const STRETCH: u64 = 16_384;

/// As many entries are read in a fraction of a second at start.
const ADVANCE_AFTER: u64 = 50_000;

/// Brings a store to what the first `size` entries of a log say, a stretch at a time.
///
/// # Errors
/// [`FollowError`].
pub async fn follow(
    store: &dyn ConsentStore,
    catalogue: &Arc<Catalogue>,
    entries: Entries,
    origin: &str,
    size: u64,
) -> Result<Followed, FollowError> {
    let mut next = match store.marker().await? {
        Some(marker) if marker.origin == origin && marker.next <= size => marker.next,
        marker => {
            if marker.is_some() {
                tracing::warn!("the consent store does not belong to this log; it is made anew");
            }
            store.clear().await?;
            0
        }
    };
    let mut followed = Followed::default();
    while next < size {
        let to = size.min(next.saturating_add(STRETCH));
        let (entries, catalogue) = (entries.clone(), Arc::clone(catalogue));
        let reading = tokio::task::spawn_blocking(move || changes(&entries, &catalogue, next, to));
        let changes = reading.await.map_err(|_| FollowError::CutShort)??;
        if !changes.is_empty() {
            store.apply(&changes, &marker_at(origin, to)).await?;
        }
        followed.entries += to - next;
        followed.changes += changes.len() as u64;
        next = to;
    }
    store.advance(&marker_at(origin, next)).await?;
    Ok(followed)
}

/// What the entries of a stretch say of consents.
fn changes(
    entries: &Entries,
    catalogue: &Catalogue,
    from: u64,
    to: u64,
) -> Result<Vec<LoggedConsent>, FollowError> {
    let mut changes = Vec::new();
    read(&entries.tiles, from..to, |leaf_index, entry| {
        if mentions_consent(entry) {
            changes.extend(change(entries, catalogue, leaf_index, entry)?);
        }
        Ok(())
    })?;
    Ok(changes)
}

/// Most entries are answers; they are not parsed just to see that.
fn mentions_consent(entry: &[u8]) -> bool {
    entry.starts_with(br#"{"kind":"consent_change""#)
}

/// The change of an entry; none where the citizen was erased, which ends consents too.
fn change(
    entries: &Entries,
    catalogue: &Catalogue,
    leaf_index: u64,
    bytes: &[u8],
) -> Result<Option<LoggedConsent>, FollowerError> {
    let entry = match entries.details.read(bytes) {
        Err(DetailsError::Erased) => return Ok(None),
        entry => entry?,
    };
    let Record::ConsentChange(change) = entry.record else {
        return Err("the entry is of another kind than it says".into());
    };
    let request = entry::request(&change.consent);
    let subject = SubjectKey(change.holder.0);
    let consent = entry::consent(change.consent, subject, catalogue)?;
    Ok(Some(LoggedConsent {
        consent,
        request,
        entry: EntryPlace {
            leaf_index,
            leaf_hash: hash_leaf(bytes),
        },
    }))
}

fn marker_at(origin: &str, next: u64) -> LogMarker {
    LogMarker {
        origin: origin.to_owned(),
        next,
    }
}
