//! The wall that tokens must pass, tried from outside: real signatures, a real issuer on loopback.

mod attacks;
mod issuer;
mod rotation;
mod skew;

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};
use jiff::{SignedDuration, Timestamp};
use motlan_schemas::clock::{Clock, FixedClock};

use self::issuer::{KeyServer, Signer, sign};
use super::*;

const ISSUER: &str = "https://issuer.test";
const AUDIENCE: &str = "https://motlan.test";
const START: &str = "2026-11-21T08:00:00Z";

/// An authenticator with its clock and the issuer that it trusts.
struct Wall {
    server: KeyServer,
    clock: Arc<FixedClock>,
    authenticator: Authenticator,
}

impl Wall {
    /// An issuer that publishes the keys of `signers`.
    async fn around(signers: &[&Signer]) -> Self {
        Self::with(signers, |_| {}).await
    }

    async fn with(signers: &[&Signer], configure: impl FnOnce(&mut AuthConfig)) -> Self {
        let server = KeyServer::start(signers).await;
        let clock = Arc::new(FixedClock::new(START.parse().unwrap()));
        let mut config = AuthConfig::new(ISSUER.to_owned(), server.jwks_url(), AUDIENCE.to_owned());
        configure(&mut config);
        let shared: Arc<dyn Clock> = clock.clone();
        let authenticator = Authenticator::new(config, http_client().unwrap(), shared).unwrap();
        Self {
            server,
            clock,
            authenticator,
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn wait(&self, seconds: i64) {
        self.clock
            .set(self.now() + SignedDuration::from_secs(seconds));
    }

    async fn call(&self, token: impl AsRef<[u8]>) -> Result<Arc<Token>, AuthError> {
        let text = [b"Bearer ", token.as_ref()].concat();
        // What cannot stand in a header at all never reaches the gateway.
        let Ok(value) = HeaderValue::from_bytes(&text) else {
            return Err(invalid("no header value"));
        };
        let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
        self.authenticator.authenticate(&headers).await
    }
}

#[tokio::test]
async fn tokens_of_all_three_algorithms_are_let_in() {
    for signer in Signer::each("key-1") {
        let wall = Wall::around(&[&signer]).await;
        let token = wall.call(sign(&signer, wall.now())).await.unwrap();
        assert_eq!(token.client.as_str(), "ward-client");
        assert!(token.scopes.has(Scope::Query) && !token.scopes.has(Scope::Audit));
        assert_eq!(token.officer.as_ref().map(|o| o.as_str()), Some("cb-4711"));
    }
}

#[tokio::test]
async fn a_remembered_token_costs_no_second_look_and_still_expires() {
    let signer = Signer::ed25519("key-1");
    let wall = Wall::around(&[&signer]).await;
    let token = sign(&signer, wall.now());
    let first = wall.call(&token).await.unwrap();
    let second = wall.call(&token).await.unwrap();
    assert!(Arc::ptr_eq(&first, &second));
    assert_eq!(wall.server.fetches(), 1);
    wall.wait(300 + 9);
    assert!(wall.call(&token).await.is_ok());
    wall.wait(1);
    assert_eq!(wall.call(&token).await.err(), Some(AuthError::Expired));
}

#[tokio::test]
async fn the_header_must_be_one_and_of_the_scheme_bearer() {
    let signer = Signer::ed25519("key-1");
    let wall = Wall::around(&[&signer]).await;
    let token = sign(&signer, wall.now());
    let call = async |values: &[String]| {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::try_from(value).unwrap());
        }
        wall.authenticator.authenticate(&headers).await
    };
    assert!(call(&[format!("bEARER {token}")]).await.is_ok());
    assert_eq!(call(&[]).await.err(), Some(AuthError::Missing));
    let good = format!("Bearer {token}");
    for bad in [
        vec![good.clone(), good.clone()],
        vec![good.clone(), "Basic dTpw".to_owned()],
        vec![format!("DPoP {token}")],
        vec![format!("Basic {token}")],
        vec![format!("Bearer  {token}")],
        vec![format!("Bearer\t{token}")],
        vec![format!("Bearer {token} ")],
        vec![format!("Bearer{token}")],
        vec![format!("Bearer {token}, Bearer {token}")],
        vec![token.clone()],
        vec!["Bearer".to_owned()],
        vec![String::new()],
    ] {
        let refused = call(&bad).await;
        assert!(
            matches!(refused, Err(AuthError::Invalid { .. })),
            "{refused:?}"
        );
    }
}
