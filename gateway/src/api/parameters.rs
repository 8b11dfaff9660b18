//! Reads the parameters in an address: only known ones, each once, and each with its form.

use super::{circumstances::Circumstances, problem::ProblemResponse};
use axum::response::{IntoResponse, Response};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{Timestamp, ToSpan, civil::Date, tz};
use motlan_schemas::{
    catalogue::names::nearest,
    ids::LabelError,
    problem::ProblemCode,
    query::{FieldError, Mistake},
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The parameters of one call.
#[derive(Debug)]
pub(super) struct Parameters {
    given: BTreeMap<String, String>,
    errors: Vec<FieldError>,
}

/// Longest text, as for officers and cases.
const TEXT_CHARS_MAX: usize = 64;
/// `2026-11-21`.
const DAY_BYTES: usize = 10;

/// The time zone of the law: days are days of Việt Nam, which has had one offset since 1975.
const LEGAL_HOURS: i8 = 7;

impl Parameters {
    /// Takes the parameters apart.
    pub(super) fn parse(query: Option<&str>, known: &[&str]) -> Self {
        let mut parameters = Self {
            given: BTreeMap::new(),
            errors: Vec::new(),
        };
        for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            if !known.contains(&name.as_ref()) {
                parameters.unknown(&name, known);
            } else if parameters
                .given
                .insert(name.to_string(), value.into_owned())
                .is_some()
            {
                parameters.wrong(&name, Mistake::TooMany { max: 1 });
            }
        }
        parameters
    }

    /// Takes the members of a body in place of parameters: texts, numbers and lists of texts.
    pub(super) fn of_members(members: &Map<String, Value>, known: &[&str]) -> Self {
        let mut parameters = Self {
            given: BTreeMap::new(),
            errors: Vec::new(),
        };
        for (name, value) in members {
            if !known.contains(&name.as_str()) {
                parameters.unknown(name, known);
                continue;
            }
            let texts = value.as_array().map(|items| {
                let texts = items.iter().map(Value::as_str);
                texts.collect::<Option<Vec<_>>>()
            });
            let text = match (value, texts) {
                (Value::String(text), _) => Some(text.clone()),
                (Value::Number(number), _) => Some(number.to_string()),
                (_, Some(Some(texts))) => Some(texts.join(",")),
                _ => None,
            };
            match text {
                Some(text) => {
                    parameters.given.insert(name.clone(), text);
                }
                None => {
                    let expected = "a string";
                    parameters.wrong(name, Mistake::WrongType { expected });
                }
            }
        }
        parameters
    }

    /// A text of at most 64 characters.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        let text = self.given.get(name)?.clone();
        let mistake = match text.chars().count() {
            0 => LabelError::Empty,
            1..=TEXT_CHARS_MAX if !text.chars().any(char::is_control) => return Some(text),
            1..=TEXT_CHARS_MAX => LabelError::Unprintable,
            _ => LabelError::Long,
        };
        self.wrong(name, Mistake::Label(mistake));
        None
    }

    /// Words of a closed list, with commas between them.
    pub(super) fn words(
        &mut self,
        name: &str,
        known: &[&'static str],
        accepted: &'static str,
    ) -> Vec<&'static str> {
        let given = self.given.get(name).cloned();
        let mut words = Vec::new();
        for word in given.iter().flat_map(|given| given.split(',')) {
            match known.iter().find(|known| **known == word) {
                Some(word) => words.push(*word),
                None => self.wrong(name, Mistake::NotOneOf { accepted }),
            }
        }
        words
    }

    /// A moment, or for a day its first one (`from`) or the first one after it (`to`).
    pub(super) fn moments(&mut self) -> (Option<Timestamp>, Option<Timestamp>) {
        let mut moment = |name, days: i32| {
            let text = self.given.get(name)?;
            let day = text.parse().ok().and_then(|day: Date| {
                let day = day.checked_add(days.days()).ok()?;
                midnight(day)
            });
            let moment = match text.len() {
                DAY_BYTES => day,
                _ => text.parse().ok(),
            };
            if moment.is_none() {
                let expected = "a day or a time";
                self.wrong(name, Mistake::WrongType { expected });
            }
            moment
        };
        (moment("from", 0), moment("to", 1))
    }

    /// How many results are wanted.
    pub(super) fn limit(&mut self, usual: usize, max: usize) -> usize {
        let Some(text) = self.given.get("limit") else {
            return usual;
        };
        match text.parse() {
            Ok(limit) if (1..=max).contains(&limit) => limit,
            _ => {
                let max = max as u64;
                self.wrong("limit", Mistake::OutOfRange { min: 1, max });
                usual
            }
        }
    }

    /// One of these words.
    pub(super) fn word(&mut self, name: &'static str, accepted: &'static str) -> Option<String> {
        let word = self.given.get(name)?.clone();
        if accepted.split(", ").any(|other| other == word) {
            return Some(word);
        }
        self.wrong(name, Mistake::NotOneOf { accepted });
        None
    }

    /// Where the last page ended: results are wanted from below this leaf index.
    pub(super) fn cursor(&mut self) -> Option<u64> {
        let text = self.given.get("cursor")?;
        let bytes = URL_SAFE_NO_PAD.decode(text).ok();
        let cursor = bytes.and_then(|bytes| Some(u64::from_be_bytes(bytes.try_into().ok()?)));
        if cursor.is_none() {
            let expected = "a cursor of an earlier answer";
            self.wrong("cursor", Mistake::WrongType { expected });
        }
        cursor
    }

    /// The first moment of the day `from`, and the first one after the day `to`.
    pub(super) fn period(&mut self) -> (Option<Timestamp>, Option<Timestamp>) {
        let from = self.day("from").and_then(midnight);
        let after = self
            .day("to")
            .and_then(|day| midnight(day.checked_add(1.day()).ok()?));
        (from, after)
    }

    fn day(&mut self, name: &'static str) -> Option<Date> {
        let day = self.given.get(name)?.parse().ok();
        if day.is_none() {
            self.wrong(name, Mistake::WrongType { expected: "a day" });
        }
        day
    }

    /// Those of these parameters that were given, as a look into the log records them.
    pub(super) fn filters(&self, names: &[&str]) -> Vec<String> {
        let given = names
            .iter()
            .filter_map(|name| Some((name, self.given.get(*name)?)));
        given
            .map(|(name, value)| format!("{name}={value}"))
            .collect()
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// The response to send instead, with everything that is wrong.
    pub(super) fn check(&self, on: &Circumstances) -> Result<(), Response> {
        if self.errors.is_empty() {
            return Ok(());
        }
        let problem = ProblemResponse::new(ProblemCode::InvalidQuery, on);
        Err(problem.mistakes(&self.errors).into_response())
    }

    fn unknown(&mut self, name: &str, known: &[&str]) {
        // Whatever is not the name of a parameter could be anything, also a person's number.
        let harmless = name.len() <= 40 && name.bytes().all(|b| b.is_ascii_lowercase());
        let nearest = harmless
            .then(|| nearest(name, known.iter().copied()))
            .flatten();
        let pointer = if harmless { name } else { "" };
        self.wrong(pointer, Mistake::UnknownField { nearest });
    }

    pub(super) fn wrong(&mut self, name: &str, mistake: Mistake) {
        self.errors.push(FieldError {
            pointer: format!("/{name}").trim_end_matches('/').to_owned(),
            mistake,
        });
    }
}

/// The cursor that names a leaf index.
pub(super) fn cursor(before: u64) -> String {
    URL_SAFE_NO_PAD.encode(before.to_be_bytes())
}

/// A moment on the clocks of the country.
pub(super) fn local(moment: Timestamp) -> jiff::Zoned {
    moment.to_zoned(tz::offset(LEGAL_HOURS).to_time_zone())
}

fn midnight(day: Date) -> Option<Timestamp> {
    let zone = tz::offset(LEGAL_HOURS).to_time_zone();
    Some(day.to_zoned(zone).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 4] = ["limit", "cursor", "from", "to"];

    fn mistakes(query: &str) -> Vec<(String, &'static str)> {
        let mut parameters = Parameters::parse(Some(query), &KNOWN);
        let _ = (
            parameters.limit(50, 100),
            parameters.cursor(),
            parameters.period(),
        );
        let errors = parameters.errors.into_iter();
        errors
            .map(|error| (error.pointer, error.mistake.code()))
            .collect()
    }

    #[test]
    fn a_cursor_comes_back_as_it_was() {
        let query = format!("cursor={}&limit=7", cursor(123_456));
        let mut parameters = Parameters::parse(Some(&query), &KNOWN);
        assert_eq!(parameters.cursor(), Some(123_456));
        assert_eq!(parameters.limit(50, 100), 7);
        assert_eq!(parameters.errors, []);
        assert_eq!(Parameters::parse(None, &KNOWN).limit(50, 100), 50);
    }

    #[test]
    fn a_day_is_a_day_of_the_country_and_the_last_one_counts_whole() {
        let mut parameters = Parameters::parse(Some("from=2026-11-21&to=2026-11-21"), &KNOWN);
        let (from, after) = parameters.period();
        assert_eq!(from.unwrap().to_string(), "2026-11-20T17:00:00Z");
        assert_eq!(after.unwrap().to_string(), "2026-11-21T17:00:00Z");
        assert_eq!(parameters.filters(&["from", "limit"]), ["from=2026-11-21"]);
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_and_no_stranger_is_repeated() {
        let told = mistakes("limit=0&cursor=x&from=yesterday&to=2026-13-01&limti=1&limit=5");
        let told: Vec<_> = told
            .iter()
            .map(|(pointer, code)| (pointer.as_str(), *code))
            .collect();
        let expected = [
            ("/limti", "unknown_field"),
            ("/limit", "too_many"),
            ("/cursor", "wrong_type"),
            ("/from", "wrong_type"),
            ("/to", "wrong_type"),
        ];
        assert_eq!(told, expected);
        assert_eq!(
            mistakes("limit=101"),
            [("/limit".to_owned(), "out_of_range")]
        );
        assert_eq!(
            mistakes("001185012345=1"),
            [(String::new(), "unknown_field")]
        );
    }
}
