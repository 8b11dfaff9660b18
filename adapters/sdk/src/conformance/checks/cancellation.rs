//! A call that nobody waits for any more ends.

use super::check;
use crate::conformance::{
    bench::{Bench, DEADLINE, Trial, call, not_made},
    check::{Check, Findings},
    disturbance::Disturbance,
    proxy::{Plan, Proxy},
};
use std::time::{Duration, Instant};

pub(super) const CHECKS: &[Check] = &[
    check!(
        "cancellation.closes-the-connection",
        Silver,
        super::NO_CASE,
        "Dropping a fetch that waits closes its connection, so that the source can stop too.",
        closes_the_connection
    ),
    check!(
        "cancellation.leaves-nothing",
        Silver,
        super::NO_CASE,
        "After a dropped fetch nothing more is asked for it, and the next one is answered.",
        leaves_nothing
    ),
];

async fn closes_the_connection(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for run in bench.present() {
        let station = match bench.station().await {
            Ok(station) => station,
            Err(reason) => return not_made(reason),
        };
        let Ok(permit) = bench.permit(run, run.dataset.all()) else {
            continue;
        };
        station.proxy.plan(stall());
        {
            let call = call(DEADLINE);
            let fetching = station.adapter.fetch(&permit, &call);
            tokio::select! {
                _ = fetching => {}
                () = asked(&station.proxy) => {}
            }
        }
        let closed = wait_until(|| station.proxy.abandoned() > 0).await;
        findings.expect(
            closed,
            format!("{}, dropped while the source is silent", run.case.name),
            "the connection is closed",
            "it stays open",
            "await the request within `fetch`; start no task of its own for it",
        );
    }
    findings
}

async fn leaves_nothing(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for run in bench.present() {
        let station = match bench.station().await {
            Ok(station) => station,
            Err(reason) => return not_made(reason),
        };
        let Ok(permit) = bench.permit(run, run.dataset.all()) else {
            continue;
        };
        station.proxy.plan(stall());
        {
            let call = call(DEADLINE);
            let fetching = station.adapter.fetch(&permit, &call);
            tokio::select! {
                _ = fetching => {}
                () = asked(&station.proxy) => {}
            }
        }
        let before = station.proxy.exchanges().len();
        tokio::time::sleep(QUIET).await;
        let after = station.proxy.exchanges().len();
        findings.expect(
            before == after,
            format!("{}, after a dropped fetch", run.case.name),
            "no further request",
            format!("{} further requests", after - before),
            "await everything within `fetch`; start no task of its own",
        );
        let next = bench.fetch(&station, Trial::of(&permit, run.dataset)).await;
        findings.expect(
            next.result.is_ok(),
            format!("{}, the next fetch", run.case.name),
            "an answer",
            next.told(),
            "hold nothing over an await that a dropped call would not give back",
        );
    }
    findings
}

fn stall() -> Plan {
    Plan {
        disturbance: Disturbance::Stall,
        from: 0,
    }
}

/// Returns when a request has come.
async fn asked(proxy: &Proxy) {
    wait_until(|| !proxy.exchanges().is_empty()).await;
}

/// Whether something comes true before one has waited long enough.
async fn wait_until(true_now: impl Fn() -> bool) -> bool {
    let until = Instant::now() + PATIENCE;
    while !true_now() {
        if Instant::now() > until {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    true
}

/// A busy machine takes its time.
const PATIENCE: Duration = Duration::from_secs(3);
const QUIET: Duration = Duration::from_millis(100);
