//! `POST /v1/queries/explain`: the decision about a question, without asking any registry.

use super::{caller, circumstances::Circumstances, queries};
use crate::app::App;
use axum::{
    Json,
    body::Body,
    extract::{Extension, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use std::sync::Arc;

/// Explains the decision about the question in the body.
pub async fn queries_explain(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    explain(&app, &on, &headers, body)
        .await
        .unwrap_or_else(|refusal| refusal)
}

async fn explain(
    app: &App,
    on: &Circumstances,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Response> {
    let (caller, policies) = caller::agency(app, headers, on).await?;
    caller::within_quota(app, &caller, 1, on)?;
    let query = queries::read(app, &policies, on, headers, body).await?;
    // A decision may tell that a consent exists: who explains it for many people is told no more.
    caller::within_budget(app, &caller, &query.subject, &query.question, on)
        .await
        .map_err(IntoResponse::into_response)?;
    let explanation = app.pipeline.explain(&policies, &caller, &query, on).await;
    let explanation =
        explanation.map_err(|error| queries::problem(Err(error), on).into_response())?;
    let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(([no_store], Json(explanation)).into_response())
}
