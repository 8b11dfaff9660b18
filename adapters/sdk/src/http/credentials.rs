//! What shows the registry that it is us who ask.

use super::{
    config::{BasicConfig, HttpConfig},
    oauth::TokenSource,
};
use crate::config::ConfigError;
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use secrecy::{ExposeSecret, SecretString};

/// Headers that go with every request, and where the token of the moment comes from, if there is one.
#[derive(Debug)]
pub(super) struct Credentials {
    /// Marked as sensitive, so that no `Debug` shows them.
    pub(super) headers: HeaderMap,
    pub(super) tokens: Option<TokenSource>,
}

impl Credentials {
    pub(super) fn new(config: &HttpConfig) -> Result<Self, ConfigError> {
        let given = [
            config.bearer_token.is_some(),
            config.basic.is_some(),
            config.oauth.is_some(),
        ];
        if given.into_iter().filter(|is_some| *is_some).count() > 1 {
            let reason = "only one of bearer_token, basic and oauth can be the one `Authorization`; remove the others";
            return Err(ConfigError::setting("bearer_token", reason));
        }
        let mut headers = HeaderMap::new();
        if let Some(token) = &config.bearer_token {
            let value = bearer(token.reveal("bearer_token")?.expose_secret());
            headers.insert(header::AUTHORIZATION, sensitive("bearer_token", &value)?);
        }
        if let Some(basic) = &config.basic {
            headers.insert(header::AUTHORIZATION, basic_header(basic)?);
        }
        if let Some(key) = &config.api_key {
            let name = HeaderName::try_from(key.header.as_str())
                .map_err(|_| ConfigError::setting("api_key.header", "is no header name"))?;
            let value = key.value.reveal("api_key.value")?;
            headers.insert(name, sensitive("api_key.value", &value)?);
        }
        let tokens = config.oauth.as_ref();
        Ok(Self {
            headers,
            tokens: tokens
                .map(|oauth| TokenSource::new(oauth, config))
                .transpose()?,
        })
    }
}

/// The value of `Authorization` for a token.
pub(super) fn bearer(token: &str) -> SecretString {
    format!("Bearer {token}").into()
}

/// The value of `Authorization` for a name and a password (RFC 7617, section 2).
pub(super) fn basic(user: &str, password: &str) -> SecretString {
    format!(
        "Basic {}",
        BASE64_STANDARD.encode(format!("{user}:{password}"))
    )
    .into()
}

/// A header value that is never shown.
pub(super) fn sensitive(setting: &str, value: &SecretString) -> Result<HeaderValue, ConfigError> {
    let reason = "has characters that no header may have";
    let mut value = HeaderValue::try_from(value.expose_secret())
        .map_err(|_| ConfigError::setting(setting, reason))?;
    value.set_sensitive(true);
    Ok(value)
}

fn basic_header(config: &BasicConfig) -> Result<HeaderValue, ConfigError> {
    if config.user.contains(':') || config.user.contains(char::is_control) {
        let reason = "must have no colon and no control character";
        return Err(ConfigError::setting("basic.user", reason));
    }
    let password = config.password.as_ref();
    let password = password
        .map(|password| password.reveal("basic.password"))
        .transpose()?
        .unwrap_or_default();
    sensitive(
        "basic.password",
        &basic(&config.user, password.expose_secret()),
    )
}
