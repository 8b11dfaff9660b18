//! The connections to one database: at most so many, kept while they are in order.

use super::{
    config::SqlConfig,
    failure,
    socket::{Meter, Metered},
};
use crate::{adapter::AdapterError, config::ConfigError};
use parking_lot::Mutex;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use secrecy::ExposeSecret;
use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    net::{TcpStream, UnixStream},
    sync::{Semaphore, SemaphorePermit},
    task::JoinHandle,
};
use tokio_postgres::{
    Client, Error, NoTls,
    config::SslMode,
    tls::{MakeTlsConnect, TlsConnect},
};
use tokio_postgres_rustls::MakeRustlsConnect;

pub(super) struct Pool {
    place: Place,
    login: tokio_postgres::Config,
    tls: Option<MakeRustlsConnect>,
    connect_timeout: Duration,
    /// A turn for each connection that is in use.
    turns: Semaphore,
    /// In use by nobody; the one that was used last is used next.
    idle: Mutex<Vec<Connection>>,
}

enum Place {
    Socket(PathBuf),
    Host(String, u16),
}

/// A connection. When it is dropped, the task that drives it ends, whatever the server still sends.
struct Connection {
    client: Client,
    meter: Arc<Meter>,
    driver: JoinHandle<()>,
    used: Instant,
}

/// A connection for one call. Dropped, it is closed: a call that was given up leaves a connection on
/// which anything may still come.
pub(super) struct Lease<'a> {
    connection: Connection,
    pool: &'a Pool,
    _turn: Option<SemaphorePermit<'a>>,
}

impl Pool {
    pub(super) fn new(config: &SqlConfig) -> Result<Self, ConfigError> {
        let mut login = tokio_postgres::Config::new();
        login
            .user(&config.user)
            .dbname(&config.database)
            .application_name("motlan");
        if let Some(password) = &config.password {
            login.password(password.reveal("password")?.expose_secret());
        }
        let tls = tls(config)?;
        login.ssl_mode(if tls.is_some() {
            SslMode::Require
        } else {
            SslMode::Disable
        });
        let place = if config.is_socket() {
            let name = format!(".s.PGSQL.{}", config.port);
            Place::Socket(Path::new(&config.host).join(name))
        } else {
            // An IPv6 address in brackets, as URLs have it, is one without to a socket.
            let host = config.host.trim_matches(['[', ']']);
            Place::Host(host.to_owned(), config.port)
        };
        Ok(Self {
            place,
            login,
            tls: tls.map(MakeRustlsConnect::new),
            connect_timeout: Duration::from_millis(config.connect_timeout_ms),
            turns: Semaphore::new(config.connections_max.min(Semaphore::MAX_PERMITS)),
            idle: Mutex::default(),
        })
    }

    /// A connection that answers: an idle one, or a new one.
    pub(super) async fn take(&self) -> Result<Lease<'_>, AdapterError> {
        // The semaphore is never closed.
        let turn = self.turns.acquire().await.ok();
        while let Some(connection) = self.next_idle() {
            if connection.is_alive().await {
                return Ok(self.lease(connection, turn));
            }
        }
        let connecting = tokio::time::timeout(self.connect_timeout, self.connect());
        let connection = connecting.await.map_err(|_| AdapterError::Timeout)??;
        Ok(self.lease(connection, turn))
    }

    fn next_idle(&self) -> Option<Connection> {
        self.idle.lock().pop()
    }

    const fn lease<'a>(
        &'a self,
        connection: Connection,
        turn: Option<SemaphorePermit<'a>>,
    ) -> Lease<'a> {
        Lease {
            connection,
            pool: self,
            _turn: turn,
        }
    }

    async fn connect(&self) -> Result<Connection, AdapterError> {
        let meter = Arc::new(Meter::new(LOGIN_BYTES_MAX));
        let opened = match &self.place {
            Place::Socket(path) => UnixStream::connect(path)
                .await
                .map(|stream| Metered::new(stream, Arc::clone(&meter))),
            Place::Host(host, port) => TcpStream::connect((&**host, *port))
                .await
                .map(|stream| Metered::new(stream, Arc::clone(&meter))),
        };
        let stream = opened.map_err(|error| failure::no_connection(&error))?;
        let explain = |error: Error| failure::explained(&error, &meter);
        match (&self.tls, &self.place) {
            (Some(tls), Place::Host(host, _)) => {
                let no_name = |_| AdapterError::Down {
                    reason: "no secure connection: its name is none for TLS".to_owned(),
                };
                let tls = MakeTlsConnect::<Metered>::make_tls_connect(&mut tls.clone(), host);
                self.log_in(stream, tls.map_err(no_name)?, &meter).await
            }
            _ => self.log_in(stream, NoTls, &meter).await,
        }
        .map_err(explain)
    }

    async fn log_in<T>(
        &self,
        stream: Metered,
        tls: T,
        meter: &Arc<Meter>,
    ) -> Result<Connection, Error>
    where
        T: TlsConnect<Metered>,
        T::Stream: Send + 'static,
    {
        let (client, connection) = self.login.connect_raw(stream, tls).await?;
        // Its errors reach whoever waits for an answer.
        let driver = tokio::spawn(async move { drop(connection.await) });
        Ok(Connection {
            client,
            meter: Arc::clone(meter),
            driver,
            used: Instant::now(),
        })
    }
}

impl Connection {
    /// Whether a connection that has been idle still answers. One that was used just now is not
    /// asked: that would double the round trips of a busy client.
    async fn is_alive(&self) -> bool {
        if self.client.is_closed() {
            return false;
        }
        self.meter.allow(LOGIN_BYTES_MAX);
        self.used.elapsed() < ASKED_AFTER || self.client.simple_query("").await.is_ok()
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Lease<'_> {
    pub(super) const fn client(&self) -> &Client {
        &self.connection.client
    }

    pub(super) const fn client_mut(&mut self) -> &mut Client {
        &mut self.connection.client
    }

    pub(super) fn meter(&self) -> Arc<Meter> {
        Arc::clone(&self.connection.meter)
    }

    /// How many bytes of an answer may come from now on.
    pub(super) fn allow(&self, bytes: usize) {
        self.connection
            .meter
            .allow(bytes.saturating_add(OVERHEAD_BYTES));
    }

    pub(super) fn explain(&self, error: &Error) -> AdapterError {
        failure::explained(error, &self.connection.meter)
    }

    /// Keeps the connection for the next call.
    pub(super) fn put_back(mut self) {
        self.connection.used = Instant::now();
        self.pool.idle.lock().push(self.connection);
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Pool")
            .field("idle", &self.idle.lock().len())
            .field("turns", &self.turns.available_permits())
            .finish_non_exhaustive()
    }
}

/// What TLS needs, where there is any.
fn tls(config: &SqlConfig) -> Result<Option<ClientConfig>, ConfigError> {
    let Some(path) = &config.roots_pem_file else {
        return Ok(None);
    };
    let no_pem = |setting: &str| ConfigError::setting(setting, "cannot be read as PEM");
    let mut roots = RootCertStore::empty();
    for certificate in certificates("roots_pem_file", path)? {
        roots
            .add(certificate)
            .map_err(|_| no_pem("roots_pem_file"))?;
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| ConfigError::Client {
            reason: error.to_string(),
        })?
        .with_root_certificates(roots);
    Ok(Some(match &config.identity_pem_file {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let key =
                PrivateKeyDer::from_pem_file(path).map_err(|_| no_pem("identity_pem_file"))?;
            builder
                .with_client_auth_cert(certificates("identity_pem_file", path)?, key)
                .map_err(|_| no_pem("identity_pem_file"))?
        }
    }))
}

fn certificates(
    setting: &'static str,
    path: &Path,
) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    let pem = std::fs::read(path).map_err(|source| ConfigError::File {
        setting,
        path: path.to_owned(),
        source,
    })?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let found = found.map_err(|_| ConfigError::setting(setting, "cannot be read as PEM"))?;
    if found.is_empty() {
        return Err(ConfigError::setting(setting, "holds no certificate"));
    }
    Ok(found)
}

/// TLS, logging in and the server's parameters come to a few KiB.
const LOGIN_BYTES_MAX: usize = 64 * 1024;
/// What the protocol and TLS add to the rows of an answer.
const OVERHEAD_BYTES: usize = 64 * 1024;
/// Firewalls forget connections after minutes; a second is soon enough to notice.
const ASKED_AFTER: Duration = Duration::from_secs(1);
