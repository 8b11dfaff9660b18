//! What the version before served is served still.

use super::check;
use crate::conformance::{
    bench::Bench,
    check::{Check, Findings},
    snapshot::{ServedThen, Snapshot},
};
use serde_json::Value;

pub(super) const CHECKS: &[Check] = &[
    check!(
        "compatibility.datasets-are-kept",
        Gold,
        FIRST,
        "Every dataset that the version before served is served.",
        datasets_are_kept
    ),
    check!(
        "compatibility.attributes-are-kept",
        Gold,
        FIRST,
        "Every attribute that the version before served is served.",
        attributes_are_kept
    ),
    check!(
        "compatibility.schemas-are-not-narrowed",
        Gold,
        FIRST,
        "Every value that the version before could send is valid still.",
        schemas_are_not_narrowed
    ),
    check!(
        "compatibility.selection-is-kept",
        Gold,
        FIRST,
        "A dataset that could be asked for selectively can be so still, and the registry is the same.",
        selection_is_kept
    ),
];

/// The datasets of both versions, by name.
fn both<'b>(
    bench: &'b Bench<'_>,
    now: &'b Snapshot,
) -> impl Iterator<Item = (&'b str, &'b ServedThen, Option<&'b ServedThen>)> {
    let then = bench
        .candidate
        .previous
        .iter()
        .flat_map(|then| &then.datasets);
    then.map(|(name, served)| (name.as_str(), served, now.datasets.get(name)))
}

fn now(bench: &Bench<'_>) -> Snapshot {
    Snapshot::of(&bench.descriptor, bench.catalogue())
}

async fn datasets_are_kept(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for (name, _, now) in both(bench, &now(bench)) {
        findings.expect(
            now.is_some(),
            format!("`{name}`"),
            "a dataset that is served",
            "it is not any more",
            "serve it, or publish the adapter under another registry id",
        );
    }
    findings
}

async fn attributes_are_kept(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for (name, then, now) in both(bench, &now(bench)) {
        let Some(now) = now else { continue };
        for attribute in then.attributes.keys() {
            findings.expect(
                now.attributes.contains_key(attribute),
                format!("`{name}.{attribute}`"),
                "an attribute that is served",
                "it is not any more",
                "keep it; purposes and consents name it",
            );
        }
    }
    findings
}

async fn schemas_are_not_narrowed(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for (name, then, now) in both(bench, &now(bench)) {
        let Some(now) = now else { continue };
        for (attribute, before) in &then.attributes {
            let Some(after) = now.attributes.get(attribute) else {
                continue;
            };
            let narrowed = narrowed(before, after);
            findings.expect(
                narrowed.is_none(),
                format!("`{name}.{attribute}`"),
                "a schema that admits all that it admitted",
                narrowed.map_or_else(String::new, |keyword| format!("`{keyword}` is narrower")),
                "widen it again, or add another attribute",
            );
        }
    }
    findings
}

async fn selection_is_kept(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    let now = now(bench);
    for (name, then, served) in both(bench, &now) {
        let Some(served) = served else { continue };
        findings.expect(
            served.selective || !then.selective,
            format!("`{name}`"),
            "a dataset that can be asked for selectively",
            "it cannot any more",
            "ask for fields by name, as the version before did",
        );
    }
    if let Some(then) = &bench.candidate.previous {
        findings.expect(
            then.registry == now.registry,
            "the descriptor",
            format!("registry `{}`", then.registry),
            format!("`{}`", now.registry),
            "keep the registry's id; logs and caches go by it",
        );
    }
    findings
}

/// The first keyword of a schema that admits less than before.
fn narrowed(before: &Value, after: &Value) -> Option<String> {
    let number = |schema: &Value, keyword: &str| schema.get(keyword).and_then(Value::as_f64);
    for keyword in ["minLength", "minimum", "minItems", "exclusiveMinimum"] {
        if let Some(after) = number(after, keyword)
            && number(before, keyword).is_none_or(|before| after > before)
        {
            return Some(keyword.to_owned());
        }
    }
    for keyword in ["maxLength", "maximum", "maxItems", "exclusiveMaximum"] {
        if let Some(after) = number(after, keyword)
            && number(before, keyword).is_none_or(|before| after < before)
        {
            return Some(keyword.to_owned());
        }
    }
    for keyword in ["type", "pattern", "format", "const", "x-code"] {
        let (before, after) = (before.get(keyword), after.get(keyword));
        if after.is_some() && before != after {
            return Some(keyword.to_owned());
        }
    }
    if !holds_all(after.get("enum"), before.get("enum")) {
        return Some("enum".to_owned());
    }
    // What a record must have may shrink and not grow.
    if let Some(required) = after.get("required")
        && !holds_all(
            before.get("required").or(Some(&Value::Array(Vec::new()))),
            Some(required),
        )
    {
        return Some("required".to_owned());
    }
    within(before, after)
}

fn within(before: &Value, after: &Value) -> Option<String> {
    if let (Some(before), Some(after)) = (before.get("items"), after.get("items"))
        && let Some(keyword) = narrowed(before, after)
    {
        return Some(format!("items.{keyword}"));
    }
    let members = before.get("properties").and_then(Value::as_object)?;
    members.iter().find_map(|(name, before)| {
        let Some(after) = after.get("properties").and_then(|all| all.get(name)) else {
            return Some(format!("properties.{name}"));
        };
        narrowed(before, after).map(|keyword| format!("properties.{name}.{keyword}"))
    })
}

/// Whether a list, if there is one, holds all of another; no list holds everything.
fn holds_all(list: Option<&Value>, all: Option<&Value>) -> bool {
    let Some(list) = list.and_then(Value::as_array) else {
        return true;
    };
    all.and_then(Value::as_array)
        .is_some_and(|all| all.iter().all(|each| list.contains(each)))
}

const FIRST: &str = "there is no version before";

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_admits_less_is_named_and_what_admits_more_is_not() {
        let before = json!({"type": "string", "maxLength": 10, "enum": ["a", "b"]});
        let wider = json!({"type": "string", "maxLength": 20, "enum": ["a", "b", "c"]});
        assert_eq!(narrowed(&before, &wider), None);
        assert_eq!(narrowed(&wider, &before).as_deref(), Some("maxLength"));
        assert_eq!(
            narrowed(&json!({}), &json!({"enum": ["a"]})).as_deref(),
            Some("enum")
        );
        let list = |item: Value| json!({"type": "array", "items": {"properties": {"a": item}}});
        assert_eq!(
            narrowed(
                &list(json!({"type": "string"})),
                &list(json!({"type": "number"}))
            )
            .as_deref(),
            Some("items.properties.a.type")
        );
    }
}
