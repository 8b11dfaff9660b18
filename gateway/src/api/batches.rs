//! `POST /v1/query-batches`: one question about up to 1,000 subjects, one answer a line (NDJSON).
//!
//! Each line is what `POST /v1/queries` would have said, with `index` (the subject's place in the
//! request) in front; each subject is decided, answered and logged by itself. Lines come in the
//! order of the subjects.

use super::{body, caller, circumstances::Circumstances, problem::ProblemResponse, queries};
use crate::{app::App, pipeline::Outcome};
use axum::{
    body::Body,
    extract::{Extension, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures::{StreamExt, stream};
use motlan_policies::decide::{Caller, Policies};
use motlan_schemas::query::{Batch, Query};
use std::{convert::Infallible, sync::Arc, time::Instant};

/// Answers the question of the body for each of its subjects.
pub async fn query_batches_ask(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    ask(app, on, &headers, body)
        .await
        .unwrap_or_else(|refusal| refusal)
}

async fn ask(
    app: Arc<App>,
    on: Circumstances,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Response> {
    let (caller, policies) = caller::agency(&app, headers, &on).await?;
    let bytes = body::read_json(headers, body, &on).await?;
    let batch = Batch::parse(&bytes, &app.pipeline.catalogue)
        .map_err(|error| ProblemResponse::from_query_error(&error, &on).into_response())?;
    queries::known_purpose(&policies, &batch.question, app.clock.now(), &on)?;
    caller::within_quota(&app, &caller, batch.subjects.len(), &on)?;
    let on = Circumstances { batch: true, ..on };
    let shared = Arc::new((app, policies, caller, on, batch.question));
    let lines = stream::iter(batch.subjects.into_iter().enumerate())
        .map(move |(index, subject)| {
            let shared = Arc::clone(&shared);
            async move {
                let (app, policies, caller, on, question) = shared.as_ref();
                let query = Query {
                    subject,
                    question: question.clone(),
                };
                Ok::<_, Infallible>(
                    line(app, Arc::clone(policies), caller.clone(), on, index, query).await,
                )
            }
        })
        .buffered(AT_ONCE_MAX);
    let ndjson = (
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/x-ndjson"),
    );
    let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(([ndjson, no_store], Body::from_stream(lines)).into_response())
}

/// Subjects that are worked on at the same time, so that a batch does not starve single questions.
const AT_ONCE_MAX: usize = 16;

async fn line(
    app: &Arc<App>,
    policies: Arc<Policies>,
    caller: Caller,
    on: &Circumstances,
    index: usize,
    query: Query,
) -> Vec<u8> {
    // Each subject has the whole deadline: a batch is worked off a few at a time.
    let object = match caller::within_budget(app, &caller, &query.subject, &query.question, on)
        .await
    {
        Err(problem) => problem.to_json(),
        Ok(()) => match queries::answer(app, policies, caller, query, on, Instant::now()).await {
            Ok(Outcome::Answered(body)) => body,
            other => queries::problem(other, on).to_json(),
        },
    };
    let mut line = format!("{{\"index\":{index},").into_bytes();
    line.extend_from_slice(object.strip_prefix(b"{").unwrap_or(&object));
    line.push(b'\n');
    line
}
