//! The business registry: REST with HAL, and ownership as BODS 0.4 statements.
//!
//! | request | answer |
//! |---|---|
//! | `POST /roles/search` `{"personalNumber", "page", "size", "fields"}` | what a person is or was in enterprises, in pages |
//! | `GET /enterprises/{code}?fields=` | one enterprise; 404 unknown, 410 removed, 200 with `deletedOn` for a dissolved one |
//! | `GET /enterprises/{code}/ownership` | an array of BODS statements |
//! | `GET /` | the entry point, without data |

mod bods;
mod documents;

use crate::{
    exchange::{Cursors, Window, accepts, is_of, json, marked, origin, pick, with},
    faults::Fault,
    people::{Population, personas},
};
use axum::{
    Extension, Router,
    body::Bytes,
    extract::{Path, Query, State},
    response::Response,
    routing::{get, post},
};
use documents::{ENTERPRISE_FIELDS, ROLE_FIELDS};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json as document};
use std::collections::BTreeMap;

pub(crate) fn router(people: Population) -> Router {
    Router::new()
        .route("/", get(entry_point))
        .route("/roles/search", post(search))
        .route("/roles/search/{cursor}", get(further_page))
        .route("/enterprises/{code}", get(enterprise))
        .route("/enterprises/{code}/ownership", get(ownership))
        .fallback(|| async { refused(StatusCode::NOT_FOUND, "notFound", "no such resource") })
        .with_state(Business {
            people,
            searches: Cursors::new(),
        })
}

#[derive(Clone)]
struct Business {
    people: Population,
    searches: Cursors<RolesSearch>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RolesSearch {
    personal_number: String,
    #[serde(default)]
    page: usize,
    #[serde(default = "size_max")]
    size: usize,
    fields: Option<Vec<String>>,
}

async fn entry_point(headers: HeaderMap) -> Response {
    let origin = origin(&headers);
    let links = document!({"self": {"href": format!("{origin}/")}, "roles": {"href": format!("{origin}/roles/search")}});
    json(StatusCode::OK, HAL, &document!({ "_links": links }))
}

async fn search(
    State(business): State<Business>,
    Extension(fault): Extension<Fault>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !is_of(&headers, "application/json") {
        return refused(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupportedMediaType",
            "send application/json",
        );
    }
    let Ok(search) = serde_json::from_slice::<RolesSearch>(&body) else {
        return refused(
            StatusCode::BAD_REQUEST,
            "badBody",
            "personalNumber, page, size and fields are known",
        );
    };
    if search.personal_number.len() != 12
        || !search.personal_number.bytes().all(|b| b.is_ascii_digit())
    {
        return refused(
            StatusCode::BAD_REQUEST,
            "badNumber",
            "personalNumber has 12 digits",
        );
    }
    let unknown = |field: &String| !ROLE_FIELDS.contains(&field.as_str());
    if search
        .fields
        .as_ref()
        .is_some_and(|fields| fields.iter().any(unknown))
    {
        return refused(
            StatusCode::BAD_REQUEST,
            "unknownField",
            "see the documentation for the fields of a role",
        );
    }
    if search.size == 0 {
        return refused(StatusCode::BAD_REQUEST, "badSize", "size is at least 1");
    }
    page(&business, search, fault, &headers)
}

async fn further_page(
    State(business): State<Business>,
    Extension(fault): Extension<Fault>,
    headers: HeaderMap,
    Path(cursor): Path<String>,
) -> Response {
    match business.searches.recall(&cursor) {
        Some(search) => page(&business, search, fault, &headers),
        None => refused(StatusCode::GONE, "cursorExpired", "search again"),
    }
}

fn page(business: &Business, search: RolesSearch, fault: Fault, headers: &HeaderMap) -> Response {
    if !accepts(headers, &[HAL, "application/json"]) {
        return refused(
            StatusCode::NOT_ACCEPTABLE,
            "notAcceptable",
            "application/hal+json is offered",
        );
    }
    let size = search.size.min(SIZE_MAX);
    let offset = search.page.saturating_mul(size);
    let window = Window::new(found(business, &search, fault), offset, size, fault);
    let search_link = format!("{}/roles/search", origin(headers));
    let mut links = document!({"self": {"href": search_link}});
    let page = document!({
        "size": size,
        "totalElements": window.total,
        "totalPages": window.total.div_ceil(size),
        "number": search.page,
    });
    if window.goes_on {
        let cursor = business.searches.remember(RolesSearch {
            page: search.page + 1,
            ..search
        });
        links = with(
            links,
            document!({"next": {"href": format!("{search_link}/{cursor}")}}),
        );
    }
    let mut hal = document!({ "_links": links, "page": page });
    if !window.listed.is_empty() {
        hal = with(hal, document!({"_embedded": {"roles": window.listed}}));
    }
    window.answer(HAL, &hal)
}

/// The roles that a search finds, with the fields that were asked for.
fn found(business: &Business, search: &RolesSearch, fault: Fault) -> Vec<Value> {
    let holder = shown_person(&search.personal_number, fault);
    let name = business
        .people
        .person(holder)
        .map(|person| person.identity.full_name);
    let source = if fault == Fault::WrongSubject {
        personas::LAN
    } else {
        holder
    };
    let shown = |role| {
        let role = documents::role(role, holder, name.as_deref());
        match (&search.fields, fault) {
            (_, Fault::OverDelivery) => documents::with_more(role),
            (Some(fields), _) => pick(&role, fields.iter().map(String::as_str)),
            (None, _) => role,
        }
    };
    business.people.roles(source).iter().map(shown).collect()
}

async fn enterprise(
    State(business): State<Business>,
    Extension(fault): Extension<Fault>,
    headers: HeaderMap,
    Path(code): Path<String>,
    Query(parameters): Query<BTreeMap<String, String>>,
) -> Response {
    if !accepts(&headers, &[HAL, "application/json"]) {
        return refused(
            StatusCode::NOT_ACCEPTABLE,
            "notAcceptable",
            "application/hal+json is offered",
        );
    }
    if parameters.keys().any(|name| name != "fields") {
        return refused(
            StatusCode::BAD_REQUEST,
            "unknownParameter",
            "only `fields` is known",
        );
    }
    let fields: Option<Vec<&str>> = parameters
        .get("fields")
        .map(|fields| fields.split(',').collect());
    if fields
        .iter()
        .flatten()
        .any(|field| !ENTERPRISE_FIELDS.contains(field))
    {
        return refused(
            StatusCode::BAD_REQUEST,
            "unknownField",
            "see the documentation for the fields of an enterprise",
        );
    }
    let Some(found) = business.people.enterprise(shown_enterprise(&code, fault).0) else {
        return refused(StatusCode::NOT_FOUND, "notFound", "no such enterprise");
    };
    if documents::is_removed(&found) {
        return refused(
            StatusCode::GONE,
            "removed",
            "the enterprise was removed from the register",
        );
    }
    let whole = documents::enterprise(&found, shown_enterprise(&code, fault).1);
    let enterprise = match (fields, fault) {
        (_, Fault::OverDelivery) => documents::with_more(whole),
        (Some(fields), _) => pick(&whole, fields),
        (None, _) => whole,
    };
    let link = document!({"_links": {"self": {"href": format!("{}/enterprises/{code}", origin(&headers))}}});
    json(StatusCode::OK, HAL, &with(enterprise, link))
}

async fn ownership(
    State(business): State<Business>,
    Extension(fault): Extension<Fault>,
    headers: HeaderMap,
    Path(code): Path<String>,
    Query(parameters): Query<BTreeMap<String, String>>,
) -> Response {
    if !accepts(&headers, &["application/json"]) {
        return refused(
            StatusCode::NOT_ACCEPTABLE,
            "notAcceptable",
            "application/json is offered",
        );
    }
    if !parameters.is_empty() {
        return refused(
            StatusCode::BAD_REQUEST,
            "unknownParameter",
            "no parameter is known",
        );
    }
    let (source, shown) = shown_enterprise(&code, fault);
    let Some(found) = business.people.enterprise(source) else {
        return refused(StatusCode::NOT_FOUND, "notFound", "no such enterprise");
    };
    let mut statements = bods::statements(&found, shown);
    // An array of statements announces no number: it is cut when a relationship names a party of
    // which there is no statement.
    let cut = fault == Fault::Truncated;
    if cut {
        statements.retain(|statement| {
            statement
                .get("recordType")
                .is_some_and(|kind| kind != "person")
        });
    }
    if fault == Fault::OverDelivery {
        statements = statements.into_iter().map(documents::with_more).collect();
    }
    marked(
        json(
            StatusCode::OK,
            "application/json",
            &Value::Array(statements),
        ),
        cut,
    )
}

/// Whose number the roles carry: with [`Fault::WrongSubject`] somebody else's.
fn shown_person(asked: &str, fault: Fault) -> &str {
    match (fault, asked) {
        (Fault::WrongSubject, personas::LAN) => personas::HAI,
        (Fault::WrongSubject, _) => personas::LAN,
        _ => asked,
    }
}

/// Which enterprise is looked up, and which code its documents carry.
fn shown_enterprise(asked: &str, fault: Fault) -> (&str, &str) {
    match (fault, asked) {
        (Fault::WrongSubject, personas::ENTERPRISE) => (personas::ENTERPRISE, SOME_OTHER_CODE),
        (Fault::WrongSubject, _) => (personas::ENTERPRISE, personas::ENTERPRISE),
        _ => (asked, asked),
    }
}

fn refused(status: StatusCode, code: &str, message: &str) -> Response {
    let body = document!({"status": status.as_u16(), "code": code, "message": message});
    json(status, "application/json", &body)
}

const HAL: &str = "application/hal+json";
/// Small, so that clients have to follow links.
const SIZE_MAX: usize = 3;
/// A code with a right check digit that no enterprise of the sandbox has.
const SOME_OTHER_CODE: &str = "0100109106";

const fn size_max() -> usize {
    SIZE_MAX
}

#[cfg(test)]
mod tests;
