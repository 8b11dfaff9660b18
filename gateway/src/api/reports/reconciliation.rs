//! `POST /v1/reports/reconciliation`: a registry's own count of requests beside the log's.

use super::{Form, in_background, look, person::json, reader, sent};
use crate::{
    api::{
        body, caller,
        circumstances::Circumstances,
        members::{Members, label, number, refused, time},
    },
    app::App,
    auth::Scope,
    i18n::texts,
    reports::reconciliation::{Counted, Question, Reconciliation, compare, count, hour_of},
};
use axum::{
    body::Body,
    extract::{Extension, State},
    http::HeaderMap,
    response::Response,
};
use jiff::Timestamp;
use motlan_schemas::{
    clock::wire_time,
    language::Language,
    query::{Mistake, QueryError},
};
use serde::Deserialize;
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc};
use utoipa::ToSchema;

/// What a registry counted, and when.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ReconciliationRequest)]
#[expect(dead_code, reason = "describes the body, which is read by hand")]
pub(in crate::api) struct ReconciliationBody {
    /// The registry.
    registry: String,
    /// The first moment (RFC 3339) or day.
    from: String,
    /// The first moment (RFC 3339) or day that does not count any more.
    to: String,
    /// How many requests the registry counted in all; this or `by_hour` is needed.
    #[schema(nullable = false)]
    requests: Option<u64>,
    /// How many by hour, each by its first moment: `{"2026-11-21T08:00:00Z": 12}`.
    #[schema(nullable = false)]
    by_hour: Option<BTreeMap<String, u64>>,
}

/// As many hours as a quarter has.
const HOURS_MAX: usize = 2_232;

/// Compares the counts.
pub async fn reports_reconciliation(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    report(&app, &on, &headers, body)
        .await
        .unwrap_or_else(|refusal| refusal)
}

async fn report(
    app: &App,
    on: &Circumstances,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Response> {
    let token = caller::with_scope(app, headers, Scope::Audit, on).await?;
    let bytes = body::read_json(headers, body, on).await?;
    let question = read(&bytes, app).map_err(|error| refused(&error, on))?;
    let (reader, entries, asked) = (reader(app, on).await?, app.entries(), question.clone());
    let (ours, truncated) = in_background(on, move || count(&reader, &entries, &asked)).await?;
    let mut compared = compare(&question, &ours);
    compared.truncated = truncated;
    compared.sentence = sentence(&compared, on.language);
    let filters = vec![
        "report=reconciliation".to_owned(),
        format!("registry={}", question.registry),
        format!("from={}", wire_time(question.from)),
        format!("to={}", wire_time(question.until)),
    ];
    let shown = usize::try_from(compared.ours.served).unwrap_or(usize::MAX);
    look(app, on, token.client.to_string(), filters, (shown, None)).await?;
    Ok(sent(Form::Json, Body::from(json(&compared))))
}

fn read(bytes: &[u8], app: &App) -> Result<Question, QueryError> {
    let known = ["by_hour", "from", "registry", "requests", "to"];
    let mut members = Members::parse(bytes, 3, &known)?;
    let registry = members.required("registry", |value| {
        let registry = label(value)?;
        let mut asked = app.pipeline.registries.all().iter();
        let mut datasets = app.pipeline.catalogue.datasets().iter();
        // A registry that is asked no longer may still be in the log.
        let is_known = asked.any(|asked| asked.name.as_ref() == registry)
            || datasets.any(|dataset| dataset.registry.as_str() == registry);
        is_known.then_some(registry).ok_or(Mistake::NotOneOf {
            accepted: "the registries that /readyz lists",
        })
    });
    let from = members.required("from", time);
    let until = members.required("to", time);
    if from.zip(until).is_some_and(|(from, until)| until <= from) {
        members.wrong("to", Mistake::Period);
    }
    let requests = members.optional("requests", number).map(Counted::Total);
    let by_hour = members.optional("by_hour", hours).map(Counted::ByHour);
    match (members.has("requests"), members.has("by_hour")) {
        (false, false) => members.wrong("requests", Mistake::Missing),
        (true, true) => members.wrong("by_hour", Mistake::Repeated),
        _ => {}
    }
    let all = registry.zip(from.zip(until)).zip(requests.or(by_hour));
    members.finish(all.map(|((registry, (from, until)), counted)| Question {
        registry,
        from,
        until,
        counted,
    }))
}

fn hours(value: &Value) -> Result<BTreeMap<Timestamp, u64>, Mistake> {
    let expected = "an object of hours and numbers";
    let members = value.as_object().ok_or(Mistake::WrongType { expected })?;
    if members.len() > HOURS_MAX {
        let max = HOURS_MAX as u64;
        return Err(Mistake::TooMany { max });
    }
    let mut hours = BTreeMap::new();
    for (hour, requests) in members {
        let hour: Option<Timestamp> = hour.parse().ok();
        let hour = hour.filter(|hour| hour_of(*hour) == Some(*hour));
        hours.insert(hour.ok_or(Mistake::TimeForm)?, number(requests)?);
    }
    Ok(hours)
}

fn sentence(compared: &Reconciliation, language: Language) -> String {
    let arguments = [
        ("registry", compared.registry.clone()),
        ("theirs", compared.theirs.to_string()),
        ("ours", compared.ours.requests.to_string()),
        ("failures", compared.ours.failures.to_string()),
        ("difference", compared.difference.unsigned_abs().to_string()),
    ];
    let arguments: Vec<_> = arguments.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let key = format!("reconciliation-{}", compared.verdict);
    texts().get(language, &key, &arguments)
}
