//! The way of a statement: decide, read, evaluate, log, and answer with one word.
//!
//! Each statement of a call is a question of its own, about the fewest attributes that tell
//! whether it holds. What the registers say of them goes as far as [`checks::evaluate`] and no
//! further: neither the answer nor the entry holds a value, and the entry has no digest either,
//! because so short an answer could be guessed from one.

use super::{Pipeline, Read, denials, entry::Happened, federation, known::Learned, read_until};
use crate::{
    api::circumstances::Circumstances,
    checks::{self, AllSaid, Said},
    random,
};
use futures::future::join_all;
use jiff::Timestamp;
use motlan_access_log::log::AppendError;
use motlan_policies::decide::{Caller, Decision, Policies};
use motlan_schemas::{
    answer::{
        Answer, Basis, DatasetAnswer, DatasetProblem, DatasetStatus, Datasets, DenialReason,
        Receipt,
    },
    check::{Check, CheckResult, Checks},
    clock::wire_time,
    ids::QueryId,
    query::Query,
};
use serde::Serialize;
use std::{sync::Arc, time::Instant};
use utoipa::ToSchema;

/// What the registers said to each statement.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckAnswer {
    /// The call's id, which the entries of all its statements carry.
    #[schema(value_type = String)]
    pub query_id: QueryId,
    /// The statements in the order of the call.
    pub checks: Vec<CheckedStatement>,
    /// Whether every statement was permitted and its registers could be asked.
    pub complete: bool,
}

/// What the registers said to one statement.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckedStatement {
    /// The statement with its parameters.
    #[serde(flatten)]
    pub check: Check,
    /// Whether it holds.
    pub result: CheckResult,
    /// When the registers said so: the oldest where several were asked (UTC).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub as_of: Option<String>,
    /// The law or consent that allowed the check.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub basis: Option<Basis>,
    /// Why a register whose word is needed could not be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub problem: Option<DatasetProblem>,
    /// Why the check is not permitted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub denied: Option<CheckDenial>,
    /// Where its entry is in the access log.
    pub receipt: Receipt,
}

/// Why a check is not permitted, and what to do.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckDenial {
    /// Why, from the closed list of reasons.
    pub reason: DenialReason,
    /// The rule that refused, by its id in the policy bundle.
    #[schema(value_type = String)]
    pub rule: Arc<str>,
    /// What the caller can do.
    #[schema(value_type = String)]
    pub remedy: Arc<str>,
}

impl CheckAnswer {
    /// Whether not one of the statements may be checked.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.checks.iter().all(|checked| checked.denied.is_some())
    }
}

/// What is the same for all statements of a call.
struct Asked<'a> {
    caller: &'a Caller,
    policies: &'a Policies,
    on: &'a Circumstances,
    query_id: QueryId,
    now: Timestamp,
    started: Instant,
}

/// A statement that was decided and read for the first time.
struct Looked<'a> {
    check: &'a Check,
    query: Query,
    learned: Learned,
    decision: Decision,
    reads: Vec<Read>,
}

impl Pipeline {
    /// Checks statements for a caller who may ask at all; `started` is when the deadline began.
    ///
    /// All are read at the same time, and then decided for the last time, logged and answered one
    /// after the other: a consent for one answer is used up by the first.
    ///
    /// # Errors
    /// The access log took no entry: then there is no answer.
    pub async fn check(
        &self,
        policies: &Policies,
        caller: &Caller,
        checks: &Checks,
        on: &Circumstances,
        started: Instant,
    ) -> Result<CheckAnswer, AppendError> {
        let now = self.clock.now();
        let query_id = QueryId::new(now, random::bytes(self.random.as_ref()));
        let asked = Asked {
            caller,
            policies,
            on,
            query_id,
            now,
            started,
        };

        let mut learned = Vec::with_capacity(checks.checks.len());
        for check in &checks.checks {
            let query = checks.query(check, &self.catalogue);
            let mut of_this = self.learn(caller, &query, policies, on).await;
            match learned.first() {
                // Who acts for the subject is looked up once a call.
                None => {
                    let until = read_until(started, &query);
                    self.verify_applicant(&query, policies, &mut of_this, on, until)
                        .await?;
                }
                Some((_, _, first)) => of_this.take_applicant_of(first),
            }
            learned.push((check, query, of_this));
        }
        let looking = learned
            .into_iter()
            .map(|(check, query, learned)| self.look(&asked, check, query, learned));
        let looked = join_all(looking).await;

        let mut statements = Vec::with_capacity(looked.len());
        for looked in looked {
            statements.push(self.statement(&asked, looked).await?);
        }
        Ok(CheckAnswer {
            query_id,
            complete: statements
                .iter()
                .all(|checked| checked.denied.is_none() && checked.problem.is_none()),
            checks: statements,
        })
    }

    /// Decides one statement and reads what it needs. Where one attribute of it is denied, none is
    /// read: half of what a statement needs tells nothing.
    async fn look<'a>(
        &self,
        asked: &Asked<'_>,
        check: &'a Check,
        query: Query,
        mut learned: Learned,
    ) -> Looked<'a> {
        let (policies, caller, now) = (asked.policies, asked.caller, asked.now);
        let until = read_until(asked.started, &query);
        let mut decision = policies.decide(caller, asked.query_id, &query, &learned.view(), now);
        let permits = std::mem::take(&mut decision.permits);
        let provinces = query.question.provinces;
        let mut reads = Vec::new();
        if decision.denials.is_empty() {
            reads = self.read_all(permits, provinces, asked.on, until).await;
        } else if let Some(disguise) =
            self.disguise(policies, caller, &query, &decision, &mut learned)
        {
            // Nobody is asked about, so that it takes as long as an unknown person does.
            let _nothing = self
                .read_all(disguise.decision.permits, provinces, asked.on, until)
                .await;
        }
        Looked {
            check,
            query,
            learned,
            decision,
            reads,
        }
    }

    /// Decides for the last time, evaluates, logs, and answers.
    async fn statement(
        &self,
        asked: &Asked<'_>,
        looked: Looked<'_>,
    ) -> Result<CheckedStatement, AppendError> {
        let Looked {
            check,
            query,
            mut learned,
            decision,
            reads,
        } = looked;
        let (caller, policies) = (asked.caller, asked.policies);
        let mut last = self
            .look_again(caller, &query, policies, decision, reads, &mut learned)
            .await;
        self.count_denials(&last.decision);
        let as_of = oldest(&last.reads);
        if !last.decision.denials.is_empty() {
            last.reads.clear();
        }
        let told = checks::evaluate(check, &self.said(&last.reads), checks::today(asked.now));
        let answer = self.nothing_of(asked.query_id, &query, &last.reads);
        let happened = Happened {
            query: &query,
            decision: &last.decision,
            reads: &last.reads,
            answer: &answer,
            learned: &learned,
            digest: None,
            purpose: asked.policies.purposes().get(&query.question.purpose),
            trace_id: asked.on.trace.trace_id,
            now: asked.now,
            random: self.random.as_ref(),
        };
        let receipt = self.log(&happened, last.hold).await?;
        self.settle(caller, &query, &last.decision, &last.reads, asked.on)
            .await;

        let denial = last.decision.denials.first();
        let is_sealed = denial.is_some_and(|denied| denied.reason == DenialReason::Sealed);
        let basis = last.reads.first().map(|read| read.permit.basis().clone());
        let purpose = policies.purposes().get(&query.question.purpose);
        Ok(CheckedStatement {
            check: check.clone(),
            result: told.unwrap_or(CheckResult::Unknown),
            // Of a person whose data is sealed the answer is the one about a person whom no
            // register knows; only the log says more.
            as_of: if is_sealed {
                Some(wire_time(as_of.unwrap_or(asked.now)))
            } else {
                oldest(&last.reads).map(wire_time)
            },
            basis: if is_sealed {
                purpose.map(|purpose| purpose.basis(None))
            } else {
                basis
            },
            problem: told.err().map(DatasetProblem::from),
            denied: denial.filter(|_| !is_sealed).map(|denied| CheckDenial {
                reason: denied.reason,
                rule: Arc::clone(&denied.rule),
                remedy: denials::remedy(denied, policies, caller, &query, asked.on.language),
            }),
            receipt,
        })
    }

    /// The answer that the entry is about: it holds no data, only that datasets were denied.
    fn nothing_of(&self, query_id: QueryId, query: &Query, reads: &[Read]) -> Answer {
        let selected = query.question.selection.iter();
        let denied = selected.filter(|_| reads.is_empty()).map(|(dataset, _)| {
            let name = Arc::clone(&self.catalogue.dataset(dataset).name);
            (name, DatasetAnswer::bare(DatasetStatus::Denied))
        });
        Answer {
            query_id,
            complete: false,
            datasets: Datasets(denied.collect()),
            denied: Vec::new(),
            receipt: None,
        }
    }

    /// What the registers say. Where one of several could not be asked, none counts: the part that
    /// is missing could turn "no" into "yes".
    fn said<'a>(&'a self, reads: &[Read]) -> AllSaid<'a> {
        let said = federation::by_dataset(reads).filter_map(|reads| {
            let dataset = self.catalogue.dataset(reads.first()?.permit.dataset());
            let said = match federation::first_problem(reads) {
                Some(problem) => Said::Unavailable(problem),
                None => federation::to_json(dataset, reads)
                    .and_then(|json| serde_json::from_str(&json).ok())
                    .map_or(Said::Nothing, Said::Records),
            };
            Some((dataset.name.as_ref(), said))
        });
        said.collect()
    }
}

/// When the registries said what was read: the oldest where there are several.
fn oldest(reads: &[Read]) -> Option<Timestamp> {
    let obtained = reads.iter().filter_map(|read| read.reading.as_ref().ok());
    obtained.map(|reading| reading.as_of()).min()
}
