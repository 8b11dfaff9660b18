//! A log of a million entries: how long it takes to verify it from its files, to start with it, to
//! scrub it, and to prove one entry. The design asks for 60 s, 1 s, and growth with the logarithm.
//!
//! `cargo bench -p motlan-access-log --bench million`

#![expect(clippy::unwrap_used, reason = "a bench has nobody to report to")]

use std::sync::LazyLock;
use std::time::Duration;

use divan::Bencher;
use divan::counter::ItemsCount;
use motlan_access_log::details::DetailKeys;
use motlan_access_log::details::parts::Opener;
use motlan_access_log::entry::record::{Access, AssertedBy, Basis, Bytes32, Officer, Outcome};
use motlan_access_log::entry::{EncodedEntry, Entry, Record};
use motlan_access_log::log::{AccessLog, LeafIndex, Options, TileLog};
use motlan_access_log::merkle::sha256;
use motlan_access_log::note::Signer;
use motlan_access_log::pseudonym::{Pseudonymiser, SubjectKind};
use motlan_access_log::receipt::InclusionProof;
use motlan_access_log::verify::verify_dir;
use tempfile::TempDir;
use tokio::runtime::Builder;

const ENTRIES: u64 = 1_000_000;
/// Entries appended at once while the log is being filled.
const TOGETHER: u64 = 4_000;

static DIRECTORY: LazyLock<TempDir> = LazyLock::new(filled);
static KEYS: LazyLock<DetailKeys> = LazyLock::new(|| DetailKeys::kept_nowhere([3; 32]));

fn main() {
    divan::main();
}

fn options(directory: &TempDir) -> Options {
    let signer = Signer::from_seed("example.vn/log", &[1; 32]).unwrap();
    let (log, second) = (
        directory.path().join("log"),
        directory.path().join("second"),
    );
    Options {
        append_timeout: Duration::from_secs(60),
        ..Options::new(log, second, signer)
    }
}

fn filled() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let log = TileLog::open(options(&directory)).unwrap();
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    for first in (0..ENTRIES).step_by(usize::try_from(TOGETHER).unwrap()) {
        let entries = (first..first + TOGETHER).map(|number| KEYS.seal(&entry(number)).unwrap());
        runtime
            .block_on(log.append(entries.collect::<Vec<EncodedEntry>>()))
            .unwrap();
    }
    log.shutdown().unwrap();
    directory
}

/// An entry of the usual size.
fn entry(number: u64) -> Entry {
    let outcome = |registry: &str| {
        vec![Outcome {
            as_of: Some("2026-11-21T08:00:00Z".to_owned()),
            registry: Some(registry.to_owned()),
            served_from: Some("registry".into()),
            status: "ok".into(),
            ..Outcome::default()
        }]
    };
    let access = Access {
        acting: None,
        check: None,
        closeness: Vec::new(),
        emergency: None,
        emergency_reason: None,
        hidden: None,
        unobtained: Vec::new(),
        zone: None,
        agency: "hanoi-land-office".to_owned(),
        answer_digest: Some(Bytes32([7; 32])),
        attributes: ["land.parcels.area_m2", "population.identity.full_name"]
            .map(str::to_owned)
            .to_vec(),
        basis: Some(Basis::Law {
            reference: "Law 31/2024/QH15, Article 133".to_owned(),
        }),
        case: Some(format!("H01.12-261121-{number:07}")),
        client: "land-office-desk".to_owned(),
        datasets: [
            ("land.parcels", "land"),
            ("population.identity", "population"),
        ]
        .map(|(dataset, registry)| (dataset.to_owned(), outcome(registry)))
        .into(),
        denied: Vec::new(),
        officer: Some(Officer {
            asserted_by: AssertedBy::Token,
            id: "cb-4711".to_owned(),
        }),
        policy_version: "2026-11-01".to_owned(),
        purpose: "land-transfer".to_owned(),
        query_id: format!("qry_{number:032x}"),
        subject: Pseudonymiser::new(1, &[2; 32]).pseudonym(SubjectKind::Person, "nobody"),
        trace_id: Some(format!("{number:032x}")),
    };
    let mut nonce = [0; 32];
    nonce[..8].copy_from_slice(&number.to_be_bytes());
    Entry {
        time: "2026-11-21T08:00:00Z".to_owned(),
        nonce: Bytes32(nonce),
        record: Record::Disclosure(access),
    }
}

#[divan::bench(sample_count = 1, sample_size = 1)]
fn verify(bencher: Bencher<'_, '_>) {
    let directory = DIRECTORY.path().join("log");
    bencher
        .counter(ItemsCount::new(ENTRIES))
        .bench_local(|| verify_dir(&directory, None, &mut |_, _| {}).unwrap());
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn start(bencher: Bencher<'_, '_>) {
    LazyLock::force(&DIRECTORY);
    bencher.bench_local(|| {
        let log = TileLog::open(options(&DIRECTORY)).unwrap();
        assert_eq!(log.tree_size(), ENTRIES);
    });
}

/// With its rests, of which there are three for each moment of reading.
#[divan::bench(sample_count = 1, sample_size = 1)]
fn scrub(bencher: Bencher<'_, '_>) {
    LazyLock::force(&DIRECTORY);
    bencher.counter(ItemsCount::new(ENTRIES)).bench_local(|| {
        let log = TileLog::open(options(&DIRECTORY)).unwrap();
        while log.condition().scrub.passes == 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(log.condition().scrub.checked, ENTRIES);
    });
}

#[divan::bench(sample_count = 100)]
fn inclusion_proof(bencher: Bencher<'_, '_>) {
    let log = TileLog::open(options(&DIRECTORY)).unwrap();
    let mut index = 0;
    bencher.bench_local(|| {
        index = (index + 7_919) % ENTRIES;
        InclusionProof::build(&log, LeafIndex(index)).unwrap()
    });
}

/// About one person again and again, whose key is then remembered.
#[divan::bench]
fn seal(bencher: Bencher<'_, '_>) {
    let entry = entry(5);
    bencher.bench_local(|| KEYS.seal(&entry).unwrap());
}

/// About another person each time.
#[divan::bench]
fn seal_about_others(bencher: Bencher<'_, '_>) {
    let mut entry = entry(5);
    let mut person = 0;
    bencher.bench_local(|| {
        person += 1;
        set_person(&mut entry, person);
        KEYS.seal(&entry).unwrap()
    });
}

/// As an index does, which takes what it needs of it.
#[divan::bench]
fn open(bencher: Bencher<'_, '_>) {
    let sealed = sealed_about_others();
    let mut opener = Opener::new(&KEYS);
    let mut sealed = sealed.iter().cycle();
    bencher.bench_local(|| {
        let bytes = sealed.next().unwrap().as_bytes();
        opener.open(bytes).unwrap().time.len()
    });
}

/// As a detector does, which needs all of it.
#[divan::bench]
fn read(bencher: Bencher<'_, '_>) {
    let sealed = sealed_about_others();
    let mut sealed = sealed.iter().cycle();
    bencher.bench_local(|| KEYS.read(sealed.next().unwrap().as_bytes()).unwrap());
}

/// Entries about so many people that no key of theirs is remembered.
fn sealed_about_others() -> Vec<EncodedEntry> {
    let about = |person| {
        let mut entry = entry(5);
        set_person(&mut entry, person);
        KEYS.seal(&entry).unwrap()
    };
    (0..100_000).map(about).collect()
}

fn set_person(entry: &mut Entry, person: u64) {
    if let Record::Disclosure(access) = &mut entry.record {
        access.subject.value = Bytes32(sha256(&person.to_be_bytes()));
    }
}
