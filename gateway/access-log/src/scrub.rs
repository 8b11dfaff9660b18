//! The scrub: a thread that reads the whole log again, at first right after the start and then once
//! a day, in the background. The start reads the right edge only, so that a log of a million entries
//! opens at once; a bit that flipped in an old tile is found here.
//!
//! It compares every bundle with its tile, every tile with the one above it up to the signed root,
//! and every batch of the segments with what is published. Damage stops the log for ever: an entry
//! that cannot be proven any more must not be found first by the person it is about.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::files::Files;
use crate::log::Failure;
use crate::merkle::{Hash, hash_leaf, root_of};
use crate::segment::{self, Found, HEADER_BYTES, SegmentReader};
use crate::shared::{Shared, lock};
use crate::store::{ReadError, TileStore};
use crate::tile::{self, TILE_WIDTH, TileKind, TilePath, width_at};
use crate::writer::StopOnPanic;

/// For each moment of reading, three of rest: what must be answered comes first.
const REST: u32 = 3;
const WIDTH: u64 = TILE_WIDTH as u64;

/// How far the scrub is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScrubProgress {
    /// Entries that were read again and are whole, in the pass that runs or ran last.
    pub checked: u64,
    /// Entries that this pass is about.
    pub tree_size: u64,
    /// Whole passes since the log was opened.
    pub passes: u64,
}

pub(crate) struct Scrub {
    pub(crate) files: Arc<dyn Files>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) log_directory: PathBuf,
    pub(crate) origin: String,
    pub(crate) interval: Duration,
}

/// Why a pass did not come to its end.
enum Ended {
    /// The log shuts down.
    Stopping,
    Failed(Failure),
}

impl From<ReadError> for Ended {
    fn from(error: ReadError) -> Self {
        Self::Failed(match error {
            ReadError::Io { source, .. } => Failure::storage("reading the log again", &source),
            ReadError::Missing { path } | ReadError::Damaged { path } => damaged(path, 0),
            ReadError::Pruned { first } => damaged("pruned".to_owned(), first),
            ReadError::OutsideTree { tree_size } => damaged(String::new(), tree_size),
        })
    }
}

impl From<io::Error> for Ended {
    fn from(source: io::Error) -> Self {
        Self::Failed(Failure::storage("reading the log again", &source))
    }
}

fn damaged(path: String, leaf_index: u64) -> Failure {
    Failure::Damaged { path, leaf_index }
}

impl Scrub {
    /// Works until the log shuts down or damage is found.
    pub(crate) fn run(self) {
        let stopped = StopOnPanic::new(&self.shared);
        loop {
            match self.pass() {
                Ok(()) => {}
                Err(Ended::Stopping) => return stopped.finish(),
                Err(Ended::Failed(failure)) => {
                    self.shared.fail(failure);
                    return stopped.finish();
                }
            }
            if self.shared.wait_for_stop(self.interval) {
                return stopped.finish();
            }
        }
    }

    fn pass(&self) -> Result<(), Ended> {
        let signed = self.shared.checkpoint();
        let tree_size = signed.checkpoint.tree_size;
        let first_pass = self.progress(|progress| {
            (progress.checked, progress.tree_size) = (0, tree_size);
            progress.passes == 0
        });
        let store = TileStore::new(&self.log_directory, tree_size);
        if store.root(tree_size)? != signed.checkpoint.root {
            return Err(Ended::Failed(damaged("checkpoint".to_owned(), 0)));
        }
        for level in (0..8).rev() {
            let tiles = (tree_size >> (8 * u32::from(level))).div_ceil(WIDTH);
            for index in 0..tiles {
                self.resting(|| self.tile(&store, level, index, first_pass))?;
            }
        }
        self.segments(&store)?;
        self.progress(|progress| progress.passes += 1);
        Ok(())
    }

    /// Checks a tile against the one above it, and a tile of leaf hashes against its bundle.
    fn tile(&self, store: &TileStore, level: u8, index: u64, first: bool) -> Result<(), Ended> {
        let width = width_at(store.tree_size(), level, index);
        let kind = TileKind::Hashes(level);
        let path = TilePath { kind, index, width };
        let leaf_index = index << (8 * (u32::from(level) + 1)).min(63);
        let failed = |path: TilePath| Ended::Failed(damaged(path.to_string(), leaf_index));
        let hashes = store.hashes(level, index, width)?;
        if path.is_full() && level < 7 {
            let above = width_at(store.tree_size(), level + 1, index / WIDTH);
            let above = store.hashes(level + 1, index / WIDTH, above)?;
            let place = usize::try_from(index % WIDTH).unwrap_or(0);
            if above.get(place) != Some(&root_of(&hashes)) {
                return Err(failed(path));
            }
        }
        self.check_partials(path, hashes.as_flattened())?;
        self.remove_partials(path, first)?;
        if level == 0 {
            let kind = TileKind::Entries;
            let path = TilePath { kind, ..path };
            match store.read(path) {
                Err(ReadError::Missing { .. } | ReadError::Pruned { .. })
                    if self.is_pruned(index)? => {}
                bundle => {
                    let bundle = bundle?;
                    if leaf_hashes(&bundle).as_ref() != Some(&hashes) {
                        return Err(failed(path));
                    }
                    self.check_partials(path, &bundle)?;
                }
            }
            self.remove_partials(path, first)?;
            let checked = (index + 1).saturating_mul(WIDTH).min(store.tree_size());
            self.progress(|progress| progress.checked = checked);
        }
        Ok(())
    }

    /// Whether a bundle may be gone by policy. The mark is written before the first bundle goes, and
    /// moves while the log runs; whether an entry says the same is the verifier's question.
    fn is_pruned(&self, index: u64) -> Result<bool, Ended> {
        let mark = match std::fs::read_to_string(self.log_directory.join("pruned")) {
            Ok(mark) => mark,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        let before = mark.strip_prefix("pruned ").map(str::trim_end);
        let before: Option<u64> = before.and_then(|before| before.parse().ok());
        Ok(before.is_some_and(|before| (index + 1).saturating_mul(WIDTH) <= before))
    }

    /// Older forms of a tile must be its beginnings.
    fn check_partials(&self, path: TilePath, bytes: &[u8]) -> Result<(), Ended> {
        let directory = self.log_directory.join(path.partials());
        let listed = match directory.read_dir() {
            Ok(listed) => listed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        for older in listed {
            let older = match older {
                // The publisher has removed the directory under this listing.
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                older => older?,
            };
            let width = older
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok());
            let Some(width) = width.filter(|width| *width < path.width) else {
                continue;
            };
            match std::fs::read(older.path()) {
                Ok(older) if is_beginning(path.kind, &older, width, bytes) => {}
                Ok(_) => {
                    let name = TilePath { width, ..path }.to_string();
                    return Err(Ended::Failed(damaged(name, path.index * WIDTH)));
                }
                // The publisher removes them a while after the tile is full.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Removes older forms of a tile that was full before the log was opened: a process that died
    /// left them behind, and nobody else removes them.
    fn remove_partials(&self, path: TilePath, first: bool) -> Result<(), Ended> {
        let directory = self.log_directory.join(path.partials());
        if !first || !path.is_full() || !directory.exists() {
            return Ok(());
        }
        match self.files.remove_dir_all(&directory) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Every batch that was durable when this began must be whole and, where it is published, hold
    /// what is published.
    fn segments(&self, store: &TileStore) -> Result<(), Ended> {
        let durable = self.shared.durable();
        let firsts = lock(&self.shared.segments).clone();
        for (position, first) in firsts.iter().enumerate() {
            let end = firsts.get(position + 1).copied().unwrap_or(durable);
            let path = segment::path(&self.log_directory, *first);
            let failed = |next| Ended::Failed(damaged(path.display().to_string(), next));
            let reader = match SegmentReader::open(&self.log_directory, *first, &self.origin) {
                Ok(reader) => reader.ok_or_else(|| failed(*first))?,
                // The publisher has removed it meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error.into()),
            };
            let (mut offset, mut next) = (HEADER_BYTES, *first);
            while next < end {
                let whole = self.resting(|| {
                    let Found::Whole(batch) = reader.batch_at(offset)? else {
                        return Ok(None);
                    };
                    let fits =
                        batch.header.first == next && is_published(store, next, &batch.hashes)?;
                    Ok(fits.then_some(batch.header))
                })?;
                let header = whole.ok_or_else(|| failed(next))?;
                offset += header.total_bytes();
                next = header.end();
            }
        }
        Ok(())
    }

    /// Does a piece of work, and then rests.
    fn resting<T>(&self, work: impl FnOnce() -> Result<T, Ended>) -> Result<T, Ended> {
        let started = Instant::now();
        let done = work()?;
        match self.shared.wait_for_stop(started.elapsed() * REST) {
            true => Err(Ended::Stopping),
            false => Ok(done),
        }
    }

    fn progress<T>(&self, change: impl FnOnce(&mut ScrubProgress) -> T) -> T {
        change(&mut lock(&self.shared.scrub))
    }
}

fn leaf_hashes(bundle: &[u8]) -> Option<Vec<Hash>> {
    tile::entries(bundle)
        .map(|entry| entry.map(hash_leaf))
        .collect()
}

/// Whether an older form holds the first `width` entries or hashes, and nothing else.
fn is_beginning(kind: TileKind, older: &[u8], width: u16, bytes: &[u8]) -> bool {
    let count = match kind {
        TileKind::Hashes(_) => older.len() / 32,
        TileKind::Entries => tile::entries(older).flatten().count(),
    };
    bytes.starts_with(older) && count == usize::from(width)
}

/// Whether leaf hashes from `next` on are those of the published tree, as far as that goes.
fn is_published(store: &TileStore, next: u64, hashes: &[Hash]) -> Result<bool, Ended> {
    let mut tile: Option<(u64, Vec<Hash>)> = None;
    for (leaf_index, hash) in (next..store.tree_size()).zip(hashes) {
        let index = leaf_index / WIDTH;
        let known = match tile.take() {
            Some(known) if known.0 == index => known,
            _ => {
                let width = width_at(store.tree_size(), 0, index);
                (index, store.hashes(0, index, width)?)
            }
        };
        let place = usize::try_from(leaf_index % WIDTH).unwrap_or(0);
        if known.1.get(place) != Some(hash) {
            return Ok(false);
        }
        tile = Some(known);
    }
    Ok(true)
}
