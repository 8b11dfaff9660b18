//! The filters that are not written in jq: some of jaq's own by name, and those that read what
//! registries write, exactly as adapters in Rust do.

use super::{Env, Kind, budget::charge, value::Val};
use crate::codes::{CodeTables, Meaning};
use jaq_core::{
    Cv, DataT, Error, ValR, ValXs,
    native::{Fun, bome, run, unary, v},
};
use motlan_adapter_sdk::{
    fhir,
    field_map::{FieldKind, read_as},
};
use std::{cell::RefCell, sync::Arc};

/// Jaq's natives that mappings may use. Not among them: `halt`, `env`, `now`, `input`, `debug`,
/// anything of time zones, and `path`, which only updates need.
const JAQ: &[&str] = &[
    "error_empty",
    "range",
    "keys_unsorted",
    "key_values",
    "first",
    "last",
    "limit",
    "skip",
    "floor",
    "round",
    "ceil",
    "utf8bytelength",
    "explode",
    "implode",
    "ascii_downcase",
    "ascii_upcase",
    "reverse",
    "sort",
    "sort_by",
    "group_by",
    "min_by_or_empty",
    "max_by_or_empty",
    "startswith",
    "endswith",
    "ltrimstr",
    "rtrimstr",
    "trim",
    "ltrim",
    "rtrim",
];

thread_local! {
    /// Why one of our own filters failed. jq's errors hold values, and are never shown.
    static COMPLAINT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Forgets the complaints of an earlier run.
pub(super) fn forget_complaint() {
    COMPLAINT.take();
}

/// What the failed filter of this run says, without values.
pub(super) fn take_complaint() -> Option<String> {
    COMPLAINT.take()
}

/// All natives.
pub(super) fn natives() -> impl Iterator<Item = Fun<Kind>> {
    let jaq = jaq_core::funs::<Kind>().chain(jaq_std::base_funs());
    jaq.filter(|(name, ..)| JAQ.contains(name)).chain(own())
}

/// The filters that read a value as a kind, by the names that `as` has too.
pub(crate) const KINDS: [(&str, Kinds); 6] = [
    ("text", Kinds::Field(FieldKind::Text)),
    ("number", Kinds::Field(FieldKind::Number)),
    ("integer", Kinds::Field(FieldKind::Integer)),
    ("flag", Kinds::Field(FieldKind::Flag)),
    ("date", Kinds::Field(FieldKind::Date)),
    ("day", Kinds::Day),
];

/// How a value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kinds {
    /// As adapters in Rust read a field.
    Field(FieldKind),
    /// The day of a FHIR `date`, `dateTime` or `instant`, in Vietnam.
    Day,
}

/// A value read as a kind; `Err` says what it should have been.
pub(crate) fn read(kind: Kinds, value: &Val) -> Result<Val, &'static str> {
    match kind {
        Kinds::Field(kind) => {
            read_as(kind, &value.to_json()).map(|value| value.map_or(Val::Null, Val::from))
        }
        Kinds::Day => match value {
            Val::Null => Ok(Val::Null),
            Val::Text(text) => fhir::day(text)
                .map(|day| day.map_or(Val::Null, |day| Val::text(day.to_string())))
                .map_err(|_| "a date"),
            _ => Err("a date"),
        },
    }
}

fn own() -> Vec<Fun<Kind>> {
    let mut own: Vec<Fun<Kind>> = vec![
        run(("length", v(0), |cv| bome(length(&cv.1)))),
        run(("has", v(1), |cv| unary(cv, |value, key| has(&value, &key)))),
        run(("contains", v(1), |cv| {
            unary(cv, |one, two| Ok(Val::Bool(contains(&one, &two))))
        })),
        run(("code", v(1), |cv| with_env(cv, code))),
        run(("test", v(1), |cv| with_env(cv, test))),
        run(("capture", v(1), |cv| with_env(cv, capture))),
        run(("sub", v(2), |cv| substitute(cv, 1))),
        run(("gsub", v(2), |cv| substitute(cv, 0))),
    ];
    own.extend([
        run(("text", v(0), |cv: Cv<'_, Kind>| {
            as_kind(&cv.1, Kinds::Field(FieldKind::Text))
        })),
        run(("number", v(0), |cv: Cv<'_, Kind>| {
            as_kind(&cv.1, Kinds::Field(FieldKind::Number))
        })),
        run(("integer", v(0), |cv: Cv<'_, Kind>| {
            as_kind(&cv.1, Kinds::Field(FieldKind::Integer))
        })),
        run(("flag", v(0), |cv: Cv<'_, Kind>| {
            as_kind(&cv.1, Kinds::Field(FieldKind::Flag))
        })),
        run(("date", v(0), |cv: Cv<'_, Kind>| {
            as_kind(&cv.1, Kinds::Field(FieldKind::Date))
        })),
        run(("day", v(0), |cv: Cv<'_, Kind>| as_kind(&cv.1, Kinds::Day))),
    ]);
    own
}

fn complain(complaint: impl Into<String>) -> Error<Val> {
    let complaint = complaint.into();
    let error = Error::str(&complaint);
    COMPLAINT.replace(Some(complaint));
    error
}

fn as_kind<'a>(value: &Val, kind: Kinds) -> ValXs<'a, Val> {
    bome(read(kind, value).map_err(|expected| complain(format!("is not {expected}"))))
}

fn length(value: &Val) -> ValR<Val> {
    let length = match value {
        Val::Null => 0,
        Val::Text(text) => text.chars().count(),
        Val::List(_) => value.items().map_or(0, <[_]>::len),
        Val::Object(_) => value.members().map_or(0, <[_]>::len),
        Val::Bool(_) | Val::Int(_) | Val::Float(_) => {
            return Err(complain(
                "has no length: it is neither text, list nor object",
            ));
        }
    };
    Ok(Val::from(length))
}

fn has(value: &Val, key: &Val) -> ValR<Val> {
    match (value, key) {
        (Val::Object(_), Val::Text(name)) => Ok(Val::Bool(value.member(name).is_some())),
        (Val::List(_), Val::Int(place)) => {
            let length = value.items().map_or(0, <[_]>::len);
            Ok(Val::Bool(
                usize::try_from(*place).is_ok_and(|place| place < length),
            ))
        }
        _ => Err(complain(
            "has no members: it is neither an object nor a list",
        )),
    }
}

fn contains(one: &Val, two: &Val) -> bool {
    charge(1);
    match (one, two) {
        (Val::Text(one), Val::Text(two)) => one.contains(&**two),
        (Val::List(_), Val::List(_)) => {
            let (one, two) = (
                one.items().unwrap_or_default(),
                two.items().unwrap_or_default(),
            );
            two.iter()
                .all(|wanted| one.iter().any(|item| contains(item, wanted)))
        }
        (Val::Object(_), Val::Object(_)) => {
            two.members()
                .unwrap_or_default()
                .iter()
                .all(|(name, wanted)| {
                    one.member(name)
                        .is_some_and(|value| contains(value, wanted))
                })
        }
        _ => one == two,
    }
}

/// A native of one argument that looks things up in the mapping's surroundings.
fn with_env<'a>(
    mut cv: Cv<'a, Kind>,
    work: fn(<Kind as DataT>::Data<'a>, &Val, &str) -> ValR<Val>,
) -> ValXs<'a, Val> {
    let env: Env<'a> = *cv.0.data();
    let argument = cv.0.pop_var();
    bome(work(env, &cv.1, argument.as_text().unwrap_or_default()))
}

/// The meaning of a code in one of the folder's tables. Nothing has no meaning, and is nothing.
fn code(env: Env<'_>, value: &Val, table: &str) -> ValR<Val> {
    match meaning(env.codes, value, table) {
        Ok(Some(meaning)) => Ok(meaning),
        Ok(None) => Ok(value.clone()),
        Err(complaint) => Err(complain(complaint)),
    }
}

/// The meaning of a code; `None` where there is no code, or the table leaves it as it is.
pub(super) fn meaning(codes: &CodeTables, value: &Val, table: &str) -> Result<Option<Val>, String> {
    let text = read(Kinds::Field(FieldKind::Text), value).map_err(|_| "is no code".to_owned())?;
    let (Some(text), Some(codes)) = (text.as_text(), codes.get(table)) else {
        return Ok(None);
    };
    match codes.meaning(text) {
        Meaning::Is(meaning) => Ok(Some(Val::text(meaning))),
        Meaning::Same => Ok(None),
        Meaning::Unknown => Err(format!("is a code that `{table}` does not have")),
    }
}

fn test(env: Env<'_>, value: &Val, pattern: &str) -> ValR<Val> {
    let text = subject_text(value)?;
    Ok(Val::Bool(
        env.patterns
            .get(pattern)
            .is_some_and(|regex| regex.is_match(text)),
    ))
}

/// The named groups of the first match; nothing where there is none.
fn capture(env: Env<'_>, value: &Val, pattern: &str) -> ValR<Val> {
    let text = subject_text(value)?;
    let Some(regex) = env.patterns.get(pattern) else {
        return Ok(Val::Null);
    };
    let Some(found) = regex.captures(text) else {
        return Ok(Val::Null);
    };
    let named = regex.capture_names().flatten();
    let groups = named.map(|name| {
        let group = found
            .name(name)
            .map_or(Val::Null, |group| Val::text(group.as_str()));
        (Arc::from(name), group)
    });
    Ok(Val::object(groups.collect()))
}

/// `sub` and `gsub`: matches replaced by a text in which `$name` is a group.
fn substitute<'a>(mut cv: Cv<'a, Kind>, limit: usize) -> ValXs<'a, Val> {
    let env: Env<'a> = *cv.0.data();
    let replacement = cv.0.pop_var();
    let pattern = cv.0.pop_var();
    let pattern = pattern
        .as_text()
        .and_then(|pattern| env.patterns.get(pattern));
    bome(subject_text(&cv.1).map(|text| {
        let replacement = replacement.as_text().unwrap_or_default();
        charge(text.len() + text.len() * replacement.len() / SUBSTITUTED_A_STEP);
        match pattern {
            Some(regex) => Val::text(regex.replacen(text, limit, replacement).into_owned()),
            None => Val::text(text),
        }
    }))
}

fn subject_text(value: &Val) -> Result<&str, Error<Val>> {
    let text = value.as_text().ok_or_else(|| complain("is not text"))?;
    charge(text.len());
    Ok(text)
}

const SUBSTITUTED_A_STEP: usize = 16;
