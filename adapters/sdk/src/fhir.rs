//! FHIR R4 search, and reading of the resources it finds.
//!
//! Searches are posted to `[type]/_search` as a form (R4, 3.1.1.4), so that a person's number is in
//! no URL, unless the configuration says otherwise. What servers do and this client knows: links that are percent-encoded as a whole; a
//! `total` without a link to the rest; `OperationOutcome` as the answer, with an error status or
//! with 200, or among the entries; resources that were not asked for.

mod resource;

pub use resource::{
    Coding, contained, day, day_at, extension, extension_value, has_coding, identifiers,
    reference_id,
};

use crate::{
    adapter::{AdapterError, Call},
    http::{HttpAnswer, HttpClient, public_code},
    paging::{self, First, Next, Page, PagingLimits},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded;

/// A client for one FHIR server.
#[derive(Debug, Clone)]
pub struct FhirClient {
    http: HttpClient,
    limits: PagingLimits,
    search: Search,
    trailing_slash: bool,
}

/// How a server is searched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Search {
    /// `POST [type]/_search` with a form (R4, 3.1.1.4): the subject is in the body.
    #[default]
    Post,
    /// `GET [type]?…`: the subject is in the URL, and so in the logs of every proxy on the way. Only
    /// for servers that know nothing else.
    Get,
}

impl FhirClient {
    /// A client.
    #[must_use]
    pub const fn new(http: HttpClient, limits: PagingLimits) -> Self {
        Self {
            http,
            limits,
            search: Search::Post,
            trailing_slash: false,
        }
    }

    /// The same, searching in another way; `trailing_slash` ends the path of a type in `/`.
    #[must_use]
    pub const fn searching(mut self, search: Search, trailing_slash: bool) -> Self {
        self.search = search;
        self.trailing_slash = trailing_slash;
        self
    }

    /// All resources of a type that the server found, from all pages. The server's filter is not to
    /// be trusted: whoever calls compares identifiers and references.
    ///
    /// # Errors
    /// See [`AdapterError`].
    pub async fn search(
        &self,
        resource_type: &str,
        parameters: &[(&str, String)],
        headers: &HeaderMap,
        call: &Call,
    ) -> Result<Vec<Value>, AdapterError> {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(parameters)
            .finish();
        let slash = if self.trailing_slash { "/" } else { "" };
        let headers = with_accept(headers);
        let first = match self.search {
            Search::Post => First {
                url: self.http.url(&format!("{resource_type}/_search{slash}"))?,
                headers: &headers,
                post: Some(("application/x-www-form-urlencoded", form.into())),
            },
            Search::Get => First {
                url: self.http.url(&format!("{resource_type}{slash}?{form}"))?,
                headers: &headers,
                post: None,
            },
        };
        paging::collect(
            &self.http,
            first,
            self.limits,
            |answer| read(answer, resource_type),
            call,
        )
        .await
    }

    /// Asks for the server's capability statement, which holds no personal data.
    ///
    /// # Errors
    /// See [`AdapterError`].
    pub async fn metadata(&self, call: &Call) -> Result<(), AdapterError> {
        let url = self.http.url("metadata")?;
        let answer = self
            .http
            .get(&url, with_accept(&HeaderMap::new()), call)
            .await?;
        match answer.status {
            StatusCode::OK => expect_type(&answer.json()?, "CapabilityStatement"),
            _ => Err(paging::refusal(&answer, issue_code)),
        }
    }
}

fn with_accept(headers: &HeaderMap) -> HeaderMap {
    paging::with(
        headers,
        header::ACCEPT,
        HeaderValue::from_static("application/fhir+json"),
    )
}

fn read(answer: &HttpAnswer, resource_type: &str) -> Result<Page, AdapterError> {
    if answer.status != StatusCode::OK {
        return Err(paging::refusal(answer, issue_code));
    }
    let mut bundle = answer.json()?;
    refuse_outcome(&bundle)?;
    expect_type(&bundle, "Bundle")?;
    if bundle.get("type").is_some_and(|kind| kind != "searchset") {
        return Err(AdapterError::malformed("a Bundle that is no searchset"));
    }
    let total = bundle.get("total").and_then(paging::count);
    let next = next(&bundle)?;
    let entries = match bundle.get_mut("entry").map(Value::take) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(entries)) => entries,
        Some(_) => return Err(AdapterError::malformed("`entry` of the Bundle is no list")),
    };
    let mut items = Vec::with_capacity(entries.len());
    for mut entry in entries {
        let resource = entry.get_mut("resource").map(Value::take);
        let resource =
            resource.ok_or_else(|| AdapterError::malformed("an entry without resource"))?;
        refuse_outcome(&resource)?;
        // Included resources and warnings may stand among the matches, and do not count as such.
        if resource
            .get("resourceType")
            .is_some_and(|kind| kind == resource_type)
        {
            items.push(resource);
        }
    }
    Ok(Page {
        items,
        total,
        next: next.map(|href| Next { href, post: None }),
    })
}

fn expect_type(resource: &Value, expected: &str) -> Result<(), AdapterError> {
    if resource
        .get("resourceType")
        .is_some_and(|kind| kind == expected)
    {
        Ok(())
    } else {
        Err(AdapterError::malformed(format!("no FHIR {expected}")))
    }
}

/// The link to the next page. Some servers percent-encode the whole address.
fn next(bundle: &Value) -> Result<Option<String>, AdapterError> {
    let links = bundle
        .get("link")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let Some(link) = links
        .iter()
        .find(|link| link.get("relation").is_some_and(|r| r == "next"))
    else {
        return Ok(None);
    };
    let url = link.get("url").and_then(Value::as_str);
    let url = url.ok_or_else(|| AdapterError::malformed("a link without `url`"))?;
    let encoded = !url.contains(':')
        && ["http%3a", "https%3a"]
            .iter()
            .any(|start| url.to_ascii_lowercase().starts_with(start));
    let decoded = || {
        form_urlencoded::parse(url.as_bytes())
            .next()
            .map(|(url, _)| url.into_owned())
    };
    Ok(if encoded {
        decoded()
    } else {
        Some(url.to_owned())
    })
}

/// An `OperationOutcome` that tells of an error; warnings and information pass.
fn refuse_outcome(resource: &Value) -> Result<(), AdapterError> {
    if resource
        .get("resourceType")
        .is_none_or(|kind| kind != "OperationOutcome")
    {
        return Ok(());
    }
    let Some(code) = issue_code(resource) else {
        return Ok(());
    };
    let reason = format!("OperationOutcome {}", public_code(code));
    // The codes of R4's IssueType under "transient" mean: try again later.
    match code {
        "transient" | "timeout" | "lock-error" | "no-store" | "exception" | "incomplete" => {
            Err(AdapterError::Down { reason })
        }
        _ => Err(AdapterError::Refused { reason }),
    }
}

/// The code of the first issue that is an error.
fn issue_code(outcome: &Value) -> Option<&str> {
    let issues = outcome.get("issue")?.as_array()?;
    let is_error = |issue: &&Value| {
        issue
            .get("severity")
            .and_then(Value::as_str)
            .is_none_or(|s| matches!(s, "error" | "fatal"))
    };
    issues.iter().find(is_error)?.get("code")?.as_str()
}

#[cfg(test)]
mod tests;
