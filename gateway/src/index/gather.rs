//! Reads a stretch of the log and collects what the index has to know of it: on all processors where
//! there is much to read, since opening an entry costs more than keeping what it says.

use super::{
    facts::{EmergencyFact, Facet, Facts},
    replay::{ReplayError, read},
    store::{drawer, file, place},
};
use foldhash::fast::RandomState;
use jiff::Timestamp;
use motlan_access_log::{
    details::{DetailKeys, parts::Opener},
    store::TileStore,
    tile::TILE_WIDTH,
};
use std::{collections::HashMap, io, ops::Range, thread};

/// What a stretch says, which lies on one shelf.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) range: Range<u64>,
    /// The last entry, byte for byte.
    pub(super) last: Vec<u8>,
    /// The places of each value, ascending, by [`Facet`].
    pub(super) values: [Places; Facet::COUNT],
    /// The entries of each drawer, as the store keeps them.
    pub(super) drawers: HashMap<u16, Vec<u8>, RandomState>,
    /// The time of each entry in milliseconds, where it can be read.
    pub(super) times: Vec<Option<i64>>,
    /// What concerns emergency uses.
    pub(super) emergencies: Vec<(u64, EmergencyFact)>,
    /// Entries that an order hides, and until when.
    pub(super) hidden: Vec<(u64, Timestamp)>,
}

/// The places of values. An entry has some twenty values, so that hashing them matters.
pub(super) type Places = HashMap<Box<str>, Vec<u16>, RandomState>;

/// Entries that are worth a thread.
const SHARE_MIN: u64 = 4_096;

/// Reads a stretch, which must lie within the published log and on one shelf.
///
/// # Errors
/// The log cannot be read.
pub(super) fn gather(
    tiles: &TileStore,
    details: &DetailKeys,
    range: Range<u64>,
) -> Result<Gathered, ReplayError> {
    let width = u64::from(TILE_WIDTH);
    let length = range.end - range.start;
    let processors = thread::available_parallelism().map_or(1, usize::from) as u64;
    let shares = processors.min(length / SHARE_MIN).max(1);
    // Shares end where bundles end, so that no bundle is read twice.
    let share = (length / shares).next_multiple_of(width);
    let mut ends: Vec<u64> = (1..shares)
        .map(|n| ((range.start + n * share) / width * width).min(range.end))
        .collect();
    ends.push(range.end);
    let mut start = range.start;
    let ranges = ends.into_iter().map(|end| {
        let share = start..end;
        start = end;
        share
    });
    let mut ranges = ranges.collect::<Vec<_>>().into_iter();
    let first = ranges.next().unwrap_or(range);
    thread::scope(|scope| {
        let others = ranges.map(|range| scope.spawn(move || gather_share(tiles, details, range)));
        let others: Vec<_> = others.collect();
        let mut all = gather_share(tiles, details, first)?;
        for other in others {
            let gathered = other.join().map_err(|_| {
                let error = io::Error::other("a thread that reads the log has stopped");
                ReplayError::Follower(error.into())
            })?;
            all.append(gathered?);
        }
        Ok(all)
    })
}

fn gather_share(
    tiles: &TileStore,
    details: &DetailKeys,
    range: Range<u64>,
) -> Result<Gathered, ReplayError> {
    let mut gathered = Gathered {
        range: range.clone(),
        ..Gathered::default()
    };
    // What retention has removed keeps its place, and says nothing.
    let removed = tiles.first()?.clamp(range.start, range.end) - range.start;
    let removed = usize::try_from(removed).unwrap_or_default();
    gathered.times.resize(removed, None);
    let mut opener = Opener::new(details);
    read(tiles, range, |leaf_index, entry| {
        gathered.take(leaf_index, entry, &mut opener);
        Ok(())
    })?;
    Ok(gathered)
}

impl Gathered {
    /// Takes the next entry.
    pub(super) fn take(&mut self, leaf_index: u64, entry: &[u8], opener: &mut Opener<'_>) {
        let place = place(leaf_index);
        let facts = Facts::read(entry, opener, &mut |facet, value| {
            let Some(values) = self.values.get_mut(usize::from(facet.byte())) else {
                return;
            };
            match values.get_mut(value) {
                // A value that an entry names twice.
                Some(places) if places.last() == Some(&place) => {}
                Some(places) => places.push(place),
                None => {
                    values.insert(value.into(), vec![place]);
                }
            }
        });
        if let Some(subject) = &facts.subject {
            let drawer = self.drawers.entry(drawer(subject)).or_default();
            file(drawer, subject, leaf_index, facts.kind);
        }
        self.times.push(facts.time.map(Timestamp::as_millisecond));
        self.emergencies
            .extend(facts.emergency.map(|fact| (leaf_index, fact)));
        self.hidden
            .extend(facts.hidden_until.map(|until| (leaf_index, until)));
        if leaf_index + 1 == self.range.end {
            self.last = entry.to_vec();
        }
    }

    /// Adds what the following share says.
    fn append(&mut self, next: Self) {
        self.range.end = next.range.end;
        self.last = next.last;
        for (values, next) in self.values.iter_mut().zip(next.values) {
            for (value, places) in next {
                values.entry(value).or_default().extend(places);
            }
        }
        for (drawer, entries) in next.drawers {
            self.drawers.entry(drawer).or_default().extend(entries);
        }
        self.times.extend(next.times);
        self.emergencies.extend(next.emergencies);
        self.hidden.extend(next.hidden);
    }
}
