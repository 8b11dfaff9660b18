//! Forgetting a citizen for good: sled keeps old pages, so that what was removed stays readable in
//! its files. The store is therefore copied without the citizen into a directory of its own, and the
//! old one's files are overwritten and removed.
//!
//! Below the store's directory each copy has a directory with a number. The copy that counts is the
//! newest one that is whole: its marker is written last. Whatever else is found at the next opening
//! is what a crash left of a copy, or of one that should be gone; it is removed.

use super::{MARKER, Shared, failed};
use crate::wiping;
use jiff::Timestamp;
use motlan_policies::consent::{ConsentState, ConsentStoreError, SubjectKey};
use motlan_schemas::{catalogue::Catalogue, ids::ConsentId};
use sled::Tree;
use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

/// Copied between two syncs of sled's buffers.
const BATCH: usize = 1_000;
/// How long whoever still reads the old copy may take; a read is microseconds.
const READERS_WAIT: Duration = Duration::from_millis(1);
const READERS_WAITS_MAX: u32 = 10_000;

/// Opens the copy that counts below a directory, or makes the first one, and removes all others.
pub(super) fn open(
    directory: &Path,
    catalogue: Arc<Catalogue>,
) -> Result<(u64, Shared), ConsentStoreError> {
    fs::create_dir_all(directory).map_err(failed)?;
    let copies = copies(directory).map_err(failed)?;
    let mut counting = None;
    for number in copies.iter().rev() {
        let shared = Shared::open(&place(directory, *number), Arc::clone(&catalogue))?;
        let is_whole = shared.marker.contains_key(MARKER).map_err(failed)?;
        if is_whole || copies.len() == 1 {
            counting = Some((*number, shared));
            break;
        }
    }
    let (number, shared) = match counting {
        Some(counting) => counting,
        // None is whole: the log has everything that they had.
        None => {
            let number = copies.last().map_or(1, |last| last.saturating_add(1));
            let shared = Shared::open(&place(directory, number), catalogue)?;
            (number, shared)
        }
    };
    for other in copies.into_iter().filter(|other| *other != number) {
        wiping::remove_directory(&place(directory, other)).map_err(failed)?;
    }
    Ok((number, shared))
}

/// What a copy leaves out.
#[derive(Debug)]
pub(super) enum LeftOut {
    /// Everything about a citizen.
    Citizen(SubjectKey),
    /// These consents, by their UUID.
    Consents(HashSet<[u8; 16]>),
}

impl LeftOut {
    /// The consents that have ended by now and whose last entry stands before a place of the log.
    pub(super) fn older(
        store: &Shared,
        before: u64,
        now: Timestamp,
    ) -> Result<Self, ConsentStoreError> {
        let mut older = HashSet::new();
        for kept in &store.entries {
            let (key, place) = kept.map_err(failed)?;
            let is_older = place
                .first_chunk()
                .is_some_and(|place| u64::from_be_bytes(*place) < before);
            let Some((subject, id)) = key.split_first_chunk::<32>().filter(|_| is_older) else {
                continue;
            };
            let Some(value) = store.consents.get(&key).map_err(failed)? else {
                continue;
            };
            let consent = store.decode(SubjectKey(*subject), &value)?;
            if consent.state_at(now) != ConsentState::Given {
                older.extend(id.try_into().ok().map(|id: [u8; 16]| id));
            }
        }
        Ok(Self::Consents(older))
    }

    /// Whether nothing is left out.
    pub(super) fn is_nothing(&self) -> bool {
        matches!(self, Self::Consents(consents) if consents.is_empty())
    }

    /// Whether a key is left out that is a person's key and the UUID of a consent.
    fn has(&self, key: &[u8], whose: &[u8]) -> bool {
        match self {
            Self::Citizen(subject) => whose.starts_with(&subject.0),
            Self::Consents(consents) => key
                .last_chunk()
                .is_some_and(|id: &[u8; 16]| consents.contains(id)),
        }
    }

    /// Whether the call that gave a consent is left out; its value ends in the consent's id.
    fn has_request(&self, key: &[u8], value: &[u8]) -> bool {
        let id = value.get(32..).and_then(|id| std::str::from_utf8(id).ok());
        let id: Option<ConsentId> = id.and_then(|id| id.parse().ok());
        match (self, id) {
            (Self::Consents(consents), Some(id)) => consents.contains(id.uuid().as_bytes()),
            (Self::Consents(_), None) => false,
            (Self::Citizen(subject), _) => key.starts_with(&subject.0),
        }
    }
}

/// Copies a store into a new directory, but for what is left out.
pub(super) fn copy_without(
    left_out: &LeftOut,
    old: &Shared,
    directory: &Path,
    number: u64,
) -> Result<Shared, ConsentStoreError> {
    old.check_running()?;
    let path = place(directory, number);
    wiping::remove_directory(&path).map_err(failed)?;
    let new = Shared::open(&path, Arc::clone(&old.catalogue))?;
    let by_key = |key: &[u8], _: &[u8]| left_out.has(key, key);
    copy(&old.consents, &new.consents, by_key)?;
    copy(&old.entries, &new.entries, by_key)?;
    copy(&old.givers, &new.givers, |key, whose| {
        left_out.has(key, whose)
    })?;
    let by_request = |key: &[u8], value: &[u8]| left_out.has_request(key, value);
    copy(&old.requests, &new.requests, by_request)?;
    {
        // Everything before the marker: a copy with a marker is whole.
        let file = new.file.lock();
        new.sync(&file)?;
    }
    copy(&old.marker, &new.marker, |_, _| false)?;
    let file = new.file.lock();
    new.sync(&file)?;
    drop(file);
    Ok(new)
}

fn copy(
    from: &Tree,
    to: &Tree,
    leave_out: impl Fn(&[u8], &[u8]) -> bool,
) -> Result<(), ConsentStoreError> {
    let mut batch = sled::Batch::default();
    let mut waiting = 0;
    for kept in from {
        let (key, value) = kept.map_err(failed)?;
        if leave_out(&key, &value) {
            continue;
        }
        batch.insert(key, value);
        waiting += 1;
        if waiting == BATCH {
            to.apply_batch(std::mem::take(&mut batch)).map_err(failed)?;
            waiting = 0;
        }
    }
    to.apply_batch(batch).map_err(failed)
}

/// Removes a copy that nobody uses any more, once those who still read it are done.
pub(super) fn remove(
    old: Arc<Shared>,
    directory: &Path,
    number: u64,
) -> Result<(), ConsentStoreError> {
    let mut old = Some(old);
    for _ in 0..READERS_WAITS_MAX {
        match old.take().map(Arc::try_unwrap) {
            Some(Err(still_read)) => {
                old = Some(still_read);
                thread::sleep(READERS_WAIT);
            }
            // Dropping it closes sled's files.
            _ => break,
        }
    }
    if old.is_some() {
        return Err(failed(io::Error::other("the old copy is still being read")));
    }
    wiping::remove_directory(&place(directory, number)).map_err(failed)
}

fn place(directory: &Path, number: u64) -> PathBuf {
    directory.join(number.to_string())
}

/// The numbers of the copies, in their order.
fn copies(directory: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for found in fs::read_dir(directory)? {
        let found = found?;
        let number = found
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<u64>().ok());
        numbers.extend(number.filter(|_| found.path().is_dir()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}
