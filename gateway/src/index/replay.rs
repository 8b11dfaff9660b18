//! Reads the published entries in order and shows each to whoever keeps something made of them.

use motlan_access_log::{
    details::{DetailKeys, DetailsError},
    entry::Entry,
    store::{ReadError, TileStore},
    tile::{self, TILE_WIDTH},
};
use std::{ops::Range, sync::Arc};

/// Somebody who keeps what the log's entries come to: an index, a store that is rebuilt.
///
/// Entries come in the order of the log, each once; after a failure, from the last
/// [`commit`](Self::commit) on again.
pub trait Follower {
    /// Takes the next entry.
    ///
    /// # Errors
    /// What is kept cannot be used any more.
    fn apply(&mut self, leaf_index: u64, entry: &[u8]) -> Result<(), FollowerError>;

    /// Keeps everything that was taken so far: the entries below `next`, of which `last` is the
    /// last one.
    ///
    /// # Errors
    /// What is kept cannot be used any more.
    fn commit(&mut self, next: u64, last: &[u8]) -> Result<(), FollowerError>;
}

/// Why a follower cannot go on.
pub type FollowerError = Box<dyn std::error::Error + Send + Sync>;

/// Why a stretch of the log was not replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The log cannot be read.
    #[error("the access log cannot be read")]
    Log(#[from] ReadError),
    /// What is made of the log cannot be kept.
    #[error("what is made of the access log cannot be kept")]
    Follower(#[source] FollowerError),
}

/// The published entries, and what opens them. Clones are the same.
#[derive(Debug, Clone)]
pub struct Entries {
    /// Where they are.
    pub tiles: TileStore,
    /// What opens what they say about people.
    pub details: Arc<DetailKeys>,
}

/// Why an entry cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum EntryUnreadable {
    /// The log cannot be read there.
    #[error("the access log cannot be read")]
    Log(#[from] ReadError),
    /// The entry cannot be opened or understood.
    #[error("the entry cannot be opened")]
    Details(#[from] DetailsError),
}

impl Entries {
    /// One entry.
    ///
    /// # Errors
    /// [`EntryUnreadable`].
    pub fn entry(&self, leaf_index: u64) -> Result<Entry, EntryUnreadable> {
        Ok(self.details.read(&self.tiles.entry(leaf_index)?)?)
    }
}

/// Shows the entries of a range to somebody who keeps nothing before the end.
///
/// # Errors
/// [`ReplayError`].
pub fn read(
    tiles: &TileStore,
    range: Range<u64>,
    look: impl FnMut(u64, &[u8]) -> Result<(), FollowerError>,
) -> Result<(), ReplayError> {
    struct Reader<F>(F);
    impl<F: FnMut(u64, &[u8]) -> Result<(), FollowerError>> Follower for Reader<F> {
        fn apply(&mut self, leaf_index: u64, entry: &[u8]) -> Result<(), FollowerError> {
            (self.0)(leaf_index, entry)
        }
        fn commit(&mut self, _: u64, _: &[u8]) -> Result<(), FollowerError> {
            Ok(())
        }
    }
    replay(tiles, range, &mut Reader(look))
}

/// Shows the entries of a range to a follower, and lets it keep what it made of them. A range beyond
/// the published tree ends with the tree, and one that begins before the first entry that is kept
/// begins there.
///
/// # Errors
/// [`ReplayError`]; what was committed before stands.
pub fn replay(
    tiles: &TileStore,
    range: Range<u64>,
    follower: &mut dyn Follower,
) -> Result<(), ReplayError> {
    let width = u64::from(TILE_WIDTH);
    let range = range.start.max(tiles.first()?)..range.end.min(tiles.tree_size());
    if range.is_empty() {
        return Ok(());
    }
    let mut last = Vec::new();
    for index in range.start / width..range.end.div_ceil(width) {
        let bundle = tiles.bundle(index)?;
        for (leaf_index, entry) in (index * width..).zip(tile::entries(&bundle)) {
            if !range.contains(&leaf_index) {
                continue;
            }
            let entry = entry.ok_or_else(|| ReadError::Damaged {
                path: format!("entry {leaf_index}"),
            })?;
            let applied = follower.apply(leaf_index, entry);
            applied.map_err(ReplayError::Follower)?;
            if leaf_index + 1 == range.end {
                last = entry.to_vec();
            }
        }
    }
    let kept = follower.commit(range.end, &last);
    kept.map_err(ReplayError::Follower)
}
