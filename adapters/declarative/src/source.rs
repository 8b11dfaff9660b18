//! The text of a file, and where in it things stand.

use crate::mistake::Mistake;
use std::{ops::Range, path::PathBuf};

/// A file's text under the name that mistakes call it by.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    file: PathBuf,
    text: String,
}

impl Source {
    pub(crate) fn new(file: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            text: text.into(),
        }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn first_line(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }

    pub(crate) fn end_of_line(&self, from: usize) -> usize {
        let rest = self.text.get(from..).unwrap_or_default();
        from + rest.lines().next().map_or(0, str::len)
    }

    /// A mistake at a place, given in bytes.
    pub(crate) fn mistake(
        &self,
        place: Range<usize>,
        expected: impl Into<String>,
        fix: impl Into<String>,
    ) -> Mistake {
        let start = floor(&self.text, place.start);
        let before = self.text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = self.end_of_line(line_start).max(start);
        let end = floor(&self.text, place.end).clamp(start, line_end);
        let characters =
            |range: Range<usize>| self.text.get(range).unwrap_or_default().chars().count();
        // A tab would put the marker elsewhere than the column.
        let line = self.text.get(line_start..line_end).unwrap_or_default();
        Mistake {
            file: self.file.clone(),
            line: before.matches('\n').count() + 1,
            column: characters(line_start..start) + 1,
            expected: expected.into(),
            fix: fix.into(),
            shown: Some((line.replace('\t', " "), characters(start..end))),
        }
    }

    /// Where a part of a TOML string's value stands in the file. `span` is the string as it is
    /// written, with its quotes; `part` is in bytes of its value.
    pub(crate) fn within_string(&self, span: &Range<usize>, part: &Range<usize>) -> Range<usize> {
        let raw = self.text.get(span.clone()).unwrap_or_default();
        let start = span.start + raw_offset(raw, part.start);
        let end = span.start + raw_offset(raw, part.end);
        start..end.max(start)
    }
}

/// The place in a TOML string as written that a place in its value comes from (TOML 1.0, "String").
fn raw_offset(raw: &str, wanted: usize) -> usize {
    let quotes = ["\"\"\"", "'''", "\"", "'"];
    let quote = quotes
        .into_iter()
        .find(|quote| raw.starts_with(quote))
        .unwrap_or_default();
    let content = raw.get(quote.len()..).unwrap_or_default();
    // A newline right behind the opening quotes of a multi-line string is not part of it.
    let newline = ["\r\n", "\n"]
        .into_iter()
        .find(|newline| content.starts_with(newline));
    let trimmed = newline.filter(|_| quote.len() == 3).map_or(0, str::len);
    let mut at = quote.len() + trimmed;
    let mut value_at = 0;
    while value_at < wanted {
        let rest = raw.get(at..).unwrap_or_default();
        let (read, made) = match rest.strip_prefix('\\').filter(|_| quote.starts_with('"')) {
            Some(escaped) => escape(escaped),
            None => {
                let bytes = rest.chars().next().map_or(0, char::len_utf8);
                (bytes, bytes)
            }
        };
        if read == 0 {
            break;
        }
        at += read;
        value_at += made;
    }
    at
}

/// How many bytes an escape sequence takes, its backslash too, and how many its value.
fn escape(escaped: &str) -> (usize, usize) {
    let hexadecimal = |digits: usize| {
        let code = escaped
            .get(1..=digits)
            .and_then(|code| u32::from_str_radix(code, 16).ok());
        let made = code.and_then(char::from_u32).map_or(0, char::len_utf8);
        (digits + 2, made)
    };
    match escaped.chars().next() {
        Some('x') => hexadecimal(2),
        Some('u') => hexadecimal(4),
        Some('U') => hexadecimal(8),
        // A backslash at the end of a line takes all white space behind it.
        Some(character) if character.is_whitespace() => {
            (1 + escaped.len() - escaped.trim_start().len(), 0)
        }
        Some(_) => (2, 1),
        None => (0, 0),
    }
}

/// The nearest place at or before another one where a character starts.
fn floor(text: &str, place: usize) -> usize {
    let place = place.min(text.len());
    (0..=place)
        .rev()
        .find(|place| text.is_char_boundary(*place))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_in_lines_and_characters() {
        let source = Source::new("a.toml", "một = 1\nhai = ở\n");
        let at = source.text().find('ở').unwrap();
        let mistake = source.mistake(at..at + 3, "a number", "write 2");
        assert_eq!((mistake.line, mistake.column), (2, 7));
        assert_eq!(
            mistake.to_string(),
            "a.toml:2:7: a number\n    2 | hai = ở\n      |       ^\n  fix: write 2"
        );
    }

    #[test]
    fn a_place_beyond_the_end_is_the_end() {
        let source = Source::new("a.toml", "a");
        let mistake = source.mistake(9..12, "more", "write more");
        assert_eq!((mistake.line, mistake.column), (1, 2));
    }

    #[test]
    fn places_in_strings_are_found_in_every_form_of_string() {
        for raw in [
            r#"".a | FIND""#,
            "'.a | FIND'",
            r#""\u00e9\"\t| FIND""#,
            "'''\n.a |\n FIND'''",
            "\"\"\"\n.a \\\n   | \\\"FIND\"\"\"",
            "\"\"\"\r\n.a\r\n| FIND\"\"\"",
        ] {
            let text = format!("jq = {raw}");
            let source = Source::new("a.toml", text.as_str());
            let value = toml::from_str::<toml::Table>(&text).unwrap();
            let value = value["jq"].as_str().unwrap();
            let found = value.find("FIND").unwrap();
            let place = source.within_string(&(5..text.len()), &(found..found + 4));
            assert_eq!(&text[place], "FIND", "{raw}");
        }
    }
}
