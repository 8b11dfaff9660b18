//! Reads rules: what their annotations say, and which agencies and purposes they name.

use super::Named;
use crate::{
    load::{LoadError, SourceFile},
    purpose::BasisKind,
};
use cedar_policy::{Effect, Policy, PolicyId, PolicySet};
use motlan_schemas::answer::DenialReason;
use serde_json::Value;
use std::{collections::HashMap, sync::Arc};

/// What a decision says of a rule that determined it.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) id: Arc<str>,
    pub(super) effect: Effect,
    /// Of a `forbid`: what its refusal is told as. Of a `permit`: never looked at.
    pub(super) reason: DenialReason,
    /// Of a `permit`: what it rests on.
    pub(super) basis: Option<BasisKind>,
}

type Rules = (PolicySet, HashMap<PolicyId, Rule>, Named);

pub(super) fn read(files: &[SourceFile]) -> Result<Rules, LoadError> {
    let mut policies = PolicySet::new();
    let mut rules = HashMap::new();
    let mut named = Named::default();
    for file in files {
        let set: PolicySet = file
            .text
            .parse()
            .map_err(|error: cedar_policy::ParseErrors| LoadError::Syntax {
                file: file.path.clone(),
                source: Box::new(error),
            })?;
        if let Some(template) = set.templates().next() {
            return Err(wrong(file, template.id(), IS_TEMPLATE));
        }
        for policy in set.policies() {
            let rule = annotations(file, policy)?;
            let id = PolicyId::new(rule.id.as_ref());
            collect_names(file, policy, &mut named)?;
            if policies.add(policy.new_id(id.clone())).is_err() {
                return Err(wrong(file, &rule.id, IS_TAKEN));
            }
            rules.insert(id, rule);
        }
    }
    Ok((policies, rules, named))
}

/// Adds the rules of a file to others, and all that is wrong with them to the mistakes. Gives the
/// ids under which they were added.
pub(super) fn check(
    file: &SourceFile,
    set: &PolicySet,
    all: &mut PolicySet,
    mistakes: &mut Vec<LoadError>,
) -> Vec<PolicyId> {
    let templates = set.templates();
    mistakes.extend(templates.map(|template| wrong(file, template.id(), IS_TEMPLATE)));
    let mut added = Vec::new();
    for policy in set.policies() {
        let id = match annotations(file, policy) {
            Ok(rule) => PolicyId::new(rule.id.as_ref()),
            Err(error) => {
                mistakes.push(placed(file, error));
                continue;
            }
        };
        if all.add(policy.new_id(id.clone())).is_err() {
            mistakes.push(placed(file, wrong(file, &id, IS_TAKEN)));
        } else {
            added.push(id);
        }
    }
    added
}

/// The mistake with the line of the rule's `@id`, where it has one.
fn placed(source: &SourceFile, mistake: LoadError) -> LoadError {
    let LoadError::Rule { file, rule, reason } = mistake else {
        return mistake;
    };
    match source.text.find(&format!("@id(\"{rule}\")")) {
        Some(at) => LoadError::RuleText {
            file,
            line: source.line(&(at..at)),
            reason: format!("rule `{rule}` {reason}"),
        },
        None => LoadError::Rule { file, rule, reason },
    }
}

fn annotations(file: &SourceFile, policy: &Policy) -> Result<Rule, LoadError> {
    let id = policy.annotation("id").filter(|id| is_rule_id(id));
    let id: Arc<str> = id
        .ok_or_else(|| {
            wrong(
                file,
                policy.id(),
                "needs `@id` of lower-case letters, digits and hyphens",
            )
        })?
        .into();
    let parse = |key| {
        policy
            .annotation(key)
            .map(|text| Value::String(text.to_owned()))
    };
    let reason: Option<DenialReason> = parse("reason").and_then(|v| serde_json::from_value(v).ok());
    let basis: Option<BasisKind> = parse("basis").and_then(|v| serde_json::from_value(v).ok());
    match policy.effect() {
        Effect::Permit if basis.is_none() => Err(wrong(
            file,
            &id,
            "permits, so it needs `@basis` (`law` or `consent`)",
        )),
        Effect::Forbid if reason.is_none() => Err(wrong(
            file,
            &id,
            "forbids, so it needs `@reason` from the list of denial reasons",
        )),
        effect => Ok(Rule {
            id,
            effect,
            reason: reason.unwrap_or(DenialReason::ForbiddenByRule),
            basis: basis.filter(|_| effect == Effect::Permit),
        }),
    }
}

/// Cedar can tell two agencies apart only by their names (they have no attributes), so the names
/// in its rules are all that a remembered verdict has to know of who asks.
fn collect_names(file: &SourceFile, policy: &Policy, named: &mut Named) -> Result<(), LoadError> {
    let json = policy.to_json().map_err(|error| LoadError::Syntax {
        file: file.path.clone(),
        source: Box::new(error),
    })?;
    visit(&json, named);
    Ok(())
}

fn visit(value: &Value, named: &mut Named) {
    match value {
        Value::Object(members) => {
            let text = |key| members.get(key).and_then(Value::as_str);
            match (text("type"), text("id")) {
                (Some("Agency"), Some(id)) => _ = named.agencies.insert(id.to_owned()),
                (Some("Purpose"), Some(id)) => _ = named.purposes.insert(id.to_owned()),
                _ => {}
            }
            members.values().for_each(|member| visit(member, named));
        }
        Value::Array(items) => items.iter().for_each(|item| visit(item, named)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn is_rule_id(id: &str) -> bool {
    !id.is_empty()
        && id
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn wrong(file: &SourceFile, rule: &(impl ToString + ?Sized), reason: &str) -> LoadError {
    let (file, rule) = (file.path.clone(), rule.to_string());
    LoadError::Rule {
        file,
        rule,
        reason: reason.to_owned(),
    }
}

const IS_TEMPLATE: &str = "is a template, which decisions do not fill in";
const IS_TAKEN: &str = "has an `@id` that another rule has";
