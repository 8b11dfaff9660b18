//! Verifies a log from its files alone, on a disk or over a network: every entry, every tile, the
//! root, the signature, and what waits in the segments. It reads files and computes everything
//! anew; it shares hashing and the published formats with the rest of the crate, and none of the
//! code that writes.
//!
//! What the caller knows from elsewhere is what makes it proof: the log's key shows whose log it
//! is, an earlier checkpoint that it was only added to, witnesses that everybody is shown the same.

use std::io;
use std::path::Path;

use crate::canonical::is_canonical;
use crate::checkpoint::SignedCheckpoint;
use crate::entry::Envelope;
use crate::merkle::{Hash, hash_leaf};
use crate::note::{NoteError, Verifier, Verifiers};
use crate::tile::{self, TILE_WIDTH, TileKind, TilePath, width_at};
use crate::witness::cosigned::COSIGNED_FILE;
use crate::witness::policy::Policy;

mod error;
pub mod export;
mod pins;
mod report;
mod segments;
pub mod source;
mod tree;

pub use error::VerifyError;
pub use report::{CosignedPart, Report, grouped};

use pins::{Pin, Pruned};
use source::{Directory, Source};
use tree::Tree;

/// How many bundles ahead a slow place is told what will be read.
const READ_AHEAD: u64 = 16;

/// What the caller knows of the log from elsewhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// Its keys. Without them, those beside the log are used: then it is shown to be consistent in
    /// itself, and not to be the right one.
    pub keys: Option<&'a Verifiers>,
    /// The witnesses that must have cosigned `checkpoint.cosigned`, which the log must extend.
    pub witnesses: Option<&'a Policy>,
    /// The note of a checkpoint kept from earlier, which the log must extend.
    pub since: Option<&'a [u8]>,
}

/// Verifies the log in a directory with one key, or the keys beside it.
///
/// # Errors
/// [`VerifyError`] names the first file and entry that do not hold.
pub fn verify_dir(
    directory: &Path,
    verifier: Option<&Verifier>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Report, VerifyError> {
    let keys = verifier.map(|key| Verifiers::from(key.clone()));
    let known = Known {
        keys: keys.as_ref(),
        ..Known::default()
    };
    verify(&Directory::new(directory), &known, progress)
}

/// Verifies a log. `progress` is called with the entries done and their number.
///
/// A log may be verified while it is being written.
///
/// # Errors
/// [`VerifyError`] names the first file and entry that do not hold.
pub fn verify(
    source: &dyn Source,
    known: &Known<'_>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Report, VerifyError> {
    let keys = match known.keys {
        Some(keys) => keys.clone(),
        None => read_keys(source)?,
    };
    // Before the checkpoint, which is then at least as new.
    let cosigned = known
        .witnesses
        .map(|policy| read_cosigned(source, policy, &keys))
        .transpose()?;
    let note = read(source, "checkpoint")?;
    let signed = SignedCheckpoint::open_any(&note, &keys).map_err(VerifyError::Checkpoint)?;
    let tree_size = signed.checkpoint.tree_size;
    let since = known
        .since
        .map(|note| Pin::kept(note, &signed.checkpoint.origin))
        .transpose()?;
    let since_size = since.as_ref().map(|pin| pin.checkpoint.tree_size);
    let (cosigned, cosigned_pin) = cosigned.unzip();
    let pins: Vec<Pin> = since.into_iter().chain(cosigned_pin).collect();
    pins.iter().try_for_each(|pin| pin.check_size(tree_size))?;

    // Entries that also stand in segments are compared; their hashes are kept until then.
    let kept_from = segments::first_leaf(source)?.unwrap_or(tree_size);
    let walk = Walk {
        source,
        tree: Tree::new(source, tree_size),
        tree_size,
        shows_entries: source.shows_entries(),
        pruned: Pruned::default(),
        pins,
        kept_from,
        kept: Vec::new(),
        missing: 0,
        files: 0,
    };
    let walked = walk.run(&signed, progress)?;
    let waiting = segments::verify(source, &signed.checkpoint, kept_from, &walked.kept)?;
    Ok(Report {
        origin: signed.checkpoint.origin.clone(),
        keys,
        keys_from_log: known.keys.is_none(),
        published: tree_size,
        pruned: walked.missing,
        entries_shown: walked.shows_entries,
        root: signed.checkpoint.root,
        checkpoint: signed,
        not_yet_published: waiting.entries,
        torn_bytes: waiting.torn_bytes,
        files: walked.files,
        since: since_size,
        cosigned,
    })
}

fn read_keys(source: &dyn Source) -> Result<Verifiers, VerifyError> {
    let bytes = read(source, "log.vkey")?;
    let text =
        std::str::from_utf8(&bytes).map_err(|_| VerifyError::Key(NoteError::MalformedKey))?;
    text.parse().map_err(VerifyError::Key)
}

fn read_cosigned(
    source: &dyn Source,
    policy: &Policy,
    keys: &Verifiers,
) -> Result<(CosignedPart, Pin), VerifyError> {
    let note = read(source, COSIGNED_FILE)?;
    let signed = policy
        .open(&note, Some(keys))
        .map_err(VerifyError::Witnesses)?;
    let quorum = policy.check_quorum(&note).map_err(VerifyError::Witnesses)?;
    let first = quorum
        .iter()
        .map(|(_, cosignature)| cosignature.timestamp)
        .min();
    let part = CosignedPart {
        tree_size: signed.checkpoint.tree_size,
        witnesses: quorum.len(),
        timestamp: first.unwrap_or(0),
    };
    let pin = Pin {
        what: "the cosigned checkpoint",
        checkpoint: signed.checkpoint,
    };
    Ok((part, pin))
}

/// The way through a log, bundle by bundle.
struct Walk<'a> {
    source: &'a dyn Source,
    tree: Tree<'a>,
    tree_size: u64,
    shows_entries: bool,
    pruned: Pruned,
    pins: Vec<Pin>,
    /// The first leaf whose hash is kept for the segments.
    kept_from: u64,
    kept: Vec<Hash>,
    /// Entries whose bundles are not there, by policy.
    missing: u64,
    files: u64,
}

/// What a whole walk leaves behind.
struct Walked {
    kept: Vec<Hash>,
    missing: u64,
    files: u64,
    shows_entries: bool,
}

impl Walk<'_> {
    fn run(
        mut self,
        signed: &SignedCheckpoint,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Walked, VerifyError> {
        let tree_size = self.tree_size;
        if self.shows_entries {
            self.pruned = Pruned::read(self.source, tree_size)?;
        }
        let bundles = tree_size.div_ceil(u64::from(TILE_WIDTH));
        (0..READ_AHEAD.min(bundles)).for_each(|index| self.expect(index));
        self.compare_pins(0)?;
        let mut unfinished = None;
        for index in 0..bundles {
            self.expect(index + READ_AHEAD);
            let bundle = self.bundle(index)?;
            if index + 1 < bundles {
                self.files +=
                    bundle.map_or(Ok(0), |bundle| older_partials(self.source, &bundle))?;
            } else {
                unfinished = bundle;
            }
            let done = (index + 1).saturating_mul(u64::from(TILE_WIDTH));
            progress(done.min(tree_size), tree_size);
        }
        let (root, tiles) = self.tree.finish()?;
        if root != signed.checkpoint.root {
            return Err(VerifyError::WrongRoot { tree_size });
        }
        // Only now, so that an edited entry is reported as such, and not as an older form that
        // differs.
        if let Some(bundle) = unfinished {
            self.files += older_partials(self.source, &bundle)?;
        }
        self.pruned.finish()?;
        Ok(Walked {
            kept: self.kept,
            missing: self.missing,
            files: self.files + tiles,
            shows_entries: self.shows_entries,
        })
    }

    /// Checks the leaves of one bundle and adds them to the tree; returns the bundle, if it is
    /// there to be read.
    fn bundle(&mut self, index: u64) -> Result<Option<(TilePath, Vec<u8>)>, VerifyError> {
        let path = self.path(TileKind::Entries, index);
        if !self.shows_entries {
            self.leaves_of_tile(index)?;
            return Ok(None);
        }
        match read_tile(self.source, path) {
            Err(VerifyError::Io { source, .. })
                if source.kind() == io::ErrorKind::NotFound && self.pruned.covers(index) =>
            {
                self.missing += u64::from(path.width);
                self.leaves_of_tile(index)?;
                Ok(None)
            }
            read => {
                let (path, bytes) = read?;
                self.entries(index, path, &bytes)?;
                Ok(Some((path, bytes)))
            }
        }
    }

    /// Checks the entries of a bundle.
    fn entries(&mut self, index: u64, path: TilePath, bytes: &[u8]) -> Result<(), VerifyError> {
        let width = width_at(self.tree_size, 0, index);
        let start = index * u64::from(TILE_WIDTH);
        let mut entries = tile::entries(bytes);
        let name = path.to_string();
        let damaged = |leaf_index| VerifyError::Damaged {
            path: name.clone(),
            leaf_index,
        };
        for leaf_index in start..start + u64::from(width) {
            let entry = entries.next().flatten();
            let entry = entry.ok_or_else(|| damaged(leaf_index))?;
            let envelope = check_entry(entry, &name, leaf_index)?;
            self.pruned.notice(&envelope);
            self.leaf(leaf_index, hash_leaf(entry), false)?;
        }
        // A longer bundle is fine where the log has grown since the checkpoint was read.
        if path.width == width && entries.next().is_some() {
            return Err(damaged(start));
        }
        self.files += 1;
        Ok(())
    }

    /// Takes the leaf hashes from their tile, where the entries cannot be read.
    fn leaves_of_tile(&mut self, index: u64) -> Result<(), VerifyError> {
        let asked = self.path(TileKind::Hashes(0), index);
        let (path, bytes) = read_tile(self.source, asked)?;
        let start = index * u64::from(TILE_WIDTH);
        let hashes = tile::hashes(&bytes).filter(|hashes| hashes.len() == usize::from(path.width));
        let hashes = hashes.ok_or_else(|| VerifyError::Damaged {
            path: path.to_string(),
            leaf_index: start,
        })?;
        for (leaf_index, hash) in (start..).zip(hashes.iter().take(asked.width.into())) {
            self.leaf(leaf_index, *hash, true)?;
        }
        self.files += 1;
        Ok(())
    }

    fn leaf(&mut self, leaf_index: u64, hash: Hash, from_tile: bool) -> Result<(), VerifyError> {
        if leaf_index >= self.kept_from {
            self.kept.push(hash);
        }
        self.tree.push(hash, from_tile)?;
        self.compare_pins(leaf_index + 1)
    }

    /// Compares the tree with what is known of it at this size.
    fn compare_pins(&self, size: u64) -> Result<(), VerifyError> {
        let mut pins = self.pins.iter();
        pins.try_for_each(|pin| match pin.checkpoint.tree_size == size {
            true => pin.check_root(&self.tree.root()),
            false => Ok(()),
        })
    }

    /// Tells the source what will be read of a bundle and its tile.
    fn expect(&self, index: u64) {
        let hashes = self.path(TileKind::Hashes(0), index);
        if hashes.width > 0 {
            self.source.expect(&hashes.to_string());
            if self.shows_entries && !self.pruned.covers(index) {
                let entries = self.path(TileKind::Entries, index);
                self.source.expect(&entries.to_string());
            }
        }
    }

    fn path(&self, kind: TileKind, index: u64) -> TilePath {
        let width = width_at(self.tree_size, 0, index);
        TilePath { kind, index, width }
    }
}

/// Partial forms of a bundle that are still there must be its beginnings; returns their number.
fn older_partials(source: &dyn Source, bundle: &(TilePath, Vec<u8>)) -> Result<u64, VerifyError> {
    let older = older_forms(source, bundle.0)?;
    for (partial, bytes) in &older {
        let count = tile::entries(bytes).flatten().count();
        if !bundle.1.starts_with(bytes) || count != usize::from(partial.width) {
            let leaf_index = partial.index * u64::from(TILE_WIDTH);
            return Err(VerifyError::Damaged {
                path: partial.to_string(),
                leaf_index,
            });
        }
    }
    Ok(u64::try_from(older.len()).unwrap_or(0))
}

/// An entry must be canonical JSON with the members that every kind has.
fn check_entry<'a>(
    entry: &'a [u8],
    path: &str,
    leaf_index: u64,
) -> Result<Envelope<'a>, VerifyError> {
    let envelope = Envelope::parse(entry).ok();
    let envelope = envelope.filter(|_| is_canonical(entry));
    envelope.ok_or_else(|| VerifyError::WrongEntry {
        path: path.to_owned(),
        leaf_index,
    })
}

/// Reads a tile, or the full one when the partial one is gone; says which it was.
fn read_tile(source: &dyn Source, path: TilePath) -> Result<(TilePath, Vec<u8>), VerifyError> {
    match read(source, &path.to_string()) {
        Err(VerifyError::Io { source: error, .. })
            if error.kind() == io::ErrorKind::NotFound && !path.is_full() =>
        {
            // The error names the file that the checkpoint asks for.
            let missing = |_| VerifyError::Io {
                path: path.to_string(),
                source: error,
            };
            let bytes = read(source, &path.full().to_string()).map_err(missing)?;
            Ok((path.full(), bytes))
        }
        bytes => Ok((path, bytes?)),
    }
}

/// The partial forms of a tile that exist and are narrower than `path`, with their bytes.
fn older_forms(
    source: &dyn Source,
    path: TilePath,
) -> Result<Vec<(TilePath, Vec<u8>)>, VerifyError> {
    let partials = path.partials();
    let names = source.names(&partials).map_err(|source| VerifyError::Io {
        path: partials.clone(),
        source,
    })?;
    let mut found = Vec::new();
    for name in names {
        let Some(width) = name.parse().ok().filter(|width| *width < path.width) else {
            continue;
        };
        match read(source, &format!("{partials}/{name}")) {
            // A running log removes them a while after the tile is full.
            Err(VerifyError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            bytes => found.push((TilePath { width, ..path }, bytes?)),
        }
    }
    Ok(found)
}

fn read(source: &dyn Source, path: &str) -> Result<Vec<u8>, VerifyError> {
    source.read(path).map_err(|source| VerifyError::Io {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests;
