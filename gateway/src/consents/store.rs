//! The embedded consent store: sled, made to keep its word.
//!
//! `sled::Tree::flush` returns before the data is on the disk (it writes, but does not wait for the
//! device). Every change here is therefore a transaction, a flush, and a `sync_all` on a handle of
//! sled's own file that has been open since the start, so that no error is missed. The first error
//! stops the store for good: after a failed sync nobody knows what is on the disk.

mod renewal;

use super::entry;
use async_trait::async_trait;
use jiff::Timestamp;
use motlan_access_log::entry::record;
use motlan_policies::consent::{
    Consent, ConsentStore, ConsentStoreError, EntryPlace, LogMarker, LoggedConsent, SubjectKey,
};
use motlan_schemas::{
    catalogue::Catalogue,
    ids::{AgencyId, ConsentId, PurposeId},
};
use parking_lot::{Mutex, RwLock};
use renewal::LeftOut;
use serde::{Deserialize, Serialize};
use sled::{
    Transactional, Tree,
    transaction::{ConflictableTransactionError, TransactionError},
};
use std::{
    cmp::Reverse,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Consents in a directory of their own. Only one process can have it open.
#[derive(Debug, Clone)]
pub struct SledConsents {
    kept: Arc<Kept>,
}

/// The copy of the store that counts; see [`renewal`].
#[derive(Debug)]
struct Kept {
    directory: PathBuf,
    now: RwLock<(u64, Arc<Shared>)>,
    /// Held by whoever changes anything, so that no change is lost while the store is copied.
    writing: Mutex<()>,
}

#[derive(Debug)]
struct Shared {
    /// Key: the subject's key and the consent's UUID. Value: [`record::Consent`] as JSON.
    consents: Tree,
    /// Key: the giver's key and the consent's UUID. Value: the subject's key.
    givers: Tree,
    /// Key: the subject's key and the digest of the idempotency key. Value: digest of the body, consent id.
    requests: Tree,
    /// Key: as of `consents`. Value: index and hash of the last entry.
    entries: Tree,
    /// One key, [`MARKER`]. Value: [`KeptMarker`] as JSON.
    marker: Tree,
    catalogue: Arc<Catalogue>,
    /// sled's file. The lock makes changes one after the other: a sync covers all before it.
    file: Mutex<File>,
    /// Set by the first failure, never cleared. Readers look at it too.
    stopped: AtomicBool,
}

#[derive(Serialize, Deserialize)]
struct KeptMarker {
    origin: String,
    next: u64,
}

impl SledConsents {
    /// Opens the store in `directory`, or makes one there.
    ///
    /// # Errors
    /// The directory cannot be made durable, is open in another process, or is damaged.
    pub fn open(directory: &Path, catalogue: Arc<Catalogue>) -> Result<Self, ConsentStoreError> {
        let (number, shared) = renewal::open(directory, catalogue)?;
        let kept = Kept {
            directory: directory.to_owned(),
            now: RwLock::new((number, Arc::new(shared))),
            writing: Mutex::new(()),
        };
        Ok(Self {
            kept: Arc::new(kept),
        })
    }

    fn now(&self) -> Arc<Shared> {
        self.kept.shared()
    }

    /// Changes the store on a thread that may wait for the disk.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared) -> Result<T, ConsentStoreError> + Send + 'static,
    ) -> Result<T, ConsentStoreError> {
        let kept = Arc::clone(&self.kept);
        tokio::task::spawn_blocking(move || {
            let _writing = kept.writing.lock();
            work(&kept.shared())
        })
        .await
        .map_err(failed)?
    }
}

impl Kept {
    fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.now.read().1)
    }

    /// Goes over to a copy, but for what is left out.
    fn forget(
        &self,
        left_out: impl FnOnce(&Shared) -> Result<LeftOut, ConsentStoreError>,
    ) -> Result<(), ConsentStoreError> {
        let _writing = self.writing.lock();
        let (number, old) = {
            let now = self.now.read();
            (now.0, Arc::clone(&now.1))
        };
        let left_out = left_out(&old)?;
        if left_out.is_nothing() {
            return Ok(());
        }
        let next = number.saturating_add(1);
        let new = renewal::copy_without(&left_out, &old, &self.directory, next)?;
        *self.now.write() = (next, Arc::new(new));
        renewal::remove(old, &self.directory, number)
    }
}

impl Shared {
    fn open(directory: &Path, catalogue: Arc<Catalogue>) -> Result<Self, ConsentStoreError> {
        fs::create_dir_all(directory).map_err(failed)?;
        let database = sled::Config::new()
            .path(directory)
            .cache_capacity(CACHE_BYTES)
            .open()
            .map_err(failed)?;
        let tree = |name| database.open_tree(name).map_err(failed);
        Ok(Self {
            consents: tree("consents")?,
            givers: tree("givers")?,
            requests: tree("requests")?,
            entries: tree("entries")?,
            marker: tree("marker")?,
            catalogue,
            file: Mutex::new(open_synced(&database, directory).map_err(failed)?),
            stopped: AtomicBool::new(false),
        })
    }
}

/// sled's file, after the names of the new files were made to survive: with a lost name all data
/// would be lost too.
fn open_synced(database: &sled::Db, directory: &Path) -> io::Result<File> {
    database.flush().map_err(io::Error::other)?;
    let file = File::options()
        .write(true)
        .open(directory.join(SLED_FILE))?;
    file.sync_all()?;
    sync_directory(directory)?;
    let parent = directory.parent();
    if let Some(parent) = parent.filter(|path| !path.as_os_str().is_empty()) {
        sync_directory(parent)?;
    }
    Ok(file)
}

/// What one change writes.
struct Change {
    consent: (Vec<u8>, Vec<u8>),
    giver: Option<Vec<u8>>,
    subject: SubjectKey,
    request: Option<(Vec<u8>, Vec<u8>)>,
    entry: Vec<u8>,
}

impl Shared {
    fn apply(&self, changes: &[Change], next: &[u8]) -> Result<(), ConsentStoreError> {
        let file = self.file.lock();
        self.check_running()?;
        let trees = (
            &self.consents,
            &self.givers,
            &self.requests,
            &self.entries,
            &self.marker,
        );
        let written = trees.transaction(|(consents, givers, requests, entries, marker)| {
            for change in changes {
                let (key, value) = &change.consent;
                consents.insert(key.as_slice(), value.as_slice())?;
                entries.insert(key.as_slice(), change.entry.as_slice())?;
                if let Some(key) = &change.giver {
                    givers.insert(key.as_slice(), change.subject.0.as_slice())?;
                }
                if let Some((key, value)) = &change.request {
                    requests.insert(key.as_slice(), value.as_slice())?;
                }
            }
            marker.insert(MARKER, next)?;
            Ok::<_, ConflictableTransactionError<()>>(())
        });
        match written {
            Ok(()) => self.sync(&file),
            Err(TransactionError::Storage(error)) => Err(self.stop(error)),
            // Nothing above aborts.
            Err(TransactionError::Abort(())) => Err(self.stop(io::Error::other("aborted"))),
        }
    }

    fn written(&self, logged: &LoggedConsent) -> Result<Change, ConsentStoreError> {
        let consent = &logged.consent;
        let (subject, id) = (consent.subject, consent.id.uuid());
        let key = |owner: &SubjectKey| [owner.0.as_slice(), id.as_bytes()].concat();
        let value = serde_json::to_vec(&entry::record(consent, &self.catalogue, None));
        let value = value.map_err(failed)?;
        if value.len() > RECORD_BYTES_MAX {
            let error = io::Error::other("the consent is larger than 64 KiB");
            return Err(failed(error));
        }
        Ok(Change {
            consent: (key(&subject), value),
            giver: consent.giver.as_ref().map(key),
            subject,
            entry: [
                logged.entry.leaf_index.to_be_bytes().as_slice(),
                &logged.entry.leaf_hash,
            ]
            .concat(),
            request: logged.request.map(|request| {
                let id = consent.id.to_string();
                let value = [request.body.as_slice(), id.as_bytes()].concat();
                ([subject.0, request.key].concat(), value)
            }),
        })
    }

    fn advance(&self, marker: &[u8]) -> Result<(), ConsentStoreError> {
        let file = self.file.lock();
        self.check_running()?;
        self.marker
            .insert(MARKER, marker)
            .map_err(|error| self.stop(error))?;
        self.sync(&file)
    }

    fn clear(&self) -> Result<(), ConsentStoreError> {
        let file = self.file.lock();
        self.check_running()?;
        // The marker goes first: what is left of a clearing cut short must not count.
        for tree in [
            &self.marker,
            &self.requests,
            &self.givers,
            &self.entries,
            &self.consents,
        ] {
            tree.clear().map_err(|error| self.stop(error))?;
        }
        self.sync(&file)
    }

    fn sync(&self, file: &File) -> Result<(), ConsentStoreError> {
        self.consents.flush().map_err(|error| self.stop(error))?;
        file.sync_all().map_err(|error| self.stop(error))
    }

    fn list(&self, subject: &SubjectKey) -> Result<Vec<Consent>, ConsentStoreError> {
        self.check_running()?;
        let mut consents = Vec::new();
        for entry in self.consents.scan_prefix(subject.0) {
            let (_, value) = entry.map_err(|error| self.stop(error))?;
            consents.push(self.decode(*subject, &value)?);
        }
        Ok(newest_first(consents))
    }

    fn given_by(&self, giver: &SubjectKey) -> Result<Vec<Consent>, ConsentStoreError> {
        self.check_running()?;
        let mut consents = Vec::new();
        for entry in self.givers.scan_prefix(giver.0) {
            let (key, subject) = entry.map_err(|error| self.stop(error))?;
            let subject = SubjectKey(subject.as_ref().try_into().map_err(failed)?);
            let id = key.get(giver.0.len()..).unwrap_or_default();
            let key = [subject.0.as_slice(), id].concat();
            let value = self.consents.get(key).map_err(|error| self.stop(error))?;
            consents.extend(
                value
                    .map(|value| self.decode(subject, &value))
                    .transpose()?,
            );
        }
        Ok(newest_first(consents))
    }

    fn requested(&self, key: &[u8]) -> Result<Option<(ConsentId, [u8; 32])>, ConsentStoreError> {
        self.check_running()?;
        let kept = self.requests.get(key).map_err(|error| self.stop(error))?;
        let read = |kept: sled::IVec| {
            let (body, id) = kept.split_first_chunk::<32>()?;
            let id = std::str::from_utf8(id).ok()?.parse().ok()?;
            Some((id, *body))
        };
        Ok(kept.and_then(read))
    }

    fn decode(&self, subject: SubjectKey, value: &[u8]) -> Result<Consent, ConsentStoreError> {
        let record: record::Consent = serde_json::from_slice(value).map_err(failed)?;
        entry::consent(record, subject, &self.catalogue).map_err(failed)
    }

    fn entry_of(&self, consent: &Consent) -> Result<Option<EntryPlace>, ConsentStoreError> {
        self.check_running()?;
        let id = consent.id.uuid();
        let key = [consent.subject.0.as_slice(), id.as_bytes()].concat();
        let kept = self.entries.get(key);
        let kept = kept.map_err(|error| self.stop(error))?;
        let read = |kept: sled::IVec| {
            let (index, hash) = kept.split_first_chunk::<8>()?;
            Some(EntryPlace {
                leaf_index: u64::from_be_bytes(*index),
                leaf_hash: hash.try_into().ok()?,
            })
        };
        Ok(kept.and_then(read))
    }

    fn marker(&self) -> Result<Option<LogMarker>, ConsentStoreError> {
        self.check_running()?;
        let kept = self.marker.get(MARKER).map_err(|error| self.stop(error))?;
        let read = |bytes: sled::IVec| -> Result<LogMarker, ConsentStoreError> {
            let KeptMarker { origin, next } = serde_json::from_slice(&bytes).map_err(failed)?;
            Ok(LogMarker { origin, next })
        };
        kept.map(read).transpose()
    }

    fn check_running(&self) -> Result<(), ConsentStoreError> {
        match self.stopped.load(Ordering::Acquire) {
            true => Err(ConsentStoreError::Stopped),
            false => Ok(()),
        }
    }

    fn stop(&self, error: impl std::error::Error + Send + Sync + 'static) -> ConsentStoreError {
        self.stopped.store(true, Ordering::Release);
        failed(error)
    }
}

#[async_trait]
impl ConsentStore for SledConsents {
    async fn lookup(
        &self,
        subject: &SubjectKey,
        agency: &AgencyId,
        purpose: &PurposeId,
    ) -> Result<Vec<Consent>, ConsentStoreError> {
        let mut consents = self.now().list(subject)?;
        consents.retain(|c| &c.agency == agency && c.purposes.contains(purpose));
        Ok(consents)
    }

    async fn list(&self, subject: &SubjectKey) -> Result<Vec<Consent>, ConsentStoreError> {
        self.now().list(subject)
    }

    async fn given_by(&self, giver: &SubjectKey) -> Result<Vec<Consent>, ConsentStoreError> {
        self.now().given_by(giver)
    }

    async fn requested(
        &self,
        subject: &SubjectKey,
        key: &[u8; 32],
    ) -> Result<Option<(ConsentId, [u8; 32])>, ConsentStoreError> {
        self.now().requested(&[subject.0, *key].concat())
    }

    async fn entry_of(&self, consent: &Consent) -> Result<Option<EntryPlace>, ConsentStoreError> {
        self.now().entry_of(consent)
    }

    async fn apply(
        &self,
        changes: &[LoggedConsent],
        marker: &LogMarker,
    ) -> Result<(), ConsentStoreError> {
        let shared = self.now();
        let written = changes.iter().map(|logged| shared.written(logged));
        let changes = written.collect::<Result<Vec<_>, _>>()?;
        drop(shared);
        let next = encode(marker)?;
        self.blocking(move |shared| shared.apply(&changes, &next))
            .await
    }

    async fn marker(&self) -> Result<Option<LogMarker>, ConsentStoreError> {
        self.now().marker()
    }

    async fn advance(&self, marker: &LogMarker) -> Result<(), ConsentStoreError> {
        let marker = encode(marker)?;
        self.blocking(move |shared| shared.advance(&marker)).await
    }

    async fn forget(&self, subject: &SubjectKey) -> Result<(), ConsentStoreError> {
        let (kept, subject) = (Arc::clone(&self.kept), *subject);
        tokio::task::spawn_blocking(move || kept.forget(|_| Ok(LeftOut::Citizen(subject))))
            .await
            .map_err(failed)?
    }

    async fn forget_older(&self, before: u64, now: Timestamp) -> Result<(), ConsentStoreError> {
        let kept = Arc::clone(&self.kept);
        let older = move |store: &Shared| LeftOut::older(store, before, now);
        tokio::task::spawn_blocking(move || kept.forget(older))
            .await
            .map_err(failed)?
    }

    async fn clear(&self) -> Result<(), ConsentStoreError> {
        self.blocking(Shared::clear).await
    }
}

fn newest_first(mut consents: Vec<Consent>) -> Vec<Consent> {
    consents.sort_by_key(|consent| Reverse((consent.given_at, consent.id)));
    consents
}

fn encode(marker: &LogMarker) -> Result<Vec<u8>, ConsentStoreError> {
    let kept = KeptMarker {
        origin: marker.origin.clone(),
        next: marker.next,
    };
    serde_json::to_vec(&kept).map_err(failed)
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> ConsentStoreError {
    ConsentStoreError::Failed(Box::new(error))
}

fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

const MARKER: &[u8] = b"log";

/// sled would take up to a gigabyte; tens of thousands of consents fit in this, and others are read
/// from the disk.
const CACHE_BYTES: u64 = 16 * 1024 * 1024;

/// Where sled 0.34 keeps what it has flushed.
const SLED_FILE: &str = "db";

/// Larger values leave sled's own file for one that [`Shared::file`] does not sync.
const RECORD_BYTES_MAX: usize = 64 * 1024;

#[cfg(test)]
mod tests;
