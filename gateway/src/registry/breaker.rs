//! The circuit breaker: a registry that keeps failing is given a rest, and tried again by itself.
//!
//! Only failures that a rest can heal count: no connection and no answer in time. A registry that
//! answers nonsense is reachable; each such answer is told to its own caller.

use motlan_schemas::answer::RegistryProblem;
use parking_lot::Mutex;
use std::time::{Duration, Instant};

/// When to rest, and how long.
#[derive(Debug, Clone, Copy)]
pub struct BreakerOptions {
    /// After how many failures in a row.
    pub failures_max: u32,
    /// The first rest.
    pub pause: Duration,
    /// The longest rest.
    pub pause_max: Duration,
}

/// The breaker of one registry.
#[derive(Debug)]
pub struct Breaker {
    options: BreakerOptions,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// Calls pass; so many have failed in a row.
    Closed { failures: u32 },
    /// Calls are refused with the problem that opened the breaker.
    Open {
        until: Instant,
        pause: Duration,
        problem: RegistryProblem,
    },
    /// One call is under way to try; the others are refused until `give_up`.
    Trying {
        give_up: Instant,
        pause: Duration,
        problem: RegistryProblem,
    },
}

impl Breaker {
    /// A closed breaker.
    #[must_use]
    pub const fn new(options: BreakerOptions) -> Self {
        Self {
            options,
            state: Mutex::new(State::Closed { failures: 0 }),
        }
    }

    /// Lets a call pass, or refuses it with the problem that the registry last had.
    ///
    /// # Errors
    /// The problem.
    pub fn admit(&self, now: Instant) -> Result<(), RegistryProblem> {
        let mut state = self.state.lock();
        match *state {
            State::Closed { .. } => Ok(()),
            State::Open {
                until,
                pause,
                problem,
            } if now >= until => {
                *state = State::Trying {
                    give_up: now + TRIAL_MAX,
                    pause,
                    problem,
                };
                Ok(())
            }
            // The trial's caller may have gone away without a word: then the next one tries.
            State::Trying {
                give_up,
                pause,
                problem,
            } if now >= give_up => {
                *state = State::Trying {
                    give_up: now + TRIAL_MAX,
                    pause,
                    problem,
                };
                Ok(())
            }
            State::Open { problem, .. } | State::Trying { problem, .. } => Err(problem),
        }
    }

    /// Learns how a call that was let pass went.
    pub fn record(&self, now: Instant, outcome: Result<(), RegistryProblem>) {
        let mut state = self.state.lock();
        let problem = match outcome {
            Err(problem) if is_outage(problem) => problem,
            Ok(()) | Err(_) => {
                *state = State::Closed { failures: 0 };
                return;
            }
        };
        *state = match *state {
            State::Closed { failures } if failures + 1 < self.options.failures_max => {
                State::Closed {
                    failures: failures + 1,
                }
            }
            State::Closed { .. } => self.open(now, self.options.pause, problem),
            State::Trying { pause, .. } => {
                self.open(now, (pause * 2).min(self.options.pause_max), problem)
            }
            // A call from before the rest came back late: the rest goes on.
            open @ State::Open { .. } => open,
        };
    }

    fn open(&self, now: Instant, pause: Duration, problem: RegistryProblem) -> State {
        State::Open {
            until: now + pause.min(self.options.pause_max),
            pause,
            problem,
        }
    }
}

/// A trial that has not come back after this long is taken as lost; longer than any time limit.
const TRIAL_MAX: Duration = Duration::from_secs(30);

const fn is_outage(problem: RegistryProblem) -> bool {
    matches!(
        problem,
        RegistryProblem::RegistryTimeout | RegistryProblem::RegistryDown
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: BreakerOptions = BreakerOptions {
        failures_max: 3,
        pause: Duration::from_secs(1),
        pause_max: Duration::from_secs(2),
    };
    const DOWN: Result<(), RegistryProblem> = Err(RegistryProblem::RegistryDown);

    fn opened(start: Instant) -> Breaker {
        let breaker = Breaker::new(OPTIONS);
        for _ in 0..3 {
            assert!(breaker.admit(start).is_ok());
            breaker.record(start, DOWN);
        }
        breaker
    }

    #[test]
    fn it_opens_after_failures_in_a_row_and_says_why() {
        let start = Instant::now();
        let breaker = opened(start);
        assert_eq!(breaker.admit(start), Err(RegistryProblem::RegistryDown));
    }

    #[test]
    fn one_success_forgets_the_failures_before() {
        let start = Instant::now();
        let breaker = Breaker::new(OPTIONS);
        for outcome in [DOWN, DOWN, Ok(()), DOWN, DOWN] {
            breaker.record(start, outcome);
        }
        assert!(breaker.admit(start).is_ok());
    }

    #[test]
    fn after_the_rest_one_call_tries_and_heals_it() {
        let start = Instant::now();
        let breaker = opened(start);
        let later = start + OPTIONS.pause;
        assert!(breaker.admit(later).is_ok());
        assert!(
            breaker.admit(later).is_err(),
            "a second call must wait for the trial"
        );
        breaker.record(later, Ok(()));
        assert!(breaker.admit(later).is_ok());
    }

    #[test]
    fn a_failed_trial_doubles_the_rest_up_to_its_limit() {
        let mut now = Instant::now();
        let breaker = opened(now);
        for pause in [1, 2, 2] {
            now += Duration::from_secs(pause);
            assert!(breaker.admit(now).is_ok());
            breaker.record(now, DOWN);
            assert!(breaker.admit(now + Duration::from_millis(900)).is_err());
        }
    }

    #[test]
    fn a_lost_trial_does_not_keep_it_open_for_ever() {
        let start = Instant::now();
        let breaker = opened(start);
        let trial = start + OPTIONS.pause;
        assert!(breaker.admit(trial).is_ok());
        assert!(breaker.admit(trial + TRIAL_MAX).is_ok());
    }

    #[test]
    fn nonsense_is_no_outage() {
        let start = Instant::now();
        let breaker = Breaker::new(OPTIONS);
        for _ in 0..10 {
            breaker.record(start, Err(RegistryProblem::RegistryMalformed));
        }
        assert!(breaker.admit(start).is_ok());
    }
}
