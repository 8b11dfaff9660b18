//! The wiring: from a configuration to a gateway that can answer. Read top to bottom.

mod error;
mod registries;

pub use error::StartError;

use crate::{
    alerts::Alerts,
    api::operations::ReadinessProbe,
    auth::{self, Authenticator},
    budget::{Budgets, reach::Reach, rebuild},
    cache::RecordCache,
    changes::Changes,
    config::{Config, PoliciesConfig},
    consents::{ConsentLedger, LedgerParts, receipt::ReceiptSigner, store::SledConsents},
    declarative::{self, Declarative, Found},
    index::{Entries, Index},
    keys::{self, IndexKey, SubjectKeys},
    metrics::Metrics,
    officers::Officers,
    pipeline::{AccessEntryWriter, Pipeline, TellingFlags},
    policy_store::live::{self, LivePolicies},
    quota::Quotas,
    random::{self, Random},
    registry::Registries,
    retention::{self, RetentionPolicy},
    seals::Seals,
    witnesses::{self, Witnesses},
};
use arc_swap::ArcSwap;
use motlan_access_log::{
    details::DetailKeys,
    entry::{
        Entry, Record,
        record::{Bytes32, NodeStart, PolicyLoad},
    },
    keys::LogKeys,
    log::{AccessLog, AppendError, Appended, Failure, TileLog},
    note::Verifiers,
};
use motlan_adapter_sdk::contract::Contract;
use motlan_policies::decide::Policies;
use motlan_schemas::{
    catalogue::Catalogue,
    clock::{Clock, wire_time},
    language::Language,
};
use std::{path::PathBuf, sync::Arc, time::Duration};

/// A gateway that can answer.
#[derive(Debug)]
pub struct App {
    /// The way of a query.
    pub pipeline: Pipeline,
    /// Who is calling.
    pub authenticator: Authenticator,
    /// How often they may.
    pub quotas: Quotas,
    /// Whose entries are where in the access log.
    pub index: Index,
    /// What a data protection officer should look at.
    pub alerts: Alerts,
    /// How near officers are to whom they ask about.
    pub officers: Arc<Officers>,
    /// The store whose current version is in force, where there is one.
    pub live_policies: Option<LivePolicies>,
    /// The folders of declarative registries.
    pub declarative: Declarative,
    /// How long the access log is kept.
    pub retention: RetentionPolicy,
    /// What registries tell of their records.
    pub changes: Changes,
    /// Held while an emergency use or an alert is reviewed.
    pub reviews: tokio::sync::Mutex<()>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What readiness last saw.
    pub readiness: ReadinessProbe,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub random: Arc<dyn Random>,
    /// The language of callers who name none.
    pub language: Language,
    /// The public key of the access log, as verifiers take it.
    pub log_verifier_key: String,
    /// All keys of the access log that are in force, newest first.
    pub log_verifiers: Verifiers,
    /// The witnesses of the access log, where there are any.
    pub witnesses: Option<Arc<Witnesses>>,
    /// Signs the receipts of consents.
    pub receipts: ReceiptSigner,
    log: Arc<TileLog>,
}

impl App {
    /// Opens the log and the stores, loads the policies, makes the adapters, and writes the first
    /// entry of this run. Makes no connection yet.
    ///
    /// # Errors
    /// The first part that cannot be used.
    pub async fn start(
        config: &Config,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Arc<Self>, StartError> {
        let found = Found::read(&config.declarative)?;
        let catalogue = found.catalogue()?;
        let metrics = Arc::new(Metrics::new());

        let keys = log_keys(config, &random)?;
        let details = Arc::new(keys.details);
        let origin = config.access_log.origin.clone();
        let log = Arc::new(TileLog::open(config.access_log.options(keys.signer))?);

        let (live_policies, policies) = policies(&config.policies, &catalogue)?;
        let budgets = budgets(&log, &details, &policies, clock.as_ref()).await;
        let reach = Arc::new(Reach::open(reach_file(config)));
        let start = NodeStart {
            cut_bytes: log.cut_bytes(),
            mappings: found.mappings(),
            software: format!("motlan {}", env!("CARGO_PKG_VERSION")),
        };
        first_entries(&log, start, &policies, clock.as_ref(), random.as_ref()).await?;

        let consents = SledConsents::open(&config.consents.directory, Arc::clone(&catalogue))?;
        let subject_keys =
            SubjectKeys::open_or_create(&config.access_log.keys_directory, random.as_ref())
                .map_err(|source| StartError::Files {
                    what: "consent.key",
                    source,
                })?;
        let subject_keys = Arc::new(subject_keys);
        let receipts = ReceiptSigner::open_or_create(
            &config.access_log.keys_directory,
            origin.clone(),
            random.as_ref(),
        )
        .map_err(|source| StartError::Files {
            what: "receipt.key",
            source,
        })?;
        let keys_directory = &config.access_log.keys_directory;
        let index_key = IndexKey::open_or_create(keys_directory, random.as_ref());
        let index_key = index_key.map_err(|source| StartError::Files {
            what: "index.key",
            source,
        })?;
        let officers = Officers::open(
            &config.officers,
            &config.access_log.keys_directory,
            random.as_ref(),
        );
        let officers = Arc::new(officers.map_err(|source| StartError::Files {
            what: "officers.file",
            source,
        })?);
        let entries = AccessEntryWriter::new(
            Arc::clone(&catalogue),
            keys.pseudonymiser,
            Arc::clone(&details),
            origin.clone(),
        );
        let entries = Arc::new(entries.with_officers(Arc::clone(&officers)));
        let ledger = ConsentLedger::new(LedgerParts {
            store: Arc::new(consents),
            log: Arc::clone(&log) as Arc<dyn AccessLog>,
            writer: Arc::clone(&entries),
            catalogue: Arc::clone(&catalogue),
            keys: Arc::clone(&subject_keys),
            clock: Arc::clone(&clock),
            random: Arc::clone(&random),
        });
        let followed = ledger.follow().await?;
        tracing::info!(
            entries = followed.entries,
            changes = followed.changes,
            "consents are as the access log says"
        );
        let size = log.checkpoint().checkpoint.tree_size;
        let directory = &config.consents.directory;
        let published = Entries {
            tiles: log.tiles(),
            details: Arc::clone(&details),
        };
        let seals = Seals::open(directory, subject_keys, &published, &origin, size)?;

        let contract = Arc::new(Contract::new(Arc::clone(&catalogue))?);
        let (folders, declarative) = found.adapters(&config.declarative, &contract)?;
        let registries = registries::registries(&config.registries, folders, &contract, &metrics)?;
        let registries = Registries::new(&catalogue, registries)?;
        for (id, found) in declarative.conformance() {
            if let Some(registry) = registries.by_id(&id) {
                registry.set_conformance(found);
            }
        }
        for (dataset, provinces) in registries.with_gaps(&catalogue) {
            let provinces: Vec<_> = provinces.codes().collect();
            tracing::warn!(dataset = %dataset.name, ?provinces, "no registry serves these provinces");
        }
        let cache = RecordCache::new(
            config.cache.bytes_max,
            Arc::clone(&clock),
            Arc::clone(&metrics),
        );

        let authenticator = Authenticator::new(
            config.auth.clone(),
            auth::http_client()?,
            Arc::clone(&clock),
        )?;
        let app = Arc::new(Self {
            log_verifier_key: log.verifier().to_string(),
            log_verifiers: log.verifiers().clone(),
            witnesses: Witnesses::open(&config.access_log, &log, &metrics)?,
            receipts,
            pipeline: Pipeline {
                entries,
                flags: TellingFlags::of(&catalogue),
                registries,
                catalogue,
                policies: Arc::new(ArcSwap::from_pointee(policies)),
                ledger,
                seals,
                cache: Arc::new(cache),
                log: Arc::clone(&log) as Arc<dyn AccessLog>,
                clock: Arc::clone(&clock),
                random: Arc::clone(&random),
                budgets,
                reach,
                metrics: Arc::clone(&metrics),
            },
            index: Index::follow(
                &config.index.directory,
                Arc::clone(&log) as Arc<dyn AccessLog>,
                Arc::clone(&details),
                index_key,
                config.access_log.origin.clone(),
            )
            .map_err(|source| StartError::Files {
                what: "index.directory",
                source,
            })?,
            alerts: Alerts::new(
                config.index.directory.join("alerts.json"),
                origin,
                config.detectors.clone(),
            ),
            officers,
            live_policies,
            declarative,
            retention: config.retention,
            changes: Changes::default(),
            reviews: tokio::sync::Mutex::default(),
            authenticator,
            quotas: Quotas::default(),
            metrics,
            readiness: ReadinessProbe::default(),
            clock,
            random,
            language: config.language,
            log,
        });
        Alerts::follow(&app);
        keep_up(&app);
        if let Some(witnesses) = &app.witnesses {
            tokio::spawn(witnesses::follow(Arc::downgrade(witnesses)));
        }
        follow_officers(&app);
        retention::keep(&app, config.access_log.directory.clone());
        if app.live_policies.is_some() {
            tokio::spawn(live::follow(Arc::downgrade(&app)));
        }
        if !app.declarative.is_empty() {
            tokio::spawn(declarative::follow(Arc::downgrade(&app)));
        }
        Ok(app)
    }

    /// Writes an entry about something other than a question into the access log, durably, and even
    /// where its disk is nearly full: looks into the log must go on then.
    ///
    /// # Errors
    /// The log took none; what it would have told must then not happen.
    pub async fn record(&self, record: Record) -> Result<Appended, AppendError> {
        let entry = entry(record, self.clock.as_ref(), self.random.as_ref());
        let encoded = self.pipeline.entries.seal(&entry)?;
        let appended = self.log.append_reserved(vec![encoded]).await?;
        appended.first().copied().ok_or(AppendError::TooLarge)
    }

    /// The published entries, and what opens them.
    #[must_use]
    pub fn entries(&self) -> Entries {
        Entries {
            tiles: self.log.tiles(),
            details: Arc::clone(self.pipeline.entries.details()),
        }
    }

    /// Resolves when the access log has failed: nothing may be answered any more.
    pub async fn log_failed(&self) -> Failure {
        self.log.failed().await
    }

    /// Publishes the last entries. Call it when no call is under way any more.
    ///
    /// # Errors
    /// The log failed before.
    pub fn close(&self) -> Result<(), Failure> {
        self.log.shutdown()?;
        // No call is under way: every entry there is has been counted.
        self.save_reach(self.log.tree_size());
        Ok(())
    }

    fn save_reach(&self, complete_to: u64) {
        if let Err(error) = self.pipeline.reach.save(complete_to) {
            tracing::warn!(%error, "the count of citizens cannot be kept; the log has it all the same");
        }
    }
}

/// What is in force at the start: what the store calls current, or what is configured.
fn policies(
    config: &PoliciesConfig,
    catalogue: &Arc<Catalogue>,
) -> Result<(Option<LivePolicies>, Policies), StartError> {
    if let Some(store) = &config.store {
        let base = config.directory.clone();
        let (live, policies) = LivePolicies::start(store.clone(), base, Arc::clone(catalogue))?;
        return Ok((Some(live), policies));
    }
    let policies = match &config.directory {
        Some(directory) => Policies::load(directory, catalogue)?,
        None => Policies::embedded(catalogue)?,
    };
    Ok((None, policies))
}

fn log_keys(config: &Config, random: &Arc<dyn Random>) -> Result<LogKeys, StartError> {
    let directory = &config.access_log.keys_directory;
    keys::private_directory(directory).map_err(|source| StartError::Files {
        what: "access_log.keys_directory",
        source,
    })?;
    let random = Arc::clone(random);
    let new_secret = move || random::bytes(random.as_ref());
    let origin = &config.access_log.origin;
    Ok(LogKeys::open_or_create(directory, origin, new_secret)?)
}

fn entry(record: Record, clock: &dyn Clock, random: &dyn Random) -> Entry {
    Entry {
        time: wire_time(clock.now()),
        nonce: Bytes32(random::bytes(random)),
        record,
    }
}

async fn first_entries(
    log: &TileLog,
    start: NodeStart,
    policies: &Policies,
    clock: &dyn Clock,
    random: &dyn Random,
) -> Result<(), StartError> {
    let entry = |record| entry(record, clock, random);
    let start = entry(Record::NodeStart(start));
    let load = entry(Record::PolicyLoad(PolicyLoad {
        cause: Some("start".into()),
        previous: None,
        digest: Bytes32(*policies.digest()),
        policy_version: policies.version().to_string(),
    }));
    log.append_reserved(vec![start.encode()?, load.encode()?])
        .await?;
    Ok(())
}

/// The budgets as the questions of this day have left them, by the access log.
async fn budgets(
    log: &TileLog,
    details: &Arc<DetailKeys>,
    policies: &Policies,
    clock: &dyn Clock,
) -> Budgets {
    let budgets = Budgets::default();
    let tree_size = log.tree_size();
    // What a crash left unpublished is published within a moment. A log that has failed answers no
    // question, so its budgets do not matter.
    if log.published(tree_size).await.is_ok() {
        let now = clock.now();
        let entries = Entries {
            tiles: log.tiles(),
            details: Arc::clone(details),
        };
        let questions = rebuild::budgets(&budgets, policies.agencies(), &entries, now);
        tracing::info!(questions, "budgets are rebuilt from the access log");
    }
    budgets
}

/// Where the count of citizens is kept.
fn reach_file(config: &Config) -> PathBuf {
    let beside_the_log = || config.access_log.directory.with_file_name("reach");
    let directory = config.budgets.directory.clone();
    directory
        .unwrap_or_else(beside_the_log)
        .join("citizens.json")
}

/// Counts what the kept sketches lack, and keeps them every minute for as long as the gateway
/// lives. The file says that it is complete up to the size that the log had a minute before: by
/// then every answer of that time has been counted. The consent store is told how far it has
/// followed the log, so that the next start reads little.
fn keep_up(app: &Arc<App>) {
    let app = Arc::downgrade(app);
    tokio::spawn(async move {
        let Some(mut settled) = app.upgrade().map(|app| app.log.tree_size()) else {
            return;
        };
        if let Some(running) = app.upgrade() {
            let counting = move || {
                rebuild::reach(&running.pipeline.reach, &running.entries());
                for (client, citizens) in running.pipeline.reach.citizens() {
                    running
                        .metrics
                        .citizens_disclosed(client.as_str(), citizens);
                }
            };
            // A panic in it is told by the runtime; the next start counts again.
            let _ = tokio::task::spawn_blocking(counting).await;
        }
        loop {
            tokio::time::sleep(KEPT_UP_EVERY).await;
            let Some(running) = app.upgrade() else { return };
            let now = running.log.tree_size();
            if let Err(error) = running.pipeline.ledger.advance().await {
                tracing::error!(%error, "the consent store does not keep up with the log");
            }
            let _ = tokio::task::spawn_blocking(move || running.save_reach(settled)).await;
            settled = now;
        }
    });
}

const KEPT_UP_EVERY: Duration = Duration::from_secs(60);

/// Reads the officers' directory again whenever it was imported anew.
fn follow_officers(app: &Arc<App>) {
    let app = Arc::downgrade(app);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(OFFICERS_LOOKED_AT_EVERY).await;
            let Some(officers) = app.upgrade().map(|app| Arc::clone(&app.officers)) else {
                return;
            };
            match tokio::task::spawn_blocking(move || officers.refresh()).await {
                Ok(Ok(true)) => tracing::info!("the officers' directory is read anew"),
                Ok(Err(error)) => tracing::warn!(%error, "the officers' directory cannot be read"),
                _ => {}
            }
        }
    });
}

/// Looking at a file's date costs next to nothing.
const OFFICERS_LOOKED_AT_EVERY: Duration = Duration::from_secs(5);
