//! What can go wrong with a log: an entry is not taken, the log stops, the log is not opened.

use std::io;
use std::path::PathBuf;

use crate::checkpoint::CheckpointError;
use crate::store::ReadError;

/// Why an entry was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The log has failed or was shut down, and takes nothing more.
    #[error("the access log takes no entries")]
    Unavailable(#[source] Failure),
    /// The disk does not keep up; the entry was not, or not in time, made durable.
    #[error("the access log did not confirm the entry in time")]
    TimedOut,
    /// The disk is nearly full, and the rest is kept for what must be written. The log itself is
    /// well: it takes entries again when there is room.
    #[error("the disk of the access log is nearly full")]
    DiskFull,
    /// More entries in one append than the queue can hold.
    #[error("too many entries in one append")]
    TooLarge,
}

/// Why a log stopped. The first failure is final.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// A file operation failed.
    #[error("{operation} failed: {reason}")]
    Storage {
        /// What was being done.
        operation: &'static str,
        /// What the system said.
        reason: String,
    },
    /// What was read back from disk is not what was acknowledged.
    #[error("entry {leaf_index} was read back from disk with another content")]
    ReadBack {
        /// The first entry of which this may be true.
        leaf_index: u64,
    },
    /// The scrub found a file that is not what was published.
    #[error("`{path}` is damaged at or after entry {leaf_index}")]
    Damaged {
        /// The file.
        path: String,
        /// The first entry that may be affected.
        leaf_index: u64,
    },
    /// Another log signs in the same second place.
    #[error("the second checkpoint was written by another log")]
    Forked,
    /// A thread of the log ended unexpectedly.
    #[error("a thread of the access log ended unexpectedly")]
    ThreadDied,
    /// The log was shut down in order.
    #[error("the access log was shut down")]
    ShutDown,
}

impl Failure {
    pub(crate) fn storage(operation: &'static str, source: &io::Error) -> Self {
        Self::Storage {
            operation,
            reason: source.to_string(),
        }
    }
}

/// Why a log was not opened. None of these is mended by itself: each means that the files are not
/// what this log left behind.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file could not be read or written.
    #[error("could not read or write `{}`", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Another process has the log open.
    #[error("the log in `{}` is in use by another process", path.display())]
    InUse {
        /// The log's directory.
        path: PathBuf,
    },
    /// The log's published key is not the one that signs.
    #[error("the log belongs to another signing key")]
    OtherKey,
    /// A checkpoint file does not hold a checkpoint of this log.
    #[error("`{}` does not hold a checkpoint of this log", path.display())]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: CheckpointError,
    },
    /// The log holds entries and no checkpoint.
    #[error("the log holds entries, and its checkpoint is missing")]
    CheckpointMissing,
    /// The second checkpoint is gone, so an older copy of the log could not be noticed.
    #[error("the second checkpoint is missing; without it a restored backup cannot be noticed")]
    SecondCheckpointMissing,
    /// The log is older than what it once signed: a backup was restored, or files were lost.
    #[error("the log holds {tree_size} entries, and has signed {second_size} before")]
    RolledBack {
        /// Entries found.
        tree_size: u64,
        /// Entries of the second checkpoint.
        second_size: u64,
    },
    /// The log does not contain what it once signed.
    #[error("the first {second_size} entries are not those that were signed before")]
    Forked {
        /// Entries of the second checkpoint.
        second_size: u64,
    },
    /// The right-most tiles do not have the root that the checkpoint signs.
    #[error("the tiles do not have the root hash of the checkpoint over {tree_size} entries")]
    WrongRoot {
        /// Entries of the checkpoint.
        tree_size: u64,
    },
    /// A segment is missing.
    #[error("the segment with entry {leaf_index} is missing")]
    SegmentMissing {
        /// The first entry that is missing.
        leaf_index: u64,
    },
    /// A file is damaged.
    #[error("`{}` is damaged at or after entry {leaf_index}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The first entry that may be affected.
        leaf_index: u64,
    },
    /// A tile that the checkpoint needs cannot be read.
    #[error("a tile of the right edge cannot be used")]
    Tile(#[from] ReadError),
    /// A thread could not be started.
    #[error("could not start a thread")]
    Thread(#[source] io::Error),
}
