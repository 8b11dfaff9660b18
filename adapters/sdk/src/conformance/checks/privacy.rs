//! Nobody is named where others read: in addresses, errors, logs, spans.

use super::check;
use crate::adapter::Adapter;
use crate::conformance::{
    bench::{Bench, call, not_made},
    candidate::Factory,
    capture::{Capture, Texts},
    check::{Check, Findings},
    disturbance::Disturbance,
    proxy::{Plan, Proxy},
};
use http::StatusCode;
use motlan_policies::permit::Permit;
use motlan_schemas::catalogue::SubjectKind;
use std::{collections::BTreeSet, sync::Arc, time::Duration};

pub(super) const CHECKS: &[Check] = &[
    check!(
        "privacy.number-not-in-addresses",
        Silver,
        "no case is about a person",
        "A person's number is in the body of requests: addresses and headers end in logs on the way.",
        number_not_in_addresses
    ),
    check!(
        "privacy.errors-name-nobody",
        Bronze,
        super::NO_CASE,
        "No error of the whole run has a value of a person, in either way of printing it.",
        errors_name_nobody
    ),
    check!(
        "privacy.logs-name-nobody",
        Bronze,
        super::NO_CASE,
        "No log line at any level has a value of a person, in order and out of order.",
        logs_name_nobody
    ),
    check!(
        "privacy.spans-name-nobody",
        Bronze,
        super::NO_CASE,
        "No field of a span has a value of a person, in order and out of order.",
        spans_name_nobody
    ),
    check!(
        "privacy.adapter-holds-nobody",
        Bronze,
        super::NO_CASE,
        "After its calls, the adapter printed for debugging shows nothing of a person.",
        adapter_holds_nobody
    ),
];

/// The one check that comes after all others, because it looks at all their errors.
pub(in crate::conformance) const LAST: &str = "privacy.errors-name-nobody";

async fn number_not_in_addresses(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    let persons = bench
        .runs
        .iter()
        .filter(|run| run.subject.kind() == SubjectKind::Person);
    for run in persons {
        for (nth, exchange) in run.undisturbed.exchanges.iter().enumerate() {
            findings.expect(
                !exchange.asked.outside().contains(&run.case.subject),
                format!("{}, request {}", run.case.name, nth + 1),
                "the number in the body only",
                "the number in the address or a header",
                "post the search; if the source knows no other way, leave this check out with that reason",
            );
        }
    }
    findings
}

async fn errors_name_nobody(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    let secrets = bench.secrets();
    let errors = bench.errors.lock();
    for error in errors.iter() {
        let runs = error.split(|character: char| !character.is_ascii_digit());
        let number = runs.into_iter().any(|run| run.len() >= NUMBER_DIGITS);
        findings.expect(
            !number && !names_one(error, &secrets),
            "an error text",
            "codes, statuses and places",
            "a value of a person, or a number that could be one",
            "say which attribute or place is wrong, never what stands there; use `public_code` for codes",
        );
    }
    findings
}

async fn logs_name_nobody(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    match captured(bench).await {
        Ok(seen) => findings.expect(
            !names_one(&seen.texts.events, &bench.secrets()),
            "the log at level TRACE",
            "no value of a person",
            "a value of a person",
            MEND,
        ),
        Err(reason) => return not_made(reason),
    }
    findings
}

async fn spans_name_nobody(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    match captured(bench).await {
        Ok(seen) => findings.expect(
            !names_one(&seen.texts.spans, &bench.secrets()),
            "the fields of spans at level TRACE",
            "no value of a person",
            "a value of a person",
            MEND,
        ),
        Err(reason) => return not_made(reason),
    }
    findings
}

async fn adapter_holds_nobody(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    match captured(bench).await {
        Ok(seen) => findings.expect(
            !names_more(&seen.after, &seen.before, &bench.secrets()),
            "the adapter after its calls",
            "no value of a person",
            "a value of a person",
            "keep nothing between calls but connections, credentials and configuration",
        ),
        Err(reason) => return not_made(reason),
    }
    findings
}

/// A text that configuration has too, such as the title of a code, is nobody's.
fn names_more(after: &str, before: &str, secrets: &BTreeSet<String>) -> bool {
    let mut new = secrets.clone();
    new.retain(|secret| !before.contains(secret.as_str()));
    names_one(after, &new)
}

fn names_one(text: &str, secrets: &BTreeSet<String>) -> bool {
    secrets.iter().any(|secret| {
        // A text is also found as Rust prints it, with its escapes.
        text.contains(secret.as_str()) || text.contains(secret.escape_debug().to_string().as_str())
    })
}

/// What a thread of its own has logged while the adapter lived on it.
struct Captured {
    texts: Texts,
    /// The adapter as it is printed for debugging, before its calls and after.
    before: String,
    after: String,
}

async fn captured(bench: &Bench<'_>) -> Result<Captured, String> {
    let station = bench.station().await?;
    let proxy = Arc::new(station.proxy);
    let make = Arc::clone(&bench.candidate.make);
    let present = bench.present().into_iter();
    let permits: Vec<Permit> = present
        .filter_map(|run| bench.permit(run, run.dataset.all()).ok())
        .collect();
    // The proxy stays on this runtime, so that only the adapter's own lines are captured.
    tokio::task::spawn_blocking(move || on_this_thread(&make, &proxy, &permits))
        .await
        .map_err(|error| error.to_string())?
}

fn on_this_thread(make: &Factory, proxy: &Proxy, permits: &[Permit]) -> Result<Captured, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let base = proxy
        .base("http://127.0.0.1")
        .ok_or("the address is no URL")?;
    let capture = Capture::default();
    tracing::subscriber::with_default(capture.clone(), || {
        let adapter = make(base).map_err(|error| error.to_string())?;
        let before = format!("{adapter:?}");
        runtime.block_on(in_and_out_of_order(adapter.as_ref(), proxy, permits));
        Ok(Captured {
            texts: capture.texts(),
            before,
            after: format!("{adapter:?}"),
        })
    })
}

async fn in_and_out_of_order(adapter: &dyn Adapter, proxy: &Proxy, permits: &[Permit]) {
    for (disturbance, deadline) in [
        (Disturbance::None, LONG),
        (Disturbance::Close, LONG),
        (Disturbance::CloseMidBody, LONG),
        (Disturbance::page(StatusCode::INTERNAL_SERVER_ERROR), LONG),
        (Disturbance::text(|text| text.replace('0', "X")), LONG),
        (Disturbance::document("<a/>", "{}"), LONG),
        (Disturbance::Stall, SHORT),
    ] {
        for permit in permits {
            proxy.plan(Plan {
                disturbance: disturbance.clone(),
                from: 0,
            });
            // What it answers is other checks' affair; here it is what it logs.
            let _ = adapter.fetch(permit, &call(deadline)).await;
        }
    }
}

const MEND: &str = "log kinds, counts and durations; never a number, a name, an address or a body";
const LONG: Duration = Duration::from_secs(5);
const SHORT: Duration = Duration::from_millis(100);
/// A person's number has twelve, an old identity card's nine.
const NUMBER_DIGITS: usize = 9;
