//! Verifies a log from its files alone: every entry, every tile, the root, the signature, and what
//! waits in the segments. It reads files and computes everything anew; it shares hashing and the
//! published formats with the rest of the crate, and none of the code that writes.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use crate::canonical::is_canonical;
use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::entry::Envelope;
use crate::merkle::{Hash, hash_leaf};
use crate::note::{NoteError, Verifier};
use crate::tile::{self, TILE_WIDTH, TileKind, TilePath, width_at};

mod segments;
mod tree;

use tree::Tree;

/// What a verified log holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The log's name.
    pub origin: String,
    /// The key that was checked against.
    pub verifier: Verifier,
    /// Whether the key came from the log's own directory rather than from the caller.
    pub key_from_directory: bool,
    /// Entries under the signed checkpoint, all of them valid.
    pub published: u64,
    /// The root hash.
    pub root: Hash,
    /// Well-formed entries that were acknowledged after the checkpoint was signed.
    pub not_yet_published: u64,
    /// Bytes at the end of the last segment that are no whole batch: a torn write that was never
    /// acknowledged. The log cuts them off when it starts.
    pub torn_bytes: u64,
    /// Hash tiles and entry bundles that were checked.
    pub files: u64,
}

/// What does not hold, and where.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// A file that must be there is missing or cannot be read.
    #[error("`{path}` cannot be read")]
    Io {
        /// The file, below the log's directory.
        path: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// `log.vkey` does not hold a key.
    #[error("`log.vkey` does not hold a verifier key")]
    Key(#[source] NoteError),
    /// The checkpoint is not signed by the key, or no checkpoint.
    #[error("`checkpoint` does not hold")]
    Checkpoint(#[source] CheckpointError),
    /// The tree over all entries has another root than the checkpoint signs.
    #[error("the {tree_size} entries do not have the root hash that `checkpoint` signs")]
    WrongRoot {
        /// Entries of the checkpoint.
        tree_size: u64,
    },
    /// An entry and the tile above it disagree: one of the two was changed.
    #[error("entry {leaf_index} does not have the hash that `{path}` holds for it")]
    WrongTile {
        /// The file, below the log's directory.
        path: String,
        /// The first entry below the first wrong hash.
        leaf_index: u64,
    },
    /// A bundle or segment is not laid out as it must be.
    #[error("`{path}` is damaged at entry {leaf_index}")]
    Damaged {
        /// The file, below the log's directory.
        path: String,
        /// The entry that cannot be read.
        leaf_index: u64,
    },
    /// An entry is not canonical JSON, or lacks what every entry has.
    #[error("entry {leaf_index} in `{path}` is not a well-formed entry")]
    WrongEntry {
        /// The file, below the log's directory.
        path: String,
        /// The entry.
        leaf_index: u64,
    },
    /// A segment holds another entry than the published log has in this place.
    #[error("entry {leaf_index} in `{path}` is not the entry that was published")]
    OtherEntry {
        /// The file, below the log's directory.
        path: String,
        /// The entry.
        leaf_index: u64,
    },
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let published = grouped(self.published);
        write!(formatter, "{published} of {published} entries valid")?;
        if self.not_yet_published > 0 {
            let count = grouped(self.not_yet_published);
            write!(
                formatter,
                ", {count} more acknowledged and not yet published"
            )?;
        }
        Ok(())
    }
}

/// Digits in groups of three, as people read them.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Verifies the log in a directory. Without a key, the one in the directory is used: then the log
/// is consistent in itself, and only a key known from elsewhere shows whose log it is.
/// `progress` is called with the entries done and their number.
///
/// A log may be verified while it is being written.
///
/// # Errors
/// [`VerifyError`] names the first file and entry that do not hold.
pub fn verify_dir(
    directory: &Path,
    verifier: Option<&Verifier>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Report, VerifyError> {
    let published_key = match verifier {
        Some(verifier) => verifier.clone(),
        None => read_key(directory)?,
    };
    let note = read(directory, "checkpoint")?;
    let signed = SignedCheckpoint::open(&note, &published_key).map_err(VerifyError::Checkpoint)?;
    let tree_size = signed.checkpoint.tree_size;
    // Entries that also stand in segments are compared; their hashes are kept until then.
    let kept_from = segments::first_leaf(directory)?.unwrap_or(tree_size);
    let tree = Tree::new(directory, tree_size);
    let mut walk = Walk {
        directory,
        tree,
        kept: Vec::new(),
        files: 0,
    };
    let bundles = tree_size.div_ceil(u64::from(TILE_WIDTH));
    let mut unfinished = None;
    for index in 0..bundles {
        let bundle = walk.bundle(index, tree_size, kept_from)?;
        if index + 1 < bundles {
            walk.files += older_partials(directory, &bundle)?;
        } else {
            unfinished = Some(bundle);
        }
        progress(
            (index + 1)
                .saturating_mul(u64::from(TILE_WIDTH))
                .min(tree_size),
            tree_size,
        );
    }
    let (root, tiles) = walk.tree.finish()?;
    if root != signed.checkpoint.root {
        return Err(VerifyError::WrongRoot { tree_size });
    }
    // Only now, so that an edited entry is reported as such, and not as an older form that differs.
    if let Some(bundle) = unfinished {
        walk.files += older_partials(directory, &bundle)?;
    }
    let waiting = segments::verify(directory, &signed.checkpoint, kept_from, &walk.kept)?;
    Ok(Report {
        origin: signed.checkpoint.origin,
        verifier: published_key,
        key_from_directory: verifier.is_none(),
        published: tree_size,
        root,
        not_yet_published: waiting.entries,
        torn_bytes: waiting.torn_bytes,
        files: walk.files + tiles,
    })
}

fn read_key(directory: &Path) -> Result<Verifier, VerifyError> {
    let bytes = read(directory, "log.vkey")?;
    let text =
        std::str::from_utf8(&bytes).map_err(|_| VerifyError::Key(NoteError::MalformedKey))?;
    text.parse().map_err(VerifyError::Key)
}

struct Walk<'a> {
    directory: &'a Path,
    tree: Tree<'a>,
    kept: Vec<Hash>,
    files: u64,
}

impl Walk<'_> {
    /// Checks the entries of one bundle and adds them to the tree; returns what was read.
    fn bundle(
        &mut self,
        index: u64,
        tree_size: u64,
        kept_from: u64,
    ) -> Result<(TilePath, Vec<u8>), VerifyError> {
        let width = width_at(tree_size, 0, index);
        let path = TilePath {
            kind: TileKind::Entries,
            index,
            width,
        };
        let (path, bytes) = read_tile(self.directory, path)?;
        let start = index * u64::from(TILE_WIDTH);
        let mut entries = tile::entries(&bytes);
        for leaf_index in start..start + u64::from(width) {
            let damaged = || VerifyError::Damaged {
                path: path.to_string(),
                leaf_index,
            };
            let entry = entries.next().flatten().ok_or_else(damaged)?;
            check_entry(entry, &path.to_string(), leaf_index)?;
            let leaf_hash = hash_leaf(entry);
            if leaf_index >= kept_from {
                self.kept.push(leaf_hash);
            }
            self.tree.push(leaf_hash)?;
        }
        // A longer bundle is fine where the log has grown since the checkpoint was read.
        let longer = entries.next().is_some();
        drop(entries);
        if path.width == width && longer {
            return Err(VerifyError::Damaged {
                path: path.to_string(),
                leaf_index: start,
            });
        }
        self.files += 1;
        Ok((path, bytes))
    }
}

/// Partial forms of a bundle that are still there must be its beginnings; returns their number.
fn older_partials(directory: &Path, bundle: &(TilePath, Vec<u8>)) -> Result<u64, VerifyError> {
    let older = older_forms(directory, bundle.0)?;
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
fn check_entry(entry: &[u8], path: &str, leaf_index: u64) -> Result<(), VerifyError> {
    if is_canonical(entry) && Envelope::parse(entry).is_ok() {
        Ok(())
    } else {
        Err(VerifyError::WrongEntry {
            path: path.to_owned(),
            leaf_index,
        })
    }
}

/// Reads a tile, or the full one when the partial one is gone; says which it was.
fn read_tile(directory: &Path, path: TilePath) -> Result<(TilePath, Vec<u8>), VerifyError> {
    match read(directory, &path.to_string()) {
        Err(VerifyError::Io { source, .. })
            if source.kind() == io::ErrorKind::NotFound && !path.is_full() =>
        {
            // The error names the file that the checkpoint asks for.
            let missing = |_| VerifyError::Io {
                path: path.to_string(),
                source,
            };
            Ok((
                path.full(),
                read(directory, &path.full().to_string()).map_err(missing)?,
            ))
        }
        bytes => Ok((path, bytes?)),
    }
}

/// The partial forms of a tile that exist and are narrower than `path`, with their bytes.
fn older_forms(directory: &Path, path: TilePath) -> Result<Vec<(TilePath, Vec<u8>)>, VerifyError> {
    let name = path.partials();
    let failed = |source| VerifyError::Io {
        path: name.clone(),
        source,
    };
    let listed = match directory.join(&name).read_dir() {
        Ok(listed) => listed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(failed(source)),
    };
    let mut found = Vec::new();
    for entry in listed {
        let entry = entry.map_err(failed)?;
        let width = entry
            .file_name()
            .to_str()
            .and_then(|width| width.parse().ok());
        let Some(width) = width.filter(|width| *width < path.width) else {
            continue;
        };
        match fs::read(entry.path()) {
            Ok(bytes) => found.push((TilePath { width, ..path }, bytes)),
            // A running log removes them a while after the tile is full.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(failed(source)),
        }
    }
    Ok(found)
}

fn read(directory: &Path, path: &str) -> Result<Vec<u8>, VerifyError> {
    fs::read(directory.join(path)).map_err(|source| VerifyError::Io {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_for_reading() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(1_000_000), "1,000,000");
    }
}
