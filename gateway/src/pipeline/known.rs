//! What is known of a question beside what it says, and where it was learned: the citizen's
//! consents and seal, what the records show, who acts for whom, and where the call comes from.

use super::{Pipeline, Read};
use crate::{api::circumstances::Circumstances, seals::Seals};
use motlan_access_log::entry::EncodedEntry;
use motlan_policies::{
    consent::Consent,
    decide::{Caller, Policies},
    known::{Known, Seal, SubjectStatus, Verified},
    purpose::BasisKind,
};
use motlan_schemas::{
    catalogue::{AttributeIndex, Catalogue, DatasetId},
    query::{Query, Subject},
};
use std::sync::Arc;

/// What was learned for one question; it grows while the question is answered.
#[derive(Debug, Default)]
pub(super) struct Learned {
    pub(super) consents: Vec<Consent>,
    pub(super) subject: SubjectStatus,
    pub(super) applicant: Verified,
    /// The record that shows that the applicant may act.
    pub(super) verified_by: Option<String>,
    /// The entry of looking that up; it is appended with the answer's own.
    pub(super) lookup: Option<EncodedEntry>,
    pub(super) zone: Option<Arc<str>>,
}

/// Where records say something about the subject that decisions must know.
#[derive(Debug)]
pub struct TellingFlags {
    deceased: Vec<(DatasetId, AttributeIndex)>,
    address_secret: Vec<(DatasetId, AttributeIndex)>,
    /// That it has a record at all says that the person is dead.
    death: Option<DatasetId>,
}

impl Learned {
    /// As the decision takes it.
    pub(super) fn view(&self) -> Known<'_> {
        Known {
            consents: &self.consents,
            subject: self.subject,
            applicant: self.applicant,
            zone: self.zone.clone(),
        }
    }

    /// What was looked up of the applicant for another question of the same call, without its
    /// entry, which is the other's.
    pub(super) fn take_applicant_of(&mut self, other: &Self) {
        self.applicant = other.applicant;
        self.verified_by.clone_from(&other.verified_by);
    }

    /// Adds what the records say of the subject; tells whether that is news.
    pub(super) fn learn_from(&mut self, reads: &[Read], flags: &TellingFlags) -> bool {
        let before = self.subject;
        for read in reads {
            let Ok(reading) = &read.reading else { continue };
            let dataset = read.permit.dataset();
            let told = |places: &[(DatasetId, AttributeIndex)]| {
                let mut flags = places.iter().filter(|(place, _)| *place == dataset);
                flags.any(|(_, flag)| reading.has_flag(*flag))
            };
            let died = flags.death == Some(dataset) && !reading.is_absent();
            self.subject.deceased |= died || told(&flags.deceased);
            if told(&flags.address_secret) {
                self.subject.seal = self.subject.seal.max(Seal::Address);
            }
        }
        self.subject != before
    }
}

impl TellingFlags {
    /// Where this catalogue's datasets have them.
    #[must_use]
    pub fn of(catalogue: &Catalogue) -> Self {
        let named = |name: &str| {
            let datasets = catalogue.datasets().iter();
            let flags = datasets.filter_map(|dataset| {
                let flag = dataset.attribute(name)?.index;
                dataset.flags.contains(flag).then_some((dataset.id, flag))
            });
            flags.collect()
        };
        Self {
            deceased: named("deceased"),
            address_secret: named("address_secret"),
            death: catalogue.dataset_named("civil_status.death").map(|d| d.id),
        }
    }
}

impl Pipeline {
    /// What is known before anything is read.
    pub(super) async fn learn(
        &self,
        caller: &Caller,
        query: &Query,
        policies: &Policies,
        on: &Circumstances,
    ) -> Learned {
        Learned {
            consents: self.consents(caller, query, policies).await,
            subject: SubjectStatus {
                seal: seal(&self.seals, &query.subject, self.clock.now()),
                deceased: false,
            },
            zone: on.zone.clone(),
            ..Learned::default()
        }
    }

    /// The consents that could matter: none are looked up for a purpose that rests on law. A store
    /// that cannot be read yields none, and the decision says so.
    pub(super) async fn consents(
        &self,
        caller: &Caller,
        query: &Query,
        policies: &Policies,
    ) -> Vec<Consent> {
        let Subject::Person(person) = &query.subject else {
            return Vec::new();
        };
        let id = &query.question.purpose;
        let purpose = policies.purposes().get(id);
        if purpose.is_none_or(|purpose| purpose.basis_kind != BasisKind::Consent) {
            return Vec::new();
        }
        let found = self.ledger.lookup(person, &caller.agency.id, id).await;
        found.unwrap_or_else(|error| {
            tracing::error!(%error, "the consent store cannot be read");
            Vec::new()
        })
    }
}

fn seal(seals: &Seals, subject: &Subject, now: jiff::Timestamp) -> Seal {
    match subject {
        Subject::Person(person) => seals.of(person, now),
        Subject::Enterprise(_) => Seal::None,
    }
}
