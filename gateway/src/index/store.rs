//! The index on disk: sled, which may lose or spoil everything, because everything is in the log.
//!
//! A key is a facet, a value of that facet, and a place in the log (big-endian, so that keys are in
//! the order of the log). Nothing about anybody stands here in clear: people are pseudonyms, and the
//! values of [facets](super::facts) are hashes under a key that lies with the log's keys.
//!
//! | key | value |
//! |---|---|
//! | `00` | the marker: next leaf index, hash of the leaf before it, SHA-256 of the log's origin |
//! | `01` drawer (2) first leaf (8) | entries of one stretch: each pseudonym (32), leaf (8), kind (1) |
//! | `02` leaf (8) | open emergency use: when its review is due (Unix milliseconds, 8), query id |
//! | `03` query id | emergency use: leaf (8), 0 open or 1 reviewed |
//! | `04` tag (12) shelf (8) | the places of a value on a shelf, as a roaring bitmap |
//! | `05` shelf (8) | earliest and latest time of each bundle of the shelf (milliseconds, 8 and 8) |
//! | `06` drawer (2) shelf (8) first place (2) | rare values of one stretch: each tag (12), place (2) |
//! | `07` end (8) leaf (8) | an entry that an order hides until then (milliseconds); empty |
//!
//! A shelf is 65,536 entries, a place an entry's number on its shelf, and a stretch (what is taken
//! in at once) never goes beyond its shelf.

use super::{
    facts::{EmergencyFact, Facet, Kind},
    gather::Gathered,
    postings::{self, Tag},
    times,
};
use crate::keys::IndexKey;
use jiff::Timestamp;
use motlan_access_log::{
    merkle::{Hash, hash_leaf, sha256},
    store::{ReadError, TileStore},
};
use roaring::RoaringBitmap;
use sled::{Batch, Db, Mode};
use std::{
    collections::HashMap,
    fs::{self, File, TryLockError},
    io,
    path::Path,
    thread,
    time::Duration,
};

/// One opened index. Clones are the same index.
#[derive(Debug, Clone)]
pub(super) struct Store {
    database: Db,
    key: IndexKey,
    origin: Hash,
    next: u64,
}

/// Why an index is not believed, or cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum Doubt {
    #[error("it is the index of another log")]
    OtherLog,
    #[error("it goes beyond the log")]
    BeyondLog,
    #[error("the entry that it ends with is another one in the log")]
    OtherEntry,
    #[error("its marker is damaged")]
    Marker,
    #[error("the entry that it ends with cannot be read")]
    Log(#[from] ReadError),
    #[error("it cannot be opened")]
    Open(#[from] sled::Error),
}

/// People are kept in 1,024 drawers, by the beginning of their pseudonyms: what a stretch says of a
/// drawer is one value. A key for each entry made sled ten times slower, and its files ten times
/// larger; and a drawer of a log of ten million entries is read in milliseconds.
const DRAWER_BITS: u32 = 10;
/// An entry in a drawer: pseudonym, leaf, kind.
const FILED_BYTES: usize = 32 + 8 + 1;

/// Entries of a shelf.
pub(super) const SHELF: u64 = 65_536;

const MARKER: [u8; 1] = [0];
const SUBJECT: u8 = 1;
const EMERGENCY_QUEUE: u8 = 2;
const EMERGENCY_BY_QUERY: u8 = 3;
pub(super) const POSTINGS: u8 = 4;
pub(super) const TIMES: u8 = 5;
pub(super) const RARE: u8 = 6;
const HIDDEN: u8 = 7;

/// The form of the keys is part of the directory's name: another form is another index.
const FORM: &str = "v4";
/// What an earlier version of the gateway may have left.
const EARLIER_FORMS: [&str; 3] = ["v1", "v2", "v3"];
/// sled's own cache; what does not fit is read again through the system's.
const CACHE_BYTES: u64 = 16 * 1024 * 1024;
/// How often sled writes what it has, in its own thread. What is lost in between is indexed again.
const FLUSH_MS: u64 = 1_000;

/// How often, and after which pause, a closed index is looked at until nobody holds it any more.
const CLOSING_LOOKS: u32 = 200;
const CLOSING_PAUSE: Duration = Duration::from_millis(10);

impl Store {
    /// Opens the index below `directory`. One that does not fit the log is dropped and made anew.
    ///
    /// # Errors
    /// Not even an empty index can be made there.
    pub(super) fn open(
        directory: &Path,
        key: &IndexKey,
        origin: &str,
        tiles: &TileStore,
    ) -> io::Result<Self> {
        let path = directory.join(FORM);
        let origin = sha256(origin.as_bytes());
        match Self::believed(&path, key, origin, tiles) {
            Ok(store) => Ok(store),
            Err(doubt) => {
                tracing::warn!(%doubt, "the index of the access log is dropped and made anew");
                Self::drop_files(directory)?;
                Self::empty(&path, key, origin).map_err(io::Error::other)
            }
        }
    }

    /// Closes the index below `directory`, and waits until sled's own threads have let go of it too:
    /// whoever opens it next would else find it locked, and make it anew.
    ///
    /// # Errors
    /// Its file is not there.
    pub(super) fn close(self, directory: &Path) -> io::Result<()> {
        drop(self.database);
        let file = File::open(directory.join(FORM).join("db"))?;
        for _ in 0..CLOSING_LOOKS {
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => thread::sleep(CLOSING_PAUSE),
                Err(TryLockError::Error(error)) => return Err(error),
                Ok(()) => break,
            }
        }
        Ok(())
    }

    /// Removes the index below `directory`, whatever its state, and those of earlier forms.
    ///
    /// # Errors
    /// Its files cannot be removed.
    pub(super) fn drop_files(directory: &Path) -> io::Result<()> {
        for form in EARLIER_FORMS.into_iter().chain([FORM]) {
            match fs::remove_dir_all(directory.join(form)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn empty(path: &Path, key: &IndexKey, origin: Hash) -> Result<Self, sled::Error> {
        fs::create_dir_all(path)?;
        let database = sled::Config::new()
            .path(path)
            .cache_capacity(CACHE_BYTES)
            .flush_every_ms(Some(FLUSH_MS))
            .mode(Mode::HighThroughput)
            .open()?;
        Ok(Self {
            database,
            key: key.clone(),
            origin,
            next: 0,
        })
    }

    fn believed(
        path: &Path,
        key: &IndexKey,
        origin: Hash,
        tiles: &TileStore,
    ) -> Result<Self, Doubt> {
        let mut store = Self::empty(path, key, origin)?;
        let Some(marker) = store.database.get(MARKER)? else {
            return match store.database.is_empty() {
                true => Ok(store),
                false => Err(Doubt::Marker),
            };
        };
        let (next, rest) = marker.split_first_chunk().ok_or(Doubt::Marker)?;
        let (leaf_hash, log) = rest.split_first_chunk::<32>().ok_or(Doubt::Marker)?;
        store.next = u64::from_be_bytes(*next);
        if log != origin {
            return Err(Doubt::OtherLog);
        }
        if store.next > tiles.tree_size() {
            return Err(Doubt::BeyondLog);
        }
        let last = store.next.checked_sub(1).ok_or(Doubt::Marker)?;
        if hash_leaf(&tiles.entry(last)?) != *leaf_hash {
            return Err(Doubt::OtherEntry);
        }
        Ok(store)
    }

    /// How many entries of the log are indexed.
    pub(super) const fn next(&self) -> u64 {
        self.next
    }

    pub(super) const fn database(&self) -> &Db {
        &self.database
    }

    /// The name of a value of a facet in this index.
    pub(super) fn tag(&self, facet: Facet, value: &str) -> Tag {
        self.key.tag(facet.byte(), value)
    }

    /// The places of a person on a shelf.
    pub(super) fn places_of(
        &self,
        pseudonym: &[u8; 32],
        shelf: u64,
    ) -> Result<RoaringBitmap, sled::Error> {
        let drawer = drawer(pseudonym);
        let first = shelf * SHELF;
        let filed = drawer_key(drawer, first)..drawer_key(drawer, first + SHELF);
        let mut places = RoaringBitmap::new();
        for stretch in self.database.range(filed) {
            let (_, entries) = stretch?;
            for entry in entries.chunks_exact(FILED_BYTES) {
                let (whose, entry) = entry.split_at(pseudonym.len());
                if let (true, Some(leaf_index)) = (whose == pseudonym, entry.first_chunk()) {
                    places.insert(place(u64::from_be_bytes(*leaf_index)).into());
                }
            }
        }
        Ok(places)
    }

    /// The places below `before` of a person's entries, newest first, at most `limit`.
    pub(super) fn of_subject(
        &self,
        pseudonym: &[u8; 32],
        before: u64,
        limit: usize,
    ) -> Result<Vec<(u64, Kind)>, sled::Error> {
        let drawer = drawer(pseudonym);
        let filed = drawer_key(drawer, 0)..drawer_key(drawer, before);
        let mut found = Vec::new();
        for stretch in self.database.range(filed).rev() {
            let (_, entries) = stretch?;
            for entry in entries.chunks_exact(FILED_BYTES).rev() {
                let (whose, entry) = entry.split_at(pseudonym.len());
                let (leaf_index, kind) = entry.split_first_chunk().unwrap_or((&[0; 8], &[]));
                let leaf_index = u64::from_be_bytes(*leaf_index);
                if whose != pseudonym || leaf_index >= before {
                    continue;
                }
                if found.len() == limit {
                    return Ok(found);
                }
                let kind = kind.first().copied().map_or(Kind::Other, Kind::from_byte);
                found.push((leaf_index, kind));
            }
        }
        Ok(found)
    }

    /// The emergency uses that wait for their review, the oldest use first.
    pub(super) fn open_uses(&self) -> Result<Vec<OpenUse>, sled::Error> {
        let queue = self.database.scan_prefix([EMERGENCY_QUEUE]);
        queue
            .map(|found| {
                let (key, value) = found?;
                let (due, query_id) = value.split_first_chunk().unwrap_or((&[0; 8], &[]));
                Ok(OpenUse {
                    leaf_index: last_number(&key),
                    review_due: Timestamp::from_millisecond(i64::from_be_bytes(*due))
                        .unwrap_or(Timestamp::MIN),
                    query_id: String::from_utf8_lossy(query_id).into_owned(),
                })
            })
            .collect()
    }

    /// The entries that an order hides at this time, in the order of their ends.
    pub(super) fn hidden(&self, now: Timestamp) -> Result<Vec<u64>, sled::Error> {
        let ending_later = hidden_key(now, u64::MAX)..vec![HIDDEN + 1];
        let keys = self.database.range(ending_later).keys();
        keys.map(|key| Ok(last_number(&key?))).collect()
    }

    /// Whether a query was an emergency use, and whether that is reviewed.
    pub(super) fn emergency_use(
        &self,
        query_id: &str,
    ) -> Result<Option<(u64, UseState)>, sled::Error> {
        let state = self.database.get(by_query_key(query_id))?;
        Ok(state.map(|value| {
            let state = match value.last() {
                Some(0) => UseState::Open,
                _ => UseState::Reviewed,
            };
            let leaf_index = value.first_chunk();
            (
                leaf_index.map_or(0, |leaf| u64::from_be_bytes(*leaf)),
                state,
            )
        }))
    }
}

/// An emergency use that nobody has reviewed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenUse {
    /// Where its entry is.
    pub leaf_index: u64,
    /// Until when it has to be reviewed.
    pub review_due: Timestamp,
    /// The query.
    pub query_id: String,
}

/// Where an emergency use stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UseState {
    /// Nobody has reviewed it.
    Open,
    /// It is reviewed.
    Reviewed,
}

impl Store {
    /// Keeps what a stretch of the log says, together with the marker of its end.
    ///
    /// # Errors
    /// What is kept cannot be used any more.
    pub(super) fn keep(&mut self, gathered: Gathered) -> Result<(), sled::Error> {
        let mut batch = Batch::default();
        for (drawer, entries) in gathered.drawers {
            batch.insert(drawer_key(drawer, gathered.range.start), entries);
        }
        let mut changes = HashMap::new();
        for (leaf_index, fact) in gathered.emergencies {
            self.emergency(&mut changes, leaf_index, fact)?;
        }
        for (leaf_index, until) in gathered.hidden {
            batch.insert(hidden_key(until, leaf_index), &[]);
        }
        for (key, value) in changes {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        let shelf = gathered.range.start / SHELF;
        postings::keep(
            &self.database,
            &mut batch,
            &self.key,
            shelf,
            gathered.times.len(),
            &gathered.values,
        )?;
        times::keep(
            &self.database,
            &mut batch,
            gathered.range.start,
            gathered.times,
        )?;
        let mut marker = gathered.range.end.to_be_bytes().to_vec();
        marker.extend_from_slice(&hash_leaf(&gathered.last));
        marker.extend_from_slice(&self.origin);
        batch.insert(&MARKER, marker);
        self.database.apply_batch(batch)?;
        self.next = gathered.range.end;
        Ok(())
    }

    fn emergency(
        &self,
        changes: &mut HashMap<Vec<u8>, Option<Vec<u8>>>,
        leaf_index: u64,
        fact: EmergencyFact,
    ) -> Result<(), sled::Error> {
        match fact {
            EmergencyFact::Use {
                query_id,
                review_due,
            } => {
                // What cannot be read is due at once: it must not hide from its reviewer.
                let due = review_due.parse().unwrap_or(Timestamp::UNIX_EPOCH);
                let mut value = due.as_millisecond().to_be_bytes().to_vec();
                value.extend_from_slice(query_id.as_bytes());
                changes.insert(queue_key(leaf_index), Some(value));
                let state = [leaf_index.to_be_bytes().as_slice(), &[0]].concat();
                changes.insert(by_query_key(&query_id), Some(state));
            }
            EmergencyFact::Review { query_id } => {
                let key = by_query_key(&query_id);
                let state = match changes.get(&key) {
                    Some(state) => state.clone(),
                    None => self.database.get(&key)?.map(|state| state.to_vec()),
                };
                // The review of a query that was no emergency changes nothing.
                if let Some(mut state) = state {
                    if let Some(reviewed) = state.last_mut() {
                        *reviewed = 1;
                    }
                    let leaf_index = state
                        .first_chunk()
                        .map_or(0, |leaf| u64::from_be_bytes(*leaf));
                    changes.insert(queue_key(leaf_index), None);
                    changes.insert(key, Some(state));
                }
            }
        }
        Ok(())
    }
}

/// The number of an entry on its shelf.
pub(super) fn place(leaf_index: u64) -> u16 {
    let [.., high, low] = leaf_index.to_be_bytes();
    u16::from_be_bytes([high, low])
}

/// The drawer of a hash that begins with these bytes.
pub(super) fn drawer(hash: &[u8]) -> u16 {
    let first = hash.first_chunk().copied().unwrap_or_default();
    u16::from_be_bytes(first) >> (u16::BITS - DRAWER_BITS)
}

/// Files an entry in a drawer, as [`Store`] keeps it.
pub(super) fn file(drawer: &mut Vec<u8>, subject: &[u8; 32], leaf_index: u64, kind: Kind) {
    drawer.extend_from_slice(subject);
    drawer.extend_from_slice(&leaf_index.to_be_bytes());
    drawer.push(kind.byte());
}

fn drawer_key(drawer: u16, first_leaf: u64) -> Vec<u8> {
    let mut key = vec![SUBJECT];
    key.extend_from_slice(&drawer.to_be_bytes());
    key.extend_from_slice(&first_leaf.to_be_bytes());
    key
}

fn queue_key(leaf_index: u64) -> Vec<u8> {
    [&[EMERGENCY_QUEUE], leaf_index.to_be_bytes().as_slice()].concat()
}

fn hidden_key(until: Timestamp, leaf_index: u64) -> Vec<u8> {
    // No end lies before 1970.
    let until = u64::try_from(until.as_millisecond()).unwrap_or(0);
    let key: [&[u8]; 3] = [&[HIDDEN], &until.to_be_bytes(), &leaf_index.to_be_bytes()];
    key.concat()
}

fn by_query_key(query_id: &str) -> Vec<u8> {
    [&[EMERGENCY_BY_QUERY], query_id.as_bytes()].concat()
}

/// The leaf index that ends a key.
fn last_number(key: &[u8]) -> u64 {
    key.last_chunk()
        .map_or(0, |bytes| u64::from_be_bytes(*bytes))
}
