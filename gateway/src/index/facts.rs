//! What the index needs to know of an entry, read from its bytes without taking it apart whole.

use motlan_access_log::{details::DetailKeys, pseudonym::Pseudonym};
use serde::Deserialize;
use std::borrow::Cow;

/// The kind of an entry, as the index keeps it beside the entry's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// None of those below; found, and not understood.
    Other = 0,
    /// Data left.
    Disclosure = 1,
    /// A question was refused as a whole.
    Refusal = 2,
    /// An answer about somebody else identified the person.
    Mention = 3,
    /// A statement was checked.
    Check = 4,
    /// A decision was explained.
    DryRun = 5,
    /// A consent changed.
    ConsentChange = 6,
    /// A seal changed.
    SealChange = 7,
    /// Somebody in office looked into the person's entries.
    Look = 8,
    /// The person looked into their own entries.
    OwnLook = 9,
    /// An emergency use was reviewed.
    EmergencyReview = 10,
}

/// An entry as far as the index goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) kind: Kind,
    /// The pseudonym of the person or enterprise that the entry is about.
    pub(super) subject: Option<[u8; 32]>,
    /// The question, where it matters to the queue of emergency uses.
    pub(super) emergency: Option<EmergencyFact>,
}

/// What an entry says about an emergency use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum EmergencyFact {
    /// It is one, to be reviewed until then.
    Use {
        query_id: String,
        review_due: String,
    },
    /// It is the review of one.
    Review { query_id: String },
}

#[derive(Deserialize)]
struct EntryPart<'a> {
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    record: RecordPart<'a>,
}

#[derive(Deserialize)]
struct RecordPart<'a> {
    #[serde(borrow, default)]
    emergency: Option<EmergencyPart<'a>>,
    #[serde(borrow, default)]
    query_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    reader: Option<Cow<'a, str>>,
    #[serde(default)]
    subject: Option<Pseudonym>,
}

#[derive(Deserialize)]
struct EmergencyPart<'a> {
    #[serde(borrow)]
    review_due: Cow<'a, str>,
}

impl Facts {
    /// Reads what the index needs. An entry of a later version, whose members have other forms, is
    /// of another kind and about nobody here.
    pub(super) fn read(entry: &[u8], details: &DetailKeys) -> Self {
        // Of an erased person, the kind and the pseudonym are left.
        let opened = details.open_entry(entry).unwrap_or(Cow::Borrowed(entry));
        let Ok(EntryPart { kind, record }) = serde_json::from_slice(&opened) else {
            return Self {
                kind: Kind::Other,
                subject: None,
                emergency: None,
            };
        };
        let kind = Kind::of(&kind, record.reader.as_deref());
        let query_id = record.query_id.map(Cow::into_owned);
        let emergency = match (kind, record.emergency, query_id) {
            (Kind::Disclosure | Kind::Check, Some(emergency), Some(query_id)) => {
                let review_due = emergency.review_due.into_owned();
                Some(EmergencyFact::Use {
                    query_id,
                    review_due,
                })
            }
            (Kind::EmergencyReview, _, Some(query_id)) => Some(EmergencyFact::Review { query_id }),
            _ => None,
        };
        Self {
            kind,
            subject: record.subject.map(|subject| subject.value.0),
            emergency,
        }
    }
}

impl Kind {
    const ALL: [Self; 11] = [
        Self::Other,
        Self::Disclosure,
        Self::Refusal,
        Self::Mention,
        Self::Check,
        Self::DryRun,
        Self::ConsentChange,
        Self::SealChange,
        Self::Look,
        Self::OwnLook,
        Self::EmergencyReview,
    ];

    fn of(kind: &str, reader: Option<&str>) -> Self {
        match kind {
            "disclosure" => Self::Disclosure,
            "refusal" => Self::Refusal,
            "mention" => Self::Mention,
            "check" => Self::Check,
            "dry_run" => Self::DryRun,
            "consent_change" => Self::ConsentChange,
            "seal_change" => Self::SealChange,
            "look" if reader == Some(CITIZEN) => Self::OwnLook,
            "look" => Self::Look,
            "emergency_review" => Self::EmergencyReview,
            _ => Self::Other,
        }
    }

    /// The kind as the index keeps it.
    pub(super) const fn byte(self) -> u8 {
        self as u8
    }

    /// The kind of a byte that [`Kind::byte`] made.
    pub(super) fn from_byte(byte: u8) -> Self {
        let known = Self::ALL.get(usize::from(byte));
        known.copied().unwrap_or(Self::Other)
    }
}

/// The `reader` of a look into one's own entries.
pub const CITIZEN: &str = "citizen";
/// The `reader` of a look by a data protection officer.
pub const DATA_PROTECTION_OFFICER: &str = "data_protection_officer";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_comes_back_from_its_byte() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_byte(kind.byte()), kind);
        }
        assert_eq!(Kind::from_byte(200), Kind::Other);
    }

    #[test]
    fn an_entry_that_is_not_understood_is_about_nobody() {
        for entry in [
            &b"not json"[..],
            b"{}",
            br#"{"kind": "disclosure", "record": {"subject": "somebody"}}"#,
        ] {
            let facts = Facts::read(entry, &DetailKeys::kept_nowhere([1; 32]));
            assert_eq!((facts.kind, facts.subject), (Kind::Other, None));
        }
        let later = br#"{"kind": "registry_change", "record": {}, "version": 2}"#;
        assert_eq!(
            Facts::read(later, &DetailKeys::kept_nowhere([1; 32])).kind,
            Kind::Other
        );
    }
}
