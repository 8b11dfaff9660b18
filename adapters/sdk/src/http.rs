//! An HTTP client for one registry, which trusts nothing that comes back.
//!
//! - It speaks only to the origin it is configured for, through no proxy, and follows no redirect.
//! - Everything ends by the call's deadline; connecting, the first byte and the whole have limits of
//!   their own, and so have the body and the number of requests at once. A body that ends early is
//!   [`AdapterError::Truncated`], never a shorter answer.
//! - A request is repeated once at most: where the first cannot have been answered, or where the
//!   registry says when to come back and that is within the deadline. While a registry wants no
//!   questions (`Retry-After`), it gets none.
//! - Its errors hold no part of a URL's query, nothing of a body and no credentials.

mod answer;
mod config;
mod connection;
mod counting;
mod credentials;
mod endpoint;
mod exchange;
mod failure;
pub(crate) mod json;
mod links;
mod oauth;
mod retry;

pub use answer::{HttpAnswer, public_code};
pub use config::{ApiKey, BasicConfig, HttpConfig};
pub use counting::counted;
pub use oauth::{ClientAuthentication, OAuthConfig};

#[cfg(feature = "sql")]
pub(crate) use {counting::add_one as count_request, endpoint::is_loopback};

use crate::{
    adapter::{AdapterError, Call},
    config::ConfigError,
};
use ::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use bytes::Bytes;
use credentials::Credentials;
use exchange::Limits;
use links::LinkBases;
use retry::{Budget, Failed, Pause};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Semaphore;
use url::Url;

/// A client with its own connections, for one registry. Cheap to clone.
#[derive(Debug, Clone)]
pub struct HttpClient {
    client: reqwest::Client,
    base_url: Url,
    link_bases: LinkBases,
    timeout: Duration,
    limits: Limits,
    shared: Arc<Shared>,
}

/// What all clones of a client have in common.
#[derive(Debug)]
struct Shared {
    credentials: Credentials,
    /// A turn for each request that is under way.
    turns: Semaphore,
    repetitions: Budget,
    pause: Pause,
}

/// A request that may have to be sent twice.
struct Request<'a> {
    method: Method,
    url: &'a Url,
    headers: HeaderMap,
    body: Bytes,
}

impl HttpClient {
    /// A client; makes no connection yet.
    ///
    /// # Errors
    /// What is wrong with the configuration.
    pub fn new(config: &HttpConfig) -> Result<Self, ConfigError> {
        config.check_limits()?;
        Ok(Self {
            client: config.client()?,
            base_url: config.checked_base_url()?,
            link_bases: LinkBases::new(&config.link_bases),
            timeout: Duration::from_millis(config.timeout_ms),
            limits: Limits {
                first_byte: Duration::from_millis(config.first_byte_timeout_ms),
                body_bytes_max: config.body_bytes_max,
            },
            shared: Arc::new(Shared {
                credentials: Credentials::new(config)?,
                turns: Semaphore::new(config.concurrency_max.min(Semaphore::MAX_PERMITS)),
                repetitions: Budget::new(),
                pause: Pause::default(),
            }),
        })
    }

    /// The configured address; its path ends in `/`.
    #[must_use]
    pub const fn base_url(&self) -> &Url {
        &self.base_url
    }

    /// The address of a path below the base, for `get` and `post`. An empty path is the base
    /// without its final `/`, as SOAP end points are written; another keeps the `/` that it ends in,
    /// which some servers insist on.
    ///
    /// # Errors
    /// [`AdapterError::Malformed`] where the path leads out of the base.
    pub fn url(&self, path: &str) -> Result<Url, AdapterError> {
        let mut url = self.base_url.clone();
        let below = format!("{}{}", self.base_url.path(), path.trim_start_matches('/'));
        let (path, query) = below
            .split_once('?')
            .map_or((below.as_str(), None), |(p, q)| (p, Some(q)));
        let is_the_base = path == self.base_url.path();
        url.set_path(if is_the_base && path.len() > 1 {
            path.trim_end_matches('/')
        } else {
            path
        });
        url.set_query(query);
        // A segment `..`, encoded or not, would have led out of it.
        if format!("{}/", url.path()).starts_with(self.base_url.path()) {
            Ok(url)
        } else {
            Err(AdapterError::malformed(
                "a path that leads out of the configured address",
            ))
        }
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
        let url = self.link_bases.rebased(url, &self.base_url);
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
        mut headers: HeaderMap,
        body: Bytes,
        call: &Call,
    ) -> Result<HttpAnswer, AdapterError> {
        self.check_origin(url)?;
        headers.extend(self.shared.credentials.headers.clone());
        let context = call.traceparent.as_deref();
        if let Some(context) = context.and_then(|text| HeaderValue::try_from(text).ok()) {
            headers.insert("traceparent", context);
        }
        let request = Request {
            method,
            url,
            headers,
            body,
        };
        let until = (Instant::now() + self.timeout)
            .min(call.deadline.checked_sub(RESERVE).unwrap_or(call.deadline));
        // A timer that has run out may be noticed later than an answer that is very fast.
        if until <= Instant::now() {
            return Err(AdapterError::Timeout);
        }
        tokio::time::timeout_at(until.into(), self.answer(&request, until))
            .await
            .map_err(|_| AdapterError::Timeout)?
    }

    /// An answer, at the second attempt where that is safe and may help.
    async fn answer(
        &self,
        request: &Request<'_>,
        until: Instant,
    ) -> Result<HttpAnswer, AdapterError> {
        self.shared.repetitions.earn();
        let failed = match self.authorised(request).await {
            Ok(answer) => return Ok(answer),
            Err(failed) => failed,
        };
        let Some(pause) = failed.repeat_after else {
            return Err(failed.error);
        };
        // A time-out would say less than the registry did.
        if Instant::now() + pause >= until || !self.shared.repetitions.spend() {
            return Err(failed.error);
        }
        tokio::time::sleep(pause).await;
        self.authorised(request)
            .await
            .map_err(|failed| failed.error)
    }

    /// An answer to a request with the token of the moment, or a new one where the registry does not
    /// take that (401).
    async fn authorised(&self, request: &Request<'_>) -> Result<HttpAnswer, Failed> {
        let Some(tokens) = &self.shared.credentials.tokens else {
            return self.exchange(request, None).await;
        };
        self.shared.pause.check()?;
        let token = tokens.authorization().await?;
        let answer = self.exchange(request, Some(&token)).await?;
        if answer.status != StatusCode::UNAUTHORIZED || !self.shared.repetitions.spend() {
            return Ok(answer);
        }
        tokens.forget(&token).await;
        let token = tokens.authorization().await?;
        self.exchange(request, Some(&token)).await
    }

    async fn exchange(
        &self,
        request: &Request<'_>,
        token: Option<&HeaderValue>,
    ) -> Result<HttpAnswer, Failed> {
        // The semaphore is never closed.
        let _turn = self.shared.turns.acquire().await.ok();
        self.shared.pause.check()?;
        counting::add_one();
        let mut headers = request.headers.clone();
        if let Some(token) = token {
            headers.insert(header::AUTHORIZATION, token.clone());
        }
        let mut built = self
            .client
            .request(request.method.clone(), request.url.clone())
            .headers(headers);
        if request.method == Method::POST {
            built = built.body(request.body.clone());
        }
        let answer = exchange::exchange(built, self.limits).await?;
        exchange::refuse_status(&answer).map_err(|error| self.refused(&answer, error))?;
        Ok(answer)
    }

    /// A refusal; where the registry says when to come back, nobody asks it before.
    fn refused(&self, answer: &HttpAnswer, error: AdapterError) -> Failed {
        match answer.retry_after() {
            Some(seconds) if exchange::is_pause(answer.status) => {
                let pause = Duration::from_secs(seconds);
                self.shared.pause.begin(answer.status, pause);
                let repeat_after = Some(pause.max(retry::REPEAT_PAUSE));
                Failed {
                    error,
                    repeat_after,
                }
            }
            _ => error.into(),
        }
    }

    fn check_origin(&self, url: &Url) -> Result<(), AdapterError> {
        if url.origin() != self.base_url.origin() {
            return Err(AdapterError::malformed("a link to another host"));
        }
        // The library would send them instead of ours.
        if endpoint::has_userinfo(url) {
            return Err(AdapterError::malformed("a link with credentials in it"));
        }
        Ok(())
    }
}

/// An answer that comes in the last milliseconds cannot be mapped before the deadline.
const RESERVE: Duration = Duration::from_millis(5);

#[cfg(test)]
pub(crate) mod tests;
