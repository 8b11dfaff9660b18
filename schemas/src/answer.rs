//! The wire shapes of answers: what was obtained, what was denied and why, and the receipt.

use crate::{ids::QueryId, query::Mistake};
use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};
use serde_json::value::RawValue;
use std::sync::Arc;

/// The answer to one question (`POST /v1/queries`).
#[derive(Debug, Serialize)]
pub struct Answer {
    /// The question's id, which its log entries carry too.
    pub query_id: QueryId,
    /// Whether every selected attribute was permitted and its dataset obtained, from every registry
    /// that serves it.
    pub complete: bool,
    /// The datasets by name.
    pub datasets: Datasets,
    /// What was denied, and what can be done about it.
    pub denied: Vec<Denial>,
    /// Proof that the disclosure is in the access log; added once the entry is durable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
}

/// Datasets by name, in the catalogue's order.
#[derive(Debug, Default)]
pub struct Datasets(pub Vec<(Arc<str>, DatasetAnswer)>);

impl Serialize for Datasets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, dataset) in &self.0 {
            map.serialize_entry(name.as_ref(), dataset)?;
        }
        map.end()
    }
}

/// What became of one dataset.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DatasetAnswer {
    /// The outcome.
    pub status: DatasetStatus,
    /// The permitted attributes: an object, or a list of objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = serde_json::Value))]
    pub data: Option<Box<RawValue>>,
    /// The registry that was asked, where it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub registry: Option<Arc<str>>,
    /// The registries that were asked, where they were several: what became of each, in the order
    /// of the gateway's configuration. The data is what those of status `ok` said, together; one
    /// that is `unavailable` may hold more.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub registries: Vec<RegistryAnswer>,
    /// When the registry said it (UTC); the oldest where several were asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// Whether the registry was asked for this answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub served_from: Option<ServedFrom>,
    /// How many seconds ago the registry said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_seconds: Option<u64>,
    /// Older than the purpose wants, served because the registry is out and the purpose allows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale: Option<bool>,
    /// The law or consent that allowed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
    /// Why it is unavailable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<DatasetProblem>,
}

/// What became of one of several registries that serve a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegistryAnswer {
    /// The registry; absent for provinces that none serves.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub registry: Option<Arc<str>>,
    /// The provinces that no registry serves, where it is about these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>, required = false))]
    pub provinces: Vec<&'static str>,
    /// The outcome: `ok`, `not_found` or `unavailable`.
    pub status: DatasetStatus,
    /// When the registry said it (UTC).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// Whether the registry was asked for this answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub served_from: Option<ServedFrom>,
    /// How many seconds ago the registry said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_seconds: Option<u64>,
    /// Older than the purpose wants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale: Option<bool>,
    /// Why it is unavailable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<DatasetProblem>,
}

impl DatasetAnswer {
    /// What several registries said together, still without data and its basis.
    ///
    /// Something was obtained where one of them holds something. Nothing is on record only where
    /// all of them said so: one that failed may hold what the others do not. Times are those of
    /// the oldest, so that nothing looks fresher than it is.
    #[must_use]
    pub fn united(registries: Vec<RegistryAnswer>) -> Self {
        let is = |status| move |one: &&RegistryAnswer| one.status == status;
        let failed = registries.iter().find(is(DatasetStatus::Unavailable));
        let status = match (registries.iter().find(is(DatasetStatus::Ok)), failed) {
            (Some(_), _) => DatasetStatus::Ok,
            (None, Some(_)) => DatasetStatus::Unavailable,
            (None, None) => DatasetStatus::NotFound,
        };
        if status == DatasetStatus::Unavailable {
            return Self {
                problem: failed.and_then(|failed| failed.problem),
                registries,
                ..Self::bare(status)
            };
        }
        let answered = || registries.iter().filter(|one| one.problem.is_none());
        let asked = answered().any(|one| one.served_from == Some(ServedFrom::Registry));
        Self {
            as_of: answered().filter_map(|one| one.as_of.clone()).min(),
            served_from: Some(if asked {
                ServedFrom::Registry
            } else {
                ServedFrom::Cache
            }),
            age_seconds: answered().filter_map(|one| one.age_seconds).max(),
            stale: Some(answered().any(|one| one.stale == Some(true))),
            registries,
            ..Self::bare(status)
        }
    }

    /// Whether it holds all that there is: it was obtained, from every registry that was asked.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        matches!(self.status, DatasetStatus::Ok | DatasetStatus::NotFound)
            && self.registries.iter().all(|one| one.problem.is_none())
    }

    /// An outcome without data.
    #[must_use]
    pub const fn bare(status: DatasetStatus) -> Self {
        Self {
            status,
            data: None,
            registry: None,
            registries: Vec::new(),
            as_of: None,
            served_from: None,
            age_seconds: None,
            stale: None,
            basis: None,
            problem: None,
        }
    }
}

/// The outcomes of a dataset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DatasetStatus {
    /// Data was obtained.
    Ok,
    /// The registry holds nothing about the subject; of several, none does.
    NotFound,
    /// No attribute of it was permitted.
    Denied,
    /// It was permitted but could not be obtained; `problem` says why.
    Unavailable,
}

impl DatasetStatus {
    /// As on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NotFound => "not_found",
            Self::Denied => "denied",
            Self::Unavailable => "unavailable",
        }
    }
}

/// Where data came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ServedFrom {
    /// The registry was asked.
    Registry,
    /// An earlier answer of the registry.
    Cache,
}

impl ServedFrom {
    /// As on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Cache => "cache",
        }
    }
}

/// Why a dataset is unavailable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DatasetProblem {
    /// What went wrong.
    pub code: RegistryProblem,
    /// Whether asking again later can help.
    pub retryable: bool,
}

impl From<RegistryProblem> for DatasetProblem {
    fn from(code: RegistryProblem) -> Self {
        Self {
            code,
            retryable: code.is_retryable(),
        }
    }
}

/// What can be wrong with a registry, as the caller sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RegistryProblem {
    /// It did not answer in time.
    RegistryTimeout,
    /// It could not be reached, or said that it is out of order.
    RegistryDown,
    /// It refused the gateway's request.
    RegistryRefused,
    /// Its answer does not follow its protocol or the dataset's schema.
    RegistryMalformed,
    /// Its answer is not complete.
    RegistryTruncated,
    /// Its answer is about somebody else.
    RegistryWrongSubject,
}

impl RegistryProblem {
    /// As on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RegistryTimeout => "registry_timeout",
            Self::RegistryDown => "registry_down",
            Self::RegistryRefused => "registry_refused",
            Self::RegistryMalformed => "registry_malformed",
            Self::RegistryTruncated => "registry_truncated",
            Self::RegistryWrongSubject => "registry_wrong_subject",
        }
    }

    /// Whether the same question later can succeed without anybody mending anything.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        match self {
            Self::RegistryTimeout | Self::RegistryDown | Self::RegistryTruncated => true,
            Self::RegistryRefused | Self::RegistryMalformed | Self::RegistryWrongSubject => false,
        }
    }
}

/// One refusal, with the way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Denial {
    /// The attribute, or the dataset where all of it was selected and denied for one reason.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub attribute: Arc<str>,
    /// Why, from a closed list.
    pub reason: DenialReason,
    /// The rule that refused, by its id in the policy bundle.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub rule: Arc<str>,
    /// The law or consent that would be the basis, where there is one.
    pub basis: Option<Basis>,
    /// What the caller can do.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub remedy: Arc<str>,
}

/// Why an attribute is denied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum DenialReason {
    /// Datasets about enterprises were asked about a person, or the other way round.
    UnknownAttributeForSubject,
    /// The agency does not carry out this procedure.
    NotMandated,
    /// The procedure does not need this attribute.
    NotInPurpose,
    /// The procedure rests on consent, and the citizen has given none, or one that is used up.
    ConsentRequired,
    /// The consent has run out.
    ConsentExpired,
    /// The citizen has withdrawn the consent.
    ConsentRevoked,
    /// The procedure wants the officer named.
    OfficerRequired,
    /// The procedure wants the case named.
    CaseRequired,
    /// The subject's data is sealed.
    Sealed,
    /// Another rule forbids it; `rule` says which.
    ForbiddenByRule,
    /// The rules could not be evaluated, so nothing is allowed.
    PolicyError,
}

impl DenialReason {
    /// All reasons.
    pub const ALL: [Self; 11] = [
        Self::UnknownAttributeForSubject,
        Self::NotMandated,
        Self::NotInPurpose,
        Self::ConsentRequired,
        Self::ConsentExpired,
        Self::ConsentRevoked,
        Self::OfficerRequired,
        Self::CaseRequired,
        Self::Sealed,
        Self::ForbiddenByRule,
        Self::PolicyError,
    ];

    /// As on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownAttributeForSubject => "unknown_attribute_for_subject",
            Self::NotMandated => "not_mandated",
            Self::NotInPurpose => "not_in_purpose",
            Self::ConsentRequired => "consent_required",
            Self::ConsentExpired => "consent_expired",
            Self::ConsentRevoked => "consent_revoked",
            Self::OfficerRequired => "officer_required",
            Self::CaseRequired => "case_required",
            Self::Sealed => "sealed",
            Self::ForbiddenByRule => "forbidden_by_rule",
            Self::PolicyError => "policy_error",
        }
    }
}

/// What allows a disclosure.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Basis {
    /// An article of law.
    Law {
        /// The law and the article: `Law on Residence 68/2020/QH14, Article 21`.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        reference: Arc<str>,
    },
    /// The vital interest of a person, in an emergency.
    VitalInterest {
        /// The law and the article that allow it.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        reference: Arc<str>,
    },
    /// A consent of the citizen.
    Consent {
        /// The law that asks for the consent.
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        reference: Arc<str>,
        /// The consent, where one is in force.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
        consent_id: Option<Arc<str>>,
    },
}

/// Where an answer's entry is in the access log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Receipt {
    /// The log's origin, as its checkpoints name it.
    pub log: String,
    /// The entry's place in the log, from 0.
    pub leaf_index: u64,
    /// The entry's RFC 6962 leaf hash, base64.
    pub leaf_hash: String,
    /// Where the log's signed checkpoint is.
    pub checkpoint: String,
}

/// One wrong field of a request, as a problem document lists it (RFC 9457, section 3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldProblem {
    /// A JSON pointer into the body (RFC 6901).
    pub pointer: String,
    /// A stable code, see [`Mistake::code`].
    pub code: &'static str,
    /// What is wrong and what is expected, in the language asked for.
    pub detail: String,
}

impl FieldProblem {
    /// A problem with its text in the right language.
    #[must_use]
    pub const fn new(pointer: String, mistake: &Mistake, detail: String) -> Self {
        Self {
            pointer,
            code: mistake.code(),
            detail,
        }
    }
}

#[cfg(test)]
mod tests;
