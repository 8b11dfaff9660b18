//! From the bytes of a document to its text.

use super::XmlError;
use std::borrow::Cow;

/// Decodes a document. `charset` is the content type's parameter, in lower case.
pub(super) fn decode<'a>(bytes: &'a [u8], charset: Option<&str>) -> Result<Cow<'a, str>, XmlError> {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => return utf8(rest),
        [0xfe, 0xff, rest @ ..] => return utf16(rest, u16::from_be_bytes),
        [0xff, 0xfe, rest @ ..] => return utf16(rest, u16::from_le_bytes),
        _ => {}
    }
    let declared = match charset {
        Some(charset) => Cow::Borrowed(charset),
        None => declared(bytes),
    };
    match declared.as_ref() {
        "" | "utf-8" | "utf8" | "us-ascii" => utf8(bytes),
        "utf-16be" => utf16(bytes, u16::from_be_bytes),
        "utf-16le" | "utf-16" => utf16(bytes, u16::from_le_bytes),
        // Each byte is the code point of the same number.
        "iso-8859-1" | "latin1" => Ok(bytes.iter().map(|byte| char::from(*byte)).collect()),
        _ => Err(XmlError::Charset),
    }
}

fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, XmlError> {
    std::str::from_utf8(bytes)
        .map(Cow::Borrowed)
        .map_err(|_| XmlError::Charset)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'static, str>, XmlError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(XmlError::Charset);
    }
    let units = pairs.iter().map(|pair| unit(*pair));
    char::decode_utf16(units)
        .collect::<Result<String, _>>()
        .map(Cow::Owned)
        .map_err(|_| XmlError::Charset)
}

/// The encoding that the XML declaration names, in lower case; empty for none.
fn declared(bytes: &[u8]) -> Cow<'static, str> {
    let head = bytes
        .get(..bytes.len().min(DECLARATION_BYTES_MAX))
        .unwrap_or_default();
    let head = String::from_utf8_lossy(head);
    let declaration = head
        .strip_prefix("<?xml")
        .and_then(|rest| rest.split_once("?>"));
    let value = declaration
        .and_then(|(declaration, _)| declaration.split_once("encoding"))
        .map(|(_, value)| value.trim_start().trim_start_matches('=').trim_start());
    let name = value.and_then(|value| {
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        value.get(1..)?.split(quote).next()
    });
    name.map_or(Cow::Borrowed(""), |name| {
        Cow::Owned(name.to_ascii_lowercase())
    })
}

const DECLARATION_BYTES_MAX: usize = 200;
