//! Room on the disk. Below a low-water mark ordinary entries are refused, so that the disk is never
//! quite full: reading, proving and exporting go on, and what must still be written can be. For the
//! case that others fill the disk nevertheless, a ballast file takes up room that can be given back.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::files::{Files, Space};
use crate::publisher::TEMPORARY_DIRECTORY;
use crate::shared::lock;

/// The low-water mark where none is configured: this much, or a twentieth of a small file system.
/// At 100 MB a second it is two seconds of writing, ten times what can happen between two looks.
const LOW_WATER_BYTES: u64 = 256 * 1024 * 1024;
const LOW_WATER_SHARE: u64 = 20;
/// The ballast where none is configured: this much, or a quarter of the low-water mark.
const BALLAST_BYTES: u64 = 64 * 1024 * 1024;
const BALLAST_SHARE: u64 = 4;
/// Above the mark by this part of it entries are taken again, so that taking and refusing do not
/// follow each other for every file that comes and goes.
const RETURN_SHARE: u64 = 8;
/// Below this part of the mark the ballast is given up.
const NEARLY_GONE_SHARE: u64 = 8;
/// Below this, or below this part of a low mark, nothing is written at all: not even a publication,
/// which would fail half-way, and with it the log for ever. The log waits for room instead.
const EXHAUSTED_BYTES: u64 = 1024 * 1024;
const EXHAUSTED_SHARE: u64 = 16;
/// While there is room, between two looks lies no more time than this, and no more than
/// [`LOOK_SHARE`] of the mark is written. Once room is short there is a look before every write:
/// what others leave can be gone in a millisecond, and a write that finds no room ends the log.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const LOOK_SHARE: u64 = 16;

/// How much room must stay free on the disk of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reserve {
    /// Below this many free bytes ordinary entries are refused. Default: 256 MiB, or 5 % of a file
    /// system where that is less.
    pub low_water_bytes: Option<u64>,
    /// Bytes that are set aside and given up when the disk is nearly full. Default: 64 MiB, or a
    /// quarter of the low-water mark where that is less. 0: none.
    pub ballast_bytes: Option<u64>,
}

/// The room on the disk of the log, as it was seen last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiskCondition {
    /// Whether ordinary entries are refused.
    pub is_low: bool,
    /// Whether nothing is written at all, for there is no room even for what must be.
    pub is_exhausted: bool,
    /// Bytes that were free; 0 before the first look.
    pub free_bytes: u64,
    /// Below this many, ordinary entries are refused.
    pub low_water_bytes: u64,
    /// Bytes that are set aside, to be given up when the disk is nearly full.
    pub ballast_bytes: u64,
}

/// What may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    All,
    /// What must be written even where the disk is nearly full.
    Reserved,
    Nothing,
}

impl Admission {
    pub(crate) const fn covers(self, reserved: bool) -> bool {
        match self {
            Self::All => true,
            Self::Reserved => reserved,
            Self::Nothing => false,
        }
    }
}

/// Looks after the room on the disk for the writer and the publisher.
pub(crate) struct DiskGuard {
    files: Arc<dyn Files>,
    log_directory: PathBuf,
    reserve: Reserve,
    /// Read by callers without waiting for anybody.
    is_low: AtomicBool,
    /// What was seen last. Writer and publisher look in turn, under this lock.
    seen: Mutex<Seen>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    looked: Option<Instant>,
    written_since: u64,
    condition: DiskCondition,
}

impl fmt::Debug for DiskGuard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let condition = self.condition();
        formatter
            .debug_tuple("DiskGuard")
            .field(&condition)
            .finish()
    }
}

impl DiskGuard {
    /// A guard of a directory whose temporary files, and with them an older ballast, are gone.
    pub(crate) fn new(files: Arc<dyn Files>, log_directory: &Path, reserve: Reserve) -> Self {
        Self {
            files,
            log_directory: log_directory.to_owned(),
            reserve,
            is_low: AtomicBool::new(false),
            seen: Mutex::default(),
        }
    }

    /// Whether ordinary entries are refused, as far as is known.
    pub(crate) fn is_low(&self) -> bool {
        self.is_low.load(Ordering::Acquire)
    }

    pub(crate) fn condition(&self) -> DiskCondition {
        lock(&self.seen).condition
    }

    /// What may be written now, if it is so many bytes. Gives up the ballast when the room is nearly
    /// gone.
    pub(crate) fn admits(&self, bytes: u64) -> Admission {
        let mut seen = lock(&self.seen);
        seen.written_since = seen.written_since.saturating_add(bytes);
        let recent = seen.looked.is_some_and(|at| at.elapsed() < LOOK_EVERY);
        if seen.condition.is_low
            || !recent
            || seen.written_since > seen.condition.low_water_bytes / LOOK_SHARE
        {
            self.look(&mut seen, bytes);
        }
        match seen.condition {
            DiskCondition {
                is_exhausted: true, ..
            } => Admission::Nothing,
            DiskCondition { is_low: true, .. } => Admission::Reserved,
            _ => Admission::All,
        }
    }

    /// Looks again, gives up the ballast when the room is nearly gone, and sets it aside again when
    /// there is plenty.
    pub(crate) fn tend(&self) {
        let mut seen = lock(&self.seen);
        let Some(space) = self.look(&mut seen, 0) else {
            return;
        };
        let wanted = self.ballast_wanted(seen.condition.low_water_bytes);
        let enough = returned(seen.condition.low_water_bytes).saturating_add(wanted);
        if wanted > 0 && seen.condition.ballast_bytes == 0 && space.free_bytes >= enough {
            // Best effort: without ballast the log works too, and a failure here loses nothing.
            match self.files.allocate(&self.ballast(), wanted) {
                Ok(()) => seen.condition.ballast_bytes = wanted,
                Err(_) => drop(self.files.remove_file(&self.ballast())),
            }
        }
    }

    /// What is free now, with `bytes` about to be written. A look that fails changes nothing: the
    /// write itself will say what is wrong.
    fn look(&self, seen: &mut Seen, bytes: u64) -> Option<Space> {
        let mut space = self.files.space(&self.log_directory).ok()?;
        let low_water = self
            .reserve
            .low_water_bytes
            .unwrap_or_else(|| LOW_WATER_BYTES.min(space.total_bytes / LOW_WATER_SHARE));
        let nearly_gone = space.free_bytes < low_water / NEARLY_GONE_SHARE;
        if nearly_gone && seen.condition.ballast_bytes > 0 && self.give_up_ballast().is_ok() {
            seen.condition.ballast_bytes = 0;
            space = self.files.space(&self.log_directory).ok()?;
        }
        let mark = if seen.condition.is_low {
            returned(low_water)
        } else {
            low_water
        };
        let left = space.free_bytes.saturating_sub(bytes);
        seen.condition.is_low = left < mark;
        seen.condition.is_exhausted = left < EXHAUSTED_BYTES.min(low_water / EXHAUSTED_SHARE);
        seen.condition.free_bytes = space.free_bytes;
        seen.condition.low_water_bytes = low_water;
        (seen.looked, seen.written_since) = (Some(Instant::now()), 0);
        self.is_low.store(seen.condition.is_low, Ordering::Release);
        Some(space)
    }

    fn ballast_wanted(&self, low_water: u64) -> u64 {
        let usual = || BALLAST_BYTES.min(low_water / BALLAST_SHARE);
        self.reserve.ballast_bytes.unwrap_or_else(usual)
    }

    fn ballast(&self) -> PathBuf {
        self.log_directory.join(TEMPORARY_DIRECTORY).join("ballast")
    }

    fn give_up_ballast(&self) -> io::Result<()> {
        self.files.remove_file(&self.ballast())
    }
}

/// The free bytes from which on entries are taken again.
const fn returned(low_water: u64) -> u64 {
    low_water.saturating_add(low_water / RETURN_SHARE)
}

#[cfg(test)]
mod tests;
