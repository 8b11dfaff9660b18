//! The entries of the log: what they say, and their canonical bytes.
//!
//! An entry is one JSON object, `{"kind", "nonce", "record", "time", "version"}`, in the canonical
//! form of [RFC 8785](https://www.rfc-editor.org/rfc/rfc8785). The form follows from declaring
//! every member in alphabetical order. The nonce of 32 random bytes keeps anyone from guessing an
//! entry from its hash. Values of registry data are never part of an entry, nor is a number that
//! names a person: people appear under a pseudonym. In an entry about somebody, everything but the
//! pseudonym is sealed; see [`details`](crate::details).

use std::borrow::Cow;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::canonical::is_canonical;
use crate::pseudonym::Pseudonym;

pub mod keys;
pub mod record;

use keys::{EpochChange, KeyChange};
use record::{
    Access, Alert, AlertReview, Bytes32, ConsentChange, EmergencyReview, Erasure, Hidden, Look,
    MappingLoad, Mention, NodeStart, PolicyLoad, Pruning, RegistryChange, SealChange,
};

/// Version of the form of entries that this code writes.
pub const ENTRY_VERSION: u32 = 1;
/// Longest entry that an entry bundle can carry
/// ([C2SP tlog-tiles](https://c2sp.org/tlog-tiles#log-entries)).
pub const ENTRY_BYTES_MAX: usize = 65_535;
/// Room for an ordinary entry, so that writing one rarely grows the buffer.
const ENTRY_BYTES_USUAL: usize = 1_536;

/// One entry before it is encoded, or after it was read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it happened: RFC 3339 in UTC, ending in `Z`.
    pub time: String,
    /// 32 random bytes, fresh for every entry.
    pub nonce: Bytes32,
    /// What happened.
    pub record: Record,
}

/// What happened, by kind. Later kinds are added as variants; a reader meets an unknown kind as
/// [`EntryError::UnknownKind`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Record {
    /// Data about a subject left the gateway.
    Disclosure(Access),
    /// A query about a subject was refused as a whole.
    Refusal(Access),
    /// An answer identified another person: a spouse, a parent, a co-owner.
    Mention(Mention),
    /// The policies in force changed.
    PolicyLoad(PolicyLoad),
    /// The mapping of a declarative registry changed.
    MappingLoad(MappingLoad),
    /// The gateway started.
    NodeStart(NodeStart),
    /// A statement about a subject was answered with yes, no or unknown; no data left.
    Check(Access),
    /// A decision was explained to an agency, without any data.
    DryRun(Access),
    /// A consent was given, withdrawn, or used up.
    ConsentChange(ConsentChange),
    /// A person's data was sealed, or the seal was lifted.
    SealChange(SealChange),
    /// An emergency use was reviewed.
    EmergencyReview(EmergencyReview),
    /// Somebody looked into the log itself.
    Look(Look),
    /// Something looks wrong: a budget is used up, or a detector has found a pattern.
    Alert(Alert),
    /// A data protection officer has taken up an alert, or closed it.
    AlertReview(AlertReview),
    /// A person's details were erased.
    Erasure(Erasure),
    /// Old entries were removed under the retention policy.
    Pruning(Pruning),
    /// A key began or ceased to sign the log.
    KeyChange(KeyChange),
    /// An epoch of pseudonyms began or ended.
    EpochChange(EpochChange),
    /// A registry said that what it knows of a subject has changed.
    RegistryChange(RegistryChange),
}

/// Why an entry cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// The entry is about somebody, so its details must be sealed.
    #[error("an entry about somebody is not written in clear")]
    InClear,
    /// The entry's time has no month.
    #[error("the time of the entry is not an RFC 3339 time in UTC")]
    Time,
    /// The entry is longer than a bundle can carry.
    #[error("the entry is {bytes} bytes long, more than 65535")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// The bytes are not canonical JSON.
    #[error("the entry is not canonical JSON")]
    NotCanonical,
    /// The entry does not have the members of its kind.
    #[error("the entry does not have the form of its kind")]
    Form(#[source] serde_json::Error),
    /// An entry of a kind or version this code does not know.
    #[error("entries of kind `{kind}`, version {version}, are unknown here")]
    UnknownKind {
        /// The kind as written.
        kind: String,
        /// The version as written.
        version: u32,
    },
}

/// The canonical bytes of an entry, ready for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedEntry(Vec<u8>);

impl EncodedEntry {
    /// Takes bytes made elsewhere.
    ///
    /// # Errors
    /// [`EntryError::NotCanonical`] or [`EntryError::TooLong`].
    pub fn from_canonical(bytes: Vec<u8>) -> Result<Self, EntryError> {
        if is_canonical(&bytes) {
            Self::within_limit(bytes)
        } else {
            Err(EntryError::NotCanonical)
        }
    }

    pub(crate) fn within_limit(bytes: Vec<u8>) -> Result<Self, EntryError> {
        match bytes.len() {
            0..=ENTRY_BYTES_MAX => Ok(Self(bytes)),
            bytes => Err(EntryError::TooLong { bytes }),
        }
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[derive(Serialize)]
struct Written<'a, R> {
    kind: &'a str,
    nonce: Bytes32,
    record: &'a R,
    time: &'a str,
    version: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Envelope<'a> {
    #[serde(borrow)]
    pub(crate) kind: Cow<'a, str>,
    pub(crate) nonce: Bytes32,
    #[serde(borrow)]
    pub(crate) record: &'a RawValue,
    #[serde(borrow)]
    pub(crate) time: Cow<'a, str>,
    pub(crate) version: u32,
}

impl<'a> Envelope<'a> {
    /// Reads what all entries have in common, whatever their kind.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, EntryError> {
        serde_json::from_slice(bytes).map_err(EntryError::Form)
    }

    /// The entry with another record in the place of its own.
    pub(crate) fn text_with(&self, record: &impl Serialize) -> Result<Vec<u8>, EntryError> {
        write(&self.kind, self.nonce, &self.time, record)
    }
}

impl Record {
    /// The kind as it is written.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Disclosure(_) => "disclosure",
            Self::Refusal(_) => "refusal",
            Self::Mention(_) => "mention",
            Self::PolicyLoad(_) => "policy_load",
            Self::MappingLoad(_) => "mapping_load",
            Self::NodeStart(_) => "node_start",
            Self::Check(_) => "check",
            Self::DryRun(_) => "dry_run",
            Self::ConsentChange(_) => "consent_change",
            Self::SealChange(_) => "seal_change",
            Self::EmergencyReview(_) => "emergency_review",
            Self::Look(_) => "look",
            Self::Alert(_) => "alert",
            Self::AlertReview(_) => "alert_review",
            Self::Erasure(_) => "erasure",
            Self::Pruning(_) => "pruning",
            Self::KeyChange(_) => "key_change",
            Self::EpochChange(_) => "epoch_change",
            Self::RegistryChange(_) => "registry_change",
        }
    }

    /// Whom the entry is about; its details are then sealed.
    #[must_use]
    pub const fn subject(&self) -> Option<&Pseudonym> {
        match self {
            Self::Disclosure(access)
            | Self::Refusal(access)
            | Self::Check(access)
            | Self::DryRun(access) => Some(&access.subject),
            Self::Mention(mention) => Some(&mention.subject),
            Self::ConsentChange(change) => Some(&change.subject),
            Self::SealChange(change) => Some(&change.subject),
            Self::EmergencyReview(review) => Some(&review.subject),
            Self::RegistryChange(change) => Some(&change.subject),
            Self::Look(look) => look.subject.as_ref(),
            // What says that details are gone must not go with them.
            Self::Erasure(_)
            | Self::PolicyLoad(_)
            | Self::MappingLoad(_)
            | Self::NodeStart(_)
            | Self::Alert(_)
            | Self::AlertReview(_)
            | Self::Pruning(_)
            | Self::KeyChange(_)
            | Self::EpochChange(_) => None,
        }
    }
}

impl Record {
    /// Reads what happened from its text, by the kind and version of its entry.
    pub(crate) fn parse(kind: &str, version: u32, text: &[u8]) -> Result<Self, EntryError> {
        let unknown = || EntryError::UnknownKind {
            kind: kind.to_owned(),
            version,
        };
        if version != ENTRY_VERSION {
            return Err(unknown());
        }
        let record = match kind {
            "disclosure" => serde_json::from_slice(text).map(Self::Disclosure),
            "refusal" => serde_json::from_slice(text).map(Self::Refusal),
            "mention" => serde_json::from_slice(text).map(Self::Mention),
            "policy_load" => serde_json::from_slice(text).map(Self::PolicyLoad),
            "mapping_load" => serde_json::from_slice(text).map(Self::MappingLoad),
            "node_start" => serde_json::from_slice(text).map(Self::NodeStart),
            "check" => serde_json::from_slice(text).map(Self::Check),
            "dry_run" => serde_json::from_slice(text).map(Self::DryRun),
            "consent_change" => serde_json::from_slice(text).map(Self::ConsentChange),
            "seal_change" => serde_json::from_slice(text).map(Self::SealChange),
            "emergency_review" => serde_json::from_slice(text).map(Self::EmergencyReview),
            "look" => serde_json::from_slice(text).map(Self::Look),
            "alert" => serde_json::from_slice(text).map(Self::Alert),
            "alert_review" => serde_json::from_slice(text).map(Self::AlertReview),
            "erasure" => serde_json::from_slice(text).map(Self::Erasure),
            "pruning" => serde_json::from_slice(text).map(Self::Pruning),
            "key_change" => serde_json::from_slice(text).map(Self::KeyChange),
            "epoch_change" => serde_json::from_slice(text).map(Self::EpochChange),
            "registry_change" => serde_json::from_slice(text).map(Self::RegistryChange),
            _ => return Err(unknown()),
        };
        record.map_err(EntryError::Form)
    }

    /// The order that keeps the entry from the person it is about for a time.
    #[must_use]
    pub const fn hidden(&self) -> Option<&Hidden> {
        match self {
            Self::Disclosure(access)
            | Self::Refusal(access)
            | Self::Check(access)
            | Self::DryRun(access) => access.hidden.as_ref(),
            Self::Mention(mention) => mention.hidden.as_ref(),
            _ => None,
        }
    }
}

impl Entry {
    /// The canonical bytes of an entry about nobody. One about somebody is sealed by
    /// [`DetailKeys::seal`](crate::details::DetailKeys::seal).
    ///
    /// # Errors
    /// [`EntryError::InClear`] or [`EntryError::TooLong`].
    pub fn encode(&self) -> Result<EncodedEntry, EntryError> {
        match self.record.subject() {
            Some(_) => Err(EntryError::InClear),
            None => EncodedEntry::within_limit(self.to_text()?),
        }
    }

    /// The canonical text with everything in clear.
    pub(crate) fn to_text(&self) -> Result<Vec<u8>, EntryError> {
        self.text_with(&self.record)
    }

    /// The text with this as its record.
    pub(crate) fn text_with(&self, record: &impl Serialize) -> Result<Vec<u8>, EntryError> {
        write(self.record.kind(), self.nonce, &self.time, record)
    }

    /// Reads an entry from its bytes.
    ///
    /// # Errors
    /// [`EntryError::Form`] or [`EntryError::UnknownKind`].
    pub fn parse(bytes: &[u8]) -> Result<Self, EntryError> {
        let envelope = Envelope::parse(bytes)?;
        let text = envelope.record.get().as_bytes();
        let record = Record::parse(&envelope.kind, envelope.version, text)?;
        Ok(Self {
            time: envelope.time.into_owned(),
            nonce: envelope.nonce,
            record,
        })
    }
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Disclosure(record)
            | Self::Refusal(record)
            | Self::Check(record)
            | Self::DryRun(record) => record.serialize(serializer),
            Self::Mention(record) => record.serialize(serializer),
            Self::PolicyLoad(record) => record.serialize(serializer),
            Self::MappingLoad(record) => record.serialize(serializer),
            Self::NodeStart(record) => record.serialize(serializer),
            Self::ConsentChange(record) => record.serialize(serializer),
            Self::SealChange(record) => record.serialize(serializer),
            Self::EmergencyReview(record) => record.serialize(serializer),
            Self::Look(record) => record.serialize(serializer),
            Self::Alert(record) => record.serialize(serializer),
            Self::AlertReview(record) => record.serialize(serializer),
            Self::Erasure(record) => record.serialize(serializer),
            Self::Pruning(record) => record.serialize(serializer),
            Self::KeyChange(record) => record.serialize(serializer),
            Self::EpochChange(record) => record.serialize(serializer),
            Self::RegistryChange(record) => record.serialize(serializer),
        }
    }
}

fn write(
    kind: &str,
    nonce: Bytes32,
    time: &str,
    record: &impl Serialize,
) -> Result<Vec<u8>, EntryError> {
    let mut bytes = Vec::with_capacity(ENTRY_BYTES_USUAL);
    let written = Written {
        kind,
        nonce,
        record,
        time,
        version: ENTRY_VERSION,
    };
    serde_json::to_writer(&mut bytes, &written).map_err(EntryError::Form)?;
    Ok(bytes)
}

#[cfg(test)]
pub(crate) mod tests;
