//! What one officer, or one client as a whole, has used in this hour and on this day.

use super::{Exhausted, Rule, Window};
use jiff::Timestamp;
use motlan_policies::agency::BudgetLimits;
use std::collections::HashSet;

/// An hour and a day, numbered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) hour: i64,
    pub(super) day: i64,
    seconds: i64,
}

/// The two windows.
#[derive(Default)]
pub(super) struct Account {
    hour: Tally,
    day: Tally,
}

/// The different subjects of one window, by what is counted of them.
#[derive(Default)]
struct Tally {
    /// Which hour, or which day.
    of: i64,
    subjects: HashSet<u64>,
    refusals: HashSet<u64>,
    misses: HashSet<u64>,
    neighbours: HashSet<u64>,
    told: HashSet<Rule>,
}

const HOUR_SECONDS: i64 = 3600;
const DAY_SECONDS: i64 = 24 * HOUR_SECONDS;
/// Vietnam is seven hours ahead of UTC, all year.
const VIETNAM_SECONDS: i64 = 7 * HOUR_SECONDS;

impl Moment {
    pub(super) fn of(now: Timestamp) -> Self {
        let seconds = now.as_second() + VIETNAM_SECONDS;
        Self {
            hour: seconds.div_euclid(HOUR_SECONDS),
            day: seconds.div_euclid(DAY_SECONDS),
            seconds,
        }
    }

    /// How long the window still lasts.
    fn seconds_left(self, window: Window) -> u64 {
        let length = match window {
            Window::Hour => HOUR_SECONDS,
            Window::Day => DAY_SECONDS,
        };
        (length - self.seconds.rem_euclid(length)).unsigned_abs()
    }
}

impl Account {
    pub(super) fn turn_to(&mut self, moment: Moment) {
        self.hour.turn_to(moment.hour);
        self.day.turn_to(moment.day);
    }

    /// The budget that keeps a subject from being asked about. Within a window in which the
    /// subject was counted already, none does.
    pub(super) fn exhausted(
        &mut self,
        key: u64,
        limits: &BudgetLimits,
        moment: Moment,
    ) -> Option<Exhausted> {
        for (window, tally) in [(Window::Day, &mut self.day), (Window::Hour, &mut self.hour)] {
            if tally.subjects.contains(&key) {
                continue;
            }
            for rule in Rule::ALL {
                let Some(limit) = limit(limits, rule, window) else {
                    continue;
                };
                let count = tally.of(rule).len() as u64;
                if count >= u64::from(limit) {
                    return Some(Exhausted {
                        rule,
                        window,
                        officers_own: false,
                        count,
                        limit,
                        seconds: moment.seconds_left(window),
                        first: tally.told.insert(rule),
                    });
                }
            }
        }
        None
    }

    pub(super) fn count(&mut self, rule: Rule, key: u64, limits: &BudgetLimits) {
        self.hour
            .count(rule, key, limit(limits, rule, Window::Hour));
        self.day.count(rule, key, limit(limits, rule, Window::Day));
    }

    /// Counts a question of earlier today.
    pub(super) fn recall(
        &mut self,
        key: u64,
        refused: bool,
        in_this_hour: bool,
        limits: &BudgetLimits,
    ) {
        let rules = [Some(Rule::Subjects), refused.then_some(Rule::Refusals)];
        for rule in rules.into_iter().flatten() {
            self.day.count(rule, key, limit(limits, rule, Window::Day));
            if in_this_hour {
                self.hour
                    .count(rule, key, limit(limits, rule, Window::Hour));
            }
        }
    }
}

impl Tally {
    fn turn_to(&mut self, of: i64) {
        if self.of != of {
            *self = Self {
                of,
                ..Self::default()
            };
        }
    }

    /// INVARIANT: no set grows beyond its limit, which bounds the memory.
    fn count(&mut self, rule: Rule, key: u64, limit: Option<u32>) {
        let set = match rule {
            Rule::Subjects => &mut self.subjects,
            Rule::Refusals => &mut self.refusals,
            Rule::Misses => &mut self.misses,
            Rule::Neighbours => &mut self.neighbours,
        };
        if limit.is_some_and(|limit| (set.len() as u64) < u64::from(limit)) {
            set.insert(key);
        }
    }

    const fn of(&self, rule: Rule) -> &HashSet<u64> {
        match rule {
            Rule::Subjects => &self.subjects,
            Rule::Refusals => &self.refusals,
            Rule::Misses => &self.misses,
            Rule::Neighbours => &self.neighbours,
        }
    }
}

/// How many there may be; `None` where nothing is counted for that time.
const fn limit(limits: &BudgetLimits, rule: Rule, window: Window) -> Option<u32> {
    match (rule, window) {
        (Rule::Subjects, Window::Hour) => Some(limits.subjects_per_hour),
        (Rule::Subjects, Window::Day) => Some(limits.subjects_per_day),
        (Rule::Refusals, Window::Hour) => Some(limits.refusals_per_hour),
        (Rule::Refusals, Window::Day) => Some(limits.refusals_per_day),
        (Rule::Misses, Window::Day) => Some(limits.misses_per_day),
        (Rule::Neighbours, Window::Day) => Some(limits.neighbours_per_day),
        (Rule::Misses | Rule::Neighbours, Window::Hour) => None,
    }
}
