//! X-Road identifiers (PR-MESS, section 2.1): `instance/class/code/subsystem`.

use serde::{Deserialize, Serialize};
use std::fmt::{self, Write};

/// A subsystem of a member, the unit that provides and consumes services.
///
/// ```
/// use motlan_adapter_sdk::xroad::Subsystem;
/// let subsystem: Subsystem = "VN/GOV/G01/population".to_owned().try_into().unwrap();
/// assert_eq!(subsystem.to_string(), "VN/GOV/G01/population");
/// assert!(Subsystem::try_from("VN/GOV".to_owned()).is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Subsystem {
    /// The X-Road instance, usually a country: `VN`.
    pub instance: String,
    /// The class of the member: `GOV`.
    pub member_class: String,
    /// The code of the member within its class.
    pub member_code: String,
    /// The subsystem of the member.
    pub subsystem_code: String,
}

/// A text that is no identifier of a subsystem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be instance/class/code/subsystem, each of letters, digits and '()+,-.=?")]
pub struct IdentifierError;

impl Subsystem {
    pub(super) fn motlan() -> Self {
        let part = str::to_owned;
        Self {
            instance: part("VN"),
            member_class: part("GOV"),
            member_code: part("motlan"),
            subsystem_code: part("gateway"),
        }
    }

    /// The parts, percent-encoded and joined by `/`, for paths and the header `X-Road-Client`.
    #[must_use]
    pub fn encoded(&self) -> String {
        self.parts().map(percent_encoded).join("/")
    }

    fn parts(&self) -> [&str; 4] {
        [
            &self.instance,
            &self.member_class,
            &self.member_code,
            &self.subsystem_code,
        ]
    }
}

impl TryFrom<String> for Subsystem {
    type Error = IdentifierError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_part = |part: &str| {
            (1..=255).contains(&part.len())
                && part
                    .chars()
                    .all(|c| c.is_alphanumeric() || "'()+,-.=?".contains(c))
                && !matches!(part, "." | "..")
        };
        let mut parts = text
            .split('/')
            .map(|part| is_part(part).then(|| part.to_owned()));
        let mut next = || parts.next().flatten().ok_or(IdentifierError);
        let subsystem = Self {
            instance: next()?,
            member_class: next()?,
            member_code: next()?,
            subsystem_code: next()?,
        };
        if parts.next().is_none() {
            Ok(subsystem)
        } else {
            Err(IdentifierError)
        }
    }
}

impl From<Subsystem> for String {
    fn from(subsystem: Subsystem) -> Self {
        subsystem.to_string()
    }
}

impl fmt::Display for Subsystem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.parts().join("/"))
    }
}

/// UTF-8 in which everything but RFC 3986's unreserved characters is percent-encoded.
pub(super) fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
