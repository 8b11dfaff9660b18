//! Where a client connects, whom it trusts there, and what it holds in memory meanwhile.

use super::{config::HttpConfig, connection};
use crate::config::ConfigError;
use reqwest::{Certificate, ClientBuilder, Identity, redirect};
use std::{path::Path, time::Duration};
use url::{Host, Url};

impl HttpConfig {
    /// Refuses limits within which nothing can be answered.
    pub(super) fn check_limits(&self) -> Result<(), ConfigError> {
        let limits = [
            ("connect_timeout_ms", self.connect_timeout_ms == 0),
            ("first_byte_timeout_ms", self.first_byte_timeout_ms == 0),
            ("timeout_ms", self.timeout_ms == 0),
            ("body_bytes_max", self.body_bytes_max == 0),
            ("concurrency_max", self.concurrency_max == 0),
        ];
        match limits.into_iter().find(|(_, is_zero)| *is_zero) {
            Some((setting, _)) => Err(ConfigError::setting(setting, "must be 1 or more")),
            None => Ok(()),
        }
    }

    /// The address, ending in `/` so that paths are joined below it.
    pub(super) fn checked_base_url(&self) -> Result<Url, ConfigError> {
        let mut url = self.base_url.clone();
        check_address("base_url", &url, self.allow_plain_http)?;
        if url.query().is_some() || url.fragment().is_some() {
            let reason = "must have no query and no fragment";
            return Err(ConfigError::setting("base_url", reason));
        }
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Ok(url)
    }

    /// The client for the registry itself.
    pub(crate) fn client(&self) -> Result<reqwest::Client, ConfigError> {
        match &self.roots_pem_file {
            // It never leaves its plain origin, and reading the system's authorities is what takes
            // the most time of making a client.
            None if self.base_url.scheme() == "http" => self.built(bounded().tls_certs_only([])),
            roots => self.client_trusting("roots_pem_file", roots.as_deref()),
        }
    }

    /// A client with the limits and the certificate of this configuration, and other roots.
    pub(super) fn client_trusting(
        &self,
        setting: &'static str,
        roots: Option<&Path>,
    ) -> Result<reqwest::Client, ConfigError> {
        self.built(match roots {
            Some(path) => bounded().tls_certs_only(certificates(setting, path)?),
            None => bounded(),
        })
    }

    fn built(&self, builder: ClientBuilder) -> Result<reqwest::Client, ConfigError> {
        let mut builder = builder
            .connect_timeout(Duration::from_millis(self.connect_timeout_ms))
            .pool_max_idle_per_host(self.idle_connections_max);
        if let Some(path) = &self.identity_pem_file {
            builder = builder.identity(identity(path)?);
        }
        builder.build().map_err(|error| ConfigError::Client {
            reason: error.to_string(),
        })
    }
}

/// Neither redirects nor proxies lead such a client elsewhere, and heads of answers stay small.
fn bounded() -> ClientBuilder {
    reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .user_agent(concat!("motlan/", env!("CARGO_PKG_VERSION")))
        .http1_max_headers(HEADERS_MAX)
        .http2_max_header_list_size(HEADER_LIST_BYTES_MAX)
        .http2_initial_stream_window_size(WINDOW_BYTES)
        .http2_initial_connection_window_size(WINDOW_BYTES)
        .connector_layer(connection::layer())
}

/// Refuses an address that is no place for credentials and questions about people.
pub(super) fn check_address(
    setting: &str,
    url: &Url,
    allow_plain_http: bool,
) -> Result<(), ConfigError> {
    let refused = |reason: &str| Err(ConfigError::setting(setting, reason));
    match (url.scheme(), url.host()) {
        (_, None) => return refused("must name a host, as in https://registry.example/api"),
        ("https", _) => {}
        ("http", Some(host)) if allow_plain_http || is_loopback(&host) => {}
        ("http", _) => {
            return refused(
                "plain http is only for this machine; use https, or set allow_plain_http",
            );
        }
        _ => return refused("must start with https://"),
    }
    if has_userinfo(url) {
        return refused(
            "must not hold credentials; use bearer_token, basic, oauth, api_key or identity_pem_file",
        );
    }
    Ok(())
}

/// Whether an address holds a name or a password (`https://name:password@host`).
pub(super) fn has_userinfo(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

fn certificates(setting: &'static str, path: &Path) -> Result<Vec<Certificate>, ConfigError> {
    let roots = Certificate::from_pem_bundle(&read(setting, path)?)
        .map_err(|_| ConfigError::setting(setting, "is no PEM file of certificates"))?;
    if roots.is_empty() {
        return Err(ConfigError::setting(setting, "holds no certificate"));
    }
    Ok(roots)
}

fn identity(path: &Path) -> Result<Identity, ConfigError> {
    Identity::from_pem(&read("identity_pem_file", path)?).map_err(|_| {
        ConfigError::setting(
            "identity_pem_file",
            "must hold a certificate and its PKCS #8 key in PEM",
        )
    })
}

fn read(setting: &'static str, path: &Path) -> Result<Vec<u8>, ConfigError> {
    std::fs::read(path).map_err(|source| ConfigError::File {
        setting,
        path: path.to_owned(),
        source,
    })
}

/// Whether an address is this machine itself, which no network lies between.
pub(crate) fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// More headers than any registry sends.
const HEADERS_MAX: usize = 100;
/// All headers of one answer together, over HTTP/2; over HTTP/1 the library holds 400 KiB at most.
const HEADER_LIST_BYTES_MAX: u32 = 64 * 1024;
/// What a server may send over HTTP/2 ahead of our reading; bodies are a quarter of it as a rule.
const WINDOW_BYTES: u32 = 512 * 1024;
