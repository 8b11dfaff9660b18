//! Each registry misbehaves in each way it can. Only its own datasets suffer, the answer comes in
//! time and says why, and all is well again when the registry is.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]

use motlan_integration_tests::{
    demo::{Demo, Home},
    questions::{BY_REGISTRY, SELECT, outcome_of, question, with},
    wait,
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The modes, and the codes with which the datasets of such a registry may be missing; none where
/// nothing is missing.
const MODES: [(&str, &[&str]); 7] = [
    ("down", &["registry_down"]),
    ("garbage", &["registry_malformed"]),
    ("wrong_subject", &["registry_wrong_subject"]),
    ("over_delivery", &[]),
    ("truncated", &["registry_truncated"]),
    ("slow", &["registry_timeout"]),
    // Whichever limit is met first: of bytes, of time, or of what can be read.
    (
        "endless",
        &[
            "registry_malformed",
            "registry_truncated",
            "registry_timeout",
        ],
    ),
];
const DEADLINE_MS: u64 = 1_500;
const SLOWER_THAN_THE_DEADLINE_MS: u64 = 2_500;
const SLACK: Duration = Duration::from_secs(1);
const HEALED_WITHIN: Duration = Duration::from_secs(5);
const GROWTH_KIB_MAX: u64 = 60 * 1024;

#[test]
fn a_bad_registry_harms_only_its_own_datasets_and_heals_by_itself() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let asked = json!({ "max_age_seconds": 0, "deadline_ms": DEADLINE_MS });
    let question = with(question(demo.persona("lan"), &SELECT), &asked);
    let healthy = wait::until("all registries answer", HEALED_WITHIN, || {
        complete(&demo, &question)
    });
    for (mode, codes) in MODES {
        let before = demo.resident_kib();
        for (registry, datasets) in BY_REGISTRY {
            let case = format!("{registry} {mode}");
            demo.set_fault(registry, mode, SLOWER_THAN_THE_DEADLINE_MS);
            let started = Instant::now();
            let answer = demo.ask(&question).answer();
            let took = started.elapsed();
            let limit = Duration::from_millis(DEADLINE_MS) + SLACK;
            assert!(took < limit, "{case} took {took:?}");
            for (name, dataset) in answer["datasets"].as_object().into_iter().flatten() {
                if datasets.contains(&name.as_str()) && !codes.is_empty() {
                    let outcome = outcome_of(dataset, registry);
                    let code = outcome["problem"]["code"].as_str().unwrap_or_default();
                    assert!(codes.contains(&code), "{case}: {name} is {dataset}");
                    let rest = rest(&healthy["datasets"][name], registry);
                    assert_eq!(dataset["data"], rest, "{case}: {dataset}");
                    let status = if rest.is_null() { "unavailable" } else { "ok" };
                    assert_eq!(dataset["status"], status, "{case}: {dataset}");
                } else {
                    assert_eq!(dataset["status"], "ok", "{case}: {name} is {dataset}");
                    assert_eq!(
                        dataset["data"], healthy["datasets"][name]["data"],
                        "{case}: {name}"
                    );
                }
            }
            demo.set_fault(registry, "ok", 0);
            let healed = wait::until(&case, HEALED_WITHIN, || complete(&demo, &question));
            assert_eq!(
                healed["datasets"].as_object().map(serde_json::Map::len),
                Some(8),
                "{case}"
            );
        }
        let grown = demo.resident_kib().saturating_sub(before);
        assert!(
            grown < GROWTH_KIB_MAX,
            "{mode}: the process grew by {grown} KiB"
        );
    }
    over_delivery_is_counted(&demo);
}

/// What a dataset still has without one registry: of the two land offices, each of which keeps one
/// parcel of Lan's, the other's.
fn rest(healthy: &Value, without: &str) -> Value {
    let several = healthy["registries"].as_array().into_iter().flatten();
    let records = healthy["data"].as_array().into_iter().flatten();
    let others = several
        .zip(records)
        .filter(|(one, _)| one["registry"] != without);
    let rest: Vec<_> = others.map(|(_, record)| record.clone()).collect();
    match rest.as_slice() {
        [] => Value::Null,
        _ => json!(rest),
    }
}

fn complete(demo: &Demo, question: &Value) -> Option<Value> {
    let answer = demo.ask(question).json();
    (answer["complete"] == true).then_some(answer)
}

fn over_delivery_is_counted(demo: &Demo) {
    let metrics = demo.get("/metrics", None).text();
    for (registry, _) in BY_REGISTRY {
        let counted = metrics.lines().any(|line| {
            line.contains("over_delivered")
                && line.contains(&format!("\"{registry}\""))
                && !line.ends_with(" 0")
        });
        assert!(
            counted,
            "{registry} over-delivered and nobody counted:\n{metrics}"
        );
    }
}
