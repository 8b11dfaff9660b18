//! What does not hold in a log, and where.

use std::io;

use crate::checkpoint::CheckpointError;
use crate::note::NoteError;
use crate::witness::policy::Unsatisfied;

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
    /// The earlier checkpoint is none.
    #[error("the earlier checkpoint is none of this log")]
    Since(#[source] CheckpointError),
    /// The log is older than a checkpoint it signed before.
    #[error("the log holds {tree_size} entries, and {origin_of_pin} says it had {pinned_size}")]
    RolledBack {
        /// Entries of the checkpoint.
        tree_size: u64,
        /// Which earlier checkpoint says so.
        origin_of_pin: &'static str,
        /// Entries of that one.
        pinned_size: u64,
    },
    /// The log does not contain what it signed before.
    #[error(
        "the first {pinned_size} entries are not those of {origin_of_pin}: the log was rewritten"
    )]
    Rewritten {
        /// Which earlier checkpoint says so.
        origin_of_pin: &'static str,
        /// Entries of that one.
        pinned_size: u64,
    },
    /// Too few witnesses cosigned what is called cosigned.
    #[error("`checkpoint.cosigned` does not satisfy the witness policy")]
    Witnesses(#[source] Unsatisfied),
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
    /// The mark of a pruned log does not have its form.
    #[error("`pruned` does not say `pruned` and a number of published entries that fills bundles")]
    PrunedMark,
    /// The log has a mark of pruning, and no entry that says so.
    #[error(
        "`pruned` says that the first {before} entries were pruned, and no entry of the log does"
    )]
    PrunedUnsaid {
        /// The number in the mark.
        before: u64,
    },
}
