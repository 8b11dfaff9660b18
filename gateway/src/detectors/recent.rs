//! What detectors remember: bounded, for four weeks, and the same after every replay.

use super::{Day, REMEMBERED_DAYS};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

/// How many officers, cases or purposes one detector tells apart. Above it, those that were seen
/// last the longest ago are forgotten; newcomers of a day that alone fills it are counted together.
const TOLD_APART_MAX: usize = 50_000;
/// How many of the entries behind a finding are kept: enough to look at, few enough to keep.
const PLACES_MAX: usize = 20;

/// Something about each of many, for those that were seen lately.
#[derive(Debug)]
pub(super) struct Recent<V> {
    /// With the day on which each was seen last. Ordered, so that forgetting is the same each time.
    held: BTreeMap<Arc<str>, (Day, V)>,
    /// Of all for whom there was no room.
    rest: V,
    max: usize,
    today: Day,
}

/// Something that begins anew with each day.
#[derive(Debug, Default)]
pub(super) struct Daily<T> {
    day: Day,
    value: T,
}

/// How often something happened, and where last.
#[derive(Debug, Default)]
pub(super) struct Hits {
    pub(super) count: u64,
    pub(super) places: VecDeque<u64>,
}

impl<V: Default> Default for Recent<V> {
    fn default() -> Self {
        Self::with_max(TOLD_APART_MAX)
    }
}

impl<V: Default> Recent<V> {
    pub(super) fn with_max(max: usize) -> Self {
        Self {
            held: BTreeMap::new(),
            rest: V::default(),
            max,
            today: Day::MIN,
        }
    }

    /// What there is about one, seen on this day.
    pub(super) fn of(&mut self, key: &Arc<str>, day: Day) -> &mut V {
        if day > self.today {
            self.today = day;
            self.held
                .retain(|_, (seen, _)| day - *seen <= REMEMBERED_DAYS);
            self.rest = V::default();
        }
        if !self.held.contains_key(key) && self.held.len() >= self.max && !self.makes_room() {
            return &mut self.rest;
        }
        let (seen, value) = self.held.entry(Arc::clone(key)).or_default();
        *seen = day;
        value
    }

    /// Forgets those of the day furthest back, if that is not today.
    fn makes_room(&mut self) -> bool {
        let oldest = self.held.values().map(|(seen, _)| *seen).min();
        let Some(oldest) = oldest.filter(|oldest| *oldest < self.today) else {
            return false;
        };
        self.held.retain(|_, (seen, _)| *seen > oldest);
        true
    }
}

impl<T: Default> Daily<T> {
    /// What there is of this day.
    pub(super) fn on(&mut self, day: Day) -> &mut T {
        if self.day != day {
            *self = Self {
                day,
                value: T::default(),
            };
        }
        &mut self.value
    }
}

impl Hits {
    /// Counts an entry; tells how many there are now.
    pub(super) fn add(&mut self, place: u64) -> u64 {
        self.count += 1;
        self.show(place);
        self.count
    }

    /// Keeps an entry to be shown.
    pub(super) fn show(&mut self, place: u64) {
        if self.places.len() == PLACES_MAX {
            self.places.pop_front();
        }
        self.places.push_back(place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Arc<str> {
        text.into()
    }

    #[test]
    fn who_was_not_seen_for_four_weeks_is_forgotten() {
        let mut recent = Recent::<u64>::default();
        *recent.of(&key("a"), 100) += 1;
        *recent.of(&key("a"), 100 + REMEMBERED_DAYS) += 1;
        assert_eq!(*recent.of(&key("a"), 100 + REMEMBERED_DAYS), 2);
        let later = 101 + 2 * REMEMBERED_DAYS;
        assert_eq!(*recent.of(&key("a"), later), 0);
    }

    #[test]
    fn memory_is_bounded_and_newcomers_without_room_are_counted_together() {
        let mut recent = Recent::<u64>::with_max(2);
        *recent.of(&key("a"), 1) += 1;
        *recent.of(&key("b"), 2) += 1;
        *recent.of(&key("c"), 2) += 1;
        assert_eq!(recent.held.len(), 2, "a was seen before today");
        assert!(!recent.held.contains_key("a"));
        *recent.of(&key("d"), 2) += 1;
        *recent.of(&key("e"), 2) += 1;
        assert_eq!(recent.held.len(), 2);
        assert_eq!(recent.rest, 2);
        assert_eq!(*recent.of(&key("b"), 2), 1);
    }

    #[test]
    fn of_many_hits_the_last_ones_are_shown() {
        let mut hits = Hits::default();
        for place in 0..50 {
            assert_eq!(hits.add(place), place + 1);
        }
        let shown: Vec<_> = hits.places.into_iter().collect();
        assert_eq!(shown, (30..50).collect::<Vec<_>>());
    }
}
