//! `POST /v1/registries/{id}/changes`: a registry tells that records of it have changed, by
//! [CloudEvents 1.0](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md), and the
//! cache forgets them before this is answered.
//!
//! Only the registry itself may: its token says for which one the client speaks. A foreign registry
//! and one that does not exist are refused alike.

mod events;

use super::{body, caller, circumstances::Circumstances, problem::ProblemResponse};
use crate::{
    app::App,
    auth::{Scope, Token},
    changes::{self, Change, ChangesError, Teller},
    i18n::texts,
    registry::Registry,
};
use axum::{
    Json,
    body::Body,
    extract::{Extension, Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use events::{EventReader, Form};
use motlan_schemas::{
    answer::Receipt,
    problem::ProblemCode,
    query::{FieldError, Mistake},
};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

pub(super) use events::{ChangeData, ChangeEvent};

/// Events that were taken.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChangesTaken)]
pub(super) struct TakenView {
    /// How many events.
    accepted: usize,
    /// The entry of each, in their order.
    receipts: Vec<Receipt>,
}

/// Takes the events of a registry.
pub async fn registry_changes_tell(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let telling = async {
        let token = caller::with_scope(&app, &headers, Scope::Changes, &on).await?;
        let registry = spoken_for(&app, &token, &id)
            .ok_or_else(|| ProblemResponse::new(ProblemCode::ForeignRegistry, &on))
            .map_err(IntoResponse::into_response)?;
        let form = Form::of(&headers).ok_or_else(|| no_events(&on).into_response())?;
        let bytes = body::read(&headers, body, form.bytes_max(), &on).await?;
        let reader = EventReader::new(registry, &app.pipeline.catalogue, app.clock.now());
        let read = reader.read(form, &headers, &bytes);
        let changes = read.map_err(|error| {
            app.metrics.registry_changed(&registry.name, "invalid", 1);
            ProblemResponse::from_query_error(&error, &on).into_response()
        })?;
        let teller = Teller {
            registry: registry.id().clone(),
            client: token.client.to_string(),
        };
        take(&app, &on, registry, teller, form, changes).await
    };
    telling.await.unwrap_or_else(|refusal: Response| refusal)
}

/// The registry of this id, if the token speaks for it and it is connected.
fn spoken_for<'a>(app: &'a App, token: &Token, id: &str) -> Option<&'a Arc<Registry>> {
    let own = token.registry.as_ref().filter(|own| own.as_str() == id)?;
    let mut all = app.pipeline.registries.all().iter();
    all.find(|registry| registry.id() == own)
}

async fn take(
    app: &Arc<App>,
    on: &Circumstances,
    registry: &Registry,
    teller: Teller,
    form: Form,
    changes: Vec<Change>,
) -> Result<Response, Response> {
    let events = changes.len();
    let taken = match events {
        0 => Ok(Vec::new()),
        _ => changes::take(app, teller, changes).await,
    };
    let count = |outcome, events| {
        app.metrics
            .registry_changed(&registry.name, outcome, events)
    };
    match taken {
        Ok(appended) => {
            count("taken", events);
            let receipts = appended.iter();
            let receipts = receipts.map(|entry| app.pipeline.entries.receipt(Some(entry)));
            let view = TakenView {
                accepted: events,
                receipts: receipts.collect(),
            };
            let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            Ok(([no_store], Json(view)).into_response())
        }
        Err(error) => {
            let (outcome, events) = match &error {
                ChangesError::Replayed(places) => ("replayed", places.len()),
                ChangesError::OverQuota { .. } => ("over_quota", events),
                _ => ("not_logged", events),
            };
            count(outcome, events);
            Err(refused(error, form, on).into_response())
        }
    }
}

fn refused(error: ChangesError, form: Form, on: &Circumstances) -> ProblemResponse {
    match error {
        ChangesError::Replayed(places) => {
            let errors: Vec<_> = places
                .into_iter()
                .map(|place| replayed(form, place))
                .collect();
            ProblemResponse::new(ProblemCode::EventReplayed, on).mistakes(&errors)
        }
        ChangesError::OverQuota { seconds } => {
            let waits = seconds.to_string();
            let detail = texts().get(
                on.language,
                "problem-rate_limited.changes",
                &[("seconds", &waits)],
            );
            let problem = ProblemResponse::new(ProblemCode::RateLimited, on);
            problem.retry_after(seconds).detail(detail)
        }
        ChangesError::Log(_) | ChangesError::Unread(_) => {
            tracing::error!(%error, request.id = %on.request_id, "changes of a registry are not taken");
            let detail = texts().get(
                on.language,
                "problem-access_log_unavailable.changes",
                &[("seconds", "1")],
            );
            ProblemResponse::new(ProblemCode::AccessLogUnavailable, on)
                .retry_after(1)
                .detail(detail)
        }
        ChangesError::CutShort => {
            tracing::error!(%error, request.id = %on.request_id, "changes of a registry are not taken");
            ProblemResponse::new(ProblemCode::Internal, on)
        }
    }
}

fn replayed(form: Form, place: usize) -> FieldError {
    FieldError {
        pointer: format!("{}/id", form.pointer(place)),
        mistake: Mistake::Replayed,
    }
}

/// A body of another media type than events have.
fn no_events(on: &Circumstances) -> ProblemResponse {
    let detail = texts().plain(on.language, "problem-unsupported_media_type.events");
    ProblemResponse::new(ProblemCode::UnsupportedMediaType, on).detail(detail)
}
