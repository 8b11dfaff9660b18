//! How a registry is reached over HTTP: address, limits, trust and credentials.

use crate::{config::ConfigError, secret::Secret};
use reqwest::{Certificate, Identity, redirect};
use secrecy::ExposeSecret;
use serde::Deserialize;
use std::{path::PathBuf, time::Duration};
use url::{Host, Url};

/// How one registry is reached. Each registry has its own client, pool and trust.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// The address that all paths of the protocol are below, without query or credentials.
    pub base_url: Url,
    /// How long making a connection may take.
    #[serde(default = "connect_timeout_ms")]
    pub connect_timeout_ms: u64,
    /// How long a whole call may take where its deadline is later.
    #[serde(default = "timeout_ms")]
    pub timeout_ms: u64,
    /// The longest body that is read.
    #[serde(default = "body_bytes_max")]
    pub body_bytes_max: usize,
    /// How many idle connections are kept.
    #[serde(default = "idle_connections_max")]
    pub idle_connections_max: usize,
    /// PEM file with the certificate authorities to trust for this registry, instead of the system's.
    #[serde(default)]
    pub roots_pem_file: Option<PathBuf>,
    /// PEM file with the client certificate chain and its private key (PKCS #8), for mutual TLS.
    #[serde(default)]
    pub identity_pem_file: Option<PathBuf>,
    /// Allows `http://` to a host that is not this machine, such as a security server next door.
    #[serde(default)]
    pub allow_plain_http: bool,
    /// Sent as `Authorization: Bearer …`.
    #[serde(default)]
    pub bearer_token: Option<Secret>,
    /// An API key in a header of its own.
    #[serde(default)]
    pub api_key: Option<ApiKey>,
}

/// An API key and the header that carries it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// The header's name: `X-Api-Key`.
    pub header: String,
    /// The key.
    pub value: Secret,
}

impl HttpConfig {
    /// The defaults for one address.
    #[must_use]
    pub fn new(base_url: Url) -> Self {
        Self {
            base_url,
            connect_timeout_ms: connect_timeout_ms(),
            timeout_ms: timeout_ms(),
            body_bytes_max: body_bytes_max(),
            idle_connections_max: idle_connections_max(),
            roots_pem_file: None,
            identity_pem_file: None,
            allow_plain_http: false,
            bearer_token: None,
            api_key: None,
        }
    }

    /// The address, ending in `/` so that paths are joined below it.
    pub(super) fn checked_base_url(&self) -> Result<Url, ConfigError> {
        let refused = |reason: &str| Err(ConfigError::setting("base_url", reason));
        let mut url = self.base_url.clone();
        match (url.scheme(), url.host()) {
            (_, None) => return refused("must name a host, as in https://registry.example/api"),
            ("https", _) => {}
            ("http", Some(host)) if self.allow_plain_http || is_loopback(&host) => {}
            ("http", _) => {
                return refused(
                    "plain http is only for this machine; use https, or set allow_plain_http",
                );
            }
            _ => return refused("must start with https://"),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refused(
                "must not hold credentials; use bearer_token, api_key or identity_pem_file",
            );
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refused("must have no query and no fragment");
        }
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Ok(url)
    }

    pub(super) fn credentials(&self) -> Result<http::HeaderMap, ConfigError> {
        let mut headers = http::HeaderMap::new();
        let mut add = |name: http::HeaderName, value: String, setting| {
            let mut value = http::HeaderValue::try_from(value).map_err(|_| {
                ConfigError::setting(setting, "has characters that no header may have")
            })?;
            value.set_sensitive(true);
            headers.insert(name, value);
            Ok(())
        };
        if let Some(token) = &self.bearer_token {
            let token = token.reveal("bearer_token")?;
            let value = format!("Bearer {}", token.expose_secret());
            add(http::header::AUTHORIZATION, value, "bearer_token")?;
        }
        if let Some(key) = &self.api_key {
            let name = http::HeaderName::try_from(key.header.as_str())
                .map_err(|_| ConfigError::setting("api_key.header", "is no header name"))?;
            let value = key.value.reveal("api_key.value")?;
            add(name, value.expose_secret().to_owned(), "api_key.value")?;
        }
        Ok(headers)
    }

    pub(super) fn client(&self) -> Result<reqwest::Client, ConfigError> {
        let client_error = |error: reqwest::Error| ConfigError::Client {
            reason: error.to_string(),
        };
        let mut builder = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .user_agent(concat!("motlan/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_millis(self.connect_timeout_ms))
            .pool_max_idle_per_host(self.idle_connections_max)
            .http1_max_headers(HEADERS_MAX);
        if let Some(path) = &self.roots_pem_file {
            let roots =
                Certificate::from_pem_bundle(&read("roots_pem_file", path)?).map_err(|_| {
                    ConfigError::setting("roots_pem_file", "is no PEM file of certificates")
                })?;
            if roots.is_empty() {
                return Err(ConfigError::setting(
                    "roots_pem_file",
                    "holds no certificate",
                ));
            }
            builder = builder.tls_certs_only(roots);
        }
        if let Some(path) = &self.identity_pem_file {
            let identity = Identity::from_pem(&read("identity_pem_file", path)?).map_err(|_| {
                ConfigError::setting(
                    "identity_pem_file",
                    "must hold a certificate and its PKCS #8 key in PEM",
                )
            })?;
            builder = builder.identity(identity);
        }
        builder.build().map_err(client_error)
    }
}

fn read(setting: &'static str, path: &PathBuf) -> Result<Vec<u8>, ConfigError> {
    std::fs::read(path).map_err(|source| ConfigError::File {
        setting,
        path: path.clone(),
        source,
    })
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// More headers than any registry sends.
const HEADERS_MAX: usize = 100;

const fn connect_timeout_ms() -> u64 {
    1_000
}

const fn timeout_ms() -> u64 {
    10_000
}

/// A person's whole file in any of the five registries is under 100 KiB.
const fn body_bytes_max() -> usize {
    1024 * 1024
}

const fn idle_connections_max() -> usize {
    32
}
