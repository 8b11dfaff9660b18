//! One request and its whole answer, within limits.

use super::{answer, answer::HttpAnswer, connection, failure, retry::Failed};
use crate::adapter::AdapterError;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode, header};
use std::time::Duration;

/// How much of an answer is waited for and read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Until the head of the answer is there.
    pub(super) first_byte: Duration,
    pub(super) body_bytes_max: usize,
}

/// Sends a request and reads its answer; any status is one.
pub(super) async fn exchange(
    request: reqwest::RequestBuilder,
    limits: Limits,
) -> Result<HttpAnswer, Failed> {
    let sent = tokio::time::timeout(limits.first_byte, request.send());
    let (sent, opened) = connection::watched(sent).await;
    let response = sent
        .map_err(|_| AdapterError::Timeout)?
        .map_err(|error| failure::before_the_answer(&error, opened))?;
    let (status, headers) = (response.status(), response.headers().clone());
    // What is wrong with such an answer is told by its head; its body is not worth the time.
    let has_use = !(status.is_redirection() || is_pause(status));
    if has_use && !is_identity(&headers) {
        return Err(AdapterError::malformed("a compressed body, which was not asked for").into());
    }
    let body = if has_use {
        read(response, limits.body_bytes_max).await?
    } else {
        Bytes::new()
    };
    Ok(HttpAnswer {
        status,
        headers,
        body,
    })
}

async fn read(mut response: reqwest::Response, bytes_max: usize) -> Result<Bytes, AdapterError> {
    let too_long = || AdapterError::malformed(format!("longer than {bytes_max} bytes"));
    let announced = response
        .content_length()
        .map_or(0, |length| usize::try_from(length).unwrap_or(usize::MAX));
    if announced > bytes_max {
        return Err(too_long());
    }
    let mut body = BytesMut::with_capacity(announced);
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| failure::within_the_body(&error))?
    {
        if body.len() + chunk.len() > bytes_max {
            return Err(too_long());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// The statuses that no protocol of ours gives a meaning of its own, as errors.
pub(super) fn refuse_status(answer: &HttpAnswer) -> Result<(), AdapterError> {
    let with_retry = |reason: &str| match answer::retry_after(&answer.headers) {
        // A moment far away has as many digits as a person's number, and means no more.
        Some(seconds @ ..=TOLD_SECONDS_MAX) => format!("{reason}, retry after {seconds} s"),
        Some(_) => format!("{reason}, retry after more than a day"),
        None => reason.to_owned(),
    };
    match answer.status {
        StatusCode::TOO_MANY_REQUESTS => Err(AdapterError::Refused {
            reason: with_retry("HTTP 429, too many requests"),
        }),
        StatusCode::SERVICE_UNAVAILABLE => Err(AdapterError::Down {
            reason: with_retry("HTTP 503"),
        }),
        status if status.is_redirection() => Err(AdapterError::Refused {
            reason: "a redirect".to_owned(),
        }),
        _ => Ok(()),
    }
}

/// A status with which a server may say how long it wants no requests.
pub(super) const fn is_pause(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    )
}

fn is_identity(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_ENCODING)
        .is_none_or(|coding| coding == "identity")
}

/// A day: the longest time that an error text gives in seconds.
const TOLD_SECONDS_MAX: u64 = 86_400;
