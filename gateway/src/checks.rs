//! Whether a statement about a person holds, by what the registers said and by today's date. Pure:
//! the reading, the decision and the log are elsewhere.
//!
//! The rule throughout: `yes` and `no` are certain, and everything else is `unknown`. A register
//! that does not know the person, a date of which only the year is known, a record under
//! investigation and a register out of order all end there; only the last says so, because it is
//! about the register and not about the person.

use jiff::{
    Timestamp,
    civil::Date,
    tz::{Offset, TimeZone},
};
use motlan_schemas::{
    answer::RegistryProblem,
    check::{Area, Check, CheckResult, InsuranceKind},
    codes::{administrative_units, former_province},
    date::PartialDate,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a register said of the person in one dataset.
#[derive(Debug)]
pub enum Said {
    /// Its record, or its list of records.
    Records(Value),
    /// It holds nothing of this kind about the person.
    Nothing,
    /// It could not be asked.
    Unavailable(RegistryProblem),
}

/// What the datasets of a check said, by the dataset's name.
pub type AllSaid<'a> = BTreeMap<&'a str, Said>;

/// What a check comes to: the registers' answer, or why they could not give one.
pub type Told = Result<CheckResult, RegistryProblem>;

/// The day it is in Vietnam, where the year has no summer time.
#[must_use]
pub fn today(now: Timestamp) -> Date {
    let vietnam = TimeZone::fixed(Offset::constant(7));
    now.to_zoned(vietnam).date()
}

/// Whether the statement holds.
///
/// # Errors
/// A register whose word is needed could not be asked.
pub fn evaluate(check: &Check, said: &AllSaid<'_>, today: Date) -> Told {
    match check {
        Check::AgeAtLeast { years } => {
            let identity = record(said, "population.identity")?;
            Ok(identity.map_or(UNKNOWN, |identity| age_at_least(identity, *years, today)))
        }
        Check::ResidesIn { area } => {
            let residence = record(said, "population.residence")?;
            Ok(residence.map_or(UNKNOWN, |residence| resides_in(residence, area)))
        }
        Check::IsMarried => {
            let status = record(said, "civil_status.marital_status")?;
            Ok(status.map_or(UNKNOWN, is_married))
        }
        Check::IsInsuredOn { date, kind } => is_insured_on(said, *date, *kind, today),
        Check::OwnsParcelIn { area } => owns_parcel_in(said, area),
        Check::IsAlive => is_alive(said),
    }
}

const UNKNOWN: CheckResult = CheckResult::Unknown;

/// A dead person does not grow older, and when they died is not looked at here: `unknown`.
fn age_at_least(identity: &Value, years: u8, today: Date) -> CheckResult {
    let Some(born) = date(identity, "birth_date") else {
        return UNKNOWN;
    };
    if has_flag(identity, "deceased") || has_flag(identity, "under_investigation") {
        return UNKNOWN;
    }
    if birthday(born.latest(), years) <= today {
        CheckResult::Yes
    } else if birthday(born.earliest(), years) > today {
        CheckResult::No
    } else {
        UNKNOWN
    }
}

/// The day on which somebody turns `years`. Born on 29 February, in a common year that is 1 March,
/// the first day on which it is certain however the law's days are counted.
fn birthday(born: Date, years: u8) -> Date {
    let year = born.year().saturating_add(years.into());
    Date::new(year, born.month(), born.day())
        .or_else(|_| Date::new(year, 3, 1))
        .unwrap_or(Date::MAX)
}

fn resides_in(residence: &Value, area: &Area) -> CheckResult {
    if has_flag(residence, "under_investigation") {
        return UNKNOWN;
    }
    let attribute = match area {
        Area::Province(_) => "permanent_province",
        Area::Commune(_) => "permanent_commune",
    };
    text(residence, attribute).map_or(UNKNOWN, |code| lies_in(code, area))
}

/// Whether the place with a register's code is the area asked about. A register may still have the
/// code of a province of before July 2025; a former commune's code is in no list, so it is unknown
/// what it has become.
fn lies_in(code: &str, area: &Area) -> CheckResult {
    let units = administrative_units();
    let present = match area {
        Area::Province(_) => units
            .unit(code)
            .or_else(|| former_province(code).map(|former| former.successor)),
        Area::Commune(_) => units.unit(code),
    };
    present.map_or(UNKNOWN, |unit| yes_or_no(unit.code() == area.code()))
}

/// A marriage ends with the death of a spouse: the dead are not married.
fn is_married(status: &Value) -> CheckResult {
    match text(status, "status") {
        Some("married") => yes_or_no(!has_flag(status, "deceased")),
        Some("never_married" | "widowed" | "divorced") => CheckResult::No,
        _ => UNKNOWN,
    }
}

fn is_insured_on(said: &AllSaid<'_>, date: Date, kind: InsuranceKind, today: Date) -> Told {
    let dataset = match kind {
        InsuranceKind::Health => "insurance.health",
        InsuranceKind::Social => "insurance.social",
    };
    let Some(insurance) = record(said, dataset)? else {
        return nothing_on_record(said);
    };
    Ok(match kind {
        InsuranceKind::Health => health_on(insurance, date, today),
        InsuranceKind::Social => social_on(insurance, date, today),
    })
}

/// A card that was suspended or ended, or whose holder has died, counts for no day from today on.
/// For a day before that it is not on record when that happened.
fn health_on(card: &Value, day: Date, today: Date) -> CheckResult {
    let from = span(card, "valid_from");
    let until = span(card, "valid_until");
    if from.is_some_and(|(earliest, _)| day < earliest)
        || until.is_some_and(|(_, latest)| latest < day)
    {
        return CheckResult::No;
    }
    let broken_off =
        has_flag(card, "deceased") || matches!(text(card, "status"), Some("suspended" | "ended"));
    if broken_off {
        return if day >= today {
            CheckResult::No
        } else {
            UNKNOWN
        };
    }
    let covered = from.is_some_and(|(_, latest)| latest <= day)
        && until.is_some_and(|(earliest, _)| day <= earliest);
    match text(card, "status") {
        Some("active" | "expired") if covered => CheckResult::Yes,
        _ => UNKNOWN,
    }
}

/// The register holds the first and the last contribution and how many months there were. A day
/// between the two is certain only where no month is missing.
fn social_on(record: &Value, day: Date, today: Date) -> CheckResult {
    let Some(first) = span(record, "first_contribution") else {
        return UNKNOWN;
    };
    if day < first.0 {
        return CheckResult::No;
    }
    let last = span(record, "last_contribution");
    let contributing =
        text(record, "status") == Some("contributing") && !has_flag(record, "deceased");
    match last {
        Some(last) if day > last.1 && !contributing => CheckResult::No,
        // Contributions are entered after their month: until today the status speaks.
        Some(last) if day > last.1 && day <= today => CheckResult::Yes,
        Some(last) if day > last.1 => UNKNOWN,
        Some(last) if is_whole_month_of(first, day) || is_whole_month_of(last, day) => {
            CheckResult::Yes
        }
        Some(last) if contributed(record) == Some(months(first.0, last.0)) => CheckResult::Yes,
        _ => UNKNOWN,
    }
}

/// Whether the day lies in the month that the two days begin and end, or is the one day they are.
fn is_whole_month_of((earliest, latest): (Date, Date), day: Date) -> bool {
    earliest.first_of_month() == latest.first_of_month()
        && day.first_of_month() == earliest.first_of_month()
}

/// How many months there are from the one of `first` to the one of `last`, both counted.
fn months(first: Date, last: Date) -> i64 {
    let years = i64::from(last.year()) - i64::from(first.year());
    years * 12 + i64::from(last.month()) - i64::from(first.month()) + 1
}

fn contributed(record: &Value) -> Option<i64> {
    record.get("contribution_months").and_then(Value::as_i64)
}

fn owns_parcel_in(said: &AllSaid<'_>, area: &Area) -> Told {
    let attribute = match area {
        Area::Province(_) => "province",
        Area::Commune(_) => "commune",
    };
    let parcels = match said.get("land.parcels") {
        Some(Said::Records(Value::Array(parcels))) if !parcels.is_empty() => parcels,
        Some(Said::Unavailable(problem)) => return Err(*problem),
        _ => return nothing_on_record(said),
    };
    let verdicts = parcels.iter().map(|parcel| {
        match text(parcel, attribute).map_or(UNKNOWN, |code| lies_in(code, area)) {
            CheckResult::Yes if has_flag(parcel, "disputed") => UNKNOWN,
            verdict => verdict,
        }
    });
    // One parcel that certainly is in the area settles it; one that may be leaves it open.
    Ok(verdicts.fold(CheckResult::No, |all, one| match (all, one) {
        (CheckResult::Yes, _) | (_, CheckResult::Yes) => CheckResult::Yes,
        (CheckResult::Unknown, _) | (_, CheckResult::Unknown) => UNKNOWN,
        (CheckResult::No, CheckResult::No) => CheckResult::No,
    }))
}

/// A death on record is a death; the absence of one says "alive" only of a person whom the
/// population register keeps as active. People who are missing or live abroad may have died
/// without Vietnam's registers knowing.
fn is_alive(said: &AllSaid<'_>) -> Told {
    let death = record(said, "civil_status.death");
    if let Ok(Some(death)) = death {
        let certain = !has_flag(death, "under_investigation");
        return Ok(if certain { CheckResult::No } else { UNKNOWN });
    }
    let Some(identity) = record(said, "population.identity")? else {
        return death.map(|_| UNKNOWN);
    };
    if has_flag(identity, "under_investigation") {
        return Ok(UNKNOWN);
    }
    if has_flag(identity, "deceased") || text(identity, "status") == Some("deceased") {
        return Ok(CheckResult::No);
    }
    death?;
    Ok(match text(identity, "status") {
        Some("active") => CheckResult::Yes,
        _ => UNKNOWN,
    })
}

/// What a register without a record means: no, where the number is a person's; of a number that
/// nobody has, nothing can be said.
fn nothing_on_record(said: &AllSaid<'_>) -> Told {
    let identity = record(said, "population.identity")?;
    Ok(identity.map_or(UNKNOWN, |_| CheckResult::No))
}

/// The record of a dataset that has one, where the register holds it.
fn record<'a>(said: &'a AllSaid<'_>, dataset: &str) -> Result<Option<&'a Value>, RegistryProblem> {
    match said.get(dataset) {
        Some(Said::Records(record)) => Ok(Some(record)),
        Some(Said::Unavailable(problem)) => Err(*problem),
        Some(Said::Nothing) | None => Ok(None),
    }
}

fn text<'a>(record: &'a Value, attribute: &str) -> Option<&'a str> {
    record.get(attribute).and_then(Value::as_str)
}

fn date(record: &Value, attribute: &str) -> Option<PartialDate> {
    text(record, attribute)?.parse().ok()
}

/// The first and the last day that a date can mean.
fn span(record: &Value, attribute: &str) -> Option<(Date, Date)> {
    date(record, attribute).map(|date| (date.earliest(), date.latest()))
}

fn has_flag(record: &Value, flag: &str) -> bool {
    record.get(flag).and_then(Value::as_bool) == Some(true)
}

const fn yes_or_no(holds: bool) -> CheckResult {
    if holds {
        CheckResult::Yes
    } else {
        CheckResult::No
    }
}

#[cfg(test)]
mod tests;
