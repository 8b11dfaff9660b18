//! The questions of data protection, answered by a running gateway.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{
    demo::{Demo, Home},
    log::Verified,
    program,
    questions::{BY_REGISTRY, CASE, OFFICER, PURPOSE, SELECT, question, with},
    reply::Reply,
    wait,
};
use serde_json::{Value, json};
use std::time::Duration;

const ALWAYS: (&str, &str) = ("2000-01-01", "2100-01-01");
const CLIENT: &str = "ward-ba-dinh-one-stop";

fn post(demo: &Demo, path: &str, body: &Value) -> Value {
    demo.post(path, demo.token("dpo"), body).answer()
}

fn in_form(demo: &Demo, (method, path): (&str, &str), accept: &str, body: Option<&Value>) -> Reply {
    let method = method.parse().unwrap();
    let mut call = demo.client().request(method, demo.url(path));
    call = call.bearer_auth(demo.token("dpo")).header("accept", accept);
    if let Some(body) = body {
        call = call
            .header("content-type", "application/json")
            .body(body.to_string());
    }
    Reply::of(call.send().unwrap())
}

/// The filters of the look that made this report, once it is published.
fn look_for(demo: &Demo, report: &str) -> Value {
    wait::until("the look is published", Duration::from_secs(10), || {
        let log = Verified::fetch(demo);
        let looks = (0..log.entries.len() as u64).map(|place| log.entry(place));
        let mut filters = looks.map(|entry| entry["record"]["filters"].clone());
        filters.find(|filters| filters[0] == format!("report={report}"))
    })
}

#[test]
fn everything_about_a_person_is_reported_to_the_officer_and_less_to_the_person() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let hoa = demo.persona("hoa");
    let asked = demo.ask(&question(hoa, &SELECT)).answer();
    let refused = with(question(hoa, &["civil_status.death.cause"]), &json!({}));
    let _ = demo.ask(&refused);

    let body = json!({ "subject": { "person": hoa }, "audience": "officer" });
    let report = post(&demo, "/v1/reports/person", &body);
    let look = look_for(&demo, "person");
    assert_eq!(look, json!(["report=person", "audience=officer"]));
    let entries = report["entries"].as_array().unwrap();
    let found = entries
        .iter()
        .find(|entry| entry["record"]["query_id"] == asked["query_id"])
        .unwrap();
    assert_eq!(found["leaf_index"], asked["receipt"]["leaf_index"]);
    assert_eq!(found["leaf_hash"], asked["receipt"]["leaf_hash"]);
    assert_eq!(found["record"]["officer"]["id"], OFFICER);
    assert_eq!(found["access"]["case"], CASE);
    let recipient = &report["recipients"][0];
    assert_eq!(recipient["agency"]["id"], "ward-ba-dinh");
    assert_eq!(recipient["disclosures"], 1);
    assert!(recipient["registries"].as_array().unwrap().len() > 2);
    assert_eq!(report["hidden"], 0);
    assert_eq!(report["rights"].as_array().unwrap().len(), 5);

    let body = json!({ "subject": { "person": hoa }, "audience": "citizen" });
    let copy = post(&demo, "/v1/reports/person", &body);
    let text = copy.to_string();
    for withheld in [OFFICER, asked["query_id"].as_str().unwrap(), CLIENT] {
        assert!(!text.contains(withheld), "{withheld}");
    }
    assert!(copy.get("hidden").is_none());
    assert!(!text.contains(hoa) && !report.to_string().contains(hoa));
    let same = copy["entries"].as_array().unwrap().iter();
    let same: Vec<_> = same
        .filter(|entry| entry["leaf_index"] == asked["receipt"]["leaf_index"])
        .collect();
    assert_eq!(same.len(), 1);
    assert_eq!(same[0]["access"]["purpose"]["id"], PURPOSE);

    let page = in_form(
        &demo,
        ("POST", "/v1/reports/person"),
        "text/html",
        Some(&body),
    );
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(
        page.header("content-security-policy")
            .contains("default-src 'none'")
    );
    let page = page.text();
    assert!(page.contains("<table>") && page.contains(found["leaf_hash"].as_str().unwrap()));
    assert!(!page.contains("<script") && !page.contains(hoa));
}

#[test]
fn the_scope_of_a_breach_is_those_whose_data_went_there_and_nobody_else() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let area = "land.parcels.area_m2";
    for (name, case, select) in [
        ("lan", "B-1", area),
        ("tuan", "B-2", area),
        ("lan", "B-3", area),
        ("hoa", "B-4", "population.identity.full_name"),
    ] {
        let question = question(demo.persona(name), &[select]);
        let _ = demo.ask(&with(question, &json!({ "case": case }))).answer();
    }
    let (from, to) = ALWAYS;
    let body = json!({
        "attribute": area, "client": CLIENT, "from": from, "to": to,
        "discovered_at": "2026-01-01T00:00:00Z",
    });
    let breach = post(&demo, "/v1/reports/breach", &body);
    let subjects = breach["subjects"].as_array().unwrap();
    let disclosures = subjects.iter().flat_map(|subject| {
        let disclosures = subject["disclosures"].as_array().unwrap();
        disclosures.iter()
    });
    let mut cases: Vec<_> = disclosures.filter_map(|d| d["case"].as_str()).collect();
    cases.retain(|case| case.starts_with("B-"));
    cases.sort_unstable();
    assert_eq!(cases, ["B-1", "B-2", "B-3"]);
    assert_eq!(breach["clock"]["notify_by"], "2026-01-04T00:00:00.000Z");
    assert_eq!(look_for(&demo, "breach")[1], format!("attribute={area}"));

    let table = in_form(
        &demo,
        ("POST", "/v1/reports/breach"),
        "text/csv",
        Some(&body),
    );
    let table = table.text();
    let lines: Vec<_> = table.trim_end().split("\r\n").collect();
    assert!(lines[0].starts_with("pseudonym,time,kind"));
    assert_eq!(
        lines.len() as u64 - 1,
        breach["disclosures_total"].as_u64().unwrap()
    );
    let stream = in_form(
        &demo,
        ("POST", "/v1/reports/breach"),
        "application/x-ndjson",
        Some(&body),
    );
    let stream = stream.text();
    for line in stream.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["attributes"], json!([area]));
    }
    assert_eq!(stream.lines().count(), lines.len() - 1);
    for name in ["lan", "tuan", "hoa"] {
        assert!(!(table.contains(demo.persona(name)) || stream.contains(demo.persona(name))));
    }
    let nobody = with(body, &json!({ "client": "nobody" }));
    assert_eq!(
        post(&demo, "/v1/reports/breach", &nobody)["subjects_total"],
        0
    );
}

#[test]
fn the_register_is_the_same_from_the_gateway_and_from_its_policies() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let register = demo
        .get("/v1/processing-register", Some(demo.token("dpo")))
        .answer();
    assert!(register["controllers"].as_array().unwrap().len() > 5);
    let path = ("GET", "/v1/processing-register");
    let table = in_form(&demo, path, "text/csv", None).text();
    let said = program::run(
        home.path(),
        &["report", "register", "--csv", "--data-dir", "data"],
    );
    assert_eq!(said.well().lines().count(), table.lines().count());
    let page = in_form(&demo, path, "text/html", None).text();
    assert!(page.contains("<table>") && !page.contains("<script"));
}

#[test]
fn what_the_registries_counted_is_what_the_log_says() {
    let home = Home::default();
    let demo = Demo::start(&home);
    for (name, age) in [("lan", 0), ("hoa", 0), ("lan", 3_600), ("nobody", 0)] {
        let question = question(demo.persona(name), &SELECT);
        let _ = demo.ask(&with(question, &json!({ "max_age_seconds": age })));
    }
    let (from, to) = ALWAYS;
    for (registry, _) in BY_REGISTRY {
        // The tax authority gave a token first, which is no question about anybody.
        let tokens = u64::from(registry == "tax");
        let counted = demo.seen(registry).requests - tokens;
        let body = |requests: u64| json!({ "registry": registry, "from": from, "to": to, "requests": requests });
        let compared = post(&demo, "/v1/reports/reconciliation", &body(counted));
        assert_eq!(compared["verdict"], "agree", "{registry}: {compared}");
        assert!(compared["ours"]["requests"].as_u64().unwrap() > 0);
        let bypassed = post(&demo, "/v1/reports/reconciliation", &body(counted + 3));
        assert_eq!(bypassed["verdict"], "registry_counts_more");
        assert_eq!(bypassed["difference"], 3);
    }
    let counted = demo.seen("land").requests.to_string();
    let mut arguments = vec![
        "report",
        "reconcile",
        "--data-dir",
        "data",
        "--registry",
        "land",
    ];
    arguments.extend(["--from", from, "--to", to, "--requests", &counted]);
    let _ = program::run(home.path(), &arguments).well();
}
