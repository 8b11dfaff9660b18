//! Statements about people, checked by the registers: the answer is a word, and the data behind it
//! stays where it is.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{
    demo::{Demo, Home},
    log::Verified,
    questions::{CASE, OFFICER, with},
    reply::Reply,
    tokens, wait,
};
use serde_json::{Value, json};
use std::time::Duration;

/// A purpose whose attributes cover age, residence and death.
const PURPOSE: &str = "social-pension";

#[test]
fn statements_are_checked_and_the_data_behind_them_stays() {
    let home = Home::default();
    let demo = Demo::start_with(&home, &["--log", "debug"]);
    everybody_is_told_as_their_story_says(&demo);
    a_year_of_birth_is_certain_only_on_either_side(&demo);
    nobody_looks_like_somebody_of_whom_it_cannot_be_said(&demo);
    what_the_purpose_does_not_cover_is_refused_by_itself(&demo);
    a_register_out_of_order_is_named(&demo);
    each_statement_has_its_own_entry_without_values(&demo);
    mistakes_are_told_with_their_place(&demo);
    a_consent_for_one_answer_is_used_up_by_one_statement(&demo);
    no_value_is_in_logs_or_metrics(&demo);
}

fn body(demo: &Demo, persona: &str, purpose: &str, checks: &Value) -> Value {
    json!({
        "subject": { "person": demo.persona(persona) },
        "purpose": purpose, "case": CASE, "officer": OFFICER, "checks": checks,
    })
}

fn ask(demo: &Demo, persona: &str, purpose: &str, checks: &Value) -> Reply {
    let body = body(demo, persona, purpose, checks);
    demo.post("/v1/checks", demo.token("agency"), &body)
}

fn results(answer: &Value) -> Vec<&str> {
    let checks = answer["checks"].as_array().unwrap().iter();
    checks
        .map(|check| check["result"].as_str().unwrap())
        .collect()
}

fn everybody_is_told_as_their_story_says(demo: &Demo) {
    let checks = json!([
        {"check": "age_at_least", "years": 18},
        {"check": "resides_in", "area": "01"},
        {"check": "resides_in", "area": "00004"},
        {"check": "resides_in", "area": "79"},
        {"check": "is_alive"},
    ]);
    for (persona, expected) in [
        ("lan", ["yes", "yes", "yes", "no", "yes"]),
        ("an", ["no", "yes", "yes", "no", "yes"]),
        ("hoa", ["yes", "yes", "yes", "no", "yes"]),
        // The dead grow no older; where he lived is still on record.
        ("minh", ["unknown", "yes", "yes", "no", "no"]),
        // His address is secret: nobody is told where he lives, or where he does not.
        ("tuan", ["yes", "unknown", "unknown", "unknown", "yes"]),
    ] {
        let reply = ask(demo, persona, PURPOSE, &checks);
        assert_eq!(reply.header("cache-control"), "no-store");
        let answer = reply.answer();
        assert_eq!(results(&answer), expected, "{persona}: {answer:#}");
        assert_eq!(answer["complete"], true, "{persona}: {answer:#}");
        for check in answer["checks"].as_array().unwrap() {
            assert_eq!(check["basis"]["kind"], "law");
            assert!(check["as_of"].as_str().unwrap().ends_with('Z'));
            assert!(check["denied"].is_null() && check["problem"].is_null());
        }
        for value in ["1985", "1958", "2016", "1983", "active", "deceased", "2024"] {
            assert!(
                !values_told(&answer).contains(value),
                "{persona}: {value}: {answer:#}"
            );
        }
    }
    married_insured_and_owning(demo);
}

/// The answer without what is about the gateway itself: ids, times, receipts.
fn values_told(answer: &Value) -> String {
    let checks = answer["checks"].as_array().unwrap().iter();
    let told = checks.map(|check| {
        let mut check = check.clone();
        let members = check.as_object_mut().unwrap();
        for own in ["as_of", "receipt", "basis"] {
            members.remove(own);
        }
        check.to_string()
    });
    told.collect()
}

fn married_insured_and_owning(demo: &Demo) {
    let married = json!([{"check": "is_married"}]);
    for (persona, expected) in [("lan", "yes"), ("mai", "no"), ("hoa", "no"), ("minh", "no")] {
        let answer = ask(demo, persona, "marriage-registration", &married).answer();
        assert_eq!(results(&answer), [expected], "{persona}: {answer:#}");
    }
    let owning = json!([
        {"check": "owns_parcel_in", "area": "01"},
        {"check": "owns_parcel_in", "area": "00004"},
        {"check": "owns_parcel_in", "area": "79"},
    ]);
    let answer = ask(demo, "lan", "permanent-residence-registration", &owning).answer();
    assert_eq!(results(&answer)[0], "yes", "{answer:#}");
    assert_eq!(results(&answer)[2], "no", "{answer:#}");
    let answer = ask(demo, "an", "permanent-residence-registration", &owning).answer();
    assert_eq!(results(&answer), ["no", "no", "no"], "a child without land");

    let insured = json!([
        {"check": "is_insured_on", "date": "2025-12-31", "kind": "health"},
        {"check": "is_insured_on", "date": "2026-01-01", "kind": "health"},
        {"check": "is_insured_on", "date": "2026-12-31", "kind": "health"},
        {"check": "is_insured_on", "date": "2027-01-01", "kind": "health"},
    ]);
    let body = body(demo, "lan", "health-card-issue", &insured);
    let reply = demo.post("/v1/checks", demo.token("other_agency"), &body);
    assert_eq!(
        results(&reply.answer()),
        ["no", "yes", "yes", "no"],
        "{}",
        reply.text()
    );
}

fn a_year_of_birth_is_certain_only_on_either_side(demo: &Demo) {
    let since_1970 = tokens::now() / 31_556_952;
    let boundary = since_1970 + 1970 - 1958;
    let checks = json!([
        {"check": "age_at_least", "years": boundary - 2},
        {"check": "age_at_least", "years": boundary},
        {"check": "age_at_least", "years": boundary + 2},
    ]);
    let answer = ask(demo, "hoa", PURPOSE, &checks).answer();
    assert_eq!(results(&answer), ["yes", "unknown", "no"], "{answer:#}");
}

fn nobody_looks_like_somebody_of_whom_it_cannot_be_said(demo: &Demo) {
    let in_commune = json!([{"check": "resides_in", "area": "00004"}]);
    // Until both come from the cache, the times of reading differ in nothing but their digits.
    let nobody = ask(demo, "nobody", PURPOSE, &in_commune);
    let secret = ask(demo, "tuan", PURPOSE, &in_commune);
    assert_eq!(results(&nobody.answer()), ["unknown"]);
    assert_eq!(nobody.status, secret.status);
    let members = |reply: &Reply| -> Vec<String> {
        let answer = reply.answer();
        let check = answer["checks"][0].as_object().unwrap().keys().cloned();
        check.collect()
    };
    assert_eq!(members(&nobody), members(&secret));
    assert_eq!(values_told(&nobody.answer()), values_told(&secret.answer()));

    let all = json!([
        {"check": "age_at_least", "years": 18}, {"check": "is_alive"},
        {"check": "resides_in", "area": "01"},
    ]);
    let answer = ask(demo, "nobody", PURPOSE, &all).answer();
    assert_eq!(results(&answer), ["unknown"; 3]);
    assert_eq!(
        answer["complete"], true,
        "nothing is wrong with the registers"
    );
    let owning = json!([{"check": "owns_parcel_in", "area": "01"}]);
    let answer = ask(demo, "nobody", "permanent-residence-registration", &owning).answer();
    assert_eq!(results(&answer), ["unknown"]);
}

fn what_the_purpose_does_not_cover_is_refused_by_itself(demo: &Demo) {
    let before = demo.requests();
    let refused = json!([{"check": "is_married"}]);
    let reply = ask(demo, "lan", PURPOSE, &refused);
    let problem = reply.problem(403, "nothing_permitted");
    let denied = &problem["checks"][0]["denied"];
    assert_eq!(denied["reason"], "not_in_purpose", "{problem:#}");
    assert_eq!(problem["checks"][0]["result"], "unknown");
    assert!(!denied["remedy"].as_str().unwrap().is_empty());
    assert_eq!(
        demo.requests(),
        before,
        "a refused check reaches no registry"
    );

    let mixed = json!([{"check": "is_married"}, {"check": "age_at_least", "years": 18}]);
    let answer = ask(demo, "lan", PURPOSE, &mixed).answer();
    assert_eq!(results(&answer), ["unknown", "yes"]);
    assert_eq!(answer["complete"], false);
    assert_eq!(answer["checks"][0]["denied"]["rule"], denied["rule"]);
    assert!(answer["checks"][1]["denied"].is_null());
}

fn a_register_out_of_order_is_named(demo: &Demo) {
    demo.set_fault("population", "down", 0);
    let body = with(
        body(
            demo,
            "lan",
            PURPOSE,
            &json!([{"check": "age_at_least", "years": 18}]),
        ),
        &json!({"max_age_seconds": 0}),
    );
    let answer = demo
        .post("/v1/checks", demo.token("agency"), &body)
        .answer();
    demo.set_fault("population", "ok", 0);
    assert_eq!(results(&answer), ["unknown"], "{answer:#}");
    assert_eq!(answer["complete"], false);
    assert_eq!(answer["checks"][0]["problem"]["retryable"], true);
}

fn each_statement_has_its_own_entry_without_values(demo: &Demo) {
    let checks = json!([
        {"check": "age_at_least", "years": 18}, {"check": "is_alive"}, {"check": "is_married"},
    ]);
    let answer = ask(demo, "lan", PURPOSE, &checks).answer();
    let index = |place: usize| {
        answer["checks"][place]["receipt"]["leaf_index"]
            .as_u64()
            .unwrap()
    };
    let log = wait::until("the entries are published", Duration::from_secs(10), || {
        let log = Verified::fetch(demo);
        (log.entries.len() as u64 > index(2)).then_some(log)
    });
    let entry = |place| {
        log.check_receipt(&answer["checks"][place]["receipt"]);
        log.entry(index(place))
    };
    let age = entry(0);
    assert_eq!(age["kind"], "check");
    assert_eq!(age["record"]["check"], "age_at_least");
    assert_eq!(age["record"]["query_id"], answer["query_id"]);
    let looked_at = age["record"]["attributes"].to_string();
    assert!(
        looked_at.contains("population.identity.birth_date"),
        "{looked_at}"
    );
    assert!(!looked_at.contains("full_name"), "{looked_at}");
    for silent in ["answer_digest", "result", "years"] {
        assert!(age["record"][silent].is_null(), "{silent}: {age:#}");
    }
    assert_eq!(entry(1)["record"]["check"], "is_alive");
    let refused = entry(2);
    assert_eq!(refused["kind"], "refusal");
    assert_eq!(refused["record"]["check"], "is_married");
    assert_eq!(refused["record"]["denied"][0]["reason"], "not_in_purpose");
}

fn mistakes_are_told_with_their_place(demo: &Demo) {
    let wrong = json!([
        {"check": "age_at_least", "years": 200},
        {"check": "resides_in", "area": "02"},
        {"check": "is_rich"},
        {"check": "is_insured_on", "date": "1/11/2026", "kind": "health"},
    ]);
    let problem = ask(demo, "lan", PURPOSE, &wrong).problem(422, "invalid_query");
    let places: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(
        places,
        [
            "/checks/0/years",
            "/checks/1/area",
            "/checks/2/check",
            "/checks/3/date"
        ]
    );
}

fn a_consent_for_one_answer_is_used_up_by_one_statement(demo: &Demo) {
    let consent = json!({
        "agency": "ward-ba-dinh", "purposes": ["social-housing-application"],
        "attributes": ["population.identity.birth_date"], "uses": "once",
        "until": format!("{}-01-01", 1972 + tokens::now() / 31_556_952),
    });
    let given = demo.post("/v1/consents", demo.token("citizen"), &consent);
    assert_eq!(given.status, 201, "{}", given.text());
    let checks = json!([
        {"check": "age_at_least", "years": 18}, {"check": "age_at_least", "years": 30},
    ]);
    let answer = ask(demo, "lan", "social-housing-application", &checks).answer();
    assert_eq!(results(&answer), ["yes", "unknown"], "{answer:#}");
    assert_eq!(answer["checks"][0]["basis"]["kind"], "consent");
    assert_eq!(answer["checks"][1]["denied"]["reason"], "consent_required");
    let again = ask(demo, "lan", "social-housing-application", &checks);
    drop(again.problem(403, "nothing_permitted"));
}

fn no_value_is_in_logs_or_metrics(demo: &Demo) {
    let said = format!("{}\n{}", demo.stderr(), demo.get("/metrics", None).text());
    for value in ["1985-06-12", "2016-03-08", "1983-02-14"]
        .iter()
        .map(ToString::to_string)
        .chain(demo.numbers())
    {
        assert!(
            !said.contains(&value),
            "a value or number is in the logs or metrics"
        );
    }
}
