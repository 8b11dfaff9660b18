//! The committed matrix of decisions, as one client gets it over HTTP: every purpose, every dataset,
//! and the subjects of whom the gateway knows nothing before it reads.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{
    demo::{Demo, Home},
    tokens::Forge,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const TABLE: &str = include_str!("../../policies/tests/matrix.txt");
const CLIENT: &str = "ward-ba-dinh-one-stop";
/// Neither sealed nor known to be dead, and without a consent.
const SUBJECTS: [&str; 6] = ["lan", "hai", "an", "mai", "hoa", "nobody"];
/// What the table says of a line where a working morning matters, and this test may run at night.
const HOURS: &str = "hours-are-kept";

#[test]
fn explaining_says_what_the_committed_table_says() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let token = Forge::of(&demo).token(
        &json!({}),
        &json!({ "client_id": CLIENT, "act": { "sub": "cb-4711" } }),
    );
    let datasets = datasets(&demo);
    let mut compared = 0;
    for (purpose, lines) in table() {
        for name in SUBJECTS {
            let explained = explained(&demo, &token, purpose, name, &datasets);
            let Some(explained) = explained else { continue };
            for (dataset, verdict) in explained {
                let line = lines
                    .get(dataset.as_str())
                    .or_else(|| lines.get("every dataset"));
                let expected = of_subject(line.unwrap(), name);
                assert_eq!(verdict, expected, "{purpose}, {dataset}, {name}");
                compared += 1;
            }
        }
    }
    assert!(compared > 500, "only {compared} cells were compared");
}

/// The client's lines by purpose and dataset.
fn table() -> BTreeMap<&'static str, BTreeMap<&'static str, &'static str>> {
    let mut table: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    for line in TABLE.lines() {
        let parts: Vec<&str> = line.splitn(4, " | ").collect();
        if parts[0] == CLIENT {
            table
                .entry(parts[1])
                .or_default()
                .insert(parts[2], parts[3]);
        }
    }
    table
}

/// What a line says of one subject: `3/12 not_in_purpose`.
fn of_subject(line: &str, name: &str) -> String {
    let groups = line
        .split("; ")
        .map(|group| group.split_once(": ").unwrap());
    let groups: Vec<_> = groups.collect();
    let own = groups
        .iter()
        .find(|(names, _)| names.split(' ').any(|other| other == name));
    // The last group is everybody else.
    let (_, verdict) = own.or(groups.last()).unwrap();
    let words = verdict
        .split(' ')
        .filter(|word| *word != "permit" && !word.starts_with('['));
    words.collect::<Vec<_>>().join(" ")
}

/// Every dataset with the number of its attributes.
fn datasets(demo: &Demo) -> Vec<(String, usize)> {
    let catalogue = demo
        .get("/v1/catalogue", Some(demo.token("agency")))
        .answer();
    let datasets = catalogue["datasets"].as_array().unwrap().iter();
    datasets
        .map(|dataset| {
            let name = dataset["name"].as_str().unwrap().to_owned();
            (name, dataset["attributes"].as_array().unwrap().len())
        })
        .collect()
}

/// The verdict on each dataset as the gateway explains it; `None` outside the hours of a purpose.
fn explained(
    demo: &Demo,
    token: &str,
    purpose: &str,
    persona: &str,
    datasets: &[(String, usize)],
) -> Option<Vec<(String, String)>> {
    let mut verdicts = Vec::new();
    for some in at_most(ATTRIBUTES_MAX, datasets) {
        let select: Vec<&String> = some.iter().map(|(name, _)| name).collect();
        let question = json!({
            "subject": { "person": demo.persona(persona) }, "purpose": purpose,
            "select": select, "case": "H01.12-261120-0007",
        });
        let explanation = demo.post("/v1/queries/explain", token, &question).answer();
        let attributes = explanation["attributes"].as_array().unwrap();
        if attributes.iter().any(|verdict| verdict["rule"] == HOURS) {
            return None;
        }
        for (dataset, size) in some {
            let of_dataset = attributes.iter().filter(|verdict| {
                let name = verdict["attribute"].as_str().unwrap();
                name.rsplit_once('.').unwrap().0 == dataset
            });
            let of_dataset: Vec<&Value> = of_dataset.collect();
            assert_eq!(of_dataset.len(), *size, "{dataset}");
            verdicts.push((dataset.clone(), in_words(&of_dataset)));
        }
    }
    Some(verdicts)
}

/// The most attributes that one question may name.
const ATTRIBUTES_MAX: usize = 130;

/// The datasets in groups that fit one question each.
fn at_most(max: usize, datasets: &[(String, usize)]) -> Vec<Vec<&(String, usize)>> {
    let mut groups: Vec<Vec<&(String, usize)>> = Vec::new();
    let mut room = 0;
    for dataset in datasets {
        if dataset.1 > room {
            groups.push(Vec::new());
            room = max;
        }
        room -= dataset.1;
        groups.last_mut().unwrap().push(dataset);
    }
    groups
}

fn in_words(verdicts: &[&Value]) -> String {
    let permitted = verdicts.iter().filter(|v| v["verdict"] == "permit");
    let permitted = permitted.count();
    let reasons: BTreeSet<&str> = verdicts
        .iter()
        .filter_map(|verdict| verdict["reason"].as_str())
        .collect();
    let reasons = reasons.into_iter().collect::<Vec<_>>().join("+");
    let of = verdicts.len();
    match (permitted, reasons.is_empty()) {
        (0, _) => reasons,
        (_, true) => format!("{permitted}/{of}"),
        (_, false) => format!("{permitted}/{of} {reasons}"),
    }
}
