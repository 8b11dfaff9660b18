//! The writer thread: takes all appends that wait, writes them as one batch, syncs once, and only
//! then acknowledges each of them.
//!
//! INVARIANT: no reply with `Ok` is sent before `fdatasync` of its batch returned success, and none
//! at all after any write or sync failed.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::files::{Files, LogFile, replace};
use crate::log::{AppendError, Appended, Failure, LeafIndex};
use crate::segment::{self, BatchBuilder, HEADER_BYTES};
use crate::shared::{Reply, Request, Shared, lock};

/// The longest wait for appends that may come to share a sync. It is half of a sync, so that it
/// costs nobody more than it saves, and never more than a caller would notice.
const PATIENCE_MAX: Duration = Duration::from_micros(500);

pub(crate) struct Writer {
    pub(crate) files: Arc<dyn Files>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) log_directory: PathBuf,
    pub(crate) origin: String,
    pub(crate) segment_bytes_max: u64,
    /// The segment being written and its length; none before the first entry.
    pub(crate) segment: Option<(Box<dyn LogFile>, u64)>,
    /// The index that the next entry gets.
    pub(crate) next: u64,
}

impl Writer {
    /// Works until the queue is closed and empty, or something fails.
    pub(crate) fn run(mut self) {
        let stopped = StopOnPanic::new(&self.shared);
        let mut requests = Vec::new();
        let mut replies = Vec::new();
        let mut batch = BatchBuilder::default();
        let (mut expected, mut patience) = (0, Duration::ZERO);
        while self.shared.take_all(&mut requests, expected, patience) {
            expected = requests.len();
            let cost = requests.iter().map(Request::own_cost).sum();
            let first = self.next;
            batch.start();
            self.take_in(&mut requests, cost, &mut batch, &mut replies);
            if replies.is_empty() {
                self.shared.give_back(cost);
                continue;
            }
            let started = Instant::now();
            let committed = self.commit(&mut batch, first);
            patience = (started.elapsed() / 2).min(PATIENCE_MAX);
            if let Err(source) = committed {
                self.shared
                    .fail(Failure::storage("writing an entry", &source));
            }
            // The publisher may have failed meanwhile; nothing is acknowledged after that either.
            if let Some(failure) = self.shared.failure() {
                for (reply, _) in replies.drain(..) {
                    let _gone = reply.send(Err(AppendError::Unavailable(failure.clone())));
                }
                break;
            }
            self.shared.set_durable(self.next);
            self.shared.give_back(cost);
            for (reply, appended) in replies.drain(..) {
                // The caller may have given up; the entry stays, and says more rather than less.
                let _gone = reply.send(Ok(appended));
            }
        }
        stopped.finish();
    }

    /// Puts what the disk has room for into the batch, and refuses the rest.
    fn take_in(
        &mut self,
        requests: &mut Vec<Request>,
        cost: u64,
        batch: &mut BatchBuilder,
        replies: &mut Vec<(Reply, Vec<Appended>)>,
    ) {
        let admitted = self.shared.disk.admits(cost);
        for request in requests.drain(..) {
            if admitted.covers(request.reserved) {
                let appended = self.append(batch, &request);
                replies.push((request.reply, appended));
            } else {
                let _gone = request.reply.send(Err(AppendError::DiskFull));
            }
        }
    }

    /// Gives a request's entries the next indices.
    fn append(&mut self, batch: &mut BatchBuilder, request: &Request) -> Vec<Appended> {
        let mut appended = Vec::with_capacity(request.entries.len());
        for entry in &request.entries {
            let leaf_hash = batch.push(entry.as_bytes());
            appended.push(Appended {
                leaf_index: LeafIndex(self.next),
                leaf_hash,
            });
            self.next += 1;
        }
        appended
    }

    fn commit(&mut self, batch: &mut BatchBuilder, first: u64) -> io::Result<()> {
        let bytes = batch.finish(first);
        let written = self.segment.as_ref().map(|(_, written)| *written);
        if written.is_none_or(|written| written >= self.segment_bytes_max) {
            self.segment = Some(self.start_segment(first)?);
        }
        let Some((file, written)) = &mut self.segment else {
            return Err(io::ErrorKind::NotFound.into());
        };
        file.write_all(bytes)?;
        file.sync_data()?;
        *written += u64::try_from(bytes.len()).unwrap_or(0);
        Ok(())
    }

    /// Creates a segment whose header and name are durable before it is used.
    fn start_segment(&self, first: u64) -> io::Result<(Box<dyn LogFile>, u64)> {
        let path = segment::path(&self.log_directory, first);
        replace(
            &*self.files,
            &path,
            &segment::segment_header(first, &self.origin),
        )?;
        lock(&self.shared.segments).push(first);
        Ok((self.files.open_append(&path)?, HEADER_BYTES))
    }
}

/// Stops the log if its thread ends without saying so: a silent log must not look alive.
pub(crate) struct StopOnPanic(Option<Arc<Shared>>);

impl StopOnPanic {
    pub(crate) fn new(shared: &Arc<Shared>) -> Self {
        Self(Some(Arc::clone(shared)))
    }

    /// The thread ends as it should.
    pub(crate) fn finish(mut self) {
        self.0 = None;
    }
}

impl Drop for StopOnPanic {
    fn drop(&mut self) {
        if let Some(shared) = &self.0 {
            shared.fail(Failure::ThreadDied);
        }
    }
}
