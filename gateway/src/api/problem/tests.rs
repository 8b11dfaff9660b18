//! Documents as callers see them, and the headers around them.

use super::*;
use crate::api::circumstances::Trace;
use http_body_util::BodyExt;
use motlan_schemas::{catalogue::Catalogue, query::Query};
use serde_json::json;
use std::time::Instant;

fn circumstances(language: Language) -> Circumstances {
    Circumstances {
        request_id: "req-1".into(),
        language,
        caller_trace: None,
        trace: Trace {
            trace_id: 1,
            span_id: 1,
            sampled: false,
        },
        zone: None,
        batch: false,
        received: Instant::now(),
    }
}

/// The status, the headers that matter and the body, in one value for snapshots.
async fn shown(problem: ProblemResponse) -> Value {
    let (parts, body) = problem.into_response().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let headers: Map<String, Value> = parts
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().into()))
        .collect();
    let body: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(body["status"], parts.status.as_u16());
    json!({"headers": headers, "body": body})
}

/// Sorted, because the order of a map's keys depends on features that other crates choose.
fn snapshot(name: impl Into<String>, shown: &Value) {
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!(name.into(), shown);
    });
}

#[tokio::test]
async fn wrong_fields_are_told_in_every_language() {
    let body = br#"{"subject": {"person": "00118501234"}, "purpose": "birth-registration",
                    "select": ["population.identity.fullname", "land"], "deadline_ms": 99999}"#;
    let error = Query::parse(body, &Catalogue::national()).unwrap_err();
    for language in Language::ALL {
        let problem = ProblemResponse::from_query_error(&error, &circumstances(language));
        let shown = shown(problem).await;
        assert!(
            !shown.to_string().contains("00118501234"),
            "the number came back"
        );
        snapshot(format!("invalid_query_{}", language.tag()), &shown);
    }
}

#[tokio::test]
async fn broken_json_is_told_with_its_place() {
    let error = Query::parse(b"{\n \"subject\": }", &Catalogue::national()).unwrap_err();
    let problem = ProblemResponse::from_query_error(&error, &circumstances(Language::Fr));
    snapshot("malformed_json_fr", &shown(problem).await);
}

#[tokio::test]
async fn a_refused_question_carries_its_denials() {
    let problem = ProblemResponse::new(ProblemCode::NothingPermitted, &circumstances(Language::Vi))
        .member("query_id", &"qry_1")
        .member(
            "denied",
            &json!([{"attribute": "land.parcels", "reason": "not_in_purpose"}]),
        );
    snapshot("nothing_permitted_vi", &shown(problem).await);
}

#[test]
fn a_token_problem_is_a_challenge() {
    let circumstances = circumstances(Language::En);
    let challenge = |problem: ProblemResponse| {
        let response = problem.into_response();
        let header = response.headers().get(header::WWW_AUTHENTICATE);
        header.map(|value| value.to_str().unwrap().to_owned())
    };
    let auth = |error| challenge(ProblemResponse::from_auth_error(&error, &circumstances));
    assert_eq!(
        auth(AuthError::Missing).unwrap(),
        r#"Bearer realm="motlan""#
    );
    assert_eq!(
        auth(AuthError::Invalid {
            reason: "another audience"
        })
        .unwrap(),
        r#"Bearer realm="motlan", error="invalid_token", error_description="another audience""#
    );
    assert_eq!(
        auth(AuthError::Expired).unwrap(),
        r#"Bearer realm="motlan", error="invalid_token", error_description="the token has run out""#
    );
    assert_eq!(auth(AuthError::IssuerUnavailable), None);
    let scope = ProblemResponse::new(ProblemCode::InsufficientScope, &circumstances);
    assert_eq!(
        challenge(scope.required_scope("query")).unwrap(),
        r#"Bearer realm="motlan", error="insufficient_scope", scope="query""#
    );
}

#[tokio::test]
async fn every_problem_has_a_status_of_its_kind_and_a_wait_where_waiting_helps() {
    for code in ProblemCode::ALL {
        let response = ProblemResponse::new(*code, &circumstances(Language::En))
            .required_scope("query")
            .allow("POST, QUERY")
            .into_response();
        let status = response.status();
        assert!(
            status.is_client_error() || status.is_server_error(),
            "{status}"
        );
        let waits = response.headers().contains_key(header::RETRY_AFTER);
        assert!(
            !waits || code.is_retryable(),
            "{code:?} says both wait and never"
        );
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(!text.contains("{$") && !text.contains("``"), "{text}");
    }
}

#[tokio::test]
async fn an_incomplete_answer_is_a_time_out_only_if_all_that_is_missing_was_late() {
    let circumstances = circumstances(Language::En);
    let status = |late| {
        ProblemResponse::incomplete_answer(late, &circumstances)
            .into_response()
            .status()
    };
    assert_eq!(status(true), StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(status(false), StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn a_quota_tells_when_to_come_back() {
    let problem =
        ProblemResponse::new(ProblemCode::RateLimited, &circumstances(Language::Vi)).retry_after(7);
    snapshot("rate_limited_vi", &shown(problem).await);
}
