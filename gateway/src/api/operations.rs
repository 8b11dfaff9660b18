//! What operators and their tools ask: alive, ready, counted, described.

use super::openapi;
use crate::{app::App, policy_store::live::LivePolicies};
use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use futures::future::join_all;
use motlan_access_log::log::Condition;
use serde::Serialize;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Mutex;
use utoipa::ToSchema;
use uuid::Uuid;

/// Whether questions can be answered.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Readiness {
    /// `ready`, or `not_ready` where no question can be answered lawfully.
    status: &'static str,
    /// `writable`, `disk_full` or `failed`; without the log there are no answers.
    access_log: &'static str,
    /// The disk of the access log.
    access_log_disk: DiskReadiness,
    /// How far the access log has been read again in the background.
    access_log_scrub: ScrubReadiness,
    /// What the witnesses of the access log say.
    witnesses: WitnessReadiness,
    /// The policies in force.
    policy: PolicyReadiness,
    /// Each registry: `reachable` or `unreachable`, which affects its own datasets only.
    #[schema(value_type = BTreeMap<String, String>)]
    registries: BTreeMap<String, &'static str>,
}

/// The room on the disk of the access log.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DiskReadiness {
    /// Bytes that are free.
    free_bytes: u64,
    /// Below this many, questions are refused.
    low_water_bytes: u64,
    /// Bytes set aside, to be given up when the disk is nearly full.
    ballast_bytes: u64,
}

/// The scrub: the whole access log is read again after the start and then once a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ScrubReadiness {
    /// Entries found whole in the pass that runs or ran last.
    checked: u64,
    /// Entries that this pass is about.
    tree_size: u64,
    /// Whole passes since the start.
    passes: u64,
}

/// What the witnesses of the access log say.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WitnessReadiness {
    /// `none` where none is asked, `waiting` before the first quorum, `cosigned` after it, and
    /// `forked` once one of them said that the log does not extend what it cosigned before. A
    /// forked log is not ready until the gateway is started again.
    status: &'static str,
    /// Entries under the checkpoint that a quorum cosigned last.
    #[schema(required)]
    cosigned_entries: Option<u64>,
}

impl WitnessReadiness {
    fn of(app: &App) -> Self {
        let Some(witnesses) = &app.witnesses else {
            return Self {
                status: "none",
                cosigned_entries: None,
            };
        };
        let cosigned = witnesses.cosigned();
        let status = match &cosigned {
            _ if witnesses.fork_alarm() => "forked",
            None => "waiting",
            Some(_) => "cosigned",
        };
        let cosigned_entries = cosigned.map(|by| by.signed.checkpoint.tree_size);
        Self {
            status,
            cosigned_entries,
        }
    }
}

/// The policies in force, and whether others were to be.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PolicyReadiness {
    /// The version that decides.
    version: String,
    /// Why the version that the policy store calls current does not decide; null where it does.
    #[schema(required)]
    refused: Option<String>,
}

/// The reachability of registries, looked at again after [`LOOK_AGAIN`] at the earliest, so that
/// public calls of `/readyz` do not become calls of registries.
#[derive(Debug, Default)]
pub struct ReadinessProbe(Mutex<Option<(Instant, BTreeMap<String, &'static str>)>>);

const LOOK_AGAIN: Duration = Duration::from_secs(2);
const LOOK_MAX: Duration = Duration::from_secs(1);

impl ReadinessProbe {
    async fn registries(&self, app: &App) -> BTreeMap<String, &'static str> {
        let mut seen = self.0.lock().await;
        if let Some((when, registries)) = seen.as_ref()
            && when.elapsed() < LOOK_AGAIN
        {
            return registries.clone();
        }
        let looks = app
            .pipeline
            .registries
            .all()
            .iter()
            .map(|registry| async move {
                let reachable = registry.is_reachable(Uuid::nil(), LOOK_MAX).await;
                (
                    registry.name.to_string(),
                    if reachable {
                        "reachable"
                    } else {
                        "unreachable"
                    },
                )
            });
        let registries: BTreeMap<_, _> = join_all(looks).await.into_iter().collect();
        *seen = Some((Instant::now(), registries.clone()));
        registries
    }
}

/// Whether the process should go on: only a failed access log says no.
pub async fn healthz(State(app): State<Arc<App>>) -> Response {
    match app.pipeline.log.health() {
        Ok(()) => Json(json!({"status": "ok"})).into_response(),
        Err(_) => failed(json!({"status": "failed", "access_log": "failed"})),
    }
}

/// Whether questions can be answered, and what each registry looks like from here.
pub async fn readyz(State(app): State<Arc<App>>) -> Response {
    let log = app.pipeline.log.health();
    let Condition { disk, scrub } = app.pipeline.log.condition();
    let witnesses = WitnessReadiness::of(&app);
    let ready = log.is_ok() && !disk.is_low && witnesses.status != "forked";
    let readiness = Readiness {
        status: if ready { "ready" } else { "not_ready" },
        access_log: match log {
            Err(_) => "failed",
            Ok(()) if disk.is_low => "disk_full",
            Ok(()) => "writable",
        },
        access_log_disk: DiskReadiness {
            free_bytes: disk.free_bytes,
            low_water_bytes: disk.low_water_bytes,
            ballast_bytes: disk.ballast_bytes,
        },
        access_log_scrub: ScrubReadiness {
            checked: scrub.checked,
            tree_size: scrub.tree_size,
            passes: scrub.passes,
        },
        witnesses,
        policy: PolicyReadiness {
            version: app.pipeline.policies.load().version().to_string(),
            refused: app.live_policies.as_ref().and_then(LivePolicies::refused),
        },
        registries: app.readiness.registries(&app).await,
    };
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(readiness)).into_response()
}

/// The metrics, as OpenMetrics text.
pub async fn metrics(State(app): State<Arc<App>>) -> Response {
    let entries = app.pipeline.log.tree_size();
    // Before the index is open, the numbers of the last time stand.
    if let Some(Ok(uses)) = app.index.now().map(|reader| reader.open_uses()) {
        let now = app.clock.now();
        let overdue = uses.iter().filter(|open| open.review_due < now);
        app.metrics.emergency_uses(uses.len(), overdue.count());
    }
    let disk = app.pipeline.log.condition().disk;
    app.metrics.access_log_disk(disk.free_bytes, disk.is_low);
    let text = app.metrics.render(app.pipeline.cache.size(), entries);
    let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    (
        [(header::CONTENT_TYPE, HeaderValue::from_static(media_type))],
        text,
    )
        .into_response()
}

/// The keys that sign this gateway's checkpoints and receipts (RFC 8037), as JWKs.
pub async fn jwks(State(app): State<Arc<App>>) -> Json<Value> {
    let log_keys = app.log_verifiers.keys().iter();
    let mut keys: Vec<Value> = log_keys.map(|key| log_key(&key.to_string())).collect();
    keys.push(receipt_key(&app));
    Json(json!({ "keys": keys }))
}

/// The OpenAPI document.
pub async fn openapi() -> Json<Value> {
    Json(openapi::document())
}

/// A verifier key is `name+hash+base64(type byte, 32 bytes of key)` (C2SP signed-note).
fn log_key(verifier_key: &str) -> Value {
    let mut parts = verifier_key.splitn(3, '+');
    let (name, id, key) = (parts.next(), parts.next(), parts.next());
    let key = key
        .and_then(|key| STANDARD.decode(key).ok())
        .unwrap_or_default();
    let x = URL_SAFE_NO_PAD.encode(key.get(1..).unwrap_or_default());
    let kid = format!("{}+{}", name.unwrap_or_default(), id.unwrap_or_default());
    json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid, "x": x })
}

/// The key that signs the receipts of consents.
fn receipt_key(app: &App) -> Value {
    let kid = format!("did:key:{0}#{0}", app.receipts.public_key());
    let x = URL_SAFE_NO_PAD.encode(app.receipts.public_key_bytes());
    json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid, "x": x })
}

fn failed(body: Value) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
}
