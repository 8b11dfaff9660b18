//! The test issuer keeps its key, and its tokens pass the gateway's own check.

use super::*;
use crate::auth::{AuthConfig, AuthError, Authenticator, Scope, http_client};
use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};
use motlan_schemas::clock::FixedClock;

const AUDIENCE: &str = "https://motlan.test";

fn open(directory: &Path, url: &str) -> Result<Issuer, IssuerError> {
    Issuer::open(directory, url, AUDIENCE, &mut || [7; 32])
}

fn request() -> TokenRequest {
    TokenRequest {
        client_id: "ward-client".parse().unwrap(),
        subject: "ward".to_owned(),
        scopes: [Scope::Query, Scope::Me].into_iter().collect(),
        officer: Some("cb-4711".parse().unwrap()),
        person: Some("001185012345".parse().unwrap()),
        registry: Some("population".parse().unwrap()),
        lifetime: SignedDuration::from_hours(1),
    }
}

#[test]
fn the_key_is_made_once_and_only_its_owner_may_read_it() {
    let directory = tempfile::tempdir().unwrap();
    let below = directory.path().join("keys");
    let first = open(&below, "http://127.0.0.1:1").unwrap();
    let mode = below
        .join(KEY_FILE)
        .metadata()
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let again = Issuer::open(&below, "http://127.0.0.1:1", AUDIENCE, &mut || [8; 32]).unwrap();
    assert_eq!(first.jwks(), again.jwks());
    assert!(!first.jwks().contains("\"d\""));

    let path = below.join(KEY_FILE);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(open(&below, ""), Err(IssuerError::TooOpen { .. })));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&path, "no key").unwrap();
    assert!(matches!(
        open(&below, ""),
        Err(IssuerError::Malformed { .. })
    ));
}

#[test]
fn the_key_id_is_the_published_thumbprint_of_rfc_8037() {
    // RFC 8037, appendices A.1 and A.3.
    let secret = URL_SAFE_NO_PAD
        .decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
        .unwrap();
    let key = Ed25519KeyPair::from_seed_unchecked(&secret).unwrap();
    assert_eq!(
        thumbprint(&key),
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    );
}

#[tokio::test]
async fn its_tokens_open_the_gateway_and_say_what_was_asked_for() {
    let directory = tempfile::tempdir().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let issuer = Arc::new(open(directory.path(), &url).unwrap());
    let router = issuer.router();
    tokio::spawn(async move { axum::serve(listener, router).await });

    let http = http_client().unwrap();
    let metadata = http
        .get(format!("{url}{METADATA_PATH}"))
        .send()
        .await
        .unwrap();
    let metadata: Value = serde_json::from_slice(&metadata.bytes().await.unwrap()).unwrap();
    assert_eq!(metadata["issuer"], url);
    let jwks_url = metadata["jwks_uri"].as_str().unwrap().parse().unwrap();

    let now: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
    let config = AuthConfig::new(url, jwks_url, AUDIENCE.to_owned());
    let clock = Arc::new(FixedClock::new(now));
    let authenticator = Authenticator::new(config, http, clock).unwrap();
    let call = async |request: &TokenRequest| {
        let token = issuer.mint(request, now, [3; 16]);
        let value = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
        let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
        authenticator.authenticate(&headers).await
    };

    let asked = request();
    let token = call(&asked).await.unwrap();
    assert_eq!(token.client, asked.client_id);
    assert_eq!(&*token.subject, "ward");
    assert_eq!(token.scopes, asked.scopes);
    assert_eq!(token.officer, asked.officer);
    assert_eq!(token.person, asked.person);
    assert_eq!(token.registry, asked.registry);
    assert_eq!(token.expires_at, now + SignedDuration::from_hours(1));

    let plain = TokenRequest {
        scopes: Scopes::default(),
        officer: None,
        person: None,
        registry: None,
        ..request()
    };
    let token = call(&plain).await.unwrap();
    assert_eq!(token.scopes, Scopes::default());
    assert!(token.officer.is_none() && token.person.is_none() && token.registry.is_none());

    let long = TokenRequest {
        lifetime: SignedDuration::from_hours(2),
        ..request()
    };
    assert!(matches!(call(&long).await, Err(AuthError::Invalid { .. })));
}
