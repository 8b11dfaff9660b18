//! Shapes (JSON Schemas) as the reference shows them: tables of fields, lists of values.

use super::{
    super::frame::{Piece, prose},
    items, members, text,
};
use serde_json::Value;

/// One named schema.
pub(super) struct Shape {
    pub(super) name: String,
    pub(super) description: Vec<Piece>,
    pub(super) fields: Vec<Field>,
    pub(super) values: Vec<String>,
    /// The forms of which it has one.
    pub(super) forms: Vec<Form>,
    /// The shapes whose members it has too.
    pub(super) includes: Vec<Kind>,
}

/// One form of a shape that has several: another shape, or fields of its own.
pub(super) struct Form {
    pub(super) kind: Kind,
    pub(super) description: Vec<Piece>,
    pub(super) fields: Vec<Field>,
}

/// A field or parameter.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) required: bool,
    pub(super) kind: Kind,
    pub(super) description: Vec<Piece>,
}

/// The type of a value: words, the shape that they end in, and limits.
#[derive(Default)]
pub(super) struct Kind {
    pub(super) words: String,
    pub(super) shape: Option<String>,
    pub(super) limits: String,
}

/// All named schemas.
pub(super) fn shapes(document: &Value) -> Vec<Shape> {
    members(document, "/components/schemas")
        .map(|(name, schema)| shape(name, schema))
        .collect()
}

fn shape(name: &str, schema: &Value) -> Shape {
    let parts = items(schema, "/allOf");
    let own = parts
        .iter()
        .find(|part| part.get("properties").is_some())
        .unwrap_or(schema);
    Shape {
        name: name.to_owned(),
        description: prose(text(schema, "/description")),
        fields: fields(own),
        values: texts(schema, "/enum").map(str::to_owned).collect(),
        forms: items(schema, "/oneOf").iter().map(form).collect(),
        includes: parts
            .iter()
            .filter(|part| part.get("$ref").is_some())
            .map(kind_of)
            .collect(),
    }
}

fn form(schema: &Value) -> Form {
    Form {
        kind: kind_of(schema),
        description: prose(text(schema, "/description")),
        fields: fields(schema),
    }
}

/// The required fields as they were declared, then the others.
fn fields(schema: &Value) -> Vec<Field> {
    let required: Vec<_> = texts(schema, "/required").collect();
    let mut fields: Vec<_> = members(schema, "/properties")
        .map(|(name, property)| Field {
            name: name.clone(),
            required: required.contains(&name.as_str()),
            kind: kind_of(property),
            description: prose(text(property, "/description")),
        })
        .collect();
    let place = |field: &Field| required.iter().position(|name| *name == field.name);
    fields.sort_by_key(|field| place(field).unwrap_or(usize::MAX));
    fields
}

/// The type of what has a `schema`: a parameter or a content.
pub(super) fn kind(holder: &Value) -> Kind {
    holder.get("schema").map(kind_of).unwrap_or_default()
}

fn kind_of(schema: &Value) -> Kind {
    if let Some(shape) = text(schema, "/$ref").strip_prefix("#/components/schemas/") {
        return Kind {
            shape: Some(shape.to_owned()),
            ..Kind::default()
        };
    }
    // An optional value is `oneOf: [it, null]`.
    let (nulls, values): (Vec<_>, Vec<_>) = items(schema, "/oneOf")
        .iter()
        .partition(|form| text(form, "/type") == "null");
    if let ([_], [value]) = (nulls.as_slice(), values.as_slice()) {
        return kind_of(value);
    }
    let limits = limits(schema);
    if let Some(item) = schema.get("items") {
        let item = kind_of(item);
        return Kind {
            words: format!("array of {}", item.words),
            limits,
            ..item
        };
    }
    if let Some(value) = schema
        .get("additionalProperties")
        .filter(|value| value.is_object())
    {
        let value = kind_of(value);
        return Kind {
            words: format!("object of {}", value.words),
            limits,
            ..value
        };
    }
    let fixed: Vec<_> = texts(schema, "/enum").collect();
    let words = match schema.get("type") {
        _ if !fixed.is_empty() => fixed.join(" | "),
        Some(Value::String(name)) => name.clone(),
        Some(Value::Array(_)) => texts(schema, "/type")
            .find(|name| *name != "null")
            .unwrap_or_default()
            .to_owned(),
        _ => "any JSON".to_owned(),
    };
    Kind {
        words,
        shape: None,
        limits,
    }
}

fn texts<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a str> {
    items(value, pointer).iter().filter_map(Value::as_str)
}

fn limits(schema: &Value) -> String {
    let number = |name: &str| schema.get(name).and_then(Value::as_u64);
    let mut limits = Vec::new();
    for (least, most, unit) in [
        ("minimum", "maximum", ""),
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", " items"),
    ] {
        match (number(least), number(most)) {
            (Some(least), Some(most)) => limits.push(format!("{least} to {most}{unit}")),
            (None, Some(most)) => limits.push(format!("at most {most}{unit}")),
            // Every count is at least zero; saying so would only be noise.
            _ => {}
        }
    }
    if let Some(usual) = schema.get("default") {
        limits.push(format!("default {usual}"));
    }
    limits.join(", ")
}
