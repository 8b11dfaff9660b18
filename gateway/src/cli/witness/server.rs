//! What a witness says over HTTP: `POST /add-checkpoint` for logs, `GET /` for whoever wants to
//! know what it watches. Status codes are those of
//! [tlog-witness](https://c2sp.org/tlog-witness#add-checkpoint).

use axum::{
    Json, Router,
    body::{Body, to_bytes},
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use motlan_access_log::witness::{LogStatus, Refusal, Witness, request::BODY_BYTES_MAX};
use motlan_schemas::clock::Clock;
use serde::Serialize;
use std::{sync::Arc, time::Duration};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

/// Longest time that a body may take to arrive.
const BODY_TIME_MAX: Duration = Duration::from_secs(10);
/// Requests that are looked at at once; further ones wait. Each holds a thread while it syncs.
const AT_ONCE_MAX: usize = 16;

struct Server {
    witness: Arc<Witness>,
    clock: Arc<dyn Clock>,
    turns: Semaphore,
}

/// What `GET /` tells.
#[derive(Serialize)]
struct Overview {
    /// The key that verifies the cosignatures.
    witness: String,
    logs: Vec<LogStatus>,
}

pub(super) fn router(witness: Arc<Witness>, clock: Arc<dyn Clock>) -> Router {
    let turns = Semaphore::new(AT_ONCE_MAX);
    let server = Server {
        witness,
        clock,
        turns,
    };
    Router::new()
        .route("/", get(overview_show))
        .route("/add-checkpoint", post(checkpoint_add))
        .with_state(Arc::new(server))
}

async fn overview_show(State(server): State<Arc<Server>>) -> Response {
    let witness = Arc::clone(&server.witness);
    // A log's state is locked while it is being written to disk.
    match spawn_blocking(move || witness.status()).await {
        Ok(logs) => Json(Overview {
            witness: server.witness.verifier().to_string(),
            logs,
        })
        .into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn checkpoint_add(State(server): State<Arc<Server>>, body: Body) -> Response {
    let Ok(_turn) = server.turns.acquire().await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let Ok(Ok(body)) = timeout(BODY_TIME_MAX, to_bytes(body, BODY_BYTES_MAX)).await else {
        return refused(Refusal::Malformed);
    };
    let witness = Arc::clone(&server.witness);
    let now = u64::try_from(server.clock.now().as_second()).unwrap_or(0);
    match spawn_blocking(move || witness.add_checkpoint(&body, now)).await {
        Ok(Ok(cosignature)) => {
            let text = HeaderValue::from_static("text/plain; charset=utf-8");
            ([(header::CONTENT_TYPE, text)], cosignature).into_response()
        }
        Ok(Err(refusal)) => {
            report(refusal);
            refused(refusal)
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn refused(refusal: Refusal) -> Response {
    let status = match refusal {
        Refusal::Malformed | Refusal::OldSizeTooLarge => StatusCode::BAD_REQUEST,
        Refusal::NotSigned => StatusCode::FORBIDDEN,
        Refusal::UnknownLog => StatusCode::NOT_FOUND,
        Refusal::OtherSize { size } | Refusal::OtherRoot { size } => {
            let text = HeaderValue::from_static("text/x.tlog.size");
            let body = format!("{size}\n");
            return (StatusCode::CONFLICT, [(header::CONTENT_TYPE, text)], body).into_response();
        }
        Refusal::WrongProof => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::Storage => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (status, format!("{refusal}\n")).into_response()
}

/// What the operator of a witness must hear of.
fn report(refusal: Refusal) {
    match refusal {
        Refusal::OtherRoot { size } => tracing::error!(
            size,
            "a log has signed two trees of the same size; both checkpoints are kept, see GET /"
        ),
        Refusal::WrongProof => {
            tracing::warn!("a signed checkpoint came without a proof that holds")
        }
        Refusal::Storage => {
            tracing::error!(
                "the state cannot be written; start the witness again after a look at the disk"
            );
        }
        Refusal::Malformed
        | Refusal::OldSizeTooLarge
        | Refusal::UnknownLog
        | Refusal::NotSigned
        | Refusal::OtherSize { .. } => {}
    }
}

#[cfg(test)]
mod tests;
