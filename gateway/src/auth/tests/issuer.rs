//! An issuer that can do wrong: signs anything with any algorithm, and serves keys as it is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PSS_SHA256,
    RsaKeyPair,
};
use axum::Router;
use axum::http::{HeaderName, StatusCode, header::LOCATION};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{AUDIENCE, ISSUER};
use crate::auth::JwksUrl;

/// A key that signs, with the id that its tokens name.
pub(super) struct Signer {
    pub(super) kid: &'static str,
    key: Secret,
}

enum Secret {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl Signer {
    pub(super) fn ed25519(kid: &'static str) -> Self {
        let key = Secret::Ed25519(Ed25519KeyPair::generate().unwrap());
        Self { kid, key }
    }

    pub(super) fn p256(kid: &'static str) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self {
            kid,
            key: Secret::P256(key),
        }
    }

    pub(super) fn rsa(kid: &'static str) -> Self {
        let key = Secret::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap());
        Self { kid, key }
    }

    /// One signer of each algorithm, all with the same key id.
    pub(super) fn each(kid: &'static str) -> [Self; 3] {
        [Self::ed25519(kid), Self::p256(kid), Self::rsa(kid)]
    }

    pub(super) const fn alg(&self) -> &'static str {
        match self.key {
            Secret::Ed25519(_) => "EdDSA",
            Secret::P256(_) => "ES256",
            Secret::Rsa(_) => "PS256",
        }
    }

    pub(super) fn jwk(&self) -> Value {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match &self.key {
            Secret::Ed25519(key) => json!({"kty": "OKP", "crv": "Ed25519", "kid": self.kid,
                "x": encode(key.public_key().as_ref())}),
            Secret::P256(key) => {
                let (x, y) = key.public_key().as_ref()[1..].split_at(32);
                json!({"kty": "EC", "crv": "P-256", "kid": self.kid,
                    "x": encode(x), "y": encode(y)})
            }
            Secret::Rsa(key) => {
                let public = PublicKeyComponents::<Vec<u8>>::from(key.public_key());
                json!({"kty": "RSA", "kid": self.kid, "alg": "PS256",
                    "n": encode(&public.n), "e": encode(&public.e)})
            }
        }
    }

    pub(super) fn signature(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.key {
            Secret::Ed25519(key) => key.sign(message).as_ref().to_vec(),
            Secret::P256(key) => key.sign(&random, message).unwrap().as_ref().to_vec(),
            Secret::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PSS_SHA256, &random, message, &mut signature)
                    .unwrap();
                signature
            }
        }
    }

    pub(super) fn header(&self) -> Value {
        json!({"alg": self.alg(), "typ": "at+jwt", "kid": self.kid})
    }

    /// Signs these very bytes.
    pub(super) fn sign_bytes(&self, header: &[u8], payload: &[u8]) -> String {
        let encode = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
        let signed = format!("{}.{}", encode(header), encode(payload));
        let signature = self.signature(signed.as_bytes());
        format!("{signed}.{}", encode(&signature))
    }

    pub(super) fn sign_json(&self, header: &Value, claims: &Value) -> String {
        self.sign_bytes(header.to_string().as_bytes(), claims.to_string().as_bytes())
    }
}

/// The claims of a token that nothing is wrong with: five minutes from `now`.
pub(super) fn claims(now: Timestamp) -> Value {
    let now = now.as_second();
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "ward", "client_id": "ward-client",
        "jti": "a-token", "iat": now, "exp": now + 300, "scope": "query me",
        "act": {"sub": "cb-4711"},
    })
}

/// A token that nothing is wrong with.
pub(super) fn sign(signer: &Signer, now: Timestamp) -> String {
    signer.sign_json(&signer.header(), &claims(now))
}

/// The key sets of the issuer, on loopback.
pub(super) struct KeyServer {
    address: std::net::SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    answer: Mutex<Answer>,
    fetches: AtomicU64,
}

/// What the server says next.
#[derive(Clone)]
pub(super) enum Answer {
    Body(String),
    Status(u16),
    Redirect,
    Slow(String),
}

impl KeyServer {
    pub(super) async fn start(signers: &[&Signer]) -> Self {
        let shared = Arc::new(Shared {
            answer: Mutex::new(Answer::Body(key_set(signers))),
            fetches: AtomicU64::new(0),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::clone(&shared);
        let elsewhere = key_set(signers);
        let router = Router::new()
            .route("/jwks", get(async move || state.answer().await))
            .route("/elsewhere", get(async move || elsewhere));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, shared }
    }

    pub(super) fn jwks_url(&self) -> JwksUrl {
        format!("http://{}/jwks", self.address).parse().unwrap()
    }

    pub(super) fn publish(&self, signers: &[&Signer]) {
        self.say(Answer::Body(key_set(signers)));
    }

    pub(super) fn say(&self, answer: Answer) {
        *self.shared.answer.lock() = answer;
    }

    pub(super) fn fetches(&self) -> u64 {
        self.shared.fetches.load(Ordering::SeqCst)
    }
}

impl Shared {
    async fn answer(&self) -> (StatusCode, [(HeaderName, &'static str); 1], String) {
        self.fetches.fetch_add(1, Ordering::SeqCst);
        let answer = self.answer.lock().clone();
        let location = [(LOCATION, "/elsewhere")];
        match answer {
            Answer::Body(body) => (StatusCode::OK, location, body),
            Answer::Status(status) => (
                StatusCode::from_u16(status).unwrap(),
                location,
                String::new(),
            ),
            Answer::Redirect => (StatusCode::FOUND, location, String::new()),
            Answer::Slow(body) => {
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
                (StatusCode::OK, location, body)
            }
        }
    }
}

pub(super) fn key_set(signers: &[&Signer]) -> String {
    let keys: Vec<Value> = signers.iter().map(|signer| signer.jwk()).collect();
    json!({ "keys": keys }).to_string()
}
