//! Tokens by OAuth 2.0 client credentials (RFC 6749, section 4.4).
//!
//! - The token endpoint is the configured address and nothing else: no redirect, no discovery.
//! - A token is kept until shortly before it expires. Callers who need one at the same time wait for
//!   one fetch, each within its own deadline.
//! - Where the endpoint has just failed it is not asked again at once.
//! - Secrets and tokens are in no error and no `Debug` output.

use super::{
    answer::HttpAnswer,
    config::HttpConfig,
    credentials, endpoint,
    exchange::{self, Limits},
};
use crate::{adapter::AdapterError, config::ConfigError, http::public_code, secret::Secret};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fmt,
    path::PathBuf,
    time::{Duration, Instant},
};
use tokio::sync::Mutex;
use url::{Url, form_urlencoded};

/// Where tokens come from, and who asks for them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OAuthConfig {
    /// The token endpoint.
    pub token_url: Url,
    /// Motlan's name there.
    pub client_id: String,
    /// Motlan's password there.
    pub client_secret: Secret,
    /// How name and password are sent.
    #[serde(default)]
    pub client_authentication: ClientAuthentication,
    /// What is asked for (`scope`); absent, what the endpoint gives unasked.
    #[serde(default)]
    pub scope: Option<String>,
    /// Further fields of the form that this endpoint wants, such as `audience` or `resource`.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// PEM file with the certificate authorities to trust for the endpoint; absent, those that are
    /// trusted for the registry.
    #[serde(default)]
    pub roots_pem_file: Option<PathBuf>,
    /// Allows `http://` to an endpoint that is not this machine.
    #[serde(default)]
    pub allow_plain_http: bool,
}

/// How a client authenticates to the token endpoint (RFC 6749, section 2.3.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// HTTP Basic, which every endpoint must know.
    #[default]
    Basic,
    /// `client_id` and `client_secret` in the form.
    Body,
}

/// A token endpoint and the token of the moment.
pub(super) struct TokenSource {
    client: reqwest::Client,
    url: Url,
    authorization: Option<HeaderValue>,
    form: SecretString,
    limits: Limits,
    /// Held while a token is fetched, so that there is one fetch at a time.
    state: Mutex<State>,
}

#[derive(Default)]
enum State {
    #[default]
    Empty,
    Token {
        authorization: HeaderValue,
        until: Instant,
    },
    Failed {
        error: AdapterError,
        until: Instant,
    },
}

impl TokenSource {
    pub(super) fn new(oauth: &OAuthConfig, config: &HttpConfig) -> Result<Self, ConfigError> {
        endpoint::check_address("oauth.token_url", &oauth.token_url, oauth.allow_plain_http)?;
        if oauth.token_url.fragment().is_some() {
            let reason = "must have no fragment";
            return Err(ConfigError::setting("oauth.token_url", reason));
        }
        let client = match &oauth.roots_pem_file {
            Some(path) => config.client_trusting("oauth.roots_pem_file", Some(path)),
            // The registry may be next door without TLS, and its tokens come from elsewhere.
            None => config.client_trusting("roots_pem_file", config.roots_pem_file.as_deref()),
        };
        let secret = oauth.client_secret.reveal("oauth.client_secret")?;
        let (authorization, form) = request(oauth, &secret)?;
        Ok(Self {
            client: client?,
            url: oauth.token_url.clone(),
            authorization,
            form,
            limits: Limits {
                first_byte: Duration::from_millis(config.first_byte_timeout_ms),
                body_bytes_max: ANSWER_BYTES_MAX,
            },
            state: Mutex::default(),
        })
    }

    /// The value of `Authorization` for the token of the moment, fetched where there is none.
    ///
    /// # Errors
    /// What went wrong at the token endpoint, named as such.
    pub(super) async fn authorization(&self) -> Result<HeaderValue, AdapterError> {
        let mut state = self.state.lock().await;
        let now = Instant::now();
        match &*state {
            State::Token {
                authorization,
                until,
            } if now < *until => {
                return Ok(authorization.clone());
            }
            State::Failed { error, until } if now < *until => return Err(error.clone()),
            _ => {}
        }
        let fetched = self.fetch().await.map_err(|error| at_the_endpoint(&error));
        match fetched {
            Ok((authorization, lifetime)) => {
                *state = State::Token {
                    authorization: authorization.clone(),
                    until: now + kept(lifetime),
                };
                Ok(authorization)
            }
            Err(error) => {
                *state = State::Failed {
                    error: error.clone(),
                    until: Instant::now() + FAILURE_PAUSE,
                };
                Err(error)
            }
        }
    }

    /// Forgets a token that the registry has refused, unless another has taken its place.
    pub(super) async fn forget(&self, refused: &HeaderValue) {
        let mut state = self.state.lock().await;
        if matches!(&*state, State::Token { authorization, .. } if authorization == refused) {
            *state = State::Empty;
        }
    }

    async fn fetch(&self) -> Result<(HeaderValue, Duration), AdapterError> {
        let mut request = self
            .client
            .post(self.url.clone())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json")
            .body(Bytes::from(self.form.expose_secret().to_owned()));
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization.clone());
        }
        let answer = exchange::exchange(request, self.limits)
            .await
            .map_err(|failed| failed.error)?;
        exchange::refuse_status(&answer)?;
        read(&answer)
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TokenSource")
            .field("url", &self.url.as_str())
            .finish_non_exhaustive()
    }
}

/// The header and the form of a token request. Name and password are form-encoded before they are
/// put into Basic, which most senders forget (RFC 6749, section 2.3.1).
fn request(
    oauth: &OAuthConfig,
    secret: &SecretString,
) -> Result<(Option<HeaderValue>, SecretString), ConfigError> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "client_credentials");
    if let Some(scope) = &oauth.scope {
        form.append_pair("scope", scope);
    }
    form.extend_pairs(&oauth.parameters);
    let authorization = match oauth.client_authentication {
        ClientAuthentication::Body => {
            form.append_pair("client_id", &oauth.client_id)
                .append_pair("client_secret", secret.expose_secret());
            None
        }
        ClientAuthentication::Basic => {
            let encoded =
                |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let value =
                credentials::basic(&encoded(&oauth.client_id), &encoded(secret.expose_secret()));
            Some(credentials::sensitive("oauth.client_secret", &value)?)
        }
    };
    Ok((authorization, form.finish().into()))
}

/// The token in an answer (RFC 6749, section 5.1), and how long it is valid.
fn read(answer: &HttpAnswer) -> Result<(HeaderValue, Duration), AdapterError> {
    if answer.status != StatusCode::OK {
        return Err(refusal(answer));
    }
    let document = answer.json()?;
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    let token = text("access_token").ok_or_else(|| AdapterError::malformed("no `access_token`"))?;
    let visible = token.bytes().all(|byte| byte.is_ascii_graphic());
    if token.is_empty() || !visible {
        return Err(AdapterError::malformed(
            "an `access_token` that no header can carry",
        ));
    }
    if !text("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")) {
        return Err(AdapterError::malformed("a `token_type` other than Bearer"));
    }
    let authorization = credentials::sensitive("access_token", &credentials::bearer(token))
        .map_err(|_| AdapterError::malformed("an `access_token` that no header can carry"))?;
    Ok((authorization, lifetime(document.get("expires_in"))))
}

/// An error answer (section 5.2) by its code.
fn refusal(answer: &HttpAnswer) -> AdapterError {
    let document = answer.json().ok();
    let code = document
        .as_ref()
        .and_then(|document| document.get("error")?.as_str())
        .map(public_code);
    match (answer.unexpected_status(), code) {
        (AdapterError::Refused { reason }, Some(code)) => AdapterError::Refused {
            reason: format!("{reason}, {code}"),
        },
        (error, _) => error,
    }
}

/// Seconds, as a number or, as some endpoints write them, as a text.
fn lifetime(expires_in: Option<&Value>) -> Duration {
    let seconds = match expires_in {
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(Value::Number(number)) => number.as_u64(),
        _ => None,
    };
    seconds.map_or(LIFETIME_UNSAID, Duration::from_secs)
}

/// How long a token is used: not to its very end, which clocks and networks see differently.
fn kept(lifetime: Duration) -> Duration {
    let lifetime = lifetime.min(LIFETIME_MAX);
    lifetime.saturating_sub(MARGIN).max(lifetime / 2)
}

/// The same error, said of the token endpoint.
fn at_the_endpoint(error: &AdapterError) -> AdapterError {
    let said = |reason: &str| format!("at the token endpoint, {reason}");
    match error {
        AdapterError::Refused { reason } => AdapterError::Refused {
            reason: said(reason),
        },
        AdapterError::Down { reason } => AdapterError::Down {
            reason: said(reason),
        },
        AdapterError::Malformed { reason } | AdapterError::Truncated { reason } => {
            AdapterError::Malformed {
                reason: said(reason),
            }
        }
        AdapterError::Timeout | AdapterError::WrongSubject => error.clone(),
    }
}

/// A token with hundreds of claims has a few KiB.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// A token is renewed so long before its end that the request it goes with arrives in time.
const MARGIN: Duration = Duration::from_secs(30);
/// An endpoint that does not say how long its token is valid is asked again soon; where it is valid
/// for less, the registry's 401 tells.
const LIFETIME_UNSAID: Duration = Duration::from_secs(300);
/// A password that was changed should be in use everywhere after a day.
const LIFETIME_MAX: Duration = Duration::from_secs(86_400);
/// Callers who waited for a fetch that failed do not each try it again.
const FAILURE_PAUSE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
