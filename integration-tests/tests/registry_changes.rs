//! A registry says that a record has changed: from the answer on nobody is told the old one.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{
    demo::{Demo, Home},
    log::Verified,
    program::run,
    questions::question,
    reply::Reply,
    tokens::{Forge, wire_now},
    wait,
};
use serde_json::{Value, json};
use std::{thread, time::Duration};

const PATH: &str = "/v1/registries/population/changes";
const EVENT: &str = "application/cloudevents+json";
const BATCH: &str = "application/cloudevents-batch+json";
const RESIDENCE: &str = "population.residence.permanent_address";
const NAME: &str = "population.identity.full_name";
/// A registry that is this slow is still asked when the change comes.
const SLOW_MS: u64 = 2_000;
const SOON: Duration = Duration::from_secs(10);

fn event(id: &str, dataset: &str, person: &str) -> Value {
    json!({
        "specversion": "1.0", "type": "vn.motlan.registry.record-changed.v1",
        "source": "/population/outbox", "id": id, "time": wire_now(),
        "data": { "dataset": dataset, "subject": { "person": person } },
    })
}

fn tell(demo: &Demo, event: &Value) -> Reply {
    demo.send(PATH, demo.token("registry"), EVENT, event.to_string())
}

fn tell_batch(demo: &Demo, events: &Value) -> Reply {
    demo.send(PATH, demo.token("registry"), BATCH, events.to_string())
}

/// Where the answer to a question about one attribute came from.
fn source(demo: &Demo, person: &str, attribute: &str) -> String {
    let dataset = attribute.rsplit_once('.').unwrap().0;
    let answer = demo.ask(&question(person, &[attribute])).answer();
    let source = &answer["datasets"][dataset]["served_from"];
    source.as_str().unwrap().to_owned()
}

fn entries(demo: &Demo, body: &Value) -> Vec<Value> {
    let found = demo.post("/v1/access-log/searches", demo.token("dpo"), body);
    found.answer()["entries"].as_array().unwrap().clone()
}

#[test]
fn a_change_is_forgotten_at_once_logged_and_taken_once_also_after_a_kill() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let (lan, hoa) = (
        demo.persona("lan").to_owned(),
        demo.persona("hoa").to_owned(),
    );
    for person in [&lan, &hoa] {
        let _ = source(&demo, person, RESIDENCE);
        assert_eq!(source(&demo, person, RESIDENCE), "cache");
    }
    let asked = demo.seen("population").requests;

    let first = event("1", "population.residence", &lan);
    let taken = tell(&demo, &first);
    assert_eq!(taken.header("cache-control"), "no-store");
    let taken = taken.answer();
    assert_eq!(taken["accepted"], 1);
    assert_eq!(
        demo.seen("population").requests,
        asked,
        "telling asks nobody"
    );
    assert_eq!(source(&demo, &lan, RESIDENCE), "registry");
    assert_eq!(demo.seen("population").requests, asked + 1);
    assert_eq!(source(&demo, &lan, RESIDENCE), "cache");
    assert_eq!(
        source(&demo, &hoa, RESIDENCE),
        "cache",
        "hers has not changed"
    );

    let again = tell(&demo, &first).problem(409, "event_replayed");
    assert_eq!(again["errors"][0]["pointer"], "/id");
    assert_eq!(again["errors"][0]["code"], "replayed");
    assert_eq!(
        source(&demo, &lan, RESIDENCE),
        "cache",
        "a replay does nothing"
    );

    a_batch_is_taken_whole_or_not_at_all(&demo, &first, &lan, &hoa);
    the_officer_finds_the_changes_and_the_citizen_is_not_told(&demo, &taken, &lan);
    let metrics = demo.get("/metrics", None).text();
    for (outcome, events) in [("taken", 3), ("replayed", 2), ("invalid", 1)] {
        let line = format!(
            "motlan_registry_changes_total{{registry=\"population\",outcome=\"{outcome}\"}} {events}"
        );
        assert!(metrics.contains(&line), "{line}");
    }

    // Killed as soon as it is acknowledged: it is in the log, and known.
    let last = event("last", "population.residence", &hoa);
    let receipt = tell(&demo, &last).answer()["receipts"][0].clone();
    demo.kill();
    drop(demo);
    let _ = run(home.path(), &["log", "verify", "data"]).well();
    let demo = Demo::start(&home);
    let log = wait::until("the last entry is published", SOON, || {
        let log = Verified::fetch(&demo);
        (log.entries.len() as u64 > receipt["leaf_index"].as_u64().unwrap()).then_some(log)
    });
    log.check_receipt(&receipt);
    for known in [&first, &last] {
        drop(tell(&demo, known).problem(409, "event_replayed"));
    }
    assert_eq!(
        tell(&demo, &event("new", "population.residence", &lan)).status,
        200
    );
}

fn a_batch_is_taken_whole_or_not_at_all(demo: &Demo, taken: &Value, lan: &str, hoa: &str) {
    let _ = source(demo, lan, NAME);
    let batch = json!([
        event("2", "population.identity", lan),
        event("3", "population.residence", hoa),
    ]);
    let mut wrong = batch.clone();
    wrong[1]["data"]["dataset"] = json!("land.parcels");
    let problem = tell_batch(demo, &wrong).problem(422, "invalid_query");
    assert_eq!(problem["errors"][0]["pointer"], "/1/data/dataset");
    let replayed = json!([batch[0], taken]);
    let problem = tell_batch(demo, &replayed).problem(409, "event_replayed");
    assert_eq!(problem["errors"][0]["pointer"], "/1/id");
    assert_eq!(
        source(demo, lan, NAME),
        "cache",
        "nothing of either was taken"
    );

    let taken = tell_batch(demo, &batch).answer();
    assert_eq!(taken["accepted"], 2);
    let places: Vec<_> = taken["receipts"].as_array().unwrap().iter().collect();
    let place = |n: usize| places[n]["leaf_index"].as_u64().unwrap();
    assert_eq!(place(1), place(0) + 1);
    assert_eq!(source(demo, lan, NAME), "registry");
    assert_eq!(source(demo, hoa, RESIDENCE), "registry");
    assert_eq!(tell_batch(demo, &json!([])).answer()["accepted"], 0);
}

fn the_officer_finds_the_changes_and_the_citizen_is_not_told(
    demo: &Demo,
    taken: &Value,
    lan: &str,
) {
    let first = &taken["receipts"][0]["leaf_index"];
    let changes = json!({ "kind": ["registry_change"] });
    assert_eq!(entries(demo, &changes).len(), 3);
    let of_lan = json!({
        "subject": { "person": lan }, "kind": ["registry_change"], "registry": "population",
        "dataset": "population.residence", "client": "population-registry", "outcome": "changed",
    });
    let found = entries(demo, &of_lan);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(&found[0]["leaf_index"], first);
    assert_eq!(found[0]["registry"], "population");
    assert_eq!(found[0]["dataset"], "population.residence");
    assert!(found[0]["event"].is_string() && found[0]["occurred_at"].is_string());
    for entry in entries(demo, &changes) {
        assert!(!entry.to_string().contains(lan), "{entry}");
    }
    let accesses = demo
        .get("/v1/me/accesses", Some(demo.token("citizen")))
        .text();
    assert!(!accesses.contains("registry_change"), "{accesses}");
    let report = |audience: &str| {
        let body = json!({ "subject": { "person": lan }, "audience": audience });
        demo.post("/v1/reports/person", demo.token("dpo"), &body)
            .answer()
    };
    assert_eq!(report("officer")["kinds"]["registry_change"], 2);
    assert_eq!(report("citizen")["kinds"]["registry_change"], Value::Null);
    assert!(!report("citizen").to_string().contains("registry_change"));
}

#[test]
fn a_fetch_under_way_does_not_bring_the_old_record_back() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let tuan = demo.persona("tuan");
    demo.set_fault("population", "slow", SLOW_MS);
    let before = demo.seen("population").requests;
    thread::scope(|scope| {
        let under_way = scope.spawn(|| source(&demo, tuan, NAME));
        wait::until("the registry is asked", SOON, || {
            (demo.seen("population").requests > before).then_some(())
        });
        let told = tell(&demo, &event("1", "population.identity", tuan));
        assert_eq!(told.status, 200, "{}", told.text());
        demo.set_fault("population", "ok", 0);
        // Neither joins the fetch that began before, nor is told what it brings.
        assert_eq!(source(&demo, tuan, NAME), "registry");
        assert_eq!(demo.seen("population").requests, before + 2);
        assert_eq!(under_way.join().unwrap(), "registry");
    });
    let after = demo.seen("population").requests;
    assert_eq!(source(&demo, tuan, NAME), "cache");
    assert_eq!(demo.seen("population").requests, after);
}

#[test]
fn only_the_registry_itself_is_listened_to() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let lan = demo.persona("lan");
    let _ = source(&demo, lan, RESIDENCE);
    let good = event("1", "population.residence", lan).to_string();
    let forge = Forge::of(&demo);
    let token = |claims: Value| {
        let mut all = json!({ "client_id": "some-registry", "scope": "changes" });
        all.as_object_mut()
            .unwrap()
            .extend(claims.as_object().unwrap().clone());
        forge.token(&json!({}), &all)
    };
    let mut texts = Vec::new();
    for (registry, token) in [
        ("land", demo.token("registry").to_owned()),
        ("no-such-registry", demo.token("registry").to_owned()),
        ("population", token(json!({ "registry": "land" }))),
        ("population", token(json!({}))),
        ("unconnected", token(json!({ "registry": "unconnected" }))),
    ] {
        let path = format!("/v1/registries/{registry}/changes");
        let refused = demo.send(&path, &token, EVENT, good.clone());
        texts.push(refused.problem(403, "foreign_registry")["detail"].clone());
    }
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    let land = token(json!({ "registry": "land" }));
    let foreign = demo.send("/v1/registries/land/changes", &land, EVENT, good);
    let foreign = foreign.problem(422, "invalid_query");
    assert_eq!(foreign["errors"][0]["code"], "not_served");
    assert_eq!(source(&demo, lan, RESIDENCE), "cache");
    assert_eq!(
        entries(&demo, &json!({ "kind": ["registry_change"] })).len(),
        0
    );

    // The ids of one registry's events are not used up by another's.
    let mut own = event("1", "land.parcels", lan);
    assert_eq!(
        demo.send("/v1/registries/land/changes", &land, EVENT, own.to_string())
            .status,
        200
    );
    own["data"]["dataset"] = json!("population.residence");
    assert_eq!(tell(&demo, &own).status, 200);
}

#[test]
fn garbage_is_refused_with_its_reason_and_binary_mode_is_understood() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let lan = demo.persona("lan");
    let token = demo.token("registry");
    let good = event("1", "population.residence", lan);
    let send = |media_type: &str, body: String| demo.send(PATH, token, media_type, body);
    let plain = send("application/json", good.to_string());
    let plain = plain.problem(415, "unsupported_media_type");
    assert!(
        plain["detail"].as_str().unwrap().contains("cloudevents"),
        "{plain}"
    );
    drop(send(EVENT, "{".to_owned()).problem(400, "malformed_json"));
    drop(send(EVENT, " ".repeat(65 * 1024)).problem(413, "body_too_large"));
    drop(send(BATCH, " ".repeat(1_025 * 1024)).problem(413, "body_too_large"));
    let nothing = send(EVENT, "{}".to_owned()).problem(422, "invalid_query");
    assert_eq!(nothing["errors"].as_array().unwrap().len(), 6);
    let method = demo
        .get(PATH, Some(token))
        .problem(405, "method_not_allowed");
    assert_eq!(method["retryable"], false);

    let call = demo.client().post(demo.url(PATH)).bearer_auth(token);
    let call = call
        .header("content-type", "application/json")
        .header("ce-specversion", "1.0")
        .header("ce-type", good["type"].as_str().unwrap())
        .header("ce-source", "/population/outbox")
        .header("ce-id", "1")
        .header("ce-time", good["time"].as_str().unwrap());
    let taken = Reply::of(call.body(good["data"].to_string()).send().unwrap());
    assert_eq!(taken.answer()["accepted"], 1);
    drop(tell(&demo, &good).problem(409, "event_replayed"));
}

#[test]
fn the_same_event_at_the_same_time_is_taken_once() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let event = event("1", "population.residence", demo.persona("lan"));
    let statuses: Vec<u16> = thread::scope(|scope| {
        let tellers: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| tell(&demo, &event).status))
            .collect();
        tellers
            .into_iter()
            .map(|teller| teller.join().unwrap())
            .collect()
    });
    let count = |status| statuses.iter().filter(|told| **told == status).count();
    assert_eq!((count(200), count(409)), (1, 7), "{statuses:?}");
    assert_eq!(
        entries(&demo, &json!({ "kind": ["registry_change"] })).len(),
        1
    );
}
