//! `GET /v1/access-log/entries`, `GET /v1/access-log/entries/{leaf_index}` and
//! `POST /v1/access-log/searches`: what the log says, for data protection officers.
//!
//! Every call is itself an entry, written before anything leaves. Where a table or lines are asked
//! for, all matches leave as a stream, each with its proof.

use super::{
    super::{
        body, caller, circumstances::Circumstances, parameters::cursor, problem::ProblemResponse,
    },
    export::{self, Form},
    opened::{EntryView, Opened, ProvenEntry},
    wanted::Wanted,
};
use crate::{
    app::App,
    auth::{Scope, Token},
    index::{DATA_PROTECTION_OFFICER, Found, Nearby},
};
use axum::{
    Json,
    body::Body,
    extract::{Extension, Path, RawQuery, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use motlan_access_log::{
    details::parts::{Opener, Parts},
    entry::{Record, record::Look},
    log::LeafIndex,
    pseudonym::Pseudonym,
    receipt::InclusionProof,
    store::ReadError,
};
use motlan_schemas::problem::ProblemCode;
use serde::Serialize;
use std::{fmt::Debug, sync::Arc};
use utoipa::ToSchema;

/// Entries that were found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LoggedEntries)]
pub(in crate::api) struct Entries {
    /// Newest first.
    entries: Vec<EntryView>,
    /// The `cursor` of the next page; null where this is the last one.
    #[schema(required)]
    next: Option<String>,
}

/// Searches with what the address says.
pub async fn entries_list(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let listing = async {
        let token = caller::with_scope(&app, &headers, Scope::Audit, &on).await?;
        let form = Form::wanted(&headers);
        let wanted = Wanted::from_address(query.as_deref(), form.is_export(), &on)?;
        answer(&app, &on, &token, wanted, form).await
    };
    listing.await.unwrap_or_else(|refusal: Response| refusal)
}

/// Searches with what the body says, which can name a person.
pub async fn searches_make(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let searching = async {
        let token = caller::with_scope(&app, &headers, Scope::Audit, &on).await?;
        let bytes = body::read_json(&headers, body, &on).await?;
        let form = Form::wanted(&headers);
        let wanted = Wanted::from_body(&bytes, form.is_export(), &app.pipeline.entries, &on)?;
        answer(&app, &on, &token, wanted, form).await
    };
    searching.await.unwrap_or_else(|refusal: Response| refusal)
}

/// Shows one entry, with its proof.
pub async fn entries_show(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    Path(leaf_index): Path<String>,
    headers: HeaderMap,
) -> Response {
    let showing = async {
        let token = caller::with_scope(&app, &headers, Scope::Audit, &on).await?;
        let not_found = || ProblemResponse::new(ProblemCode::NotFound, &on).into_response();
        let leaf_index: u64 = leaf_index.parse().map_err(|_| not_found())?;
        let reading = {
            let app = Arc::clone(&app);
            tokio::task::spawn_blocking(move || one(&app, leaf_index))
        };
        let (proven, subject) = match reading.await {
            Ok(Ok(found)) => found,
            Ok(Err(ReadError::OutsideTree { .. })) => return Err(not_found()),
            failed => return Err(unreadable(&on, &failed.map(|found| found.map(drop)))),
        };
        let told = vec![format!("leaf_index={leaf_index}")];
        look(&app, &on, &token, told, 1, subject).await?;
        Ok(no_store(Json(proven)))
    };
    showing.await.unwrap_or_else(|refusal: Response| refusal)
}

fn one(app: &App, leaf_index: u64) -> Result<(ProvenEntry, Option<Pseudonym>), ReadError> {
    let entries = app.entries();
    let proof = InclusionProof::build(app.pipeline.log.as_ref(), LeafIndex(leaf_index))?;
    let bytes = entries.tiles.entry(leaf_index)?;
    let parts = Opener::new(&entries.details).open(&bytes);
    let subject = parts.ok().and_then(|Parts { subject, .. }| subject);
    let opened = Opened::new(leaf_index, bytes, &entries.details);
    Ok((opened.proven(&proof), subject))
}

async fn answer(
    app: &Arc<App>,
    on: &Circumstances,
    token: &Token,
    wanted: Wanted,
    form: Form,
) -> Result<Response, Response> {
    let size = app.pipeline.log.tree_size();
    let reader = app.index.reader(size).await.map_err(|error| {
        tracing::warn!(%error, request.id = %on.request_id, "the access log cannot be searched");
        ProblemResponse::new(ProblemCode::IndexBehind, on).into_response()
    })?;
    let Wanted {
        filter,
        limit,
        before,
        mut told,
        subject,
    } = wanted;
    let entries = app.entries();
    let searching =
        tokio::task::spawn_blocking(move || reader.search(&entries, &filter, before, limit));
    let found = match searching.await {
        Ok(Ok(found)) => found,
        failed => return Err(unreadable(on, &failed.map(|found| found.map(drop)))),
    };
    told.extend(form.told());
    if form.is_export() {
        look(app, on, token, told, found.places.len() as u64, subject).await?;
        return Ok(export::response(app, found, form));
    }
    let entries = app.entries();
    let reading = tokio::task::spawn_blocking(move || page(&entries, found)).await;
    let page = match reading {
        Ok(Ok(page)) => page,
        failed => return Err(unreadable(on, &failed.map(|page| page.map(drop)))),
    };
    look(app, on, token, told, page.entries.len() as u64, subject).await?;
    Ok(no_store(Json(page)))
}

fn page(entries: &crate::index::Entries, found: Found) -> Result<Entries, ReadError> {
    let mut nearby = Nearby::new(entries.tiles.clone());
    let mut views = Vec::with_capacity(found.places.len());
    for leaf_index in found.places {
        let bytes = nearby.entry(leaf_index)?;
        views.push(Opened::new(leaf_index, bytes, &entries.details).view());
    }
    Ok(Entries {
        entries: views,
        next: found.next.map(cursor),
    })
}

/// Records that somebody looks, before they see anything.
async fn look(
    app: &App,
    on: &Circumstances,
    token: &Token,
    filters: Vec<String>,
    shown: u64,
    subject: Option<Pseudonym>,
) -> Result<(), Response> {
    let look = Look {
        client: token.client.to_string(),
        filters,
        reader: DATA_PROTECTION_OFFICER.into(),
        shown,
        subject,
    };
    let looked = app.record(Record::Look(look)).await;
    looked.map(drop).map_err(|error| {
        tracing::error!(%error, request.id = %on.request_id, "no entry, so no entries");
        ProblemResponse::new(ProblemCode::AccessLogUnavailable, on).into_response()
    })
}

fn unreadable(on: &Circumstances, error: &dyn Debug) -> Response {
    tracing::error!(?error, request.id = %on.request_id, "the access log cannot be searched");
    ProblemResponse::new(ProblemCode::IndexBehind, on).into_response()
}

fn no_store(body: impl IntoResponse) -> Response {
    let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    ([no_store], body).into_response()
}
