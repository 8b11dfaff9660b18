//! An HTTP answer that was read whole.

use super::json;
use crate::adapter::AdapterError;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use jiff::fmt::rfc2822;
use serde_json::Value;
use std::fmt;

/// Status, headers and the whole body.
#[derive(Clone)]
pub struct HttpAnswer {
    /// The status; never a redirect, 429 or 503.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, within the client's limit.
    pub body: Bytes,
}

impl HttpAnswer {
    /// The body as JSON: no key twice, within limits of depth and number of values, no number that
    /// would be rounded.
    ///
    /// # Errors
    /// [`AdapterError::Malformed`] with line and column, [`AdapterError::Truncated`] where the text
    /// stops in the middle.
    pub fn json(&self) -> Result<Value, AdapterError> {
        json::parse(&self.body, self.charset().as_deref())
    }

    /// The media type without parameters, in lower case.
    #[must_use]
    pub fn media_type(&self) -> Option<String> {
        let text = self.headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        Some(text.split(';').next()?.trim().to_ascii_lowercase())
    }

    /// The `charset` parameter of the content type, in lower case.
    #[must_use]
    pub fn charset(&self) -> Option<String> {
        let text = self.headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        let parameters = text
            .split(';')
            .skip(1)
            .filter_map(|parameter| parameter.split_once('='));
        let charset = parameters
            .map(|(name, value)| (name.trim(), value))
            .find(|(name, _)| name.eq_ignore_ascii_case("charset"));
        charset.map(|(_, value)| value.trim().trim_matches('"').to_ascii_lowercase())
    }

    /// How many seconds `Retry-After` asks for.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        retry_after(&self.headers)
    }

    /// What a status means for which the protocol has no use: 4xx refused, 5xx down, else malformed.
    #[must_use]
    pub fn unexpected_status(&self) -> AdapterError {
        let reason = format!("HTTP {}", self.status.as_u16());
        if self.status.is_client_error() {
            AdapterError::Refused { reason }
        } else if self.status.is_server_error() {
            AdapterError::Down { reason }
        } else {
            AdapterError::malformed(format!("{reason} where an answer is expected"))
        }
    }
}

/// The body may be about a person, so only its length is shown.
impl fmt::Debug for HttpAnswer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("HttpAnswer")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// A registry's error code, fit for an error text: a short identifier. Anything else, and anything
/// with a run of digits in which a person's number could hide, becomes `unreadable code`.
///
/// ```
/// use motlan_adapter_sdk::http::public_code;
/// assert_eq!(public_code("Server.ServerProxy.AccessDenied"), "Server.ServerProxy.AccessDenied");
/// assert_eq!(public_code("unknown person 001185012345"), "unreadable code");
/// ```
#[must_use]
pub fn public_code(code: &str) -> &str {
    let code = code.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':');
    let digits_run = code
        .split(|c: char| !c.is_ascii_digit())
        .map(str::len)
        .max()
        .unwrap_or(0);
    if (1..=CODE_BYTES_MAX).contains(&code.len())
        && code.chars().all(plain)
        && digits_run <= DIGITS_RUN_MAX
    {
        code
    } else {
        "unreadable code"
    }
}

/// The seconds of `Retry-After` (RFC 9110, section 10.2.3), which is a number of them or a date.
/// A date is held against the answer's own `Date`: both are of one clock, and ours may differ.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<u64> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let wish = text(header::RETRY_AFTER)?;
    if let Ok(seconds) = wish.parse() {
        return Some(seconds);
    }
    let moment = |text: &str| rfc2822::DateTimeParser::new().parse_timestamp(text).ok();
    let seconds = moment(wish)?.as_second() - moment(text(header::DATE)?)?.as_second();
    Some(u64::try_from(seconds).unwrap_or(0))
}

const CODE_BYTES_MAX: usize = 100;
/// Status codes have three digits, years four.
const DIGITS_RUN_MAX: usize = 5;
