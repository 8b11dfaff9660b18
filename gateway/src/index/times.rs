//! Between which times the entries of a bundle lie, so that a search by time reads only the bundles
//! at the borders of its period.

use super::store::{SHELF, TIMES};
use jiff::Timestamp;
use motlan_access_log::tile::TILE_WIDTH;
use sled::{Batch, Db};

/// The earliest and the latest time of a bundle's entries, in milliseconds.
type Span = (i64, i64);

/// A period of time: from, and until without its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Period {
    pub(super) from: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
}

/// How a bundle lies to a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lies {
    Outside,
    Inside,
    /// Its entries have to be read.
    Across,
}

/// The spans of the bundles of one shelf.
#[derive(Debug)]
pub(super) struct Spans(Vec<Span>);

const SPAN_BYTES: usize = 8 + 8;
/// What is known of a bundle with an entry whose time cannot be read: nothing.
const ANY: Span = (i64::MIN, i64::MAX);
/// A bundle of which no entry is indexed.
const NONE: Span = (i64::MAX, i64::MIN);

/// Keeps the times of a stretch, which follows what is kept of its shelf.
pub(super) fn keep(
    database: &Db,
    batch: &mut Batch,
    first_leaf: u64,
    times: Vec<Option<i64>>,
) -> Result<(), sled::Error> {
    let shelf = first_leaf / SHELF;
    let mut spans = Spans::of(database, shelf)?.0;
    for (leaf_index, time) in (first_leaf..).zip(times) {
        let bundle = bundle(leaf_index);
        let of_entry = time.map_or(ANY, |time| (time, time));
        if bundle >= spans.len() {
            spans.resize(bundle.saturating_add(1), NONE);
        }
        if let Some((earliest, latest)) = spans.get_mut(bundle) {
            *earliest = of_entry.0.min(*earliest);
            *latest = of_entry.1.max(*latest);
        }
    }
    let mut value = Vec::with_capacity(spans.len() * SPAN_BYTES);
    for (earliest, latest) in spans {
        value.extend_from_slice(&earliest.to_be_bytes());
        value.extend_from_slice(&latest.to_be_bytes());
    }
    batch.insert(key(shelf), value);
    Ok(())
}

impl Spans {
    pub(super) fn of(database: &Db, shelf: u64) -> Result<Self, sled::Error> {
        let value = database.get(key(shelf))?.unwrap_or_default();
        let (numbers, _) = value.as_chunks::<8>();
        let spans = numbers.chunks_exact(2).map(|pair| match pair {
            [earliest, latest] => (i64::from_be_bytes(*earliest), i64::from_be_bytes(*latest)),
            _ => ANY,
        });
        Ok(Self(spans.collect()))
    }

    /// How the bundle of an entry lies to a period.
    pub(super) fn lies(&self, leaf_index: u64, period: Period) -> Lies {
        let (earliest, latest) = self.0.get(bundle(leaf_index)).copied().unwrap_or(ANY);
        let from = period.from.map_or(i64::MIN, first_millisecond);
        let until = period.until.map_or(i64::MAX, first_millisecond);
        if latest < from || earliest >= until && period.until.is_some() {
            Lies::Outside
        } else if earliest >= from && (latest < until || period.until.is_none()) {
            Lies::Inside
        } else {
            Lies::Across
        }
    }
}

impl Period {
    pub(super) const fn is_all(self) -> bool {
        self.from.is_none() && self.until.is_none()
    }

    /// Whether a moment is within; what has no time is in no period.
    pub(super) fn holds(self, time: Option<Timestamp>) -> bool {
        time.is_some_and(|time| {
            self.from.is_none_or(|from| from <= time) && self.until.is_none_or(|until| time < until)
        })
    }
}

/// The first whole millisecond that is not before a moment: entries have whole ones.
fn first_millisecond(moment: Timestamp) -> i64 {
    let millisecond = moment.as_millisecond();
    match Timestamp::from_millisecond(millisecond) {
        Ok(whole) if whole < moment => millisecond + 1,
        _ => millisecond,
    }
}

/// The number of an entry's bundle on its shelf.
fn bundle(leaf_index: u64) -> usize {
    usize::try_from(leaf_index % SHELF / u64::from(TILE_WIDTH)).unwrap_or(usize::MAX)
}

fn key(shelf: u64) -> Vec<u8> {
    [&[TIMES], shelf.to_be_bytes().as_slice()].concat()
}
