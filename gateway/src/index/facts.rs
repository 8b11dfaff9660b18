//! What the index needs to know of an entry, read from its bytes without taking it apart whole.

use jiff::Timestamp;
use motlan_access_log::{
    details::parts::{Opener, Parts, RecordText},
    pseudonym::Pseudonym,
};
use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, Visitor},
};
use std::{borrow::Cow, collections::BTreeMap, fmt};

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
    /// A registry said that a record has changed.
    RegistryChange = 11,
}

/// What entries are searched by, beside the person and the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Facet {
    /// The kind as it is written.
    Kind = 0,
    Agency = 1,
    Client = 2,
    Officer = 3,
    Purpose = 4,
    Case = 5,
    /// A dataset that was asked for, or that changed.
    Dataset = 6,
    /// An attribute that was released.
    Attribute = 7,
    Outcome = 8,
    /// The rule of a denial or of an alert.
    Rule = 9,
    /// A registry that was asked, whether it answered or not, or that told of a change.
    Registry = 10,
    /// Every entry, with the value that says nothing.
    Entry = 11,
}

/// An entry as far as the index goes.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) kind: Kind,
    /// When it happened; `None` where that cannot be read.
    pub(super) time: Option<Timestamp>,
    /// The pseudonym of the person or enterprise that the entry is about.
    pub(super) subject: Option<[u8; 32]>,
    /// The question, where it matters to the queue of emergency uses.
    pub(super) emergency: Option<EmergencyFact>,
    /// Until when an order keeps it from the person it is about.
    pub(super) hidden_until: Option<Timestamp>,
}

/// Whom an entry says to be erased: it says so in clear, and is found with the person's others.
fn erased_person(kind: &str, record: &RecordText<'_>) -> Option<Pseudonym> {
    #[derive(Deserialize)]
    struct Erased {
        subject: Pseudonym,
    }
    match record {
        RecordText::Clear(text) if kind == "erasure" => {
            let erased: Option<Erased> = serde_json::from_str(text).ok();
            erased.map(|erased| erased.subject)
        }
        _ => None,
    }
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

/// The members of all kinds of records that the index looks at.
#[derive(Default, Deserialize)]
struct RecordPart<'a> {
    #[serde(borrow, default)]
    agency: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    attributes: Vec<Text<'a>>,
    #[serde(borrow, default)]
    case: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    change: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    client: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    consent: Option<ConsentPart<'a>>,
    /// Of a registry's change, as `registry`.
    #[serde(borrow, default)]
    dataset: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    datasets: BTreeMap<Text<'a>, Vec<OutcomePart<'a>>>,
    #[serde(borrow, default)]
    denied: Vec<DeniedPart<'a>>,
    #[serde(borrow, default)]
    emergency: Option<EmergencyPart<'a>>,
    #[serde(borrow, default)]
    hidden: Option<HiddenPart<'a>>,
    #[serde(borrow, default)]
    officer: Option<Officer<'a>>,
    #[serde(borrow, default)]
    purpose: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    query_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    reader: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    registry: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    rule: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    state: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    verdict: Option<Cow<'a, str>>,
}

/// A text that is borrowed also within lists.
#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
struct HiddenPart<'a> {
    #[serde(borrow)]
    until: Cow<'a, str>,
}

#[derive(Deserialize)]
struct ConsentPart<'a> {
    #[serde(borrow)]
    agency: Cow<'a, str>,
    #[serde(borrow)]
    purposes: Vec<Text<'a>>,
}

#[derive(Deserialize)]
struct OutcomePart<'a> {
    #[serde(borrow, default)]
    problem: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    registry: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    served_from: Option<Cow<'a, str>>,
    #[serde(default)]
    stale: bool,
}

impl OutcomePart<'_> {
    /// Whether the registry was asked, in vain or not. What is stale was served because it was asked
    /// in vain.
    fn was_asked(&self) -> bool {
        let in_vain = self.problem.is_some() || self.stale;
        in_vain || self.served_from.as_deref() == Some("registry")
    }
}

#[derive(Deserialize)]
struct DeniedPart<'a> {
    #[serde(borrow)]
    attribute: Cow<'a, str>,
    #[serde(borrow, default)]
    rule: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct EmergencyPart<'a> {
    #[serde(borrow)]
    review_due: Cow<'a, str>,
}

/// The id of an officer, who stands in a record of its own, or by id alone in an alert.
struct Officer<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Officer<'a> {
    /// By hand: an untagged enumeration would copy every member before it looks at them.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Id;
        impl<'de> Visitor<'de> for Id {
            type Value = Option<Cow<'de, str>>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an officer")
            }
            fn visit_borrowed_str<E>(self, id: &'de str) -> Result<Self::Value, E> {
                Ok(Some(Cow::Borrowed(id)))
            }
            fn visit_str<E>(self, id: &str) -> Result<Self::Value, E> {
                Ok(Some(Cow::Owned(id.to_owned())))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut id = None;
                while let Some(name) = map.next_key::<Text<'_>>()? {
                    if name.0 == "id" {
                        id = Some(map.next_value::<Text<'_>>()?.0);
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(id)
            }
        }
        let id = deserializer.deserialize_any(Id)?;
        id.map(Self).ok_or_else(|| D::Error::missing_field("id"))
    }
}

impl Facts {
    /// Reads what the index needs, and tells `found` every value that the entry can be searched by
    /// (some more than once). Of an erased entry the kind, the time and the person are left. An
    /// entry of a later version, whose members have other forms, is found by its kind and time.
    pub(super) fn read(
        entry: &[u8],
        opener: &mut Opener<'_>,
        found: &mut impl FnMut(Facet, &str),
    ) -> Self {
        found(Facet::Entry, "");
        let Ok(parts) = opener.open(entry) else {
            return Self {
                kind: Kind::Other,
                time: None,
                subject: None,
                emergency: None,
                hidden_until: None,
            };
        };
        let Parts {
            kind,
            time,
            subject,
            record,
            ..
        } = &parts;
        let time = time.parse().ok();
        let subject = subject.or_else(|| erased_person(kind, record));
        let subject = subject.map(|subject| subject.value.0);
        found(Facet::Kind, kind);
        let known = match record {
            RecordText::Clear(text) => {
                serde_json::from_str(text).map(|r| [r, RecordPart::default()])
            }
            RecordText::Opened(shown, withheld) => serde_json::from_slice(shown)
                .and_then(|shown| Ok([shown, serde_json::from_slice(withheld)?])),
            RecordText::Erased => Ok(Default::default()),
        };
        let erased = matches!(record, RecordText::Erased);
        let Ok(mut records) = known else {
            return Self {
                kind: Kind::Other,
                time,
                subject,
                emergency: None,
                hidden_until: None,
            };
        };
        for record in &records {
            record.tell(kind, found);
        }
        if !erased && let Some(outcome) = outcome_of(kind, &records) {
            found(Facet::Outcome, outcome);
        }
        let reader = records.iter().find_map(|record| record.reader.as_deref());
        let kind = Kind::of(kind, reader);
        let emergency = emergency(kind, &mut records);
        let hidden = records.iter().find_map(|record| record.hidden.as_ref());
        let hidden_until = hidden.and_then(|hidden| hidden.until.parse().ok());
        Self {
            kind,
            time,
            subject,
            emergency,
            hidden_until,
        }
    }
}

impl RecordPart<'_> {
    fn tell(&self, kind: &str, found: &mut impl FnMut(Facet, &str)) {
        let mut one = |facet, value: &Option<Cow<'_, str>>| {
            if let Some(value) = value {
                found(facet, value);
            }
        };
        one(Facet::Agency, &self.agency);
        one(Facet::Client, &self.client);
        one(Facet::Purpose, &self.purpose);
        one(Facet::Case, &self.case);
        one(Facet::Rule, &self.rule);
        one(Facet::Dataset, &self.dataset);
        one(Facet::Registry, &self.registry);
        if let Some(Officer(id)) = &self.officer {
            found(Facet::Officer, id);
        }
        if let Some(consent) = &self.consent {
            found(Facet::Agency, &consent.agency);
            for purpose in &consent.purposes {
                found(Facet::Purpose, &purpose.0);
            }
        }
        for (dataset, outcomes) in &self.datasets {
            found(Facet::Dataset, &dataset.0);
            for outcome in outcomes {
                let asked = outcome.was_asked().then_some(outcome.registry.as_ref());
                if let Some(registry) = asked.flatten() {
                    found(Facet::Registry, registry);
                }
            }
        }
        for attribute in &self.attributes {
            if is_release(kind) {
                found(Facet::Attribute, &attribute.0);
            }
            found(Facet::Dataset, dataset_of(&attribute.0));
        }
        for denied in &self.denied {
            found(Facet::Dataset, dataset_of(&denied.attribute));
            if let Some(rule) = &denied.rule {
                found(Facet::Rule, rule);
            }
        }
    }
}

/// The kinds of entries whose attributes left.
fn is_release(kind: &str) -> bool {
    matches!(kind, "disclosure" | "mention")
}

fn dataset_of(attribute: &str) -> &str {
    attribute
        .rsplit_once('.')
        .map_or(attribute, |(dataset, _)| dataset)
}

fn outcome_of<'a>(kind: &str, records: &'a [RecordPart<'_>; 2]) -> Option<&'a str> {
    let released = records.iter().any(|record| !record.attributes.is_empty());
    let word = records.iter().find_map(|record| {
        let words = [&record.change, &record.state, &record.verdict];
        words.into_iter().find_map(|word| word.as_deref())
    });
    outcome(kind, released, word)
}

/// What came of an entry: by its kind, whether it names attributes, and the word by which it says
/// what changed.
pub(crate) fn outcome<'a>(kind: &str, released: bool, word: Option<&'a str>) -> Option<&'a str> {
    Some(match kind {
        "disclosure" if released => "disclosed",
        "disclosure" => "nothing_disclosed",
        "refusal" => "refused",
        "mention" => "mentioned",
        "check" => "checked",
        "dry_run" => "explained",
        "look" => "looked",
        "alert" => "alerted",
        "erasure" => "erased",
        "pruning" => "pruned",
        "policy_load" | "mapping_load" => "loaded",
        "node_start" => "started",
        "registry_change" => "changed",
        "consent_change" | "seal_change" | "alert_review" | "emergency_review" => word?,
        _ => return None,
    })
}

fn emergency(kind: Kind, records: &mut [RecordPart<'_>; 2]) -> Option<EmergencyFact> {
    let query_id = records.iter_mut().find_map(|record| record.query_id.take());
    let emergency = records
        .iter_mut()
        .find_map(|record| record.emergency.take());
    let query_id = query_id?.into_owned();
    match (kind, emergency) {
        (Kind::Disclosure | Kind::Check, Some(emergency)) => Some(EmergencyFact::Use {
            query_id,
            review_due: emergency.review_due.into_owned(),
        }),
        (Kind::EmergencyReview, _) => Some(EmergencyFact::Review { query_id }),
        _ => None,
    }
}

impl Kind {
    const ALL: [Self; 12] = [
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
        Self::RegistryChange,
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
            "registry_change" => Self::RegistryChange,
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

impl Facet {
    pub(super) const COUNT: usize = 12;

    /// The facet as the index's keys know it.
    pub(super) const fn byte(self) -> u8 {
        self as u8
    }
}

/// The `reader` of a look into one's own entries.
pub const CITIZEN: &str = "citizen";
/// The `reader` of a look by a data protection officer.
pub const DATA_PROTECTION_OFFICER: &str = "data_protection_officer";

#[cfg(test)]
mod tests {
    use super::*;
    use motlan_access_log::details::DetailKeys;

    fn read(entry: &[u8]) -> (Facts, Vec<(Facet, String)>) {
        let keys = DetailKeys::kept_nowhere([1; 32]);
        let mut told = Vec::new();
        let facts = Facts::read(entry, &mut Opener::new(&keys), &mut |facet, value| {
            told.push((facet, value.to_owned()));
        });
        (facts, told)
    }

    #[test]
    fn every_kind_comes_back_from_its_byte() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_byte(kind.byte()), kind);
        }
        assert_eq!(Kind::from_byte(200), Kind::Other);
    }

    #[test]
    fn an_entry_that_is_not_understood_is_about_nobody() {
        for entry in [&b"not json"[..], b"{}"] {
            let (facts, told) = read(entry);
            assert_eq!((facts.kind, facts.subject), (Kind::Other, None));
            assert_eq!(told, [(Facet::Entry, String::new())]);
        }
    }

    #[test]
    fn an_officer_stands_in_a_record_or_by_id_alone() {
        for (officer, id) in [
            (r#""cb-1""#, "cb-1"),
            (r#"{"asserted_by":"token","id":"cb-1"}"#, "cb-1"),
            (r#"{"id":"cb\u002d1","later":[1]}"#, "cb-1"),
        ] {
            let Officer(found) = serde_json::from_str(officer).unwrap();
            assert_eq!(found, id, "{officer}");
        }
        for officer in ["7", "{}", r#"{"id":7}"#, "null"] {
            assert!(serde_json::from_str::<Officer<'_>>(officer).is_err());
        }
    }

    #[test]
    fn an_entry_of_a_later_version_is_found_by_its_kind_and_time() {
        let nonce = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        for record in [r#"{"agency": 7}"#, r#"{"denied": "all"}"#, "[]"] {
            let later = format!(
                r#"{{"kind":"later_kind","nonce":"{nonce}","record":{record},"time":"2026-11-21T08:00:00Z","version":2}}"#
            );
            let (facts, told) = read(later.as_bytes());
            assert_eq!(facts.kind, Kind::Other);
            assert!(facts.time.is_some());
            let kind = (Facet::Kind, "later_kind".to_owned());
            assert_eq!(told, [(Facet::Entry, String::new()), kind]);
        }
    }
}
