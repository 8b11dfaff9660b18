//! The index over the access log: entries found by person, by what they say, and by time, and the
//! emergency uses to be reviewed, without reading the log.
//!
//! The index follows the log and nothing waits for it but its readers. It wakes when a checkpoint is
//! published, reads the new entries from the published bundles, and keeps what it makes of them
//! together with a marker of where it stands. On any doubt (the marker is beyond the log, its entry
//! is another one, it names another log, the store fails) it is dropped and made anew from the log,
//! which is the truth. It is never synced: what a crash takes is read again.
//!
//! What somebody is forgotten for must not live on here: after an erasure the index is dropped and
//! made anew from what the log still tells ([`Index::forget`]).

mod facts;
mod gather;
mod nearby;
mod postings;
mod replay;
mod search;
mod store;
mod times;

pub(crate) use facts::outcome;
pub use facts::{CITIZEN, DATA_PROTECTION_OFFICER, Kind};
pub use nearby::Nearby;
pub use replay::{Entries, EntryUnreadable, Follower, FollowerError, ReplayError, read, replay};
pub use search::{Filter, Found};
pub use store::{OpenUse, UseState};

use crate::keys::IndexKey;
use gather::gather;
use jiff::Timestamp;
use motlan_access_log::{
    details::DetailKeys,
    log::AccessLog,
    pseudonym::Pseudonym,
    store::{ReadError, TileStore},
};
use parking_lot::Mutex;
use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use store::{SHELF, Store};
use tokio::{sync::watch, task::JoinHandle};

/// The index of a running gateway. Dropping it ends the following.
#[derive(Debug)]
pub struct Index {
    shared: Arc<Shared>,
    following: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    directory: PathBuf,
    details: Arc<DetailKeys>,
    key: IndexKey,
    origin: String,
    opened: Mutex<Opened>,
    /// How many entries are indexed.
    next: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Opened {
    /// `None` before the first step, after a failure, and after [`Index::forget`].
    store: Option<Store>,
    /// How often the index has been forgotten. A step that began before is not kept.
    forgotten: u64,
    /// Its files are not to be believed, and not yet removed.
    is_to_be_dropped: bool,
}

/// Why the index cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// It has not caught up with the log in time; it may be being made anew.
    #[error("the index has not caught up with the access log")]
    Behind,
    /// The store failed. It is made anew at the next step.
    #[error("the index cannot be read")]
    Store(#[from] sled::Error),
    /// Entries that a search has to look at cannot be read.
    #[error("the access log cannot be read")]
    Log(#[from] ReadError),
}

/// How long a reader waits for the index. Entries are published within 0.2 s; more than this means
/// that the index is being made anew.
const CATCH_UP_MAX: Duration = Duration::from_secs(2);
/// How long following rests after a failure.
const RETRY_AFTER: Duration = Duration::from_secs(1);

impl Index {
    /// Begins to follow a log; returns at once. It must be called within a tokio runtime.
    ///
    /// # Errors
    /// The directory cannot be made.
    pub fn follow(
        directory: &Path,
        log: Arc<dyn AccessLog>,
        details: Arc<DetailKeys>,
        key: IndexKey,
        origin: String,
    ) -> io::Result<Self> {
        std::fs::create_dir_all(directory)?;
        let shared = Arc::new(Shared {
            directory: directory.to_owned(),
            details,
            key,
            origin,
            opened: Mutex::default(),
            next: watch::Sender::new(0),
        });
        let following = tokio::spawn(follow(Arc::clone(&shared), log));
        Ok(Self { shared, following })
    }

    /// A reader that knows at least the first `tree_size` entries, which is awaited for two seconds.
    ///
    /// # Errors
    /// [`IndexError::Behind`].
    pub async fn reader(&self, tree_size: u64) -> Result<Reader, IndexError> {
        let mut next = self.shared.next.subscribe();
        let caught_up = next.wait_for(|next| *next >= tree_size);
        let waited = tokio::time::timeout(CATCH_UP_MAX, caught_up).await;
        if !matches!(waited, Ok(Ok(_))) {
            return Err(IndexError::Behind);
        }
        self.now()
            .filter(|reader| reader.0.next() >= tree_size)
            .ok_or(IndexError::Behind)
    }

    /// A reader of what is indexed now, however little; `None` before the index is open.
    #[must_use]
    pub fn now(&self) -> Option<Reader> {
        self.shared.opened.lock().store.clone().map(Reader)
    }

    /// Drops the index and begins to make it anew, because keys were destroyed: nothing that they
    /// sealed is found any more. Until it has caught up, readers are told that it is behind.
    pub fn forget(&self) {
        let mut opened = self.shared.opened.lock();
        opened.forgotten += 1;
        opened.store = None;
        opened.is_to_be_dropped = true;
        self.shared.next.send_replace(0);
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        self.following.abort();
    }
}

/// Reads the index as it is; later entries appear in it too.
#[derive(Debug, Clone)]
pub struct Reader(Store);

impl Reader {
    /// The places below `before` of the entries about one person, newest first, at most `limit`;
    /// under all the pseudonyms that the person has.
    ///
    /// # Errors
    /// [`IndexError::Store`].
    pub fn of_subject(
        &self,
        pseudonyms: &[Pseudonym],
        before: u64,
        limit: usize,
    ) -> Result<Vec<(u64, Kind)>, IndexError> {
        let mut all = Vec::new();
        for pseudonym in pseudonyms {
            all.extend(self.0.of_subject(&pseudonym.value.0, before, limit)?);
        }
        all.sort_unstable_by_key(|(leaf_index, _)| std::cmp::Reverse(*leaf_index));
        all.truncate(limit);
        Ok(all)
    }

    /// The entries that an order hides at this time from the persons they are about.
    ///
    /// # Errors
    /// [`IndexError::Store`].
    pub fn hidden(&self, now: Timestamp) -> Result<Vec<u64>, IndexError> {
        Ok(self.0.hidden(now)?)
    }

    /// The emergency uses that wait for their review, what is due first first.
    ///
    /// # Errors
    /// [`IndexError::Store`].
    pub fn open_uses(&self) -> Result<Vec<OpenUse>, IndexError> {
        let mut uses = self.0.open_uses()?;
        uses.sort_by_key(|open| (open.review_due, open.leaf_index));
        Ok(uses)
    }

    /// Where a query stands that was an emergency use, and its entry; `None` where it was none.
    ///
    /// # Errors
    /// [`IndexError::Store`].
    pub fn emergency_use(&self, query_id: &str) -> Result<Option<(u64, UseState)>, IndexError> {
        Ok(self.0.emergency_use(query_id)?)
    }
}

async fn follow(shared: Arc<Shared>, log: Arc<dyn AccessLog>) {
    let mut next = shared.next.subscribe();
    loop {
        let wanted = next.borrow_and_update().saturating_add(1);
        tokio::select! {
            // The log fails once and for ever, and its node stops.
            published = log.published(wanted) => if published.is_err() { return },
            // The index was forgotten.
            _ = next.changed() => continue,
        }
        let (step, tiles) = (Arc::clone(&shared), log.tiles());
        let stepped = tokio::task::spawn_blocking(move || step.step(&tiles)).await;
        match stepped {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(%error, cause, "the index of the access log cannot go on");
                tokio::time::sleep(RETRY_AFTER).await;
            }
            // The runtime is shutting down.
            Err(_) => return,
        }
    }
}

impl Shared {
    /// Takes in the next stretch of entries; opens the index before the first one.
    fn step(&self, tiles: &TileStore) -> Result<(), ReplayError> {
        let unusable = |error: io::Error| ReplayError::Follower(error.into());
        let (mut store, forgotten) = self.open(tiles).map_err(unusable)?;
        let stepped = take(&mut store, tiles, &self.details);
        let mut opened = self.opened.lock();
        if opened.forgotten != forgotten {
            // Forgotten meanwhile: what this step opened or kept is not to be believed.
            opened.is_to_be_dropped = true;
            return Ok(());
        }
        if let Err(ReplayError::Follower(_)) = stepped {
            opened.store = None;
            opened.is_to_be_dropped = true;
            self.next.send_replace(0);
            return stepped;
        }
        let next = store.next();
        opened.store = Some(store);
        self.next.send_replace(next);
        stepped
    }

    /// The store, and how often it had been forgotten then. Readers do not wait for it to be opened.
    fn open(&self, tiles: &TileStore) -> io::Result<(Store, u64)> {
        let (forgotten, is_to_be_dropped) = {
            let opened = self.opened.lock();
            if let Some(store) = &opened.store {
                return Ok((store.clone(), opened.forgotten));
            }
            (opened.forgotten, opened.is_to_be_dropped)
        };
        if is_to_be_dropped {
            Store::drop_files(&self.directory)?;
            self.opened.lock().is_to_be_dropped = false;
        }
        let store = Store::open(&self.directory, &self.key, &self.origin, tiles)?;
        Ok((store, forgotten))
    }
}

/// Takes in the next stretch, which ends with its shelf at the latest: then a gateway that is told to
/// stop does so within a second or two.
fn take(store: &mut Store, tiles: &TileStore, details: &DetailKeys) -> Result<(), ReplayError> {
    let start = store.next();
    let end = (start / SHELF + 1) * SHELF;
    let stretch = start..end.min(tiles.tree_size());
    if stretch.is_empty() {
        return Ok(());
    }
    let gathered = gather(tiles, details, stretch)?;
    let kept = store.keep(gathered);
    kept.map_err(|error| ReplayError::Follower(error.into()))
}

/// Removes the index in `directory`; whoever opens it next makes it anew.
///
/// # Errors
/// Its files cannot be removed.
pub fn drop_files(directory: &Path) -> io::Result<()> {
    Store::drop_files(directory)
}

/// Drops the index in `directory` and makes it anew from a log that nobody writes. `progress` is told
/// how many entries of how many are done.
///
/// # Errors
/// [`ReplayError`].
pub fn rebuild(
    directory: &Path,
    key: &IndexKey,
    origin: &str,
    entries: &Entries,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<u64, ReplayError> {
    let tiles = &entries.tiles;
    let unusable = |error: io::Error| ReplayError::Follower(error.into());
    Store::drop_files(directory).map_err(unusable)?;
    let mut store = Store::open(directory, key, origin, tiles).map_err(unusable)?;
    while store.next() < tiles.tree_size() {
        take(&mut store, tiles, &entries.details)?;
        progress(store.next(), tiles.tree_size());
    }
    let end = store.next();
    store.close(directory).map_err(unusable)?;
    Ok(end)
}

#[cfg(test)]
mod measurement;
#[cfg(test)]
mod tests;
