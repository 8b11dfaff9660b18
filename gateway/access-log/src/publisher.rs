//! The publisher thread: reads durable batches back from the segments, hashes them again, writes
//! tiles and bundles, and then signs a checkpoint over them.
//!
//! Order of one publication, each step durable before the next begins: tiles and bundles; the
//! checkpoint in its second place; the checkpoint in the log's directory. A crash between any two
//! leaves a tree that extends both checkpoints. Segments are removed last.

use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::edge::Edge;
use crate::files::{Files, LogFile, replace};
use crate::log::Failure;
use crate::merkle::Hash;
use crate::note::Signer;
use crate::reserve::Admission;
use crate::segment::{self, SegmentCursor};
use crate::shared::{Shared, lock};
use crate::tile::{self, TILE_WIDTH, TileKind, TilePath};
use crate::writer::StopOnPanic;

/// Name of the published checkpoint below the log's directory.
pub(crate) const CHECKPOINT_FILE: &str = "checkpoint";
/// Directory for files that are not whole yet; emptied at start.
pub(crate) const TEMPORARY_DIRECTORY: &str = "tmp";
/// Entries in one publication before it is finished with the batch at hand. It bounds the files
/// that are open at once: two for every 256 entries.
const PUBLISH_ENTRIES_MAX: u64 = 8_192;
/// For how many publications partial tiles stay after their tile is full: a client that read the
/// checkpoint before still finds the tiles it names. 50 are 10 s at the usual interval.
const PARTIALS_KEPT: usize = 50;

pub(crate) struct Publisher {
    pub(crate) files: Arc<dyn Files>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) log_directory: PathBuf,
    pub(crate) second_checkpoint: PathBuf,
    pub(crate) signer: Signer,
    pub(crate) interval: Duration,
    /// What the second place holds now; another content means that another log signs there.
    pub(crate) second_note: String,
    /// Where the next batch to publish stands.
    pub(crate) cursor: SegmentCursor,
    /// The tree up to the last publication.
    pub(crate) edge: Edge,
    /// The entries of the bundle that is not full yet.
    pub(crate) bundle: Vec<u8>,
    /// Directories that exist durably.
    pub(crate) known_directories: BTreeSet<PathBuf>,
    /// Partial tiles to remove, one list per publication.
    pub(crate) obsolete_partials: VecDeque<Vec<PathBuf>>,
}

/// Why a publication did not happen.
enum PublishError {
    Io(io::Error),
    /// What was read back is not what was acknowledged.
    ReadBack,
    /// The second place holds a checkpoint that this log did not write.
    Forked,
}

impl From<io::Error> for PublishError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Publisher {
    /// Publishes until the log shuts down or something fails.
    pub(crate) fn run(mut self) {
        let stopped = StopOnPanic::new(&self.shared);
        loop {
            let last = self.shared.wait_for_stop(self.interval);
            self.shared.disk.tend();
            while self.edge.tree_size() < self.shared.durable() {
                // Nothing is signed after a failure, whoever met it: what is durable is published
                // when the log is opened again, after a look at it.
                if self.shared.failure().is_some() {
                    return stopped.finish();
                }
                if self.shared.disk.admits(0) == Admission::Nothing {
                    break;
                }
                if let Err(error) = self.publish() {
                    self.shared.fail(match error {
                        PublishError::Io(source) => Failure::storage("publishing", &source),
                        PublishError::ReadBack => Failure::ReadBack {
                            leaf_index: self.edge.tree_size(),
                        },
                        PublishError::Forked => Failure::Forked,
                    });
                    return stopped.finish();
                }
            }
            if last {
                return stopped.finish();
            }
        }
    }

    fn publish(&mut self) -> Result<(), PublishError> {
        let mut staged = Staged::default();
        let before = self.edge.tree_size();
        let target = self
            .shared
            .durable()
            .min(before.saturating_add(PUBLISH_ENTRIES_MAX));
        while self.edge.tree_size() < target {
            self.take_batch(&mut staged)?;
        }
        for (level, index, hashes) in self.edge.partial_tiles() {
            let width = u16::try_from(hashes.len()).unwrap_or(0);
            let path = TilePath {
                kind: TileKind::Hashes(level),
                index,
                width,
            };
            staged.add(
                &*self.files,
                &self.log_directory,
                path,
                hashes.as_flattened(),
            )?;
            if level == 0 {
                let path = TilePath {
                    kind: TileKind::Entries,
                    ..path
                };
                staged.add(&*self.files, &self.log_directory, path, &self.bundle)?;
            }
        }
        let full = staged.finish(
            &*self.files,
            &self.log_directory,
            &mut self.known_directories,
        )?;
        let signed = self.sign_and_store()?;
        self.shared.set_published(signed);
        self.remove_segments()?;
        self.remove_partials(full)?;
        Ok(())
    }

    /// Reads one batch back and puts its entries into bundles and tiles.
    fn take_batch(&mut self, staged: &mut Staged) -> Result<(), PublishError> {
        let batch = self.cursor.next_batch()?.ok_or(PublishError::ReadBack)?;
        // Only after a crash does the first batch begin before the end of the tree.
        let skip = self.edge.tree_size().saturating_sub(batch.header.first);
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        for (entry, leaf_hash) in batch.entries().skip(skip) {
            tile::push_entry(&mut self.bundle, entry);
            let mut full: Vec<(TilePath, Vec<Hash>)> = Vec::new();
            self.edge.push(*leaf_hash, |level, index, hashes| {
                let kind = TileKind::Hashes(level);
                full.push((
                    TilePath {
                        kind,
                        index,
                        width: TILE_WIDTH,
                    },
                    hashes.to_vec(),
                ));
            });
            for (path, hashes) in full {
                staged.add(
                    &*self.files,
                    &self.log_directory,
                    path,
                    hashes.as_flattened(),
                )?;
                if path.kind == TileKind::Hashes(0) {
                    let path = TilePath {
                        kind: TileKind::Entries,
                        ..path
                    };
                    staged.add(&*self.files, &self.log_directory, path, &self.bundle)?;
                    self.bundle.clear();
                }
            }
        }
        Ok(())
    }

    /// Signs the tree as it is now, after making sure that nobody else signed in its second place.
    fn sign_and_store(&mut self) -> Result<SignedCheckpoint, PublishError> {
        if fs::read(&self.second_checkpoint)? != self.second_note.as_bytes() {
            return Err(PublishError::Forked);
        }
        let checkpoint = Checkpoint {
            origin: self.signer.verifier().name().to_owned(),
            tree_size: self.edge.tree_size(),
            root: self.edge.root(),
        };
        let signed = checkpoint.sign(&self.signer);
        let note = signed.note.as_bytes();
        replace(&*self.files, &self.second_checkpoint, note)?;
        replace(
            &*self.files,
            &self.log_directory.join(CHECKPOINT_FILE),
            note,
        )?;
        self.second_note.clone_from(&signed.note);
        Ok(signed)
    }

    /// Removes segments whose entries are all in durable full bundles under the checkpoint.
    fn remove_segments(&self) -> io::Result<()> {
        let bundled = self.edge.tree_size() / u64::from(TILE_WIDTH) * u64::from(TILE_WIDTH);
        let mut segments = lock(&self.shared.segments);
        while let [first, second, ..] = segments.as_slice() {
            if *second > bundled {
                break;
            }
            self.files
                .remove_file(&segment::path(&self.log_directory, *first))?;
            segments.remove(0);
        }
        Ok(())
    }

    fn remove_partials(&mut self, full: Vec<PathBuf>) -> io::Result<()> {
        self.obsolete_partials.push_back(full);
        if self.obsolete_partials.len() <= PARTIALS_KEPT {
            return Ok(());
        }
        for partials in self.obsolete_partials.pop_front().unwrap_or_default() {
            match self.files.remove_dir_all(&partials) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Files written and not yet renamed to their places. All are written before the first is synced:
/// one commit of the file system's journal then serves many.
#[derive(Default)]
struct Staged {
    files: Vec<(Box<dyn LogFile>, PathBuf, TilePath)>,
}

impl Staged {
    fn add(
        &mut self,
        files: &dyn Files,
        log_directory: &Path,
        path: TilePath,
        bytes: &[u8],
    ) -> io::Result<()> {
        let name = self.files.len().to_string();
        let temporary = log_directory.join(TEMPORARY_DIRECTORY).join(name);
        let mut file = files.create(&temporary)?;
        file.write_all(bytes)?;
        self.files.push((file, temporary, path));
        Ok(())
    }

    /// Makes everything durable in its place; returns the partial forms that are now obsolete.
    fn finish(
        mut self,
        files: &dyn Files,
        log_directory: &Path,
        known: &mut BTreeSet<PathBuf>,
    ) -> io::Result<Vec<PathBuf>> {
        for (file, ..) in &mut self.files {
            file.begin_sync();
        }
        for (file, ..) in &mut self.files {
            file.sync_data()?;
        }
        let mut changed = BTreeSet::new();
        let mut obsolete = Vec::new();
        for (file, temporary, path) in self.files {
            drop(file);
            let target = log_directory.join(path.to_string());
            let directory = target.parent().unwrap_or(log_directory);
            if known.insert(directory.to_owned()) {
                files.create_dir_all(directory)?;
                let parents = directory.ancestors().skip(1);
                let below = parents.take_while(|parent| parent.starts_with(log_directory));
                changed.extend(below.map(Path::to_owned));
            }
            files.rename(&temporary, &target)?;
            changed.insert(directory.to_owned());
            if path.is_full() {
                let partials = log_directory.join(path.partials());
                known.remove(&partials);
                obsolete.push(partials);
            }
        }
        for directory in changed {
            files.sync_dir(&directory)?;
        }
        Ok(obsolete)
    }
}
