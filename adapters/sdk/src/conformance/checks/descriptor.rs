//! What the adapter says it serves.

use super::check;
use crate::conformance::{
    bench::{Bench, Trial, not_made},
    candidate::{Wish, subject},
    check::{Check, Findings},
    snapshot::Snapshot,
};
use motlan_schemas::{answer::RegistryProblem, catalogue::SubjectKind};
use std::collections::HashSet;

pub(super) const CHECKS: &[Check] = &[
    check!(
        "descriptor.datasets-once",
        Bronze,
        "",
        "It serves at least one dataset, and each once.",
        datasets_once
    ),
    check!(
        "descriptor.constant",
        Bronze,
        "",
        "It says the same before and after it was asked, and in every instance.",
        constant
    ),
    check!(
        "descriptor.other-datasets-refused",
        Bronze,
        "it serves every dataset of the catalogue",
        "A dataset that it does not serve is refused, and the source is not asked.",
        other_datasets_refused
    ),
    check!(
        "descriptor.other-subjects-refused",
        Bronze,
        "a subject of the other kind cannot be permitted",
        "A subject of the wrong kind is refused, and the source is not asked.",
        other_subjects_refused
    ),
];

async fn datasets_once(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    let station = match bench.station().await {
        Ok(station) => station,
        Err(reason) => return not_made(reason),
    };
    let datasets = &station.adapter.descriptor().datasets;
    findings.expect(
        !datasets.is_empty(),
        "the descriptor",
        "at least one dataset",
        "none",
        "list the datasets that the adapter serves",
    );
    let mut seen = HashSet::new();
    for served in datasets {
        let name = bench.catalogue().dataset(served.dataset).name.to_string();
        findings.expect(
            seen.insert(served.dataset),
            name,
            "each dataset once",
            "it is listed twice",
            "list each dataset once",
        );
    }
    findings
}

async fn constant(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    let (first, second) = match (bench.station().await, bench.station().await) {
        (Ok(first), Ok(second)) => (first, second),
        (Err(reason), _) | (_, Err(reason)) => return not_made(reason),
    };
    let of = |adapter: &dyn crate::adapter::Adapter| {
        let descriptor = adapter.descriptor();
        let snapshot = Snapshot::of(descriptor, bench.catalogue());
        (snapshot, descriptor.answers_depend_on_asker)
    };
    let before = of(first.adapter.as_ref());
    for run in bench.present() {
        if let Ok(permit) = bench.permit(run, run.dataset.all()) {
            bench.fetch(&first, Trial::of(&permit, run.dataset)).await;
        }
    }
    for (place, adapter) in [("after a fetch", &first), ("another instance", &second)] {
        findings.expect(
            of(adapter.adapter.as_ref()) == before,
            place,
            "the same descriptor",
            "another one",
            "make the descriptor once, from the configuration alone",
        );
    }
    findings
}

async fn other_datasets_refused(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    let station = match bench.station().await {
        Ok(station) => station,
        Err(reason) => return not_made(reason),
    };
    let served: HashSet<_> = station
        .adapter
        .descriptor()
        .datasets
        .iter()
        .map(|s| s.dataset)
        .collect();
    let others = bench
        .catalogue()
        .datasets()
        .iter()
        .filter(|d| !served.contains(&d.id));
    for dataset in others {
        let same_kind = bench
            .runs
            .iter()
            .find(|run| run.subject.kind() == dataset.subject);
        let Some(run) = same_kind else { continue };
        let wish = Wish {
            subject: &run.subject,
            dataset,
            attributes: dataset.all(),
        };
        let Ok(permit) = (bench.candidate.permits)(&wish) else {
            continue;
        };
        let seen = bench.fetch(&station, Trial::of(&permit, dataset)).await;
        refused(&mut findings, &format!("`{}`", dataset.name), &seen);
    }
    findings
}

async fn other_subjects_refused(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    let station = match bench.station().await {
        Ok(station) => station,
        Err(reason) => return not_made(reason),
    };
    for run in bench.present() {
        let (text, kind) = match run.subject.kind() {
            SubjectKind::Person => (ENTERPRISE, "an enterprise"),
            SubjectKind::Enterprise => (PERSON, "a person"),
        };
        let Some(other) = subject(text) else { continue };
        let wish = Wish {
            subject: &other,
            dataset: run.dataset,
            attributes: run.dataset.all(),
        };
        let Ok(permit) = (bench.candidate.permits)(&wish) else {
            continue;
        };
        let seen = bench.fetch(&station, Trial::of(&permit, run.dataset)).await;
        refused(
            &mut findings,
            &format!("{kind} in `{}`", run.dataset.name),
            &seen,
        );
    }
    findings
}

fn refused(findings: &mut Findings, place: &str, seen: &crate::conformance::bench::Seen) {
    let as_refused =
        matches!(&seen.result, Err(failed) if failed.problem == RegistryProblem::RegistryRefused);
    findings.expect(
        as_refused,
        place,
        "`AdapterError::Refused`",
        seen.told(),
        "compare the permit's dataset and kind of subject with what is served, before anything else",
    );
    findings.expect(
        seen.exchanges.is_empty(),
        place,
        "no request to the source",
        format!("{} requests", seen.exchanges.len()),
        "refuse before asking",
    );
}

/// Numbers in the right form of which nothing is known.
const PERSON: &str = "001190999999";
const ENTERPRISE: &str = "0100109106";
