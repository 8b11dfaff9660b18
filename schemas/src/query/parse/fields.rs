//! The members of a body, read one after another, with every mistake kept for its end.

use crate::{
    catalogue::names::nearest,
    ids::LabelError,
    query::{FieldError, Mistake, QueryError},
};
use serde_json::{Map, Value};
use std::{str::FromStr, sync::Arc};
use unicode_normalization::UnicodeNormalization;

/// The members of the body, and the mistakes found so far.
pub(crate) struct Fields<'a> {
    members: &'a Map<String, Value>,
    errors: Vec<FieldError>,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(
        value: &'a Value,
        subject_field: &'static str,
        known: &[&'static str],
    ) -> Result<Self, QueryError> {
        let Some(members) = value.as_object() else {
            let mistake = Mistake::WrongType {
                expected: "an object",
            };
            return Err(QueryError::Invalid(vec![FieldError {
                pointer: String::new(),
                mistake,
            }]));
        };
        let mut fields = Self {
            members,
            errors: Vec::new(),
        };
        for key in members.keys() {
            if key != subject_field && !known.contains(&key.as_str()) {
                fields.unknown_field("", key, known.iter().copied().chain([subject_field]));
            }
        }
        Ok(fields)
    }

    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, QueryError> {
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(QueryError::Invalid(self.errors)),
        }
    }

    pub(crate) fn wrong(&mut self, pointer: impl Into<String>, mistake: Mistake) {
        // One more list of errors as long as the body would help nobody.
        if self.errors.len() < ERRORS_MAX {
            self.errors.push(FieldError {
                pointer: pointer.into(),
                mistake,
            });
        }
    }

    /// The name of an unknown field is the caller's text and could be a personal number: the
    /// pointer gives it only where it looks like a field name.
    pub(crate) fn unknown_field(
        &mut self,
        parent: &str,
        key: &str,
        known: impl Iterator<Item = &'static str>,
    ) {
        let harmless = key.len() <= 40 && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        let pointer = if harmless {
            format!("{parent}/{key}")
        } else {
            parent.to_owned()
        };
        let nearest = harmless.then(|| nearest(key, known)).flatten();
        self.wrong(pointer, Mistake::UnknownField { nearest });
    }

    pub(crate) fn required(&mut self, field: &'static str) -> Option<&'a Value> {
        let value = self.members.get(field);
        if value.is_none() {
            self.wrong(format!("/{field}"), Mistake::Missing);
        }
        value
    }

    pub(crate) fn optional<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(&mut Self, &str, &'a Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.members.get(field)?;
        read(self, &format!("/{field}"), value)
    }

    pub(crate) fn text(&mut self, pointer: &str, value: &'a Value) -> Option<&'a str> {
        let text = value.as_str();
        if text.is_none() {
            self.wrong(
                pointer,
                Mistake::WrongType {
                    expected: "a string",
                },
            );
        }
        text
    }

    pub(crate) fn parsed<T: FromStr>(&mut self, pointer: &str, value: &'a Value) -> Option<T>
    where
        Mistake: From<T::Err>,
    {
        let text = self.text(pointer, value)?;
        text.parse()
            .map_err(|error| self.wrong(pointer, Mistake::from(error)))
            .ok()
    }

    pub(crate) fn number(
        &mut self,
        pointer: &str,
        value: &Value,
        min: u64,
        max: u64,
    ) -> Option<u64> {
        let Some(number) = value.as_u64() else {
            let mistake = if value.is_number() {
                Mistake::OutOfRange { min, max }
            } else {
                Mistake::WrongType {
                    expected: "a whole number",
                }
            };
            self.wrong(pointer, mistake);
            return None;
        };
        if !(min..=max).contains(&number) {
            self.wrong(pointer, Mistake::OutOfRange { min, max });
            return None;
        }
        Some(number)
    }

    /// A statement that goes into the access log as it stands: short, printable, and without
    /// anything that could be a personal number.
    pub(crate) fn statement(&mut self, pointer: &str, value: &'a Value) -> Option<Arc<str>> {
        let text = self.text(pointer, value)?.trim();
        let length = text.chars().count() as u64;
        let (min, max) = (STATEMENT_CHARS_MIN, STATEMENT_CHARS_MAX);
        let digits = text.split(|c: char| !c.is_numeric()).map(str::len).max();
        if !(min..=max).contains(&length) {
            self.wrong(pointer, Mistake::StatementLength { min, max });
        } else if text.chars().any(char::is_control) {
            self.wrong(pointer, Mistake::Label(LabelError::Unprintable));
        } else if digits.is_some_and(|digits| digits >= NUMBER_DIGITS) {
            self.wrong(pointer, Mistake::NamesPerson);
        } else {
            return Some(text.nfc().collect::<String>().into());
        }
        None
    }

    /// The values of an object that has exactly these members.
    pub(crate) fn members_of<const N: usize>(
        &mut self,
        pointer: &str,
        value: &'a Value,
        known: [&'static str; N],
    ) -> Option<[&'a Value; N]> {
        let Some(members) = value.as_object() else {
            let expected = "an object";
            self.wrong(pointer, Mistake::WrongType { expected });
            return None;
        };
        for key in members.keys().filter(|key| !known.contains(&key.as_str())) {
            self.unknown_field(pointer, key, known.into_iter());
        }
        let found = known.map(|field| {
            let value = members.get(field);
            if value.is_none() {
                self.wrong(format!("{pointer}/{field}"), Mistake::Missing);
            }
            value
        });
        found
            .iter()
            .all(Option::is_some)
            .then(|| found.map(|value| value.unwrap_or(&Value::Null)))
    }

    pub(crate) fn one_of<T: Copy>(
        &mut self,
        pointer: &str,
        value: &'a Value,
        words: &[(&'static str, T)],
        accepted: &'static str,
    ) -> Option<T> {
        let text = self.text(pointer, value)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            self.wrong(pointer, Mistake::NotOneOf { accepted });
        }
        found.map(|(_, word)| *word)
    }
}

/// How many wrong fields are told at once.
const ERRORS_MAX: usize = 32;

/// A reason of one word says nothing; one longer than a message tells stories about people.
const STATEMENT_CHARS_MIN: u64 = 10;
const STATEMENT_CHARS_MAX: u64 = 280;
/// Old identity numbers have 9 digits, enterprise codes 10, personal numbers 12.
const NUMBER_DIGITS: usize = 9;
