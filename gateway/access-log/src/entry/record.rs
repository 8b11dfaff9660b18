//! What each kind of entry records. Members are declared in alphabetical order: that makes the
//! JSON canonical. A list or text that is absent is left out.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::pseudonym::Pseudonym;

/// A word from a closed list that is kept elsewhere: an outcome, a reason, a problem code.
pub type Word = Cow<'static, str>;

/// 32 bytes written as base64: a nonce, or a SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bytes32(pub [u8; 32]);

/// One query about one subject: who asked what on which ground, and what left the gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// The agency that asked.
    pub agency: String,
    /// SHA-256 of the answer's body as sent, without its receipt (which names this entry); absent
    /// when nothing was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer_digest: Option<Bytes32>,
    /// Full dotted names of the attributes that were released, sorted.
    pub attributes: Vec<String>,
    /// The legal ground of the release; absent when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
    /// The agency's case number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// The client that the agency used.
    pub client: String,
    /// What came of each dataset, per registry asked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub datasets: BTreeMap<String, Vec<Outcome>>,
    /// What was not released, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub denied: Vec<Denied>,
    /// The officer behind the query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub officer: Option<Officer>,
    /// The version of the policies that decided.
    pub policy_version: String,
    /// The purpose the agency named.
    pub purpose: String,
    /// The id of the query.
    pub query_id: String,
    /// Whom the query was about.
    pub subject: Pseudonym,
    /// The W3C trace id, 32 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
}

/// Another person whom an answer identified. It names that person alone, never the subject of
/// the query; the query id leads an auditor to both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mention {
    /// The agency that received the answer.
    pub agency: String,
    /// Full dotted names of the attributes that identified the person, sorted.
    pub attributes: Vec<String>,
    /// The legal ground of the release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
    /// The client that the agency used.
    pub client: String,
    /// The officer behind the query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub officer: Option<Officer>,
    /// The version of the policies that decided.
    pub policy_version: String,
    /// The purpose the agency named.
    pub purpose: String,
    /// The id of the query.
    pub query_id: String,
    /// The person mentioned.
    pub subject: Pseudonym,
    /// The W3C trace id, 32 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
}

/// The policies in force changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyLoad {
    /// SHA-256 over the policies, purposes and agencies, as the policy engine computes it.
    pub digest: Bytes32,
    /// The version that later entries name.
    pub policy_version: String,
}

/// The gateway started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeStart {
    /// Bytes cut off the log's end because they were never acknowledged.
    pub cut_bytes: u64,
    /// The version of the program.
    pub software: String,
}

/// The legal ground of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Basis {
    /// A consent of the citizen.
    Consent {
        /// The id of the consent.
        reference: String,
    },
    /// A law.
    Law {
        /// The article as the purpose cites it.
        reference: String,
    },
}

/// The officer behind a query, and who says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Officer {
    /// Who says so.
    pub asserted_by: AssertedBy,
    /// The officer's id within the agency.
    pub id: String,
}

/// Who vouches for the officer's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssertedBy {
    /// The agency, in the body of the query.
    Agency,
    /// The issuer of the token.
    Token,
}

/// An attribute that was asked for and not released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Denied {
    /// Full dotted name.
    pub attribute: String,
    /// Why, from the closed list of reasons.
    pub reason: Word,
    /// The rule that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Word>,
}

/// What came of one dataset at one registry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Age of the data when it was served, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_seconds: Option<u64>,
    /// When the registry said it: RFC 3339 in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// How many fields the registry sent without being asked; they were dropped.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub over_delivered: u64,
    /// The problem code when the dataset is unavailable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Word>,
    /// The registry; absent when none was to be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registry: Option<String>,
    /// `registry` or `cache`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub served_from: Option<Word>,
    /// The data was older than allowed, and served because the purpose permits that in an outage.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stale: bool,
    /// The status of the dataset in the answer.
    pub status: Word,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the shape that serde calls"
)]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl fmt::Debug for Bytes32 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&STANDARD.encode(self.0))
    }
}

impl Serialize for Bytes32 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = [0; 44];
        let length = STANDARD
            .encode_slice(self.0, &mut text)
            .map_err(serde::ser::Error::custom)?;
        let text = text
            .get(..length)
            .and_then(|text| std::str::from_utf8(text).ok());
        serializer.serialize_str(text.unwrap_or_default())
    }
}

impl<'de> Deserialize<'de> for Bytes32 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let bytes = STANDARD
            .decode(text.as_bytes())
            .ok()
            .and_then(|bytes| bytes.try_into().ok());
        bytes
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("not 32 bytes in base64"))
    }
}
