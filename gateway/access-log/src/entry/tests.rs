//! Entries are canonical whatever they say, and come back as they were.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::Value;

use std::collections::BTreeMap;

use super::record::{AssertedBy, Basis, Consent, Denied, Mapping, Officer, Outcome};
use super::*;
use crate::details::DetailKeys;
use crate::pseudonym::Pseudonym;

fn text() -> impl Strategy<Value = String> {
    any::<String>()
}

fn subject() -> impl Strategy<Value = Pseudonym> {
    (any::<u32>(), any::<[u8; 32]>()).prop_map(|(epoch, value)| Pseudonym {
        epoch,
        value: Bytes32(value),
    })
}

fn basis() -> impl Strategy<Value = Basis> {
    prop_oneof![
        text().prop_map(|reference| Basis::Law { reference }),
        text().prop_map(|reference| Basis::Consent { reference }),
    ]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    (
        option::of(0..1_u64 << 53),
        option::of(text()),
        option::of(text()),
        any::<bool>(),
        0..9_u64,
    )
        .prop_map(
            |(age_seconds, as_of, registry, stale, over_delivered)| Outcome {
                age_seconds,
                as_of,
                over_delivered,
                problem: stale.then(|| "registry_down".into()),
                registry,
                requests: over_delivered / 2,
                served_from: (!stale).then(|| "cache".into()),
                stale,
                status: "ok".into(),
            },
        )
}

prop_compose! {
    fn access()(
        (agency, client, purpose, query_id, policy_version) in (text(), text(), text(), text(), text()),
        (answer_digest, case, trace_id) in
            (option::of(any::<[u8; 32]>()), option::of(text()), option::of(text())),
        (basis, subject, officer) in (option::of(basis()), subject(), option::of(text())),
        attributes in vec(text(), 0..5),
        datasets in btree_map("[a-z_.]{1,12}", vec(outcome(), 0..3), 0..4),
        denied in vec((text(), option::of(text())), 0..3),
    ) -> Access {
        Access {
            acting: None,
            check: None,
            closeness: Vec::new(),
            emergency: None,
            emergency_reason: None,
            hidden: None,
            unobtained: Vec::new(),
            zone: None,
            agency, client, purpose, query_id, policy_version, case, trace_id, basis, subject,
            attributes, datasets,
            answer_digest: answer_digest.map(Bytes32),
            officer: officer.map(|id| Officer { asserted_by: AssertedBy::Token, id }),
            denied: denied
                .into_iter()
                .map(|(attribute, rule)| Denied {
                    attribute,
                    reason: "not_in_purpose".into(),
                    rule: rule.map(Into::into),
                })
                .collect(),
        }
    }
}

/// Canonical JSON by the book: sort every object's members, then write without spaces.
fn sorted(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| name.encode_utf16().collect::<Vec<_>>());
            let members: Vec<_> = members
                .into_iter()
                .map(|(name, value)| format!("{}:{}", serde_json::json!(name), sorted(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(elements) => {
            let elements: Vec<_> = elements.iter().map(sorted).collect();
            format!("[{}]", elements.join(","))
        }
        scalar => scalar.to_string(),
    }
}

proptest! {
    #[test]
    fn every_entry_is_canonical_and_comes_back(
        access in access(),
        month in 1..13_u8,
        nonce in any::<[u8; 32]>(),
        refused in any::<bool>(),
    ) {
        let record = if refused { Record::Refusal(access) } else { Record::Disclosure(access) };
        let time = format!("2026-{month:02}-21T08:00:00Z");
        let entry = Entry { time, nonce: Bytes32(nonce), record };
        let keys = DetailKeys::kept_nowhere([4; 32]);
        let sealed = keys.seal(&entry).unwrap();
        for text in [sealed.as_bytes(), &entry.to_text().unwrap()] {
            let value: Value = serde_json::from_slice(text).unwrap();
            prop_assert_eq!(std::str::from_utf8(text).unwrap(), sorted(&value));
            prop_assert!(is_canonical(text));
        }
        prop_assert_eq!(&*keys.open_entry(sealed.as_bytes()).unwrap(), entry.to_text().unwrap());
        prop_assert_eq!(keys.read(sealed.as_bytes()).unwrap(), entry);
    }
}

/// An entry about somebody.
pub(crate) fn access_entry() -> Entry {
    let access = Access {
        acting: None,
        agency: "ward-ba-dinh".to_owned(),
        answer_digest: Some(Bytes32([8; 32])),
        attributes: vec!["population.identity.full_name".to_owned()],
        basis: None,
        case: None,
        check: None,
        client: String::new(),
        closeness: Vec::new(),
        datasets: BTreeMap::new(),
        denied: Vec::new(),
        emergency: None,
        emergency_reason: None,
        hidden: None,
        officer: Some(Officer {
            asserted_by: AssertedBy::Token,
            id: "cb-4711".to_owned(),
        }),
        policy_version: "v1".to_owned(),
        purpose: "permanent-residence-registration".to_owned(),
        query_id: "qry_1".to_owned(),
        subject: Pseudonym {
            epoch: 1,
            value: Bytes32([0; 32]),
        },
        trace_id: Some("0".repeat(32)),
        unobtained: Vec::new(),
        zone: Some("office".to_owned()),
    };
    Entry {
        time: "2026-11-21T08:00:00Z".to_owned(),
        nonce: Bytes32([0; 32]),
        record: Record::Disclosure(access),
    }
}

/// A consent as entries record it.
pub(crate) fn consent() -> Consent {
    let time = || "2026-11-21T08:00:00Z".to_owned();
    Consent {
        agency: "ward-ba-dinh".to_owned(),
        attributes: vec!["land.parcels.area_m2".to_owned()],
        from: time(),
        given_at: time(),
        giver: None,
        id: "cns_1".to_owned(),
        purposes: vec!["social-housing".to_owned()],
        request: None,
        state: "given".into(),
        state_since: time(),
        until: time(),
        uses: "once".into(),
    }
}

fn node_start() -> Entry {
    Entry {
        time: "2026-11-21T08:00:00Z".to_owned(),
        nonce: Bytes32([0; 32]),
        record: Record::NodeStart(NodeStart {
            cut_bytes: 0,
            mappings: Vec::new(),
            software: "0.1.0".to_owned(),
        }),
    }
}

#[test]
fn the_form_of_an_entry_is_as_documented() {
    let encoded = node_start().encode().unwrap();
    assert_eq!(
        std::str::from_utf8(encoded.as_bytes()).unwrap(),
        r#"{"kind":"node_start","nonce":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","#
            .to_owned()
            + r#""record":{"cut_bytes":0,"software":"0.1.0"},"time":"2026-11-21T08:00:00Z","version":1}"#
    );
}

#[test]
fn a_change_of_a_mapping_is_read_back() {
    let entry = Entry {
        record: Record::MappingLoad(MappingLoad {
            mapping: Mapping {
                digest: Bytes32([1; 32]),
                registry: "tax".to_owned(),
                version: "1.0.1".to_owned(),
            },
            previous: Bytes32([0; 32]),
        }),
        ..node_start()
    };
    let encoded = entry.encode().unwrap();
    assert!(EncodedEntry::from_canonical(encoded.as_bytes().to_vec()).is_ok());
    assert_eq!(Entry::parse(encoded.as_bytes()).unwrap(), entry);
}

#[test]
fn an_entry_longer_than_a_bundle_carries_is_refused() {
    let mut entry = node_start();
    let long = |length| {
        Record::NodeStart(NodeStart {
            cut_bytes: 0,
            mappings: Vec::new(),
            software: "x".repeat(length),
        })
    };
    entry.record = long(1);
    let overhead = entry.encode().unwrap().as_bytes().len() - 1;
    entry.record = long(ENTRY_BYTES_MAX - overhead);
    assert_eq!(entry.encode().unwrap().as_bytes().len(), ENTRY_BYTES_MAX);
    entry.record = long(ENTRY_BYTES_MAX - overhead + 1);
    assert!(matches!(
        entry.encode(),
        Err(EntryError::TooLong { bytes: 65_536 })
    ));
}

#[test]
fn a_kind_of_the_future_is_told_from_a_broken_entry() {
    let future = r#"{"kind":"x","nonce":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","record":{},"time":"","version":1}"#;
    assert!(matches!(
        Entry::parse(future.as_bytes()),
        Err(EntryError::UnknownKind { .. })
    ));
    let later = future.replace("\"version\":1", "\"version\":2");
    assert!(matches!(
        Entry::parse(later.as_bytes()),
        Err(EntryError::UnknownKind { .. })
    ));
    let broken = future.replace("\"x\"", "\"refusal\"");
    assert!(matches!(
        Entry::parse(broken.as_bytes()),
        Err(EntryError::Form(_))
    ));
}

#[test]
fn bytes_from_elsewhere_must_be_canonical() {
    assert!(EncodedEntry::from_canonical(b"{\"a\":1}".to_vec()).is_ok());
    assert!(EncodedEntry::from_canonical(b"{ \"a\":1}".to_vec()).is_err());
}
