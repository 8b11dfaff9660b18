//! The health registry: a FHIR R4 server with citizens' electronic health records.
//!
//! | request | answer |
//! |---|---|
//! | `GET /metadata` | the capability statement; open to all |
//! | `POST /Patient/_search` (form) | the general part of a record, by `identifier` |
//! | `POST /AllergyIntolerance/_search`, `/Condition/_search`, `/Immunization/_search` (form) | entries, by `patient.identifier` |
//! | `GET /?_getpages=…` | a further page of a search |
//!
//! `adapters/declarative/registries/health/PROTOCOL.md` describes the protocol in full.

mod resources;
mod search;

use crate::{
    credentials::HEALTH_BEARER_TOKEN,
    exchange::{Cursors, Window},
    faults::Fault,
    fhir::{self, outcome},
    people::{Population, personas},
};
use axum::{
    Extension, Router,
    body::Bytes,
    extract::{Path, Query, State},
    response::Response,
    routing::{get, post},
};
use http::{HeaderMap, StatusCode};
use search::{Kind, Refusal, Search};

pub(crate) fn router(people: Population) -> Router {
    let searches = Router::new()
        .route("/{kind}/_search", post(searched))
        .route("/", get(further_page));
    fhir::server(searches, HEALTH_BEARER_TOKEN, get(metadata)).with_state(Health {
        people,
        searches: Cursors::new(),
    })
}

#[derive(Clone)]
struct Health {
    people: Population,
    searches: Cursors<Search>,
}

async fn metadata() -> Response {
    let types = Kind::ALL.map(|kind| (kind.name(), kind.parameters()));
    fhir::capabilities(&types)
}

async fn searched(
    State(health): State<Health>,
    Path(kind): Path<String>,
    Extension(fault): Extension<Fault>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(refusal) = fhir::refused_body(&headers) {
        return refusal;
    }
    match Search::read(&kind, &body) {
        Ok(search) => page(&health, search, fault, &headers),
        Err(Refusal::NoSuchType) => {
            outcome(StatusCode::NOT_FOUND, "not-found", "no such resource type")
        }
        Err(Refusal::Forbidden(text)) => outcome(StatusCode::FORBIDDEN, "forbidden", text),
        Err(Refusal::Mistake(mistake)) => {
            outcome(StatusCode::BAD_REQUEST, mistake.code, mistake.text)
        }
    }
}

async fn further_page(
    State(health): State<Health>,
    Extension(fault): Extension<Fault>,
    Query(parameters): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Response {
    let token = parameters.iter().find(|(name, _)| name == "_getpages");
    match token.and_then(|(_, token)| health.searches.recall(token)) {
        Some(search) => page(&health, search, fault, &headers),
        None => outcome(StatusCode::GONE, "processing", "the search has expired"),
    }
}

fn page(health: &Health, search: Search, fault: Fault, headers: &HeaderMap) -> Response {
    if let Some(refusal) = fhir::refused_format(headers) {
        return refusal;
    }
    if fault == Fault::ErrorInside {
        return outcome(StatusCode::OK, "transient", "try again later");
    }
    let mut found = Vec::new();
    for number in search.numbers() {
        let shown = shown_person(number, fault);
        if let Some(record) = health.people.health_record(shown) {
            found.extend(search.resources(shown, &record, fault));
        }
    }
    let window = Window::new(found, search.offset, search.count, fault);
    fhir::bundle(headers, window, || {
        health.searches.remember(search.further())
    })
}

/// Whose resources are shown: with [`Fault::WrongSubject`] somebody else's, of whom every kind of
/// resource is known.
fn shown_person(asked: &str, fault: Fault) -> &str {
    match (fault, asked) {
        (Fault::WrongSubject, personas::LAN) => personas::HOA,
        (Fault::WrongSubject, _) => personas::LAN,
        _ => asked,
    }
}

#[cfg(test)]
mod tests;
