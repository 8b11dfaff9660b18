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
    exchange::{Cursors, Window, is_of},
    faults::Fault,
    fhir::{self, Mistake, outcome},
    people::{Population, personas},
};
use axum::{
    Extension, Router,
    body::Bytes,
    extract::{Query, Request, State},
    middleware::{self, Next},
    response::Response,
    routing::{get, post},
};
use http::{HeaderMap, StatusCode};
use resources::Insured;
use search::Search;

pub(crate) fn router(people: Population) -> Router {
    Router::new()
        .route("/Patient/_search", post(patients))
        .route("/Coverage/_search", post(coverages))
        .route("/", get(further_page))
        .layer(middleware::from_fn(want_token))
        .route("/metadata", get(metadata))
        .fallback(|| async { outcome(StatusCode::NOT_FOUND, "not-found", "no such resource") })
        .method_not_allowed_fallback(|| async {
            outcome(
                StatusCode::METHOD_NOT_ALLOWED,
                "not-supported",
                "search by POST on _search",
            )
        })
        .with_state(Insurance {
            people,
            searches: Cursors::new(),
        })
}

#[derive(Clone)]
struct Insurance {
    people: Population,
    searches: Cursors<Search>,
}

async fn want_token(request: Request, next: Next) -> Response {
    if fhir::shows(request.headers(), INSURANCE_BEARER_TOKEN) {
        next.run(request).await
    } else {
        outcome(
            StatusCode::UNAUTHORIZED,
            "login",
            "a bearer token is wanted",
        )
    }
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
    if !is_of(headers, "application/x-www-form-urlencoded") {
        return outcome(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not-supported",
            "send a form",
        );
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
