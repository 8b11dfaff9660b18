//! The list follows from the log, whatever was read when; and detectors that begin again tell what
//! was not told yet, and nothing twice.

use super::{follow::Sight, *};
use crate::detectors::{
    DetectorsConfig, Finding,
    tests::{access, at, policies, question, refused},
};
use jiff::SignedDuration;
use motlan_access_log::entry::record::Bytes32;
use motlan_policies::decide::Policies;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn entry(record: Record) -> Entry {
    Entry {
        time: "2026-11-21T07:02:00.000Z".to_owned(),
        nonce: Bytes32([0; 32]),
        record,
    }
}

fn alert(rule: &'static str) -> Alert {
    Alert {
        agency: "ward-ba-dinh".to_owned(),
        attribute: None,
        client: "ward-ba-dinh-one-stop".to_owned(),
        count: 20,
        entries: vec![1, 2, 3],
        limit: 20,
        officer: Some("cb-4711".to_owned()),
        purpose: None,
        rule: rule.into(),
        usual: None,
        window: "day".into(),
    }
}

fn step(alert: u64, state: &'static str) -> Entry {
    entry(Record::AlertReview(AlertReview {
        alert,
        client: "dpo-console".to_owned(),
        note: "the ward was asked".to_owned(),
        state: state.into(),
    }))
}

#[test]
fn an_alert_goes_its_way_and_every_step_stays() {
    let mut book = Book::default();
    book.apply(10, entry(Record::Alert(alert("volume"))));
    book.apply(12, entry(Record::Alert(alert("one_case"))));
    book.apply(13, step(10, "in_review"));
    book.apply(15, step(10, "justified"));
    let listed = book.at(10).unwrap();
    assert_eq!(listed.state, State::Justified);
    let steps: Vec<_> = listed
        .reviews
        .iter()
        .map(|r| (r.leaf_index, r.state))
        .collect();
    assert_eq!(steps, [(13, State::InReview), (15, State::Justified)]);
    let counts = book.counts();
    assert_eq!(
        (
            counts.new,
            counts.in_review,
            counts.justified,
            counts.incident
        ),
        (1, 0, 1, 0)
    );
    let newest: Vec<_> = book.newest(u64::MAX, None).map(|l| l.leaf_index).collect();
    assert_eq!(newest, [12, 10]);
    assert_eq!(book.newest(12, None).count(), 1);
    assert_eq!(book.newest(u64::MAX, Some(State::New)).count(), 1);
}

#[test]
fn a_step_that_does_not_follow_changes_nothing() {
    let mut book = Book::default();
    book.apply(10, entry(Record::Alert(alert("volume"))));
    let before = book.clone();
    for step in [
        step(10, "justified"),
        step(10, "new"),
        step(10, "?"),
        step(9, "in_review"),
    ] {
        book.apply(20, step);
    }
    assert_eq!(book, before);
    for (from, to, may) in [
        (State::New, State::InReview, true),
        (State::New, State::Incident, false),
        (State::InReview, State::InReview, false),
        (State::InReview, State::Incident, true),
        (State::Justified, State::InReview, false),
        (State::Incident, State::Justified, false),
    ] {
        assert_eq!(from.leads_to(to), may, "{from:?} → {to:?}");
    }
}

#[test]
fn open_alerts_stay_and_of_closed_ones_the_last_thousand() {
    let mut book = Book::default();
    book.apply(1, entry(Record::Alert(alert("volume"))));
    for n in 1..=1_200 {
        book.apply(10 * n, entry(Record::Alert(alert("volume"))));
        book.apply(10 * n + 1, step(10 * n, "in_review"));
        book.apply(10 * n + 2, step(10 * n, "incident"));
    }
    assert_eq!(book.newest(u64::MAX, None).count(), 1_001);
    assert_eq!(book.at(1).unwrap().state, State::New);
    assert!(book.at(10).is_none());
    assert_eq!(book.counts().incident, 1_200);
}

/// A log as it grows: questions, and the alerts that a gateway writes behind them.
struct Running {
    log: Vec<Entry>,
    sight: Sight,
    told: Vec<Finding>,
}

impl Running {
    fn new() -> Self {
        Self {
            log: Vec::new(),
            sight: Sight::new(&DetectorsConfig::default()),
            told: Vec::new(),
        }
    }

    /// Takes a question; alerts are written behind it, but for one that a kill keeps back.
    fn ask(&mut self, entry: Entry, policies: &Policies, killed: bool) {
        let place = self.log.len() as u64;
        let found = self.sight.see(place, &entry, policies.calendar());
        self.log.push(entry);
        if !killed {
            self.tell(found);
        }
    }

    fn tell(&mut self, found: Vec<Finding>) {
        for finding in found {
            if self.sight.tell(&finding) {
                self.log.push(entry(Record::Alert(finding.alert.clone())));
                self.told.push(finding);
            }
        }
    }

    /// Begins again: reads the log, and tells what it lacks.
    fn restart(&mut self, policies: &Policies) -> usize {
        self.sight = Sight::new(&DetectorsConfig::default());
        let mut found = Vec::new();
        for (place, entry) in self.log.iter().enumerate() {
            found.extend(self.sight.see(place as u64, entry, policies.calendar()));
        }
        let before = self.told.len();
        self.tell(found);
        self.told.len() - before
    }
}

/// What an alert is about, wherever it stands.
fn about(findings: &[Finding]) -> BTreeSet<(i64, String, Option<String>)> {
    let all = findings.iter();
    let about = all.map(|f| (f.day, f.alert.rule.to_string(), f.alert.officer.clone()));
    about.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_replay_tells_what_was_not_told_and_nothing_twice(
        asked in proptest::collection::vec((0..3_u8, 0..40_u64, 0..8_u8, 0..90_i64), 100..400),
        kills in proptest::collection::btree_set(0..400_usize, 0..5),
    ) {
        let policies = policies();
        let (mut live, mut killed) = (Running::new(), Running::new());
        let mut time = at("2026-11-20T00:00:00Z");
        for (n, (officer, person, kind, minutes)) in asked.into_iter().enumerate() {
            time += SignedDuration::from_mins(minutes / 4);
            let mut entry = question(time, &format!("cb-{officer}"), person);
            let made = access(&mut entry);
            match kind {
                0 => made.case = Some("H-1".to_owned()),
                1..4 => made.case = None,
                4 => made.closeness = vec!["household".into()],
                _ => {}
            }
            let entry = if kind >= 6 { refused(entry) } else { entry };
            live.ask(entry.clone(), policies, false);
            let dies = kills.contains(&n);
            killed.ask(entry, policies, dies);
            if dies {
                killed.restart(policies);
            }
        }
        prop_assert_eq!(about(&live.told), about(&killed.told));
        prop_assert_eq!(live.told.len(), killed.told.len(), "none twice");
        let unchanged = killed.restart(policies);
        prop_assert_eq!(unchanged, 0);
    }
}
