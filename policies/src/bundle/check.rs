//! All mistakes of the rules at once, each with its line.

use super::{Bundle, rule};
use crate::load::{LoadError, PolicyFiles, SourceFile};
use cedar_policy::{ParseErrors, PolicyId, PolicySet, Schema, ValidationMode, Validator};
use miette::Diagnostic;
use motlan_schemas::catalogue::Catalogue;
use std::collections::HashMap;

pub(crate) fn mistakes(files: &PolicyFiles, catalogue: &Catalogue) -> Vec<LoadError> {
    let mut mistakes = Vec::new();
    let schema = Schema::from_cedarschema_str(&files.rule_schema.text)
        .map(|(schema, _warnings)| schema)
        .map_err(|error| mistakes.push(at(&files.rule_schema, &error)))
        .ok();
    let mut policies = PolicySet::new();
    let mut places = HashMap::new();
    for file in &files.rules {
        match file.text.parse::<PolicySet>() {
            Err(errors) => mistakes.extend(parse_mistakes(file, &errors)),
            Ok(set) => {
                for id in rule::check(file, &set, &mut policies, &mut mistakes) {
                    places.insert(id, file);
                }
            }
        }
    }
    if let Some(schema) = schema {
        mistakes.extend(invalid(&schema, &policies, &places));
    }
    if mistakes.is_empty() {
        // What only shows when the rules meet the catalogue.
        mistakes.extend(Bundle::read(files, catalogue).err());
    }
    mistakes
}

fn parse_mistakes<'a>(
    file: &'a SourceFile,
    errors: &'a ParseErrors,
) -> impl Iterator<Item = LoadError> + 'a {
    errors.iter().map(|error| at(file, error))
}

/// What is wrong with rules that parse: each is told in the file in which it stands.
fn invalid(
    schema: &Schema,
    policies: &PolicySet,
    places: &HashMap<PolicyId, &SourceFile>,
) -> Vec<LoadError> {
    let result = Validator::new(schema.clone()).validate(policies, ValidationMode::Strict);
    let errors = result
        .validation_errors()
        .filter_map(|error| Some(at(places.get(error.policy_id())?, error)));
    let warnings = result
        .validation_warnings()
        .filter_map(|warning| Some(at(places.get(warning.policy_id())?, warning)));
    errors.chain(warnings).collect()
}

fn at(file: &SourceFile, mistake: &impl Diagnostic) -> LoadError {
    let label = mistake.labels().and_then(|mut labels| labels.next());
    let offset = label.map_or(0, |label| label.offset());
    let help = mistake.help().map(|help| format!("; {help}"));
    LoadError::RuleText {
        file: file.path.clone(),
        line: file.line(&(offset..offset)),
        reason: format!("{mistake}{}", help.unwrap_or_default()),
    }
}
