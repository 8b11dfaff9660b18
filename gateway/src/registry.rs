//! The registries as the gateway runs them: each with its time limit, its share and its breaker.

pub mod breaker;
mod directory;

pub use directory::{Part, Registries, RegistriesError};

use crate::metrics::Metrics;
use arc_swap::ArcSwapOption;
use breaker::{Breaker, BreakerOptions};
use motlan_adapter_sdk::{
    adapter::{Adapter, Call, Fetched},
    http::counted,
    tier::Committed,
};
use motlan_policies::permit::Permit;
use motlan_schemas::{
    answer::RegistryProblem, catalogue::DatasetId, codes::Provinces, ids::RegistryId,
};
use serde::{Deserialize, Serialize};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{sync::Semaphore, time::timeout_at};
use uuid::Uuid;

/// How the gateway treats one registry.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RegistryLimits {
    /// How long one question may take at the registry, in milliseconds.
    pub timeout_ms: u64,
    /// How many questions the registry is asked at once; further ones wait.
    pub concurrency_max: usize,
    /// After how many failures in a row the registry is given a rest.
    pub breaker_failures: u32,
    /// How long the first rest is, in milliseconds; it doubles up to [`Self::breaker_pause_ms_max`].
    pub breaker_pause_ms: u64,
    /// The longest rest, in milliseconds: how late a healed registry is noticed at most.
    pub breaker_pause_ms_max: u64,
}

impl Default for RegistryLimits {
    fn default() -> Self {
        // Below the caller's default deadline (5 s), so that a slow registry leaves time to answer.
        Self {
            timeout_ms: 4_000,
            concurrency_max: 64,
            breaker_failures: 5,
            breaker_pause_ms: 500,
            breaker_pause_ms_max: 2_000,
        }
    }
}

/// One registry behind its adapter.
#[derive(Debug)]
pub struct Registry {
    /// Its id, as answers and metrics name it.
    pub name: Arc<str>,
    adapter: Arc<dyn Adapter>,
    conformance: ArcSwapOption<Committed>,
    provinces: Provinces,
    timeout: Duration,
    turns: Semaphore,
    breaker: Breaker,
    metrics: Arc<Metrics>,
}

impl Registry {
    /// Runs an adapter under limits, for the whole country.
    #[must_use]
    pub fn new(adapter: Arc<dyn Adapter>, limits: &RegistryLimits, metrics: Arc<Metrics>) -> Self {
        Self {
            name: adapter.descriptor().registry.as_str().into(),
            provinces: Provinces::ALL,
            timeout: Duration::from_millis(limits.timeout_ms),
            turns: Semaphore::new(limits.concurrency_max),
            breaker: Breaker::new(BreakerOptions {
                failures_max: limits.breaker_failures,
                pause: Duration::from_millis(limits.breaker_pause_ms),
                pause_max: Duration::from_millis(limits.breaker_pause_ms_max),
            }),
            adapter,
            conformance: ArcSwapOption::empty(),
            metrics,
        }
    }

    /// Says what the conformance kit found of the adapter; nothing where it was not examined, or has
    /// changed since.
    pub fn set_conformance(&self, found: Option<Committed>) {
        self.conformance.store(found.map(Arc::new));
    }

    /// What the conformance kit found of the adapter.
    #[must_use]
    pub fn conformance(&self) -> Option<Arc<Committed>> {
        self.conformance.load_full()
    }

    /// The same registry, which serves these provinces only.
    #[must_use]
    pub fn for_provinces(self, provinces: Provinces) -> Self {
        Self { provinces, ..self }
    }

    /// The provinces that it serves.
    #[must_use]
    pub const fn provinces(&self) -> Provinces {
        self.provinces
    }

    /// The registry's id.
    #[must_use]
    pub fn id(&self) -> &RegistryId {
        &self.adapter.descriptor().registry
    }

    /// Whether the registry serves a dataset, alone or as one of several.
    #[must_use]
    pub fn serves(&self, dataset: DatasetId) -> bool {
        let served = &self.adapter.descriptor().datasets;
        served.iter().any(|served| served.dataset == dataset)
    }

    /// Whether the registry answers differently depending on who asks.
    #[must_use]
    pub fn answers_depend_on_asker(&self) -> bool {
        self.adapter.descriptor().answers_depend_on_asker
    }

    /// Asks the registry for what the permit allows, within the registry's own time limit; says as
    /// well how many requests that took.
    ///
    /// # Errors
    /// What is wrong with the registry; the reason is in the log, without data of a person.
    pub async fn fetch(
        &self,
        permit: &Permit,
        traceparent: Option<String>,
    ) -> Result<(Fetched, u64), RegistryProblem> {
        let started = Instant::now();
        self.breaker.admit(started)?;
        let asking = self.ask(permit, traceparent, started + self.timeout);
        let (result, requests) = counted(asking).await;
        let outcome = result.as_ref().map(|_| ()).map_err(|problem| *problem);
        self.breaker.record(Instant::now(), outcome);
        self.metrics
            .registry_asked(&self.name, outcome, started.elapsed());
        if let Ok(fetched) = &result {
            self.metrics
                .over_delivered(&self.name, fetched.over_delivered());
        }
        result.map(|fetched| (fetched, requests))
    }

    async fn ask(
        &self,
        permit: &Permit,
        traceparent: Option<String>,
        deadline: Instant,
    ) -> Result<Fetched, RegistryProblem> {
        let asking = async {
            // The semaphore is never closed, so there is always a turn to wait for.
            let _turn = self.turns.acquire().await;
            let id = permit.asking().query_id.uuid();
            let call = Call {
                deadline,
                id,
                traceparent,
            };
            self.adapter.fetch(permit, &call).await
        };
        match timeout_at(deadline.into(), asking).await {
            Err(_) => Err(RegistryProblem::RegistryTimeout),
            Ok(Ok(fetched)) => Ok(fetched),
            Ok(Err(error)) => {
                tracing::warn!(registry.id = %self.name, error = %error, "a registry failed");
                Err(error.problem())
            }
        }
    }

    /// Whether the registry can be reached now, within `limit`.
    pub async fn is_reachable(&self, id: Uuid, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        let call = Call {
            deadline,
            id,
            traceparent: None,
        };
        matches!(
            timeout_at(deadline.into(), self.adapter.health(&call)).await,
            Ok(Ok(()))
        )
    }
}
