//! The cache serves what it may, asks once for what many want, and never brings back what it was
//! told to forget.

use super::*;
use crate::registry::RegistryLimits;
use async_trait::async_trait;
use jiff::Timestamp;
use motlan_adapter_sdk::{
    adapter::{Adapter, AdapterError, Call, Descriptor, Fetched, ServedDataset},
    contract::{Contract, Mapped},
};
use motlan_policies::permit::{Asking, Freshness};
use motlan_schemas::{catalogue::Catalogue, clock::FixedClock, ids::QueryId};
use serde_json::json;
use std::sync::{LazyLock, atomic::AtomicUsize};
use tokio::sync::Notify;

static CATALOGUE: LazyLock<Arc<Catalogue>> = LazyLock::new(Catalogue::national);
/// Its validators take a while to make.
static CONTRACT: LazyLock<Arc<Contract>> =
    LazyLock::new(|| Arc::new(Contract::new(Arc::clone(&CATALOGUE)).unwrap()));

/// A registry in memory, which answers when it is let.
#[derive(Debug)]
struct FakeRegistry {
    descriptor: Descriptor,
    contract: Arc<Contract>,
    fetches: AtomicUsize,
    knows: std::sync::atomic::AtomicBool,
    down: std::sync::atomic::AtomicBool,
    panics: std::sync::atomic::AtomicBool,
    /// While set, a fetch waits for this.
    gate: parking_lot::Mutex<Option<Arc<Notify>>>,
    /// The name that it knows now.
    name: parking_lot::Mutex<String>,
    /// The seed of how many turns a fetch takes to bring what it has found; 0: none.
    seed: AtomicU64,
}

impl FakeRegistry {
    async fn turns(&self) {
        wait_turns(&self.seed).await;
    }
}

/// Waits a number of turns that follows from a seed, which moves on.
async fn wait_turns(seed: &AtomicU64) {
    let before = seed.load(Ordering::SeqCst);
    if before == 0 {
        return;
    }
    // An odd multiplier and an odd summand: the seed comes back only after 2^64 steps.
    let next = before.wrapping_mul(6_364_136_223_846_793_005);
    seed.store(
        next.wrapping_add(1_442_695_040_888_963_407).max(1),
        Ordering::SeqCst,
    );
    for _ in 0..(next >> 60) {
        tokio::task::yield_now().await;
    }
}

#[async_trait]
impl Adapter for FakeRegistry {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    async fn fetch(&self, permit: &Permit, _: &Call) -> Result<Fetched, AdapterError> {
        self.fetches.fetch_add(1, Ordering::SeqCst);
        let gate = self.gate.lock().clone();
        if let Some(gate) = gate {
            gate.notified().await;
        }
        assert!(
            !self.panics.load(Ordering::SeqCst),
            "the adapter has a mistake"
        );
        if self.down.load(Ordering::SeqCst) {
            return Err(AdapterError::Down {
                reason: "test".to_owned(),
            });
        }
        let mapped = if self.knows.load(Ordering::SeqCst) {
            let name = self.name.lock().clone();
            let record = json!({"full_name": name, "sex": "female", "birth_date": "1985"});
            self.turns().await;
            Mapped::One(record.as_object().unwrap().clone())
        } else {
            Mapped::NotFound
        };
        self.contract.check(permit, mapped, None)
    }

    async fn health(&self, _: &Call) -> Result<(), AdapterError> {
        Ok(())
    }
}

struct Test {
    catalogue: Arc<Catalogue>,
    fake: Arc<FakeRegistry>,
    registry: Arc<Registry>,
    cache: Arc<RecordCache>,
    clock: Arc<FixedClock>,
}

impl Test {
    fn new() -> Self {
        Self::of_registry(false)
    }

    fn of_registry(answers_depend_on_asker: bool) -> Self {
        let catalogue = Arc::clone(&CATALOGUE);
        let identity = catalogue.dataset_named("population.identity").unwrap().id;
        let fake = Arc::new(FakeRegistry {
            descriptor: Descriptor {
                registry: "population".parse().unwrap(),
                datasets: vec![ServedDataset {
                    dataset: identity,
                    selective: true,
                }],
                answers_depend_on_asker,
            },
            contract: Arc::clone(&CONTRACT),
            fetches: AtomicUsize::new(0),
            knows: true.into(),
            down: false.into(),
            panics: false.into(),
            gate: parking_lot::Mutex::new(None),
            name: parking_lot::Mutex::new("NGUYỄN THỊ LAN".to_owned()),
            seed: AtomicU64::new(0),
        });
        let metrics = Arc::new(Metrics::new());
        let limits = RegistryLimits {
            breaker_failures: 1_000,
            ..RegistryLimits::default()
        };
        let adapter = Arc::clone(&fake) as Arc<dyn Adapter>;
        let registry = Arc::new(Registry::new(adapter, &limits, Arc::clone(&metrics)));
        let clock = Arc::new(FixedClock::new("2026-11-21T01:00:00Z".parse().unwrap()));
        let as_clock = Arc::clone(&clock) as Arc<dyn Clock>;
        let cache = Arc::new(RecordCache::new(1 << 20, as_clock, metrics));
        Self {
            catalogue,
            fake,
            registry,
            cache,
            clock,
        }
    }

    fn permit(&self, names: &[&str], freshness: Freshness) -> Arc<Permit> {
        self.permit_of("ward", names, freshness)
    }

    fn permit_of(&self, agency: &str, names: &[&str], freshness: Freshness) -> Arc<Permit> {
        let asking = Asking {
            query_id: QueryId::new(Timestamp::UNIX_EPOCH, [0; 10]),
            decided_at: Timestamp::UNIX_EPOCH,
            agency: agency.parse().unwrap(),
            client: "ward-desk".parse().unwrap(),
            officer: None,
            purpose: "birth-registration".parse().unwrap(),
            case: None,
        };
        let resolved = names
            .iter()
            .map(|name| self.catalogue.resolve(name).unwrap());
        let (dataset, attributes) = resolved.reduce(|(d, a), (_, b)| (d, a | b)).unwrap();
        let permit = Permit::dangerous_without_decision(asking, lan(), dataset, attributes);
        Arc::new(permit.dangerous_with_freshness(freshness))
    }

    fn name(&self) -> Arc<Permit> {
        self.permit(&["population.identity.full_name"], FRESH)
    }

    async fn read(&self, permit: &Arc<Permit>) -> Result<Reading, RegistryProblem> {
        let wait_until = tokio::time::Instant::now() + Duration::from_secs(5);
        let context = ReadContext {
            wait_until,
            traceparent: None,
        };
        self.cache.read(permit, &self.registry, &context).await
    }

    fn fetches(&self) -> usize {
        self.fake.fetches.load(Ordering::SeqCst)
    }

    fn later(&self, seconds: i64) {
        self.clock
            .set(self.clock.now() + jiff::SignedDuration::from_secs(seconds));
    }
}

const FRESH: Freshness = Freshness {
    max_age: Duration::from_mins(1),
    stale_if_error: Duration::ZERO,
};

fn lan() -> Subject {
    Subject::Person("001185012345".parse().unwrap())
}

#[tokio::test]
async fn a_second_read_is_served_from_the_cache_until_it_is_too_old() {
    let test = Test::new();
    let permit = test.name();
    assert_eq!(
        test.read(&permit).await.unwrap().served_from,
        ServedFrom::Registry
    );
    assert_eq!(
        test.read(&permit).await.unwrap().served_from,
        ServedFrom::Cache
    );
    test.later(61);
    assert_eq!(
        test.read(&permit).await.unwrap().served_from,
        ServedFrom::Registry
    );
    assert_eq!(test.fetches(), 2);
}

#[tokio::test]
async fn a_permit_for_fewer_attributes_is_served_and_one_for_more_is_not() {
    let test = Test::new();
    let both = test.permit(
        &[
            "population.identity.full_name",
            "population.identity.birth_date",
        ],
        FRESH,
    );
    test.read(&both).await.unwrap();
    assert_eq!(
        test.read(&test.name()).await.unwrap().served_from,
        ServedFrom::Cache
    );
    let identity = test.catalogue.dataset_named("population.identity").unwrap();
    let only_name = test.read(&test.name()).await.unwrap().to_json(identity);
    assert_eq!(only_name.unwrap(), r#"{"full_name":"NGUYỄN THỊ LAN"}"#);
    let more = test.permit(&["population.identity.sex"], FRESH);
    assert_eq!(
        test.read(&more).await.unwrap().served_from,
        ServedFrom::Registry
    );
    assert_eq!(
        test.read(&both).await.unwrap().served_from,
        ServedFrom::Cache
    );
}

#[tokio::test]
async fn zero_max_age_always_asks() {
    let test = Test::new();
    let none = Freshness {
        max_age: Duration::ZERO,
        stale_if_error: Duration::ZERO,
    };
    let permit = test.permit(&["population.identity.full_name"], none);
    for _ in 0..3 {
        assert_eq!(
            test.read(&permit).await.unwrap().served_from,
            ServedFrom::Registry
        );
    }
    assert_eq!(test.fetches(), 3);
}

#[tokio::test]
async fn equal_reads_at_the_same_time_cost_one_fetch() {
    let test = Test::new();
    let gate = Arc::new(Notify::new());
    *test.fake.gate.lock() = Some(Arc::clone(&gate));
    let permit = test.name();
    let reads = futures::future::join_all((0..10).map(|_| test.read(&permit)));
    let open = async {
        while test.fetches() == 0 {
            tokio::task::yield_now().await;
        }
        gate.notify_waiters();
        gate.notify_one();
    };
    let (reads, ()) = tokio::join!(reads, open);
    assert!(reads.iter().all(Result::is_ok));
    assert_eq!(test.fetches(), 1);
}

#[tokio::test]
async fn what_is_forgotten_during_a_fetch_does_not_come_back() {
    let test = Test::new();
    let gate = Arc::new(Notify::new());
    *test.fake.gate.lock() = Some(Arc::clone(&gate));
    let permit = test.name();
    let forget = async {
        while test.fetches() == 0 {
            tokio::task::yield_now().await;
        }
        test.cache
            .forget(test.registry.id(), permit.dataset(), &lan());
        gate.notify_one();
    };
    let (first, ()) = tokio::join!(test.read(&permit), forget);
    assert!(first.is_ok());
    *test.fake.gate.lock() = None;
    assert_eq!(
        test.read(&permit).await.unwrap().served_from,
        ServedFrom::Registry
    );
}

#[tokio::test]
async fn whoever_reads_after_forgetting_is_not_told_the_old_record_in_any_order() {
    for seed in 1..600_u64 {
        let test = Test::of_registry(seed % 2 == 0);
        test.fake
            .seed
            .store(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15), Ordering::SeqCst);
        let identity = test.catalogue.dataset_named("population.identity").unwrap();
        let turns = AtomicU64::new(seed);
        // The number of changes that every answer must know of which is asked for now.
        let forgotten = AtomicUsize::new(0);
        let reader = async |agency: &str, attributes: &[&str]| {
            let permit = test.permit_of(agency, attributes, FRESH);
            for _ in 0..4 {
                wait_turns(&turns).await;
                let known = forgotten.load(Ordering::SeqCst);
                let reading = test.read(&permit).await.unwrap();
                let told = reading.to_json(identity).unwrap();
                let told: serde_json::Value = serde_json::from_str(&told).unwrap();
                let told: usize = told["full_name"].as_str().unwrap().parse().unwrap();
                assert!(told >= known, "seed {seed}: {told} of {known}");
            }
        };
        let registry = async {
            for change in 1..=3 {
                *test.fake.name.lock() = change.to_string();
                wait_turns(&turns).await;
                test.cache.forget(test.registry.id(), identity.id, &lan());
                forgotten.store(change, Ordering::SeqCst);
                wait_turns(&turns).await;
            }
        };
        *test.fake.name.lock() = "0".to_owned();
        let name = ["population.identity.full_name"];
        let more = ["population.identity.full_name", "population.identity.sex"];
        tokio::join!(
            registry,
            reader("ward", &name),
            reader("ward", &more),
            reader("province", &name),
        );
    }
}

#[tokio::test]
async fn each_agency_s_own_answer_is_forgotten_and_nobody_else_s_record() {
    let test = Test::of_registry(true);
    let name = ["population.identity.full_name"];
    let (ward, province) = (
        test.permit_of("ward", &name, FRESH),
        test.permit_of("province", &name, FRESH),
    );
    for permit in [&ward, &province] {
        test.read(permit).await.unwrap();
    }
    let other = Subject::Person("001082004321".parse().unwrap());
    test.cache
        .forget(test.registry.id(), ward.dataset(), &other);
    test.cache
        .forget(&"land".parse().unwrap(), ward.dataset(), &lan());
    for permit in [&ward, &province] {
        let reading = test.read(permit).await.unwrap();
        assert_eq!(reading.served_from, ServedFrom::Cache);
    }
    test.cache
        .forget(test.registry.id(), ward.dataset(), &lan());
    assert_eq!(test.cache.size().0, 0);
    for permit in [&ward, &province] {
        let reading = test.read(permit).await.unwrap();
        assert_eq!(reading.served_from, ServedFrom::Registry);
    }
}

#[tokio::test]
async fn what_is_forgotten_is_not_served_in_an_outage_either() {
    let test = Test::new();
    let allowed = Freshness {
        max_age: Duration::from_mins(1),
        stale_if_error: Duration::from_hours(1),
    };
    let permit = test.permit(&["population.identity.full_name"], allowed);
    test.read(&permit).await.unwrap();
    test.later(90);
    test.fake.down.store(true, Ordering::SeqCst);
    assert!(test.read(&permit).await.unwrap().stale);
    test.cache
        .forget(test.registry.id(), permit.dataset(), &lan());
    assert_eq!(
        test.read(&permit).await.unwrap_err(),
        RegistryProblem::RegistryDown
    );
}

#[tokio::test]
async fn an_answer_that_is_kept_beside_a_newer_one_lives_no_longer_for_it() {
    let test = Test::new();
    let always = Freshness {
        max_age: Duration::from_hours(100),
        stale_if_error: Duration::ZERO,
    };
    let name = test.permit(&["population.identity.full_name"], always);
    let sex = test.permit(&["population.identity.sex"], always);
    test.read(&name).await.unwrap();
    test.later(23 * 3_600);
    test.read(&sex).await.unwrap();
    let reading = test.read(&name).await.unwrap();
    assert_eq!(reading.served_from, ServedFrom::Cache);
    test.later(3_600);
    test.read(&test.permit(&["population.identity.birth_date"], always))
        .await
        .unwrap();
    let reading = test.read(&name).await.unwrap();
    assert_eq!(reading.served_from, ServedFrom::Registry);
}

#[tokio::test]
async fn a_caller_who_leaves_does_not_take_the_fetch_along() {
    let test = Test::new();
    let gate = Arc::new(Notify::new());
    *test.fake.gate.lock() = Some(Arc::clone(&gate));
    let permit = test.name();
    let wait_until = tokio::time::Instant::now() + Duration::from_millis(20);
    let context = ReadContext {
        wait_until,
        traceparent: None,
    };
    let first = test.cache.read(&permit, &test.registry, &context).await;
    assert_eq!(first.unwrap_err(), RegistryProblem::RegistryTimeout);
    gate.notify_one();
    assert!(test.read(&permit).await.is_ok());
    assert_eq!(test.fetches(), 1);
}

#[tokio::test]
async fn absence_is_believed_only_shortly() {
    let test = Test::new();
    test.fake.knows.store(false, Ordering::SeqCst);
    let hour = Freshness {
        max_age: Duration::from_hours(1),
        stale_if_error: Duration::ZERO,
    };
    let permit = test.permit(&["population.identity.full_name"], hour);
    assert!(test.read(&permit).await.unwrap().is_absent());
    test.later(31);
    assert_eq!(
        test.read(&permit).await.unwrap().served_from,
        ServedFrom::Registry
    );
}

#[tokio::test]
async fn a_stale_answer_is_served_only_where_the_purpose_allows_it_and_says_so() {
    let test = Test::new();
    test.read(&test.name()).await.unwrap();
    test.later(90);
    test.fake.down.store(true, Ordering::SeqCst);
    assert_eq!(
        test.read(&test.name()).await.unwrap_err(),
        RegistryProblem::RegistryDown
    );
    let allowed = Freshness {
        max_age: Duration::from_mins(1),
        stale_if_error: Duration::from_mins(1),
    };
    let permit = test.permit(&["population.identity.full_name"], allowed);
    assert!(test.read(&permit).await.unwrap().stale);
    test.later(60);
    assert!(test.read(&permit).await.is_err());
}

#[tokio::test]
async fn an_adapter_that_panics_harms_only_the_read_at_hand() {
    let test = Test::new();
    test.fake.panics.store(true, Ordering::SeqCst);
    let permit = test.name();
    assert_eq!(
        test.read(&permit).await.unwrap_err(),
        RegistryProblem::RegistryMalformed
    );
    test.fake.panics.store(false, Ordering::SeqCst);
    assert!(test.read(&permit).await.is_ok());
}
