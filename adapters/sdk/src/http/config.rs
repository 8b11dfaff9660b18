//! How a registry is reached over HTTP, as a configuration says it: address, limits, trust and
//! credentials.

use super::oauth::OAuthConfig;
use crate::secret::Secret;
use serde::Deserialize;
use std::path::PathBuf;
use url::Url;

/// How one registry is reached. Each registry has its own client, pool and trust.
///
/// ```
/// use motlan_adapter_sdk::http::{HttpClient, HttpConfig};
/// let config: HttpConfig = serde_json::from_str(r#"{
///     "base_url": "https://registry.example/api",
///     "first_byte_timeout_ms": 2000,
///     "oauth": {
///         "token_url": "https://login.example/token",
///         "client_id": "motlan",
///         "client_secret": {"file": "/run/secrets/registry"},
///         "scope": "persons.read"
///     }
/// }"#).unwrap();
/// let error = HttpClient::new(&config).unwrap_err().to_string();
/// assert!(error.starts_with("`oauth.client_secret`: the secret cannot be read"));
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// The address that all paths of the protocol are below, without query or credentials.
    pub base_url: Url,
    /// Addresses that the server calls itself in its links, where it stands behind a proxy and does
    /// not know `base_url`. A link below one of them is followed below `base_url`.
    #[serde(default)]
    pub link_bases: Vec<Url>,
    /// How long making a connection may take.
    #[serde(default = "connect_timeout_ms")]
    pub connect_timeout_ms: u64,
    /// How long the head of an answer may take, connecting included.
    #[serde(default = "timeout_ms")]
    pub first_byte_timeout_ms: u64,
    /// How long a whole call may take where its deadline is later: waiting for its turn, a token, a
    /// repetition and the body included.
    #[serde(default = "timeout_ms")]
    pub timeout_ms: u64,
    /// The longest body that is read.
    #[serde(default = "body_bytes_max")]
    pub body_bytes_max: usize,
    /// How many requests may be under way at once; further ones wait for their turn.
    #[serde(default = "concurrency_max")]
    pub concurrency_max: usize,
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
    /// Sent as `Authorization: Basic …`.
    #[serde(default)]
    pub basic: Option<BasicConfig>,
    /// Where a token is fetched that is then sent as `Authorization: Bearer …`.
    #[serde(default)]
    pub oauth: Option<OAuthConfig>,
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

/// A name and a password (RFC 7617).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BasicConfig {
    /// The name, which has no colon. Some registries take their API key as the name.
    pub user: String,
    /// The password; without, an empty one is sent.
    #[serde(default)]
    pub password: Option<Secret>,
}

impl HttpConfig {
    /// The defaults for one address.
    #[must_use]
    pub fn new(base_url: Url) -> Self {
        Self {
            base_url,
            link_bases: Vec::new(),
            connect_timeout_ms: connect_timeout_ms(),
            first_byte_timeout_ms: timeout_ms(),
            timeout_ms: timeout_ms(),
            body_bytes_max: body_bytes_max(),
            concurrency_max: concurrency_max(),
            idle_connections_max: idle_connections_max(),
            roots_pem_file: None,
            identity_pem_file: None,
            allow_plain_http: false,
            bearer_token: None,
            basic: None,
            oauth: None,
            api_key: None,
        }
    }
}

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

/// As many as the gateway lets through to one registry, unless it is told otherwise.
const fn concurrency_max() -> usize {
    64
}

const fn idle_connections_max() -> usize {
    32
}
