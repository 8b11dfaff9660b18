//! What the callers, the writer thread and the publisher thread share, and who owns which part.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot, watch};

use crate::checkpoint::SignedCheckpoint;
use crate::entry::EncodedEntry;
use crate::log::{AppendError, Appended, Failure};
use crate::reserve::DiskGuard;
use crate::scrub::ScrubProgress;

/// Bytes that may wait for the writer. A batch takes all that waits, so this bounds a batch too:
/// 8 MiB is about 0.3 s of entries at 20,000 a second, and one write of about 10 ms.
pub(crate) const QUEUE_BYTES_MAX: u32 = 8 * 1024 * 1024;
/// What an entry counts beyond its length, so that tiny entries do not make a batch of a hundred
/// thousand (the publisher holds two open files for every 256).
const ENTRY_OVERHEAD_BYTES: usize = 512;

/// Who waits for an append.
pub(crate) type Reply = oneshot::Sender<Result<Vec<Appended>, AppendError>>;

/// Entries of one append, waiting.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) entries: Vec<EncodedEntry>,
    /// Whether it is written even where the disk is nearly full.
    pub(crate) reserved: bool,
    pub(crate) reply: Reply,
}

impl Request {
    /// What entries count against [`QUEUE_BYTES_MAX`]; `None` when they can never fit.
    pub(crate) fn cost(entries: &[EncodedEntry]) -> Option<u32> {
        let bytes: usize = entries
            .iter()
            .map(|entry| entry.as_bytes().len() + ENTRY_OVERHEAD_BYTES)
            .sum();
        u32::try_from(bytes)
            .ok()
            .filter(|cost| *cost <= QUEUE_BYTES_MAX)
    }

    /// What this request counts; about the bytes that it takes on the disk.
    pub(crate) fn own_cost(&self) -> u64 {
        Self::cost(&self.entries).unwrap_or(0).into()
    }
}

/// State shared by callers, writer and publisher.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Appends waiting for the writer. Callers push, the writer takes all.
    queue: Mutex<Queue>,
    queue_changed: Condvar,
    /// Room in the queue. Callers take, the writer gives back after the sync.
    pub(crate) room: Semaphore,
    /// Entries that are durable. Written by the writer only.
    durable: AtomicU64,
    /// First leaf of every segment file. The writer adds, the publisher removes.
    pub(crate) segments: Mutex<Vec<u64>>,
    /// The newest published checkpoint. Written by the publisher only.
    published: watch::Sender<Arc<SignedCheckpoint>>,
    /// Why the log stopped. Set once, by whoever fails first; never cleared.
    failure: watch::Sender<Option<Failure>>,
    /// The room on the disk. The writer and the publisher look, callers read what they saw.
    pub(crate) disk: DiskGuard,
    /// How far the scrub is. Written by the scrub only.
    pub(crate) scrub: Mutex<ScrubProgress>,
    /// Whether the publisher and the scrub shall finish.
    stopping: Mutex<bool>,
    stopping_changed: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    requests: Vec<Request>,
    closed: bool,
    /// How many requests the sleeping writer waits for; 0 while it is awake.
    wake_at: usize,
}

impl Shared {
    pub(crate) fn new(
        durable: u64,
        segments: Vec<u64>,
        published: SignedCheckpoint,
        disk: DiskGuard,
    ) -> Self {
        Self {
            queue: Mutex::default(),
            queue_changed: Condvar::new(),
            room: Semaphore::new(QUEUE_BYTES_MAX as usize),
            durable: AtomicU64::new(durable),
            segments: Mutex::new(segments),
            published: watch::Sender::new(Arc::new(published)),
            failure: watch::Sender::new(None),
            disk,
            scrub: Mutex::default(),
            stopping: Mutex::new(false),
            stopping_changed: Condvar::new(),
        }
    }

    /// Hands a request to the writer; gives it back when the log takes no more.
    pub(crate) fn push(&self, request: Request) -> Result<(), Request> {
        let mut queue = lock(&self.queue);
        if queue.closed {
            return Err(request);
        }
        queue.requests.push(request);
        if queue.wake_at > 0 && queue.requests.len() >= queue.wake_at {
            queue.wake_at = 0;
            drop(queue);
            self.queue_changed.notify_one();
        }
        Ok(())
    }

    /// Waits for requests and swaps them with the empty `taken`. Once there is one, waits up to
    /// `patience` for as many as `expected`: callers that were answered together tend to come back
    /// together, and one sync for all of them is better than one for the first and one for the
    /// rest. `false` when the queue is closed and empty.
    pub(crate) fn take_all(
        &self,
        taken: &mut Vec<Request>,
        expected: usize,
        patience: Duration,
    ) -> bool {
        let mut queue = lock(&self.queue);
        while queue.requests.is_empty() {
            if queue.closed {
                return false;
            }
            queue.wake_at = 1;
            queue = self
                .queue_changed
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if queue.requests.len() < expected {
            queue.wake_at = expected;
            let wait = self
                .queue_changed
                .wait_timeout_while(queue, patience, |queue| {
                    !queue.closed && queue.requests.len() < expected
                });
            queue = wait.unwrap_or_else(PoisonError::into_inner).0;
        }
        queue.wake_at = 0;
        std::mem::swap(&mut queue.requests, taken);
        !taken.is_empty()
    }

    /// Gives back the room in the queue that requests took.
    pub(crate) fn give_back(&self, cost: u64) {
        self.room.add_permits(usize::try_from(cost).unwrap_or(0));
    }

    /// Takes no more requests.
    pub(crate) fn close(&self) {
        lock(&self.queue).closed = true;
        self.room.close();
        self.queue_changed.notify_one();
    }

    pub(crate) fn durable(&self) -> u64 {
        self.durable.load(Ordering::Acquire)
    }

    pub(crate) fn set_durable(&self, tree_size: u64) {
        self.durable.store(tree_size, Ordering::Release);
    }

    pub(crate) fn published(&self) -> watch::Receiver<Arc<SignedCheckpoint>> {
        self.published.subscribe()
    }

    pub(crate) fn checkpoint(&self) -> Arc<SignedCheckpoint> {
        self.published.borrow().clone()
    }

    pub(crate) fn set_published(&self, checkpoint: SignedCheckpoint) {
        self.published.send_replace(Arc::new(checkpoint));
    }

    /// Stops the log for ever. The first failure is the one that is kept.
    pub(crate) fn fail(&self, failure: Failure) {
        let mut queue = lock(&self.queue);
        // Whoever sees the failure must find the queue closed: both change under its lock.
        queue.closed = true;
        self.failure.send_if_modified(|known| {
            let first = known.is_none();
            known.get_or_insert(failure);
            first
        });
        // Nobody will commit what still waits.
        let waiting = std::mem::take(&mut queue.requests);
        drop(queue);
        self.close();
        for request in waiting {
            let _gone = request
                .reply
                .send(Err(AppendError::Unavailable(self.reason())));
        }
    }

    pub(crate) fn failure(&self) -> Option<Failure> {
        self.failure.borrow().clone()
    }

    /// Whether entries are taken.
    pub(crate) fn health(&self) -> Result<(), Failure> {
        match self.failure() {
            Some(failure) => Err(failure),
            None if lock(&self.queue).closed => Err(Failure::ShutDown),
            None => Ok(()),
        }
    }

    pub(crate) fn failures(&self) -> watch::Receiver<Option<Failure>> {
        self.failure.subscribe()
    }

    /// Why no entry is taken: the failure, or that the log was shut down.
    pub(crate) fn reason(&self) -> Failure {
        self.failure().unwrap_or(Failure::ShutDown)
    }

    /// Waits this long; returns early, with `true`, when the log shuts down.
    pub(crate) fn wait_for_stop(&self, interval: Duration) -> bool {
        let stopping = lock(&self.stopping);
        let waited = self
            .stopping_changed
            .wait_timeout_while(stopping, interval, |stopping| !*stopping);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Asks the publisher to publish what is durable, and it and the scrub to finish.
    pub(crate) fn stop_publishing(&self) {
        *lock(&self.stopping) = true;
        self.stopping_changed.notify_all();
    }
}

/// No code panics while it holds one of these locks, so a poisoned one is still consistent.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
