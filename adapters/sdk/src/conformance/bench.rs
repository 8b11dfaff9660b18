//! The workbench of one run: the candidate, what it did undisturbed, and stations to try it at.

use super::{
    candidate::{Candidate, Case, Expect, Wish, subject},
    check::Findings,
    disturbance::Disturbance,
    exchange::{Exchange, follows},
    mutate::leaves,
    proxy::{Plan, Proxy},
};
use crate::adapter::{Adapter, AdapterError, Call, Descriptor};
use jiff::Timestamp;
use motlan_policies::permit::{Asking, Permit};
use motlan_schemas::{
    answer::RegistryProblem,
    catalogue::{AttributeSet, Cardinality, Dataset},
    query::Subject,
    record::Records,
};
use parking_lot::Mutex;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// Everything that checks share.
#[derive(Debug)]
pub(super) struct Bench<'c> {
    pub(super) candidate: &'c Candidate,
    pub(super) client: reqwest::Client,
    pub(super) descriptor: Descriptor,
    /// Every case as the adapter answers it undisturbed.
    pub(super) runs: Vec<Run<'c>>,
    /// All error texts of the run, which must name nobody.
    pub(super) errors: Mutex<BTreeSet<String>>,
}

/// A case and its undisturbed answer.
#[derive(Debug)]
pub(super) struct Run<'c> {
    pub(super) case: &'c Case,
    pub(super) subject: Subject,
    pub(super) dataset: &'c Dataset,
    /// What the permit for everything allows.
    pub(super) permitted: AttributeSet,
    pub(super) asking: Asking,
    pub(super) undisturbed: Seen,
}

/// An adapter behind a proxy of its own.
#[derive(Debug)]
pub(super) struct Station {
    pub(super) proxy: Proxy,
    pub(super) adapter: Arc<dyn Adapter>,
}

/// What came of one fetch.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) result: Result<Said, Failed>,
    pub(super) exchanges: Vec<Exchange>,
    pub(super) took: Duration,
    pub(super) sent: u64,
}

/// What an adapter said.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said {
    /// The records as the gateway would send them; `null` for an absent subject.
    pub(super) json: Value,
    pub(super) text: Option<String>,
    pub(super) attributes: AttributeSet,
    pub(super) as_of: Option<Timestamp>,
    pub(super) over_delivered: usize,
}

/// What an adapter failed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failed {
    pub(super) problem: RegistryProblem,
    pub(super) text: String,
    /// Both ways of printing it.
    pub(super) printed: String,
}

/// One fetch at a station.
#[derive(Debug)]
pub(super) struct Trial<'t> {
    pub(super) permit: &'t Permit,
    pub(super) dataset: &'t Dataset,
    pub(super) plan: Plan,
    pub(super) deadline: Duration,
}

impl<'c> Bench<'c> {
    pub(super) fn catalogue(&self) -> &'c motlan_schemas::catalogue::Catalogue {
        self.candidate.contract.catalogue()
    }

    /// The cases that are answered with records, one for each dataset: the one with the longest list.
    pub(super) fn present(&self) -> Vec<&Run<'c>> {
        self.one_each(|run| matches!(&run.undisturbed.result, Ok(said) if !said.json.is_null()))
    }

    /// The cases that are answered with an absence, one for each dataset.
    pub(super) fn absent(&self) -> Vec<&Run<'c>> {
        self.one_each(|run| matches!(&run.undisturbed.result, Ok(said) if said.json.is_null()))
    }

    fn one_each(&self, fits: impl Fn(&Run<'c>) -> bool) -> Vec<&Run<'c>> {
        let mut chosen: Vec<&Run<'c>> = Vec::new();
        for run in self.runs.iter().filter(|run| fits(run)) {
            let known = chosen.iter_mut().find(|c| c.dataset.id == run.dataset.id);
            match known {
                None => chosen.push(run),
                Some(known) if run.weight() > known.weight() => *known = run,
                Some(_) => {}
            }
        }
        chosen
    }

    /// A permit for attributes of a case's dataset.
    pub(super) fn permit(&self, run: &Run<'_>, attributes: AttributeSet) -> Result<Permit, String> {
        (self.candidate.permits)(&Wish {
            subject: &run.subject,
            dataset: run.dataset,
            attributes,
        })
    }

    /// Another number of the same kind as a case's: that of another case, or one nearby.
    pub(super) fn other_number(&self, run: &Run<'_>) -> String {
        let own = &run.case.subject;
        let others = self.runs.iter().map(|other| &other.case.subject);
        let other = others
            .filter(|other| *other != own && other.len() == own.len())
            .find(|other| !run.undisturbed.mentions(other));
        other.cloned().unwrap_or_else(|| neighbour(own))
    }

    /// Texts of persons that may stand in no error, log line or span: numbers, names, addresses.
    pub(super) fn secrets(&self) -> BTreeSet<String> {
        let mut secrets = BTreeSet::new();
        for run in &self.runs {
            secrets.insert(run.case.subject.clone());
            let values = leaves(&run.expected().to_string());
            secrets.extend(values.into_iter().filter(|value| is_personal(value)));
        }
        secrets
    }

    /// An adapter behind a proxy of its own.
    pub(super) async fn station(&self) -> Result<Station, String> {
        Station::open(self.candidate, self.client.clone()).await
    }

    /// Fetches at a station, and keeps the text of an error.
    pub(super) async fn fetch(&self, station: &Station, trial: Trial<'_>) -> Seen {
        let seen = station.fetch(trial).await;
        if let Err(failed) = &seen.result {
            self.errors.lock().insert(failed.printed.clone());
        }
        seen
    }
}

/// Long enough to be about somebody: a name, an address, a number; no code and no date.
fn is_personal(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let words = value.trim().contains(' ') && value.len() > PERSONAL_BYTES;
    words || (digits >= NUMBER_DIGITS && digits == value.len())
}

/// A number that differs in its last digits and is of the same kind.
pub(super) fn neighbour(number: &str) -> String {
    for last in ('0'..='9').rev() {
        let kept = number
            .get(..number.len().saturating_sub(1))
            .unwrap_or_default();
        let other = format!("{kept}{last}");
        if other != number && subject(&other).is_some() {
            return other;
        }
    }
    number.chars().rev().collect()
}

impl<'c> Run<'c> {
    /// Answers a case undisturbed.
    pub(super) async fn of(
        candidate: &'c Candidate,
        station: &Station,
        case: &'c Case,
    ) -> Result<Self, String> {
        let dataset = candidate
            .contract
            .catalogue()
            .dataset_named(&case.dataset)
            .ok_or_else(|| format!("the catalogue has no dataset `{}`", case.dataset))?;
        let subject = case
            .subject()
            .ok_or("`subject` is neither a personal number nor an enterprise code")?;
        let wish = Wish {
            subject: &subject,
            dataset,
            attributes: dataset.all(),
        };
        let permit = (candidate.permits)(&wish)?;
        let undisturbed = station.fetch(Trial::of(&permit, dataset)).await;
        Ok(Self {
            permitted: permit.attributes(),
            asking: permit.asking().clone(),
            case,
            subject,
            dataset,
            undisturbed,
        })
    }

    /// What the case expects, as far as the permit goes; `null` for an absent subject.
    pub(super) fn expected(&self) -> Value {
        match &self.case.expect {
            Expect::Absent => Value::Null,
            Expect::Records(records) => {
                projected(records, self.dataset, self.permitted | self.dataset.flags)
            }
        }
    }

    /// The exchanges after which a fetch can be disturbed: all, or the first, the second and the last.
    pub(super) fn places(&self) -> Vec<usize> {
        let last = self.undisturbed.exchanges.len().saturating_sub(1);
        let mut places = vec![0, 1.min(last), last];
        places.dedup();
        places
    }

    /// The exchanges that fetch a further page.
    pub(super) fn further_pages(&self) -> Vec<usize> {
        let pairs = self.undisturbed.exchanges.windows(2).enumerate();
        pairs
            .filter(|(_, pair)| matches!(pair, [before, next] if follows(before, next)))
            .map(|(place, _)| place + 1)
            .collect()
    }

    /// The source's answers, undisturbed.
    pub(super) fn answers(&self) -> Vec<super::exchange::Answer> {
        let exchanges = self.undisturbed.exchanges.iter();
        exchanges.filter_map(|each| each.said.clone()).collect()
    }

    pub(super) fn is_list(&self) -> bool {
        self.dataset.cardinality == Cardinality::Many
    }

    fn weight(&self) -> (usize, usize) {
        let length = match &self.undisturbed.result {
            Ok(said) => said.json.as_array().map_or(0, Vec::len),
            Err(_) => 0,
        };
        (self.undisturbed.exchanges.len(), length)
    }
}

/// Records with the attributes of a set only.
pub(super) fn projected(records: &Value, dataset: &Dataset, keep: AttributeSet) -> Value {
    match records {
        Value::Array(items) => items
            .iter()
            .map(|item| projected(item, dataset, keep))
            .collect(),
        Value::Object(members) => Value::Object(
            members
                .iter()
                .filter(|(name, _)| {
                    let attribute = dataset.attribute(name);
                    attribute.is_none_or(|attribute| keep.contains(attribute.index))
                })
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        ),
        other => other.clone(),
    }
}

impl Station {
    pub(super) async fn open(
        candidate: &Candidate,
        client: reqwest::Client,
    ) -> Result<Self, String> {
        let proxy = Proxy::start(candidate.source.clone(), client)
            .await
            .map_err(|error| format!("no loopback port can be had: {error}"))?;
        let base = proxy
            .base("http://127.0.0.1")
            .ok_or("the source's address is no URL")?;
        let adapter = (candidate.make)(base).map_err(|error| error.to_string())?;
        Ok(Self { proxy, adapter })
    }

    /// Fetches once.
    pub(super) async fn fetch(&self, trial: Trial<'_>) -> Seen {
        self.proxy.plan(trial.plan);
        let call = call(trial.deadline);
        let start = Instant::now();
        let grace = trial.deadline + SCHEDULING + SCHEDULING / 2;
        let fetching = self.adapter.fetch(trial.permit, &call);
        let result = match tokio::time::timeout(grace, fetching).await {
            Ok(Ok(fetched)) => Ok(Said {
                json: json_of(fetched.records(), trial.dataset),
                text: fetched
                    .records()
                    .to_json(trial.dataset, trial.dataset.all()),
                attributes: fetched.records().attributes(),
                as_of: fetched.as_of(),
                over_delivered: fetched.over_delivered(),
            }),
            Ok(Err(error)) => Err(Failed::of(&error)),
            // The adapter would not end by itself; the time that it took shows it.
            Err(_) => Err(Failed::of(&AdapterError::Timeout)),
        };
        Seen {
            result,
            took: start.elapsed(),
            exchanges: self.proxy.exchanges(),
            sent: self.proxy.sent(),
        }
    }
}

fn json_of(records: &Records, dataset: &Dataset) -> Value {
    let text = records.to_json(dataset, dataset.all());
    text.and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or(Value::Null)
}

impl<'t> Trial<'t> {
    /// An undisturbed fetch.
    pub(super) fn of(permit: &'t Permit, dataset: &'t Dataset) -> Self {
        Self {
            permit,
            dataset,
            plan: Plan::default(),
            deadline: DEADLINE,
        }
    }

    /// Disturbs the answers from one exchange on.
    pub(super) fn disturbed(mut self, disturbance: Disturbance, from: usize) -> Self {
        self.plan = Plan { disturbance, from };
        self
    }

    pub(super) const fn within(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }
}

impl Seen {
    /// At least one answer was disturbed.
    pub(super) fn was_disturbed(&self) -> bool {
        self.exchanges.iter().any(|exchange| exchange.disturbed)
    }

    /// The adapter ended before its deadline, or as soon after it as a busy machine allows.
    pub(super) fn was_in_time(&self, deadline: Duration) -> bool {
        self.took <= deadline + SCHEDULING
    }

    pub(super) fn mentions(&self, number: &str) -> bool {
        let said = self.exchanges.iter().filter_map(|each| each.said.as_ref());
        said.into_iter()
            .any(|answer| answer.text().contains(number))
    }

    /// What came of it, without a value.
    pub(super) fn told(&self) -> String {
        match &self.result {
            Ok(said) => match &said.json {
                Value::Null => "the subject was called absent".to_owned(),
                Value::Array(items) => format!("{} records", items.len()),
                _ => "a record".to_owned(),
            },
            Err(failed) => format!("an error: {}", failed.text),
        }
    }
}

impl Failed {
    fn of(error: &AdapterError) -> Self {
        Self {
            problem: error.problem(),
            text: error.to_string(),
            printed: format!("{error} {error:?}"),
        }
    }
}

/// A call of the kit.
pub(super) fn call(deadline: Duration) -> Call {
    Call {
        deadline: Instant::now() + deadline,
        id: CALL_ID,
        traceparent: Some(TRACEPARENT.to_owned()),
    }
}

/// Notes that a station could not be opened: the adapter was made before, so it must be again.
pub(super) fn not_made(reason: String) -> Findings {
    let mut findings = Findings::default();
    findings.expect(
        false,
        "making the adapter",
        "an adapter for any address",
        reason,
        "let the factory depend on nothing but the address it is given",
    );
    findings
}

/// Shorter texts of two words stand in the kit's and the adapter's own sentences by chance.
const PERSONAL_BYTES: usize = 8;
/// The shortest number of a document or person.
const NUMBER_DIGITS: usize = 9;
/// The id of every call of the kit, so that it can be looked for in requests.
pub(super) const CALL_ID: Uuid = Uuid::from_u128(0x0192_c0de_0000_7000_8000_0000_0000_0042);
/// The trace context of every call of the kit.
pub(super) const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
/// Enough for any exchange over loopback, on a busy machine too.
pub(super) const DEADLINE: Duration = Duration::from_secs(10);
/// How long after its deadline an answer may still come: a busy machine wakes a task late.
const SCHEDULING: Duration = Duration::from_secs(3);
