//! What the JSON registries' handlers share: content negotiation, answers, field selection, and the
//! memory of searches whose next pages may be asked for.

use crate::faults::{CutByProtocol, Fault};
use axum::{body::Body, response::Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use parking_lot::Mutex;
use serde_json::{Map, Value};
use std::{collections::VecDeque, sync::Arc};

/// Whether `Accept` allows one of the media types. A request without `Accept` takes anything.
pub(crate) fn accepts(headers: &HeaderMap, media_types: &[&str]) -> bool {
    let Some(accept) = text(headers, &header::ACCEPT) else {
        return true;
    };
    let ranges = accept
        .split(',')
        .map(|range| range.split(';').next().unwrap_or("").trim());
    ranges.into_iter().any(|range| {
        matches!(range, "*/*" | "application/*")
            || media_types.iter().any(|m| m.eq_ignore_ascii_case(range))
    })
}

/// Whether the body is of a media type.
pub(crate) fn is_of(headers: &HeaderMap, media_type: &str) -> bool {
    let stated = text(headers, &header::CONTENT_TYPE).unwrap_or_default();
    stated
        .split(';')
        .next()
        .is_some_and(|stated| stated.trim().eq_ignore_ascii_case(media_type))
}

/// A header's text.
pub(crate) fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// The address under which the caller reached this server.
pub(crate) fn origin(headers: &HeaderMap) -> String {
    format!(
        "http://{}",
        text(headers, &header::HOST).unwrap_or("localhost")
    )
}

/// A JSON answer.
pub(crate) fn json(status: StatusCode, media_type: &'static str, document: &Value) -> Response {
    let mut response = Response::new(Body::from(document.to_string()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// Sets members of an object.
pub(crate) fn with(mut document: Value, more: Value) -> Value {
    if let (Some(members), Value::Object(more)) = (document.as_object_mut(), more) {
        members.extend(more);
    }
    document
}

/// One page of a list, as the fault in force shows it.
#[derive(Debug)]
pub(crate) struct Window {
    /// What the page holds.
    pub(crate) listed: Vec<Value>,
    /// How many the list holds.
    pub(crate) total: usize,
    /// There is a page after it.
    pub(crate) goes_on: bool,
    /// [`Fault::Truncated`] has taken entries away, and the link to the rest.
    pub(crate) cut: bool,
}

impl Window {
    pub(crate) fn new(list: Vec<Value>, offset: usize, size: usize, fault: Fault) -> Self {
        let total = list.len();
        let cut = fault == Fault::Truncated && total > 0;
        let size = if cut { size.min(total - 1) } else { size };
        let goes_on = !cut && offset.saturating_add(size) < total;
        let listed = list.into_iter().skip(offset).take(size).collect();
        Self {
            listed,
            total,
            goes_on,
            cut,
        }
    }

    /// A JSON answer with the page, marked where the list is cut.
    pub(crate) fn answer(&self, media_type: &'static str, document: &Value) -> Response {
        marked(json(StatusCode::OK, media_type, document), self.cut)
    }
}

/// Marks an answer that the protocol's handler has cut itself.
pub(crate) fn marked(mut response: Response, cut: bool) -> Response {
    if cut {
        response.extensions_mut().insert(CutByProtocol);
    }
    response
}

/// Takes members that are `null` out of an object: a real register leaves them away.
pub(crate) fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(
                kept.map(|(name, value)| (name, without_nulls(value)))
                    .collect(),
            )
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

/// The part of an object that is at the dotted `paths`; a path to an object means all of it.
pub(crate) fn pick<'p>(source: &Value, paths: impl IntoIterator<Item = &'p str>) -> Value {
    let mut picked = Value::Object(Map::new());
    for path in paths {
        let value = path
            .split('.')
            .try_fold(source, |value, name| value.get(name));
        if let Some(value) = value {
            put(&mut picked, path, value.clone());
        }
    }
    picked
}

fn put(target: &mut Value, path: &str, value: Value) {
    let (name, rest) = path
        .split_once('.')
        .map_or((path, None), |(name, rest)| (name, Some(rest)));
    let Some(members) = target.as_object_mut() else {
        return;
    };
    match rest {
        Some(rest) => put(
            members
                .entry(name)
                .or_insert_with(|| Value::Object(Map::new())),
            rest,
            value,
        ),
        None => {
            members.insert(name.to_owned(), value);
        }
    }
}

/// Searches whose next page may be asked for. A link names one by a token, so that no link holds
/// what was searched for.
#[derive(Debug)]
pub(crate) struct Cursors<T>(Arc<Mutex<Remembered<T>>>);

#[derive(Debug)]
struct Remembered<T> {
    made: u64,
    searches: VecDeque<(String, T)>,
}

impl<T: Clone> Cursors<T> {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Remembered {
            made: 0,
            searches: VecDeque::new(),
        })))
    }

    /// Remembers a search and gives its token. The oldest of too many searches is forgotten.
    pub(crate) fn remember(&self, search: T) -> String {
        let mut remembered = self.0.lock();
        remembered.made += 1;
        let token = format!("{:016x}", remembered.made.wrapping_mul(SCATTER));
        if remembered.searches.len() == SEARCHES_MAX {
            remembered.searches.pop_front();
        }
        remembered.searches.push_back((token.clone(), search));
        token
    }

    /// The search of a token. A link may be followed more than once.
    pub(crate) fn recall(&self, token: &str) -> Option<T> {
        let remembered = self.0.lock();
        remembered
            .searches
            .iter()
            .rev()
            .find(|(known, _)| known == token)
            .map(|(_, search)| search.clone())
    }
}

impl<T> Clone for Cursors<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// More than any client has open at once.
const SEARCHES_MAX: usize = 1_000;
/// Odd, so that different searches have different tokens; large, so that tokens look opaque.
const SCATTER: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use axum::Router;
    use http::Request;
    use http_body_util::BodyExt;
    use serde_json::json;
    use tower::ServiceExt;

    /// A request as a test writes it.
    pub(crate) struct Asked<'a> {
        pub(crate) method: &'a str,
        pub(crate) path: &'a str,
        pub(crate) headers: &'a [(&'a str, &'a str)],
        pub(crate) body: &'a str,
    }

    /// Status and JSON body of a router's answer, without a socket.
    pub(crate) async fn ask(router: Router, asked: Asked<'_>) -> (u16, Value) {
        let mut request = Request::builder()
            .method(asked.method)
            .uri(asked.path)
            .extension(Fault::Ok);
        for (name, value) in asked.headers {
            request = request.header(*name, *value);
        }
        let response = router
            .oneshot(request.body(Body::from(asked.body.to_owned())).unwrap())
            .await
            .unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[test]
    fn only_the_asked_fields_are_picked() {
        let source = json!({"a": {"b": 1, "c": 2}, "d": [1], "e": null});
        assert_eq!(
            pick(&source, ["a.b", "d", "x.y"]),
            json!({"a": {"b": 1}, "d": [1]})
        );
        assert_eq!(pick(&source, ["a"]), json!({"a": {"b": 1, "c": 2}}));
        assert_eq!(
            without_nulls(source),
            json!({"a": {"b": 1, "c": 2}, "d": [1]})
        );
    }

    #[test]
    fn a_search_is_found_again_until_too_many_came_after_it() {
        let cursors = Cursors::new();
        let first = cursors.remember(1);
        assert_eq!(cursors.recall(&first), Some(1));
        for search in 0..SEARCHES_MAX {
            cursors.remember(search);
        }
        assert_eq!(cursors.recall(&first), None);
    }
}
