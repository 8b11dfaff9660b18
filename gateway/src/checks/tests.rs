//! Each check on the records that make it hard, and the laws of ages.

use super::*;
use CheckResult::{No, Unknown, Yes};
use jiff::civil::date as day;
use proptest::prelude::*;
use serde_json::json;

const TODAY: Date = day(2026, 11, 21);

fn told(check: &Check, said: Vec<(&'static str, Value)>) -> CheckResult {
    let said = said.into_iter().map(|(dataset, record)| {
        let said = if record.is_null() {
            Said::Nothing
        } else {
            Said::Records(record)
        };
        (dataset, said)
    });
    evaluate(check, &said.collect(), TODAY).unwrap()
}

fn age(years: u8, identity: Value) -> CheckResult {
    told(
        &Check::AgeAtLeast { years },
        vec![("population.identity", identity)],
    )
}

fn born(date: &str) -> Value {
    json!({ "birth_date": date })
}

#[test]
fn a_day_in_vietnam_begins_seven_hours_before_utc() {
    assert_eq!(
        today("2026-11-20T16:59:59Z".parse().unwrap()),
        day(2026, 11, 20)
    );
    assert_eq!(today("2026-11-20T17:00:00Z".parse().unwrap()), TODAY);
}

#[test]
fn an_age_is_reached_on_the_birthday_and_not_before() {
    assert_eq!(age(18, born("2008-11-21")), Yes);
    assert_eq!(age(18, born("2008-11-22")), No);
    assert_eq!(age(0, born("2026-11-21")), Yes);
    assert_eq!(age(0, born("2026-11-22")), No);
}

#[test]
fn a_child_of_a_leap_day_is_a_year_older_on_the_first_of_march() {
    assert_eq!(birthday(day(2008, 2, 29), 18), day(2026, 3, 1));
    assert_eq!(birthday(day(2008, 2, 29), 20), day(2028, 2, 29));
}

#[test]
fn of_a_partial_date_only_what_is_certain_is_told() {
    assert_eq!(age(67, born("1958")), Yes);
    assert_eq!(age(68, born("1958")), Unknown);
    assert_eq!(age(69, born("1958")), No);
    assert_eq!(age(18, born("2008-10")), Yes);
    assert_eq!(age(18, born("2008-11")), Unknown);
    assert_eq!(age(18, born("2008-12")), No);
}

#[test]
fn of_the_dead_the_doubtful_and_the_unrecorded_no_age_is_told() {
    for identity in [
        json!({"birth_date": "1958-11-23", "deceased": true}),
        json!({"birth_date": "1958-11-23", "under_investigation": true}),
        json!({"full_name": "A"}),
        Value::Null,
    ] {
        assert_eq!(age(18, identity.clone()), Unknown, "{identity}");
    }
}

#[test]
fn a_residence_is_compared_by_the_codes_in_force() {
    let in_province = |area: &str, residence: Value| {
        let area = Area::Province(area.into());
        told(
            &Check::ResidesIn { area },
            vec![("population.residence", residence)],
        )
    };
    let province = |code: &str| json!({ "permanent_province": code });
    assert_eq!(in_province("01", province("01")), Yes);
    assert_eq!(in_province("79", province("01")), No);
    // Hà Giang of before July 2025 belongs to Tuyên Quang.
    assert_eq!(in_province("08", province("02")), Yes);
    assert_eq!(in_province("01", province("02")), No);
    assert_eq!(in_province("01", province("99")), Unknown);
    assert_eq!(in_province("01", json!({"address_secret": true})), Unknown);
    assert_eq!(in_province("01", Value::Null), Unknown);
    let doubtful = json!({"permanent_province": "01", "under_investigation": true});
    assert_eq!(in_province("01", doubtful), Unknown);

    let in_commune = |code: &str| {
        let area = Area::Commune("00004".into());
        let residence = json!({ "permanent_commune": code });
        told(
            &Check::ResidesIn { area },
            vec![("population.residence", residence)],
        )
    };
    assert_eq!(in_commune("00004"), Yes);
    assert_eq!(in_commune("00008"), No);
    assert_eq!(in_commune("00001"), Unknown, "a former commune's code");
}

#[test]
fn a_marriage_that_ended_is_none_and_the_dead_are_not_married() {
    let married = |status: Value| {
        told(
            &Check::IsMarried,
            vec![("civil_status.marital_status", status)],
        )
    };
    assert_eq!(married(json!({"status": "married"})), Yes);
    assert_eq!(married(json!({"status": "married", "deceased": true})), No);
    for ended in ["divorced", "widowed", "never_married"] {
        assert_eq!(married(json!({ "status": ended })), No);
    }
    assert_eq!(married(json!({"status": "engaged"})), Unknown);
    assert_eq!(married(json!({})), Unknown);
    assert_eq!(married(Value::Null), Unknown);
}

fn insured(kind: InsuranceKind, on: Date, record: Value, identity: Value) -> CheckResult {
    let dataset = match kind {
        InsuranceKind::Health => "insurance.health",
        InsuranceKind::Social => "insurance.social",
    };
    let said = vec![(dataset, record), ("population.identity", identity)];
    told(&Check::IsInsuredOn { date: on, kind }, said)
}

#[test]
fn a_health_card_counts_from_its_first_day_to_its_last() {
    let card = |status: &str| json!({"status": status, "valid_from": "2026-01-01", "valid_until": "2026-11-30"});
    let health = |on, card| insured(InsuranceKind::Health, on, card, json!({"status": "active"}));
    for (on, expected) in [
        (day(2025, 12, 31), No),
        (day(2026, 1, 1), Yes),
        (TODAY, Yes),
        (day(2026, 11, 30), Yes),
        (day(2026, 12, 1), No),
    ] {
        assert_eq!(health(on, card("active")), expected, "{on}");
        assert_eq!(health(on, card("expired")), expected, "{on}");
    }
    for broken_off in ["suspended", "ended"] {
        assert_eq!(health(TODAY, card(broken_off)), No);
        assert_eq!(health(day(2026, 11, 22), card(broken_off)), No);
        assert_eq!(health(day(2026, 3, 1), card(broken_off)), Unknown);
        assert_eq!(health(day(2025, 3, 1), card(broken_off)), No);
    }
    let partial = json!({"status": "active", "valid_from": "2026-03", "valid_until": "2027"});
    assert_eq!(health(day(2026, 3, 15), partial.clone()), Unknown);
    assert_eq!(health(day(2026, 3, 31), partial.clone()), Yes);
    assert_eq!(health(day(2026, 2, 28), partial), No);
    assert_eq!(
        health(
            TODAY,
            json!({"status": "active", "valid_from": "2026-01-01"})
        ),
        Unknown
    );
    let of_the_dead = json!({"status": "active", "valid_from": "2026-01-01",
        "valid_until": "2026-12-31", "deceased": true});
    assert_eq!(health(TODAY, of_the_dead), No);
}

#[test]
fn nobody_is_insured_without_a_record_but_a_number_without_a_person_tells_nothing() {
    for kind in [InsuranceKind::Health, InsuranceKind::Social] {
        assert_eq!(
            insured(kind, TODAY, Value::Null, json!({"status": "active"})),
            No
        );
        assert_eq!(insured(kind, TODAY, Value::Null, Value::Null), Unknown);
    }
}

#[test]
fn social_insurance_is_certain_where_no_month_is_missing() {
    let record = |months: u32| {
        json!({"status": "contributing", "contribution_months": months,
        "first_contribution": "2025-03", "last_contribution": "2026-09"})
    };
    let social = |on, record| insured(InsuranceKind::Social, on, record, Value::Null);
    for (on, whole, gaps) in [
        (day(2025, 2, 28), No, No),
        (day(2025, 3, 1), Yes, Yes),
        (day(2025, 12, 24), Yes, Unknown),
        (day(2026, 9, 30), Yes, Yes),
        (day(2026, 10, 1), Yes, Yes),
        (TODAY, Yes, Yes),
        (day(2026, 11, 22), Unknown, Unknown),
    ] {
        assert_eq!(social(on, record(19)), whole, "{on}");
        assert_eq!(social(on, record(12)), gaps, "{on}");
    }
    let mut paused = record(19);
    paused["status"] = json!("paused");
    assert_eq!(social(TODAY, paused.clone()), No);
    assert_eq!(social(day(2026, 1, 1), paused), Yes);
}

#[test]
fn one_parcel_in_the_area_is_enough_and_a_disputed_one_is_not() {
    let owns = |parcels: Value, identity: Value| {
        let area = Area::Province("01".into());
        let said = vec![("land.parcels", parcels), ("population.identity", identity)];
        told(&Check::OwnsParcelIn { area }, said)
    };
    let known = || json!({"status": "active"});
    assert_eq!(
        owns(json!([{"province": "79"}, {"province": "01"}]), known()),
        Yes
    );
    assert_eq!(owns(json!([{"province": "79"}]), known()), No);
    assert_eq!(owns(json!([{"province": "79"}, {}]), known()), Unknown);
    let disputed = json!([{"province": "01", "disputed": true}, {"province": "79"}]);
    assert_eq!(owns(disputed, known()), Unknown);
    for nothing in [Value::Null, json!([])] {
        assert_eq!(owns(nothing.clone(), known()), No);
        assert_eq!(owns(nothing, Value::Null), Unknown);
    }
}

#[test]
fn alive_is_who_is_active_and_in_no_register_of_deaths() {
    let alive = |death: Value, identity: Value| {
        let said = vec![
            ("civil_status.death", death),
            ("population.identity", identity),
        ];
        told(&Check::IsAlive, said)
    };
    assert_eq!(alive(Value::Null, json!({"status": "active"})), Yes);
    assert_eq!(
        alive(json!({"date": "2024"}), json!({"status": "active"})),
        No
    );
    assert_eq!(alive(json!({"date": "2024"}), Value::Null), No);
    assert_eq!(alive(Value::Null, json!({"status": "deceased"})), No);
    assert_eq!(
        alive(Value::Null, json!({"status": "active", "deceased": true})),
        No
    );
    for open in ["missing", "emigrated"] {
        assert_eq!(alive(Value::Null, json!({ "status": open })), Unknown);
    }
    let doubtful = json!({"date": "2024", "under_investigation": true});
    assert_eq!(alive(doubtful, json!({"status": "active"})), Unknown);
    assert_eq!(alive(Value::Null, Value::Null), Unknown);
}

#[test]
fn a_register_out_of_order_is_named_only_where_its_word_is_needed() {
    let down = || Said::Unavailable(RegistryProblem::RegistryDown);
    let identity = || Said::Records(json!({"status": "active", "birth_date": "2000-01-01"}));
    let dead = || Said::Records(json!({"date": "2024-02-17"}));
    let told = |check: &Check, said: Vec<(&'static str, Said)>| {
        evaluate(check, &said.into_iter().collect(), TODAY)
    };
    let out = Err(RegistryProblem::RegistryDown);
    let age = Check::AgeAtLeast { years: 18 };
    assert_eq!(told(&age, vec![("population.identity", down())]), out);
    let both = |death, identity| {
        vec![
            ("civil_status.death", death),
            ("population.identity", identity),
        ]
    };
    assert_eq!(told(&Check::IsAlive, both(dead(), down())), Ok(No));
    assert_eq!(told(&Check::IsAlive, both(down(), identity())), out);
    assert_eq!(told(&Check::IsAlive, both(down(), Said::Nothing)), out);
    assert_eq!(told(&Check::IsAlive, both(Said::Nothing, down())), out);
}

fn any_date() -> impl Strategy<Value = PartialDate> {
    let full = (1900i16..2030, 1i8..=12, 1i8..=31).prop_map(|(year, month, of_month)| {
        let last = day(year, month, 1).days_in_month();
        day(year, month, of_month.min(last))
    });
    (full, 0u8..3).prop_map(|(full, known)| match known {
        0 => PartialDate::Year(full.year()),
        1 => PartialDate::YearMonth(full.year(), full.month()),
        _ => PartialDate::Full(full),
    })
}

proptest! {
    #[test]
    fn whoever_is_old_enough_for_more_is_old_enough_for_less(birth in any_date(), years in 0u8..149) {
        let less = age(years, born(&birth.to_string()));
        let more = age(years + 1, born(&birth.to_string()));
        let rank = |result| match result { No => 0, Unknown => 1, Yes => 2 };
        prop_assert!(rank(more) <= rank(less), "{birth}: {years} {less:?}, one more {more:?}");
    }

    /// The reference counts as people do: the years between, less one before the birthday.
    #[test]
    fn ages_of_full_dates_are_those_that_people_count(
        year in 1900i16..2027, month in 1i8..=12, of_month in 1i8..=31, years in 0u8..150,
    ) {
        let birth = day(year, month, of_month.min(day(year, month, 1).days_in_month()));
        let before_birthday = (TODAY.month(), TODAY.day()) < (birth.month(), birth.day());
        let counted = i32::from(TODAY.year()) - i32::from(year) - i32::from(before_birthday);
        let expected = if counted >= i32::from(years) { Yes } else { No };
        prop_assert_eq!(age(years, born(&birth.to_string())), expected);
    }
}
