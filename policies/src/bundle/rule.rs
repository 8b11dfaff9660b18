//! Reads rules: what their annotations say, and which agencies and purposes they name.

use super::slices::{Slices, SlicesBuilder};
use crate::{
    load::{LoadError, PolicyFiles, SourceFile},
    purpose::BasisKind,
};
use cedar_policy::{Effect, Policy, PolicyId, PolicySet, PrincipalConstraint};
use motlan_schemas::{answer::DenialReason, catalogue::names};
use serde_json::Value;
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// What a decision says of a rule that determined it.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) id: Arc<str>,
    pub(super) effect: Effect,
    /// Of a `forbid`: what its refusal is told as. Of a `permit`: never looked at.
    pub(super) reason: DenialReason,
    /// Of a `permit`: what it rests on.
    pub(super) basis: Option<BasisKind>,
    /// Of a `forbid`: its refusal tells something of the subject, so it is told last.
    pub(super) about_subject: bool,
    /// Its place among all rules: files by name, rules as they stand in the file.
    pub(super) place: usize,
}

/// All rules of a bundle.
pub(super) struct Rules {
    pub(super) all: PolicySet,
    pub(super) by_id: HashMap<PolicyId, Rule>,
    pub(super) slices: Slices,
}

/// For whom a rule is, and whom it names besides.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The agency in its head (`principal == Agency::"…"`): the rule is for that agency alone.
    pub(super) for_agency: Option<String>,
    /// The purpose in its annotation `@purpose`: the rule is for that purpose alone.
    pub(super) for_purpose: Option<String>,
    /// The agencies in its conditions.
    pub(super) agencies: Vec<String>,
    /// The purposes in its conditions.
    pub(super) purposes: Vec<String>,
}

/// The agencies and purposes that have a file, whether the file is good or not.
struct Existing<'a> {
    agencies: BTreeSet<&'a str>,
    purposes: BTreeSet<&'a str>,
}

pub(super) fn read(files: &PolicyFiles) -> Result<Rules, LoadError> {
    let mut all = PolicySet::new();
    let mut by_id = HashMap::new();
    let mut slices = SlicesBuilder::default();
    let existing = Existing {
        agencies: files.agencies.iter().map(SourceFile::stem).collect(),
        purposes: files.purposes.iter().map(SourceFile::stem).collect(),
    };
    for file in &files.rules {
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
        let mut in_order: Vec<_> = set.policies().collect();
        // Cedar calls them `policy0`, `policy1`, … as they stand in the file.
        in_order.sort_by_key(|policy| {
            let id = policy.id().to_string();
            (id.len(), id)
        });
        for policy in in_order {
            let rule = annotations(file, policy)?;
            let id = PolicyId::new(rule.id.as_ref());
            let names = names(file, policy)?;
            names.check(file, &rule, &existing)?;
            let policy = policy.new_id(id.clone());
            if all.add(policy.clone()).is_err() {
                return Err(wrong(file, &rule.id, IS_TAKEN));
            }
            slices.add(policy, &names);
            let place = by_id.len();
            by_id.insert(id, Rule { place, ..rule });
        }
    }
    let slices = slices.build();
    Ok(Rules { all, by_id, slices })
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
    let about = policy.annotation("about");
    if about.is_some_and(|about| about != SUBJECT) {
        return Err(wrong(file, &id, "has an `@about` that is not `subject`"));
    }
    match policy.effect() {
        Effect::Permit if basis.is_none() => Err(wrong(
            file,
            &id,
            "permits, so it needs `@basis` (`law`, `consent` or `vital_interest`)",
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
            about_subject: about.is_some(),
            place: 0,
        }),
    }
}

/// Cedar can tell two agencies apart only by their names (they have no attributes), so the names
/// in its rules are all that a remembered verdict has to know of who asks.
fn names(file: &SourceFile, policy: &Policy) -> Result<Names, LoadError> {
    let json = policy.to_json().map_err(|error| LoadError::Syntax {
        file: file.path.clone(),
        source: Box::new(error),
    })?;
    let mut names = Names {
        for_purpose: policy.annotation("purpose").map(ToOwned::to_owned),
        ..Names::default()
    };
    if let PrincipalConstraint::Eq(agency) = policy.principal_constraint() {
        names.for_agency = Some(agency.id().unescaped().to_owned());
    }
    for (part, value) in json.as_object().into_iter().flatten() {
        let is_head = part == "principal" && names.for_agency.is_some();
        if !is_head {
            visit(value, &mut names);
        }
    }
    Ok(names)
}

fn visit(value: &Value, names: &mut Names) {
    match value {
        Value::Object(members) => {
            let text = |key| members.get(key).and_then(Value::as_str);
            match (text("type"), text("id")) {
                (Some("Agency"), Some(id)) => names.agencies.push(id.to_owned()),
                (Some("Purpose"), Some(id)) => names.purposes.push(id.to_owned()),
                _ => {}
            }
            members.values().for_each(|member| visit(member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| visit(item, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

impl Names {
    /// A slip of the pen in a name would make a rule that never applies, and a `forbid` that never
    /// applies allows.
    fn check(
        &self,
        file: &SourceFile,
        rule: &Rule,
        existing: &Existing<'_>,
    ) -> Result<(), LoadError> {
        let agencies = self.for_agency.iter().chain(&self.agencies);
        let purposes = self.for_purpose.iter().chain(&self.purposes);
        let agencies = agencies.map(|name| ("agency", name, &existing.agencies));
        let purposes = purposes.map(|name| ("purpose", name, &existing.purposes));
        for (kind, name, known) in agencies.chain(purposes) {
            if known.contains(name.as_str()) {
                continue;
            }
            let nearest = names::nearest(name, known.iter().copied());
            let hint = nearest.map(|name| format!("; did you mean `{name}`?"));
            let hint = hint.unwrap_or_default();
            let reason = format!("names the {kind} `{name}`, which does not exist{hint}");
            return Err(wrong(file, &rule.id, &reason));
        }
        Ok(())
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

/// What `@about` may say.
const SUBJECT: &str = "subject";
const IS_TEMPLATE: &str = "is a template, which decisions do not fill in";
const IS_TAKEN: &str = "has an `@id` that another rule has";
