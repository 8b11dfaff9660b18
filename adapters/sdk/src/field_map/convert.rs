//! One value of a registry's JSON as one value of a dataset.

use super::{Field, FieldKind};
use crate::{
    adapter::AdapterError,
    value::{self, partial_date},
};
use serde_json::{Number, Value};

/// The value, or `None` where the registry's way of writing it means that there is none.
pub(super) fn convert(
    name: &str,
    field: &Field,
    value: &Value,
) -> Result<Option<Value>, AdapterError> {
    if is_nothing(value) {
        return Ok(None);
    }
    if let Some(items) = &field.items {
        // Some servers write a list of one as the object alone.
        let list = value
            .as_array()
            .map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
        let read = |item: &Value| {
            let object = item
                .is_object()
                .then_some(item)
                .ok_or_else(|| unreadable(name, "a list of objects"))?;
            items.read(object, &|_| true).map(Value::Object)
        };
        return list
            .iter()
            .map(read)
            .collect::<Result<_, _>>()
            .map(|list| Some(Value::Array(list)));
    }
    if let Some(meaning) = text(value).and_then(|code| field.codes.get(&code).cloned()) {
        return Ok(Some(Value::String(meaning)));
    }
    match field.kind {
        FieldKind::Text => text(value)
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
        FieldKind::Date => text(value)
            .and_then(|text| partial_date(&text).ok())
            .map(|date| date.map(|date| Value::String(date.to_string())))
            .ok_or("a date"),
    }
    .map_err(|expected| unreadable(name, expected))
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

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => value::text(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Array(lines) => {
            let lines: Vec<String> = lines
                .iter()
                .filter(|line| !is_nothing(line))
                .map(text)
                .collect::<Option<_>>()?;
            Some(lines.join(", "))
        }
        Value::Null | Value::Object(_) => None,
    }
}

fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => {
            let text = text.trim().replacen(',', ".", 1);
            let whole = text.parse::<i64>().ok().map(Number::from);
            whole.or_else(|| text.parse::<f64>().ok().and_then(Number::from_f64))
        }
        _ => None,
    }
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
