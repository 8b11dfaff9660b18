//! People of whom nobody may learn that there is anything: a question about them is answered like
//! one about somebody whom no registry knows.
//!
//! Not by pretending: the question is really asked, about a number that nobody can have, so that
//! body, headers and time are those of an unknown person. Nothing of the person under protection is
//! read. The log tells the truth: a refusal about that person, with the rule.

use super::{Pipeline, known::Learned};
use motlan_policies::{
    consent::SubjectKey,
    decide::{Caller, Decision, Denied, Policies},
    known::{Seal, SubjectStatus, Verified},
};
use motlan_schemas::{
    answer::DenialReason,
    ids::PersonalId,
    query::{Query, Subject},
};

/// What is answered in place of the truth.
pub(super) struct Disguise {
    /// The same question about nobody.
    pub(super) query: Query,
    /// Its decision.
    pub(super) decision: Decision,
}

impl Pipeline {
    /// The disguise of a question that only a seal of the person's whole identity refuses; what was
    /// learned of the person is forgotten with it.
    pub(super) fn disguise(
        &self,
        policies: &Policies,
        caller: &Caller,
        query: &Query,
        decision: &Decision,
        learned: &mut Learned,
    ) -> Option<Disguise> {
        let Subject::Person(person) = &query.subject else {
            return None;
        };
        let is_sealed = |denied: &Denied| denied.reason == DenialReason::Sealed;
        if learned.subject.seal != Seal::Identity || !decision.denials.iter().any(is_sealed) {
            return None;
        }
        learned.subject = SubjectStatus::default();
        learned.consents = Vec::new();
        // Nobody has parents or a guardian in civil status.
        learned.applicant = Verified::Refuted;
        let query = Query {
            subject: Subject::Person(nobody(self.seals.key(person))?),
            question: query.question.clone(),
        };
        let asking = &decision.asking;
        let (id, at) = (asking.query_id, asking.decided_at);
        let decision = policies.decide(caller, id, &query, &learned.view(), at);
        Some(Disguise { query, decision })
    }
}

/// A number of somebody born in 2099, always the same for the same person, so that the cache treats
/// it as it does other numbers.
fn nobody(key: SubjectKey) -> Option<PersonalId> {
    let [a, b, c, d, ..] = key.0;
    let serial = u32::from_be_bytes([a, b, c, d]) % 1_000_000;
    format!("001399{serial:06}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_somebody_who_is_not_born_yet() {
        let number = nobody(SubjectKey([255; 32])).unwrap();
        assert_eq!(number.birth_year(), 2099);
        assert_eq!(nobody(SubjectKey([255; 32])), Some(number));
        assert_ne!(nobody(SubjectKey([7; 32])), Some(number));
    }
}
