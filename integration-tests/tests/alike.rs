//! "Unknown person" and "not allowed to know" look the same outside: status, headers, body, length.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{
    demo::{Demo, Home},
    reply::Reply,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// A call about a person that the caller may learn nothing from.
struct Call {
    name: &'static str,
    token: &'static str,
    path: &'static str,
    body: fn(&str) -> Value,
    status: u16,
}

fn question(person: &str, purpose: &str, select: &[&str]) -> Value {
    json!({
        "subject": { "person": person }, "purpose": purpose, "select": select,
        "case": "A-1", "officer": "cb-1",
    })
}

fn statement(person: &str, purpose: &str, check: &Value) -> Value {
    json!({
        "subject": { "person": person }, "purpose": purpose, "checks": [check],
        "case": "A-1", "officer": "cb-1",
    })
}

const CALLS: [Call; 6] = [
    Call {
        name: "a purpose that rests on consent, and none was given",
        token: "agency",
        path: "/v1/queries",
        body: |person| {
            question(
                person,
                "social-housing-application",
                &["population.identity", "insurance.social.salary_vnd"],
            )
        },
        status: 403,
    },
    Call {
        name: "an agency that does not carry out the procedure",
        token: "other_agency",
        path: "/v1/queries",
        body: |person| {
            question(
                person,
                "birth-registration",
                &["population.identity.full_name"],
            )
        },
        status: 403,
    },
    Call {
        name: "data that the procedure does not need",
        token: "agency",
        path: "/v1/queries",
        body: |person| question(person, "social-pension", &["civil_status.marital_status"]),
        status: 403,
    },
    Call {
        name: "the same as a decision without an answer",
        token: "agency",
        path: "/v1/queries/explain",
        body: |person| {
            question(
                person,
                "social-housing-application",
                &["population.identity"],
            )
        },
        status: 200,
    },
    Call {
        name: "a statement that may not be checked",
        token: "agency",
        path: "/v1/checks",
        body: |person| statement(person, "social-pension", &json!({ "check": "is_married" })),
        status: 403,
    },
    Call {
        name: "a statement that rests on consent",
        token: "agency",
        path: "/v1/checks",
        body: |person| {
            statement(
                person,
                "social-housing-application",
                &json!({ "check": "age_at_least", "years": 18 }),
            )
        },
        status: 403,
    },
];

/// Known to every register, dead, a child, with a secret address: nobody has given a consent.
const KNOWN: [&str; 5] = ["hai", "an", "minh", "hoa", "tuan"];

#[test]
fn an_unknown_person_and_one_of_whom_nothing_may_be_known_look_the_same() {
    let home = Home::default();
    let demo = Demo::start(&home);
    for call in &CALLS {
        let unknown = ask(&demo, call, "nobody");
        assert_eq!(
            unknown.status,
            call.status,
            "{}: {}",
            call.name,
            unknown.text()
        );
        for persona in KNOWN {
            let known = ask(&demo, call, persona);
            assert_eq!(known.status, unknown.status, "{}, {persona}", call.name);
            assert_eq!(
                headers(&known),
                headers(&unknown),
                "{}, {persona}",
                call.name
            );
            assert_eq!(body(&known), body(&unknown), "{}, {persona}", call.name);
            assert_eq!(length(&known), length(&unknown), "{}, {persona}", call.name);
        }
    }
    holding_nothing_looks_like_being_nobody(&demo);
}

/// Somebody under witness protection: asking is allowed, and the answer is nobody's.
#[test]
fn a_person_of_whom_nobody_may_learn_looks_like_nobody() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let seal = json!({
        "person": demo.persona("hai"), "level": "identity",
        "ground": "Order 12/2026 of the people's court", "until": "2036-01-01",
    });
    let sealed = demo.post("/v1/seals", demo.token("dpo"), &seal);
    assert_eq!(sealed.status, 201, "{}", sealed.text());
    let select = [
        "population.identity.full_name",
        "population.residence.permanent_address",
        "civil_status.marital_status",
        "land.parcels",
        "insurance.health.status",
    ];
    let before = demo.requests();
    for path in ["/v1/queries", "/v1/queries/explain", "/v1/checks"] {
        let ask = |persona: &str| {
            let person = demo.persona(persona);
            let body = match path {
                "/v1/checks" => {
                    let check = json!({ "check": "resides_in", "area": "01" });
                    statement(person, "poor-household-recognition", &check)
                }
                _ => question(person, "poor-household-recognition", &select),
            };
            demo.post(path, demo.token("agency"), &body)
        };
        let (unknown, protected) = (ask("nobody"), ask("hai"));
        assert_eq!(unknown.status, 200, "{}", unknown.text());
        assert_eq!(protected.status, 200, "{}", protected.text());
        assert_eq!(headers(&protected), headers(&unknown), "{path}");
        assert_eq!(body(&protected), body(&unknown), "{path}");
        assert_eq!(length(&protected), length(&unknown), "{path}");
    }
    // The registries were asked, and not about him.
    assert_ne!(demo.requests(), before);
    for registry in ["population", "civil_status", "land", "insurance"] {
        let seen = demo.seen(registry).last_request.to_string();
        assert!(!seen.contains(demo.persona("hai")), "{registry}: {seen}");
    }
}

/// Nor does it show to whoever is really the parent of a child under protection.
#[test]
fn a_parent_does_not_show_that_there_is_a_child_under_protection() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let seal = json!({
        "person": demo.persona("an"), "level": "identity",
        "ground": "Order 12/2026 of the people's court", "until": "2036-01-01",
    });
    assert_eq!(demo.post("/v1/seals", demo.token("dpo"), &seal).status, 201);
    let ask = |persona: &str| {
        let mut question = question(
            demo.persona(persona),
            "permanent-residence-registration",
            &["population.identity.full_name"],
        );
        question["applicant"] = json!({ "person": demo.persona("lan"), "relation": "parent" });
        demo.ask(&question)
    };
    let (unknown, protected) = (ask("nobody"), ask("an"));
    assert_eq!(protected.status, unknown.status, "{}", protected.text());
    assert_eq!(headers(&protected), headers(&unknown));
    assert_eq!(body(&protected), body(&unknown));
}

/// Where asking is allowed: a person of whom the register holds nothing of the kind.
fn holding_nothing_looks_like_being_nobody(demo: &Demo) {
    let ask = |persona| {
        let question = question(
            demo.persona(persona),
            "poor-household-recognition",
            &["business.roles.role", "insurance.social.status"],
        );
        demo.ask(&question)
    };
    let (unknown, without) = (ask("nobody"), ask("an"));
    assert_eq!(unknown.status, 200);
    assert_eq!(
        unknown.json()["datasets"]["business.roles"]["status"],
        "not_found"
    );
    assert_eq!(headers(&without), headers(&unknown));
    assert_eq!(body(&without), body(&unknown));
}

fn ask(demo: &Demo, call: &Call, persona: &str) -> Reply {
    let body = (call.body)(demo.persona(persona));
    demo.post(call.path, demo.token(call.token), &body)
}

/// Names and values, but for ids and times.
fn headers(reply: &Reply) -> BTreeMap<String, String> {
    let headers = reply.headers.iter();
    headers
        .map(|(name, value)| {
            let value = match name.as_str() {
                "request-id" | "traceparent" | "date" => "(differs)",
                // Looked at by `length`, which knows how long an index is.
                "content-length" => "(a length)",
                _ => value.to_str().unwrap(),
            };
            (name.to_string(), value.to_owned())
        })
        .collect()
}

/// The body, but for ids and times.
fn body(reply: &Reply) -> String {
    let mut body = reply.json();
    blank(&mut body);
    body.to_string()
}

const DIFFERENT: [&str; 7] = [
    "query_id",
    "request_id",
    "leaf_index",
    "leaf_hash",
    "as_of",
    "age_seconds",
    "served_from",
];

fn blank(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if DIFFERENT.contains(&name.as_str()) {
                    *member = Value::Null;
                } else {
                    blank(member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(blank),
        _ => {}
    }
}

/// The length of the body, but for the digits of the place in the log, which grows with the log.
fn length(reply: &Reply) -> usize {
    fn index_digits(value: &Value) -> usize {
        match value {
            Value::Object(members) => members
                .iter()
                .map(|(name, member)| match name.as_str() {
                    "leaf_index" => member.to_string().len(),
                    _ => index_digits(member),
                })
                .sum(),
            Value::Array(items) => items.iter().map(index_digits).sum(),
            _ => 0,
        }
    }
    assert_eq!(reply.header("content-length"), reply.body.len().to_string());
    reply.body.len() - index_digits(&reply.json())
}

/// `cargo test -p motlan-integration-tests --test alike -- --ignored --nocapture` prints, for each
/// call, the median time for nobody and for somebody, asked in turns.
#[test]
#[ignore = "a measurement: what it prints is to be read, and depends on the machine"]
fn the_times_of_both() {
    const TURNS: usize = 400;
    let home = Home::default();
    let demo = Demo::start(&home);
    for call in &CALLS {
        let mut times: [Vec<Duration>; 2] = [Vec::new(), Vec::new()];
        for turn in 0..2 * TURNS {
            let persona = ["nobody", "tuan"][turn % 2];
            let started = Instant::now();
            let reply = ask(&demo, call, persona);
            times[turn % 2].push(started.elapsed());
            assert_eq!(reply.status, call.status);
        }
        let [unknown, known] = times.map(|mut times| {
            times.sort_unstable();
            times[TURNS / 2]
        });
        println!("{}: nobody {unknown:?}, somebody {known:?}", call.name);
    }
}
