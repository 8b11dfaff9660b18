//! Reads a request's body: JSON, within limits of size and time.

use super::{circumstances::Circumstances, problem::ProblemResponse};
use axum::{
    body::Body,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use motlan_schemas::problem::ProblemCode;
use std::time::Duration;

/// The largest body; a batch of 1,000 subjects takes 30 KiB.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// How long a body may take to arrive; more is a stuck or hostile caller.
const BODY_TIME_MAX: Duration = Duration::from_secs(10);
/// How much of a body that is too large is taken in all the same.
const DRAINED_BYTES_MAX: usize = 1024 * 1024;
/// For how long.
const DRAIN_TIME_MAX: Duration = Duration::from_secs(1);

/// Reads the body of a request that may have none.
///
/// # Errors
/// The response to send instead.
pub async fn read_optional_json(
    headers: &HeaderMap,
    body: Body,
    on: &Circumstances,
) -> Result<Option<Bytes>, Response> {
    // A body of unknown length is one, except where its end is known already.
    if content_length(headers) == Some(0) || axum::body::HttpBody::is_end_stream(&body) {
        return Ok(None);
    }
    read_json(headers, body, on).await.map(Some)
}

/// Reads the body of a JSON request.
///
/// # Errors
/// The response to send instead.
pub async fn read_json(
    headers: &HeaderMap,
    body: Body,
    on: &Circumstances,
) -> Result<Bytes, Response> {
    if media_type(headers) != "application/json" {
        return Err(ProblemResponse::new(ProblemCode::UnsupportedMediaType, on).into_response());
    }
    read(headers, body, BODY_BYTES_MAX, on).await
}

/// Reads a body of a media type that the caller has looked at.
///
/// # Errors
/// The response to send instead.
pub async fn read(
    headers: &HeaderMap,
    mut body: Body,
    bytes_max: usize,
    on: &Circumstances,
) -> Result<Bytes, Response> {
    let problem = |code| Err(ProblemResponse::new(code, on).into_response());
    if content_length(headers).is_some_and(|length| length > bytes_max) {
        drain(body).await;
        return problem(ProblemCode::BodyTooLarge);
    }
    let reading = Limited::new(&mut body, bytes_max).collect();
    match tokio::time::timeout(BODY_TIME_MAX, reading).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            drain(body).await;
            problem(ProblemCode::BodyTooLarge)
        }
        Ok(Err(_)) => problem(ProblemCode::MalformedJson),
        Err(_) => problem(ProblemCode::BodyTimeout),
    }
}

/// Takes in a little more of a body that is refused: where a connection is closed on unread bytes,
/// the caller's system reports a reset, and the problem document is never seen.
async fn drain(body: Body) {
    let mut rest = Limited::new(body, DRAINED_BYTES_MAX);
    let reading = async { while let Some(Ok(_)) = rest.frame().await {} };
    // Whoever sends still more, or sends it slowly, has to live with the reset.
    let _ = tokio::time::timeout(DRAIN_TIME_MAX, reading).await;
}

/// The media type of the body in lower case, without parameters; empty where there is none.
#[must_use]
pub fn media_type(headers: &HeaderMap) -> String {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let media_type = value
        .and_then(|value| value.split(';').next())
        .unwrap_or_default();
    media_type.trim().to_ascii_lowercase()
}

fn content_length(headers: &HeaderMap) -> Option<usize> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}
