//! An officer walks through people under one case, and one asks about her own family: within
//! seconds a data protection officer reads both in sentences, opens the entries behind them, and
//! takes them through their review. A restart changes nothing of it.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{
    demo::{Demo, Home},
    log::Verified,
    program::run,
    questions::{question, with},
    reply::Reply,
    wait,
};
use serde_json::{Value, json};
use std::{fs, time::Duration};

const SELECT: [&str; 1] = ["population.identity.full_name"];

#[test]
fn an_alert_is_raised_read_reviewed_and_survives_a_restart() {
    let home = Home::default();
    let mut demo = Demo::start(&home);
    let walk = a_walk_under_one_case_is_told_in_vietnamese(&demo);
    a_data_protection_officer_can_open_the_entries_behind_it(&demo, &walk);
    the_review_goes_step_by_step(&demo, &walk);
    let near = an_officer_who_asks_about_her_daughter_is_told(&home, &demo);
    nobody_is_named_where_it_must_not_be(&home, &demo);

    demo.terminate();
    assert!(demo.ended(Duration::from_secs(30)).success());
    let demo = Demo::start(&home);
    nothing_is_forgotten_and_nothing_is_told_twice(&demo, &walk, &near);
    the_command_line_shows_them(&home);
}

fn asked_by(officer: &str, person: &str) -> Value {
    with(question(person, &SELECT), &json!({ "officer": officer }))
}

fn alerts(demo: &Demo, language: &str, filter: &str) -> Value {
    let url = demo.url(&format!("/v1/alerts{filter}"));
    let call = demo.client().get(url).bearer_auth(demo.token("dpo"));
    let reply = Reply::of(call.header("accept-language", language).send().unwrap());
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("cache-control"), "no-store");
    reply.json()
}

fn of_rule(list: &Value, rule: &str) -> Vec<Value> {
    let all = list["alerts"].as_array().unwrap().iter();
    all.filter(|alert| alert["rule"] == rule).cloned().collect()
}

fn awaited(demo: &Demo, rule: &str) -> Value {
    wait::until(rule, Duration::from_secs(10), || {
        of_rule(&alerts(demo, "vi", ""), rule).pop()
    })
}

fn a_walk_under_one_case_is_told_in_vietnamese(demo: &Demo) -> Value {
    // Strides apart, so that no budget stops the walk.
    for step in 0..25 {
        let person = format!("001185{:06}", 5 + step * 7_919);
        let reply = demo.ask(&asked_by("cb-0815", &person));
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
    let alert = awaited(demo, "one_case");
    assert_eq!(alert["state"], "new");
    assert_eq!(alert["agency"]["id"], "ward-ba-dinh");
    let sentence = alert["sentences"][0].as_str().unwrap();
    assert!(
        sentence.starts_with("Cán bộ cb-0815 của Ủy ban nhân dân phường Ba Đình đã hỏi về"),
        "{sentence}"
    );
    assert!(sentence.contains("cùng một hồ sơ"), "{sentence}");
    let english = alerts(demo, "en", "?state=new");
    assert!(
        of_rule(&english, "one_case")[0]["sentences"][1]
            .as_str()
            .unwrap()
            .contains("20 under one case"),
        "{english:#}"
    );
    alert
}

fn a_data_protection_officer_can_open_the_entries_behind_it(demo: &Demo, alert: &Value) {
    let log = Verified::fetch(demo);
    let raised = log.entry(alert["leaf_index"].as_u64().unwrap());
    assert_eq!(raised["kind"], "alert");
    let behind = alert["entries"].as_array().unwrap();
    assert!(!behind.is_empty());
    for place in behind {
        let entry = log.entry(place.as_u64().unwrap());
        assert_eq!(entry["record"]["agency"], "ward-ba-dinh", "{entry:#}");
        assert_eq!(
            entry["record"]["case"],
            motlan_integration_tests::questions::CASE
        );
    }
    let looks = (0..log.entries.len() as u64).map(|place| log.entry(place));
    let mut looks = looks.filter(|entry| entry["kind"] == "look");
    assert!(looks.any(|look| look["record"]["filters"] == json!(["alerts=all"])));
}

fn review(demo: &Demo, alert: &Value, state: &str) -> Reply {
    let path = format!("/v1/alerts/{}/review", alert["leaf_index"]);
    let step = json!({ "state": state, "note": "the ward was asked for the applications" });
    demo.post(&path, demo.token("dpo"), &step)
}

fn the_review_goes_step_by_step(demo: &Demo, alert: &Value) {
    drop(review(demo, alert, "incident").problem(409, "review_out_of_order"));
    let taken_up = review(demo, alert, "in_review");
    assert_eq!(taken_up.status, 200, "{}", taken_up.text());
    drop(review(demo, alert, "in_review").problem(409, "review_out_of_order"));
    let closed = review(demo, alert, "incident");
    assert_eq!(closed.status, 200, "{}", closed.text());
    drop(review(demo, alert, "justified").problem(409, "review_out_of_order"));
    let no_alert = json!({ "leaf_index": 0 });
    drop(review(demo, &no_alert, "in_review").problem(404, "not_found"));
    drop(review(demo, alert, "closed").problem(422, "invalid_query"));
    let path = "/v1/alerts?state=open&limit=0";
    drop(
        demo.get(path, Some(demo.token("dpo")))
            .problem(422, "invalid_query"),
    );

    let list = alerts(demo, "en", "?state=incident");
    let listed = &of_rule(&list, "one_case")[0];
    let receipt = closed.json()["receipt"].clone();
    assert_eq!(listed["reviews"][0]["state"], "in_review");
    assert_eq!(listed["reviews"][1]["leaf_index"], receipt["leaf_index"]);
    assert_eq!(list["counts"]["incident"], 1, "{list:#}");
    let log = wait::until("the review is published", Duration::from_secs(10), || {
        let log = Verified::fetch(demo);
        (log.entries.len() as u64 > receipt["leaf_index"].as_u64().unwrap()).then_some(log)
    });
    log.check_receipt(&receipt);
}

fn an_officer_who_asks_about_her_daughter_is_told(home: &Home, demo: &Demo) -> Value {
    let (lan, an) = (demo.persona("lan"), demo.persona("an"));
    let list = format!(
        "agency,officer,personal_number,full_name,household_numbers\n\
         ward-ba-dinh,cb-lan,{lan},Nguyễn Thị Lan,{an}\n"
    );
    fs::write(home.path().join("officers.csv"), list.replace(lan, "123")).unwrap();
    let arguments = ["officers", "import", "officers.csv", "--data-dir", "data"];
    let refused = run(home.path(), &arguments);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.err.contains("line 2, `personal_number`"),
        "{}",
        refused.err
    );
    assert!(
        !refused.err.contains("123") && !refused.err.contains("Lan"),
        "{}",
        refused.err
    );
    fs::write(home.path().join("officers.csv"), list).unwrap();
    let said = run(home.path(), &arguments).well();
    assert!(said.contains("1 officers in"), "{said}");

    let near = wait::until("the directory is read", Duration::from_secs(30), || {
        assert_eq!(demo.ask(&asked_by("cb-lan", an)).status, 200);
        std::thread::sleep(Duration::from_millis(300));
        of_rule(&alerts(demo, "en", ""), "household").pop()
    });
    let sentence = near["sentences"][0].as_str().unwrap();
    assert!(sentence.contains("of their own household"), "{sentence}");
    assert_eq!(demo.ask(&asked_by("cb-lan", lan)).status, 200);
    let own = awaited(demo, "self_lookup");
    assert_eq!(own["officer"], "cb-lan");
    // What the officer is to the subject is in the entry, and the citizen is not shown it.
    let log = Verified::fetch(demo);
    let behind = log.entry(near["entries"][0].as_u64().unwrap());
    assert_eq!(behind["record"]["closeness"], json!(["household"]));
    near
}

fn nobody_is_named_where_it_must_not_be(home: &Home, demo: &Demo) {
    let directory = fs::read_to_string(home.data().join("officers.json")).unwrap();
    let kept = format!(
        "{directory}{}{}",
        demo.stderr(),
        demo.get("/metrics", None).text()
    );
    for secret in [demo.persona("lan"), demo.persona("an"), "cb-lan", "cb-0815"] {
        assert!(!kept.contains(secret), "{secret}");
    }
    assert!(kept.contains(r#"motlan_alerts_total{rule="one_case",window="four_weeks"} 1"#));
    assert!(kept.contains(r#"motlan_alerts_open{state="new"}"#));
}

fn nothing_is_forgotten_and_nothing_is_told_twice(demo: &Demo, walk: &Value, near: &Value) {
    let list = wait::until("the list is read again", Duration::from_secs(20), || {
        let list = alerts(demo, "en", "?limit=100");
        (!list["alerts"].as_array().unwrap().is_empty()).then_some(list)
    });
    let walks = of_rule(&list, "one_case");
    assert_eq!(walks.len(), 1, "{list:#}");
    assert_eq!(walks[0]["leaf_index"], walk["leaf_index"]);
    assert_eq!(walks[0]["state"], "incident");
    assert_eq!(walks[0]["reviews"].as_array().unwrap().len(), 2);
    // The same officer does the same again on the same day: it is told already.
    let an = demo.persona("an");
    let asked = demo.ask(&asked_by("cb-lan", an)).answer();
    wait::until("the entry is followed", Duration::from_secs(10), || {
        let log = Verified::fetch(demo);
        let place = asked["receipt"]["leaf_index"].as_u64().unwrap();
        (log.entries.len() as u64 > place + 1)
            .then_some(())
            .or_else(|| {
                drop(alerts(demo, "en", ""));
                None
            })
    });
    let list = alerts(demo, "en", "?limit=100");
    let nears = of_rule(&list, "household");
    assert_eq!(nears.len(), 1, "{list:#}");
    assert_eq!(nears[0]["leaf_index"], near["leaf_index"]);
    let page = alerts(demo, "en", "?limit=1");
    let rest = alerts(
        demo,
        "en",
        &format!("?cursor={}", page["next"].as_str().unwrap()),
    );
    let all = list["alerts"].as_array().unwrap();
    assert_eq!(page["alerts"][0], all[0]);
    assert_eq!(rest["alerts"].as_array().unwrap()[..], all[1..]);
}

fn the_command_line_shows_them(home: &Home) {
    let arguments = [
        "--lang",
        "vi",
        "log",
        "alerts",
        "--data-dir",
        "data",
        "--state",
        "incident",
    ];
    let said = run(home.path(), &arguments).well();
    assert!(said.contains("sự cố") && said.contains("cb-0815"), "{said}");
    let none = [
        "log",
        "alerts",
        "--data-dir",
        "data",
        "--state",
        "justified",
    ];
    let said = run(home.path(), &none).well();
    assert!(said.contains("No alerts."), "{said}");
    let json = ["log", "alerts", "--data-dir", "data", "--json"];
    let said: Value = serde_json::from_str(&run(home.path(), &json).well()).unwrap();
    assert_eq!(said["counts"]["incident"], 1, "{said:#}");
}
