//! The source's codes become ours, and an unknown one does not become anything.

use super::check;
use crate::conformance::{
    bench::{Bench, Run, Trial, not_made},
    check::{Check, Findings},
    disturbance::Disturbance,
    mutate,
};
use motlan_schemas::{catalogue::Dataset, codes::CodeList};
use serde_json::Value;
use std::collections::BTreeSet;

pub(super) const CHECKS: &[Check] = &[
    check!(
        "codes.answers-are-in-their-lists",
        Bronze,
        "no answer has an attribute with a code list",
        "Every value of an attribute with a code list is a code of that list.",
        answers_are_in_their_lists
    ),
    check!(
        "codes.unknown-code-is-refused",
        Silver,
        "no dataset has an attribute with a code list",
        "A code that nobody knows is refused or left out, never handed on.",
        unknown_code_is_refused
    ),
    check!(
        "codes.tables-lead-into-the-lists",
        Silver,
        "the candidate has no code tables",
        "Every entry of a code table leads to a code of its list, and no source code stands twice.",
        tables_lead_into_the_lists
    ),
    check!(
        "codes.tables-are-total",
        Gold,
        "the candidate has no code tables",
        "Every code of a list that the schema admits can be reached from its table.",
        tables_are_total
    ),
];

async fn answers_are_in_their_lists(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for run in &bench.runs {
        if let Ok(said) = &run.undisturbed.result {
            for (path, value, list) in coded(run.dataset, &said.json) {
                findings.expect(
                    list.lookup(value).is_some(),
                    format!("{}, `{path}`", run.case.name),
                    format!("a code of the list `{}`", list.name()),
                    "a text that is none",
                    "map the source's code to ours, in the adapter's code table",
                );
            }
        }
    }
    findings
}

async fn unknown_code_is_refused(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for run in bench.present() {
        let Ok(undisturbed) = &run.undisturbed.result else {
            continue;
        };
        if coded(run.dataset, &undisturbed.json).is_empty() {
            continue;
        }
        let station = match bench.station().await {
            Ok(station) => station,
            Err(reason) => return not_made(reason),
        };
        let Ok(permit) = bench.permit(run, run.dataset.all()) else {
            continue;
        };
        for code in code_like(run) {
            let unknown = Disturbance::text(move |text| {
                mutate::replace_leaf(text, &code, &format!("\"{UNKNOWN}\""), UNKNOWN)
            });
            let trial = Trial::of(&permit, run.dataset).disturbed(unknown, 0);
            let seen = bench.fetch(&station, trial).await;
            if !seen.was_disturbed() {
                continue;
            }
            let unknown = match &seen.result {
                Ok(said) => coded(run.dataset, &said.json)
                    .into_iter()
                    .find(|(_, value, list)| list.lookup(value).is_none()),
                Err(_) => None,
            };
            findings.expect(
                unknown.is_none(),
                format!("{}, a code that nobody knows", run.case.name),
                "an error, or the records without the attribute",
                unknown.map_or_else(String::new, |(path, ..)| format!("`{path}` has it")),
                "refuse a code that the table does not know, as malformed",
            );
        }
    }
    findings
}

/// The texts of the source's answers that could be codes.
fn code_like(run: &Run<'_>) -> BTreeSet<String> {
    let answers = run.answers();
    let leaves = answers
        .iter()
        .flat_map(|answer| mutate::leaves(&answer.text()));
    let mut codes: BTreeSet<String> = leaves
        .filter(|leaf| {
            leaf.len() <= CODE_BYTES_MAX
                && leaf
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                && *leaf != run.case.subject
        })
        .collect();
    while codes.len() > CODES_MAX {
        codes.pop_last();
    }
    codes
}

/// The coded values of records, nested ones too, each with its path and list.
fn coded<'v>(dataset: &Dataset, records: &'v Value) -> Vec<(String, &'v str, &'static CodeList)> {
    let mut found = Vec::new();
    let schema = dataset.schema.get("properties");
    let one = std::slice::from_ref(records);
    for record in records.as_array().map_or(one, Vec::as_slice) {
        for (name, value) in record.as_object().into_iter().flatten() {
            let schema = schema.and_then(|schema| schema.get(name));
            within(
                &format!("{}.{name}", dataset.name),
                schema,
                value,
                &mut found,
            );
        }
    }
    found
}

fn within<'v>(
    path: &str,
    schema: Option<&Value>,
    value: &'v Value,
    found: &mut Vec<(String, &'v str, &'static CodeList)>,
) {
    let Some(schema) = schema else { return };
    let list = schema
        .get("x-code")
        .and_then(Value::as_str)
        .and_then(CodeList::named);
    match (value, list) {
        (Value::String(text), Some(list)) => found.push((path.to_owned(), text, list)),
        (Value::Array(items), _) => {
            for item in items {
                within(path, schema.get("items"), item, found);
            }
        }
        (Value::Object(members), _) => {
            for (name, value) in members {
                let schema = schema.get("properties").and_then(|all| all.get(name));
                within(&format!("{path}.{name}"), schema, value, found);
            }
        }
        _ => {}
    }
}

async fn tables_lead_into_the_lists(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for table in &bench.candidate.code_tables {
        let Some(list) = CodeList::named(&table.code_list) else {
            findings.expect(
                false,
                format!("the table of `{}`", table.attribute),
                "a code list of the vocabulary",
                format!("`{}` is none", table.code_list),
                "name a file of schemas/codes",
            );
            continue;
        };
        let mut sources = BTreeSet::new();
        for (source, ours) in &table.pairs {
            findings.expect(
                list.lookup(ours).is_some(),
                format!("the table of `{}`, source code `{source}`", table.attribute),
                format!("a code of the list `{}`", list.name()),
                format!("`{ours}`"),
                "map it to a code of the list",
            );
            findings.expect(
                sources.insert(source),
                format!("the table of `{}`, source code `{source}`", table.attribute),
                "each source code once",
                "it stands twice",
                "keep the line that is right",
            );
        }
    }
    findings
}

async fn tables_are_total(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for table in &bench.candidate.code_tables {
        let Some(list) = CodeList::named(&table.code_list) else {
            continue;
        };
        let reached: BTreeSet<&str> = table.pairs.iter().map(|(_, ours)| ours.as_str()).collect();
        let missing: Vec<&str> = list
            .iter()
            .map(motlan_schemas::codes::Code::code)
            .filter(|code| !reached.contains(code))
            .filter(|code| {
                let never = format!("{}={code}", table.attribute);
                !bench.candidate.never_sent.contains_key(&never)
            })
            .collect();
        findings.expect(
            missing.is_empty(),
            format!("the table of `{}`", table.attribute),
            format!("a source code for every code of `{}`", list.name()),
            format!("none for {}", missing.join(", ")),
            "add the missing lines, or say under `never_sent` (`attribute=code`) why the source has none",
        );
    }
    findings
}

const UNKNOWN: &str = "ZZ9_NOT_A_CODE";
const CODE_BYTES_MAX: usize = 24;
const CODES_MAX: usize = 40;
