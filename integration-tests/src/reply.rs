//! What the gateway said to one call.

use reqwest::{blocking::Response, header::HeaderMap};
use serde_json::Value;

/// Status, headers and body of a response.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// Reads a response to its end.
    ///
    /// # Panics
    /// It broke off.
    #[must_use]
    pub fn of(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().expect("the body is whole").to_vec();
        Self {
            status,
            headers,
            body,
        }
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// It is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!(
                "{error} in a body of status {}: {}",
                self.status,
                self.text()
            )
        })
    }

    /// The body of an answer that must be a 200.
    ///
    /// # Panics
    /// It is another.
    #[must_use]
    pub fn answer(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()
    }

    /// The body of a problem document with this status and code.
    ///
    /// # Panics
    /// It is another, or lacks a member that all problem documents have.
    #[must_use]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem:#}");
        assert_eq!(problem["status"], status, "{problem:#}");
        assert_eq!(problem["type"], format!("/problems/{code}"), "{problem:#}");
        assert!(problem["retryable"].is_boolean(), "{problem:#}");
        for text in ["title", "detail", "request_id"] {
            assert!(
                problem[text].as_str().is_some_and(|text| !text.is_empty()),
                "{text}: {problem:#}"
            );
        }
        assert_eq!(
            problem["request_id"],
            self.header("request-id"),
            "{problem:#}"
        );
        problem
    }

    /// A header's text; empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// Everything that was sent, for searches.
    #[must_use]
    pub fn everything(&self) -> String {
        format!("{:?}\n{}", self.headers, self.text())
    }
}
