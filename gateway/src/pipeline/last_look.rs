//! The last decision before an answer: after reading, with all that the records say, and with the
//! citizen's consents held still until the entry is in the log.
//!
//! The first decision said what may be read. Meanwhile a consent may have been withdrawn or used
//! up, and a record may have said that the person is dead or under protection. What was permitted
//! is decided once more; what was denied stays denied. Nothing that the last decision does not
//! permit goes any further.

use super::{Pipeline, Read, federation, known::Learned};
use crate::consents::Hold;
use motlan_policies::{
    consent::{Consent, ConsentState, ConsentUses},
    decide::{Caller, Decision, Policies},
    permit::Permit,
};
use motlan_schemas::{
    answer::Basis,
    catalogue::Selection,
    query::{Query, Question, Subject},
};
use std::sync::Arc;

/// What may leave, and the hold under which that stays true.
pub(super) struct LastLook<'a> {
    pub(super) decision: Decision,
    pub(super) reads: Vec<Read>,
    /// `None` where nothing rests on consent.
    pub(super) hold: Option<Hold<'a>>,
}

impl Pipeline {
    /// Decides again what was permitted and read.
    pub(super) async fn look_again(
        &self,
        caller: &Caller,
        query: &Query,
        policies: &Policies,
        first: Decision,
        mut reads: Vec<Read>,
        learned: &mut Learned,
    ) -> LastLook<'_> {
        let news = learned.learn_from(&reads, &self.flags);
        federation::refuse_contradictions(&self.catalogue, &mut reads);
        let mut hold = self.hold(query, &reads, &learned.consents).await;
        if hold.is_some() {
            learned.consents = self.consents(caller, query, policies).await;
            // A consent for one answer may have been given meanwhile: two answers that share the
            // hold would both use it.
            if matches!(hold, Some(Hold::Shared(_))) && use_up(&learned.consents) {
                drop(hold.take());
                hold = self.hold(query, &reads, &learned.consents).await;
                learned.consents = self.consents(caller, query, policies).await;
            }
        } else if !news {
            let decision = first;
            return LastLook {
                decision,
                reads,
                hold,
            };
        }
        let narrowed = Query {
            subject: query.subject.clone(),
            question: Question {
                selection: permitted(query, &reads),
                ..query.question.clone()
            },
        };
        // The time of the last look counts: a consent may have run out while registries were asked.
        let now = self.clock.now().max(first.asking.decided_at);
        let id = first.asking.query_id;
        let mut decision = policies.decide(caller, id, &narrowed, &learned.view(), now);
        let permits = std::mem::take(&mut decision.permits);
        decision.denials.extend(first.denials);
        decision
            .denials
            .sort_by_key(|denied| denied.dataset.index());
        LastLook {
            reads: through(reads, permits),
            decision,
            hold,
        }
    }

    async fn hold(&self, query: &Query, reads: &[Read], consents: &[Consent]) -> Option<Hold<'_>> {
        let Subject::Person(person) = &query.subject else {
            return None;
        };
        let mut bases = reads.iter().map(|read| read.permit.basis());
        if !bases.any(|basis| matches!(basis, Basis::Consent { .. })) {
            return None;
        }
        Some(self.ledger.hold(person, use_up(consents)).await)
    }
}

/// Whether an answer by these consents may use one up.
fn use_up(consents: &[Consent]) -> bool {
    let mut once = consents.iter().filter(|c| c.uses == ConsentUses::Once);
    once.any(|consent| consent.kept_state() == ConsentState::Given)
}

/// The part of the question that was permitted.
fn permitted(query: &Query, reads: &[Read]) -> Selection {
    let asked = &query.question.selection;
    let permitted = reads.iter().map(|read| {
        let dataset = read.permit.dataset();
        (dataset, asked.of(dataset) & read.permit.attributes())
    });
    permitted.filter(|(_, set)| !set.is_empty()).collect()
}

/// What was read, as far as the new permits go.
fn through(reads: Vec<Read>, mut permits: Vec<Permit>) -> Vec<Read> {
    let mut kept: Vec<Read> = Vec::with_capacity(reads.len());
    for read in reads {
        let dataset = read.permit.dataset();
        let place = permits.iter().position(|p| p.dataset() == dataset);
        // The reads of one dataset follow each other and share a permit.
        let shared = kept.last().filter(|last| last.permit.dataset() == dataset);
        let permit = match (place, shared) {
            (Some(place), _) => Arc::new(permits.swap_remove(place)),
            (None, Some(last)) => Arc::clone(&last.permit),
            (None, None) => continue,
        };
        kept.push(Read {
            reading: read.reading.map(|reading| reading.narrowed(&permit)),
            permit,
            ..read
        });
    }
    kept
}

/// The consents for one answer on which these reads rest.
pub(super) fn consumed(reads: &[Read], consents: &[Consent]) -> Vec<Consent> {
    let obtained = reads.iter().filter(|read| read.reading.is_ok());
    let named: Vec<_> = obtained
        .filter_map(|read| match read.permit.basis() {
            Basis::Consent { consent_id, .. } => consent_id.clone(),
            Basis::Law { .. } | Basis::VitalInterest { .. } => None,
        })
        .collect();
    let once = consents.iter().filter(|c| c.uses == ConsentUses::Once);
    once.filter(|consent| named.iter().any(|id| **id == *consent.id.to_string()))
        .cloned()
        .collect()
}
