//! The datasets' schemas, and what the cases show of them.

use super::check;
use crate::conformance::{
    bench::Bench,
    candidate::Expect,
    check::{Check, Findings},
};
use motlan_schemas::catalogue::Dataset;
use serde_json::Value;
use std::collections::BTreeSet;

pub(super) const CHECKS: &[Check] = &[
    check!(
        "schema.cases-valid",
        Bronze,
        "there is no case with records",
        "What the cases expect is valid against the schema of its dataset.",
        cases_valid
    ),
    check!(
        "schema.answers-valid",
        Bronze,
        super::NO_CASE,
        "What the adapter answers is valid against the schema of its dataset.",
        answers_valid
    ),
    check!(
        "schema.every-dataset-has-cases",
        Bronze,
        "",
        "Every dataset that it serves has a case with records and one of an absent subject.",
        every_dataset_has_cases
    ),
    check!(
        "schema.every-attribute-has-a-case",
        Silver,
        super::NO_CASE,
        "Every attribute has a value in at least one case.",
        every_attribute_has_a_case
    ),
];

async fn cases_valid(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for run in &bench.runs {
        if let Expect::Records(records) = &run.case.expect {
            valid(&mut findings, &run.case.name, run.dataset, records);
        }
    }
    findings
}

async fn answers_valid(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for run in &bench.runs {
        if let Ok(said) = &run.undisturbed.result
            && !said.json.is_null()
        {
            valid(&mut findings, &run.case.name, run.dataset, &said.json);
        }
    }
    findings
}

/// Validates a record, or each of a list, and names the place of the first mistake.
pub(super) fn valid(findings: &mut Findings, place: &str, dataset: &Dataset, records: &Value) {
    let Ok(validator) = jsonschema::validator_for(&dataset.schema) else {
        findings.expect(
            false,
            &*dataset.name,
            "a schema that compiles",
            "it does not",
            "mend the dataset's schema",
        );
        return;
    };
    let one = std::slice::from_ref(records);
    for (nth, record) in records
        .as_array()
        .map_or(one, Vec::as_slice)
        .iter()
        .enumerate()
    {
        let mistake = validator.iter_errors(record).next();
        findings.expect(
            mistake.is_none(),
            format!("{place}, record {}", nth + 1),
            format!("a valid record of `{}`", dataset.name),
            mistake.map_or_else(String::new, |mistake| {
                format!("`{}` breaks the schema", mistake.instance_path())
            }),
            "compare the value at that place with the dataset's schema",
        );
    }
}

async fn every_dataset_has_cases(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for dataset in served(bench) {
        let mut of = bench.runs.iter().filter(|run| run.dataset.id == dataset.id);
        let present = of
            .clone()
            .any(|run| matches!(run.case.expect, Expect::Records(_)));
        let absent = of.any(|run| run.case.expect == Expect::Absent);
        if !present {
            findings.unproven(format!("`{}` has no case with records", dataset.name));
        }
        if !absent {
            findings.unproven(format!(
                "`{}` has no case of an absent subject",
                dataset.name
            ));
        }
        findings.expect(true, &*dataset.name, "", "", "");
    }
    findings
}

async fn every_attribute_has_a_case(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    let mut missing = Vec::new();
    for dataset in served(bench) {
        let shown = shown(bench, dataset);
        for attribute in &dataset.attributes {
            let excused = bench.candidate.never_sent.contains_key(&*attribute.path);
            if !shown.contains(&*attribute.name) && !excused {
                missing.push(attribute.path.to_string());
            }
        }
        findings.expect(true, &*dataset.name, "", "", "");
    }
    if !missing.is_empty() {
        let names = missing.join(", ");
        findings.unproven(format!("no case has a value for {names}"));
    }
    findings
}

/// The attributes that any case has a value for.
fn shown<'b>(bench: &'b Bench<'_>, dataset: &Dataset) -> BTreeSet<&'b str> {
    let mut shown = BTreeSet::new();
    for run in bench.runs.iter().filter(|run| run.dataset.id == dataset.id) {
        if let Expect::Records(records) = &run.case.expect {
            let one = std::slice::from_ref(records);
            let records = records.as_array().map_or(one, Vec::as_slice);
            let members = records.iter().filter_map(Value::as_object).flatten();
            shown.extend(members.map(|(name, _)| name.as_str()));
        }
    }
    shown
}

fn served<'b>(bench: &Bench<'b>) -> Vec<&'b Dataset> {
    let datasets = bench.descriptor.datasets.iter();
    datasets
        .map(|served| bench.catalogue().dataset(served.dataset))
        .collect()
}
