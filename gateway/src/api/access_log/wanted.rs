//! Which entries a data protection officer asks for: the same names in an address and in a body. A
//! person is named in a body only.

use super::super::{
    circumstances::Circumstances, parameters::Parameters, problem::ProblemResponse,
};
use crate::{index::Filter, pipeline::AccessEntryWriter};
use axum::response::{IntoResponse, Response};
use motlan_access_log::pseudonym::Pseudonym;
use motlan_schemas::{
    ids::PersonalId,
    json,
    query::{FieldError, Mistake, QueryError, Subject},
};
use serde_json::{Map, Value};
use std::str::FromStr;

/// The names that can be given.
const NAMES: [&str; 15] = [
    "agency",
    "attribute",
    "case",
    "client",
    "cursor",
    "dataset",
    "from",
    "kind",
    "limit",
    "officer",
    "outcome",
    "purpose",
    "registry",
    "rule",
    "to",
];
/// Those that a look records with their values. A case belongs to a person who may be erased one day,
/// and a look does not go with them.
const TOLD: [&str; 12] = [
    "agency",
    "attribute",
    "client",
    "dataset",
    "from",
    "kind",
    "officer",
    "outcome",
    "purpose",
    "registry",
    "rule",
    "to",
];
const KINDS: [&str; 18] = [
    "alert",
    "alert_review",
    "check",
    "consent_change",
    "disclosure",
    "dry_run",
    "emergency_review",
    "erasure",
    "key_change",
    "look",
    "mapping_load",
    "mention",
    "node_start",
    "policy_load",
    "pruning",
    "refusal",
    "registry_change",
    "seal_change",
];
const KINDS_TEXT: &str = "alert, alert_review, check, consent_change, disclosure, dry_run, \
                          emergency_review, erasure, key_change, look, mapping_load, mention, \
                          node_start, policy_load, pruning, refusal, registry_change, seal_change";
const OUTCOMES: [&str; 22] = [
    "alerted",
    "changed",
    "checked",
    "disclosed",
    "erased",
    "explained",
    "given",
    "in_review",
    "incident",
    "justified",
    "lifted",
    "loaded",
    "looked",
    "mentioned",
    "misuse",
    "nothing_disclosed",
    "pruned",
    "refused",
    "sealed",
    "started",
    "used_up",
    "withdrawn",
];
const OUTCOMES_TEXT: &str = "alerted, changed, checked, disclosed, erased, explained, given, \
                             in_review, incident, justified, lifted, loaded, looked, mentioned, misuse, \
                             nothing_disclosed, pruned, refused, sealed, started, used_up, withdrawn";
const LIMIT_USUAL: usize = 50;
const LIMIT_MAX: usize = 500;
/// Entries that one export holds at most; the next one goes on where it ends.
pub(super) const EXPORT_MAX: usize = 1_000_000;
/// Digits of a personal number.
const NUMBER_DIGITS: usize = 12;

/// The entries that are asked for.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) filter: Filter,
    pub(super) limit: usize,
    pub(super) before: u64,
    /// What a look records of it.
    pub(super) told: Vec<String>,
    /// The newest name of the person or enterprise that it is about.
    pub(super) subject: Option<Pseudonym>,
}

impl Wanted {
    /// Reads the parameters in an address.
    pub(super) fn from_address(
        query: Option<&str>,
        exports: bool,
        on: &Circumstances,
    ) -> Result<Self, Response> {
        let mut parameters = Parameters::parse(query, &NAMES);
        let wanted = Self::read(&mut parameters, exports);
        let named = [
            ("case", &wanted.filter.case),
            ("officer", &wanted.filter.officer),
        ];
        for (name, value) in named {
            let value = value.as_deref().unwrap_or_default();
            if value
                .split(|c: char| !c.is_ascii_digit())
                .any(is_personal_number)
            {
                parameters.wrong(name, Mistake::NamesPerson);
            }
        }
        parameters.check(on)?;
        Ok(wanted)
    }

    /// Reads a body, which can also name a subject.
    pub(super) fn from_body(
        bytes: &[u8],
        exports: bool,
        writer: &AccessEntryWriter,
        on: &Circumstances,
    ) -> Result<Self, Response> {
        let refused =
            |error: QueryError| ProblemResponse::from_query_error(&error, on).into_response();
        let value = json::parse(bytes, DEPTH_MAX).map_err(|error| refused(error.into()))?;
        let Value::Object(mut members) = value else {
            let expected = "an object";
            return Err(refused(wrong("", Mistake::WrongType { expected })));
        };
        let subject = members.shift_remove("subject");
        let subject = subject.map(|value| read_subject(&value)).transpose();
        let mut parameters = Parameters::of_members(&members, &NAMES);
        let mut wanted = Self::read(&mut parameters, exports);
        parameters.check(on)?;
        if let Some(subject) = subject.map_err(refused)? {
            wanted.filter.subjects = writer.pseudonyms_of(&subject);
            wanted.subject = wanted.filter.subjects.last().copied();
        }
        Ok(wanted)
    }

    fn read(parameters: &mut Parameters, exports: bool) -> Self {
        let (from, until) = parameters.moments();
        let outcomes = parameters.words("outcome", &OUTCOMES, OUTCOMES_TEXT);
        if outcomes.len() > 1 {
            parameters.wrong("outcome", Mistake::TooMany { max: 1 });
        }
        let filter = Filter {
            subjects: Vec::new(),
            kinds: parameters.words("kind", &KINDS, KINDS_TEXT),
            agency: parameters.text("agency"),
            client: parameters.text("client"),
            officer: parameters.text("officer"),
            purpose: parameters.text("purpose"),
            case: parameters.text("case"),
            dataset: parameters.text("dataset"),
            attribute: parameters.text("attribute"),
            outcome: outcomes.first().map(|outcome| (*outcome).to_owned()),
            rule: parameters.text("rule"),
            registry: parameters.text("registry"),
            from,
            until,
        };
        let (usual, max) = match exports {
            true => (EXPORT_MAX, EXPORT_MAX),
            false => (LIMIT_USUAL, LIMIT_MAX),
        };
        let mut told = parameters.filters(&TOLD);
        if filter.case.is_some() {
            told.push("case".to_owned());
        }
        Self {
            filter,
            limit: parameters.limit(usual, max),
            before: parameters.cursor().unwrap_or(u64::MAX),
            told,
            subject: None,
        }
    }
}

/// A body is an object with one object in it.
const DEPTH_MAX: usize = 3;

fn read_subject(value: &Value) -> Result<Subject, QueryError> {
    let empty = Map::new();
    let mut members = value.as_object().unwrap_or(&empty).iter();
    match (members.next(), members.next()) {
        (Some((name, value)), None) if name == "person" => {
            parsed("/subject/person", value).map(Subject::Person)
        }
        (Some((name, value)), None) if name == "enterprise" => {
            parsed("/subject/enterprise", value).map(Subject::Enterprise)
        }
        _ => Err(wrong("/subject", Mistake::SubjectForm)),
    }
}

fn parsed<T: FromStr<Err: Into<Mistake>>>(pointer: &str, value: &Value) -> Result<T, QueryError> {
    let expected = "a string";
    let text = value
        .as_str()
        .ok_or_else(|| wrong(pointer, Mistake::WrongType { expected }))?;
    text.parse()
        .map_err(|error: T::Err| wrong(pointer, error.into()))
}

fn wrong(pointer: &str, mistake: Mistake) -> QueryError {
    let pointer = pointer.to_owned();
    QueryError::Invalid(vec![FieldError { pointer, mistake }])
}

fn is_personal_number(digits: &str) -> bool {
    digits.len() == NUMBER_DIGITS && digits.parse::<PersonalId>().is_ok()
}
