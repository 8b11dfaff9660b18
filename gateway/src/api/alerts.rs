//! `GET /v1/alerts` and `POST /v1/alerts/{leaf_index}/review`: what a data protection officer should
//! look at, in sentences, with the entries behind it; and how far that has come.
//!
//! The list is what the access log says: alerts of budgets and of detectors, and the steps of their
//! reviews. Each call is itself an entry, written before anything leaves.

mod sentences;

use super::{
    body, caller,
    circumstances::Circumstances,
    emergency_uses::statement,
    me::view::{AgencyName, View},
    parameters::{Parameters, cursor},
    problem::ProblemResponse,
};
use crate::{
    alerts::{Counts, Listed, State},
    app::App,
    auth::Scope,
    index::DATA_PROTECTION_OFFICER,
};
use axum::{
    Json,
    body::Body,
    extract::{Extension, Path, RawQuery, State as Shared},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use motlan_access_log::{
    entry::{
        Record,
        record::{AlertReview, Look},
    },
    log::AppendError,
};
use motlan_schemas::{
    answer::Receipt,
    json,
    problem::ProblemCode,
    query::{FieldError, Mistake, QueryError},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use utoipa::ToSchema;

const PARAMETERS: [&str; 3] = ["cursor", "limit", "state"];
const STATES: &str = "new, in_review, justified, incident";
const LIMIT_USUAL: usize = 50;
const LIMIT_MAX: usize = 100;

/// Alerts, and how many there are in all.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Alerts)]
pub(super) struct AlertsView {
    /// The newest first.
    alerts: Vec<AlertView>,
    /// How many there are in each state.
    counts: Counts,
    /// The `cursor` of the next page; null where this is the last one.
    #[schema(required)]
    next: Option<String>,
}

/// Something that a data protection officer should look at.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Alert)]
pub(super) struct AlertView {
    /// Where it stands in the access log; it is known by this number.
    leaf_index: u64,
    /// When it was raised, in UTC.
    time: String,
    /// The budget or detector that raised it.
    rule: String,
    /// How far it has come.
    state: State,
    /// The agency.
    agency: AgencyName,
    /// The agency's program.
    client: String,
    /// The officer, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    officer: Option<String>,
    /// What was counted.
    count: u64,
    /// From how many on there is an alert.
    limit: u64,
    /// What was seen, from which number on that is told, and what to look at: in the language asked
    /// for.
    sentences: Vec<String>,
    /// The entries behind it, by their places in the access log, the oldest first; of many, the
    /// last ones. Alerts of budgets name none.
    entries: Vec<u64>,
    /// The steps of its review, the first one first.
    reviews: Vec<AlertReviewView>,
}

/// A step of a review.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AlertReviewStep)]
pub(super) struct AlertReviewView {
    /// Where it stands in the access log.
    leaf_index: u64,
    /// When it was taken, in UTC.
    time: String,
    /// The state that it led to.
    state: State,
    /// What the reviewer said.
    note: String,
}

/// A step that a data protection officer takes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AlertReview)]
pub(super) struct ReviewStep {
    /// `in_review` for an alert that is new; `justified` or `incident` for one in review.
    state: State,
    /// Why, in a sentence without any person's number.
    #[schema(min_length = 10, max_length = 500)]
    note: String,
}

/// A step that is recorded.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AlertReviewed)]
pub(super) struct AlertReviewed {
    /// Where the alert stands in the access log.
    leaf_index: u64,
    /// The state that it is in now.
    state: State,
    /// Where the step stands in the access log.
    receipt: Receipt,
}

/// Lists alerts.
pub async fn alerts_list(
    Shared(app): Shared<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    list(&app, &on, query.as_deref(), &headers)
        .await
        .unwrap_or_else(|refusal| refusal)
}

async fn list(
    app: &App,
    on: &Circumstances,
    query: Option<&str>,
    headers: &HeaderMap,
) -> Result<Response, Response> {
    let token = caller::with_scope(app, headers, Scope::Audit, on).await?;
    let mut parameters = Parameters::parse(query, &PARAMETERS);
    let state = parameters.word("state", STATES);
    let state = state.and_then(|name| State::named(&name));
    let limit = parameters.limit(LIMIT_USUAL, LIMIT_MAX);
    let before = parameters.cursor().unwrap_or(u64::MAX);
    parameters.check(on)?;

    let reading = app.alerts.read(app.pipeline.log.tree_size(), |book| {
        let mut found: Vec<Listed> = book
            .newest(before, state)
            .take(limit + 1)
            .cloned()
            .collect();
        let more = found.len() > limit;
        found.truncate(limit);
        (found, more, book.counts())
    });
    let (found, more, counts) = reading.await.map_err(|error| behind(&error, on))?;

    let look = Look {
        client: token.client.to_string(),
        filters: vec![format!("alerts={}", state.map_or("all", State::as_str))],
        reader: DATA_PROTECTION_OFFICER.into(),
        shown: found.len() as u64,
        subject: None,
    };
    let looked = app.record(Record::Look(look)).await;
    looked.map_err(|error| no_entry(&error, on))?;

    let policies = app.pipeline.policies.load_full();
    let view = View {
        catalogue: &app.pipeline.catalogue,
        policies: &policies,
        language: on.language,
    };
    let next = found.last().filter(|_| more);
    let next = next.map(|listed| cursor(listed.leaf_index));
    let alerts = found.into_iter().map(|listed| show(&view, listed));
    let body = AlertsView {
        alerts: alerts.collect(),
        counts,
        next,
    };
    Ok(answer(on, body))
}

fn show(view: &View<'_>, listed: Listed) -> AlertView {
    let sentences = sentences::tell(view, &listed);
    let alert = listed.alert;
    let reviews = listed.reviews.into_iter().map(|review| AlertReviewView {
        leaf_index: review.leaf_index,
        time: review.time,
        state: review.state,
        note: review.note,
    });
    AlertView {
        leaf_index: listed.leaf_index,
        time: listed.time,
        rule: alert.rule.into_owned(),
        state: listed.state,
        agency: view.agency(&alert.agency),
        client: alert.client,
        officer: alert.officer,
        count: alert.count,
        limit: alert.limit,
        sentences,
        entries: alert.entries,
        reviews: reviews.collect(),
    }
}

/// Records a step of a review.
pub async fn alerts_review(
    Shared(app): Shared<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    Path(leaf_index): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    review(&app, &on, &leaf_index, &headers, body)
        .await
        .unwrap_or_else(|refusal| refusal)
}

async fn review(
    app: &App,
    on: &Circumstances,
    leaf_index: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Response> {
    let token = caller::with_scope(app, headers, Scope::Audit, on).await?;
    let bytes = body::read_json(headers, body, on).await?;
    let step = read_step(&bytes)
        .map_err(|error| ProblemResponse::from_query_error(&error, on).into_response())?;
    let problem = |code| ProblemResponse::new(code, on).into_response();
    let leaf_index: u64 = (leaf_index.parse()).map_err(|_| problem(ProblemCode::NotFound))?;

    // One step after the other: of two at once, the later one must see the earlier one's entry.
    let turn = app.reviews.lock().await;
    let reading = app.alerts.read(app.pipeline.log.tree_size(), |book| {
        book.at(leaf_index).map(|listed| listed.state)
    });
    let state = reading.await.map_err(|error| behind(&error, on))?;
    let state = state.ok_or_else(|| problem(ProblemCode::NotFound))?;
    if !state.leads_to(step.state) {
        return Err(problem(ProblemCode::ReviewOutOfOrder));
    }
    let entry = AlertReview {
        alert: leaf_index,
        client: token.client.to_string(),
        note: step.note,
        state: step.state.as_str().into(),
    };
    let recorded = app.record(Record::AlertReview(entry)).await;
    let appended = recorded.map_err(|error| no_entry(&error, on))?;
    drop(turn);
    let body = AlertReviewed {
        leaf_index,
        state: step.state,
        receipt: app.pipeline.entries.receipt(Some(&appended)),
    };
    Ok(answer(on, body))
}

fn read_step(bytes: &[u8]) -> Result<ReviewStep, QueryError> {
    let value = json::parse(bytes, 2)?;
    let mut errors = Vec::new();
    let mut wrong = |pointer: &str, mistake| {
        let pointer = pointer.to_owned();
        errors.push(FieldError { pointer, mistake });
    };
    let members = value.as_object();
    if members.is_none() {
        let expected = "an object";
        wrong("", Mistake::WrongType { expected });
    }
    if members.is_some_and(|members| members.keys().any(|key| key != "state" && key != "note")) {
        wrong("", Mistake::UnknownField { nearest: None });
    }
    let text = |name| match value.get(name) {
        None => Err(Mistake::Missing),
        Some(Value::String(text)) => Ok(text.trim()),
        Some(_) => Err(Mistake::WrongType {
            expected: "a string",
        }),
    };
    let accepted = "in_review, justified, incident";
    let state = text("state").and_then(|name| {
        let state = State::named(name).filter(|state| *state != State::New);
        state.ok_or(Mistake::NotOneOf { accepted })
    });
    let note = text("note").and_then(|note| statement(note).map(|()| note.to_owned()));
    let state = state.map_err(|mistake| wrong("/state", mistake));
    let note = note.map_err(|mistake| wrong("/note", mistake));
    match (state, note) {
        (Ok(state), Ok(note)) if errors.is_empty() => Ok(ReviewStep { state, note }),
        _ => Err(QueryError::Invalid(errors)),
    }
}

fn behind(error: &dyn std::error::Error, on: &Circumstances) -> Response {
    tracing::warn!(%error, request.id = %on.request_id, "the alerts cannot be told");
    ProblemResponse::new(ProblemCode::IndexBehind, on).into_response()
}

fn no_entry(error: &AppendError, on: &Circumstances) -> Response {
    tracing::error!(%error, request.id = %on.request_id, "no entry, so no answer");
    ProblemResponse::new(ProblemCode::AccessLogUnavailable, on).into_response()
}

fn answer(on: &Circumstances, body: impl Serialize) -> Response {
    let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let language = HeaderValue::from_static(on.language.tag());
    let language = (header::CONTENT_LANGUAGE, language);
    ([no_store, language], Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(body: &str) -> Vec<String> {
        match read_step(body.as_bytes()) {
            Ok(step) => vec![format!("{}: {}", step.state.as_str(), step.note)],
            Err(QueryError::Json(_)) => vec!["json".to_owned()],
            Err(QueryError::Invalid(errors)) => {
                let errors = errors.into_iter();
                let told = errors.map(|e| format!("{}: {}", e.pointer, e.mistake.code()));
                told.collect()
            }
        }
    }

    #[test]
    fn a_step_says_a_state_and_why() {
        let good = r#"{"state": "incident", "note": " no application was found "}"#;
        assert_eq!(told(good), ["incident: no application was found"]);
    }

    #[test]
    fn everything_wrong_with_a_step_is_told_at_once() {
        assert_eq!(
            told(r#"{"state": "new", "note": "short", "by": 1}"#),
            [
                ": unknown_field",
                "/state: not_one_of",
                "/note: statement_length"
            ]
        );
        assert_eq!(
            told("[]"),
            [": wrong_type", "/state: required", "/note: required"]
        );
        let number = r#"{"state": "incident", "note": "it was about 001185012345 in truth"}"#;
        assert_eq!(told(number), ["/note: names_person"]);
        assert_eq!(told("{"), ["json"]);
    }
}
