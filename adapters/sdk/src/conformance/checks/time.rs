//! Everything ends by the call's deadline.

use super::check;
use crate::conformance::{
    bench::{Bench, Trial, not_made},
    check::{Check, Findings},
    disturbance::Disturbance,
    drive::{At, Drive, Must},
};
use http::StatusCode;
use motlan_schemas::answer::RegistryProblem;
use std::time::Duration;

pub(super) const CHECKS: &[Check] = &[
    check!(
        "time.no-answer-is-a-timeout",
        Bronze,
        super::NO_CASE,
        "A source that does not answer is a time-out, at any request of a call.",
        no_answer_is_a_timeout
    ),
    check!(
        "time.slow-body-is-a-timeout",
        Bronze,
        super::NO_CASE,
        "A body that comes byte by byte is a time-out: each byte does not begin the wait anew.",
        slow_body_is_a_timeout
    ),
    check!(
        "time.passed-deadline-is-a-timeout",
        Bronze,
        super::NO_CASE,
        "A call whose deadline has passed is a time-out.",
        passed_deadline_is_a_timeout
    ),
    check!(
        "time.late-answer-counts",
        Silver,
        super::NO_CASE,
        "An answer that is late and within the deadline is taken.",
        late_answer_counts
    ),
    check!(
        "time.retries-end",
        Bronze,
        super::NO_CASE,
        "A source that fails again and again is not asked again and again.",
        retries_end
    ),
];

async fn no_answer_is_a_timeout(bench: &Bench<'_>) -> Findings {
    Drive::new("no answer", Disturbance::Stall, AS_TIMEOUT, MEND_DEADLINE)
        .within(SHORT)
        .through(bench, &bench.present())
        .await
}

async fn slow_body_is_a_timeout(bench: &Bench<'_>) -> Findings {
    Drive::new(
        "a body byte by byte",
        Disturbance::Drip,
        AS_TIMEOUT,
        MEND_DEADLINE,
    )
    .within(SHORT)
    .through(bench, &bench.present())
    .await
}

async fn passed_deadline_is_a_timeout(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    let station = match bench.station().await {
        Ok(station) => station,
        Err(reason) => return not_made(reason),
    };
    for run in bench.present() {
        let Ok(permit) = bench.permit(run, run.dataset.all()) else {
            continue;
        };
        let trial = Trial::of(&permit, run.dataset).within(Duration::ZERO);
        let seen = bench.fetch(&station, trial).await;
        findings.expect(
            matches!(&seen.result, Err(failed) if failed.problem == RegistryProblem::RegistryTimeout),
            format!("{}, a deadline that has passed", run.case.name),
            "an error: RegistryTimeout",
            seen.told(),
            MEND_DEADLINE,
        );
    }
    findings
}

async fn late_answer_counts(bench: &Bench<'_>) -> Findings {
    let mend = "wait as long as the call's deadline allows";
    Drive::new(
        "an answer 150 ms late",
        Disturbance::Late(LATE),
        Must::SameAnswer,
        mend,
    )
    .at(At::All)
    .through(bench, &bench.present())
    .await
}

async fn retries_end(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for (what, disturbance) in [
        ("closed connections", Disturbance::Close),
        (
            "HTTP 503",
            Disturbance::page(StatusCode::SERVICE_UNAVAILABLE),
        ),
        ("HTTP 429", Disturbance::page(StatusCode::TOO_MANY_REQUESTS)),
    ] {
        let station = match bench.station().await {
            Ok(station) => station,
            Err(reason) => return not_made(reason),
        };
        for run in bench.present() {
            let Ok(permit) = bench.permit(run, run.dataset.all()) else {
                continue;
            };
            let trial = Trial::of(&permit, run.dataset).disturbed(disturbance.clone(), 0);
            let seen = bench.fetch(&station, trial).await;
            findings.expect(
                seen.exchanges.len() <= TRIES_MAX,
                format!("{}, {what}", run.case.name),
                format!("at most {TRIES_MAX} requests"),
                format!("{} requests", seen.exchanges.len()),
                "give retries a budget, and none where it is not safe to ask twice",
            );
        }
    }
    findings
}

const AS_TIMEOUT: Must = Must::FailAs(&[RegistryProblem::RegistryTimeout]);
const MEND_DEADLINE: &str =
    "bound the whole call by `call.deadline`, and say `Timeout` when it is reached";
/// Enough for a token and a request on a busy machine; beyond it nothing would be disturbed.
const SHORT: Duration = Duration::from_millis(750);
const LATE: Duration = Duration::from_millis(150);
/// One try and three retries.
const TRIES_MAX: usize = 4;
