//! No more is asked for, and no more comes out, than is permitted.
//!
//! What a request asks for is seen in its words: those that stand in every request of a dataset are
//! needed always (the subject, flags); those that stand in the request for one attribute alone are
//! its own. So it shows, in any protocol, where an attribute is asked for that is not permitted.

use super::check;
use crate::conformance::{
    bench::{Bench, Run, Trial, not_made},
    candidate::Source,
    check::{Check, Findings},
    disturbance::Disturbance,
    exchange::{Answer, decoded, words},
};
use motlan_schemas::catalogue::{Attribute, AttributeSet};
use parking_lot::Mutex;
use std::{collections::BTreeSet, sync::Arc};

pub(super) const CHECKS: &[Check] = &[
    check!(
        "minimisation.asks-only-permitted",
        Silver,
        "no dataset can be asked for selectively",
        "In a dataset that can be asked for selectively, an attribute that is not permitted is not asked for.",
        asks_only_permitted
    ),
    check!(
        "minimisation.nothing-to-drop",
        Silver,
        "no dataset can be asked for selectively, or the source is recorded",
        "Asked selectively, a source in order sends nothing that has to be dropped.",
        nothing_to_drop
    ),
    check!(
        "minimisation.surplus-is-dropped",
        Bronze,
        super::NO_CASE,
        "What comes beyond the permitted is not in the answer.",
        surplus_is_dropped
    ),
    check!(
        "minimisation.surplus-is-counted",
        Silver,
        super::NO_CASE,
        "What comes beyond the permitted is counted, so that the registry can be told.",
        surplus_is_counted
    ),
];

async fn asks_only_permitted(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for run in bench.present() {
        let selective = bench
            .descriptor
            .datasets
            .iter()
            .any(|served| served.dataset == run.dataset.id && served.selective);
        if selective {
            findings.join(asks_of(bench, run).await);
        }
    }
    findings
}

async fn asks_of(bench: &Bench<'_>, run: &Run<'_>) -> Findings {
    let mut findings = Findings::default();
    let alone = match requests_for_each(bench, run).await {
        Ok(alone) => alone,
        Err(reason) => return not_made(reason),
    };
    let in_all = alone.iter().map(|(_, words)| words.clone());
    let always = in_all
        .reduce(|common, words| &common & &words)
        .unwrap_or_default();
    if alone.len() < 2 {
        return findings;
    }
    for (attribute, asked) in &alone {
        let excused = attribute.person
            || tells_the_subject(run, &attribute.name)
            || bench.candidate.always_asked.contains_key(&*attribute.path);
        findings.expect(
            excused || !asked.is_subset(&always),
            format!("{}, `{}`", run.case.name, attribute.path),
            "a source field that is asked for only where the attribute is permitted",
            "its field is asked for with every other attribute too",
            "ask for the fields of permitted attributes only; if the adapter cannot do without this one, \
             say so under `always_asked` with the reason",
        );
    }
    findings
}

/// The attribute is the subject's own number, which every record must be compared by.
fn tells_the_subject(run: &Run<'_>, name: &str) -> bool {
    let expected = run.expected();
    let first = expected.get(0).unwrap_or(&expected);
    first
        .get(name)
        .is_some_and(|value| *value == run.case.subject)
}

/// The words of the requests for each attribute alone, flags and persons' numbers left out.
async fn requests_for_each<'r>(
    bench: &Bench<'_>,
    run: &'r Run<'_>,
) -> Result<Vec<(&'r Attribute, BTreeSet<String>)>, String> {
    let station = bench.station().await?;
    let mut alone = Vec::new();
    for attribute in run.dataset.attributes_in(run.permitted - run.dataset.flags) {
        let one: AttributeSet = std::iter::once(attribute.index).collect();
        let Ok(permit) = bench.permit(run, one) else {
            continue;
        };
        let seen = bench.fetch(&station, Trial::of(&permit, run.dataset)).await;
        let mut asked = BTreeSet::new();
        for (nth, exchange) in seen.exchanges.iter().enumerate() {
            let text = format!("{} {}", exchange.asked.target, exchange.asked.inside());
            // One name may mean two things in two requests.
            asked.extend(words(&decoded(&text)).map(|word| format!("{nth} {word}")));
        }
        alone.push((attribute, asked));
    }
    Ok(alone)
}

async fn nothing_to_drop(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    if matches!(bench.candidate.source, Source::Fixtures(_)) {
        return findings;
    }
    let station = match bench.station().await {
        Ok(station) => station,
        Err(reason) => return not_made(reason),
    };
    for run in bench.present() {
        let served = bench
            .descriptor
            .datasets
            .iter()
            .find(|s| s.dataset == run.dataset.id);
        if served.is_none_or(|served| !served.selective) {
            continue;
        }
        let Some(permit) = first_alone(bench, run) else {
            continue;
        };
        let seen = bench.fetch(&station, Trial::of(&permit, run.dataset)).await;
        let dropped = seen.result.as_ref().map_or(0, |said| said.over_delivered);
        findings.expect(
            dropped == 0,
            format!("{}, one attribute alone", run.case.name),
            "nothing to drop",
            format!("{dropped} values dropped"),
            "ask for the permitted fields by name, or say that the dataset is not selective",
        );
    }
    findings
}

async fn surplus_is_dropped(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for (run, seen, permitted) in surplus(bench).await {
        let right = match &seen.result {
            Ok(said) => said.attributes.is_subset(permitted) && !said.json.is_null(),
            Err(_) => true,
        };
        findings.expect(
            right,
            format!("{}, everything sent for one attribute", run.case.name),
            "the permitted attribute and flags, or an error",
            seen.told(),
            "hand everything over through `Contract::check`, under the permit of this call",
        );
    }
    findings
}

async fn surplus_is_counted(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for (run, seen, permitted) in surplus(bench).await {
        let (Ok(said), Ok(whole)) = (&seen.result, &run.undisturbed.result) else {
            continue;
        };
        if whole.attributes.is_subset(permitted) {
            continue;
        }
        findings.expect(
            said.over_delivered > 0,
            format!("{}, everything sent for one attribute", run.case.name),
            "a count of what was dropped",
            "0",
            "map a field that came unasked to `null`, so that the contract counts it",
        );
    }
    findings
}

/// One attribute is asked for, and the source answers as if all were.
async fn surplus<'b, 'c>(
    bench: &'b Bench<'c>,
) -> Vec<(&'b Run<'c>, crate::conformance::bench::Seen, AttributeSet)> {
    let mut all = Vec::new();
    for run in bench.present() {
        let Some(permit) = first_alone(bench, run) else {
            continue;
        };
        let Ok(station) = bench.station().await else {
            continue;
        };
        // Recorded at this station, so that links lead to its own proxy.
        let Ok(everything) = bench.permit(run, run.dataset.all()) else {
            continue;
        };
        let whole = bench
            .fetch(&station, Trial::of(&everything, run.dataset))
            .await;
        if whole.result.is_err() {
            continue;
        }
        let answers: Vec<Answer> = whole
            .exchanges
            .iter()
            .filter_map(|each| each.said.clone())
            .collect();
        let trial = Trial::of(&permit, run.dataset).disturbed(replay(answers), 0);
        let seen = bench.fetch(&station, trial).await;
        all.push((run, seen, permit.attributes() | run.dataset.flags));
    }
    all
}

/// Answers the first request with the first of some answers, and so on; the last one stays.
pub(super) fn replay(answers: Vec<Answer>) -> Disturbance {
    let next = Arc::new(Mutex::new(0));
    Disturbance::rewrite(move |_, _| {
        let mut next = next.lock();
        let answer = answers.get(*next).or(answers.last()).cloned();
        *next += 1;
        answer
    })
}

/// A permit for the first attribute alone that a case has a value for.
fn first_alone(bench: &Bench<'_>, run: &Run<'_>) -> Option<motlan_policies::permit::Permit> {
    let said = run.undisturbed.result.as_ref().ok()?;
    let plain = said.attributes & (run.permitted - run.dataset.flags);
    let first = run.dataset.attributes_in(plain).next()?;
    bench
        .permit(run, std::iter::once(first.index).collect())
        .ok()
}
