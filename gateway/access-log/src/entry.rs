//! The entries of the log: what they say, and their canonical bytes.
//!
//! An entry is one JSON object, `{"kind", "nonce", "record", "time", "version"}`, in the canonical
//! form of [RFC 8785](https://www.rfc-editor.org/rfc/rfc8785). The form follows from declaring
//! every member in alphabetical order. The nonce of 32 random bytes keeps anyone from guessing an
//! entry from its hash. Values of registry data are never part of an entry, nor is a number that
//! names a person: people appear under a pseudonym.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::canonical::is_canonical;

pub mod record;

use record::{
    Access, Alert, Bytes32, ConsentChange, EmergencyReview, Look, Mention, NodeStart, PolicyLoad,
    SealChange,
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

/// What happened, by kind. Later kinds (changes in registries) are added as variants; a reader
/// meets an unknown kind as [`EntryError::UnknownKind`].
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
    /// A budget against harvesting is used up.
    Alert(Alert),
}

/// Why an entry cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
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

    fn within_limit(bytes: Vec<u8>) -> Result<Self, EntryError> {
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
    kind: &'static str,
    nonce: Bytes32,
    record: &'a R,
    time: &'a str,
    version: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Envelope<'a> {
    #[serde(borrow)]
    kind: std::borrow::Cow<'a, str>,
    nonce: Bytes32,
    #[serde(borrow)]
    record: &'a RawValue,
    time: String,
    version: u32,
}

impl<'a> Envelope<'a> {
    /// Reads what all entries have in common, whatever their kind.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, EntryError> {
        serde_json::from_slice(bytes).map_err(EntryError::Form)
    }
}

impl Entry {
    /// The canonical bytes.
    ///
    /// # Errors
    /// [`EntryError::TooLong`].
    pub fn encode(&self) -> Result<EncodedEntry, EntryError> {
        match &self.record {
            Record::Disclosure(record) => self.write("disclosure", record),
            Record::Refusal(record) => self.write("refusal", record),
            Record::Mention(record) => self.write("mention", record),
            Record::PolicyLoad(record) => self.write("policy_load", record),
            Record::NodeStart(record) => self.write("node_start", record),
            Record::Check(record) => self.write("check", record),
            Record::DryRun(record) => self.write("dry_run", record),
            Record::ConsentChange(record) => self.write("consent_change", record),
            Record::SealChange(record) => self.write("seal_change", record),
            Record::EmergencyReview(record) => self.write("emergency_review", record),
            Record::Look(record) => self.write("look", record),
            Record::Alert(record) => self.write("alert", record),
        }
    }

    fn write(
        &self,
        kind: &'static str,
        record: &impl Serialize,
    ) -> Result<EncodedEntry, EntryError> {
        let mut bytes = Vec::with_capacity(ENTRY_BYTES_USUAL);
        let written = Written {
            kind,
            nonce: self.nonce,
            record,
            time: &self.time,
            version: ENTRY_VERSION,
        };
        serde_json::to_writer(&mut bytes, &written).map_err(EntryError::Form)?;
        EncodedEntry::within_limit(bytes)
    }

    /// Reads an entry from its bytes.
    ///
    /// # Errors
    /// [`EntryError::Form`] or [`EntryError::UnknownKind`].
    pub fn parse(bytes: &[u8]) -> Result<Self, EntryError> {
        let envelope = Envelope::parse(bytes)?;
        let unknown = || EntryError::UnknownKind {
            kind: envelope.kind.clone().into_owned(),
            version: envelope.version,
        };
        if envelope.version != ENTRY_VERSION {
            return Err(unknown());
        }
        let text = envelope.record.get();
        let record = match &*envelope.kind {
            "disclosure" => serde_json::from_str(text).map(Record::Disclosure),
            "refusal" => serde_json::from_str(text).map(Record::Refusal),
            "mention" => serde_json::from_str(text).map(Record::Mention),
            "policy_load" => serde_json::from_str(text).map(Record::PolicyLoad),
            "node_start" => serde_json::from_str(text).map(Record::NodeStart),
            "check" => serde_json::from_str(text).map(Record::Check),
            "dry_run" => serde_json::from_str(text).map(Record::DryRun),
            "consent_change" => serde_json::from_str(text).map(Record::ConsentChange),
            "seal_change" => serde_json::from_str(text).map(Record::SealChange),
            "emergency_review" => serde_json::from_str(text).map(Record::EmergencyReview),
            "look" => serde_json::from_str(text).map(Record::Look),
            "alert" => serde_json::from_str(text).map(Record::Alert),
            _ => return Err(unknown()),
        };
        let record = record.map_err(EntryError::Form)?;
        Ok(Self {
            time: envelope.time,
            nonce: envelope.nonce,
            record,
        })
    }
}

#[cfg(test)]
mod tests;
