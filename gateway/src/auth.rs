//! Who is calling: bearer tokens (RFC 6750) in the JWT profile for access tokens (RFC 9068),
//! checked against the keys of the one issuer that the configuration names.
//!
//! ```text
//! Authorization: Bearer eyJ…            one header, at most 8 KiB               auth.rs
//!   → remembered?                       SHA-256 of the token → Token            auth.rs
//!   → header.rs                         alg listed, typ at+jwt, nothing critical
//!   → jwks.rs → keys.rs                 kid → key of the issuer, its algorithm pinned
//!   → signature.rs                      the signature, by jsonwebtoken on aws-lc
//!   → claims.rs                         every claim, by our own strict reader
//!   → Token { client, scopes, officer, … }
//! ```
//!
//! Libraries that read tokens leave much to their caller: `typ`, `crit`, `iat` and claims of the
//! wrong type pass unless somebody looks. So only the signature is left to the library, and every
//! other rule stands here, once. Tokens come from the `Authorization` header alone; a token in a
//! query string or body is never read. No token is logged, and none can be printed.
//!
//! Tokens that are bound to a client certificate or a DPoP key are refused, not accepted as
//! bearer tokens; the binding itself is not built yet.

mod claims;
mod config;
mod header;
mod jwks;
mod keys;
mod signature;
mod token;

#[cfg(test)]
mod tests;

pub use config::{AuthConfig, AuthConfigError, JwksUrl};
pub use jwks::http_client;
pub use signature::{Algorithm, CryptographyError, install_cryptography};
pub use token::{Scope, Scopes, Token};

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use jiff::Timestamp;
use moka::sync::Cache;
use motlan_schemas::clock::Clock;

use self::claims::Rules;
use self::header::Compact;
use self::jwks::Jwks;

/// Why a caller is not let in. None of it repeats the token or anything it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// No token came with the request.
    #[error("no bearer token")]
    Missing,
    /// The token is no access token for this gateway.
    #[error("the bearer token is not acceptable: {reason}")]
    Invalid {
        /// Which rule it breaks; safe to show, and to put into `WWW-Authenticate` (RFC 6750,
        /// section 3) as it stands.
        reason: &'static str,
    },
    /// The token was acceptable until it expired.
    #[error("the bearer token has expired")]
    Expired,
    /// The issuer's keys cannot be had, so nobody can be let in. Trying again later helps.
    #[error("the issuer's keys are not available")]
    IssuerUnavailable,
}

/// Turns the `Authorization` header of a request into a checked [`Token`].
#[derive(Debug)]
pub struct Authenticator {
    rules: Rules,
    jwks: Jwks,
    clock: Arc<dyn Clock>,
    remembered: Cache<Digest, Remembered>,
}

/// SHA-256 of a token: the token itself is not kept in memory.
type Digest = [u8; 32];

/// A token that was verified with the keys of `generation`.
#[derive(Debug, Clone)]
struct Remembered {
    generation: u64,
    token: Arc<Token>,
}

impl Authenticator {
    /// Checks the configuration and the cryptography. The issuer is first asked for its keys when
    /// the first token comes. `http` is best made by [`http_client`].
    ///
    /// # Errors
    /// [`AuthConfigError`] when the configuration contradicts itself or signatures cannot be
    /// checked on this machine.
    pub fn new(
        config: AuthConfig,
        http: reqwest::Client,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AuthConfigError> {
        config.check()?;
        install_cryptography()?;
        // Only bounds memory: expiry is checked against the clock on every hit.
        let kept = u64::from(config.lifetime_seconds_max) + u64::from(config.leeway_seconds);
        let remembered = Cache::builder()
            .max_capacity(config.tokens_remembered_max)
            .time_to_live(Duration::from_secs(kept))
            .build();
        Ok(Self {
            jwks: Jwks::new(&config, http),
            rules: Rules::new(config),
            clock,
            remembered,
        })
    }

    /// The caller's token, if the request carries an acceptable one.
    ///
    /// # Errors
    /// [`AuthError`]; only [`AuthError::IssuerUnavailable`] is worth trying again.
    pub async fn authenticate(&self, headers: &HeaderMap) -> Result<Arc<Token>, AuthError> {
        let token = bearer(headers)?;
        let now = self.clock.now();
        let digest = sha256(token);
        match self.recall(&digest, now) {
            Some(known) => known,
            None => self.verify(token, digest, now).await,
        }
    }

    /// A token verified before, while the issuer's keys are the same as then.
    fn recall(&self, digest: &Digest, now: Timestamp) -> Option<Result<Arc<Token>, AuthError>> {
        let generation = self.jwks.at_hand(now)?.generation;
        let known = self.remembered.get(digest)?;
        if known.generation != generation {
            return None;
        }
        // INVARIANT: expiry is checked on every hit; the cache's own clock decides nothing.
        if self.rules.has_expired(known.token.expires_at, now) {
            return Some(Err(AuthError::Expired));
        }
        Some(Ok(known.token))
    }

    async fn verify(
        &self,
        token: &str,
        digest: Digest,
        now: Timestamp,
    ) -> Result<Arc<Token>, AuthError> {
        let compact = Compact::parse(token)?;
        if !self.rules.algorithms().contains(&compact.algorithm) {
            return Err(invalid("the algorithm is not one of those accepted here"));
        }
        let (key, generation) = self.jwks.key(&compact.kid, now).await?;
        // INVARIANT: the key decides how it is used; the header may only agree with it.
        if key.algorithm() != compact.algorithm {
            return Err(invalid("the algorithm is not the one of the key"));
        }
        if !key.verifies(compact.signed, compact.signature) {
            return Err(invalid("the signature does not match"));
        }
        let token = Arc::new(self.rules.check(&compact.payload, now)?);
        let remembered = Remembered {
            generation,
            token: Arc::clone(&token),
        };
        self.remembered.insert(digest, remembered);
        Ok(token)
    }
}

/// The token of the one `Authorization` header.
fn bearer(headers: &HeaderMap) -> Result<&str, AuthError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(AuthError::Missing)?;
    if values.next().is_some() {
        return Err(invalid("more than one `Authorization` header"));
    }
    let text = value
        .to_str()
        .map_err(|_| invalid("the `Authorization` header is not ASCII"))?;
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(invalid("the authorization scheme is not `Bearer`"));
    }
    if token.len() > header::TOKEN_BYTES_MAX {
        return Err(invalid("the token is longer than 8 KiB"));
    }
    Ok(token)
}

fn sha256(token: &str) -> Digest {
    let mut bytes = Digest::default();
    // INVARIANT: SHA-256 has 32 bytes, so the lengths agree.
    bytes.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
    bytes
}

const fn invalid(reason: &'static str) -> AuthError {
    AuthError::Invalid { reason }
}
