//! Finds entries by what they say, newest first.
//!
//! Shelf by shelf, from the newest: the places of each value that is asked for are intersected, and
//! what is left is held against the period. Only entries of bundles that lie across the border of
//! the period are read.

use super::{
    IndexError, Reader,
    facts::Facet,
    postings::{self, Tag},
    replay::Entries,
    store::{SHELF, Store},
    times::{Lies, Period, Spans},
};
use jiff::Timestamp;
use motlan_access_log::{
    pseudonym::Pseudonym,
    store::{ReadError, TileStore},
    tile::{self, TILE_WIDTH},
};
use roaring::RoaringBitmap;
use serde::Deserialize;
use std::borrow::Cow;

/// What entries are wanted; everything that is named must hold.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// About any of these.
    pub subjects: Vec<Pseudonym>,
    /// Of any of these kinds, as [`Record::kind`](motlan_access_log::entry::Record::kind) names them.
    pub kinds: Vec<&'static str>,
    /// The agency that asked, or that a consent is for.
    pub agency: Option<String>,
    /// The program that was used.
    pub client: Option<String>,
    /// The officer's id within the agency.
    pub officer: Option<String>,
    /// The purpose, or one of a consent's.
    pub purpose: Option<String>,
    /// The agency's case number.
    pub case: Option<String>,
    /// A dataset that was asked for, or that changed.
    pub dataset: Option<String>,
    /// An attribute that was released.
    pub attribute: Option<String>,
    /// What came of it: `disclosed`, `refused`, `withdrawn`, ….
    pub outcome: Option<String>,
    /// The rule of a denial or of an alert.
    pub rule: Option<String>,
    /// A registry that was asked, whether it answered or not, or that told of a change.
    pub registry: Option<String>,
    /// Not before this moment.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}

/// Entries that were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Their places in the log, newest first.
    pub places: Vec<u64>,
    /// The `before` of the next page; `None` where there is nothing more.
    pub next: Option<u64>,
}

/// A filter in the index's own words.
struct Plan {
    subjects: Vec<[u8; 32]>,
    /// Of each list, one must hold.
    values: Vec<Vec<(Facet, Tag)>>,
    period: Period,
}

impl Reader {
    /// The places below `before` of the entries that a filter wants, newest first, at most `limit`.
    ///
    /// # Errors
    /// [`IndexError::Store`] or [`IndexError::Log`].
    pub fn search(
        &self,
        entries: &Entries,
        filter: &Filter,
        before: u64,
        limit: usize,
    ) -> Result<Found, IndexError> {
        let store = &self.0;
        let plan = Plan::of(filter, store);
        let before = before.min(store.next());
        let kept_from = entries.tiles.first()?;
        let mut found = Found::default();
        for shelf in (kept_from / SHELF..before.div_ceil(SHELF)).rev() {
            let first = shelf * SHELF;
            let mut places = plan.on_shelf(store, shelf)?;
            places.remove_range(place_from(before.saturating_sub(first))..);
            places.remove_range(..place_from(kept_from.saturating_sub(first)));
            if places.is_empty() {
                continue;
            }
            let mut within = Within::of(&plan, store, shelf)?;
            for place in places.iter().rev() {
                let leaf_index = first + u64::from(place);
                if !within.holds(&entries.tiles, leaf_index)? {
                    continue;
                }
                if found.places.len() >= limit {
                    found.next = Some(found.places.last().map_or(before, |last| *last));
                    return Ok(found);
                }
                found.places.push(leaf_index);
            }
        }
        Ok(found)
    }
}

impl Plan {
    fn of(filter: &Filter, store: &Store) -> Self {
        let one = |facet, value: &Option<String>| {
            let value = value.as_deref();
            value.map(|value| vec![(facet, store.tag(facet, value))])
        };
        let kinds = filter.kinds.iter();
        let kinds: Vec<_> = kinds
            .map(|kind| (Facet::Kind, store.tag(Facet::Kind, kind)))
            .collect();
        let values = [
            one(Facet::Case, &filter.case),
            one(Facet::Officer, &filter.officer),
            one(Facet::Rule, &filter.rule),
            one(Facet::Purpose, &filter.purpose),
            one(Facet::Client, &filter.client),
            one(Facet::Agency, &filter.agency),
            one(Facet::Attribute, &filter.attribute),
            one(Facet::Dataset, &filter.dataset),
            one(Facet::Registry, &filter.registry),
            one(Facet::Outcome, &filter.outcome),
            Some(kinds).filter(|kinds| !kinds.is_empty()),
        ];
        let mut values: Vec<_> = values.into_iter().flatten().collect();
        if values.is_empty() && filter.subjects.is_empty() {
            values.push(vec![(Facet::Entry, store.tag(Facet::Entry, ""))]);
        }
        Self {
            subjects: filter.subjects.iter().map(|s| s.value.0).collect(),
            values,
            period: Period {
                from: filter.from,
                until: filter.until,
            },
        }
    }

    /// The places on a shelf where everything but the period holds.
    fn on_shelf(&self, store: &Store, shelf: u64) -> Result<RoaringBitmap, IndexError> {
        let mut places: Option<RoaringBitmap> = None;
        let mut meet = |found: RoaringBitmap| {
            let met = match places.take() {
                Some(places) => places & found,
                None => found,
            };
            let goes_on = !met.is_empty();
            places = Some(met);
            goes_on
        };
        if !self.subjects.is_empty() {
            let mut any = RoaringBitmap::new();
            for subject in &self.subjects {
                any |= store.places_of(subject, shelf)?;
            }
            if !meet(any) {
                return Ok(RoaringBitmap::new());
            }
        }
        for values in &self.values {
            let mut any = RoaringBitmap::new();
            for (facet, tag) in values {
                any |= postings::places(store.database(), *facet, tag, shelf)?;
            }
            if !meet(any) {
                return Ok(RoaringBitmap::new());
            }
        }
        Ok(places.unwrap_or_default())
    }
}

/// Tells which entries of a shelf are within a period, asked in the order of the log or against it.
struct Within {
    period: Period,
    spans: Option<Spans>,
    /// The bundle that was read last, and the times of its entries.
    read: Option<(u64, Vec<Option<Timestamp>>)>,
}

impl Within {
    fn of(plan: &Plan, store: &Store, shelf: u64) -> Result<Self, IndexError> {
        let spans = match plan.period.is_all() {
            true => None,
            false => Some(Spans::of(store.database(), shelf)?),
        };
        Ok(Self {
            period: plan.period,
            spans,
            read: None,
        })
    }

    fn holds(&mut self, tiles: &TileStore, leaf_index: u64) -> Result<bool, IndexError> {
        let Some(spans) = &self.spans else {
            return Ok(true);
        };
        match spans.lies(leaf_index, self.period) {
            Lies::Inside => return Ok(true),
            Lies::Outside => return Ok(false),
            Lies::Across => {}
        }
        let width = u64::from(TILE_WIDTH);
        let index = leaf_index / width;
        let times = match self.read.take() {
            Some((known, times)) if known == index => times,
            _ => times(tiles, index)?,
        };
        let place = usize::try_from(leaf_index % width).unwrap_or(usize::MAX);
        let time = times.get(place).copied().flatten();
        self.read = Some((index, times));
        Ok(self.period.holds(time))
    }
}

/// The times of a bundle's entries, which stand in clear.
fn times(tiles: &TileStore, index: u64) -> Result<Vec<Option<Timestamp>>, ReadError> {
    #[derive(Deserialize)]
    struct Timed<'a> {
        #[serde(borrow)]
        time: Cow<'a, str>,
    }
    let bundle = tiles.bundle(index)?;
    let times = tile::entries(&bundle).map(|entry| {
        let timed: Timed<'_> = serde_json::from_slice(entry?).ok()?;
        timed.time.parse().ok()
    });
    Ok(times.collect())
}

/// The first place of a shelf that is not below `before`, both counted from the shelf's beginning.
fn place_from(before: u64) -> u32 {
    u32::try_from(before).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
