//! What the kit's proxy does to an answer on its way from the source to the adapter.

use super::exchange::{Answer, Asked};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use std::{fmt, sync::Arc, time::Duration};

/// What happens to an answer.
#[derive(Clone, Default)]
pub(super) enum Disturbance {
    /// Nothing.
    #[default]
    None,
    /// The connection is closed without an answer.
    Close,
    /// The whole length is announced, half of the body is sent, and the connection is closed.
    CloseMidBody,
    /// Nothing is sent, and the connection stays open.
    Stall,
    /// The whole answer, late.
    Late(Duration),
    /// The answer byte by byte, more slowly than any deadline.
    Drip,
    /// Half of the body, and then white space without end.
    Endless,
    /// The sandbox misbehaves in its own protocol: a mode of its faults.
    Mode(&'static str),
    /// Another answer in place of the source's; nothing where there is nothing to change.
    Answer(Rewrite),
}

/// Makes another answer of a request and the source's answer to it.
pub(super) type Rewrite = Arc<dyn Fn(&Asked, &Answer) -> Option<Answer> + Send + Sync>;

impl Disturbance {
    /// An answer that depends on the source's.
    pub(super) fn rewrite(
        rewrite: impl Fn(&Asked, &Answer) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        Self::Answer(Arc::new(rewrite))
    }

    /// A change of the body.
    pub(super) fn body(change: impl Fn(&Answer) -> Option<Bytes> + Send + Sync + 'static) -> Self {
        Self::rewrite(move |_, said| {
            let body = change(said)?;
            (body != said.body).then(|| said.with(body))
        })
    }

    /// A change of the body's text.
    pub(super) fn text(change: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self::body(move |said| Some(change(&said.text()).into()))
    }

    /// Another body of the answer's own media type.
    pub(super) fn document(xml: impl Into<Bytes>, json: impl Into<Bytes>) -> Self {
        let (xml, json) = (xml.into(), json.into());
        Self::body(move |said| {
            Some(if said.is_xml() {
                xml.clone()
            } else {
                json.clone()
            })
        })
    }

    /// A status with a page for people, as a proxy on the way sends it.
    pub(super) fn page(status: StatusCode) -> Self {
        Self::rewrite(move |_, _| Some(Answer::new(status, "text/html; charset=utf-8", PAGE)))
    }

    /// A status with nothing.
    pub(super) fn empty(status: StatusCode) -> Self {
        Self::rewrite(move |_, _| {
            Some(Answer {
                status,
                headers: HeaderMap::new(),
                body: Bytes::new(),
            })
        })
    }

    /// A status with a header more and a page for people.
    pub(super) fn page_with(status: StatusCode, name: header::HeaderName, value: String) -> Self {
        Self::rewrite(move |_, _| {
            let mut answer = Answer::new(status, "text/html; charset=utf-8", PAGE);
            let value = HeaderValue::try_from(value.as_str()).ok()?;
            answer.headers.insert(name.clone(), value);
            Some(answer)
        })
    }

    /// The same answer with another header.
    pub(super) fn header(name: header::HeaderName, value: &'static str) -> Self {
        Self::rewrite(move |_, said| {
            let mut answer = said.clone();
            answer
                .headers
                .insert(name.clone(), HeaderValue::from_static(value));
            Some(answer)
        })
    }
}

impl fmt::Debug for Disturbance {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::None => "none",
            Self::Close => "close",
            Self::CloseMidBody => "close mid-body",
            Self::Stall => "stall",
            Self::Late(_) => "late",
            Self::Drip => "drip",
            Self::Endless => "endless",
            Self::Mode(mode) => mode,
            Self::Answer(_) => "another answer",
        })
    }
}

/// What a proxy in front of a broken registry shows to people.
const PAGE: &str =
    "<!doctype html><html><head><title>Error</title></head><body><h1>Sorry</h1></body></html>";
