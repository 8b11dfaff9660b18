//! JSON from strangers: no duplicate keys, no depth beyond a limit, and the place of each mistake.

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Why bytes are not the JSON that is asked for. Never repeats the input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not valid JSON at line {line}, column {column}: {reason}")]
pub struct JsonError {
    /// Line of the mistake, from 1.
    pub line: usize,
    /// Column of the mistake, from 1 (0 where the line ended early).
    pub column: usize,
    /// What is wrong there.
    pub reason: JsonMistake,
}

/// The kinds of mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JsonMistake {
    /// The text breaks the grammar of RFC 8259.
    #[error("syntax")]
    Syntax,
    /// The text ends before the value does.
    #[error("the text ends too early")]
    Ended,
    /// An object has the same key twice; which one is meant cannot be known.
    #[error("the same key twice in one object")]
    DuplicateKey,
    /// Arrays and objects are nested deeper than allowed.
    #[error("nested too deeply")]
    Depth,
}

/// Reads one JSON value that is nested at most `depth_max` deep and has no key twice.
///
/// ```
/// use motlan_schemas::json::{parse, JsonMistake};
/// assert!(parse(br#"{"a": [1]}"#, 2).is_ok());
/// assert_eq!(parse(br#"{"a": 1, "a": 2}"#, 2).unwrap_err().reason, JsonMistake::DuplicateKey);
/// assert_eq!(parse(b"[[[]]]", 2).unwrap_err().reason, JsonMistake::Depth);
/// ```
///
/// # Errors
/// A [`JsonError`] with line and column for anything else.
pub fn parse(bytes: &[u8], depth_max: usize) -> Result<Value, JsonError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict {
        depth_left: depth_max,
    }
    .deserialize(&mut reader)
    .map_err(|e| explain(&e))?;
    reader.end().map_err(|error| explain(&error))?;
    Ok(value)
}

const DUPLICATE: &str = "motlan: duplicate key";
const DEPTH: &str = "motlan: depth";

fn explain(error: &serde_json::Error) -> JsonError {
    let text = error.to_string();
    let reason = if text.starts_with(DUPLICATE) {
        JsonMistake::DuplicateKey
    } else if text.starts_with(DEPTH) || text.starts_with("recursion limit") {
        JsonMistake::Depth
    } else if error.is_eof() {
        JsonMistake::Ended
    } else {
        JsonMistake::Syntax
    };
    JsonError {
        line: error.line(),
        column: error.column(),
        reason,
    }
}

#[derive(Clone, Copy)]
struct Strict {
    depth_left: usize,
}

impl Strict {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        let depth_left = self
            .depth_left
            .checked_sub(1)
            .ok_or_else(|| E::custom(DEPTH))?;
        Ok(Self { depth_left })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            let value = members.next_value_seed(inner)?;
            if object.insert(key, value).is_some() {
                return Err(A::Error::custom(DUPLICATE));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn mistakes_are_told_apart_and_located() {
        let mistake = |text: &str| parse(text.as_bytes(), 8).unwrap_err();
        assert_eq!(mistake("{\n  \"a\": }").line, 2);
        assert_eq!(mistake("{\"a\": 1} x").reason, JsonMistake::Syntax);
        assert_eq!(mistake("{\"a\": ").reason, JsonMistake::Ended);
        assert_eq!(mistake("").reason, JsonMistake::Ended);
        assert_eq!(mistake(&"[".repeat(100_000)).reason, JsonMistake::Depth);
        assert!(parse(b"\"\xff\"", 8).is_err());
        assert!(parse(b"\xef\xbb\xbf{}", 8).is_err());
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_ordinary_reader(keys in proptest::collection::btree_set("[a-z]{1,4}", 0..6), number: i64) {
            let object: Map<String, Value> = keys.into_iter().map(|k| (k, Value::from(number))).collect();
            let value = Value::Object(object);
            let text = serde_json::to_vec(&value).unwrap();
            prop_assert_eq!(parse(&text, 3).unwrap(), value);
        }
    }
}
