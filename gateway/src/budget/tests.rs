//! Budgets end where they say, cost nothing for the same subject, and begin anew.

use super::*;
use proptest::prelude::*;

const MORNING: &str = "2026-11-20T02:10:00Z"; // 09:10 in Vietnam

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

struct Office {
    budgets: Budgets,
    budget: Budget,
    client: ClientId,
    officer: OfficerId,
}

impl Office {
    fn new(budget: Budget) -> Self {
        Self {
            budgets: Budgets::default(),
            budget,
            client: "one-stop".parse().unwrap(),
            officer: "cb-1".parse().unwrap(),
        }
    }

    fn asker(&self) -> Asker<'_> {
        Asker {
            client: &self.client,
            officer: Some(&self.officer),
        }
    }

    fn ask(&self, key: u64, now: &str) -> Result<(), Exhausted> {
        let subject = Counted { key, walked: None };
        self.budgets
            .admit(self.asker(), &self.budget, subject, at(now))
    }

    fn walk(&self, number: u64) -> Result<(), Exhausted> {
        let person = format!("{number:012}").parse().unwrap();
        let subject = Counted {
            key: number,
            walked: Some(&person),
        };
        self.budgets
            .admit(self.asker(), &self.budget, subject, at(MORNING))
    }

    fn settle(&self, key: u64, outcome: Outcome) {
        self.budgets
            .settle(self.asker(), &self.budget, key, outcome, at(MORNING));
    }
}

fn usual() -> Office {
    Office::new(Budget::default())
}

#[test]
fn the_subjects_of_an_hour_end_at_their_number_and_begin_anew_with_the_next() {
    let office = usual();
    for key in 0..60 {
        assert_eq!(office.ask(key, MORNING), Ok(()));
    }
    let exhausted = office.ask(60, MORNING).unwrap_err();
    assert_eq!(
        (exhausted.rule, exhausted.window),
        (Rule::Subjects, Window::Hour)
    );
    assert_eq!((exhausted.count, exhausted.limit), (60, 60));
    assert_eq!(exhausted.seconds, 50 * 60, "until 10:00");
    assert!(exhausted.first && exhausted.officers_own);
    assert!(
        !office.ask(61, MORNING).unwrap_err().first,
        "told once a window"
    );
    assert_eq!(office.ask(61, "2026-11-20T03:00:00Z"), Ok(()));
}

#[test]
fn the_subjects_of_a_day_end_over_the_hours_and_the_day_ends_at_midnight_in_vietnam() {
    let office = usual();
    for key in 0..200 {
        let hour = key / 50;
        assert_eq!(
            office.ask(key, &format!("2026-11-20T0{hour}:30:00Z")),
            Ok(())
        );
    }
    let exhausted = office.ask(200, "2026-11-20T16:59:00Z").unwrap_err();
    assert_eq!(
        (exhausted.rule, exhausted.window),
        (Rule::Subjects, Window::Day)
    );
    assert_eq!(exhausted.seconds, 60);
    assert_eq!(office.ask(200, "2026-11-20T17:00:00Z"), Ok(()));
}

#[test]
fn who_was_counted_already_can_be_asked_about_without_end() {
    let office = usual();
    for key in 0..60 {
        assert_eq!(office.ask(key, MORNING), Ok(()));
    }
    for _ in 0..1000 {
        assert_eq!(office.ask(7, MORNING), Ok(()));
        office.settle(
            7,
            Outcome {
                refused: true,
                missed: true,
            },
        );
    }
    office.ask(60, MORNING).unwrap_err();
}

#[test]
fn a_walk_through_numbers_is_stopped_and_random_numbers_are_not() {
    let office = usual();
    let first = 1_085_100_000;
    let asked = (0..200)
        .take_while(|step| office.walk(first + step).is_ok())
        .count();
    assert_eq!(asked, 41, "the first has no neighbour, forty more have one");
    let exhausted = office.walk(first + 500_000).unwrap_err();
    assert_eq!(exhausted.rule, Rule::Neighbours);

    let honest = usual();
    for person in 0..60 {
        assert_eq!(honest.walk(first + person * 101), Ok(()));
    }
}

#[test]
fn a_list_that_is_named_at_once_has_no_neighbours() {
    let office = usual();
    for key in 0..60 {
        assert_eq!(office.ask(1_085_100_000 + key, MORNING), Ok(()));
    }
}

#[test]
fn refusals_and_misses_end_at_their_number_of_different_subjects() {
    let refused = Outcome {
        refused: true,
        missed: false,
    };
    let missed = Outcome {
        refused: false,
        missed: true,
    };
    for (outcome, rule, limit) in [(refused, Rule::Refusals, 30), (missed, Rule::Misses, 60)] {
        let mut budget = Budget::default();
        budget.officer.subjects_per_hour = 1000;
        budget.officer.subjects_per_day = 1000;
        let office = Office::new(budget);
        for key in 0..limit {
            assert_eq!(office.ask(key, MORNING), Ok(()), "{rule:?}");
            office.settle(key, outcome);
        }
        assert_eq!(office.ask(limit, MORNING).unwrap_err().rule, rule);
        assert_eq!(
            office.ask(0, MORNING),
            Ok(()),
            "a case on the desk can be finished"
        );
    }
}

#[test]
fn officers_do_not_share_a_budget_and_their_client_has_one_for_all() {
    let office = usual();
    let ask = |officer: Option<&str>, key| {
        let officer = officer.map(|officer| officer.parse().unwrap());
        let asker = Asker {
            client: &office.client,
            officer: officer.as_ref(),
        };
        let subject = Counted { key, walked: None };
        office
            .budgets
            .admit(asker, &office.budget, subject, at(MORNING))
    };
    for officer in 0..10 {
        for place in 0..60 {
            let key = officer * 60 + place;
            assert_eq!(
                ask(Some(&format!("cb-{officer}")), key),
                Ok(()),
                "{officer}"
            );
        }
    }
    let exhausted = ask(Some("cb-11"), 600).unwrap_err();
    assert!(!exhausted.officers_own);
    assert_eq!((exhausted.window, exhausted.limit), (Window::Hour, 600));
    // Leaving the officer out is no way around an officer's budget.
    let nameless = usual();
    let asker = Asker {
        client: &nameless.client,
        officer: None,
    };
    let admit = |key| {
        let subject = Counted { key, walked: None };
        nameless
            .budgets
            .admit(asker, &nameless.budget, subject, at(MORNING))
    };
    assert_eq!((0..100).filter(|key| admit(*key).is_ok()).count(), 60);
}

#[test]
fn the_past_of_this_day_counts_and_that_of_other_days_does_not() {
    let office = usual();
    let recall = |key, asked: &str| {
        let times = (at(asked), at(MORNING));
        office
            .budgets
            .recall(office.asker(), &office.budget, key, true, times);
    };
    for key in 0..29 {
        recall(key, "2026-11-20T02:05:00Z");
    }
    for key in 100..170 {
        recall(key, "2026-11-19T18:00:00Z"); // 01:00 today
        recall(key + 1000, "2026-11-19T16:59:00Z"); // yesterday
    }
    // 29 refusals in this hour, 99 on this day: one more of each is left.
    assert_eq!(office.ask(500, MORNING), Ok(()));
    office.settle(
        500,
        Outcome {
            refused: true,
            missed: false,
        },
    );
    let exhausted = office.ask(501, MORNING).unwrap_err();
    assert_eq!(
        (exhausted.rule, exhausted.window),
        (Rule::Refusals, Window::Day)
    );
}

proptest! {
    #[test]
    fn nobody_learns_of_more_subjects_than_the_budget_has(
        questions in prop::collection::vec((0u64..120, 0i64..7200), 0..400),
    ) {
        let office = usual();
        let mut times: Vec<_> = questions;
        times.sort_by_key(|(_, second)| *second);
        let mut hours: HashMap<i64, BTreeSet<u64>> = HashMap::new();
        for (key, second) in times {
            let now = Timestamp::from_second(at("2026-11-20T02:00:00Z").as_second() + second).unwrap();
            let subject = Counted { key, walked: None };
            let admitted = office.budgets.admit(office.asker(), &office.budget, subject, now).is_ok();
            let hour = hours.entry(second / 3600).or_default();
            if hour.contains(&key) {
                prop_assert!(admitted, "a subject of this hour is refused");
            }
            if admitted {
                hour.insert(key);
            }
            prop_assert!(hour.len() <= 60);
        }
    }
}
