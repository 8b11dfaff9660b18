//! The pages that people read in a browser: landing page, problems, API reference.
//!
//! Rendered here, whole: no script, no cookie, nothing from other hosts, and a content security
//! policy that would not let any of it in. They tell nothing about anybody, so anyone may read them.

mod docs;
pub(in crate::api) mod frame;
mod home;
mod problems;

use super::circumstances::Circumstances;
use askama::Template;
use axum::{
    Router,
    http::{HeaderName, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
use motlan_schemas::language::Language;

/// All pages and the files they are made of.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/", get(home::home))
        .route("/docs", get(docs::docs))
        .route("/problems", get(problems::problems_list))
        .route("/problems/{code}", get(problems::problem_show))
        .route("/static/motlan.css", get(stylesheet))
        .route("/static/motlan.svg", get(mark))
}

/// Nothing but our own stylesheet and pictures; no frame around us.
pub(in crate::api) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The language of a page: `?lang=`, by which a link can choose it, goes before `Accept-Language`.
fn language(uri: &Uri, on: &Circumstances) -> Language {
    let chosen = uri.query().unwrap_or_default().split('&').find_map(|pair| {
        let tag = pair.strip_prefix("lang=")?;
        Language::ALL
            .into_iter()
            .find(|language| language.tag() == tag)
    });
    chosen.unwrap_or(on.language)
}

/// A page with its headers.
fn page(status: StatusCode, language: Language, template: &impl Template) -> Response {
    // INVARIANT: our templates format plain values only, which cannot fail.
    html(status, language, template.render().unwrap_or_default())
}

fn html(status: StatusCode, language: Language, text: String) -> Response {
    let mut response = (status, text).into_response();
    let fixed = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_LANGUAGE, language.tag()),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (header::VARY, "Accept-Language"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    for (name, value) in fixed {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn stylesheet() -> Response {
    file(
        "text/css; charset=utf-8",
        include_str!("../../static/motlan.css"),
    )
}

async fn mark() -> Response {
    file("image/svg+xml", include_str!("../../static/motlan.svg"))
}

/// A file; links to it carry the program's version, so it may be kept for a while.
fn file(media_type: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, text).into_response()
}

#[cfg(test)]
mod tests;
