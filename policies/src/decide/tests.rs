//! Decisions over the national catalogue, purposes and agencies.

mod conditions;
mod consents;
mod laws;
mod model;
mod past;
mod table;

use super::*;
use crate::consent::{Consent, ConsentTerms, ConsentUses, SubjectKey};
use motlan_schemas::{ids::ConsentId, query::Subject};
use serde_json::json;
use std::sync::LazyLock;

const PERSON: &str = "001185012345";
/// The enterprise code of the published example of check digits.
const ENTERPRISE: &str = "0100109106";

/// The national policies, read once for all tests.
fn policies() -> &'static Policies {
    static POLICIES: LazyLock<Policies> = LazyLock::new(fresh_policies);
    &POLICIES
}

fn fresh_policies() -> Policies {
    Policies::embedded(&Catalogue::national()).unwrap()
}

fn now() -> Timestamp {
    "2026-11-21T08:00:00Z".parse().unwrap()
}

fn caller(policies: &Policies, agency: &str) -> Caller {
    let agency = Arc::clone(policies.agencies().get(&agency.parse().unwrap()).unwrap());
    Caller {
        // The gateway itself asks under its own id.
        client: agency
            .clients
            .first()
            .cloned()
            .unwrap_or_else(|| agency.id.as_str().parse().unwrap()),
        agency,
        officer: None,
        roles: Vec::new(),
    }
}

/// A question with case and officer.
fn query(purpose: &str, select: &[&str]) -> Query {
    let body = json!({"subject": {"person": PERSON}, "purpose": purpose, "select": select,
                      "case": "H01.12-261121-0007", "officer": "cb-4711"});
    Query::parse(body.to_string().as_bytes(), &Catalogue::national()).unwrap()
}

fn decide(policies: &Policies, agency: &str, query: &Query) -> Decision {
    decide_with(policies, agency, query, &[])
}

fn decide_with(policies: &Policies, agency: &str, query: &Query, consents: &[Consent]) -> Decision {
    let id = QueryId::new(now(), [0; 10]);
    let known = Known {
        consents,
        ..Known::default()
    };
    policies.decide(&caller(policies, agency), id, query, &known, now())
}

/// The full names of attributes.
fn names(dataset: DatasetId, attributes: AttributeSet) -> Vec<String> {
    let catalogue = Catalogue::national();
    let dataset = catalogue.dataset(dataset);
    dataset
        .attributes_in(attributes)
        .map(|attribute| attribute.path.to_string())
        .collect()
}

/// `attribute reason rule` of each denial.
fn told(decision: &Decision) -> Vec<String> {
    decision
        .denials
        .iter()
        .flat_map(|denied| {
            let tail = format!("{} {}", denied.reason.as_str(), denied.rule);
            names(denied.dataset, denied.attributes)
                .into_iter()
                .map(move |n| format!("{n} {tail}"))
        })
        .collect()
}

fn permitted(decision: &Decision) -> Vec<String> {
    decision
        .permits
        .iter()
        .flat_map(|p| names(p.dataset(), p.attributes()))
        .collect()
}

#[test]
fn the_example_of_the_design_is_answered_as_it_says() {
    let policies = policies();
    let query = query(
        "permanent-residence-registration",
        &[
            "population.identity.full_name",
            "civil_status.marital_status.status",
            "land.parcels.area_m2",
        ],
    );
    let decision = decide(policies, "ward-ba-dinh", &query);
    assert_eq!(
        told(&decision),
        ["civil_status.marital_status.status not_in_purpose purpose-covers-attribute"]
    );
    assert_eq!(decision.denials[0].basis, None);
    assert_eq!(
        permitted(&decision),
        [
            "population.identity.full_name",
            "population.identity.deceased",
            "population.identity.under_investigation",
            "land.parcels.area_m2",
            "land.parcels.disputed"
        ]
    );
    let reference = "Law on Residence 68/2020/QH14, Article 21".into();
    assert_eq!(decision.permits[0].basis(), &Basis::Law { reference });
    assert_eq!(decision.policy_version, *policies.version());
}

#[test]
fn one_purpose_of_the_ward_reads_all_registries_but_health() {
    let policies = policies();
    let select = [
        "population.identity.full_name",
        "population.residence.permanent_address",
        "population.household",
        "civil_status.marital_status",
        "insurance.health.status",
        "insurance.social.contribution_months",
        "business.roles.role",
        "land.parcels.area_m2",
        "tax.income.gross_income_vnd",
    ];
    let decision = decide(
        policies,
        "ward-ba-dinh",
        &query("poor-household-recognition", &select),
    );
    assert_eq!(told(&decision), Vec::<String>::new());
    let catalogue = Catalogue::national();
    let mut registries: Vec<_> = decision
        .permits
        .iter()
        .map(|permit| catalogue.dataset(permit.dataset()).registry.to_string())
        .collect();
    registries.dedup();
    assert_eq!(
        registries,
        [
            "civil_status",
            "population",
            "business",
            "insurance",
            "land",
            "tax"
        ]
    );
}

#[test]
fn health_records_are_read_by_the_hospital_that_treats_with_an_officer_and_a_case() {
    let policies = policies();
    let selected = [
        "health.summary.blood_type",
        "health.allergies.substance",
        "health.immunizations.vaccine",
    ];
    let mut query = query("hospital-admission-summary", &selected);
    let decision = decide(policies, "hospital-song-hong", &query);
    assert_eq!(
        told(&decision),
        ["health.immunizations.vaccine not_in_purpose purpose-covers-attribute"]
    );
    let decision = decide(policies, "ward-ba-dinh", &query);
    assert!(decision.permits.is_empty());
    query.question.officer = None;
    let decision = decide(policies, "hospital-song-hong", &query);
    assert!(decision.permits.is_empty());
    assert!(
        told(&decision)
            .iter()
            .any(|told| told.contains("officer_required"))
    );
    query.question.officer = Some("bs-0032".parse().unwrap());
    query.question.case = None;
    let decision = decide(policies, "hospital-song-hong", &query);
    assert!(decision.permits.is_empty());
}

#[test]
fn officer_and_case_are_asked_for_with_the_basis_that_waits() {
    let policies = policies();
    let mut query = query(
        "poor-household-recognition",
        &["population.identity.full_name"],
    );
    query.question.officer = None;
    let decision = decide(policies, "ward-ba-dinh", &query);
    assert_eq!(
        told(&decision),
        ["population.identity.full_name officer_required officer-is-named"]
    );
    assert!(matches!(decision.denials[0].basis, Some(Basis::Law { .. })));
    query.question.officer = Some("cb-4711".parse().unwrap());
    query.question.case = None;
    let decision = decide(policies, "ward-ba-dinh", &query);
    assert_eq!(
        told(&decision),
        ["population.identity.full_name case_required case-is-named"]
    );
}

#[test]
fn the_officer_of_the_token_goes_before_that_of_the_body() {
    let policies = policies();
    let query = query(
        "poor-household-recognition",
        &["population.identity.full_name"],
    );
    let mut caller = caller(policies, "ward-ba-dinh");
    let officer = |caller: &Caller| {
        let id = QueryId::new(now(), [0; 10]);
        let decision = policies.decide(caller, id, &query, &Known::default(), now());
        let officer = decision.asking.officer.clone().unwrap();
        (officer.id.to_string(), officer.asserted_by)
    };
    assert_eq!(officer(&caller), ("cb-4711".to_owned(), AssertedBy::Agency));
    caller.officer = Some("cb-0001".parse().unwrap());
    assert_eq!(officer(&caller), ("cb-0001".to_owned(), AssertedBy::Token));
}

#[test]
fn an_agency_without_the_mandate_gets_nothing() {
    let policies = policies();
    let query = query(
        "poor-household-recognition",
        &["population.identity.full_name"],
    );
    let decision = decide(policies, "social-insurance", &query);
    assert_eq!(
        told(&decision),
        ["population.identity.full_name not_mandated agency-holds-mandate"]
    );
    assert!(decision.permits.is_empty());
}

#[test]
fn datasets_of_enterprises_say_nothing_of_a_person() {
    let policies = policies();
    let mut query = query("enterprise-profile-check", &["business.profile.name"]);
    let decision = decide(policies, "land-office-ha-noi", &query);
    let expected = "business.profile.name unknown_attribute_for_subject subject-matches-dataset";
    assert_eq!(told(&decision), [expected]);
    query.subject = Subject::Enterprise(ENTERPRISE.parse().unwrap());
    let decision = decide(policies, "land-office-ha-noi", &query);
    assert_eq!(
        permitted(&decision),
        [
            "business.profile.name",
            "business.profile.under_investigation"
        ]
    );
}

#[test]
fn a_purpose_that_does_not_exist_denies_everything() {
    let policies = policies();
    let query = query(
        "birth-registraton",
        &["population.identity.full_name", "land.parcels"],
    );
    let decision = decide(policies, "ward-ba-dinh", &query);
    assert!(decision.permits.is_empty());
    assert_eq!(decision.denials.len(), 2);
    assert!(
        decision
            .denials
            .iter()
            .all(|d| d.reason == DenialReason::NotMandated)
    );
    let nearest = policies.purposes().nearest("birth-registraton");
    assert_eq!(nearest.as_deref(), Some("birth-registration"));
}

#[test]
fn freshness_is_the_strictest_of_dataset_purpose_and_caller() {
    let policies = policies();
    let freshness = |purpose: &str, name: &str, max_age: Option<u64>| {
        let mut query = query(purpose, &[name]);
        query.question.max_age = max_age.map(Duration::from_secs);
        let freshness = decide(policies, "ward-ba-dinh", &query).permits[0].freshness();
        (
            freshness.max_age.as_secs(),
            freshness.stale_if_error.as_secs(),
        )
    };
    let (residence, identity) = (
        "permanent-residence-registration",
        "population.identity.sex",
    );
    assert_eq!(
        freshness(residence, identity, None),
        (3_600, 86_400),
        "the purpose"
    );
    assert_eq!(
        freshness(residence, identity, Some(60)),
        (60, 86_400),
        "the caller"
    );
    assert_eq!(
        freshness(residence, identity, Some(0)),
        (0, 0),
        "wants nothing stale"
    );
    assert_eq!(
        freshness("marriage-registration", identity, Some(60)).0,
        0,
        "the purpose again"
    );
    let benefit = "poor-household-recognition";
    assert_eq!(
        freshness(benefit, "land.parcels.area_m2", None).0,
        3_600,
        "the dataset"
    );
}

#[test]
fn a_flag_goes_with_the_record_but_not_without_it() {
    let policies = policies();
    let flag = "civil_status.birth.under_investigation";
    let purpose = "birth-registration";
    let alone = decide(policies, "ward-ba-dinh", &query(purpose, &[flag]));
    assert_eq!(
        told(&alone),
        [format!("{flag} not_in_purpose purpose-covers-attribute")]
    );
    let both = decide(
        policies,
        "ward-ba-dinh",
        &query(purpose, &[flag, "civil_status.birth.date"]),
    );
    assert_eq!(told(&both), Vec::<String>::new());
    assert!(permitted(&both).iter().any(|name| name == flag));
}

#[test]
fn entitlements_are_the_mandates_of_the_agency() {
    let policies = policies();
    let agency = policies
        .agencies()
        .by_client(&"court-region-1-ha-noi".parse().unwrap())
        .unwrap();
    let ids: Vec<_> = policies
        .entitlements(agency)
        .map(|purpose| purpose.id.as_str())
        .collect();
    assert_eq!(ids, ["declaration-of-death", "divorce-proceedings"]);
    assert_eq!(agency.mandates().len(), ids.len());
}

#[test]
fn a_rule_about_one_agency_is_remembered_for_that_agency_alone() {
    let mut files = PolicyFiles::embedded();
    files.rules.push(load::SourceFile {
        path: "bundle/more.cedar".to_owned(),
        text: r#"@id("not-the-ministry") @reason("sealed")
            forbid (principal == Agency::"department-of-justice-ha-noi",
                    action == Action::"read", resource);"#
            .to_owned(),
    });
    let policies = Policies::from_files(&files, &Catalogue::national()).unwrap();
    let query = query("birth-registration", &["population.identity.full_name"]);
    for _ in 0..2 {
        assert_eq!(
            told(&decide(&policies, "ward-ba-dinh", &query)),
            Vec::<String>::new()
        );
        let refused = decide(&policies, "department-of-justice-ha-noi", &query);
        assert_eq!(
            told(&refused),
            ["population.identity.full_name sealed not-the-ministry"]
        );
    }
}
