//! The wire shapes that no type of the vocabulary describes: bodies that are parsed by hand, and
//! the views that handlers build.
//!
//! These types are never made; they exist to be described.

use motlan_schemas::{
    answer::{Basis, DatasetAnswer, Denial, DenialReason, Receipt},
    problem::Problem,
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
    /// Whether every selected attribute was permitted and its dataset obtained.
    pub complete: bool,
    /// The datasets by name.
    pub datasets: BTreeMap<String, DatasetAnswer>,
    /// What was denied, and what can be done about it.
    pub denied: Vec<Denial>,
    /// Proof that the disclosure is in the access log.
    #[schema(nullable = false)]
    pub receipt: Option<Receipt>,
}

/// The decision about a question, without any data.
#[derive(Debug, ToSchema)]
pub struct Explanation {
    /// The version of the rules that decided.
    pub policy_version: String,
    /// The procedure named in the question.
    pub purpose: String,
    /// Whether at least one attribute would be permitted.
    pub permitted: bool,
    /// Each selected attribute, in the catalogue's order.
    pub attributes: Vec<AttributeVerdict>,
}

/// The decision about one attribute.
#[derive(Debug, ToSchema)]
pub struct AttributeVerdict {
    /// The full dotted name.
    pub attribute: String,
    /// Permitted or denied.
    pub verdict: Verdict,
    /// The rule that decided, by its id in the policy bundle.
    pub rule: String,
    /// The law or consent that allows it, or would.
    pub basis: Option<Basis>,
    /// Why it is denied.
    #[schema(nullable = false)]
    pub reason: Option<DenialReason>,
    /// What you can do about a denial.
    #[schema(nullable = false)]
    pub remedy: Option<String>,
}

/// The two ways a decision can go.
#[derive(Debug, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The attribute would be disclosed.
    Permit,
    /// The attribute would be refused.
    Deny,
}

/// Everything that can be asked for.
#[derive(Debug, ToSchema)]
pub struct Catalogue {
    /// The datasets, grouped by registry.
    pub datasets: Vec<CatalogueDataset>,
}

/// A dataset: the unit of fetching, caching and consent.
#[derive(Debug, ToSchema)]
pub struct CatalogueDataset {
    /// The dotted name: `population.residence`.
    pub name: String,
    /// Its title, in the language asked for.
    pub title: String,
    /// What it holds.
    pub description: String,
    /// The registry that serves it.
    pub registry: String,
    /// The authority that answers for it.
    pub owner: String,
    /// Whom it is about: `person` or `enterprise`.
    pub subject: String,
    /// `one` record or `many`.
    pub cardinality: String,
    /// How long an answer counts as fresh where the purpose does not say less.
    pub max_age_seconds: u64,
    /// Its attributes.
    pub attributes: Vec<CatalogueAttribute>,
}

/// An attribute: the unit of release.
#[derive(Debug, ToSchema)]
pub struct CatalogueAttribute {
    /// The full dotted name.
    pub name: String,
    /// Its title, in the language asked for.
    pub title: String,
    /// What it means.
    pub description: String,
    /// The JSON type of its value.
    pub r#type: String,
    /// `basic`, `sensitive` or `special`.
    pub sensitivity: String,
    /// Whether the value identifies another person, who then also gets a log entry.
    pub identifies_another_person: bool,
    /// Whether it is delivered whatever else of the dataset is selected.
    pub flag: bool,
    /// The code list of its values.
    #[schema(nullable = false)]
    pub code_list: Option<String>,
}

/// What the caller's agency may ask.
#[derive(Debug, ToSchema)]
pub struct Entitlements {
    /// The agency of the token.
    pub agency: EntitledAgency,
    /// Its purposes.
    pub purposes: Vec<EntitledPurpose>,
}

/// The agency of the token.
#[derive(Debug, ToSchema)]
pub struct EntitledAgency {
    /// Its id.
    pub id: String,
    /// Its name, in the language asked for.
    pub name: String,
}

/// A purpose: one administrative procedure.
#[derive(Debug, ToSchema)]
pub struct EntitledPurpose {
    /// The id to send as `purpose`.
    pub id: String,
    /// The code of the procedure in the national database of procedures; null where it has none.
    #[schema(required)]
    pub code: Option<String>,
    /// Its title, in the language asked for.
    pub title: String,
    /// What allows it.
    pub basis: PurposeBasis,
    /// Whether a question must name the case.
    pub case_required: bool,
    /// Whether a question must name the officer.
    pub officer_required: bool,
    /// The attributes it covers, by their full dotted names.
    pub attributes: Vec<String>,
}

/// What allows a purpose.
#[derive(Debug, ToSchema)]
pub struct PurposeBasis {
    /// `law` or `consent`.
    pub kind: String,
    /// The law and the article.
    pub reference: String,
}

/// What is to be proven.
#[derive(Debug, ToSchema)]
#[serde(untagged)]
pub enum ProofRequest {
    /// That an entry is under the published checkpoint.
    Inclusion {
        /// The entry's place in the log, from 0.
        leaf_index: u64,
    },
    /// That the tree of `new_size` extends the one of `old_size`.
    Consistency {
        /// The number of entries of the older tree.
        old_size: u64,
        /// The number of entries of the newer tree.
        new_size: u64,
    },
}

/// A proof by RFC 6962 hashes.
#[derive(Debug, ToSchema)]
#[serde(untagged)]
pub enum Proof {
    /// That an entry is under the checkpoint.
    Inclusion {
        /// The entry's place in the log, from 0.
        leaf_index: u64,
        /// The hashes from the leaf to the root, base64.
        hashes: Vec<String>,
        /// The signed checkpoint under which the entry stands.
        checkpoint: String,
        /// The same as a C2SP tlog-proof, for offline verifiers.
        tlog_proof: String,
    },
    /// That the newer tree extends the older one.
    Consistency {
        /// The number of entries of the older tree.
        old_size: u64,
        /// The number of entries of the newer tree.
        new_size: u64,
        /// The hashes of the proof, base64.
        hashes: Vec<String>,
    },
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

/// Whether questions can be answered.
#[derive(Debug, ToSchema)]
pub struct Readiness {
    /// `ready` or `not_ready`.
    pub status: String,
    /// `writable` or `failed`; without the log there are no answers.
    pub access_log: String,
    /// Each registry: `reachable` or `unreachable`.
    pub registries: BTreeMap<String, String>,
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
    /// Where the refusal stands in the access log.
    #[schema(nullable = false)]
    pub receipt: Option<Receipt>,
}
