//! The decision without the reading: what would be permitted, by which rule, on which basis.

use super::{Pipeline, denials, entry};
use crate::{api::circumstances::Circumstances, random, registry::Part};
use motlan_access_log::log::AppendError;
use motlan_policies::{
    decide::{Caller, Policies},
    known::Verified,
    permit::Permit,
};
use motlan_schemas::{
    answer::{Answer, Basis, Datasets, DenialReason},
    codes::Provinces,
    ids::QueryId,
    query::Query,
};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// The decision about a question, without any data.
#[derive(Debug, Serialize, ToSchema)]
pub struct Explanation {
    /// The version of the rules that decided.
    #[schema(value_type = String)]
    pub policy_version: Arc<str>,
    /// The procedure named in the question.
    pub purpose: String,
    /// Whether at least one attribute would be permitted.
    pub permitted: bool,
    /// Each selected attribute, in the catalogue's order.
    pub attributes: Vec<AttributeVerdict>,
    /// Whom each permitted dataset would be asked of.
    pub would_ask: Vec<WouldAsk>,
}

/// Whom a dataset would be asked of.
#[derive(Debug, Serialize, ToSchema)]
pub struct WouldAsk {
    /// The dataset.
    #[schema(value_type = String)]
    pub dataset: Arc<str>,
    /// The registries that would be asked, in the order of the gateway's configuration.
    #[schema(value_type = Vec<String>)]
    pub registries: Vec<Arc<str>>,
    /// Provinces that the question is about, and that no registry serves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>, required = false)]
    pub provinces_without_registry: Vec<&'static str>,
}

/// The decision about one attribute.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttributeVerdict {
    /// The full dotted name.
    #[schema(value_type = String)]
    pub attribute: Arc<str>,
    /// Permitted or denied.
    pub verdict: Effect,
    /// The rule that decided, by its id in the policy bundle.
    #[schema(value_type = String)]
    pub rule: Arc<str>,
    /// The law or consent that allows it, or would.
    pub basis: Option<Basis>,
    /// Why it is denied.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reason: Option<DenialReason>,
    /// What you can do about a denial.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false)]
    pub remedy: Option<Arc<str>>,
}

/// The two ways a decision can go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The attribute would be disclosed.
    Permit,
    /// The attribute would be refused.
    Deny,
}

impl Pipeline {
    /// Decides a query as [`Pipeline::answer`] would, and touches neither registry nor cache.
    ///
    /// # Errors
    /// The access log took no entry: a decision may tell that a consent exists, so it is logged
    /// like any other.
    pub async fn explain(
        &self,
        policies: &Policies,
        caller: &Caller,
        query: &Query,
        on: &Circumstances,
    ) -> Result<Explanation, AppendError> {
        let now = self.clock.now();
        let query_id = QueryId::new(now, random::bytes(self.random.as_ref()));
        let mut learned = self.learn(caller, query, policies, on).await;
        // Looking it up would touch a registry: the claim counts as true until it matters.
        learned.applicant = Verified::Confirmed;
        let decided = policies.decide(caller, query_id, query, &learned.view(), now);
        // Only a disguise makes what is logged another thing than what is explained.
        let disguise = self.disguise(policies, caller, query, &decided, &mut learned);
        let decision = disguise
            .as_ref()
            .map_or(&decided, |disguise| &disguise.decision);
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
                        verdict: Effect::Permit,
                        rule: Arc::clone(permit.rule()),
                        basis: Some(permit.basis().clone()),
                        reason: None,
                        remedy: None,
                    });
                } else if let Some(denied) = denied {
                    attributes.push(AttributeVerdict {
                        attribute: path,
                        verdict: Effect::Deny,
                        rule: Arc::clone(&denied.rule),
                        basis: denied.basis.clone(),
                        reason: Some(denied.reason),
                        remedy: Some(denials::remedy(
                            denied,
                            policies,
                            caller,
                            query,
                            on.language,
                        )),
                    });
                }
            }
        }
        let answer = Answer {
            query_id,
            complete: false,
            datasets: Datasets::default(),
            denied: Vec::new(),
            receipt: None,
        };
        let entry = self.entries.dry_run(&entry::Happened {
            query,
            decision: &decided,
            reads: &[],
            answer: &answer,
            learned: &learned,
            digest: None,
            purpose: policies.purposes().get(&query.question.purpose),
            trace_id: on.trace.trace_id,
            now,
            random: self.random.as_ref(),
        })?;
        self.log.append(vec![entry]).await?;
        Ok(Explanation {
            policy_version: Arc::clone(&decision.policy_version),
            purpose: query.question.purpose.to_string(),
            permitted: !decision.permits.is_empty(),
            would_ask: self.would_ask(&decision.permits, query.question.provinces),
            attributes,
        })
    }

    /// Whom a question with these permits would go to.
    fn would_ask(&self, permits: &[Permit], provinces: Provinces) -> Vec<WouldAsk> {
        let asked = permits.iter().map(|permit| {
            let mut asked = WouldAsk {
                dataset: Arc::clone(&self.catalogue.dataset(permit.dataset()).name),
                registries: Vec::new(),
                provinces_without_registry: Vec::new(),
            };
            for part in self.registries.parts(permit.dataset(), provinces) {
                match part {
                    Part::At(registry) => asked.registries.push(Arc::clone(&registry.name)),
                    Part::Nowhere(these) => {
                        asked.provinces_without_registry.extend(these.codes());
                    }
                }
            }
            asked
        });
        asked.collect()
    }
}
