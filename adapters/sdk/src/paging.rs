//! Lists that come in pages: every page is read, or the list is said to be incomplete.
//!
//! A registry's link to the next page is opaque: it is followed as it is, if it leads to the
//! configured origin. A list is complete when there is no next page and not fewer records than the
//! registry announced; anything else is [`AdapterError::Truncated`].

use crate::{
    adapter::{AdapterError, Call},
    http::{HttpAnswer, HttpClient, public_code},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashSet;
use url::Url;

/// How much of a list is read before the registry is taken for broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PagingLimits {
    /// The most pages of one answer.
    pub pages_max: usize,
    /// The most bytes of all pages of one answer together.
    pub bytes_max: usize,
}

impl Default for PagingLimits {
    /// A person with more than a thousand records at twenty a page is a mistake of somebody's.
    fn default() -> Self {
        Self {
            pages_max: 50,
            bytes_max: 4 * 1024 * 1024,
        }
    }
}

/// One page.
#[derive(Debug, Default)]
pub struct Page {
    /// Its records.
    pub items: Vec<Value>,
    /// How many records the whole list has, where the registry says so.
    pub total: Option<u64>,
    /// Where the next page is.
    pub next: Option<Next>,
}

/// A link to the next page.
#[derive(Debug)]
pub struct Next {
    /// The link as the registry wrote it.
    pub href: String,
    /// What to post to it; without, it is to be got.
    pub post: Option<Bytes>,
}

/// A request for the first page.
#[derive(Debug)]
pub struct First<'a> {
    /// Where.
    pub url: Url,
    /// The headers of this and all further requests.
    pub headers: &'a HeaderMap,
    /// What to post, and its media type; without, it is a `GET`.
    pub post: Option<(&'static str, Bytes)>,
}

/// Reads all pages of a list.
///
/// # Errors
/// What the requests or `read` return, and [`AdapterError::Truncated`] for a list that stops before
/// its announced end or goes on beyond the limits.
pub async fn collect(
    http: &HttpClient,
    first: First<'_>,
    limits: PagingLimits,
    read: impl Fn(&HttpAnswer) -> Result<Page, AdapterError> + Send + Sync,
    call: &Call,
) -> Result<Vec<Value>, AdapterError> {
    let mut items = Vec::new();
    let mut announced = 0;
    let mut bytes = 0;
    let mut seen = HashSet::new();
    let (media_type, mut url, mut post) = match first.post {
        Some((media_type, body)) => (media_type, first.url, Some(body)),
        None => ("application/json", first.url, None),
    };
    for _ in 0..limits.pages_max {
        let answer = match post {
            Some(body) => {
                let headers = with_content_type(first.headers, media_type);
                http.post(&url, headers, body, call).await?
            }
            None => http.get(&url, first.headers.clone(), call).await?,
        };
        bytes += answer.body.len();
        if bytes > limits.bytes_max {
            return Err(AdapterError::malformed(format!(
                "longer than {} bytes",
                limits.bytes_max
            )));
        }
        let page = read(&answer)?;
        items.extend(page.items);
        announced = announced.max(page.total.unwrap_or(0));
        let Some(next) = page.next else {
            return whole(items, announced);
        };
        let following = http.follow(&url, &next.href)?;
        if !seen.insert((following.clone(), next.post.clone())) {
            return Err(AdapterError::malformed(
                "the links to further pages go in a circle",
            ));
        }
        (url, post) = (following, next.post);
    }
    Err(truncated(&format!("more than {} pages", limits.pages_max)))
}

/// An answer whose status is not a success, by the registry's own code where its error document
/// has one: problem+json, or the small JSON documents that protocols define.
#[must_use]
pub fn refusal(answer: &HttpAnswer, code: impl Fn(&Value) -> Option<&str>) -> AdapterError {
    let document = answer.json().ok();
    let code = document.as_ref().and_then(code).map(public_code);
    let add = |reason: String| match code {
        Some(code) => format!("{reason}, {code}"),
        None => reason,
    };
    match answer.unexpected_status() {
        AdapterError::Refused { reason } => AdapterError::Refused {
            reason: add(reason),
        },
        AdapterError::Down { reason } => AdapterError::Down {
            reason: add(reason),
        },
        other => other,
    }
}

/// The code of a problem document (RFC 9457), of the plain `{"code": …}` that came before it, or of
/// the first of `{"errors": [{"error": …}]}`.
#[must_use]
pub fn problem_code(document: &Value) -> Option<&str> {
    named_code(document).or_else(|| named_code(document.pointer("/errors/0")?))
}

fn named_code(document: &Value) -> Option<&str> {
    ["code", "error", "type"]
        .into_iter()
        .find_map(|name| document.get(name)?.as_str())
}

/// A number of records, as a number or, as some servers write it, as a text.
pub(crate) fn count(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_u64(),
    }
}

/// Headers with a header more.
pub(crate) fn with(headers: &HeaderMap, name: HeaderName, value: HeaderValue) -> HeaderMap {
    let mut headers = headers.clone();
    headers.insert(name, value);
    headers
}

fn with_content_type(headers: &HeaderMap, media_type: &'static str) -> HeaderMap {
    with(
        headers,
        http::header::CONTENT_TYPE,
        HeaderValue::from_static(media_type),
    )
}

fn whole(items: Vec<Value>, announced: u64) -> Result<Vec<Value>, AdapterError> {
    let collected = u64::try_from(items.len()).unwrap_or(u64::MAX);
    if collected < announced {
        return Err(truncated(
            "fewer records than announced, and no link to more",
        ));
    }
    Ok(items)
}

fn truncated(reason: &str) -> AdapterError {
    AdapterError::Truncated {
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests;
