//! The wire shapes that have no Rust type of their own: bodies that are parsed by hand, and answers
//! that are written piece by piece.
//!
//! These types are never made; they exist to be described.

use crate::pipeline::check::CheckedStatement;
use motlan_schemas::{
    answer::{DatasetAnswer, Denial, Receipt},
    check::Check,
    consent::ConsentUses,
    problem::Problem,
    query::{EmergencyGround, Relation},
    seal::SealLevel,
};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A question about one subject.
#[derive(Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// Whom the question is about.
    pub subject: Subject,
    /// The administrative procedure for which it is asked; see `/v1/entitlements`.
    #[schema(pattern = "^[a-z0-9-]+$", max_length = 64)]
    pub purpose: String,
    /// Attributes by their full dotted names, or whole datasets (`population.residence`); at most
    /// 130 attributes in all. No wildcards, no whole registries.
    #[schema(min_items = 1, max_items = 130)]
    pub select: Vec<String>,
    /// The case, in the agency's words. Some purposes require it.
    #[schema(nullable = false, min_length = 1, max_length = 64)]
    pub case: Option<String>,
    /// The officer in whose name the question is asked, as the agency asserts it. A token issued to
    /// an officer (`act.sub`) goes first. Some purposes require it.
    #[schema(nullable = false, min_length = 1, max_length = 64)]
    pub officer: Option<String>,
    /// The oldest answer you accept, in seconds; 0 always asks the registry and takes nothing stale.
    #[schema(nullable = false, minimum = 0, maximum = 315_360_000)]
    pub max_age_seconds: Option<u64>,
    /// How long you wait, in milliseconds.
    #[schema(nullable = false, minimum = 1, maximum = 30_000, default = 5_000)]
    pub deadline_ms: Option<u64>,
    /// `any`: whatever is permitted and obtained in time. `all`: everything permitted, or a problem.
    #[schema(nullable = false)]
    pub require: Option<Require>,
    /// The provinces (codes of 2 digits) whose registries are asked, where a dataset is kept by
    /// province, as land is. All of them are asked where it does not say. What a registry of the
    /// whole country keeps is asked there in any case.
    #[schema(nullable = false, min_items = 1, max_items = 34, example = json!(["01", "79"]))]
    pub provinces: Option<Vec<String>>,
    /// Who stands before the officer in the subject's place. Whether they may is looked up.
    #[schema(nullable = false)]
    pub applicant: Option<Applicant>,
    /// Why the data is needed at once, for a purpose of vital interest. Officers review it.
    #[schema(nullable = false)]
    pub emergency: Option<Emergency>,
    /// An order that keeps this question from the person it is about, for a purpose that allows it.
    /// It is logged like any other, and shown to that person when the time is over.
    #[schema(nullable = false)]
    pub hidden: Option<Hidden>,
}

/// An order to keep a question from the person it is about for a time.
#[derive(Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Hidden {
    /// The number of the order.
    #[schema(min_length = 1, max_length = 64)]
    pub order: String,
    /// From when on that person is shown the question: a time in UTC, or a day, which begins at
    /// midnight in Việt Nam.
    pub until: String,
}

/// Somebody who acts for another person.
#[derive(Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Applicant {
    /// The personal number: who acts; in a consent, for whom.
    #[schema(pattern = "^[0-9]{12}$")]
    pub person: String,
    /// As what.
    pub relation: Relation,
}

/// Why data is needed at once.
#[derive(Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Emergency {
    /// The kind of emergency.
    pub ground: EmergencyGround,
    /// What happened, in the officer's words and without numbers that could name a person.
    #[schema(min_length = 10, max_length = 280)]
    pub reason: String,
}

/// A consent to be given.
#[derive(Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentRequest {
    /// The agency that may ask.
    #[schema(pattern = "^[a-z0-9-]+$", max_length = 64)]
    pub agency: String,
    /// The procedures for which it may; each must rest on consent.
    #[schema(min_items = 1, max_items = 10)]
    pub purposes: Vec<String>,
    /// Attributes by their full dotted names, or whole datasets, of which the procedures' part
    /// counts.
    #[schema(min_items = 1, max_items = 130)]
    pub attributes: Vec<String>,
    /// From when it counts: a time, or a day in Vietnam. At once where it does not say.
    #[schema(nullable = false)]
    pub from: Option<String>,
    /// From when it no longer counts: a time, or a day in Vietnam; at most ten years away.
    pub until: String,
    /// Once: used up by the first answer.
    pub uses: ConsentUses,
    /// For whom the citizen consents, where it is not for themself.
    #[schema(nullable = false)]
    pub on_behalf_of: Option<Applicant>,
}

/// A consent to be withdrawn for another person.
#[derive(Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// For whom.
    #[schema(nullable = false)]
    pub on_behalf_of: Option<Applicant>,
}

/// A consent and its receipt.
#[derive(Debug, ToSchema)]
pub struct ConsentReceipt {
    /// The consent's id.
    pub consent_id: String,
    /// `given`, `used_up`, `expired` or `withdrawn`.
    pub status: String,
    /// The receipt: JSON-LD with the fields of ISO/IEC TS 27560, the place of the entry in the
    /// access log with its proof, and a Data Integrity proof (`eddsa-jcs-2022`).
    pub receipt: BTreeMap<String, serde_json::Value>,
}

/// A seal to be set.
#[derive(Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SealRequest {
    /// Whose data.
    #[schema(pattern = "^[0-9]{12}$")]
    pub person: String,
    /// What of it.
    pub level: SealLevel,
    /// The law or decision that orders it.
    #[schema(min_length = 10, max_length = 280)]
    pub ground: String,
    /// When it ends by itself: a time, or a day in Vietnam.
    pub until: String,
}

/// Which entries of the access log are wanted; everything that is named must hold.
#[derive(Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogSearch {
    /// Whom the entries are about.
    #[schema(nullable = false)]
    pub subject: Option<Subject>,
    /// Of any of these kinds.
    #[schema(nullable = false)]
    pub kind: Option<Vec<String>>,
    /// The agency that asked, or that a consent is for.
    #[schema(nullable = false, max_length = 64)]
    pub agency: Option<String>,
    /// The program that was used.
    #[schema(nullable = false, max_length = 64)]
    pub client: Option<String>,
    /// The officer’s id within the agency.
    #[schema(nullable = false, max_length = 64)]
    pub officer: Option<String>,
    /// The procedure, or one of a consent’s.
    #[schema(nullable = false, max_length = 64)]
    pub purpose: Option<String>,
    /// The agency’s case.
    #[schema(nullable = false, max_length = 64)]
    pub case: Option<String>,
    /// A dataset that was asked for, or that changed.
    #[schema(nullable = false, max_length = 64)]
    pub dataset: Option<String>,
    /// An attribute that was released.
    #[schema(nullable = false, max_length = 64)]
    pub attribute: Option<String>,
    /// What came of it.
    #[schema(nullable = false)]
    pub outcome: Option<String>,
    /// The rule of a denial or of an alert.
    #[schema(nullable = false, max_length = 64)]
    pub rule: Option<String>,
    /// A registry that was asked, whether it answered or not, or that told of a change.
    #[schema(nullable = false, max_length = 64)]
    pub registry: Option<String>,
    /// Not before this day (on the clocks of Việt Nam) or this time.
    #[schema(nullable = false)]
    pub from: Option<String>,
    /// Up to this day, or before this time.
    #[schema(nullable = false)]
    pub to: Option<String>,
    /// `next` of an earlier page.
    #[schema(nullable = false)]
    pub cursor: Option<String>,
    /// How many entries a page has at most.
    #[schema(nullable = false, minimum = 1, maximum = 500, default = 50)]
    pub limit: Option<u32>,
}

/// One question about up to 1,000 subjects.
#[derive(Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// Whom the question is about; each is decided, answered and logged by itself.
    #[schema(min_items = 1, max_items = 1000)]
    pub subjects: Vec<Subject>,
    /// As in a question about one subject.
    #[schema(pattern = "^[a-z0-9-]+$", max_length = 64)]
    pub purpose: String,
    /// As in a question about one subject.
    #[schema(min_items = 1, max_items = 130)]
    pub select: Vec<String>,
    /// As in a question about one subject.
    #[schema(nullable = false, min_length = 1, max_length = 64)]
    pub case: Option<String>,
    /// As in a question about one subject.
    #[schema(nullable = false, min_length = 1, max_length = 64)]
    pub officer: Option<String>,
    /// As in a question about one subject.
    #[schema(nullable = false, minimum = 0, maximum = 315_360_000)]
    pub max_age_seconds: Option<u64>,
    /// As in a question about one subject; it counts for each subject.
    #[schema(nullable = false, minimum = 1, maximum = 30_000, default = 5_000)]
    pub deadline_ms: Option<u64>,
    /// As in a question about one subject.
    #[schema(nullable = false)]
    pub require: Option<Require>,
    /// The provinces (codes of 2 digits) whose registries are asked, where a dataset is kept by
    /// province, as land is.
    #[schema(nullable = false, min_items = 1, max_items = 34)]
    pub provinces: Option<Vec<String>>,
}

/// Statements about one person.
#[derive(Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Checks {
    /// Whom the statements are about.
    pub subject: Subject,
    /// As in a question.
    #[schema(pattern = "^[a-z0-9-]+$", max_length = 64)]
    pub purpose: String,
    /// The statements, each once.
    #[schema(min_items = 1, max_items = 10)]
    pub checks: Vec<Check>,
    /// As in a question.
    #[schema(nullable = false, min_length = 1, max_length = 64)]
    pub case: Option<String>,
    /// As in a question.
    #[schema(nullable = false, min_length = 1, max_length = 64)]
    pub officer: Option<String>,
    /// As in a question.
    #[schema(nullable = false, minimum = 0, maximum = 315_360_000)]
    pub max_age_seconds: Option<u64>,
    /// As in a question.
    #[schema(nullable = false, minimum = 1, maximum = 30_000, default = 5_000)]
    pub deadline_ms: Option<u64>,
    /// Who stands before the officer in the subject's place, where somebody does.
    #[schema(nullable = false)]
    pub applicant: Option<Applicant>,
}

/// What counts as an answer.
#[derive(Debug, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(default = "any")]
pub enum Require {
    /// Whatever is permitted and obtained in time.
    Any,
    /// Everything permitted, or a problem.
    All,
}

/// Exactly one of a person and an enterprise.
#[derive(Debug, ToSchema)]
#[serde(untagged)]
pub enum Subject {
    /// A person.
    Person(PersonSubject),
    /// An enterprise.
    Enterprise(EnterpriseSubject),
}

/// A person as the subject of a question.
#[derive(Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonSubject {
    /// The personal number.
    #[schema(pattern = "^[0-9]{12}$", example = "001185012345")]
    pub person: String,
}

/// An enterprise as the subject of a question.
#[derive(Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnterpriseSubject {
    /// The enterprise code with its check digit; a branch adds a hyphen and 3 digits.
    #[schema(pattern = "^[0-9]{10}(-[0-9]{3})?$", example = "0100112437")]
    pub enterprise: String,
}

/// The answer to one question.
#[derive(Debug, ToSchema)]
pub struct Answer {
    /// The question's id (`qry_` and a UUIDv7), which its log entry carries too.
    pub query_id: String,
    /// Whether every selected attribute was permitted and its dataset obtained, from every registry
    /// that serves it.
    pub complete: bool,
    /// The datasets by name.
    pub datasets: BTreeMap<String, DatasetAnswer>,
    /// What was denied, and what can be done about it.
    pub denied: Vec<Denial>,
    /// Proof that the disclosure is in the access log.
    #[schema(nullable = false)]
    pub receipt: Option<Receipt>,
}

/// Whether the process should go on.
#[derive(Debug, ToSchema)]
pub struct Health {
    /// `ok` or `failed`.
    pub status: String,
    /// `failed` where it is the access log that failed.
    #[schema(nullable = false)]
    pub access_log: Option<String>,
}

/// A JSON Web Key Set (RFC 7517).
#[derive(Debug, ToSchema)]
pub struct KeySet {
    /// The keys.
    pub keys: Vec<BTreeMap<String, String>>,
}

/// A problem document of a question that was decided: it says what was denied and what failed.
#[derive(Debug, ToSchema)]
pub struct OutcomeProblem {
    /// The members of every problem.
    #[serde(flatten)]
    pub problem: Problem,
    /// The question's id, which its log entry carries too.
    #[schema(nullable = false)]
    pub query_id: Option<String>,
    /// What became of each dataset.
    #[schema(nullable = false)]
    pub datasets: Option<BTreeMap<String, DatasetAnswer>>,
    /// What was denied, and what can be done about it.
    #[schema(nullable = false)]
    pub denied: Option<Vec<Denial>>,
    /// The statements that may not be checked, where the call was about such.
    #[schema(nullable = false)]
    pub checks: Option<Vec<CheckedStatement>>,
    /// Where the refusal stands in the access log.
    #[schema(nullable = false)]
    pub receipt: Option<Receipt>,
}
