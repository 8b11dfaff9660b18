//! Somebody stands before the officer in another's place: whether they may is looked up in civil
//! status, in the same decision, and logged.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{
    demo::{Demo, Home},
    log::Verified,
    reply::Reply,
    wait,
};
use serde_json::json;
use std::time::Duration;

const RESIDENCE: &str = "permanent-residence-registration";
const NAME: &str = "population.identity.full_name";

fn ask(demo: &Demo, subject: &str, purpose: &str, applicant: &str, relation: &str) -> Reply {
    demo.ask(&json!({
        "subject": {"person": demo.persona(subject)}, "purpose": purpose, "select": [NAME],
        "case": "H01.12-261121-0007", "officer": "cb-4711",
        "applicant": {"person": demo.persona(applicant), "relation": relation},
    }))
}

fn refused_by(reply: &Reply) -> String {
    assert_eq!(reply.status, 403, "{}", reply.text());
    let rule = &reply.json()["denied"][0]["rule"];
    rule.as_str().unwrap().to_owned()
}

#[test]
fn a_parent_or_guardian_may_act_and_a_claim_alone_opens_nothing() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let mother = ask(&demo, "an", RESIDENCE, "lan", "parent");
    assert_eq!(mother.status, 200, "{}", mother.text());
    assert_eq!(
        ask(&demo, "an", RESIDENCE, "hai", "parent").status,
        200,
        "her father"
    );
    assert_eq!(ask(&demo, "phuc", RESIDENCE, "mai", "guardian").status, 200);
    for (subject, applicant, relation) in [
        ("an", "tuan", "parent"),
        ("an", "lan", "guardian"),
        ("an", "lan", "attorney"),
        ("phuc", "minh", "guardian"),
        ("lan", "an", "parent"),
        ("an", "nobody", "parent"),
    ] {
        let reply = ask(&demo, subject, RESIDENCE, applicant, relation);
        assert_eq!(
            refused_by(&reply),
            "applicant-may-act",
            "{subject}, {applicant}"
        );
    }
    // A procedure in which nobody acts for another.
    let reply = ask(&demo, "an", "poor-household-recognition", "lan", "parent");
    assert_eq!(refused_by(&reply), "applicant-may-act");
    what_the_register_cannot_say_is_not_believed(&demo);
    it_is_logged_with_the_record_that_showed_it(&demo);
}

fn what_the_register_cannot_say_is_not_believed(demo: &Demo) {
    demo.set_fault("civil_status", "down", 0);
    // Of somebody whose birth record was not read before, so that no cache has it.
    let reply = ask(demo, "hoa", RESIDENCE, "lan", "parent");
    assert_eq!(refused_by(&reply), "applicant-may-act");
    demo.set_fault("civil_status", "ok", 0);
}

/// The entry names who acted by pseudonym, and the record that showed that they may.
fn it_is_logged_with_the_record_that_showed_it(demo: &Demo) {
    let acting = |relation: &str, record: &str| {
        let log = Verified::fetch(demo);
        log.entries.iter().any(|entry| {
            let entry = log.keys.open(entry);
            let acting = &entry["record"]["acting"];
            entry["kind"] == "disclosure"
                && acting["relation"] == relation
                && acting["verified_by"] == record
                && acting["person"]["pseudonym"].is_string()
        })
    };
    wait::until("the entries are published", Duration::from_secs(5), || {
        let both = acting("parent", "civil_status.birth")
            && acting("guardian", "civil_status.guardianships");
        both.then_some(())
    });
}
