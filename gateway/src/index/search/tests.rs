//! A search finds what reading every entry finds.

use super::super::gather::gather;
use super::*;
use crate::keys::IndexKey;
use motlan_access_log::{
    details::DetailKeys,
    entry::{
        Entry, Record,
        record::{
            Access, Alert, AssertedBy, Basis, Bytes32, Denied, Look, Mention, Officer, Outcome,
        },
    },
    pseudonym::{Pseudonymiser, SubjectKind},
    tile::{TileKind, TilePath},
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use std::{collections::BTreeMap, fs, sync::Arc};
use tempfile::TempDir;

const AGENCIES: [&str; 2] = ["ward-ba-dinh", "land-office"];
const CLIENTS: [&str; 2] = ["one-stop", "land-desk"];
const OFFICERS: [&str; 3] = ["cb-1", "cb-2", "cb-3"];
const PURPOSES: [&str; 2] = ["birth-registration", "land-transfer"];
const ATTRIBUTES: [&str; 3] = [
    "population.identity.full_name",
    "population.identity.sex",
    "land.parcels.area_m2",
];
const RULES: [&str; 2] = ["purpose-covers-attribute", "office-hours"];
const REGISTRIES: [&str; 2] = ["population", "land"];
const OUTCOMES: [&str; 6] = [
    "disclosed",
    "nothing_disclosed",
    "refused",
    "mentioned",
    "looked",
    "alerted",
];
const KINDS: [&str; 5] = ["disclosure", "refusal", "mention", "look", "alert"];

fn person(number: u8) -> Pseudonym {
    Pseudonymiser::new(1, &[1; 32]).pseudonym(SubjectKind::Person, &format!("{number:012}"))
}

fn access() -> impl Strategy<Value = Access> {
    (
        (
            select(&AGENCIES),
            select(&CLIENTS),
            option::of(select(&OFFICERS)),
        ),
        (select(&PURPOSES), option::of(0..40_u8), 0..4_u8),
        vec(select(&ATTRIBUTES), 0..3),
        vec((select(&ATTRIBUTES), option::of(select(&RULES))), 0..2),
        vec((select(&REGISTRIES), any::<(bool, bool)>()), 0..2),
    )
        .prop_map(
            |((agency, client, officer), (purpose, case, who), attributes, denied, outcomes)| {
                let outcomes = outcomes.into_iter().map(|(registry, (asked, fine))| {
                    let served_from = if asked { "registry" } else { "cache" };
                    let outcome = Outcome {
                        problem: (!fine && asked).then(|| "registry_down".into()),
                        registry: Some(registry.to_owned()),
                        served_from: fine.then(|| served_from.into()),
                        stale: !fine && !asked,
                        status: if fine { "ok" } else { "unavailable" }.into(),
                        ..Outcome::default()
                    };
                    (format!("{registry}.some"), vec![outcome])
                });
                Access {
                    acting: None,
                    agency: agency.to_owned(),
                    answer_digest: None,
                    attributes: attributes.into_iter().map(str::to_owned).collect(),
                    basis: Some(Basis::Law {
                        reference: "Điều 1 \"Luật\"".to_owned(),
                    }),
                    case: case.map(|case| format!("H01.12-\"{case}\"")),
                    check: None,
                    client: client.to_owned(),
                    closeness: Vec::new(),
                    datasets: outcomes.collect(),
                    denied: denied
                        .into_iter()
                        .map(|(attribute, rule)| Denied {
                            attribute: attribute.to_owned(),
                            reason: "not_in_purpose".into(),
                            rule: rule.map(Into::into),
                        })
                        .collect(),
                    emergency: None,
                    emergency_reason: None,
                    hidden: None,
                    officer: officer.map(|id| Officer {
                        asserted_by: AssertedBy::Token,
                        id: id.to_owned(),
                    }),
                    policy_version: "v".to_owned(),
                    purpose: purpose.to_owned(),
                    query_id: "qry".to_owned(),
                    subject: person(who),
                    trace_id: None,
                    unobtained: Vec::new(),
                    zone: None,
                }
            },
        )
}

fn mention(access: Access) -> Mention {
    Mention {
        agency: access.agency,
        attributes: access.attributes,
        basis: access.basis,
        client: access.client,
        hidden: None,
        officer: access.officer,
        policy_version: access.policy_version,
        purpose: access.purpose,
        query_id: access.query_id,
        subject: access.subject,
        trace_id: None,
    }
}

fn alert(access: Access) -> Alert {
    Alert {
        agency: access.agency,
        attribute: None,
        client: access.client,
        count: 3,
        entries: vec![1, 2],
        limit: 2,
        officer: access.officer.map(|officer| officer.id),
        purpose: Some(access.purpose),
        usual: None,
        rule: access
            .denied
            .into_iter()
            .find_map(|denied| denied.rule)
            .unwrap_or("one_case".into()),
        window: "day".into(),
    }
}

fn look(subject: Option<Pseudonym>) -> Look {
    Look {
        client: "dpo-console".to_owned(),
        filters: vec!["agency=ward-ba-dinh".to_owned()],
        reader: "data_protection_officer".into(),
        shown: 1,
        subject,
    }
}

fn record() -> impl Strategy<Value = Record> {
    prop_oneof![
        4 => access().prop_map(Record::Disclosure),
        2 => access().prop_map(Record::Refusal),
        2 => access().prop_map(|access| Record::Mention(mention(access))),
        1 => option::of(0..4_u8).prop_map(|who| Record::Look(look(who.map(person)))),
        1 => access().prop_map(|access| Record::Alert(alert(access))),
    ]
}

fn filter() -> impl Strategy<Value = Filter> {
    let one = |values: &'static [&'static str]| option::weighted(0.2, select(values));
    (
        (vec(0..5_u8, 0..3), vec(select(&KINDS), 0..3)),
        (
            one(&AGENCIES),
            one(&CLIENTS),
            one(&OFFICERS),
            one(&PURPOSES),
        ),
        option::weighted(0.1, 0..40_u8),
        (
            one(&ATTRIBUTES),
            one(&OUTCOMES),
            one(&RULES),
            one(&REGISTRIES),
        ),
        option::weighted(
            0.2,
            select(&["population.identity", "land.some", "land"][..]),
        ),
        (
            option::weighted(0.4, 0..900_i64),
            option::weighted(0.4, 0..900_i64),
        ),
    )
        .prop_map(|(who, by, case, what, dataset, (from, until))| {
            let owned = |value: Option<&str>| value.map(str::to_owned);
            Filter {
                subjects: who.0.into_iter().map(person).collect(),
                kinds: who.1,
                agency: owned(by.0),
                client: owned(by.1),
                officer: owned(by.2),
                purpose: owned(by.3),
                case: case.map(|case| format!("H01.12-\"{case}\"")),
                attribute: owned(what.0),
                outcome: owned(what.1),
                rule: owned(what.2),
                registry: owned(what.3),
                dataset: owned(dataset),
                from: from.map(second),
                until: until.map(second),
            }
        })
}

fn second(n: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + n).unwrap()
}

/// Whether a filter wants an entry, by the entry alone.
fn wants(filter: &Filter, entry: &Entry) -> bool {
    let mut values: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut value = |facet, value: &str| values.entry(facet).or_default().push(value.to_owned());
    let mut tell = |access: &Access, released: bool| {
        value("agency", &access.agency);
        value("client", &access.client);
        value("purpose", &access.purpose);
        access.case.iter().for_each(|case| value("case", case));
        access.officer.iter().for_each(|o| value("officer", &o.id));
        for attribute in &access.attributes {
            if released {
                value("attribute", attribute);
            }
            value("dataset", attribute.rsplit_once('.').unwrap().0);
        }
        for denied in &access.denied {
            value("dataset", denied.attribute.rsplit_once('.').unwrap().0);
            denied.rule.iter().for_each(|rule| value("rule", rule));
        }
        for (dataset, outcomes) in &access.datasets {
            value("dataset", dataset);
            for outcome in outcomes {
                let failed = outcome.problem.is_some() || outcome.stale;
                if failed || outcome.served_from.as_deref() == Some("registry") {
                    value("registry", outcome.registry.as_ref().unwrap());
                }
            }
        }
    };
    let outcome = match &entry.record {
        Record::Disclosure(access) => {
            tell(access, true);
            if access.attributes.is_empty() {
                "nothing_disclosed"
            } else {
                "disclosed"
            }
        }
        Record::Refusal(access) => {
            tell(access, false);
            "refused"
        }
        Record::Mention(mention) => {
            value("agency", &mention.agency);
            value("client", &mention.client);
            value("purpose", &mention.purpose);
            mention.officer.iter().for_each(|o| value("officer", &o.id));
            for attribute in &mention.attributes {
                value("attribute", attribute);
                value("dataset", attribute.rsplit_once('.').unwrap().0);
            }
            "mentioned"
        }
        Record::Look(look) => {
            value("client", &look.client);
            "looked"
        }
        Record::Alert(alert) => {
            value("agency", &alert.agency);
            value("client", &alert.client);
            alert.officer.iter().for_each(|id| value("officer", id));
            alert.purpose.iter().for_each(|id| value("purpose", id));
            value("rule", &alert.rule);
            "alerted"
        }
        _ => unreachable!("no such record is made here"),
    };
    value("outcome", outcome);
    let has = |facet, wanted: &Option<String>| {
        wanted.as_ref().is_none_or(|wanted| {
            let values = values.get(facet);
            values.is_some_and(|values| values.contains(wanted))
        })
    };
    let subject = entry.record.subject();
    let time: Timestamp = entry.time.parse().unwrap();
    (filter.subjects.is_empty() || subject.is_some_and(|s| filter.subjects.contains(s)))
        && (filter.kinds.is_empty() || filter.kinds.contains(&entry.record.kind()))
        && has("agency", &filter.agency)
        && has("client", &filter.client)
        && has("officer", &filter.officer)
        && has("purpose", &filter.purpose)
        && has("case", &filter.case)
        && has("dataset", &filter.dataset)
        && has("attribute", &filter.attribute)
        && has("outcome", &filter.outcome)
        && has("rule", &filter.rule)
        && has("registry", &filter.registry)
        && filter.from.is_none_or(|from| from <= time)
        && filter.until.is_none_or(|until| time < until)
}

/// Entries in the bundles of a log, the first of which has the index `start`.
struct Bundles(TempDir, Entries);

impl Bundles {
    fn of(start: u64, entries: &[Entry]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let keys = Arc::new(DetailKeys::kept_nowhere([3; 32]));
        let mut bundles: BTreeMap<u64, (u16, Vec<u8>)> = BTreeMap::new();
        let width = u64::from(TILE_WIDTH);
        // Before the first entry stand such as say nothing.
        let sealed = entries
            .iter()
            .map(|e| keys.seal(e).unwrap().as_bytes().to_vec());
        let nothing = (0..start % width).map(|_| b"{}".to_vec());
        for (leaf_index, bytes) in (start - start % width..).zip(nothing.chain(sealed)) {
            let (entries, bundle) = bundles.entry(leaf_index / width).or_default();
            *entries += 1;
            bundle.extend_from_slice(&u16::try_from(bytes.len()).unwrap().to_be_bytes());
            bundle.extend_from_slice(&bytes);
        }
        for (index, (width, bundle)) in bundles {
            let path = TilePath {
                kind: TileKind::Entries,
                index,
                width,
            };
            let path = directory.path().join(path.to_string());
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bundle).unwrap();
        }
        let tiles = TileStore::new(directory.path(), start + entries.len() as u64);
        Self(
            directory,
            Entries {
                tiles,
                details: keys,
            },
        )
    }

    /// An index that took the entries in stretches of `cut`.
    fn index(&self, start: u64, cut: u64) -> Reader {
        let Entries { tiles, details } = &self.1;
        let none = TileStore::new(self.0.path(), 0);
        let key = IndexKey::new(&[5; 32]);
        let mut store = Store::open(&self.0.path().join("index"), &key, "log", &none).unwrap();
        let mut next = start;
        while next < tiles.tree_size() {
            let shelf_ends = (next / SHELF + 1) * SHELF;
            let end = (next + cut).min(shelf_ends).min(tiles.tree_size());
            store
                .keep(gather(tiles, details, next..end).unwrap())
                .unwrap();
            next = end;
        }
        Reader(store)
    }
}

/// Entries whose times are nearly in order, as they are in a log.
fn log() -> impl Strategy<Value = Vec<Entry>> {
    let entries = vec((record(), 0..4_i64, 0..60_i64), 1..600);
    entries.prop_map(|entries| {
        let mut now = 0;
        let entry = |(record, pace, late)| {
            now += pace;
            Entry {
                time: second(now - late).to_string(),
                nonce: Bytes32([9; 32]),
                record,
            }
        };
        entries.into_iter().map(entry).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Wherever the log is cut into stretches, and whether or not it goes over the end of a shelf.
    #[test]
    fn a_search_finds_what_reading_every_entry_finds(
        entries in log(),
        filters in vec(filter(), 12),
        cut in 1..400_u64,
        limit in 1..50_usize,
        start in select(&[0, SHELF - 300][..]),
    ) {
        let bundles = Bundles::of(start, &entries);
        let reader = bundles.index(start, cut);
        for filter in filters {
            let wanted = (start..).zip(&entries).filter(|(_, entry)| wants(&filter, entry));
            let mut wanted: Vec<u64> = wanted.map(|(leaf_index, _)| leaf_index).collect();
            wanted.reverse();
            let all = reader.search(&bundles.1, &filter, u64::MAX, usize::MAX).unwrap();
            prop_assert_eq!(&all.places, &wanted, "{:?}", &filter);
            prop_assert_eq!(all.next, None);

            let (mut paged, mut before) = (Vec::new(), u64::MAX);
            loop {
                let page = reader.search(&bundles.1, &filter, before, limit).unwrap();
                prop_assert!(page.places.len() <= limit);
                prop_assert_eq!(page.next.is_some(), page.places.len() == limit && paged.len() + limit < wanted.len());
                paged.extend(page.places);
                match page.next {
                    Some(next) => before = next,
                    None => break,
                }
            }
            prop_assert_eq!(paged, wanted);
        }
    }
}

#[test]
fn the_values_that_entries_are_found_by_stand_nowhere_in_the_files_of_the_index() {
    let access = Access {
        case: Some("H01.12-261121-0007".to_owned()),
        officer: Some(Officer {
            asserted_by: AssertedBy::Agency,
            id: "cb-4711-nguyen".to_owned(),
        }),
        ..sample()
    };
    let entry = Entry {
        time: second(0).to_string(),
        nonce: Bytes32([9; 32]),
        record: Record::Disclosure(access),
    };
    let bundles = Bundles::of(0, &[entry]);
    let reader = bundles.index(0, 1);
    let filter = Filter {
        case: Some("H01.12-261121-0007".to_owned()),
        officer: Some("cb-4711-nguyen".to_owned()),
        ..Filter::default()
    };
    let found = reader.search(&bundles.1, &filter, u64::MAX, 9).unwrap();
    assert_eq!(found.places, [0]);
    reader.0.database().flush().unwrap();
    let mut files = vec![bundles.0.path().join("index")];
    let mut bytes_read = 0;
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(
                fs::read_dir(path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        bytes_read += bytes.len();
        for value in ["H01.12-261121-0007", "cb-4711-nguyen", "ward-ba-dinh"] {
            let stands = bytes
                .windows(value.len())
                .any(|window| window == value.as_bytes());
            assert!(!stands, "{value} in {}", path.display());
        }
    }
    assert!(bytes_read > 100, "the index has files");
}

fn sample() -> Access {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    use proptest::strategy::ValueTree as _;
    let tree = access().new_tree(&mut runner).unwrap();
    let mut access = tree.current();
    "ward-ba-dinh".clone_into(&mut access.agency);
    access
}
