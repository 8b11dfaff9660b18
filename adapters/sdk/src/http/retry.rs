//! When a registry is asked again, and when it is left alone.
//!
//! Every call of ours is a read, so repeating one changes nothing at the registry. It costs it work,
//! though, just when it has trouble, and each question about a person may leave a trace in its log.
//! So a call is repeated once at most, only where the first attempt cannot have been answered, and
//! only from a [`Budget`] that runs dry when everything fails.

use crate::adapter::AdapterError;
use http::StatusCode;
use parking_lot::Mutex;
use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

/// An attempt that gave no answer.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) error: AdapterError,
    /// How long to wait before asking again; `None` where asking again is of no use.
    pub(super) repeat_after: Option<Duration>,
}

impl From<AdapterError> for Failed {
    fn from(error: AdapterError) -> Self {
        Self {
            error,
            repeat_after: None,
        }
    }
}

impl Failed {
    /// A failure after which the same question may be asked again soon.
    pub(super) const fn passing(error: AdapterError) -> Self {
        Self {
            error,
            repeat_after: Some(REPEAT_PAUSE),
        }
    }
}

/// A token bucket: requests fill it slowly, each repetition takes a lot out.
#[derive(Debug)]
pub(super) struct Budget {
    /// In [`REPETITION`]ths of a repetition.
    level: AtomicU32,
}

impl Budget {
    pub(super) const fn new() -> Self {
        Self {
            level: AtomicU32::new(LEVEL_START),
        }
    }

    /// Counts a request.
    pub(super) fn earn(&self) {
        let earned = |level: u32| Some((level + 1).min(LEVEL_MAX));
        let _ = self
            .level
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, earned);
    }

    /// Whether there is enough for a repetition, which is then taken out.
    pub(super) fn spend(&self) -> bool {
        let spent = |level: u32| level.checked_sub(REPETITION);
        self.level
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, spent)
            .is_ok()
    }
}

/// A registry's wish not to be asked for a while (`Retry-After`), which holds for all calls.
#[derive(Debug, Default)]
pub(super) struct Pause(Mutex<Option<(Instant, StatusCode)>>);

impl Pause {
    /// Begins one, of [`PAUSE_MAX`] at most.
    pub(super) fn begin(&self, status: StatusCode, pause: Duration) {
        *self.0.lock() = Some((Instant::now() + pause.min(PAUSE_MAX), status));
    }

    /// Refuses a call while the registry wants none, in the registry's own terms.
    pub(super) fn check(&self) -> Result<(), AdapterError> {
        let mut pause = self.0.lock();
        let Some((until, status)) = *pause else {
            return Ok(());
        };
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            *pause = None;
            return Ok(());
        }
        let reason = format!(
            "not asked, because its last answer was HTTP {} and wants {} s more without questions",
            status.as_u16(),
            left.as_secs() + 1
        );
        Err(if status == StatusCode::TOO_MANY_REQUESTS {
            AdapterError::Refused { reason }
        } else {
            AdapterError::Down { reason }
        })
    }
}

/// What one repetition costs, so that one request in ten may be repeated: enough to hide a restart
/// behind a balancer, too little to double the load on a registry that fails.
const REPETITION: u32 = 10;
/// Three repetitions before any request has earned one: a client that asks seldom needs some too.
const LEVEL_START: u32 = 3 * REPETITION;
/// Earnings of a good hour are no licence for a storm.
const LEVEL_MAX: u32 = 10 * REPETITION;
/// Long enough for a balancer to notice, short against any deadline.
pub(super) const REPEAT_PAUSE: Duration = Duration::from_millis(50);
/// A wrong clock or a mistyped number must not shut a registry out for a day.
const PAUSE_MAX: Duration = Duration::from_secs(300);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_request_in_ten_may_be_repeated_after_the_first_three() {
        let budget = Budget::new();
        let mut repeated = 0;
        for _ in 0..1_000 {
            budget.earn();
            repeated += u32::from(budget.spend());
        }
        assert!((102..=103).contains(&repeated), "{repeated}");
        for _ in 0..10_000 {
            budget.earn();
        }
        let saved = (0..100).filter(|_| budget.spend()).count();
        assert_eq!(saved, 10);
    }

    #[test]
    fn a_pause_ends_and_is_never_long() {
        let pause = Pause::default();
        assert!(pause.check().is_ok());
        pause.begin(StatusCode::TOO_MANY_REQUESTS, Duration::from_secs(86_400));
        let text = pause.check().unwrap_err().to_string();
        assert!(
            text.starts_with("the registry refused: not asked"),
            "{text}"
        );
        assert!(text.contains("wants 300 s more"), "{text}");
        pause.begin(StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(9));
        assert!(matches!(pause.check(), Err(AdapterError::Down { .. })));
        pause.begin(StatusCode::SERVICE_UNAVAILABLE, Duration::ZERO);
        assert!(pause.check().is_ok());
    }
}
