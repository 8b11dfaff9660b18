//! Everything that the log says about one person (Article 15 of the GDPR; Article 4 of Law
//! 91/2025/QH15): who was told what, when, for what and on which ground, out of which registry.
//!
//! There are two copies. The officer's has everything, and marks what an order hides from the
//! citizen. The citizen's has what the citizen may see: no officer, no program, nothing that an order
//! still hides, and no other person.

use super::{Found, ReportError, found};
use crate::{
    erasure::hidden,
    index::{CITIZEN, Entries},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use motlan_access_log::entry::{Entry, Record, record::Access};
use motlan_policies::consent::Consent;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// Who reads the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReportAudience)]
pub enum Audience {
    /// The person it is about.
    Citizen,
    /// A data protection officer.
    Officer,
}

/// What the log says about one person or enterprise.
#[derive(Debug, Default)]
pub struct Report {
    /// The entries, oldest first.
    pub lines: Vec<Line>,
    /// Who was told, by agency.
    pub recipients: BTreeMap<String, Recipient>,
    /// How many entries of each kind.
    pub kinds: BTreeMap<&'static str, u64>,
    /// Entries whose details are erased.
    pub erased: u64,
    /// Entries that an order hides from the citizen now; nobody but the officer is told.
    pub hidden: u64,
}

/// One entry.
#[derive(Debug)]
pub struct Line {
    /// Where it stands.
    pub leaf_index: u64,
    /// Its hash in the tree, base64.
    pub leaf_hash: String,
    /// Its kind.
    pub kind: String,
    /// When it happened, in UTC.
    pub time: String,
    /// What it says; `None` where that is erased.
    pub entry: Option<Entry>,
    /// Until when an order hides it from the citizen.
    pub hidden_until: Option<Timestamp>,
}

/// An agency that was told something.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ReportRecipient)]
pub struct Recipient {
    /// Answers with data about the person.
    pub disclosures: u64,
    /// Statements that were answered with yes or no.
    pub checks: u64,
    /// Answers about others that named the person.
    pub mentions: u64,
    /// Questions that were refused.
    pub refusals: u64,
    /// The first time, in UTC.
    pub first: String,
    /// The last time.
    pub last: String,
    /// What it was told, by full dotted names.
    pub attributes: BTreeSet<String>,
    /// Out of which registries.
    pub registries: BTreeSet<String>,
}

/// A consent of the person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReportConsent)]
pub struct ConsentLine {
    /// Its id.
    pub consent_id: String,
    /// The agency.
    pub agency: String,
    /// The procedures.
    pub purposes: Vec<String>,
    /// `given`, `withdrawn`, `used_up` or `expired`.
    pub state: &'static str,
    /// From when it counts, in UTC.
    pub from: String,
    /// Until when.
    pub until: String,
}

/// How long what is kept, for the report.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = ReportRetention)]
pub struct Kept {
    /// Entries of months older than this are removed.
    pub entries_months: u16,
    /// What entries of months older than this say about people becomes unreadable.
    pub details_months: u16,
    /// The first entry of the log that is kept.
    pub first: u64,
}

impl Report {
    /// Reads the entries at these places, oldest first.
    ///
    /// # Errors
    /// [`ReportError`].
    pub fn of(
        entries: &Entries,
        places: &[u64],
        audience: Audience,
        now: Timestamp,
    ) -> Result<Self, ReportError> {
        let mut report = Self::default();
        for place in places {
            if let Some(found) = found(entries, *place)? {
                report.take(found, audience, now);
            }
        }
        Ok(report)
    }

    fn take(&mut self, found: Found, audience: Audience, now: Timestamp) {
        let until = found.entry.as_ref().and_then(|entry| hidden(&entry.record));
        let until = until.map(|hidden| hidden.until.parse().unwrap_or(Timestamp::MAX));
        let hidden_until = until.filter(|until| now < *until);
        if hidden_until.is_some() {
            self.hidden += 1;
            if audience == Audience::Citizen {
                return;
            }
        }
        match &found.entry {
            Some(entry) => {
                if audience == Audience::Citizen && !is_for_citizen(&entry.record) {
                    return;
                }
                *self.kinds.entry(entry.record.kind()).or_default() += 1;
                self.recipient(entry);
            }
            None => self.erased += 1,
        }
        self.lines.push(Line {
            leaf_index: found.leaf_index,
            leaf_hash: STANDARD.encode(found.leaf_hash),
            kind: found.kind,
            time: found.time,
            entry: found.entry,
            hidden_until,
        });
    }

    fn recipient(&mut self, entry: &Entry) {
        let (agency, attributes) = match &entry.record {
            Record::Disclosure(a) | Record::Check(a) | Record::Refusal(a) => {
                (&a.agency, &a.attributes)
            }
            Record::Mention(mention) => (&mention.agency, &mention.attributes),
            _ => return,
        };
        let recipient = self.recipients.entry(agency.clone()).or_default();
        if recipient.first.is_empty() || entry.time < recipient.first {
            recipient.first.clone_from(&entry.time);
        }
        if entry.time > recipient.last {
            recipient.last.clone_from(&entry.time);
        }
        match &entry.record {
            Record::Refusal(_) => recipient.refusals += 1,
            // Of what was looked at for a check, nothing was told.
            Record::Check(_) => recipient.checks += 1,
            Record::Mention(_) => {
                recipient.mentions += 1;
                recipient.attributes.extend(attributes.iter().cloned());
            }
            Record::Disclosure(access) => {
                recipient.disclosures += u64::from(!attributes.is_empty());
                recipient.attributes.extend(attributes.iter().cloned());
                recipient.registries.extend(registries(access));
            }
            _ => {}
        }
    }
}

/// That somebody is under protection, how an emergency use was reviewed, and when a registry changed a
/// record (it may be marked for an investigation) is for the officer; and a citizen knows when they
/// looked themselves.
fn is_for_citizen(record: &Record) -> bool {
    let is_for_officers = matches!(
        record,
        Record::SealChange(_) | Record::EmergencyReview(_) | Record::RegistryChange(_)
    );
    !is_for_officers && !is_own_look(record)
}

/// Whether it is a look of the person at their own entries.
#[must_use]
pub fn is_own_look(record: &Record) -> bool {
    matches!(record, Record::Look(look) if look.reader == CITIZEN)
}

/// The registries whose data left with an answer.
fn registries(access: &Access) -> impl Iterator<Item = String> + '_ {
    let served = access.datasets.values().flatten();
    let served = served.filter(|outcome| outcome.served_from.is_some());
    served.filter_map(|outcome| outcome.registry.clone())
}

/// A consent as it stands now.
#[must_use]
pub fn consent_line(consent: &Consent, now: Timestamp) -> ConsentLine {
    let wire = motlan_schemas::clock::wire_time;
    ConsentLine {
        consent_id: consent.id.to_string(),
        agency: consent.agency.to_string(),
        purposes: consent.purposes.iter().map(ToString::to_string).collect(),
        state: consent.state_at(now).as_str(),
        from: wire(consent.from),
        until: wire(consent.until),
    }
}

/// The record of an entry as JSON, as it was before it was sealed: for the officer.
#[must_use]
pub fn opened(entries: &Entries, leaf_index: u64) -> Option<Value> {
    let bytes = entries.tiles.entry(leaf_index).ok()?;
    let opened = entries.details.open_entry(&bytes).ok()?;
    let mut entry: Value = serde_json::from_slice(&opened).ok()?;
    entry.get_mut("record").map(Value::take)
}
