//! One request that an adapter made and the answer it got, as the kit's proxy saw them.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use serde_json::Value;
use std::borrow::Cow;
use url::form_urlencoded;

/// A request, read whole.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) method: Method,
    /// Path and query.
    pub(super) target: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// A request and its answer.
#[derive(Debug, Clone)]
pub(super) struct Exchange {
    pub(super) asked: Asked,
    /// What the source said; nothing where it was not asked.
    pub(super) said: Option<Answer>,
    /// The answer was disturbed on its way.
    pub(super) disturbed: bool,
}

impl Asked {
    /// Everything that could be read by somebody on the way: target and headers, decoded.
    pub(super) fn outside(&self) -> String {
        let mut text = decoded(&self.target).into_owned();
        for (name, value) in &self.headers {
            text.push('\n');
            text.push_str(name.as_str());
            text.push_str(": ");
            text.push_str(&decoded(&String::from_utf8_lossy(value.as_bytes())));
        }
        text
    }

    /// The body, decoded where it is a form.
    pub(super) fn inside(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let form = text_of(&self.headers, &header::CONTENT_TYPE).contains("form-urlencoded");
        if form {
            decoded(&text.replace('+', " ")).into_owned()
        } else {
            text.into_owned()
        }
    }

    /// A request for an access token, which is not about anybody.
    pub(super) fn is_for_a_token(&self) -> bool {
        self.inside().contains("grant_type=")
    }

    /// The path without the query.
    pub(super) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}

impl Answer {
    pub(super) fn new(
        status: StatusCode,
        media_type: &'static str,
        body: impl Into<Bytes>,
    ) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            http::HeaderValue::from_static(media_type),
        );
        Self {
            status,
            headers,
            body: body.into(),
        }
    }

    pub(super) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    pub(super) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    pub(super) fn is_xml(&self) -> bool {
        text_of(&self.headers, &header::CONTENT_TYPE).contains("xml")
    }

    /// The same answer with another body.
    pub(super) fn with(&self, body: impl Into<Bytes>) -> Self {
        Self {
            body: body.into(),
            ..self.clone()
        }
    }
}

/// Whether a request asks for the page after an answer: it takes something up from that answer.
pub(super) fn follows(before: &Exchange, next: &Exchange) -> bool {
    let Some(said) = before.said.as_ref().filter(|said| !said.is_xml()) else {
        return false;
    };
    let text = decoded(&said.text().replace("\\/", "/")).into_owned();
    let target = decoded(&next.asked.target);
    let linked = next.asked.target.len() > 1
        && next.asked.target != before.asked.target
        && text.contains(target.as_ref());
    let taken = words(&next.asked.inside())
        .chain(words(&target))
        .any(|word| {
            word.len() >= CURSOR_BYTES_MIN
                && text.contains(word)
                && !before.asked.inside().contains(word)
                && !before.asked.target.contains(word)
        });
    let counted = before.asked.path() == next.asked.path()
        && before.asked.method == next.asked.method
        && (before.asked.body != next.asked.body || before.asked.target != next.asked.target);
    linked || (before.asked.path() == next.asked.path() && taken) || counted
}

/// The words of a request: runs of letters, digits and what joins them into names.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-')))
        .filter(|word| !word.is_empty())
}

/// A text without percent-encoding.
pub(super) fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let escaped = text
        .replace('&', "%26")
        .replace('=', "%3D")
        .replace('+', "%2B");
    let mut parts = form_urlencoded::parse(escaped.as_bytes());
    parts
        .next()
        .map_or(Cow::Borrowed(text), |(key, _)| Cow::Owned(key.into_owned()))
}

pub(super) fn text_of(headers: &HeaderMap, name: &header::HeaderName) -> String {
    let value = headers.get(name).map(http::HeaderValue::as_bytes);
    String::from_utf8_lossy(value.unwrap_or_default()).to_ascii_lowercase()
}

/// Shorter texts are found in any answer by chance.
const CURSOR_BYTES_MIN: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(method: Method, target: &str, asked: &'static str, said: &'static str) -> Exchange {
        Exchange {
            asked: Asked {
                method,
                target: target.to_owned(),
                headers: HeaderMap::new(),
                body: Bytes::from_static(asked.as_bytes()),
            },
            said: Some(Answer::new(StatusCode::OK, "application/json", said)),
            disturbed: false,
        }
    }

    #[test]
    fn a_further_page_is_known_by_link_by_cursor_and_by_counting() {
        let first = exchange(
            Method::POST,
            "/s",
            r#"{"n":"1"}"#,
            r#"{"next":"/s?cursor=a%2Fb"}"#,
        );
        assert!(follows(
            &first,
            &exchange(Method::GET, "/s?cursor=a%2Fb", "", "{}")
        ));
        assert!(follows(
            &first,
            &exchange(Method::POST, "/s", r#"{"n":"1","page":2}"#, "{}")
        ));
        let first = exchange(Method::POST, "/s", "{}", r#"{"cursor":"0123456789"}"#);
        assert!(follows(
            &first,
            &exchange(Method::POST, "/s", r#"{"c":"0123456789"}"#, "{}")
        ));
        assert!(!follows(
            &first,
            &exchange(Method::POST, "/other", r#"{"n":"1"}"#, "{}")
        ));
    }

    #[test]
    fn a_text_is_read_without_its_encoding() {
        assert_eq!(decoded("h%E1%BB%93+s%C6%A1&a=b"), "hồ+sơ&a=b");
        assert_eq!(
            words("fields=a.b,c_d").collect::<Vec<_>>(),
            ["fields", "a", "b", "c_d"]
        );
    }
}
