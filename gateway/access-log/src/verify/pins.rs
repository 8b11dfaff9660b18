//! What is known of a log from elsewhere: checkpoints that its tree must extend, and the mark of
//! pruning, which an entry of the log must repeat.

use std::io;

use serde::Deserialize;

use super::source::Source;
use super::{VerifyError, read};
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::entry::Envelope;
use crate::merkle::Hash;
use crate::note::ReadNote;
use crate::tile::TILE_WIDTH;

/// The mark of a pruned log, below its directory.
const PRUNED_FILE: &str = "pruned";
/// The kind of the entry that says the same.
const PRUNING_KIND: &str = "pruning";

/// A checkpoint that the tree must extend.
pub(super) struct Pin {
    pub(super) what: &'static str,
    pub(super) checkpoint: Checkpoint,
}

impl Pin {
    /// A checkpoint that the caller kept. Its signature is not asked for: the log's key may have
    /// changed since, and whoever can change the caller's files needs no signature.
    pub(super) fn kept(note: &[u8], origin: &str) -> Result<Self, VerifyError> {
        let text = ReadNote::parse(note).map_err(CheckpointError::Note);
        let checkpoint = text.and_then(|note| Checkpoint::parse(note.text));
        let checkpoint = checkpoint.map_err(VerifyError::Since)?;
        if checkpoint.origin != origin {
            return Err(VerifyError::Since(CheckpointError::OtherLog));
        }
        Ok(Self {
            what: "the earlier checkpoint",
            checkpoint,
        })
    }

    /// A log that is smaller than the pin has lost entries, whatever they were.
    pub(super) fn check_size(&self, tree_size: u64) -> Result<(), VerifyError> {
        let pinned_size = self.checkpoint.tree_size;
        if pinned_size > tree_size {
            return Err(VerifyError::RolledBack {
                tree_size,
                origin_of_pin: self.what,
                pinned_size,
            });
        }
        Ok(())
    }

    /// Compares the tree when it has reached the pinned size.
    pub(super) fn check_root(&self, root: &Hash) -> Result<(), VerifyError> {
        if *root == self.checkpoint.root {
            return Ok(());
        }
        Err(VerifyError::Rewritten {
            origin_of_pin: self.what,
            pinned_size: self.checkpoint.tree_size,
        })
    }
}

/// How much of the log's beginning may be missing, and whether the log says so itself.
#[derive(Debug, Default)]
pub(super) struct Pruned {
    before: u64,
    said: bool,
}

#[derive(Deserialize)]
struct PruningRecord {
    before: u64,
}

impl Pruned {
    /// Reads the mark; a log without it is whole.
    pub(super) fn read(source: &dyn Source, tree_size: u64) -> Result<Self, VerifyError> {
        let mark = match read(source, PRUNED_FILE) {
            Ok(mark) => mark,
            Err(VerifyError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => return Err(error),
        };
        let number = std::str::from_utf8(&mark)
            .ok()
            .and_then(|text| text.strip_prefix("pruned ")?.strip_suffix('\n'));
        let before: Option<u64> = number.and_then(|number| number.parse().ok());
        let before = before.filter(|before| {
            Some(before.to_string().as_str()) == number
                && before.is_multiple_of(u64::from(TILE_WIDTH))
                && *before <= tree_size
        });
        let before = before.ok_or(VerifyError::PrunedMark)?;
        Ok(Self {
            before,
            said: false,
        })
    }

    /// Whether a full bundle may be missing.
    pub(super) fn covers(&self, bundle: u64) -> bool {
        bundle < self.before / u64::from(TILE_WIDTH)
    }

    /// Looks whether an entry says what the mark says.
    pub(super) fn notice(&mut self, entry: &Envelope<'_>) {
        if self.before > 0 && entry.kind == PRUNING_KIND {
            let record: Option<PruningRecord> = serde_json::from_str(entry.record.get()).ok();
            self.said |= record.is_some_and(|record| record.before == self.before);
        }
    }

    /// After the last entry.
    pub(super) fn finish(&self) -> Result<(), VerifyError> {
        match self.before > 0 && !self.said {
            true => Err(VerifyError::PrunedUnsaid {
                before: self.before,
            }),
            false => Ok(()),
        }
    }
}
