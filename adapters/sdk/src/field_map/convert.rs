//! One value of a registry's JSON as one value of a dataset.

use super::{Field, FieldKind, FieldMap, find};
use crate::{
    adapter::AdapterError,
    codes::Meaning,
    value::{self, partial_date},
};
use serde_json::{Number, Value};
use std::{borrow::Cow, sync::LazyLock};

/// The value of an attribute in a record, or `None` where the registry's way of writing it means
/// that there is none.
pub(super) fn convert(
    name: &str,
    field: &Field,
    source: &Value,
) -> Result<Option<Value>, AdapterError> {
    let values = field
        .path
        .iter()
        .flat_map(|path| find::values(source, path))
        .filter(|value| !is_nothing(value));
    if let Some(items) = &field.items {
        return list(name, items, values);
    }
    let mut values = values.peekable();
    let Some(first) = values.next() else {
        return Ok(field
            .absent
            .as_deref()
            .and_then(|absent| meaning(field.kind, absent)));
    };
    if field.kind == FieldKind::Text && values.peek().is_some() {
        let texts = std::iter::once(first).chain(values);
        let texts: Option<Vec<_>> = texts.map(|value| text(field, value)).collect();
        let joined = texts.ok_or_else(|| unreadable(name, "text"))?;
        return Ok(coded(field, joined.join(&field.join)));
    }
    scalar(field, first).map_err(|expected| unreadable(name, expected))
}

/// What is written for a code, or for a value that is absent, as a value of a kind.
pub(super) fn meaning(kind: FieldKind, text: &str) -> Option<Value> {
    match kind {
        // A date may have a word in its place, such as `long_term`.
        FieldKind::Text | FieldKind::Date => Some(Value::from(text)),
        FieldKind::Flag => value::flag(text).ok().flatten().map(Value::from),
        FieldKind::Number => number_in(text).map(Value::Number),
        FieldKind::Integer => text.parse::<i64>().ok().map(Value::from),
    }
}

fn list<'v>(
    name: &str,
    items: &FieldMap,
    values: impl Iterator<Item = &'v Value>,
) -> Result<Option<Value>, AdapterError> {
    let mut list: Option<Vec<Value>> = None;
    for value in values {
        let list = list.get_or_insert_default();
        // Some servers write a list of one as the object alone.
        let objects = value
            .as_array()
            .map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
        for object in objects {
            if !object.is_object() {
                return Err(unreadable(name, "a list of objects"));
            }
            list.push(Value::Object(items.read(object, &|_| true)?));
        }
    }
    Ok(list.map(Value::Array))
}

fn scalar(field: &Field, value: &Value) -> Result<Option<Value>, &'static str> {
    let value = &*stripped(field, value);
    let code = (!field.codes.is_empty()).then(|| text(field, value));
    if let Some(code) = code.flatten() {
        match field.codes.meaning(&code) {
            Meaning::Is(word) => return Ok(meaning(field.kind, word)),
            Meaning::Nothing => return Ok(None),
            Meaning::Unlisted => {}
        }
    }
    of_kind(field.kind, field, value)
}

/// A value read as a kind, or `None` where the registry's way of writing it means that there is none.
///
/// # Errors
/// What the value should have been: `a date`.
pub fn read_as(kind: FieldKind, value: &Value) -> Result<Option<Value>, &'static str> {
    static PLAIN: LazyLock<Field> = LazyLock::new(Field::default);
    if is_nothing(value) {
        return Ok(None);
    }
    of_kind(kind, &PLAIN, value)
}

fn of_kind(kind: FieldKind, field: &Field, value: &Value) -> Result<Option<Value>, &'static str> {
    match kind {
        FieldKind::Text => text(field, value)
            .map(|text| Some(Value::String(text)))
            .ok_or("text"),
        FieldKind::Number => number(value)
            .map(|number| Some(Value::Number(number)))
            .ok_or("a number"),
        FieldKind::Integer => integer(value)
            .map(|number| Some(Value::from(number)))
            .ok_or("a whole number"),
        FieldKind::Flag => flag(value)
            .map(|flag| Some(Value::Bool(flag)))
            .ok_or("true or false"),
        FieldKind::Date => text(field, value)
            .and_then(|text| partial_date(&text).ok())
            .map(|date| date.map(|date| Value::String(date.to_string())))
            .ok_or("a date"),
    }
}

fn coded(field: &Field, text: String) -> Option<Value> {
    match field.codes.meaning(&text) {
        Meaning::Is(meaning) => Some(Value::from(meaning)),
        Meaning::Nothing => None,
        Meaning::Unlisted => Some(Value::String(text)),
    }
}

fn stripped<'v>(field: &Field, value: &'v Value) -> Cow<'v, Value> {
    match value {
        Value::String(text) if !field.strip.is_empty() => Cow::Owned(Value::String(
            text.chars()
                .filter(|character| !field.strip.contains(*character))
                .collect(),
        )),
        other => Cow::Borrowed(other),
    }
}

fn unreadable(name: &str, expected: &str) -> AdapterError {
    AdapterError::malformed(format!("`{name}` is not {expected}"))
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

fn text(field: &Field, value: &Value) -> Option<String> {
    match value {
        Value::String(_) => match stripped(field, value).as_ref() {
            Value::String(text) => value::text(text),
            _ => None,
        },
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Array(lines) => {
            let lines: Vec<String> = lines
                .iter()
                .filter(|line| !is_nothing(line))
                .map(|line| text(field, line))
                .collect::<Option<_>>()?;
            Some(lines.join(&field.join))
        }
        Value::Null | Value::Object(_) => None,
    }
}

fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => number_in(text),
        _ => None,
    }
}

fn number_in(text: &str) -> Option<Number> {
    let text = text.trim().replacen(',', ".", 1);
    let whole = text.parse::<i64>().ok().map(Number::from);
    whole.or_else(|| text.parse::<f64>().ok().and_then(Number::from_f64))
}

/// A whole number, which may be written as text or with a decimal point and nothing behind it.
#[must_use]
pub fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => {
            let fraction = number.as_f64().filter(|float| float.fract() == 0.0);
            number
                .as_i64()
                .or_else(|| format!("{:.0}", fraction?).parse().ok())
        }
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => [(0, false), (1, true)]
            .into_iter()
            .find_map(|(digit, flag)| (number.as_u64() == Some(digit)).then_some(flag)),
        Value::String(text) => value::flag(text).ok().flatten(),
        _ => None,
    }
}
