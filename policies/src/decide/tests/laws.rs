//! What holds of every decision, whoever asks for whatever.

use super::*;
use motlan_schemas::catalogue::{AttributeIndex, Selection};
use proptest::{prelude::*, sample::Index};

fn any_query() -> impl Strategy<Value = Query> {
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
