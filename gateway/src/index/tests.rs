//! The index agrees with the log, whatever becomes of either.

use super::*;
use motlan_access_log::details::parts::Opener;
use motlan_access_log::{
    entry::{
        EncodedEntry, Entry, Record,
        record::{
            Access, Bytes32, Emergency, EmergencyReview, Look, Mention, NodeStart, SealChange,
        },
    },
    log::{Options, TileLog},
    note::Signer,
    pseudonym::{Pseudonymiser, SubjectKind},
};
use proptest::prelude::*;
use std::{collections::BTreeMap, sync::LazyLock};
use tempfile::TempDir;

const ORIGIN: &str = "example.vn/log";

/// A log and an index in a directory of their own.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn log(&self, name: &str) -> Arc<TileLog> {
        let directory = self.0.path().join(name);
        let second = self.0.path().join(format!("{name}-second/checkpoint"));
        let signer = Signer::from_seed(ORIGIN, &[7; 32]).unwrap();
        let options = Options {
            publish_interval: Duration::from_millis(5),
            ..Options::new(directory, second, signer)
        };
        Arc::new(TileLog::open(options).unwrap())
    }

    fn index(&self) -> PathBuf {
        self.0.path().join("index")
    }

    fn follow(&self, log: &Arc<TileLog>) -> Index {
        let log = Arc::clone(log) as Arc<dyn AccessLog>;
        Index::follow(&self.index(), log, keys(), index_key(), ORIGIN.to_owned()).unwrap()
    }

    fn store(&self, tiles: &TileStore) -> Store {
        Store::open(&self.index(), &index_key(), ORIGIN, tiles).unwrap()
    }
}

fn person(number: u8) -> Pseudonym {
    Pseudonymiser::new(1, &[1; 32]).pseudonym(SubjectKind::Person, &format!("{number:012}"))
}

fn access(subject: Pseudonym, query_id: &str) -> Access {
    Access {
        acting: None,
        agency: "ward-ba-dinh".to_owned(),
        answer_digest: None,
        attributes: vec!["population.identity.full_name".to_owned()],
        basis: None,
        case: None,
        check: None,
        closeness: Vec::new(),
        emergency_reason: None,
        hidden: None,
        client: "one-stop".to_owned(),
        datasets: BTreeMap::new(),
        denied: Vec::new(),
        emergency: None,
        officer: None,
        policy_version: "sha256:00".to_owned(),
        purpose: "emergency-care".to_owned(),
        query_id: query_id.to_owned(),
        subject,
        trace_id: None,
        unobtained: Vec::new(),
        zone: None,
    }
}

fn emergency_use(subject: Pseudonym, query_id: &str, review_due: &str) -> Record {
    Record::Disclosure(Access {
        emergency: Some(Emergency {
            ground: "unconscious".into(),
            review_due: review_due.to_owned(),
        }),
        emergency_reason: Some("found in the street, \"no papers\"".to_owned()),
        ..access(subject, query_id)
    })
}

fn review(query_id: &str) -> Record {
    Record::EmergencyReview(EmergencyReview {
        client: "dpo-console".to_owned(),
        note: "the hospital showed the admission sheet".to_owned(),
        query_id: query_id.to_owned(),
        subject: person(9),
        verdict: "justified".into(),
    })
}

fn look(subject: Option<Pseudonym>, reader: &'static str) -> Record {
    Record::Look(Look {
        client: "portal".to_owned(),
        filters: Vec::new(),
        reader: reader.into(),
        shown: 1,
        subject,
    })
}

fn nobody() -> Record {
    Record::NodeStart(NodeStart {
        cut_bytes: 0,
        mappings: Vec::new(),
        software: "test".to_owned(),
    })
}

fn index_key() -> IndexKey {
    IndexKey::new(&[5; 32])
}

fn keys() -> Arc<DetailKeys> {
    static KEYS: LazyLock<Arc<DetailKeys>> =
        LazyLock::new(|| Arc::new(DetailKeys::kept_nowhere([3; 32])));
    Arc::clone(&KEYS)
}

fn opened(tiles: &TileStore) -> Entries {
    Entries {
        tiles: tiles.clone(),
        details: keys(),
    }
}

fn encoded(record: Record) -> EncodedEntry {
    let entry = Entry {
        time: "2026-11-21T08:00:00.000Z".to_owned(),
        nonce: Bytes32([9; 32]),
        record,
    };
    keys().seal(&entry).unwrap()
}

async fn append(log: &TileLog, records: impl IntoIterator<Item = Record>) -> TileStore {
    let entries = records.into_iter().map(encoded).collect();
    log.append(entries).await.unwrap();
    log.published(log.tree_size()).await.unwrap();
    log.tiles()
}

fn places(found: &[(u64, Kind)]) -> Vec<u64> {
    found.iter().map(|(leaf_index, _)| *leaf_index).collect()
}

#[tokio::test]
async fn a_persons_entries_are_found_newest_first_under_all_their_pseudonyms() {
    let place = Place::new();
    let log = place.log("log");
    let index = place.follow(&log);
    let mut renamed = Pseudonymiser::new(1, &[1; 32]);
    renamed.add(2, &[2; 32]);
    let lan = renamed.all_pseudonyms(SubjectKind::Person, "000000000001");
    let mention = Record::Mention(Mention {
        agency: "ward-ba-dinh".to_owned(),
        attributes: Vec::new(),
        basis: None,
        client: "one-stop".to_owned(),
        hidden: None,
        officer: None,
        policy_version: "sha256:00".to_owned(),
        purpose: "birth-registration".to_owned(),
        query_id: "qry_1".to_owned(),
        subject: lan[1],
        trace_id: None,
    });
    let seal = Record::SealChange(SealChange {
        change: "sealed".into(),
        client: "dpo-console".to_owned(),
        ground: "court order".to_owned(),
        holder: Bytes32([0; 32]),
        level: "address".into(),
        subject: lan[1],
        until: "2027-01-01T00:00:00Z".to_owned(),
    });
    let records = [
        nobody(),
        Record::Disclosure(access(person(1), "qry_0")),
        Record::Refusal(access(person(2), "qry_1")),
        mention,
        seal,
        look(Some(lan[1]), CITIZEN),
        look(Some(lan[1]), DATA_PROTECTION_OFFICER),
        look(None, DATA_PROTECTION_OFFICER),
    ];
    append(&log, records).await;

    let reader = index.reader(log.tree_size()).await.unwrap();
    let all = reader.of_subject(&lan, u64::MAX, 100).unwrap();
    let expected = [
        (6, Kind::Look),
        (5, Kind::OwnLook),
        (4, Kind::SealChange),
        (3, Kind::Mention),
        (1, Kind::Disclosure),
    ];
    assert_eq!(all, expected);
    assert_eq!(places(&reader.of_subject(&lan, 4, 1).unwrap()), [3]);
    assert_eq!(places(&reader.of_subject(&lan, 3, 9).unwrap()), [1]);
    assert_eq!(
        places(&reader.of_subject(&[person(2)], u64::MAX, 9).unwrap()),
        [2]
    );
    assert_eq!(reader.of_subject(&[person(3)], u64::MAX, 9).unwrap(), []);
}

#[tokio::test]
async fn a_reader_is_given_what_it_asked_for_or_told_that_the_index_is_behind() {
    let place = Place::new();
    let log = place.log("log");
    let index = place.follow(&log);
    for round in 1..20_u64 {
        let record = Record::Disclosure(access(person(1), "qry_1"));
        log.append(vec![encoded(record)]).await.unwrap();
        let reader = index.reader(log.tree_size()).await.unwrap();
        let found = reader.of_subject(&[person(1)], u64::MAX, 100).unwrap();
        assert_eq!(found.len() as u64, round);
    }
    let beyond = index.reader(log.tree_size() + 1).await;
    assert!(matches!(beyond, Err(IndexError::Behind)));
}

#[tokio::test]
async fn an_index_that_fits_its_log_goes_on_and_any_other_is_made_anew() {
    let place = Place::new();
    let log = place.log("log");
    let tiles = append(
        &log,
        (0..300).map(|n: u16| Record::Refusal(access(person(n.to_be_bytes()[1]), "q"))),
    )
    .await;
    let end = rebuild(
        &place.index(),
        &index_key(),
        ORIGIN,
        &opened(&tiles),
        &mut |_, _| {},
    )
    .unwrap();
    assert_eq!(end, 300);
    assert_eq!(place.store(&tiles).next(), 300, "it goes on where it ended");

    // The same log before its last entries: the index knows more than there is.
    let shorter = TileStore::new(&place.0.path().join("log"), 299);
    assert_eq!(place.store(&shorter).next(), 0);

    rebuild(
        &place.index(),
        &index_key(),
        ORIGIN,
        &opened(&tiles),
        &mut |_, _| {},
    )
    .unwrap();
    let other = Store::open(&place.index(), &index_key(), "example.vn/other", &tiles).unwrap();
    assert_eq!(other.next(), 0, "the index of another log");
    drop(other);

    rebuild(
        &place.index(),
        &index_key(),
        ORIGIN,
        &opened(&tiles),
        &mut |_, _| {},
    )
    .unwrap();
    let second = place.log("second");
    let others = append(&second, (0..300).map(|_| nobody())).await;
    let store = place.store(&others);
    assert_eq!(store.next(), 0, "the entry before the marker is another");
    assert_eq!(
        store.of_subject(&person(1).value.0, u64::MAX, 9).unwrap(),
        []
    );
}

#[tokio::test]
async fn a_spoilt_index_is_made_anew_while_the_gateway_serves() {
    let place = Place::new();
    let log = place.log("log");
    append(&log, [Record::Disclosure(access(person(1), "qry_1"))]).await;
    let below = place.index().join("v2");
    std::fs::create_dir_all(&below).unwrap();
    std::fs::write(below.join("conf"), "no configuration of sled").unwrap();
    std::fs::write(below.join("db"), [0xFF; 4096]).unwrap();
    let index = place.follow(&log);
    let reader = index.reader(1).await.unwrap();
    assert_eq!(
        places(&reader.of_subject(&[person(1)], u64::MAX, 9).unwrap()),
        [0]
    );
}

#[tokio::test]
async fn an_emergency_use_waits_until_it_is_reviewed_in_this_stretch_or_a_later_one() {
    let place = Place::new();
    let log = place.log("log");
    let records = [
        emergency_use(person(1), "qry_late", "2026-11-30T00:00:00Z"),
        emergency_use(person(2), "qry_soon", "2026-11-22T00:00:00Z"),
        emergency_use(person(3), "qry_done", "2026-11-22T00:00:00Z"),
        review("qry_done"),
        review("qry_unheard_of"),
        Record::Refusal(access(person(1), "qry_ordinary")),
    ];
    let tiles = append(&log, records).await;
    let mut store = place.store(&tiles);
    store.keep(gather(&tiles, &keys(), 0..6).unwrap()).unwrap();
    let open = |store: &Store| -> Vec<_> {
        let uses = Reader(store.clone()).open_uses().unwrap();
        uses.into_iter().map(|open| open.query_id).collect()
    };
    assert_eq!(open(&store), ["qry_soon", "qry_late"]);
    assert_eq!(
        store.emergency_use("qry_done").unwrap(),
        Some((2, UseState::Reviewed))
    );
    assert_eq!(store.emergency_use("qry_unheard_of").unwrap(), None);
    assert_eq!(store.emergency_use("qry_ordinary").unwrap(), None);

    let tiles = append(&log, [review("qry_soon")]).await;
    store.keep(gather(&tiles, &keys(), 6..7).unwrap()).unwrap();
    assert_eq!(open(&store), ["qry_late"]);
    assert_eq!(
        store.emergency_use("qry_late").unwrap(),
        Some((0, UseState::Open))
    );
    // Replayed from the beginning, as after a crash before the marker was kept, it is the same.
    store.keep(gather(&tiles, &keys(), 0..7).unwrap()).unwrap();
    assert_eq!(open(&store), ["qry_late"]);
}

/// What an entry of the law below is about.
#[derive(Debug, Clone, Copy)]
enum Step {
    About(u8),
    Emergency(u8),
    Review(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..4_u8).prop_map(Step::About),
        2 => (0..6_u8).prop_map(Step::Emergency),
        2 => (0..6_u8).prop_map(Step::Review),
    ]
}

fn entry_of(step: Step) -> EncodedEntry {
    encoded(match step {
        Step::About(who) => Record::Disclosure(access(person(who), "qry_x")),
        Step::Emergency(n) => emergency_use(person(9), &format!("qry_{n}"), "2026-11-22T00:00:00Z"),
        Step::Review(n) => review(&format!("qry_{n}")),
    })
}

/// What an index is told of these entries, the first of which stands at `start`.
fn gathered(start: u64, entries: &[EncodedEntry]) -> gather::Gathered {
    let keys = keys();
    let mut opener = Opener::new(&keys);
    let mut gathered = gather::Gathered {
        range: start..start + entries.len() as u64,
        ..gather::Gathered::default()
    };
    for (leaf_index, entry) in (start..).zip(entries) {
        gathered.take(leaf_index, entry.as_bytes(), &mut opener);
    }
    gathered
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Wherever the log is cut into stretches, the index says what the whole list says.
    #[test]
    fn the_index_is_a_function_of_the_log(
        steps in proptest::collection::vec(step(), 1..60),
        cut in 1..20_usize,
    ) {
        let place = Place::new();
        let none = TileStore::new(place.0.path(), 0);
        let mut store = place.store(&none);
        let mut next = 0;
        for stretch in steps.chunks(cut) {
            let entries: Vec<_> = stretch.iter().map(|step| entry_of(*step)).collect();
            store.keep(gathered(next, &entries)).unwrap();
            next += stretch.len() as u64;
        }
        let mut uses: BTreeMap<u8, (u64, bool)> = BTreeMap::new();
        for (leaf_index, step) in (0..).zip(&steps) {
            match step {
                Step::Emergency(n) => drop(uses.insert(*n, (leaf_index, true))),
                Step::Review(n) => if let Some(used) = uses.get_mut(n) { used.1 = false },
                Step::About(_) => {}
            }
        }
        for who in 0..4 {
            let found = store.of_subject(&person(who).value.0, u64::MAX, 100).unwrap();
            let mut expected: Vec<u64> = (0..).zip(&steps)
                .filter(|(_, step)| matches!(step, Step::About(about) if *about == who))
                .map(|(leaf_index, _)| leaf_index)
                .collect();
            expected.reverse();
            prop_assert_eq!(places(&found), expected);
        }
        for (n, (_, open)) in &uses {
            let state = if *open { UseState::Open } else { UseState::Reviewed };
            let found = store.emergency_use(&format!("qry_{n}")).unwrap();
            prop_assert_eq!(found.map(|(_, state)| state), Some(state));
        }
    }
}

#[tokio::test]
async fn an_index_that_is_forgotten_is_made_anew_from_what_the_log_still_tells() {
    let place = Place::new();
    let log = place.log("log");
    let index = place.follow(&log);
    let records = (0..300).map(|n: u16| Record::Refusal(access(person(u8::from(n % 2 == 1)), "q")));
    append(&log, records).await;
    let entries = opened(&log.tiles());
    let wanted = Filter {
        agency: Some("ward-ba-dinh".to_owned()),
        ..Filter::default()
    };
    let reader = index.reader(300).await.unwrap();
    let found = reader.search(&entries, &wanted, u64::MAX, 1_000).unwrap();
    assert_eq!(found.places.len(), 300);
    drop(index);

    let keys = Arc::new(DetailKeys::kept_nowhere([3; 32]));
    // Keys that know the month, and then of one person no more.
    keys.prepare("2026-11".parse().unwrap()).unwrap();
    let follower = Arc::clone(&log) as Arc<dyn AccessLog>;
    let index = Index::follow(
        &place.index(),
        follower,
        Arc::clone(&keys),
        index_key(),
        ORIGIN.to_owned(),
    )
    .unwrap();
    index.reader(300).await.unwrap();
    keys.erase(&[person(1)]).unwrap();
    index.forget();
    let reader = index.reader(300).await.unwrap();
    let found = reader.search(&entries, &wanted, u64::MAX, 1_000).unwrap();
    assert_eq!(
        found.places.len(),
        150,
        "what is erased is not found by what it said"
    );
    let about = Filter {
        subjects: vec![person(1)],
        kinds: vec!["refusal"],
        ..Filter::default()
    };
    let found = reader.search(&entries, &about, u64::MAX, 1_000).unwrap();
    assert_eq!(
        found.places.len(),
        150,
        "that something happened is still found"
    );
}
