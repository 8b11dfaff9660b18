//! The way of one query: decide, read, project, log, answer.
//!
//! [`Pipeline::answer`] reads top to bottom. Nothing that it returns holds data before the entry
//! that says so is durable in the access log; `docs/one-query.md` follows an example through it.

mod applicant;
mod budget;
pub mod check;
mod denials;
mod disguise;
mod entry;
pub mod explain;
mod federation;
mod known;
mod last_look;
mod project;

use crate::{
    api::circumstances::Circumstances,
    budget::{Budgets, reach::Reach},
    cache::{ReadContext, Reading, RecordCache},
    consents::{ConsentLedger, Hold},
    metrics::Metrics,
    random::{self, Random},
    registry::{Part, Registries},
    seals::Seals,
};
use arc_swap::ArcSwap;
use entry::EntryWriter;
use futures::future::join_all;
use jiff::Timestamp;
use motlan_access_log::log::{AccessLog, AppendError, Failure};
use motlan_policies::{
    decide::{Caller, Decision, Policies},
    permit::Permit,
};
use motlan_schemas::{
    answer::{Answer, Datasets, Denial, Receipt, RegistryProblem},
    catalogue::Catalogue,
    clock::Clock,
    codes::Provinces,
    ids::QueryId,
    query::{Query, Require, Subject},
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Everything that a query meets on its way.
#[derive(Debug)]
pub struct Pipeline {
    /// The datasets.
    pub catalogue: Arc<Catalogue>,
    /// The rules in force.
    pub policies: Arc<ArcSwap<Policies>>,
    /// The citizens' consents.
    pub ledger: ConsentLedger,
    /// Whose data is sealed.
    pub seals: Seals,
    /// Where records say what decisions must know.
    pub flags: TellingFlags,
    /// The registries.
    pub registries: Registries,
    /// What they said lately.
    pub cache: Arc<RecordCache>,
    /// Who looked at whom.
    pub log: Arc<dyn AccessLog>,
    /// Turns what happened into log entries.
    pub entries: Arc<EntryWriter>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where ids and nonces come from.
    pub random: Arc<dyn Random>,
    /// About how many people each client may still ask.
    pub budgets: Budgets,
    /// About how many citizens each client was told.
    pub reach: Arc<Reach>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
}

pub use entry::EntryWriter as AccessEntryWriter;
pub use known::TellingFlags;

/// What became of a query. Each variant is in the access log.
#[derive(Debug)]
pub enum Outcome {
    /// Something was permitted and obtained: the whole JSON body, receipt included.
    Answered(Vec<u8>),
    /// Nothing was permitted.
    NothingPermitted(Withheld),
    /// Something was permitted, and no registry could give any of it.
    NothingObtained(Withheld),
    /// `require` is `all`, and a permitted dataset is missing.
    Incomplete(Withheld),
}

/// A query that releases no data: why, and where that is logged.
#[derive(Debug)]
pub struct Withheld {
    /// The question's id.
    pub query_id: QueryId,
    /// What became of each dataset, without data.
    pub datasets: Datasets,
    /// What was denied.
    pub denied: Vec<Denial>,
    /// Where its entry is.
    pub receipt: Receipt,
    /// Every missing dataset is missing because its registry was too slow.
    pub timed_out: bool,
}

/// One permitted dataset at one registry, read or not. The reads of a dataset follow each other, in
/// the order of its registries in the configuration, and share a permit.
pub(crate) struct Read {
    pub(crate) permit: Arc<Permit>,
    pub(crate) from: Source,
    pub(crate) reading: Result<Reading, RegistryProblem>,
}

/// Where a dataset was read, or was to be.
pub(crate) enum Source {
    /// At the registry of this name.
    Registry(Arc<str>),
    /// Nowhere, because no registry serves these provinces.
    Nobody(Provinces),
}

impl Source {
    /// The registry's name, where there is one.
    pub(crate) const fn registry(&self) -> Option<&Arc<str>> {
        match self {
            Self::Registry(name) => Some(name),
            Self::Nobody(_) => None,
        }
    }
}

impl Pipeline {
    /// Answers a query of a caller who may ask at all under these policies, which decide it to its
    /// end, whatever comes into force meanwhile; `started` is when its deadline began.
    ///
    /// # Errors
    /// The access log took no entry: then there is no answer.
    pub async fn answer(
        &self,
        policies: &Policies,
        caller: &Caller,
        query: &Query,
        on: &Circumstances,
        started: Instant,
    ) -> Result<Outcome, AppendError> {
        let now = self.clock.now();
        let query_id = QueryId::new(now, random::bytes(self.random.as_ref()));
        let until = read_until(started, query);

        let mut learned = self.learn(caller, query, policies, on).await;
        self.verify_applicant(query, policies, &mut learned, on, until)
            .await?;
        let decision = policies.decide(caller, query_id, query, &learned.view(), now);

        let disguise = self.disguise(policies, caller, query, &decision, &mut learned);
        let (cover, truth, mut decision) = match disguise {
            Some(disguise) => (Some(disguise.query), Some(decision), disguise.decision),
            None => (None, None, decision),
        };
        let asked = cover.as_ref().unwrap_or(query);

        let permits = std::mem::take(&mut decision.permits);
        let provinces = asked.question.provinces;
        let reads = self.read_all(permits, provinces, on, until).await;

        let last = self
            .look_again(caller, asked, policies, decision, reads, &mut learned)
            .await;
        // What is logged, which only a disguise makes another thing than what is answered.
        let (decided, read) = match &truth {
            Some(truth) => (truth, [].as_slice()),
            None => (&last.decision, last.reads.as_slice()),
        };
        self.count_denials(decided);

        let denied = denials::on_the_wire(
            &self.catalogue,
            policies,
            caller,
            query,
            &last.decision,
            on.language,
        );
        let mut answer =
            project::answer(&self.catalogue, query, query_id, &last.reads, denied, now);
        self.count_datasets(&answer.datasets);

        let verdict = Verdict::of(query, &last.reads);
        if !matches!(verdict, Verdict::Release) {
            project::withhold(&mut answer.datasets);
        }
        let mut body = Body::new(&answer);
        let happened = entry::Happened {
            query,
            decision: decided,
            reads: read,
            answer: &answer,
            learned: &learned,
            digest: matches!(verdict, Verdict::Release).then(|| body.digest()),
            purpose: policies.purposes().get(&query.question.purpose),
            trace_id: on.trace.trace_id,
            now,
            random: self.random.as_ref(),
        };
        let receipt = self.log(&happened, last.hold).await?;
        self.settle(caller, query, decided, read, on).await;

        let timed_out = last.reads.iter().all(|read| {
            !matches!(&read.reading, Err(problem) if *problem != RegistryProblem::RegistryTimeout)
        });
        let withheld = |receipt| {
            let (datasets, denied) = (answer.datasets, answer.denied);
            Withheld {
                query_id,
                datasets,
                denied,
                receipt,
                timed_out,
            }
        };
        Ok(match verdict {
            Verdict::Release => Outcome::Answered(body.with_receipt(&receipt)),
            Verdict::NothingPermitted => Outcome::NothingPermitted(withheld(receipt)),
            Verdict::NothingObtained => Outcome::NothingObtained(withheld(receipt)),
            Verdict::Incomplete => Outcome::Incomplete(withheld(receipt)),
        })
    }

    /// Writes what happened into the log, with the consents that it uses up, and lets the citizen's
    /// consents go when both are durable.
    async fn log(
        &self,
        happened: &entry::Happened<'_>,
        hold: Option<Hold<'_>>,
    ) -> Result<Receipt, AppendError> {
        let mut entries = self.entries.entries(happened)?;
        let first_change = entries.len();
        let mut used_up = Vec::new();
        // What was checked is an answer too, though no data leaves and so there is no digest.
        let is_answer = happened.digest.is_some() || happened.query.question.check.is_some();
        if let (Some(_), Subject::Person(person)) = (&hold, &happened.query.subject)
            && is_answer
        {
            let asking = &happened.decision.asking;
            for consent in last_look::consumed(happened.reads, &happened.learned.consents) {
                let client = asking.client.to_string();
                let (id, now) = (asking.query_id, self.clock.now());
                let (used, entry) = self.ledger.used_up(consent, *person, id, client, now)?;
                used_up.push(used);
                entries.push(entry);
            }
        }
        entries.extend(happened.learned.lookup.clone());
        let appended = self.log.append(entries).await?;
        for (used, appended) in used_up.into_iter().zip(appended.iter().skip(first_change)) {
            if let Some(hold) = &hold
                && let Err(error) = self.ledger.keep_used_up(hold, used, appended).await
            {
                tracing::error!(%error, "a consent that was used up cannot be kept as such");
                return Err(AppendError::Unavailable(Failure::ShutDown));
            }
        }
        Ok(self.entries.receipt(appended.first()))
    }

    /// Reads every permitted dataset at the same time, at each registry that serves it for these
    /// provinces, each on its own: none waits for another.
    async fn read_all(
        &self,
        permits: Vec<Permit>,
        provinces: Provinces,
        on: &Circumstances,
        until: Instant,
    ) -> Vec<Read> {
        let context = ReadContext {
            wait_until: until.into(),
            traceparent: Some(on.trace.header()),
        };
        let reading = permits.into_iter().map(Arc::new).flat_map(|permit| {
            let parts = self.registries.parts(permit.dataset(), provinces);
            let context = &context;
            parts.map(move |part| self.read(Arc::clone(&permit), part, context))
        });
        join_all(reading).await
    }

    /// Reads a dataset at one registry.
    async fn read(&self, permit: Arc<Permit>, part: Part<'_>, context: &ReadContext) -> Read {
        let (from, reading) = match part {
            Part::At(registry) => (
                Source::Registry(Arc::clone(&registry.name)),
                self.cache.read(&permit, registry, context).await,
            ),
            Part::Nowhere(provinces) => (
                Source::Nobody(provinces),
                Err(RegistryProblem::RegistryDown),
            ),
        };
        Read {
            permit,
            from,
            reading,
        }
    }

    fn count_denials(&self, decision: &Decision) {
        for denied in &decision.denials {
            self.metrics.denied(denied.reason);
        }
    }

    fn count_datasets(&self, datasets: &Datasets) {
        for (name, dataset) in &datasets.0 {
            self.metrics.dataset_answered(name, dataset.status);
        }
    }
}

/// What the reads come to.
enum Verdict {
    Release,
    NothingPermitted,
    NothingObtained,
    Incomplete,
}

impl Verdict {
    fn of(query: &Query, reads: &[Read]) -> Self {
        let failed = |read: &Read| read.reading.is_err();
        if reads.is_empty() {
            Self::NothingPermitted
        } else if federation::by_dataset(reads).all(federation::is_unavailable) {
            Self::NothingObtained
        } else if query.question.require == Require::All && reads.iter().any(failed) {
            Self::Incomplete
        } else {
            Self::Release
        }
    }
}

/// When reading ends so that the entry can be written and the answer sent before the deadline.
fn read_until(started: Instant, query: &Query) -> Instant {
    let deadline = query.question.deadline;
    started + deadline.saturating_sub(LOG_RESERVE.min(deadline / 5))
}

/// What projecting and logging may take out of the caller's deadline: many times the usual 1 ms.
const LOG_RESERVE: Duration = Duration::from_millis(100);

/// The bytes of an answer. The digest in the log is over the answer without its receipt, which is
/// only known afterwards: cut `,"receipt":{…}` off the body to check it.
struct Body(Vec<u8>);

impl Body {
    fn new(answer: &Answer) -> Self {
        // Serialising plain structs into memory does not fail.
        Self(serde_json::to_vec(answer).unwrap_or_default())
    }

    fn digest(&self) -> [u8; 32] {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &self.0);
        digest.as_ref().try_into().unwrap_or_default()
    }

    fn with_receipt(&mut self, receipt: &Receipt) -> Vec<u8> {
        let mut body = std::mem::take(&mut self.0);
        let brace = body.pop();
        body.extend_from_slice(b",\"receipt\":");
        body.extend(serde_json::to_vec(receipt).unwrap_or_default());
        body.extend(brace);
        body
    }
}

/// The moment as [`jiff::Timestamp`] minus another, in whole seconds, never negative.
fn seconds_between(earlier: Timestamp, later: Timestamp) -> u64 {
    u64::try_from(later.duration_since(earlier).as_secs()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
