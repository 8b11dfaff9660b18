//! What an agency may ask, in which ways it may ask, and what becomes of a question that is only
//! partly lawful or only partly answered in time.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{
    demo::{Demo, Home},
    questions::{SELECT, question, with},
    reply::Reply,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

#[test]
fn an_agency_knows_its_rights_and_its_limits() {
    let home = Home::default();
    let demo = Demo::start(&home);
    entitlements_name_what_the_catalogue_has(&demo);
    the_catalogue_speaks_three_languages(&demo);
    the_catalogue_shows_how_far_adapters_may_be_trusted(&demo);
    the_method_query_asks_as_post_does(&demo);
    a_batch_answers_line_by_line(&demo);
    the_deadline_holds_and_require_all_refuses_a_part(&demo);
    what_the_law_withholds_is_refused_with_a_way_out(&demo);
}

fn the_catalogue_shows_how_far_adapters_may_be_trusted(demo: &Demo) {
    let catalogue = demo
        .get("/v1/catalogue", Some(demo.token("agency")))
        .answer();
    let registries = catalogue["registries"].as_array().unwrap();
    for dataset in ["population.identity", "land.parcels", "insurance.health"] {
        let serving = registries.iter().find(|registry| {
            let datasets = registry["datasets"].as_array().unwrap();
            datasets.iter().any(|served| served == dataset)
        });
        let conformance = &serving.unwrap()["conformance"];
        assert_eq!(conformance["tier"], "gold", "{dataset}: {conformance}");
        let passed = conformance["checks_passed"].as_u64().unwrap();
        assert!(passed > 60, "{dataset}: {conformance}");
        assert!(conformance["checks_skipped"].is_u64() && conformance["kit"].is_string());
    }
}

/// A question about a persona that takes nothing from the cache.
fn fresh(demo: &Demo, persona: &str, select: &[&str]) -> Value {
    with(
        question(demo.persona(persona), select),
        &json!({ "max_age_seconds": 0 }),
    )
}

fn entitlements_name_what_the_catalogue_has(demo: &Demo) {
    let entitlements = demo
        .get("/v1/entitlements", Some(demo.token("agency")))
        .answer();
    let catalogue = demo
        .get("/v1/catalogue", Some(demo.token("agency")))
        .answer();
    let attributes = catalogue["datasets"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|d| d["attributes"].as_array().unwrap());
    let known: BTreeSet<&str> = attributes
        .filter_map(|attribute| attribute["name"].as_str())
        .collect();
    assert_eq!(entitlements["agency"]["id"], "ward-ba-dinh");
    let purposes = entitlements["purposes"].as_array().unwrap();
    assert!(
        purposes
            .iter()
            .any(|purpose| purpose["basis"]["kind"] == "consent")
    );
    let used: BTreeSet<&str> = purposes
        .iter()
        .flat_map(|p| p["attributes"].as_array().unwrap())
        .filter_map(Value::as_str)
        .collect();
    assert!(used.is_subset(&known), "{:?}", used.difference(&known));
    for purpose in purposes {
        assert!(
            purpose["title"].is_string() && purpose["basis"]["reference"].is_string(),
            "{purpose}"
        );
        assert!(purpose["case_required"].is_boolean() && purpose["officer_required"].is_boolean());
        assert!(
            !purpose["attributes"].as_array().unwrap().is_empty(),
            "{purpose}"
        );
    }
    let one = |purpose: &str| purposes.iter().find(|p| p["id"] == purpose).unwrap();
    assert!(SELECT.iter().all(|name| {
        one("poor-household-recognition")["attributes"]
            .as_array()
            .unwrap()
            .contains(&json!(name))
    }));
}

fn the_catalogue_speaks_three_languages(demo: &Demo) {
    let in_language = |language: &str| -> (usize, Value) {
        let call = demo
            .client()
            .get(demo.url("/v1/catalogue"))
            .bearer_auth(demo.token("agency"));
        let reply = call.header("accept-language", language).send().unwrap();
        assert_eq!(reply.headers()["content-language"], language);
        let catalogue: Value = serde_json::from_slice(&reply.bytes().unwrap()).unwrap();
        let datasets = catalogue["datasets"].as_array().unwrap();
        let parcels = datasets
            .iter()
            .find(|dataset| dataset["name"] == "land.parcels")
            .unwrap();
        assert_eq!(parcels["cardinality"], "many");
        (datasets.len(), parcels["title"].clone())
    };
    let titles: BTreeSet<String> = ["vi", "en", "fr"]
        .map(in_language)
        .into_iter()
        .map(|(count, title)| {
            assert_eq!(count, 22);
            title.to_string()
        })
        .collect();
    assert_eq!(titles.len(), 3, "{titles:?}");
}

fn the_method_query_asks_as_post_does(demo: &Demo) {
    let body = question(demo.persona("lan"), &SELECT).to_string();
    for path in ["/v1/queries", "/v1/queries/explain"] {
        let reply = demo.call("QUERY", path, Some(demo.token("agency")), Some(&body));
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    }
}

fn a_batch_answers_line_by_line(demo: &Demo) {
    let mut batch = question("", &SELECT);
    batch.as_object_mut().unwrap().remove("subject");
    let subjects = json!([
        { "person": demo.persona("lan") },
        { "person": demo.persona("nobody") },
        { "enterprise": "0100109106" },
        { "person": demo.persona("hoa") },
    ]);
    let reply = demo.post(
        "/v1/query-batches",
        demo.token("agency"),
        &with(batch, &json!({ "subjects": subjects })),
    );
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (200, "application/x-ndjson"),
        "{}",
        reply.text()
    );
    let lines: Vec<Value> = reply
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        lines
            .iter()
            .map(|line| line["index"].as_u64().unwrap())
            .collect::<Vec<_>>(),
        [0, 1, 2, 3]
    );
    assert_eq!(
        lines[0]["datasets"]["population.identity"]["data"]["full_name"],
        "NGUYỄN THỊ LAN"
    );
    assert_eq!(
        lines[1]["datasets"]["population.identity"]["status"],
        "not_found"
    );
    assert_eq!(
        (&lines[2]["code"], &lines[2]["status"]),
        (&json!("nothing_permitted"), &json!(403))
    );
    assert_eq!(
        lines[3]["datasets"]["population.identity"]["data"]["birth_date"],
        "1958"
    );
    let entries: BTreeSet<u64> = lines
        .iter()
        .map(|line| line["receipt"]["leaf_index"].as_u64().unwrap())
        .collect();
    assert_eq!(entries.len(), 4);
}

fn the_deadline_holds_and_require_all_refuses_a_part(demo: &Demo) {
    let hurried = with(
        fresh(demo, "lan", &SELECT),
        &json!({ "deadline_ms": 1_500 }),
    );
    let land_offices = |mode: &str, delay_ms| {
        for office in ["land", "land_south"] {
            demo.set_fault(office, mode, delay_ms);
        }
    };
    land_offices("slow", 4_000);
    let asked = Instant::now();
    let answer = demo.ask(&hurried).answer();
    assert!(
        asked.elapsed() < Duration::from_millis(2_500),
        "{:?}",
        asked.elapsed()
    );
    let problem = json!({ "code": "registry_timeout", "retryable": true });
    assert_eq!(
        answer["datasets"]["land.parcels"]["problem"], problem,
        "{answer:#}"
    );
    assert_eq!(answer["datasets"]["population.identity"]["status"], "ok");
    assert_eq!(answer["complete"], false);

    let all = with(hurried.clone(), &json!({ "require": "all" }));
    let problem = demo.ask(&all).problem(504, "incomplete_answer");
    assert!(
        problem["datasets"]["population.identity"]["data"].is_null(),
        "{problem:#}"
    );
    let only_land = with(hurried, &json!({ "select": ["land.parcels.area_m2"] }));
    let reply = demo.ask(&only_land);
    drop(reply.problem(504, "registries_timeout"));
    assert!(!reply.header("retry-after").is_empty());

    land_offices("down", 0);
    drop(demo.ask(&all).problem(502, "incomplete_answer"));
    drop(demo.ask(&only_land).problem(503, "registries_unavailable"));
    land_offices("ok", 0);
}

fn what_the_law_withholds_is_refused_with_a_way_out(demo: &Demo) {
    let lan = question(demo.persona("lan"), &SELECT);
    let reasons = |reply: Reply| -> BTreeSet<String> {
        let problem = reply.problem(403, "nothing_permitted");
        assert!(
            problem["receipt"]["leaf_index"].is_u64(),
            "a refusal is an entry too: {problem:#}"
        );
        let denials = problem["denied"].as_array().unwrap().iter();
        denials
            .map(|denial| {
                assert!(!denial["rule"].as_str().unwrap().is_empty(), "{denial}");
                assert!(!denial["remedy"].as_str().unwrap().is_empty(), "{denial}");
                denial["reason"].as_str().unwrap().to_owned()
            })
            .collect()
    };
    let only = |reason: &str| BTreeSet::from([reason.to_owned()]);
    assert_eq!(
        reasons(demo.post("/v1/queries", demo.token("other_agency"), &lan)),
        only("not_mandated")
    );

    let without = |member: &str| {
        let mut question = lan.clone();
        question.as_object_mut().unwrap().remove(member);
        question
    };
    assert_eq!(reasons(demo.ask(&without("case"))), only("case_required"));
    assert_eq!(
        reasons(demo.ask(&without("officer"))),
        only("officer_required")
    );
    let select = ["population.identity.full_name", "land.parcels.area_m2"];
    let by_consent = json!({ "purpose": "social-housing-application", "select": select });
    assert_eq!(
        reasons(demo.ask(&with(lan.clone(), &by_consent))),
        only("consent_required")
    );
}
