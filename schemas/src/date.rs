//! Dates as registers hold them: sometimes only the year, or the year and the month, is known.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A date of which the month, or the month and the day, may be unknown.
///
/// Written `1963`, `1963-05` or `1963-05-17`. Nothing is ever made up: a partial date stays
/// partial, and comparing it with a full one is the caller's decision ([`earliest`], [`latest`]).
///
/// ```
/// use motlan_schemas::date::PartialDate;
/// let date: PartialDate = "1963-05".parse().unwrap();
/// assert_eq!(date.to_string(), "1963-05");
/// assert!("1963-13".parse::<PartialDate>().is_err());
/// ```
///
/// [`earliest`]: PartialDate::earliest
/// [`latest`]: PartialDate::latest
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum PartialDate {
    /// Only the year is known.
    Year(i16),
    /// The year and the month are known.
    YearMonth(i16, i8),
    /// The whole date is known.
    Full(Date),
}

/// A text that is no date of the three forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a date of the form YYYY, YYYY-MM or YYYY-MM-DD")]
pub struct PartialDateError;

impl PartialDate {
    /// The year, which is always known.
    #[must_use]
    pub fn year(self) -> i16 {
        match self {
            Self::Year(year) | Self::YearMonth(year, _) => year,
            Self::Full(date) => date.year(),
        }
    }

    /// The first day that this date can mean.
    #[must_use]
    pub fn earliest(self) -> Date {
        match self {
            Self::Year(year) => Date::new(year, 1, 1).unwrap_or(Date::MIN),
            Self::YearMonth(year, month) => Date::new(year, month, 1).unwrap_or(Date::MIN),
            Self::Full(date) => date,
        }
    }

    /// The last day that this date can mean.
    #[must_use]
    pub fn latest(self) -> Date {
        match self {
            Self::Year(year) => Date::new(year, 12, 31).unwrap_or(Date::MAX),
            Self::YearMonth(..) => self.earliest().last_of_month(),
            Self::Full(date) => date,
        }
    }
}

impl FromStr for PartialDate {
    type Err = PartialDateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = |part: &str, width: usize| {
            (part.len() == width && part.bytes().all(|b| b.is_ascii_digit()))
                .then(|| part.parse::<i16>().ok())
                .flatten()
                .ok_or(PartialDateError)
        };
        let mut parts = text.splitn(3, '-');
        let year = digits(parts.next().unwrap_or_default(), 4)?;
        let Some(month) = parts.next() else {
            return if year > 0 {
                Ok(Self::Year(year))
            } else {
                Err(PartialDateError)
            };
        };
        let month = i8::try_from(digits(month, 2)?).map_err(|_| PartialDateError)?;
        let first = Date::new(year, month, 1).map_err(|_| PartialDateError)?;
        let Some(day) = parts.next() else {
            return Ok(Self::YearMonth(first.year(), first.month()));
        };
        let day = i8::try_from(digits(day, 2)?).map_err(|_| PartialDateError)?;
        Date::new(year, month, day)
            .map(Self::Full)
            .map_err(|_| PartialDateError)
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Year(year) => write!(formatter, "{year:04}"),
            Self::YearMonth(year, month) => write!(formatter, "{year:04}-{month:02}"),
            Self::Full(date) => write!(formatter, "{date}"),
        }
    }
}

impl TryFrom<String> for PartialDate {
    type Error = PartialDateError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<PartialDate> for String {
    fn from(date: PartialDate) -> Self {
        date.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn other_forms_are_refused() {
        let bad = [
            "",
            "63",
            "0000",
            "1963-5",
            "1963-02-30",
            "1963-05-17T00:00",
            "19630517",
            "-963",
        ];
        for text in bad {
            assert!(text.parse::<PartialDate>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_month_spans_from_its_first_to_its_last_day() {
        let date: PartialDate = "2024-02".parse().unwrap();
        assert_eq!(date.earliest().to_string(), "2024-02-01");
        assert_eq!(date.latest().to_string(), "2024-02-29");
    }

    proptest! {
        #[test]
        fn writing_and_reading_gives_the_same_date(year in 1i16..9999, month in 1i8..=12, day in 1i8..=28) {
            let dates = [
                PartialDate::Year(year),
                PartialDate::YearMonth(year, month),
                PartialDate::Full(Date::new(year, month, day).unwrap()),
            ];
            for date in dates {
                prop_assert_eq!(date.to_string().parse::<PartialDate>().unwrap(), date);
            }
        }
    }
}
