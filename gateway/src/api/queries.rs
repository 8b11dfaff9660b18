//! `POST /v1/queries`, the one question. Also HTTP QUERY with the same body.

use super::{body, caller, circumstances::Circumstances, problem::ProblemResponse};
use crate::{
    app::App,
    pipeline::{Outcome, Withheld},
};
use axum::{
    body::Body,
    extract::{Extension, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use motlan_access_log::log::{AppendError, Failure};
use motlan_policies::{
    decide::{Caller, Policies},
    purpose::Purpose,
};
use motlan_schemas::{
    problem::ProblemCode,
    query::{FieldError, Hidden, Mistake, Query, QueryError, Question},
};
use std::{sync::Arc, time::Instant};
use tracing::Instrument;

/// Answers the question in the body.
pub async fn queries_ask(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    ask(&app, &on, &headers, body)
        .await
        .unwrap_or_else(|refusal| refusal)
}

async fn ask(
    app: &Arc<App>,
    on: &Circumstances,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Response> {
    let (caller, policies) = caller::agency(app, headers, on).await?;
    caller::within_quota(app, &caller, 1, on)?;
    let query = read(app, &policies, on, headers, body).await?;
    caller::within_budget(app, &caller, &query.subject, &query.question, on)
        .await
        .map_err(IntoResponse::into_response)?;
    let outcome = answer(app, policies, caller, query, on, on.received).await;
    Ok(respond(outcome, on))
}

/// Answers on a task of its own, shared with batches: a question that was begun is decided, read
/// and logged to its end, also when its caller hangs up. Otherwise a registry could have been asked
/// without an entry that says so.
pub(super) async fn answer(
    app: &Arc<App>,
    policies: Arc<Policies>,
    caller: Caller,
    query: Query,
    on: &Circumstances,
    started: Instant,
) -> Result<Outcome, AppendError> {
    let (app, on) = (Arc::clone(app), on.clone());
    let answering = async move {
        let pipeline = &app.pipeline;
        pipeline
            .answer(&policies, &caller, &query, &on, started)
            .await
    };
    to_its_end(answering).await
}

/// Runs what was begun to its end, whether or not its caller waits for it.
pub(super) async fn to_its_end<T: Send + 'static>(
    answering: impl Future<Output = Result<T, AppendError>> + Send + 'static,
) -> Result<T, AppendError> {
    match tokio::spawn(answering.in_current_span()).await {
        Ok(outcome) => outcome,
        Err(ended) => match ended.try_into_panic() {
            // The layer around every call tells it.
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(AppendError::Unavailable(Failure::ShutDown)),
        },
    }
}

/// Reads a question and checks that its purpose exists; shared with `explain`.
pub(super) async fn read(
    app: &App,
    policies: &Policies,
    on: &Circumstances,
    headers: &HeaderMap,
    body: Body,
) -> Result<Query, Response> {
    let bytes = body::read_json(headers, body, on).await?;
    let query = Query::parse(&bytes, &app.pipeline.catalogue)
        .map_err(|error| ProblemResponse::from_query_error(&error, on).into_response())?;
    known_purpose(policies, &query.question, app.clock.now(), on)?;
    Ok(query)
}

/// Refuses a purpose that the catalogue of purposes does not have, and circumstances that the
/// purpose does not know.
pub(super) fn known_purpose(
    policies: &Policies,
    question: &Question,
    now: Timestamp,
    on: &Circumstances,
) -> Result<(), Response> {
    let mistakes: Vec<_> = match policies.purposes().get(&question.purpose) {
        Some(purpose) => {
            let emergency = question.emergency.is_some() && purpose.review_hours.is_none();
            let emergency = emergency.then_some(("/emergency", Mistake::NotForPurpose));
            let hidden = question.hidden.as_ref();
            let hidden = hidden.and_then(|hidden| hiding_mistake(hidden, purpose, now));
            emergency.into_iter().chain(hidden).collect()
        }
        None => {
            let nearest = policies.purposes().nearest(question.purpose.as_str());
            vec![("/purpose", Mistake::UnknownPurpose { nearest })]
        }
    };
    if mistakes.is_empty() {
        return Ok(());
    }
    let errors = mistakes.into_iter().map(|(pointer, mistake)| FieldError {
        pointer: pointer.to_owned(),
        mistake,
    });
    let error = QueryError::Invalid(errors.collect());
    Err(ProblemResponse::from_query_error(&error, on).into_response())
}

/// What is wrong with an order to keep a question from the person it is about.
fn hiding_mistake(
    hidden: &Hidden,
    purpose: &Purpose,
    now: Timestamp,
) -> Option<(&'static str, Mistake)> {
    let Some(hiding) = &purpose.hiding else {
        return Some(("/hidden", Mistake::NotForPurpose));
    };
    let months = hiding.months_max;
    let last = now
        .to_zoned(TimeZone::UTC)
        .checked_add(i64::from(months).months());
    let in_time = hidden.until > now && last.is_ok_and(|last| hidden.until <= last.timestamp());
    (!in_time).then_some(("/hidden/until", Mistake::HiddenPeriod { months }))
}

fn respond(outcome: Result<Outcome, AppendError>, on: &Circumstances) -> Response {
    match outcome {
        Ok(Outcome::Answered(body)) => {
            let json = (
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            );
            let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            ([json, no_store], body).into_response()
        }
        other => problem(other, on).into_response(),
    }
}

/// The problem document of an outcome without data; shared with batches.
pub(super) fn problem(
    outcome: Result<Outcome, AppendError>,
    on: &Circumstances,
) -> ProblemResponse {
    match outcome {
        Ok(Outcome::Answered(_)) => ProblemResponse::new(ProblemCode::Internal, on),
        Ok(Outcome::NothingPermitted(withheld)) => {
            let problem = ProblemResponse::new(ProblemCode::NothingPermitted, on);
            problem
                .member("query_id", &withheld.query_id)
                .member("denied", &withheld.denied)
                .member("receipt", &withheld.receipt)
        }
        Ok(Outcome::NothingObtained(withheld)) if withheld.timed_out => with_datasets(
            ProblemResponse::new(ProblemCode::RegistriesTimeout, on),
            &withheld,
        ),
        Ok(Outcome::NothingObtained(withheld)) => with_datasets(
            ProblemResponse::new(ProblemCode::RegistriesUnavailable, on),
            &withheld,
        ),
        Ok(Outcome::Incomplete(withheld)) => with_datasets(
            ProblemResponse::incomplete_answer(withheld.timed_out, on),
            &withheld,
        ),
        Err(error) => {
            tracing::error!(%error, request.id = %on.request_id, "no entry, so no answer");
            ProblemResponse::new(ProblemCode::AccessLogUnavailable, on)
        }
    }
}

fn with_datasets(problem: ProblemResponse, withheld: &Withheld) -> ProblemResponse {
    problem
        .member("query_id", &withheld.query_id)
        .member("datasets", &withheld.datasets)
        .member("denied", &withheld.denied)
        .member("receipt", &withheld.receipt)
}
