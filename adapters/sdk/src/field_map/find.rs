//! Ways through a registry's JSON.

use serde_json::Value;
use std::borrow::Cow;

/// The value at a dotted path.
///
/// ```
/// # use motlan_adapter_sdk::field_map::at;
/// let value = serde_json::json!({"navn": [{"fornavn": "ANNA"}]});
/// assert_eq!(at(&value, "navn.0.fornavn").unwrap(), "ANNA");
/// assert!(at(&value, "navn.1").is_none());
/// ```
#[must_use]
pub fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.')
        .try_fold(value, |value, name| step(value, name))
}

/// All values at a path in which `*` is every item of a list; an object in the place of a list is a
/// list of one.
///
/// ```
/// # use motlan_adapter_sdk::field_map::all_at;
/// let value = serde_json::json!({"groups": [{"roles": [1, 2]}, {"roles": 3}, {}]});
/// assert_eq!(all_at(&value, "groups.*.roles.*"), [1, 2, 3]);
/// ```
#[must_use]
pub fn all_at<'v>(value: &'v Value, path: &str) -> Vec<&'v Value> {
    path.split('.').fold(vec![value], |values, name| {
        let mut next = Vec::new();
        for value in values {
            match (name, value) {
                ("*", Value::Array(items)) => next.extend(items),
                ("*", Value::Null) => {}
                ("*", single) => next.push(single),
                _ => next.extend(step(value, name)),
            }
        }
        next
    })
}

/// The first member name of a path.
#[must_use]
pub fn first(path: &str) -> &str {
    path.split('.').next().unwrap_or(path)
}

/// Whether a value is a number that somebody or something is known by. A number that is no text has
/// lost its leading zeros, so it is compared as a number.
///
/// ```
/// # use motlan_adapter_sdk::field_map::is_number;
/// assert!(is_number(&" 001185012345".into(), "001185012345"));
/// assert!(is_number(&1185012345.into(), "001185012345"));
/// assert!(!is_number(&"1185012345".into(), "001185012345"));
/// ```
#[must_use]
pub fn is_number(value: &Value, number: &str) -> bool {
    match value {
        Value::String(text) => text.trim() == number,
        Value::Number(digits) => {
            let same = |digits: u64| number.parse().is_ok_and(|number: u64| number == digits);
            digits.as_u64().is_some_and(same)
        }
        _ => false,
    }
}

/// The values at a path, with or without `*`.
pub(super) fn values<'v>(value: &'v Value, path: &str) -> impl Iterator<Item = &'v Value> {
    let (one, all) = if path.contains('*') {
        (None, all_at(value, path))
    } else {
        (at(value, path), Vec::new())
    };
    one.into_iter().chain(all)
}

pub(super) fn is_there(value: &Value, path: &str) -> bool {
    values(value, path).any(|value| !value.is_null())
}

/// A path without places in arrays.
pub(super) fn names(path: &str) -> Cow<'_, str> {
    let is_place = |part: &str| part == "*" || part.bytes().all(|byte| byte.is_ascii_digit());
    if path.split('.').any(is_place) {
        let names: Vec<&str> = path.split('.').filter(|part| !is_place(part)).collect();
        Cow::Owned(names.join("."))
    } else {
        Cow::Borrowed(path)
    }
}

fn step<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Object(members) => members.get(name),
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        _ => None,
    }
}
