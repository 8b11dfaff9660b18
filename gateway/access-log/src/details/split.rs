//! Tells the members of a record apart, for those who may see them.

use std::fmt;

use serde::de::{Deserializer as _, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::is_withheld;

/// The texts of a record's two parts.
pub(super) struct Split {
    /// What the citizen may see.
    pub(super) shown: Vec<u8>,
    /// What only a data protection officer may see.
    pub(super) withheld: Vec<u8>,
}

/// Splits the text of a record of this kind. Each member's text stays as it is, and in its order;
/// the subject stays outside.
pub(super) fn split(kind: &str, record: &[u8]) -> Result<Split, serde_json::Error> {
    serde_json::Deserializer::from_slice(record).deserialize_map(Members { kind })
}

struct Members<'k> {
    kind: &'k str,
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Split;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Split, A::Error> {
        let mut split = Split {
            shown: vec![b'{'],
            withheld: vec![b'{'],
        };
        while let Some((name, value)) = members.next_entry::<&str, &RawValue>()? {
            let part = match is_withheld(self.kind, name) {
                _ if name == "subject" => continue,
                true => &mut split.withheld,
                false => &mut split.shown,
            };
            if part.len() > 1 {
                part.push(b',');
            }
            serde_json::to_writer(&mut *part, name).map_err(Error::custom)?;
            part.push(b':');
            part.extend_from_slice(value.get().as_bytes());
        }
        split.shown.push(b'}');
        split.withheld.push(b'}');
        Ok(split)
    }
}
