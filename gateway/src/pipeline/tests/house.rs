//! A pipeline whose registry, log and consent store take their time, so that everything can happen
//! in every order: each waits a random number of turns wherever the real one waits for a disk or
//! a network.

use super::*;
use crate::index::Entries;
use crate::{
    api::circumstances::Trace,
    budget::{Budgets, reach::Reach},
    consents::{Giving, LedgerParts, Terms},
    keys::SubjectKeys,
    random::SystemRandomness,
    registry::{Registry, RegistryLimits},
};
use async_trait::async_trait;
use motlan_access_log::{
    checkpoint::SignedCheckpoint,
    details::DetailKeys,
    entry::EncodedEntry,
    log::{Appended, BoxFuture, LeafIndex},
    merkle::hash_leaf,
    pseudonym::Pseudonymiser,
    store::TileStore,
};
use motlan_adapter_sdk::{
    adapter::{Adapter, AdapterError, Call, Descriptor, Fetched, ServedDataset},
    contract::{Contract, Mapped},
};
use motlan_policies::consent::{
    Consent, ConsentStore, ConsentStoreError, EntryPlace, LogMarker, LoggedConsent, SubjectKey,
};
use motlan_schemas::{
    clock::SystemClock,
    ids::{AgencyId, ConsentId, PurposeId},
    language::Language,
};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};

const PURPOSE: &str = "social-housing-application";
const SALARY: &str = "insurance.social.salary_vnd";

/// Random numbers of turns to wait, the same for the same seed.
#[derive(Clone, Debug)]
pub(super) struct Turns(Arc<AtomicU64>);

impl Turns {
    pub(super) fn new(seed: u64) -> Self {
        Self(Arc::new(AtomicU64::new(seed)))
    }

    pub(super) fn set(&self, seed: u64) {
        self.0.store(seed, Ordering::Relaxed);
    }

    /// SplitMix64.
    pub(super) fn below(&self, bound: u64) -> u64 {
        let step = 0x9e37_79b9_7f4a_7c15_u64;
        let mut z = self.0.fetch_add(step, Ordering::Relaxed).wrapping_add(step);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }

    pub(super) async fn wait(&self) {
        for _ in 0..self.below(12) {
            tokio::task::yield_now().await;
        }
    }
}

#[derive(Clone)]
pub(super) struct House {
    pub(super) pipeline: Arc<Pipeline>,
    pub(super) log: Arc<MemoryLog>,
    pub(super) turns: Turns,
}

pub(super) struct Asked {
    pub(super) told: bool,
}

/// A person of whom nobody has asked yet.
pub(super) fn person(number: u64) -> PersonalId {
    let (year, serial) = (number / 1_000_000 % 100, number % 1_000_000);
    format!("0010{year:02}{serial:06}").parse().unwrap()
}

impl House {
    pub(super) fn new(seed: u64) -> Self {
        let turns = Turns::new(seed);
        Self::with(turns.clone(), |catalogue| {
            vec![(Insurance::new(catalogue, turns), Provinces::ALL)]
        })
    }

    /// A house whose registries are these, each for its provinces.
    pub(super) fn with<A: Adapter + 'static>(
        turns: Turns,
        adapters: impl FnOnce(&Arc<Catalogue>) -> Vec<(A, Provinces)>,
    ) -> Self {
        let catalogue = Catalogue::national();
        let metrics = Arc::new(Metrics::new());
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let random: Arc<dyn Random> = Arc::new(SystemRandomness::default());
        let log = Arc::new(MemoryLog {
            entries: Mutex::default(),
            turns: turns.clone(),
        });
        let directory = tempfile::tempdir().unwrap();
        let keys = SubjectKeys::open_or_create(directory.path(), random.as_ref()).unwrap();
        let keys = Arc::new(keys);
        let entries = Arc::new(EntryWriter::new(
            Arc::clone(&catalogue),
            Pseudonymiser::new(1, &[1; 32]),
            Arc::new(DetailKeys::kept_nowhere([3; 32])),
            "log.example".to_owned(),
        ));
        let ledger = ConsentLedger::new(LedgerParts {
            store: Arc::new(MemoryStore::new(turns.clone())),
            log: Arc::clone(&log) as Arc<dyn AccessLog>,
            writer: Arc::clone(&entries),
            catalogue: Arc::clone(&catalogue),
            keys: Arc::clone(&keys),
            clock: Arc::clone(&clock),
            random: Arc::clone(&random),
        });
        let nothing = Entries {
            tiles: TileStore::new(directory.path(), 0),
            details: Arc::clone(entries.details()),
        };
        let seals = Seals::open(directory.path(), keys, &nothing, "log.example", 0).unwrap();
        let limits = RegistryLimits::default();
        let registries = adapters(&catalogue)
            .into_iter()
            .map(|(adapter, provinces)| {
                let registry = Registry::new(Arc::new(adapter), &limits, Arc::clone(&metrics));
                Arc::new(registry.for_provinces(provinces))
            });
        let registries = registries.collect();
        let cache = RecordCache::new(1 << 20, Arc::clone(&clock), Arc::clone(&metrics));
        let pipeline = Pipeline {
            policies: Arc::new(ArcSwap::from_pointee(
                Policies::embedded(&catalogue).unwrap(),
            )),
            ledger,
            seals,
            flags: TellingFlags::of(&catalogue),
            budgets: Budgets::default(),
            reach: Arc::new(Reach::open(directory.path().join("reach"))),
            registries: Registries::new(&catalogue, registries).unwrap(),
            cache: Arc::new(cache),
            log: Arc::clone(&log) as Arc<dyn AccessLog>,
            entries,
            catalogue,
            clock,
            random,
            metrics,
        };
        Self {
            pipeline: Arc::new(pipeline),
            log,
            turns,
        }
    }

    pub(super) async fn give(&self, person: PersonalId, uses: ConsentUses) -> ConsentId {
        let attributes = self.pipeline.catalogue.resolve(SALARY).unwrap();
        let giving = Giving {
            subject: person,
            terms: Terms {
                agency: "ward-ba-dinh".parse().unwrap(),
                purposes: vec![PURPOSE.parse().unwrap()],
                attributes: [attributes].into_iter().collect(),
                from: None,
                until: "2099-01-01T00:00:00Z".parse().unwrap(),
                uses,
            },
            client: "citizen-portal".to_owned(),
            acting: None,
            request: None,
        };
        self.pipeline.ledger.give(giving).await.unwrap().consent.id
    }

    /// Withdraws; tells what became of the consent, which may have been used up before.
    pub(super) async fn withdraw(&self, person: PersonalId, id: ConsentId) -> &'static str {
        let client = "citizen-portal".to_owned();
        match self
            .pipeline
            .ledger
            .withdraw(&person, id, client, None)
            .await
        {
            Ok(_) => "withdrawn",
            Err(crate::consents::LedgerError::Ended(_)) => "used up before",
            Err(error) => panic!("{error}"),
        }
    }

    pub(super) async fn ask(&self, person: PersonalId) -> Asked {
        let body = json!({
            "subject": {"person": person.expose()}, "purpose": PURPOSE, "select": [SALARY],
            "case": "A-1",
        });
        match self.answer(&body).await {
            Outcome::Answered(body) => Asked {
                told: String::from_utf8(body).unwrap().contains("7000000"),
            },
            Outcome::NothingPermitted(_) => Asked { told: false },
            other => panic!("{other:?}"),
        }
    }
}

impl House {
    /// What the ward's one-stop office is answered.
    pub(super) async fn answer(&self, body: &Value) -> Outcome {
        let query = Query::parse(body.to_string().as_bytes(), &self.pipeline.catalogue).unwrap();
        let policies = self.pipeline.policies.load_full();
        let (caller, on) = (self.caller(), circumstances());
        let outcome = self
            .pipeline
            .answer(&policies, &caller, &query, &on, on.received)
            .await;
        outcome.unwrap()
    }

    /// The ward's one-stop office.
    pub(super) fn caller(&self) -> Caller {
        let client = "ward-ba-dinh-one-stop".parse().unwrap();
        let policies = self.pipeline.policies.load_full();
        let agency = policies.agencies().by_client(&client).unwrap();
        Caller {
            agency: Arc::clone(agency),
            client,
            officer: None,
            roles: Vec::new(),
        }
    }
}

/// Those of a call from nowhere in particular.
pub(super) fn circumstances() -> Circumstances {
    Circumstances {
        request_id: "test".into(),
        language: Language::En,
        caller_trace: None,
        trace: Trace {
            trace_id: 1,
            span_id: 1,
            sampled: false,
        },
        zone: None,
        batch: false,
        received: Instant::now(),
    }
}

/// A log that keeps its entries in memory, in the order in which they became durable.
#[derive(Debug)]
pub(super) struct MemoryLog {
    entries: Mutex<Vec<Vec<u8>>>,
    turns: Turns,
}

impl MemoryLog {
    pub(super) fn entries(&self) -> Vec<Vec<u8>> {
        self.entries.lock().clone()
    }
}

impl AccessLog for MemoryLog {
    fn append(
        &self,
        entries: Vec<EncodedEntry>,
    ) -> BoxFuture<'_, Result<Vec<Appended>, AppendError>> {
        Box::pin(async move {
            self.turns.wait().await;
            let appended = {
                let mut kept = self.entries.lock();
                let place = |entry: EncodedEntry| {
                    let leaf_index = LeafIndex(kept.len() as u64);
                    let leaf_hash = hash_leaf(entry.as_bytes());
                    kept.push(entry.as_bytes().to_vec());
                    Appended {
                        leaf_index,
                        leaf_hash,
                    }
                };
                entries.into_iter().map(place).collect()
            };
            self.turns.wait().await;
            Ok(appended)
        })
    }

    fn tree_size(&self) -> u64 {
        self.entries.lock().len() as u64
    }

    fn checkpoint(&self) -> Arc<SignedCheckpoint> {
        unreachable!("nothing here is published")
    }

    fn published(&self, _: u64) -> BoxFuture<'_, Result<Arc<SignedCheckpoint>, Failure>> {
        unreachable!("nothing here is published")
    }

    fn tiles(&self) -> TileStore {
        unreachable!("nothing here is published")
    }

    fn health(&self) -> Result<(), Failure> {
        Ok(())
    }

    fn failed(&self) -> BoxFuture<'_, Failure> {
        Box::pin(std::future::pending())
    }
}

/// A consent store in memory.
#[derive(Debug)]
struct MemoryStore {
    kept: Mutex<std::collections::HashMap<SubjectKey, Vec<Consent>>>,
    turns: Turns,
}

impl MemoryStore {
    fn new(turns: Turns) -> Self {
        Self {
            kept: Mutex::default(),
            turns,
        }
    }
}

#[async_trait]
impl ConsentStore for MemoryStore {
    async fn lookup(
        &self,
        subject: &SubjectKey,
        _: &AgencyId,
        _: &PurposeId,
    ) -> Result<Vec<Consent>, ConsentStoreError> {
        self.list(subject).await
    }

    async fn list(&self, subject: &SubjectKey) -> Result<Vec<Consent>, ConsentStoreError> {
        self.turns.wait().await;
        Ok(self.kept.lock().get(subject).cloned().unwrap_or_default())
    }

    async fn given_by(&self, _: &SubjectKey) -> Result<Vec<Consent>, ConsentStoreError> {
        Ok(Vec::new())
    }

    async fn requested(
        &self,
        _: &SubjectKey,
        _: &[u8; 32],
    ) -> Result<Option<(ConsentId, [u8; 32])>, ConsentStoreError> {
        Ok(None)
    }

    async fn entry_of(&self, _: &Consent) -> Result<Option<EntryPlace>, ConsentStoreError> {
        Ok(None)
    }

    async fn apply(
        &self,
        changes: &[LoggedConsent],
        _: &LogMarker,
    ) -> Result<(), ConsentStoreError> {
        self.turns.wait().await;
        {
            let mut kept = self.kept.lock();
            for LoggedConsent { consent, .. } in changes {
                let consents = kept.entry(consent.subject).or_default();
                consents.retain(|other| other.id != consent.id);
                consents.push(consent.clone());
            }
        }
        self.turns.wait().await;
        Ok(())
    }

    async fn marker(&self) -> Result<Option<LogMarker>, ConsentStoreError> {
        Ok(None)
    }

    async fn advance(&self, _: &LogMarker) -> Result<(), ConsentStoreError> {
        Ok(())
    }

    async fn forget(&self, subject: &SubjectKey) -> Result<(), ConsentStoreError> {
        self.kept.lock().remove(subject);
        Ok(())
    }

    async fn forget_older(&self, _: u64, _: Timestamp) -> Result<(), ConsentStoreError> {
        Ok(())
    }

    async fn clear(&self) -> Result<(), ConsentStoreError> {
        Ok(())
    }
}

/// An insurance registry that knows one salary of everybody.
#[derive(Debug)]
struct Insurance {
    descriptor: Descriptor,
    contract: Contract,
    turns: Turns,
}

impl Insurance {
    fn new(catalogue: &Arc<Catalogue>, turns: Turns) -> Self {
        let dataset = catalogue.dataset_named("insurance.social").unwrap().id;
        let served = ServedDataset {
            dataset,
            selective: true,
        };
        Self {
            descriptor: Descriptor {
                registry: "insurance".parse().unwrap(),
                datasets: vec![served],
                answers_depend_on_asker: false,
            },
            contract: Contract::new(Arc::clone(catalogue)).unwrap(),
            turns,
        }
    }
}

#[async_trait]
impl Adapter for Insurance {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    async fn fetch(&self, permit: &Permit, _: &Call) -> Result<Fetched, AdapterError> {
        self.turns.wait().await;
        let record = json!({"salary_vnd": 7_000_000});
        let mapped = Mapped::One(record.as_object().unwrap().clone());
        self.contract.check(permit, mapped, None)
    }

    async fn health(&self, _: &Call) -> Result<(), AdapterError> {
        Ok(())
    }
}
