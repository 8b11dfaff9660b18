//! Where a query meets its budgets: at the door, before anything is read, and once it is logged.

use super::{Pipeline, Read};
use crate::{
    api::circumstances::Circumstances,
    budget::{
        Asker, Counted, Exhausted, Outcome,
        reach::{LARGE_SCALE, Reached},
        rebuild,
    },
    random,
};
use motlan_access_log::entry::{
    Entry, Record,
    record::{Alert, Bytes32},
};
use motlan_policies::decide::{Caller, Decision};
use motlan_schemas::{
    answer::DenialReason,
    clock::wire_time,
    ids::OfficerId,
    query::{Query, Question, Subject},
};

impl Pipeline {
    /// Lets a question in whose subject is within the budgets of its client and officer, and
    /// counts the subject. The first time that a budget is used up, an alert is raised.
    ///
    /// # Errors
    /// The budget that is used up: nothing may be read then.
    pub async fn admit(
        &self,
        caller: &Caller,
        subject: &Subject,
        question: &Question,
        on: &Circumstances,
    ) -> Result<(), Exhausted> {
        let officer = officer(caller, question);
        let asker = Asker {
            client: &caller.client,
            officer,
        };
        let counted = Counted {
            key: rebuild::key(&self.entries.subject(subject)),
            walked: match subject {
                Subject::Person(person) if !on.batch => Some(person),
                Subject::Person(_) | Subject::Enterprise(_) => None,
            },
        };
        let budget = &caller.agency.budget;
        let admitted = self.budgets.admit(asker, budget, counted, self.clock.now());
        if let Err(exhausted) = &admitted {
            let (rule, window) = (exhausted.rule.as_str(), exhausted.window.as_str());
            self.metrics.budget_refused(rule, window);
            if exhausted.first {
                let officer = officer.filter(|_| exhausted.officers_own);
                let (count, limit) = (exhausted.count, exhausted.limit.into());
                self.alert(caller, officer, (rule, window), (count, limit))
                    .await;
            }
        }
        admitted
    }

    /// Counts what came of a question whose entry is durable.
    pub(super) async fn settle(
        &self,
        caller: &Caller,
        query: &Query,
        decision: &Decision,
        reads: &[Read],
        on: &Circumstances,
    ) {
        let asker = Asker {
            client: &caller.client,
            officer: officer(caller, &query.question),
        };
        let (key, now) = (
            rebuild::key(&self.entries.subject(&query.subject)),
            self.clock.now(),
        );
        let outcome = Outcome {
            refused: reads.is_empty() || is_sealed(decision),
            missed: !on.batch && is_missed(reads),
        };
        self.budgets
            .settle(asker, &caller.agency.budget, key, outcome, now);
        let told = reads.iter().any(|read| {
            let reading = read.reading.as_ref();
            reading.is_ok_and(|reading| !reading.is_absent())
        });
        if told && matches!(query.subject, Subject::Person(_)) {
            let reached = self.reach.count(&caller.client, key, now);
            self.citizens_reached(caller, reached).await;
        }
    }

    async fn citizens_reached(&self, caller: &Caller, reached: Option<Reached>) {
        let Some(reached) = reached else { return };
        let client = caller.client.as_str();
        self.metrics.citizens_disclosed(client, reached.citizens);
        if reached.large_scale {
            let of = ("large_scale", "year");
            self.alert(caller, None, of, (reached.citizens, LARGE_SCALE))
                .await;
        }
    }

    /// Tells the data protection officer through the log, and the operator through a line and a
    /// metric. A log that takes no entry stops the node by itself.
    async fn alert(
        &self,
        caller: &Caller,
        officer: Option<&OfficerId>,
        (rule, window): (&'static str, &'static str),
        (count, limit): (u64, u64),
    ) {
        self.metrics.alerted(rule, window);
        tracing::warn!(
            agency.id = %caller.agency.id, client.id = %caller.client, rule, window, limit,
            "a budget against harvesting is used up"
        );
        let entry = Entry {
            time: wire_time(self.clock.now()),
            nonce: Bytes32(random::bytes(self.random.as_ref())),
            record: Record::Alert(Alert {
                agency: caller.agency.id.to_string(),
                attribute: None,
                client: caller.client.to_string(),
                count,
                entries: Vec::new(),
                limit,
                officer: officer.map(|officer| officer.as_str().to_owned()),
                purpose: None,
                rule: rule.into(),
                usual: None,
                window: window.into(),
            }),
        };
        let appended = match entry.encode() {
            Ok(entry) => self.log.append(vec![entry]).await.map(drop),
            Err(error) => {
                tracing::error!(%error, "an alert cannot be written");
                return;
            }
        };
        if let Err(error) = appended {
            tracing::error!(%error, "an alert is not in the access log");
        }
    }
}

/// The officer behind the question: the token's word goes first.
fn officer<'a>(caller: &'a Caller, question: &'a Question) -> Option<&'a OfficerId> {
    caller.officer.as_ref().or(question.officer.as_ref())
}

fn is_sealed(decision: &Decision) -> bool {
    let mut reasons = decision.denials.iter().map(|denied| denied.reason);
    reasons.any(|reason| reason == DenialReason::Sealed)
}

/// Some register answered, and none knows the subject.
fn is_missed(reads: &[Read]) -> bool {
    let mut answered = reads
        .iter()
        .filter_map(|read| read.reading.as_ref().ok())
        .peekable();
    answered.peek().is_some() && answered.all(crate::cache::Reading::is_absent)
}
