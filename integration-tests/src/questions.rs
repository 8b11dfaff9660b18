//! The questions that journeys ask.

use serde_json::{Value, json};

/// The one purpose of the demonstration's agency that needs all of [`BY_REGISTRY`].
pub const PURPOSE: &str = "poor-household-recognition";
/// A case.
pub const CASE: &str = "H01.12-261121-0007";
/// An officer.
pub const OFFICER: &str = "cb-4711";

/// The registries with the datasets that [`SELECT`] takes from each; land is kept by two.
pub const BY_REGISTRY: [(&str, &[&str]); 7] = [
    ("civil_status", &["civil_status.marital_status"]),
    (
        "population",
        &["population.identity", "population.residence"],
    ),
    ("business", &["business.roles"]),
    ("insurance", &["insurance.health", "insurance.social"]),
    ("land", &["land.parcels"]),
    ("land_south", &["land.parcels"]),
    ("tax", &["tax.income"]),
];

/// A little of each registry; the purpose covers all of it.
pub const SELECT: [&str; 12] = [
    "civil_status.marital_status.status",
    "population.identity.full_name",
    "population.identity.birth_date",
    "population.residence.permanent_address",
    "business.roles.enterprise_name",
    "business.roles.role",
    "insurance.health.status",
    "insurance.health.coverage_percent",
    "insurance.social.contribution_months",
    "land.parcels.area_m2",
    "land.parcels.share",
    "tax.income.gross_income_vnd",
];

/// A question about a person under [`PURPOSE`].
#[must_use]
pub fn question(person: &str, select: &[&str]) -> Value {
    json!({
        "subject": { "person": person },
        "purpose": PURPOSE,
        "select": select,
        "case": CASE,
        "officer": OFFICER,
    })
}

/// What an answer says of one registry of a dataset: where several serve it, of that one alone.
///
/// # Panics
/// The registry was not asked.
#[must_use]
pub fn outcome_of<'a>(dataset: &'a Value, registry: &str) -> &'a Value {
    let mut several = dataset["registries"].as_array().into_iter().flatten();
    let outcome = several.find(|one| one["registry"] == registry);
    let outcome = outcome.unwrap_or(dataset);
    assert_eq!(outcome["registry"], registry, "{dataset:#}");
    outcome
}

/// A question with more members, or other ones.
#[must_use]
pub fn with(mut question: Value, members: &Value) -> Value {
    if let (Some(question), Some(members)) = (question.as_object_mut(), members.as_object()) {
        question.extend(members.clone());
    }
    question
}
