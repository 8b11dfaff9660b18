//! `GET /v1/emergency-uses` and `POST /v1/emergency-uses/{query_id}/review`: the queue of
//! disclosures by vital interest, which a data protection officer has to look at afterwards.
//!
//! The queue is what the access log says: a use enters it with its own entry and leaves it with the
//! entry of its review. The index only finds them.

use super::{
    body, caller,
    circumstances::Circumstances,
    me::view::{AgencyName, AttributeName, PurposeName, View},
    problem::ProblemResponse,
};
use crate::{
    app::App,
    auth::Scope,
    index::{DATA_PROTECTION_OFFICER, Entries, IndexError, OpenUse, Reader, UseState},
};
use axum::{
    Json,
    body::Body,
    extract::{Extension, Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use motlan_access_log::{
    entry::{
        Entry, Record,
        record::{self, EmergencyReview, Look},
    },
    log::AppendError,
};
use motlan_schemas::{
    answer::Receipt,
    clock::wire_time,
    ids::{LabelError, QueryId},
    json,
    problem::ProblemCode,
    query::{FieldError, Mistake, QueryError},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use utoipa::ToSchema;

/// How many uses one call shows; whoever has reviewed these is shown the next.
const SHOWN_MAX: usize = 100;
/// A review that says less says nothing.
const NOTE_CHARS_MIN: u64 = 10;
/// Room for what matters; the files are elsewhere.
const NOTE_CHARS_MAX: u64 = 500;
/// As many digits in a row could be a person's number.
const NUMBER_DIGITS: usize = 9;

/// The emergency uses that nobody has reviewed yet.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EmergencyUses {
    /// How many there are.
    open: usize,
    /// How many of them should have been reviewed before now.
    overdue: usize,
    /// The first hundred, what is due first first.
    uses: Vec<EmergencyUseView>,
}

/// A disclosure by vital interest.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EmergencyUse)]
pub(super) struct EmergencyUseView {
    /// The query that used the emergency.
    query_id: String,
    /// Where its entry stands in the access log.
    leaf_index: u64,
    /// When the data left, in UTC.
    time: String,
    /// Until when it has to be reviewed, in UTC.
    review_due: String,
    /// Whether that is past.
    overdue: bool,
    /// The agency.
    agency: AgencyName,
    /// The agency's program.
    client: String,
    /// The officer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    officer: Option<OfficerView>,
    /// The administrative procedure.
    purpose: PurposeName,
    /// The agency's case.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    case: Option<String>,
    /// The kind of emergency.
    ground: String,
    /// The officer's own statement.
    reason: String,
    /// What left.
    attributes: Vec<AttributeName>,
}

/// The officer behind a query, and who says so.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecordedOfficer)]
pub(super) struct OfficerView {
    /// The officer's id within the agency.
    id: String,
    /// `token` where the issuer vouches for the officer, `agency` where only the agency does.
    asserted_by: &'static str,
}

/// What a data protection officer says of an emergency use.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Review {
    /// Whether the emergency justified it.
    verdict: Verdict,
    /// Why, in a sentence without any person's number.
    #[schema(min_length = 10, max_length = 500)]
    note: String,
}

/// The two ways a review can end.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    /// The emergency justified it.
    Justified,
    /// It did not.
    Misuse,
}

/// A review that is recorded.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Reviewed {
    /// The query that was reviewed.
    query_id: String,
    /// What was found.
    verdict: Verdict,
    /// Where the review stands in the access log.
    receipt: Receipt,
}

/// Lists the uses that wait for their review.
pub async fn emergency_uses_list(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    headers: HeaderMap,
) -> Response {
    list(&app, &on, &headers)
        .await
        .unwrap_or_else(|refusal| refusal)
}

async fn list(app: &App, on: &Circumstances, headers: &HeaderMap) -> Result<Response, Response> {
    let token = caller::with_scope(app, headers, Scope::Audit, on).await?;
    let reader = reader(app, on).await?;
    let open = reader.open_uses().map_err(|error| behind(&error, on))?;
    let now = app.clock.now();
    let log = app.entries();
    let shown: Vec<_> = open.iter().take(SHOWN_MAX).cloned().collect();
    let reading = tokio::task::spawn_blocking(move || entries(&log, shown)).await;
    let entries = reading.map_err(|error| behind(&error, on))?;

    let policies = app.pipeline.policies.load_full();
    let view = View {
        catalogue: &app.pipeline.catalogue,
        policies: &policies,
        language: on.language,
    };
    let uses = entries.iter();
    let uses = uses.filter_map(|(open, entry)| emergency_use(&view, open, entry, now));
    let uses: Vec<_> = uses.collect();
    let look = Look {
        client: token.client.to_string(),
        filters: vec!["emergency_uses=open".to_owned()],
        reader: DATA_PROTECTION_OFFICER.into(),
        shown: uses.len() as u64,
        subject: None,
    };
    let looked = app.record(Record::Look(look)).await;
    looked.map_err(|error| no_entry(&error, on))?;
    let body = EmergencyUses {
        open: open.len(),
        overdue: open.iter().filter(|open| open.review_due < now).count(),
        uses,
    };
    Ok(no_store(Json(body)))
}

/// Records what a data protection officer says of a use.
pub async fn emergency_uses_review(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    Path(query_id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    review(&app, &on, &query_id, &headers, body)
        .await
        .unwrap_or_else(|refusal| refusal)
}

async fn review(
    app: &App,
    on: &Circumstances,
    query_id: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Response> {
    let token = caller::with_scope(app, headers, Scope::Audit, on).await?;
    let bytes = body::read_json(headers, body, on).await?;
    let review = read_review(&bytes)
        .map_err(|error| ProblemResponse::from_query_error(&error, on).into_response())?;
    let not_found = || ProblemResponse::new(ProblemCode::NotFound, on).into_response();
    let query_id: QueryId = query_id.parse().map_err(|_| not_found())?;

    // One review after the other: of two at once, the later one must see the earlier one's entry.
    let turn = app.reviews.lock().await;
    let use_state = reader(app, on).await?.emergency_use(&query_id.to_string());
    let leaf_index = match use_state.map_err(|error| behind(&error, on))? {
        None => return Err(not_found()),
        Some((_, UseState::Reviewed)) => {
            return Err(ProblemResponse::new(ProblemCode::ReviewedAlready, on).into_response());
        }
        Some((leaf_index, UseState::Open)) => leaf_index,
    };
    let log = app.entries();
    let reading = tokio::task::spawn_blocking(move || log.entry(leaf_index)).await;
    let used = reading.map_err(|error| behind(&error, on))?;
    let used = used.map_err(|error| behind(&error, on))?;
    let subject = *used.record.subject().ok_or_else(not_found)?;
    let entry = EmergencyReview {
        client: token.client.to_string(),
        note: review.note.trim().to_owned(),
        query_id: query_id.to_string(),
        subject,
        verdict: review.verdict.as_str().into(),
    };
    let recorded = app.record(Record::EmergencyReview(entry)).await;
    let appended = recorded.map_err(|error| no_entry(&error, on))?;
    drop(turn);
    Ok(no_store(Json(Reviewed {
        query_id: query_id.to_string(),
        verdict: review.verdict,
        receipt: app.pipeline.entries.receipt(Some(&appended)),
    })))
}

impl Verdict {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Justified => "justified",
            Self::Misuse => "misuse",
        }
    }
}

fn read_review(bytes: &[u8]) -> Result<Review, QueryError> {
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
    if members.is_some_and(|members| members.keys().any(|key| key != "verdict" && key != "note")) {
        wrong("", Mistake::UnknownField { nearest: None });
    }
    let text = |name| match value.get(name) {
        None => Err(Mistake::Missing),
        Some(Value::String(text)) => Ok(text.trim()),
        Some(_) => Err(Mistake::WrongType {
            expected: "a string",
        }),
    };
    let verdict = text("verdict").and_then(|verdict| match verdict {
        "justified" => Ok(Verdict::Justified),
        "misuse" => Ok(Verdict::Misuse),
        _ => Err(Mistake::NotOneOf {
            accepted: "justified, misuse",
        }),
    });
    let note = text("note").and_then(|note| statement(note).map(|()| note.to_owned()));
    let verdict = verdict.map_err(|mistake| wrong("/verdict", mistake));
    let note = note.map_err(|mistake| wrong("/note", mistake));
    match (verdict, note) {
        (Ok(verdict), Ok(note)) if errors.is_empty() => Ok(Review { verdict, note }),
        _ => Err(QueryError::Invalid(errors)),
    }
}

/// A note goes into the access log as it stands.
pub(super) fn statement(note: &str) -> Result<(), Mistake> {
    let (min, max) = (NOTE_CHARS_MIN, NOTE_CHARS_MAX);
    let digits = note.split(|c: char| !c.is_numeric());
    if !(min..=max).contains(&(note.chars().count() as u64)) {
        Err(Mistake::StatementLength { min, max })
    } else if note.chars().any(char::is_control) {
        Err(Mistake::Label(LabelError::Unprintable))
    } else if digits.map(|run| run.chars().count()).max() >= Some(NUMBER_DIGITS) {
        Err(Mistake::NamesPerson)
    } else {
        Ok(())
    }
}

async fn reader(app: &App, on: &Circumstances) -> Result<Reader, Response> {
    let reader = app.index.reader(app.pipeline.log.tree_size()).await;
    reader.map_err(|error: IndexError| behind(&error, on))
}

fn behind(error: &dyn std::error::Error, on: &Circumstances) -> Response {
    tracing::warn!(%error, request.id = %on.request_id, "the emergency uses cannot be told");
    ProblemResponse::new(ProblemCode::IndexBehind, on).into_response()
}

fn no_entry(error: &AppendError, on: &Circumstances) -> Response {
    tracing::error!(%error, request.id = %on.request_id, "no entry, so no answer");
    ProblemResponse::new(ProblemCode::AccessLogUnavailable, on).into_response()
}

fn no_store(body: impl IntoResponse) -> Response {
    let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    ([no_store], body).into_response()
}

fn entries(log: &Entries, open: Vec<OpenUse>) -> Vec<(OpenUse, Entry)> {
    let read = open
        .into_iter()
        .filter_map(|open| match log.entry(open.leaf_index) {
            Ok(entry) => Some((open, entry)),
            Err(error) => {
                let leaf_index = open.leaf_index;
                tracing::error!(%error, leaf_index, "an emergency use cannot be shown");
                None
            }
        });
    read.collect()
}

fn emergency_use(
    view: &View<'_>,
    open: &OpenUse,
    entry: &Entry,
    now: Timestamp,
) -> Option<EmergencyUseView> {
    let (Record::Disclosure(access) | Record::Check(access)) = &entry.record else {
        return None;
    };
    let emergency = access.emergency.as_ref()?;
    let officer = access.officer.as_ref().map(|officer| OfficerView {
        id: officer.id.clone(),
        asserted_by: match officer.asserted_by {
            record::AssertedBy::Agency => "agency",
            record::AssertedBy::Token => "token",
        },
    });
    Some(EmergencyUseView {
        query_id: open.query_id.clone(),
        leaf_index: open.leaf_index,
        time: entry.time.clone(),
        review_due: wire_time(open.review_due),
        overdue: open.review_due < now,
        agency: view.agency(&access.agency),
        client: access.client.clone(),
        officer,
        purpose: view.purpose(&access.purpose),
        case: access.case.clone(),
        ground: emergency.ground.to_string(),
        reason: access.emergency_reason.clone().unwrap_or_default(),
        attributes: view.attributes(&access.attributes),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(body: &str) -> Vec<(String, &'static str)> {
        match read_review(body.as_bytes()) {
            Ok(review) => vec![(review.note, review.verdict.as_str())],
            Err(QueryError::Json(_)) => vec![(String::new(), "json")],
            Err(QueryError::Invalid(errors)) => {
                let errors = errors.into_iter();
                errors.map(|e| (e.pointer, e.mistake.code())).collect()
            }
        }
    }

    #[test]
    fn a_review_says_a_verdict_and_why() {
        let good = r#"{"verdict": "misuse", "note": " no admission at that hour "}"#;
        let note = "no admission at that hour".to_owned();
        assert_eq!(codes(good), [(note, "misuse")]);
    }

    #[test]
    fn everything_wrong_with_a_review_is_told_at_once() {
        let told = |body: &str| -> Vec<_> {
            let codes = codes(body).into_iter();
            codes
                .map(|(pointer, code)| format!("{pointer}: {code}"))
                .collect()
        };
        assert_eq!(
            told("[]"),
            [": wrong_type", "/verdict: required", "/note: required"]
        );
        assert_eq!(
            told(r#"{"verdict": "fine", "note": "short", "by": 1}"#),
            [
                ": unknown_field",
                "/verdict: not_one_of",
                "/note: statement_length"
            ]
        );
        let number = r#"{"verdict": "misuse", "note": "it was about 001185012345 in truth"}"#;
        assert_eq!(told(number), ["/note: names_person"]);
        let control = r#"{"verdict": "misuse", "note": "two lines\nof a note"}"#;
        assert_eq!(told(control), ["/note: unprintable"]);
        assert_eq!(told("{"), [": json"]);
    }
}
