//! A question as an entry of the log tells it.

use jiff::Timestamp;
use motlan_access_log::{
    details::{DetailKeys, DetailsError},
    entry::{
        Entry, Record,
        record::{Access, AssertedBy, Basis},
    },
};
use motlan_policies::{
    decide::{ConsentStanding, PastAttribute, PastQuestion},
    known::{Seal, SubjectStatus, Verified},
    permit,
};
use motlan_schemas::{
    answer::DenialReason,
    catalogue::{Catalogue, SubjectKind},
    check::CheckKind,
    ids::{AgencyId, ClientId, PurposeId, SlugError},
    query::Relation,
};

/// What an entry says of a question, in the words of the policies.
pub(super) struct Question {
    pub(super) agency: AgencyId,
    client: ClientId,
    pub(super) purpose: PurposeId,
    /// The beginning of the pseudonym: enough to count different subjects.
    pub(super) subject: [u8; 8],
    kind: SubjectKind,
    attributes: Vec<(String, ConsentStanding)>,
    at: Timestamp,
    access: Box<Access>,
}

/// Why an entry about a question cannot be understood.
#[derive(Debug, thiserror::Error)]
pub(super) enum StrangeEntry {
    /// No entry.
    #[error(transparent)]
    Entry(#[from] DetailsError),
    /// A name of an agency, a client or a purpose that is none.
    #[error(transparent)]
    Name(#[from] SlugError),
    /// Its time.
    #[error(transparent)]
    Time(#[from] jiff::Error),
}

impl Question {
    /// The question of an entry; `None` where the entry is about something else.
    pub(super) fn of(
        entry: &[u8],
        details: &DetailKeys,
        catalogue: &Catalogue,
    ) -> Result<Option<Self>, StrangeEntry> {
        if !KINDS.iter().any(|kind| entry.starts_with(kind)) {
            return Ok(None);
        }
        let Entry { time, record, .. } = details.read(entry)?;
        let (Record::Disclosure(access) | Record::Refusal(access) | Record::Check(access)) = record
        else {
            return Ok(None);
        };
        let is_lookup = access.check.is_some() && check(&access).is_none();
        if is_lookup {
            // The gateway's own question, whether somebody may act for another.
            return Ok(None);
        }
        let attributes = attributes(&access);
        let kind = attributes
            .iter()
            .find_map(|(name, _)| catalogue.resolve(name).ok())
            .map_or(SubjectKind::Person, |(id, _)| catalogue.dataset(id).subject);
        let (subject, _) = access
            .subject
            .value
            .0
            .split_first_chunk()
            .unwrap_or((&[0; 8], &[]));
        Ok(Some(Self {
            agency: access.agency.parse()?,
            client: access.client.parse()?,
            purpose: access.purpose.parse()?,
            subject: *subject,
            kind,
            attributes,
            at: time.parse()?,
            access: Box::new(access),
        }))
    }

    pub(super) fn attributes(&self) -> impl Iterator<Item = &str> {
        self.attributes.iter().map(|(name, _)| name.as_str())
    }

    /// Shows the question as the policies take it.
    pub(super) fn with<T>(&self, decide: impl FnOnce(&PastQuestion<'_>) -> T) -> T {
        let attributes: Vec<_> = self
            .attributes
            .iter()
            .map(|(name, consent)| PastAttribute {
                name,
                consent: *consent,
            })
            .collect();
        let access = &self.access;
        decide(&PastQuestion {
            agency: &self.agency,
            client: &self.client,
            officer: access
                .officer
                .as_ref()
                .map(|officer| match officer.asserted_by {
                    AssertedBy::Token => permit::AssertedBy::Token,
                    AssertedBy::Agency => permit::AssertedBy::Agency,
                }),
            case_named: access.case.is_some(),
            purpose: &self.purpose,
            attributes: &attributes,
            at: self.at,
            zone: access.zone.as_deref(),
            subject: self.kind,
            status: status(access),
            subject_is_minor: refused_by(access, MINORS),
            consent_by_another: false,
            applicant: applicant(access),
            emergency_named: access.emergency.is_some(),
            check: check(access),
        })
    }
}

/// How the entries of questions begin: the others are not parsed.
const KINDS: [&[u8]; 3] = [
    br#"{"kind":"disclosure""#,
    br#"{"kind":"refusal""#,
    br#"{"kind":"check""#,
];

/// What was asked for, released or not, and where the consent to each stood.
fn attributes(access: &Access) -> Vec<(String, ConsentStanding)> {
    let standing = match access.basis {
        Some(Basis::Consent { .. }) => ConsentStanding::Given,
        _ => ConsentStanding::Absent,
    };
    let permitted = access.attributes.iter().chain(&access.unobtained);
    let mut attributes: Vec<_> = permitted.map(|name| (name.clone(), standing)).collect();
    attributes.extend(access.denied.iter().map(|denied| {
        let standing = match denied.reason.as_ref() {
            reason if reason == DenialReason::ConsentExpired.as_str() => ConsentStanding::Expired,
            reason if reason == DenialReason::ConsentRevoked.as_str() => ConsentStanding::Revoked,
            _ => ConsentStanding::Absent,
        };
        (denied.attribute.clone(), standing)
    }));
    attributes
}

fn status(access: &Access) -> SubjectStatus {
    let mut sealed = access
        .denied
        .iter()
        .filter(|denied| denied.reason == DenialReason::Sealed.as_str())
        .peekable();
    let seal = match sealed.peek() {
        None => Seal::None,
        // Where something else was released, only the address was sealed.
        Some(_) if !access.attributes.is_empty() => Seal::Address,
        Some(_) => Seal::Identity,
    };
    SubjectStatus {
        seal,
        deceased: DEAD.iter().any(|rule| refused_by(access, rule)),
    }
}

fn refused_by(access: &Access, rule: &str) -> bool {
    let mut denied = access.denied.iter();
    denied.any(|denied| denied.rule.as_deref() == Some(rule))
}

fn applicant(access: &Access) -> Option<(Relation, Verified)> {
    let acting = access.acting.as_ref()?;
    let relation = Relation::ALL
        .into_iter()
        .find(|relation| relation.as_str() == acting.relation)?;
    let verified = match acting.verified_by {
        Some(_) => Verified::Confirmed,
        None => Verified::Refuted,
    };
    Some((relation, verified))
}

fn check(access: &Access) -> Option<CheckKind> {
    let word = access.check.as_deref()?;
    CheckKind::ALL
        .into_iter()
        .find(|kind| kind.as_str() == word)
}

/// The rules by which the log tells that a subject was a minor, or dead.
const MINORS: &str = "minors-consent-through-a-parent";
const DEAD: [&str; 2] = ["consent-ends-with-death", "the-dead-are-left-alone"];
