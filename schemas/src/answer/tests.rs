//! Wire shapes, and the law by which several registries' answers are one.

use super::*;
use proptest::{collection::vec, prelude::*, sample::select};

#[test]
fn names_in_code_and_on_the_wire_agree() {
    for reason in DenialReason::ALL {
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
    }
    for status in [
        DatasetStatus::Ok,
        DatasetStatus::NotFound,
        DatasetStatus::Denied,
        DatasetStatus::Unavailable,
    ] {
        assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
    }
}

#[test]
fn a_denied_dataset_is_its_status_and_nothing_else() {
    let denied = serde_json::to_string(&DatasetAnswer::bare(DatasetStatus::Denied)).unwrap();
    assert_eq!(denied, r#"{"status":"denied"}"#);
}

const OUTCOMES: [DatasetStatus; 3] = [
    DatasetStatus::Ok,
    DatasetStatus::NotFound,
    DatasetStatus::Unavailable,
];

/// Any outcome of one registry: its status, its age, and whether it is from the cache or stale.
fn outcome() -> impl Strategy<Value = RegistryAnswer> {
    let of = (
        select(OUTCOMES.as_slice()),
        0..60_u64,
        any::<bool>(),
        any::<bool>(),
    );
    of.prop_map(|(status, age, asked, stale)| {
        let answered = status != DatasetStatus::Unavailable;
        let served_from = if asked {
            ServedFrom::Registry
        } else {
            ServedFrom::Cache
        };
        RegistryAnswer {
            registry: Some("land".into()),
            provinces: Vec::new(),
            status,
            as_of: answered.then(|| format!("2026-11-21T08:00:{:02}.000Z", 59 - age)),
            served_from: answered.then_some(served_from),
            age_seconds: answered.then_some(age),
            stale: answered.then_some(stale),
            problem: (!answered).then(|| RegistryProblem::RegistryDown.into()),
        }
    })
}

proptest! {
    #[test]
    fn a_union_never_says_more_than_its_registries_did(registries in vec(outcome(), 1..8)) {
        let united = DatasetAnswer::united(registries.clone());
        let any = |status| registries.iter().any(|one| one.status == status);
        let failed = any(DatasetStatus::Unavailable);
        let all_absent = registries.iter().all(|one| one.status == DatasetStatus::NotFound);
        prop_assert_eq!(united.status == DatasetStatus::Ok, any(DatasetStatus::Ok));
        prop_assert_eq!(united.status == DatasetStatus::NotFound, all_absent);
        prop_assert_eq!(united.is_complete(), !failed);
        prop_assert_eq!(united.problem.is_some(), united.status == DatasetStatus::Unavailable);
        // What each said stays what it said, in its place.
        prop_assert_eq!(&united.registries, &registries);
        if united.status == DatasetStatus::Unavailable {
            prop_assert_eq!((united.as_of, united.served_from), (None, None));
            return Ok(());
        }
        for one in registries.iter().filter(|one| one.problem.is_none()) {
            prop_assert!(united.as_of <= one.as_of && united.age_seconds >= one.age_seconds);
            prop_assert!(united.stale >= one.stale);
            let asked = one.served_from == Some(ServedFrom::Registry);
            prop_assert!(!asked || united.served_from == Some(ServedFrom::Registry));
        }
    }

    #[test]
    fn the_order_of_registries_changes_nothing_but_their_own_order(
        mut registries in vec(outcome(), 1..8)
    ) {
        let one_way = DatasetAnswer::united(registries.clone());
        registries.reverse();
        let other_way = DatasetAnswer::united(registries);
        prop_assert_eq!(one_way.status, other_way.status);
        prop_assert_eq!((one_way.as_of, one_way.age_seconds), (other_way.as_of, other_way.age_seconds));
        prop_assert_eq!((one_way.stale, one_way.served_from), (other_way.stale, other_way.served_from));
    }
}
