//! What can be loaded, and still is seldom meant: for a person to look at.

use super::{PolicyFiles, SourceFile};
use crate::{
    agency::{Agency, AgencyDirectory},
    purpose::{Purpose, PurposeCatalogue},
};
use motlan_schemas::catalogue::{AttributeSet, Catalogue, DatasetId, Sensitivity};
use serde::Deserialize;
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};
use toml::Spanned;

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{file}`{}: {what}", .line.map(|line| format!(", line {line}")).unwrap_or_default())]
pub struct Warning {
    /// The file.
    pub file: String,
    /// The line, from 1, where one line is meant.
    pub line: Option<usize>,
    /// What is unusual, and what it would need.
    pub what: String,
}

/// The fields of a purpose file whose lines are told.
#[derive(Deserialize)]
struct Places {
    officer_required: Spanned<bool>,
    attributes: Vec<Spanned<String>>,
}

/// The field of an agency file that says what it carries out.
#[derive(Deserialize)]
struct Named {
    purposes: Vec<String>,
}

pub(super) fn all(
    files: &PolicyFiles,
    catalogue: &Catalogue,
    purposes: &PurposeCatalogue,
    agencies: &AgencyDirectory,
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    // Read as texts in quotation marks: an agency whose file is broken names its procedures too.
    let quoted = files.agencies.iter().flat_map(|file| file.text.split('"'));
    let named: HashSet<_> = quoted.collect();
    for file in &files.purposes {
        if !named.contains(file.stem()) {
            let what = "no agency carries this procedure out, so nobody can ask for it";
            warnings.push(about(file, None, what));
        }
        let purpose = file.stem().parse().ok().and_then(|id| purposes.get(&id));
        if let Some(purpose) = purpose {
            of_purpose(file, purpose, catalogue, &mut warnings);
        }
    }
    for file in &files.agencies {
        let agency = file.stem().parse().ok().and_then(|id| agencies.get(&id));
        if let Some(agency) = agency {
            of_agency(file, agency, &mut warnings);
        }
    }
    warnings
}

fn of_purpose(
    file: &SourceFile,
    purpose: &Purpose,
    catalogue: &Catalogue,
    warnings: &mut Vec<Warning>,
) {
    if purpose.code.is_none() && !file.text.contains(NO_CODE) {
        let what = format!("has no `code`; add it, or say why not in a comment `{NO_CODE} …`");
        warnings.push(about(file, None, what));
    }
    if purpose.max_age == Some(Duration::ZERO) && !purpose.stale_if_error.is_zero() {
        let what = "wants data of this moment, and yet accepts stale answers in an outage";
        warnings.push(about(file, None, what));
    }
    // The file has been read before, so this cannot fail.
    let Ok(places) = toml::from_str::<Places>(&file.text) else {
        return;
    };
    covered_twice(file, &places, catalogue, warnings);
    if let Some(path) =
        sensitive_of_others(purpose, catalogue).filter(|_| !purpose.officer_required)
    {
        let what = format!(
            "demands no officer, although `{path}` is sensitive and identifies another person"
        );
        let line = file.line(&places.officer_required.span());
        warnings.push(about(file, Some(line), what));
    }
}

fn covered_twice(
    file: &SourceFile,
    places: &Places,
    catalogue: &Catalogue,
    warnings: &mut Vec<Warning>,
) {
    let mut before: HashMap<DatasetId, Vec<(AttributeSet, &str)>> = HashMap::new();
    for name in &places.attributes {
        let Ok((dataset, attributes)) = catalogue.resolve(name.get_ref()) else {
            continue;
        };
        let earlier = before.entry(dataset).or_default();
        let twice = earlier
            .iter()
            .find(|(set, _)| !(*set & attributes).is_empty());
        if let Some((_, other)) = twice {
            let what = format!("`{}` is covered already by `{other}`", name.get_ref());
            let line = file.line(&name.span());
            warnings.push(about(file, Some(line), what));
        }
        earlier.push((attributes, name.get_ref()));
    }
}

fn sensitive_of_others<'a>(purpose: &Purpose, catalogue: &'a Catalogue) -> Option<&'a str> {
    purpose.attributes.iter().find_map(|(dataset, set)| {
        let mut attributes = catalogue.dataset(dataset).attributes_in(set);
        attributes
            .find(|a| a.person && a.sensitivity != Sensitivity::Basic)
            .map(|a| a.path.as_ref())
    })
}

fn of_agency(file: &SourceFile, agency: &Agency, warnings: &mut Vec<Warning>) {
    if agency.clients.is_empty() {
        let what = "has no client program, so it cannot ask";
        warnings.push(about(file, None, what));
    }
    // The mandates themselves lack those whose purposes are broken.
    let named = toml::from_str::<Named>(&file.text);
    if named.is_ok_and(|named| named.purposes.is_empty()) {
        let what = "carries out no procedure, so all its questions are refused";
        warnings.push(about(file, None, what));
    }
}

fn about(file: &SourceFile, line: Option<usize>, what: impl Into<String>) -> Warning {
    Warning {
        file: file.path.clone(),
        line,
        what: what.into(),
    }
}

/// How a file says that a procedure has no national code, and why.
const NO_CODE: &str = "# No `code`:";
