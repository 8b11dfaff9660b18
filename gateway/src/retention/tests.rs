//! What is too old goes, what is needed stays, and every proof still holds.

use super::*;
use crate::{
    index::{Entries, read},
    random::SystemRandomness,
};
use motlan_access_log::{
    details::{DetailKeys, DetailsError},
    entry::{
        Entry, Record,
        record::{Bytes32, Consent, ConsentChange, Hidden, Look, Mention},
    },
    log::{AccessLog, LeafIndex, Options, TileLog},
    merkle::{hash_leaf, verify_inclusion},
    note::Signer,
    pruning,
    pseudonym::{Pseudonym, Pseudonymiser, SubjectKind},
    receipt::InclusionProof,
    store::ReadError,
    verify::verify_dir,
};
use std::path::Path;
use tempfile::TempDir;

const ORIGIN: &str = "example.vn/log";
const NOW: &str = "2026-11-21T08:00:00Z";
const OLD: &str = "2010-03-05T08:00:00Z";

struct House {
    home: TempDir,
    log: TileLog,
    details: Arc<DetailKeys>,
}

fn person() -> Pseudonym {
    Pseudonymiser::new(1, &[1; 32]).pseudonym(SubjectKind::Person, "001185012345")
}

fn look() -> Record {
    Record::Look(Look {
        client: "dpo-console".to_owned(),
        filters: Vec::new(),
        reader: "data_protection_officer".into(),
        shown: 1,
        subject: Some(person()),
    })
}

fn consent(state: &'static str, until: &str) -> Record {
    Record::ConsentChange(ConsentChange {
        acting: None,
        change: state.into(),
        client: "citizen-portal".to_owned(),
        consent: Consent {
            agency: "ward-ba-dinh".to_owned(),
            attributes: Vec::new(),
            from: OLD.to_owned(),
            given_at: OLD.to_owned(),
            giver: None,
            id: "cns_1".to_owned(),
            purposes: Vec::new(),
            request: None,
            state: state.into(),
            state_since: OLD.to_owned(),
            until: until.to_owned(),
            uses: "repeated".into(),
        },
        holder: Bytes32([4; 32]),
        query_id: None,
        subject: person(),
    })
}

fn hidden_mention(until: &str) -> Record {
    Record::Mention(Mention {
        agency: "ward-ba-dinh".to_owned(),
        attributes: Vec::new(),
        basis: None,
        client: "one-stop".to_owned(),
        hidden: Some(Hidden {
            ground: "Criminal Procedure Code, Article 168".to_owned(),
            order: "12/LĐ".to_owned(),
            until: until.to_owned(),
        }),
        officer: None,
        policy_version: "v1".to_owned(),
        purpose: "investigation".to_owned(),
        query_id: "qry_1".to_owned(),
        subject: person(),
        trace_id: None,
    })
}

fn options(home: &Path) -> Options {
    let signer = Signer::from_seed(ORIGIN, &[7; 32]).unwrap();
    let second = home.join("second/checkpoint");
    Options {
        publish_interval: Duration::from_millis(5),
        ..Options::new(home.join("log"), second, signer)
    }
}

impl House {
    /// A log of these records, in their order.
    async fn of(records: Vec<(&str, Record)>) -> Self {
        let home = tempfile::tempdir().unwrap();
        let details = DetailKeys::open(&home.path().join("keys"), || [3; 32]).unwrap();
        let log = TileLog::open(options(home.path())).unwrap();
        let total = records.len() as u64;
        let sealed = records.into_iter().map(|(time, record)| {
            let entry = Entry {
                time: time.to_owned(),
                nonce: Bytes32([6; 32]),
                record,
            };
            details.seal(&entry).unwrap()
        });
        log.append(sealed.collect()).await.unwrap();
        log.published(total).await.unwrap();
        Self {
            home,
            log,
            details: Arc::new(details),
        }
    }

    /// 600 old entries and 300 of today, one of the old ones another.
    async fn with(place: usize, record: Record) -> Self {
        let mut records = vec![(OLD, look()); 600];
        records.extend(vec![(NOW, look()); 300]);
        records[place].1 = record;
        Self::of(records).await
    }

    fn directory(&self) -> PathBuf {
        self.home.path().join("log")
    }

    fn pruner(&self) -> Pruner {
        Pruner {
            policy: RetentionPolicy::default(),
            directory: self.directory(),
            entries: Entries {
                tiles: self.log.tiles(),
                details: Arc::clone(&self.details),
            },
            now: NOW.parse().unwrap(),
        }
    }

    async fn prune(&self) -> Pruned {
        let random = SystemRandomness::default();
        self.pruner().run(&self.log, &random).await.unwrap()
    }

    /// What the log says of prunings: `before` of each.
    fn announced(&self) -> Vec<u64> {
        let mut announced = Vec::new();
        read(&self.log.tiles(), 0..u64::MAX, |_, bytes| {
            if let Ok(Record::Pruning(pruning)) = self.details.read(bytes).map(|e| e.record) {
                announced.push(pruning.before);
            }
            Ok(())
        })
        .unwrap();
        announced
    }
}

#[tokio::test]
async fn old_bundles_go_and_every_proof_still_holds() {
    let house = House::with(0, look()).await;
    let gone = house.log.tiles().entry(10).unwrap();
    let plan = house.pruner().plan().unwrap();
    assert_eq!((plan.first, plan.first_after, plan.needed), (0, 512, None));
    let months: Vec<_> = plan.months.iter().map(ToString::to_string).collect();
    assert_eq!(months, ["2010-03"]);

    let pruned = house.prune().await;
    assert_eq!((pruned.months, pruned.first), (1, 512));
    assert!(pruned.bundles >= 2);
    assert_eq!(house.announced(), [512]);
    let tiles = house.log.tiles();
    assert_eq!(tiles.first().unwrap(), 512);
    assert!(matches!(
        tiles.entry(511),
        Err(ReadError::Pruned { first: 512 })
    ));
    assert!(tiles.entry(512).is_ok());

    // The hash of what is gone is still under the checkpoint.
    let proof = InclusionProof::build(&house.log, LeafIndex(10)).unwrap();
    let signed = &house.log.checkpoint().checkpoint;
    let (size, root) = (signed.tree_size, signed.root);
    verify_inclusion(&hash_leaf(&gone), 10, size, &root, &proof.hashes).unwrap();
    assert!(tiles.consistency_proof(100, size).is_ok());
    assert_eq!(tiles.root(size).unwrap(), root);

    // An outsider finds it valid, and knows that it is shorter.
    house.log.shutdown().unwrap();
    let verifier = house.log.verifier();
    let report = verify_dir(&house.directory(), Some(verifier), &mut |_, _| {}).unwrap();
    assert_eq!(report.pruned, 512);

    // Who reads from the beginning begins at what is kept.
    let mut first = None;
    read(&tiles, 0..u64::MAX, |place, _| {
        first.get_or_insert(place);
        Ok(())
    })
    .unwrap();
    assert_eq!(first, Some(512));
    // Of the old entries that are left, the details are gone.
    let left = house.details.read(&tiles.entry(520).unwrap());
    assert!(matches!(left, Err(DetailsError::Erased)));
    assert!(house.details.read(&tiles.entry(700).unwrap()).is_ok());
}

#[tokio::test]
async fn a_pruned_log_opens_again_and_goes_on() {
    let house = House::with(0, look()).await;
    house.prune().await;
    house.log.shutdown().unwrap();
    let size = house.log.tree_size();
    drop(house.log);
    let log = TileLog::open(options(house.home.path())).unwrap();
    assert_eq!(log.tree_size(), size);
    assert_eq!(log.tiles().first().unwrap(), 512);
}

#[tokio::test]
async fn a_second_run_finds_nothing_to_do() {
    let house = House::with(0, look()).await;
    house.prune().await;
    assert!(house.prune().await.is_nothing());
    assert_eq!(house.announced(), [512]);
}

#[tokio::test]
async fn what_something_in_force_rests_on_stays() {
    let later = "2036-01-01T00:00:00Z";
    let earlier = "2020-01-01T00:00:00Z";
    for (place, record, first) in [
        (300, consent("given", later), 256),
        (300, consent("given", earlier), 512),
        (300, consent("withdrawn", later), 512),
        (20, hidden_mention(later), 0),
        (20, hidden_mention(earlier), 512),
    ] {
        let house = House::with(place, record).await;
        let needed = (first < 512).then_some(place as u64);
        let plan = house.pruner().plan().unwrap();
        assert_eq!((plan.first_after, plan.needed), (first, needed));
        // Its details stay readable too.
        assert_eq!(plan.months.is_empty(), needed.is_some());
    }
}

#[tokio::test]
async fn a_run_that_was_cut_short_is_finished_by_the_next() {
    // After the entry.
    let house = House::with(0, look()).await;
    let plan = house.pruner().plan().unwrap();
    let random = SystemRandomness::default();
    let announcing = house.pruner();
    announcing
        .announce(&plan, &house.log, &random)
        .await
        .unwrap();
    house.prune().await;
    assert_eq!(house.log.tiles().first().unwrap(), 512);
    assert_eq!(house.announced().last(), Some(&512));

    // After the mark.
    let house = House::with(0, look()).await;
    let plan = house.pruner().plan().unwrap();
    let announcing = house.pruner();
    announcing
        .announce(&plan, &house.log, &random)
        .await
        .unwrap();
    pruning::write_mark(&house.directory(), 512).unwrap();
    let pruned = house.prune().await;
    assert!(pruned.bundles >= 2);
    assert!(!house.directory().join("tile/entries/000").exists());
}

#[tokio::test]
async fn a_young_log_is_left_alone() {
    let house = House::of(vec![(NOW, look()); 700]).await;
    assert!(house.pruner().plan().unwrap().is_nothing());
    assert!(house.prune().await.is_nothing());
    assert_eq!(house.log.tree_size(), 700);
}

#[test]
fn months_are_counted_on_the_calendar() {
    let policy = RetentionPolicy {
        entries_months: 120,
        details_months: 6,
    };
    let now: Timestamp = "2026-08-31T23:00:00Z".parse().unwrap();
    assert_eq!(policy.details_from(now).unwrap().to_string(), "2026-02");
    assert_eq!(policy.entries_from(now).unwrap().to_string(), "2016-08");
}

#[test]
fn details_never_outlive_their_entries_and_neither_is_gone_at_once() {
    assert_eq!(RetentionPolicy::default().check(), Ok(()));
    for (entries_months, details_months) in [(60, 120), (5, 5), (120, 0)] {
        let policy = RetentionPolicy {
            entries_months,
            details_months,
        };
        assert!(policy.check().is_err());
    }
}
