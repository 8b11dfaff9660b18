//! A slow walk through personal numbers, from many addresses and within the quota, is stopped early
//! and told to the data protection officer; everybody else works on.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{
    demo::{Demo, Home},
    log::Verified,
    questions::{question, with},
    reply::Reply,
    tokens::{Forge, now},
    wait,
};
use reqwest::blocking::Client;
use serde_json::{Value, json};
use std::{net::Ipv4Addr, time::Duration};

const SELECT: [&str; 1] = ["population.identity.full_name"];

#[test]
fn a_walk_through_numbers_is_stopped_and_everybody_else_works_on() {
    let home = Home::default();
    let mut demo = Demo::start(&home);
    let stopped_after = a_slow_walk_is_stopped(&demo);
    the_officer_can_finish_the_cases_on_the_desk(&demo);
    others_go_on(&demo);
    the_same_subject_can_be_asked_about_without_end(&demo);
    random_subjects_and_lists_are_honest_work(&demo);
    an_alert_is_in_the_log(&demo, stopped_after);

    demo.terminate();
    assert!(demo.ended(Duration::from_secs(30)).success());
    what_was_asked_before_a_restart_still_counts(&home);
}

/// A number of Hà Nội, of a woman born in 1985: `001185` and six digits.
fn number(serial: u64) -> String {
    format!("001185{serial:06}")
}

fn asked_by(officer: &str, person: &str) -> Value {
    with(question(person, &SELECT), &json!({ "officer": officer }))
}

/// A client that calls from another address of this machine.
fn from_address(last: u8) -> Client {
    Client::builder()
        .local_address(Some(Ipv4Addr::new(127, 0, 0, last).into()))
        .no_proxy()
        .build()
        .unwrap()
}

fn a_slow_walk_is_stopped(demo: &Demo) -> u64 {
    let addresses: Vec<Client> = (2..12).map(from_address).collect();
    let stopped = (0..200).find(|step| {
        let client = &addresses[usize::try_from(*step).unwrap() % addresses.len()];
        is_stopped_at(demo, client, *step)
    });
    assert!(stopped.is_some(), "200 neighbours were asked about");
    stopped.unwrap()
}

/// Whether the budget ends with this step of the walk; then without a word about anybody.
fn is_stopped_at(demo: &Demo, client: &Client, step: u64) -> bool {
    let number_of_step = number(400_000 + step);
    let call = client
        .post(demo.url("/v1/queries"))
        .bearer_auth(demo.token("agency"))
        .header("content-type", "application/json")
        .body(asked_by("cb-harvester", &number_of_step).to_string());
    let before = demo.requests();
    let reply = Reply::of(call.send().unwrap());
    if reply.status == 200 {
        return false;
    }
    drop(reply.problem(429, "budget_exhausted"));
    let seconds: u64 = reply.header("retry-after").parse().unwrap();
    assert!((1..=86_400).contains(&seconds), "until midnight: {seconds}");
    assert_eq!(demo.requests(), before, "nothing is read at the door");
    for secret in [number_of_step, number(400_000)] {
        assert!(!reply.everything().contains(&secret));
    }
    true
}

fn the_officer_can_finish_the_cases_on_the_desk(demo: &Demo) {
    let again = demo.ask(&asked_by("cb-harvester", &number(400_000)));
    assert_eq!(again.status, 200, "{}", again.text());
    let new = demo.ask(&asked_by("cb-harvester", demo.persona("lan")));
    drop(new.problem(429, "budget_exhausted"));
    let check = json!({
        "subject": { "person": demo.persona("lan") }, "purpose": "social-pension", "case": "A-1",
        "officer": "cb-harvester", "checks": [{ "check": "is_alive" }],
    });
    let check = demo.post("/v1/checks", demo.token("agency"), &check);
    drop(check.problem(429, "budget_exhausted"));
    let batch = json!({
        "subjects": [{ "person": number(400_000) }, { "person": demo.persona("lan") }],
        "purpose": "social-pension", "select": SELECT, "case": "A-1", "officer": "cb-harvester",
    });
    let lines = demo
        .post("/v1/query-batches", demo.token("agency"), &batch)
        .text();
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(lines[0]["query_id"].is_string(), "{lines:?}");
    assert_eq!(lines[1]["code"], "budget_exhausted", "{lines:?}");
}

fn others_go_on(demo: &Demo) {
    let colleague = demo.ask(&asked_by("cb-honest", demo.persona("lan")));
    assert_eq!(colleague.answer()["complete"], true);
    let question = json!({
        "subject": { "person": demo.persona("lan") }, "purpose": "social-pension",
        "select": SELECT, "case": "A-1", "officer": "cb-harvester",
    });
    let other = demo.post("/v1/queries", demo.token("other_agency"), &question);
    assert_eq!(
        other.answer()["complete"],
        true,
        "another client's officer of the same name"
    );
}

fn the_same_subject_can_be_asked_about_without_end(demo: &Demo) {
    for _ in 0..150 {
        let reply = demo.ask(&asked_by("cb-patient", &number(600_000)));
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
}

fn random_subjects_and_lists_are_honest_work(demo: &Demo) {
    // Strides of a prime, far apart: no two are neighbours.
    for step in 0..100 {
        let reply = demo.ask(&asked_by("cb-busy", &number(step * 7_919 % 1_000_000)));
        assert_eq!(reply.status, 200, "{step}: {}", reply.text());
    }
    let subjects: Vec<Value> = (0..100)
        .map(|step| json!({ "person": number(800_000 + step) }))
        .collect();
    let list = json!({
        "subjects": subjects, "purpose": "social-pension", "select": SELECT,
        "case": "A-1", "officer": "cb-lists",
    });
    let answers = demo
        .post("/v1/query-batches", demo.token("agency"), &list)
        .text();
    assert_eq!(answers.lines().count(), 100);
    assert!(
        !answers.contains("budget_exhausted"),
        "a list named at once is no walk"
    );
}

fn an_alert_is_in_the_log(demo: &Demo, stopped_after: u64) {
    let alerts = wait::until("the alert is published", Duration::from_secs(10), || {
        let log = Verified::fetch(demo);
        let entries = log.entries.iter();
        let entries = entries.map(|entry| log.keys.open(entry));
        // Detectors notice the walk as well: so many subjects have one case.
        let budgets = entries
            .filter(|entry| entry["kind"] == "alert" && entry["record"]["rule"] == "neighbours");
        let alerts: Vec<Value> = budgets.collect();
        (!alerts.is_empty()).then_some(alerts)
    });
    assert_eq!(
        alerts.len(),
        1,
        "one budget, one window, one alert: {alerts:#?}"
    );
    let alert = &alerts[0]["record"];
    assert_eq!(alert["rule"], "neighbours");
    assert_eq!(alert["window"], "day");
    assert_eq!(alert["officer"], "cb-harvester");
    assert_eq!(alert["client"], "ward-ba-dinh-one-stop");
    assert_eq!(alert["count"], alert["limit"]);
    assert_eq!(alert["limit"].as_u64().unwrap() + 1, stopped_after);
    let metrics = demo.get("/metrics", None).text();
    let counted = r#"motlan_alerts_total{rule="neighbours",window="day"} 1"#;
    assert!(metrics.contains(counted), "{metrics}");
    assert!(metrics.contains(r#"motlan_disclosed_citizens{client="ward-ba-dinh-one-stop"}"#));
    let said = demo.stderr();
    assert!(
        said.contains("a budget against harvesting is used up"),
        "{said}"
    );
    assert!(!said.contains(&number(400_000)) && !said.contains("cb-harvester"));
}

/// The other agency has the usual budgets: 60 subjects an hour for an officer.
fn what_was_asked_before_a_restart_still_counts(home: &Home) {
    let ask = |demo: &Demo, serial: u64| {
        let token = Forge::of(demo).token(
            &json!({}),
            &json!({ "client_id": "social-insurance-claims" }),
        );
        let question = json!({
            "subject": { "person": number(serial * 4_001) }, "purpose": "social-pension",
            "select": SELECT, "case": "A-1", "officer": "cb-steady",
        });
        demo.post("/v1/queries", &token, &question)
    };
    let mut demo = Demo::start(home);
    wait_for_a_young_hour();
    let asked = (0..200)
        .take_while(|serial| ask(&demo, *serial).status == 200)
        .count() as u64;
    assert_eq!(asked, 60, "an hour's subjects");
    demo.terminate();
    assert!(demo.ended(Duration::from_secs(30)).success());
    let demo = Demo::start(home);
    drop(ask(&demo, asked + 1).problem(429, "budget_exhausted"));
    assert_eq!(
        ask(&demo, asked - 1).status,
        200,
        "whoever was counted before still is"
    );
}

/// A budget begins anew with each hour of the clock. The few seconds that follow must lie in one.
fn wait_for_a_young_hour() {
    wait::until("the hour is young", Duration::from_secs(90), || {
        (now() % 3600 < 3540).then_some(())
    });
}
