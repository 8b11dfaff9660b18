//! The form of a purpose file, and what must hold between its fields.

use super::{BasisKind, Purpose};
use crate::load::{LoadError, SourceFile};
use motlan_schemas::{
    catalogue::{Catalogue, Selection, Sensitivity, names::NameError},
    ids::PurposeId,
    language::Text,
};
use serde::Deserialize;
use std::{sync::Arc, time::Duration};
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PurposeFile {
    id: PurposeId,
    code: Option<Spanned<String>>,
    title: Text,
    basis: BasisSection,
    case_required: bool,
    officer_required: Spanned<bool>,
    attributes: Spanned<Vec<Spanned<String>>>,
    max_age_seconds: Option<u64>,
    #[serde(default)]
    stale_if_error_seconds: u64,
    retention_days: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BasisSection {
    kind: BasisKind,
    reference: Spanned<String>,
}

pub(super) fn purpose(file: &SourceFile, catalogue: &Catalogue) -> Result<Purpose, LoadError> {
    let fields: PurposeFile = file.parse()?;
    file.check_id(fields.id.as_str())?;
    let reference = fields.basis.reference;
    if reference.get_ref().trim().is_empty() {
        return Err(field(
            file,
            &reference,
            "basis.reference",
            "must name the law and the article",
        ));
    }
    if let Some(code) = fields
        .code
        .as_ref()
        .filter(|code| !is_procedure_code(code.get_ref()))
    {
        return Err(field(file, code, "code", "must look like `1.001193`"));
    }
    let attributes = attributes(file, &fields.attributes, fields.basis.kind, catalogue)?;
    if !*fields.officer_required.get_ref() && has_special(&attributes, catalogue) {
        let reason = "must be true: the purpose covers data of special sensitivity";
        return Err(field(
            file,
            &fields.officer_required,
            "officer_required",
            reason,
        ));
    }
    let covered = catalogue
        .datasets()
        .iter()
        .map(|dataset| attributes.of(dataset.id))
        .collect();
    Ok(Purpose {
        id: fields.id,
        code: fields.code.map(|code| Arc::from(code.into_inner())),
        title: fields.title,
        basis_kind: fields.basis.kind,
        basis_reference: reference.into_inner().into(),
        case_required: fields.case_required,
        officer_required: fields.officer_required.into_inner(),
        attributes,
        max_age: fields.max_age_seconds.map(Duration::from_secs),
        stale_if_error: Duration::from_secs(fields.stale_if_error_seconds),
        retention_days: fields.retention_days,
        covered,
    })
}

fn attributes(
    file: &SourceFile,
    named: &Spanned<Vec<Spanned<String>>>,
    basis: BasisKind,
    catalogue: &Catalogue,
) -> Result<Selection, LoadError> {
    let mut selection = Selection::default();
    for name in named.get_ref() {
        let (dataset, attributes) = catalogue
            .resolve(name.get_ref())
            .map_err(|error| unresolved(file, name, error))?;
        let others = catalogue
            .dataset(dataset)
            .attributes_in(attributes)
            .find(|a| a.person);
        if let Some(other) = others.filter(|_| basis == BasisKind::Consent) {
            let reason = format!(
                "has `{}`, which identifies another person: one citizen cannot consent for another",
                other.path
            );
            return Err(field(file, name, "attributes", reason));
        }
        selection.add(dataset, attributes);
    }
    if selection.is_empty() {
        return Err(field(file, named, "attributes", "must not be empty"));
    }
    Ok(selection)
}

fn unresolved(file: &SourceFile, name: &Spanned<String>, error: NameError) -> LoadError {
    match error {
        NameError::Unknown { nearest } => LoadError::UnknownName {
            file: file.path.clone(),
            line: file.line(&name.span()),
            field: "attributes",
            name: name.get_ref().clone(),
            nearest,
        },
        NameError::Wildcard | NameError::RegistryAlone(_) => {
            field(file, name, "attributes", error.to_string())
        }
    }
}

fn has_special(attributes: &Selection, catalogue: &Catalogue) -> bool {
    attributes.iter().any(|(dataset, set)| {
        let mut attributes = catalogue.dataset(dataset).attributes_in(set);
        attributes.any(|attribute| attribute.sensitivity == Sensitivity::Special)
    })
}

fn field<T>(
    file: &SourceFile,
    value: &Spanned<T>,
    field: &'static str,
    reason: impl Into<String>,
) -> LoadError {
    let line = file.line(&value.span());
    LoadError::Field {
        file: file.path.clone(),
        line,
        field,
        reason: reason.into(),
    }
}

/// `1.001193`: a digit, a dot, six digits.
fn is_procedure_code(text: &str) -> bool {
    text.split_once('.').is_some_and(|(group, number)| {
        group.len() == 1
            && number.len() == 6
            && group
                .bytes()
                .chain(number.bytes())
                .all(|byte| byte.is_ascii_digit())
    })
}
