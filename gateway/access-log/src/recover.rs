//! Start: what is on disk becomes a running log again, or is refused.
//!
//! The tree's right edge comes from its partial tiles and must have the root that the checkpoint
//! signs; then only the batches after the checkpoint are read. A last batch that was torn is cut:
//! it was never acknowledged. Everything else that does not fit is refused with a typed error,
//! never mended and never signed. The tree must also extend the checkpoint kept in a second place,
//! so a restored backup is noticed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::edge::Edge;
use crate::files::{Files, make_directory, replace};
use crate::log::{OpenError, Options};
use crate::merkle::{Hash, hash_leaf};
use crate::note::Verifiers;
use crate::publisher::{CHECKPOINT_FILE, TEMPORARY_DIRECTORY};
use crate::segment::{self, Found, HEADER_BYTES, SEGMENTS_DIRECTORY, SegmentCursor, SegmentReader};
use crate::store::TileStore;
use crate::tile::{self, TILE_WIDTH, TileKind, TilePath, width_at};

/// Name of the published verifier key below the log's directory.
pub(crate) const VERIFIER_FILE: &str = "log.vkey";

/// A log ready to go on.
#[derive(Debug)]
pub(crate) struct Recovered {
    pub(crate) checkpoint: SignedCheckpoint,
    pub(crate) second_note: String,
    /// The tree under the checkpoint.
    pub(crate) edge: Edge,
    /// The entries after the last full bundle, up to the checkpoint.
    pub(crate) bundle: Vec<u8>,
    /// Stands at the first batch after the checkpoint.
    pub(crate) cursor: SegmentCursor,
    /// The first leaf of each segment.
    pub(crate) segments: Vec<u64>,
    /// The last segment and its length, to go on writing.
    pub(crate) last_segment: Option<(u64, u64)>,
    /// Entries that are durable.
    pub(crate) durable: u64,
    /// Bytes of a torn batch that were cut off.
    pub(crate) cut_bytes: u64,
}

/// Opens the log's directory; creates the log when there is none.
pub(crate) fn recover(options: &Options) -> Result<Recovered, OpenError> {
    let directory = options.directory.as_path();
    prepare(options)?;
    check_verifier(options)?;
    let (checkpoint, second) = checkpoints(options)?;
    let store = TileStore::new(directory, checkpoint.checkpoint.tree_size);
    let (edge, bundle) = right_edge(&store, &checkpoint)?;

    let mut replay = Replay::new(options, &checkpoint, &second, edge.clone());
    replay.check_root()?;
    replay.run()?;
    let (tree_size, second_size) = (replay.edge.tree_size(), second.checkpoint.tree_size);
    if second_size > tree_size {
        return Err(OpenError::RolledBack {
            tree_size,
            second_size,
        });
    }
    if store_root_differs(&store, &checkpoint, &second)? {
        return Err(OpenError::Forked { second_size });
    }
    replay.remove_unneeded()?;
    let (checkpoint, second_note) = renew_signatures(options, &checkpoint, &second)?;
    Ok(Recovered {
        checkpoint,
        second_note,
        edge,
        bundle,
        cursor: replay.cursor,
        segments: replay.segments,
        last_segment: replay.last_segment,
        durable: tree_size,
        cut_bytes: replay.cut_bytes,
    })
}

/// Makes the directories, durably, and clears what was left half-written.
fn prepare(options: &Options) -> Result<(), OpenError> {
    let (files, directory) = (&*options.files, options.directory.as_path());
    let temporary = directory.join(TEMPORARY_DIRECTORY);
    if temporary.exists() {
        files.remove_dir_all(&temporary).map_err(at(&temporary))?;
    }
    let segments = directory.join(SEGMENTS_DIRECTORY);
    let second = options.second_checkpoint.parent();
    let second = second.filter(|second| !second.as_os_str().is_empty());
    for path in [segments.as_path(), &temporary].into_iter().chain(second) {
        make_directory(files, path).map_err(at(path))?;
    }
    // A killed process may leave names that are not durable yet: a checkpoint, a segment. What is
    // found here is built upon from now on, so it must not vanish when the power fails later.
    for path in [directory, &segments].into_iter().chain(second) {
        files.sync_dir(path).map_err(at(path))?;
    }
    remove_unfinished(files, &segments).map_err(at(&segments))
}

/// Removes segments of which not even the header was whole.
fn remove_unfinished(files: &dyn Files, segments: &Path) -> io::Result<()> {
    for entry in segments.read_dir()? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "new") {
            files.remove_file(&path)?;
        }
    }
    Ok(())
}

/// The published keys must be ours; a new log publishes them. While keys change, one of those that
/// were published last still signs.
fn check_verifier(options: &Options) -> Result<(), OpenError> {
    let path = options.directory.join(VERIFIER_FILE);
    let ours = options.signer.verifiers();
    match read(&path)? {
        Some(published) => {
            let text = String::from_utf8_lossy(&published);
            let published: Result<Verifiers, _> = text.parse();
            // Byte for byte: damage is not mended by writing the file anew.
            let ours_before = |published: Verifiers| {
                published.to_string() == text && published.shares_a_key_with(&ours)
            };
            match published.is_ok_and(ours_before) {
                true => Ok(()),
                false => Err(OpenError::OtherKey),
            }
        }
        None if options.directory.join(CHECKPOINT_FILE).exists() => Err(OpenError::OtherKey),
        None => replace(&*options.files, &path, ours.to_string().as_bytes()).map_err(at(&path)),
    }
}

/// After the keys have changed: publishes those that sign now, and has them sign what was signed
/// before, which is no new statement about the tree. The second place comes first, as always.
fn renew_signatures(
    options: &Options,
    checkpoint: &SignedCheckpoint,
    second: &SignedCheckpoint,
) -> Result<(SignedCheckpoint, String), OpenError> {
    let renew = |path: &Path, signed: &SignedCheckpoint| -> Result<_, OpenError> {
        let renewed = signed.checkpoint.clone().sign(&options.signer);
        if renewed.note != signed.note {
            replace(&*options.files, path, renewed.note.as_bytes()).map_err(at(path))?;
        }
        Ok(renewed)
    };
    let keys = options.signer.verifiers().to_string();
    let path = options.directory.join(VERIFIER_FILE);
    if read(&path)?.as_deref() != Some(keys.as_bytes()) {
        replace(&*options.files, &path, keys.as_bytes()).map_err(at(&path))?;
    }
    let second = renew(&options.second_checkpoint, second)?;
    let renewed = renew(&options.directory.join(CHECKPOINT_FILE), checkpoint)?;
    Ok((renewed, second.note))
}

/// The checkpoint of the directory and the one in the second place. A new log signs the empty tree.
fn checkpoints(options: &Options) -> Result<(SignedCheckpoint, SignedCheckpoint), OpenError> {
    let path = options.directory.join(CHECKPOINT_FILE);
    let verifiers = options.signer.verifiers();
    let open = |path: &Path| -> Result<Option<SignedCheckpoint>, OpenError> {
        let invalid = |source: CheckpointError| OpenError::Checkpoint {
            path: path.to_owned(),
            source,
        };
        read(path)?
            .map(|note| SignedCheckpoint::open_any(&note, &verifiers).map_err(invalid))
            .transpose()
    };
    match (open(&path)?, open(&options.second_checkpoint)?) {
        (Some(published), Some(second)) => Ok((published, second)),
        (Some(_), None) => Err(OpenError::SecondCheckpointMissing),
        (None, Some(second)) if second.checkpoint.tree_size > 0 => Err(OpenError::RolledBack {
            tree_size: 0,
            second_size: second.checkpoint.tree_size,
        }),
        (None, _) => {
            let used = segment::list(&options.directory).map_err(at(&options.directory))?;
            if !used.is_empty() || options.directory.join("tile").exists() {
                return Err(OpenError::CheckpointMissing);
            }
            let origin = verifiers.name().to_owned();
            let empty = crate::checkpoint::Checkpoint {
                origin,
                tree_size: 0,
                root: crate::merkle::empty_root(),
            };
            let signed = empty.sign(&options.signer);
            for path in [&options.second_checkpoint, &path] {
                replace(&*options.files, path, signed.note.as_bytes()).map_err(at(path))?;
            }
            Ok((signed.clone(), signed))
        }
    }
}

/// The right edge and the unfinished bundle, checked against each other and the signed root.
fn right_edge(
    store: &TileStore,
    checkpoint: &SignedCheckpoint,
) -> Result<(Edge, Vec<u8>), OpenError> {
    let tree_size = checkpoint.checkpoint.tree_size;
    let edge = Edge::load(tree_size, |level, index, width| {
        store.hashes(level, index, width)
    })?;
    if edge.root() != checkpoint.checkpoint.root {
        return Err(OpenError::WrongRoot { tree_size });
    }
    let index = tree_size / u64::from(TILE_WIDTH);
    let width = width_at(tree_size, 0, index);
    if width == 0 {
        return Ok((edge, Vec::new()));
    }
    let path = TilePath {
        kind: TileKind::Entries,
        index,
        width,
    };
    let bundle = store.read(path)?;
    let hashes: Option<Vec<Hash>> = tile::entries(&bundle)
        .map(|entry| entry.map(hash_leaf))
        .collect();
    let known = store.hashes(0, index, width)?;
    if hashes.as_ref() != Some(&known) {
        return Err(OpenError::Damaged {
            path: path.to_string().into(),
            leaf_index: index * u64::from(TILE_WIDTH),
        });
    }
    Ok((edge, bundle))
}

/// Whether a second checkpoint older than the published tree is not part of it.
fn store_root_differs(
    store: &TileStore,
    published: &SignedCheckpoint,
    second: &SignedCheckpoint,
) -> Result<bool, OpenError> {
    let older = second.checkpoint.tree_size < published.checkpoint.tree_size;
    Ok(older && store.root(second.checkpoint.tree_size)? != second.checkpoint.root)
}

/// Reads the segments from the checkpoint to their end.
struct Replay<'a> {
    options: &'a Options,
    published: u64,
    second: &'a SignedCheckpoint,
    /// The tree up to the entry read last.
    edge: Edge,
    cursor: SegmentCursor,
    segments: Vec<u64>,
    unneeded_segments: Vec<u64>,
    last_segment: Option<(u64, u64)>,
    cut_bytes: u64,
}

impl<'a> Replay<'a> {
    fn new(
        options: &'a Options,
        checkpoint: &SignedCheckpoint,
        second: &'a SignedCheckpoint,
        edge: Edge,
    ) -> Self {
        let published = checkpoint.checkpoint.tree_size;
        let origin = options.signer.verifier().name();
        let cursor = SegmentCursor::new(&options.directory, origin, published);
        let (segments, last_segment, cut_bytes) = (Vec::new(), None, 0);
        Self {
            options,
            published,
            second,
            edge,
            cursor,
            segments,
            unneeded_segments: Vec::new(),
            last_segment,
            cut_bytes,
        }
    }

    fn run(&mut self) -> Result<(), OpenError> {
        let listed = self.needed_segments()?;
        let mut next = match listed.first() {
            Some(first) if *first <= self.published => *first,
            None if self.published == 0 => 0,
            _ => {
                return Err(OpenError::SegmentMissing {
                    leaf_index: self.published,
                });
            }
        };
        for (position, first) in listed.iter().enumerate() {
            if *first != next {
                return Err(OpenError::SegmentMissing { leaf_index: next });
            }
            next = self.segment(*first, position + 1 == listed.len())?;
        }
        if next < self.published {
            return Err(OpenError::SegmentMissing { leaf_index: next });
        }
        self.segments = listed;
        Ok(())
    }

    /// The segments from which something may still be needed, the last of them durable.
    ///
    /// All entries of those before are in full bundles under the checkpoint. The removal of some of
    /// them may have been lost in a power cut while that of others was not, so there may be gaps.
    fn needed_segments(&mut self) -> Result<Vec<u64>, OpenError> {
        let (files, directory) = (&*self.options.files, self.options.directory.as_path());
        let mut listed = segment::list(directory).map_err(at(directory))?;
        if let Some(last) = listed.last() {
            // A killed process may have written a batch and not have synced it. It is whole in the
            // page cache; without this sync it would be published, and gone after a power cut.
            let path = segment::path(directory, *last);
            let synced = files
                .open_append(&path)
                .and_then(|mut file| file.sync_data());
            synced.map_err(at(&path))?;
        }
        let bundled = self.published / u64::from(TILE_WIDTH) * u64::from(TILE_WIDTH);
        let unneeded = listed.partition_point(|first| *first <= bundled);
        let unneeded = listed.drain(..unneeded.saturating_sub(1));
        self.unneeded_segments = unneeded.collect();
        Ok(listed)
    }

    /// Removes what the publisher had already removed, or would have. Only a log that is in order
    /// gets here: nothing is changed in one that is refused.
    fn remove_unneeded(&self) -> Result<(), OpenError> {
        for first in &self.unneeded_segments {
            let path = segment::path(&self.options.directory, *first);
            self.options.files.remove_file(&path).map_err(at(&path))?;
        }
        Ok(())
    }

    /// Reads one segment; returns the index after its last entry.
    fn segment(&mut self, first: u64, last: bool) -> Result<u64, OpenError> {
        let directory = self.options.directory.as_path();
        let path = segment::path(directory, first);
        let open = || SegmentReader::open(directory, first, self.options.signer.verifier().name());
        let damaged = |leaf_index| OpenError::Damaged {
            path: path.clone(),
            leaf_index,
        };
        let reader = open().map_err(at(&path))?.ok_or_else(|| damaged(first))?;
        let (mut offset, mut next) = (HEADER_BYTES, first);
        // Where the publisher goes on: at the first batch that is not under the checkpoint.
        let mut publish_from = None;
        loop {
            let header = match reader.header_at(offset).map_err(at(&path))? {
                Found::Whole(header) if header.first == next => header,
                Found::End => break,
                Found::Whole(_) => return Err(damaged(next)),
                Found::Broken => {
                    self.cut(&reader, offset, next, last)?;
                    break;
                }
            };
            if header.end() > self.published {
                let Found::Whole(batch) = reader.batch_at(offset).map_err(at(&path))? else {
                    self.cut(&reader, offset, next, last)?;
                    break;
                };
                publish_from.get_or_insert(offset);
                for (position, (_, leaf_hash)) in (next..).zip(batch.entries()) {
                    if position >= self.published {
                        self.edge.push(*leaf_hash, |_, _, _| {});
                        self.check_root()?;
                    }
                }
            }
            offset += header.total_bytes();
            next = header.end();
        }
        let holds_checkpoint = first <= self.published && self.published <= next;
        if holds_checkpoint && (publish_from.is_some() || last) {
            let reader = open().map_err(at(&path))?.ok_or_else(|| damaged(first))?;
            let origin = self.options.signer.verifier().name();
            self.cursor = SegmentCursor::new(directory, origin, self.published)
                .at(reader, publish_from.unwrap_or(offset));
        }
        self.last_segment = Some((first, offset));
        Ok(next)
    }

    /// Cuts a torn batch off the end of the log, if that is what it is.
    fn cut(
        &mut self,
        reader: &SegmentReader,
        offset: u64,
        next: u64,
        last: bool,
    ) -> Result<(), OpenError> {
        let path = segment::path(&self.options.directory, reader.first);
        let durable = next < self.published
            || !last
            || reader.batch_follows(offset, next).map_err(at(&path))?;
        if durable {
            return Err(OpenError::Damaged {
                path,
                leaf_index: next,
            });
        }
        self.cut_bytes = reader.length().map_err(at(&path))?.saturating_sub(offset);
        self.options
            .files
            .truncate(&path, offset)
            .map_err(at(&path))
    }

    /// Compares the tree with the second checkpoint when it has reached its size.
    fn check_root(&self) -> Result<(), OpenError> {
        let second = &self.second.checkpoint;
        if self.edge.tree_size() == second.tree_size && self.edge.root() != second.root {
            return Err(OpenError::Forked {
                second_size: second.tree_size,
            });
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, OpenError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(OpenError::Io {
            path: path.to_owned(),
            source,
        }),
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> OpenError {
    let path: PathBuf = path.to_owned();
    move |source| OpenError::Io { path, source }
}
