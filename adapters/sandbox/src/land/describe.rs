//! What the land registry says of itself.

use super::{Land, refused};
use crate::exchange::{json, origin};
use axum::{Router, extract::Path, response::Response, routing::get};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json as document};

pub(super) const COLLECTION: &str = "parcels";

pub(super) fn router() -> Router<Land> {
    Router::new()
        .route("/", get(landing_page))
        .route("/conformance", get(conformance))
        .route("/collections", get(collections))
        .route("/collections/{collection}", get(collection))
        .route("/collections/{collection}/queryables", get(queryables))
}

async fn landing_page(headers: HeaderMap) -> Response {
    let origin = origin(&headers);
    answer(&document!({
        "title": "Hệ thống thông tin đất đai (sandbox)",
        "links": [
            {"rel": "conformance", "type": "application/json", "href": format!("{origin}/conformance")},
            {"rel": "data", "type": "application/json", "href": format!("{origin}/collections")},
        ],
    }))
}

async fn conformance() -> Response {
    answer(&document!({"conformsTo": [
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
        "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
        "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    ]}))
}

async fn collections(headers: HeaderMap) -> Response {
    answer(&document!({"links": [], "collections": [description(&headers)]}))
}

async fn collection(Path(collection): Path<String>, headers: HeaderMap) -> Response {
    if collection == COLLECTION {
        answer(&description(&headers))
    } else {
        unknown()
    }
}

async fn queryables(Path(collection): Path<String>) -> Response {
    if collection != COLLECTION {
        return unknown();
    }
    answer(&document!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {"soDinhDanhNguoiSuDung": {"type": "array", "items": {"type": "string"}}},
        "additionalProperties": false,
    }))
}

fn description(headers: &HeaderMap) -> Value {
    let items = format!("{}/collections/{COLLECTION}/items", origin(headers));
    document!({
        "id": COLLECTION,
        "title": "Thửa đất",
        "itemType": "feature",
        "crs": ["http://www.opengis.net/def/crs/OGC/1.3/CRS84"],
        "links": [{"rel": "items", "type": "application/geo+json", "href": items}],
    })
}

fn answer(document: &Value) -> Response {
    json(StatusCode::OK, "application/json", document)
}

fn unknown() -> Response {
    refused(StatusCode::NOT_FOUND, "NotFound", "no such collection")
}
