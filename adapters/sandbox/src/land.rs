//! The land registry: OGC API – Features, one collection `parcels`. Land is kept by offices, each of
//! which knows the parcels of its own provinces and no other ([`LandOffice`]).
//!
//! | request | answer |
//! |---|---|
//! | `GET /`, `/conformance`, `/collections`, `/collections/parcels`, `/collections/parcels/queryables` | what there is; open to all |
//! | `POST /collections/parcels/search` | features by a CQL2-JSON filter (Part 5, draft) |
//! | `GET /collections/parcels/items` | the same by query parameters (Part 1), and the further pages of a search |

mod describe;
mod filter;
mod office;
mod parcel;

pub use office::LandOffice;

use crate::{
    credentials::{LAND_API_KEY, LAND_API_KEY_HEADER},
    exchange::{Cursors, Window, accepts, is_of, json, origin, pick},
    faults::Fault,
    people::{Population, facts::Parcel, personas},
};
use axum::{
    Extension, Router,
    body::Bytes,
    extract::{Path, Query, Request, State},
    middleware::{self, Next},
    response::Response,
    routing::{get, post},
};
use filter::Search;
use http::{HeaderMap, StatusCode};
use motlan_schemas::codes::Provinces;
use serde_json::{Value, json as document};

pub(crate) fn router(people: Population, provinces: Provinces) -> Router {
    Router::new()
        .route("/collections/{collection}/search", post(search))
        .route("/collections/{collection}/items", get(items))
        .layer(middleware::from_fn(want_key))
        .merge(describe::router())
        .fallback(|| async { refused(StatusCode::NOT_FOUND, "NotFound", "no such resource") })
        .with_state(Land {
            people,
            provinces,
            searches: Cursors::new(),
        })
}

#[derive(Clone)]
struct Land {
    people: Population,
    /// Those whose parcels the register holds.
    provinces: Provinces,
    searches: Cursors<Search>,
}

async fn want_key(request: Request, next: Next) -> Response {
    if request
        .headers()
        .get(LAND_API_KEY_HEADER)
        .is_some_and(|key| key == LAND_API_KEY)
    {
        next.run(request).await
    } else {
        refused(
            StatusCode::UNAUTHORIZED,
            "Unauthorized",
            "a key is wanted in X-Api-Key",
        )
    }
}

async fn search(
    State(land): State<Land>,
    Extension(fault): Extension<Fault>,
    Path(collection): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !is_of(&headers, "application/json") && !is_of(&headers, "application/ogc-search+json") {
        return refused(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UnsupportedMediaType",
            "send application/json",
        );
    }
    match Search::from_body(&body) {
        Ok(search) => page(&land, &collection, search, fault, &headers),
        Err(mistake) => refused(StatusCode::BAD_REQUEST, "InvalidParameterValue", mistake),
    }
}

async fn items(
    State(land): State<Land>,
    Extension(fault): Extension<Fault>,
    Path(collection): Path<String>,
    Query(parameters): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Response {
    if let [(name, token)] = parameters.as_slice()
        && name == "cursor"
    {
        return match land.searches.recall(token) {
            Some(search) => page(&land, &collection, search, fault, &headers),
            None => refused(
                StatusCode::BAD_REQUEST,
                "InvalidParameterValue",
                "the cursor has expired",
            ),
        };
    }
    match Search::from_parameters(&parameters) {
        Ok(search) => page(&land, &collection, search, fault, &headers),
        Err(mistake) => refused(StatusCode::BAD_REQUEST, "InvalidParameterValue", mistake),
    }
}

fn page(
    land: &Land,
    collection: &str,
    search: Search,
    fault: Fault,
    headers: &HeaderMap,
) -> Response {
    if collection != describe::COLLECTION {
        return refused(StatusCode::NOT_FOUND, "NotFound", "no such collection");
    }
    if !accepts(headers, &[GEOJSON, "application/json"]) {
        return refused(
            StatusCode::NOT_ACCEPTABLE,
            "NotAcceptable",
            "application/geo+json is offered",
        );
    }
    let limit = search.limit.min(LIMIT_MAX);
    let window = Window::new(found(land, &search, fault), search.offset, limit, fault);
    let self_link = format!("{}/collections/{collection}/items", origin(headers));
    let mut links = vec![document!({"rel": "self", "type": GEOJSON, "href": self_link})];
    if window.goes_on {
        let offset = search.offset + limit;
        let token = land.searches.remember(Search { offset, ..search });
        let next = format!("{self_link}?cursor={token}");
        links.push(document!({"rel": "next", "type": GEOJSON, "href": next}));
    }
    let answer = document!({
        "type": "FeatureCollection",
        "features": window.listed,
        "links": links,
        "numberMatched": window.total,
        "numberReturned": window.listed.len(),
    });
    window.answer(GEOJSON, &answer)
}

/// The features that a search finds, with the properties that were asked for.
fn found(land: &Land, search: &Search, fault: Fault) -> Vec<Value> {
    let owner = shown_person(&search.owner, fault);
    let source = if fault == Fault::WrongSubject {
        personas::LAN
    } else {
        owner
    };
    let name = land
        .people
        .person(owner)
        .map(|person| person.identity.full_name);
    let shown = |found| {
        let properties = parcel::properties(found, owner, name.as_deref());
        let properties = match (&search.properties, fault) {
            (_, Fault::OverDelivery) => parcel::with_more(properties),
            (Some(names), _) => pick(&properties, names.iter().map(String::as_str)),
            (None, _) => properties,
        };
        parcel::feature(found, &properties, search.skip_geometry)
    };
    let is_here = |parcel: &&Parcel| {
        Provinces::named(&parcel.province).is_ok_and(|here| !here.is_disjoint(land.provinces))
    };
    let parcels = land.people.parcels(source);
    parcels.iter().filter(is_here).map(shown).collect()
}

/// Whose number the features carry: with [`Fault::WrongSubject`] somebody else's.
fn shown_person(asked: &str, fault: Fault) -> &str {
    match (fault, asked) {
        (Fault::WrongSubject, personas::LAN | personas::HAI | personas::TUAN) => personas::MINH,
        (Fault::WrongSubject, _) => personas::LAN,
        _ => asked,
    }
}

fn refused(status: StatusCode, code: &str, description: &str) -> Response {
    json(
        status,
        "application/json",
        &document!({"code": code, "description": description}),
    )
}

const GEOJSON: &str = "application/geo+json";
/// A larger limit is lowered to this (Part 1, /req/core/fc-limit-response-1). Small, so that
/// clients have to follow links.
const LIMIT_MAX: usize = 2;

#[cfg(test)]
mod tests;
