//! The accept loop: connections within limits, TLS where configured, and an end that lets what is
//! under way finish.

use axum::{Router, extract::Request};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use ipnet::IpNet;
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use serde::{Deserialize, Serialize};
use std::{io, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

/// The section `server` of the configuration.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenConfig {
    /// The address to listen on: `0.0.0.0:8443`.
    pub listen: SocketAddr,
    /// The certificate. Only a loopback address may do without.
    #[serde(default)]
    pub tls: Option<TlsConfig>,
    /// How many connections are served at once; further ones wait to be accepted.
    #[serde(default = "connections_max")]
    pub connections_max: usize,
    /// How long calls under way may take to finish when the gateway stops, in seconds.
    #[serde(default = "drain_seconds")]
    pub drain_seconds: u64,
    /// Named networks, the first that has the caller's address counts. Purposes can be limited to
    /// zones. Behind a proxy, the proxy's address is the caller's.
    #[serde(default)]
    pub zones: Vec<Zone>,
}

/// A named network.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    /// Its name, as purposes have it in `zones`.
    pub name: String,
    /// Its addresses: `10.0.0.0/8`, `2001:db8::/32`.
    pub networks: Vec<IpNet>,
}

/// The zone of the connection that a call came by, in the call's extensions.
#[derive(Debug, Clone)]
pub struct CallerZone(pub Option<Arc<str>>);

impl ListenConfig {
    /// The usual limits at an address, without TLS.
    #[must_use]
    pub const fn new(listen: SocketAddr) -> Self {
        let (connections_max, drain_seconds) = (connections_max(), drain_seconds());
        Self {
            listen,
            tls: None,
            connections_max,
            drain_seconds,
            zones: Vec::new(),
        }
    }
}

/// Where the certificate and its key are.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// The certificate chain, PEM.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
}

/// Why the gateway cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Personal data would cross a network in the clear.
    #[error("`server.tls` is required: {0} is not a loopback address")]
    TlsRequired(SocketAddr),
    /// The address cannot be bound.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The certificate or key cannot be read.
    #[error("cannot read `{}`", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: rustls_pki_types::pem::Error,
    },
    /// The certificate and key do not work together.
    #[error("the certificate and the key do not work together")]
    Certificate(#[from] rustls::Error),
}

/// A bound address, not serving yet.
#[derive(Debug)]
pub struct Listener {
    tcp: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    connections_max: usize,
    drain: Duration,
    zones: Vec<(IpNet, Arc<str>)>,
}

impl Listener {
    /// Binds the configured address.
    ///
    /// # Errors
    /// A [`ListenError`] that says what to change.
    pub async fn bind(config: &ListenConfig) -> Result<Self, ListenError> {
        if config.tls.is_none() && !config.listen.ip().is_loopback() {
            return Err(ListenError::TlsRequired(config.listen));
        }
        let bound = TcpListener::bind(config.listen).await;
        let tcp = bound.map_err(|source| ListenError::Bind {
            address: config.listen,
            source,
        })?;
        Ok(Self {
            tcp,
            tls: config.tls.as_ref().map(tls_config).transpose()?,
            connections_max: config.connections_max,
            drain: Duration::from_secs(config.drain_seconds),
            zones: zones(&config.zones),
        })
    }

    /// The address that is really listened on, with its port where 0 was configured.
    ///
    /// # Errors
    /// The socket is gone.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }

    /// Serves until `stop` resolves, then finishes what is under way.
    pub async fn serve(self, router: Router, stop: impl Future<Output = ()>) {
        let turns = Arc::new(Semaphore::new(self.connections_max));
        let connections = GracefulShutdown::new();
        let tls = self.tls.map(TlsAcceptor::from);
        tokio::pin!(stop);
        loop {
            let accepted = tokio::select! {
                accepted = accept(&self.tcp, &turns) => accepted,
                () = &mut stop => break,
            };
            let Some((stream, address, turn)) = accepted else {
                continue;
            };
            let zone = CallerZone(zone_of(&self.zones, address));
            let (router, tls, watcher) = (router.clone(), tls.clone(), connections.watcher());
            tokio::spawn(async move {
                let _turn = turn;
                let Some(tls) = tls else {
                    return serve_one(stream, zone, router, watcher).await;
                };
                // A client that does not finish the handshake holds its place only so long.
                if let Ok(Ok(stream)) = timeout(HANDSHAKE_MAX, tls.accept(stream)).await {
                    serve_one(stream, zone, router, watcher).await;
                }
            });
        }
        drop(self.tcp);
        if timeout(self.drain, connections.shutdown()).await.is_err() {
            tracing::warn!("some calls did not finish in time and were cut off");
        }
    }
}

async fn accept(
    tcp: &TcpListener,
    turns: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let turn = Arc::clone(turns).acquire_owned().await.ok()?;
    match tcp.accept().await {
        Ok((stream, address)) => {
            // Answers are small and complete: waiting to fill a packet only delays them.
            let _ = stream.set_nodelay(true);
            Some((stream, address, turn))
        }
        Err(error) => {
            // Out of file descriptors, or a client that went away again: neither may end the loop.
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

async fn serve_one(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    zone: CallerZone,
    router: Router,
    watcher: hyper_util::server::graceful::Watcher,
) {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_MAX)
        .max_headers(HEADER_LINES_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX);
    let service = TowerToHyperService::new(router.map_request(move |mut request: Request<_>| {
        request.extensions_mut().insert(zone.clone());
        request
    }));
    let connection = builder
        .serve_connection(TokioIo::new(stream), service)
        .into_owned();
    // Errors here are the client's: broken requests and closed connections.
    let _ = watcher.watch(connection).await;
}

fn zones(zones: &[Zone]) -> Vec<(IpNet, Arc<str>)> {
    let named = zones.iter().flat_map(|zone| {
        let name: Arc<str> = zone.name.as_str().into();
        let networks = zone.networks.iter();
        networks.map(move |network| (*network, Arc::clone(&name)))
    });
    named.collect()
}

/// An IPv4 address that came over IPv6 is an IPv4 address.
fn zone_of(zones: &[(IpNet, Arc<str>)], address: SocketAddr) -> Option<Arc<str>> {
    let address = address.ip().to_canonical();
    let mut zones = zones.iter();
    let found = zones.find(|(network, _)| network.contains(&address));
    found.map(|(_, name)| Arc::clone(name))
}

fn tls_config(config: &TlsConfig) -> Result<Arc<ServerConfig>, ListenError> {
    let pem = |path: &PathBuf| {
        let path = path.clone();
        move |source| ListenError::Pem { path, source }
    };
    let chain = CertificateDer::pem_file_iter(&config.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(pem(&config.certificate))?;
    let key = PrivateKeyDer::from_pem_file(&config.key).map_err(pem(&config.key))?;
    let mut tls = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(tls))
}

/// A client that has not sent its headers by then is stuck or hostile.
const HEADERS_MAX: Duration = Duration::from_secs(10);
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);
/// More headers than any client of ours has.
const HEADER_LINES_MAX: usize = 64;
/// Calls at once on one HTTP/2 connection.
const STREAMS_MAX: u32 = 128;

const fn connections_max() -> usize {
    4_096
}

const fn drain_seconds() -> u64 {
    30
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_network_that_has_the_address_names_the_zone() {
        let zone = |name: &str, networks: &[&str]| Zone {
            name: name.to_owned(),
            networks: networks.iter().map(|n| n.parse().unwrap()).collect(),
        };
        let zones = zones(&[
            zone("ministry", &["10.1.0.0/16"]),
            zone("government", &["10.0.0.0/8", "2001:db8::/32"]),
        ]);
        for (address, expected) in [
            ("10.1.2.3:1", Some("ministry")),
            ("10.2.2.3:1", Some("government")),
            ("[::ffff:10.2.2.3]:1", Some("government")),
            ("[2001:db8::1]:1", Some("government")),
            ("192.0.2.1:1", None),
        ] {
            let found = zone_of(&zones, address.parse().unwrap());
            assert_eq!(found.as_deref(), expected, "{address}");
        }
    }
}
