//! A window between an adapter and its source, for whoever looks at the adapter at work.
//!
//! It listens on a loopback port and hands requests on to the source, by the source's own name and
//! with the connection settings of its configuration. Requests for tokens go through unseen, and
//! headers with credentials are blanked before anybody sees them.

use super::{candidate::Source, exchange::Exchange, proxy::Proxy};
use crate::http::HttpConfig;
use http::{HeaderMap, HeaderName, header};
use std::io;
use url::Url;

/// An open window. It closes with this value.
#[derive(Debug)]
pub struct Watch {
    proxy: Proxy,
    /// The header of an API key.
    secret: Option<HeaderName>,
}

/// A request of the adapter and what the source answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// `GET` or `POST`.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The headers, without credentials.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// What came back, where anything did.
    pub answer: Option<WatchedAnswer>,
}

/// What a source answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchedAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The headers, without credentials.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Watch {
    /// Opens a window before the source of a configuration.
    ///
    /// # Errors
    /// Settings that cannot work, and a port that cannot be had.
    pub async fn open(config: &HttpConfig) -> io::Result<Self> {
        let client = config.client().map_err(io::Error::other)?;
        let key = config.api_key.as_ref();
        Ok(Self {
            proxy: Proxy::before(config.base_url.clone(), client).await?,
            secret: key.and_then(|key| key.header.parse().ok()),
        })
    }

    /// Opens a window before recorded exchanges, or a registry of the sandbox.
    ///
    /// # Errors
    /// A port that cannot be had.
    pub async fn before(source: Source) -> io::Result<Self> {
        let client = reqwest::Client::builder().no_proxy().build();
        Ok(Self {
            proxy: Proxy::start(source, client.map_err(io::Error::other)?).await?,
            secret: None,
        })
    }

    /// The address under which the adapter is to reach the source.
    #[must_use]
    pub fn url(&self) -> Option<Url> {
        self.proxy.base("http://127.0.0.1")
    }

    /// What went through so far.
    #[must_use]
    pub fn seen(&self) -> Vec<Watched> {
        let exchanges = self.proxy.exchanges();
        exchanges.iter().map(|each| self.shown(each)).collect()
    }

    fn shown(&self, exchange: &Exchange) -> Watched {
        Watched {
            method: exchange.asked.method.to_string(),
            target: exchange.asked.target.clone(),
            headers: self.headers(&exchange.asked.headers),
            body: String::from_utf8_lossy(&exchange.asked.body).into_owned(),
            answer: exchange.said.as_ref().map(|said| WatchedAnswer {
                status: said.status.as_u16(),
                headers: self.headers(&said.headers),
                body: said.text().into_owned(),
            }),
        }
    }

    fn headers(&self, headers: &HeaderMap) -> Vec<(String, String)> {
        let secret =
            |name: &HeaderName| SECRETS.contains(name) || self.secret.as_ref() == Some(name);
        let shown = headers.iter().map(|(name, value)| {
            let value = if secret(name) {
                BLANKED.to_owned()
            } else {
                String::from_utf8_lossy(value.as_bytes()).into_owned()
            };
            (name.to_string(), value)
        });
        shown.collect()
    }
}

/// What credentials travel in, apart from the configured header of an API key.
const SECRETS: [HeaderName; 4] = [
    header::AUTHORIZATION,
    header::PROXY_AUTHORIZATION,
    header::COOKIE,
    header::SET_COOKIE,
];
const BLANKED: &str = "[not shown]";
