//! The question: which persons, which fields; and the fields of a person that it selects.

use super::problem::Problem;
use http::StatusCode;
use serde_json::{Map, Value};

/// A question that is right.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) kind: &'static str,
    pub(super) numbers: Vec<String>,
    pub(super) fields: Vec<String>,
}

const KIND: &str = "RetrieveByPersonalNumber";
const NUMBERS_MAX: usize = 20;
const FIELDS_MAX: usize = 130;

/// The fields that may be asked for, or any group above them.
const FIELDS: [&str; 41] = [
    "personalNumber",
    "name.full",
    "birth.date",
    "birth.place",
    "sex.code",
    "sex.description",
    "ethnicity.code",
    "religion",
    "nationality.code",
    "homeTown",
    "registration.status.code",
    "registration.status.description",
    "residence.permanent.address",
    "residence.permanent.communeCode",
    "residence.permanent.provinceCode",
    "residence.permanent.since",
    "residence.temporary.address",
    "residence.temporary.communeCode",
    "residence.temporary.provinceCode",
    "residence.temporary.from",
    "residence.temporary.until",
    "residence.current.address",
    "residence.current.communeCode",
    "household.code",
    "household.members.name",
    "household.members.personalNumber",
    "household.members.relationship.code",
    "household.members.relationship.description",
    "household.members.sex.code",
    "household.members.sex.description",
    "household.members.birthDate",
    "household.members.since",
    "documents.kind.code",
    "documents.kind.description",
    "documents.number",
    "documents.issuedOn",
    "documents.issuedBy",
    "documents.expiresOn",
    "documents.status.code",
    "documents.status.description",
    "nationality.description",
];

/// Reads a question.
pub(super) fn read(body: &[u8]) -> Result<Question, Problem> {
    let not_json = || {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "paramsValidation",
            "the body is no JSON object",
        )
    };
    let Ok(Value::Object(mut body)) = serde_json::from_slice(body) else {
        return Err(not_json());
    };
    match body.remove("type") {
        Some(Value::String(kind)) if kind == KIND => {}
        Some(_) => {
            return Err(Problem::parameter(
                "type",
                "value",
                "the value is not known",
            ));
        }
        None => {
            return Err(Problem::parameter(
                "type",
                "required",
                "the parameter is required",
            ));
        }
    }
    let numbers = texts(&mut body, "personalNumbers", NUMBERS_MAX)?;
    if numbers
        .iter()
        .any(|number| number.len() != 12 || !number.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return Err(Problem::parameter(
            "personalNumbers",
            "pattern",
            "a number has 12 digits",
        ));
    }
    let fields = texts(&mut body, "fields", FIELDS_MAX)?;
    for (place, field) in fields.iter().enumerate() {
        if !is_field(field) {
            let name = format!("fields[{place}]");
            return Err(Problem::parameter(
                &name,
                "fields",
                "the field does not exist or is delivered unasked",
            ));
        }
    }
    match body.keys().next() {
        Some(unknown) => Err(Problem::parameter(
            unknown,
            "unknownParam",
            "the parameter is not known",
        )),
        None => Ok(Question {
            kind: KIND,
            numbers,
            fields,
        }),
    }
}

fn texts(
    body: &mut Map<String, Value>,
    name: &str,
    count_max: usize,
) -> Result<Vec<String>, Problem> {
    let wrong = |code, reason| Problem::parameter(name, code, reason);
    let items = match body.remove(name) {
        Some(Value::Array(items)) => items,
        Some(_) => return Err(wrong("array", "the parameter is no array")),
        None => return Err(wrong("required", "the parameter is required")),
    };
    if items.is_empty() {
        return Err(wrong("minItems", "the array is empty"));
    }
    if items.len() > count_max {
        return Err(wrong("maxItems", "the array has too many items"));
    }
    let text = |item| {
        if let Value::String(text) = item {
            Some(text)
        } else {
            None
        }
    };
    items
        .into_iter()
        .map(text)
        .collect::<Option<_>>()
        .ok_or_else(|| wrong("pattern", "an item is no text"))
}

fn is_field(path: &str) -> bool {
    let below = |field: &str| {
        field
            .strip_prefix(path)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    !path.is_empty() && FIELDS.into_iter().any(below)
}

/// The selected parts of a person; a group selects all of its fields, a list each of its items.
pub(super) fn select(value: &Value, paths: &[String]) -> Value {
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    select_below(value, &paths)
}

fn select_below(value: &Value, paths: &[&str]) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| select_below(item, paths)).collect(),
        Value::Object(members) => {
            let mut selected = Map::new();
            for (name, member) in members {
                let mut whole = false;
                let mut inner = Vec::new();
                for path in paths {
                    match path.strip_prefix(name.as_str()) {
                        Some("") => whole = true,
                        Some(rest) => inner.extend(rest.strip_prefix('.')),
                        None => {}
                    }
                }
                if whole {
                    selected.insert(name.clone(), member.clone());
                } else if !inner.is_empty() {
                    selected.insert(name.clone(), select_below(member, &inner));
                }
            }
            Value::Object(selected)
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_is_asked_for_is_selected_also_within_lists() {
        let person = json!({"name": {"full": "A", "short": "B"}, "named": 1, "documents": [{"number": "1", "kind": {"code": "HC"}}]});
        let selected = select(
            &person,
            &["name.full".to_owned(), "documents.kind".to_owned()],
        );
        assert_eq!(
            selected,
            json!({"name": {"full": "A"}, "documents": [{"kind": {"code": "HC"}}]})
        );
    }

    #[test]
    fn fields_and_their_groups_exist_and_flags_may_not_be_asked_for() {
        assert!(is_field("residence") && is_field("residence.permanent") && is_field("name.full"));
        assert!(
            !is_field("residence.perm")
                && !is_field("deceased")
                && !is_field("")
                && !is_field("name.full.x")
        );
    }

    #[test]
    fn each_wrong_question_names_its_parameter() {
        let code = |body: Value| {
            let problem = read(body.to_string().as_bytes()).unwrap_err();
            format!("{problem:?}")
        };
        let numbers = json!(["001185012345"]);
        assert!(code(json!({"type": KIND, "personalNumbers": numbers})).contains("required"));
        assert!(
            code(json!({"type": KIND, "personalNumbers": numbers, "fields": []}))
                .contains("minItems")
        );
        assert!(
            code(json!({"type": KIND, "personalNumbers": numbers, "fields": ["deceased"]}))
                .contains("fields[0]")
        );
        assert!(
            code(json!({"type": KIND, "personalNumbers": ["1"], "fields": ["name"]}))
                .contains("pattern")
        );
        assert!(
            code(json!({"type": "Search", "personalNumbers": numbers, "fields": ["name"]}))
                .contains("type")
        );
        assert!(
            code(json!({"type": KIND, "personalNumbers": numbers, "fields": ["name"], "x": 1}))
                .contains("unknownParam")
        );
    }
}
