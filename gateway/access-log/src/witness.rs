//! A witness ([C2SP tlog-witness](https://c2sp.org/tlog-witness)): it remembers the largest
//! checkpoint of each log that it watches, and cosigns a newer one only if that extends it. Only
//! checkpoints and hashes reach it, never an entry. HTTP is elsewhere; this is what must hold.
//!
//! - A cosignature leaves after the checkpoint it is about is durable, never before.
//! - Requests about one log are served one after another; two witnesses cannot share a directory.
//! - After the first failed write a log is cosigned no more until the witness is started again: its
//!   memory and its disk may disagree, and either could be the older one.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde::Serialize;
use zeroize::Zeroizing;

use crate::checkpoint::{CheckpointError, SignedCheckpoint};
use crate::cosignature::{CosignatureVerifier, Cosigner};
use crate::files::{DiskFiles, Files};
use crate::keys::{self, KeysError};
use crate::merkle::{empty_root, sha256, verify_consistency};
use crate::note::{NoteError, ReadNote, Verifier, Verifiers};
use crate::shared::lock;

pub mod cosigned;
pub mod policy;
pub mod request;
mod state;

use request::AddCheckpoint;
use state::{Seen, StateFile};

/// The file of the witness's key below its directory.
const KEY_FILE: &str = "witness.key";

/// Where a witness keeps what it knows, and which logs it watches.
#[derive(Debug)]
pub struct Options {
    /// The witness's own directory; private, and never restored from a backup.
    pub directory: PathBuf,
    /// The witness's name, a URL without scheme; by default made from its key. It never changes.
    pub name: Option<String>,
    /// The keys of the logs that are watched; several with one name are keys of one log.
    pub logs: Vec<Verifier>,
    /// The file system.
    pub files: Arc<dyn Files>,
}

impl Options {
    /// A witness of these logs with its state in a directory of this machine.
    #[must_use]
    pub fn new(directory: PathBuf, logs: Vec<Verifier>) -> Self {
        Self {
            directory,
            name: None,
            logs,
            files: Arc::new(DiskFiles),
        }
    }
}

/// Why a witness cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No log was named.
    #[error("a witness needs at least one log to watch")]
    NoLog,
    /// Its key or directory.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The key of the directory has another name than the one asked for.
    #[error("the witness in this directory is called `{found}`, not `{asked}`")]
    OtherName {
        /// The name in the key file.
        found: String,
        /// The name that was asked for.
        asked: String,
    },
    /// Another witness works in the directory.
    #[error("another witness works in `{}`", path.display())]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// A file could not be read or written.
    #[error("could not read or write `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// What the witness knew of a log cannot be understood any more. To begin anew would let the
    /// log be rewritten.
    #[error("`{}` does not hold what this witness knew of a log", path.display())]
    State {
        /// The file.
        path: PathBuf,
    },
    /// The keys of one log are not usable together.
    #[error(transparent)]
    Logs(#[from] NoteError),
}

/// Why a checkpoint is not cosigned; the HTTP status is that of tlog-witness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The request does not have the form of the protocol (400).
    #[error("not a request of the form of c2sp.org/tlog-witness")]
    Malformed,
    /// The old size is larger than the checkpoint's (400).
    #[error("the old size is larger than the checkpoint's")]
    OldSizeTooLarge,
    /// The log is not watched here (404).
    #[error("this witness does not watch that log")]
    UnknownLog,
    /// No key of the log signed the checkpoint (403).
    #[error("the checkpoint is not signed by a known key of its log")]
    NotSigned,
    /// The old size is not the one last cosigned, which is told (409).
    #[error("the size last cosigned is {size}")]
    OtherSize {
        /// The size last cosigned.
        size: u64,
    },
    /// The same size was cosigned with another root: the log shows two trees (409).
    #[error("another tree of size {size} was cosigned before")]
    OtherRoot {
        /// The size of both.
        size: u64,
    },
    /// The proof does not lead from the tree last cosigned to this one (422).
    #[error("the consistency proof does not hold")]
    WrongProof,
    /// The witness cannot write down what it saw, and so says nothing (500).
    #[error("this witness cannot keep its state")]
    Storage,
}

/// What a witness knows of one log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogStatus {
    /// The log's name.
    pub origin: String,
    /// The entries of the checkpoint cosigned last; none before the first.
    pub tree_size: Option<u64>,
    /// When the first checkpoint was cosigned, in seconds since 1970.
    pub since: Option<u64>,
    /// When the last one was.
    pub last: Option<u64>,
    /// A signed checkpoint that contradicts one cosigned before: the log has shown two trees.
    pub contradiction: Option<String>,
}

/// A witness at work.
#[derive(Debug)]
pub struct Witness {
    cosigner: Cosigner,
    logs: BTreeMap<String, Watched>,
    files: Arc<dyn Files>,
    /// Held while the witness works; another process finds it locked.
    _lock: File,
}

/// One log under watch.
#[derive(Debug)]
struct Watched {
    keys: Verifiers,
    /// Locked for the whole of a request: comparing and writing down must be one step.
    state: Mutex<StateFile>,
}

impl Witness {
    /// Opens a witness, or makes one with a new key. `new_secret` must return 32 fresh bytes from a
    /// cryptographic source.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(
        options: Options,
        new_secret: &mut dyn FnMut() -> [u8; 32],
    ) -> Result<Self, OpenError> {
        let directory = options.directory.as_path();
        keys::create_private_directory(directory)?;
        let held = lock_directory(directory)?;
        let cosigner = cosigner(directory, options.name, new_secret)?;
        let mut keys: BTreeMap<String, Vec<Verifier>> = BTreeMap::new();
        for key in options.logs {
            let of_log = keys.entry(key.name().to_owned()).or_default();
            if !of_log.contains(&key) {
                of_log.push(key);
            }
        }
        if keys.is_empty() {
            return Err(OpenError::NoLog);
        }
        let mut logs = BTreeMap::new();
        for (origin, keys) in keys {
            let state = Mutex::new(StateFile::open(directory, &origin)?);
            let keys = Verifiers::new(keys)?;
            logs.insert(origin, Watched { keys, state });
        }
        Ok(Self {
            cosigner,
            logs,
            files: options.files,
            _lock: held,
        })
    }

    /// The key that verifies this witness's cosignatures.
    #[must_use]
    pub fn verifier(&self) -> &CosignatureVerifier {
        self.cosigner.verifier()
    }

    /// What this witness knows, log by log.
    #[must_use]
    pub fn status(&self) -> Vec<LogStatus> {
        let of_log = |(origin, watched): (&String, &Watched)| {
            let state = lock(&watched.state);
            let seen = state.seen();
            LogStatus {
                origin: origin.clone(),
                tree_size: seen.map(|seen| seen.tree_size),
                since: seen.map(|seen| seen.since),
                last: seen.map(|seen| seen.last),
                contradiction: seen.and_then(|seen| seen.contradiction.clone()),
            }
        };
        self.logs.iter().map(of_log).collect()
    }

    /// Serves one `add-checkpoint`: returns the cosignature line once the checkpoint is durable.
    /// `now` is in seconds since 1970. Blocks for the time of a sync.
    ///
    /// # Errors
    /// [`Refusal`], in the order in which
    /// [tlog-witness](https://c2sp.org/tlog-witness#add-checkpoint) has them.
    pub fn add_checkpoint(&self, body: &[u8], now: u64) -> Result<String, Refusal> {
        let request = AddCheckpoint::parse(body).map_err(|_| Refusal::Malformed)?;
        let note = request.checkpoint.as_bytes();
        let text = ReadNote::parse(note).map_err(|_| Refusal::Malformed)?.text;
        let origin = text.split('\n').next().unwrap_or_default();
        let watched = self.logs.get(origin).ok_or(Refusal::UnknownLog)?;
        let signed =
            SignedCheckpoint::open_any(note, &watched.keys).map_err(|error| match error {
                CheckpointError::Note(NoteError::NotSigned | NoteError::WrongSignature) => {
                    Refusal::NotSigned
                }
                _ => Refusal::Malformed,
            })?;
        let mut state = lock(&watched.state);
        self.check(&mut state, &request, &signed)?;
        let line = self.cosigner.cosign(text, now);
        let since = state.seen().map_or(now, |seen| seen.since);
        let seen = Seen {
            since,
            last: now,
            contradiction: state.seen().and_then(|seen| seen.contradiction.clone()),
            ..Seen::of(signed, now)
        };
        state
            .write(&*self.files, seen)
            .map_err(|_| Refusal::Storage)?;
        Ok(line)
    }

    /// Whether a checkpoint extends the one cosigned last.
    fn check(
        &self,
        state: &mut StateFile,
        request: &AddCheckpoint,
        signed: &SignedCheckpoint,
    ) -> Result<(), Refusal> {
        let (old_size, new) = (request.old_size, &signed.checkpoint);
        if old_size > new.tree_size {
            return Err(Refusal::OldSizeTooLarge);
        }
        let (size, root) = state
            .seen()
            .map_or((0, empty_root()), |seen| (seen.tree_size, seen.root.0));
        if old_size != size {
            return Err(Refusal::OtherSize { size });
        }
        // The empty tree has one root only, so nobody contradicts himself by a wrong one.
        if new.tree_size == size && size > 0 && new.root != root {
            // The two signatures of the log convict it: they are kept, once.
            state
                .contradict(&*self.files, &signed.note)
                .map_err(|_| Refusal::Storage)?;
            return Err(Refusal::OtherRoot { size });
        }
        if new.tree_size == 0 && new.root != empty_root() {
            return Err(Refusal::WrongProof);
        }
        verify_consistency(size, &root, new.tree_size, &new.root, &request.proof)
            .map_err(|_| Refusal::WrongProof)
    }
}

/// The key of a directory; made at the first start.
fn cosigner(
    directory: &Path,
    name: Option<String>,
    new_secret: &mut dyn FnMut() -> [u8; 32],
) -> Result<Cosigner, OpenError> {
    let path = directory.join(KEY_FILE);
    if !path.exists() {
        let seed = Zeroizing::new(new_secret());
        let name = match &name {
            Some(name) => name.clone(),
            None => name_of_key(&seed)?,
        };
        let text = Cosigner::text_of(&name, &seed)?;
        keys::create_private_file(&path, text.as_bytes())?;
    }
    let bytes = keys::read_private_file(&path)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| NoteError::MalformedKey);
    let cosigner = text
        .and_then(Cosigner::from_text)
        .map_err(|_| KeysError::Malformed { path })?;
    let found = cosigner.verifier().name();
    match name {
        Some(asked) if asked != found => Err(OpenError::OtherName {
            found: found.to_owned(),
            asked,
        }),
        _ => Ok(cosigner),
    }
}

/// A name that no other witness has.
fn name_of_key(seed: &[u8; 32]) -> Result<String, NoteError> {
    let unnamed = Cosigner::from_seed("motlan-witness", seed)?;
    let [a, b, c, d, ..] = sha256(unnamed.verifier().to_string().as_bytes());
    Ok(format!(
        "motlan-witness/{:08x}",
        u32::from_be_bytes([a, b, c, d])
    ))
}

fn lock_directory(directory: &Path) -> Result<File, OpenError> {
    let path = directory.join("lock");
    let io = |source| OpenError::Io {
        path: path.clone(),
        source,
    };
    let held = File::create(&path).map_err(io)?;
    match held.try_lock() {
        Ok(()) => Ok(held),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
            path: directory.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(io(source)),
    }
}

#[cfg(test)]
mod tests;
