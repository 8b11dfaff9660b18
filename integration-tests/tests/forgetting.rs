//! A person is forgotten: refused while something rests on what the log knows, then unreadable in
//! every file, while the log verifies and everybody else is as before.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{
    demo::{Demo, Home},
    program,
    questions::{PURPOSE, question},
};
use serde_json::{Value, json};
use std::{fs, path::Path};

const GROUND: &str = "Decision 12 of the court of Ba Đình";
const FORGOTTEN_CASE: &str = "H09.99-forgotten-0001";

fn erase(demo: &Demo, person: &str) -> motlan_integration_tests::reply::Reply {
    let body = json!({ "subject": { "person": person }, "ground": GROUND });
    demo.post("/v1/access-log/erasures", demo.token("dpo"), &body)
}

/// The kinds of the obstacles to forgetting somebody.
fn obstacles(demo: &Demo, person: &str) -> Vec<String> {
    let problem = erase(demo, person).problem(409, "erasure_hindered");
    let obstacles = problem["obstacles"].as_array().unwrap().iter();
    obstacles
        .map(|obstacle| {
            assert!(!obstacle["detail"].as_str().unwrap().is_empty());
            obstacle["kind"].as_str().unwrap().to_owned()
        })
        .collect()
}

/// The files below a directory that hold these bytes. `demo.json` is the demonstration's own list.
fn holding(directory: &Path, wanted: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, wanted));
        } else if !path.ends_with("demo.json") {
            let bytes = fs::read(&path).unwrap();
            let mut windows = bytes.windows(wanted.len());
            if windows.any(|window| window == wanted.as_bytes()) {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

fn report(demo: &Demo, person: &str) -> Value {
    let body = json!({ "subject": { "person": person } });
    demo.post("/v1/reports/person", demo.token("dpo"), &body)
        .answer()
}

#[test]
fn a_person_is_forgotten_and_nobody_else() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let (lan, hoa) = (demo.persona("lan"), demo.persona("hoa"));
    let ask = |person: &str, case: &str| {
        let mut question = question(person, &["population.identity.full_name"]);
        question["case"] = json!(case);
        demo.ask(&question).answer()
    };
    let query_id = ask(lan, FORGOTTEN_CASE)["query_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let _ = ask(hoa, "H09.99-remembered-0001");
    let consent = json!({
        "agency": "ward-ba-dinh", "purposes": ["social-housing-application"],
        "attributes": ["land.parcels.area_m2"], "until": "2036-01-01", "uses": "repeated",
    });
    let given = demo.post("/v1/consents", demo.token("citizen"), &consent);
    let consent_id = given.json()["consent_id"].as_str().unwrap().to_owned();

    assert_eq!(obstacles(&demo, lan), ["consent"]);
    let revoke = format!("/v1/consents/{consent_id}/revoke");
    assert_eq!(
        demo.post(&revoke, demo.token("citizen"), &json!({})).status,
        200
    );
    let seal = json!({
        "person": lan, "level": "address", "ground": "Order 1 of a court", "until": "2036-01-01",
    });
    assert_eq!(demo.post("/v1/seals", demo.token("dpo"), &seal).status, 201);
    assert_eq!(obstacles(&demo, lan), ["seal"]);
    let lift = json!({ "person": lan });
    assert_eq!(
        demo.post("/v1/seals/lift", demo.token("dpo"), &lift).status,
        204
    );

    // The store has the consent until then: the scan below can fail.
    let consents = demo.data().join("consents");
    let uuid = consent_id.strip_prefix("cns_").unwrap();
    assert!(!holding(&consents, uuid).is_empty());

    let known = report(&demo, lan)["entries"].as_array().unwrap().len();
    let erased = erase(&demo, lan).answer();
    assert!(erased["newly_erased"].as_u64().unwrap() >= known as u64);
    assert_eq!(erased["months"], 1);
    let again = erase(&demo, lan).answer();
    assert_eq!(again["newly_erased"], 0);
    assert_eq!(again["receipt"], erased["receipt"]);

    for identifier in [lan, FORGOTTEN_CASE, &query_id, &consent_id, uuid] {
        let files = holding(&demo.data(), identifier);
        assert_eq!(files, [""; 0], "{identifier}");
        assert!(!demo.stderr().contains(identifier), "{identifier}");
    }
    let left = report(&demo, lan);
    let entries = left["entries"].as_array().unwrap();
    let about_erased = entries.iter().filter(|entry| entry["erased"] == true);
    assert_eq!(
        about_erased.count() as u64,
        erased["entries"].as_u64().unwrap()
    );
    assert!(entries.iter().all(|entry| entry["time"].is_string()));

    // What comes later is sealed with keys of its own.
    let later = ask(lan, "H09.99-later-0001");
    let last = report(&demo, lan)["entries"].as_array().unwrap().clone();
    let read = last
        .iter()
        .find(|entry| entry["record"]["query_id"] == later["query_id"]);
    assert_eq!(read.unwrap()["record"]["purpose"], PURPOSE);
    let remembered = report(&demo, hoa);
    assert!(
        remembered["entries"]
            .to_string()
            .contains("H09.99-remembered-0001")
    );
    let consents = demo
        .get("/v1/consents", Some(demo.token("citizen")))
        .answer();
    assert_eq!(consents["consents"], json!([]));
    assert_eq!(
        demo.get("/v1/me/accesses", Some(demo.token("citizen")))
            .status,
        200
    );

    let _ = program::run(home.path(), &["log", "verify", "data"]).well();
    let lan = lan.to_owned();
    drop(demo);
    // The same after a restart: nothing of it comes back.
    let demo = Demo::start(&home);
    assert_eq!(report(&demo, &lan)["erased"], left["erased"]);
    assert_eq!(holding(&demo.data(), &query_id), [""; 0]);
}

#[test]
fn an_open_emergency_use_or_a_number_in_the_ground_is_refused() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let hoa = demo.persona("hoa");
    let body = json!({ "subject": { "person": hoa }, "ground": format!("it concerns {hoa}") });
    let refused = demo.post("/v1/access-log/erasures", demo.token("dpo"), &body);
    let problem = refused.problem(422, "invalid_query");
    assert_eq!(problem["errors"][0]["code"], "names_person");
    assert!(!problem.to_string().contains(hoa));
    let unknown = json!({ "subject": { "person": "123" }, "ground": GROUND });
    let refused = demo.post("/v1/access-log/erasures", demo.token("dpo"), &unknown);
    assert_eq!(
        refused.problem(422, "invalid_query")["errors"][0]["pointer"],
        "/subject"
    );
}

#[test]
fn people_are_forgotten_from_the_command_line_without_their_numbers_in_it() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let numbers = format!("{}\n{}\n", demo.persona("hoa"), demo.persona("tuan"));
    fs::write(home.path().join("people"), &numbers).unwrap();
    let arguments = [
        "log",
        "erase",
        "--data-dir",
        "data",
        "--person-file",
        "people",
        "--ground",
        GROUND,
    ];
    let said = program::run(home.path(), &arguments).well();
    assert!(said.contains("2 of 2"), "{said}");
    for number in numbers.lines() {
        assert!(!said.contains(number));
        assert_eq!(report(&demo, number)["kinds"]["disclosure"], Value::Null);
    }
}

#[test]
fn retention_is_published_and_a_young_log_is_left_alone() {
    let home = Home::default();
    let mut demo = Demo::start(&home);
    let policy = demo.get("/v1/access-log/retention", None).answer();
    assert_eq!(
        policy,
        json!({ "entries_months": 120, "details_months": 60, "first": 0 })
    );
    demo.terminate();
    let _ = demo.ended(std::time::Duration::from_secs(30));
    let said = program::run(
        home.path(),
        &["log", "prune", "--data-dir", "data", "--dry-run"],
    );
    assert!(said.well().contains("no month"));
    let said = program::run(home.path(), &["log", "prune", "--data-dir", "data"]).well();
    assert!(said.contains("0 files of entries removed"), "{said}");
    let _ = program::run(home.path(), &["log", "verify", "data"]).well();
}
