//! `/v1/seals`: a data protection officer seals a person's data on order, and lifts the seal. The
//! person is named in the body only, and never listed.

use super::{body, caller, circumstances::Circumstances, problem::ProblemResponse};
use crate::{
    app::App,
    auth::{Scope, Token},
    seals::{KeptSeal, Logging, SealError},
};
use axum::{
    Json,
    body::Body,
    extract::{Extension, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use motlan_schemas::{clock::wire_time, ids::PersonalId, problem::ProblemCode, seal::SealRequest};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// One seal, without the person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Seal)]
pub struct SealView {
    /// What is sealed: `address`, or `identity` for everything.
    level: String,
    /// The law or decision that orders it.
    ground: String,
    /// When it ends by itself.
    until: String,
}

/// The seals in force.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Seals)]
pub struct SealsView {
    /// The one that ends first in front.
    seals: Vec<SealView>,
}

/// Shows the seals in force, without whose they are.
pub async fn seals_list(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = caller::with_scope(&app, &headers, Scope::Audit, &on).await {
        return refusal;
    }
    let seals = app.pipeline.seals.list(app.clock.now());
    let seals = seals.into_iter().map(view).collect();
    personal(StatusCode::OK, SealsView { seals })
}

/// Seals a person's data, in place of an earlier seal.
pub async fn seals_set(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let setting = async {
        let (token, bytes) = officer(&app, &headers, body, &on).await?;
        let request = SealRequest::parse(&bytes, app.clock.now())
            .map_err(|error| ProblemResponse::from_query_error(&error, &on).into_response())?;
        let seal = KeptSeal {
            level: request.level.as_str().to_owned(),
            ground: request.ground.to_string(),
            until: request.until,
        };
        let logging = logging(&app, &token);
        let seals = &app.pipeline.seals;
        seals
            .set(&request.person, seal.clone(), logging)
            .await
            .map_err(|error| refused(&error, &on))?;
        Ok(personal(StatusCode::CREATED, view(seal)))
    };
    setting.await.unwrap_or_else(|refusal: Response| refusal)
}

/// Lifts the seal of a person's data.
pub async fn seals_lift(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let lifting = async {
        let (token, bytes) = officer(&app, &headers, body, &on).await?;
        let person: PersonalId = SealRequest::parse_person(&bytes)
            .map_err(|error| ProblemResponse::from_query_error(&error, &on).into_response())?;
        let seals = &app.pipeline.seals;
        seals
            .lift(&person, logging(&app, &token))
            .await
            .map_err(|error| refused(&error, &on))?;
        Ok(StatusCode::NO_CONTENT.into_response())
    };
    lifting.await.unwrap_or_else(|refusal: Response| refusal)
}

async fn officer(
    app: &App,
    headers: &HeaderMap,
    body: Body,
    on: &Circumstances,
) -> Result<(Arc<Token>, bytes::Bytes), Response> {
    let token = caller::with_scope(app, headers, Scope::Audit, on).await?;
    let bytes = body::read_json(headers, body, on).await?;
    Ok((token, bytes))
}

fn logging<'a>(app: &'a App, token: &Token) -> Logging<'a> {
    Logging {
        log: app.pipeline.log.as_ref(),
        writer: &app.pipeline.entries,
        random: app.random.as_ref(),
        client: token.client.to_string(),
        now: app.clock.now(),
    }
}

fn view(seal: KeptSeal) -> SealView {
    SealView {
        level: seal.level,
        ground: seal.ground,
        until: wire_time(seal.until),
    }
}

fn personal(status: StatusCode, body: impl Serialize) -> Response {
    let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    (status, [no_store], Json(body)).into_response()
}

fn refused(error: &SealError, on: &Circumstances) -> Response {
    let code = match error {
        SealError::None => ProblemCode::NotFound,
        SealError::Log(_) | SealError::File(_) => {
            tracing::error!(%error, request.id = %on.request_id, "a seal cannot be changed");
            ProblemCode::AccessLogUnavailable
        }
    };
    ProblemResponse::new(code, on).into_response()
}
