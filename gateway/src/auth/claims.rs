//! The claims of an access token (RFC 9068, section 2.2), every one checked for presence, type and
//! value before a [`Token`] exists.

use std::{str::FromStr, sync::Arc};

use jiff::Timestamp;
use motlan_schemas::ids::{ClientId, OfficerId};
use motlan_schemas::json;
use serde_json::{Map, Value};

use super::config::AuthConfig;
use super::signature::Algorithm;
use super::token::{Scope, Scopes, Token};
use super::{AuthError, invalid};

/// How far in the future `iat` and `nbf` may lie: FAPI 2.0, section 5.3.2.1, wants 10 s accepted
/// and more than 60 s refused.
const FUTURE_SECONDS_MAX: i64 = 60;

/// Issuers add nested claims of their own (roles by client); none need more.
const CLAIMS_DEPTH_MAX: usize = 8;

/// `sub` and `jti` are names; longer ones are somebody's attempt to fill memory.
const NAME_BYTES_MAX: usize = 256;

/// An officer with more roles than these has none in particular.
const ROLES_MAX: usize = 32;
const ROLE_BYTES_MAX: usize = 64;

/// What tokens are measured by.
#[derive(Debug)]
pub(super) struct Rules(AuthConfig);

impl Rules {
    pub(super) const fn new(config: AuthConfig) -> Self {
        Self(config)
    }

    pub(super) fn algorithms(&self) -> &[Algorithm] {
        &self.0.algorithms
    }

    /// Whether a token that ends at `expires_at` is over, leeway counted.
    pub(super) fn has_expired(&self, expires_at: Timestamp, now: Timestamp) -> bool {
        now.as_second() >= expires_at.as_second() + i64::from(self.0.leeway_seconds)
    }

    /// Reads the claims of a token whose signature is verified.
    pub(super) fn check(&self, payload: &[u8], now: Timestamp) -> Result<Token, AuthError> {
        let Ok(Value::Object(members)) = json::parse(payload, CLAIMS_DEPTH_MAX) else {
            return Err(invalid(
                "the claims are not one JSON object with each key once",
            ));
        };
        let claims = Claims(members);
        if claims.0.contains_key("cnf") {
            // RFC 8705 and RFC 9449: such a token is worth nothing without proof of its key. Until
            // that proof can be checked here, taking it as a bearer token would undo the binding.
            return Err(invalid(
                "the token is bound to a key and cannot be used alone",
            ));
        }
        self.check_addressees(&claims)?;
        let (issued_at, expires_at) = self.check_times(&claims, now)?;
        Ok(Token {
            client: claims.client()?,
            subject: claims.name("sub", "the claim `sub` is missing or malformed")?,
            scopes: claims.scopes()?,
            officer: claims.officer()?,
            roles: claims.roles()?,
            person: claims.parsed("personal_id", "the claim `personal_id` is malformed")?,
            registry: claims.parsed("registry", "the claim `registry` is malformed")?,
            token_id: claims.name("jti", "the claim `jti` is missing or malformed")?,
            issued_at,
            expires_at,
        })
    }

    fn check_addressees(&self, claims: &Claims) -> Result<(), AuthError> {
        // Compared as a whole string: a trailing slash is another issuer.
        if claims.text("iss") != Some(&self.0.issuer) {
            return Err(invalid("the claim `iss` is not the issuer trusted here"));
        }
        let ours = self.0.audience.as_str();
        let is_for_us = match claims.0.get("aud") {
            Some(Value::String(audience)) => audience == ours,
            Some(Value::Array(all)) => {
                all.iter().all(Value::is_string) && all.iter().any(|one| one == ours)
            }
            _ => false,
        };
        if is_for_us {
            Ok(())
        } else {
            Err(invalid("the claim `aud` does not name this gateway"))
        }
    }

    fn check_times(
        &self,
        claims: &Claims,
        now: Timestamp,
    ) -> Result<(Timestamp, Timestamp), AuthError> {
        let expires_at = claims
            .moment("exp")?
            .ok_or_else(|| invalid("the claim `exp` is missing"))?;
        let issued_at = claims
            .moment("iat")?
            .ok_or_else(|| invalid("the claim `iat` is missing"))?;
        let not_before = claims.moment("nbf")?.unwrap_or(issued_at);
        let latest = now.as_second() + FUTURE_SECONDS_MAX;
        if issued_at.as_second() > latest || not_before.as_second() > latest {
            return Err(invalid("the token is not valid yet"));
        }
        let lifetime = expires_at.as_second() - issued_at.as_second();
        if !(1..=i64::from(self.0.lifetime_seconds_max)).contains(&lifetime) {
            return Err(invalid(
                "the time between `iat` and `exp` is not one accepted here",
            ));
        }
        if self.has_expired(expires_at, now) {
            return Err(AuthError::Expired);
        }
        Ok((issued_at, expires_at))
    }
}

/// The payload's members. A key that stands there twice never gets here.
struct Claims(Map<String, Value>);

impl Claims {
    fn text(&self, claim: &str) -> Option<&str> {
        self.0.get(claim).and_then(Value::as_str)
    }

    /// A required name of the issuer's own making.
    fn name(&self, claim: &str, reason: &'static str) -> Result<Box<str>, AuthError> {
        self.text(claim)
            .filter(|name| (1..=NAME_BYTES_MAX).contains(&name.len()))
            .filter(|name| !name.chars().any(char::is_control))
            .map(Into::into)
            .ok_or_else(|| invalid(reason))
    }

    /// A moment in whole seconds since 1970. Fractions and negative numbers, which RFC 7519 would
    /// allow, no issuer needs; texts and numbers out of range are attacks.
    fn moment(&self, claim: &str) -> Result<Option<Timestamp>, AuthError> {
        let Some(value) = self.0.get(claim) else {
            return Ok(None);
        };
        value
            .as_i64()
            .filter(|seconds| *seconds >= 0)
            .and_then(|seconds| Timestamp::from_second(seconds).ok())
            .map(Some)
            .ok_or_else(|| invalid("`exp`, `iat` and `nbf` must be whole seconds"))
    }

    fn client(&self) -> Result<ClientId, AuthError> {
        self.parsed("client_id", "the claim `client_id` is malformed")?
            .ok_or_else(|| invalid("the claim `client_id` is missing"))
    }

    /// An optional claim that must be a text of a certain form where it stands.
    fn parsed<T: FromStr>(
        &self,
        claim: &str,
        reason: &'static str,
    ) -> Result<Option<T>, AuthError> {
        let Some(value) = self.0.get(claim) else {
            return Ok(None);
        };
        let text = value.as_str().ok_or_else(|| invalid(reason))?;
        text.parse().map(Some).map_err(|_| invalid(reason))
    }

    /// Words with one space between them (RFC 6749, section 3.3), each compared as a whole. Words
    /// of other services grant nothing here.
    fn scopes(&self) -> Result<Scopes, AuthError> {
        let malformed = || invalid("the claim `scope` is not words with a space between them");
        let Some(value) = self.0.get("scope") else {
            return Ok(Scopes::default());
        };
        let words = value.as_str().ok_or_else(malformed)?;
        if words.split(' ').any(str::is_empty) {
            return Err(malformed());
        }
        Ok(words.split(' ').filter_map(Scope::from_word).collect())
    }

    /// The officer for whom the client acts (RFC 8693, section 4.1). Actors before the present one,
    /// which that section nests, say nothing about who acts now.
    fn officer(&self) -> Result<Option<OfficerId>, AuthError> {
        let malformed = || invalid("the claim `act` does not name an officer in `sub`");
        let Some(actor) = self.0.get("act") else {
            return Ok(None);
        };
        let officer = actor.get("sub").and_then(Value::as_str);
        let officer = officer.and_then(|text| text.parse().ok());
        officer.map(Some).ok_or_else(malformed)
    }

    /// The roles of that officer: words of the issuer's, which purposes may ask for.
    fn roles(&self) -> Result<Vec<Arc<str>>, AuthError> {
        let malformed = || invalid("the claim `act` has `roles` that are no list of words");
        let Some(roles) = self.0.get("act").and_then(|actor| actor.get("roles")) else {
            return Ok(Vec::new());
        };
        let roles = roles.as_array().ok_or_else(malformed)?;
        if roles.len() > ROLES_MAX {
            return Err(malformed());
        }
        let word = |role: &Value| {
            let role = role.as_str()?;
            (1..=ROLE_BYTES_MAX)
                .contains(&role.len())
                .then(|| role.into())
        };
        let words: Option<_> = roles.iter().map(word).collect();
        words.ok_or_else(malformed)
    }
}
