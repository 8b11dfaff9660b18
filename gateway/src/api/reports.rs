//! `/v1/reports/…`: the questions that a data protection officer must be able to answer. Each answer
//! is a look into the log, which is recorded before anything leaves.

mod breach;
mod page;
mod person;
mod reconciliation;

pub use breach::reports_breach;
pub use person::reports_person;
pub use reconciliation::reports_reconciliation;

pub(super) use breach::BreachBody;
pub(crate) use page::register_html as register_document;
pub(super) use page::register_page;
pub(super) use person::{PersonBody, PersonReport, RecipientLine, ReportEntry};
pub(super) use reconciliation::ReconciliationBody;

use super::{circumstances::Circumstances, problem::ProblemResponse};
use crate::{
    app::App,
    index::{DATA_PROTECTION_OFFICER, IndexError, Reader},
    reports::ReportError,
};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use motlan_access_log::{
    entry::{Record, record::Look},
    log::AppendError,
    pseudonym::Pseudonym,
};
use motlan_schemas::problem::ProblemCode;

/// In which form an answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Html,
    Csv,
    Lines,
}

impl Form {
    /// The first form of the `Accept` header that is one of these; JSON otherwise.
    pub(super) fn wanted(headers: &HeaderMap, offered: &[Self]) -> Self {
        let accepted = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok());
        let ranges = accepted.unwrap_or_default().split(',');
        let forms = ranges.filter_map(|range| match range.split(';').next()?.trim() {
            "application/json" => Some(Self::Json),
            "text/html" => Some(Self::Html),
            "text/csv" => Some(Self::Csv),
            "application/x-ndjson" => Some(Self::Lines),
            _ => None,
        });
        forms
            .into_iter()
            .find(|form| *form == Self::Json || offered.contains(form))
            .unwrap_or(Self::Json)
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Html => "text/html; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Lines => "application/x-ndjson",
        }
    }
}

/// A body in a form, which nobody keeps.
pub(super) fn sent(form: Form, body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, form.media_type()),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "Accept, Accept-Language"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
    (headers, body).into_response()
}

/// A reader that knows everything that happened before the call.
pub(super) async fn reader(app: &App, on: &Circumstances) -> Result<Reader, Response> {
    let reader = app.index.reader(app.pipeline.log.tree_size()).await;
    reader.map_err(|error: IndexError| failed(&error.into(), on))
}

/// Records a look, before what was seen leaves.
pub(super) async fn look(
    app: &App,
    on: &Circumstances,
    client: String,
    filters: Vec<String>,
    (shown, subject): (usize, Option<Pseudonym>),
) -> Result<(), Response> {
    let look = Look {
        client,
        filters,
        reader: DATA_PROTECTION_OFFICER.into(),
        shown: shown as u64,
        subject,
    };
    let looked = app.record(Record::Look(look)).await;
    looked.map(drop).map_err(|error: AppendError| {
        tracing::error!(%error, request.id = %on.request_id, "no entry, so no answer");
        ProblemResponse::new(ProblemCode::AccessLogUnavailable, on).into_response()
    })
}

/// Works on a thread that may wait for the disk.
pub(super) async fn in_background<T: Send + 'static>(
    on: &Circumstances,
    work: impl FnOnce() -> Result<T, ReportError> + Send + 'static,
) -> Result<T, Response> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or(Err(ReportError::CutShort))
        .map_err(|error| failed(&error, on))
}

fn failed(error: &ReportError, on: &Circumstances) -> Response {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    tracing::warn!(%error, cause, request.id = %on.request_id, "a report cannot be made");
    let code = match error {
        ReportError::Index(_) => ProblemCode::IndexBehind,
        ReportError::Log(_) => ProblemCode::AccessLogUnavailable,
        ReportError::CutShort => ProblemCode::Internal,
    };
    ProblemResponse::new(code, on).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_form_that_is_offered_is_sent_and_else_json() {
        let wanted = |accept: &'static str, offered: &[Form]| {
            let accept = HeaderValue::from_static(accept);
            Form::wanted(&HeaderMap::from_iter([(header::ACCEPT, accept)]), offered)
        };
        let both = [Form::Csv, Form::Html];
        assert_eq!(wanted("text/csv", &both), Form::Csv);
        assert_eq!(wanted("text/html, text/csv;q=0.5", &both), Form::Html);
        assert_eq!(wanted("application/x-ndjson, text/csv", &both), Form::Csv);
        assert_eq!(wanted("*/*", &both), Form::Json);
        assert_eq!(wanted("text/csv", &[Form::Html]), Form::Json);
        assert_eq!(Form::wanted(&HeaderMap::new(), &both), Form::Json);
    }
}
