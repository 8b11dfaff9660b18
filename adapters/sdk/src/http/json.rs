//! JSON bodies from strangers.
//!
//! Refused are: a key twice in one object, more than [`DEPTH_MAX`] levels, more than [`VALUES_MAX`]
//! values, whole numbers that 64 bits do not hold (as text they are welcome; as numbers they would
//! be rounded), anything behind the document, and texts that are not what their `charset` says.

use super::answer::public_code;
use crate::{adapter::AdapterError, charset::Encoding};
use motlan_schemas::json::{self, JsonMistake};
use serde_json::Value;
use std::borrow::Cow;

/// Reads a body; `charset` is the content type's parameter, in lower case.
pub(crate) fn parse(body: &[u8], charset: Option<&str>) -> Result<Value, AdapterError> {
    let text = decode(body, charset)?;
    check(text.as_bytes()).map_err(AdapterError::malformed)?;
    json::parse(text.as_bytes(), DEPTH_MAX).map_err(|error| match error.reason {
        JsonMistake::Ended if !body.is_empty() => AdapterError::Truncated {
            reason: "the JSON text ends too early".to_owned(),
        },
        _ => AdapterError::malformed(error.to_string()),
    })
}

/// JSON is UTF-8 without a mark (RFC 8259, section 8.1). Older servers put the mark there, and say
/// other encodings, all the same.
fn decode<'a>(body: &'a [u8], charset: Option<&str>) -> Result<Cow<'a, str>, AdapterError> {
    let (encoding, bytes) = match (Encoding::marked(body), charset) {
        (Some(marked), _) => marked,
        (None, None) => (Encoding::Utf8, body),
        (None, Some(name)) => match Encoding::named(name) {
            Some(encoding) => (encoding, body),
            None => {
                let reason = format!("JSON in the unknown charset `{}`", public_code(name));
                return Err(AdapterError::malformed(reason));
            }
        },
    };
    encoding
        .decode(bytes)
        .map_err(|error| AdapterError::malformed(error.to_string()))
}

/// Looks over a text once, before anything is built from it: its values are counted and its numbers
/// read. What is no JSON at all is left to the parser to complain about.
fn check(text: &[u8]) -> Result<(), String> {
    let mut values = 1_usize;
    let mut rest = text;
    while let [byte, behind @ ..] = rest {
        rest = behind;
        match byte {
            b'"' => rest = behind_string(behind),
            b',' | b'[' | b'{' => {
                values += 1;
                if values > VALUES_MAX {
                    return Err(format!("more than {VALUES_MAX} values"));
                }
            }
            b'-' | b'0'..=b'9' => {
                let digits = behind.iter().take_while(|byte| is_of_number(**byte));
                let (more, others) = behind.split_at(digits.count());
                check_number(*byte, more)?;
                rest = others;
            }
            _ => {}
        }
    }
    Ok(())
}

/// What stands behind a string whose opening quote has been read.
fn behind_string(mut rest: &[u8]) -> &[u8] {
    while let [byte, behind @ ..] = rest {
        rest = match byte {
            b'"' => return behind,
            b'\\' => behind.get(1..).unwrap_or_default(),
            _ => behind,
        };
    }
    rest
}

fn check_number(first: u8, more: &[u8]) -> Result<(), String> {
    if more.len() >= NUMBER_BYTES_MAX {
        return Err(format!(
            "a number of more than {NUMBER_BYTES_MAX} characters"
        ));
    }
    let is_whole = more.iter().all(u8::is_ascii_digit);
    // Eighteen digits always fit.
    if !is_whole || more.len() < 18 {
        return Ok(());
    }
    let text: String = std::iter::once(first)
        .chain(more.iter().copied())
        .map(char::from)
        .collect();
    if text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok() {
        Ok(())
    } else {
        Err("a whole number beyond 64 bits, which would be rounded".to_owned())
    }
}

const fn is_of_number(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')
}

/// Deeper than any registry's documents are.
const DEPTH_MAX: usize = 64;
/// A page of a thousand records with forty members each has fewer than half of them.
const VALUES_MAX: usize = 100_000;
/// A double has 17 digits that mean something; nobody measures with forty.
const NUMBER_BYTES_MAX: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn refused(text: &str) -> String {
        parse(text.as_bytes(), None).unwrap_err().to_string()
    }

    #[test]
    fn documents_that_mean_two_things_are_refused() {
        assert!(refused(r#"{"a": 1, "a": 1}"#).contains("the same key twice"));
        assert!(refused(r#"[{"b": {"a": 1, "\u0061": 2}}]"#).contains("the same key twice"));
        for bad in [
            "{} {}",
            "{}x",
            "[1,]",
            "{\"a\":1,}",
            "{'a':1}",
            "[01]",
            "[1.]",
            "[+1]",
            "[.5]",
            "[NaN]",
            "[Infinity]",
            "[0x1]",
            "[1e400]",
            "[-1e400]",
            "// a\n{}",
            "[\"\t\"]",
            r#"["\ud800"]"#,
            r#"["\udc00\ud800"]"#,
            r#"["\u12"]"#,
            r#"["\x41"]"#,
            "[\"\0\"]",
        ] {
            let error = parse(bad.as_bytes(), None).unwrap_err();
            assert!(
                matches!(error, AdapterError::Malformed { .. }),
                "{bad}: {error}"
            );
        }
        assert!(matches!(
            parse(b"{\"a\": [1", None),
            Err(AdapterError::Truncated { .. })
        ));
        assert!(matches!(
            parse(b"", None),
            Err(AdapterError::Malformed { .. })
        ));
    }

    #[test]
    fn numbers_are_exact_or_refused() {
        let number = |text: &str| parse(text.as_bytes(), None);
        assert_eq!(number("18446744073709551615").unwrap(), json!(u64::MAX));
        assert_eq!(number("-9223372036854775808").unwrap(), json!(i64::MIN));
        assert_eq!(number("1e-400").unwrap(), json!(0.0));
        for beyond in [
            "18446744073709551616",
            "-9223372036854775809",
            "123456789012345678901",
        ] {
            assert!(
                refused(&format!("[{beyond}]")).contains("64 bits"),
                "{beyond}"
            );
        }
        let long = "1".repeat(100_000);
        assert!(refused(&format!("[{long}]")).contains("40 characters"));
        assert!(refused(&format!("[0.{long}]")).contains("40 characters"));
        assert_eq!(number(&format!("\"{long}\"")).unwrap(), json!(long));
    }

    #[test]
    fn a_text_in_another_encoding_is_read_or_refused_with_its_name() {
        let name = |body: &[u8], charset| {
            parse(body, charset).map(|value| value["n"].as_str().map(str::to_owned).unwrap())
        };
        assert_eq!(
            name("\u{feff}{\"n\": \"ạ\"}".as_bytes(), None).unwrap(),
            "ạ"
        );
        assert_eq!(
            name("{\"n\": \"ạ\"}".as_bytes(), Some("utf-8")).unwrap(),
            "ạ"
        );
        assert_eq!(name(b"{\"n\": \"\xe9\"}", Some("iso-8859-1")).unwrap(), "é");
        assert_eq!(
            name(b"{\"n\": \"\xf0\"}", Some("windows-1258")).unwrap(),
            "đ"
        );
        let wide: Vec<u8> = "{\"n\": \"ạ\"}"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        assert_eq!(name(&wide, Some("utf-16be")).unwrap(), "ạ");
        let error = parse(b"{}", Some("x-viet-tcvn5712"))
            .unwrap_err()
            .to_string();
        assert!(
            error.ends_with("JSON in the unknown charset `x-viet-tcvn5712`"),
            "{error}"
        );
        let error = parse(b"{\"n\": \"\xe9\"}", None).unwrap_err().to_string();
        assert!(error.contains("not in the character encoding"), "{error}");
    }

    #[test]
    fn floods_are_refused_before_anything_is_built() {
        assert!(refused(&"[".repeat(100_000)).contains("more than"));
        assert!(
            refused(&format!("{}1{}", "[".repeat(65), "]".repeat(65)))
                .contains("nested too deeply")
        );
        assert!(refused(&format!("[{}0]", "0,".repeat(200_000))).contains("100000 values"));
        let keys: String = (0..200_000).map(|n| format!("\"k{n}\":0,")).collect();
        assert!(refused(&format!("{{{keys}\"k\":0}}")).contains("100000 values"));
        let text = format!("\"{}\"", "\\\"[,".repeat(200_000));
        assert!(parse(text.as_bytes(), None).is_ok());
    }

    proptest! {
        #[test]
        fn looking_over_never_panics_and_never_refuses_small_documents(text in "\\PC{0,60}") {
            prop_assert!(check(text.as_bytes()).is_ok() || text.bytes().filter(u8::is_ascii_digit).count() > 18);
            let _ = parse(text.as_bytes(), None);
        }
    }
}
