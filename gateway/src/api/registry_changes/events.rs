//! Change events as registries write them, in the three modes of the
//! [HTTP binding](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md).
//!
//! Everything wrong is told at once, by pointers into the event (in binary mode: into the event as it
//! would be in structured mode), and no value is repeated. Attributes that are not known here are
//! extensions, which the specification lets through; members of `data` that are not known are refused.

use super::super::{body::BODY_BYTES_MAX, body::media_type, members::subject};
use crate::{
    changes::{AGE_MAX, AHEAD_MAX, Change, EVENTS_MAX, EventDigest},
    registry::Registry,
};
use axum::http::{HeaderMap, HeaderValue};
use jiff::Timestamp;
use motlan_schemas::{
    catalogue::{Catalogue, Dataset, SubjectKind, names::nearest},
    json,
    query::{FieldError, Mistake, QueryError, Subject},
};
use serde_json::{Map, Value};
use std::collections::HashSet;
use utoipa::ToSchema;

/// That a record has changed, as a CloudEvent (`application/cloudevents+json`). Further attributes
/// are extensions, which are ignored.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the body, which is read by hand")]
pub(in crate::api) struct ChangeEvent {
    /// `1.0`.
    #[schema(pattern = r"^1\.0$")]
    specversion: String,
    /// `vn.motlan.registry.record-changed.v1`.
    #[schema(pattern = r"^vn\.motlan\.registry\.record-changed\.v1$")]
    r#type: String,
    /// What of the registry sent it: a URI reference.
    #[schema(min_length = 1, max_length = 512)]
    source: String,
    /// Its id, which the source gives to no other event.
    #[schema(min_length = 1, max_length = 255)]
    id: String,
    /// When the record changed (RFC 3339): at most 24 hours past and 5 minutes ahead.
    #[schema(format = DateTime)]
    time: String,
    /// `application/json`, where it is said.
    #[schema(nullable = false)]
    datacontenttype: Option<String>,
    /// Which record.
    data: ChangeData,
}

/// The record that has changed.
#[derive(Debug, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "describes the body, which is read by hand")]
pub(in crate::api) struct ChangeData {
    /// The dataset by its full dotted name; the registry serves it.
    dataset: String,
    /// Whose record: `{"person": "<12 digits>"}` or `{"enterprise": "<10 digits>"}`.
    #[schema(value_type = crate::api::openapi::shapes::Subject)]
    subject: Value,
}

/// How events stand in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// The event is the body.
    Structured,
    /// The body is an array of events.
    Batched,
    /// The event's attributes are headers, and its data is the body.
    Binary,
}

/// Reads the events of one registry.
#[derive(Debug)]
pub(super) struct EventReader<'a> {
    registry: &'a Registry,
    catalogue: &'a Catalogue,
    now: Timestamp,
    errors: Vec<FieldError>,
}

const SPECVERSION: &str = "1.0";
/// The one type of event. A form of `data` that breaks with this one gets a type of its own.
const TYPE: &str = "vn.motlan.registry.record-changed.v1";
/// The attributes that the specification or its JSON format names.
const KNOWN: [&str; 9] = [
    "data",
    "datacontenttype",
    "dataschema",
    "id",
    "source",
    "specversion",
    "subject",
    "time",
    "type",
];
const DATA_MEMBERS: [&str; 2] = ["dataset", "subject"];
const HEADER_PREFIX: &str = "ce-";
/// A batch of the most events, each of a kilobyte.
const BATCH_BYTES_MAX: usize = 1024 * 1024;
const SOURCE_CHARS_MAX: u64 = 512;
const ID_CHARS_MAX: u64 = 255;
/// An event needs four levels in a batch; a little more, so that what is too deep is told by its place.
const DEPTH_MAX: usize = 8;

impl Form {
    /// The form that a call's headers name.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut names = headers.keys().map(|name| name.as_str());
        match media_type(headers).as_str() {
            "application/cloudevents+json" => Some(Self::Structured),
            "application/cloudevents-batch+json" => Some(Self::Batched),
            "application/json" if names.any(|name| name.starts_with(HEADER_PREFIX)) => {
                Some(Self::Binary)
            }
            _ => None,
        }
    }

    /// The largest body.
    pub(super) const fn bytes_max(self) -> usize {
        match self {
            Self::Structured | Self::Binary => BODY_BYTES_MAX,
            Self::Batched => BATCH_BYTES_MAX,
        }
    }

    /// Where an event stands in the body.
    pub(super) fn pointer(self, place: usize) -> String {
        match self {
            Self::Structured | Self::Binary => String::new(),
            Self::Batched => format!("/{place}"),
        }
    }
}

impl<'a> EventReader<'a> {
    pub(super) const fn new(
        registry: &'a Registry,
        catalogue: &'a Catalogue,
        now: Timestamp,
    ) -> Self {
        Self {
            registry,
            catalogue,
            now,
            errors: Vec::new(),
        }
    }

    /// The changes that the events tell of, in their order.
    ///
    /// # Errors
    /// No JSON, or everything that is wrong with any event.
    pub(super) fn read(
        mut self,
        form: Form,
        headers: &HeaderMap,
        bytes: &[u8],
    ) -> Result<Vec<Change>, QueryError> {
        let body = json::parse(bytes, DEPTH_MAX)?;
        let events = match (form, body) {
            (Form::Structured, event) => vec![event],
            (Form::Binary, data) => vec![self.of_headers(headers, data)],
            (Form::Batched, Value::Array(events)) if events.len() <= EVENTS_MAX => events,
            (Form::Batched, Value::Array(_)) => {
                let max = EVENTS_MAX as u64;
                self.wrong("", "", Mistake::TooMany { max });
                Vec::new()
            }
            (Form::Batched, _) => {
                let expected = "an array of events";
                self.wrong("", "", Mistake::WrongType { expected });
                Vec::new()
            }
        };
        let mut changes = Vec::with_capacity(events.len());
        let mut met = HashSet::new();
        for (place, event) in events.into_iter().enumerate() {
            let at = form.pointer(place);
            let Some(change) = self.event(&at, event) else {
                continue;
            };
            if !met.insert(change.event) {
                self.wrong(&at, "/id", Mistake::Repeated);
            }
            changes.push(change);
        }
        match self.errors.is_empty() {
            true => Ok(changes),
            false => Err(QueryError::Invalid(self.errors)),
        }
    }

    /// The event of a call in binary mode, as it would be in structured mode.
    fn of_headers(&mut self, headers: &HeaderMap, data: Value) -> Value {
        let mut event = Map::new();
        for (name, value) in headers {
            let Some(name) = name.as_str().strip_prefix(HEADER_PREFIX) else {
                continue;
            };
            // Neither is an attribute of an event in this mode.
            let stray = matches!(name, "data" | "datacontenttype");
            match header_text(value) {
                Some(text) if !stray && !event.contains_key(name) => {
                    event.insert(name.to_owned(), Value::String(text));
                }
                Some(_) => self.unknown("", name),
                None => {
                    let expected = "a string";
                    self.wrong("", &pointer_of(name), Mistake::WrongType { expected });
                    // It is there, and told of once.
                    event.insert(name.to_owned(), Value::Bool(true));
                }
            }
        }
        event.insert("data".to_owned(), data);
        Value::Object(event)
    }

    fn event(&mut self, at: &str, event: Value) -> Option<Change> {
        let Value::Object(mut event) = event else {
            let expected = "an object";
            self.wrong(at, "", Mistake::WrongType { expected });
            return None;
        };
        // An attribute that is null is not there, says the JSON format.
        event.retain(|_, value| !value.is_null());
        self.extensions(at, &event);
        self.attribute(at, &event, "specversion", true, |text| {
            one_of(text, SPECVERSION)
        });
        self.attribute(at, &event, "type", true, |text| one_of(text, TYPE));
        self.attribute(at, &event, "datacontenttype", false, json_media_type);
        self.attribute(at, &event, "dataschema", false, |_| Ok(()));
        self.attribute(at, &event, "subject", false, |_| Ok(()));
        let source = self.attribute(at, &event, "source", true, uri_reference);
        let id = self.attribute(at, &event, "id", true, event_id);
        let now = self.now;
        let time = self.attribute(at, &event, "time", true, |text| event_time(text, now));
        let data = self.data(at, event.get("data"));
        let (dataset, subject) = data?;
        Some(Change {
            event: EventDigest::of(self.registry.id(), source?, id?),
            dataset: dataset.id,
            subject,
            occurred_at: time?,
        })
    }

    /// Says what is wrong with attributes that the specification does not name.
    fn extensions(&mut self, at: &str, event: &Map<String, Value>) {
        for (name, value) in event
            .iter()
            .filter(|(name, _)| !KNOWN.contains(&name.as_str()))
        {
            let is_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
            if name.is_empty() || !name.bytes().all(is_name) {
                self.unknown(at, name);
            } else if value.is_array() || value.is_object() {
                let expected = "a string";
                self.wrong(at, &pointer_of(name), Mistake::WrongType { expected });
            }
        }
    }

    fn attribute<'e, T>(
        &mut self,
        at: &str,
        event: &'e Map<String, Value>,
        name: &str,
        is_required: bool,
        read: impl FnOnce(&'e str) -> Result<T, Mistake>,
    ) -> Option<T> {
        let expected = "a string";
        let read = match event.get(name) {
            None if is_required => Err(Mistake::Missing),
            None => return None,
            Some(Value::String(text)) => read(text),
            Some(_) => Err(Mistake::WrongType { expected }),
        };
        self.told(at, name, read)
    }

    fn data(&mut self, at: &str, data: Option<&Value>) -> Option<(&'a Dataset, Subject)> {
        let data = match data {
            Some(Value::Object(data)) => data,
            Some(_) => {
                let expected = "an object";
                self.wrong(at, "/data", Mistake::WrongType { expected });
                return None;
            }
            None => {
                self.wrong(at, "/data", Mistake::Missing);
                return None;
            }
        };
        let at = format!("{at}/data");
        for name in data
            .keys()
            .filter(|name| !DATA_MEMBERS.contains(&name.as_str()))
        {
            let nearest = nearest(name, DATA_MEMBERS);
            self.wrong(&at, &pointer_of(name), Mistake::UnknownField { nearest });
        }
        let dataset = match data.get("dataset") {
            None => Err(Mistake::Missing),
            Some(Value::String(name)) => self.dataset(name),
            Some(_) => Err(Mistake::WrongType {
                expected: "a string",
            }),
        };
        let dataset = self.told(&at, "dataset", dataset);
        let subject = data
            .get("subject")
            .ok_or(Mistake::Missing)
            .and_then(subject);
        let subject = subject.and_then(|subject| fitting(subject, dataset));
        let subject = self.told(&at, "subject", subject);
        dataset.zip(subject)
    }

    fn dataset(&self, name: &str) -> Result<&'a Dataset, Mistake> {
        let serves = |dataset: &&Dataset| self.registry.serves(dataset.id);
        let named = self.catalogue.dataset_named(name).filter(serves);
        named.ok_or_else(|| {
            let served = self.catalogue.datasets().iter().filter(serves);
            let nearest = nearest(name, served.map(|dataset| &*dataset.name));
            Mistake::NotServed { nearest }
        })
    }

    fn unknown(&mut self, at: &str, name: &str) {
        let nearest = nearest(name, KNOWN);
        self.wrong(at, &pointer_of(name), Mistake::UnknownField { nearest });
    }

    fn told<T>(&mut self, at: &str, name: &str, read: Result<T, Mistake>) -> Option<T> {
        read.map_err(|mistake| self.wrong(at, &format!("/{name}"), mistake))
            .ok()
    }

    fn wrong(&mut self, at: &str, below: &str, mistake: Mistake) {
        self.errors.push(FieldError {
            pointer: format!("{at}{below}"),
            mistake,
        });
    }
}

/// The pointer to a member that nobody expects: its name could be anything, also a person's number.
fn pointer_of(name: &str) -> String {
    let is_harmless = |b: u8| b.is_ascii_lowercase() || b == b'_';
    match name.len() <= 40 && name.bytes().all(is_harmless) {
        true => format!("/{name}"),
        false => String::new(),
    }
}

/// A header's value as [section 3.1.3.2](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#3132-http-header-values)
/// has it: quotes of older senders are taken off, then percent-encoding is undone once.
fn header_text(value: &HeaderValue) -> Option<String> {
    let text = value.to_str().ok()?;
    let quoted = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    let text = quoted.map_or_else(|| text.to_owned(), unescaped);
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        let digits = std::str::from_utf8(digits)
            .ok()
            .filter(|digits| !digits.starts_with('+'))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

fn unescaped(quoted: &str) -> String {
    let mut text = String::with_capacity(quoted.len());
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.extend(characters.next()),
            character => text.push(character),
        }
    }
    text
}

fn one_of(text: &str, accepted: &'static str) -> Result<(), Mistake> {
    match text == accepted {
        true => Ok(()),
        false => Err(Mistake::NotOneOf { accepted }),
    }
}

fn json_media_type(text: &str) -> Result<(), Mistake> {
    let media_type = text.split(';').next().unwrap_or_default().trim();
    match media_type.eq_ignore_ascii_case("application/json") {
        true => Ok(()),
        false => Err(Mistake::NotOneOf {
            accepted: "application/json",
        }),
    }
}

/// Characters as in RFC 3986, section 2. What the reference refers to is the registry's own matter.
fn uri_reference(text: &str) -> Result<&str, Mistake> {
    let is_of_uris = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&b);
    let escapes = text.split('%').skip(1);
    let is_escape = |after: &str| {
        let digits = after.as_bytes().first_chunk::<2>();
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    let max = SOURCE_CHARS_MAX;
    let fits = (1..=max).contains(&(text.len() as u64));
    match fits && text.bytes().all(is_of_uris) && escapes.into_iter().all(is_escape) {
        true => Ok(text),
        false => Err(Mistake::UriReference { max }),
    }
}

fn event_id(text: &str) -> Result<&str, Mistake> {
    match (1..=ID_CHARS_MAX).contains(&(text.chars().count() as u64)) {
        true => Ok(text),
        false => Err(Mistake::StatementLength {
            min: 1,
            max: ID_CHARS_MAX,
        }),
    }
}

fn event_time(text: &str, now: Timestamp) -> Result<Timestamp, Mistake> {
    let expected = "a time";
    let time: Timestamp = text.parse().map_err(|_| Mistake::WrongType { expected })?;
    let age = now.duration_since(time);
    match -AHEAD_MAX <= age && age <= AGE_MAX {
        true => Ok(time),
        false => Err(Mistake::EventTime {
            hours: AGE_MAX.as_hours(),
            minutes: AHEAD_MAX.as_mins(),
        }),
    }
}

/// The subject, if the dataset is about such; a dataset that is wrong itself is told of already.
fn fitting(subject: Subject, dataset: Option<&Dataset>) -> Result<Subject, Mistake> {
    let expected = match (dataset.map(|dataset| dataset.subject), &subject) {
        (Some(SubjectKind::Person), Subject::Enterprise(_)) => "a person",
        (Some(SubjectKind::Enterprise), Subject::Person(_)) => "an enterprise",
        _ => return Ok(subject),
    };
    Err(Mistake::WrongType { expected })
}

#[cfg(test)]
mod tests;
