//! The access log for outsiders: checkpoint and hash tiles for everybody, entries and proofs for
//! data protection officers. Layout and media types follow C2SP tlog-tiles
//! (<https://c2sp.org/tlog-tiles>).

pub mod entries;
mod export;
mod opened;
mod wanted;

pub(super) use entries::Entries as EntriesFound;
pub(super) use opened::{EntryView, PartKeysView, ProvenEntry};

use super::{body, caller, circumstances::Circumstances, problem::ProblemResponse};
use crate::{
    app::App,
    auth::{Scope, Token},
    index::DATA_PROTECTION_OFFICER,
};
use axum::{
    Json,
    body::Body,
    extract::{Extension, Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use motlan_access_log::{
    entry::{Record, record::Look},
    log::LeafIndex,
    receipt::InclusionProof,
    store::ReadError,
    tile::{TileKind, TilePath},
    witness::cosigned::Cosigned,
};
use motlan_schemas::{
    json,
    problem::ProblemCode,
    query::{FieldError, Mistake, QueryError},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// The signed checkpoint published last.
pub async fn checkpoint_show(State(app): State<Arc<App>>) -> Response {
    note(app.pipeline.log.checkpoint().note.clone())
}

/// The checkpoint that a quorum of witnesses cosigned last.
pub async fn cosigned_checkpoint_show(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
) -> Response {
    match cosigned(&app) {
        Some(cosigned) => note(cosigned.signed.note.clone()),
        None => ProblemResponse::new(ProblemCode::NotFound, &on).into_response(),
    }
}

fn cosigned(app: &App) -> Option<Arc<Cosigned>> {
    app.witnesses.as_ref()?.cosigned()
}

fn note(note: String) -> Response {
    let text = (
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    let fresh = (header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    ([text, fresh], note).into_response()
}

/// A hash tile, or with the scope `audit` a bundle of entries.
pub async fn tile_show(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Response {
    let not_found = || ProblemResponse::new(ProblemCode::NotFound, &on).into_response();
    let Ok(path) = format!("tile/{path}").parse::<TilePath>() else {
        return not_found();
    };
    let auditor = match path.kind {
        TileKind::Hashes(_) => None,
        TileKind::Entries => match caller::with_scope(&app, &headers, Scope::Audit, &on).await {
            Ok(token) => Some(token),
            Err(refusal) => return refusal,
        },
    };
    let tiles = app.pipeline.log.tiles();
    match tokio::task::spawn_blocking(move || tiles.read(path)).await {
        Ok(Ok(bytes)) => {
            let caching = match &auditor {
                None => "public, max-age=31536000, immutable",
                Some(token) => match bundle_looked_at(&app, token, path, &on).await {
                    Ok(()) => "no-store",
                    Err(refusal) => return refusal,
                },
            };
            let media_type = HeaderValue::from_static("application/octet-stream");
            let media_type = (header::CONTENT_TYPE, media_type);
            let caching = (header::CACHE_CONTROL, HeaderValue::from_static(caching));
            ([media_type, caching], bytes).into_response()
        }
        Ok(Err(ReadError::Missing { .. } | ReadError::OutsideTree { .. })) => not_found(),
        Ok(Err(ReadError::Pruned { .. })) => {
            ProblemResponse::new(ProblemCode::EntryPruned, &on).into_response()
        }
        failed => log_unreadable(&on, &format!("{failed:?}")),
    }
}

/// Writes down that somebody read a bundle: what it holds of people is sealed, and still tells who
/// was asked about when, by pseudonym. A proof is only hashes, and no look.
async fn bundle_looked_at(
    app: &App,
    token: &Token,
    path: TilePath,
    on: &Circumstances,
) -> Result<(), Response> {
    let look = Look {
        client: token.client.to_string(),
        filters: vec![format!("bundle={}", path.index)],
        reader: DATA_PROTECTION_OFFICER.into(),
        shown: path.width.into(),
        subject: None,
    };
    let recorded = app.record(Record::Look(look)).await;
    recorded.map(drop).map_err(|error| {
        tracing::error!(%error, request.id = %on.request_id, "no entry, so no bundle");
        ProblemResponse::new(ProblemCode::AccessLogUnavailable, on).into_response()
    })
}

/// What is to be proven.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, untagged)]
pub(super) enum ProofRequest {
    /// That an entry is under a checkpoint.
    Inclusion {
        /// The entry's place in the log, from 0.
        leaf_index: u64,
        /// Under the checkpoint that a quorum of witnesses cosigned last, instead of the one
        /// published last.
        #[serde(default)]
        cosigned: bool,
    },
    /// That the tree of `new_size` extends the one of `old_size`.
    Consistency {
        /// The number of entries of the older tree.
        old_size: u64,
        /// The number of entries of the newer tree.
        new_size: u64,
    },
}

/// A proof by RFC 6962 hashes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Proof {
    /// That an entry is under the checkpoint.
    Inclusion {
        /// The entry's place in the log, from 0.
        leaf_index: u64,
        /// The hashes from the leaf to the root, base64.
        hashes: Vec<String>,
        /// The signed checkpoint under which the entry stands.
        checkpoint: String,
        /// The same as a C2SP tlog-proof, for offline verifiers.
        tlog_proof: String,
    },
    /// That the newer tree extends the older one.
    Consistency {
        /// The number of entries of the older tree.
        old_size: u64,
        /// The number of entries of the newer tree.
        new_size: u64,
        /// The hashes of the proof, base64.
        hashes: Vec<String>,
    },
}

/// Makes an inclusion or consistency proof.
pub async fn proofs_make(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if let Err(refusal) = caller::with_scope(&app, &headers, Scope::Audit, &on).await {
        return refusal;
    }
    let bytes = match body::read_json(&headers, body, &on).await {
        Ok(bytes) => bytes,
        Err(refusal) => return refusal,
    };
    let request = match read_proof_request(&bytes) {
        Ok(request) => request,
        Err(error) => return ProblemResponse::from_query_error(&error, &on).into_response(),
    };
    let log = Arc::clone(&app.pipeline.log);
    let by_witnesses = cosigned(&app);
    let making = tokio::task::spawn_blocking(move || match request {
        ProofRequest::Inclusion {
            leaf_index,
            cosigned,
        } => {
            let index = LeafIndex(leaf_index);
            let proof = match (cosigned, by_witnesses) {
                (false, _) => InclusionProof::build(log.as_ref(), index)?,
                (true, Some(by)) => InclusionProof::under(&by.signed, &log.tiles(), index)?,
                (true, None) => return Err(ReadError::OutsideTree { tree_size: 0 }),
            };
            Ok(Proof::Inclusion {
                leaf_index,
                hashes: encoded(&proof.hashes),
                tlog_proof: proof.to_string(),
                checkpoint: proof.checkpoint,
            })
        }
        ProofRequest::Consistency { old_size, new_size } => {
            let hashes = log.tiles().consistency_proof(old_size, new_size)?;
            Ok(Proof::Consistency {
                old_size,
                new_size,
                hashes: encoded(&hashes),
            })
        }
    });
    match making.await {
        Ok(Ok(proof)) => Json(proof).into_response(),
        Ok(Err(ReadError::OutsideTree { .. })) => {
            ProblemResponse::new(ProblemCode::NotFound, &on).into_response()
        }
        failed => log_unreadable(&on, &format!("{failed:?}")),
    }
}

fn read_proof_request(bytes: &[u8]) -> Result<ProofRequest, QueryError> {
    let value = json::parse(bytes, 2)?;
    serde_json::from_value(value).map_err(|_| {
        let mistake = Mistake::WrongType {
            expected: "a request for a proof",
        };
        QueryError::Invalid(vec![FieldError {
            pointer: String::new(),
            mistake,
        }])
    })
}

fn encoded(hashes: &[[u8; 32]]) -> Vec<String> {
    hashes.iter().map(|hash| STANDARD.encode(hash)).collect()
}

fn log_unreadable(on: &Circumstances, error: &str) -> Response {
    tracing::error!(error, request.id = %on.request_id, "the access log cannot be read");
    ProblemResponse::new(ProblemCode::AccessLogUnavailable, on).into_response()
}
