//! Every page in every language: whole, marked up for everybody, and without anything foreign.

use super::*;
use crate::api::circumstances::Trace;
use axum::{body::Body, http::Request};
use http_body_util::BodyExt;
use motlan_schemas::problem::ProblemCode;
use std::{collections::BTreeSet, time::Instant};
use tower::ServiceExt;

struct Page {
    status: StatusCode,
    headers: http::HeaderMap,
    text: String,
}

async fn get(address: &str) -> Page {
    let on = Circumstances {
        request_id: "req-1".into(),
        language: Language::Vi,
        caller_trace: None,
        trace: Trace {
            trace_id: 1,
            span_id: 1,
            sampled: false,
        },
        zone: None,
        batch: false,
        received: Instant::now(),
    };
    let request = Request::get(address)
        .extension(on)
        .body(Body::empty())
        .unwrap();
    let (parts, body) = router::<()>().oneshot(request).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    Page {
        status: parts.status,
        headers: parts.headers,
        text,
    }
}

fn addresses() -> Vec<String> {
    let fixed = ["/", "/docs", "/problems"].map(str::to_owned);
    let problems = ProblemCode::ALL
        .iter()
        .map(|code| format!("/problems/{}", code.as_str()));
    fixed.into_iter().chain(problems).collect()
}

#[tokio::test]
async fn every_page_is_whole_in_every_language() {
    for address in addresses() {
        for language in Language::ALL {
            let page = get(&format!("{address}?lang={}", language.tag())).await;
            assert_eq!(page.status, StatusCode::OK, "{address}");
            assert!(
                page.text
                    .contains(&format!("<html lang=\"{}\">", language.tag()))
            );
            assert!(page.text.ends_with("</html>") || page.text.ends_with("</html>\n"));
            assert_eq!(page.text.matches("<h1>").count(), 1, "{address}");
            // A key that has no text shows as itself.
            for hole in [
                ">page-",
                ">home-",
                ">docs-",
                ">problem-",
                ">problems-",
                "{ $",
                "{$",
            ] {
                assert!(
                    !page.text.contains(hole),
                    "{address} {language:?} has {hole}"
                );
            }
        }
    }
}

#[tokio::test]
async fn no_page_has_script_style_attributes_or_anything_from_elsewhere() {
    for address in addresses() {
        let page = get(&address).await;
        for foreign in [
            "<script",
            " style=",
            " onclick",
            "src=\"http",
            "href=\"http",
            "<iframe",
        ] {
            assert!(!page.text.contains(foreign), "{address} has {foreign}");
        }
        let policy = page.headers[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap();
        assert!(
            policy.starts_with("default-src 'none'; style-src 'self'"),
            "{policy}"
        );
        assert_eq!(page.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(page.headers[header::REFERRER_POLICY], "no-referrer");
    }
}

#[tokio::test]
async fn every_link_within_a_page_leads_somewhere() {
    for address in addresses() {
        let page = get(&address).await;
        let ids: BTreeSet<_> = quoted(&page.text, " id=\"").collect();
        assert_eq!(
            ids.len(),
            quoted(&page.text, " id=\"").count(),
            "{address} has an id twice"
        );
        for target in quoted(&page.text, "href=\"#") {
            assert!(ids.contains(target), "{address} links to #{target}");
        }
    }
}

#[tokio::test]
async fn an_unknown_problem_is_not_found_and_is_not_repeated() {
    let page = get("/problems/001185012345?lang=en").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.text.contains("There is nothing at this address"));
    assert!(!page.text.contains("001185012345"));
}

#[tokio::test]
async fn without_a_choice_the_language_is_the_callers() {
    assert_eq!(get("/").await.headers[header::CONTENT_LANGUAGE], "vi");
    assert_eq!(
        get("/?lang=fr").await.headers[header::CONTENT_LANGUAGE],
        "fr"
    );
    assert_eq!(
        get("/?lang=%00&x").await.headers[header::CONTENT_LANGUAGE],
        "vi"
    );
}

#[tokio::test]
async fn the_reference_shows_every_operation_with_a_command_to_try_it() {
    let page = get("/docs?lang=en").await;
    for (_, path) in crate::api::ROUTES {
        let path = path.replace("{*", "{");
        assert!(
            page.text.contains(&format!("<code>{path}</code>")),
            "{path}"
        );
        let tried = path.replace("{path}", "0/000");
        assert!(
            page.text.contains(&format!("$GATEWAY{tried}")),
            "{path} cannot be tried"
        );
    }
}

/// What stands between `before` and the next quotation mark.
fn quoted<'a>(text: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(before)
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
}
