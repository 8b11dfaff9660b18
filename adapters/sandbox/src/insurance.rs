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
    exchange::{Cursors, Window, accepts, is_of, json, origin, text, with},
    faults::Fault,
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
use http::{HeaderMap, StatusCode, header};
use resources::Insured;
use search::{Mistake, Search};
use serde_json::{Value, json as document};

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
    let shown = text(request.headers(), &header::AUTHORIZATION);
    if shown.and_then(|shown| shown.strip_prefix("Bearer ")) == Some(INSURANCE_BEARER_TOKEN) {
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
    let resource = |kind: &str, parameters: &[&str]| {
        let parameters: Vec<Value> = parameters
            .iter()
            .map(|name| document!({ "name": name }))
            .collect();
        document!({"type": kind, "interaction": [{"code": "search-type"}], "searchParam": parameters})
    };
    answer(&document!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "kind": "instance",
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [{"mode": "server", "resource": [
            resource("Patient", search::PATIENT_PARAMETERS),
            resource("Coverage", search::COVERAGE_PARAMETERS),
        ]}],
    }))
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
    if !accepts(headers, &[FHIR, "application/json"]) {
        return outcome(
            StatusCode::NOT_ACCEPTABLE,
            "not-supported",
            "application/fhir+json is offered",
        );
    }
    let mut found = Vec::new();
    for number in search.numbers() {
        let shown = shown_person(number, fault);
        if let Some(insured) = Insured::new(&insurance.people, shown) {
            found.extend(search.resources(&insured, fault));
        }
    }
    let mut window = Window::new(found, search.offset, search.count, fault);
    let base = origin(headers);
    let mut links = vec![document!({"relation": "self", "url": format!("{base}/")})];
    if window.goes_on {
        let token = insurance.searches.remember(search.further());
        links.push(document!({"relation": "next", "url": format!("{base}/?_getpages={token}")}));
    }
    let entry = |resource: Value| {
        let url = format!(
            "{base}/{}/{}",
            text_of(&resource, "resourceType"),
            text_of(&resource, "id")
        );
        document!({"fullUrl": url, "resource": resource, "search": {"mode": "match"}})
    };
    let entries: Vec<Value> = window.listed.drain(..).map(entry).collect();
    let mut bundle = document!({
        "resourceType": "Bundle",
        "type": "searchset",
        "total": window.total,
        "link": links,
    });
    if !entries.is_empty() {
        bundle = with(bundle, document!({ "entry": entries }));
    }
    window.answer(FHIR, &bundle)
}

/// Whose resources are shown: with [`Fault::WrongSubject`] somebody else's.
fn shown_person(asked: &str, fault: Fault) -> &str {
    match (fault, asked) {
        (Fault::WrongSubject, personas::LAN) => personas::HAI,
        (Fault::WrongSubject, _) => personas::LAN,
        _ => asked,
    }
}

fn text_of<'v>(resource: &'v Value, member: &str) -> &'v str {
    resource
        .get(member)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn answer(document: &Value) -> Response {
    json(StatusCode::OK, FHIR, document)
}

fn outcome(status: StatusCode, code: &str, text: &str) -> Response {
    let issue = document!({"severity": "error", "code": code, "diagnostics": text});
    json(
        status,
        FHIR,
        &document!({"resourceType": "OperationOutcome", "issue": [issue]}),
    )
}

const FHIR: &str = "application/fhir+json";

#[cfg(test)]
mod tests;
