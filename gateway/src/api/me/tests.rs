//! What a citizen sees of entries, and what they never see.

use super::{
    view::{AccessView, View},
    *,
};
use motlan_access_log::{
    entry::record::{
        Access, Acting, Basis, Bytes32, Consent, ConsentChange, Denied, Emergency, Mention,
        NodeStart, Officer, Outcome,
    },
    pseudonym::{Pseudonymiser, SubjectKind},
};
use motlan_policies::decide::Policies;
use motlan_schemas::{catalogue::Catalogue, check::CheckKind, language::Language};
use std::{collections::BTreeMap, sync::LazyLock};

static CATALOGUE: LazyLock<Arc<Catalogue>> = LazyLock::new(Catalogue::national);
static POLICIES: LazyLock<Policies> = LazyLock::new(|| Policies::embedded(&CATALOGUE).unwrap());

fn pseudonym(number: &str) -> Pseudonym {
    Pseudonymiser::new(1, &[1; 32]).pseudonym(SubjectKind::Person, number)
}

fn entry(record: Record) -> Entry {
    Entry {
        time: "2026-11-21T07:14:51.208Z".to_owned(),
        nonce: Bytes32([9; 32]),
        record,
    }
}

fn access() -> Access {
    let cached = Outcome {
        age_seconds: Some(61),
        served_from: Some("cache".into()),
        status: "ok".into(),
        ..Outcome::default()
    };
    Access {
        acting: None,
        agency: "ward-ba-dinh".to_owned(),
        answer_digest: None,
        attributes: vec![
            "population.identity.birth_date".to_owned(),
            "population.identity.full_name".to_owned(),
            "land.parcels.area_m2".to_owned(),
        ],
        basis: Some(Basis::Law {
            reference: "Law on Residence, Article 21".to_owned(),
        }),
        case: Some("H01.12-261121-0007".to_owned()),
        check: None,
        closeness: Vec::new(),
        emergency_reason: None,
        hidden: None,
        client: "ward-ba-dinh-one-stop".to_owned(),
        datasets: BTreeMap::from([("population.identity".to_owned(), vec![cached])]),
        denied: vec![
            denied("population.identity.religion", "not_in_purpose"),
            denied("population.residence.permanent_address", "sealed"),
        ],
        emergency: None,
        officer: Some(Officer {
            asserted_by: record_asserted(),
            id: "cb-4711".to_owned(),
        }),
        policy_version: "sha256:00".to_owned(),
        purpose: "permanent-residence-registration".to_owned(),
        query_id: "qry_0193b6a4-7c1e-7d52-9a31-5f0c2e8b4d17".to_owned(),
        subject: pseudonym("001185012345"),
        trace_id: None,
        unobtained: Vec::new(),
        zone: None,
    }
}

const fn record_asserted() -> motlan_access_log::entry::record::AssertedBy {
    motlan_access_log::entry::record::AssertedBy::Agency
}

fn denied(attribute: &str, reason: &'static str) -> Denied {
    Denied {
        attribute: attribute.to_owned(),
        reason: reason.into(),
        rule: Some("some-rule".into()),
    }
}

fn shown(record: Record, language: Language) -> Option<AccessView> {
    let view = View {
        catalogue: &CATALOGUE,
        policies: &POLICIES,
        language,
    };
    view.access(1234, &entry(record))
}

#[test]
fn a_disclosure_is_told_with_agency_purpose_attributes_and_source_but_without_the_officer() {
    let view = shown(Record::Disclosure(access()), Language::En).unwrap();
    let json = serde_json::to_value(&view).unwrap();
    assert_eq!(json["agency"]["name"], "People’s Committee of Ba Đình ward");
    assert_eq!(json["purpose"]["id"], "permanent-residence-registration");
    assert_eq!(json["attributes"][1]["title"], "Full name");
    assert_eq!(json["served_from"], "cache");
    assert_eq!(json["officer_recorded"], true);
    let text = json.to_string();
    for hidden in ["cb-4711", "qry_", "sealed", "some-rule", "one-stop"] {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
    assert_eq!(json["denied"][1]["reason"], "forbidden_by_rule");
    assert_eq!(
        view.sentence,
        "People’s Committee of Ba Đình ward was told the following about you for “Permanent \
         residence registration” (case H01.12-261121-0007) on 21 November 2026 at 14:14: identity – \
         date of birth, full name; land parcels – area (m²); legal ground: Law on Residence, Article \
         21; answered from a copy at most 2 min old. 2 more details were asked for and refused."
    );
}

#[test]
fn a_mention_does_not_name_whose_answer_it_was_nor_whose_consent() {
    let mention = Mention {
        agency: "ward-ba-dinh".to_owned(),
        attributes: vec!["land.parcels.co_owners".to_owned()],
        basis: Some(Basis::Consent {
            reference: "cns_0193b6a4-7c1e-7d52-9a31-5f0c2e8b4d17".to_owned(),
        }),
        client: "ward-ba-dinh-one-stop".to_owned(),
        hidden: None,
        officer: None,
        policy_version: "sha256:00".to_owned(),
        purpose: "social-housing-application".to_owned(),
        query_id: "qry_0193b6a4-7c1e-7d52-9a31-5f0c2e8b4d17".to_owned(),
        subject: pseudonym("001082004321"),
        trace_id: None,
    };
    let view = shown(Record::Mention(mention), Language::En).unwrap();
    let text = serde_json::to_string(&view).unwrap();
    assert!(
        view.sentence.starts_with("An answer about somebody else"),
        "{text}"
    );
    for hidden in ["cns_", "qry_", "pseudonym"] {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
}

/// One entry of every kind and outcome that a citizen is shown.
fn all_kinds() -> Vec<Record> {
    let acting = |relation: &'static str| Acting {
        person: pseudonym("001082004321"),
        relation: relation.into(),
        verified_by: Some("civil_status.birth".to_owned()),
    };
    let mut records = vec![
        Record::Disclosure(access()),
        Record::Disclosure(Access {
            attributes: Vec::new(),
            ..access()
        }),
        Record::Refusal(access()),
        Record::DryRun(access()),
        Record::Disclosure(Access {
            attributes: CATALOGUE.datasets()[0]
                .attributes
                .iter()
                .map(|attribute| attribute.path.to_string())
                .chain(access().attributes)
                .collect(),
            emergency: Some(Emergency {
                ground: "life_in_danger".into(),
                review_due: "2026-11-24T07:14:51Z".to_owned(),
            }),
            basis: Some(Basis::VitalInterest {
                reference: "Article 17".to_owned(),
            }),
            ..access()
        }),
        Record::Look(Look {
            client: "dpo-console".to_owned(),
            filters: Vec::new(),
            reader: "data_protection_officer".into(),
            shown: 1,
            subject: Some(pseudonym("001185012345")),
        }),
    ];
    for relation in ["parent", "guardian", "attorney"] {
        records.push(Record::Disclosure(Access {
            acting: Some(acting(relation)),
            ..access()
        }));
    }
    let checks = CheckKind::ALL.map(CheckKind::as_str);
    for check in checks
        .into_iter()
        .chain(["is_parent", "is_of_a_later_version"])
    {
        records.push(Record::Check(Access {
            check: Some(check.into()),
            ..access()
        }));
    }
    for change in ["given", "withdrawn", "used_up"] {
        let consent = Consent {
            agency: "ward-ba-dinh".to_owned(),
            attributes: vec!["insurance.social.kind".to_owned()],
            from: "2026-11-21T00:00:00Z".to_owned(),
            given_at: "2026-11-21T00:00:00Z".to_owned(),
            giver: None,
            id: "cns_0193b6a4-7c1e-7d52-9a31-5f0c2e8b4d17".to_owned(),
            purposes: vec!["social-housing-application".to_owned(), "gone".to_owned()],
            request: None,
            state: change.into(),
            state_since: "2026-11-21T00:00:00Z".to_owned(),
            until: "2026-12-21T00:00:00Z".to_owned(),
            uses: "once".into(),
        };
        records.push(Record::ConsentChange(ConsentChange {
            acting: None,
            change: change.into(),
            client: "citizen-portal".to_owned(),
            consent,
            holder: Bytes32([3; 32]),
            query_id: None,
            subject: pseudonym("001185012345"),
        }));
    }
    records
}

#[test]
fn every_kind_is_told_in_every_language_without_holes() {
    for language in Language::ALL {
        for record in all_kinds() {
            let view = shown(record, language).unwrap();
            let sentence = &view.sentence;
            assert!(sentence.ends_with('.'), "{sentence}");
            for hole in ["access-", "{", "  ", " .", "()", "“”"] {
                assert!(!sentence.contains(hole), "`{hole}` in {sentence}");
            }
        }
    }
}

#[test]
fn what_is_about_nobody_is_not_shown() {
    let start = NodeStart {
        cut_bytes: 0,
        mappings: Vec::new(),
        software: "test".to_owned(),
    };
    assert!(shown(Record::NodeStart(start), Language::Vi).is_none());
    for kind in [
        Kind::SealChange,
        Kind::OwnLook,
        Kind::Other,
        Kind::EmergencyReview,
        Kind::RegistryChange,
    ] {
        assert!(!is_shown(kind), "{kind:?}");
    }
}

#[test]
fn a_period_ends_the_search_only_where_nothing_older_can_stand_below() {
    let wanted = Wanted {
        pseudonyms: Vec::new(),
        limit: 1,
        before: 1,
        from: Some("2026-11-21T00:00:00Z".parse().unwrap()),
        after: Some("2026-11-22T00:00:00Z".parse().unwrap()),
        now: "2026-11-22T00:00:00Z".parse().unwrap(),
    };
    let at = |time| wanted.period(time);
    assert_eq!(at("2026-11-21T00:00:00Z"), ControlFlow::Continue(true));
    assert_eq!(at("2026-11-21T23:59:59Z"), ControlFlow::Continue(true));
    assert_eq!(at("2026-11-22T00:00:00Z"), ControlFlow::Continue(false));
    assert_eq!(at("2026-11-20T23:59:00Z"), ControlFlow::Continue(false));
    assert_eq!(at("2026-11-20T23:54:00Z"), ControlFlow::Break(()));
}
