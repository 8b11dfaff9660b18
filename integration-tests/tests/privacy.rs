//! A personal number is in an answer about its owner and nowhere else: no log line, no span, no
//! metric, no problem, no header, no byte of the access log. Every other journey's kind of call is made here
//! once, with the log lines at their wordiest, and then everything left behind is searched.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{
    collector::Collector,
    demo::{Demo, Home},
    questions::{BY_REGISTRY, SELECT, question, with},
    reply::Reply,
    tokens::{self, Forge},
};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// Identifies others: husband, daughter, members of the household.
const MORE: [&str; 3] = [
    "population.household",
    "population.identity.personal_id",
    "population.identity.religion",
];
const ENDED_WITHIN: Duration = Duration::from_secs(20);

#[test]
fn no_personal_number_is_left_anywhere() {
    let home = Home::default();
    let collector = Collector::start();
    let options = ["--log", "trace", "--otlp", collector.address()];
    let mut demo = Demo::start_with(&home, &options);
    let mut problems = Vec::new();
    ask_about_everybody(&demo, &mut problems);
    make_every_mistake(&demo, &mut problems);
    tell_of_changes(&demo, &mut problems);
    let broken = ask_broken_registries(&demo);
    problems.extend(broken);
    let metrics = demo.get("/metrics", None).text();
    assert!(metrics.contains("motlan_"), "{metrics}");
    demo.terminate();
    assert_eq!(demo.ended(ENDED_WITHIN).code(), Some(0));

    let (stdout, stderr) = (demo.stdout(), demo.stderr());
    assert!(
        stderr.lines().count() > 50,
        "the log lines are wordy:\n{stderr}"
    );
    assert!(!stderr.contains('\u{1b}'), "colours where no terminal is");
    assert!(problems.len() > 20);
    let numbers = demo.numbers();
    let judge = |place: &str, text: &[u8]| {
        for number in &numbers {
            let found = text
                .windows(number.len())
                .position(|window| window == number.as_bytes());
            let around = found.map(|at| &text[at.saturating_sub(200)..(at + 200).min(text.len())]);
            assert!(
                around.is_none(),
                "{place}: {}",
                String::from_utf8_lossy(around.unwrap_or_default())
            );
        }
    };
    judge("standard output", stdout.as_bytes());
    judge("the metrics", metrics.as_bytes());
    let spans = collector.received();
    let names_the_route = |window: &[u8]| window == b"/v1/query-batches";
    assert!(
        spans.windows(17).any(names_the_route),
        "{} bytes of spans",
        spans.len()
    );
    judge("the spans", &spans);
    for problem in &problems {
        judge("a problem or header", problem.as_bytes());
    }
    judge("standard error", stderr.as_bytes());
    for file in files(&demo.data()) {
        if file.file_name().is_some_and(|name| name != "demo.json") {
            judge(&file.display().to_string(), &fs::read(&file).unwrap());
        }
    }
    no_name_is_logged_either(&stderr, &metrics);
    words_that_could_be_numbers(&stderr, "standard error");
    words_that_could_be_numbers(&metrics, "the metrics");
    for problem in &problems {
        words_that_could_be_numbers(problem, "a problem or header");
    }
}

/// Of a good answer only its headers are kept: its body may hold the subject's own number.
fn keep(kept: &mut Vec<String>, reply: &Reply) {
    kept.push(if reply.status == 200 {
        format!("{:?}", reply.headers)
    } else {
        reply.everything()
    });
}

fn ask_about_everybody(demo: &Demo, kept: &mut Vec<String>) {
    let select = [&SELECT[..], &MORE].concat();
    for number in demo.numbers() {
        let asked = question(&number, &select);
        keep(kept, &demo.ask(&asked));
        keep(
            kept,
            &demo.ask(&with(asked.clone(), &json!({ "max_age_seconds": 0 }))),
        );
        keep(
            kept,
            &demo.post("/v1/queries", demo.token("other_agency"), &asked),
        );
        keep(
            kept,
            &demo.post("/v1/queries/explain", demo.token("agency"), &asked),
        );
        keep(
            kept,
            &demo.call(
                "QUERY",
                "/v1/queries",
                Some(demo.token("agency")),
                Some(&asked.to_string()),
            ),
        );
    }
    let subjects: Vec<_> = demo
        .numbers()
        .iter()
        .map(|number| json!({ "person": number }))
        .collect();
    let mut batch = with(question("", &select), &json!({ "subjects": subjects }));
    batch.as_object_mut().unwrap().remove("subject");
    keep(
        kept,
        &demo.post("/v1/query-batches", demo.token("agency"), &batch),
    );
    for path in ["/readyz", "/healthz", "/v1/access-log/checkpoint"] {
        keep(kept, &demo.get(path, None));
    }
}

fn make_every_mistake(demo: &Demo, kept: &mut Vec<String>) {
    let number = demo.persona("lan");
    let good = question(number, &SELECT);
    for change in [
        json!({ number: 1 }),
        json!({ "subject": number }),
        json!({ "subject": { "person": format!("{number}0") } }),
        json!({ "subject": { "enterprise": number } }),
        json!({ "purpose": number }),
        json!({ "select": [number] }),
        json!({ "select": [format!("population.identity.{number}")] }),
        json!({ "case": format!("{number}\n") }),
        json!({ "officer": format!("{number}\u{202e}") }),
        json!({ "require": number }),
    ] {
        keep(kept, &demo.ask(&with(good.clone(), &change)));
    }
    let agency = Some(demo.token("agency"));
    keep(
        kept,
        &demo.call(
            "POST",
            "/v1/queries",
            agency,
            Some(&format!("{good}{number}")),
        ),
    );
    for path in [
        format!("/v1/people/{number}"),
        format!("/v1/queries?person={number}"),
        format!("/v1/access-log/tile/0/{number}"),
    ] {
        keep(kept, &demo.get(&path, agency));
    }
    let call = demo
        .client()
        .post(demo.url("/v1/queries"))
        .bearer_auth(demo.token("agency"));
    let call = call
        .header("content-type", "application/json")
        .header("request-id", number)
        .header("traceparent", number)
        .header("accept-language", number)
        .header("user-agent", number);
    keep(
        kept,
        &Reply::of(call.body(good.to_string()).send().unwrap()),
    );
    // A citizen's token has the citizen's number inside.
    keep(
        kept,
        &demo.post("/v1/queries", demo.token("citizen"), &good),
    );
    let forge = Forge::of(demo);
    for claims in [
        json!({ "personal_id": number }),
        json!({ "personal_id": format!("{number}0") }),
        json!({ "client_id": number }),
        json!({ "sub": number }),
    ] {
        keep(
            kept,
            &demo.post("/v1/queries", &forge.token(&json!({}), &claims), &good),
        );
    }
    keep(kept, &demo.post("/v1/queries", number, &good));
}

/// Events that name people wherever an event can.
fn tell_of_changes(demo: &Demo, kept: &mut Vec<String>) {
    let event = |number: &str, members: &Value| {
        let event = json!({
            "specversion": "1.0", "type": "vn.motlan.registry.record-changed.v1",
            "source": format!("/people/{number}"), "id": number,
            "time": tokens::wire_now(), "subject": number, "000000000000": number,
            "data": { "dataset": "population.residence", "subject": { "person": number } },
        });
        with(event, members)
    };
    let mut tell = |registry: &str, event: &Value| {
        let path = format!("/v1/registries/{registry}/changes");
        let media_type = "application/cloudevents+json";
        let reply = demo.send(&path, demo.token("registry"), media_type, event.to_string());
        keep(kept, &reply);
        reply.status
    };
    for number in demo.numbers() {
        assert_eq!(tell("population", &event(&number, &json!({}))), 200);
        assert_eq!(tell("population", &event(&number, &json!({}))), 409);
        assert_eq!(tell(&number, &event(&number, &json!({}))), 403);
        for members in [
            json!({ "id": 1, "type": number, "time": number, "source": format!("{number} ") }),
            json!({ "data": { "dataset": number, "subject": { "enterprise": number } } }),
            json!({ "data": { number.clone(): 1 }, format!("{number}_"): 1 }),
        ] {
            assert_eq!(tell("population", &event(&number, &members)), 422);
        }
    }
}

fn ask_broken_registries(demo: &Demo) -> Vec<String> {
    let mut kept = Vec::new();
    let members = json!({ "max_age_seconds": 0, "deadline_ms": 1_000, "require": "all" });
    let asked = with(
        question(demo.persona("lan"), &[&SELECT[..], &MORE].concat()),
        &members,
    );
    for mode in [
        "down",
        "garbage",
        "wrong_subject",
        "over_delivery",
        "truncated",
        "endless",
    ] {
        for (registry, _) in BY_REGISTRY {
            demo.set_fault(registry, mode, 0);
        }
        let reply = demo.ask(&asked);
        assert_eq!(
            reply.status == 200,
            mode == "over_delivery",
            "{mode}: {}",
            reply.text()
        );
        keep(&mut kept, &reply);
    }
    kept
}

fn no_name_is_logged_either(stderr: &str, metrics: &str) {
    for name in ["NGUYỄN THỊ LAN", "TRẦN VĂN HẢI", "PHẠM THỊ HOA", "Đội Cấn"] {
        assert!(
            !stderr.contains(name) && !metrics.contains(name),
            "{name} is logged"
        );
    }
}

/// Words of exactly twelve digits that begin as a personal number does, whoever's they are. Digits
/// within an id (of a request, of a trace) are no word.
fn words_that_could_be_numbers(text: &str, place: &str) {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')));
    let numbers = words.filter(|word| word.len() == 12 && word.bytes().all(|b| b.is_ascii_digit()));
    let suspicious: Vec<&str> = numbers
        .filter(|number| number.starts_with('0') && matches!(number.as_bytes()[3], b'0'..=b'3'))
        .collect();
    assert!(suspicious.is_empty(), "{place}: {suspicious:?}");
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}
