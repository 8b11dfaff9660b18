//! The citizen's side: who looked at my data, told in time, whole, and to nobody else.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use jiff::Timestamp;
use motlan_integration_tests::{
    demo::{Demo, Home},
    log::Verified,
    program::run,
    questions::{CASE, OFFICER, PURPOSE, SELECT, question, with},
    tokens::{Forge, now},
    wait,
};
use serde_json::{Value, json};
use std::time::Duration;

#[test]
fn an_access_is_in_its_citizens_list_at_once_and_in_nobody_elses() {
    let home = Home::default();
    let mut demo = Demo::start(&home);
    let receipt = demo.ask(&question(demo.persona("lan"), &SELECT)).answer()["receipt"].clone();
    let list = accesses(&demo, demo.token("citizen"), "?limit=1");
    let access = &list["accesses"][0];
    assert_eq!(access["leaf_index"], receipt["leaf_index"], "{list:#}");
    assert_eq!(access["kind"], "disclosure");
    assert_eq!(access["agency"]["id"], "ward-ba-dinh");
    assert_eq!(access["purpose"]["id"], PURPOSE);
    assert_eq!(access["case"], CASE);
    // With what was asked for come the flags that survive any selection.
    let told = names(access);
    assert!(
        SELECT.iter().all(|name| told.contains(&(*name).to_owned())),
        "{told:?}"
    );
    for hidden in [OFFICER, demo.persona("lan"), "qry_"] {
        assert!(!list.to_string().contains(hidden), "{hidden} in {list:#}");
    }

    // The same is told in the language of the citizen.
    let sentence = access["sentence"].as_str().unwrap();
    assert!(
        sentence.contains("was told the following about you"),
        "{sentence}"
    );
    let vietnamese = demo.client().get(demo.url("/v1/me/accesses"));
    let vietnamese = vietnamese
        .bearer_auth(demo.token("citizen"))
        .header("accept-language", "vi")
        .send()
        .unwrap();
    assert_eq!(vietnamese.headers()["cache-control"], "no-store");
    assert!(vietnamese.text().unwrap().contains("đã được cung cấp"));

    another_citizen_sees_none_of_it(&demo, &receipt);
    a_refusal_is_told_too(&demo);
    who_is_mentioned_is_told_without_learning_whose_answer_it_was(&demo);
    the_look_is_in_the_log(&demo);
    the_list_is_the_same_after_the_index_was_made_anew(&home, &mut demo);
}

#[test]
fn a_consent_its_one_use_and_the_refusal_after_it_are_all_told() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let terms = json!({
        "agency": "ward-ba-dinh", "purposes": ["social-housing-application"],
        "attributes": ["insurance.social.salary_vnd"], "until": "2036-01-01T00:00:00Z",
        "uses": "once",
    });
    let given = demo.post("/v1/consents", demo.token("citizen"), &terms);
    assert_eq!(given.status, 201, "{}", given.text());
    let question = json!({
        "subject": {"person": demo.persona("lan")}, "purpose": "social-housing-application",
        "select": ["insurance.social.salary_vnd"], "case": CASE,
    });
    drop(demo.ask(&question).answer());
    drop(demo.ask(&question).problem(403, "nothing_permitted"));

    let list = accesses(&demo, demo.token("citizen"), "?limit=4");
    let told = list["accesses"].as_array().unwrap().iter();
    let told: Vec<_> = told
        .map(|access| {
            (
                access["kind"].as_str().unwrap(),
                access["outcome"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("refusal", "refused"),
        ("consent_change", "used_up"),
        ("disclosure", "disclosed"),
        ("consent_change", "given"),
    ];
    assert_eq!(told, expected, "{list:#}");
    let consent = &given.json()["consent_id"];
    for changed_or_used in 1..4 {
        assert_eq!(
            &list["accesses"][changed_or_used]["consent_id"], consent,
            "{list:#}"
        );
    }
    assert_eq!(
        list["accesses"][0]["denied"][0]["reason"],
        "consent_required"
    );
}

/// An investigation: the entry is in the log at once, and out of the citizen's list until its time.
#[test]
fn what_an_order_hides_is_logged_and_kept_from_its_citizen_until_its_time() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let forge = Forge::of(&demo);
    let claims = json!({
        "client_id": "investigation-police-ha-noi-desk", "scope": "query",
        "act": {"sub": "dtv-12", "roles": ["investigator"]},
    });
    let investigator = forge.token(&json!({}), &claims);
    let question = |hidden: Value| {
        let mut question = json!({
            "subject": {"person": demo.persona("lan")}, "purpose": "criminal-investigation",
            "select": ["population.identity.full_name", "land.parcels.co_owners"],
            "case": "A-17/2026",
        });
        if !hidden.is_null() {
            question["hidden"] = hidden;
        }
        demo.post("/v1/queries", &investigator, &question)
    };
    let soon = i64::try_from(now() + 20).unwrap();
    let soon = Timestamp::from_second(soon).unwrap().to_string();
    let hidden = json!({"order": "12/QĐ-CSHS", "until": soon});
    let answer = question(hidden).answer();
    let leaf = answer["receipt"]["leaf_index"].as_u64().unwrap();

    // Everybody is told that the log hides something, and nobody whose: her own entry, and one for
    // each of the two whom the answer names.
    for holder in [
        demo.token("citizen").to_owned(),
        token_of(&demo, demo.persona("hoa")),
    ] {
        assert_eq!(accesses(&demo, &holder, "")["hidden_in_log"], 3);
    }
    let listed = |holder: &str| {
        let list = accesses(&demo, holder, "");
        let all = list["accesses"].as_array().unwrap().clone();
        let by_police = |access: &&Value| access["agency"]["id"] == "investigation-police-ha-noi";
        all.iter().filter(by_police).count()
    };
    let tuan = token_of(&demo, demo.persona("tuan"));
    assert_eq!(listed(demo.token("citizen")), 0);
    assert_eq!(
        listed(&tuan),
        0,
        "nor is the co-owner told, whom the answer names"
    );
    let log = wait::until("the entry is published", Duration::from_secs(5), || {
        Some(Verified::fetch(&demo)).filter(|log| log.entries.len() as u64 > leaf)
    });
    let entry = log.entry(leaf);
    assert_eq!(
        entry["record"]["hidden"]["order"], "12/QĐ-CSHS",
        "{entry:#}"
    );
    wait::until("the time is over", Duration::from_secs(30), || {
        (listed(demo.token("citizen")) == 1 && listed(&tuan) == 1).then_some(())
    });

    assert_eq!(
        accesses(&demo, demo.token("citizen"), "")["hidden_in_log"],
        0
    );

    // Without an order the question is told at once; an order needs an end within two years, and a
    // purpose that knows orders.
    drop(question(Value::Null).answer());
    assert_eq!(listed(demo.token("citizen")), 2);
    for (until, code) in [
        ("2020-01-01", "hidden_period"),
        ("2036-01-01", "hidden_period"),
        ("some day", "time_form"),
    ] {
        let problem = question(json!({"order": "12/QĐ-CSHS", "until": until}));
        let problem = problem.problem(422, "invalid_query");
        assert_eq!(problem["errors"][0]["pointer"], "/hidden/until");
        assert_eq!(problem["errors"][0]["code"], code, "{problem:#}");
    }
    let order = json!({"hidden": {"order": "1", "until": "2027-01-01"}});
    let ordinary = with(question_of_ward(&demo), &order);
    let problem = demo.ask(&ordinary).problem(422, "invalid_query");
    assert_eq!(
        problem["errors"][0]["code"], "not_for_purpose",
        "{problem:#}"
    );
}

fn question_of_ward(demo: &Demo) -> Value {
    question(demo.persona("lan"), &SELECT)
}

fn another_citizen_sees_none_of_it(demo: &Demo, receipt: &Value) {
    let list = accesses(demo, &token_of(demo, demo.persona("hoa")), "");
    let indices: Vec<_> = list["accesses"].as_array().unwrap().iter().collect();
    assert!(
        indices
            .iter()
            .all(|a| a["leaf_index"] != receipt["leaf_index"]),
        "{list:#}"
    );
    let nobody = Forge::of(demo).token(&json!({}), &claims(&Value::Null));
    let reply = demo.get("/v1/me/accesses", Some(&nobody));
    drop(reply.problem(403, "person_missing"));
}

fn a_refusal_is_told_too(demo: &Demo) {
    let question = question(demo.persona("hoa"), &["population.identity.religion"]);
    drop(demo.ask(&question).problem(403, "nothing_permitted"));
    let list = accesses(demo, &token_of(demo, demo.persona("hoa")), "?limit=1");
    assert_eq!(list["accesses"][0]["kind"], "refusal", "{list:#}");
    assert_eq!(list["accesses"][0]["attributes"], json!([]));
    assert_eq!(list["accesses"][0]["denied"][0]["reason"], "not_in_purpose");
}

fn who_is_mentioned_is_told_without_learning_whose_answer_it_was(demo: &Demo) {
    let household = question(demo.persona("lan"), &["population.household"]);
    drop(demo.ask(&household).answer());
    let list = accesses(demo, &token_of(demo, demo.persona("an")), "");
    let all = list["accesses"].as_array().unwrap();
    let mention = all.iter().find(|access| access["kind"] == "mention");
    let mention =
        mention.unwrap_or_else(|| unreachable!("her child is in the household: {list:#}"));
    assert_eq!(mention["agency"]["id"], "ward-ba-dinh");
    let names = names(mention);
    assert!(
        names
            .iter()
            .all(|name| name.starts_with("population.household")),
        "{names:?}"
    );
    for hidden in [demo.persona("lan"), demo.persona("an"), CASE, "LAN"] {
        assert!(!list.to_string().contains(hidden), "{hidden} in {list:#}");
    }
}

fn the_look_is_in_the_log(demo: &Demo) {
    let log = Verified::fetch(demo);
    let entries = (0..log.entries.len()).map(|index| log.entry(index as u64));
    let looks: Vec<_> = entries.filter(|entry| entry["kind"] == "look").collect();
    assert!(looks.len() >= 3, "{looks:?}");
    assert!(
        looks
            .iter()
            .all(|look| look["record"]["reader"] == "citizen")
    );
    // Nobody's own looks are in the way of what others did.
    let list = accesses(demo, demo.token("citizen"), "?limit=100");
    let kinds = list["accesses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|access| &access["kind"]);
    assert!(kinds.into_iter().all(|kind| kind != "look"), "{list:#}");
}

fn the_list_is_the_same_after_the_index_was_made_anew(home: &Home, demo: &mut Demo) {
    let before = accesses(demo, demo.token("citizen"), "?limit=100");
    let busy = run(home.path(), &["log", "reindex", "--data-dir", "data"]);
    assert_eq!(busy.code, Some(1));
    assert!(busy.err.contains("stop it first"), "{}", busy.err);
    demo.terminate();
    demo.ended(Duration::from_secs(20));
    let said = run(home.path(), &["log", "reindex", "--data-dir", "data"]).well();
    assert!(said.contains("entries indexed in"), "{said}");
    // The guided question of a start is about somebody: only what was there before is compared.
    *demo = Demo::start(home);
    let after = accesses(demo, demo.token("citizen"), "?limit=100");
    let before = before["accesses"].as_array().unwrap();
    let after = after["accesses"].as_array().unwrap();
    assert!(before.len() > 2);
    assert!(after.ends_with(before), "{after:?}\nlacks {before:?}");
}

fn accesses(demo: &Demo, token: &str, query: &str) -> Value {
    let path = format!("/v1/me/accesses{query}");
    let call = demo.client().get(demo.url(&path)).bearer_auth(token);
    let reply = call.header("accept-language", "en").send().unwrap();
    motlan_integration_tests::reply::Reply::of(reply).answer()
}

fn names(access: &Value) -> Vec<String> {
    let attributes = access["attributes"].as_array().unwrap().iter();
    attributes
        .map(|attribute| attribute["name"].as_str().unwrap().to_owned())
        .collect()
}

fn token_of(demo: &Demo, person: &str) -> String {
    Forge::of(demo).token(&json!({}), &claims(&json!(person)))
}

fn claims(person: &Value) -> Value {
    let claims = json!({ "client_id": "citizen-portal", "scope": "me", "exp": now() + 300 });
    with(claims, &json!({ "personal_id": person }))
}
