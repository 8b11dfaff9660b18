//! The embedded consent store: sled, made to keep its word.
//!
//! `sled::Tree::flush` returns before the data is on the disk (it writes, but does not wait for the
//! device). Every change here is therefore a transaction, a flush, and a `sync_all` on a handle of
//! sled's own file that has been open since the start, so that no error is missed. The first error
//! stops the store for good: after a failed sync nobody knows what is on the disk.

use async_trait::async_trait;
use motlan_policies::consent::{
    Consent, ConsentRecord, ConsentStore, ConsentStoreError, SubjectKey,
};
use motlan_schemas::{
    catalogue::Catalogue,
    ids::{AgencyId, ConsentId, PurposeId},
};
use parking_lot::Mutex;
use sled::{
    Tree,
    transaction::{ConflictableTransactionError, TransactionError},
};
use std::{
    cmp::Reverse,
    fs::{self, File},
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Consents in a directory of their own. Only one process can have it open.
#[derive(Debug, Clone)]
pub struct SledConsents {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// Key: the subject's key and the consent's UUID. Value: [`ConsentRecord`] as JSON.
    consents: Tree,
    catalogue: Arc<Catalogue>,
    /// sled's file. The lock makes changes one after the other: a sync covers all before it.
    file: Mutex<File>,
    /// Set by the first failure, never cleared. Readers look at it too.
    stopped: AtomicBool,
}

impl SledConsents {
    /// Opens the store in `directory`, or makes one there.
    ///
    /// # Errors
    /// The directory cannot be made durable, is open in another process, or is damaged.
    pub fn open(directory: &Path, catalogue: Arc<Catalogue>) -> Result<Self, ConsentStoreError> {
        fs::create_dir_all(directory).map_err(failed)?;
        let database = sled::Config::new().path(directory).open().map_err(failed)?;
        let consents = database.open_tree(TREE).map_err(failed)?;
        database.flush().map_err(failed)?;
        let file = File::options()
            .write(true)
            .open(directory.join(SLED_FILE))
            .map_err(failed)?;
        file.sync_all().map_err(failed)?;
        // The names of the new files must survive too, or the data in them is lost with the names.
        sync_directory(directory).map_err(failed)?;
        if let Some(parent) = directory
            .parent()
            .filter(|path| !path.as_os_str().is_empty())
        {
            sync_directory(parent).map_err(failed)?;
        }
        let stopped = AtomicBool::new(false);
        let shared = Shared {
            consents,
            catalogue,
            file: Mutex::new(file),
            stopped,
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Writes on a thread that may wait for the disk.
    async fn change(&self, seen: Option<Consent>, next: Consent) -> Result<(), ConsentStoreError> {
        let shared = Arc::clone(&self.shared);
        tokio::task::spawn_blocking(move || shared.change(seen.as_ref(), &next))
            .await
            .map_err(failed)?
    }
}

impl Shared {
    fn change(&self, seen: Option<&Consent>, next: &Consent) -> Result<(), ConsentStoreError> {
        let key = key(&next.subject, next.id);
        let seen = seen.map(|consent| self.encode(consent)).transpose()?;
        let next = self.encode(next)?;
        let file = self.file.lock();
        self.check_running()?;
        let written = self.consents.transaction(|tree| {
            if tree.get(&key)?.as_deref() != seen.as_deref() {
                return Err(ConflictableTransactionError::Abort(()));
            }
            tree.insert(key.as_slice(), next.as_slice())?;
            Ok(())
        });
        match written {
            Ok(()) => {}
            Err(TransactionError::Abort(())) => return Err(ConsentStoreError::Conflict),
            Err(TransactionError::Storage(error)) => return Err(self.stop(error)),
        }
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
        consents.sort_by_key(|consent| Reverse((consent.given_at, consent.id)));
        Ok(consents)
    }

    fn get(
        &self,
        subject: &SubjectKey,
        id: ConsentId,
    ) -> Result<Option<Consent>, ConsentStoreError> {
        self.check_running()?;
        let value = self
            .consents
            .get(key(subject, id))
            .map_err(|error| self.stop(error))?;
        value.map(|value| self.decode(*subject, &value)).transpose()
    }

    fn encode(&self, consent: &Consent) -> Result<Vec<u8>, ConsentStoreError> {
        let record = ConsentRecord::new(consent, &self.catalogue);
        let bytes = serde_json::to_vec(&record).map_err(failed)?;
        if bytes.len() > RECORD_BYTES_MAX {
            return Err(failed(io::Error::other(
                "the consent is larger than 64 KiB",
            )));
        }
        Ok(bytes)
    }

    fn decode(&self, subject: SubjectKey, value: &[u8]) -> Result<Consent, ConsentStoreError> {
        let record: ConsentRecord = serde_json::from_slice(value).map_err(failed)?;
        record
            .into_consent(subject, &self.catalogue)
            .map_err(failed)
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
        let mut consents = self.shared.list(subject)?;
        consents.retain(|c| &c.agency == agency && c.purposes.contains(purpose));
        Ok(consents)
    }

    async fn list(&self, subject: &SubjectKey) -> Result<Vec<Consent>, ConsentStoreError> {
        self.shared.list(subject)
    }

    async fn get(
        &self,
        subject: &SubjectKey,
        id: ConsentId,
    ) -> Result<Option<Consent>, ConsentStoreError> {
        self.shared.get(subject, id)
    }

    async fn put(&self, consent: Consent) -> Result<(), ConsentStoreError> {
        self.change(None, consent).await
    }

    async fn replace(&self, seen: &Consent, next: Consent) -> Result<(), ConsentStoreError> {
        // A consent never changes hands or ids: that would be another consent.
        if seen.id != next.id || seen.subject != next.subject {
            return Err(ConsentStoreError::Conflict);
        }
        self.change(Some(seen.clone()), next).await
    }
}

fn key(subject: &SubjectKey, id: ConsentId) -> Vec<u8> {
    [subject.0.as_slice(), id.uuid().as_bytes()].concat()
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> ConsentStoreError {
    ConsentStoreError::Failed(Box::new(error))
}

fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

const TREE: &str = "consents";

/// Where sled 0.34 keeps what it has flushed.
const SLED_FILE: &str = "db";

/// Larger values leave sled's own file for one that [`Shared::file`] does not sync.
const RECORD_BYTES_MAX: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use motlan_policies::consent::{ConsentState, ConsentTerms, ConsentUses};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn subject(byte: u8) -> SubjectKey {
        SubjectKey([byte; 32])
    }

    fn consent(number: u8, subject: SubjectKey) -> Consent {
        let catalogue = Catalogue::national();
        let terms = ConsentTerms {
            subject,
            agency: "ward-ba-dinh".parse().unwrap(),
            purposes: vec!["social-housing-application".parse().unwrap()],
            attributes: [catalogue.resolve("insurance.social.kind").unwrap()]
                .into_iter()
                .collect(),
            from: at(0),
            until: at(1_000),
            uses: ConsentUses::Once,
        };
        let given_at = at(i64::from(number));
        Consent::give(ConsentId::new(given_at, [number; 10]), terms, given_at).unwrap()
    }

    fn open(directory: &Path) -> SledConsents {
        SledConsents::open(directory, Catalogue::national()).unwrap()
    }

    #[tokio::test]
    async fn a_consent_is_found_again_by_its_citizen_after_a_restart() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("deep/consents");
        let (first, second) = (consent(1, subject(1)), consent(2, subject(1)));
        {
            let store = open(&path);
            store.put(first.clone()).await.unwrap();
            store.put(second.clone()).await.unwrap();
            store.put(consent(3, subject(2))).await.unwrap();
        }
        let store = open(&path);
        assert_eq!(
            store.list(&subject(1)).await.unwrap(),
            [second, first.clone()]
        );
        assert_eq!(store.list(&subject(9)).await.unwrap(), []);
        assert_eq!(
            store.get(&subject(1), first.id).await.unwrap().as_ref(),
            Some(&first)
        );
        assert_eq!(
            store.get(&subject(2), first.id).await.unwrap(),
            None,
            "somebody else's"
        );
    }

    #[tokio::test]
    async fn a_lookup_is_by_citizen_agency_and_purpose() {
        let directory = tempfile::tempdir().unwrap();
        let store = open(directory.path());
        let consent = consent(1, subject(1));
        store.put(consent.clone()).await.unwrap();
        let purpose = consent.purposes[0].clone();
        let lookup = async |citizen, agency: &str, purpose: &PurposeId| {
            store
                .lookup(&subject(citizen), &agency.parse().unwrap(), purpose)
                .await
                .unwrap()
                .len()
        };
        assert_eq!(lookup(1, "ward-ba-dinh", &purpose).await, 1);
        assert_eq!(lookup(2, "ward-ba-dinh", &purpose).await, 0);
        assert_eq!(lookup(1, "social-insurance", &purpose).await, 0);
        assert_eq!(
            lookup(1, "ward-ba-dinh", &"birth-registration".parse().unwrap()).await,
            0
        );
    }

    #[tokio::test]
    async fn a_withdrawal_is_seen_by_the_next_read_and_wins_over_a_late_use() {
        let directory = tempfile::tempdir().unwrap();
        let store = open(directory.path());
        let given = consent(1, subject(1));
        store.put(given.clone()).await.unwrap();
        let withdrawn = given.clone().withdraw(at(5)).unwrap();
        store.replace(&given, withdrawn).await.unwrap();
        let used = given.clone().use_for_answer(at(6)).unwrap();
        let late = store.replace(&given, used).await;
        assert!(matches!(late, Err(ConsentStoreError::Conflict)));
        let kept = store.get(&subject(1), given.id).await.unwrap().unwrap();
        assert_eq!(kept.state_at(at(7)), ConsentState::Withdrawn { at: at(5) });
    }

    #[tokio::test]
    async fn of_many_uses_at_once_one_succeeds() {
        let directory = tempfile::tempdir().unwrap();
        let store = open(directory.path());
        let given = consent(1, subject(1));
        store.put(given.clone()).await.unwrap();
        let uses = (0..8).map(|second| {
            let (store, given) = (store.clone(), given.clone());
            tokio::spawn(async move {
                let used = given.clone().use_for_answer(at(10 + second)).unwrap();
                store.replace(&given, used).await.is_ok()
            })
        });
        let mut successes = 0;
        for one in uses.collect::<Vec<_>>() {
            successes += usize::from(one.await.unwrap());
        }
        assert_eq!(successes, 1);
    }

    #[tokio::test]
    async fn an_id_is_given_once() {
        let directory = tempfile::tempdir().unwrap();
        let store = open(directory.path());
        store.put(consent(1, subject(1))).await.unwrap();
        let again = store.put(consent(1, subject(1))).await;
        assert!(matches!(again, Err(ConsentStoreError::Conflict)));
    }

    #[tokio::test]
    async fn after_a_failure_nothing_is_answered_or_kept() {
        let directory = tempfile::tempdir().unwrap();
        let store = open(directory.path());
        let given = consent(1, subject(1));
        store.put(given.clone()).await.unwrap();
        let error = store.shared.stop(io::Error::other("the disk said no"));
        assert!(matches!(error, ConsentStoreError::Failed(_)));
        let stopped = |result| matches!(result, Err(ConsentStoreError::Stopped));
        assert!(stopped(store.list(&subject(1)).await.map(|_| ())));
        assert!(stopped(store.get(&subject(1), given.id).await.map(|_| ())));
        assert!(stopped(store.put(consent(2, subject(1))).await));
    }

    #[test]
    fn a_directory_that_cannot_be_made_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(SledConsents::open(&file.join("consents"), Catalogue::national()).is_err());
    }
}
