//! What a witness has seen of one log, in one file that is replaced as one durable step.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::OpenError;
use crate::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::entry::record::Bytes32;
use crate::files::{Files, replace};
use crate::merkle::sha256;
use crate::note::ReadNote;

/// The checkpoint of a log that was cosigned last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Seen {
    /// The log's name.
    pub(super) origin: String,
    pub(super) tree_size: u64,
    pub(super) root: Bytes32,
    /// When the first and the last checkpoint were cosigned, in seconds since 1970.
    pub(super) since: u64,
    pub(super) last: u64,
    /// The signed note.
    pub(super) checkpoint: String,
    /// The first signed checkpoint that contradicted one cosigned before.
    pub(super) contradiction: Option<String>,
}

impl Seen {
    pub(super) fn of(signed: SignedCheckpoint, now: u64) -> Self {
        let Checkpoint {
            origin,
            tree_size,
            root,
        } = signed.checkpoint;
        Self {
            origin,
            tree_size,
            root: Bytes32(root),
            since: now,
            last: now,
            checkpoint: signed.note,
            contradiction: None,
        }
    }

    /// Whether what is told of the checkpoint is what its note says.
    fn agrees(&self) -> bool {
        let note = ReadNote::parse(self.checkpoint.as_bytes());
        let told = note.ok().and_then(|note| Checkpoint::parse(note.text).ok());
        told.is_some_and(|told| {
            told.origin == self.origin
                && told.tree_size == self.tree_size
                && told.root == self.root.0
        })
    }
}

/// The file of one log, and what it says.
#[derive(Debug)]
pub(super) struct StateFile {
    path: PathBuf,
    seen: Option<Seen>,
    /// A write failed: disk and memory may disagree.
    failed: bool,
}

impl StateFile {
    /// Reads the file of a log; there is none before the first cosignature.
    pub(super) fn open(directory: &Path, origin: &str) -> Result<Self, OpenError> {
        let [a, b, c, d, ..] = sha256(origin.as_bytes());
        let name = format!("log-{:08x}.json", u32::from_be_bytes([a, b, c, d]));
        let path = directory.join(name);
        let seen = match fs::read(&path) {
            Ok(bytes) => {
                let seen: Option<Seen> = serde_json::from_slice(&bytes).ok();
                let seen = seen.filter(|seen| seen.origin == origin && seen.agrees());
                let state = || OpenError::State { path: path.clone() };
                Some(seen.ok_or_else(state)?)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(source) => return Err(OpenError::Io { path, source }),
        };
        Ok(Self {
            path,
            seen,
            failed: false,
        })
    }

    pub(super) fn seen(&self) -> Option<&Seen> {
        self.seen.as_ref()
    }

    /// Writes down what was seen, durably, and only then knows it.
    pub(super) fn write(&mut self, files: &dyn Files, seen: Seen) -> io::Result<()> {
        if self.failed {
            return Err(io::Error::other("an earlier write failed"));
        }
        self.failed = true;
        let bytes = serde_json::to_vec_pretty(&seen)?;
        replace(files, &self.path, &bytes)?;
        self.failed = false;
        self.seen = Some(seen);
        Ok(())
    }

    /// Keeps the first checkpoint that contradicts what was cosigned.
    pub(super) fn contradict(&mut self, files: &dyn Files, note: &str) -> io::Result<()> {
        match self.seen.clone() {
            Some(seen) if seen.contradiction.is_none() => {
                let contradiction = Some(note.to_owned());
                self.write(
                    files,
                    Seen {
                        contradiction,
                        ..seen
                    },
                )
            }
            _ => Ok(()),
        }
    }
}
