//! Changes of an answer's body that work for any protocol: of its text, or of its JSON.

use serde_json::{Map, Value, json};

/// The records of somebody else beside the subject's: in every list of objects that name the
/// subject, each such object once more with another number.
pub(super) fn with_others(document: &mut Value, number: &str, other: &str, first: bool) -> bool {
    let items = match document {
        Value::Array(items) => items,
        Value::Object(members) => {
            return every(members.values_mut(), |value| {
                with_others(value, number, other, first)
            });
        }
        _ => return false,
    };
    let named = |item: &Value| item.is_object() && item.to_string().contains(number);
    let others: Vec<Value> = items
        .iter()
        .filter(|item| named(item))
        .map(|item| renumbered(item, number, other))
        .collect();
    if others.is_empty() {
        return every(items.iter_mut(), |item| {
            with_others(item, number, other, first)
        });
    }
    if first {
        items.splice(0..0, others);
    } else {
        items.extend(others);
    }
    true
}

/// The same document with another number in place of one.
pub(super) fn renumbered(document: &Value, number: &str, other: &str) -> Value {
    match document {
        Value::String(text) => Value::String(text.replace(number, other)),
        Value::Array(items) => items
            .iter()
            .map(|item| renumbered(item, number, other))
            .collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), renumbered(value, number, other)))
            .collect::<Map<_, _>>()
            .into(),
        plain => plain.clone(),
    }
}

/// Raises every announced number of entries.
pub(super) fn raise_totals(document: &mut Value) -> bool {
    match document {
        Value::Object(members) => {
            let mut raised = false;
            for (name, value) in members {
                let announces = TOTALS.iter().any(|total| name.eq_ignore_ascii_case(total));
                match value.as_u64().filter(|_| announces) {
                    Some(total) => {
                        *value = json!(total + 7);
                        raised = true;
                    }
                    None => raised |= raise_totals(value),
                }
            }
            raised
        }
        Value::Array(items) => every(items.iter_mut(), raise_totals),
        _ => false,
    }
}

/// Rewrites every link: the members that hold one.
pub(super) fn relink(document: &mut Value, link: &dyn Fn(&str) -> Option<String>) -> bool {
    match document {
        Value::Object(members) => {
            let mut changed = false;
            for (name, value) in members {
                let is_link = LINKS.iter().any(|known| name.eq_ignore_ascii_case(known));
                let new = value.as_str().filter(|_| is_link).and_then(link);
                match new {
                    Some(new) => {
                        *value = Value::String(new);
                        changed = true;
                    }
                    None => changed |= relink(value, link),
                }
            }
            changed
        }
        Value::Array(items) => every(items.iter_mut(), |item| relink(item, link)),
        _ => false,
    }
}

/// Adds a member that nobody knows to every object.
pub(super) fn add_members(document: &mut Value) {
    match document {
        Value::Object(members) => {
            members.values_mut().for_each(add_members);
            members.insert("xKitUnknown".to_owned(), json!({"a": [1, "b", null]}));
        }
        Value::Array(items) => items.iter_mut().for_each(add_members),
        _ => {}
    }
}

/// The members of every object in the opposite order.
pub(super) fn reversed(document: &Value) -> Value {
    match document {
        Value::Object(members) => members
            .iter()
            .rev()
            .map(|(name, value)| (name.clone(), reversed(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(reversed).collect(),
        plain => plain.clone(),
    }
}

/// Every list of one object as that object alone.
pub(super) fn without_single_lists(document: &mut Value) -> bool {
    match document {
        Value::Array(items) => {
            let mut changed = every(items.iter_mut(), without_single_lists);
            if let [only] = items.as_mut_slice()
                && only.is_object()
            {
                *document = only.take();
                changed = true;
            }
            changed
        }
        Value::Object(members) => every(members.values_mut(), without_single_lists),
        _ => false,
    }
}

/// Changes all of some values, and says whether that changed any.
fn every<'v>(
    values: impl Iterator<Item = &'v mut Value>,
    change: impl Fn(&mut Value) -> bool,
) -> bool {
    let mut changed = false;
    for value in values {
        changed |= change(value);
    }
    changed
}

/// The texts that stand in a document as values: JSON strings, or what is between two XML tags.
pub(super) fn leaves(text: &str) -> Vec<String> {
    let mut leaves = Vec::new();
    match serde_json::from_str::<Value>(text) {
        Ok(document) => collect(&document, &mut leaves),
        Err(_) => {
            for part in text.split('>').skip(1) {
                let leaf = part.split('<').next().unwrap_or_default();
                if !leaf.trim().is_empty() {
                    leaves.push(leaf.to_owned());
                }
            }
        }
    }
    leaves.sort_unstable();
    leaves.dedup();
    leaves
}

fn collect(document: &Value, leaves: &mut Vec<String>) {
    match document {
        Value::String(text) => leaves.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, leaves)),
        Value::Object(members) => members.values().for_each(|value| collect(value, leaves)),
        _ => {}
    }
}

/// Puts another text in place of a value, wherever it stands alone: `"value"` in JSON, `>value<` in
/// XML. `json` is the whole JSON token, quotes included.
pub(super) fn replace_leaf(text: &str, leaf: &str, json: &str, xml: &str) -> String {
    let quoted = Value::String(leaf.to_owned()).to_string();
    // A member's name is followed by a colon and stays.
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(&quoted) {
        let (before, from) = rest.split_at(at);
        let after = from.get(quoted.len()..).unwrap_or_default();
        out.push_str(before);
        out.push_str(if after.trim_start().starts_with(':') {
            &quoted
        } else {
            json
        });
        rest = after;
    }
    out.push_str(rest);
    out.replace(&format!(">{leaf}<"), &format!(">{xml}<"))
}

/// Names under which protocols announce how many entries there are.
const TOTALS: [&str; 10] = [
    "total",
    "totalElements",
    "totalCount",
    "total_count",
    "numberMatched",
    "numberReturned",
    "count",
    "tongSo",
    "tong_so",
    "so_luong",
];
/// Names under which protocols put links.
const LINKS: [&str; 9] = [
    "href",
    "url",
    "next",
    "nextLink",
    "@odata.nextLink",
    "link",
    "nextPage",
    "next_page",
    "trangSau",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_stand_beside_the_subject_in_the_outermost_list() {
        let mut document = json!({"items": [{"id": "1", "of": ["1", "9"]}, {"id": "2"}]});
        assert!(with_others(&mut document, "1", "7", true));
        assert_eq!(
            document,
            json!({"items": [{"id": "7", "of": ["7", "9"]}, {"id": "1", "of": ["1", "9"]}, {"id": "2"}]})
        );
        assert!(!with_others(&mut json!({"a": "1"}), "1", "7", false));
    }

    #[test]
    fn a_leaf_is_replaced_where_it_is_a_value_and_not_where_it_is_a_name() {
        assert_eq!(
            replace_leaf(r#"{"a":"a","b":["a"]}"#, "a", "null", ""),
            r#"{"a":null,"b":[null]}"#
        );
        assert_eq!(replace_leaf("<x>a</x>", "a", "null", ""), "<x></x>");
    }

    #[test]
    fn links_totals_and_single_lists_are_found_at_any_depth() {
        let mut document = json!({"links": [{"href": "/2"}], "page": {"totalElements": 2}});
        assert!(relink(&mut document, &|link| Some(format!(
            "http://other{link}"
        ))));
        assert!(raise_totals(&mut document));
        assert!(without_single_lists(&mut document));
        assert_eq!(
            document,
            json!({"links": {"href": "http://other/2"}, "page": {"totalElements": 9}})
        );
    }
}
