//! Two land offices, one answer: what each of them knows, which of them is asked, and what an answer
//! says while one of them is out.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{
    demo::{Demo, Home},
    log::Verified,
    program,
    questions::{outcome_of, question, with},
    wait,
};
use serde_json::{Value, json};
use std::time::Duration;

const PARCELS: [&str; 2] = ["land.parcels.area_m2", "land.parcels.share"];
/// The parcel in Hà Nội, and the orchard in Đồng Tháp.
const AREAS: [f64; 2] = [86.4, 1450.5];
/// Longer than the longest rest of a registry that failed.
const HEALED_WITHIN: Duration = Duration::from_secs(10);

#[test]
fn land_offices_answer_together_and_each_for_itself() {
    let home = Home::default();
    let demo = Demo::start(&home);
    both_answer_and_the_records_keep_their_order(&demo);
    a_question_that_names_provinces_goes_to_their_office_only(&demo);
    each_office_is_kept_in_the_cache_by_itself(&demo);
    an_answer_without_one_office_says_so_and_the_log_has_both(&demo);
    one_that_answers_about_somebody_else_harms_only_its_part(&demo);
    a_statement_about_land_is_unknown_while_its_office_is_out(&demo);
    explaining_names_the_offices(&demo);
    the_command_line_says_who_answered_and_who_did_not(&demo, &home);
    every_person_named_by_either_office_gets_an_entry(&demo);
    each_office_was_asked_as_often_as_the_log_can_tell(&demo);
}

fn fresh(demo: &Demo, persona: &str) -> Value {
    with(
        question(demo.persona(persona), &PARCELS),
        &json!({ "max_age_seconds": 0 }),
    )
}

fn areas(parcels: &Value) -> Vec<f64> {
    let records = parcels["data"].as_array().into_iter().flatten();
    records.filter_map(|r| r["area_m2"].as_f64()).collect()
}

/// How many requests the two offices got meanwhile.
fn cost<T>(demo: &Demo, ask: impl FnOnce() -> T) -> (T, [u64; 2]) {
    let seen = || ["land", "land_south"].map(|office| demo.seen(office).requests);
    let before = seen();
    let answer = ask();
    let after = seen();
    (answer, [after[0] - before[0], after[1] - before[1]])
}

/// Waits until an office that was out is asked again.
fn heal(demo: &Demo, office: &str) {
    demo.set_fault(office, "ok", 0);
    wait::until("the office is asked again", HEALED_WITHIN, || {
        let answer = demo.ask(&fresh(demo, "lan")).json();
        (answer["complete"] == true).then_some(())
    });
}

fn both_answer_and_the_records_keep_their_order(demo: &Demo) {
    let answer = demo.ask(&fresh(demo, "lan")).answer();
    assert_eq!(answer["complete"], true, "{answer:#}");
    let parcels = &answer["datasets"]["land.parcels"];
    assert_eq!(areas(parcels), AREAS, "{parcels:#}");
    assert!(parcels["registry"].is_null(), "{parcels:#}");
    let ages: Vec<_> = ["land", "land_south"]
        .map(|office| outcome_of(parcels, office)["as_of"].clone())
        .into_iter()
        .collect();
    assert!(ages.contains(&parcels["as_of"]), "{parcels:#}");
    // Minh's parcel is in Hà Nội; the office in the south knows nobody of that number.
    let minh = demo.ask(&fresh(demo, "minh")).answer();
    let parcels = &minh["datasets"]["land.parcels"];
    assert_eq!(parcels["status"], "ok");
    assert_eq!(outcome_of(parcels, "land_south")["status"], "not_found");
    let nobody = demo.ask(&fresh(demo, "nobody")).answer();
    assert_eq!(nobody["datasets"]["land.parcels"]["status"], "not_found");
    assert_eq!(nobody["complete"], true);
}

fn a_question_that_names_provinces_goes_to_their_office_only(demo: &Demo) {
    let north = with(fresh(demo, "lan"), &json!({ "provinces": ["01", "31"] }));
    let (answer, asked) = cost(demo, || demo.ask(&north).answer());
    assert_eq!(asked, [1, 0]);
    let parcels = &answer["datasets"]["land.parcels"];
    assert_eq!(areas(parcels), AREAS[..1], "{parcels:#}");
    assert_eq!(parcels["registry"], "land");
    assert!(parcels["registries"].is_null(), "as it always was");
    // So does the form that caches and retries may repeat, and a batch.
    let south = with(fresh(demo, "lan"), &json!({ "provinces": ["82"] }));
    let agency = Some(demo.token("agency"));
    let (answer, asked) = cost(demo, || {
        demo.call("QUERY", "/v1/queries", agency, Some(&south.to_string()))
            .answer()
    });
    assert_eq!(
        (asked, areas(&answer["datasets"]["land.parcels"])),
        ([0, 1], vec![AREAS[1]])
    );
    let mut batch = south;
    let subject = batch.as_object_mut().unwrap().remove("subject").unwrap();
    batch["subjects"] = json!([subject, { "person": demo.persona("hoa") }]);
    let (lines, asked) = cost(demo, || {
        demo.post("/v1/query-batches", demo.token("agency"), &batch)
            .text()
    });
    assert_eq!((asked, lines.lines().count()), ([0, 2], 2), "{lines}");
    let wrong = with(fresh(demo, "lan"), &json!({ "provinces": ["01", "02"] }));
    let problem = demo.ask(&wrong).problem(422, "invalid_query");
    let error = &problem["errors"][0];
    assert_eq!(error["pointer"], "/provinces/1", "{problem:#}");
    assert_eq!(error["code"], "unknown_province");
    assert!(
        error["detail"].as_str().unwrap().contains("`08`"),
        "{error}"
    );
}

fn each_office_is_kept_in_the_cache_by_itself(demo: &Demo) {
    let north = with(
        question(demo.persona("lan"), &PARCELS),
        &json!({ "provinces": ["01"], "max_age_seconds": 3_600 }),
    );
    let (_, asked) = cost(demo, || demo.ask(&north).answer());
    assert_eq!(asked, [0, 0], "it was asked a moment ago");
    let both = question(demo.persona("hai"), &PARCELS);
    let one = with(both.clone(), &json!({ "provinces": ["82"] }));
    assert_eq!(cost(demo, || demo.ask(&one).answer()).1, [0, 1]);
    let (answer, asked) = cost(demo, || demo.ask(&both).answer());
    assert_eq!(asked, [1, 0], "only who was not asked yet");
    let parcels = &answer["datasets"]["land.parcels"];
    let from = |office| outcome_of(parcels, office)["served_from"].clone();
    assert_eq!([from("land"), from("land_south")], ["registry", "cache"]);
    assert_eq!(parcels["served_from"], "registry");
    assert_eq!(parcels["as_of"], outcome_of(parcels, "land_south")["as_of"]);
    let again = demo.ask(&both).answer();
    assert_eq!(again["datasets"]["land.parcels"]["served_from"], "cache");
}

fn an_answer_without_one_office_says_so_and_the_log_has_both(demo: &Demo) {
    demo.set_fault("land_south", "down", 0);
    let answer = demo.ask(&fresh(demo, "lan")).answer();
    assert_eq!(answer["complete"], false);
    let parcels = &answer["datasets"]["land.parcels"];
    assert_eq!(parcels["status"], "ok");
    assert_eq!(areas(parcels), AREAS[..1], "{parcels:#}");
    let missing = outcome_of(parcels, "land_south");
    let problem = json!({ "code": "registry_down", "retryable": true });
    assert_eq!(
        (&missing["status"], &missing["problem"]),
        (&json!("unavailable"), &problem)
    );
    let leaf = answer["receipt"]["leaf_index"].as_u64().unwrap();
    let entry = wait::until("the entry is published", HEALED_WITHIN, || {
        let log = Verified::fetch(demo);
        (log.entries.len() as u64 > leaf).then(|| log.entry(leaf))
    });
    let logged = &entry["record"]["datasets"]["land.parcels"];
    let of = |place: usize| {
        let outcome = &logged[place];
        (
            outcome["registry"].clone(),
            outcome["status"].clone(),
            outcome["problem"].clone(),
        )
    };
    assert_eq!(
        of(0),
        (json!("land"), json!("ok"), Value::Null),
        "{entry:#}"
    );
    assert_eq!(
        of(1),
        (
            json!("land_south"),
            json!("unavailable"),
            json!("registry_down")
        )
    );
    wait::until(
        "an officer finds it by the office that failed",
        HEALED_WITHIN,
        || {
            let path = "/v1/access-log/entries?registry=land_south";
            let found = demo.get(path, Some(demo.token("dpo"))).answer();
            let mut entries = found["entries"].as_array()?.iter();
            entries
                .any(|found| found["leaf_index"] == leaf)
                .then_some(())
        },
    );
    let all = with(fresh(demo, "lan"), &json!({ "require": "all" }));
    let problem = demo.ask(&all).problem(502, "incomplete_answer");
    let parcels = &problem["datasets"]["land.parcels"];
    assert!(parcels["data"].is_null(), "{problem:#}");
    // Hoa has no land in the south, and nobody can say so now.
    let south = with(fresh(demo, "hoa"), &json!({ "provinces": ["79"] }));
    drop(demo.ask(&south).problem(503, "registries_unavailable"));
    let nobody = demo.ask(&fresh(demo, "nobody"));
    let problem = nobody.problem(503, "registries_unavailable");
    assert_eq!(problem["datasets"]["land.parcels"]["status"], "unavailable");
    heal(demo, "land_south");
}

fn one_that_answers_about_somebody_else_harms_only_its_part(demo: &Demo) {
    demo.set_fault("land", "wrong_subject", 0);
    let answer = demo.ask(&fresh(demo, "lan")).answer();
    let parcels = &answer["datasets"]["land.parcels"];
    assert_eq!(areas(parcels), AREAS[1..], "{parcels:#}");
    let code = &outcome_of(parcels, "land")["problem"]["code"];
    assert_eq!(code, "registry_wrong_subject");
    heal(demo, "land");
}

fn a_statement_about_land_is_unknown_while_its_office_is_out(demo: &Demo) {
    let statement = |persona: &str, area: &str| {
        let body = json!({
            "subject": { "person": demo.persona(persona) }, "purpose": "poor-household-recognition",
            "case": "H01.12-261121-0007", "officer": "cb-4711", "max_age_seconds": 0,
            "checks": [{ "check": "owns_parcel_in", "area": area }],
        });
        let answer = demo
            .post("/v1/checks", demo.token("agency"), &body)
            .answer();
        answer["checks"][0].clone()
    };
    let (told, asked) = cost(demo, || statement("lan", "82"));
    assert_eq!((&told["result"], asked), (&json!("yes"), [0, 1]), "{told}");
    assert_eq!(statement("hoa", "82")["result"], "no");
    demo.set_fault("land_south", "down", 0);
    for persona in ["lan", "hoa"] {
        let told = statement(persona, "82");
        assert_eq!(told["result"], "unknown", "{persona}: {told}");
        assert_eq!(
            told["problem"]["code"], "registry_down",
            "{persona}: {told}"
        );
    }
    assert_eq!(statement("lan", "01")["result"], "yes");
    assert_eq!(
        statement("tuan", "01")["result"],
        "no",
        "his is in the south"
    );
    heal(demo, "land_south");
}

fn explaining_names_the_offices(demo: &Demo) {
    let explain = |provinces: Value| {
        let body = with(fresh(demo, "lan"), &provinces);
        let ((), asked) = cost(demo, || ());
        assert_eq!(asked, [0, 0]);
        let reply = demo.post("/v1/queries/explain", demo.token("agency"), &body);
        reply.answer()["would_ask"].clone()
    };
    let parcels =
        |registries: Value| json!([{ "dataset": "land.parcels", "registries": registries }]);
    let (both, asked) = cost(demo, || explain(json!({})));
    assert_eq!(
        (both, asked),
        (parcels(json!(["land", "land_south"])), [0, 0])
    );
    assert_eq!(
        explain(json!({ "provinces": ["96"] })),
        parcels(json!(["land_south"]))
    );
}

fn the_command_line_says_who_answered_and_who_did_not(demo: &Demo, home: &Home) {
    let query = |more: &[&str]| {
        let mut arguments = vec![
            "--lang",
            "en",
            "query",
            "--data-dir",
            "data",
            "--persona",
            "lan",
            "--purpose",
            "poor-household-recognition",
            "--case",
            "A-1",
            "--officer",
            "cb-4711",
            "--select",
            "land.parcels.area_m2",
            "--max-age-seconds",
            "0",
        ];
        arguments.extend(more);
        program::run(home.path(), &arguments).well()
    };
    let said = query(&[]);
    assert!(said.contains("land, land_south · asked just now"), "{said}");
    let said = query(&["--provinces", "01"]);
    assert!(said.contains("land · asked just now"), "{said}");
    demo.set_fault("land_south", "down", 0);
    let said = query(&[]);
    assert!(
        said.contains("land_south gave no answer (registry_down)"),
        "{said}"
    );
    heal(demo, "land_south");
}

/// Hải shares the house in Hà Nội and the orchard, Tuấn the orchard alone.
fn every_person_named_by_either_office_gets_an_entry(demo: &Demo) {
    let body = json!({
        "subject": { "person": demo.persona("lan") }, "purpose": "land-dispute-mediation",
        "select": ["land.parcels.co_owners"], "case": "A-9", "officer": "cb-4711",
    });
    let answer = demo.ask(&body).answer();
    let leaf = answer["receipt"]["leaf_index"].as_u64().unwrap();
    let entries = wait::until("the entries are published", HEALED_WITHIN, || {
        let log = Verified::fetch(demo);
        let entries: Option<Vec<_>> = (leaf..leaf + 3)
            .map(|place| (place < log.entries.len() as u64).then(|| log.entry(place)))
            .collect();
        entries
    });
    let kinds: Vec<_> = entries.iter().map(|entry| entry["kind"].clone()).collect();
    assert_eq!(kinds, ["disclosure", "mention", "mention"], "{answer:#}");
    for mention in &entries[1..] {
        assert_eq!(mention["record"]["query_id"], answer["query_id"]);
    }
}

/// Also where it failed: the log says that it was asked, and may have been reached.
fn each_office_was_asked_as_often_as_the_log_can_tell(demo: &Demo) {
    for office in ["land", "land_south"] {
        let body = json!({
            "registry": office, "from": "2026-01-01", "to": "2036-01-01",
            "requests": demo.seen(office).requests,
        });
        let dpo = demo.token("dpo");
        let compared = demo.post("/v1/reports/reconciliation", dpo, &body).answer();
        assert_eq!(compared["verdict"], "agree", "{compared:#}");
        assert!(
            compared["ours"]["failures"].as_u64().unwrap() > 0,
            "{compared:#}"
        );
    }
}
