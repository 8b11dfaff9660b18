//! What the operator decides about tokens: one issuer, its keys' address, and the limits.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::signature::{Algorithm, CryptographyError};

/// The section `auth` of the configuration. Three values must be given; the rest have defaults
/// that follow the FAPI 2.0 security profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthConfig {
    /// The issuer, exactly as its tokens say it in `iss`.
    pub issuer: String,
    /// Where the issuer publishes its keys. Fixed here; a token never names it.
    pub jwks_url: JwksUrl,
    /// This gateway's name, which tokens must carry in `aud`.
    pub audience: String,
    /// The signature algorithms accepted: `EdDSA`, `ES256`, `PS256` unless fewer are named.
    #[serde(default = "algorithms_default")]
    pub algorithms: Vec<Algorithm>,
    /// How long after `exp` a token still counts, for clocks that differ. At most 60; default 10.
    #[serde(default = "leeway_default")]
    pub leeway_seconds: u32,
    /// The longest time between `iat` and `exp` that is accepted. Default 3,600.
    #[serde(default = "lifetime_default")]
    pub lifetime_seconds_max: u32,
    /// After how many seconds an unknown key makes the gateway ask the issuer again. Default 30.
    #[serde(default = "cooldown_default")]
    pub unknown_key_cooldown_seconds: u32,
    /// How long keys are used before the issuer is asked again: the longest that a withdrawn key
    /// lives. Default 600.
    #[serde(default = "keys_age_default")]
    pub keys_age_seconds_max: u32,
    /// How long the last keys are used while the issuer does not answer; after that nobody is let
    /// in. Default 3,600.
    #[serde(default = "keys_outage_default")]
    pub keys_outage_seconds_max: u32,
    /// How many verified tokens are remembered, about half a kilobyte each. Default 10,000.
    #[serde(default = "remembered_default")]
    pub tokens_remembered_max: u64,
}

/// The address of the issuer's keys: `https`, or `http` on this machine itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct JwksUrl(Url);

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AuthConfigError {
    /// The keys' address is none, or is not safe to fetch keys from.
    #[error("`jwks_url` must be an https URL (http only on loopback) without user and fragment")]
    JwksUrl,
    /// A name that tokens are compared with is empty.
    #[error("`issuer` and `audience` must not be empty")]
    EmptyName,
    /// No algorithm is left.
    #[error("`algorithms` must name at least one algorithm")]
    NoAlgorithm,
    /// A span of time has no sense beside the others.
    #[error("`{field}` must be {rule}")]
    Span {
        /// The field.
        field: &'static str,
        /// What it must be.
        rule: &'static str,
    },
    /// The HTTP client could not be built.
    #[error("could not build the HTTP client for the issuer")]
    HttpClient(#[source] reqwest::Error),
    /// Signatures cannot be checked.
    #[error(transparent)]
    Cryptography(#[from] CryptographyError),
}

impl AuthConfig {
    /// A configuration with the defaults for everything that can have one.
    #[must_use]
    pub fn new(issuer: String, jwks_url: JwksUrl, audience: String) -> Self {
        Self {
            issuer,
            jwks_url,
            audience,
            algorithms: algorithms_default(),
            leeway_seconds: leeway_default(),
            lifetime_seconds_max: lifetime_default(),
            unknown_key_cooldown_seconds: cooldown_default(),
            keys_age_seconds_max: keys_age_default(),
            keys_outage_seconds_max: keys_outage_default(),
            tokens_remembered_max: remembered_default(),
        }
    }

    pub(super) fn check(&self) -> Result<(), AuthConfigError> {
        if self.issuer.is_empty() || self.audience.is_empty() {
            return Err(AuthConfigError::EmptyName);
        }
        if self.algorithms.is_empty() {
            return Err(AuthConfigError::NoAlgorithm);
        }
        let spans = [
            (self.leeway_seconds <= 60, "leeway_seconds", "at most 60"),
            (
                self.lifetime_seconds_max > 0,
                "lifetime_seconds_max",
                "more than 0",
            ),
            (
                self.unknown_key_cooldown_seconds <= self.keys_age_seconds_max,
                "unknown_key_cooldown_seconds",
                "at most `keys_age_seconds_max`",
            ),
            (
                self.keys_age_seconds_max <= self.keys_outage_seconds_max,
                "keys_outage_seconds_max",
                "at least `keys_age_seconds_max`",
            ),
        ];
        match spans.into_iter().find(|(holds, ..)| !holds) {
            Some((_, field, rule)) => Err(AuthConfigError::Span { field, rule }),
            None => Ok(()),
        }
    }
}

impl JwksUrl {
    pub(super) const fn as_url(&self) -> &Url {
        &self.0
    }
}

impl FromStr for JwksUrl {
    type Err = AuthConfigError;

    fn from_str(text: &str) -> Result<Self, AuthConfigError> {
        let url = Url::parse(text).map_err(|_| AuthConfigError::JwksUrl)?;
        let plain =
            url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        // Keys fetched in clear over a network are the keys of whoever sits on it.
        let safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
        if plain && safe {
            Ok(Self(url))
        } else {
            Err(AuthConfigError::JwksUrl)
        }
    }
}

impl TryFrom<String> for JwksUrl {
    type Error = AuthConfigError;

    fn try_from(text: String) -> Result<Self, AuthConfigError> {
        text.parse()
    }
}

impl From<JwksUrl> for String {
    fn from(url: JwksUrl) -> Self {
        url.0.into()
    }
}

impl fmt::Debug for JwksUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "JwksUrl({})", self.0)
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn algorithms_default() -> Vec<Algorithm> {
    Algorithm::ALL.to_vec()
}

const fn leeway_default() -> u32 {
    10
}

const fn lifetime_default() -> u32 {
    60 * 60
}

const fn cooldown_default() -> u32 {
    30
}

const fn keys_age_default() -> u32 {
    10 * 60
}

const fn keys_outage_default() -> u32 {
    60 * 60
}

const fn remembered_default() -> u64 {
    10_000
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: &str = r#"
        issuer = "https://issuer.example"
        jwks_url = "https://issuer.example/jwks"
        audience = "https://motlan.example"
    "#;

    #[test]
    fn three_lines_are_enough_and_the_rest_is_the_profile() {
        let config: AuthConfig = toml::from_str(SHORT).unwrap();
        let url = "https://issuer.example/jwks".parse().unwrap();
        let expected = AuthConfig::new(
            "https://issuer.example".to_owned(),
            url,
            "https://motlan.example".to_owned(),
        );
        assert_eq!(config, expected);
        assert!(config.check().is_ok());
        let written = toml::to_string(&config).unwrap();
        assert_eq!(toml::from_str::<AuthConfig>(&written).unwrap(), config);
    }

    #[test]
    fn unknown_settings_and_algorithms_are_refused() {
        for line in [
            "lifetime = 5",
            "algorithms = [\"RS256\"]",
            "algorithms = [\"none\"]",
            "algorithms = [\"HS256\"]",
        ] {
            assert!(
                toml::from_str::<AuthConfig>(&format!("{SHORT}\n{line}")).is_err(),
                "{line}"
            );
        }
    }

    #[test]
    fn keys_are_not_fetched_in_clear_over_a_network() {
        for good in [
            "https://a.example/k",
            "http://127.0.0.1:9/k",
            "http://[::1]/k",
            "http://localhost:1/",
        ] {
            assert!(good.parse::<JwksUrl>().is_ok(), "{good}");
        }
        for bad in [
            "http://a.example/k",
            "http://localhost.example/",
            "https://u:p@a.example/",
            "https://a.example/#k",
            "file:///etc/passwd",
            "jwks.json",
            "",
        ] {
            assert!(bad.parse::<JwksUrl>().is_err(), "{bad}");
        }
    }

    #[test]
    fn contradictions_are_told_by_field() {
        let config: AuthConfig = toml::from_str(SHORT).unwrap();
        let broken = AuthConfig {
            keys_age_seconds_max: 7200,
            ..config.clone()
        };
        let error = broken.check().unwrap_err().to_string();
        assert!(error.contains("`keys_outage_seconds_max`"), "{error}");
        let broken = AuthConfig {
            algorithms: Vec::new(),
            ..config
        };
        assert!(matches!(broken.check(), Err(AuthConfigError::NoAlgorithm)));
    }
}
