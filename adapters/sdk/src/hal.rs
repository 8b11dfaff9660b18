//! REST with HAL: JSON documents with `_links`, lists in `_embedded`.
//!
//! What such registries do and this client knows: `_embedded` is absent from an empty list; `page`
//! announces the number of all elements; 404 is an unknown resource and 410 a removed one; a 404
//! in HTML is a wrong address, not an unknown resource.

use crate::{
    adapter::{AdapterError, Call},
    config::ConfigError,
    field_map::at,
    http::{HttpAnswer, HttpClient},
    paging::{self, First, Next, Page, PagingLimits},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::Value;
use std::sync::atomic::{AtomicBool, Ordering};

/// A client for one registry that speaks HAL.
#[derive(Debug, Clone)]
pub struct HalClient {
    http: HttpClient,
    accept: HeaderValue,
    limits: PagingLimits,
}

impl HalClient {
    /// A client that accepts `media_type`.
    ///
    /// # Errors
    /// A media type that is no header value.
    pub fn new(
        http: HttpClient,
        media_type: &str,
        limits: PagingLimits,
    ) -> Result<Self, ConfigError> {
        let accept = HeaderValue::try_from(media_type)
            .map_err(|_| ConfigError::setting("media_type", "is no media type"))?;
        Ok(Self {
            http,
            accept,
            limits,
        })
    }

    /// The HTTP client below.
    #[must_use]
    pub const fn http(&self) -> &HttpClient {
        &self.http
    }

    /// One resource; `None` where the registry does not know it (404) or has removed it (410).
    ///
    /// # Errors
    /// See [`AdapterError`].
    pub async fn get(
        &self,
        path: &str,
        headers: &HeaderMap,
        call: &Call,
    ) -> Result<Option<Value>, AdapterError> {
        let url = self.http.url(path)?;
        let answer = self.http.get(&url, self.with_accept(headers), call).await?;
        match answer.status {
            StatusCode::OK => answer.json().map(Some),
            _ if is_nowhere(&answer) => Ok(None),
            _ => Err(paging::refusal(&answer, paging::problem_code)),
        }
    }

    /// All elements of a list that is asked for by posting a query, from all its pages.
    ///
    /// `embedded` is the list's name in `_embedded`.
    ///
    /// # Errors
    /// See [`AdapterError`].
    pub async fn search(
        &self,
        path: &str,
        query: &Value,
        embedded: &str,
        headers: &HeaderMap,
        call: &Call,
    ) -> Result<Vec<Value>, AdapterError> {
        let first = First {
            url: self.http.url(path)?,
            headers: &self.with_accept(headers),
            post: Some(("application/json", query.to_string().into())),
        };
        paging::collect(
            &self.http,
            first,
            self.limits,
            |answer| read(answer, embedded),
            call,
        )
        .await
    }

    /// The same of a list that is got; none where the registry does not know whose list it is (404)
    /// or has removed it (410).
    ///
    /// # Errors
    /// See [`AdapterError`].
    pub async fn list(
        &self,
        path: &str,
        embedded: &str,
        headers: &HeaderMap,
        call: &Call,
    ) -> Result<Vec<Value>, AdapterError> {
        let first = First {
            url: self.http.url(path)?,
            headers: &self.with_accept(headers),
            post: None,
        };
        let is_first = AtomicBool::new(true);
        let read = |answer: &HttpAnswer| {
            // A further page that is not there is a list that stops too early.
            if is_first.swap(false, Ordering::Relaxed) && is_nowhere(answer) {
                Ok(Page::default())
            } else {
                read(answer, embedded)
            }
        };
        paging::collect(&self.http, first, self.limits, read, call).await
    }

    fn with_accept(&self, headers: &HeaderMap) -> HeaderMap {
        paging::with(headers, header::ACCEPT, self.accept.clone())
    }
}

/// Unknown or removed. A page for people tells of a wrong address instead.
fn is_nowhere(answer: &HttpAnswer) -> bool {
    let is_html = |media_type: String| media_type.contains("html");
    matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::GONE)
        && !answer.media_type().is_some_and(is_html)
}

fn read(answer: &HttpAnswer, embedded: &str) -> Result<Page, AdapterError> {
    if answer.status != StatusCode::OK {
        return Err(paging::refusal(answer, paging::problem_code));
    }
    let mut document = answer.json()?;
    let next = match at(&document, "_links.next") {
        None | Some(Value::Null) => None,
        Some(link) => href(link)?,
    };
    let total = at(&document, "page.totalElements").and_then(paging::count);
    // An empty list has no `_embedded`, so something else must show that this is a list at all.
    if !document.is_object() || (total.is_none() && document.get("_embedded").is_none()) {
        return Err(AdapterError::malformed(
            "no HAL list: neither `page` nor `_embedded`",
        ));
    }
    let items = match document
        .pointer_mut(&format!("/_embedded/{embedded}"))
        .map(Value::take)
    {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items,
        Some(item @ Value::Object(_)) => vec![item],
        Some(_) => return Err(AdapterError::malformed("`_embedded` does not hold a list")),
    };
    Ok(Page {
        items,
        total,
        next: next.map(|href| Next { href, post: None }),
    })
}

/// A link is an object with `href`, or a list of such objects (HAL, section 4.1.1). Some servers
/// write a link to nowhere behind the last page; whether that is the last, the total tells.
fn href(link: &Value) -> Result<Option<String>, AdapterError> {
    let link = link.get(0).unwrap_or(link);
    match link.get("href") {
        Some(Value::Null) => Ok(None),
        Some(Value::String(href)) if href.is_empty() => Ok(None),
        Some(Value::String(href)) => Ok(Some(href.clone())),
        _ => Err(AdapterError::malformed("a link without `href`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn page(status: u16, body: &Value) -> Result<Page, AdapterError> {
        let answer = HttpAnswer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: body.to_string().into(),
        };
        read(&answer, "roles")
    }

    #[test]
    fn an_empty_list_has_no_embedded_part() {
        let empty = page(
            200,
            &json!({"_links": {"self": {"href": "/"}}, "page": {"totalElements": 0}}),
        )
        .unwrap();
        assert!(empty.items.is_empty() && empty.next.is_none());
        assert!(page(200, &json!({"hello": "world"})).is_err());
        assert!(page(200, &json!([1])).is_err());
        assert!(page(200, &json!({"_embedded": {"roles": "none"}})).is_err());
    }

    #[test]
    fn a_list_of_one_may_be_an_object_and_a_link_a_list() {
        let body =
            json!({"_embedded": {"roles": {"a": 1}}, "_links": {"next": [{"href": "?c=2"}]}});
        let page = page(200, &body).unwrap();
        assert_eq!(
            (page.items.len(), page.next.unwrap().href.as_str()),
            (1, "?c=2")
        );
    }

    #[test]
    fn what_some_servers_write_instead_of_nothing_is_nothing() {
        let empty = json!({"_embedded": [], "_links": [], "page": {"totalElements": "3"}});
        let read = page(200, &empty).unwrap();
        assert_eq!((read.items.len(), read.total), (0, Some(3)));
        for nowhere in [json!({"href": null}), json!({"href": ""}), json!(null)] {
            let last = json!({"_embedded": {"roles": []}, "_links": {"next": nowhere}});
            assert!(page(200, &last).unwrap().next.is_none());
        }
        for broken in [json!({}), json!({"href": 7}), json!("x")] {
            let bad = json!({"_embedded": {"roles": []}, "_links": {"next": broken}});
            assert!(page(200, &bad).is_err());
        }
    }

    #[test]
    fn a_refusal_tells_the_code_and_nothing_else() {
        let error = page(400, &json!({"code": "badNumber", "detail": "001185012345"})).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the registry refused: HTTP 400, badNumber"
        );
    }
}
