//! The registry refuses what the real one refuses, and lowers limits.

use super::*;
use crate::exchange::tests::{Asked, ask};

const KEY: (&str, &str) = ("x-api-key", LAND_API_KEY);
const JSON: (&str, &str) = ("content-type", "application/json");
const FILTER: &str = r#"{"filter": {"op": "a_contains", "args": [{"property": "soDinhDanhNguoiSuDung"}, ["001185012345"]]}, "limit": 500}"#;

async fn asked(asked: Asked<'_>) -> (u16, Value) {
    ask(router(Population::new(0), Provinces::ALL), asked).await
}

fn search<'a>(headers: &'a [(&'a str, &'a str)], body: &'a str) -> Asked<'a> {
    Asked {
        method: "POST",
        path: "/collections/parcels/search",
        headers,
        body,
    }
}

fn get(path: &str) -> Asked<'_> {
    Asked {
        method: "GET",
        path,
        headers: &[KEY],
        body: "",
    }
}

#[tokio::test]
async fn what_the_real_registry_refuses_is_refused_with_code_and_description() {
    let bad = "InvalidParameterValue";
    let other = r#"{"filter": {"op": "=", "args": [{"property": "hoTen"}, "LAN"]}}"#;
    let like =
        r#"{"filter": {"op": "like", "args": [{"property": "soDinhDanhNguoiSuDung"}, "001%"]}}"#;
    for (question, status, code) in [
        (search(&[JSON], FILTER), 401, "Unauthorized"),
        (search(&[KEY], FILTER), 415, "UnsupportedMediaType"),
        (
            search(&[KEY, JSON, ("accept", "text/html")], FILTER),
            406,
            "NotAcceptable",
        ),
        (search(&[KEY, JSON], "{}"), 400, bad),
        (search(&[KEY, JSON], other), 400, bad),
        (search(&[KEY, JSON], like), 400, bad),
        (get("/collections/parcels/items?foo=1"), 400, bad),
        (
            get("/collections/parcels/items?soDinhDanhNguoiSuDung=001185012345&limit=0"),
            400,
            bad,
        ),
        (
            get("/collections/parcels/items?soDinhDanhNguoiSuDung=001185012345&properties=x"),
            400,
            bad,
        ),
        (get("/collections/parcels/items?cursor=0"), 400, bad),
        (
            get("/collections/roads/items?soDinhDanhNguoiSuDung=001185012345"),
            404,
            "NotFound",
        ),
        (get("/collections/roads"), 404, "NotFound"),
    ] {
        let (got, body) = asked(question).await;
        assert_eq!((got, body["code"].as_str()), (status, Some(code)), "{body}");
    }
}

#[tokio::test]
async fn a_large_limit_is_lowered_and_described_resources_need_no_key() {
    let (status, found) = asked(search(&[KEY, JSON], FILTER)).await;
    assert_eq!(
        (status, &found["numberReturned"]),
        (200, &document!(LIMIT_MAX))
    );
    assert_eq!(found["features"][0]["geometry"]["type"], "Polygon");
    for path in [
        "/",
        "/conformance",
        "/collections",
        "/collections/parcels",
        "/collections/parcels/queryables",
    ] {
        let (status, _) = asked(Asked {
            method: "GET",
            path,
            headers: &[],
            body: "",
        })
        .await;
        assert_eq!(status, 200, "{path}");
    }
}
