//! `GET /docs`: the API reference, rendered from the OpenAPI document.

mod operations;
mod shapes;

use super::{
    frame::{Frame, Piece, VERSION, paragraphs},
    html, language,
};
use crate::api::{circumstances::Circumstances, openapi};
use askama::Template;
use axum::{
    extract::Extension,
    http::{StatusCode, Uri},
    response::Response,
};
use motlan_schemas::language::Language;
use operations::Group;
use serde_json::Value;
use shapes::Shape;
use std::sync::LazyLock;

#[derive(Template)]
#[template(path = "docs.html")]
struct Reference {
    frame: Frame,
    introduction: Vec<Vec<Piece>>,
    groups: Vec<Group>,
    shapes: Vec<Shape>,
}

/// Shows the reference.
pub(super) async fn docs(Extension(on): Extension<Circumstances>, uri: Uri) -> Response {
    // The reference changes only with the program, so each language is rendered once.
    static RENDERED: LazyLock<[(Language, String); 3]> =
        LazyLock::new(|| Language::ALL.map(|language| (language, render(language))));
    let language = language(&uri, &on);
    let rendered = RENDERED.iter().find(|(other, _)| *other == language);
    html(
        StatusCode::OK,
        language,
        rendered.map(|(_, text)| text.clone()).unwrap_or_default(),
    )
}

fn render(language: Language) -> String {
    let document = openapi::document();
    let mut frame = Frame {
        language,
        path: "/docs".to_owned(),
        title: String::new(),
    };
    frame.title = frame.text("docs-title");
    let reference = Reference {
        frame,
        introduction: paragraphs(text(&document, "/info/description")),
        groups: operations::groups(&document),
        shapes: shapes::shapes(&document),
    };
    // INVARIANT: our templates format plain values only, which cannot fail.
    reference.render().unwrap_or_default()
}

/// The text at a JSON pointer, or nothing.
fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The members of the object at a JSON pointer.
fn members<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value
        .pointer(pointer)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}

/// The items of the array at a JSON pointer.
fn items<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}
