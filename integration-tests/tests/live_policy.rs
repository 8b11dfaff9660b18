//! Policies change while questions are asked: a new version comes into force whole, a broken one is
//! refused while the old one serves, a rollback restores, and the log has it all.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{
    demo::{Demo, Home},
    log::Verified,
    program::{Said, run},
    questions::{question, with},
    wait,
};
use serde_json::{Value, json};
use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

const WARD: &str = "agencies/ward-ba-dinh.toml";
const DROPPED: &str = "social-pension";
const SEEN_WITHIN: Duration = Duration::from_secs(5);

#[test]
fn a_version_comes_into_force_whole_while_questions_are_asked_and_goes_again() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let before = policy(&demo)["version"].clone();
    draft(&home, |text| {
        text.replace(&format!("    \"{DROPPED}\",\n"), "")
    });
    assert_eq!(ask(&demo).status, 200, "{}", ask(&demo).text());

    let stop = AtomicBool::new(false);
    let (loaded, rolled_back) = thread::scope(|scope| {
        let asking: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| ask_all_the_while(&demo, &stop)))
            .collect();
        let loaded = command(&home, &["policy", "load", "draft", "--data-dir", "data"]).well();
        let after = policy(&demo);
        assert_ne!(after["version"], before);
        assert_eq!(after["refused"], Value::Null);
        // From here on, every question is decided by the new version.
        let refused = ask(&demo).problem(403, "nothing_permitted");
        assert_eq!(refused["denied"][0]["reason"], "not_mandated");
        let versions = versions(&home);
        assert_eq!(current(&versions), after["version"]);
        let rolled_back = command(&home, &["policy", "rollback", "--data-dir", "data"]).well();
        assert_eq!(policy(&demo)["version"], before);
        assert_eq!(ask(&demo).status, 200);
        stop.store(true, Ordering::Relaxed);
        let asked: usize = asking
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum();
        assert!(asked > 8, "only {asked} questions were asked meanwhile");
        (loaded, rolled_back)
    });
    for said in [&loaded, &rolled_back] {
        assert!(said.contains("put it into force"), "{said}");
    }
    the_log_tells_it(&demo, before.as_str().unwrap());
}

/// Asks until told to stop: each answer is one of the two that the two versions give.
fn ask_all_the_while(demo: &Demo, stop: &AtomicBool) -> usize {
    let mut asked = 0;
    while !stop.load(Ordering::Relaxed) {
        let reply = ask(demo);
        match reply.status {
            200 => assert_eq!(reply.json()["denied"], json!([]), "{}", reply.text()),
            403 => assert_eq!(reply.json()["denied"][0]["reason"], "not_mandated"),
            status => unreachable!("{status}: {}", reply.text()),
        }
        asked += 1;
    }
    asked
}

/// The entries of the loads, and of the questions: each was decided as its version says.
fn the_log_tells_it(demo: &Demo, before: &str) {
    let entries = wait::until("the rollback is published", SEEN_WITHIN, || {
        let log = Verified::fetch(demo);
        let entries = (0..log.entries.len()).map(|index| log.entry(index as u64));
        let entries: Vec<_> = entries.collect();
        let is_rollback = |entry: &Value| entry["record"]["cause"] == "rollback";
        entries.iter().any(is_rollback).then_some(entries)
    });
    let loads: Vec<_> = entries
        .iter()
        .filter(|entry| entry["kind"] == "policy_load")
        .map(|entry| &entry["record"])
        .collect();
    let causes: Vec<_> = loads
        .iter()
        .map(|load| load["cause"].as_str().unwrap())
        .collect();
    assert_eq!(causes, ["start", "change", "rollback"]);
    let changed = loads[1]["policy_version"].as_str().unwrap();
    assert_eq!(loads[1]["previous"], before);
    assert_eq!(loads[2]["policy_version"], before);
    assert_eq!(loads[2]["previous"], changed);
    let mut refused_under = Vec::new();
    for entry in &entries {
        let record = &entry["record"];
        if record["purpose"] != DROPPED {
            continue;
        }
        let version = record["policy_version"].as_str().unwrap();
        match entry["kind"].as_str().unwrap() {
            "disclosure" => assert_eq!(version, before, "{entry:#}"),
            "refusal" => refused_under.push(version),
            _ => {}
        }
    }
    assert!(!refused_under.is_empty());
    assert!(refused_under.iter().all(|version| *version == changed));
}

#[test]
fn what_does_not_hold_is_refused_while_the_old_version_serves() {
    let home = Home::default();
    let mut demo = Demo::start(&home);
    let before = policy(&demo);
    draft(&home, |text| text.replace(DROPPED, "social-pensoin"));
    let said = command(&home, &["policy", "load", "draft", "--data-dir", "data"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains(WARD), "where it is wrong: {}", said.out);
    assert!(said.out.contains(DROPPED), "what was meant: {}", said.out);
    assert_eq!(policy(&demo), before);

    // A version that somebody edits in the store is not the version that was loaded.
    draft(&home, |text| format!("{text}\n"));
    drop(command(&home, &["policy", "load", "draft", "--data-dir", "data"]).well());
    let versions = versions(&home);
    let digest = versions["versions"].as_array().unwrap().iter();
    let digest = digest
        .filter_map(|row| row["digest"].as_str())
        .next()
        .unwrap();
    drop(command(&home, &["policy", "rollback", "--data-dir", "data"]).well());
    let file = demo
        .data()
        .join("policies/versions")
        .join(digest)
        .join(WARD);
    fs::write(&file, fs::read_to_string(&file).unwrap() + "# more\n").unwrap();
    let said = command(
        &home,
        &["policy", "rollback", &digest[..8], "--data-dir", "data"],
    );
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("refuses the version"), "{}", said.out);
    wait::until("the version before is current again", SEEN_WITHIN, || {
        (policy(&demo) == before).then_some(())
    });
    assert_eq!(ask(&demo).status, 200);

    // Somebody writes nonsense by hand: told, and the old version serves.
    fs::write(demo.data().join("policies/current"), "nonsense\n").unwrap();
    let told = wait::until("the refusal is told", SEEN_WITHIN, || {
        policy(&demo)["refused"].as_str().map(str::to_owned)
    });
    assert!(told.contains("rollback"), "{told}");
    assert_eq!(policy(&demo)["version"], before["version"]);
    assert_eq!(ask(&demo).status, 200);
    let metrics = demo.get("/metrics", None).text();
    assert!(
        metrics.contains(r#"motlan_policy_loads_total{outcome="refused"} 2"#),
        "{metrics}"
    );
    drop(command(&home, &["policy", "rollback", "base", "--data-dir", "data"]).well());
    assert_eq!(policy(&demo), before);
    demo.terminate();
    demo.ended(Duration::from_secs(20));
}

#[test]
fn a_version_that_was_loaded_without_a_gateway_counts_from_the_next_start() {
    let home = Home::default();
    let mut demo = Demo::start(&home);
    demo.terminate();
    demo.ended(Duration::from_secs(20));
    drop(demo);
    draft(&home, |text| {
        text.replace(&format!("    \"{DROPPED}\",\n"), "")
    });
    let said = command(&home, &["policy", "load", "draft", "--data-dir", "data"]).well();
    assert!(said.contains("No gateway follows this store"), "{said}");
    let demo = Demo::start(&home);
    assert_eq!(policy(&demo)["version"], current(&versions(&home)));
    drop(ask(&demo).problem(403, "nothing_permitted"));
}

fn ask(demo: &Demo) -> motlan_integration_tests::reply::Reply {
    let question = question(demo.persona("lan"), &["population.identity.full_name"]);
    demo.ask(&with(question, &json!({ "purpose": DROPPED })))
}

fn policy(demo: &Demo) -> Value {
    demo.get("/readyz", None).answer()["policy"].clone()
}

fn command(home: &Home, arguments: &[&str]) -> Said {
    run(home.path(), arguments)
}

fn versions(home: &Home) -> Value {
    let said = command(
        home,
        &["policy", "versions", "--data-dir", "data", "--json"],
    )
    .well();
    serde_json::from_str(&said).unwrap()
}

fn current(versions: &Value) -> Value {
    let mut rows = versions["versions"].as_array().unwrap().iter();
    rows.find(|row| row["current"] == true).unwrap()["version"].clone()
}

/// A copy of the national policies in `draft`, with another text in the ward's file.
fn draft(home: &Home, edit: impl Fn(String) -> String) {
    let national = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    let draft = home.path().join("draft");
    let _ = fs::remove_dir_all(&draft);
    for part in ["agencies", "bundle", "purposes", "."] {
        fs::create_dir_all(draft.join(part)).unwrap();
        for entry in fs::read_dir(national.join(part)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap();
            if path.is_file() && name != "Cargo.toml" {
                fs::copy(&path, draft.join(part).join(name)).unwrap();
            }
        }
    }
    let file = draft.join(WARD);
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, edit(text)).unwrap();
}
