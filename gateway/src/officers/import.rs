//! Reads a list of officers, and keeps of it only what can be compared.
//!
//! The list is a CSV file in UTF-8 with the columns `agency`, `officer`, `personal_number`,
//! `full_name` and `household_numbers` (divided by blanks or semicolons, may be empty), in any
//! order. What is wrong is told by line and column, never by what stands there.

use super::{DirectoryFile, KnownOfficer, Officers, VERSION};
use motlan_schemas::ids::{AgencyId, OfficerId, PersonalId};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// What is wrong with a list; all of it at once.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the list has {} mistakes, so nothing was imported", .0.len())]
pub struct Mistakes(pub Vec<Mistake>);

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The line, from 1 on.
    pub line: u64,
    /// The column, where it is about one.
    pub column: Option<&'static str>,
    /// What is expected.
    pub expected: &'static str,
}

const COLUMNS: [&str; 5] = [
    "agency",
    "officer",
    "personal_number",
    "full_name",
    "household_numbers",
];
/// Nobody lives with more people than these.
const HOUSEHOLD_MAX: usize = 50;

impl Officers {
    /// The directory that a list comes to.
    ///
    /// # Errors
    /// Everything that is wrong with the list; then nothing of it should count.
    pub fn import(&self, list: &[u8]) -> Result<DirectoryFile, Mistakes> {
        let list = list.strip_prefix(b"\xef\xbb\xbf").unwrap_or(list);
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(list);
        let places = places(&mut reader).map_err(|mistake| Mistakes(vec![mistake]))?;
        let (mut officers, mut mistakes) = (BTreeMap::new(), Vec::new());
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    mistakes.push(broken(&error));
                    continue;
                }
            };
            let line = record.position().map_or(0, csv::Position::line);
            let field = |column: usize| {
                let place = places.get(column).copied().unwrap_or(usize::MAX);
                record.get(place).unwrap_or_default()
            };
            match self.officer(field) {
                Ok(officer) => {
                    if officers.insert(officer.officer.clone(), officer).is_some() {
                        let expected = "an officer who is on no line above";
                        mistakes.push(Mistake::new(line, "officer", expected));
                    }
                }
                Err(wrong) => mistakes.extend(
                    wrong
                        .into_iter()
                        .map(|(column, expected)| Mistake::new(line, column, expected)),
                ),
            }
        }
        if !mistakes.is_empty() {
            return Err(Mistakes(mistakes));
        }
        Ok(DirectoryFile {
            version: VERSION,
            officers: officers.into_values().collect(),
        })
    }

    fn officer<'a>(
        &self,
        field: impl Fn(usize) -> &'a str,
    ) -> Result<KnownOfficer, Vec<(&'static str, &'static str)>> {
        let mut wrong = Vec::new();
        let [agency, officer, number, name, household] = [0, 1, 2, 3, 4].map(field);
        if agency.parse::<AgencyId>().is_err() {
            wrong.push(("agency", "an agency’s id, such as ward-ba-dinh"));
        }
        if officer.parse::<OfficerId>().is_err() {
            wrong.push(("officer", "the officer’s id within the agency"));
        }
        let person: Option<PersonalId> = number.parse().ok();
        if person.is_none() {
            wrong.push(("personal_number", "a personal number of 12 digits"));
        }
        if !name.chars().any(char::is_alphabetic) {
            wrong.push(("full_name", "a full name, the surname first"));
        }
        let numbers = household.split([' ', ';']).filter(|text| !text.is_empty());
        let numbers: Result<Vec<PersonalId>, _> = numbers.map(str::parse).collect();
        let numbers = numbers
            .ok()
            .filter(|numbers| numbers.len() <= HOUSEHOLD_MAX);
        if numbers.is_none() {
            let expected = "at most 50 personal numbers of 12 digits, divided by blanks";
            wrong.push(("household_numbers", expected));
        }
        let (Some(person), Some(numbers), true) = (person, numbers, wrong.is_empty()) else {
            return Err(wrong);
        };
        let hashed = numbers
            .iter()
            .map(|number| self.hash("person", number.expose()));
        let household: BTreeSet<_> = hashed.collect();
        Ok(KnownOfficer {
            officer: self.hash_officer(agency, officer),
            person: self.hash("person", person.expose()),
            household,
            surname: self.hash_surname(name),
        })
    }
}

/// Where each of [`COLUMNS`] is.
fn places(reader: &mut csv::Reader<&[u8]>) -> Result<[usize; 5], Mistake> {
    let header = reader.headers().map_err(|error| broken(&error))?;
    let mut places = [0; 5];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        let found = header.iter().position(|name| name == column);
        *place = found.ok_or_else(|| Mistake::new(1, column, "a column of this name"))?;
    }
    if header.len() > COLUMNS.len() {
        let expected = "these columns and no others: agency, officer, personal_number, full_name, \
                        household_numbers";
        return Err(Mistake {
            line: 1,
            column: None,
            expected,
        });
    }
    Ok(places)
}

fn broken(error: &csv::Error) -> Mistake {
    Mistake {
        line: error.position().map_or(1, csv::Position::line),
        column: None,
        expected: "CSV in UTF-8 with as many fields as the first line",
    }
}

impl Mistake {
    const fn new(line: u64, column: &'static str, expected: &'static str) -> Self {
        Self {
            line,
            column: Some(column),
            expected,
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}", self.line)?;
        if let Some(column) = self.column {
            write!(formatter, ", `{column}`")?;
        }
        write!(formatter, ": expected {}", self.expected)
    }
}
