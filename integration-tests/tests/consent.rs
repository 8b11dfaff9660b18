//! A citizen's consent, from giving it to its end: what an agency may read by it, and no longer.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{
    demo::{Demo, Home},
    reply::Reply,
    tokens::Forge,
};
use serde_json::{Value, json};

const PURPOSE: &str = "social-housing-application";
const SALARY: &str = "insurance.social.salary_vnd";
const AREA: &str = "land.parcels.area_m2";

fn terms(uses: &str) -> Value {
    json!({
        "agency": "ward-ba-dinh", "purposes": [PURPOSE], "attributes": [SALARY, AREA],
        "until": "2036-01-01T00:00:00Z", "uses": uses,
    })
}

fn give(demo: &Demo, uses: &str) -> Value {
    let reply = demo.post("/v1/consents", demo.token("citizen"), &terms(uses));
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()
}

fn ask(demo: &Demo, person: &str) -> Reply {
    let question = json!({
        "subject": {"person": person}, "purpose": PURPOSE, "select": [SALARY, AREA],
        "case": "H01.12-261121-0007",
    });
    demo.post("/v1/queries", demo.token("agency"), &question)
}

/// The one reason for which everything was refused, and what can be done about it.
fn refusal(reply: &Reply) -> (String, String) {
    assert_eq!(reply.status, 403, "{}", reply.text());
    let body = reply.json();
    let denied = &body["denied"][0];
    let text = |field: &str| denied[field].as_str().unwrap().to_owned();
    (text("reason"), text("remedy"))
}

fn statuses(demo: &Demo) -> Vec<String> {
    let list = demo.get("/v1/consents", Some(demo.token("citizen"))).json();
    let consents = list["consents"].as_array().unwrap().iter();
    consents
        .map(|consent| consent["status"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_consent_for_one_answer_is_used_up_by_it() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let lan = demo.persona("lan");

    let before = refusal(&ask(&demo, lan));
    assert_eq!(before.0, "consent_required");

    let given = give(&demo, "once");
    assert_eq!(given["status"], "given");
    let receipt = &given["receipt"];
    assert_eq!(receipt["@type"], "dpv:ConsentReceipt");
    assert!(
        receipt["tlog_proof"]
            .as_str()
            .unwrap()
            .starts_with("c2sp.org/tlog-proof@v1")
    );
    assert!(
        receipt["proof"]["proofValue"]
            .as_str()
            .unwrap()
            .starts_with('z')
    );

    let first = ask(&demo, lan);
    assert_eq!(first.status, 200, "{}", first.text());
    let answer = first.json();
    assert!(answer["datasets"]["insurance.social"]["data"]["salary_vnd"].is_number());
    let basis = &answer["datasets"]["insurance.social"]["basis"];
    assert_eq!(basis["consent_id"], given["consent_id"]);

    let (reason, remedy) = refusal(&ask(&demo, lan));
    assert_eq!(reason, "consent_required");
    assert!(!remedy.is_empty());
    assert_eq!(statuses(&demo), ["used_up"]);
    let id = given["consent_id"].as_str().unwrap();
    let late = demo.post(
        &format!("/v1/consents/{id}/revoke"),
        demo.token("citizen"),
        &json!({}),
    );
    let _ = late.problem(409, "consent_ended");
}

#[test]
fn a_withdrawn_consent_opens_nothing_from_the_next_question_on() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let lan = demo.persona("lan");
    let given = give(&demo, "repeated");
    let id = given["consent_id"].as_str().unwrap();
    for _ in 0..3 {
        assert_eq!(
            ask(&demo, lan).status,
            200,
            "the cache is warm after the first"
        );
    }
    // No body at all, as a browser's button sends it.
    let path = format!("/v1/consents/{id}/revoke");
    let withdrawn = demo.call("POST", &path, Some(demo.token("citizen")), None);
    assert_eq!(withdrawn.status, 200, "{}", withdrawn.text());
    assert_eq!(withdrawn.json()["status"], "withdrawn");
    let (reason, _) = refusal(&ask(&demo, lan));
    assert_eq!(reason, "consent_revoked");
    let again = demo.call("POST", &path, Some(demo.token("citizen")), None);
    assert_eq!(again.status, 200, "withdrawing again changes nothing");
    assert_eq!(
        again.json()["receipt"]["dct:modified"],
        withdrawn.json()["receipt"]["dct:modified"]
    );
}

#[test]
fn a_question_under_way_does_not_outrun_a_withdrawal() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let lan = demo.persona("lan").to_owned();
    let given = give(&demo, "repeated");
    let id = given["consent_id"].as_str().unwrap();
    demo.set_fault("insurance", "slow", 1_500);
    demo.set_fault("land", "slow", 1_500);
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| ask(&demo, &lan));
        let asked = || demo.seen("insurance").requests > 0;
        motlan_integration_tests::wait::until(
            "the registry is being asked",
            std::time::Duration::from_secs(10),
            || asked().then_some(()),
        );
        let path = format!("/v1/consents/{id}/revoke");
        let withdrawn = demo.call("POST", &path, Some(demo.token("citizen")), None);
        assert_eq!(withdrawn.status, 200, "{}", withdrawn.text());
        let (reason, _) = refusal(&asking.join().unwrap());
        assert_eq!(reason, "consent_revoked");
    });
}

#[test]
fn consents_survive_a_restart_and_the_loss_of_their_store() {
    let home = Home::default();
    let kept = {
        let mut demo = Demo::start(&home);
        give(&demo, "once");
        let given = give(&demo, "repeated");
        let id = given["consent_id"].as_str().unwrap();
        let path = format!("/v1/consents/{id}/revoke");
        let _ = demo.call("POST", &path, Some(demo.token("citizen")), None);
        let kept = demo.get("/v1/consents", Some(demo.token("citizen"))).json();
        demo.kill();
        demo.ended(std::time::Duration::from_secs(10));
        kept
    };
    let list = |demo: &Demo| demo.get("/v1/consents", Some(demo.token("citizen"))).json();
    {
        let mut demo = Demo::start(&home);
        assert_eq!(list(&demo), kept);
        demo.terminate();
        demo.ended(std::time::Duration::from_secs(10));
    }
    std::fs::remove_dir_all(home.data().join("consents")).unwrap();
    let demo = Demo::start(&home);
    assert_eq!(list(&demo), kept, "rebuilt from the log");
}

#[test]
fn a_parent_consents_for_a_child_by_the_birth_record_and_nobody_else_does() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let child = demo.persona("an").to_owned();
    let for_child = |relation: &str| {
        let mut terms = terms("repeated");
        terms["attributes"] = json!(["population.identity.full_name"]);
        terms["on_behalf_of"] = json!({"person": child, "relation": relation});
        terms
    };
    let hai = Forge::of(&demo).token(
        &json!({}),
        &json!({"scope": "consent me", "client_id": "citizen-portal", "personal_id": demo.persona("tuan")}),
    );
    let stranger = demo.post("/v1/consents", &hai, &for_child("parent"));
    let _ = stranger.problem(403, "relation_unverified");
    let mother = demo.post("/v1/consents", demo.token("citizen"), &for_child("parent"));
    assert_eq!(mother.status, 201, "{}", mother.text());
    let list = demo.get("/v1/consents", Some(demo.token("citizen"))).json();
    assert_eq!(list["consents"][0]["given_by"], "me_acting_for_another");

    let question = json!({
        "subject": {"person": child}, "purpose": PURPOSE,
        "select": ["population.identity.full_name"], "case": "A-1",
    });
    let ask = || demo.post("/v1/queries", demo.token("agency"), &question);
    assert_eq!(ask().status, 200, "{}", ask().text());

    let id = mother.json()["consent_id"].as_str().unwrap().to_owned();
    let path = format!("/v1/consents/{id}/revoke");
    let unsaid = demo.call("POST", &path, Some(demo.token("citizen")), None);
    let _ = unsaid.problem(422, "invalid_query");
    let body = json!({"on_behalf_of": {"person": child, "relation": "parent"}});
    let withdrawn = demo.post(&path, demo.token("citizen"), &body);
    assert_eq!(withdrawn.status, 200, "{}", withdrawn.text());
    assert_eq!(refusal(&ask()).0, "consent_revoked");
}

#[test]
fn what_makes_no_sense_is_refused_with_its_place() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let wrong = [
        ("agency", json!("ward-ba-dnh"), "/agency", "unknown_agency"),
        (
            "purposes",
            json!(["birth-registration"]),
            "/purposes/0",
            "not_by_consent",
        ),
        (
            "agency",
            json!("social-insurance"),
            "/purposes/0",
            "not_mandated",
        ),
        (
            "attributes",
            json!(["civil_status.death.cause"]),
            "/attributes/0",
            "not_in_purpose",
        ),
        (
            "attributes",
            json!(["population.household.member_full_name"]),
            "/attributes/0",
            "not_in_purpose",
        ),
        ("until", json!("2020-01-01"), "/until", "period"),
        ("until", json!("2099-01-01"), "/until", "period"),
    ];
    for (field, value, pointer, code) in wrong {
        let mut terms = terms("once");
        terms[field] = value;
        let reply = demo.post("/v1/consents", demo.token("citizen"), &terms);
        let problem = reply.problem(422, "invalid_query");
        let errors = problem["errors"].as_array().unwrap();
        let found = errors
            .iter()
            .any(|e| e["pointer"] == pointer && e["code"] == code);
        assert!(found, "{field}: {errors:?}");
    }
    assert_eq!(statuses(&demo), Vec::<String>::new());
    let nobody = Forge::of(&demo).token(&json!({}), &json!({"scope": "consent"}));
    let reply = demo.post("/v1/consents", &nobody, &terms("once"));
    let _ = reply.problem(403, "person_missing");
}

#[test]
fn a_repeated_call_with_its_key_gives_one_consent() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let call = |body: &Value| {
        let client = reqwest::blocking::Client::new();
        let request = client
            .post(demo.url("/v1/consents"))
            .bearer_auth(demo.token("citizen"))
            .header("Idempotency-Key", "portal-7781")
            .header("Content-Type", "application/json")
            .body(body.to_string());
        Reply::of(request.send().unwrap())
    };
    let (first, again) = (call(&terms("once")), call(&terms("once")));
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.json()["consent_id"], again.json()["consent_id"]);
    assert_eq!(
        first.json()["receipt"]["leaf_index"],
        again.json()["receipt"]["leaf_index"]
    );
    let _ = call(&terms("repeated")).problem(422, "idempotency_conflict");
    assert_eq!(statuses(&demo), ["given"]);
}

#[test]
fn a_guardian_consents_for_a_ward_while_the_guardianship_is_in_force() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let ward = demo.persona("phuc").to_owned();
    let token_of = |name: &str| {
        let claims = json!({
            "scope": "consent me", "client_id": "citizen-portal",
            "personal_id": demo.persona(name),
        });
        Forge::of(&demo).token(&json!({}), &claims)
    };
    let give_as = |name: &str, relation: &str| {
        let mut terms = terms("repeated");
        terms["attributes"] = json!(["population.identity.full_name"]);
        terms["on_behalf_of"] = json!({"person": ward, "relation": relation});
        demo.post("/v1/consents", &token_of(name), &terms)
    };
    let question = json!({
        "subject": {"person": ward}, "purpose": PURPOSE,
        "select": ["population.identity.full_name"], "case": "A-1",
    });
    let ask = || demo.post("/v1/queries", demo.token("agency"), &question);

    let refused = [
        ("lan", "guardian", "who has nothing to do with him"),
        ("minh", "guardian", "who was his guardian, until it ended"),
        ("mai", "parent", "who is his guardian, and no parent"),
    ];
    for (name, relation, who) in refused {
        let reply = give_as(name, relation);
        assert_eq!(reply.status, 403, "{who}: {}", reply.text());
        let _ = reply.problem(403, "relation_unverified");
    }
    assert_eq!(refusal(&ask()).0, "consent_required");

    let given = give_as("mai", "guardian");
    assert_eq!(given.status, 201, "{}", given.text());
    let list = demo.get("/v1/consents", Some(&token_of("mai"))).json();
    assert_eq!(list["consents"][0]["given_by"], "me_acting_for_another");
    let answer = ask().answer();
    let told = &answer["datasets"]["population.identity"];
    assert_eq!(told["data"]["full_name"], "LÊ HOÀNG PHÚC");
    assert_eq!(
        told["basis"]["consent_id"],
        given.json()["consent_id"],
        "{answer:#}"
    );
    assert_eq!(statuses(&demo), Vec::<String>::new(), "of Lan, nothing");
}
