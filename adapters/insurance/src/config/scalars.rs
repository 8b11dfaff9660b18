//! Settings that are one value and not of a plain type.

use jiff::tz::{self, Offset};
use motlan_adapter_sdk::fhir::Coding;
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
};
use std::fmt;

/// An offset from UTC, written `+07:00`; Vietnam's by default.
///
/// ```
/// use motlan_insurance::UtcOffset;
/// let kathmandu: UtcOffset = serde_json::from_str(r#""+05:45""#).unwrap();
/// assert_eq!(kathmandu.offset().seconds(), 20_700);
/// assert!(serde_json::from_str::<UtcOffset>(r#""7""#).is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct UtcOffset(Offset);

impl UtcOffset {
    /// The offset.
    #[must_use]
    pub const fn offset(self) -> Offset {
        self.0
    }
}

impl Default for UtcOffset {
    fn default() -> Self {
        Self(tz::offset(7))
    }
}

impl TryFrom<String> for UtcOffset {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let parse = || {
            let (sign, time) = match text.split_at_checked(1)? {
                ("+", time) => (1, time),
                ("-", time) => (-1, time),
                _ => return None,
            };
            let (hours, minutes) = time.split_once(':')?;
            let is_form = hours.len() == 2 && minutes.len() == 2;
            let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
            let is_time = is_form && (0..=14).contains(&hours) && (0..60).contains(&minutes);
            let seconds = is_time.then_some(sign * (hours * 60 + minutes) * 60)?;
            Offset::from_seconds(seconds).ok()
        };
        parse()
            .map(Self)
            .ok_or("an offset from UTC is written +07:00")
    }
}

/// A coding, or `"any"` for none in particular: a configuration file has no `null`.
pub(super) fn scheme_or_any<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Coding>, D::Error> {
    deserializer.deserialize_any(SchemeVisitor)
}

struct SchemeVisitor;

impl<'de> Visitor<'de> for SchemeVisitor {
    type Value = Option<Coding>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a table with `system` and `code`, or \"any\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Option<Coding>, E> {
        match text {
            "any" => Ok(None),
            other => Err(E::invalid_value(serde::de::Unexpected::Str(other), &self)),
        }
    }

    fn visit_unit<E>(self) -> Result<Option<Coding>, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Option<Coding>, A::Error> {
        Coding::deserialize(MapAccessDeserializer::new(members)).map(Some)
    }
}
