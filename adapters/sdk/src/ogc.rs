//! OGC API – Features: items of a collection as GeoJSON.
//!
//! Part 1 knows only `GET`, with the filter in the URL. Where the server has the search resource of
//! Part 5 (`POST …/search` with a CQL2-JSON filter), a person's number stays in the body. What
//! servers do and this client knows: filters that are ignored (the caller compares each feature),
//! cursors and offsets in `next` links, no `numberMatched`, and two forms of error documents.

use crate::{
    adapter::{AdapterError, Call},
    http::{HttpAnswer, HttpClient},
    paging::{self, First, Next, Page, PagingLimits},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A client for one collection of one server.
#[derive(Debug, Clone)]
pub struct FeaturesClient {
    http: HttpClient,
    collection: String,
    search: Search,
    limits: PagingLimits,
    parameters: Parameters,
}

/// What a server calls the parameters that not every one has; an empty name means that this one has
/// none. Part 1 has a server refuse what it does not know (`/req/core/query-param-unknown`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// The list of properties to send, and no others.
    pub properties: String,
    /// That no geometry is to be sent.
    pub skip_geometry: String,
    /// How many features a page should have.
    pub limit: String,
    /// Parameters that every search of this server carries, such as `f = "json"`.
    pub always: BTreeMap<String, String>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            properties: "properties".to_owned(),
            skip_geometry: "skipGeometry".to_owned(),
            limit: "limit".to_owned(),
            always: BTreeMap::new(),
        }
    }
}

/// How a server is asked for the features of one subject.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Search {
    /// `POST /collections/{id}/search` with a CQL2-JSON filter (Part 5, draft): the subject is in
    /// the body.
    #[default]
    Post,
    /// `GET /collections/{id}/items?{queryable}={value}` (Part 1): the subject is in the URL, and so
    /// in the logs of every proxy on the way. Only for servers that know nothing else.
    Get,
}

/// How the filter compares (CQL2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// The queryable is a list that contains the value (`a_contains`).
    #[default]
    Contains,
    /// The queryable equals the value (`=`).
    Equals,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct FeatureQuery<'a> {
    /// The queryable that the server filters by.
    pub queryable: &'a str,
    /// How it compares.
    pub comparison: Comparison,
    /// The value to compare with.
    pub value: &'a str,
    /// The properties to send; the server is asked for no geometry.
    pub properties: &'a [&'a str],
    /// How many features a page should have.
    pub page_size: u32,
}

impl FeaturesClient {
    /// A client for a collection.
    #[must_use]
    pub fn new(http: HttpClient, collection: String, search: Search, limits: PagingLimits) -> Self {
        Self {
            http,
            collection,
            search,
            limits,
            parameters: Parameters::default(),
        }
    }

    /// The same for a server with other parameters.
    #[must_use]
    pub fn with_parameters(mut self, parameters: Parameters) -> Self {
        self.parameters = parameters;
        self
    }

    /// All features that the server found, from all pages.
    ///
    /// # Errors
    /// See [`AdapterError`].
    pub async fn features(
        &self,
        query: FeatureQuery<'_>,
        headers: &HeaderMap,
        call: &Call,
    ) -> Result<Vec<Value>, AdapterError> {
        let headers = with_accept(headers);
        let body = Bytes::from(search_body(query, &self.parameters).to_string());
        let first = match self.search {
            Search::Post => First {
                url: self
                    .http
                    .url(&format!("collections/{}/search", self.collection))?,
                headers: &headers,
                post: Some(("application/json", body.clone())),
            },
            Search::Get => {
                let mut url = self
                    .http
                    .url(&format!("collections/{}/items", self.collection))?;
                let properties = query.properties.join(",");
                let page_size = query.page_size.to_string();
                let values = [&properties, "true", &page_size];
                let named = self.parameters.names().into_iter().zip(values);
                let always = self.parameters.always.iter();
                url.query_pairs_mut()
                    .append_pair(query.queryable, query.value)
                    .extend_pairs(named.filter(|(name, _)| !name.is_empty()))
                    .extend_pairs(always);
                First {
                    url,
                    headers: &headers,
                    post: None,
                }
            }
        };
        paging::collect(
            &self.http,
            first,
            self.limits,
            |answer| read(answer, &body),
            call,
        )
        .await
    }

    /// Asks for the collection's description, which holds no personal data.
    ///
    /// # Errors
    /// See [`AdapterError`].
    pub async fn describe(&self, call: &Call) -> Result<(), AdapterError> {
        let mut url = self.http.url(&format!("collections/{}", self.collection))?;
        if !self.parameters.always.is_empty() {
            url.query_pairs_mut()
                .extend_pairs(self.parameters.always.iter());
        }
        let answer = self
            .http
            .get(&url, with_accept(&HeaderMap::new()), call)
            .await?;
        if answer.status != StatusCode::OK {
            return Err(paging::refusal(&answer, paging::problem_code));
        }
        let described = answer.json()?;
        if described.get("id").is_some_and(|id| *id == self.collection) {
            Ok(())
        } else {
            Err(AdapterError::malformed("no description of the collection"))
        }
    }
}

fn with_accept(headers: &HeaderMap) -> HeaderMap {
    let accept = HeaderValue::from_static("application/geo+json, application/json;q=0.9");
    paging::with(headers, header::ACCEPT, accept)
}

/// The body of a search: a filter in CQL2-JSON (OGC 21-065) and the parameters of Part 1 by name.
fn search_body(query: FeatureQuery<'_>, parameters: &Parameters) -> Value {
    let property = json!({"property": query.queryable});
    let filter = match query.comparison {
        Comparison::Contains => json!({"op": "a_contains", "args": [property, [query.value]]}),
        Comparison::Equals => json!({"op": "=", "args": [property, query.value]}),
    };
    let mut body = json!({"filter-lang": "cql2-json", "filter": filter});
    let values = [json!(query.properties), json!(true), json!(query.page_size)];
    let named = parameters.names().into_iter().zip(values);
    let always = parameters.always.iter();
    let always = always.map(|(name, value)| (name.as_str(), json!(value)));
    for (name, value) in named.filter(|(name, _)| !name.is_empty()).chain(always) {
        if let Some(members) = body.as_object_mut() {
            members.insert(name.to_owned(), value);
        }
    }
    body
}

impl Parameters {
    const fn names(&self) -> [&str; 3] {
        [
            self.properties.as_str(),
            self.skip_geometry.as_str(),
            self.limit.as_str(),
        ]
    }
}

fn read(answer: &HttpAnswer, searched: &Bytes) -> Result<Page, AdapterError> {
    if answer.status != StatusCode::OK {
        return Err(paging::refusal(answer, paging::problem_code));
    }
    let mut collection = answer.json()?;
    if collection
        .get("type")
        .is_none_or(|kind| kind != "FeatureCollection")
    {
        return Err(AdapterError::malformed("no GeoJSON FeatureCollection"));
    }
    let total = collection.get("numberMatched").and_then(paging::count);
    let returned = collection.get("numberReturned").and_then(paging::count);
    let next = next(&collection, searched)?;
    let Some(Value::Array(items)) = collection.get_mut("features").map(Value::take) else {
        return Err(AdapterError::malformed("`features` is no list"));
    };
    if returned.is_some_and(|returned| returned > u64::try_from(items.len()).unwrap_or(u64::MAX)) {
        let reason = "a page has fewer features than it announces".to_owned();
        return Err(AdapterError::Truncated { reason });
    }
    Ok(Page { items, total, next })
}

/// The link to the next page. A server may ask for it to be posted, with a body of its own or the
/// one that was posted first.
fn next(collection: &Value, searched: &Bytes) -> Result<Option<Next>, AdapterError> {
    let links = collection
        .get("links")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let is_next = |link: &&Value| link.get("rel").is_some_and(|rel| rel == "next");
    let in_json = |link: &&Value| {
        link.get("type")
            .and_then(Value::as_str)
            .is_none_or(|media_type| media_type.contains("json"))
    };
    let Some(link) = links.iter().filter(is_next).find(in_json) else {
        return Ok(None);
    };
    let href = link.get("href").and_then(Value::as_str);
    let href = href
        .ok_or_else(|| AdapterError::malformed("a link without `href`"))?
        .to_owned();
    let posted = link
        .get("method")
        .and_then(Value::as_str)
        .is_some_and(|m| m.eq_ignore_ascii_case("post"));
    let body = || {
        link.get("body")
            .map_or_else(|| searched.clone(), |body| body.to_string().into())
    };
    Ok(Some(Next {
        href,
        post: posted.then(body),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(status: u16, body: &Value) -> Result<Page, AdapterError> {
        let answer = HttpAnswer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: body.to_string().into(),
        };
        read(&answer, &Bytes::from_static(b"{}"))
    }

    fn collection(links: &Value) -> Value {
        json!({"type": "FeatureCollection", "features": [{"type": "Feature"}], "links": links})
    }

    #[test]
    fn the_next_page_is_the_json_one_and_may_have_to_be_posted() {
        let links = json!([{"rel": "next", "type": "text/html", "href": "h"}, {"rel": "next", "type": "application/geo+json", "href": "j"}]);
        let next = page(200, &collection(&links)).unwrap().next.unwrap();
        assert_eq!((next.href.as_str(), next.post), ("j", None));
        let posted = json!([{"rel": "next", "href": "j", "method": "POST", "body": {"token": 2}}]);
        let next = page(200, &collection(&posted)).unwrap().next.unwrap();
        assert_eq!(next.post.unwrap(), r#"{"token":2}"#);
        assert!(page(200, &collection(&json!([]))).unwrap().next.is_none());
    }

    #[test]
    fn a_page_with_fewer_features_than_it_announces_is_truncated() {
        let mut body = collection(&json!([]));
        body["numberReturned"] = json!(2);
        assert!(matches!(
            page(200, &body),
            Err(AdapterError::Truncated { .. })
        ));
    }

    #[test]
    fn both_forms_of_error_documents_are_read() {
        let old = page(
            400,
            &json!({"code": "InvalidParameterValue", "description": "001185012345"}),
        )
        .unwrap_err();
        assert_eq!(
            old.to_string(),
            "the registry refused: HTTP 400, InvalidParameterValue"
        );
        let new = page(500, &json!({"type": "about:blank", "title": "x"})).unwrap_err();
        assert_eq!(
            new.to_string(),
            "the registry is down: HTTP 500, about:blank"
        );
        assert!(page(200, &json!({"type": "Feature"})).is_err());
        assert!(page(200, &json!({"type": "FeatureCollection"})).is_err());
    }
}
