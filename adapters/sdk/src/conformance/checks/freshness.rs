//! An answer is of the time of the call, and says when the source's is older.

use super::check;
use crate::conformance::{
    bench::{Bench, Trial, not_made},
    check::{Check, Findings},
};

pub(super) const CHECKS: &[Check] = &[
    check!(
        "freshness.as-of-is-the-sources",
        Silver,
        super::NO_CASE,
        "The time of an answer is the one that the source states, or none; it is never guessed.",
        as_of_is_the_sources
    ),
    check!(
        "freshness.nothing-is-kept",
        Silver,
        super::NO_CASE,
        "Each call asks the source anew: the adapter keeps no answer.",
        nothing_is_kept
    ),
];

async fn as_of_is_the_sources(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for run in &bench.runs {
        let Ok(said) = &run.undisturbed.result else {
            continue;
        };
        let stated = run
            .case
            .as_of
            .map_or_else(|| "no time".to_owned(), |time| time.to_string());
        findings.expect(
            said.as_of == run.case.as_of,
            &run.case.name,
            stated,
            said.as_of.map_or_else(|| "no time".to_owned(), |time| time.to_string()),
            "hand on the time that the source states with its answer, and `None` where it states none",
        );
        if let Some(as_of) = said.as_of {
            findings.expect(
                as_of <= bench.candidate.now,
                &run.case.name,
                "a time that is not in the future",
                as_of.to_string(),
                "read the source's time with its offset from UTC",
            );
        }
    }
    findings
}

async fn nothing_is_kept(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    let station = match bench.station().await {
        Ok(station) => station,
        Err(reason) => return not_made(reason),
    };
    for run in bench.present() {
        let Ok(permit) = bench.permit(run, run.dataset.all()) else {
            continue;
        };
        let first = bench.fetch(&station, Trial::of(&permit, run.dataset)).await;
        let second = bench.fetch(&station, Trial::of(&permit, run.dataset)).await;
        findings.expect(
            second.exchanges.len() >= first.exchanges.len(),
            &run.case.name,
            format!("{} requests for the second call too", first.exchanges.len()),
            format!("{} requests", second.exchanges.len()),
            "keep nothing between calls but connections, credentials and configuration; the gateway has a cache",
        );
    }
    findings
}
