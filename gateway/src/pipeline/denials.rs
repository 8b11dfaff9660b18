//! Denials as the caller reads them: one line a reason, each with its way out.

use crate::i18n::vocabulary::{DenialWords, denial_remedy};
use motlan_policies::decide::{Caller, Decision, Denied, Policies};
use motlan_schemas::{
    answer::Denial,
    catalogue::{Catalogue, Dataset},
    language::Language,
    query::Query,
};
use std::sync::Arc;

/// The denials of a decision. A dataset that was selected whole and is denied whole for one reason
/// is one line; otherwise each attribute is.
pub(super) fn on_the_wire(
    catalogue: &Catalogue,
    policies: &Policies,
    caller: &Caller,
    query: &Query,
    decision: &Decision,
    language: Language,
) -> Vec<Denial> {
    let mut lines = Vec::new();
    for denied in &decision.denials {
        let remedy = remedy(denied, policies, caller, query, language);
        let dataset = catalogue.dataset(denied.dataset);
        let line = |attribute: &Arc<str>| Denial {
            attribute: Arc::clone(attribute),
            reason: denied.reason,
            rule: Arc::clone(&denied.rule),
            basis: denied.basis.clone(),
            remedy: Arc::clone(&remedy),
        };
        if is_whole(dataset, denied, query) {
            lines.push(line(&dataset.name));
        } else {
            lines.extend(
                dataset
                    .attributes_in(denied.attributes)
                    .map(|a| line(&a.path)),
            );
        }
    }
    lines
}

/// What the caller can do, in one sentence.
pub(super) fn remedy(
    denied: &Denied,
    policies: &Policies,
    caller: &Caller,
    query: &Query,
    language: Language,
) -> Arc<str> {
    let purpose = policies.purposes().get(&query.question.purpose);
    let purpose = purpose.map_or(query.question.purpose.as_str(), |p| p.title.get(language));
    let words = DenialWords {
        purpose,
        agency: caller.agency.name.get(language),
        contact: caller.agency.dpo.email.as_str(),
        rule: &denied.rule,
    };
    denial_remedy(language, denied.reason, words).into()
}

fn is_whole(dataset: &Dataset, denied: &Denied, query: &Query) -> bool {
    query.question.whole_datasets.contains(&dataset.id)
        && (dataset.all() - dataset.flags).is_subset(denied.attributes)
}
