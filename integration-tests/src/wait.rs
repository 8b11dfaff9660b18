//! Waiting for something that must happen: polled, with a deadline, never a fixed sleep.

use std::time::{Duration, Instant};

/// Polls `look` until it gives a value.
///
/// # Panics
/// It gave none within `limit`; `what` is named.
pub fn until<T>(what: &str, limit: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(
            Instant::now() < deadline,
            "{what}: did not happen within {limit:?}"
        );
        std::thread::sleep(PAUSE);
    }
}

const PAUSE: Duration = Duration::from_millis(25);
