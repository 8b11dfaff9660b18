//! Names, dates and absent values come as they are, in one form.

use super::check;
use crate::conformance::{
    bench::{Bench, Run, Trial, not_made},
    candidate::Expect,
    check::{Check, Findings},
    disturbance::Disturbance,
    drive::{Drive, Must},
    mutate,
};
use http::header;
use motlan_schemas::catalogue::Dataset;
use serde_json::Value;
use unicode_normalization::{UnicodeNormalization, is_nfc};

pub(super) const CHECKS: &[Check] = &[
    check!(
        "values.partial-dates-stay-partial",
        Silver,
        "no dataset has dates that may be partial",
        "A date of which only the year or the month is known stays one.",
        partial_dates_stay_partial
    ),
    check!(
        "values.vietnamese-names",
        Silver,
        "no case has a text with diacritics",
        "Names with two diacritics on a letter come letter by letter.",
        vietnamese_names
    ),
    check!(
        "values.nfc",
        Silver,
        "no answer has a letter that can be decomposed",
        "Texts that the source decomposes (NFD) come composed (NFC).",
        nfc
    ),
    check!(
        "values.empty-texts",
        Silver,
        "no answer has a value of the case as a text",
        "An empty text is no value: it is left out or refused, never handed on.",
        empty_texts
    ),
    check!(
        "values.nulls",
        Silver,
        "no answer is JSON with a value of the case as a text",
        "A null is no value: it is left out or refused, never handed on.",
        nulls
    ),
    check!(
        "values.unknown-members",
        Silver,
        "no answer is JSON",
        "Members that the source adds in a later version change nothing.",
        unknown_members
    ),
    check!(
        "values.order-of-members",
        Silver,
        "no answer is JSON with objects",
        "The order of members changes nothing.",
        order_of_members
    ),
    check!(
        "values.byte-order-mark",
        Silver,
        super::NO_CASE,
        "A byte order mark changes nothing, or is refused.",
        byte_order_mark
    ),
    check!(
        "values.broken-utf8",
        Bronze,
        "no answer has a letter outside ASCII",
        "Bytes that are no UTF-8 are refused, not replaced.",
        broken_utf8
    ),
    check!(
        "values.wrong-charset",
        Silver,
        super::NO_CASE,
        "A charset that the body is not in changes nothing, or is refused.",
        wrong_charset
    ),
];

async fn partial_dates_stay_partial(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    let mut may_be_partial = false;
    for run in &bench.runs {
        let partial = partial_dates(run.dataset);
        may_be_partial |= !partial.is_empty();
        let (Expect::Records(expected), Ok(said)) = (&run.case.expect, &run.undisturbed.result)
        else {
            continue;
        };
        for name in &partial {
            if !as_many(expected, &said.json) {
                continue;
            }
            let (expected, said) = (column(expected, name), column(&said.json, name));
            let is_partial =
                |date: &&Value| date.as_str().is_some_and(|date| date.len() < DATE_BYTES);
            if expected.iter().any(is_partial) {
                findings.expect(
                    expected == said,
                    format!("{}, `{name}`", run.case.name),
                    "the date as far as it is known",
                    "another date, or none",
                    "read dates with `value::partial_date`, and never complete one",
                );
            }
        }
    }
    for run in bench.present() {
        findings.join(only_the_year(bench, run).await);
    }
    if may_be_partial && findings.looked() == 0 {
        findings.unproven("no case has a date of which only the year or month is known");
    }
    findings
}

/// Takes month and day out of a date on its way, and looks for them in the answer.
async fn only_the_year(bench: &Bench<'_>, run: &Run<'_>) -> Findings {
    let mut findings = Findings::default();
    let station = match bench.station().await {
        Ok(station) => station,
        Err(reason) => return not_made(reason),
    };
    let Ok(permit) = bench.permit(run, run.dataset.all()) else {
        return findings;
    };
    let expected = run.expected();
    for name in partial_dates(run.dataset) {
        let first = column(&expected, name).into_iter().find_map(Value::as_str);
        let Some([year, month, day]) = first.and_then(parts) else {
            continue;
        };
        for written in [
            format!("{year}-{month}-{day}"),
            format!("{day}/{month}/{year}"),
        ] {
            let cut = year.to_owned();
            let cut = Disturbance::text(move |text| {
                mutate::replace_leaf(text, &written, &format!("\"{cut}\""), &cut)
            });
            let trial = Trial::of(&permit, run.dataset).disturbed(cut, 0);
            let seen = bench.fetch(&station, trial).await;
            if !seen.was_disturbed() {
                continue;
            }
            let completed = [format!("{year}-01"), format!("{year}-12")];
            let guessed = match &seen.result {
                Ok(said) => column(&said.json, name)
                    .into_iter()
                    .filter_map(Value::as_str)
                    .any(|date| {
                        completed
                            .iter()
                            .any(|guess| date.starts_with(guess.as_str()))
                            && !column(&expected, name)
                                .into_iter()
                                .any(|known| known == date)
                    }),
                Err(_) => false,
            };
            findings.expect(
                !guessed,
                format!("{}, `{name}`, only the year of it", run.case.name),
                "the year, or an error",
                "a whole date",
                "read dates with `value::partial_date`, and never complete one",
            );
        }
    }
    findings
}

/// Year, month and day of a whole date.
fn parts(date: &str) -> Option<[&str; 3]> {
    let parts: Vec<&str> = date.splitn(3, '-').collect();
    parts.try_into().ok()
}

/// The attributes that may hold a year, a month or a day.
fn partial_dates(dataset: &Dataset) -> Vec<&str> {
    let is_partial = |name: &str| {
        let schema = dataset.schema.pointer(&format!("/properties/{name}"));
        let validator = schema.and_then(|schema| jsonschema::validator_for(schema).ok());
        validator.is_some_and(|validator| {
            let takes = |text: &str| validator.is_valid(&Value::from(text));
            takes("1958") && takes("1958-05") && takes("1958-05-17") && !takes("19580517x")
        })
    };
    let names = dataset.attributes.iter().map(|attribute| &*attribute.name);
    names.filter(|name| is_partial(name)).collect()
}

/// A list that is not whole is another check's finding.
fn as_many(expected: &Value, said: &Value) -> bool {
    expected.as_array().map(Vec::len) == said.as_array().map(Vec::len)
}

/// The values of an attribute in all records.
fn column<'v>(records: &'v Value, name: &str) -> Vec<&'v Value> {
    let one = std::slice::from_ref(records);
    let records = records.as_array().map_or(one, Vec::as_slice);
    records
        .iter()
        .filter_map(|record| record.get(name))
        .collect()
}

async fn vietnamese_names(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    let mut two_on_one = false;
    for run in &bench.runs {
        let (Expect::Records(expected), Ok(said)) = (&run.case.expect, &run.undisturbed.result)
        else {
            continue;
        };
        if !as_many(expected, &said.json) {
            continue;
        }
        let expected = mutate::leaves(&run.expected().to_string());
        let said = mutate::leaves(&said.json.to_string());
        for text in expected.iter().filter(|text| !text.is_ascii()) {
            two_on_one |= text
                .chars()
                .any(|letter| std::iter::once(letter).nfd().count() > 2);
            findings.expect(
                said.contains(text),
                &run.case.name,
                "every text with diacritics, letter by letter",
                "one of them is not in the answer",
                "read texts as UTF-8, with `value::text`",
            );
        }
    }
    if findings.looked() > 0 && !two_on_one {
        findings.unproven("no case has a letter with two diacritics, such as `Ễ`");
    }
    findings
}

async fn nfc(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    let decompose = Disturbance::text(|text| text.nfd().collect());
    let mend = "read texts with `value::text`, which composes them";
    let drive = Drive::new("decomposed texts", decompose, Must::SameAnswer, mend);
    findings.join(drive.through(bench, &bench.present()).await);
    for run in &bench.runs {
        if let Ok(said) = &run.undisturbed.result
            && let Some(text) = &said.text
        {
            findings.expect(
                is_nfc(text),
                &run.case.name,
                "texts in NFC",
                "another form",
                mend,
            );
        }
    }
    findings
}

async fn empty_texts(bench: &Bench<'_>) -> Findings {
    without_values(bench, "\"\"").await
}

async fn nulls(bench: &Bench<'_>) -> Findings {
    without_values(bench, "null").await
}

/// One value after the other is taken out of the answer.
async fn without_values(bench: &Bench<'_>, json: &'static str) -> Findings {
    let mut findings = Findings::default();
    for run in bench.present() {
        let station = match bench.station().await {
            Ok(station) => station,
            Err(reason) => return not_made(reason),
        };
        let Ok(permit) = bench.permit(run, run.dataset.all()) else {
            continue;
        };
        for value in plain_values(run) {
            let blank = Disturbance::body(move |said| {
                if json == "null" && said.is_xml() {
                    return None;
                }
                Some(mutate::replace_leaf(&said.text(), &value, json, "").into())
            });
            let trial = Trial::of(&permit, run.dataset).disturbed(blank, 0);
            let seen = bench.fetch(&station, trial).await;
            if !seen.was_disturbed() {
                continue;
            }
            let right = match &seen.result {
                Ok(said) => !said.json.is_null() && !has_blank(&said.json),
                Err(_) => true,
            };
            findings.expect(
                right,
                format!("{}, {json} for a value", run.case.name),
                "the records without that value, or an error",
                seen.told(),
                "read values with `value` or `field_map`, which take empty texts and nulls for nothing",
            );
        }
    }
    findings
}

/// Texts of the case that are no number of a person or enterprise.
fn plain_values(run: &Run<'_>) -> Vec<String> {
    let mut values = mutate::leaves(&run.expected().to_string());
    values.retain(|value| value.len() > 2 && !value.bytes().all(|byte| byte.is_ascii_digit()));
    values.truncate(VALUES_MAX);
    values
}

fn has_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.iter().any(has_blank),
        Value::Object(members) => members.values().any(has_blank),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

async fn unknown_members(bench: &Bench<'_>) -> Findings {
    let add = Disturbance::body(|said| {
        let mut document = said.json()?;
        mutate::add_members(&mut document);
        Some(document.to_string().into())
    });
    let mend = "take the members that are known, and leave the others";
    Drive::new(
        "an unknown member in every object",
        add,
        Must::SameAnswer,
        mend,
    )
    .through(bench, &bench.present())
    .await
}

async fn order_of_members(bench: &Bench<'_>) -> Findings {
    let reverse =
        Disturbance::body(|said| Some(mutate::reversed(&said.json()?).to_string().into()));
    let mend = "find members by name";
    Drive::new(
        "members in the opposite order",
        reverse,
        Must::SameAnswer,
        mend,
    )
    .through(bench, &bench.present())
    .await
}

async fn byte_order_mark(bench: &Bench<'_>) -> Findings {
    let mark = Disturbance::body(|said| {
        let mut body = b"\xef\xbb\xbf".to_vec();
        body.extend_from_slice(&said.body);
        Some(body.into())
    });
    let mend = "read a body that begins with a byte order mark as UTF-8, or refuse it";
    Drive::new("a byte order mark", mark, Must::FailOrSameAnswer, mend)
        .through(bench, &bench.present())
        .await
}

async fn broken_utf8(bench: &Bench<'_>) -> Findings {
    let broken = Disturbance::body(|said| {
        let mut body = said.body.to_vec();
        let letter = body.iter_mut().find(|byte| !byte.is_ascii())?;
        *letter = 0xff;
        Some(body.into())
    });
    let mend = "parse the body's bytes, and refuse what is no UTF-8";
    Drive::new("a byte that is no UTF-8", broken, Must::Fail, mend)
        .through(bench, &bench.present())
        .await
}

async fn wrong_charset(bench: &Bench<'_>) -> Findings {
    let mut findings = Findings::default();
    for charset in ["utf-16", "x-unknown"] {
        let what = format!("charset {charset}");
        let charset = Disturbance::rewrite(move |_, said| {
            let mut answer = said.clone();
            let stated = answer.headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
            let kept = stated.split(';').next().unwrap_or_default();
            let stated = format!("{kept}; charset={charset}");
            let stated = http::HeaderValue::try_from(stated).ok()?;
            answer.headers.insert(header::CONTENT_TYPE, stated);
            Some(answer)
        });
        let mend = "read UTF-8 whatever is stated, or refuse what is stated otherwise; never guess letters";
        let drive = Drive::new(&what, charset, Must::FailOrSameAnswer, mend);
        findings.join(drive.through(bench, &bench.present()).await);
    }
    findings
}

/// `2026-11-28`.
const DATE_BYTES: usize = 10;
/// Enough values to meet every kind of field.
const VALUES_MAX: usize = 24;
