//! Recorded exchanges in place of a source: a folder of JSON files, one an exchange.
//!
//! ```json
//! {
//!   "request": {"method": "POST", "path": "/persons", "contains": ["001185012345"]},
//!   "answer": {"status": 200, "headers": {"content-type": "application/json"}, "body": {"persons": []}}
//! }
//! ```
//!
//! A file answers a request of its method and path (with the query, where the file has one) in
//! which all texts of `contains` stand, in the query, in a header or in the body. Of several that
//! do, the one with the most texts answers; of those, the first by name. `body` is JSON, or a text;
//! `{base_url}` in it, and in headers, becomes the address under which the adapter reached the
//! source, so that recorded links lead back to the kit.

use super::exchange::{Answer, Asked, decoded};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Recorded exchanges.
#[derive(Debug, Clone, Default)]
pub struct Fixtures {
    exchanges: Vec<Fixture>,
}

/// One recorded exchange.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    /// Which requests it answers.
    pub request: FixtureRequest,
    /// What it answers.
    pub answer: FixtureAnswer,
}

/// Which requests a fixture answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixtureRequest {
    /// `GET` or `POST`.
    pub method: String,
    /// The path below the base address, with the query where that matters.
    pub path: String,
    /// Texts that must stand in the request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contains: Vec<String>,
}

/// What a fixture answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixtureAnswer {
    /// The HTTP status.
    #[serde(default = "ok")]
    pub status: u16,
    /// The headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// JSON, or a text.
    #[serde(default)]
    pub body: Value,
}

/// A folder of fixtures that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", path.display())]
pub struct FixtureError {
    /// The folder or file.
    pub path: PathBuf,
    /// What is wrong, and where.
    pub reason: String,
}

impl Fixtures {
    /// Reads a folder: every file that ends in `.json`, in the order of names.
    ///
    /// # Errors
    /// The first file that is no fixture, and a folder without any.
    pub fn read(folder: &Path) -> Result<Self, FixtureError> {
        let wrong = |path: &Path, reason: String| FixtureError {
            path: path.to_owned(),
            reason,
        };
        let entries = fs::read_dir(folder).map_err(|error| wrong(folder, error.to_string()))?;
        let mut paths: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
            .collect();
        paths.sort();
        if paths.is_empty() {
            return Err(wrong(
                folder,
                "holds no fixture (`*.json`); record some".to_owned(),
            ));
        }
        let read = |path: &PathBuf| {
            let text = fs::read(path).map_err(|error| wrong(path, error.to_string()))?;
            serde_json::from_slice(&text).map_err(|error| wrong(path, error.to_string()))
        };
        let exchanges = paths.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { exchanges })
    }

    /// Fixtures from memory.
    #[must_use]
    pub const fn new(exchanges: Vec<Fixture>) -> Self {
        Self { exchanges }
    }

    /// The recorded answer to a request made to `origin`.
    pub(super) fn answer(&self, asked: &Asked, origin: &str) -> Answer {
        let mut best: Option<&Fixture> = None;
        for fixture in self.exchanges.iter().filter(|f| f.request.matches(asked)) {
            let texts = |fixture: &Fixture| fixture.request.contains.len();
            if best.is_none_or(|best| texts(fixture) > texts(best)) {
                best = Some(fixture);
            }
        }
        match best {
            Some(fixture) => fixture.answer.made(origin),
            // Credentials are not recorded, so that whoever asks for a token gets one.
            None if asked.is_for_a_token() => Answer::new(
                StatusCode::OK,
                "application/json",
                r#"{"access_token":"recorded","token_type":"Bearer","expires_in":3600}"#,
            ),
            None => Answer::new(
                StatusCode::NOT_IMPLEMENTED,
                "text/plain",
                "no fixture answers this request",
            ),
        }
    }
}

impl FixtureRequest {
    fn matches(&self, asked: &Asked) -> bool {
        let target = if self.path.contains('?') {
            asked.target.as_str()
        } else {
            asked.path()
        };
        self.method.eq_ignore_ascii_case(asked.method.as_str())
            && decoded(target) == decoded(&self.path)
            && self.contains.iter().all(|text| {
                asked.inside().contains(text.as_str()) || asked.outside().contains(text.as_str())
            })
    }
}

impl FixtureAnswer {
    fn made(&self, origin: &str) -> Answer {
        let body = match &self.body {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            document => document.to_string(),
        };
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let value = value.replace(BASE_URL, origin);
            if let (Ok(name), Ok(value)) =
                (HeaderName::try_from(name), HeaderValue::try_from(value))
            {
                headers.insert(name, value);
            }
        }
        Answer {
            status: StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK),
            headers,
            body: body.replace(BASE_URL, origin).into(),
        }
    }
}

const fn ok() -> u16 {
    200
}

/// Stands in a recorded answer for the address of the source.
const BASE_URL: &str = "{base_url}";

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::Method;
    use serde_json::json;

    fn asked(method: Method, target: &str, body: &'static str) -> Asked {
        Asked {
            method,
            target: target.to_owned(),
            headers: HeaderMap::new(),
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    fn fixtures() -> Fixtures {
        let exchanges = json!([
            {"request": {"method": "POST", "path": "/persons"}, "answer": {"body": {"persons": []}}},
            {"request": {"method": "post", "path": "/persons", "contains": ["42"]},
             "answer": {"body": {"next": "{base_url}/persons/2"}}},
            {"request": {"method": "GET", "path": "/persons?page=2"}, "answer": {"status": 410, "body": "gone"}},
        ]);
        Fixtures::new(serde_json::from_value(exchanges).unwrap())
    }

    #[test]
    fn the_fixture_with_the_most_texts_answers() {
        let said = |asked: &Asked| fixtures().answer(asked, "http://kit").text().into_owned();
        assert_eq!(
            said(&asked(Method::POST, "/persons", "{}")),
            r#"{"persons":[]}"#
        );
        let linked = said(&asked(Method::POST, "/persons", r#"{"number":"42"}"#));
        assert_eq!(linked, r#"{"next":"http://kit/persons/2"}"#);
        assert_eq!(said(&asked(Method::GET, "/persons?page=2", "")), "gone");
    }

    #[test]
    fn a_request_that_no_fixture_answers_is_told_so() {
        let answer = fixtures().answer(&asked(Method::GET, "/persons?page=3", ""), "http://kit");
        assert_eq!(answer.status, StatusCode::NOT_IMPLEMENTED);
    }

    #[test]
    fn a_token_is_given_without_a_fixture() {
        let request = asked(
            Method::POST,
            "/oauth/token",
            "grant_type=client_credentials",
        );
        let answer = fixtures().answer(&request, "http://kit");
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.json().unwrap()["token_type"], "Bearer");
    }

    #[test]
    fn a_folder_that_cannot_be_used_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let empty = Fixtures::read(folder.path()).unwrap_err();
        assert!(empty.to_string().contains("holds no fixture"));
        fs::write(folder.path().join("a.json"), "{\"request\": {}}").unwrap();
        let wrong = Fixtures::read(folder.path()).unwrap_err();
        assert!(
            wrong.to_string().contains("a.json: missing field `method`"),
            "{wrong}"
        );
    }
}
