//! Registries say that a record has changed, and the gateway forgets its copy at once.
//!
//! Suppose Lan moves, and the population register tells of it. From the answer on nobody is told her
//! old address: not from the cache, not stale in an outage, and not by a fetch that was under way.
//!
//! Each event is an entry of the access log, which is also how an event that was taken is known when
//! it comes again ([`taken`]): the log is the truth, and nothing else is kept on disk. Changes are
//! taken one call after the other, so that an event that comes twice at the same time is taken once.

mod taken;

use crate::{
    app::App,
    index::{Entries, ReplayError},
    pipeline::Pipeline,
    random,
};
use aws_lc_rs::digest;
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
};
use jiff::{SignedDuration, Timestamp};
use motlan_access_log::{
    entry::{
        EncodedEntry, Entry, Record,
        record::{Bytes32, RegistryChange},
    },
    log::{AppendError, Appended},
};
use motlan_schemas::{catalogue::DatasetId, clock::wire_time, ids::RegistryId, query::Subject};
use std::{num::NonZeroU32, sync::Arc};
use taken::Taken;
use tokio::sync::Mutex;
use tracing::Instrument;

/// How old an event may be. Nothing is cached longer than this, so an older event tells of a change
/// that every copy has seen; and no event has to be remembered longer.
pub const AGE_MAX: SignedDuration = SignedDuration::from_hours(24);
/// How far a registry's clock may be ahead.
pub const AHEAD_MAX: SignedDuration = SignedDuration::from_mins(5);
/// Events of one call.
pub const EVENTS_MAX: usize = 1_000;
/// Events that a registry may tell of in a minute, on average: 288,000 in a day, each an entry of the
/// access log.
const EVENTS_PER_MINUTE: u32 = 200;
/// Events that it may tell of at once, after a time of silence.
const EVENTS_AT_ONCE: u32 = 5_000;
/// Events that are remembered; a million takes some 30 MB.
const TAKEN_MAX: usize = 1_000_000;
/// When there is room again, at the earliest: what is remembered goes hour by hour.
const ROOM_AFTER_SECONDS: u64 = 60;

/// The changes that registries tell of.
#[derive(Debug)]
pub struct Changes {
    /// What was taken before, read from the log when the first change comes. Whoever takes changes
    /// holds it from the first look to the last word.
    taken: Mutex<Option<Taken>>,
    quota: DefaultKeyedRateLimiter<RegistryId>,
    clock: DefaultClock,
}

/// A record that has changed, as an event tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The event.
    pub event: EventDigest,
    /// In which dataset.
    pub dataset: DatasetId,
    /// Whose record.
    pub subject: Subject,
    /// When.
    pub occurred_at: Timestamp,
}

/// An event's name: what it calls itself could hold anything, so a digest stands for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventDigest(pub [u8; 32]);

/// Who tells of changes.
#[derive(Debug, Clone)]
pub struct Teller {
    /// The registry.
    pub registry: RegistryId,
    /// The program that speaks for it.
    pub client: String,
}

/// Why no change was taken, of those that came together.
#[derive(Debug, thiserror::Error)]
pub enum ChangesError {
    /// These were taken before, by their places.
    #[error("{} events were taken before", .0.len())]
    Replayed(Vec<usize>),
    /// The registry has told of too many.
    #[error("more changes than the registry may tell of at once")]
    OverQuota {
        /// When to try again.
        seconds: u64,
    },
    /// They could not be logged. What they tell of may be forgotten, which harms nobody.
    #[error("the changes could not be logged")]
    Log(#[from] AppendError),
    /// Nobody knows what was taken before.
    #[error("what was taken before cannot be read from the access log")]
    Unread(#[from] ReplayError),
    /// The gateway is stopping, or has a mistake.
    #[error("the changes were cut short")]
    CutShort,
}

impl Default for Changes {
    fn default() -> Self {
        let some = |events| NonZeroU32::new(events).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_minute(some(EVENTS_PER_MINUTE)).allow_burst(some(EVENTS_AT_ONCE));
        Self {
            taken: Mutex::default(),
            quota: RateLimiter::keyed(quota),
            clock: DefaultClock::default(),
        }
    }
}

impl EventDigest {
    /// The name of an event of a registry. No registry can use up the names of another one.
    #[must_use]
    pub fn of(registry: &RegistryId, source: &str, id: &str) -> Self {
        let said = serde_json::json!(["motlan registry change", registry.as_str(), source, id]);
        let digest = digest::digest(&digest::SHA256, said.to_string().as_bytes());
        let mut bytes = [0; 32];
        // INVARIANT: SHA-256 has 32 bytes, so the lengths agree.
        bytes.copy_from_slice(digest.as_ref());
        Self(bytes)
    }
}

/// Takes changes, all or none: forgets what the cache has of them, and logs them durably. It goes on
/// when its caller leaves, because what is in the log must be forgotten and remembered.
///
/// # Errors
/// [`ChangesError`].
pub async fn take(
    app: &Arc<App>,
    teller: Teller,
    changes: Vec<Change>,
) -> Result<Vec<Appended>, ChangesError> {
    app.changes.within_quota(&teller.registry, changes.len())?;
    let app = Arc::clone(app);
    let taking = async move {
        let changed = app.changes.take(&app.pipeline, &teller, &changes);
        changed.await
    };
    let taking = tokio::spawn(taking.in_current_span());
    taking.await.unwrap_or(Err(ChangesError::CutShort))
}

impl Changes {
    fn within_quota(&self, registry: &RegistryId, events: usize) -> Result<(), ChangesError> {
        let Some(events) = u32::try_from(events).ok().and_then(NonZeroU32::new) else {
            return Ok(());
        };
        match self.quota.check_key_n(registry, events) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(not_until)) => {
                let wait = not_until.wait_time_from(self.clock.now());
                let seconds = wait.as_secs().saturating_add(1);
                Err(ChangesError::OverQuota { seconds })
            }
            // INVARIANT: a call has fewer events than may be told of at once.
            Err(_) => Err(ChangesError::CutShort),
        }
    }

    async fn take(
        &self,
        pipeline: &Pipeline,
        teller: &Teller,
        changes: &[Change],
    ) -> Result<Vec<Appended>, ChangesError> {
        let mut taken = self.taken.lock().await;
        let now = pipeline.clock.now();
        let taken = match &mut *taken {
            Some(taken) => taken,
            unread => unread.insert(read_taken(pipeline, now).await?),
        };
        taken.forget_before(now.saturating_sub(AGE_MAX).unwrap_or(Timestamp::MIN));
        let events = changes.iter().enumerate();
        let replayed = events.filter(|(_, change)| taken.has(change.event));
        let replayed: Vec<_> = replayed.map(|(place, _)| place).collect();
        if !replayed.is_empty() {
            return Err(ChangesError::Replayed(replayed));
        }
        if taken.len() + changes.len() > TAKEN_MAX {
            let seconds = ROOM_AFTER_SECONDS;
            return Err(ChangesError::OverQuota { seconds });
        }
        let entries = seal(pipeline, teller, changes, now).await?;
        let forget = || {
            for Change {
                dataset, subject, ..
            } in changes
            {
                pipeline.cache.forget(&teller.registry, *dataset, subject);
            }
        };
        // Before: whoever asks while the log is slow is not told the old record any more.
        forget();
        let appended = pipeline.log.append(entries).await?;
        for change in changes {
            taken.remember(change.event, change.occurred_at);
        }
        // After: what is served from the cache from now on was fetched when the entry stood.
        forget();
        Ok(appended)
    }
}

async fn read_taken(pipeline: &Pipeline, now: Timestamp) -> Result<Taken, ChangesError> {
    // What a crash left unpublished is published within a moment.
    let published = pipeline.log.published(pipeline.log.tree_size()).await;
    let _ = published.map_err(AppendError::Unavailable)?;
    let entries = Entries {
        tiles: pipeline.log.tiles(),
        details: Arc::clone(pipeline.entries.details()),
    };
    let reading = tokio::task::spawn_blocking(move || Taken::read(&entries, now));
    let taken = reading.await.map_err(|_| ChangesError::CutShort)??;
    tracing::info!(
        events = taken.len(),
        "the change events taken lately are read from the log"
    );
    Ok(taken)
}

/// The entries of changes. Sealing a thousand takes a while, which other calls need not wait for.
async fn seal(
    pipeline: &Pipeline,
    teller: &Teller,
    changes: &[Change],
    now: Timestamp,
) -> Result<Vec<EncodedEntry>, ChangesError> {
    let entries = changes.iter().map(|change| Entry {
        time: wire_time(now),
        nonce: Bytes32(random::bytes(pipeline.random.as_ref())),
        record: Record::RegistryChange(RegistryChange {
            client: teller.client.clone(),
            dataset: pipeline.catalogue.dataset(change.dataset).name.to_string(),
            event: Bytes32(change.event.0),
            occurred_at: wire_time(change.occurred_at),
            registry: teller.registry.to_string(),
            subject: pipeline.entries.subject(&change.subject),
        }),
    });
    let entries: Vec<_> = entries.collect();
    let writer = Arc::clone(&pipeline.entries);
    let sealing = move || entries.iter().map(|entry| writer.seal(entry)).collect();
    let sealed: Result<_, AppendError> = tokio::task::spawn_blocking(sealing)
        .await
        .map_err(|_| ChangesError::CutShort)?;
    Ok(sealed?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_named_by_registry_source_and_id_and_by_nothing_between_them() {
        let digest =
            |registry: &str, source, id| EventDigest::of(&registry.parse().unwrap(), source, id);
        let one = digest("population", "/a", "b");
        assert_eq!(one, digest("population", "/a", "b"));
        for other in [
            digest("land", "/a", "b"),
            digest("population", "/a/", "b"),
            digest("population", "/", "ab"),
            digest("population", "/a\",\"b", ""),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn a_registry_uses_up_its_own_quota_and_no_other() {
        let changes = Changes::default();
        let (population, land) = ("population".parse().unwrap(), "land".parse().unwrap());
        for _ in 0..5 {
            assert!(changes.within_quota(&population, EVENTS_MAX).is_ok());
        }
        let over = changes.within_quota(&population, EVENTS_MAX).unwrap_err();
        assert!(
            matches!(over, ChangesError::OverQuota { seconds: 1.. }),
            "{over}"
        );
        assert!(changes.within_quota(&land, EVENTS_MAX).is_ok());
        assert!(changes.within_quota(&population, 0).is_ok());
    }
}
