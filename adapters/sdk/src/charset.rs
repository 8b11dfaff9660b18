//! From the bytes of a document to its text.
//!
//! What registries send is UTF-8, and from older systems also UTF-16, ISO-8859-1, windows-1252 and
//! windows-1258, the Vietnamese one. In the last, letters with two marks come as a letter and a mark
//! behind it; [`value::text`](crate::value::text) puts them together.

use std::borrow::Cow;

/// An encoding that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Utf16Be,
    Utf16Le,
    Latin1,
    Windows1252,
    Windows1258,
}

/// Bytes that are not in the encoding that they should be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text is not in the character encoding that it says")]
pub(crate) struct NotEncoded;

impl Encoding {
    /// The encoding with this name (IANA), in lower case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "utf-8" | "utf8" | "us-ascii" => Self::Utf8,
            "utf-16be" => Self::Utf16Be,
            "utf-16le" | "utf-16" => Self::Utf16Le,
            "iso-8859-1" | "latin1" => Self::Latin1,
            "windows-1252" | "cp1252" => Self::Windows1252,
            "windows-1258" | "cp1258" => Self::Windows1258,
            _ => return None,
        })
    }

    /// The encoding that a byte order mark tells of, and the bytes behind the mark.
    pub(crate) const fn marked(bytes: &[u8]) -> Option<(Self, &[u8])> {
        match bytes {
            [0xef, 0xbb, 0xbf, rest @ ..] => Some((Self::Utf8, rest)),
            [0xfe, 0xff, rest @ ..] => Some((Self::Utf16Be, rest)),
            [0xff, 0xfe, rest @ ..] => Some((Self::Utf16Le, rest)),
            _ => None,
        }
    }

    /// The text.
    pub(crate) fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>, NotEncoded> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes)
                .map(Cow::Borrowed)
                .map_err(|_| NotEncoded),
            Self::Utf16Be => utf16(bytes, u16::from_be_bytes),
            Self::Utf16Le => utf16(bytes, u16::from_le_bytes),
            // Each byte is the code point of the same number.
            Self::Latin1 => Ok(bytes.iter().map(|byte| char::from(*byte)).collect()),
            Self::Windows1252 => single_bytes(bytes, windows_1252),
            Self::Windows1258 => single_bytes(bytes, windows_1258),
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'static, str>, NotEncoded> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(NotEncoded);
    }
    let units = pairs.iter().map(|pair| unit(*pair));
    char::decode_utf16(units)
        .collect::<Result<String, _>>()
        .map(Cow::Owned)
        .map_err(|_| NotEncoded)
}

fn single_bytes(
    bytes: &[u8],
    character: fn(u8) -> Option<char>,
) -> Result<Cow<'static, str>, NotEncoded> {
    let text = bytes.iter().map(|byte| character(*byte));
    text.collect::<Option<String>>()
        .map(Cow::Owned)
        .ok_or(NotEncoded)
}

/// Latin-1 with printable characters in the place of its second control block.
fn windows_1252(byte: u8) -> Option<char> {
    match byte {
        0x80..=0x9f => {
            let place = usize::from(byte - 0x80);
            WINDOWS_1252_80_TO_9F
                .get(place)
                .copied()
                .filter(|character| *character != NONE)
        }
        other => Some(char::from(other)),
    }
}

/// windows-1252 with Vietnamese letters and marks in some places.
fn windows_1258(byte: u8) -> Option<char> {
    Some(match byte {
        0x8a | 0x8e | 0x9a | 0x9e => return None,
        0xc3 => 'Ă',
        0xcc => '\u{300}',
        0xd0 => 'Đ',
        0xd2 => '\u{309}',
        0xd5 => 'Ơ',
        0xdd => 'Ư',
        0xde => '\u{303}',
        0xe3 => 'ă',
        0xec => '\u{301}',
        0xf0 => 'đ',
        0xf2 => '\u{323}',
        0xf5 => 'ơ',
        0xfd => 'ư',
        0xfe => '₫',
        other => return windows_1252(other),
    })
}

const NONE: char = '\u{fffd}';

const WINDOWS_1252_80_TO_9F: [char; 32] = [
    '€', NONE, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', NONE, 'Ž', NONE, //
    NONE, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', NONE, 'ž', 'Ÿ',
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::text;

    #[test]
    fn vietnamese_names_arrive_from_every_encoding() {
        let read = |name: &str, bytes: &[u8]| {
            let decoded = Encoding::named(name).unwrap().decode(bytes).unwrap();
            text(&decoded).unwrap()
        };
        // Ê with tilde, Ư with horn and acute, A with circumflex and dot below.
        assert_eq!(read("windows-1258", b"NGUY\xca\xdeN"), "NGUYỄN");
        assert_eq!(read("windows-1258", b"\xf0\xfd\xec\xe2\xf2"), "đứậ");
        assert_eq!(read("windows-1252", b"Ren\xe9 \x80"), "René €");
        assert_eq!(read("utf-16be", b"\x1e\xa1"), "ạ");
    }

    #[test]
    fn bytes_of_no_character_are_refused() {
        for (name, bytes) in [
            ("utf-8", &b"\xe9"[..]),
            ("windows-1252", b"\x81"),
            ("windows-1258", b"\x8a"),
            ("utf-16", b"a"),
            ("utf-16le", b"\x00\xd8"),
        ] {
            let encoding = Encoding::named(name).unwrap();
            assert_eq!(encoding.decode(bytes), Err(NotEncoded), "{name}");
        }
        assert_eq!(Encoding::named("utf-7"), None);
    }
}
