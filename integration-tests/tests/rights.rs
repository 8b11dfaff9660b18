//! Who may call what: every operation of the OpenAPI document, with every token and without.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{
    demo::{Demo, Home},
    log::open,
    questions::with,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// An operation, a call of it, and who may make that call. `{size}` is the size of the log,
/// `{consent}` the id of a consent of the citizen's.
struct Case {
    operation: (&'static str, &'static str),
    path: &'static str,
    body: Option<Value>,
    may: May,
    /// What those who may are answered, where it is no success: a call about something that is not
    /// there shows as well that it was let in.
    status: Option<u16>,
}

#[derive(Clone, Copy)]
enum May {
    /// With a token or without.
    Everybody,
    /// With one of these tokens.
    Only(&'static [&'static str]),
}

const HOLDERS: [&str; 5] = ["agency", "other_agency", "citizen", "dpo", "registry"];
const AGENCIES: May = May::Only(&["agency", "other_agency"]);
const AUDITORS: May = May::Only(&["dpo"]);
const CITIZENS: May = May::Only(&["citizen"]);

fn cases(person: &str) -> Vec<Case> {
    // Both agencies may ask this: each has the purpose.
    let question = json!({
        "purpose": "social-pension", "select": ["population.identity.full_name"], "case": "A-1",
    });
    let single = with(
        question.clone(),
        &json!({ "subject": { "person": person } }),
    );
    let checks = json!({
        "subject": { "person": person }, "purpose": "social-pension", "case": "A-1",
        "checks": [{ "check": "is_alive" }],
    });
    let batch = with(question, &json!({ "subjects": [{ "person": person }] }));
    let seal = json!({
        "person": person, "level": "address", "ground": "Order 1 of a court", "until": "2036-01-01",
    });
    let post = |path, body, may| Case {
        operation: ("post", path),
        path,
        body: Some(body),
        may,
        status: None,
    };
    let get = |path, may| Case {
        operation: ("get", path),
        path,
        body: None,
        may,
        status: None,
    };
    const TILE: (&str, &str) = ("get", "/v1/access-log/tile/{path}");
    vec![
        post("/v1/queries", single.clone(), AGENCIES),
        post("/v1/queries/explain", single, AGENCIES),
        post("/v1/query-batches", batch, AGENCIES),
        post("/v1/checks", checks, AGENCIES),
        get("/v1/catalogue", AGENCIES),
        get("/v1/entitlements", AGENCIES),
        post("/v1/consents", consent(), CITIZENS),
        get("/v1/consents", CITIZENS),
        Case {
            operation: ("get", "/v1/consents/{id}"),
            path: "/v1/consents/{consent}",
            body: None,
            may: CITIZENS,
            status: None,
        },
        Case {
            operation: ("post", "/v1/consents/{id}/revoke"),
            path: "/v1/consents/{consent}/revoke",
            body: Some(json!({})),
            may: CITIZENS,
            status: None,
        },
        get("/v1/seals", AUDITORS),
        post("/v1/seals", seal, AUDITORS),
        post("/v1/seals/lift", json!({ "person": person }), AUDITORS),
        get("/v1/me/accesses", CITIZENS),
        get("/v1/emergency-uses", AUDITORS),
        Case {
            operation: ("post", "/v1/emergency-uses/{query_id}/review"),
            path: "/v1/emergency-uses/qry_0193b6a4-7c1e-7d52-9a31-5f0c2e8b4d17/review",
            body: Some(json!({ "verdict": "misuse", "note": "there was no emergency" })),
            may: AUDITORS,
            status: Some(404),
        },
        get("/v1/access-log/entries", AUDITORS),
        Case {
            operation: ("get", "/v1/access-log/entries/{leaf_index}"),
            path: "/v1/access-log/entries/0",
            body: None,
            may: AUDITORS,
            status: None,
        },
        post(
            "/v1/access-log/searches",
            json!({ "subject": { "person": person }, "kind": ["disclosure"] }),
            AUDITORS,
        ),
        get("/v1/alerts", AUDITORS),
        Case {
            operation: ("post", "/v1/alerts/{leaf_index}/review"),
            path: "/v1/alerts/0/review",
            body: Some(json!({ "state": "in_review", "note": "the ward was asked about it" })),
            may: AUDITORS,
            status: Some(404),
        },
        get("/v1/access-log/checkpoint", May::Everybody),
        // The demo asks no witness.
        Case {
            operation: ("get", "/v1/access-log/checkpoint/cosigned"),
            path: "/v1/access-log/checkpoint/cosigned",
            body: None,
            may: May::Everybody,
            status: Some(404),
        },
        Case {
            operation: TILE,
            path: "/v1/access-log/tile/0/000.p/{size}",
            body: None,
            may: May::Everybody,
            status: None,
        },
        Case {
            operation: TILE,
            path: "/v1/access-log/tile/entries/000.p/{size}",
            body: None,
            may: AUDITORS,
            status: None,
        },
        post(
            "/v1/access-log/proofs",
            json!({ "leaf_index": 0 }),
            AUDITORS,
        ),
        Case {
            operation: ("post", "/v1/access-log/proofs"),
            path: "/v1/access-log/proofs",
            body: Some(json!({ "leaf_index": 0, "cosigned": true })),
            may: AUDITORS,
            status: Some(404),
        },
        // The person of these has consents in force, which is told to auditors alone.
        Case {
            operation: ("post", "/v1/access-log/erasures"),
            path: "/v1/access-log/erasures",
            body: Some(json!({ "subject": { "person": person }, "ground": "an order of a court" })),
            may: AUDITORS,
            status: Some(409),
        },
        get("/v1/access-log/retention", May::Everybody),
        // Nothing of a young log is removed.
        Case {
            operation: ("get", "/v1/access-log/pruned"),
            path: "/v1/access-log/pruned",
            body: None,
            may: May::Everybody,
            status: Some(404),
        },
        post(
            "/v1/reports/person",
            json!({ "subject": { "person": person } }),
            AUDITORS,
        ),
        post(
            "/v1/reports/breach",
            json!({ "client": "ward-ba-dinh-one-stop", "from": "2026-01-01", "to": "2036-01-01" }),
            AUDITORS,
        ),
        post(
            "/v1/reports/reconciliation",
            json!({ "registry": "land", "from": "2026-01-01", "to": "2036-01-01", "requests": 1 }),
            AUDITORS,
        ),
        get("/v1/processing-register", AUDITORS),
        // Events have media types of their own: whoever is told so was let in.
        Case {
            operation: ("post", "/v1/registries/{id}/changes"),
            path: "/v1/registries/population/changes",
            body: Some(json!({})),
            may: May::Only(&["registry"]),
            status: Some(415),
        },
        get("/healthz", May::Everybody),
        get("/readyz", May::Everybody),
        get("/metrics", May::Everybody),
        get("/.well-known/jwks.json", May::Everybody),
        get("/openapi.json", May::Everybody),
    ]
}

fn consent() -> Value {
    json!({
        "agency": "ward-ba-dinh", "purposes": ["social-housing-application"],
        "attributes": ["land.parcels.area_m2"], "until": "2036-01-01", "uses": "repeated",
    })
}

#[test]
fn every_operation_is_open_to_those_it_is_for_and_to_nobody_else() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let cases = cases(demo.persona("lan"));
    every_operation_has_a_case(&demo, &cases);
    let note = demo.get("/v1/access-log/checkpoint", None).text();
    let size = open(&note, demo.text("/log_verifier_key"))
        .tree_size
        .to_string();
    let given = demo
        .post("/v1/consents", demo.token("citizen"), &consent())
        .json();
    let consent = given["consent_id"].as_str().unwrap();
    for case in &cases {
        let path = case
            .path
            .replace("{size}", &size)
            .replace("{consent}", consent);
        let (method, path) = (case.operation.0.to_uppercase(), &path);
        let body = case.body.as_ref().map(ToString::to_string);
        let call = |token: Option<&str>| demo.call(&method, path, token, body.as_deref());
        let stranger = call(None);
        match case.may {
            May::Everybody => assert_eq!(
                stranger.status,
                case.status.unwrap_or(200),
                "{path}: {}",
                stranger.text()
            ),
            May::Only(_) => drop(stranger.problem(401, "token_missing")),
        }
        for holder in HOLDERS {
            let reply = call(Some(demo.token(holder)));
            let allowed = match case.may {
                May::Everybody => true,
                May::Only(holders) => holders.contains(&holder),
            };
            if allowed {
                let good = match case.status {
                    None => (200..300).contains(&reply.status),
                    Some(status) => reply.status == status,
                };
                assert!(
                    good,
                    "{holder} at {path}: {} {}",
                    reply.status,
                    reply.text()
                );
            } else {
                drop(reply.problem(403, "insufficient_scope"));
            }
        }
    }
}

fn every_operation_has_a_case(demo: &Demo, cases: &[Case]) {
    let document = demo.get("/openapi.json", None).answer();
    let described: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .keys()
                .map(move |method| (method.clone(), path.clone()))
        })
        .collect();
    let known: BTreeSet<(String, String)> = cases
        .iter()
        .map(|case| (case.operation.0.to_owned(), case.operation.1.to_owned()))
        .collect();
    assert_eq!(
        described, known,
        "an operation without a case here, or a case without its operation"
    );
}
