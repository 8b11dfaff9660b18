//! What the log must still be able to say, however old it is: everything that is in force or not
//! decided yet rests on its entry.

use crate::{
    erasure::{self, OpenAlerts},
    index::{Entries, FollowerError, ReplayError, read},
};
use jiff::Timestamp;
use motlan_access_log::entry::{
    Entry, Record,
    record::{Bytes32, ConsentChange, SealChange},
};
use std::collections::{BTreeMap, HashMap};

/// What is still needed, found by reading the log once from its first entry.
#[derive(Debug, Default)]
pub struct Needed {
    /// Consents in force by id: their last entry, and when they end.
    consents: HashMap<String, (u64, Timestamp)>,
    /// Seals in force by keyed hash of the person.
    seals: HashMap<Bytes32, (u64, Timestamp)>,
    /// Emergency uses that wait for their review, by query.
    uses: HashMap<String, u64>,
    /// Entries that an order hides, and until when.
    hidden: BTreeMap<u64, Timestamp>,
    alerts: OpenAlerts,
    /// The pruning that the log says was done last: the first entry kept, and its own place.
    pub(super) pruning: Option<(u64, u64)>,
}

/// Why it cannot be found.
#[derive(Debug, thiserror::Error)]
pub enum NeededError {
    /// The log cannot be read.
    #[error(transparent)]
    Replay(#[from] ReplayError),
}

/// Kinds whose entries are understood wherever they stand; of all others those before `until` alone.
const ALWAYS: [&[u8]; 6] = [
    br#"{"kind":"consent_change""#,
    br#"{"kind":"seal_change""#,
    br#"{"kind":"emergency_review""#,
    br#"{"kind":"alert""#,
    br#"{"kind":"alert_review""#,
    br#"{"kind":"pruning""#,
];

impl Needed {
    /// Reads the log. Entries from `until` on are looked at only as far as they say that something
    /// older has ended.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn find(entries: &Entries, until: u64) -> Result<Self, NeededError> {
        let mut needed = Self::default();
        read(&entries.tiles, 0..u64::MAX, |place, bytes| {
            if place < until || ALWAYS.iter().any(|kind| bytes.starts_with(kind)) {
                // What is erased rests on nothing: nobody is erased while something is in force.
                if let Ok(entry) = entries.details.read(bytes) {
                    needed.see(place, entry);
                }
            }
            Ok::<_, FollowerError>(())
        })?;
        Ok(needed)
    }

    fn see(&mut self, place: u64, entry: Entry) {
        if let Some(hidden) = erasure::hidden(&entry.record) {
            // An end that cannot be read is no end.
            let until = hidden.until.parse().unwrap_or(Timestamp::MAX);
            self.hidden.insert(place, until);
        }
        match entry.record {
            Record::ConsentChange(change) => self.consent(place, change),
            Record::SealChange(change) => self.seal(place, &change),
            Record::Disclosure(access) | Record::Check(access) if access.emergency.is_some() => {
                self.uses.insert(access.query_id, place);
            }
            Record::EmergencyReview(review) => {
                self.uses.remove(&review.query_id);
            }
            Record::Pruning(pruning) => self.pruning = Some((pruning.before, place)),
            record => self.alerts.see(place, &record),
        }
    }

    fn consent(&mut self, place: u64, change: ConsentChange) {
        let until = change.consent.until.parse().unwrap_or(Timestamp::MAX);
        if change.change == "given" {
            self.consents.insert(change.consent.id, (place, until));
        } else {
            self.consents.remove(&change.consent.id);
        }
    }

    fn seal(&mut self, place: u64, change: &SealChange) {
        let until = change.until.parse().unwrap_or(Timestamp::MAX);
        if change.change == "lifted" {
            self.seals.remove(&change.holder);
        } else {
            self.seals.insert(change.holder, (place, until));
        }
    }

    /// The oldest entry that is needed at this time.
    #[must_use]
    pub fn oldest(&self, now: Timestamp) -> Option<u64> {
        let ends = self.consents.values().chain(self.seals.values()).copied();
        let hidden = self.hidden.iter().map(|(place, until)| (*place, *until));
        let in_force = ends.chain(hidden).filter(|(_, until)| now < *until);
        in_force
            .map(|(place, _)| place)
            .chain(self.uses.values().copied())
            .chain(self.alerts.oldest())
            .min()
    }
}
