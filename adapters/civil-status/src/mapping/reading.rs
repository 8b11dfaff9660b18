//! How one element's text becomes one value.

use super::tables::{self, Kind, Row};
use crate::config::Config;
use motlan_adapter_sdk::{
    codes::{Codes, Meaning},
    config::ConfigError,
    value::{self, ValueError},
};
use serde_json::Value;

#[derive(Debug)]
pub(super) enum Reading {
    /// Text; codes translate what they list.
    Text(Codes),
    Date,
    Flag,
    Time,
    /// A code of a list, and nothing else.
    Code(Codes),
}

impl Reading {
    pub(super) fn new(kind: Kind, config: &Config) -> Self {
        let codes = |list| {
            let own = || Codes::new(tables::codes(list).iter().copied());
            config.codes.get(list).cloned().unwrap_or_else(own)
        };
        match kind {
            Kind::Text => Self::Text(Codes::default()),
            Kind::Free(list) => Self::Text(codes(list)),
            Kind::Date => Self::Date,
            Kind::Flag => Self::Flag,
            Kind::Time => Self::Time,
            Kind::Code(list) => Self::Code(codes(list)),
        }
    }

    /// Checks that each code means a word that the attribute may have.
    pub(super) fn check(&self, row: &Row, schema: &Value) -> Result<(), ConfigError> {
        let (Self::Code(codes), Kind::Code(list)) = (self, row.kind) else {
            return Ok(());
        };
        let attribute = schema
            .get("properties")
            .and_then(|all| all.get(row.attribute));
        let words = attribute.and_then(|attribute| attribute.get("enum")?.as_array());
        let words = words.map_or(&[][..], Vec::as_slice);
        let is_word =
            |meaning: &str| meaning.is_empty() || words.iter().any(|word| word == meaning);
        match codes.iter().find(|(_, meaning)| !is_word(meaning)) {
            None => Ok(()),
            Some((code, meaning)) => {
                let words: Vec<_> = words.iter().filter_map(Value::as_str).collect();
                let reason = format!("`{meaning}` is none of {}", words.join(", "));
                Err(ConfigError::setting(format!("codes.{list}.{code}"), reason))
            }
        }
    }

    pub(super) fn read(&self, raw: &str) -> Result<Option<Value>, ValueError> {
        match self {
            Self::Text(codes) => Ok(match codes.meaning(raw) {
                Meaning::Is(meaning) => Some(Value::from(meaning)),
                Meaning::Nothing => None,
                Meaning::Unlisted => value::text(raw).map(Value::from),
            }),
            Self::Date => Ok(value::partial_date(raw)?.map(|date| Value::from(date.to_string()))),
            Self::Flag => Ok(value::flag(raw)?.map(Value::from)),
            Self::Time => time(raw).map(|time| Some(Value::from(time))),
            Self::Code(codes) => match codes.meaning(raw) {
                Meaning::Is(meaning) => Ok(Some(Value::from(meaning))),
                Meaning::Nothing => Ok(None),
                Meaning::Unlisted => Err(ValueError::Code),
            },
        }
    }
}

/// `HH:MM`, with or without seconds.
fn time(raw: &str) -> Result<&str, ValueError> {
    match raw.as_bytes() {
        [_, _, b':', _, _] => Ok(raw),
        [_, _, b':', _, _, b':', _, _] => raw.get(..5).ok_or(ValueError::Form),
        _ => Err(ValueError::Form),
    }
}
