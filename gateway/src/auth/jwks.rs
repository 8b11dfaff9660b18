//! The issuer's keys, fetched when needed and kept: from the one configured address, never from
//! one that a token names.
//!
//! | when | what happens |
//! |---|---|
//! | first token | the keys are fetched, everybody waits for the one fetch |
//! | keys older than 4/5 of their age | fetched again in the background |
//! | keys older than their age (10 min) | fetched again first, so that a withdrawn key ends here |
//! | a token names an unknown key | fetched again, at most once per cooldown (30 s) |
//! | the issuer does not answer | the last keys count for an hour, and every 2 s it is asked again, without anybody waiting; then nobody is let in |

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use http::{StatusCode, header::ACCEPT};
use jiff::Timestamp;
use parking_lot::Mutex;
use tokio::sync::OwnedMutexGuard;

use super::config::{AuthConfig, AuthConfigError, JwksUrl};
use super::keys::{KeySet, KeySetError};
use super::signature::{Algorithm, VerifyingKey};
use super::{AuthError, invalid};

/// A key set is a few kilobytes from a server nearby; callers wait for it.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// 32 RSA keys of 8192 bits with their certificates' thumbprints stay below this.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// After a fetch that failed: short, so that the gateway heals soon; not zero, so that a flood of
/// requests is not passed on to an issuer in trouble.
const RETRY_SECONDS: u64 = 2;

/// A client for the issuer: no redirects, no proxy, 5 s for everything.
///
/// # Errors
/// [`AuthConfigError::HttpClient`] when the TLS roots of this machine cannot be read.
pub fn http_client() -> Result<reqwest::Client, AuthConfigError> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(FETCH_TIMEOUT)
        .timeout(FETCH_TIMEOUT)
        .build()
        .map_err(AuthConfigError::HttpClient)
}

/// The issuer's keys as this gateway knows them.
#[derive(Clone)]
pub(super) struct Jwks(Arc<Shared>);

/// A fetched key set.
pub(super) struct InForce {
    keys: KeySet,
    /// Grows when the keys change, not when the same keys are fetched again.
    pub(super) generation: u64,
    fetched_at: Timestamp,
}

struct Shared {
    url: JwksUrl,
    http: reqwest::Client,
    algorithms: Vec<Algorithm>,
    cooldown_seconds: u64,
    age_seconds_max: u64,
    outage_seconds_max: u64,
    /// Written only while `flight` is held.
    current: ArcSwapOption<InForce>,
    /// Written only while `flight` is held.
    last_attempt: Mutex<Option<Attempt>>,
    /// How many fetches have ended; written only while `flight` is held.
    fetches: AtomicU64,
    /// Held by the one task that fetches.
    flight: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Clone, Copy)]
struct Attempt {
    at: Timestamp,
    succeeded: bool,
}

#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("the issuer did not answer")]
    Transport(#[from] reqwest::Error),
    #[error("the issuer answered with status {0}")]
    Status(StatusCode),
    #[error("the answer came from another address")]
    Moved,
    #[error("the key set has more than {BODY_BYTES_MAX} bytes")]
    TooLarge,
    #[error(transparent)]
    KeySet(#[from] KeySetError),
}

impl Jwks {
    pub(super) fn new(config: &AuthConfig, http: reqwest::Client) -> Self {
        Self(Arc::new(Shared {
            url: config.jwks_url.clone(),
            http,
            algorithms: config.algorithms.clone(),
            cooldown_seconds: config.unknown_key_cooldown_seconds.into(),
            age_seconds_max: config.keys_age_seconds_max.into(),
            outage_seconds_max: config.keys_outage_seconds_max.into(),
            current: ArcSwapOption::empty(),
            last_attempt: Mutex::new(None),
            fetches: AtomicU64::new(0),
            flight: Arc::default(),
        }))
    }

    /// The key of this id and the generation it belongs to.
    pub(super) async fn key(
        &self,
        kid: &str,
        now: Timestamp,
    ) -> Result<(Arc<VerifyingKey>, u64), AuthError> {
        let current = self.in_force(now).await?;
        if let Some(key) = current.keys.get(kid) {
            return Ok((key, current.generation));
        }
        self.refresh(now).await;
        let current = self.in_force(now).await?;
        match current.keys.get(kid) {
            Some(key) => Ok((key, current.generation)),
            // Whether the key is new cannot be known before the issuer answers again.
            None if self.0.is_failing() => Err(AuthError::IssuerUnavailable),
            None => Err(invalid("the issuer has no such key")),
        }
    }

    /// The keys, if they may be used without waiting for the issuer.
    pub(super) fn at_hand(&self, now: Timestamp) -> Option<Arc<InForce>> {
        let shared = &self.0;
        let current = shared.current.load_full()?;
        let age = seconds_between(current.fetched_at, now);
        if age <= shared.age_seconds_max / 5 * 4 {
            return Some(current);
        }
        let usable = age <= shared.age_seconds_max
            || (age <= shared.outage_seconds_max && shared.is_failing());
        if !usable {
            return None;
        }
        if shared.is_due(now)
            && let Ok(flight) = Arc::clone(&shared.flight).try_lock_owned()
        {
            tokio::spawn(Arc::clone(shared).fetch(flight, now));
        }
        Some(current)
    }

    /// The keys, after asking the issuer if they are missing or too old.
    async fn in_force(&self, now: Timestamp) -> Result<Arc<InForce>, AuthError> {
        if let Some(current) = self.at_hand(now) {
            return Ok(current);
        }
        self.refresh(now).await;
        let current = self.0.current.load_full();
        current
            .filter(|known| seconds_between(known.fetched_at, now) <= self.0.outage_seconds_max)
            .ok_or(AuthError::IssuerUnavailable)
    }

    /// Asks the issuer, unless it is too soon or somebody else has just asked.
    async fn refresh(&self, now: Timestamp) {
        let seen = self.0.fetches.load(Ordering::Acquire);
        let flight = Arc::clone(&self.0.flight).lock_owned().await;
        if self.0.fetches.load(Ordering::Acquire) != seen || !self.0.is_due(now) {
            return;
        }
        // A task of its own: a caller who hangs up must not end the fetch that others wait for.
        let fetch = tokio::spawn(Arc::clone(&self.0).fetch(flight, now));
        if fetch.await.is_err() {
            tracing::error!("the task that fetches the issuer's keys ended early");
        }
    }
}

impl Shared {
    /// Fetches the keys and puts them in force; `flight` is let go at the end.
    async fn fetch(self: Arc<Self>, flight: OwnedMutexGuard<()>, now: Timestamp) {
        let fetched = self.ask().await;
        *self.last_attempt.lock() = Some(Attempt {
            at: now,
            succeeded: fetched.is_ok(),
        });
        match fetched {
            Ok(keys) => self.put_in_force(keys, now),
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                jwks.url = ?self.url,
                "could not fetch the issuer's keys"
            ),
        }
        self.fetches.fetch_add(1, Ordering::Release);
        drop(flight);
    }

    fn put_in_force(&self, keys: KeySet, now: Timestamp) {
        let generation = match self.current.load_full() {
            Some(before) if before.keys == keys => before.generation,
            before => {
                tracing::info!(keys.count = keys.len(), "the issuer's keys have changed");
                before.map_or(0, |before| before.generation + 1)
            }
        };
        self.current.store(Some(Arc::new(InForce {
            keys,
            generation,
            fetched_at: now,
        })));
    }

    async fn ask(&self) -> Result<KeySet, FetchError> {
        let url = self.url.as_url();
        let mut response = self
            .http
            .get(url.clone())
            .header(ACCEPT, "application/jwk-set+json, application/json")
            .timeout(FETCH_TIMEOUT)
            .send()
            .await?;
        if response.url() != url {
            return Err(FetchError::Moved);
        }
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(response.status()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > BODY_BYTES_MAX {
                return Err(FetchError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(KeySet::parse(&body, &self.algorithms)?)
    }

    fn is_failing(&self) -> bool {
        self.last_attempt
            .lock()
            .is_some_and(|attempt| !attempt.succeeded)
    }

    /// Whether the last attempt is long enough ago for another one.
    fn is_due(&self, now: Timestamp) -> bool {
        self.last_attempt.lock().is_none_or(|attempt| {
            let wait = if attempt.succeeded {
                self.cooldown_seconds
            } else {
                RETRY_SECONDS.min(self.cooldown_seconds)
            };
            seconds_between(attempt.at, now) >= wait
        })
    }
}

/// Whole seconds between two moments, whichever is first: a clock that is set back makes keys old,
/// not young.
fn seconds_between(one: Timestamp, other: Timestamp) -> u64 {
    one.as_second().abs_diff(other.as_second())
}

impl std::fmt::Debug for Jwks {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Jwks")
            .field("url", &self.0.url)
            .finish_non_exhaustive()
    }
}
