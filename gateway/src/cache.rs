//! What registries said, kept for a while, and readable with a permit only.
//!
//! A cache hit is a disclosure like any other: it is decided before and logged after, elsewhere.
//! Here is kept what a registry said of one subject in one dataset, with the attributes it was
//! asked for. It serves any permit for a subset of those; a registry is never asked for more than
//! the permit at hand allows just to fill the cache.
//!
//! - Equal reads at the same time cost one fetch, which goes on even if its first caller leaves.
//! - Each key has a generation. [`RecordCache::forget`] raises it, and a fetch that began before
//!   does not store its answer, so what was forgotten does not come back.
//! - It is bounded in bytes and in time.
//!
//! Reading is the only way in, and it takes a permit:
//!
//! ```compile_fail,E0061
//! use motlan_gateway::{cache::{ReadContext, RecordCache}, registry::Registry};
//! use std::sync::Arc;
//! async fn peek(cache: &Arc<RecordCache>, registry: &Arc<Registry>, context: &ReadContext) {
//!     let _ = cache.read(registry, context).await;
//! }
//! ```

mod in_flight;
mod reading;

pub use reading::Reading;

use crate::{metrics::Metrics, registry::Registry};
use in_flight::InFlight;
use moka::{ops::compute::Op, sync::Cache};
use motlan_policies::permit::Permit;
use motlan_schemas::{
    answer::{RegistryProblem, ServedFrom},
    catalogue::DatasetId,
    clock::Clock,
    ids::{AgencyId, RegistryId},
    query::Subject,
    record::Records,
};
use parking_lot::RwLock;
use reading::Held;
use std::{
    collections::HashSet,
    hash::{BuildHasher, Hash, RandomState},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// The circumstances of a read.
#[derive(Debug, Clone)]
pub struct ReadContext {
    /// When the caller stops waiting.
    pub wait_until: tokio::time::Instant,
    /// The trace to pass on to the registry.
    pub traceparent: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    registry: RegistryId,
    dataset: DatasetId,
    subject: Subject,
    /// Only for registries that answer differently depending on who asks.
    asker: Option<AgencyId>,
}

/// The cache.
#[derive(Debug)]
pub struct RecordCache {
    kept: Cache<Key, Arc<Vec<Arc<Held>>>>,
    in_flight: InFlight<Key>,
    generations: Generations,
    /// The agencies that keys name, so that forgetting need not look through the whole cache. There
    /// are never more than agencies.
    askers: RwLock<HashSet<AgencyId>>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
}

impl RecordCache {
    /// An empty cache of at most `bytes_max`.
    #[must_use]
    pub fn new(bytes_max: u64, clock: Arc<dyn Clock>, metrics: Arc<Metrics>) -> Self {
        let kept = Cache::builder()
            .max_capacity(bytes_max)
            .weigher(|_, variants: &Arc<Vec<Arc<Held>>>| weight(variants))
            .time_to_live(KEPT_MAX)
            .build();
        Self {
            kept,
            in_flight: InFlight::default(),
            generations: Generations::new(),
            askers: RwLock::default(),
            clock,
            metrics,
        }
    }

    /// Reads what the permit allows: from the cache if fresh enough, else from the registry.
    ///
    /// # Errors
    /// What is wrong with the registry, where nothing allowed is kept either.
    pub async fn read(
        self: &Arc<Self>,
        permit: &Arc<Permit>,
        registry: &Arc<Registry>,
        context: &ReadContext,
    ) -> Result<Reading, RegistryProblem> {
        let key = Key::of(permit, registry);
        let kept = self.kept_for(&key, permit);
        let max_age = permit.freshness().max_age;
        if let Some(held) = &kept
            && self.age(held) <= limit(held, max_age)
            && !max_age.is_zero()
        {
            self.metrics.cache_read(&registry.name, "hit");
            return Ok(Reading::new(Arc::clone(held), permit, ServedFrom::Cache));
        }
        match self.fetch(key, permit, registry, context).await {
            Ok(held) => {
                self.metrics.cache_read(&registry.name, "miss");
                Ok(Reading::new(held, permit, ServedFrom::Registry))
            }
            Err(problem) => kept
                .filter(|held| self.may_serve_stale(held, permit))
                .map(|held| {
                    self.metrics.cache_read(&registry.name, "stale");
                    Reading::stale(held, permit)
                })
                .ok_or(problem),
        }
    }

    /// Forgets what is kept of a subject in a dataset, also what is being fetched right now.
    pub fn forget(&self, registry: &RegistryId, dataset: DatasetId, subject: &Subject) {
        let is_it = |key: &Key| {
            key.registry == *registry && key.dataset == dataset && key.subject == *subject
        };
        self.generations.raise(dataset, subject);
        self.in_flight.forget(is_it);
        // Read after the generation is raised: an agency that is not there yet keeps nothing old.
        let askers: Vec<AgencyId> = self.askers.read().iter().cloned().collect();
        for asker in askers.into_iter().map(Some).chain([None]) {
            let key = Key {
                registry: registry.clone(),
                dataset,
                subject: subject.clone(),
                asker,
            };
            // Unlike `invalidate`, this waits for a `keep` of the same key that has begun.
            self.kept.entry(key).and_compute_with(|_| Op::Remove);
        }
    }

    /// Forgets all that is kept of a subject, also what is being fetched right now.
    pub fn forget_subject(&self, subject: &Subject, datasets: impl Iterator<Item = DatasetId>) {
        for dataset in datasets {
            self.generations.raise(dataset, subject);
        }
        self.in_flight.forget(|key| key.subject == *subject);
        let kept = self.kept.iter().map(|(key, _)| key);
        let keys: Vec<_> = kept.filter(|key| key.subject == *subject).collect();
        for key in keys {
            self.kept
                .entry(key.as_ref().clone())
                .and_compute_with(|_| Op::Remove);
        }
    }

    /// How many subjects' records are kept, and in how many bytes.
    #[must_use]
    pub fn size(&self) -> (u64, u64) {
        self.kept.run_pending_tasks();
        (self.kept.entry_count(), self.kept.weighted_size())
    }

    fn kept_for(&self, key: &Key, permit: &Permit) -> Option<Arc<Held>> {
        let variants = self.kept.get(key)?;
        variants
            .iter()
            .filter(|held| permit.attributes().is_subset(held.asked))
            .max_by_key(|held| held.as_of)
            .cloned()
    }

    async fn fetch(
        self: &Arc<Self>,
        key: Key,
        permit: &Arc<Permit>,
        registry: &Arc<Registry>,
        context: &ReadContext,
    ) -> Result<Arc<Held>, RegistryProblem> {
        let fetch = || {
            let (cache, key) = (Arc::clone(self), key.clone());
            let (permit, registry) = (Arc::clone(permit), Arc::clone(registry));
            let traceparent = context.traceparent.clone();
            async move {
                cache
                    .fetch_and_keep(key, &permit, &registry, traceparent)
                    .await
            }
        };
        // A caller who accepts no age at all must not join a fetch that began before the question.
        let shared = if permit.freshness().max_age.is_zero() {
            self.in_flight.alone(fetch())
        } else {
            self.in_flight
                .join_or_start(&key, permit.attributes(), fetch)
        };
        match tokio::time::timeout_at(context.wait_until, shared).await {
            Ok(result) => result,
            Err(_) => Err(RegistryProblem::RegistryTimeout),
        }
    }

    async fn fetch_and_keep(
        self: Arc<Self>,
        key: Key,
        permit: &Permit,
        registry: &Registry,
        traceparent: Option<String>,
    ) -> Result<Arc<Held>, RegistryProblem> {
        let generation = self.generations.current(key.dataset, &key.subject);
        let (fetched, requests) = registry.fetch(permit, traceparent).await?;
        let held = Arc::new(Held {
            asked: permit.attributes(),
            as_of: fetched.as_of().unwrap_or_else(|| self.clock.now()),
            over_delivered: fetched.over_delivered(),
            requests: AtomicU64::new(requests),
            records: fetched.into_records(),
            persons: OnceLock::new(),
        });
        self.keep(key, &held, generation);
        Ok(held)
    }

    /// Keeps an answer, unless its key was forgotten since the fetch began. The check happens
    /// inside the key's own lock, so that no `forget` can fall between it and the insertion.
    fn keep(&self, key: Key, held: &Arc<Held>, generation: u64) {
        let (dataset, subject) = (key.dataset, key.subject.clone());
        if let Some(asker) = &key.asker
            && !self.askers.read().contains(asker)
        {
            self.askers.write().insert(asker.clone());
        }
        self.kept.entry(key).and_compute_with(|entry| {
            if self.generations.current(dataset, &subject) != generation {
                return Op::Nop;
            }
            let mut variants = vec![Arc::clone(held)];
            if let Some(entry) = entry {
                let others = entry.into_value();
                // What is put in again lives on with the new answer, but never beyond its own time.
                let of_use = |other: &&Arc<Held>| {
                    !other.asked.is_subset(held.asked) && self.age(other) < KEPT_MAX
                };
                variants.extend(others.iter().filter(of_use).take(VARIANTS_MAX - 1).cloned());
            }
            Op::Put(Arc::new(variants))
        });
    }

    fn may_serve_stale(&self, held: &Held, permit: &Permit) -> bool {
        let freshness = permit.freshness();
        let limit = freshness.max_age.saturating_add(freshness.stale_if_error);
        !freshness.stale_if_error.is_zero() && self.age(held) <= limit
    }

    fn age(&self, held: &Held) -> Duration {
        self.clock.now().duration_since(held.as_of).unsigned_abs()
    }
}

impl Key {
    fn of(permit: &Permit, registry: &Registry) -> Self {
        let asker = || permit.asking().agency.clone();
        Self {
            registry: registry.id().clone(),
            dataset: permit.dataset(),
            subject: permit.subject().clone(),
            asker: registry.answers_depend_on_asker().then(asker),
        }
    }
}

/// "Nothing about this subject" is believed only shortly: a record may be made any moment.
fn limit(held: &Held, max_age: Duration) -> Duration {
    if matches!(held.records, Records::Absent) {
        max_age.min(ABSENCE_MAX)
    } else {
        max_age
    }
}

fn weight(variants: &[Arc<Held>]) -> u32 {
    let bytes: usize = variants
        .iter()
        .map(|held| held.records.bytes() + ENTRY_OVERHEAD)
        .sum();
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// Nothing is kept longer, however fresh a dataset may count.
pub(crate) const KEPT_MAX: Duration = Duration::from_hours(24);
/// How long "not found" is believed.
const ABSENCE_MAX: Duration = Duration::from_secs(30);
/// Answers to different selections that are kept for one subject and dataset.
const VARIANTS_MAX: usize = 4;
/// The key, the reference counts and the cache's own bookkeeping of one answer.
const ENTRY_OVERHEAD: usize = 160;

/// A counter for each subject and dataset, many of which share one by chance: then a fetch is kept
/// out of the cache without need, which harms nobody.
#[derive(Debug)]
struct Generations {
    counters: Box<[AtomicU64]>,
    hasher: RandomState,
}

impl Generations {
    fn new() -> Self {
        Self {
            counters: (0..4096).map(|_| AtomicU64::new(0)).collect(),
            hasher: RandomState::new(),
        }
    }

    fn current(&self, dataset: DatasetId, subject: &Subject) -> u64 {
        self.counter(dataset, subject)
            .map_or(0, |counter| counter.load(Ordering::Acquire))
    }

    fn raise(&self, dataset: DatasetId, subject: &Subject) {
        if let Some(counter) = self.counter(dataset, subject) {
            counter.fetch_add(1, Ordering::AcqRel);
        }
    }

    fn counter(&self, dataset: DatasetId, subject: &Subject) -> Option<&AtomicU64> {
        let hash = self.hasher.hash_one((dataset, subject));
        let place = hash % (self.counters.len() as u64).max(1);
        self.counters
            .get(usize::try_from(place).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests;
