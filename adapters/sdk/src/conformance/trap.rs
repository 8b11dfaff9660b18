//! Listeners that nobody may reach: one that counts who comes all the same, and one with TLS.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls_pki_types::PrivateKeyDer;
use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_rustls::TlsAcceptor;

/// A host that is not in the adapter's configuration. It counts connections and answers none.
#[derive(Debug)]
pub(super) struct Trap {
    address: SocketAddr,
    caught: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

impl Trap {
    pub(super) async fn set() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let caught = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&caught);
        let accepting = tokio::spawn(async move {
            loop {
                if listener.accept().await.is_ok() {
                    counted.fetch_add(1, Ordering::SeqCst);
                }
            }
        });
        Ok(Self {
            address,
            caught,
            accepting,
        })
    }

    /// `http://127.0.0.1:40123`.
    pub(super) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn caught(&self) -> usize {
        self.caught.load(Ordering::SeqCst)
    }
}

impl Drop for Trap {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// A certificate authority that lives as long as one run.
#[derive(Debug)]
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// A PEM file that is removed with the value.
#[derive(Debug)]
pub(super) struct PemFile(PathBuf);

/// What cannot be made for the TLS checks.
#[derive(Debug, thiserror::Error)]
pub(super) enum TrapError {
    #[error("no certificate can be made: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("no TLS listener can be made: {0}")]
    Tls(#[from] rustls::Error),
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl Authority {
    pub(super) fn new() -> Result<Self, TrapError> {
        let key = KeyPair::generate()?;
        let mut parameters = CertificateParams::new(Vec::<String>::new())?;
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = parameters.self_signed(&key)?.pem();
        Ok(Self {
            issuer: Issuer::new(parameters, key),
            pem,
        })
    }

    /// A TLS end whose certificate is for `name` and signed by this authority.
    pub(super) fn acceptor(&self, name: &str) -> Result<TlsAcceptor, TrapError> {
        let key = KeyPair::generate()?;
        let certificate =
            CertificateParams::new(vec![name.to_owned()])?.signed_by(&key, &self.issuer)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// The authority's certificate as a file, which adapters take their roots from.
    pub(super) fn roots_file(&self, folder: &Path, label: &str) -> Result<PemFile, TrapError> {
        let name = format!("motlan-conformance-{label}-{}.pem", std::process::id());
        let path = folder.join(name);
        std::fs::write(&path, &self.pem)?;
        Ok(PemFile(path))
    }
}

impl PemFile {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for PemFile {
    fn drop(&mut self) {
        // A file that cannot be removed is a public certificate in the temporary folder.
        let _ = std::fs::remove_file(&self.0);
    }
}
