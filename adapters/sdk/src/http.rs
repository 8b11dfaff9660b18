//! An HTTP client for one registry, which trusts nothing that comes back.
//!
//! - It speaks only to the origin it is configured for, through no proxy, and follows no redirect.
//! - Everything ends by the call's deadline; a body has a limit; a body that ends early is
//!   [`AdapterError::Truncated`], never a shorter answer.
//! - Its errors hold no part of a URL's query and nothing of a body.
//!
//! It does not retry: whether that is safe is the caller's knowledge.

mod answer;
mod config;
mod counting;
mod failure;

pub use answer::{HttpAnswer, public_code};
pub use config::{ApiKey, HttpConfig};
pub use counting::counted;

use crate::{
    adapter::{AdapterError, Call},
    config::ConfigError,
};
use ::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use bytes::{Bytes, BytesMut};
use std::time::{Duration, Instant};
use url::Url;

/// A client with its own connections, for one registry. Cheap to clone.
#[derive(Debug, Clone)]
pub struct HttpClient {
    client: reqwest::Client,
    base_url: Url,
    credentials: HeaderMap,
    timeout: Duration,
    body_bytes_max: usize,
}

impl HttpClient {
    /// A client; makes no connection yet.
    ///
    /// # Errors
    /// What is wrong with the configuration.
    pub fn new(config: &HttpConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            client: config.client()?,
            base_url: config.checked_base_url()?,
            credentials: config.credentials()?,
            timeout: Duration::from_millis(config.timeout_ms),
            body_bytes_max: config.body_bytes_max,
        })
    }

    /// The configured address; its path ends in `/`.
    #[must_use]
    pub const fn base_url(&self) -> &Url {
        &self.base_url
    }

    /// The address of a path below the base, for `get` and `post`. An empty path is the base
    /// without its final `/`, as SOAP end points are written.
    ///
    /// # Errors
    /// [`AdapterError::Malformed`] where the path leads to another origin or is no path.
    pub fn url(&self, path: &str) -> Result<Url, AdapterError> {
        let mut url = self.base_url.clone();
        let below = format!("{}{}", self.base_url.path(), path.trim_start_matches('/'));
        let (path, query) = below
            .split_once('?')
            .map_or((below.as_str(), None), |(p, q)| (p, Some(q)));
        url.set_path(if path.len() > 1 {
            path.trim_end_matches('/')
        } else {
            path
        });
        url.set_query(query);
        Ok(url)
    }

    /// The address of a link in an answer (`rel=next`), taken as it is, relative to the address
    /// that was asked.
    ///
    /// # Errors
    /// [`AdapterError::Malformed`] where it is no address, or one of another origin.
    pub fn follow(&self, asked: &Url, link: &str) -> Result<Url, AdapterError> {
        let url = asked
            .join(link)
            .map_err(|_| AdapterError::malformed("a link that is no address"))?;
        self.check_origin(&url)?;
        Ok(url)
    }

    /// `GET`.
    ///
    /// # Errors
    /// See [`AdapterError`]; any status except redirects, 429 and 503 is an answer.
    pub async fn get(
        &self,
        url: &Url,
        headers: HeaderMap,
        call: &Call,
    ) -> Result<HttpAnswer, AdapterError> {
        self.send(Method::GET, url, headers, Bytes::new(), call)
            .await
    }

    /// `POST`; `headers` name the content type.
    ///
    /// # Errors
    /// See [`AdapterError`]; any status except redirects, 429 and 503 is an answer.
    pub async fn post(
        &self,
        url: &Url,
        headers: HeaderMap,
        body: impl Into<Bytes> + Send,
        call: &Call,
    ) -> Result<HttpAnswer, AdapterError> {
        self.send(Method::POST, url, headers, body.into(), call)
            .await
    }

    async fn send(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap,
        body: Bytes,
        call: &Call,
    ) -> Result<HttpAnswer, AdapterError> {
        self.check_origin(url)?;
        counting::add_one();
        let until = (Instant::now() + self.timeout)
            .min(call.deadline.checked_sub(RESERVE).unwrap_or(call.deadline));
        let exchange = self.exchange(method, url, headers, body, call);
        tokio::time::timeout_at(until.into(), exchange)
            .await
            .map_err(|_| AdapterError::Timeout)?
    }

    async fn exchange(
        &self,
        method: Method,
        url: &Url,
        mut headers: HeaderMap,
        body: Bytes,
        call: &Call,
    ) -> Result<HttpAnswer, AdapterError> {
        headers.extend(self.credentials.clone());
        if let Some(context) = call
            .traceparent
            .as_deref()
            .and_then(|text| HeaderValue::try_from(text).ok())
        {
            headers.insert("traceparent", context);
        }
        let mut request = self
            .client
            .request(method.clone(), url.clone())
            .headers(headers);
        if method == Method::POST {
            request = request.body(body);
        }
        let response = request
            .send()
            .await
            .map_err(|error| failure::before_the_answer(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        refuse_status(status, &headers)?;
        if headers
            .get(header::CONTENT_ENCODING)
            .is_some_and(|coding| coding != "identity")
        {
            return Err(AdapterError::malformed(
                "a compressed body, which was not asked for",
            ));
        }
        let body = self.read(response).await?;
        Ok(HttpAnswer {
            status,
            headers,
            body,
        })
    }

    async fn read(&self, mut response: reqwest::Response) -> Result<Bytes, AdapterError> {
        let too_long =
            || AdapterError::malformed(format!("longer than {} bytes", self.body_bytes_max));
        let announced = response
            .content_length()
            .map_or(0, |length| usize::try_from(length).unwrap_or(usize::MAX));
        if announced > self.body_bytes_max {
            return Err(too_long());
        }
        let mut body = BytesMut::with_capacity(announced);
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| failure::within_the_body(&error))?
        {
            if body.len() + chunk.len() > self.body_bytes_max {
                return Err(too_long());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    fn check_origin(&self, url: &Url) -> Result<(), AdapterError> {
        if url.origin() == self.base_url.origin() {
            Ok(())
        } else {
            Err(AdapterError::malformed("a link to another host"))
        }
    }
}

/// The statuses that no protocol of ours gives a meaning of its own.
fn refuse_status(status: StatusCode, headers: &HeaderMap) -> Result<(), AdapterError> {
    let with_retry = |reason: &str| match answer::retry_after(headers) {
        Some(seconds) => format!("{reason}, retry after {seconds} s"),
        None => reason.to_owned(),
    };
    match status {
        StatusCode::TOO_MANY_REQUESTS => Err(AdapterError::Refused {
            reason: with_retry("HTTP 429, too many requests"),
        }),
        StatusCode::SERVICE_UNAVAILABLE => Err(AdapterError::Down {
            reason: with_retry("HTTP 503"),
        }),
        _ if status.is_redirection() => Err(AdapterError::Refused {
            reason: "a redirect".to_owned(),
        }),
        _ => Ok(()),
    }
}

/// An answer that comes in the last milliseconds cannot be mapped before the deadline.
const RESERVE: Duration = Duration::from_millis(5);

#[cfg(test)]
mod tests;
