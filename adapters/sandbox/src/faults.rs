//! How a registry misbehaves on demand, and what it was asked.
//!
//! `POST /_sandbox/faults` with `{"mode": "slow", "delay_ms": 500}` sets the behaviour; `GET` gives
//! `{"mode", "requests", "last_request": {"method", "path", "headers", "body"}}`. Neither counts as
//! a request of the registry. A single request is misbehaved at, whatever the mode, where it names a
//! mode itself in the header `X-Sandbox-Fault`.

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, StatusCode};
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::{sync::Arc, time::Duration};

/// A behaviour. Handlers find it among the extensions of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// As the protocol says.
    #[default]
    Ok,
    /// A proper answer, late.
    Slow,
    /// The connection is closed without an answer.
    Down,
    /// 200, and bytes that are not the protocol.
    Garbage,
    /// A well-formed answer about somebody else. Made by the protocol's handler.
    WrongSubject,
    /// Every field whatever was asked, and unknown ones. Made by the protocol's handler.
    OverDelivery,
    /// A body cut short of its announced length; or, where the protocol's handler marks its answer
    /// with [`CutByProtocol`], a list with fewer entries than it announces and no further page.
    Truncated,
    /// A well-formed beginning, and then bytes without end (64 MiB).
    Endless,
    /// 429 with `Retry-After`, as a proxy in front of the registry sends it.
    RateLimited,
    /// The protocol's own error inside a success. Made by the handlers of protocols that know such a
    /// thing (tax, health); elsewhere as the protocol says.
    ErrorInside,
}

/// Put among the extensions of a response by a handler that has cut the answer in its protocol's
/// own way, so that the body must stay whole.
#[derive(Debug, Clone, Copy)]
pub struct CutByProtocol;

/// The behaviour of one registry, and its record of requests. Shared by all its connections.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Behaviour>>);

#[derive(Debug)]
struct Behaviour {
    fault: Fault,
    delay: Duration,
    requests: u64,
    last_request: Option<Value>,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            fault: Fault::Ok,
            delay: DELAY_DEFAULT,
            requests: 0,
            last_request: None,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    mode: Fault,
    delay_ms: Option<u64>,
}

impl Fault {
    /// Every mode, as `mode` writes it.
    pub const MODES: [(&'static str, Self); 10] = [
        ("ok", Self::Ok),
        ("slow", Self::Slow),
        ("down", Self::Down),
        ("garbage", Self::Garbage),
        ("wrong_subject", Self::WrongSubject),
        ("over_delivery", Self::OverDelivery),
        ("truncated", Self::Truncated),
        ("endless", Self::Endless),
        ("rate_limited", Self::RateLimited),
        ("error_inside", Self::ErrorInside),
    ];

    /// The mode that a request asks for itself.
    fn named(header: &http::HeaderValue) -> Option<Self> {
        let mut modes = Self::MODES.into_iter();
        modes
            .find(|(name, _)| header == name)
            .map(|(_, fault)| fault)
    }

    fn name(self) -> &'static str {
        Self::MODES
            .into_iter()
            .find(|(_, fault)| *fault == self)
            .map_or("ok", |(name, _)| name)
    }
}

impl Faults {
    /// Sets the behaviour from the next request on.
    pub fn set(&self, fault: Fault) {
        self.0.lock().fault = fault;
    }

    /// How late [`Fault::Slow`] answers.
    pub fn set_delay(&self, delay: Duration) {
        self.0.lock().delay = delay;
    }

    /// How many requests the registry got since it started.
    pub fn requests(&self) -> u64 {
        self.0.lock().requests
    }

    /// The last request: method, path with query, headers and body.
    pub fn last_request(&self) -> Option<Value> {
        self.0.lock().last_request.clone()
    }

    fn to_json(&self) -> Value {
        let Behaviour {
            fault,
            requests,
            last_request,
            ..
        } = &*self.0.lock();
        json!({ "mode": fault.name(), "requests": requests, "last_request": last_request })
    }

    /// Records a request and tells how to treat it.
    pub(crate) fn meet(&self, head: &http::request::Parts, body: &[u8]) -> (Fault, Duration) {
        let target = head
            .uri
            .path_and_query()
            .map_or("/", http::uri::PathAndQuery::as_str);
        let request = json!({
            "method": head.method.as_str(),
            "path": target,
            "headers": headers_json(&head.headers),
            "body": String::from_utf8_lossy(body),
        });
        let of_its_own = head.headers.get(FAULT_HEADER).and_then(Fault::named);
        let mut behaviour = self.0.lock();
        behaviour.requests += 1;
        behaviour.last_request = Some(request);
        (of_its_own.unwrap_or(behaviour.fault), behaviour.delay)
    }

    /// The control route.
    pub(crate) fn router(&self) -> Router {
        Router::new()
            .route(FAULTS_PATH, get(show).post(order))
            .with_state(self.clone())
    }
}

async fn show(State(faults): State<Faults>) -> Json<Value> {
    Json(faults.to_json())
}

async fn order(State(faults): State<Faults>, body: Bytes) -> Response {
    let Ok(order) = serde_json::from_slice::<Order>(&body) else {
        let modes = Fault::MODES.map(|(name, _)| name);
        let help = json!({ "error": "expected {\"mode\": …, \"delay_ms\": …}", "modes": modes });
        return (StatusCode::BAD_REQUEST, Json(help)).into_response();
    };
    faults.set_delay(order.delay_ms.map_or(DELAY_DEFAULT, Duration::from_millis));
    faults.set(order.mode);
    Json(faults.to_json()).into_response()
}

fn headers_json(headers: &HeaderMap) -> Map<String, Value> {
    let text = |value: &http::HeaderValue| {
        Value::from(String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), text(value)))
        .collect()
}

pub(crate) const FAULTS_PATH: &str = "/_sandbox/faults";

/// The mode of a single request.
const FAULT_HEADER: &str = "x-sandbox-fault";

/// Longer than any caller waits, so that a slow registry is a time-out unless told otherwise.
const DELAY_DEFAULT: Duration = Duration::from_secs(10);
