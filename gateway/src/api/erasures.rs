//! `POST /v1/access-log/erasures`: a data protection officer has a person or an enterprise forgotten.

use super::{
    body, caller,
    circumstances::Circumstances,
    members::{Members, refused, statement, subject},
    problem::ProblemResponse,
};
use crate::{
    app::App,
    auth::Scope,
    erasure::{self, Erased, ErasureError, Obstacle, Request},
    i18n::texts,
    index::DATA_PROTECTION_OFFICER,
};
use axum::{
    Json,
    body::Body,
    extract::{Extension, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use motlan_access_log::entry::{Record, record::Look};
use motlan_schemas::{
    answer::Receipt,
    clock::wire_time,
    language::Language,
    problem::ProblemCode,
    query::{QueryError, Subject},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Who is to be forgotten, and by which law or decision.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Erasure)]
#[expect(dead_code, reason = "describes the body, which is read by hand")]
pub(super) struct ErasureBody {
    /// `{"person": "<12 digits>"}` or `{"enterprise": "<10 digits>"}`.
    #[schema(value_type = Object)]
    subject: serde_json::Value,
    /// The law or decision that asks for it, without any person's number. It stays in the log.
    #[schema(min_length = 10, max_length = 500)]
    ground: String,
}

/// What was made unreadable, and what stays.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Erased)]
pub(super) struct ErasedView {
    /// Entries about the subject, none of whose details can be read any more.
    entries: u64,
    /// How many of them could be read before this call.
    newly_erased: u64,
    /// Months whose keys were replaced.
    months: usize,
    /// What stays of each entry: `kind`, `time`, `pseudonym`, `leaf_hash`.
    kept: [&'static str; 4],
    /// The same in sentences, in the language asked for, and why it stays.
    explanation: String,
    /// The entry that says that the subject was erased.
    receipt: Receipt,
}

/// Something that is in force or undecided and needs what the log knows.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ErasureObstacle)]
pub(super) struct ObstacleView {
    /// `consent`, `seal`, `emergency_use`, `alert` or `hidden`.
    kind: &'static str,
    /// What to do about it, in the language asked for.
    detail: String,
    /// Where it stands in the access log.
    entries: Vec<u64>,
    /// When it ends by itself, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    until: Option<String>,
}

/// Forgets a person or an enterprise.
pub async fn erasures_make(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    erase(&app, &on, &headers, body)
        .await
        .unwrap_or_else(|refusal| refusal)
}

async fn erase(
    app: &App,
    on: &Circumstances,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Response> {
    let token = caller::with_scope(app, headers, Scope::Audit, on).await?;
    let bytes = body::read_json(headers, body, on).await?;
    let (subject, ground) = read(&bytes).map_err(|error| refused(&error, on))?;
    let client = token.client.to_string();
    let request = Request {
        subject: subject.clone(),
        ground,
        client: client.clone(),
    };
    match erasure::erase(app, request).await {
        Ok(erased) => Ok(no_store(Json(view(app, &erased, on.language)))),
        Err(ErasureError::Hindered(obstacles)) => {
            look(app, on, &subject, client).await?;
            let views: Vec<_> = obstacles.iter().map(|o| obstacle(o, on.language)).collect();
            let problem = ProblemResponse::new(ProblemCode::ErasureHindered, on);
            Err(problem.member("obstacles", &views).into_response())
        }
        Err(error) => Err(failed(&error, on)),
    }
}

fn read(bytes: &[u8]) -> Result<(Subject, String), QueryError> {
    let mut members = Members::parse(bytes, 3, &["ground", "subject"])?;
    let subject = members.required("subject", subject);
    let ground = members.required("ground", statement);
    members.finish(subject.zip(ground))
}

/// What stands in the way says something of the person: the officer has looked.
async fn look(
    app: &App,
    on: &Circumstances,
    subject: &Subject,
    client: String,
) -> Result<(), Response> {
    let look = Look {
        client,
        filters: vec!["erasure=hindered".to_owned()],
        reader: DATA_PROTECTION_OFFICER.into(),
        shown: 0,
        subject: app.pipeline.entries.all_pseudonyms(subject).last().copied(),
    };
    let looked = app.record(Record::Look(look)).await;
    looked.map(drop).map_err(|error| failed(&error.into(), on))
}

fn view(app: &App, erased: &Erased, language: Language) -> ErasedView {
    ErasedView {
        entries: erased.entries,
        newly_erased: erased.newly,
        months: erased.months,
        kept: ["kind", "time", "pseudonym", "leaf_hash"],
        explanation: texts().plain(language, "erasure-explanation"),
        receipt: app.pipeline.entries.receipt(Some(&erased.appended)),
    }
}

fn obstacle(obstacle: &Obstacle, language: Language) -> ObstacleView {
    let kind = obstacle.kind.as_str();
    ObstacleView {
        kind,
        detail: texts().plain(language, &format!("erasure-obstacle-{kind}")),
        entries: obstacle.entries.clone(),
        until: obstacle.until.map(wire_time),
    }
}

fn failed(error: &ErasureError, on: &Circumstances) -> Response {
    tracing::error!(%error, request.id = %on.request_id, "nobody was erased, or not completely");
    let code = match error {
        ErasureError::Index(_) => ProblemCode::IndexBehind,
        ErasureError::Append(_) | ErasureError::Log(_) => ProblemCode::AccessLogUnavailable,
        _ => ProblemCode::Internal,
    };
    ProblemResponse::new(code, on).into_response()
}

fn no_store(body: impl IntoResponse) -> Response {
    let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    ([no_store], body).into_response()
}
