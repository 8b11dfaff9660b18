//! Chance without state: numbers drawn from a seed, a topic and an id, and keyed permutations.
//!
//! The same seed, topic and id always draw the same sequence, so that any fact can be computed again
//! alone. Nothing here is fit for secrets.

use jiff::{ToSpan, civil::Date};

/// What a draw decides. Draws of different topics are independent of each other.
#[derive(Debug, Clone, Copy)]
pub(super) enum Topic {
    Couple = 1,
    Life,
    Name,
    Origin,
    Civil,
    Home,
    Documents,
    Enterprise,
    Health,
    Career,
    Parcel,
    Serial,
    Shift,
    Tax,
    Genes,
    Record,
}

/// A short sequence of draws.
#[derive(Debug, Clone)]
pub(super) struct Draw {
    state: u64,
}

impl Draw {
    pub(super) fn new(seed: u64, topic: Topic, id: u64) -> Self {
        Self {
            state: mix(mix(seed ^ ((topic as u64) << 56)) ^ id),
        }
    }

    pub(super) fn any(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.state)
    }

    /// 0 to `bound` - 1; 0 when `bound` is 0.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        let drawn = ((self.any() >> 32) * u64::from(bound)) >> 32;
        u32::try_from(drawn).unwrap_or_default()
    }

    /// `low` to `high`, both included; `low` when they are the wrong way round.
    pub(super) fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    pub(super) fn year(&mut self, low: i16, high: i16) -> i16 {
        let span = u32::try_from(i32::from(high) - i32::from(low) + 1)
            .unwrap_or(1)
            .max(1);
        low + i16::try_from(self.below(span)).unwrap_or_default()
    }

    pub(super) fn chance(&mut self, per_ten_thousand: u32) -> bool {
        self.below(10_000) < per_ten_thousand
    }

    pub(super) fn pick<T: Copy + Default>(&mut self, list: &[T]) -> T {
        let length = u32::try_from(list.len()).unwrap_or(u32::MAX);
        list.get(self.below(length) as usize)
            .copied()
            .unwrap_or_default()
    }

    /// A value of a list of (weight, value).
    pub(super) fn weighted<T: Copy + Default>(&mut self, list: &[(u32, T)]) -> T {
        let mut left = self.below(list.iter().map(|(weight, _)| weight).sum());
        for (weight, value) in list {
            if left < *weight {
                return *value;
            }
            left -= weight;
        }
        T::default()
    }

    pub(super) fn day_in(&mut self, year: i16) -> Date {
        let month = i8::try_from(self.between(1, 12)).unwrap_or(1);
        let first = date(year, month, 1);
        let day = self.between(1, u32::from(first.days_in_month().unsigned_abs()));
        date(year, month, i8::try_from(day).unwrap_or(1))
    }

    /// A day from `low` to `high`, both included; `low` when they are the wrong way round.
    pub(super) fn day_between(&mut self, low: Date, high: Date) -> Date {
        let days = (high - low).get_days();
        match u32::try_from(days) {
            Ok(days) => later(
                low,
                i32::try_from(self.between(0, days)).unwrap_or_default(),
            ),
            Err(_) => low,
        }
    }
}

/// A calendar date; parts that make no date give the first day of the year.
pub(super) fn date(year: i16, month: i8, day: i8) -> Date {
    Date::new(year, month, day)
        .or_else(|_| Date::new(year, 1, 1))
        .unwrap_or(Date::ZERO)
}

/// So many days later, or earlier when negative.
pub(super) fn later(day: Date, days: i32) -> Date {
    day.saturating_add(days.days())
}

/// A keyed permutation of 0 to `half`² - 1: a Feistel network over two digits of base `half`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Permutation {
    key: u64,
    half: u64,
}

/// Four rounds make a permutation that shows no order of its inputs.
const ROUNDS: u64 = 4;

impl Permutation {
    pub(super) fn new(seed: u64, id: u64, half: u32) -> Self {
        Self {
            key: Draw::new(seed, Topic::Serial, id).any(),
            half: u64::from(half),
        }
    }

    /// INVARIANT: `value` is below `half`².
    pub(super) fn apply(self, value: u64) -> u64 {
        let (mut left, mut right) = (value / self.half, value % self.half);
        for round in 0..ROUNDS {
            (left, right) = (right, (left + self.turn(round, right)) % self.half);
        }
        left * self.half + right
    }

    pub(super) fn invert(self, value: u64) -> u64 {
        let (mut left, mut right) = (value / self.half, value % self.half);
        for round in (0..ROUNDS).rev() {
            (left, right) = (
                (right + self.half - self.turn(round, left)) % self.half,
                left,
            );
        }
        left * self.half + right
    }

    fn turn(self, round: u64, digit: u64) -> u64 {
        mix(self.key ^ (round << 48) ^ digit) % self.half
    }
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn inverting_a_permutation_gives_the_value_back(seed: u64, id: u64, value in 0u64..1_000_000) {
            let permutation = Permutation::new(seed, id, 1000);
            let serial = permutation.apply(value);
            prop_assert!(serial < 1_000_000);
            prop_assert_eq!(permutation.invert(serial), value);
        }

        #[test]
        fn a_day_between_two_days_is_between_them(seed: u64, first in 0i32..20_000, span in 0i32..20_000) {
            let low = later(date(1960, 1, 1), first);
            let high = later(low, span);
            let day = Draw::new(seed, Topic::Life, 1).day_between(low, high);
            prop_assert!(low <= day && day <= high);
        }
    }

    #[test]
    fn a_weighted_draw_follows_its_weights() {
        let hits = (0..10_000)
            .filter(|id| Draw::new(7, Topic::Name, *id).weighted(&[(3, 0), (1, 1)]) == 1)
            .count();
        assert!((2300..2700).contains(&hits), "{hits}");
    }
}
