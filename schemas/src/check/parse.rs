//! From bytes to [`Checks`], with the strictness and the pointers of a question.

use super::{Area, CHECKS_MAX, Check, CheckKind, Checks, InsuranceKind, YEARS_MAX};
use crate::{
    catalogue::Selection,
    codes::administrative_units,
    json,
    query::{
        Mistake, QueryError,
        parse::{DEPTH_MAX, Fields},
    },
};
use jiff::civil::Date;
use serde_json::{Map, Value};

const FIELDS: [&str; 7] = [
    "purpose",
    "checks",
    "case",
    "officer",
    "max_age_seconds",
    "deadline_ms",
    "applicant",
];
const KINDS: &str = "age_at_least, resides_in, is_married, is_insured_on, owns_parcel_in, is_alive";

pub(super) fn checks(body: &[u8]) -> Result<Checks, QueryError> {
    let value = json::parse(body, DEPTH_MAX)?;
    let mut fields = Fields::of(&value, "subject", &FIELDS)?;
    let subject = fields
        .required("subject")
        .and_then(|value| fields.subject("/subject", value));
    let question = fields.question_about(|_| Some((Selection::default(), Vec::new())));
    let checks = list(&mut fields);
    let whole = subject.zip(question).zip(checks);
    fields
        .finish(whole)
        .map(|((subject, question), checks)| Checks {
            subject,
            checks,
            question,
        })
}

fn list<'a>(fields: &mut Fields<'a>) -> Option<Vec<Check>> {
    let Some(items) = fields.required("checks")?.as_array() else {
        let expected = "an array of checks";
        fields.wrong("/checks", Mistake::WrongType { expected });
        return None;
    };
    if items.is_empty() {
        fields.wrong("/checks", Mistake::Empty);
    }
    if items.len() > CHECKS_MAX {
        let max = CHECKS_MAX as u64;
        fields.wrong("/checks", Mistake::TooMany { max });
        return None;
    }
    let mut checks = Vec::with_capacity(items.len());
    for (place, item) in items.iter().enumerate() {
        let pointer = format!("/checks/{place}");
        match check(fields, &pointer, item) {
            Some(check) if checks.contains(&check) => fields.wrong(pointer, Mistake::Repeated),
            Some(check) => checks.push(check),
            None => {}
        }
    }
    Some(checks)
}

fn check<'a>(fields: &mut Fields<'a>, pointer: &str, value: &'a Value) -> Option<Check> {
    let Some(members) = value.as_object() else {
        let expected = "an object";
        fields.wrong(pointer, Mistake::WrongType { expected });
        return None;
    };
    let name = member(fields, pointer, members, "check")?;
    let words = CheckKind::ALL.map(|kind| (kind.as_str(), kind));
    let kind = fields.one_of(&format!("{pointer}/check"), name, &words, KINDS)?;
    let known = parameters(kind);
    for key in members.keys() {
        if key != "check" && !known.contains(&key.as_str()) {
            fields.unknown_field(pointer, key, known.iter().copied());
        }
    }
    Some(match kind {
        CheckKind::AgeAtLeast => {
            let years = member(fields, pointer, members, "years")?;
            let years = fields.number(&format!("{pointer}/years"), years, 0, YEARS_MAX.into())?;
            Check::AgeAtLeast {
                years: u8::try_from(years).ok()?,
            }
        }
        CheckKind::ResidesIn => Check::ResidesIn {
            area: area(fields, pointer, members)?,
        },
        CheckKind::IsMarried => Check::IsMarried,
        CheckKind::IsInsuredOn => insured(fields, pointer, members)?,
        CheckKind::OwnsParcelIn => Check::OwnsParcelIn {
            area: area(fields, pointer, members)?,
        },
        CheckKind::IsAlive => Check::IsAlive,
    })
}

const fn parameters(kind: CheckKind) -> &'static [&'static str] {
    match kind {
        CheckKind::AgeAtLeast => &["years"],
        CheckKind::ResidesIn | CheckKind::OwnsParcelIn => &["area"],
        CheckKind::IsInsuredOn => &["date", "kind"],
        CheckKind::IsMarried | CheckKind::IsAlive => &[],
    }
}

fn insured<'a>(
    fields: &mut Fields<'a>,
    pointer: &str,
    members: &'a Map<String, Value>,
) -> Option<Check> {
    let date = member(fields, pointer, members, "date")
        .and_then(|value| day(fields, &format!("{pointer}/date"), value));
    let kind = member(fields, pointer, members, "kind").and_then(|value| {
        let words = [
            ("health", InsuranceKind::Health),
            ("social", InsuranceKind::Social),
        ];
        fields.one_of(&format!("{pointer}/kind"), value, &words, "health, social")
    });
    Some(Check::IsInsuredOn {
        date: date?,
        kind: kind?,
    })
}

fn day<'a>(fields: &mut Fields<'a>, pointer: &str, value: &'a Value) -> Option<Date> {
    // jiff reads other forms of ISO 8601 too; one form is enough for a wire shape.
    let text = fields.text(pointer, value)?;
    let day = text
        .parse()
        .ok()
        .filter(|day: &Date| day.to_string() == text);
    if day.is_none() {
        fields.wrong(pointer, Mistake::Day);
    }
    day
}

fn area<'a>(
    fields: &mut Fields<'a>,
    pointer: &str,
    members: &'a Map<String, Value>,
) -> Option<Area> {
    let value = member(fields, pointer, members, "area")?;
    let pointer = format!("{pointer}/area");
    let text = fields.text(&pointer, value)?;
    let units = administrative_units();
    if units.unit(text).is_none() {
        fields.wrong(pointer, Mistake::UnknownArea);
        return None;
    }
    Some(match units.province_of(text) {
        Some(_) => Area::Commune(text.into()),
        None => Area::Province(text.into()),
    })
}

fn member<'a>(
    fields: &mut Fields<'_>,
    pointer: &str,
    members: &'a Map<String, Value>,
    name: &'static str,
) -> Option<&'a Value> {
    let value = members.get(name);
    if value.is_none() {
        fields.wrong(format!("{pointer}/{name}"), Mistake::Missing);
    }
    value
}
