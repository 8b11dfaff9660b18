//! The main job: one question, all registries, one lawful answer, seen from the agency's side and
//! from the registries'.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{
    demo::{Demo, Home},
    questions::{BY_REGISTRY, SELECT, outcome_of, question, with},
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn an_agency_asks_one_question_and_gets_one_lawful_answer() {
    let home = Home::default();
    let demo = Demo::start(&home);
    all_registries_are_in_one_answer(&demo);
    explaining_touches_no_registry_and_says_what_the_answer_does(&demo);
    a_second_question_is_served_from_the_cache_and_logged_by_itself(&demo);
    ten_at_once_cost_as_much_as_one_and_max_age_zero_asks_again(&demo);
    what_is_denied_never_reaches_a_registry(&demo);
    the_trace_and_the_request_id_are_passed_on(&demo);
    nobody_is_in_no_registry(&demo);
    flags_survive_any_selection_and_dates_stay_partial(&demo);
    a_subject_of_another_kind_is_denied_with_the_reason(&demo);
}

/// A question about a persona that takes nothing from the cache.
fn fresh(demo: &Demo, persona: &str, select: &[&str]) -> Value {
    with(
        question(demo.persona(persona), select),
        &json!({ "max_age_seconds": 0 }),
    )
}

fn cost(demo: &Demo, ask: impl FnOnce()) -> BTreeMap<String, u64> {
    let before = demo.requests();
    ask();
    let after = demo.requests();
    after
        .into_iter()
        .map(|(registry, count)| {
            let cost = count - before[&registry];
            (registry, cost)
        })
        .collect()
}

fn all_registries_are_in_one_answer(demo: &Demo) {
    let mut reply = None;
    let cost = cost(demo, || {
        reply = Some(demo.ask(&fresh(demo, "lan", &SELECT)))
    });
    let asked: BTreeSet<&str> = cost
        .iter()
        .filter(|(_, calls)| **calls > 0)
        .map(|(registry, _)| registry.as_str())
        .collect();
    let expected = BY_REGISTRY.map(|(registry, _)| registry);
    assert_eq!(asked, BTreeSet::from(expected), "and no other: {cost:?}");
    let reply = reply.unwrap();
    assert_eq!(reply.header("cache-control"), "no-store");
    let answer = reply.answer();
    assert_eq!(answer["complete"], true, "{answer:#}");
    assert_eq!(answer["denied"], json!([]));
    assert!(answer["query_id"].as_str().unwrap().starts_with("qry_"));
    for (registry, datasets) in BY_REGISTRY {
        for dataset in datasets {
            let dataset = &answer["datasets"][dataset];
            assert_eq!(dataset["status"], "ok", "{answer:#}");
            assert_eq!(dataset["basis"]["kind"], "law");
            let outcome = outcome_of(dataset, registry);
            assert_eq!(
                (&outcome["served_from"], &outcome["stale"]),
                (&json!("registry"), &json!(false))
            );
            assert!(dataset["as_of"].as_str().unwrap().ends_with('Z'));
        }
    }
    let data = |dataset: &str| answer["datasets"][dataset]["data"].clone();
    assert_eq!(data("population.identity")["full_name"], "NGUYỄN THỊ LAN");
    assert_eq!(data("population.identity")["birth_date"], "1985-06-12");
    assert_eq!(data("civil_status.marital_status")["status"], "married");
    assert_eq!(data("insurance.health")["coverage_percent"], 80);
    assert_eq!(data("insurance.social")["contribution_months"], 198);
    let areas: BTreeSet<String> = data("land.parcels")
        .as_array()
        .unwrap()
        .iter()
        .map(|parcel| parcel["area_m2"].to_string())
        .collect();
    assert_eq!(
        areas,
        BTreeSet::from(["86.4".to_owned(), "1450.5".to_owned()])
    );
    let roles = data("business.roles");
    assert!(
        roles
            .as_array()
            .unwrap()
            .iter()
            .any(|role| role["role"] == "owner"),
        "{roles}"
    );
    let receipt = &answer["receipt"];
    assert_eq!(receipt["log"], "motlan.example/demo");
    assert_eq!(receipt["checkpoint"], "/v1/access-log/checkpoint");
}

fn explaining_touches_no_registry_and_says_what_the_answer_does(demo: &Demo) {
    let denied = [
        "population.identity.religion",
        "population.documents",
        "land.parcels.co_owners",
    ];
    let question = fresh(demo, "lan", &[&SELECT[..], &denied].concat());
    let mut explanation = Value::Null;
    let cost = cost(demo, || {
        explanation = demo
            .post("/v1/queries/explain", demo.token("agency"), &question)
            .answer();
    });
    assert!(cost.values().all(|calls| *calls == 0), "{cost:?}");
    let answer = demo.ask(&question).answer();
    assert_eq!(answer["complete"], false);
    let verdicts = explanation["attributes"].as_array().unwrap();
    assert_eq!(
        verdicts.iter().filter(|v| v["verdict"] == "permit").count(),
        SELECT.len()
    );
    for verdict in verdicts {
        let attribute = verdict["attribute"].as_str().unwrap();
        let (dataset, name) = attribute.rsplit_once('.').unwrap();
        let mut lines = answer["denied"].as_array().unwrap().iter();
        let denial =
            lines.find(|line| line["attribute"] == attribute || line["attribute"] == dataset);
        if verdict["verdict"] == "permit" {
            assert!(
                denial.is_none(),
                "{attribute} is denied in the answer: {denial:?}"
            );
            assert_eq!(
                answer["datasets"][dataset]["basis"], verdict["basis"],
                "{attribute}"
            );
        } else {
            assert!(denial.is_some(), "{attribute} is not denied in the answer");
            let denial = denial.unwrap();
            for member in ["reason", "rule", "basis", "remedy"] {
                assert_eq!(denial[member], verdict[member], "{attribute}, {member}");
            }
            let data = answer["datasets"][dataset]["data"].to_string();
            assert!(
                !data.contains(&format!("\"{name}\":")),
                "{attribute} is in {data}"
            );
        }
    }
    assert_eq!(
        answer["datasets"]["population.documents"]["status"],
        "denied"
    );
}

fn a_second_question_is_served_from_the_cache_and_logged_by_itself(demo: &Demo) {
    let question = question(demo.persona("mai"), &SELECT);
    let first = demo.ask(&question).answer();
    let mut second = Value::Null;
    let cost = cost(demo, || second = demo.ask(&question).answer());
    assert!(cost.values().all(|calls| *calls == 0), "{cost:?}");
    for (name, dataset) in second["datasets"].as_object().unwrap() {
        assert_eq!(first["datasets"][name]["served_from"], "registry", "{name}");
        assert_eq!(dataset["served_from"], "cache", "{name}");
        assert_eq!(dataset["data"], first["datasets"][name]["data"], "{name}");
        assert_eq!(dataset["as_of"], first["datasets"][name]["as_of"], "{name}");
    }
    assert_ne!(first["query_id"], second["query_id"]);
    let index = |answer: &Value| answer["receipt"]["leaf_index"].as_u64().unwrap();
    assert!(index(&second) > index(&first));
}

fn ten_at_once_cost_as_much_as_one_and_max_age_zero_asks_again(demo: &Demo) {
    // Hải and Tuấn are in the same registers, so one question about either costs the same.
    let one = cost(demo, || {
        drop(demo.ask(&question(demo.persona("tuan"), &SELECT)).answer())
    });
    let asked = question(demo.persona("hai"), &SELECT);
    let mut answers = Vec::new();
    let ten = cost(demo, || {
        answers = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..10)
                .map(|_| scope.spawn(|| demo.ask(&asked).answer()))
                .collect();
            asking
                .into_iter()
                .map(|asking| asking.join().unwrap())
                .collect()
        });
    });
    assert_eq!(ten, one);
    let entries: BTreeSet<u64> = answers
        .iter()
        .map(|answer| answer["receipt"]["leaf_index"].as_u64().unwrap())
        .collect();
    assert_eq!(entries.len(), 10, "each of the ten has its own entry");
    let again = cost(demo, || {
        drop(demo.ask(&fresh(demo, "hai", &SELECT)).answer())
    });
    assert_eq!(again, one);
}

fn what_is_denied_never_reaches_a_registry(demo: &Demo) {
    let select = [
        "population.identity.full_name",
        "population.identity.religion",
    ];
    let answer = demo.ask(&fresh(demo, "lan", &select)).answer();
    let data = answer["datasets"]["population.identity"]["data"]
        .as_object()
        .unwrap();
    assert_eq!(data.keys().collect::<Vec<_>>(), ["full_name"], "{data:?}");
    let denial = &answer["denied"][0];
    assert_eq!(
        (&denial["attribute"], &denial["reason"]),
        (&json!(select[1]), &json!("not_in_purpose"))
    );
    assert!(
        !denial["rule"].as_str().unwrap().is_empty()
            && !denial["remedy"].as_str().unwrap().is_empty()
    );

    let asked = demo.seen("population").last_request;
    let body: Value = serde_json::from_str(asked["body"].as_str().unwrap()).unwrap();
    let fields: BTreeSet<&str> = body["fields"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(
        fields.len() == 2,
        "the name, and the number to compare with: {fields:?}"
    );
    assert!(
        !body.to_string().to_lowercase().contains("religion"),
        "{body}"
    );
    assert!(
        !asked["path"]
            .as_str()
            .unwrap()
            .contains(demo.persona("lan")),
        "{asked}"
    );
}

fn the_trace_and_the_request_id_are_passed_on(demo: &Demo) {
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let call = demo
        .client()
        .post(demo.url("/v1/queries"))
        .bearer_auth(demo.token("agency"));
    let sent = call
        .header("content-type", "application/json")
        .header("request-id", "journey-7")
        .header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"))
        .body(fresh(demo, "lan", &["population.identity.full_name"]).to_string())
        .send()
        .unwrap();
    let header = |name: &str| sent.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("request-id"), "journey-7");
    assert!(header("traceparent").contains(trace));
    let asked = demo.seen("population").last_request;
    assert!(
        asked["headers"]["traceparent"]
            .as_str()
            .unwrap()
            .contains(trace),
        "{asked}"
    );
}

fn nobody_is_in_no_registry(demo: &Demo) {
    let answer = demo
        .ask(&question(demo.persona("nobody"), &SELECT))
        .answer();
    assert_eq!(answer["complete"], true, "{answer:#}");
    for (name, dataset) in answer["datasets"].as_object().unwrap() {
        assert_eq!(dataset["status"], "not_found", "{name}: {dataset}");
        assert!(dataset["data"].is_null(), "{name}");
    }
}

fn flags_survive_any_selection_and_dates_stay_partial(demo: &Demo) {
    let ask = |persona: &str, select: &[&str]| {
        demo.ask(&question(demo.persona(persona), select)).answer()
    };
    let minh = ask(
        "minh",
        &["population.identity.full_name", "insurance.health.status"],
    );
    assert_eq!(
        minh["datasets"]["population.identity"]["data"]["deceased"], true,
        "{minh:#}"
    );
    assert_eq!(
        minh["datasets"]["insurance.health"]["data"]["status"], "ended",
        "{minh:#}"
    );
    assert_eq!(
        minh["datasets"]["insurance.health"]["data"]["deceased"], true,
        "{minh:#}"
    );

    let hoa = ask(
        "hoa",
        &[
            "population.identity.birth_date",
            "population.identity.birth_place",
            "civil_status.marital_status.status",
        ],
    );
    assert_eq!(
        hoa["datasets"]["population.identity"]["data"],
        json!({ "birth_date": "1958" })
    );
    assert_eq!(
        hoa["datasets"]["civil_status.marital_status"]["data"]["status"],
        "never_married"
    );

    let tuan = ask(
        "tuan",
        &[
            "population.residence.permanent_address",
            "population.residence.permanent_commune",
        ],
    );
    assert_eq!(
        tuan["datasets"]["population.residence"]["data"],
        json!({ "address_secret": true }),
        "{tuan:#}"
    );
}

fn a_subject_of_another_kind_is_denied_with_the_reason(demo: &Demo) {
    let question = with(
        question("", &SELECT),
        &json!({ "subject": { "enterprise": "0100109106" } }),
    );
    let problem = demo.ask(&question).problem(403, "nothing_permitted");
    let reasons = problem["denied"]
        .as_array()
        .unwrap()
        .iter()
        .map(|denial| &denial["reason"]);
    assert!(reasons.clone().count() > 0);
    assert!(
        reasons
            .clone()
            .all(|reason| reason == "unknown_attribute_for_subject"),
        "{problem:#}"
    );
}
