//! What a draft of the policies would change: every question that the access log remembers is
//! decided twice, by the policies in force and by the draft, and the differences are counted.
//!
//! The log names no person and holds no data, and none is needed: an entry says who asked for what
//! and what was known, and both sets of rules decide from the same. What the log cannot know (an
//! officer's role, the wording of an emergency) is taken to be as it has to be for both.

mod question;

use crate::index::{Entries, FollowerError, ReplayError, read};
use motlan_access_log::details::DetailKeys;
use motlan_policies::decide::{PastVerdict, Policies, Verdict};
use motlan_schemas::{
    answer::DenialReason,
    ids::{AgencyId, PurposeId},
};
use question::Question;
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    sync::Arc,
};

/// What a draft changes.
#[derive(Debug, Default)]
pub struct Simulation {
    /// Questions that were decided again.
    pub questions: u64,
    /// Entries about questions that could not be: erased, or written by another version of the
    /// program.
    pub skipped: u64,
    /// Questions of which some attribute would be decided otherwise.
    pub changed: u64,
    /// Questions of which something was allowed and nothing would be.
    pub refused_whole: u64,
    /// The changes, by agency, purpose and attribute.
    pub changes: BTreeMap<Place, Change>,
}

/// Where a change is felt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The agency that asked.
    pub agency: AgencyId,
    /// For what.
    pub purpose: PurposeId,
    /// The attribute, by its full name.
    pub attribute: String,
    /// What becomes of it.
    pub kind: Kind,
}

/// What becomes of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It could be read and could not any more, for this reason.
    Lost(DenialReason, Arc<str>),
    /// It could not be read and could.
    Gained,
    /// It stays denied, for this other reason.
    Otherwise(DenialReason, Arc<str>),
}

/// How often.
#[derive(Debug, Default)]
pub struct Change {
    /// Questions.
    pub questions: u64,
    /// Different people or enterprises.
    pub subjects: BTreeSet<[u8; 8]>,
}

/// Decides the questions of a stretch of a log again.
///
/// # Errors
/// The log cannot be read.
pub fn simulate(
    entries: &Entries,
    stretch: Range<u64>,
    in_force: &Policies,
    draft: &Policies,
    progress: &mut dyn FnMut(u64),
) -> Result<Simulation, ReplayError> {
    let mut simulation = Simulation::default();
    read(&entries.tiles, stretch, |leaf_index, entry| {
        if leaf_index % PROGRESS_EVERY == 0 {
            progress(leaf_index);
        }
        simulation.take((entry, &entries.details), in_force, draft);
        Ok::<_, FollowerError>(())
    })?;
    Ok(simulation)
}

const PROGRESS_EVERY: u64 = 4_096;

impl Simulation {
    fn take(
        &mut self,
        (entry, details): (&[u8], &DetailKeys),
        in_force: &Policies,
        draft: &Policies,
    ) {
        let question = match Question::of(entry, details, in_force.catalogue()) {
            Ok(Some(question)) => question,
            Ok(None) => return,
            Err(_) => {
                self.skipped += 1;
                return;
            }
        };
        let (now, then) =
            question.with(|past| (in_force.decide_past(past), draft.decide_past(past)));
        self.questions += 1;
        if now == then {
            return;
        }
        self.changed += 1;
        let allowed = |verdict: &PastVerdict| verdict.attributes.iter().any(is_permit);
        self.refused_whole += u64::from(allowed(&now) && !allowed(&then));
        let verdicts = now.attributes.iter().zip(&then.attributes);
        for (attribute, (now, then)) in question.attributes().zip(verdicts) {
            let Some(kind) = kind(now, then) else {
                continue;
            };
            let place = Place {
                agency: question.agency.clone(),
                purpose: question.purpose.clone(),
                attribute: attribute.to_owned(),
                kind,
            };
            let change = self.changes.entry(place).or_default();
            change.questions += 1;
            change.subjects.insert(question.subject);
        }
    }
}

const fn is_permit(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Permit { .. })
}

/// The change from one verdict to another; by which rule something is allowed is none.
fn kind(now: &Verdict, then: &Verdict) -> Option<Kind> {
    match (now, then) {
        (Verdict::Permit { .. }, Verdict::Permit { .. }) => None,
        (Verdict::Permit { .. }, Verdict::Deny { reason, rule }) => {
            Some(Kind::Lost(*reason, Arc::clone(rule)))
        }
        (Verdict::Deny { .. }, Verdict::Permit { .. }) => Some(Kind::Gained),
        (Verdict::Deny { reason: old, .. }, Verdict::Deny { reason, rule }) => {
            (old != reason).then(|| Kind::Otherwise(*reason, Arc::clone(rule)))
        }
    }
}

#[cfg(test)]
mod tests;
