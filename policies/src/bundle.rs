//! The Cedar bundle: the few general rules, checked strictly when loaded, and asked with facts.
//!
//! Cedar alone would skip a rule that fails to evaluate, and a skipped `forbid` allows. Here any
//! failure denies, with the reason `policy_error`.

pub mod cases;
pub(crate) mod check;
mod rule;
pub(crate) mod slices;

use crate::{
    decide::facts::{Facts, Slice, Verdict},
    load::{LoadError, PolicyFiles},
    purpose::BasisKind,
};
use cedar_policy::{
    Authorizer, Context, Decision, Effect, Entities, Entity, EntityId, EntityTypeName, EntityUid,
    ParseErrors, PolicyId, PolicySet, Request, RestrictedExpression, Schema, ValidationMode,
    Validator, entities_errors::EntitiesError,
};
use motlan_schemas::{answer::DenialReason, catalogue::Catalogue};
use rule::Rule;
use slices::Slices;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// The rules of one version of the policies.
#[derive(Debug)]
pub(crate) struct Bundle {
    rules: HashMap<PolicyId, Rule>,
    schema: Schema,
    entities: Entities,
    types: Types,
    action: EntityUid,
    /// The dataset entities, by position in the catalogue.
    datasets: Vec<EntityUid>,
    /// The rule that a consent would satisfy: what a missing consent is told by.
    consent_rule: Arc<str>,
    /// The rules, by the agency and the purpose for which they are.
    pub(crate) slices: Slices,
}

/// The entity types of the schema.
#[derive(Debug)]
struct Types {
    action: EntityTypeName,
    agency: EntityTypeName,
    purpose: EntityTypeName,
    dataset: EntityTypeName,
    registry: EntityTypeName,
    basis: EntityTypeName,
    consent: EntityTypeName,
    sensitivity: EntityTypeName,
    seal: EntityTypeName,
    verified: EntityTypeName,
}

impl Bundle {
    /// Reads, checks and validates the rules.
    ///
    /// # Errors
    /// The first rule that does not parse, lacks an annotation or does not fit the schema.
    pub(crate) fn read(files: &PolicyFiles, catalogue: &Catalogue) -> Result<Self, LoadError> {
        let file = &files.rule_schema;
        let syntax = |source: Box<dyn std::error::Error + Send + Sync>| LoadError::Syntax {
            file: file.path.clone(),
            source,
        };
        let (schema, _warnings) =
            Schema::from_cedarschema_str(&file.text).map_err(|error| syntax(Box::new(error)))?;
        let rules = rule::read(files)?;
        validate(&schema, &rules.all, &file.path)?;
        let consent_rules = rules
            .by_id
            .values()
            .filter(|rule| rule.basis == Some(BasisKind::Consent));
        let consent_rule = consent_rules.map(|rule| Arc::clone(&rule.id)).min();
        let consent_rule = consent_rule.unwrap_or_else(|| NO_PERMIT.into());
        let types = Types::new().map_err(|error| syntax(error))?;
        let entities = entities(&schema, &types, catalogue).map_err(|error| syntax(error))?;
        let datasets = catalogue.datasets().iter();
        Ok(Self {
            action: uid(&types.action, "read"),
            datasets: datasets
                .map(|dataset| uid(&types.dataset, &dataset.name))
                .collect(),
            rules: rules.by_id,
            slices: rules.slices,
            schema,
            entities,
            types,
            consent_rule,
        })
    }

    /// What the rules say of a group of attributes with these facts.
    pub(crate) fn judge(&self, facts: &Facts) -> Verdict {
        self.judge_in(facts, self.context(facts))
    }

    /// What the rules can see of an agency and a purpose with these names.
    fn slice_of(&self, agency: &str, purpose: &str) -> Slice {
        let (slices, purpose) = (&self.slices, self.slices.purpose_place(purpose));
        slices.of(slices.agency_place(agency), purpose)
    }

    fn judge_in(&self, facts: &Facts, context: ContextFacts) -> Verdict {
        let Some(request) = self.request(facts, context) else {
            return policy_error();
        };
        let Some(policies) = self.slices.policies(facts.slice) else {
            return policy_error();
        };
        let response = Authorizer::new().is_authorized(&request, &policies, &self.entities);
        let diagnostics = response.diagnostics();
        if diagnostics.errors().next().is_some() {
            return policy_error();
        }
        let determining = || diagnostics.reason().filter_map(|id| self.rules.get(id));
        if response.decision() == Decision::Allow {
            // INVARIANT: what is permitted rests on the purpose's own basis, and on a consent only
            // where one is in force. A rule that permits otherwise is a mistake.
            let resting = determining().filter(|rule| rule.basis == Some(facts.question.basis));
            let rule = resting.map(|rule| Arc::clone(&rule.id)).min();
            let rule = rule.filter(|_| facts.missing_consent().is_none());
            return rule.map_or_else(policy_error, |rule| Verdict::Permit { rule });
        }
        let forbidding = determining().filter(|rule| rule.effect == Effect::Forbid);
        let order = |rule: &&Rule| (rule.about_subject, rank(rule.reason), rule.place);
        match forbidding.min_by_key(order) {
            Some(rule) => Verdict::Deny {
                reason: rule.reason,
                rule: Arc::clone(&rule.id),
            },
            None => self.nothing_permits(facts),
        }
    }

    fn nothing_permits(&self, facts: &Facts) -> Verdict {
        match facts.missing_consent() {
            Some(reason) => Verdict::Deny {
                reason,
                rule: Arc::clone(&self.consent_rule),
            },
            None => Verdict::Deny {
                reason: DenialReason::ForbiddenByRule,
                rule: NO_PERMIT.into(),
            },
        }
    }

    /// `None` where the facts do not fit the schema, which denies.
    fn request(&self, facts: &Facts, context: ContextFacts) -> Option<Request> {
        let agency = self.slices.agency(facts.slice).unwrap_or(UNNAMED);
        Request::new(
            uid(&self.types.agency, agency),
            self.action.clone(),
            self.datasets.get(facts.group.dataset.index())?.clone(),
            Context::from_pairs(context).ok()?,
            Some(&self.schema),
        )
        .ok()
    }

    fn context(&self, facts: &Facts) -> ContextFacts {
        let Facts {
            slice,
            question,
            group,
        } = facts;
        let types = &self.types;
        let purpose = self.slices.purpose(*slice).unwrap_or(UNNAMED);
        let words = [
            ("purpose", &types.purpose, purpose),
            ("basis", &types.basis, question.basis.as_str()),
            ("seal", &types.seal, question.seal.as_str()),
            ("sees_sealed", &types.seal, question.sees_sealed.as_str()),
            ("applicant", &types.verified, question.applicant.as_str()),
            ("sensitivity", &types.sensitivity, group.sensitivity_name()),
            ("consent", &types.consent, group.consent.as_str()),
        ];
        let words = words.map(|(name, kind, word)| {
            (
                name.to_owned(),
                RestrictedExpression::new_entity_uid(uid(kind, word)),
            )
        });
        let flags = question.flags().into_iter().chain(group.flags());
        let flags =
            flags.map(|(name, flag)| (name.to_owned(), RestrictedExpression::new_bool(flag)));
        words.into_iter().chain(flags).collect()
    }
}

/// The context of a Cedar request, by name.
type ContextFacts = Vec<(String, RestrictedExpression)>;

impl Types {
    fn new() -> Result<Self, Box<ParseErrors>> {
        Ok(Self {
            action: "Action".parse()?,
            agency: "Agency".parse()?,
            purpose: "Purpose".parse()?,
            dataset: "Dataset".parse()?,
            registry: "Registry".parse()?,
            basis: "Basis".parse()?,
            consent: "ConsentStanding".parse()?,
            sensitivity: "Sensitivity".parse()?,
            seal: "Seal".parse()?,
            verified: "Verified".parse()?,
        })
    }
}

fn policy_error() -> Verdict {
    Verdict::Deny {
        reason: DenialReason::PolicyError,
        rule: POLICY_ERROR.into(),
    }
}

fn validate(schema: &Schema, policies: &PolicySet, file: &str) -> Result<(), LoadError> {
    let result = Validator::new(schema.clone()).validate(policies, ValidationMode::Strict);
    if result.validation_passed_without_warnings() {
        return Ok(());
    }
    let errors = result.validation_errors().map(ToString::to_string);
    let warnings = result.validation_warnings().map(ToString::to_string);
    Err(LoadError::Validation {
        schema: file.to_owned(),
        errors: errors.chain(warnings).collect(),
    })
}

fn entities(
    schema: &Schema,
    types: &Types,
    catalogue: &Catalogue,
) -> Result<Entities, Box<EntitiesError>> {
    let registries: HashSet<_> = catalogue
        .datasets()
        .iter()
        .map(|d| d.registry.as_str())
        .collect();
    let registries = registries
        .into_iter()
        .map(|registry| Entity::new_no_attrs(uid(&types.registry, registry), HashSet::new()));
    let datasets = catalogue.datasets().iter().map(|dataset| {
        let registry = uid(&types.registry, dataset.registry.as_str());
        Entity::new_no_attrs(
            uid(&types.dataset, &dataset.name),
            HashSet::from([registry]),
        )
    });
    Ok(Entities::from_entities(
        registries.chain(datasets),
        Some(schema),
    )?)
}

fn uid(kind: &EntityTypeName, name: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(name))
}

/// Where several rules forbid, the most fundamental one is told: mending it comes first. Among equals
/// it is the one that stands first in the bundle. What tells
/// something of the subject comes last all the same: only a caller whom nothing else stops hears it.
fn rank(reason: DenialReason) -> usize {
    FUNDAMENTAL_FIRST
        .iter()
        .position(|one| *one == reason)
        .unwrap_or(FUNDAMENTAL_FIRST.len())
}

const FUNDAMENTAL_FIRST: [DenialReason; 7] = [
    DenialReason::NotMandated,
    DenialReason::UnknownAttributeForSubject,
    DenialReason::NotInPurpose,
    DenialReason::OfficerRequired,
    DenialReason::CaseRequired,
    DenialReason::Sealed,
    DenialReason::ForbiddenByRule,
];

/// What the rule is called where nothing forbids and nothing permits.
const NO_PERMIT: &str = "no-permit-applies";
/// What the rule is called where rules could not be evaluated.
const POLICY_ERROR: &str = "policy-error";
/// An agency or purpose that no rule names. No id looks like this.
const UNNAMED: &str = "?";

#[cfg(test)]
mod tests;
