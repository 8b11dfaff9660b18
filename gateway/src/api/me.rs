//! `GET /v1/me/accesses`: who looked at my data, when, for what, and by which law or consent.
//!
//! The list comes from the access log through its index, so that it is complete: questions that
//! were answered or refused, answers about others that named the citizen, checks, the citizen's own
//! consents, and looks by data protection officers. It never names another person, nor the officer:
//! the agency answers for its officers, and its data protection officer finds the officer by
//! `leaf_index`. Seals are not shown, since somebody may look over the citizen's shoulder, nor that a
//! registry changed a record: nobody looked at it, and it may have been marked for an investigation.
//!
//! The look is itself an entry of the log, written before the list leaves.

pub(super) mod sentence;
pub(super) mod view;

use super::{
    caller,
    circumstances::Circumstances,
    parameters::{Parameters, cursor},
    problem::ProblemResponse,
};
use crate::{
    app::App,
    auth::Scope,
    index::{CITIZEN, Entries, EntryUnreadable, Kind, Reader},
};
use axum::{
    Json,
    extract::{Extension, RawQuery, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use jiff::{SignedDuration, Timestamp};
use motlan_access_log::{
    entry::{Entry, Record, record::Look},
    pseudonym::Pseudonym,
};
use motlan_schemas::problem::ProblemCode;
use std::{ops::ControlFlow, sync::Arc};
use view::{Accesses, View};

/// The parameters of the call.
const PARAMETERS: [&str; 4] = ["cursor", "from", "limit", "to"];
const LIMIT_USUAL: usize = 50;
const LIMIT_MAX: usize = 100;
/// Entries that one call looks through to fill its page, each in a file of its own at worst; a rare
/// period can take several calls.
const LOOKED_THROUGH_MAX: usize = 500;
/// Entries stand in the log in the order of their answers, and their times are those of the
/// questions: an older time may stand this much later.
const DISORDER_MAX: SignedDuration = SignedDuration::from_mins(5);

/// Which entries are wanted.
#[derive(Debug)]
struct Wanted {
    pseudonyms: Vec<Pseudonym>,
    limit: usize,
    before: u64,
    from: Option<Timestamp>,
    after: Option<Timestamp>,
    now: Timestamp,
}

/// What was found: entries newest first, and where the next page begins.
#[derive(Debug, Default)]
struct Page {
    entries: Vec<(u64, Entry)>,
    next: Option<u64>,
    hidden_in_log: u64,
}

/// Lists who looked at the citizen's data.
pub async fn me_accesses_list(
    State(app): State<Arc<App>>,
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
    let (token, person) = caller::citizen(app, headers, Scope::Me, on).await?;
    let mut parameters = Parameters::parse(query, &PARAMETERS);
    let (from, after) = parameters.period();
    let wanted = Wanted {
        pseudonyms: app.pipeline.entries.pseudonyms(&person),
        limit: parameters.limit(LIMIT_USUAL, LIMIT_MAX),
        before: parameters.cursor().unwrap_or(u64::MAX),
        from,
        after,
        now: app.clock.now(),
    };
    parameters.check(on)?;

    let subject = wanted.pseudonyms.last().copied();
    let page = find(app, on, wanted).await?;
    let look = Look {
        client: token.client.to_string(),
        filters: parameters.filters(&["from", "to"]),
        reader: CITIZEN.into(),
        shown: page.entries.len() as u64,
        subject,
    };
    app.record(Record::Look(look)).await.map_err(|error| {
        tracing::error!(%error, request.id = %on.request_id, "no entry, so no list");
        ProblemResponse::new(ProblemCode::AccessLogUnavailable, on).into_response()
    })?;

    let policies = app.pipeline.policies.load_full();
    let view = View {
        catalogue: &app.pipeline.catalogue,
        policies: &policies,
        language: on.language,
    };
    let accesses = page.entries.iter();
    let accesses = accesses.filter_map(|(leaf_index, entry)| view.access(*leaf_index, entry));
    let body = Accesses {
        accesses: accesses.collect(),
        next: page.next.map(cursor),
        hidden_in_log: page.hidden_in_log,
    };
    let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let language = HeaderValue::from_static(on.language.tag());
    let language = (header::CONTENT_LANGUAGE, language);
    Ok(([no_store, language], Json(body)).into_response())
}

async fn find(app: &App, on: &Circumstances, wanted: Wanted) -> Result<Page, Response> {
    let size = app.pipeline.log.tree_size();
    let reader = app.index.reader(size).await.map_err(|error| {
        tracing::warn!(%error, request.id = %on.request_id, "the list of accesses cannot be made");
        ProblemResponse::new(ProblemCode::IndexBehind, on).into_response()
    })?;
    let entries = app.entries();
    let finding = tokio::task::spawn_blocking(move || page(&reader, &entries, &wanted)).await;
    match finding {
        Ok(Ok(page)) => Ok(page),
        failed => {
            let error = failed.map(|found| found.map(|_| ()));
            tracing::error!(?error, request.id = %on.request_id, "the access log cannot be read");
            Err(ProblemResponse::new(ProblemCode::IndexBehind, on).into_response())
        }
    }
}

fn page(
    reader: &Reader,
    entries: &Entries,
    wanted: &Wanted,
) -> Result<Page, Box<dyn std::error::Error + Send + Sync>> {
    let mut page = Page {
        hidden_in_log: reader.hidden(wanted.now)?.len() as u64,
        ..Page::default()
    };
    let places = reader.of_subject(&wanted.pseudonyms, wanted.before, LOOKED_THROUGH_MAX)?;
    let all_seen = places.len() < LOOKED_THROUGH_MAX;
    for (leaf_index, kind) in places {
        if page.entries.len() == wanted.limit {
            return Ok(page);
        }
        page.next = Some(leaf_index);
        if !is_shown(kind) {
            continue;
        }
        let entry = match entries.entry(leaf_index) {
            Ok(entry) => entry,
            // Erased, or of a kind that a later version wrote.
            Err(EntryUnreadable::Details(_)) => continue,
            Err(error) => return Err(error.into()),
        };
        if is_hidden(&entry, wanted.now) {
            continue;
        }
        match wanted.period(&entry.time) {
            ControlFlow::Continue(true) => page.entries.push((leaf_index, entry)),
            ControlFlow::Continue(false) => {}
            ControlFlow::Break(()) => {
                page.next = None;
                return Ok(page);
            }
        }
    }
    if all_seen {
        page.next = None;
    }
    Ok(page)
}

/// What a citizen is shown of their entries: no seals, and not their own looks, of which this call
/// makes one.
const fn is_shown(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Disclosure
            | Kind::Refusal
            | Kind::Mention
            | Kind::Check
            | Kind::DryRun
            | Kind::ConsentChange
            | Kind::Look
    )
}

/// Whether an order keeps the entry from the person it is about.
fn is_hidden(entry: &Entry, now: Timestamp) -> bool {
    let hidden = entry.record.hidden();
    // An end that cannot be read hides nothing for ever.
    hidden.is_some_and(|hidden| hidden.until.parse::<Timestamp>().is_ok_and(|end| now < end))
}

impl Wanted {
    /// Whether a time is within the period; breaks where nothing older can be.
    fn period(&self, time: &str) -> ControlFlow<(), bool> {
        let Ok(time) = time.parse::<Timestamp>() else {
            return ControlFlow::Continue(true);
        };
        match self.from {
            Some(from) if time + DISORDER_MAX < from => ControlFlow::Break(()),
            Some(from) if time < from => ControlFlow::Continue(false),
            _ => ControlFlow::Continue(self.after.is_none_or(|after| time < after)),
        }
    }
}

#[cfg(test)]
mod tests;
