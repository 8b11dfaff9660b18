//! Who asks, and why, in headers of an ordinary HTTP registry.
//!
//! Protocols with fields of their own for this (X-Road) do not use it. The names are
//! configuration, because HTTP has no standard for them.

use crate::{adapter::Call, config::ConfigError};
use http::{HeaderMap, HeaderName, HeaderValue};
use motlan_policies::permit::Permit;
use serde::Deserialize;

/// The names of the headers; an empty name means that the registry wants no such header.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CallerHeaderNames {
    /// Carries the id of the call, so that both sides' logs can be compared.
    pub request_id: String,
    /// Carries the officer on whose behalf the agency asks.
    pub officer: String,
    /// Carries the case for which it asks.
    pub case: String,
    /// Carries the purpose: the administrative procedure.
    pub purpose: String,
}

impl Default for CallerHeaderNames {
    fn default() -> Self {
        Self {
            request_id: "X-Request-Id".to_owned(),
            officer: "X-Officer".to_owned(),
            case: "X-Case".to_owned(),
            purpose: "X-Purpose".to_owned(),
        }
    }
}

/// The headers to send, by names that are known to be header names.
#[derive(Debug, Clone)]
pub struct CallerHeaders {
    request_id: Option<HeaderName>,
    officer: Option<HeaderName>,
    case: Option<HeaderName>,
    purpose: Option<HeaderName>,
}

impl CallerHeaders {
    /// Checks the names.
    ///
    /// # Errors
    /// The first name that is no header name.
    pub fn new(names: &CallerHeaderNames) -> Result<Self, ConfigError> {
        let name = |setting: &str, name: &str| {
            let parsed = (!name.is_empty())
                .then(|| HeaderName::try_from(name))
                .transpose();
            parsed.map_err(|_| {
                ConfigError::setting(format!("headers.{setting}"), "is no header name")
            })
        };
        Ok(Self {
            request_id: name("request_id", &names.request_id)?,
            officer: name("officer", &names.officer)?,
            case: name("case", &names.case)?,
            purpose: name("purpose", &names.purpose)?,
        })
    }

    /// The headers for one call.
    #[must_use]
    pub fn headers(&self, permit: &Permit, call: &Call) -> HeaderMap {
        let asking = permit.asking();
        let fields = [
            (&self.request_id, Some(call.id.to_string())),
            (
                &self.officer,
                asking
                    .officer
                    .as_ref()
                    .map(|officer| officer.id.to_string()),
            ),
            (&self.case, asking.case.as_ref().map(ToString::to_string)),
            (&self.purpose, Some(asking.purpose.to_string())),
        ];
        fields
            .into_iter()
            .filter_map(|(name, value)| Some((name.clone()?, header_value(&value?)?)))
            .collect()
    }
}

/// A text as a header value: visible ASCII stays, every other byte of its UTF-8 and the per cent
/// sign itself are percent-encoded, as X-Road does with its ids.
fn header_value(text: &str) -> Option<HeaderValue> {
    let mut value = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && byte != b'%' {
            value.push(char::from(byte));
        } else {
            value.push_str(&format!("%{byte:02X}"));
        }
    }
    HeaderValue::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_becomes_a_header_value_that_can_be_read_back() {
        assert_eq!(
            header_value("H01.12-261121-0007").unwrap(),
            "H01.12-261121-0007"
        );
        assert_eq!(
            header_value("hồ sơ 7%").unwrap(),
            "h%E1%BB%93%20s%C6%A1%207%25"
        );
        assert_eq!(
            header_value("a\r\nX-Evil: 1").unwrap(),
            "a%0D%0AX-Evil:%201"
        );
    }

    #[test]
    fn a_bad_name_is_named_and_an_empty_one_switches_off() {
        let bad = CallerHeaderNames {
            case: "X Case".to_owned(),
            ..CallerHeaderNames::default()
        };
        assert!(
            CallerHeaders::new(&bad)
                .unwrap_err()
                .to_string()
                .contains("headers.case")
        );
        let off = CallerHeaderNames {
            case: String::new(),
            ..CallerHeaderNames::default()
        };
        assert!(CallerHeaders::new(&off).unwrap().case.is_none());
    }
}
