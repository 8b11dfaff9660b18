//! Three months of four offices, 100,000 questions, made from a seed: nobody is accused but those
//! who were planted.

use super::*;
use jiff::civil::{Date, date};
use std::collections::BTreeSet;

/// A generator that is the same everywhere (SplitMix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    fn in_a_hundred(&mut self, n: u64) -> bool {
        self.below(100) < n
    }
}

/// An officer with a pace of work.
struct Worker {
    agency: usize,
    id: String,
    a_day: u64,
}

const AGENCIES: [&str; 4] = [
    "ward-ba-dinh",
    "ward-hai-chau",
    "tax-office-ha-noi",
    "social-insurance",
];
const PURPOSES: [&str; 5] = ["p-a", "p-b", "p-c", "p-d", "p-e"];
const QUESTIONS: usize = 100_000;

fn workers(dice: &mut Dice) -> Vec<Worker> {
    let worker = |number: usize| Worker {
        agency: number % AGENCIES.len(),
        id: format!("cb-{number}"),
        a_day: 8 + dice.below(45),
    };
    (0..48).map(worker).collect()
}

/// One question of a working day: its hour, its case, what comes of it.
fn ordinary(dice: &mut Dice, worker: &Worker, day: Date, purpose: usize) -> Entry {
    // Most work within the hours; some stay until six, and few answer a call in the break.
    let minutes = match dice.below(20) {
        0 => 17 * 60 + 30 + dice.below(45),
        1 => 11 * 60 + 30 + dice.below(120),
        n if n < 11 => 7 * 60 + 30 + dice.below(240),
        _ => 13 * 60 + 30 + dice.below(240),
    };
    let midnight = day.to_zoned(jiff::tz::offset(7).to_time_zone()).unwrap();
    let time = midnight.timestamp() + SignedDuration::from_mins(i64::try_from(minutes).unwrap());
    // A case is of one family.
    let family = dice.below(400_000);
    let person = family * 4 + dice.below(4);
    let mut entry = question(time, &worker.id, person);
    let access = access(&mut entry);
    access.agency = AGENCIES[worker.agency].to_owned();
    access.case = (!dice.in_a_hundred(12)).then(|| format!("H-{family}"));
    access.purpose = PURPOSES[purpose].to_owned();
    access.attributes = (0..=dice.below(6)).map(|n| format!("a.b.{n}")).collect();
    match dice.below(100) {
        0..4 => refused(entry),
        4..8 => outcome(entry, "not_found"),
        8..10 => outcome(entry, "unavailable"),
        _ => entry,
    }
}

fn days() -> impl Iterator<Item = Date> {
    let first = date(2026, 6, 1);
    (0..).map(move |n| first + jiff::Span::new().days(n))
}

/// The questions in the order of their times.
fn ordinary_life(seed: u64) -> Vec<Entry> {
    let mut dice = Dice(seed);
    let workers = workers(&mut dice);
    let policies = policies();
    let mut entries = Vec::with_capacity(QUESTIONS + 2_000);
    for day in days() {
        let nine = day
            .at(9, 0, 0, 0)
            .to_zoned(jiff::tz::offset(7).to_time_zone());
        let works = policies.calendar().is_open(nine.unwrap().timestamp());
        if entries.len() >= QUESTIONS {
            break;
        }
        let mut of_day = Vec::new();
        for worker in &workers {
            // Leave, illness, training: nine of ten are there. Duty at the weekend is a handful.
            let questions = match works {
                true if dice.in_a_hundred(90) => worker.a_day / 2 + dice.below(worker.a_day),
                false if dice.in_a_hundred(4) => dice.below(6),
                _ => 0,
            };
            for _ in 0..questions {
                let purpose = usize::try_from(dice.below(5)).unwrap();
                of_day.push(ordinary(&mut dice, worker, day, purpose));
            }
        }
        of_day.sort_by(|a, b| a.time.cmp(&b.time));
        entries.extend(of_day);
    }
    entries
}

fn accused(entries: &[Entry]) -> BTreeSet<(String, String)> {
    let all = found(entries.iter().cloned());
    let who = |alert: Alert| (alert.rule.into_owned(), alert.officer.unwrap_or_default());
    all.into_iter().map(who).collect()
}

#[test]
fn ordinary_life_accuses_nobody() {
    let entries = ordinary_life(1);
    assert!(entries.len() >= QUESTIONS);
    assert_eq!(accused(&entries), BTreeSet::new());
}

#[test]
fn within_ordinary_life_those_who_were_planted_are_found_and_nobody_else() {
    let mut entries = ordinary_life(3);
    // A working day near the end, with somebody new for each pattern.
    let day = "2026-08-06T0";
    let mut plant = |officer: &str, times: u64, change: &dyn Fn(Entry, u64) -> Entry| {
        for n in 0..times {
            let time = at(&format!("{day}2:00:00Z")) + SignedDuration::from_secs(n as i64 * 40);
            entries.push(change(question(time, officer, 9_000_000 + n), n));
        }
    };
    plant("x-night", 12, &|entry, _| Entry {
        time: "2026-08-06T16:10:00.000Z".to_owned(),
        ..entry
    });
    plant("cb-0", 300, &|entry, _| entry);
    plant("x-case", 21, &|entry, _| {
        changed(entry, |a| a.case = Some("H-x".to_owned()))
    });
    plant("x-none", 25, &|entry, _| changed(entry, |a| a.case = None));
    plant("x-self", 1, &|entry, _| {
        changed(entry, |a| a.closeness = vec!["self".into()])
    });
    plant("x-home", 1, &|entry, _| {
        changed(entry, |a| a.closeness = vec!["household".into()])
    });
    plant("x-name", 1, &|entry, _| {
        changed(entry, |a| a.closeness = vec!["surname".into()])
    });
    plant("x-refused", 22, &|entry, _| refused(entry));
    plant("x-unknown", 11, &|entry, _| outcome(entry, "not_found"));
    plant("x-first", 1, &|entry, _| {
        changed(entry, |a| a.purpose = "p-z".to_owned())
    });
    // Under a procedure that the ward knows, as everybody else; but for one.
    for entry in &mut entries {
        let access = access(entry);
        match &*access.purpose {
            "birth-registration" => {
                access.purpose = "p-a".to_owned();
                access.attributes.clear();
            }
            "p-z" => access.attributes = vec!["a.b.1".to_owned()],
            _ => {}
        }
    }
    entries.sort_by(|a, b| a.time.cmp(&b.time));
    let planted = [
        ("out_of_hours", "x-night"),
        ("volume", "cb-0"),
        ("one_case", "x-case"),
        ("no_case", "x-none"),
        ("self_lookup", "x-self"),
        ("household", "x-home"),
        ("surname", "x-name"),
        ("repeated_refusals", "x-refused"),
        ("not_found", "x-unknown"),
        ("first_use", "x-first"),
    ];
    let planted = planted.map(|(rule, officer)| (rule.to_owned(), officer.to_owned()));
    assert_eq!(accused(&entries), BTreeSet::from(planted));
}
