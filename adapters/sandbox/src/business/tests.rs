//! The registry refuses what the real one refuses, and pages its lists.

use super::*;
use crate::exchange::tests::{Asked, ask};

async fn asked(asked: Asked<'_>) -> (u16, Value) {
    ask(router(Population::new(0)), asked).await
}

#[tokio::test]
async fn what_the_real_registry_refuses_is_refused_in_its_own_words() {
    let good = r#"{"personalNumber": "001185012345"}"#;
    let json = [("content-type", "application/json")];
    let search = |headers, body| Asked {
        method: "POST",
        path: "/roles/search",
        headers,
        body,
    };
    let get = |path| Asked {
        method: "GET",
        path,
        headers: &[],
        body: "",
    };
    for (question, status, code) in [
        (search(&[], good), 415, "unsupportedMediaType"),
        (
            search(
                &[
                    ("content-type", "application/json"),
                    ("accept", "text/html"),
                ],
                good,
            ),
            406,
            "notAcceptable",
        ),
        (search(&json, "{}"), 400, "badBody"),
        (
            search(
                &json,
                r#"{"personalNumber": "001185012345", "name": "LAN"}"#,
            ),
            400,
            "badBody",
        ),
        (
            search(&json, r#"{"personalNumber": "00118501234x"}"#),
            400,
            "badNumber",
        ),
        (
            search(
                &json,
                r#"{"personalNumber": "001185012345", "fields": ["salary"]}"#,
            ),
            400,
            "unknownField",
        ),
        (
            search(&json, r#"{"personalNumber": "001185012345", "size": 0}"#),
            400,
            "badSize",
        ),
        (get("/roles/search/0000"), 410, "cursorExpired"),
        (get("/enterprises/0100109106"), 404, "notFound"),
        (
            get("/enterprises/0108472167?fields=salary"),
            400,
            "unknownField",
        ),
        (get("/enterprises/0108472167?x=1"), 400, "unknownParameter"),
        (
            get("/enterprises/0108472167/ownership?x=1"),
            400,
            "unknownParameter",
        ),
        (get("/persons"), 404, "notFound"),
    ] {
        let (got, body) = asked(question).await;
        assert_eq!((got, body["code"].as_str()), (status, Some(code)), "{code}");
    }
}

#[tokio::test]
async fn the_size_of_a_page_is_lowered_and_an_empty_list_has_no_embedded_part() {
    let headers = &[("content-type", "application/json")];
    let search = |body| Asked {
        method: "POST",
        path: "/roles/search",
        headers,
        body,
    };
    let (_, page) = asked(search(r#"{"personalNumber": "001185012345", "size": 500}"#)).await;
    assert_eq!(
        (&page["page"]["size"], &page["page"]["totalPages"]),
        (&document!(3), &document!(2))
    );
    assert!(
        page["_links"]["next"]["href"]
            .as_str()
            .unwrap()
            .starts_with("http://")
    );
    let (_, none) = asked(search(r#"{"personalNumber": "001190999999"}"#)).await;
    assert!(none.get("_embedded").is_none());
    assert_eq!(none["page"]["totalElements"], 0);
}
