//! The conformance kit: one suite of checks that every adapter must pass, in Rust or declared.
//!
//! Between the adapter and its source stands the kit's own proxy. It records what the adapter asks,
//! and disturbs what the source answers: it breaks connections, cuts lists, sends links elsewhere,
//! mixes in other people's records, and sends documents made to do harm, in the answer's own
//! protocol. So the same checks hold for SOAP and FHIR, for the sandbox and for recorded fixtures.
//!
//! ```no_run
//! # use motlan_adapter_sdk::conformance::{Candidate, Case, Tier, run};
//! # async fn examine(mut candidate: Candidate) {
//! candidate.cases = Case::read(include_str!("conformance/example-cases.json")).unwrap();
//! let report = run(&candidate).await.unwrap();
//! println!("{}", report.table());
//! assert_eq!(report.tier, Tier::Gold);
//! # }
//! ```
//!
//! What a check finds never holds a value of a person. Which tier needs which check, and how to
//! write cases and fixtures, is in `docs/conformance.md`.

mod bench;
mod candidate;
mod capture;
mod check;
mod checks;
mod disturbance;
mod drive;
mod exchange;
mod fixtures;
mod mutate;
mod proxy;
mod report;
mod snapshot;
mod trap;
mod watch;

pub use crate::tier::{Committed, Tier};
pub use candidate::{
    Candidate, Case, CodeTable, Expect, Factory, Permits, Source, TrustingFactory, Wish,
};
pub use check::{Failure, Verdict};
pub use fixtures::{Fixture, FixtureAnswer, FixtureError, FixtureRequest, Fixtures};
pub use report::{CheckResult, Report};
pub use snapshot::{ServedThen, Snapshot};
pub use watch::{Watch, Watched, WatchedAnswer};

use bench::{Bench, Run, Station};
use check::Check;
use futures::{StreamExt, stream};
use parking_lot::Mutex;
use std::{collections::BTreeSet, time::Duration};

/// Why nothing could be examined.
#[derive(Debug, thiserror::Error)]
pub enum KitError {
    /// The kit's own HTTP client cannot be made.
    #[error("the kit's HTTP client cannot be made: {0}")]
    Client(#[from] reqwest::Error),
    /// The adapter cannot be made.
    #[error("the adapter cannot be made: {0}")]
    Adapter(String),
    /// A case that cannot be asked.
    #[error("case `{case}`: {reason}")]
    Case {
        /// The case's name.
        case: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A check that is left out and does not exist.
    #[error("there is no check `{0}` to leave out")]
    UnknownCheck(String),
}

/// Puts a candidate through all checks.
///
/// # Errors
/// Where nothing could be examined: an adapter that cannot be made, a case that cannot be asked.
pub async fn run(candidate: &Candidate) -> Result<Report, KitError> {
    if let Some(id) = candidate
        .skips
        .keys()
        .find(|id| checks::all().all(|c| c.id != *id))
    {
        return Err(KitError::UnknownCheck(id.clone()));
    }
    let bench = prepared(candidate).await?;
    let (last, first): (Vec<_>, Vec<_>) = checks::all().partition(|check| check.id == checks::LAST);
    let mut verdicts: Vec<(&Check, Verdict)> = stream::iter(first)
        .map(|check| examined(&bench, check))
        .buffered(CHECKS_AT_ONCE)
        .collect()
        .await;
    for check in last {
        let examined = examined(&bench, check).await;
        let before = checks::all()
            .take_while(|other| other.id != check.id)
            .count();
        verdicts.insert(before.min(verdicts.len()), examined);
    }
    let mut notes = candidate.always_asked.clone();
    notes.extend(candidate.never_sent.clone());
    Ok(Report::new(&candidate.name, verdicts, notes))
}

/// Writes down what an adapter answers for some cases, whatever they expect: a draft, to be
/// compared with the source by a person before it is kept.
///
/// # Errors
/// An adapter that cannot be made, a case that cannot be asked or is answered with an error.
pub async fn draft(candidate: &Candidate) -> Result<Vec<Case>, KitError> {
    let bench = prepared(candidate).await?;
    let drafted = |run: &Run<'_>| match &run.undisturbed.result {
        Ok(said) => Ok(Case {
            expect: match &said.json {
                serde_json::Value::Null => Expect::Absent,
                records => Expect::Records(records.clone()),
            },
            as_of: said.as_of,
            ..run.case.clone()
        }),
        Err(failed) => Err(KitError::Case {
            case: run.case.name.clone(),
            reason: failed.text.clone(),
        }),
    };
    bench.runs.iter().map(drafted).collect()
}

/// Answers every case undisturbed.
async fn prepared(candidate: &Candidate) -> Result<Bench<'_>, KitError> {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(SOURCE_TIMEOUT)
        .build()?;
    let station = Station::open(candidate, client.clone()).await;
    let station = station.map_err(KitError::Adapter)?;
    let descriptor = station.adapter.descriptor().clone();
    let mut runs = Vec::new();
    for case in &candidate.cases {
        let run = Run::of(candidate, &station, case).await;
        runs.push(run.map_err(|reason| KitError::Case {
            case: case.name.clone(),
            reason,
        })?);
    }
    Ok(Bench {
        candidate,
        client,
        descriptor,
        runs,
        errors: Mutex::new(BTreeSet::new()),
    })
}

async fn examined<'b>(bench: &'b Bench<'b>, check: &'static Check) -> (&'static Check, Verdict) {
    if let Some(reason) = bench.candidate.skips.get(check.id) {
        let reason = format!("left out: {reason}");
        return (check, Verdict::Unproven { reason });
    }
    let findings = (check.run)(bench).await;
    (
        check,
        findings.verdict(check.nothing).without(&bench.secrets()),
    )
}

/// Most checks wait more than they compute.
const CHECKS_AT_ONCE: usize = 8;
/// The sandbox answers at once; a source that hangs must not hang the kit.
const SOURCE_TIMEOUT: Duration = Duration::from_secs(20);
