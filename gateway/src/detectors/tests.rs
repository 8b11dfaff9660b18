//! Each detector by itself: from its limit on, once, and with its reasons; then all of them over the
//! ordinary life of an office.

mod office;

use super::*;
use jiff::{SignedDuration, ToSpan};
use motlan_access_log::{
    entry::record::{AssertedBy, Bytes32, Emergency, Officer, Outcome},
    pseudonym::Pseudonym,
};
use motlan_policies::decide::Policies;
use motlan_schemas::{catalogue::Catalogue, clock::wire_time};
use std::sync::LazyLock;

/// A Monday, 09:00 in Hà Nội.
pub(crate) const MONDAY: &str = "2026-11-23T02:00:00Z";

/// The national policies, for their calendar; read once.
pub(crate) fn policies() -> &'static Policies {
    static POLICIES: LazyLock<Policies> =
        LazyLock::new(|| Policies::embedded(&Catalogue::national()).unwrap());
    &POLICIES
}

pub(crate) fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

/// A question that was answered: an officer of the ward about a person, under a case of its own.
pub(crate) fn question(time: Timestamp, officer: &str, person: u64) -> Entry {
    let mut value = [0; 32];
    value[..8].copy_from_slice(&person.to_be_bytes());
    let outcome = Outcome {
        status: "ok".into(),
        ..Outcome::default()
    };
    let access = Access {
        acting: None,
        agency: "ward-ba-dinh".to_owned(),
        answer_digest: None,
        attributes: vec!["population.identity.full_name".to_owned()],
        basis: None,
        case: Some(format!("H-{officer}-{person}")),
        check: None,
        client: "ward-ba-dinh-one-stop".to_owned(),
        closeness: Vec::new(),
        datasets: [("population.identity".to_owned(), vec![outcome])].into(),
        denied: Vec::new(),
        emergency: None,
        emergency_reason: None,
        hidden: None,
        officer: Some(Officer {
            asserted_by: AssertedBy::Token,
            id: officer.to_owned(),
        }),
        policy_version: "sha256:00".to_owned(),
        purpose: "birth-registration".to_owned(),
        query_id: "qry_1".to_owned(),
        subject: Pseudonym {
            epoch: 1,
            value: Bytes32(value),
        },
        trace_id: None,
        unobtained: Vec::new(),
        zone: None,
    };
    Entry {
        time: wire_time(time),
        nonce: Bytes32([0; 32]),
        record: Record::Disclosure(access),
    }
}

pub(crate) fn access(entry: &mut Entry) -> &mut Access {
    match &mut entry.record {
        Record::Disclosure(access) | Record::Refusal(access) => access,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn refused(mut entry: Entry) -> Entry {
    let access = access(&mut entry).clone();
    entry.record = Record::Refusal(Access {
        attributes: Vec::new(),
        datasets: Default::default(),
        ..access
    });
    entry
}

fn outcome(mut entry: Entry, status: &'static str) -> Entry {
    for outcome in access(&mut entry).datasets.values_mut().flatten() {
        outcome.status = status.into();
    }
    entry
}

fn changed(mut entry: Entry, change: impl FnOnce(&mut Access)) -> Entry {
    change(access(&mut entry));
    entry
}

/// What the detectors find in these entries, which stand at places from 100 on.
fn found(entries: impl IntoIterator<Item = Entry>) -> Vec<Alert> {
    found_by(&DetectorsConfig::default(), entries)
}

fn found_by(config: &DetectorsConfig, entries: impl IntoIterator<Item = Entry>) -> Vec<Alert> {
    let policies = policies();
    let mut detectors = Detectors::new(config);
    let numbered = (100..).zip(entries);
    let found = numbered
        .flat_map(|(place, entry)| detectors.see(place, &entry, policies.calendar()))
        .map(|finding| finding.alert);
    found.collect()
}

/// Holds a detector against its limit: so many hits find something once, with these entries behind
/// it; one fewer finds nothing, and many more nothing more.
fn tells_once_at(rule: &str, limit: u64, hit: impl Fn(u64) -> Entry) -> Alert {
    assert_eq!(
        found((0..limit - 1).map(&hit)),
        [],
        "{rule} below its limit"
    );
    let all = found((0..2 * limit + 3).map(&hit));
    let [alert] = all.as_slice() else {
        panic!("{rule}: {all:#?}")
    };
    assert_eq!(alert.rule, rule);
    assert_eq!((alert.count, alert.limit), (limit, limit));
    let last = 100 + limit - 1;
    assert_eq!(
        alert.entries.last(),
        Some(&last),
        "the entry that completed it"
    );
    assert_eq!(alert.entries.len() as u64, limit.min(20));
    alert.clone()
}

/// Minutes after the Monday's nine o'clock.
fn minute(minute: u64) -> Timestamp {
    at(MONDAY) + SignedDuration::from_mins(i64::try_from(minute).unwrap())
}

#[test]
fn questions_at_night_and_on_sundays_are_told_unless_it_is_an_emergency() {
    let night = |n| {
        question(
            at("2026-11-23T15:00:00Z") + SignedDuration::from_mins(n as i64),
            "cb-1",
            n,
        )
    };
    let alert = tells_once_at("out_of_hours", 10, night);
    assert_eq!(alert.officer.as_deref(), Some("cb-1"));
    assert_eq!(alert.window, "day");
    let sunday = |n| {
        question(
            at("2026-11-22T02:00:00Z") + SignedDuration::from_mins(n as i64),
            "cb-1",
            n,
        )
    };
    tells_once_at("out_of_hours", 10, sunday);
    let holiday = |n| {
        question(
            at("2026-09-02T02:00:00Z") + SignedDuration::from_mins(n as i64),
            "cb-1",
            n,
        )
    };
    tells_once_at("out_of_hours", 10, holiday);

    let emergency = Emergency {
        ground: "life_in_danger".into(),
        review_due: "2026-11-26T00:00:00Z".to_owned(),
    };
    let urgent = |n| {
        changed(night(n), |access| {
            access.emergency = Some(emergency.clone())
        })
    };
    assert_eq!(found((0..30).map(urgent)), []);
    let program = |n| changed(night(n), |access| access.officer = None);
    assert_eq!(found((0..20).map(program)), [], "programs work at night");
    let mut config = DetectorsConfig::default();
    config.out_of_hours.always_open = vec!["ward-ba-dinh".to_owned()];
    assert_eq!(found_by(&config, (0..30).map(night)), []);
}

#[test]
fn a_day_far_above_the_officers_own_median_is_told_with_what_is_usual() {
    // Ten working days with 12 people, but for one with 40 at its end; then 36, and one more.
    let day = |day: i64, people: u64, from: u64| {
        let begins = at("2026-11-02T02:00:00Z") + (24 * day).hours();
        let of_day = (0..people).map(move |n| {
            question(
                begins + SignedDuration::from_mins(n as i64),
                "cb-1",
                from + n,
            )
        });
        of_day.collect::<Vec<_>>()
    };
    let work = [0, 1, 2, 3, 4, 7, 8, 9, 10, 11];
    let past = work.into_iter().flat_map(|d| day(d, 12, 1_000 * d as u64));
    let past: Vec<_> = past.collect();
    let busy = |people| {
        let busy = day(14, people, 900_000);
        found(past.iter().cloned().chain(busy))
    };
    assert_eq!(busy(36), []);
    let all = busy(90);
    let [alert] = all.as_slice() else {
        panic!("{all:#?}")
    };
    assert_eq!((&*alert.rule, alert.count, alert.limit), ("volume", 37, 37));
    assert_eq!(alert.usual, Some(12));
    // Asking about the same person again is no more people.
    let again = (0..200).map(|n| {
        question(
            at("2026-11-16T02:00:00Z") + SignedDuration::from_mins(n),
            "cb-1",
            5,
        )
    });
    assert_eq!(found(past.iter().cloned().chain(again)), []);
    // Somebody new has no usual day.
    assert_eq!(found(day(14, 200, 0)), []);
    // Below the floor nothing is told, however many times more it is.
    let quiet = work.into_iter().flat_map(|d| day(d, 2, 1_000 * d as u64));
    assert_eq!(found(quiet.chain(day(14, 29, 900_000))), []);
}

#[test]
fn many_people_under_one_case_are_told_whichever_officer_asks() {
    let one_case = |n| {
        let officer = format!("cb-{}", n % 3);
        changed(question(minute(n), &officer, n), |access| {
            access.case = Some("H-1".to_owned());
        })
    };
    let alert = tells_once_at("one_case", 20, one_case);
    assert_eq!(alert.window, "four_weeks");
    let same_person = |n| changed(one_case(n), |access| access.subject = access_of(7));
    assert_eq!(found((0..100).map(same_person)), []);
    let two_agencies = |n: u64| {
        changed(one_case(n), |access| {
            access.agency = format!("agency-{}", n % 2)
        })
    };
    assert_eq!(found((0..38).map(two_agencies)), []);
}

fn access_of(person: u64) -> Pseudonym {
    let mut entry = question(at(MONDAY), "cb-1", person);
    access(&mut entry).subject
}

#[test]
fn questions_without_a_case_are_told_where_they_are_most_of_a_day() {
    let none = |n| changed(question(minute(n), "cb-1", 7), |access| access.case = None);
    let alert = tells_once_at("no_case", 20, none);
    assert_eq!(alert.officer.as_deref(), Some("cb-1"));
    let half = |n| match n % 2 {
        1 => none(n),
        _ => question(minute(n), "cb-1", 7),
    };
    assert_eq!(found((0..200).map(half)), []);
    let mut config = DetectorsConfig::default();
    config.no_case.exempt_purposes = vec!["birth-registration".to_owned()];
    assert_eq!(found_by(&config, (0..100).map(none)), []);
}

#[test]
fn an_officer_who_asks_about_themselves_or_theirs_is_told_once_a_day_by_the_nearest_word() {
    for (rule, words) in [
        ("self_lookup", &["self"][..]),
        ("household", &["household", "surname"]),
        ("surname", &["surname"]),
    ] {
        let close = |n| {
            changed(question(minute(n), "cb-1", 7), |access| {
                access.closeness = words.iter().map(|word| (*word).into()).collect();
            })
        };
        let alert = tells_once_at(rule, 1, close);
        assert_eq!(alert.window, "once");
        let next_day = |n: u64| changed(close(n), |_| ());
        let tomorrow = Entry {
            time: wire_time(minute(24 * 60)),
            ..next_day(0)
        };
        assert_eq!(found([close(0), tomorrow]).len(), 2, "each day anew");
    }
}

#[test]
fn repeated_refusals_and_runs_of_unknown_numbers_are_told() {
    let refusal = |n| refused(question(minute(n), "cb-1", n));
    tells_once_at("repeated_refusals", 20, refusal);
    let unknown = |n| outcome(question(minute(n), "cb-1", n), "not_found");
    assert_eq!(found((0..9).map(unknown)), []);
    let all = found((0..10).map(unknown));
    assert_eq!(all.len(), 1);
    assert_eq!(
        (&*all[0].rule, &*all[0].window, all[0].count),
        ("not_found", "run", 10)
    );
    assert_eq!(all[0].entries, (100..110).collect::<Vec<_>>());
    let mixed = |n| {
        if n % 9 == 8 {
            question(minute(n), "cb-1", n)
        } else {
            unknown(n)
        }
    };
    assert_eq!(
        found((0..100).map(mixed)),
        [],
        "one who is found ends a run"
    );
    let silent = |n| outcome(question(minute(n), "cb-1", n), "unavailable");
    assert_eq!(
        found((0..100).map(silent)),
        [],
        "a register that is out says nothing"
    );
    let officers = |n: u64| {
        outcome(
            question(minute(n), &format!("cb-{}", n % 5), n),
            "not_found",
        )
    };
    assert_eq!(
        found((0..45).map(officers)),
        [],
        "each officer by themselves"
    );
}

#[test]
fn a_procedure_and_an_attribute_that_are_new_to_an_agency_are_told_after_it_has_settled() {
    let on = |day: i64, purpose: &str, attributes: &[&str]| {
        changed(
            question(minute(0) + (24 * day).hours(), "cb-1", 7),
            |access| {
                access.purpose = purpose.to_owned();
                access.attributes = attributes.iter().map(|name| (*name).to_owned()).collect();
            },
        )
    };
    let usual: Vec<_> = (0..40).map(|day| on(day, "p", &["a.b.c"])).collect();
    let with = |entry: Entry, before: i64| {
        let before = usual.iter().take(usize::try_from(before).unwrap()).cloned();
        found(before.chain([entry.clone(), entry]))
    };
    assert_eq!(
        with(on(10, "p", &["a.b.c", "a.b.d"]), 10),
        [],
        "it is learning"
    );
    let all = with(on(30, "p", &["a.b.c", "a.b.d"]), 30);
    assert_eq!(all.len(), 1, "{all:#?}");
    assert_eq!((&*all[0].rule, all[0].count), ("first_use", 1));
    assert_eq!(all[0].attribute.as_deref(), Some("a.b.d"));
    assert_eq!(all[0].purpose.as_deref(), Some("p"));
    let all = with(on(30, "q", &["a.b.c", "a.b.d"]), 30);
    assert_eq!(all.len(), 1, "{all:#?}");
    assert_eq!((all[0].attribute.as_ref(), all[0].count), (None, 2));
    // A new procedure settles too, before what is new within it is told.
    let settling = [
        on(30, "q", &["a.b.c"]),
        on(33, "q", &["a.b.d"]),
        on(34, "q", &["a.b.e"]),
    ];
    assert_eq!(
        found(usual.iter().take(30).cloned().chain(settling)).len(),
        1
    );
}

#[test]
fn a_detector_that_is_off_and_entries_that_are_no_questions_tell_nothing() {
    let mut config = DetectorsConfig::default();
    config.self_lookup.enabled = false;
    let close = changed(question(minute(0), "cb-1", 7), |access| {
        access.closeness = vec!["self".into()];
    });
    assert_eq!(found_by(&config, [close.clone()]), []);
    let dry_run = Entry {
        record: match close.record {
            Record::Disclosure(access) => Record::DryRun(access),
            other => other,
        },
        ..close
    };
    assert_eq!(found([dry_run]), []);
}

#[test]
fn the_detectors_are_those_that_have_names() {
    let detectors = Detectors::new(&DetectorsConfig::default());
    let names: Vec<_> = detectors
        .all
        .iter()
        .map(|detector| detector.name())
        .collect();
    assert_eq!(names, RULES);
}
