//! The log as the gateway sees it: the trait [`AccessLog`], and [`TileLog`], which keeps it in
//! files on this machine and needs nothing else installed.

use std::fmt;
use std::fs::{File, TryLockError};
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::checkpoint::SignedCheckpoint;
use crate::entry::EncodedEntry;
use crate::files::{DiskFiles, Files, make_directory};
use crate::merkle::Hash;
use crate::note::{Signer, Verifier, Verifiers};
use crate::publisher::Publisher;
use crate::recover::{Recovered, recover};
use crate::reserve::{DiskCondition, DiskGuard, Reserve};
use crate::scrub::{Scrub, ScrubProgress};
use crate::segment;
use crate::shared::{Request, Shared, lock};
use crate::store::TileStore;
use crate::writer::Writer;

mod error;

pub use error::{AppendError, Failure, OpenError};

/// A future that owns what it needs, so that [`AccessLog`] can be used behind a pointer.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The position of an entry in the log, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeafIndex(pub u64);

impl fmt::Display for LeafIndex {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// The acknowledgement of one entry: it is durable, and will be published in this place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Where the entry stands.
    pub leaf_index: LeafIndex,
    /// Its hash in the tree.
    pub leaf_hash: Hash,
}

/// What an operator may want to know of a log that is well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// The room on its disk.
    pub disk: DiskCondition,
    /// How far the scrub is.
    pub scrub: ScrubProgress,
}

/// An append-only, publicly verifiable log.
///
/// What callers may assume: an acknowledged entry survives the death of the process and of the
/// machine's power; entries of one append stand next to each other; indices are never reused; an
/// acknowledged entry is published within a second. After the first failure nothing is ever
/// acknowledged again.
///
/// What implementers must never do: acknowledge before the entry is durable, retry a failed sync,
/// or sign a checkpoint that does not extend every checkpoint signed before.
pub trait AccessLog: fmt::Debug + Send + Sync + 'static {
    /// Appends entries and waits until they are durable. An append that is no longer waited for
    /// may still happen.
    ///
    /// # Errors
    /// [`AppendError`]; the caller must then release nothing.
    fn append(
        &self,
        entries: Vec<EncodedEntry>,
    ) -> BoxFuture<'_, Result<Vec<Appended>, AppendError>>;

    /// The same for what must be written even where the disk is nearly full: that the node started,
    /// that an officer looked into the log, that policies changed. Never for entries about questions:
    /// there can be too many of them.
    ///
    /// # Errors
    /// As [`AccessLog::append`]; [`AppendError::DiskFull`] only where there is no room for anything.
    fn append_reserved(
        &self,
        entries: Vec<EncodedEntry>,
    ) -> BoxFuture<'_, Result<Vec<Appended>, AppendError>> {
        self.append(entries)
    }

    /// The room on the disk and the state of the scrub, for operators. A log without either has
    /// nothing to say.
    fn condition(&self) -> Condition {
        Condition::default()
    }

    /// How many entries are durable, published or not.
    fn tree_size(&self) -> u64;

    /// The checkpoint published last.
    fn checkpoint(&self) -> Arc<SignedCheckpoint>;

    /// Waits until the published tree holds at least this many entries.
    ///
    /// # Errors
    /// [`Failure`] when it never will.
    fn published(&self, tree_size: u64) -> BoxFuture<'_, Result<Arc<SignedCheckpoint>, Failure>>;

    /// The published tiles, bundles and proofs, as of the checkpoint published last.
    fn tiles(&self) -> TileStore;

    /// Whether entries are taken.
    ///
    /// # Errors
    /// [`Failure`] says why not.
    fn health(&self) -> Result<(), Failure>;

    /// Resolves when the log has failed; the node must then stop.
    fn failed(&self) -> BoxFuture<'_, Failure>;
}

/// Where a log lives and how it works.
#[derive(Debug)]
pub struct Options {
    /// The log's directory; it can be served and verified as it is.
    pub directory: PathBuf,
    /// The file that keeps the checkpoint signed last, outside the log's directory and its
    /// backups.
    pub second_checkpoint: PathBuf,
    /// Signs checkpoints; its name is the log's origin.
    pub signer: Signer,
    /// How long new entries wait to be published; half a second at most keeps the promise that
    /// receipts verify within one second. Default 200 ms.
    pub publish_interval: Duration,
    /// How long an append may take in all. Default 2 s.
    pub append_timeout: Duration,
    /// Length from which a segment is followed by a new one. Default 64 MiB: small enough to read
    /// in a fraction of a second at start, large enough that a new file is rare.
    pub segment_bytes_max: u64,
    /// How much room must stay free on the disk.
    pub reserve: Reserve,
    /// How long after the end of a pass the scrub reads the whole log again; `None`: never, not even
    /// after the start. Default: a day.
    pub scrub_interval: Option<Duration>,
    /// The file system.
    pub files: Arc<dyn Files>,
}

impl Options {
    /// The usual choices for a log in `directory`.
    #[must_use]
    pub fn new(directory: PathBuf, second_checkpoint: PathBuf, signer: Signer) -> Self {
        Self {
            directory,
            second_checkpoint,
            signer,
            publish_interval: Duration::from_millis(200),
            append_timeout: Duration::from_secs(2),
            segment_bytes_max: 64 * 1024 * 1024,
            reserve: Reserve::default(),
            scrub_interval: Some(Duration::from_secs(24 * 60 * 60)),
            files: Arc::new(DiskFiles),
        }
    }
}

/// The log in files of this machine.
#[derive(Debug)]
pub struct TileLog {
    shared: Arc<Shared>,
    directory: PathBuf,
    verifier: Verifier,
    verifiers: Verifiers,
    append_timeout: Duration,
    cut_bytes: u64,
    running: Mutex<Option<Running>>,
}

#[derive(Debug)]
struct Running {
    writer: JoinHandle<()>,
    publisher: JoinHandle<()>,
    scrub: Option<JoinHandle<()>>,
    /// Held while the log is open; another process finds it locked.
    _lock: File,
}

impl TileLog {
    /// Opens a log, or creates it in an empty directory, and starts its two threads.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(options: Options) -> Result<Self, OpenError> {
        let lock = lock_directory(&options)?;
        let recovered = recover(&options)?;
        let Recovered {
            checkpoint,
            segments,
            last_segment,
            durable,
            cut_bytes,
            ..
        } = recovered;
        let segment = match last_segment {
            None => None,
            Some((first, length)) => {
                let path = segment::path(&options.directory, first);
                let file = options.files.open_append(&path);
                Some((
                    file.map_err(|source| OpenError::Io { path, source })?,
                    length,
                ))
            }
        };
        let files = Arc::clone(&options.files);
        let disk = DiskGuard::new(files, &options.directory, options.reserve);
        disk.tend();
        let shared = Arc::new(Shared::new(durable, segments, checkpoint, disk));
        let verifier = options.signer.verifier().clone();
        let verifiers = options.signer.verifiers();
        let writer = Writer {
            files: Arc::clone(&options.files),
            shared: Arc::clone(&shared),
            log_directory: options.directory.clone(),
            origin: verifier.name().to_owned(),
            segment_bytes_max: options.segment_bytes_max,
            segment,
            next: durable,
        };
        let scrub = options.scrub_interval.map(|interval| Scrub {
            files: Arc::clone(&options.files),
            shared: Arc::clone(&shared),
            log_directory: options.directory.clone(),
            origin: verifier.name().to_owned(),
            interval,
        });
        let publisher = Publisher {
            files: options.files,
            shared: Arc::clone(&shared),
            log_directory: options.directory.clone(),
            second_checkpoint: options.second_checkpoint,
            signer: options.signer,
            interval: options.publish_interval,
            second_note: recovered.second_note,
            cursor: recovered.cursor,
            edge: recovered.edge,
            bundle: recovered.bundle,
            known_directories: std::collections::BTreeSet::new(),
            obsolete_partials: std::collections::VecDeque::new(),
        };
        let running = Running {
            writer: start("log-writer", || writer.run())?,
            publisher: start("log-publisher", || publisher.run())?,
            scrub: scrub
                .map(|scrub| start("log-scrub", || scrub.run()))
                .transpose()?,
            _lock: lock,
        };
        Ok(Self {
            shared,
            directory: options.directory,
            verifier,
            verifiers,
            append_timeout: options.append_timeout,
            cut_bytes,
            running: Mutex::new(Some(running)),
        })
    }

    /// The newest key that verifies the log; its name is the log's origin.
    #[must_use]
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// The keys in force that verify the log, newest first; their name is the log's origin.
    #[must_use]
    pub fn verifiers(&self) -> &Verifiers {
        &self.verifiers
    }

    /// Bytes of a torn write that were cut off when the log was opened; never acknowledged.
    #[must_use]
    pub fn cut_bytes(&self) -> u64 {
        self.cut_bytes
    }

    /// Commits what waits, publishes it, and stops. Blocks for the time of a sync and a
    /// publication. Later appends are refused; calling it again does nothing.
    ///
    /// # Errors
    /// [`Failure`] when the log had failed, or failed now.
    pub fn shutdown(&self) -> Result<(), Failure> {
        if let Some(running) = lock(&self.running).take() {
            self.shared.close();
            let written = running.writer.join();
            self.shared.stop_publishing();
            let published = running.publisher.join();
            let scrubbed = running.scrub.map_or(Ok(()), JoinHandle::join);
            if written.is_err() || published.is_err() || scrubbed.is_err() {
                self.shared.fail(Failure::ThreadDied);
            }
        }
        self.shared.failure().map_or(Ok(()), Err)
    }

    async fn append_in_time(
        &self,
        entries: Vec<EncodedEntry>,
        reserved: bool,
    ) -> Result<Vec<Appended>, AppendError> {
        let cost = Request::cost(&entries).ok_or(AppendError::TooLarge)?;
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        if self.shared.disk.is_low() && !reserved && self.shared.health().is_ok() {
            return Err(AppendError::DiskFull);
        }
        let unavailable = || AppendError::Unavailable(self.shared.reason());
        let room = self
            .shared
            .room
            .acquire_many(cost)
            .await
            .map_err(|_| unavailable())?;
        // The writer gives the room back after the sync, whether or not anyone waits for it.
        room.forget();
        let (reply, appended) = oneshot::channel();
        self.shared
            .push(Request {
                entries,
                reserved,
                reply,
            })
            .map_err(|_| unavailable())?;
        appended.await.map_err(|_| unavailable())?
    }

    fn in_time(
        &self,
        entries: Vec<EncodedEntry>,
        reserved: bool,
    ) -> BoxFuture<'_, Result<Vec<Appended>, AppendError>> {
        Box::pin(async move {
            let appended = self.append_in_time(entries, reserved);
            let appended = tokio::time::timeout(self.append_timeout, appended);
            appended.await.unwrap_or(Err(AppendError::TimedOut))
        })
    }
}

impl AccessLog for TileLog {
    fn append(
        &self,
        entries: Vec<EncodedEntry>,
    ) -> BoxFuture<'_, Result<Vec<Appended>, AppendError>> {
        self.in_time(entries, false)
    }

    fn append_reserved(
        &self,
        entries: Vec<EncodedEntry>,
    ) -> BoxFuture<'_, Result<Vec<Appended>, AppendError>> {
        self.in_time(entries, true)
    }

    fn condition(&self) -> Condition {
        Condition {
            disk: self.shared.disk.condition(),
            scrub: *lock(&self.shared.scrub),
        }
    }

    fn tree_size(&self) -> u64 {
        self.shared.durable()
    }

    fn checkpoint(&self) -> Arc<SignedCheckpoint> {
        self.shared.checkpoint()
    }

    fn published(&self, tree_size: u64) -> BoxFuture<'_, Result<Arc<SignedCheckpoint>, Failure>> {
        Box::pin(async move {
            let mut published = self.shared.published();
            let reached = published.wait_for(|newest| newest.checkpoint.tree_size >= tree_size);
            tokio::select! {
                newest = reached => newest.map(|newest| Arc::clone(&newest)).map_err(|_| self.shared.reason()),
                failure = self.failed() => Err(failure),
            }
        })
    }

    fn tiles(&self) -> TileStore {
        TileStore::new(&self.directory, self.checkpoint().checkpoint.tree_size)
    }

    fn health(&self) -> Result<(), Failure> {
        self.shared.health()
    }

    fn failed(&self) -> BoxFuture<'_, Failure> {
        Box::pin(async move {
            let mut failures = self.shared.failures();
            match failures.wait_for(Option::is_some).await {
                Ok(failure) => failure.clone().unwrap_or(Failure::ThreadDied),
                Err(_) => Failure::ThreadDied,
            }
        })
    }
}

impl Drop for TileLog {
    fn drop(&mut self) {
        // Whoever wants to know whether it ended well has called `shutdown` before.
        let _known = self.shutdown();
    }
}

fn start(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, OpenError> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map_err(OpenError::Thread)
}

fn lock_directory(options: &Options) -> Result<File, OpenError> {
    let directory = options.directory.as_path();
    let path = directory.join("lock");
    let io = |source| OpenError::Io {
        path: path.clone(),
        source,
    };
    make_directory(&*options.files, directory).map_err(io)?;
    let lock = File::create(&path).map_err(io)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
            path: directory.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(io(source)),
    }
}

#[cfg(test)]
pub(crate) mod tests;
