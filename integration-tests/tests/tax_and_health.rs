//! Two registries that are a folder each: a hospital reads what it treats by, an office sees income,
//! and both only what their procedure needs.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{
    demo::{Demo, Home},
    questions::question,
    reply::Reply,
};
use serde_json::{Value, json};

const ADMISSION: &str = "hospital-admission-summary";
const VACCINATION: &str = "vaccination-history-check";

#[test]
fn tax_and_health_are_answered_as_the_registries_know_them() {
    let home = Home::default();
    let demo = Demo::start(&home);
    a_hospital_learns_of_an_allergy_with_the_year_that_is_known(&demo);
    what_the_treatment_does_not_need_never_reaches_the_registry(&demo);
    nobody_reads_a_health_record_without_officer_and_case(&demo);
    a_record_outlives_its_citizen_and_is_marked(&demo);
    income_comes_in_whole_dong_from_every_page(&demo);
    whoever_has_no_tax_code_is_not_found(&demo);
    a_child_s_vaccinations_are_read_with_a_parent_s_consent(&demo);
}

fn at_the_hospital(demo: &Demo, persona: &str, purpose: &str, select: &[&str]) -> Value {
    json!({
        "subject": {"person": demo.persona(persona)}, "purpose": purpose, "select": select,
        "case": "BA-2026-0117", "officer": "bs-0032",
    })
}

fn asked(demo: &Demo, question: &Value) -> Reply {
    demo.post("/v1/queries", demo.token("hospital"), question)
}

fn a_hospital_learns_of_an_allergy_with_the_year_that_is_known(demo: &Demo) {
    let select = [
        "health.summary.blood_type",
        "health.allergies",
        "health.conditions.onset",
    ];
    let answer = asked(demo, &at_the_hospital(demo, "hoa", ADMISSION, &select)).answer();
    let allergies = answer["datasets"]["health.allergies"]["data"]
        .as_array()
        .unwrap();
    assert_eq!(allergies[0]["substance"], "Penicillin");
    assert_eq!(allergies[0]["onset"], "1987");
    assert_eq!(allergies[1].get("onset"), None, "words are no date");
    assert_eq!(
        answer["datasets"]["health.conditions"]["data"][0]["onset"],
        "2019-03"
    );
}

fn what_the_treatment_does_not_need_never_reaches_the_registry(demo: &Demo) {
    let select = ["health.allergies.substance", "health.immunizations.vaccine"];
    let question = at_the_hospital(demo, "lan", ADMISSION, &select);
    let answer = asked(demo, &question).answer();
    assert_eq!(
        answer["denied"][0]["attribute"],
        "health.immunizations.vaccine"
    );
    assert_eq!(answer["denied"][0]["reason"], "not_in_purpose");
    let request = demo.seen("health").last_request;
    let body = request["body"].as_str().unwrap();
    assert!(
        body.contains("_elements=") && !body.contains("reaction"),
        "{body}"
    );
    assert!(
        !request["path"]
            .as_str()
            .unwrap()
            .contains(demo.persona("lan"))
    );
}

fn nobody_reads_a_health_record_without_officer_and_case(demo: &Demo) {
    for missing in ["officer", "case"] {
        let mut question = at_the_hospital(demo, "lan", ADMISSION, &["health.allergies"]);
        question.as_object_mut().unwrap().remove(missing);
        assert_eq!(asked(demo, &question).status, 403, "without {missing}");
    }
    let question = at_the_hospital(demo, "lan", ADMISSION, &["health.allergies"]);
    assert_eq!(demo.ask(&question).status, 403, "the ward is no hospital");
}

fn a_record_outlives_its_citizen_and_is_marked(demo: &Demo) {
    let select = ["health.summary.record_status"];
    let answer = asked(demo, &at_the_hospital(demo, "minh", ADMISSION, &select)).answer();
    let summary = &answer["datasets"]["health.summary"]["data"];
    assert_eq!(
        (&summary["record_status"], &summary["deceased"]),
        (&json!("closed"), &json!(true))
    );
}

fn income_comes_in_whole_dong_from_every_page(demo: &Demo) {
    let select = ["tax.income.year", "tax.income.gross_income_vnd"];
    let answer = demo.ask(&question(demo.persona("lan"), &select)).answer();
    let income = answer["datasets"]["tax.income"]["data"].as_array().unwrap();
    // Six years of wages, and of dividends all but one: more than one page.
    assert_eq!(income.len(), 11);
    let of_2025 = income.iter().filter(|income| income["year"] == 2025);
    let gross: Vec<u64> = of_2025
        .map(|income| income["gross_income_vnd"].as_u64().unwrap())
        .collect();
    assert_eq!(gross, [300_000_000, 85_500_000]);
}

fn whoever_has_no_tax_code_is_not_found(demo: &Demo) {
    let answer = demo
        .ask(&question(demo.persona("mai"), &["tax.income.year"]))
        .answer();
    assert_eq!(answer["datasets"]["tax.income"]["status"], "not_found");
}

fn a_child_s_vaccinations_are_read_with_a_parent_s_consent(demo: &Demo) {
    let select = [
        "health.immunizations.vaccine",
        "health.immunizations.given_on",
    ];
    let question = at_the_hospital(demo, "an", VACCINATION, &select);
    assert_eq!(asked(demo, &question).status, 403, "nobody has consented");
    let terms = json!({
        "agency": "hospital-song-hong", "purposes": [VACCINATION], "attributes": select,
        "until": "2036-01-01T00:00:00Z", "uses": "once",
        "on_behalf_of": {"person": demo.persona("an"), "relation": "parent"},
    });
    let given = demo.post("/v1/consents", demo.token("citizen"), &terms);
    assert_eq!(given.status, 201, "{}", given.text());
    let answer = asked(demo, &question).answer();
    let doses = answer["datasets"]["health.immunizations"]["data"]
        .as_array()
        .unwrap();
    assert_eq!(doses.len(), 17);
}
