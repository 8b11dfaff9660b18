//! What registries mean by a text, a date, a flag.
//!
//! Nothing is made up: what is empty or written as unknown is absent (`None`), what is partly known
//! stays partial, and what cannot be read is a mistake without the value in it.

use motlan_schemas::date::PartialDate;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// A value that is not of the expected form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// No date in any of the forms that registries write.
    #[error("is no date")]
    Date,
    /// Neither yes nor no.
    #[error("is neither yes nor no")]
    Flag,
    /// Not a code of its list.
    #[error("is a code that its list does not have")]
    Code,
    /// Not of the JSON type or the form that is expected.
    #[error("is not of the expected form")]
    Form,
}

/// A text without surrounding white space and control characters, in Unicode NFC; `None` where
/// nothing is left. Line breaks and tabs stay.
#[must_use]
pub fn text(raw: &str) -> Option<String> {
    let shown = |letter: &char| !letter.is_control() || matches!(letter, '\n' | '\r' | '\t');
    let composed;
    // Most texts are as they should be; then one look is enough.
    let text = if raw.chars().all(|letter| shown(&letter)) && is_nfc(raw) {
        raw.trim()
    } else {
        composed = raw.nfc().filter(shown).collect::<String>();
        composed.trim()
    };
    (!text.is_empty()).then(|| text.to_owned())
}

/// A date as registries write it.
///
/// Read are `17/05/1963`, `05/1963`, `1963`, `1963-05-17`, `1963-05`, `19630517`, an ISO date with
/// a time or zone behind it, and unknown parts written as zeros (`00/05/1963`, `00/00/1958`,
/// `19630000`). All zeros, or nothing, is `None`.
///
/// ```
/// use motlan_adapter_sdk::value::partial_date;
/// let read = |text| partial_date(text).unwrap().map(|date| date.to_string());
/// assert_eq!(read("17/05/1963").as_deref(), Some("1963-05-17"));
/// assert_eq!(read("00/05/1963").as_deref(), Some("1963-05"));
/// assert_eq!(read("00/00/1958").as_deref(), Some("1958"));
/// assert_eq!(read("00/00/0000"), None);
/// assert!(partial_date("31/02/1963").is_err());
/// ```
///
/// # Errors
/// [`ValueError::Date`] for anything else.
pub fn partial_date(raw: &str) -> Result<Option<PartialDate>, ValueError> {
    let raw = raw.trim();
    if raw.is_empty() {
        return Ok(None);
    }
    let [year, month, day] = if raw.contains('/') {
        match parts(raw, '/')? {
            [month, year, ""] => [year, month, ""],
            [day, month, year] => [year, month, day],
        }
    } else if raw.len() == 8 && raw.bytes().all(|byte| byte.is_ascii_digit()) {
        [0..4, 4..6, 6..8].map(|place| raw.get(place).unwrap_or_default())
    } else {
        parts(without_time(raw), '-')?
    };
    assemble(number(year, 4)?, number(month, 2)?, number(day, 2)?)
}

/// Yes or no as registries write it: `true`/`false`, `1`/`0`, `Y`/`N`, `có`/`không`; `None` where
/// nothing is written.
///
/// # Errors
/// [`ValueError::Flag`] for anything else.
pub fn flag(raw: &str) -> Result<Option<bool>, ValueError> {
    match raw.trim().to_lowercase().as_str() {
        "" => Ok(None),
        "true" | "1" | "y" | "yes" | "có" => Ok(Some(true)),
        "false" | "0" | "n" | "no" | "không" => Ok(Some(false)),
        _ => Err(ValueError::Flag),
    }
}

/// At most three parts; what is absent is empty.
fn parts(text: &str, separator: char) -> Result<[&str; 3], ValueError> {
    let mut parts = [""; 3];
    for (place, part) in text.split(separator).enumerate() {
        *parts.get_mut(place).ok_or(ValueError::Date)? = part.trim();
    }
    Ok(parts)
}

/// `2018-05-13Z`, `2018-05-13+07:00` and `2018-05-13T00:00:00` mean their first ten characters.
fn without_time(text: &str) -> &str {
    let behind = text.get(10..).unwrap_or_default();
    if behind.starts_with(['T', 'Z', '+', ' ']) {
        text.get(..10).unwrap_or(text)
    } else {
        text
    }
}

/// The number in a part of a date; an absent part is as unknown as zeros.
fn number(part: &str, width: usize) -> Result<i16, ValueError> {
    if part.is_empty() {
        return Ok(0);
    }
    let digits = part.len() <= width && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || (width == 4 && part.len() != 4) {
        return Err(ValueError::Date);
    }
    part.parse().map_err(|_| ValueError::Date)
}

fn assemble(year: i16, month: i16, day: i16) -> Result<Option<PartialDate>, ValueError> {
    let text = match (year, month, day) {
        (0, 0, 0) => return Ok(None),
        (0, ..) => return Err(ValueError::Date),
        // A day without its month says nothing beyond the year.
        (_, 0, _) => format!("{year:04}"),
        (_, _, 0) => format!("{year:04}-{month:02}"),
        _ => format!("{year:04}-{month:02}-{day:02}"),
    };
    text.parse().map(Some).map_err(|_| ValueError::Date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_form_of_a_date_is_read() {
        let forms = [
            ("1963", "1963"),
            ("05/1963", "1963-05"),
            ("1963-05", "1963-05"),
            ("5/6/1963", "1963-06-05"),
            ("19630000", "1963"),
            ("19630517", "1963-05-17"),
            ("2018-05-13Z", "2018-05-13"),
            ("2018-05-13T00:00:00+07:00", "2018-05-13"),
            ("12/00/1958", "1958"),
            (" 12/06/1985 ", "1985-06-12"),
        ];
        for (raw, expected) in forms {
            assert_eq!(
                partial_date(raw).unwrap().unwrap().to_string(),
                expected,
                "{raw}"
            );
        }
        for nothing in ["", " ", "00000000", "0000", "00/00/0000"] {
            assert_eq!(partial_date(nothing).unwrap(), None, "{nothing}");
        }
        for bad in [
            "63",
            "31/02/2000",
            "1/1/1/2000",
            "12/06/85",
            "13/1963",
            "không rõ",
            "12-06-1985",
            "12/06/0000",
            "١٩٦٣",
        ] {
            assert_eq!(partial_date(bad), Err(ValueError::Date), "{bad}");
        }
    }

    #[test]
    fn flags_and_texts_are_read() {
        assert_eq!(
            (flag("1"), flag("Không"), flag(" ")),
            (Ok(Some(true)), Ok(Some(false)), Ok(None))
        );
        assert_eq!(flag("2"), Err(ValueError::Flag));
        assert_eq!(text(" Nguye\u{302}\u{303}n "), Some("Nguyễn".to_owned()));
        assert_eq!(text(" \n"), None);
    }

    proptest! {
        #[test]
        fn reading_a_date_never_panics(raw in "\\PC{0,14}") {
            let _ = partial_date(&raw);
        }

        #[test]
        fn a_date_in_the_vietnamese_form_is_the_same_date(year in 1000i16..3000, month in 1i8..=12, day in 1i8..=28) {
            let read = partial_date(&format!("{day:02}/{month:02}/{year:04}")).unwrap().unwrap();
            prop_assert_eq!(read.to_string(), format!("{year:04}-{month:02}-{day:02}"));
        }
    }
}
