//! Reads the members of a JSON body: only known ones, each with its form, and everything that is
//! wrong is told at once without repeating a value.

use super::{circumstances::Circumstances, problem::ProblemResponse};
use axum::response::{IntoResponse, Response};
use jiff::{Timestamp, civil::Date, tz};
use motlan_schemas::{
    catalogue::names::nearest,
    ids::{LabelError, OfficerId},
    json,
    query::{FieldError, Mistake, QueryError, Subject},
};
use serde_json::{Map, Value};

/// A statement that says less says nothing.
const STATEMENT_CHARS_MIN: u64 = 10;
/// Room for what matters; the files are elsewhere.
const STATEMENT_CHARS_MAX: u64 = 500;
/// As many digits in a row could be a person's number.
const NUMBER_DIGITS: usize = 9;
/// The offset of the country, which has had one since 1975.
const LEGAL_HOURS: i8 = 7;

/// The members of one body.
#[derive(Debug)]
pub(super) struct Members {
    given: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl Members {
    /// Takes a body apart.
    ///
    /// # Errors
    /// It is no JSON, or no object.
    pub(super) fn parse(bytes: &[u8], depth: usize, known: &[&str]) -> Result<Self, QueryError> {
        let Value::Object(given) = json::parse(bytes, depth)? else {
            let mistake = Mistake::WrongType {
                expected: "an object",
            };
            let pointer = String::new();
            return Err(QueryError::Invalid(vec![FieldError { pointer, mistake }]));
        };
        let mut members = Self {
            given,
            errors: Vec::new(),
        };
        let names: Vec<_> = members.given.keys().cloned().collect();
        for name in names.iter().filter(|name| !known.contains(&name.as_str())) {
            // Whatever is not the name of a member could be anything, also a person's number.
            let harmless =
                name.len() <= 40 && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            let nearest = harmless
                .then(|| nearest(name, known.iter().copied()))
                .flatten();
            let pointer = if harmless { name } else { "" };
            members.wrong(pointer, Mistake::UnknownField { nearest });
        }
        Ok(members)
    }

    /// A member that must be there, read by its form.
    pub(super) fn required<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&Value) -> Result<T, Mistake>,
    ) -> Option<T> {
        if !self.given.contains_key(name) {
            self.wrong(name, Mistake::Missing);
        }
        self.optional(name, read)
    }

    /// A member that may be there, read by its form.
    pub(super) fn optional<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&Value) -> Result<T, Mistake>,
    ) -> Option<T> {
        match self.given.get(name).map(read)? {
            Ok(value) => Some(value),
            Err(mistake) => {
                self.wrong(name, mistake);
                None
            }
        }
    }

    /// Whether the body names it.
    pub(super) fn has(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    /// Says that a member is wrong.
    pub(super) fn wrong(&mut self, name: &str, mistake: Mistake) {
        self.errors.push(FieldError {
            pointer: format!("/{name}").trim_end_matches('/').to_owned(),
            mistake,
        });
    }

    /// What was read, if nothing is wrong.
    ///
    /// # Errors
    /// Everything that is.
    pub(super) fn finish<T>(self, read: Option<T>) -> Result<T, QueryError> {
        match read {
            Some(read) if self.errors.is_empty() => Ok(read),
            _ => Err(QueryError::Invalid(self.errors)),
        }
    }
}

/// The response to a body that is wrong.
pub(super) fn refused(error: &QueryError, on: &Circumstances) -> Response {
    ProblemResponse::from_query_error(error, on).into_response()
}

/// Any text.
pub(super) fn text(value: &Value) -> Result<String, Mistake> {
    let text = value.as_str().map(str::to_owned);
    text.ok_or(Mistake::WrongType {
        expected: "a string",
    })
}

/// The id of an officer, a client or an agency: short and printable.
pub(super) fn label(value: &Value) -> Result<String, Mistake> {
    let label: OfficerId = text(value)?.parse().map_err(Mistake::Label)?;
    Ok(label.as_str().to_owned())
}

/// A whole number.
pub(super) fn number(value: &Value) -> Result<u64, Mistake> {
    value.as_u64().ok_or(Mistake::WrongType {
        expected: "a whole number",
    })
}

/// A person or an enterprise: `{"person": "…"}` or `{"enterprise": "…"}`.
pub(super) fn subject(value: &Value) -> Result<Subject, Mistake> {
    let members = value.as_object().ok_or(Mistake::SubjectForm)?;
    let mut members = members.iter();
    match (members.next(), members.next()) {
        (Some((kind, Value::String(number))), None) if kind == "person" => Ok(Subject::Person(
            number.parse().map_err(Mistake::PersonalId)?,
        )),
        (Some((kind, Value::String(number))), None) if kind == "enterprise" => Ok(
            Subject::Enterprise(number.parse().map_err(Mistake::EnterpriseCode)?),
        ),
        _ => Err(Mistake::SubjectForm),
    }
}

/// A moment (RFC 3339), or a day, which begins at midnight in Việt Nam.
pub(super) fn time(value: &Value) -> Result<Timestamp, Mistake> {
    let text = text(value)?;
    let day = |text: &str| {
        let day: Date = text.parse().ok()?;
        let midnight = day.to_zoned(tz::offset(LEGAL_HOURS).to_time_zone()).ok()?;
        Some(midnight.timestamp())
    };
    let is_day = text.len() == "2026-11-21".len();
    let time = if is_day {
        day(&text)
    } else {
        text.parse().ok()
    };
    time.ok_or(Mistake::TimeForm)
}

/// A statement that goes into the access log as it stands.
pub(super) fn statement(value: &Value) -> Result<String, Mistake> {
    let text = text(value)?.trim().to_owned();
    let (min, max) = (STATEMENT_CHARS_MIN, STATEMENT_CHARS_MAX);
    let digits = text.split(|c: char| !c.is_numeric());
    if !(min..=max).contains(&(text.chars().count() as u64)) {
        Err(Mistake::StatementLength { min, max })
    } else if text.chars().any(char::is_control) {
        Err(Mistake::Label(LabelError::Unprintable))
    } else if digits.map(|run| run.chars().count()).max() >= Some(NUMBER_DIGITS) {
        Err(Mistake::NamesPerson)
    } else {
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(body: &str) -> Vec<String> {
        let read = Members::parse(body.as_bytes(), 3, &["subject", "ground", "from"]);
        let read = read.and_then(|mut members| {
            let subject = members.required("subject", subject);
            let ground = members.required("ground", statement);
            let _ = members.optional("from", time);
            members.finish(subject.zip(ground))
        });
        match read {
            Ok(_) => Vec::new(),
            Err(QueryError::Json(_)) => vec!["json".to_owned()],
            Err(QueryError::Invalid(errors)) => {
                let errors = errors.iter();
                let told = errors.map(|e| format!("{}: {}", e.pointer, e.mistake.code()));
                told.collect()
            }
        }
    }

    #[test]
    fn everything_wrong_is_told_at_once_and_no_value_is_repeated() {
        let ground = "Decision 12 of the court of Ba Đình";
        let good = format!(r#"{{"subject": {{"person": "001185012345"}}, "ground": "{ground}"}}"#);
        assert_eq!(told(&good), [""; 0]);
        assert_eq!(told("{"), ["json"]);
        assert_eq!(told("{}"), ["/subject: required", "/ground: required"]);
        let both = r#"{"subject": {"person": "001185012345", "enterprise": "0100109106"},
            "ground": "it concerns 001185012345", "from": "soon", "groun": 1, "001185012345": 1}"#;
        let mut wrong = told(both);
        wrong.sort();
        let expected = [
            "/from: time_form",
            "/groun: unknown_field",
            "/ground: names_person",
            "/subject: subject_form",
            ": unknown_field",
        ];
        assert_eq!(wrong, expected);
    }

    #[test]
    fn a_day_begins_at_midnight_in_the_country() {
        let day = time(&Value::from("2026-11-21")).unwrap();
        assert_eq!(day.to_string(), "2026-11-20T17:00:00Z");
        assert!(time(&Value::from("2026-11-21T08:00:00Z")).is_ok());
    }
}
