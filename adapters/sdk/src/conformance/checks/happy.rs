//! A source in order, and an adapter that reads it.

use super::check;
use crate::conformance::{
    bench::{Bench, DEADLINE, Run, Trial, call, not_made, projected},
    candidate::Expect,
    check::{Check, Findings},
};
use futures::future::join_all;
use motlan_schemas::catalogue::AttributeSet;
use serde_json::Value;

pub(super) const CHECKS: &[Check] = &[
    check!(
        "happy.records-as-expected",
        Bronze,
        "there is no case",
        "Every case with records is answered with exactly these.",
        records_as_expected
    ),
    check!(
        "happy.each-attribute-alone",
        Silver,
        super::NO_CASE,
        "Every attribute that is asked for alone comes alone, with the same value.",
        each_attribute_alone
    ),
    check!(
        "happy.same-bytes-again",
        Bronze,
        super::NO_CASE,
        "Asked twice, it answers with the same bytes.",
        same_bytes_again
    ),
    check!(
        "happy.calls-do-not-mix",
        Bronze,
        super::NO_CASE,
        "Many calls at once through one adapter are each answered with their own records.",
        calls_do_not_mix
    ),
];

async fn records_as_expected(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    let known = |run: &&Run<'_>| matches!(run.case.expect, Expect::Records(_));
    for run in bench.runs.iter().filter(known) {
        let expected = run.expected();
        let (right, seen) = match &run.undisturbed.result {
            Ok(said) => (said.json == expected, difference(&expected, &said.json)),
            Err(_) => (false, run.undisturbed.told()),
        };
        findings.expect(
            right,
            &run.case.name,
            "the records of the case",
            seen,
            "compare the mapping with the case; if the case is wrong, mend the case",
        );
    }
    findings
}

/// Where two answers differ, without what they say.
fn difference(expected: &Value, seen: &Value) -> String {
    match (expected, seen) {
        (Value::Array(e), Value::Array(s)) if e.len() != s.len() => {
            format!("{} records where {} are expected", s.len(), e.len())
        }
        (Value::Array(e), Value::Array(s)) => {
            let pairs = e.iter().zip(s).enumerate();
            let mut different = pairs.filter(|(_, (e, s))| e != s);
            different.next().map_or_else(String::new, |(nth, (e, s))| {
                format!("record {}: {}", nth + 1, difference(e, s))
            })
        }
        (Value::Object(e), Value::Object(s)) => {
            let names = e
                .keys()
                .chain(s.keys())
                .filter(|name| e.get(*name) != s.get(*name));
            let mut names: Vec<_> = names.map(String::as_str).collect();
            names.sort_unstable();
            names.dedup();
            format!("another value, or none, for {}", names.join(", "))
        }
        (_, Value::Null) => "the subject was called absent".to_owned(),
        _ => "an answer of another form".to_owned(),
    }
}

async fn each_attribute_alone(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for found in join_all(bench.runs.iter().map(|run| each_of(bench, run))).await {
        findings.join(found);
    }
    findings
}

async fn each_of(bench: &Bench<'_>, run: &Run<'_>) -> Findings {
    let mut findings = Findings::default();
    let Ok(whole) = &run.undisturbed.result else {
        return findings;
    };
    let first = bench.runs.iter().position(|other| std::ptr::eq(other, run));
    let before = bench.runs.iter().take(first.unwrap_or(0));
    let before = before.filter(|other| other.dataset.id == run.dataset.id);
    // An attribute that an earlier case has shown need not be shown again.
    let shown = before.fold(AttributeSet::EMPTY, |shown, run| {
        match &run.undisturbed.result {
            Ok(said) => shown | said.attributes,
            Err(_) => shown,
        }
    });
    let station = match bench.station().await {
        Ok(station) => station,
        Err(reason) => return not_made(reason),
    };
    // Flags come with every other attribute, and are not asked for.
    let asked_for = whole.attributes - shown - run.dataset.flags;
    for attribute in run.dataset.attributes_in(asked_for) {
        let alone = AttributeSet::EMPTY | std::iter::once(attribute.index).collect();
        let Ok(permit) = bench.permit(run, alone) else {
            continue;
        };
        let seen = bench.fetch(&station, Trial::of(&permit, run.dataset)).await;
        let expected = projected(
            &whole.json,
            run.dataset,
            permit.attributes() | run.dataset.flags,
        );
        findings.expect(
            matches!(&seen.result, Ok(said) if said.json == expected),
            format!("{}, `{}` alone", run.case.name, attribute.path),
            "the attribute with the flags, as among all attributes",
            match &seen.result {
                Ok(said) => difference(&expected, &said.json),
                Err(_) => seen.told(),
            },
            "let each attribute name all source fields that its value needs",
        );
    }
    findings
}

async fn same_bytes_again(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    let station = match bench.station().await {
        Ok(station) => station,
        Err(reason) => return not_made(reason),
    };
    for run in bench.present() {
        let Ok(permit) = bench.permit(run, run.dataset.all()) else {
            continue;
        };
        let again = bench.fetch(&station, Trial::of(&permit, run.dataset)).await;
        let (Ok(first), Ok(second)) = (&run.undisturbed.result, &again.result) else {
            continue;
        };
        findings.expect(
            first.text == second.text,
            &run.case.name,
            "the same bytes twice",
            "other bytes",
            "keep the source's order of records and the dataset's order of attributes",
        );
    }
    findings
}

async fn calls_do_not_mix(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    let station = match bench.station().await {
        Ok(station) => station,
        Err(reason) => return not_made(reason),
    };
    let runs = bench
        .runs
        .iter()
        .filter(|run| run.undisturbed.result.is_ok());
    let calls = runs.cycle().take(CALLS_AT_ONCE).map(async |run| {
        let permit = bench.permit(run, run.dataset.all()).ok()?;
        let fetched = station.adapter.fetch(&permit, &call(DEADLINE)).await;
        let text = fetched.map(|f| f.records().to_json(run.dataset, run.dataset.all()));
        let undisturbed = run.undisturbed.result.as_ref().ok()?;
        let same = matches!(text, Ok(text) if text == undisturbed.text);
        Some((run, same))
    });
    for (run, same) in join_all(calls).await.into_iter().flatten() {
        findings.expect(
            same,
            format!("{}, among {CALLS_AT_ONCE} calls at once", run.case.name),
            "the records of the case",
            "something else",
            "keep nothing of a call in the adapter itself",
        );
    }
    findings
}

/// More than a pool keeps warm, fewer than any source refuses.
const CALLS_AT_ONCE: usize = 24;
