//! Who asks, and why, travels along: the registry's own log can be compared with ours.

use super::check;
use crate::conformance::{
    bench::{Bench, CALL_ID, Run, TRACEPARENT},
    check::{Check, Findings},
    exchange::decoded,
};

pub(super) const CHECKS: &[Check] = &[
    check!(
        "asker.officer-travels",
        Silver,
        "no permit names an officer",
        "Every request about a subject names the officer.",
        officer_travels
    ),
    check!(
        "asker.case-travels",
        Silver,
        "no permit names a case",
        "Every request about a subject names the case.",
        case_travels
    ),
    check!(
        "asker.purpose-travels",
        Silver,
        super::NO_CASE,
        "Every request about a subject names the purpose.",
        purpose_travels
    ),
    check!(
        "asker.call-id-travels",
        Silver,
        super::NO_CASE,
        "Every request about a subject carries the id of the call.",
        call_id_travels
    ),
    check!(
        "asker.trace-travels",
        Silver,
        super::NO_CASE,
        "Every request carries the trace context of the call.",
        trace_travels
    ),
];

async fn officer_travels(bench: &Bench<'_>) -> Findings {
    travels(bench, "the officer", |run| {
        run.asking
            .officer
            .as_ref()
            .map(|officer| officer.id.to_string())
    })
}

async fn case_travels(bench: &Bench<'_>) -> Findings {
    travels(bench, "the case", |run| {
        run.asking.case.as_ref().map(ToString::to_string)
    })
}

async fn purpose_travels(bench: &Bench<'_>) -> Findings {
    travels(bench, "the purpose", |run| {
        Some(run.asking.purpose.to_string())
    })
}

async fn call_id_travels(bench: &Bench<'_>) -> Findings {
    travels(bench, "the id of the call", |_| Some(CALL_ID.to_string()))
}

async fn trace_travels(bench: &Bench<'_>) -> Findings {
    travels(bench, "the trace context", |_| Some(TRACEPARENT.to_owned()))
}

fn travels(bench: &Bench<'_>, what: &str, of: impl Fn(&Run<'_>) -> Option<String>) -> Findings {
    let mut findings = Findings::default();
    for run in bench.present() {
        let Some(text) = of(run) else { continue };
        for (nth, exchange) in run.undisturbed.exchanges.iter().enumerate() {
            let request = format!("{}\n{}", exchange.asked.outside(), exchange.asked.inside());
            findings.expect(
                request.contains(&text) || decoded(&request).contains(&text),
                format!("{}, request {}", run.case.name, nth + 1),
                format!("{what} in a header or field of the protocol"),
                "no such text in the request",
                "send `CallerHeaders::headers`, or the protocol's own fields, with every request of a call",
            );
        }
    }
    findings
}
