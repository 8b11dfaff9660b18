//! The form of a purpose file, and what must hold between its fields.

use super::{BasisKind, Purpose};
use crate::load::{
    LoadError, SourceFile,
    form::{Field, Kind, optional, required},
};
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

/// The fields of [`PurposeFile`], for whoever writes one.
pub(super) const FORM: &[Field] = &[
    required("id", Kind::Text),
    optional("code", Kind::Text),
    required("title.vi", Kind::Words),
    required("title.en", Kind::Words),
    required("title.fr", Kind::Words),
    required("basis.kind", Kind::Text),
    required("basis.reference", Kind::Text),
    required("case_required", Kind::Flag),
    required("officer_required", Kind::Flag),
    required("attributes", Kind::Texts),
    optional("max_age_seconds", Kind::Number),
    optional("stale_if_error_seconds", Kind::Number),
    required("retention_days", Kind::Number),
];

/// The purpose in a file, or at least one mistake more.
pub(super) fn purpose(
    file: &SourceFile,
    catalogue: &Catalogue,
    mistakes: &mut Vec<LoadError>,
) -> Option<Purpose> {
    let before = mistakes.len();
    let fields: PurposeFile = file.parse(FORM, mistakes)?;
    mistakes.extend(file.check_id(fields.id.as_str()).err());
    let reference = &fields.basis.reference;
    if reference.get_ref().trim().is_empty() {
        let reason = "must name the law and the article";
        mistakes.push(field(file, reference, "basis.reference", reason));
    }
    let code = fields.code.as_ref();
    if let Some(code) = code.filter(|code| !is_procedure_code(code.get_ref())) {
        mistakes.push(field(file, code, "code", "must look like `1.001193`"));
    }
    let attributes = attributes(
        file,
        &fields.attributes,
        fields.basis.kind,
        catalogue,
        mistakes,
    );
    if !*fields.officer_required.get_ref() && has_special(&attributes, catalogue) {
        let reason = "must be true: the purpose covers data of special sensitivity";
        let officer = &fields.officer_required;
        mistakes.push(field(file, officer, "officer_required", reason));
    }
    (mistakes.len() == before).then(|| fields.into_purpose(attributes, catalogue))
}

impl PurposeFile {
    fn into_purpose(self, attributes: Selection, catalogue: &Catalogue) -> Purpose {
        let datasets = catalogue.datasets().iter();
        Purpose {
            id: self.id,
            code: self.code.map(|code| Arc::from(code.into_inner())),
            title: self.title,
            basis_kind: self.basis.kind,
            basis_reference: self.basis.reference.into_inner().into(),
            case_required: self.case_required,
            officer_required: self.officer_required.into_inner(),
            covered: datasets.map(|dataset| attributes.of(dataset.id)).collect(),
            attributes,
            max_age: self.max_age_seconds.map(Duration::from_secs),
            stale_if_error: Duration::from_secs(self.stale_if_error_seconds),
            retention_days: self.retention_days,
        }
    }
}

fn attributes(
    file: &SourceFile,
    named: &Spanned<Vec<Spanned<String>>>,
    basis: BasisKind,
    catalogue: &Catalogue,
    mistakes: &mut Vec<LoadError>,
) -> Selection {
    let mut selection = Selection::default();
    for name in named.get_ref() {
        let (dataset, attributes) = match catalogue.resolve(name.get_ref()) {
            Ok(resolved) => resolved,
            Err(error) => {
                mistakes.push(unresolved(file, name, error));
                continue;
            }
        };
        let others = catalogue
            .dataset(dataset)
            .attributes_in(attributes)
            .find(|a| a.person);
        if let Some(other) = others.filter(|_| basis == BasisKind::Consent) {
            let reason = format!(
                "has `{}`, which identifies another person: one citizen cannot consent for another",
                other.path
            );
            mistakes.push(field(file, name, "attributes", reason));
        }
        selection.add(dataset, attributes);
    }
    if named.get_ref().is_empty() {
        mistakes.push(field(file, named, "attributes", "must not be empty"));
    }
    selection
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
            let reason = format!("has `{}`: {error}", name.get_ref());
            field(file, name, "attributes", reason)
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
