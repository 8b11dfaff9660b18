//! Inventing: what stands in a recorded exchange in place of what a source holds about people.
//!
//! Everything is replaced that is not known to be harmless: codes of the code tables, words of the
//! manifest and of the protocols, dates, and short numbers. Numbers of nine digits or more become
//! others, the same wherever they stand; other texts become texts of the same shape. The key is
//! drawn for one run and forgotten, so that nobody can look for the number that was.

use aws_lc_rs::hmac;
use serde_json::{Map, Number, Value};
use std::collections::HashSet;

/// What is replaced by what.
#[derive(Debug)]
pub(super) struct Mask {
    key: hmac::Key,
    number: String,
    test_number: String,
    kept: HashSet<String>,
    /// Where the adapter reached the source.
    origin: String,
}

/// An XML document that cannot be masked safely.
#[derive(Debug, thiserror::Error)]
#[error("it has comments, CDATA or declarations, which cannot be masked")]
pub(super) struct NotPlain;

impl Mask {
    pub(super) fn new(
        key: [u8; 32],
        (number, test_number): (&str, &str),
        kept: HashSet<String>,
        origin: &str,
    ) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, &key),
            number: number.to_owned(),
            test_number: test_number.to_owned(),
            kept,
            origin: origin.trim_end_matches('/').to_owned(),
        }
    }

    /// A text of a document: a leaf of JSON, a text or attribute of XML.
    pub(super) fn text(&self, text: &str) -> String {
        let bare = text.trim();
        if self.kept.contains(bare)
            || WORDS.contains(&bare)
            || is_date(bare)
            || is_short_number(bare)
        {
            return text.to_owned();
        }
        match text.strip_prefix(self.origin.as_str()) {
            Some(rest) => format!("{BASE_URL}{}", self.target(rest)),
            None => self.invented(text),
        }
    }

    /// A path with its query, whose values may hold what a person's page is found by.
    pub(super) fn target(&self, target: &str) -> String {
        let Some((path, query)) = target.split_once('?') else {
            return self.numbers(target);
        };
        let pair = |pair: &str| match pair.split_once('=') {
            Some((name, value)) => format!("{name}={}", self.text(value)),
            None => self.text(pair),
        };
        let pairs: Vec<_> = query.split('&').map(pair).collect();
        format!("{}?{}", self.numbers(path), pairs.join("&"))
    }

    /// A document of JSON.
    pub(super) fn json(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.text(text).into(),
            Value::Number(number) => self.json_number(number),
            Value::Array(items) => items.iter().map(|item| self.json(item)).collect(),
            Value::Object(members) => {
                let members = members.iter();
                let masked = members.map(|(name, value)| (self.numbers(name), self.json(value)));
                Value::Object(masked.collect::<Map<_, _>>())
            }
            Value::Null | Value::Bool(_) => value.clone(),
        }
    }

    fn json_number(&self, number: &Number) -> Value {
        let text = number.to_string();
        let masked = self.numbers(&text);
        // A number has no zeros before it.
        let masked = masked
            .parse::<Number>()
            .or_else(|_| format!("1{masked}").parse());
        masked.map_or_else(|_| Value::from(0), Value::Number)
    }

    /// A document of XML: its texts, and its attributes apart from namespaces.
    pub(super) fn xml(&self, document: &str) -> Result<String, NotPlain> {
        let mut masked = String::with_capacity(document.len());
        let mut rest = document;
        while let Some((text, tag)) = rest.split_once('<') {
            masked.push_str(&self.text(text));
            if tag.starts_with('!') {
                return Err(NotPlain);
            }
            let (tag, behind) = tag.split_once('>').ok_or(NotPlain)?;
            masked.push('<');
            masked.push_str(&if tag.starts_with('?') {
                tag.to_owned()
            } else {
                self.tag(tag)
            });
            masked.push('>');
            rest = behind;
        }
        masked.push_str(&self.text(rest));
        Ok(masked)
    }

    /// What stands between `<` and `>`.
    fn tag(&self, tag: &str) -> String {
        let mut masked = String::with_capacity(tag.len());
        let mut rest = tag;
        while let Some(opened) = rest.find(['"', '\'']) {
            let (name, quoted) = rest.split_at(opened);
            let mut letters = quoted.chars();
            let quote = letters.next().unwrap_or('"');
            let (value, behind) = letters
                .as_str()
                .split_once(quote)
                .unwrap_or((letters.as_str(), ""));
            let attribute = name.split_whitespace().next_back().unwrap_or_default();
            let is_namespace = attribute.starts_with("xmlns");
            let value = if is_namespace {
                value.to_owned()
            } else {
                self.text(value)
            };
            masked.push_str(name);
            masked.push(quote);
            masked.push_str(&value);
            masked.push(quote);
            rest = behind;
        }
        masked + rest
    }

    /// The same text with other numbers.
    fn numbers(&self, text: &str) -> String {
        self.replaced(text, |rest| rest.to_owned())
    }

    /// A text of the same shape, with the numbers that it would have elsewhere.
    fn invented(&self, text: &str) -> String {
        self.replaced(text, |rest| self.shaped(rest))
    }

    /// Replaces long runs of digits by numbers, and what stands between them by something else.
    fn replaced(&self, text: &str, between: impl Fn(&str) -> String) -> String {
        let mut made = String::with_capacity(text.len());
        let mut plain = String::new();
        let mut rest = text;
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let length = digits.max(rest.chars().next().map_or(1, char::len_utf8));
            let (run, behind) = rest.split_at(length);
            if digits >= NUMBER_DIGITS {
                made.push_str(&between(&std::mem::take(&mut plain)));
                made.push_str(&self.number(run));
            } else {
                plain.push_str(run);
            }
            rest = behind;
        }
        made + &between(&plain)
    }

    fn number(&self, digits: &str) -> String {
        if digits == self.number {
            return self.test_number.clone();
        }
        let invented = self.shaped(digits);
        // A person's number begins with a place and a century that there are.
        match invented.get(PLACE.len()..) {
            Some(rest) if digits.len() == PERSON_DIGITS => format!("{PLACE}{rest}"),
            _ => invented,
        }
    }

    /// Letters for letters and digits for digits; all else stays. The same text gives the same.
    fn shaped(&self, text: &str) -> String {
        let mut drawn = self.stream(text);
        let mut letters = text.chars();
        let mut made = String::with_capacity(text.len());
        while let Some(letter) = letters.next() {
            // An escape of a URL or of XML is one letter.
            let escape = ESCAPES
                .iter()
                .find(|escape| letters.as_str().starts_with(*escape));
            if let Some(escape) = escape.filter(|_| letter == '&') {
                made.push(letter);
                made.push_str(escape);
                letters.by_ref().take(escape.len()).for_each(drop);
                continue;
            }
            made.push(shape(letter, drawn.next().unwrap_or_default()));
        }
        made
    }

    /// As many bytes as wanted, by key and text.
    fn stream(&self, text: &str) -> impl Iterator<Item = u8> {
        let text = text.to_owned();
        let key = self.key.clone();
        (0_u32..).flat_map(move |block| {
            let tag = hmac::sign(&key, format!("{block}:{text}").as_bytes());
            tag.as_ref().to_vec()
        })
    }
}

fn shape(letter: char, drawn: u8) -> char {
    let of = |alphabet: &[char]| {
        let place = usize::from(drawn) % alphabet.len().max(1);
        alphabet.get(place).copied().unwrap_or('x')
    };
    match letter {
        '0' => of(&DIGITS),
        // A number that begins with another digit goes on doing so.
        '1'..='9' => of(&DIGITS_WITHOUT_ZERO),
        'a'..='z' => of(&LOWER),
        'A'..='Z' => of(&UPPER),
        _ if letter.is_uppercase() => of(&UPPER_WITH_MARKS),
        _ if letter.is_alphabetic() => of(&LOWER_WITH_MARKS),
        _ => letter,
    }
}

/// A year with a month and perhaps a day, in either order, and perhaps a time of day.
fn is_date(text: &str) -> bool {
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, ""));
    let parts: Vec<&str> = date.split(['-', '/', '.']).collect();
    let is_digits = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (years, others): (Vec<&str>, Vec<&str>) = parts.iter().partition(|part| part.len() == 4);
    let is_year = |year: &str| {
        ["18", "19", "20"]
            .iter()
            .any(|century| year.starts_with(century))
    };
    let time_bytes = b":.+-Z";
    parts.iter().all(is_digits)
        && matches!((years.as_slice(), others.len()), ([year], 1 | 2) if is_year(year))
        && others.iter().all(|part| (1..=2).contains(&part.len()))
        && time
            .bytes()
            .all(|byte| byte.is_ascii_digit() || time_bytes.contains(&byte))
        && (time.is_empty() || time.contains(':'))
}

/// A number of few digits: an amount, a count, a year.
fn is_short_number(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    digits < NUMBER_DIGITS
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"-.,".contains(&byte))
}

/// Shorter ones are amounts, years, codes.
const NUMBER_DIGITS: usize = 9;
const PERSON_DIGITS: usize = 12;
/// Hà Nội, and the twentieth century.
const PLACE: &str = "0011";
/// Fixtures read it as the address of the source.
const BASE_URL: &str = "{base_url}";
const ESCAPES: [&str; 5] = ["amp;", "lt;", "gt;", "quot;", "apos;"];
const DIGITS: [char; 10] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
const DIGITS_WITHOUT_ZERO: [char; 9] = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];
const LOWER: [char; 12] = ['a', 'b', 'c', 'e', 'g', 'h', 'i', 'l', 'm', 'n', 't', 'u'];
const UPPER: [char; 12] = ['A', 'B', 'C', 'E', 'G', 'H', 'I', 'L', 'M', 'N', 'T', 'U'];
const LOWER_WITH_MARKS: [char; 8] = ['ă', 'â', 'đ', 'ê', 'ô', 'ơ', 'ư', 'ễ'];
const UPPER_WITH_MARKS: [char; 8] = ['Ă', 'Â', 'Đ', 'Ê', 'Ô', 'Ơ', 'Ư', 'Ễ'];
/// Words of the protocols, which say nothing of anybody.
const WORDS: [&str; 13] = [
    "",
    "Bundle",
    "searchset",
    "match",
    "outcome",
    "self",
    "next",
    "FeatureCollection",
    "Feature",
    "CapabilityStatement",
    "active",
    "true",
    "false",
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NUMBER: &str = "001185012345";
    const TEST: &str = "001190000001";

    fn mask() -> Mask {
        let kept = ["TIEN_LUONG".to_owned()].into();
        Mask::new([7; 32], (NUMBER, TEST), kept, "http://127.0.0.1:4000/")
    }

    #[test]
    fn a_number_becomes_the_same_other_number_everywhere() {
        let mask = mask();
        let masked = mask.json(&json!({
            "so": NUMBER, "ref": format!("Patient/{NUMBER}"), "me": "001158002468",
            "con": ["001158002468"], "tien": 300_000_000, NUMBER: 1,
        }));
        assert_eq!(masked["so"], TEST);
        assert!(
            masked["ref"]
                .as_str()
                .unwrap()
                .ends_with(&format!("/{TEST}"))
        );
        assert_eq!(masked["me"], masked["con"][0]);
        assert_ne!(masked["me"], "001158002468");
        assert_ne!(masked["tien"], 300_000_000);
        assert_eq!(masked[TEST], 1);
    }

    #[test]
    fn only_what_is_known_to_be_harmless_stays() {
        let mask = mask();
        for harmless in [
            "TIEN_LUONG",
            "1985-06-12",
            "12/06/1985",
            "2025",
            "1.200",
            "1985-06-12T08:30:00+07:00",
            "",
        ] {
            assert_eq!(mask.text(harmless), harmless);
        }
        for personal in [
            "NGUYỄN THỊ LAN",
            "0912345678",
            "a@b.vn",
            "Số 7, phố Huế",
            "0912.345.678",
            "1985.345.678",
            "HC4010012345678",
            "12.345.678.901",
        ] {
            let masked = mask.text(personal);
            assert_ne!(masked, personal);
            assert_eq!(masked.chars().count(), personal.chars().count(), "{masked}");
            assert_eq!(mask.text(personal), masked);
        }
        assert!(
            mask.text("NGUYỄN THỊ LAN")
                .chars()
                .all(|c| c == ' ' || c.is_uppercase())
        );
    }

    #[test]
    fn links_lead_to_the_fixtures_source() {
        let link = format!("http://127.0.0.1:4000/ds/{NUMBER}?page=2&con=Zm9vYmFy");
        let masked = mask().text(&link);
        assert!(
            masked.starts_with(&format!("{{base_url}}/ds/{TEST}?page=2&con=")),
            "{masked}"
        );
        assert!(!masked.contains("Zm9vYmFy"));
        let target = link.strip_prefix("http://127.0.0.1:4000").unwrap();
        assert!(masked.ends_with(&mask().target(target)));
    }

    #[test]
    fn xml_keeps_its_elements_and_loses_its_texts() {
        let document = format!(
            r#"<?xml version="1.0"?><a xmlns="urn:vn:x" ghiChu="Bà Lan"><so>{NUMBER}</so><ten>LAN &amp; HOA</ten></a>"#
        );
        let masked = mask().xml(&document).unwrap();
        assert!(
            masked.starts_with(r#"<?xml version="1.0"?><a xmlns="urn:vn:x" ghiChu=""#),
            "{masked}"
        );
        assert!(
            masked.contains(&format!("<so>{TEST}</so><ten>")) && masked.contains("&amp;"),
            "{masked}"
        );
        assert!(
            !masked.contains("Lan") && !masked.contains("HOA"),
            "{masked}"
        );
        assert!(mask().xml("<a><![CDATA[Lan]]></a>").is_err());
    }
}
