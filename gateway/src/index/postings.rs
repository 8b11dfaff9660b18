//! Which entries name a value: a bitmap a shelf for what many entries share, and lines in drawers for
//! what few share. Nearly every entry has another case, and a bitmap for each would make sled slow.

use super::{
    facts::Facet,
    gather::Places,
    store::{POSTINGS, RARE, drawer},
};
use crate::keys::IndexKey;
use roaring::RoaringBitmap;
use sled::{Batch, Db};
use std::collections::HashMap;

/// The name of a value of a facet: a keyed hash.
pub(super) type Tag = [u8; 12];

/// A case (or an officer, in a long stretch) with at least so many entries in it has a bitmap there.
const RARE_BELOW: usize = 32;
/// In a stretch that is shorter, an officer has a bitmap in any case: one by one, entries would make
/// as many lines in drawers as they are, and a bitmap does not grow.
const LONG: usize = 4_096;
/// A line in a drawer: tag, place.
const LINE_BYTES: usize = 12 + 2;

/// Keeps the places of the values of a stretch.
pub(super) fn keep(
    database: &Db,
    batch: &mut Batch,
    key: &IndexKey,
    shelf: u64,
    length: usize,
    values: &[Places; Facet::COUNT],
) -> Result<(), sled::Error> {
    let officer_is_filed = length >= LONG;
    let mut rare: HashMap<u16, (u16, Vec<u8>)> = HashMap::new();
    for (facet, values) in (0..).zip(values) {
        for (value, places) in values {
            let tag = key.tag(facet, value);
            let is_filed =
                facet == Facet::Case.byte() || facet == Facet::Officer.byte() && officer_is_filed;
            if is_filed && places.len() < RARE_BELOW {
                for place in places {
                    let drawer = rare.entry(drawer(&tag));
                    let (first, lines) = drawer.or_insert_with(|| (*place, Vec::new()));
                    *first = *place.min(first);
                    lines.extend_from_slice(&tag);
                    lines.extend_from_slice(&place.to_be_bytes());
                }
                continue;
            }
            let mut bitmap = bitmap(database, &tag, shelf)?.unwrap_or_default();
            bitmap.extend(places.iter().map(|place| u32::from(*place)));
            bitmap.optimize();
            let mut bytes = Vec::with_capacity(bitmap.serialized_size());
            bitmap.serialize_into(&mut bytes)?;
            batch.insert(posting_key(&tag, shelf), bytes);
        }
    }
    for (drawer, (first, lines)) in rare {
        batch.insert(rare_key(drawer, shelf, first), lines);
    }
    Ok(())
}

/// The places of a value on a shelf.
pub(super) fn places(
    database: &Db,
    facet: Facet,
    tag: &Tag,
    shelf: u64,
) -> Result<RoaringBitmap, sled::Error> {
    let mut places = bitmap(database, tag, shelf)?.unwrap_or_default();
    if !matches!(facet, Facet::Case | Facet::Officer) {
        return Ok(places);
    }
    let drawer = drawer(tag);
    let filed = rare_key(drawer, shelf, 0)..=rare_key(drawer, shelf, u16::MAX);
    for lines in database.range(filed) {
        let (_, lines) = lines?;
        for line in lines.chunks_exact(LINE_BYTES) {
            let (whose, place) = line.split_at(tag.len());
            if let (true, Some(place)) = (whose == tag, place.first_chunk()) {
                places.insert(u16::from_be_bytes(*place).into());
            }
        }
    }
    Ok(places)
}

fn bitmap(database: &Db, tag: &Tag, shelf: u64) -> Result<Option<RoaringBitmap>, sled::Error> {
    let found = database.get(posting_key(tag, shelf))?;
    let bitmap = found.map(|bytes| RoaringBitmap::deserialize_from(&*bytes));
    Ok(bitmap.transpose()?)
}

fn posting_key(tag: &Tag, shelf: u64) -> Vec<u8> {
    [&[POSTINGS], tag.as_slice(), &shelf.to_be_bytes()].concat()
}

fn rare_key(drawer: u16, shelf: u64, first: u16) -> Vec<u8> {
    let mut key = vec![RARE];
    key.extend_from_slice(&drawer.to_be_bytes());
    key.extend_from_slice(&shelf.to_be_bytes());
    key.extend_from_slice(&first.to_be_bytes());
    key
}
