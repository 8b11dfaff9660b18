//! When offices work: `calendar.toml`, which a procedure kept to office hours looks at.
//!
//! It knows no time zone database: the country has one offset, and no summer time.

use crate::load::{
    LoadError, SourceFile,
    form::{Field, Kind, required},
};
use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Time, Weekday},
    tz::Offset,
};
use serde::Deserialize;
use std::collections::BTreeSet;
use toml::Spanned;

/// The working hours of a country's offices.
#[derive(Debug)]
pub struct OfficeCalendar {
    offset: Offset,
    working_days: Vec<Weekday>,
    /// From, and until before.
    hours: Vec<(Time, Time)>,
    holidays: BTreeSet<Date>,
}

impl OfficeCalendar {
    /// Reads `calendar.toml`; what is wrong with it is added to the mistakes, with its line, and
    /// offices are closed then.
    pub(crate) fn read(file: &SourceFile, mistakes: &mut Vec<LoadError>) -> Self {
        let Some(fields) = file.parse::<CalendarFile>(FORM, mistakes) else {
            return Self {
                offset: Offset::UTC,
                working_days: Vec::new(),
                hours: Vec::new(),
                holidays: BTreeSet::new(),
            };
        };
        let mut wrong = |text: &Spanned<String>, field, reason: &str| {
            mistakes.push(file.field(text, field, reason));
        };
        let offset = offset_of(fields.utc_offset.get_ref());
        if offset.is_none() {
            wrong(&fields.utc_offset, "utc_offset", "must look like `+07:00`");
        }
        let (mut hours, mut holidays) = (Vec::new(), BTreeSet::new());
        for text in &fields.hours {
            match hours_of(text.get_ref()) {
                Some(found) => hours.push(found),
                None => wrong(text, "hours", "must look like `07:30–11:30`, the end later"),
            }
        }
        for text in &fields.holidays {
            match text.get_ref().parse() {
                Ok(date) => _ = holidays.insert(date),
                Err(_) => wrong(text, "holidays", "must be dates like `2027-01-01`"),
            }
        }
        Self {
            offset: offset.unwrap_or(Offset::UTC),
            working_days: fields.working_days.into_iter().map(Into::into).collect(),
            hours,
            holidays,
        }
    }

    /// Whether offices work at this moment.
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        let local = self.offset.to_datetime(at);
        let (date, time) = (local.date(), local.time());
        self.working_days.contains(&date.weekday())
            && self
                .hours
                .iter()
                .any(|(from, until)| (*from..*until).contains(&time))
            && !self.holidays.contains(&date)
    }

    /// Whether nobody is expected at work: a day on which offices are closed, or a time more than
    /// `margin` before the first or after the last of their hours. Breaks count as work.
    #[must_use]
    pub fn is_out_of_hours(&self, at: Timestamp, margin: SignedDuration) -> bool {
        let local = self.offset.to_datetime(at);
        let is_working_day = self.working_days.contains(&local.date().weekday())
            && !self.holidays.contains(&local.date());
        let first = self.hours.iter().map(|(from, _)| *from).min();
        let last = self.hours.iter().map(|(_, until)| *until).max();
        let (Some(first), Some(last), true) = (first, last, is_working_day) else {
            return true;
        };
        let margin = margin.min(SignedDuration::from_hours(12));
        !(first.saturating_sub(margin)..last.saturating_add(margin)).contains(&local.time())
    }

    /// The year in which this moment lies, where the offices are.
    pub(crate) fn year(&self, at: Timestamp) -> i16 {
        self.offset.to_datetime(at).year()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarFile {
    utc_offset: Spanned<String>,
    working_days: Vec<Day>,
    hours: Vec<Spanned<String>>,
    holidays: Vec<Spanned<String>>,
}

/// The fields of [`CalendarFile`], for whoever writes one.
const FORM: &[Field] = &[
    required("utc_offset", Kind::Text),
    required("working_days", Kind::Texts),
    required("hours", Kind::Texts),
    required("holidays", Kind::Texts),
];

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl From<Day> for Weekday {
    fn from(day: Day) -> Self {
        match day {
            Day::Monday => Self::Monday,
            Day::Tuesday => Self::Tuesday,
            Day::Wednesday => Self::Wednesday,
            Day::Thursday => Self::Thursday,
            Day::Friday => Self::Friday,
            Day::Saturday => Self::Saturday,
            Day::Sunday => Self::Sunday,
        }
    }
}

/// `+07:00`: a sign, hours, minutes.
fn offset_of(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let time = clock(digits)?;
    let minutes = i32::from(time.hour()) * 60 + i32::from(time.minute());
    Offset::from_seconds(sign * minutes * 60).ok()
}

/// `07:30–11:30`, with a dash or a hyphen.
fn hours_of(text: &str) -> Option<(Time, Time)> {
    let (from, until) = text.split_once(['–', '-'])?;
    let (from, until) = (clock(from.trim())?, clock(until.trim())?);
    (from < until).then_some((from, until))
}

/// `07:30`: two digits, a colon, two digits.
fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let two = |digits: &str| {
        let plain = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|_| plain)
    };
    Time::new(two(hour)?, two(minute)?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::PolicyFiles;

    fn national() -> OfficeCalendar {
        let mut mistakes = Vec::new();
        let calendar = OfficeCalendar::read(&PolicyFiles::embedded().calendar, &mut mistakes);
        assert!(mistakes.is_empty(), "{mistakes:?}");
        calendar
    }

    fn is_open(local: &str) -> bool {
        national().is_open(format!("{local}+07:00").parse().unwrap())
    }

    #[test]
    fn out_of_hours_is_well_before_or_after_work_and_whole_days_off() {
        let calendar = national();
        let margin = SignedDuration::from_mins(60);
        let out = |at: &str| calendar.is_out_of_hours(at.parse().unwrap(), margin);
        // A Monday in Hà Nội: 06:29, 06:30, 12:00 (a break), 18:29, 18:30.
        let monday = [
            "2026-11-22T23:29:00Z",
            "2026-11-22T23:30:00Z",
            "2026-11-23T05:00:00Z",
        ];
        assert_eq!(monday.map(out), [true, false, false]);
        let evening = ["2026-11-23T11:29:00Z", "2026-11-23T11:30:00Z"];
        assert_eq!(evening.map(out), [false, true]);
        // A Saturday, and a holiday on a Wednesday.
        assert!(out("2026-11-21T03:00:00Z") && out("2026-09-02T03:00:00Z"));
        assert!(
            !calendar.is_out_of_hours("2026-11-23T16:00:00Z".parse().unwrap(), SignedDuration::MAX)
        );
    }

    #[test]
    fn offices_work_from_the_first_minute_to_before_the_last() {
        // A Tuesday.
        for (time, open) in [
            ("07:29:59", false),
            ("07:30:00", true),
            ("11:29:59", true),
            ("11:30:00", false),
            ("12:45:00", false),
            ("13:30:00", true),
            ("17:29:59", true),
            ("17:30:00", false),
            ("00:00:00", false),
        ] {
            assert_eq!(is_open(&format!("2026-11-24T{time}")), open, "{time}");
        }
    }

    #[test]
    fn weekends_and_holidays_are_closed() {
        for (day, open) in [
            ("2026-11-20", true),
            ("2026-11-21", false),
            ("2026-11-22", false),
            ("2026-11-23", true),
            ("2026-02-17", false),
            ("2026-04-27", false),
            ("2026-09-02", false),
            ("2026-09-03", true),
            ("2027-05-03", false),
        ] {
            assert_eq!(is_open(&format!("{day}T09:00:00")), open, "{day}");
        }
    }

    #[test]
    fn the_day_is_that_of_the_offices_and_not_of_greenwich() {
        let calendar = national();
        // Monday 08:00 in Hà Nội is Monday 01:00 in Greenwich; Sunday 20:00 there is Monday 03:00.
        assert!(calendar.is_open("2026-11-23T01:00:00Z".parse().unwrap()));
        assert_eq!(calendar.year("2026-12-31T18:00:00Z".parse().unwrap()), 2027);
    }

    fn complaint(old: &str, new: &str) -> String {
        let mut file = PolicyFiles::embedded().calendar;
        assert!(file.text.contains(old));
        file.text = file.text.replacen(old, new, 1);
        let mut mistakes = Vec::new();
        let _ = OfficeCalendar::read(&file, &mut mistakes);
        let [error] = mistakes.as_slice() else {
            panic!("{mistakes:?}")
        };
        let cause = std::error::Error::source(error).map(ToString::to_string);
        format!("{error} {}", cause.unwrap_or_default())
    }

    #[test]
    fn what_is_no_time_is_told_with_its_line() {
        for (old, new, told) in [
            ("+07:00", "ICT", "`utc_offset` must look like `+07:00`"),
            ("+07:00", "+7:00", "`utc_offset`"),
            ("07:30–11:30", "11:30–07:30", "`hours` must look like"),
            ("07:30–11:30", "7h30–11h30", "`hours`"),
            (
                "\"2026-01-01\"",
                "\"2026-13-01\"",
                "`holidays` must be dates",
            ),
            ("\"friday\"", "\"freitag\"", "freitag"),
        ] {
            let text = complaint(old, new);
            assert!(text.contains(told) && text.contains("line"), "{text}");
            assert!(text.contains("calendar.toml"), "{text}");
        }
    }
}
