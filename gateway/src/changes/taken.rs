//! The events that were taken and could come again.
//!
//! An event that is too old is refused by its time, so only those of the last day are remembered, by
//! the hour in which they happened: forgetting an hour is one step. What is remembered is read from
//! the access log, and written nowhere but there. Of somebody who was erased, the entries cannot be
//! read any more: a replay of such an event after a restart forgets a copy once more than needed.

use super::{AGE_MAX, AHEAD_MAX, EventDigest};
use crate::index::{Entries, FollowerError, ReplayError};
use jiff::{SignedDuration, Timestamp};
use motlan_access_log::{
    details::DetailsError,
    entry::Record,
    store::ReadError,
    tile::{self, TILE_WIDTH},
};
use serde::Deserialize;
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
};

/// The first bytes of a digest: enough that no two of a million events are the same by chance.
type Short = [u8; 16];

/// The events of the last day.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    /// By hours since 1970.
    hours: BTreeMap<i64, HashSet<Short>>,
}

/// Entries stand in the log in the order in which they became durable, and their times are those of
/// the calls: an older time may stand this much later.
const DISORDER_MAX: SignedDuration = SignedDuration::from_mins(5);
const HOUR_SECONDS: i64 = 3_600;
/// How an entry about a change begins.
const KIND: &[u8] = br#"{"kind":"registry_change""#;

impl Taken {
    /// Reads the entries of the last day, the newest first.
    pub(super) fn read(entries: &Entries, now: Timestamp) -> Result<Self, ReplayError> {
        let mut taken = Self::default();
        let window = AGE_MAX + AHEAD_MAX + DISORDER_MAX;
        let oldest = now.saturating_sub(window).unwrap_or(Timestamp::MIN);
        let width = u64::from(TILE_WIDTH);
        let last = entries.tiles.tree_size().div_ceil(width);
        for index in (entries.tiles.first()? / width..last).rev() {
            let bundle = entries.tiles.bundle(index)?;
            let mut newest = None;
            for entry in tile::entries(&bundle) {
                let entry = entry.ok_or_else(|| ReadError::Damaged {
                    path: format!("bundle {index}"),
                })?;
                taken.see(entry, entries).map_err(ReplayError::Follower)?;
                newest = Some(entry);
            }
            if newest.and_then(time).is_some_and(|time| time < oldest) {
                break;
            }
        }
        taken.forget_before(now.saturating_sub(AGE_MAX).unwrap_or(Timestamp::MIN));
        Ok(taken)
    }

    fn see(&mut self, entry: &[u8], entries: &Entries) -> Result<(), FollowerError> {
        if !entry.starts_with(KIND) {
            return Ok(());
        }
        let entry = match entries.details.read(entry) {
            Err(DetailsError::Erased) => return Ok(()),
            entry => entry?,
        };
        let Record::RegistryChange(change) = entry.record else {
            return Err("the entry is of another kind than it says".into());
        };
        self.remember(EventDigest(change.event.0), change.occurred_at.parse()?);
        Ok(())
    }

    /// Whether an event was taken.
    pub(super) fn has(&self, event: EventDigest) -> bool {
        let short = short(event);
        self.hours.values().any(|events| events.contains(&short))
    }

    /// Remembers an event that happened at this time.
    pub(super) fn remember(&mut self, event: EventDigest, occurred_at: Timestamp) {
        let hour = hour(occurred_at);
        self.hours.entry(hour).or_default().insert(short(event));
    }

    /// Forgets the events that are refused by their time already.
    pub(super) fn forget_before(&mut self, oldest: Timestamp) {
        self.hours = self.hours.split_off(&hour(oldest));
    }

    /// How many events are remembered.
    pub(super) fn len(&self) -> usize {
        self.hours.values().map(HashSet::len).sum()
    }
}

fn short(event: EventDigest) -> Short {
    let first = event.0.first_chunk();
    first.copied().unwrap_or_default()
}

fn hour(time: Timestamp) -> i64 {
    time.as_second().div_euclid(HOUR_SECONDS)
}

/// The time of an entry, which stands in clear.
fn time(entry: &[u8]) -> Option<Timestamp> {
    #[derive(Deserialize)]
    struct Timed<'a> {
        #[serde(borrow)]
        time: Cow<'a, str>,
    }
    let timed: Timed<'_> = serde_json::from_slice(entry).ok()?;
    timed.time.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use motlan_access_log::{
        details::DetailKeys,
        entry::{
            Entry,
            record::{Bytes32, NodeStart, RegistryChange},
        },
        keys::LogKeys,
        log::{AccessLog, Options, TileLog},
        pseudonym::Pseudonym,
    };
    use std::sync::Arc;

    fn at(time: &str) -> Timestamp {
        time.parse().unwrap()
    }

    fn event(number: u8) -> EventDigest {
        EventDigest([number; 32])
    }

    #[test]
    fn an_hour_is_forgotten_when_none_of_its_events_would_be_taken() {
        let mut taken = Taken::default();
        taken.remember(event(1), at("2026-11-21T08:10:00Z"));
        taken.remember(event(2), at("2026-11-21T08:50:00Z"));
        taken.remember(event(3), at("2026-11-21T09:00:00Z"));
        taken.forget_before(at("2026-11-21T08:59:59Z"));
        assert!(taken.has(event(1)) && taken.has(event(2)) && taken.has(event(3)));
        taken.forget_before(at("2026-11-21T09:00:00Z"));
        assert!(!taken.has(event(1)) && !taken.has(event(2)) && taken.has(event(3)));
        assert_eq!(taken.len(), 1);
    }

    fn change(number: u8, occurred_at: &str) -> Record {
        Record::RegistryChange(RegistryChange {
            client: "population-registry".to_owned(),
            dataset: "population.residence".to_owned(),
            event: Bytes32(event(number).0),
            occurred_at: occurred_at.to_owned(),
            registry: "population".to_owned(),
            subject: Pseudonym {
                epoch: 1,
                value: Bytes32([number; 32]),
            },
        })
    }

    #[tokio::test]
    async fn what_was_taken_within_a_day_is_read_from_the_log_however_much_came_since() {
        let directory = tempfile::tempdir().unwrap();
        let place = |name: &str| directory.path().join(name);
        std::fs::create_dir(place("keys")).unwrap();
        let keys = LogKeys::open_or_create(&place("keys"), "log.example", || [7; 32]).unwrap();
        let options = Options::new(place("log"), place("second"), keys.signer);
        let log = TileLog::open(options).unwrap();
        let details = Arc::new(DetailKeys::kept_nowhere([3; 32]));
        let start = || {
            Record::NodeStart(NodeStart {
                cut_bytes: 0,
                mappings: Vec::new(),
                software: "test".to_owned(),
            })
        };
        let entry = |time: &str, record| {
            let time = time.to_owned();
            let nonce = Bytes32([0; 32]);
            details
                .seal(&Entry {
                    time,
                    nonce,
                    record,
                })
                .unwrap()
        };
        let mut all = vec![entry(
            "2026-11-20T07:00:00Z",
            change(1, "2026-11-20T07:00:00Z"),
        )];
        all.extend((0..300).map(|_| entry("2026-11-20T08:00:00Z", start())));
        all.push(entry(
            "2026-11-20T09:30:00Z",
            change(2, "2026-11-20T09:30:00Z"),
        ));
        all.extend((0..600).map(|_| entry("2026-11-21T08:00:00Z", start())));
        all.push(entry(
            "2026-11-21T08:30:00Z",
            change(3, "2026-11-21T08:34:00Z"),
        ));
        all.push(entry(
            "2026-11-21T08:31:00Z",
            change(4, "2026-11-21T08:31:00Z"),
        ));
        let size = log.append(all).await.unwrap().len() as u64;
        log.published(size).await.unwrap();
        let entries = Entries {
            tiles: log.tiles(),
            details: Arc::clone(&details),
        };
        let erased = Pseudonym {
            epoch: 1,
            value: Bytes32([4; 32]),
        };
        details.erase(&[erased]).unwrap();
        let taken = Taken::read(&entries, at("2026-11-21T09:00:00Z")).unwrap();
        let has = [1, 2, 3, 4].map(|number| taken.has(event(number)));
        assert_eq!(has, [false, true, true, false]);
        log.shutdown().unwrap();
    }
}
