//! The questions that a data protection officer must be able to answer: everything about one person,
//! the scope of a breach, the register of processing, and whether a registry counted as many
//! requests as the log.
//!
//! Everything here is made of the access log and the policies in force; nothing is kept.

pub mod breach;
pub mod csv;
pub mod person;
pub mod reconciliation;
pub mod register;

use crate::index::{Entries, EntryUnreadable, Filter, IndexError, Reader};
use motlan_access_log::{details::DetailsError, entry::Entry, merkle::Hash, store::ReadError};
use serde::Deserialize;

/// Why a report cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The index does not find what is there.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] EntryUnreadable),
    /// A task of the runtime ended.
    #[error("the report was cut short")]
    CutShort,
}

impl From<ReadError> for ReportError {
    fn from(error: ReadError) -> Self {
        Self::Log(error.into())
    }
}

/// One entry as a report finds it.
#[derive(Debug)]
pub struct Found {
    /// Where it stands.
    pub leaf_index: u64,
    /// Its hash in the tree.
    pub leaf_hash: Hash,
    /// Its kind, which stays when everything else is erased.
    pub kind: String,
    /// When it happened, which stays too.
    pub time: String,
    /// What it says; `None` where that is erased.
    pub entry: Option<Entry>,
}

/// What every entry says in clear.
#[derive(Deserialize)]
struct InClear {
    kind: String,
    time: String,
}

/// Found at once.
const PAGE: usize = 1_000;
/// A report of more is refused by its reader: it would be looked at by nobody.
pub const PLACES_MAX: usize = 1_000_000;

/// The places of all entries that a filter finds, oldest first, and whether there are more than can
/// be reported.
///
/// # Errors
/// [`ReportError`].
pub fn places(
    reader: &Reader,
    entries: &Entries,
    filter: &Filter,
) -> Result<(Vec<u64>, bool), ReportError> {
    let mut places = Vec::new();
    let mut before = Some(u64::MAX);
    while let Some(from) = before {
        let found = reader.search(entries, filter, from, PAGE)?;
        places.extend(found.places);
        before = found.next;
        if places.len() >= PLACES_MAX {
            places.truncate(PLACES_MAX);
            places.reverse();
            return Ok((places, before.is_some()));
        }
    }
    places.reverse();
    Ok((places, false))
}

/// The entry at a place; `None` where retention has removed it.
///
/// # Errors
/// [`ReportError`].
pub fn found(entries: &Entries, leaf_index: u64) -> Result<Option<Found>, ReportError> {
    let bytes = match entries.tiles.entry(leaf_index) {
        Err(ReadError::Pruned { .. }) => return Ok(None),
        bytes => bytes?,
    };
    let entry = match entries.details.read(&bytes) {
        Err(DetailsError::Erased) => None,
        entry => Some(entry.map_err(EntryUnreadable::from)?),
    };
    let InClear { kind, time } =
        serde_json::from_slice(&bytes).map_err(|_| EntryUnreadable::from(DetailsError::Damaged))?;
    Ok(Some(Found {
        leaf_index,
        kind,
        time,
        leaf_hash: motlan_access_log::merkle::hash_leaf(&bytes),
        entry,
    }))
}
