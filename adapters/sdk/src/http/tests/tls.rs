//! TLS as it should be, and each way it must not be: with certificates made for the purpose.

use super::{
    server::{Server, answer, read_request, reply},
    *,
};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    date_time_ymd,
};
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    server::WebPkiClientVerifier,
};
use std::{path::PathBuf, sync::Arc};
use tokio_rustls::TlsAcceptor;

/// A certificate authority of this test.
pub(super) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key.
pub(super) struct Certified {
    certificate: CertificateDer<'static>,
    pem: String,
    key: Vec<u8>,
}

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// A certificate for a name, valid until the end of a year.
    fn certify(&self, name: &str, until: i32, usage: ExtendedKeyUsagePurpose) -> Certified {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(until, 12, 31);
        params.extended_key_usages = vec![usage];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Certified {
            pem: format!("{}{}", certificate.pem(), key.serialize_pem()),
            certificate: certificate.into(),
            key: key.serialize_der(),
        }
    }

    pub(super) fn server(&self, name: &str, until: i32) -> Certified {
        self.certify(name, until, ExtendedKeyUsagePurpose::ServerAuth)
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        roots
    }

    pub(super) fn file(&self) -> PemFile {
        PemFile::new(&self.0.pem())
    }
}

/// A file that goes when it is dropped.
pub(super) struct PemFile(pub(super) PathBuf);

impl PemFile {
    fn new(pem: &str) -> Self {
        let path = std::env::temp_dir().join(format!("motlan-tls-{}.pem", uuid::Uuid::new_v4()));
        std::fs::write(&path, pem).unwrap();
        Self(path)
    }
}

impl Drop for PemFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// What accepts connections with a certificate; with `clients`, it wants theirs from that authority.
pub(super) fn acceptor(
    certified: Certified,
    clients: Option<&Authority>,
    protocols: &[&str],
) -> TlsAcceptor {
    let builder = ServerConfig::builder();
    let builder = match clients {
        Some(authority) => {
            let roots = Arc::new(authority.roots());
            builder.with_client_cert_verifier(WebPkiClientVerifier::builder(roots).build().unwrap())
        }
        None => builder.with_no_client_auth(),
    };
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(certified.key));
    let mut config = builder
        .with_single_cert(vec![certified.certificate], key)
        .unwrap();
    config.alpn_protocols = protocols
        .iter()
        .map(|name| name.as_bytes().to_vec())
        .collect();
    TlsAcceptor::from(Arc::new(config))
}

/// A server that answers once on each connection.
async fn server(certified: Certified, clients: Option<&Authority>) -> Url {
    let acceptor = acceptor(certified, clients, &[]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let _ = read_request(&mut stream).await;
                let bytes = answer(200, "connection: close\r\n", "{}");
                let _ = stream.write_all(bytes.as_bytes()).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    format!("https://localhost:{port}/").parse().unwrap()
}

async fn ask(
    url: Url,
    roots: Option<&PemFile>,
    identity: Option<&PemFile>,
) -> Result<StatusCode, String> {
    let config = HttpConfig {
        roots_pem_file: roots.map(|file| file.0.clone()),
        identity_pem_file: identity.map(|file| file.0.clone()),
        ..HttpConfig::new(url)
    };
    let client = HttpClient::new(&config).unwrap();
    let url = client.url("persons?number=001185012345").unwrap();
    let (answer, requests) = counted(client.get(&url, HeaderMap::new(), &call(5_000))).await;
    let answer = answer.map(|answer| answer.status);
    let answer = answer.map_err(|error| format!("{error} {error:?}"));
    // What TLS has refused once is not tried again.
    assert_eq!(requests, 1, "{answer:?}");
    answer
}

fn refused_by_tls(outcome: Result<StatusCode, String>) {
    let error = outcome.unwrap_err();
    assert!(error.contains("TLS was refused"), "{error}");
    assert!(!error.contains("001185012345"), "{error}");
}

#[tokio::test]
async fn a_registry_with_a_certificate_of_a_trusted_authority_is_asked() {
    let authority = Authority::new();
    let url = server(authority.server("localhost", 2100), None).await;
    assert_eq!(
        ask(url, Some(&authority.file()), None).await.unwrap(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_wrong_name_an_unknown_authority_and_an_expired_certificate_are_refused() {
    let (authority, other) = (Authority::new(), Authority::new());
    let roots = authority.file();
    let wrong_name = server(authority.server("registry.example", 2100), None).await;
    refused_by_tls(ask(wrong_name, Some(&roots), None).await);
    let unknown = server(other.server("localhost", 2100), None).await;
    refused_by_tls(ask(unknown, Some(&roots), None).await);
    let expired = server(authority.server("localhost", 2001), None).await;
    refused_by_tls(ask(expired, Some(&roots), None).await);
    let client_only = authority.certify("localhost", 2100, ExtendedKeyUsagePurpose::ClientAuth);
    let no_server = server(client_only, None).await;
    refused_by_tls(ask(no_server, Some(&roots), None).await);
    // Without roots of its own a registry is checked against the system's, which know no such authority.
    let unlisted = server(authority.server("localhost", 2100), None).await;
    let error = ask(unlisted, None, None).await.unwrap_err();
    assert!(error.starts_with("the registry is down"), "{error}");
}

#[tokio::test]
async fn a_registry_that_wants_a_certificate_of_ours_gets_the_configured_one() {
    let (authority, clients, strangers) = (Authority::new(), Authority::new(), Authority::new());
    let url = server(authority.server("localhost", 2100), Some(&clients)).await;
    let roots = authority.file();
    let usage = ExtendedKeyUsagePurpose::ClientAuth;
    let ours = PemFile::new(&clients.certify("motlan.example", 2100, usage.clone()).pem);
    let strange = PemFile::new(&strangers.certify("motlan.example", 2100, usage.clone()).pem);
    let old = PemFile::new(&clients.certify("motlan.example", 2001, usage).pem);
    assert_eq!(
        ask(url.clone(), Some(&roots), Some(&ours)).await.unwrap(),
        StatusCode::OK
    );
    for refused in [None, Some(&strange), Some(&old)] {
        let error = ask(url.clone(), Some(&roots), refused).await.unwrap_err();
        assert!(error.starts_with("the registry is down"), "{error}");
        assert!(error.contains("TLS was refused"), "{error}");
    }
}

#[tokio::test]
async fn a_registry_that_speaks_no_tls_is_down_and_no_plain_text_is_sent() {
    let plain = Server::start([reply(200, "", "{}")]).await;
    let url = format!("https://localhost:{}/", plain.url.port().unwrap());
    let authority = Authority::new().file();
    assert!(
        ask(url.parse().unwrap(), Some(&authority), None)
            .await
            .is_err()
    );
    assert!(
        !plain
            .requests()
            .iter()
            .any(|request| request.contains("001185012345"))
    );
}

#[test]
fn files_that_hold_no_certificate_are_named() {
    let refused = |roots: Option<&PemFile>, identity: Option<&PemFile>| {
        let config = HttpConfig {
            roots_pem_file: roots.map(|file| file.0.clone()),
            identity_pem_file: identity.map(|file| file.0.clone()),
            ..HttpConfig::new("https://registry.example".parse().unwrap())
        };
        HttpClient::new(&config).unwrap_err().to_string()
    };
    let empty = PemFile::new("nothing");
    assert_eq!(
        refused(Some(&empty), None),
        "`roots_pem_file`: holds no certificate"
    );
    assert!(refused(None, Some(&empty)).starts_with("`identity_pem_file`: must hold"));
}
