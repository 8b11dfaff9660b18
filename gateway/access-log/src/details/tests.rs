//! What is sealed opens for its key alone, and for nobody once the key is gone.

mod forgetting;

use std::fs;
use std::sync::Arc;

use super::*;
use crate::entry::Record;
use crate::entry::record::{ConsentChange, Look, SealChange};
use crate::entry::tests::access_entry;
use crate::pseudonym::{Pseudonymiser, SubjectKind};

fn pseudonym(number: &str) -> Pseudonym {
    Pseudonymiser::new(1, &[1; 32]).pseudonym(SubjectKind::Person, number)
}

fn about(number: &str, nonce: u8, time: &str) -> Entry {
    let mut entry = access_entry();
    entry.nonce = Bytes32([nonce; 32]);
    entry.time = time.to_owned();
    if let Record::Disclosure(access) = &mut entry.record {
        access.subject = pseudonym(number);
        access.case = Some("H01.12-261121-0007".to_owned());
        access.client = "one-stop-shop".to_owned();
    }
    entry
}

fn keys_in(directory: &Path) -> DetailKeys {
    DetailKeys::open(directory, || [9; 32]).unwrap()
}

const NOVEMBER: &str = "2026-11-21T08:00:00Z";

#[test]
fn an_entry_says_nothing_in_clear_but_its_kind_time_and_pseudonym() {
    let keys = DetailKeys::kept_nowhere([1; 32]);
    let entry = about("001099012345", 1, NOVEMBER);
    let sealed = keys.seal(&entry).unwrap();
    let value: serde_json::Value = serde_json::from_slice(sealed.as_bytes()).unwrap();
    let members = |value: &serde_json::Value| -> Vec<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(
        members(&value),
        ["kind", "nonce", "record", "time", "version"]
    );
    assert_eq!(members(&value["record"]), ["shown", "subject", "withheld"]);
    let text = std::str::from_utf8(sealed.as_bytes()).unwrap();
    for secret in ["H01.12", "one-stop-shop", "001099012345"] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert_eq!(keys.read(sealed.as_bytes()).unwrap(), entry);
    assert_eq!(
        &*keys.open_entry(sealed.as_bytes()).unwrap(),
        entry.to_text().unwrap()
    );
}

#[test]
fn what_the_citizen_may_see_names_no_officer_client_or_query() {
    let keys = DetailKeys::kept_nowhere([1; 32]);
    let entry = about("1", 1, NOVEMBER);
    let sealed = keys.seal(&entry).unwrap();
    let told = keys.part_keys(sealed.as_bytes()).unwrap().unwrap();
    let envelope = Envelope::parse(sealed.as_bytes()).unwrap();
    let parts = envelope.sealed().unwrap();
    let shown = open_part("disclosure", SHOWN, &told.shown, &parts.shown)
        .unwrap()
        .unwrap();
    let shown: serde_json::Value = serde_json::from_slice(&shown).unwrap();
    assert_eq!(shown["case"], "H01.12-261121-0007");
    for name in [
        "client",
        "officer",
        "query_id",
        "trace_id",
        "policy_version",
        "zone",
    ] {
        assert!(shown.get(name).is_none(), "{name}");
    }
    // The key of one part opens neither the other part nor another entry.
    let other_part = open_part("disclosure", WITHHELD, &told.shown, &parts.withheld);
    assert!(other_part.unwrap().is_none());
    let other = keys.seal(&about("1", 2, NOVEMBER)).unwrap();
    assert!(open_with(other.as_bytes(), &told).is_err());
    assert_eq!(
        open_with(sealed.as_bytes(), &told).unwrap(),
        entry.to_text().unwrap()
    );
}

#[test]
fn a_protected_person_is_not_told_from_others_in_the_shown_part() {
    let keys = DetailKeys::kept_nowhere([1; 32]);
    let record = Record::SealChange(SealChange {
        change: "sealed".into(),
        client: "console".to_owned(),
        ground: "order 12".to_owned(),
        holder: Bytes32([3; 32]),
        level: "identity".into(),
        subject: pseudonym("1"),
        until: NOVEMBER.to_owned(),
    });
    let entry = Entry {
        record,
        ..about("1", 1, NOVEMBER)
    };
    let sealed = keys.seal(&entry).unwrap();
    let told = keys.part_keys(sealed.as_bytes()).unwrap().unwrap();
    let envelope = Envelope::parse(sealed.as_bytes()).unwrap();
    let shown = envelope.sealed().unwrap().shown;
    let shown = open_part("seal_change", SHOWN, &told.shown, &shown)
        .unwrap()
        .unwrap();
    assert_eq!(&**shown, b"{}");
    assert_eq!(keys.read(sealed.as_bytes()).unwrap(), entry);
}

#[test]
fn entries_about_nobody_stay_in_clear() {
    let keys = DetailKeys::kept_nowhere([1; 32]);
    let look = |subject| Entry {
        record: Record::Look(Look {
            client: "console".to_owned(),
            filters: vec!["agency=ward-ba-dinh".to_owned()],
            reader: "data_protection_officer".into(),
            shown: 3,
            subject,
        }),
        ..about("1", 1, NOVEMBER)
    };
    let general = keys.seal(&look(None)).unwrap();
    assert_eq!(general, look(None).encode().unwrap());
    assert!(keys.part_keys(general.as_bytes()).unwrap().is_none());
    assert_eq!(keys.read(general.as_bytes()).unwrap(), look(None));
    let about_one = look(Some(pseudonym("1")));
    assert!(matches!(about_one.encode(), Err(EntryError::InClear)));
    let sealed = keys.seal(&about_one).unwrap();
    assert_eq!(keys.read(sealed.as_bytes()).unwrap(), about_one);
}

#[test]
fn an_erased_person_is_gone_from_every_month_and_nobody_else_is() {
    let directory = tempfile::tempdir().unwrap();
    let keys = keys_in(directory.path());
    let months = ["2026-10-01T00:00:00Z", NOVEMBER, "2026-12-31T23:59:59Z"];
    let sealed = |number: &str| months.map(|time| keys.seal(&about(number, 1, time)).unwrap());
    let (gone, kept) = (sealed("1"), sealed("2"));
    assert_eq!(keys.erase(&[pseudonym("1")]).unwrap(), 3);

    let again = keys_in(directory.path());
    for keys in [&keys, &again] {
        for entry in &gone {
            let opened = keys.read(entry.as_bytes());
            assert!(matches!(opened, Err(DetailsError::Erased)), "{opened:?}");
        }
        for entry in &kept {
            keys.read(entry.as_bytes()).unwrap();
        }
    }
    // Life goes on: what happens to the person later is on record again, under a key of its own.
    let later = again.seal(&about("1", 7, NOVEMBER)).unwrap();
    again.read(later.as_bytes()).unwrap();
    assert!(matches!(
        again.read(gone[1].as_bytes()),
        Err(DetailsError::Erased)
    ));
    assert_eq!(again.erase(&[pseudonym("1")]).unwrap(), 3);
    assert!(matches!(
        again.read(later.as_bytes()),
        Err(DetailsError::Erased)
    ));
}

#[test]
fn keys_that_were_remembered_go_with_those_of_the_tree() {
    let directory = tempfile::tempdir().unwrap();
    let keys = keys_in(directory.path());
    let november: Period = "2026-11".parse().unwrap();
    let remembered = || Arc::downgrade(&keys.trees.find(november).unwrap().unwrap());
    let sealed = keys.seal(&about("1", 1, NOVEMBER)).unwrap();
    keys.read(sealed.as_bytes()).unwrap();

    let before = remembered();
    assert_eq!(keys.erase(&[pseudonym("1")]).unwrap(), 1);
    assert!(before.upgrade().is_none(), "an erased key is still held");
    let opened = keys.read(sealed.as_bytes());
    assert!(matches!(opened, Err(DetailsError::Erased)), "{opened:?}");

    let before = remembered();
    let later = "2026-12".parse().unwrap();
    assert_eq!(keys.destroy_before(later).unwrap(), 1);
    assert!(before.upgrade().is_none(), "a destroyed key is still held");
}

#[test]
fn a_month_can_be_destroyed_as_a_whole() {
    let directory = tempfile::tempdir().unwrap();
    let keys = keys_in(directory.path());
    let old = keys.seal(&about("1", 1, "2020-01-31T00:00:00Z")).unwrap();
    let new = keys.seal(&about("1", 1, NOVEMBER)).unwrap();
    assert_eq!(keys.destroy_before("2026-11".parse().unwrap()).unwrap(), 1);
    assert!(matches!(
        keys.read(old.as_bytes()),
        Err(DetailsError::Erased)
    ));
    keys.read(new.as_bytes()).unwrap();
    assert_eq!(keys_in(directory.path()).periods().unwrap().len(), 1);
}

#[test]
fn a_changed_part_or_file_is_noticed() {
    let directory = tempfile::tempdir().unwrap();
    let keys = keys_in(directory.path());
    let sealed = keys.seal(&about("1", 1, NOVEMBER)).unwrap();
    let text = String::from_utf8(sealed.as_bytes().to_vec()).unwrap();
    let part = text.find("withheld\":\"").unwrap() + 80;
    for position in [part, text.find("shown\":\"").unwrap() + 12] {
        let mut changed = text.clone().into_bytes();
        changed[position] = if changed[position] == b'A' {
            b'B'
        } else {
            b'A'
        };
        let opened = keys.read(&changed);
        assert!(matches!(opened, Err(DetailsError::Damaged)), "{opened:?}");
    }
    let path = directory.path().join("2026-11.key");
    let mut bytes = fs::read(&path).unwrap();
    bytes[30] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert!(matches!(
        DetailKeys::open(directory.path(), || [9; 32]),
        Err(KeysError::Malformed { .. })
    ));
}

#[test]
fn the_old_form_of_a_key_file_is_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    let keys = keys_in(directory.path());
    keys.seal(&about("1", 1, NOVEMBER)).unwrap();
    let path = directory.path().join("2026-11.key");
    let link = directory.path().join("kept-by-somebody");
    fs::hard_link(&path, &link).unwrap();
    keys.erase(&[pseudonym("1")]).unwrap();
    assert!(fs::read(&link).unwrap().iter().all(|byte| *byte == 0));
    assert!(fs::read(&path).unwrap().starts_with(b"motlan/details/v1\n"));
}

#[test]
fn months_are_read_from_times_and_other_texts_refused() {
    for (text, month) in [(NOVEMBER, "2026-11"), ("2027-01", "2027-01")] {
        assert_eq!(text.parse::<Period>().unwrap().to_string(), month);
    }
    for text in [
        "",
        "2026",
        "2026-13-01",
        "2026-00",
        "+026-11-01",
        "2026/11/01",
        "20261121",
    ] {
        assert!(text.parse::<Period>().is_err(), "{text}");
    }
    let mut entry = about("1", 1, NOVEMBER);
    entry.time = "yesterday".to_owned();
    let keys = DetailKeys::kept_nowhere([1; 32]);
    assert!(matches!(
        keys.seal(&entry),
        Err(DetailsError::Entry(EntryError::Time))
    ));
}

#[test]
fn a_consent_comes_back_whole() {
    let keys = DetailKeys::kept_nowhere([1; 32]);
    let change = ConsentChange {
        acting: None,
        change: "given".into(),
        client: "portal".to_owned(),
        consent: crate::entry::tests::consent(),
        holder: Bytes32([5; 32]),
        query_id: None,
        subject: pseudonym("1"),
    };
    let entry = Entry {
        record: Record::ConsentChange(change),
        ..about("1", 1, NOVEMBER)
    };
    let sealed = keys.seal(&entry).unwrap();
    assert_eq!(keys.read(sealed.as_bytes()).unwrap(), entry);
}
