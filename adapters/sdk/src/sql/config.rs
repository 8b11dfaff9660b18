//! How a database is reached: address, name and password, trust, limits.

use crate::{config::ConfigError, http::is_loopback, secret::Secret};
use serde::Deserialize;
use std::path::PathBuf;
use url::Host;

/// How one database is reached. The account should have `SELECT` on the configured tables only.
///
/// ```
/// use motlan_adapter_sdk::sql::SqlConfig;
/// let config: SqlConfig = toml::from_str(r#"
///     host = "db.province.example"
///     database = "ho_khau"
///     user = "motlan"
///     password = { file = "/run/secrets/ho_khau" }
///     roots_pem_file = "/etc/motlan/province.pem"
/// "#).unwrap();
/// assert_eq!((config.port, config.rows_max), (5432, 1000));
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SqlConfig {
    /// A name, an address, or the directory of a socket on this machine (`/var/run/postgresql`).
    pub host: String,
    /// The port.
    #[serde(default = "port")]
    pub port: u16,
    /// The database.
    pub database: String,
    /// The account.
    pub user: String,
    /// Its password; absent where a certificate or the socket shows who we are.
    #[serde(default)]
    pub password: Option<Secret>,
    /// The schemas in which tables without one are looked for, in this order.
    #[serde(default = "search_path")]
    pub search_path: Vec<String>,
    /// How long making a connection may take, with TLS and logging in.
    #[serde(default = "connect_timeout_ms")]
    pub connect_timeout_ms: u64,
    /// How long a whole call may take where its deadline is later.
    #[serde(default = "timeout_ms")]
    pub timeout_ms: u64,
    /// The most connections, and so the most questions at once; further ones wait for their turn.
    #[serde(default = "connections_max")]
    pub connections_max: usize,
    /// The most rows of one answer.
    #[serde(default = "rows_max")]
    pub rows_max: usize,
    /// The most bytes of one answer, as they come from the database.
    #[serde(default = "bytes_max")]
    pub bytes_max: usize,
    /// PEM file with the certificate authorities to trust for this database. There are no others.
    #[serde(default)]
    pub roots_pem_file: Option<PathBuf>,
    /// PEM file with the client certificate chain and its private key.
    #[serde(default)]
    pub identity_pem_file: Option<PathBuf>,
    /// Allows a connection without TLS to a host that is not this machine.
    #[serde(default)]
    pub allow_plain: bool,
}

impl SqlConfig {
    /// The defaults for one database.
    #[must_use]
    pub fn new(host: &str, database: &str, user: &str) -> Self {
        Self {
            host: host.to_owned(),
            port: port(),
            database: database.to_owned(),
            user: user.to_owned(),
            password: None,
            search_path: search_path(),
            connect_timeout_ms: connect_timeout_ms(),
            timeout_ms: timeout_ms(),
            connections_max: connections_max(),
            rows_max: rows_max(),
            bytes_max: bytes_max(),
            roots_pem_file: None,
            identity_pem_file: None,
            allow_plain: false,
        }
    }

    pub(super) fn is_socket(&self) -> bool {
        self.host.starts_with('/')
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let refused = |setting: &str, reason: &str| Err(ConfigError::setting(setting, reason));
        if !self.is_socket() && Host::parse(&self.host).is_err() {
            return refused("host", "is no name, no address and no directory");
        }
        if self.roots_pem_file.is_none() && !self.is_near() && !self.allow_plain {
            return refused(
                "roots_pem_file",
                "is needed for TLS to another machine; name the authority of the database's certificate, or set allow_plain",
            );
        }
        if self.is_socket() && self.roots_pem_file.is_some() {
            return refused(
                "roots_pem_file",
                "has no meaning for a socket of this machine",
            );
        }
        let limits = [
            ("connections_max", self.connections_max),
            ("rows_max", self.rows_max),
            ("bytes_max", self.bytes_max),
        ];
        match limits.iter().find(|(_, limit)| *limit == 0) {
            Some((setting, _)) => refused(setting, "must be 1 or more"),
            None => Ok(()),
        }
    }

    /// Whether no network lies between.
    fn is_near(&self) -> bool {
        self.is_socket()
            || match Host::parse(&self.host) {
                Ok(Host::Domain(name)) => is_loopback(&Host::Domain(&name)),
                Ok(Host::Ipv4(address)) => is_loopback(&Host::Ipv4(address)),
                Ok(Host::Ipv6(address)) => is_loopback(&Host::Ipv6(address)),
                Err(_) => false,
            }
    }
}

const fn port() -> u16 {
    5432
}

fn search_path() -> Vec<String> {
    vec!["public".to_owned()]
}

const fn connect_timeout_ms() -> u64 {
    1_000
}

const fn timeout_ms() -> u64 {
    10_000
}

/// A provincial database has a hundred connections for everybody.
const fn connections_max() -> usize {
    8
}

/// A person with more than a thousand records is a mistake of somebody's.
const fn rows_max() -> usize {
    1_000
}

const fn bytes_max() -> usize {
    1024 * 1024
}
