//! The population register: `POST /persons` with mandatory `fields`, behind X-Road REST (`/r1/…`) or,
//! without security servers, directly.
//!
//! A question is `{"type": "RetrieveByPersonalNumber", "personalNumbers": […], "fields": […]}`. Only
//! the fields asked for are sent, and the flags `deceased`, `addressSecret` and `underInvestigation`,
//! which may not be asked for. An unknown number is no error but an empty list.

mod fields;
mod person;
mod problem;
mod security_server;

use crate::{
    exchange,
    faults::{CutByProtocol, Fault},
    people::Population,
};
use axum::{
    Extension, Router,
    body::Bytes,
    extract::{Path, State},
    response::Response,
    routing::{any, get, post},
};
use http::{HeaderMap, Method, StatusCode, header};
use problem::Problem;
use serde_json::{Value, json};

pub(crate) fn router(people: Population) -> Router {
    Router::new()
        .route("/persons", post(persons))
        .route("/health", get(health))
        .route("/r1/{*path}", any(through_x_road))
        .with_state(people)
}

async fn health() -> Response {
    exchange::json(
        StatusCode::OK,
        "application/json",
        &json!({ "status": "up" }),
    )
}

async fn persons(
    State(people): State<Population>,
    Extension(fault): Extension<Fault>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(&people, fault, &headers, &body)
}

/// The same service as consumers on X-Road see it.
async fn through_x_road(
    State(people): State<Population>,
    Extension(fault): Extension<Fault>,
    Path(path): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut response = match security_server::resource(&path, &headers) {
        Err(error) => return error.into_response(),
        Ok("listMethods") if method == Method::GET => exchange::json(
            StatusCode::OK,
            "application/json",
            &security_server::methods(),
        ),
        Ok("persons") if method == Method::POST => answer(&people, fault, &headers, &body),
        Ok(_) => Problem::new(
            StatusCode::NOT_FOUND,
            "notFound",
            "there is no such resource",
        )
        .into_response(),
    };
    security_server::sign(&mut response, &headers);
    response
}

fn answer(people: &Population, fault: Fault, headers: &HeaderMap, body: &[u8]) -> Response {
    if !exchange::is_of(headers, "application/json") {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Problem::new(
            status,
            "unsupportedMediaType",
            "the body must be application/json",
        )
        .into_response();
    }
    if !exchange::accepts(headers, &["application/json"]) {
        let status = StatusCode::NOT_ACCEPTABLE;
        return Problem::new(
            status,
            "notAcceptable",
            "only application/json is available",
        )
        .into_response();
    }
    let question = match fields::read(body) {
        Ok(question) => question,
        Err(problem) => return problem.into_response(),
    };
    let deliver = |number: &String| {
        let about = if fault == Fault::WrongSubject {
            somebody_else(people, number)
        } else {
            number.clone()
        };
        let found = people.person(&about)?;
        let whole = person::whole(&found, &people.household(&about));
        let mut selected = if fault == Fault::OverDelivery {
            with_surplus(whole)
        } else {
            fields::select(&whole, &question.fields)
        };
        person::add_flags(&mut selected, &found, &question.fields);
        Some(selected)
    };
    let mut found: Vec<Value> = question.numbers.iter().filter_map(deliver).collect();
    let total = found.len();
    let cut = fault == Fault::Truncated && found.pop().is_some();
    let document = json!({ "type": question.kind, "total": total, "persons": found });
    let mut response = exchange::json(StatusCode::OK, "application/json; charset=utf-8", &document);
    let delivered = header::HeaderValue::from(total);
    response
        .headers_mut()
        .insert("x-delivered-records", delivered);
    if cut {
        response.extensions_mut().insert(CutByProtocol);
    }
    response
}

/// Everything there is, and members that no contract has.
fn with_surplus(mut whole: Value) -> Value {
    if let Some(members) = whole.as_object_mut() {
        members.insert("phone".to_owned(), Value::from("0900000000"));
        members.insert("bloodGroup".to_owned(), Value::from("O"));
    }
    whole
}

fn somebody_else(people: &Population, number: &str) -> String {
    let mut others = (0..10)
        .filter_map(|index| people.sample(index))
        .filter(|other| other != number);
    others
        .next()
        .unwrap_or_else(|| crate::people::personas::HAI.to_owned())
}
