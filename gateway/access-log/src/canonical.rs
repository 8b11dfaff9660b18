//! Canonical JSON ([RFC 8785](https://www.rfc-editor.org/rfc/rfc8785)), as far as entries need it:
//! whole numbers only, and member names in ASCII, so that byte order is the order of the RFC.

use std::fmt;

use serde::Serialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Whether the bytes are canonical JSON.
#[must_use]
pub fn is_canonical(bytes: &[u8]) -> bool {
    let mut written = Vec::with_capacity(bytes.len());
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    Rewrite(&mut written).deserialize(&mut reader).is_ok()
        && reader.end().is_ok()
        && written == bytes
}

/// Writes what it reads in canonical form. Members out of order or given twice are errors, so
/// that equal output means canonical input.
struct Rewrite<'a>(&'a mut Vec<u8>);

impl Rewrite<'_> {
    fn scalar<E: Error>(self, value: &impl Serialize) -> Result<(), E> {
        serde_json::to_writer(self.0, value).map_err(Error::custom)
    }
}

impl<'de> DeserializeSeed<'de> for Rewrite<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Rewrite<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("canonical JSON with whole numbers")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.scalar(&value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.scalar(&value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.scalar(&value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.scalar(&value)
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.scalar(&())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        self.0.push(b'[');
        let start = self.0.len();
        loop {
            let before = self.0.len();
            if before > start {
                self.0.push(b',');
            }
            if elements.next_element_seed(Rewrite(self.0))?.is_none() {
                self.0.truncate(before);
                self.0.push(b']');
                return Ok(());
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut previous: Option<String> = None;
        self.0.push(b'{');
        while let Some(name) = members.next_key::<String>()? {
            if previous.as_ref().is_some_and(|previous| *previous >= name) || !name.is_ascii() {
                return Err(Error::custom("member names out of order"));
            }
            if previous.is_some() {
                self.0.push(b',');
            }
            Rewrite(self.0).scalar(&name)?;
            self.0.push(b':');
            members.next_value_seed(Rewrite(self.0))?;
            previous = Some(name);
        }
        self.0.push(b'}');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_forms_are_recognised() {
        for text in [
            "{}",
            "[]",
            "null",
            "[1,-2,true,null,\"\"]",
            r#"{"a":{"b":[{},[]]},"b":"é\n"}"#,
        ] {
            assert!(is_canonical(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            "{",
            "{} ",
            " {}",
            "{ }",
            r#"{"b":1,"a":1}"#,
            r#"{"a":1,"a":1}"#,
            "1.0",
            "1e3",
            "01",
            r#""\u0041""#,
            r#""\u00e9""#,
            r#""\/""#,
            "[1, 2]",
            r#"{"é":1}"#,
            "{}{}",
            "\"\u{1}\"",
            "-0",
        ] {
            assert!(!is_canonical(text.as_bytes()), "{text}");
        }
        assert!(!is_canonical(b"\"\xff\""));
    }
}
