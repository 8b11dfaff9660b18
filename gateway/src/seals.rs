//! Whose data is sealed: people under threat, whose address or whose whole existence nobody may
//! learn from here.
//!
//! A seal is set and lifted by a data protection officer on the order of a court or the police,
//! with a ground and an end. As with consents the log is the truth: a change is an entry first, and
//! a file of keyed hashes follows it. All seals are kept in memory, because every question asks.

use crate::{
    consents::FollowError,
    index::{Entries, FollowerError, read as read_log},
    keys::{SubjectKeys, write_private},
    pipeline::AccessEntryWriter,
    random::{self, Random},
    wiping,
};
use jiff::Timestamp;
use motlan_access_log::{
    details::{DetailKeys, DetailsError},
    entry::{
        Entry, Record,
        record::{Bytes32, SealChange},
    },
    log::{AccessLog, AppendError, Appended},
};
use motlan_policies::{consent::SubjectKey, known::Seal};
use motlan_schemas::{clock::wire_time, ids::PersonalId};
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::sync::Mutex;

/// The seals of all people.
#[derive(Debug)]
pub struct Seals {
    path: PathBuf,
    keys: Arc<SubjectKeys>,
    kept: RwLock<Kept>,
    /// Changes come one after the other, in the log as in the file.
    changes: Mutex<()>,
}

#[derive(Debug, Default, Clone)]
struct Kept {
    origin: String,
    /// The first entry of the log that is not followed yet.
    next: u64,
    seals: HashMap<SubjectKey, KeptSeal>,
}

/// One seal, without the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptSeal {
    /// `address` or `identity`.
    pub level: String,
    /// The law or decision that orders it.
    pub ground: String,
    /// When it ends by itself.
    pub until: Timestamp,
}

/// Where and how a change of seals is logged.
#[derive(Debug)]
pub struct Logging<'a> {
    /// The log.
    pub log: &'a dyn AccessLog,
    /// Names the person in it.
    pub writer: &'a AccessEntryWriter,
    /// Nonces.
    pub random: &'a dyn Random,
    /// The program that the officer uses.
    pub client: String,
    /// The time of the change.
    pub now: Timestamp,
}

/// Why a seal did not change.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The person has none.
    #[error("nothing of this person is sealed")]
    None,
    /// The change could not be logged, so it did not happen.
    #[error("the change could not be logged")]
    Log(#[from] AppendError),
    /// The file could not be written; the log has the change, and the next start makes it good.
    #[error("the seals cannot be kept")]
    File(#[from] io::Error),
}

#[derive(Serialize, Deserialize)]
struct SealsFile {
    origin: String,
    next: u64,
    seals: Vec<(Bytes32, KeptSeal)>,
}

impl Seals {
    /// Reads the file beside the consents, and what the log says beyond it. A file that is damaged
    /// or belongs to another log is made anew.
    ///
    /// # Errors
    /// The log cannot be read or understood, or the file not written.
    pub fn open(
        directory: &Path,
        keys: Arc<SubjectKeys>,
        entries: &Entries,
        origin: &str,
        size: u64,
    ) -> Result<Self, FollowError> {
        let path = directory.join(FILE);
        let kept = read(&path).filter(|kept| kept.origin == origin && kept.next <= size);
        let mut kept = kept.unwrap_or_else(|| Kept {
            origin: origin.to_owned(),
            ..Kept::default()
        });
        let from = kept.next;
        read_log(&entries.tiles, from..size, |_, entry| {
            kept.follow(entry, &entries.details)
        })?;
        kept.next = size;
        let seals = Self {
            path,
            keys,
            kept: RwLock::new(kept),
            changes: Mutex::new(()),
        };
        seals.write().map_err(FollowError::File)?;
        Ok(seals)
    }

    /// Forgets the file, so that the next opening makes it anew from the log.
    ///
    /// # Errors
    /// The file is there and cannot be removed.
    pub fn forget(directory: &Path) -> io::Result<()> {
        match fs::remove_file(directory.join(FILE)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// How far a person's data is sealed now.
    #[must_use]
    pub fn of(&self, person: &PersonalId, now: Timestamp) -> Seal {
        let kept = self.kept.read();
        if kept.seals.is_empty() {
            return Seal::None;
        }
        match kept.seals.get(&self.keys.key(person)) {
            Some(seal) if now < seal.until => seal.as_known(),
            _ => Seal::None,
        }
    }

    /// The keyed hash of a person.
    #[must_use]
    pub fn key(&self, person: &PersonalId) -> SubjectKey {
        self.keys.key(person)
    }

    /// All seals that have not ended, the one that ends first in front.
    #[must_use]
    pub fn list(&self, now: Timestamp) -> Vec<KeptSeal> {
        let kept = self.kept.read();
        let seals = kept.seals.values().filter(|seal| now < seal.until);
        let mut seals: Vec<_> = seals.cloned().collect();
        seals.sort_by(|a, b| (a.until, &a.ground).cmp(&(b.until, &b.ground)));
        seals
    }

    /// Seals a person's data, in place of an earlier seal.
    ///
    /// # Errors
    /// [`SealError`].
    pub async fn set(
        &self,
        person: &PersonalId,
        seal: KeptSeal,
        logging: Logging<'_>,
    ) -> Result<Appended, SealError> {
        let _changes = self.changes.lock().await;
        let appended = self.log("sealed", person, &seal, logging).await?;
        let holder = self.keys.key(person);
        self.keep(appended, |seals| {
            seals.insert(holder, seal);
        })
    }

    /// Lifts a person's seal.
    ///
    /// # Errors
    /// [`SealError`].
    pub async fn lift(
        &self,
        person: &PersonalId,
        logging: Logging<'_>,
    ) -> Result<Appended, SealError> {
        let _changes = self.changes.lock().await;
        let holder = self.keys.key(person);
        let seal = self.kept.read().seals.get(&holder).cloned();
        let seal = seal.ok_or(SealError::None)?;
        let appended = self.log("lifted", person, &seal, logging).await?;
        self.keep(appended, |seals| {
            seals.remove(&holder);
        })
    }

    /// Forgets a person's seal that has ended, for good: nothing of it is left in the file.
    ///
    /// # Errors
    /// The file cannot be written; it can be tried again.
    pub async fn forget_ended(&self, person: &PersonalId, now: Timestamp) -> io::Result<()> {
        let _changes = self.changes.lock().await;
        let holder = self.keys.key(person);
        {
            let mut kept = self.kept.write();
            if kept.seals.get(&holder).is_some_and(|seal| now < seal.until) {
                return Err(io::Error::other("the person's data is sealed"));
            }
            kept.seals.remove(&holder);
        }
        wiping::replace(&self.path, || self.write())
    }

    /// Forgets all seals that have ended, for good.
    ///
    /// # Errors
    /// The file cannot be written; it can be tried again.
    pub async fn forget_all_ended(&self, now: Timestamp) -> io::Result<()> {
        let _changes = self.changes.lock().await;
        self.kept.write().seals.retain(|_, seal| now < seal.until);
        wiping::replace(&self.path, || self.write())
    }

    async fn log(
        &self,
        change: &'static str,
        person: &PersonalId,
        seal: &KeptSeal,
        logging: Logging<'_>,
    ) -> Result<Appended, SealError> {
        let record = SealChange {
            change: change.into(),
            client: logging.client,
            ground: seal.ground.clone(),
            holder: Bytes32(self.keys.key(person).0),
            level: seal.level.clone().into(),
            subject: logging.writer.pseudonym(person),
            until: wire_time(seal.until),
        };
        let entry = Entry {
            time: wire_time(logging.now),
            nonce: Bytes32(random::bytes(logging.random)),
            record: Record::SealChange(record),
        };
        let entry = logging.writer.seal(&entry)?;
        let appended = logging.log.append(vec![entry]).await?;
        let appended = appended.into_iter().next();
        Ok(appended.ok_or(AppendError::TooLarge)?)
    }

    fn keep(
        &self,
        appended: Appended,
        change: impl FnOnce(&mut HashMap<SubjectKey, KeptSeal>),
    ) -> Result<Appended, SealError> {
        {
            let mut kept = self.kept.write();
            change(&mut kept.seals);
            kept.next = appended.leaf_index.0.saturating_add(1);
        }
        self.write()?;
        Ok(appended)
    }

    fn write(&self) -> io::Result<()> {
        let kept = self.kept.read().clone();
        let mut seals: Vec<_> = kept
            .seals
            .into_iter()
            .map(|(holder, seal)| (Bytes32(holder.0), seal))
            .collect();
        seals.sort_by_key(|(holder, _)| holder.0);
        let file = SealsFile {
            origin: kept.origin,
            next: kept.next,
            seals,
        };
        if let Some(directory) = self.path.parent() {
            fs::create_dir_all(directory)?;
        }
        let bytes = serde_json::to_vec(&file).map_err(io::Error::other)?;
        write_private(&self.path, &bytes)
    }
}

impl Kept {
    fn follow(&mut self, entry: &[u8], details: &DetailKeys) -> Result<(), FollowerError> {
        if !entry.starts_with(br#"{"kind":"seal_change""#) {
            return Ok(());
        }
        let entry = match details.read(entry) {
            // Nobody is erased while a seal holds.
            Err(DetailsError::Erased) => return Ok(()),
            entry => entry?,
        };
        let Record::SealChange(change) = entry.record else {
            return Err("the entry is of another kind than it says".into());
        };
        let holder = SubjectKey(change.holder.0);
        if change.change == "lifted" {
            self.seals.remove(&holder);
            return Ok(());
        }
        let seal = KeptSeal {
            level: change.level.into_owned(),
            ground: change.ground,
            until: change.until.parse()?,
        };
        self.seals.insert(holder, seal);
        Ok(())
    }
}

impl KeptSeal {
    /// A level that is not known here seals everything.
    fn as_known(&self) -> Seal {
        match self.level.as_str() {
            "address" => Seal::Address,
            _ => Seal::Identity,
        }
    }
}

const FILE: &str = "seals.json";

fn read(path: &Path) -> Option<Kept> {
    let bytes = fs::read(path).ok()?;
    let file: SealsFile = serde_json::from_slice(&bytes).ok()?;
    let seals = file.seals.into_iter();
    Some(Kept {
        origin: file.origin,
        next: file.next,
        seals: seals
            .map(|(holder, seal)| (SubjectKey(holder.0), seal))
            .collect(),
    })
}
