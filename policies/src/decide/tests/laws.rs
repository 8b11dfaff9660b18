//! What holds of every decision, whoever asks for whatever.

use super::*;
use crate::{
    known::{Seal, Verified},
    purpose::BasisKind,
};
use motlan_schemas::catalogue::{AttributeIndex, Selection, Sensitivity};
use proptest::{prelude::*, sample::Index};

pub(super) fn any_query() -> impl Strategy<Value = Query> {
    let selection = prop::collection::vec((any::<Index>(), any::<u64>()), 1..14);
    (
        any::<Index>(),
        selection,
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(purpose, picks, officer, case, enterprise)| {
            let catalogue = Catalogue::national();
            let purposes: Vec<_> = policies().purposes().iter().collect();
            let mut query = query(
                purpose.get(&purposes).id.as_str(),
                &["land.parcels.area_m2"],
            );
            query.question.selection = Selection::default();
            for (dataset, bits) in picks {
                let dataset = dataset.get(catalogue.datasets());
                let set: AttributeSet = (0..64)
                    .filter(|bit| bits & (1 << bit) != 0)
                    .filter_map(AttributeIndex::new)
                    .collect();
                query
                    .question
                    .selection
                    .add(dataset.id, set & dataset.all());
            }
            if !officer {
                query.question.officer = None;
            }
            if !case {
                query.question.case = None;
            }
            if enterprise {
                query.subject = Subject::Enterprise(ENTERPRISE.parse().unwrap());
            }
            query
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn permits_and_denials_share_out_what_was_asked(query in any_query(), agency: Index) {
        let agencies: Vec<_> = policies().agencies().iter().collect();
        let agency = agency.get(&agencies).id.as_str();
        let decision = decide(policies(), agency, &query);
        let purpose = policies().purposes().get(&query.question.purpose).unwrap();
        let catalogue = Catalogue::national();
        for dataset in catalogue.datasets() {
            let requested = query.question.selection.of(dataset.id);
            let permits: Vec<_> =
                decision.permits.iter().filter(|p| p.dataset() == dataset.id).collect();
            prop_assert!(permits.len() <= 1);
            let permitted = permits.first().map_or(AttributeSet::EMPTY, |p| p.attributes());
            let mut denied = AttributeSet::EMPTY;
            for one in decision.denials.iter().filter(|d| d.dataset == dataset.id) {
                prop_assert!(!one.attributes.is_empty());
                prop_assert!((denied & one.attributes).is_empty(), "denied twice");
                denied = denied | one.attributes;
            }
            prop_assert!((permitted & denied).is_empty(), "permitted and denied");
            prop_assert_eq!((permitted & requested) | denied, requested);
            prop_assert!(permitted.is_subset((requested & purpose.covers(dataset.id)) | dataset.flags));
            prop_assert!(permitted.is_empty() || !(permitted & requested).is_empty());
            prop_assert!(permitted.is_empty() || dataset.subject == query.subject.kind());
        }
    }

    #[test]
    fn asking_for_less_never_gets_more(query in any_query(), keep: u64) {
        let whole = decide(policies(), "ward-ba-dinh", &query);
        let mut less = query.clone();
        let kept: AttributeSet =
            (0..64).filter(|bit| keep & (1 << bit) != 0).filter_map(AttributeIndex::new).collect();
        less.question.selection =
            query.question.selection.iter().map(|(dataset, set)| (dataset, set & kept)).collect();
        for permit in &decide(policies(), "ward-ba-dinh", &less).permits {
            let more = whole.permits.iter().find(|p| p.dataset() == permit.dataset()).unwrap();
            prop_assert!(permit.attributes().is_subset(more.attributes()));
        }
    }
}

proptest! {
    // Each case reads all policies anew.
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn a_remembered_verdict_is_the_verdict(query in any_query(), agency: Index) {
        let agencies: Vec<_> = policies().agencies().iter().collect();
        let agency = agency.get(&agencies).id.as_str();
        let fresh = fresh_policies();
        prop_assert_eq!(
            decide(&fresh, agency, &query).denials,
            decide(policies(), agency, &query).denials
        );
    }
}

proptest! {
    /// The key is what verdicts are remembered by, so it must tell apart whatever differs.
    #[test]
    fn facts_that_differ_in_one_thing_have_different_keys(bits: u64, changed in 0_usize..32) {
        let (one, other) = (facts_of(bits), facts_of(bits ^ 1 << changed));
        prop_assert_ne!(one, other);
        prop_assert_ne!(key(&one), key(&other));
        prop_assert_eq!(key(&one), key(&facts_of(bits)));
    }
}

fn key(facts: &Facts) -> u128 {
    facts.question.key(facts.slice) | facts.group.key()
}

/// Facts made of 32 bits, each of which makes a difference.
fn facts_of(bits: u64) -> Facts {
    let flag = |place: u32| bits >> place & 1 == 1;
    let pick = |place| usize::from(flag(place));
    let named = |place| flag(place).then_some(7);
    Facts {
        slice: facts::Slice {
            agency: named(0),
            purpose: named(1),
        },
        question: facts::QuestionFacts {
            mandated: flag(2),
            officer_required: flag(3),
            officer_named: flag(4),
            officer_authenticated: flag(5),
            officer_has_role: flag(6),
            case_required: flag(7),
            case_named: flag(8),
            office_hours_only: flag(9),
            in_office_hours: flag(10),
            zone_allowed: flag(11),
            check: flag(12),
            subject_deceased: flag(13),
            deceased_refused: flag(14),
            subject_is_minor: flag(15),
            applicant_named: flag(16),
            applicant_accepted: flag(17),
            emergency_mandated: flag(18),
            emergency_named: flag(19),
            basis: [BasisKind::Law, BasisKind::VitalInterest][pick(20)],
            seal: [Seal::None, Seal::Identity][pick(21)],
            sees_sealed: [Seal::Address, Seal::Identity][pick(22)],
            applicant: [Verified::Unknown, Verified::Refuted][pick(23)],
        },
        group: GroupFacts {
            dataset: Catalogue::national().datasets()[pick(24) * 13].id,
            covered: flag(25),
            subject_matches: flag(26),
            names_others: flag(27),
            tells_address: flag(28),
            consent_by_another: flag(29),
            sensitivity: [Sensitivity::Basic, Sensitivity::Special][pick(30)],
            consent: [ConsentStanding::Absent, ConsentStanding::Revoked][pick(31)],
        },
    }
}
