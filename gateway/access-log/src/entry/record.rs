//! What each kind of entry records. Members are declared in alphabetical order: that makes the
//! JSON canonical. A list or text that is absent is left out.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::Visitor;
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
    /// Who acted in the subject's place, where somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting: Option<Acting>,
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
    /// The check that was answered, where only a statement about the data was asked for; the
    /// attributes are then those that were looked at, and none of them left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Word>,
    /// The client that the agency used.
    pub client: String,
    /// How near the officer is to the subject, where that is known: `self`, `household`, `surname`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closeness: Vec<Word>,
    /// What came of each dataset, per registry asked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub datasets: BTreeMap<String, Vec<Outcome>>,
    /// What was not released, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub denied: Vec<Denied>,
    /// Why the data was needed at once, where the purpose is an emergency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emergency: Option<Emergency>,
    /// The officer's own statement of the emergency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emergency_reason: Option<String>,
    /// Until when the entry is hidden from the citizen, and by whose order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<Hidden>,
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
    /// Full dotted names of the attributes that were permitted and not released, because a registry
    /// had nothing or could not say, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unobtained: Vec<String>,
    /// The network zone that the call came from, where the configuration names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// An order to keep an entry from the person it is about for a time, such as in an investigation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hidden {
    /// The law that allows it, as the purpose cites it.
    pub ground: String,
    /// The number of the order.
    pub order: String,
    /// When the entry is shown by itself: RFC 3339 in UTC.
    pub until: String,
}

/// Somebody who acts for another person, and how that was verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acting {
    /// Who acts.
    pub person: Pseudonym,
    /// As what: `parent`, `guardian`, `attorney`.
    pub relation: Word,
    /// The record that shows it, by dataset or consent id; absent when nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_by: Option<String>,
}

/// Why data was needed at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Emergency {
    /// The kind of emergency, from a closed list.
    pub ground: Word,
    /// Until when a data protection officer has to review it: RFC 3339 in UTC.
    pub review_due: String,
}

/// A data protection officer has reviewed an emergency use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmergencyReview {
    /// The program that the reviewer used.
    pub client: String,
    /// The reviewer's own statement.
    pub note: String,
    /// The query that was reviewed.
    pub query_id: String,
    /// Whom the query was about.
    pub subject: Pseudonym,
    /// `justified` or `misuse`.
    pub verdict: Word,
}

/// A consent was given, withdrawn, or used up. Replaying these entries rebuilds all consents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentChange {
    /// Who acted in the citizen's place, where somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting: Option<Acting>,
    /// `given`, `withdrawn` or `used_up`.
    pub change: Word,
    /// The program that the citizen used, or the agency's program whose answer used it up.
    pub client: String,
    /// The consent as it stands after the change.
    pub consent: Consent,
    /// The keyed hash of the citizen under which consents are kept.
    pub holder: Bytes32,
    /// The answer that used it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_id: Option<String>,
    /// The citizen whose data the consent is about.
    pub subject: Pseudonym,
}

/// A consent as it stood after a change. Times are RFC 3339 in UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// The agency that may read.
    pub agency: String,
    /// Full dotted names of the attributes that it may read, sorted.
    pub attributes: Vec<String>,
    /// From when it counts.
    pub from: String,
    /// When it was given.
    pub given_at: String,
    /// The keyed hash of the person who gave it in the citizen's place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub giver: Option<Bytes32>,
    /// Its id.
    pub id: String,
    /// The purposes it covers.
    pub purposes: Vec<String>,
    /// The call that gave it, so that its repetition gives no second one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<IdempotentRequest>,
    /// `given`, `withdrawn` or `used_up`.
    pub state: Word,
    /// When it came into that state.
    pub state_since: String,
    /// Until when it counts.
    pub until: String,
    /// `once` or `repeated`.
    pub uses: Word,
}

/// A call that may be repeated without being done twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdempotentRequest {
    /// SHA-256 of the body.
    pub body: Bytes32,
    /// SHA-256 of the idempotency key.
    pub key: Bytes32,
}

/// A person's data was sealed, or the seal was lifted. Replaying these entries rebuilds all seals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealChange {
    /// `sealed` or `lifted`.
    pub change: Word,
    /// The program that the data protection officer used.
    pub client: String,
    /// The law or decision that orders it.
    pub ground: String,
    /// The keyed hash of the person under which the seal is kept.
    pub holder: Bytes32,
    /// What is sealed: `address` or `identity`.
    pub level: Word,
    /// Whose data.
    pub subject: Pseudonym,
    /// When the seal ends by itself: RFC 3339 in UTC.
    pub until: String,
}

/// A registry said that what it knows of a subject has changed; copies of it were forgotten. Reading
/// these entries tells which events were taken before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistryChange {
    /// The program that the registry used.
    pub client: String,
    /// The dataset, by its full dotted name.
    pub dataset: String,
    /// SHA-256 over the registry and the event's source and id, which could hold anything.
    pub event: Bytes32,
    /// When the record changed, as the event says: RFC 3339 in UTC.
    pub occurred_at: String,
    /// The registry.
    pub registry: String,
    /// Whose record changed.
    pub subject: Pseudonym,
}

/// Somebody looked into the log itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// The program that was used.
    pub client: String,
    /// What was asked for, without any person: `agency=ward-ba-dinh`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<String>,
    /// Who looked: `citizen`, `data_protection_officer`.
    pub reader: Word,
    /// How many entries were shown.
    pub shown: u64,
    /// Whose entries, where it was about one person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Pseudonym>,
}

/// Something looks wrong, and a data protection officer should look: a budget against harvesting is
/// used up, a client has been told of a million citizens in a year, or a detector found a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// The agency.
    pub agency: String,
    /// The attribute, where the pattern is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// The client.
    pub client: String,
    /// How many there were.
    pub count: u64,
    /// The entries behind it, oldest first; of many, the last ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<u64>,
    /// From how many on there is an alert.
    pub limit: u64,
    /// The officer, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub officer: Option<String>,
    /// The purpose, where the pattern is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// A budget (`subjects`, `refusals`, `misses`, `neighbours`, `large_scale` for the million) or a
    /// detector (`out_of_hours`, `volume`, `one_case`, …).
    pub rule: Word,
    /// How many it usually is, where the limit follows from that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usual: Option<u64>,
    /// The time it is for: `hour`, `day`, `four_weeks`, `year`; `run` for one after the other, and
    /// `once` where a single entry is enough.
    pub window: Word,
}

/// A data protection officer has taken up an alert, or closed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertReview {
    /// Where the alert stands in the log.
    pub alert: u64,
    /// The program that the reviewer used.
    pub client: String,
    /// The reviewer's own statement.
    pub note: String,
    /// The state the alert is in now: `in_review`, `justified`, `incident`.
    pub state: Word,
}

/// A person's details were erased: the keys of everything sealed about them until then are gone.
/// This entry is in clear, because it must outlive them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erasure {
    /// The program that the data protection officer used.
    pub client: String,
    /// The law or decision that asks for it.
    pub ground: String,
    /// Whose details.
    pub subject: Pseudonym,
}

/// Old entries were removed under the retention policy, or the keys of old details destroyed; the
/// hashes stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pruning {
    /// Entries before this leaf index are gone; a multiple of 256.
    pub before: u64,
    /// The keys of what entries say about people are destroyed for the months before this one,
    /// `YYYY-MM`; absent where none were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details_before: Option<String>,
    /// The policy as it is published.
    pub policy: String,
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
    /// Until when the entry is hidden from the citizen, and by whose order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<Hidden>,
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
    /// Why they were loaded: `start`, `change`, `rollback`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Word>,
    /// SHA-256 over the policies, purposes and agencies, as the policy engine computes it.
    pub digest: Bytes32,
    /// The version that later entries name.
    pub policy_version: String,
    /// The version in force before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
}

/// The description of a declarative registry, by which its records are read: a folder of files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// SHA-256 over the folder's files, as `docs/declarative-adapters.md` says.
    pub digest: Bytes32,
    /// The registry.
    pub registry: String,
    /// The folder's version, as its author counts.
    pub version: String,
}

/// The mapping of a declarative registry changed while the gateway ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappingLoad {
    /// The mapping from now on.
    pub mapping: Mapping,
    /// The digest of the mapping before.
    pub previous: Bytes32,
}

/// The gateway started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeStart {
    /// Bytes cut off the log's end because they were never acknowledged.
    pub cut_bytes: u64,
    /// The mappings of declarative registries that it began with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mappings: Vec<Mapping>,
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
    /// The vital interest of a person, in an emergency.
    VitalInterest {
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
    /// How many requests the registry was sent for it. Of answers that shared a fetch, one has them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub requests: u64,
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
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Bytes32;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("32 bytes in base64")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Bytes32, E> {
                // As long as the decoder wants its output to be.
                let mut bytes = [0; 33];
                let length = STANDARD.decode_slice(text, &mut bytes);
                match (length, bytes.first_chunk()) {
                    (Ok(32), Some(bytes)) => Ok(Bytes32(*bytes)),
                    _ => Err(E::custom("not 32 bytes in base64")),
                }
            }
        }
        deserializer.deserialize_str(Text)
    }
}
