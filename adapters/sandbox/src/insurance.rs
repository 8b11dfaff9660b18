//! The insurance registry: a FHIR R4 server with `Patient` and `Coverage`.
//!
//! | request | answer |
//! |---|---|
//! | `GET /metadata` | the capability statement; open to all |
//! | `POST /Patient/_search` (form) | insured persons by `identifier` |
//! | `POST /Coverage/_search` (form) | health cards and social-insurance records by `beneficiary` |
//! | `GET /?_getpages=…` | a further page of a search |

mod resources;
mod search;

use crate::{
    credentials::INSURANCE_BEARER_TOKEN,
    exchange::{Cursors, Window},
    faults::Fault,
    fhir::{self, Mistake, outcome},
    people::{Population, personas},
};
use axum::{
    Extension, Router,
    body::Bytes,
    extract::{Query, State},
    response::Response,
    routing::{get, post},
};
use http::{HeaderMap, StatusCode};
use resources::Insured;
use search::Search;

pub(crate) fn router(people: Population) -> Router {
    let searches = Router::new()
        .route("/Patient/_search", post(patients))
        .route("/Coverage/_search", post(coverages))
        .route("/", get(further_page));
    fhir::server(searches, INSURANCE_BEARER_TOKEN, get(metadata)).with_state(Insurance {
        people,
        searches: Cursors::new(),
    })
}

#[derive(Clone)]
struct Insurance {
    people: Population,
    searches: Cursors<Search>,
}

async fn metadata() -> Response {
    fhir::capabilities(&[
        ("Patient", search::PATIENT_PARAMETERS),
        ("Coverage", search::COVERAGE_PARAMETERS),
    ])
}

async fn patients(
    State(insurance): State<Insurance>,
    Extension(fault): Extension<Fault>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    searched(&insurance, Search::for_patients, fault, &headers, &body)
}

async fn coverages(
    State(insurance): State<Insurance>,
    Extension(fault): Extension<Fault>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    searched(&insurance, Search::for_coverages, fault, &headers, &body)
}

fn searched(
    insurance: &Insurance,
    read: impl Fn(&[u8]) -> Result<Search, Mistake>,
    fault: Fault,
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    if let Some(refusal) = fhir::refused_body(headers) {
        return refusal;
    }
    match read(body) {
        Ok(search) => page(insurance, search, fault, headers),
        Err(Mistake { code, text }) => outcome(StatusCode::BAD_REQUEST, code, text),
    }
}

async fn further_page(
    State(insurance): State<Insurance>,
    Extension(fault): Extension<Fault>,
    Query(parameters): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Response {
    let token = parameters.iter().find(|(name, _)| name == "_getpages");
    match token.and_then(|(_, token)| insurance.searches.recall(token)) {
        Some(search) => page(&insurance, search, fault, &headers),
        None => outcome(StatusCode::GONE, "processing", "the search has expired"),
    }
}

fn page(insurance: &Insurance, search: Search, fault: Fault, headers: &HeaderMap) -> Response {
    if let Some(refusal) = fhir::refused_format(headers) {
        return refusal;
    }
    let mut found = Vec::new();
    for number in search.numbers() {
        let shown = shown_person(number, fault);
        if let Some(insured) = Insured::new(&insurance.people, shown) {
            found.extend(search.resources(&insured, fault));
        }
    }
    let window = Window::new(found, search.offset, search.count, fault);
    fhir::bundle(headers, window, || {
        insurance.searches.remember(search.further())
    })
}

/// Whose resources are shown: with [`Fault::WrongSubject`] somebody else's.
fn shown_person(asked: &str, fault: Fault) -> &str {
    match (fault, asked) {
        (Fault::WrongSubject, personas::LAN) => personas::HAI,
        (Fault::WrongSubject, _) => personas::LAN,
        _ => asked,
    }
}

#[cfg(test)]
mod tests;
