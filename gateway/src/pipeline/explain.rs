//! The decision without the reading: what would be permitted, by which rule, on which basis.

use super::{Pipeline, denials};
use crate::random;
use motlan_policies::decide::Caller;
use motlan_schemas::{
    answer::{Basis, DenialReason},
    ids::QueryId,
    language::Language,
    query::Query,
};
use serde::Serialize;
use std::sync::Arc;

/// The decision about a question, attribute by attribute.
#[derive(Debug, Serialize)]
pub struct Explanation {
    /// The version of the rules that decided.
    pub policy_version: Arc<str>,
    /// The procedure named in the question.
    pub purpose: String,
    /// Whether at least one attribute would be permitted.
    pub permitted: bool,
    /// Each selected attribute, in the catalogue's order.
    pub attributes: Vec<AttributeVerdict>,
}

/// The decision about one attribute.
#[derive(Debug, Serialize)]
pub struct AttributeVerdict {
    /// The full dotted name.
    pub attribute: Arc<str>,
    /// `permit` or `deny`.
    pub verdict: &'static str,
    /// The rule that decided, by its id in the policy bundle.
    pub rule: Arc<str>,
    /// The law or consent that allows it, or would.
    pub basis: Option<Basis>,
    /// Why it is denied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<DenialReason>,
    /// What the caller can do about a denial.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Arc<str>>,
}

impl Pipeline {
    /// Decides a query as [`Pipeline::answer`] would, and touches neither registry nor cache.
    pub async fn explain(&self, caller: &Caller, query: &Query, language: Language) -> Explanation {
        let now = self.clock.now();
        let query_id = QueryId::new(now, random::bytes(self.random.as_ref()));
        let policies = self.policies.load_full();
        let consents = self.consents(caller, query, &policies).await;
        let decision = policies.decide(caller, query_id, query, &consents, now);
        let mut attributes = Vec::new();
        for (id, selected) in query.question.selection.iter() {
            let dataset = self.catalogue.dataset(id);
            for attribute in dataset.attributes_in(selected) {
                let path = Arc::clone(&attribute.path);
                let permit = decision
                    .permits
                    .iter()
                    .find(|p| p.dataset() == id && p.attributes().contains(attribute.index));
                let denied = decision
                    .denials
                    .iter()
                    .find(|d| d.dataset == id && d.attributes.contains(attribute.index));
                if let Some(permit) = permit {
                    attributes.push(AttributeVerdict {
                        attribute: path,
                        verdict: "permit",
                        rule: Arc::clone(permit.rule()),
                        basis: Some(permit.basis().clone()),
                        reason: None,
                        remedy: None,
                    });
                } else if let Some(denied) = denied {
                    attributes.push(AttributeVerdict {
                        attribute: path,
                        verdict: "deny",
                        rule: Arc::clone(&denied.rule),
                        basis: denied.basis.clone(),
                        reason: Some(denied.reason),
                        remedy: Some(denials::remedy(denied, &policies, caller, query, language)),
                    });
                }
            }
        }
        Explanation {
            policy_version: Arc::clone(&decision.policy_version),
            purpose: query.question.purpose.to_string(),
            permitted: !decision.permits.is_empty(),
            attributes,
        }
    }
}
