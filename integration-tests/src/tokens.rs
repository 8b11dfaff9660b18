//! Tokens of the demonstration's issuer, and such as it would never give.

use crate::demo::Demo;
use aws_lc_rs::{
    digest, hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::{
    fs,
    time::{SystemTime, UNIX_EPOCH},
};

/// Signs whatever it is given, with the issuer's own key.
#[derive(Debug)]
pub struct Forge {
    key: Ed25519KeyPair,
    issuer: String,
    audience: String,
}

impl Forge {
    /// Takes the issuer's key from the demonstration's data directory.
    ///
    /// # Panics
    /// It is not there.
    #[must_use]
    pub fn of(demo: &Demo) -> Self {
        let file = fs::read(demo.data().join("keys/test-issuer.pk8")).expect("the issuer's key");
        Self {
            key: Ed25519KeyPair::from_pkcs8_maybe_unchecked(&file).expect("an Ed25519 key"),
            issuer: demo.text("/issuer").to_owned(),
            audience: demo.text("/audience").to_owned(),
        }
    }

    /// The header of a good token.
    #[must_use]
    pub fn header(&self) -> Value {
        json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": self.kid() })
    }

    /// The claims of a good token of the agency, good for five minutes.
    #[must_use]
    pub fn claims(&self) -> Value {
        json!({
            "iss": self.issuer, "aud": self.audience, "sub": "journey",
            "client_id": "ward-ba-dinh-one-stop", "scope": "query",
            "iat": now(), "exp": now() + 300, "jti": "journey-1",
        })
    }

    /// A good token but for `header` and `claims`, whose members replace the good ones; a null
    /// takes a member away.
    #[must_use]
    pub fn token(&self, header: &Value, claims: &Value) -> String {
        self.raw(
            &merged(self.header(), header).to_string(),
            &merged(self.claims(), claims).to_string(),
        )
    }

    /// The same from texts that need not be JSON.
    #[must_use]
    pub fn raw(&self, header: &str, claims: &str) -> String {
        let signed = unsigned(header, claims);
        let signature = self.key.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Good claims under the good key id, signed by somebody else's key of the same kind.
    ///
    /// # Panics
    /// There is no randomness.
    #[must_use]
    pub fn by_another_key(&self) -> String {
        let key = Ed25519KeyPair::generate().expect("a key");
        let signed = unsigned(&self.header().to_string(), &self.claims().to_string());
        format!(
            "{signed}.{}",
            URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()))
        )
    }

    /// Good claims under the good key id, signed on another curve.
    ///
    /// # Panics
    /// There is no randomness.
    #[must_use]
    pub fn on_another_curve(&self) -> String {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        let header = merged(self.header(), &json!({ "alg": "ES256" }));
        let signed = unsigned(&header.to_string(), &self.claims().to_string());
        let signature = key
            .sign(&SystemRandom::new(), signed.as_bytes())
            .expect("a signature");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Good claims, "signed" with the public key as if it were a shared secret.
    #[must_use]
    pub fn with_the_public_key_as_secret(&self) -> String {
        let header = merged(self.header(), &json!({ "alg": "HS256" }));
        let signed = unsigned(&header.to_string(), &self.claims().to_string());
        let secret = hmac::Key::new(hmac::HMAC_SHA256, self.key.public_key().as_ref());
        format!(
            "{signed}.{}",
            URL_SAFE_NO_PAD.encode(hmac::sign(&secret, signed.as_bytes()))
        )
    }

    /// The issuer's public key as a JSON Web Key.
    #[must_use]
    pub fn jwk(&self) -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "x": self.point() })
    }

    fn kid(&self) -> String {
        let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, self.point());
        URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, canonical.as_bytes()))
    }

    fn point(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.key.public_key())
    }
}

/// Header and claims without a signature.
#[must_use]
pub fn unsigned(header: &str, claims: &str) -> String {
    format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims)
    )
}

/// Seconds since 1970.
///
/// # Panics
/// The clock stands before 1970.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "tokens for a real process are measured by the real clock"
)]
pub fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a clock after 1970")
        .as_secs()
}

/// The time as events have it.
///
/// # Panics
/// The clock stands after the year 9999.
#[must_use]
pub fn wire_now() -> String {
    let seconds = i64::try_from(now()).expect("a time");
    let now = jiff::Timestamp::from_second(seconds).expect("a time");
    now.to_string()
}

fn merged(mut good: Value, other: &Value) -> Value {
    for (name, value) in other.as_object().into_iter().flatten() {
        let Some(members) = good.as_object_mut() else {
            break;
        };
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    good
}
