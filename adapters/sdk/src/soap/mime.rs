//! Answers with attachments: `multipart/related`, with the envelope in one of its parts.
//!
//! X-Road lets a registry answer so (PR-MESS, section 2.6; RFC 2387; XOP). The envelope is the part
//! that `start` names, else the first. The attachments themselves are not read: nothing that
//! a dataset holds is a file. An envelope that refers to one for a value is refused, because that
//! value would be missing without a word.

use crate::{
    adapter::AdapterError,
    http::HttpAnswer,
    xml::{self, Element},
};
use ::http::header;
use std::borrow::Cow;

/// A document in a body or in a part of one.
pub(super) struct Part<'a> {
    content_type: ContentType<'a>,
    body: &'a [u8],
}

impl<'a> Part<'a> {
    /// The part of an answer that holds the envelope.
    pub(super) fn of(answer: &'a HttpAnswer) -> Result<Self, AdapterError> {
        let text = answer.headers.get(header::CONTENT_TYPE);
        let content_type = ContentType(text.and_then(|text| text.to_str().ok()).unwrap_or(""));
        if content_type.media_type() != "multipart/related" {
            let body = &answer.body;
            return Ok(Self { content_type, body });
        }
        let boundary = content_type
            .parameter("boundary")
            .filter(|boundary| (1..=BOUNDARY_BYTES_MAX).contains(&boundary.len()))
            .ok_or_else(|| AdapterError::malformed("multipart/related without a boundary"))?;
        root(
            &answer.body,
            &boundary,
            content_type.parameter("start").as_deref(),
        )
    }

    /// Whether it says that it is XML, or says nothing.
    pub(super) fn is_xml(&self) -> bool {
        let kind = self.content_type.media_type();
        kind.is_empty() || kind.ends_with("/xml") || kind.ends_with("+xml")
    }

    /// The document.
    pub(super) fn document(&self) -> Result<Element, AdapterError> {
        let charset = self.content_type.parameter("charset");
        let charset = charset.map(|charset| charset.to_ascii_lowercase());
        Ok(xml::parse(self.body, charset.as_deref())?)
    }
}

/// Refuses an element with a value that is in an attachment (XOP, section 2.1).
pub(super) fn refuse_included(element: &Element) -> Result<(), AdapterError> {
    if element.is(XOP, "Include") {
        let reason = "a value is in an attachment, and attachments are not read";
        return Err(AdapterError::malformed(reason));
    }
    element.children.iter().try_for_each(refuse_included)
}

/// The value of a `Content-Type`: a media type and parameters, which may be quoted.
#[derive(Clone, Copy)]
struct ContentType<'a>(&'a str);

impl<'a> ContentType<'a> {
    fn media_type(self) -> String {
        let kind = self.0.split(';').next().unwrap_or_default();
        kind.trim().to_ascii_lowercase()
    }

    fn parameter(self, wanted: &str) -> Option<Cow<'a, str>> {
        let (_, mut rest) = self.0.split_once(';')?;
        loop {
            let (name, behind) = rest.split_once('=')?;
            let (value, behind) = value(behind.trim_start())?;
            if name.trim().eq_ignore_ascii_case(wanted) {
                return Some(value);
            }
            rest = behind.split_once(';')?.1;
        }
    }
}

/// The value of a parameter and what stands behind it.
fn value(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        let (value, behind) = text.split_at_checked(end)?;
        return Some((Cow::Borrowed(value.trim()), behind));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '"' => return Some((Cow::Owned(value), quoted.get(place + 1..)?)),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    None
}

/// The part with the id `start`, else the first.
fn root<'a>(body: &'a [u8], boundary: &str, start: Option<&str>) -> Result<Part<'a>, AdapterError> {
    let delimiter = format!("\r\n--{boundary}").into_bytes();
    // The first delimiter may stand at the very beginning, without a line break before it.
    let opening = delimiter.get(2..).unwrap_or_default();
    let mut rest = match body.strip_prefix(opening) {
        Some(rest) => rest,
        None => split(body, &delimiter)?.1,
    };
    for _ in 0..PARTS_MAX {
        if rest.starts_with(b"--") {
            break;
        }
        // Blanks may stand behind a delimiter.
        let (_, head_and_body) = split(rest, b"\r\n")?;
        let (text, behind) = split(head_and_body, &delimiter)?;
        let part = part(text)?;
        if start.is_none() || part.id == start {
            return part.decoded();
        }
        rest = behind;
    }
    Err(AdapterError::malformed(
        "multipart/related without its first part",
    ))
}

struct RawPart<'a> {
    id: Option<&'a str>,
    encoding: &'a str,
    content_type: &'a str,
    body: &'a [u8],
}

impl<'a> RawPart<'a> {
    fn decoded(self) -> Result<Part<'a>, AdapterError> {
        let plain = ["", "7bit", "8bit", "binary"];
        if !plain
            .iter()
            .any(|name| self.encoding.eq_ignore_ascii_case(name))
        {
            let reason = "an envelope in a transfer encoding other than 7bit, 8bit or binary";
            return Err(AdapterError::malformed(reason));
        }
        Ok(Part {
            content_type: ContentType(self.content_type),
            body: self.body,
        })
    }
}

fn part(text: &[u8]) -> Result<RawPart<'_>, AdapterError> {
    // A part without headers begins with the empty line.
    let (head, body) = match text.strip_prefix(b"\r\n") {
        Some(body) => (&[][..], body),
        None => split(text, b"\r\n\r\n")?,
    };
    let head = std::str::from_utf8(head)
        .map_err(|_| AdapterError::malformed("a part whose headers are no text"))?;
    let field = |wanted: &str| {
        let fields = head.split("\r\n").filter_map(|line| line.split_once(':'));
        fields
            .map(|(name, value)| (name.trim(), value.trim()))
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value)
    };
    Ok(RawPart {
        id: field("content-id"),
        encoding: field("content-transfer-encoding").unwrap_or_default(),
        content_type: field("content-type").unwrap_or_default(),
        body,
    })
}

/// What stands before and behind the first occurrence of `separator`.
fn split<'a>(bytes: &'a [u8], separator: &[u8]) -> Result<(&'a [u8], &'a [u8]), AdapterError> {
    let place = bytes
        .windows(separator.len())
        .position(|window| window == separator);
    place
        .and_then(|place| Some((bytes.get(..place)?, bytes.get(place + separator.len()..)?)))
        .ok_or_else(|| AdapterError::Truncated {
            reason: "a multipart/related body that ends within a part".to_owned(),
        })
}

const XOP: &str = "http://www.w3.org/2004/08/xop/include";
/// RFC 2046, section 5.1.1.
const BOUNDARY_BYTES_MAX: usize = 70;
/// The envelope is the first in practice.
const PARTS_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use ::http::{HeaderMap, HeaderValue, StatusCode};

    fn answer(content_type: &'static str, body: &str) -> HttpAnswer {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        HttpAnswer {
            status: StatusCode::OK,
            headers,
            body: body.to_owned().into(),
        }
    }

    fn root_name(content_type: &'static str, body: &str) -> Result<String, AdapterError> {
        let answer = answer(content_type, body);
        Ok(Part::of(&answer)?.document()?.name.to_string())
    }

    #[test]
    fn the_envelope_is_the_first_part_or_the_one_that_start_names() {
        let body = "preamble\r\n--b;1 \t\r\nContent-Type: text/xml; charset=utf-8\r\nContent-ID: <a>\r\n\r\n<one/>\r\n--b;1\r\nContent-Id: <r>\r\n\r\n<two/>\r\n--b;1--\r\n";
        assert_eq!(
            root_name(
                "Multipart/Related; type=\"text/xml\"; boundary=\"b;1\"",
                body
            )
            .unwrap(),
            "one"
        );
        assert_eq!(
            root_name("multipart/related; start=\"<\\r>\"; boundary=\"b;1\"", body).unwrap(),
            "two"
        );
        assert!(root_name("multipart/related; boundary=\"b;1\"; start=\"<x>\"", body).is_err());
        let bare = "--b\r\n\r\n<one/>\r\n--b--";
        assert_eq!(
            root_name("multipart/related; boundary=b", bare).unwrap(),
            "one"
        );
        assert_eq!(root_name("text/xml", "<plain/>").unwrap(), "plain");
    }

    #[test]
    fn what_ends_early_or_is_encoded_is_refused() {
        let refused = |body: &str| root_name("multipart/related; boundary=b", body).unwrap_err();
        for cut in [
            "",
            "--b",
            "--b\r\n",
            "--b\r\nContent-Type: text/xml\r\n\r\n",
            "--b\r\n\r\n<one/>\r\n-",
        ] {
            assert!(
                matches!(refused(cut), AdapterError::Truncated { .. }),
                "{cut}"
            );
        }
        assert!(
            refused("--b--")
                .to_string()
                .contains("without its first part")
        );
        let encoded = "--b\r\nContent-Transfer-Encoding: base64\r\n\r\nPGEvPg==\r\n--b--";
        assert!(refused(encoded).to_string().contains("transfer encoding"));
        assert!(
            root_name("multipart/related", "--b--")
                .unwrap_err()
                .to_string()
                .contains("boundary")
        );
    }

    #[test]
    fn a_value_in_an_attachment_is_not_missed() {
        let text = format!("<a><b><i:Include xmlns:i='{XOP}' href='cid:1'/></b></a>");
        let included = xml::parse(text.as_bytes(), None).unwrap();
        assert!(
            refuse_included(&included)
                .unwrap_err()
                .to_string()
                .contains("attachment")
        );
        assert!(refuse_included(&Element::new("", "Include")).is_ok());
    }
}
