//! What the access log says of a query: one entry about its subject, and one about every other
//! person whom the answer identifies.

use super::{Read, federation, known::Learned, project::status, seconds_between};
use crate::{
    officers::Officers,
    random::{self, Random},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use motlan_access_log::{
    details::DetailKeys,
    entry::{
        EncodedEntry, Entry, Record,
        record::{self, Access, Acting, Bytes32, Mention, Outcome, Word},
    },
    log::{AppendError, Appended},
    pseudonym::{Pseudonym, Pseudonymiser, SubjectKind},
};
use motlan_policies::{
    decide::Decision,
    permit::{Asking, AssertedBy},
    purpose::Purpose,
};
use motlan_schemas::{
    answer::{Answer, Basis, DatasetStatus, Receipt, RegistryProblem},
    catalogue::Catalogue,
    clock::wire_time,
    ids::PersonalId,
    query::{Query, Relation, Subject},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Writes entries for one log.
#[derive(Debug)]
pub struct EntryWriter {
    catalogue: Arc<Catalogue>,
    pseudonyms: Pseudonymiser,
    details: Arc<DetailKeys>,
    origin: String,
    officers: Option<Arc<Officers>>,
}

/// A query at the moment before its answer leaves.
pub(super) struct Happened<'a> {
    pub(super) query: &'a Query,
    pub(super) decision: &'a Decision,
    pub(super) reads: &'a [Read],
    pub(super) answer: &'a Answer,
    pub(super) learned: &'a Learned,
    /// Of the answer's bytes; `None` where no data leaves.
    pub(super) digest: Option<[u8; 32]>,
    /// What it was asked for.
    pub(super) purpose: Option<&'a Arc<Purpose>>,
    pub(super) trace_id: u128,
    pub(super) now: Timestamp,
    pub(super) random: &'a dyn Random,
}

impl EntryWriter {
    /// A writer for the log of that origin.
    #[must_use]
    pub const fn new(
        catalogue: Arc<Catalogue>,
        pseudonyms: Pseudonymiser,
        details: Arc<DetailKeys>,
        origin: String,
    ) -> Self {
        Self {
            catalogue,
            pseudonyms,
            details,
            origin,
            officers: None,
        }
    }

    /// The same, which also tells how near officers are to subjects.
    #[must_use]
    pub fn with_officers(self, officers: Arc<Officers>) -> Self {
        Self {
            officers: Some(officers),
            ..self
        }
    }

    /// The bytes of an entry, its details sealed if it is about somebody.
    ///
    /// # Errors
    /// The entry cannot be written; what it would have told must then not happen.
    pub fn seal(&self, entry: &Entry) -> Result<EncodedEntry, AppendError> {
        self.details.seal(entry).map_err(|error| {
            tracing::error!(%error, "an entry cannot be written");
            AppendError::TooLarge
        })
    }

    /// The keys that open what entries say about people.
    #[must_use]
    pub const fn details(&self) -> &Arc<DetailKeys> {
        &self.details
    }

    /// How the log knows a person.
    #[must_use]
    pub fn pseudonym(&self, person: &PersonalId) -> Pseudonym {
        self.pseudonyms
            .pseudonym(SubjectKind::Person, person.expose())
    }

    /// How the log knows a person, by every key it ever had.
    #[must_use]
    pub fn pseudonyms(&self, person: &PersonalId) -> Vec<Pseudonym> {
        self.pseudonyms
            .all_pseudonyms(SubjectKind::Person, person.expose())
    }

    /// How the log knows a person or an enterprise, by every key it ever had.
    #[must_use]
    pub fn all_pseudonyms(&self, subject: &Subject) -> Vec<Pseudonym> {
        match subject {
            Subject::Person(person) => self.pseudonyms(person),
            Subject::Enterprise(code) => self
                .pseudonyms
                .all_pseudonyms(SubjectKind::Enterprise, code.as_str()),
        }
    }

    /// The log's name.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The entries, the one about the subject first.
    pub(super) fn entries(
        &self,
        happened: &Happened<'_>,
    ) -> Result<Vec<EncodedEntry>, AppendError> {
        let access = self.access(happened);
        let about_subject = match happened.query.question.check {
            _ if happened.reads.is_empty() => Record::Refusal(access),
            Some(_) => Record::Check(access),
            None => Record::Disclosure(access),
        };
        let mut entries = vec![self.encode(happened, about_subject)?];
        // A check tells nobody anything about the persons whom the records name.
        if happened.digest.is_some() && happened.query.question.check.is_none() {
            for (person, attributes) in self.persons(happened) {
                let mention = self.mention(happened, person, &attributes);
                entries.push(self.encode(happened, Record::Mention(mention))?);
            }
        }
        Ok(entries)
    }

    /// The entry of looking up whether somebody may act for the subject; nobody is told more.
    pub(super) fn lookup(
        &self,
        happened: &Happened<'_>,
        relation: Relation,
    ) -> Result<EncodedEntry, AppendError> {
        let looked_at = happened.reads.iter().flat_map(|read| {
            let dataset = self.catalogue.dataset(read.permit.dataset());
            let attributes = dataset.attributes_in(read.permit.attributes());
            attributes.map(|attribute| attribute.path.to_string())
        });
        let mut attributes: Vec<_> = looked_at.collect();
        attributes.sort_unstable();
        attributes.dedup();
        let check = match relation {
            Relation::Parent => "is_parent",
            Relation::Guardian => "is_guardian",
            Relation::Attorney => "is_attorney",
        };
        let access = Access {
            attributes,
            check: Some(check.into()),
            unobtained: Vec::new(),
            ..self.access(happened)
        };
        self.encode(happened, Record::Check(access))
    }

    /// The entry of a decision that was explained without being used.
    pub(super) fn dry_run(&self, happened: &Happened<'_>) -> Result<EncodedEntry, AppendError> {
        self.encode(happened, Record::DryRun(self.access(happened)))
    }

    /// Every name that entries may know a subject by.
    #[must_use]
    pub fn pseudonyms_of(&self, subject: &Subject) -> Vec<Pseudonym> {
        match subject {
            Subject::Person(person) => self.pseudonyms(person),
            Subject::Enterprise(code) => self
                .pseudonyms
                .all_pseudonyms(SubjectKind::Enterprise, code.as_str()),
        }
    }

    /// Whom an entry is about.
    pub(crate) fn subject(&self, subject: &Subject) -> Pseudonym {
        match subject {
            Subject::Person(person) => self.pseudonym(person),
            Subject::Enterprise(code) => self
                .pseudonyms
                .pseudonym(SubjectKind::Enterprise, code.as_str()),
        }
    }

    fn encode(&self, happened: &Happened<'_>, record: Record) -> Result<EncodedEntry, AppendError> {
        self.seal(&Entry {
            time: wire_time(happened.now),
            nonce: Bytes32(random::bytes(happened.random)),
            record,
        })
    }

    /// The receipt of an entry, for its caller.
    pub(crate) fn receipt(&self, appended: Option<&Appended>) -> Receipt {
        let (leaf_index, leaf_hash) = appended.map_or((0, String::new()), |a| {
            (a.leaf_index.0, STANDARD.encode(a.leaf_hash))
        });
        Receipt {
            log: self.origin.clone(),
            leaf_index,
            leaf_hash,
            checkpoint: "/v1/access-log/checkpoint".to_owned(),
        }
    }

    fn access(&self, happened: &Happened<'_>) -> Access {
        let asking = &happened.decision.asking;
        Access {
            acting: self.acting(happened),
            agency: asking.agency.to_string(),
            answer_digest: happened.digest.map(Bytes32),
            attributes: self.released(happened),
            basis: happened
                .reads
                .first()
                .map(|read| basis(read.permit.basis())),
            case: asking.case.as_ref().map(ToString::to_string),
            check: happened
                .query
                .question
                .check
                .map(|check| check.as_str().into()),
            client: asking.client.to_string(),
            closeness: self.closeness(happened),
            datasets: self.outcomes(happened),
            denied: self.denied(happened.decision),
            emergency: emergency(happened),
            emergency_reason: (happened.query.question.emergency.as_ref())
                .map(|emergency| emergency.reason.to_string()),
            hidden: hidden(happened),
            officer: officer(asking),
            policy_version: happened.decision.policy_version.to_string(),
            purpose: asking.purpose.to_string(),
            query_id: asking.query_id.to_string(),
            subject: self.subject(&happened.query.subject),
            trace_id: Some(format!("{:032x}", happened.trace_id)),
            unobtained: self.unobtained(happened),
            zone: happened.learned.zone.as_deref().map(str::to_owned),
        }
    }

    /// How near the officer is to the subject, as far as the officers' directory and the answer
    /// itself tell.
    fn closeness(&self, happened: &Happened<'_>) -> Vec<Word> {
        let asking = &happened.decision.asking;
        let (Some(officers), Some(officer), Subject::Person(person)) =
            (&self.officers, &asking.officer, &happened.query.subject)
        else {
            return Vec::new();
        };
        let names = self.names(happened);
        let names = names.iter().map(String::as_str);
        let found = officers.closeness(asking.agency.as_str(), officer.id.as_str(), person, names);
        found.into_iter().map(|near| near.as_str().into()).collect()
    }

    /// The subject's full name, where the answer tells it.
    fn names(&self, happened: &Happened<'_>) -> Vec<String> {
        let identity = self.catalogue.dataset_named("population.identity");
        let name = identity.and_then(|identity| identity.attribute("full_name"));
        let (Some(identity), Some(name), Some(_)) = (identity, name, happened.digest) else {
            return Vec::new();
        };
        let reads = happened.reads.iter();
        let of_identity = reads.filter(|read| read.permit.dataset() == identity.id);
        let readings = of_identity.filter_map(|read| read.reading.as_ref().ok());
        readings
            .flat_map(|reading| reading.texts(name.index))
            .collect()
    }

    fn acting(&self, happened: &Happened<'_>) -> Option<Acting> {
        let applicant = happened.query.question.applicant.as_ref()?;
        Some(Acting {
            person: self.pseudonym(&applicant.person),
            relation: applicant.relation.as_str().into(),
            verified_by: happened.learned.verified_by.clone(),
        })
    }

    fn mention(
        &self,
        happened: &Happened<'_>,
        person: PersonalId,
        attributes: &BTreeSet<Arc<str>>,
    ) -> Mention {
        let asking = &happened.decision.asking;
        Mention {
            agency: asking.agency.to_string(),
            attributes: attributes.iter().map(ToString::to_string).collect(),
            basis: happened
                .reads
                .first()
                .map(|read| basis(read.permit.basis())),
            client: asking.client.to_string(),
            hidden: hidden(happened),
            officer: officer(asking),
            policy_version: happened.decision.policy_version.to_string(),
            purpose: asking.purpose.to_string(),
            query_id: asking.query_id.to_string(),
            subject: self.pseudonym(&person),
            trace_id: Some(format!("{:032x}", happened.trace_id)),
        }
    }

    /// The attributes that leave, or that a check looked at, sorted. An attribute that the registry
    /// has no value for counts: "not recorded" is told too.
    fn released(&self, happened: &Happened<'_>) -> Vec<String> {
        if happened.digest.is_none() && happened.query.question.check.is_none() {
            return Vec::new();
        }
        let mut names = Vec::new();
        for reads in federation::by_dataset(happened.reads) {
            // Of several registries, all were read through the same permit.
            let (Some(read), Some(reading)) = (reads.first(), federation::present(reads).next())
            else {
                continue;
            };
            let dataset = self.catalogue.dataset(read.permit.dataset());
            let released = dataset.attributes_in(reading.attributes());
            names.extend(released.map(|attribute| attribute.path.to_string()));
        }
        names.sort_unstable();
        names
    }

    /// What was permitted and does not leave: then no registry had anything, or could say it, or
    /// something else kept the whole answer back. Which of several could not say is in its outcome.
    fn unobtained(&self, happened: &Happened<'_>) -> Vec<String> {
        let kept_back = happened.digest.is_none() && happened.query.question.check.is_none();
        let missing = |reads: &&[Read]| kept_back || federation::present(reads).next().is_none();
        let mut names = Vec::new();
        for read in federation::by_dataset(happened.reads)
            .filter(missing)
            .filter_map(<[Read]>::first)
        {
            let dataset = self.catalogue.dataset(read.permit.dataset());
            let permitted = dataset.attributes_in(read.permit.attributes());
            names.extend(permitted.map(|attribute| attribute.path.to_string()));
        }
        names.sort_unstable();
        names
    }

    fn denied(&self, decision: &Decision) -> Vec<record::Denied> {
        let mut lines = Vec::new();
        for denied in &decision.denials {
            let dataset = self.catalogue.dataset(denied.dataset);
            lines.extend(dataset.attributes_in(denied.attributes).map(|attribute| {
                record::Denied {
                    attribute: attribute.path.to_string(),
                    reason: denied.reason.as_str().into(),
                    rule: Some(denied.rule.to_string().into()),
                }
            }));
        }
        lines
    }

    fn outcomes(&self, happened: &Happened<'_>) -> BTreeMap<String, Vec<Outcome>> {
        let mut outcomes: BTreeMap<String, Vec<Outcome>> = BTreeMap::new();
        for read in happened.reads {
            let dataset = self.catalogue.dataset(read.permit.dataset());
            let registry = read.from.registry().map(ToString::to_string);
            let outcome = match &read.reading {
                Ok(reading) => Outcome {
                    age_seconds: Some(seconds_between(reading.as_of(), happened.now)),
                    as_of: Some(wire_time(reading.as_of())),
                    over_delivered: reading.over_delivered() as u64,
                    registry,
                    requests: reading.take_requests(),
                    served_from: Some(reading.served_from.as_str().into()),
                    stale: reading.stale,
                    status: status(reading).as_str().into(),
                    ..Outcome::default()
                },
                Err(problem) => Outcome {
                    problem: Some(RegistryProblem::as_str(*problem).into()),
                    registry,
                    status: DatasetStatus::Unavailable.as_str().into(),
                    ..Outcome::default()
                },
            };
            let of_dataset = outcomes.entry(dataset.name.to_string());
            of_dataset.or_default().push(outcome);
        }
        for (name, answer) in &happened.answer.datasets.0 {
            if answer.status == DatasetStatus::Denied {
                let status = DatasetStatus::Denied.as_str().into();
                outcomes.insert(
                    name.to_string(),
                    vec![Outcome {
                        status,
                        ..Outcome::default()
                    }],
                );
            }
        }
        outcomes
    }

    /// The other persons whom the answer identifies, with the attributes that do so.
    fn persons(&self, happened: &Happened<'_>) -> BTreeMap<PersonalId, BTreeSet<Arc<str>>> {
        let mut persons: BTreeMap<PersonalId, BTreeSet<Arc<str>>> = BTreeMap::new();
        for read in happened.reads {
            let Ok(reading) = &read.reading else { continue };
            let dataset = self.catalogue.dataset(read.permit.dataset());
            for (person, attribute) in reading.persons(dataset) {
                if matches!(&happened.query.subject, Subject::Person(s) if *s == person) {
                    continue;
                }
                let path = dataset
                    .attributes
                    .get(usize::from(attribute.get()))
                    .map(|a| &a.path);
                persons.entry(person).or_default().extend(path.cloned());
            }
        }
        persons
    }
}

fn emergency(happened: &Happened<'_>) -> Option<record::Emergency> {
    let emergency = happened.query.question.emergency.as_ref()?;
    let hours = happened.purpose.and_then(|purpose| purpose.review_hours);
    let review_within = SignedDuration::from_hours(hours.map_or(0, i64::from));
    let due = happened.now.saturating_add(review_within);
    Some(record::Emergency {
        ground: emergency.ground.as_str().into(),
        review_due: wire_time(due.unwrap_or(Timestamp::MAX)),
    })
}

/// The order that keeps the entry from the person it is about; it was checked with the question.
fn hidden(happened: &Happened<'_>) -> Option<record::Hidden> {
    let hidden = happened.query.question.hidden.as_ref()?;
    let hiding = happened.purpose?.hiding.as_ref()?;
    Some(record::Hidden {
        ground: hiding.reference.to_string(),
        order: hidden.order.to_string(),
        until: wire_time(hidden.until),
    })
}

fn officer(asking: &Asking) -> Option<record::Officer> {
    asking.officer.as_ref().map(|officer| record::Officer {
        asserted_by: match officer.asserted_by {
            AssertedBy::Token => record::AssertedBy::Token,
            AssertedBy::Agency => record::AssertedBy::Agency,
        },
        id: officer.id.to_string(),
    })
}

fn basis(basis: &Basis) -> record::Basis {
    match basis {
        Basis::Law { reference } => record::Basis::Law {
            reference: reference.to_string(),
        },
        Basis::VitalInterest { reference } => record::Basis::VitalInterest {
            reference: reference.to_string(),
        },
        Basis::Consent {
            reference,
            consent_id,
        } => record::Basis::Consent {
            reference: consent_id.as_ref().unwrap_or(reference).to_string(),
        },
    }
}
