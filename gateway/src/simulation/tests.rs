//! A draft's changes are those that were made to it, told with the questions that they touch.

use super::*;
use motlan_access_log::{
    entry::{
        Entry, Record,
        record::{self, Access, Bytes32},
    },
    pseudonym::Pseudonym,
};
use motlan_policies::load::PolicyFiles;
use motlan_schemas::catalogue::Catalogue;
use std::{fs, path::Path, sync::LazyLock};

const WARD: &str = "ward-ba-dinh";
const POOR: &str = "poor-household-recognition";
const SALARY: &str = "insurance.social.salary_vnd";
const NAME: &str = "population.identity.full_name";

static KEYS: LazyLock<DetailKeys> = LazyLock::new(|| DetailKeys::kept_nowhere([3; 32]));

/// The entry of a question of the ward's about subject `number`.
fn question(number: u8, purpose: &str, change: impl FnOnce(&mut Access)) -> Vec<u8> {
    let mut access = Access {
        acting: None,
        agency: WARD.to_owned(),
        answer_digest: None,
        attributes: vec![NAME.to_owned(), SALARY.to_owned()],
        basis: None,
        case: Some("A-1".to_owned()),
        check: None,
        closeness: Vec::new(),
        emergency_reason: None,
        hidden: None,
        client: "ward-ba-dinh-one-stop".to_owned(),
        datasets: BTreeMap::new(),
        denied: Vec::new(),
        emergency: None,
        officer: Some(record::Officer {
            asserted_by: record::AssertedBy::Agency,
            id: "cb-1".to_owned(),
        }),
        policy_version: "sha256:0".to_owned(),
        purpose: purpose.to_owned(),
        query_id: "qry_1".to_owned(),
        subject: Pseudonym {
            epoch: 1,
            value: Bytes32([number; 32]),
        },
        trace_id: None,
        unobtained: Vec::new(),
        zone: None,
    };
    change(&mut access);
    let entry = Entry {
        time: "2026-11-20T03:00:00.000Z".to_owned(),
        nonce: Bytes32([0; 32]),
        record: record_of(access),
    };
    KEYS.seal(&entry).unwrap().as_bytes().to_vec()
}

fn record_of(access: Access) -> Record {
    if access.check.is_some() {
        Record::Check(access)
    } else if access.attributes.is_empty() {
        Record::Refusal(access)
    } else {
        Record::Disclosure(access)
    }
}

/// The national policies with one file changed.
fn draft(file: &str, change: impl FnOnce(String) -> String) -> Policies {
    let national = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    let directory = tempfile::tempdir().unwrap();
    for folder in ["purposes", "agencies", "bundle"] {
        fs::create_dir_all(directory.path().join(folder)).unwrap();
        for entry in fs::read_dir(national.join(folder)).unwrap() {
            let entry = entry.unwrap();
            if entry.path().is_file() {
                let to = directory.path().join(folder).join(entry.file_name());
                fs::copy(entry.path(), to).unwrap();
            }
        }
    }
    let calendar = "calendar.toml";
    fs::copy(national.join(calendar), directory.path().join(calendar)).unwrap();
    let path = directory.path().join(file);
    let text = change(fs::read_to_string(&path).unwrap());
    fs::write(&path, text).unwrap();
    let files = PolicyFiles::read(directory.path()).unwrap();
    Policies::from_files(&files, &Catalogue::national()).unwrap()
}

fn simulated(entries: &[Vec<u8>], draft: &Policies) -> Simulation {
    let in_force = Policies::embedded(&Catalogue::national()).unwrap();
    let mut simulation = Simulation::default();
    for entry in entries {
        simulation.take((entry, &KEYS), &in_force, draft);
    }
    simulation
}

#[test]
fn the_same_policies_change_nothing() {
    let same = Policies::embedded(&Catalogue::national()).unwrap();
    let simulation = simulated(
        &[question(1, POOR, |_| {}), question(2, POOR, |_| {})],
        &same,
    );
    assert_eq!((simulation.questions, simulation.changed), (2, 0));
    assert!(simulation.changes.is_empty());
}

#[test]
fn an_attribute_taken_from_a_purpose_is_told_as_lost_with_questions_and_subjects() {
    let draft = draft(&format!("purposes/{POOR}.toml"), |text| {
        text.replace(&format!("    \"{SALARY}\",\n"), "")
    });
    let entries = [
        question(1, POOR, |_| {}),
        question(1, POOR, |_| {}),
        question(2, POOR, |_| {}),
        question(3, POOR, |access| access.attributes = vec![NAME.to_owned()]),
    ];
    let simulation = simulated(&entries, &draft);
    assert_eq!((simulation.questions, simulation.changed), (4, 3));
    assert_eq!(simulation.refused_whole, 0, "the name is still told");
    let [(place, change)] = simulation.changes.iter().collect::<Vec<_>>()[..] else {
        panic!("{:?}", simulation.changes);
    };
    assert_eq!(place.attribute, SALARY);
    let lost = Kind::Lost(
        DenialReason::NotInPurpose,
        "purpose-covers-attribute".into(),
    );
    assert_eq!(place.kind, lost);
    assert_eq!((change.questions, change.subjects.len()), (3, 2));
}

#[test]
fn a_mandate_that_is_taken_away_refuses_questions_whole() {
    let draft = draft(&format!("agencies/{WARD}.toml"), |text| {
        text.replace(&format!("    \"{POOR}\",\n"), "")
    });
    let simulation = simulated(&[question(1, POOR, |_| {})], &draft);
    assert_eq!((simulation.changed, simulation.refused_whole), (1, 1));
    assert!(
        simulation
            .changes
            .keys()
            .all(|place| matches!(place.kind, Kind::Lost(DenialReason::NotMandated, _)))
    );
}

#[test]
fn what_was_denied_and_would_be_allowed_is_told_as_gained() {
    const RELIGION: &str = "population.identity.religion";
    let draft = draft(&format!("purposes/{POOR}.toml"), |text| {
        text.replace(
            "attributes = [\n",
            &format!("attributes = [\n    \"{RELIGION}\",\n"),
        )
    });
    let asked = question(1, POOR, |access| {
        access.denied.push(record::Denied {
            attribute: RELIGION.to_owned(),
            reason: "not_in_purpose".into(),
            rule: Some("purpose-covers-attribute".into()),
        });
    });
    let simulation = simulated(&[asked], &draft);
    let gained: Vec<_> = simulation.changes.keys().collect();
    assert_eq!(gained.len(), 1, "{gained:?}");
    assert_eq!(
        (gained[0].attribute.as_str(), &gained[0].kind),
        (RELIGION, &Kind::Gained)
    );
}

#[test]
fn consent_stands_as_the_log_says_and_other_entries_are_no_questions() {
    let same = Policies::embedded(&Catalogue::national()).unwrap();
    let housing = "social-housing-application";
    let by_consent = question(1, housing, |access| {
        access.basis = Some(record::Basis::Consent {
            reference: "cns_1".to_owned(),
        });
        access.attributes = vec![SALARY.to_owned()];
    });
    let lookup = question(1, "representation-verification", |access| {
        access.check = Some("is_parent".into());
    });
    let garbage = br#"{"kind":"disclosure","nonce":"#.to_vec();
    let simulation = simulated(&[by_consent, lookup, garbage], &same);
    assert_eq!((simulation.questions, simulation.skipped), (1, 1));
    assert_eq!(simulation.changed, 0);
}
