//! `POST /v1/checks`: whether statements about a person hold, without the data behind them.

use super::{body, caller, circumstances::Circumstances, problem::ProblemResponse, queries};
use crate::{app::App, pipeline::check::CheckAnswer};
use axum::{
    Json,
    body::Body,
    extract::{Extension, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use motlan_access_log::log::AppendError;
use motlan_policies::decide::{Caller, Policies};
use motlan_schemas::{check::Checks, problem::ProblemCode};
use std::sync::Arc;

/// Checks the statements in the body.
pub async fn checks_make(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    check(&app, &on, &headers, body)
        .await
        .unwrap_or_else(|refusal| refusal)
}

async fn check(
    app: &Arc<App>,
    on: &Circumstances,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Response> {
    let (caller, policies) = caller::agency(app, headers, on).await?;
    let bytes = body::read_json(headers, body, on).await?;
    let checks = Checks::parse(&bytes)
        .map_err(|error| ProblemResponse::from_query_error(&error, on).into_response())?;
    queries::known_purpose(&policies, checks.question(), app.clock.now(), on)?;
    caller::within_quota(app, &caller, checks.checks.len(), on)?;
    caller::within_budget(app, &caller, &checks.subject, checks.question(), on)
        .await
        .map_err(IntoResponse::into_response)?;
    let answer = answer(app, policies, caller, checks, on)
        .await
        .map_err(|error| {
            tracing::error!(%error, request.id = %on.request_id, "no entries, so no answer");
            ProblemResponse::new(ProblemCode::AccessLogUnavailable, on).into_response()
        })?;
    if answer.is_refused() {
        let problem = ProblemResponse::new(ProblemCode::NothingPermitted, on)
            .member("query_id", &answer.query_id)
            .member("checks", &answer.checks);
        return Ok(problem.into_response());
    }
    let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(([no_store], Json(answer)).into_response())
}

/// On a task of its own, as a question is: what was begun is logged, also when its caller hangs up.
async fn answer(
    app: &Arc<App>,
    policies: Arc<Policies>,
    caller: Caller,
    checks: Checks,
    on: &Circumstances,
) -> Result<CheckAnswer, AppendError> {
    let (app, on) = (Arc::clone(app), on.clone());
    let checking = async move {
        let pipeline = &app.pipeline;
        let check = pipeline.check(&policies, &caller, &checks, &on, on.received);
        check.await
    };
    queries::to_its_end(checking).await
}
