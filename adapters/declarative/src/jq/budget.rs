//! How much a mapping may do: every copy of a value, and every value looked at, costs a step.
//!
//! jq has `try … catch`, which would swallow an ordinary error and go on, and loops that never fail.
//! So work that has used up its steps is unwound to where it began, which no mapping can catch.

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
};

/// The steps of one run: a mapping of a record takes some hundred, a page of
/// ten thousand records some ten thousand.
pub(super) const STEPS_MAX: u64 = 200_000;

/// The longest text that a mapping may make, in bytes.
pub(super) const TEXT_BYTES_MAX: usize = 1024 * 1024;

/// How deep values may be nested: twice what a registry's answer may be.
pub(super) const DEPTH_MAX: u8 = 128;

thread_local! {
    static STEPS_LEFT: Cell<u64> = const { Cell::new(u64::MAX) };
}

/// A run that used up its steps, or made a value too long or too deep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exhausted;

/// Runs `work` within a number of steps.
pub(super) fn within<T>(steps: u64, work: impl FnOnce() -> T) -> Result<T, Exhausted> {
    let before = STEPS_LEFT.replace(steps);
    // Nothing that `work` touches outlives it, so nothing is left half done.
    let result = catch_unwind(AssertUnwindSafe(work));
    STEPS_LEFT.set(before);
    // A panic of jaq itself ends the same way: its message may hold a value, and is not passed on.
    result.map_err(|_| Exhausted)
}

/// Takes steps from the run at hand.
pub(super) fn charge(steps: usize) {
    let steps = u64::try_from(steps).unwrap_or(u64::MAX);
    match STEPS_LEFT.get().checked_sub(steps) {
        Some(left) => STEPS_LEFT.set(left),
        None => give_up(),
    }
}

/// Unwinds the run at hand. No panic hook is called, so nothing is printed.
pub(super) fn give_up() -> ! {
    resume_unwind(Box::new(Exhausted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_ends_where_its_steps_do() {
        assert_eq!(within(10, || charge(10)), Ok(()));
        assert_eq!(within(10, || charge(11)), Err(Exhausted));
        let nested = within(10, || {
            assert_eq!(within(2, || charge(3)), Err(Exhausted));
            charge(10);
        });
        assert_eq!(nested, Ok(()));
    }
}
