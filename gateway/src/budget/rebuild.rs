//! Budgets and the count of citizens after a restart, from the access log.

use super::{Asker, Budgets, reach::Reach};
use crate::index::Entries;
use jiff::Timestamp;
use motlan_access_log::{
    entry::{Entry, Record, record::Access},
    pseudonym::Pseudonym,
    tile::{self, TILE_WIDTH},
};
use motlan_policies::agency::AgencyDirectory;
use motlan_schemas::ids::{ClientId, OfficerId};

/// How many entries are read back at most. A node that had more questions than these on one day
/// starts with the newest counted, rather than late.
pub const ENTRIES_MAX: u64 = 50_000;
/// No entry of the last day is further back.
const DAY_SECONDS: i64 = 24 * 3600;

/// The key under which a subject is counted: its pseudonym, cut short.
#[must_use]
pub fn key(pseudonym: &Pseudonym) -> u64 {
    let (first, _) = pseudonym
        .value
        .0
        .split_first_chunk()
        .unwrap_or((&[0; 8], &[]));
    u64::from_be_bytes(*first)
}

/// Counts the questions of this day again, newest first. Neighbours and misses start at zero.
/// Returns how many questions were counted.
pub fn budgets(
    budgets: &Budgets,
    agencies: &AgencyDirectory,
    entries: &Entries,
    now: Timestamp,
) -> u64 {
    let tree_size = entries.tiles.tree_size();
    let mut counted = 0;
    let last = tree_size.div_ceil(TILE_WIDTH.into());
    let first = tree_size.saturating_sub(ENTRIES_MAX);
    let first = first.max(kept_from(entries)) / u64::from(TILE_WIDTH);
    for bundle in (first..last).rev() {
        let mut is_of_this_day = false;
        for entry in readable(entries, bundle) {
            let Ok(asked) = entry.time.parse::<Timestamp>() else {
                continue;
            };
            is_of_this_day |= now.as_second() - asked.as_second() < DAY_SECONDS;
            let (Record::Disclosure(access) | Record::Refusal(access) | Record::Check(access)) =
                &entry.record
            else {
                continue;
            };
            let Ok(client) = access.client.parse::<ClientId>() else {
                continue;
            };
            let Some(agency) = agencies.by_client(&client) else {
                continue;
            };
            let officer = officer(access);
            let asker = Asker {
                client: &client,
                officer: officer.as_ref(),
            };
            let refused = matches!(entry.record, Record::Refusal(_)) || is_sealed(access);
            let key = key(&access.subject);
            budgets.recall(asker, &agency.budget, key, refused, (asked, now));
            counted += 1;
        }
        if !is_of_this_day {
            break;
        }
    }
    counted
}

/// Counts the citizens of all entries that the kept sketches may lack.
pub fn reach(reach: &Reach, entries: &Entries) {
    let first = reach.complete_to().max(kept_from(entries)) / u64::from(TILE_WIDTH);
    for bundle in first..entries.tiles.tree_size().div_ceil(TILE_WIDTH.into()) {
        for entry in readable(entries, bundle) {
            let (Record::Disclosure(access) | Record::Check(access)) = &entry.record else {
                continue;
            };
            let (Ok(client), Ok(told)) = (access.client.parse(), entry.time.parse()) else {
                continue;
            };
            if tells_of_citizen(access) {
                reach.recall(&client, key(&access.subject), told);
            }
        }
    }
}

/// The first entry that retention has left. A mark that cannot be read is met again below, at the
/// first bundle that is gone.
fn kept_from(entries: &Entries) -> u64 {
    entries.tiles.first().unwrap_or(0)
}

/// Whether the entry says that something was told of a citizen, and not of an enterprise.
fn tells_of_citizen(access: &Access) -> bool {
    access.attributes.iter().any(|attribute| {
        !attribute.starts_with("business.profile.") && !attribute.starts_with("business.owners.")
    })
}

fn is_sealed(access: &Access) -> bool {
    access.denied.iter().any(|denied| denied.reason == "sealed")
}

fn officer(access: &Access) -> Option<OfficerId> {
    access.officer.as_ref()?.id.parse().ok()
}

/// The entries of one bundle that can be read; the log's own start-up looks for damage. What was
/// erased counts no more.
fn readable(entries: &Entries, index: u64) -> Vec<Entry> {
    let Ok(bundle) = entries.tiles.bundle(index) else {
        tracing::warn!(
            bundle = index,
            "a bundle of the access log cannot be read back"
        );
        return Vec::new();
    };
    tile::entries(&bundle)
        .flatten()
        .filter_map(|entry| entries.details.read(entry).ok())
        .collect()
}
