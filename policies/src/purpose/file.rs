//! The form of a purpose file, and what must hold between its fields.
//!
//! What every file says: `id` (the file is called so), `title` in `vi`, `en` and `fr`,
//! `basis.kind` and `basis.reference` (law and article), `case_required`, `officer_required`,
//! `attributes` (dotted names; a dataset's name means all of it), `retention_days`. Where there is
//! one, `code` is the procedure's national code; `max_age_seconds` and `stale_if_error_seconds` say
//! how old data may be.
//!
//! What a file may say besides, with what holds where it says nothing:
//!
//! | field | means | otherwise |
//! |---|---|---|
//! | `office_hours = true` | asked only while offices work, by `calendar.toml` | at any time |
//! | `zones = ["government"]` | asked only from these network zones | from any |
//! | `roles = ["civil-status-officer"]` | the token vouches that the officer has one of these roles; wants `officer_required = true` | any officer |
//! | `checks = ["age_at_least"]` | statements that may be checked without the data leaving, even about attributes that are not covered | only about what is covered |
//! | `sees_sealed = "address"` | reads through a secret address; `"identity"`: through witness protection too | `"none"` |
//! | `deceased = "refuse"` | not asked about the dead | `"allow"`; a purpose by consent always refuses, for a consent ends with death |
//! | `hiding.months_max`, `hiding.reference` | an order can keep a question from the person it is about for so many months (1 to 60), by this law and article; wants `officer_required` and `case_required` | every question is shown to that person at once |
//! | `applicants = ["parent"]` | who may act in the subject's place: `parent`, `guardian`, `attorney` | nobody |
//!
//! `basis.kind` is `law`, `consent` or `vital_interest`. By consent no attribute may identify
//! another person. A vital interest is an emergency: the caller must say which, the agency must be
//! mandated for emergencies (`emergency = true` in its file), an officer must be named, at most 20
//! attributes and none of special sensitivity are covered, no office hours are kept, and
//! `emergency.review_hours` (1 to 168) says how soon a data protection officer reviews each use.
//! What saves a life and is of special sensitivity (allergies, blood type) is read by the hospital
//! that treats, by law, with an officer and a case; the rest are ethnic groups, religion and causes
//! of death.

use super::{BasisKind, Deceased, Hiding, Purpose};
use crate::{
    known::Seal,
    load::{
        LoadError, SourceFile,
        form::{Field, Kind, optional, required},
    },
};
use motlan_schemas::{
    catalogue::{
        Catalogue, Selection, Sensitivity,
        names::{self, NameError},
    },
    check::CheckKind,
    ids::PurposeId,
    language::Text,
    query::Relation,
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
    office_hours: Option<Spanned<bool>>,
    #[serde(default)]
    zones: Vec<Spanned<String>>,
    #[serde(default)]
    roles: Vec<Spanned<String>>,
    #[serde(default)]
    checks: Vec<Spanned<String>>,
    #[serde(default)]
    sees_sealed: Seal,
    deceased: Option<Spanned<Deceased>>,
    #[serde(default)]
    applicants: Vec<Spanned<String>>,
    emergency: Option<EmergencySection>,
    hiding: Option<HidingSection>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EmergencySection {
    review_hours: Spanned<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HidingSection {
    months_max: Spanned<u32>,
    reference: Spanned<String>,
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
    optional("office_hours", Kind::Flag),
    optional("zones", Kind::Texts),
    optional("roles", Kind::Texts),
    optional("checks", Kind::Texts),
    optional("sees_sealed", Kind::Text),
    optional("deceased", Kind::Text),
    optional("applicants", Kind::Texts),
    optional("emergency.review_hours", Kind::Number),
    optional("hiding.months_max", Kind::Number),
    optional("hiding.reference", Kind::Text),
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
        mistakes.push(file.field(reference, "basis.reference", reason));
    }
    let code = fields.code.as_ref();
    if let Some(code) = code.filter(|code| !is_procedure_code(code.get_ref())) {
        mistakes.push(file.field(code, "code", "must look like `1.001193`"));
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
        mistakes.push(file.field(officer, "officer_required", reason));
    }
    let checks = fields.checks(file, mistakes);
    let applicants = fields.applicants(file, mistakes);
    fields.check_circumstances(file, mistakes);
    fields.check_emergency(file, &attributes, catalogue, mistakes);
    fields.check_hiding(file, mistakes);
    (mistakes.len() == before).then(|| fields.into_purpose(attributes, checks, applicants))
}

impl PurposeFile {
    fn checks(&self, file: &SourceFile, mistakes: &mut Vec<LoadError>) -> Vec<CheckKind> {
        let all = CheckKind::ALL.map(|kind| (kind.as_str(), kind));
        named(file, "checks", &self.checks, &all, mistakes)
    }

    fn applicants(&self, file: &SourceFile, mistakes: &mut Vec<LoadError>) -> Vec<Relation> {
        let all = Relation::ALL.map(|relation| (relation.as_str(), relation));
        named(file, "applicants", &self.applicants, &all, mistakes)
    }

    fn check_circumstances(&self, file: &SourceFile, mistakes: &mut Vec<LoadError>) {
        for (field, names) in [("zones", &self.zones), ("roles", &self.roles)] {
            let wrong = names.iter().filter(|name| !is_word(name.get_ref()));
            let reason = "must be names of lower-case letters, digits and hyphens";
            mistakes.extend(wrong.map(|name| file.field(name, field, reason)));
        }
        let officer = &self.officer_required;
        if !self.roles.is_empty() && !*officer.get_ref() {
            let reason = "must be true: a role is an officer's";
            mistakes.push(file.field(officer, "officer_required", reason));
        }
        let deceased = self.deceased.as_ref();
        let allows = deceased.filter(|deceased| *deceased.get_ref() == Deceased::Allow);
        if let Some(allows) = allows.filter(|_| self.basis.kind == BasisKind::Consent) {
            let reason = "must not be `allow`: a consent ends with death";
            mistakes.push(file.field(allows, "deceased", reason));
        }
    }

    fn check_emergency(
        &self,
        file: &SourceFile,
        attributes: &Selection,
        catalogue: &Catalogue,
        mistakes: &mut Vec<LoadError>,
    ) {
        let review = self.emergency.as_ref().map(|section| &section.review_hours);
        if self.basis.kind != BasisKind::VitalInterest {
            let reason = "is only for the basis `vital_interest`";
            mistakes.extend(review.map(|r| file.field(r, "emergency.review_hours", reason)));
            return;
        }
        match review {
            Some(review) if (1..=REVIEW_HOURS_MAX).contains(review.get_ref()) => {}
            Some(review) => {
                let reason = format!("must be from 1 to {REVIEW_HOURS_MAX}");
                mistakes.push(file.field(review, "emergency.review_hours", reason));
            }
            None => mistakes.push(LoadError::MissingField {
                file: file.path.clone(),
                field: "emergency.review_hours",
                expected: "the hours within which each emergency is reviewed",
            }),
        }
        let officer = &self.officer_required;
        if !*officer.get_ref() {
            let reason = "must be true: somebody answers for an emergency";
            mistakes.push(file.field(officer, "officer_required", reason));
        }
        if let Some(hours) = self.office_hours.as_ref().filter(|hours| *hours.get_ref()) {
            let reason = "must not be true: an emergency keeps no hours";
            mistakes.push(file.field(hours, "office_hours", reason));
        }
        if attributes.attribute_count() > EMERGENCY_ATTRIBUTES_MAX {
            let reason = format!("must be at most {EMERGENCY_ATTRIBUTES_MAX} in an emergency");
            mistakes.push(file.field(&self.attributes, "attributes", reason));
        }
        if has_special(attributes, catalogue) {
            let reason = "must have none of special sensitivity in an emergency";
            mistakes.push(file.field(&self.attributes, "attributes", reason));
        }
    }

    fn check_hiding(&self, file: &SourceFile, mistakes: &mut Vec<LoadError>) {
        let Some(hiding) = &self.hiding else { return };
        if !(1..=HIDING_MONTHS_MAX).contains(hiding.months_max.get_ref()) {
            let reason = format!("must be from 1 to {HIDING_MONTHS_MAX}");
            mistakes.push(file.field(&hiding.months_max, "hiding.months_max", reason));
        }
        if hiding.reference.get_ref().trim().is_empty() {
            let reason = "must name the law and the article";
            mistakes.push(file.field(&hiding.reference, "hiding.reference", reason));
        }
        if !*self.officer_required.get_ref() || !self.case_required {
            let reason = "must be true, and `case_required` too: a hidden question has somebody who \
                          answers for it, and a case";
            mistakes.push(file.field(&self.officer_required, "officer_required", reason));
        }
    }

    fn into_purpose(
        self,
        attributes: Selection,
        checks: Vec<CheckKind>,
        applicants: Vec<Relation>,
    ) -> Purpose {
        let words = |names: Vec<Spanned<String>>| {
            let names = names.into_iter().map(Spanned::into_inner);
            names.map(Arc::from).collect()
        };
        let unsaid = match self.basis.kind {
            BasisKind::Consent => Deceased::Refuse,
            BasisKind::Law | BasisKind::VitalInterest => Deceased::Allow,
        };
        Purpose {
            id: self.id,
            code: self.code.map(|code| Arc::from(code.into_inner())),
            title: self.title,
            basis_kind: self.basis.kind,
            basis_reference: self.basis.reference.into_inner().into(),
            case_required: self.case_required,
            officer_required: self.officer_required.into_inner(),
            attributes,
            max_age: self.max_age_seconds.map(Duration::from_secs),
            stale_if_error: Duration::from_secs(self.stale_if_error_seconds),
            retention_days: self.retention_days,
            office_hours: self.office_hours.is_some_and(Spanned::into_inner),
            zones: words(self.zones),
            roles: words(self.roles),
            checks,
            sees_sealed: self.sees_sealed,
            deceased: self.deceased.map_or(unsaid, Spanned::into_inner),
            applicants,
            review_hours: self.emergency.map(|e| e.review_hours.into_inner()),
            hiding: self.hiding.map(|hiding| Hiding {
                months_max: hiding.months_max.into_inner(),
                reference: hiding.reference.into_inner().into(),
            }),
            index: 0,
        }
    }
}

/// What names of a closed list stand for; each that is not in it is a mistake.
fn named<T: Copy>(
    file: &SourceFile,
    field: &'static str,
    names: &[Spanned<String>],
    all: &[(&str, T)],
    mistakes: &mut Vec<LoadError>,
) -> Vec<T> {
    let mut found = Vec::new();
    for name in names {
        match all.iter().find(|(known, _)| known == name.get_ref()) {
            Some((_, value)) => found.push(*value),
            None => mistakes.push(LoadError::UnknownName {
                file: file.path.clone(),
                line: file.line(&name.span()),
                field,
                name: name.get_ref().clone(),
                nearest: names::nearest(name.get_ref(), all.iter().map(|(known, _)| *known)),
            }),
        }
    }
    found
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
            mistakes.push(file.field(name, "attributes", reason));
        }
        selection.add(dataset, attributes);
    }
    if named.get_ref().is_empty() {
        mistakes.push(file.field(named, "attributes", "must not be empty"));
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
            file.field(name, "attributes", reason)
        }
    }
}

fn has_special(attributes: &Selection, catalogue: &Catalogue) -> bool {
    attributes.iter().any(|(dataset, set)| {
        let mut attributes = catalogue.dataset(dataset).attributes_in(set);
        attributes.any(|attribute| attribute.sensitivity == Sensitivity::Special)
    })
}

/// `civil-status-officer`.
fn is_word(text: &str) -> bool {
    let plain = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    (1..=64).contains(&text.len()) && text.bytes().all(plain)
}

/// Whoever was looked into is told within five years.
const HIDING_MONTHS_MAX: u32 = 60;
/// A week: a review later than that helps nobody.
const REVIEW_HOURS_MAX: u32 = 168;

/// Enough to find a person and the person's family, and no file of a life.
const EMERGENCY_ATTRIBUTES_MAX: u32 = 20;

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
