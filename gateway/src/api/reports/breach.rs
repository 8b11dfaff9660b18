//! `POST /v1/reports/breach`: whose data went where in which time.

use super::{Form, in_background, look, person::json, reader, sent};
use crate::{
    api::{
        body, caller,
        circumstances::Circumstances,
        members::{Members, label, refused, text, time},
    },
    app::App,
    auth::Scope,
    index::Entries,
    reports::{
        breach::{BreachedDisclosure, NotificationClock, Question},
        csv,
    },
};
use axum::{
    body::Body,
    extract::{Extension, State},
    http::HeaderMap,
    response::Response,
};
use futures::stream;
use jiff::Timestamp;
use motlan_schemas::{
    catalogue::Catalogue,
    query::{Mistake, QueryError},
};
use serde::{Deserialize, Serialize};
use std::{convert::Infallible, sync::Arc};
use utoipa::ToSchema;

/// What leaked, through whom, and when.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = BreachRequest)]
#[expect(dead_code, reason = "describes the body, which is read by hand")]
pub(in crate::api) struct BreachBody {
    /// The full dotted name of the attribute; this or `dataset` may be given.
    #[schema(nullable = false)]
    attribute: Option<String>,
    /// A dataset, for all its attributes.
    #[schema(nullable = false)]
    dataset: Option<String>,
    /// The client that data went to; one of `client`, `agency`, `officer` is needed.
    #[schema(nullable = false)]
    client: Option<String>,
    /// The agency.
    #[schema(nullable = false)]
    agency: Option<String>,
    /// The officer.
    #[schema(nullable = false)]
    officer: Option<String>,
    /// The first moment (RFC 3339) or day.
    from: String,
    /// The first moment (RFC 3339) or day that does not count any more.
    to: String,
    /// When the breach was discovered; then the 72 hours are counted.
    #[schema(nullable = false)]
    discovered_at: Option<String>,
}

/// Read and sent at once.
const CHUNK: usize = 256;

const MEMBERS: [&str; 8] = [
    "agency",
    "attribute",
    "client",
    "dataset",
    "discovered_at",
    "from",
    "officer",
    "to",
];

const COLUMNS: [&str; 10] = [
    "pseudonym",
    "time",
    "kind",
    "leaf_index",
    "query_id",
    "case",
    "agency",
    "client",
    "officer",
    "attributes",
];

/// Finds the scope.
pub async fn reports_breach(
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
    let catalogue = &app.pipeline.catalogue;
    let (question, discovered_at) = read(&bytes, catalogue).map_err(|error| refused(&error, on))?;
    let (reader, entries) = (reader(app, on).await?, app.entries());

    let form = Form::wanted(headers, &[Form::Csv, Form::Lines]);
    let (asked, log) = (question.clone(), entries.clone());
    let (places, truncated) = in_background(on, move || asked.candidates(&reader, &log)).await?;
    let client = token.client.to_string();
    look(app, on, client, question.filters(), (places.len(), None)).await?;
    if form != Form::Json {
        return Ok(sent(
            form,
            Body::from_stream(lines(question, entries, places, form)),
        ));
    }
    let mut breach =
        in_background(on, move || question.scope(&entries, &places, truncated)).await?;
    let now = app.clock.now();
    breach.clock = discovered_at.map(|at| NotificationClock::of(at, now));
    Ok(sent(Form::Json, Body::from(json(&breach))))
}

fn read(bytes: &[u8], catalogue: &Catalogue) -> Result<(Question, Option<Timestamp>), QueryError> {
    let mut members = Members::parse(bytes, 2, &MEMBERS)?;
    let unknown = || Mistake::UnknownAttribute { nearest: None };
    let attribute = members.optional("attribute", |value| {
        let name = text(value)?;
        let known = name.rsplit_once('.').and_then(|(dataset, attribute)| {
            catalogue.dataset_named(dataset)?.attribute(attribute)
        });
        known.map(|_| name).ok_or_else(unknown)
    });
    let dataset = members.optional("dataset", |value| {
        let name = text(value)?;
        let known = catalogue.dataset_named(&name).is_some();
        known.then_some(name).ok_or_else(unknown)
    });
    let client = members.optional("client", label);
    let agency = members.optional("agency", label);
    let officer = members.optional("officer", label);
    if !["client", "agency", "officer"]
        .iter()
        .any(|name| members.has(name))
    {
        members.wrong("client", Mistake::Missing);
    }
    let from = members.required("from", time);
    let until = members.required("to", time);
    if from.zip(until).is_some_and(|(from, until)| until <= from) {
        members.wrong("to", Mistake::Period);
    }
    let discovered_at = members.optional("discovered_at", time);
    let question = Question {
        attribute,
        dataset,
        client,
        agency,
        officer,
        from,
        until,
    };
    members.finish(Some((question, discovered_at)))
}

/// One disclosure, with whose it was.
#[derive(Serialize)]
struct BreachLine<'a> {
    pseudonym: &'a str,
    #[serde(flatten)]
    disclosure: &'a BreachedDisclosure,
}

/// The disclosures as lines, a chunk at a time, as fast as the caller takes them.
fn lines(
    question: Question,
    entries: Entries,
    places: Vec<u64>,
    form: Form,
) -> impl futures::Stream<Item = Result<String, Infallible>> + Send {
    let header = match form {
        Form::Csv => csv::line(&COLUMNS),
        _ => String::new(),
    };
    let state = (Arc::new((question, entries)), places, 0_usize, header);
    stream::unfold(state, move |(what, places, done, header)| async move {
        if done > 0 && done >= places.len() {
            return None;
        }
        let next = done.saturating_add(CHUNK).max(1);
        let chunk: Vec<u64> = places.iter().skip(done).take(CHUNK).copied().collect();
        let reading = Arc::clone(&what);
        let read = tokio::task::spawn_blocking(move || {
            let (question, entries) = &*reading;
            let written =
                chunk
                    .into_iter()
                    .map(|place| match question.disclosure(entries, place) {
                        Ok(Some((pseudonym, disclosure))) => line(&pseudonym, &disclosure, form),
                        Ok(None) => String::new(),
                        // The status is sent already: a line that is none shows that something is missing.
                        Err(error) => {
                            tracing::error!(%error, "a report on a breach lacks an entry");
                            format!("entry {place} cannot be read\r\n")
                        }
                    });
            written.collect::<String>()
        });
        let read = read.await.unwrap_or_default();
        Some((Ok(header + &read), (what, places, next, String::new())))
    })
}

fn line(pseudonym: &str, disclosure: &BreachedDisclosure, form: Form) -> String {
    if form == Form::Lines {
        let line = BreachLine {
            pseudonym,
            disclosure,
        };
        return serde_json::to_string(&line).unwrap_or_default() + "\n";
    }
    csv::line(&[
        pseudonym,
        &disclosure.time,
        disclosure.kind,
        &disclosure.leaf_index.to_string(),
        &disclosure.query_id,
        disclosure.case.as_deref().unwrap_or_default(),
        &disclosure.agency,
        &disclosure.client,
        disclosure.officer.as_deref().unwrap_or_default(),
        &disclosure.attributes.join(" "),
    ])
}
