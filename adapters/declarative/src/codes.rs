//! Code tables: CSV files that say which of the registry's codes means which of ours.
//!
//! The columns `source` and `target` count; further columns are notes for people. A code that is not
//! in the table is a mistake of the registry's, unless the table has a row for `*`: `*,other` reads
//! every other code as `other`, `*,*` leaves it as it is.

use crate::{mistake::Mistake, source::Source};
use std::collections::HashMap;

/// The code tables of a folder, by file name (`codes/status.csv`).
pub(crate) type CodeTables = HashMap<String, CodeTable>;

/// One code table.
#[derive(Debug, Default)]
pub(crate) struct CodeTable {
    meanings: HashMap<String, String>,
    other: Other,
}

/// What a code means that is not in the table.
#[derive(Debug, Default)]
enum Other {
    #[default]
    Unknown,
    Same,
    As(String),
}

/// What a table says of a code.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Meaning<'t> {
    /// It means this.
    Is(&'t str),
    /// The table leaves it as it is.
    Same,
    /// The table does not have it.
    Unknown,
}

impl CodeTable {
    pub(crate) fn meaning(&self, code: &str) -> Meaning<'_> {
        match (self.meanings.get(code), &self.other) {
            (Some(meaning), _) => Meaning::Is(meaning),
            (None, Other::As(meaning)) => Meaning::Is(meaning),
            (None, Other::Same) => Meaning::Same,
            (None, Other::Unknown) => Meaning::Unknown,
        }
    }

    /// What codes can mean, to be compared with the schema's list.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &str> {
        let other = match &self.other {
            Other::As(meaning) => Some(meaning.as_str()),
            Other::Same | Other::Unknown => None,
        };
        self.meanings.values().map(String::as_str).chain(other)
    }

    /// The rows, and what every other code means.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&str, &str)> {
        let rows = self
            .meanings
            .iter()
            .map(|(from, to)| (from.as_str(), to.as_str()));
        let other = match &self.other {
            Other::As(meaning) => Some(("*", meaning.as_str())),
            Other::Unknown | Other::Same => None,
        };
        rows.chain(other)
    }

    /// Whether every code of the registry's ends as one of [`CodeTable::targets`].
    pub(crate) const fn is_closed(&self) -> bool {
        !matches!(self.other, Other::Same)
    }

    /// Reads a table, and notes every mistake in it.
    pub(crate) fn read(source: &Source, mistakes: &mut Vec<Mistake>) -> Option<Self> {
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(source.text().as_bytes());
        let headers = reader.headers().ok()?.clone();
        let column = |name: &str| headers.iter().position(|header| header == name);
        let (Some(from), Some(to)) = (column("source"), column("target")) else {
            mistakes.push(source.mistake(
                0..source.first_line().len(),
                "a code table without the columns `source` and `target`",
                "make `source,target` the first line",
            ));
            return None;
        };
        let mut table = Self::default();
        let before = mistakes.len();
        for record in reader.records() {
            let (place, row) = match &record {
                Ok(record) => (record.position(), Some(record)),
                Err(error) => (error.position(), None),
            };
            let place = place.map_or(0, |place| usize::try_from(place.byte()).unwrap_or(0));
            let place = place..source.end_of_line(place);
            let cell = |column| {
                row.and_then(|row| row.get(column))
                    .filter(|cell| !cell.is_empty())
            };
            let (Some(code), Some(meaning)) = (cell(from), cell(to)) else {
                mistakes.push(source.mistake(
                    place,
                    "a row without a code and its meaning",
                    "write as many cells as the first line has, and leave neither `source` nor `target` empty",
                ));
                continue;
            };
            if !table.add(code, meaning) {
                mistakes.push(source.mistake(
                    place,
                    "a code that an earlier row already has",
                    "keep one of the rows",
                ));
            }
        }
        (mistakes.len() == before).then_some(table)
    }

    fn add(&mut self, code: &str, meaning: &str) -> bool {
        if code == "*" {
            let is_first = matches!(self.other, Other::Unknown);
            self.other = match meaning {
                "*" => Other::Same,
                _ => Other::As(meaning.to_owned()),
            };
            return is_first;
        }
        self.meanings
            .insert(code.to_owned(), meaning.to_owned())
            .is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<CodeTable, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let source = Source::new("codes/x.csv", text);
        CodeTable::read(&source, &mut mistakes).ok_or(mistakes)
    }

    #[test]
    fn a_code_means_what_its_row_says() {
        let table = read("source,target,note\n 00 , active ,x\n03,closed,\n").unwrap();
        assert_eq!(table.meaning("00"), Meaning::Is("active"));
        assert_eq!(table.meaning("07"), Meaning::Unknown);
        assert_eq!(
            read("source,target\n*,other\n").unwrap().meaning("07"),
            Meaning::Is("other")
        );
        let kept = read("target,source\nlong_term,LAU_DAI\n*,*\n").unwrap();
        assert_eq!(kept.meaning("LAU_DAI"), Meaning::Is("long_term"));
        assert_eq!(kept.meaning("2050"), Meaning::Same);
    }

    #[test]
    fn every_mistake_of_a_table_has_its_line() {
        let mistakes = read("source,target\n00,active\n01,\n00,closed\n").unwrap_err();
        assert_eq!(mistakes.iter().map(|m| m.line).collect::<Vec<_>>(), [3, 4]);
        assert_eq!(read("code;meaning\n").unwrap_err()[0].line, 1);
    }
}
