//! JSON over HTTP, page by page, as the manifest describes it.

use super::{Question, moment, outcome};
use crate::{
    jq::{Jq, Val},
    loaded::Said,
    manifest::{Body, Method, Paging, Request, Rule},
    mapping::run,
    template::Values,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use motlan_adapter_sdk::{
    adapter::AdapterError,
    http::{HttpAnswer, HttpClient},
    paging::{self, First, Next, Page, collect},
    xroad,
};
use parking_lot::Mutex;
use serde_json::Value;

/// A dataset's pages, read while they come.
struct Reading<'a> {
    http: &'a HttpClient,
    question: &'a Question<'a>,
    values: &'a Values<'a>,
    request: &'a Request,
    /// What was posted for the first page.
    posted: Option<Bytes>,
    /// What the pages said so far. `collect` reads them one after another.
    said: Mutex<Said>,
}

pub(super) async fn ask(
    http: &HttpClient,
    question: &Question<'_>,
    values: &Values<'_>,
) -> Result<Said, AdapterError> {
    let request = &question.dataset.request;
    let Request::Http {
        method,
        path,
        headers,
        body,
        ..
    } = request
    else {
        return Err(AdapterError::malformed("a request of another protocol"));
    };
    let written = body.as_ref().map(|body| body.written(values));
    let post = written.map(|(media_type, body)| (media_type, Bytes::from(body)));
    let reading = Reading {
        http,
        question,
        values,
        request,
        posted: post.as_ref().map(|(_, body)| body.clone()),
        said: Mutex::default(),
    };
    let first = First {
        url: http.url(&question.manifest.path(path.address(values)))?,
        headers: &all_headers(&question.headers, headers),
        post: post.filter(|_| *method == Method::Post),
    };
    let read = |answer: &HttpAnswer| reading.page(answer);
    // The records stay with `reading`; `collect` only counts, and follows.
    collect(http, first, question.manifest.limits, read, question.call).await?;
    Ok(reading.said.into_inner())
}

fn all_headers(callers: &HeaderMap, own: &HeaderMap) -> HeaderMap {
    let mut headers = callers.clone();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    headers.extend(own.clone());
    headers
}

impl Reading<'_> {
    fn page(&self, answer: &HttpAnswer) -> Result<Page, AdapterError> {
        if self.question.manifest.xroad.is_some() {
            xroad::check_rest_answer(answer, self.question.call)?;
        }
        let (page, unreadable) = match answer.json().map(Val::sent) {
            Ok(Some(page)) => (page, None),
            Ok(None) => (
                Val::Null,
                Some(AdapterError::malformed("nested too deeply")),
            ),
            Err(error) => (Val::Null, Some(error)),
        };
        match outcome::of_answer(self.question, answer.status.as_u16(), &page)? {
            Some(Rule::Absent) => return Ok(Page::default()),
            None if !answer.status.is_success() => {
                return Err(paging::refusal(answer, paging::problem_code));
            }
            _ => {}
        }
        if let Some(error) = unreadable {
            return Err(error);
        }
        let total = self.question.total(&page)?;
        let as_of = self.as_of(answer, &page)?;
        let next = self.next_page(&page)?;
        let records = self.question.records(page)?;
        let items = vec![Value::Null; records.len()];
        let mut said = self.said.lock();
        said.note_as_of(as_of);
        said.records.extend(records);
        let so_far = said.records.len();
        drop(said);
        let next = match next {
            NextPage::None => None,
            NextPage::At(next) => Some(next),
            NextPage::Behind => {
                let whole = items.is_empty()
                    || total
                        .is_some_and(|total| u64::try_from(so_far).unwrap_or(u64::MAX) >= total);
                if whole {
                    None
                } else {
                    Some(self.request_again(so_far, None, None)?)
                }
            }
        };
        Ok(Page { items, total, next })
    }

    fn as_of(
        &self,
        answer: &HttpAnswer,
        page: &Val,
    ) -> Result<Option<jiff::Timestamp>, AdapterError> {
        let header = self.question.dataset.as_of_header.as_ref();
        let header = header.and_then(|name| answer.headers.get(name)?.to_str().ok());
        match header {
            Some(text) => moment(text).map(Some),
            None => self.question.as_of(page),
        }
    }

    fn next_page(&self, page: &Val) -> Result<NextPage, AdapterError> {
        Ok(match &self.question.dataset.paging {
            None => NextPage::None,
            Some(Paging::Offset) => NextPage::Behind,
            Some(Paging::Next { link, post }) => match self.text("next", link, page)? {
                None => NextPage::None,
                Some(href) => {
                    let post = self.posted.clone().filter(|_| *post);
                    NextPage::At(Next { href, post })
                }
            },
            Some(Paging::Cursor { cursor, body }) => match self.text("cursor", cursor, page)? {
                None => NextPage::None,
                Some(cursor) => {
                    NextPage::At(self.request_again(0, Some(&cursor), body.as_ref())?)
                }
            },
        })
    }

    /// The request once more, for records behind those that came.
    fn request_again(
        &self,
        offset: usize,
        cursor: Option<&str>,
        other_body: Option<&Body>,
    ) -> Result<Next, AdapterError> {
        let Request::Http {
            path, body, method, ..
        } = self.request
        else {
            return Err(AdapterError::malformed("a request of another protocol"));
        };
        let values = Values {
            offset,
            cursor,
            ..*self.values
        };
        let body = other_body
            .or(body.as_ref())
            .filter(|_| *method == Method::Post);
        Ok(Next {
            href: self
                .http
                .url(&self.question.manifest.path(path.address(&values)))?
                .into(),
            post: body.map(|body| body.written(&values).1.into()),
        })
    }

    /// The text that an expression gives; nothing where it is empty or `null`.
    fn text(&self, name: &str, jq: &Jq, page: &Val) -> Result<Option<String>, AdapterError> {
        match self.value(name, Some(jq), page)? {
            None | Some(Val::Null) => Ok(None),
            Some(Val::Text(text)) => {
                Ok(Some(text.as_ref().to_owned()).filter(|text| !text.is_empty()))
            }
            Some(Val::Int(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(AdapterError::malformed(format!("`{name}` is no text"))),
        }
    }

    fn value(&self, name: &str, jq: Option<&Jq>, page: &Val) -> Result<Option<Val>, AdapterError> {
        match jq {
            None => Ok(None),
            Some(jq) => {
                let mut values = run(name, jq, page.clone(), self.question.mapping.around())?;
                Ok((!values.is_empty()).then(|| values.swap_remove(0)))
            }
        }
    }
}

/// Where a page says that more is.
enum NextPage {
    None,
    At(Next),
    /// Behind the records that came so far.
    Behind,
}
