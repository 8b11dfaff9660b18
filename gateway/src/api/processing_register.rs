//! `GET /v1/processing-register`: who processes which data of whom, for what, on which ground.

use super::{
    caller,
    circumstances::Circumstances,
    reports::{Form, look, register_page, sent},
};
use crate::{app::App, auth::Scope, reports::register::Register};
use axum::{
    Json,
    body::Body,
    extract::{Extension, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use futures::stream;
use std::{convert::Infallible, sync::Arc};

/// Shows the register.
pub async fn processing_register_show(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    headers: HeaderMap,
) -> Response {
    show(&app, &on, &headers)
        .await
        .unwrap_or_else(|refusal| refusal)
}

async fn show(app: &App, on: &Circumstances, headers: &HeaderMap) -> Result<Response, Response> {
    let token = caller::with_scope(app, headers, Scope::Audit, on).await?;
    let policies = app.pipeline.policies.load_full();
    let register = Register::of(&policies, app.retention, on.language);
    let filters = vec!["report=register".to_owned()];
    look(app, on, token.client.to_string(), filters, (0, None)).await?;
    Ok(match Form::wanted(headers, &[Form::Csv, Form::Html]) {
        Form::Html => register_page(on.language, &register),
        Form::Csv => {
            let lines: Vec<_> = register.csv_lines().map(Ok::<_, Infallible>).collect();
            sent(Form::Csv, Body::from_stream(stream::iter(lines)))
        }
        _ => sent(Form::Json, Json(register).into_response().into_body()),
    })
}
