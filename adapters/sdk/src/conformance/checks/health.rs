//! Whether the source can be reached is asked without anybody's data.

use super::check;
use crate::conformance::{
    bench::{Bench, DEADLINE, Station, call, not_made},
    candidate::Source,
    check::{Check, Findings},
    disturbance::Disturbance,
    proxy::Plan,
};
use http::StatusCode;
use std::time::{Duration, Instant};

pub(super) const CHECKS: &[Check] = &[
    check!(
        "health.asks-without-a-person",
        Bronze,
        "the source is recorded and has no answer for it",
        "It succeeds with a source in order, by a request that names no person and no officer.",
        asks_without_a_person
    ),
    check!(
        "health.notices-outages",
        Bronze,
        "",
        "It fails where the connection is closed, where a page comes and where nothing comes.",
        notices_outages
    ),
];

async fn asks_without_a_person(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    let station = match bench.station().await {
        Ok(station) => station,
        Err(reason) => return not_made(reason),
    };
    let health = station.adapter.health(&call(DEADLINE)).await;
    let exchanges = station.proxy.exchanges();
    if matches!(bench.candidate.source, Source::Fixtures(_)) && health.is_err() {
        return findings;
    }
    findings.expect(
        health.is_ok(),
        "health, with a source in order",
        "success",
        health
            .err()
            .map_or_else(String::new, |error| format!("{:?}", error.problem())),
        "ask for something that every source of the protocol has, such as a description of itself",
    );
    findings.expect(
        !exchanges.is_empty(),
        "health, with a source in order",
        "at least one request",
        "none",
        "ask the source; a connection alone does not show that it works",
    );
    let officers = bench
        .runs
        .iter()
        .filter_map(|run| run.asking.officer.as_ref());
    let officers: Vec<String> = officers.map(|officer| officer.id.to_string()).collect();
    for exchange in &exchanges {
        let text = format!("{}\n{}", exchange.asked.outside(), exchange.asked.inside());
        let person = bench
            .runs
            .iter()
            .any(|run| text.contains(&run.case.subject));
        let officer = officers
            .iter()
            .any(|officer| text.contains(officer.as_str()));
        findings.expect(
            !person && !officer,
            "health, with a source in order",
            "a request that names nobody",
            "a request that names a person or an officer",
            "ask for nothing that is about anybody",
        );
    }
    findings
}

async fn notices_outages(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for (what, disturbance, deadline) in [
        ("closed connections", Disturbance::Close, DEADLINE),
        (
            "HTTP 500 with a page",
            Disturbance::page(StatusCode::INTERNAL_SERVER_ERROR),
            DEADLINE,
        ),
        (
            "HTTP 404 with a page",
            Disturbance::page(StatusCode::NOT_FOUND),
            DEADLINE,
        ),
        ("no answer", Disturbance::Stall, SHORT),
    ] {
        let station = match bench.station().await {
            Ok(station) => station,
            Err(reason) => return not_made(reason),
        };
        let failed = fails(&station, disturbance, deadline).await;
        findings.expect(
            failed,
            format!("health, {what}"),
            "an error in time",
            "success, or no end",
            "look at the answer's status and form, within the call's deadline",
        );
    }
    findings
}

async fn fails(station: &Station, disturbance: Disturbance, deadline: Duration) -> bool {
    station.proxy.plan(Plan {
        disturbance,
        from: 0,
    });
    let call = call(deadline);
    let limit = Instant::now() + deadline + GRACE;
    let health = tokio::time::timeout_at(limit.into(), station.adapter.health(&call)).await;
    matches!(health, Ok(Err(_)))
}

const SHORT: Duration = Duration::from_millis(250);
const GRACE: Duration = Duration::from_secs(3);
