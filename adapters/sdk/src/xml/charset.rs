//! Which character encoding a document is in.

use super::XmlError;
use crate::charset::Encoding;
use std::borrow::Cow;

/// Decodes a document. `charset` is the content type's parameter, in lower case; it goes before
/// what the document declares (RFC 7303, section 3), and a byte order mark before both.
pub(super) fn decode<'a>(bytes: &'a [u8], charset: Option<&str>) -> Result<Cow<'a, str>, XmlError> {
    if let Some((encoding, rest)) = Encoding::marked(bytes) {
        return encoding.decode(rest).map_err(|_| XmlError::Charset);
    }
    let name = match charset {
        Some(charset) => Cow::Borrowed(charset),
        None => declared(bytes),
    };
    let encoding = match name.as_ref() {
        "" => Encoding::Utf8,
        name => Encoding::named(name).ok_or(XmlError::Charset)?,
    };
    encoding.decode(bytes).map_err(|_| XmlError::Charset)
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
