//! The tax authority's OAuth 2.0 server: client credentials, one scope, tokens of five minutes.

use super::JSON;
use crate::{
    credentials::{TAX_CLIENT_ID, TAX_CLIENT_SECRET, TAX_SCOPE},
    exchange::{Cursors, is_of, json, text},
};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::json as document;
use std::{collections::BTreeMap, time::Duration};
use tokio::time::Instant;
use url::form_urlencoded;

/// The tokens that were given out, with the moment of each.
#[derive(Debug, Clone)]
pub(super) struct Tokens(Cursors<Instant>);

impl Tokens {
    pub(super) fn new() -> Self {
        Self(Cursors::new())
    }

    /// Whether the request shows a token that is still good.
    pub(super) fn are_shown(&self, headers: &HeaderMap) -> bool {
        let shown = text(headers, &header::AUTHORIZATION);
        let token = shown.and_then(|shown| shown.strip_prefix("Bearer "));
        token
            .and_then(|token| self.0.recall(token))
            .is_some_and(|given| given.elapsed() < LIFETIME)
    }

    /// Answers a request for a token (RFC 6749, 4.4).
    pub(super) fn answer(&self, headers: &HeaderMap, body: &[u8]) -> Response {
        if !is_of(headers, "application/x-www-form-urlencoded") {
            return error(StatusCode::BAD_REQUEST, "invalid_request");
        }
        let form: BTreeMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
        let member = |name: &str| form.get(name).map(String::as_str);
        match member("grant_type") {
            Some("client_credentials") => {}
            Some(_) => return error(StatusCode::BAD_REQUEST, "unsupported_grant_type"),
            None => return error(StatusCode::BAD_REQUEST, "invalid_request"),
        }
        let in_form = member("client_id").zip(member("client_secret"));
        let known = in_form == Some((TAX_CLIENT_ID, TAX_CLIENT_SECRET))
            || text(headers, &header::AUTHORIZATION) == Some(BASIC);
        if !known {
            return error(StatusCode::UNAUTHORIZED, "invalid_client");
        }
        if member("scope").is_some_and(|scope| scope != TAX_SCOPE) {
            return error(StatusCode::BAD_REQUEST, "invalid_scope");
        }
        uncached(json(
            StatusCode::OK,
            JSON,
            &document!({
                "access_token": self.0.remember(Instant::now()),
                "token_type": "Bearer",
                "expires_in": LIFETIME.as_secs(),
                "scope": TAX_SCOPE,
            }),
        ))
    }
}

fn error(status: StatusCode, code: &str) -> Response {
    uncached(json(status, JSON, &document!({ "error": code })))
}

fn uncached(mut response: Response) -> Response {
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
    response
}

/// Long enough for a test, short enough that whoever never fetches a second token is found out.
const LIFETIME: Duration = Duration::from_secs(300);
/// `motlan-gateway:sandbox-tax-secret`, as HTTP Basic writes it.
const BASIC: &str = "Basic bW90bGFuLWdhdGV3YXk6c2FuZGJveC10YXgtc2VjcmV0";
