//! How far a verification is, on a terminal only: entries done, and how long it will still take.

use anstream::eprint;
use motlan_access_log::verify::grouped;
use std::{
    io::{self, IsTerminal},
    time::{Duration, Instant},
};

/// Often enough to see that it goes on, seldom enough to cost nothing.
const SHOWN_EVERY: Duration = Duration::from_millis(200);
/// Before that, an estimate jumps about.
const ESTIMATED_AFTER: Duration = Duration::from_secs(2);

/// A line that is written over.
pub(super) struct Progress {
    shown: bool,
    started: Instant,
    last: Option<Instant>,
}

impl Progress {
    pub(super) fn new(quiet: bool) -> Self {
        Self {
            shown: !quiet && io::stderr().is_terminal(),
            started: Instant::now(),
            last: None,
        }
    }

    pub(super) fn show(&mut self, done: u64, total: u64) {
        if !self.shown || self.last.is_some_and(|last| last.elapsed() < SHOWN_EVERY) {
            return;
        }
        self.last = Some(Instant::now());
        let left = left(self.started.elapsed(), done, total);
        let left = left.map(|left| format!(", {left}")).unwrap_or_default();
        eprint!(
            "\r\u{1b}[K{} of {} entries{left}",
            grouped(done),
            grouped(total)
        );
    }

    pub(super) fn clear(&self) {
        if self.last.is_some() {
            eprint!("\r\u{1b}[K");
        }
    }
}

/// How long it will still take, in words; nothing before that can be said.
fn left(elapsed: Duration, done: u64, total: u64) -> Option<String> {
    if elapsed < ESTIMATED_AFTER || done == 0 || done >= total {
        return None;
    }
    let remaining = u128::from(total - done);
    let seconds = elapsed.as_millis() * remaining / u128::from(done) / 1000;
    Some(match seconds {
        0..60 => format!("about {} s left", seconds + 1),
        _ => format!("about {} min left", seconds.div_ceil(60)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_follows_the_pace_so_far() {
        let after = Duration::from_secs;
        assert_eq!(left(after(1), 10, 100), None);
        assert_eq!(left(after(10), 0, 100), None);
        assert_eq!(left(after(10), 50, 100).as_deref(), Some("about 11 s left"));
        assert_eq!(left(after(60), 1, 11).as_deref(), Some("about 10 min left"));
        assert_eq!(left(after(10), 100, 100), None);
    }
}
