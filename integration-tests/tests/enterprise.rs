//! Questions about enterprises: what the register says of one, who owns it, and that its owners learn
//! that they were told of.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{
    demo::{Demo, Home},
    questions::{question, with},
    tokens::Forge,
    wait,
};
use serde_json::{Value, json};
use std::time::Duration;

/// What the social insurance looks up of an employer.
const CHECK: &str = "enterprise-profile-check";
/// What a bank must know of a customer.
const OWNERS: &str = "beneficial-owner-verification";
/// A number that could be an enterprise's, and is nobody's.
const NOBODY: &str = "9999999997";
const LISTED_WITHIN: Duration = Duration::from_secs(10);

#[test]
fn an_agency_asks_about_an_enterprise_and_its_owners_learn_of_it() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let code = enterprise_of_lan(&demo);
    its_registration_is_told_to_whoever_may_ask(&demo, &code);
    its_owners_are_told_to_a_bank_and_see_that_in_their_list(&demo, &code);
    one_that_is_not_registered_is_not_found(&demo);
    a_code_that_cannot_be_one_is_refused_with_what_is_wrong(&demo, &code);
    data_of_persons_is_none_of_an_enterprise(&demo, &code);
    whoever_has_no_such_purpose_is_refused(&demo, &code);
}

/// As an agency finds it: among the roles that the register knows of a person.
fn enterprise_of_lan(demo: &Demo) -> String {
    let roles = question(demo.persona("lan"), &["business.roles"]);
    let roles = demo.ask(&roles).json();
    let role = &roles["datasets"]["business.roles"]["data"][0];
    role["enterprise_code"].as_str().unwrap().to_owned()
}

fn about(code: &str, purpose: &str, select: &[&str]) -> Value {
    json!({ "subject": { "enterprise": code }, "purpose": purpose, "select": select })
}

fn ask_as_insurance(demo: &Demo, question: &Value) -> motlan_integration_tests::reply::Reply {
    demo.post("/v1/queries", demo.token("other_agency"), question)
}

fn its_registration_is_told_to_whoever_may_ask(demo: &Demo, code: &str) {
    let token = Some(demo.token("other_agency"));
    let entitled = demo.get("/v1/entitlements", token).answer();
    let mut purposes = entitled["purposes"].as_array().unwrap().iter();
    let purpose = purposes.find(|purpose| purpose["id"] == CHECK).unwrap();
    assert_eq!(purpose["case_required"], false, "{purpose:#}");
    let select = ["business.profile.name", "business.profile.status"];
    let answer = ask_as_insurance(demo, &about(code, CHECK, &select)).answer();
    assert_eq!(answer["complete"], true, "{answer:#}");
    let profile = &answer["datasets"]["business.profile"];
    assert_eq!(profile["registry"], "business");
    let data = &profile["data"];
    assert_eq!(data["name"], "CÔNG TY TNHH MỘT THÀNH VIÊN MAY MẶC HOÀI AN");
    assert_eq!(data["status"], "active");
    // Names of attributes that identify nobody name nobody: the list of accesses stays as it was.
    let seen = demo.seen("business").last_request.to_string();
    assert!(seen.contains(code), "{seen}");
}

fn its_owners_are_told_to_a_bank_and_see_that_in_their_list(demo: &Demo, code: &str) {
    let claims = json!({ "client_id": "ngan-hang-nhan-dan-loans", "scope": "query" });
    let bank = Forge::of(demo).token(&json!({}), &claims);
    let select = [
        "business.profile.legal_representatives",
        "business.owners.full_name",
        "business.owners.personal_id",
        "business.owners.share_percent",
        "business.owners.beneficial",
    ];
    let bare = about(code, OWNERS, &select);
    drop(
        demo.post("/v1/queries", &bank, &bare)
            .problem(403, "nothing_permitted"),
    );
    let question = with(bare, &json!({ "case": "KYC-7", "officer": "rm-12" }));
    let answer = demo.post("/v1/queries", &bank, &question).answer();
    assert_eq!(answer["complete"], true, "{answer:#}");
    let owners = answer["datasets"]["business.owners"]["data"]
        .as_array()
        .unwrap();
    assert_eq!(owners.len(), 1, "{answer:#}");
    assert_eq!(owners[0]["personal_id"], demo.persona("lan"));
    assert_eq!(
        (&owners[0]["share_percent"], &owners[0]["beneficial"]),
        (&json!(100.0), &json!(true))
    );
    let profile = &answer["datasets"]["business.profile"]["data"];
    assert_eq!(
        profile["legal_representatives"][0]["personal_id"],
        demo.persona("lan")
    );

    let leaf = answer["receipt"]["leaf_index"].as_u64().unwrap();
    let access = wait::until("her access is listed", LISTED_WITHIN, || {
        let list = demo
            .get("/v1/me/accesses?limit=1", Some(demo.token("citizen")))
            .json();
        let access = list["accesses"][0].clone();
        (access["leaf_index"].as_u64()? > leaf).then_some(access)
    });
    assert_eq!(access["outcome"], "mentioned", "{access:#}");
    assert_eq!(access["agency"]["id"], "ngan-hang-nhan-dan");
    assert_eq!(access["purpose"]["id"], OWNERS);
    let named = access["attributes"].to_string();
    for attribute in [
        "business.owners.personal_id",
        "business.profile.legal_representatives",
    ] {
        assert!(named.contains(attribute), "{access:#}");
    }
    assert!(
        !access.to_string().contains(code),
        "whose answer it was is not hers to know"
    );
}

fn one_that_is_not_registered_is_not_found(demo: &Demo) {
    let select = ["business.profile", "business.owners"];
    let answer = ask_as_insurance(demo, &about(NOBODY, CHECK, &select)).answer();
    assert_eq!(answer["complete"], true, "{answer:#}");
    for dataset in select {
        let dataset = &answer["datasets"][dataset];
        assert_eq!(dataset["status"], "not_found", "{answer:#}");
        assert!(dataset["data"].is_null());
    }
}

fn a_code_that_cannot_be_one_is_refused_with_what_is_wrong(demo: &Demo, code: &str) {
    let (front, last) = code.split_at(9);
    let other = (last.parse::<u8>().unwrap() + 1) % 10;
    for (wrong, said) in [
        (format!("{front}{other}"), "enterprise_code_check_digit"),
        (format!("{code}-000"), "enterprise_code_serial"),
        (front.to_owned(), "enterprise_code_form"),
    ] {
        let question = about(&wrong, CHECK, &["business.profile.name"]);
        let problem = ask_as_insurance(demo, &question).problem(422, "invalid_query");
        let error = &problem["errors"][0];
        assert_eq!(error["pointer"], "/subject/enterprise", "{problem:#}");
        assert_eq!(error["code"], said);
        assert!(!problem.to_string().contains(&wrong), "{problem:#}");
    }
}

fn data_of_persons_is_none_of_an_enterprise(demo: &Demo, code: &str) {
    let select = [
        "business.profile.name",
        "population.identity.full_name",
        "business.roles",
    ];
    let answer = ask_as_insurance(demo, &about(code, CHECK, &select)).answer();
    assert_eq!(answer["complete"], false);
    assert_eq!(answer["datasets"]["business.profile"]["status"], "ok");
    let denied = answer["denied"].as_array().unwrap();
    let names: Vec<_> = denied
        .iter()
        .map(|denial| denial["attribute"].clone())
        .collect();
    assert_eq!(
        names,
        ["population.identity.full_name", "business.roles"],
        "{answer:#}"
    );
    for denial in denied {
        assert_eq!(
            denial["reason"], "unknown_attribute_for_subject",
            "{denial:#}"
        );
    }
    // Nor is an enterprise's profile data of a person.
    let person = json!({ "subject": { "person": demo.persona("lan") } });
    let of_a_person = with(about(code, CHECK, &["business.profile"]), &person);
    let problem = ask_as_insurance(demo, &of_a_person).problem(403, "nothing_permitted");
    let reason = &problem["denied"][0]["reason"];
    assert_eq!(reason, "unknown_attribute_for_subject", "{problem:#}");
}

fn whoever_has_no_such_purpose_is_refused(demo: &Demo, code: &str) {
    let question = about(code, CHECK, &["business.profile.name"]);
    let problem = demo.ask(&question).problem(403, "nothing_permitted");
    assert_eq!(
        problem["denied"][0]["reason"], "not_mandated",
        "{problem:#}"
    );
    let owners = with(
        about(code, OWNERS, &["business.owners"]),
        &json!({ "case": "KYC-7", "officer": "rm-12" }),
    );
    let problem = ask_as_insurance(demo, &owners).problem(403, "nothing_permitted");
    assert_eq!(
        problem["denied"][0]["reason"], "not_mandated",
        "{problem:#}"
    );
}
