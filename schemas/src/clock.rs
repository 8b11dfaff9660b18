//! The time as an argument, so that tests decide what time it is.

use jiff::Timestamp;
use std::fmt::Debug;

/// Tells the time. The gateway has one; tests have [`FixedClock`].
pub trait Clock: Send + Sync + Debug {
    /// The present moment, in UTC.
    fn now(&self) -> Timestamp;
}

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the machine"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct FixedClock(std::sync::Mutex<Timestamp>);

impl FixedClock {
    /// A clock that shows `now`.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self(std::sync::Mutex::new(now))
    }

    /// Moves the clock to `now`, forwards or backwards.
    pub fn set(&self, now: Timestamp) {
        *self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = now;
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        *self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Writes a timestamp the way every wire shape of Motlan does: UTC, milliseconds, `Z`.
///
/// ```
/// let moment: jiff::Timestamp = "2026-11-21T08:00:00.123456+07:00".parse().unwrap();
/// assert_eq!(motlan_schemas::clock::wire_time(moment), "2026-11-21T01:00:00.123Z");
/// ```
#[must_use]
pub fn wire_time(moment: Timestamp) -> String {
    format!("{moment:.3}")
}
