//! `GET /v1/access-log/retention`: how long the access log is kept; `GET /v1/access-log/pruned`: the
//! mark of what is removed already, for verifiers. Both are public.

use super::{circumstances::Circumstances, problem::ProblemResponse};
use crate::{app::App, retention::RetentionPolicy};
use axum::{
    Json,
    extract::{Extension, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use motlan_access_log::{pruning, store::ReadError};
use motlan_schemas::problem::ProblemCode;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// How long the access log is kept, and what is gone already.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Retention)]
pub(super) struct RetentionView {
    /// Entries of months older than this are removed; their hashes stay.
    entries_months: u16,
    /// What entries of months older than this say about people becomes unreadable.
    details_months: u16,
    /// The first entry that is kept.
    first: u64,
}

/// Shows the retention policy to everybody.
pub async fn retention_show(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
) -> Response {
    let RetentionPolicy {
        entries_months,
        details_months,
    } = app.retention;
    match app.pipeline.log.tiles().first() {
        Ok(first) => Json(RetentionView {
            entries_months,
            details_months,
            first,
        })
        .into_response(),
        Err(error) => unreadable(&error, &on),
    }
}

/// Shows the mark of the pruning as the log's directory has it.
pub async fn pruned_show(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
) -> Response {
    match app.pipeline.log.tiles().first() {
        Ok(0) => ProblemResponse::new(ProblemCode::NotFound, &on).into_response(),
        Ok(first) => {
            let headers = [
                (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
                (header::CACHE_CONTROL, "no-cache"),
            ];
            let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
            (headers, pruning::mark_text(first)).into_response()
        }
        Err(error) => unreadable(&error, &on),
    }
}

fn unreadable(error: &ReadError, on: &Circumstances) -> Response {
    tracing::error!(%error, request.id = %on.request_id, "the access log cannot be read");
    ProblemResponse::new(ProblemCode::AccessLogUnavailable, on).into_response()
}
