//! How fast the index is made and searched, told rather than judged:
//! `cargo test --release -p motlan-gateway --lib index::measurement -- --ignored --nocapture`.
//! `MOTLAN_MEASURED_ENTRIES` in the environment makes it shorter.

use super::*;
use motlan_access_log::{
    entry::{
        Entry, Record,
        record::{Access, AssertedBy, Basis, Bytes32, Officer, Outcome},
    },
    merkle::sha256,
    tile::{TILE_WIDTH, TileKind, TilePath},
};
use std::{collections::BTreeMap, fs, time::Instant};

/// Entries that are made; the log repeats them.
const MADE: u64 = 1_048_576;
const ALL: u64 = 10_000_000;

/// How many entries the log has: whole shelves, at least eight.
fn all() -> u64 {
    let wanted = std::env::var_os("MOTLAN_MEASURED_ENTRIES");
    let wanted = wanted.and_then(|text| text.to_str()?.parse().ok());
    wanted.map_or(ALL, |all: u64| all.next_multiple_of(SHELF).max(8 * SHELF))
}

fn pseudonym(n: u64) -> Pseudonym {
    Pseudonym {
        epoch: 1,
        value: Bytes32(sha256(&n.to_be_bytes())),
    }
}

/// An ordinary answer: 400,000 people, 100 agencies, 5,000 officers, a case for every five answers.
fn entry(n: u64) -> Entry {
    let scattered = sha256(&n.to_le_bytes());
    let number = u64::from_be_bytes(*scattered.first_chunk().unwrap());
    let agency = number % 100;
    let officer = agency * 50 + number / 100 % 50;
    let outcome = Outcome {
        age_seconds: Some(0),
        as_of: Some("2026-11-21T08:00:00.000Z".to_owned()),
        registry: Some("population".to_owned()),
        served_from: Some("registry".into()),
        status: "ok".into(),
        ..Outcome::default()
    };
    let time = Timestamp::from_millisecond(1_795_000_000_000 + n as i64 * 20).unwrap();
    let access = Access {
        acting: None,
        agency: format!("agency-{agency}"),
        answer_digest: Some(Bytes32(scattered)),
        attributes: ["full_name", "sex", "birth_date"]
            .map(|name| format!("population.identity.{name}"))
            .to_vec(),
        basis: Some(Basis::Law {
            reference: "Law on Residence 2020, Article 21".to_owned(),
        }),
        case: Some(format!("H01.12-{}", n / 5)),
        check: None,
        client: format!("client-{agency}"),
        closeness: Vec::new(),
        datasets: BTreeMap::from([("population.identity".to_owned(), vec![outcome])]),
        denied: Vec::new(),
        emergency: None,
        emergency_reason: None,
        hidden: None,
        officer: Some(Officer {
            asserted_by: AssertedBy::Token,
            id: format!("cb-{officer}"),
        }),
        policy_version: "sha256:0011223344556677".to_owned(),
        purpose: format!("purpose-{}", number / 7 % 200),
        query_id: format!("qry_{number:032x}"),
        subject: pseudonym(number % 400_000),
        trace_id: Some("4bf92f3577b34da6a3ce929d0e0e4736".to_owned()),
        unobtained: Vec::new(),
        zone: None,
    };
    Entry {
        time: motlan_schemas::clock::wire_time(time),
        nonce: Bytes32(scattered),
        record: Record::Disclosure(access),
    }
}

fn write_log(directory: &Path, keys: &DetailKeys, all: u64) {
    let width = u64::from(TILE_WIDTH);
    let path = |index| {
        let path = TilePath {
            kind: TileKind::Entries,
            index,
            width: TILE_WIDTH,
        };
        directory.join(path.to_string())
    };
    for index in 0..all.div_ceil(width) {
        let file = path(index);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        if index >= MADE / width {
            fs::hard_link(path(index % (MADE / width)), file).unwrap();
            continue;
        }
        let mut bundle = Vec::new();
        for n in index * width..(index + 1) * width {
            let sealed = keys.seal(&entry(n)).unwrap();
            let length = u16::try_from(sealed.as_bytes().len()).unwrap();
            bundle.extend_from_slice(&length.to_be_bytes());
            bundle.extend_from_slice(sealed.as_bytes());
        }
        fs::write(file, bundle).unwrap();
    }
}

/// How long this thread has run.
fn thread_seconds() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let nanoseconds: u64 = text.split_whitespace().next().unwrap().parse().unwrap();
    nanoseconds as f64 / 1e9
}

#[test]
#[ignore = "a measurement, which takes some minutes"]
fn ten_million_entries() {
    let directory = tempfile::tempdir().unwrap();
    let keys = Arc::new(DetailKeys::kept_nowhere([3; 32]));
    let all = all();
    let before = thread_seconds();
    write_log(directory.path(), &keys, all);
    let sealed = (thread_seconds() - before) / all.min(MADE) as f64 * 1e6;
    println!("an entry takes {sealed:.1} µs to make and seal");
    let tiles = TileStore::new(directory.path(), all / 256 * 256);
    let started = Instant::now();
    let gathered = gather(&tiles, &keys, 0..SHELF).unwrap();
    println!("a shelf gathered in {:.1?}", started.elapsed());
    drop(gathered);
    // What a thread does by itself, apart from what else runs on the machine.
    let before = thread_seconds();
    let (gathered, part) = (2 * SHELF, 4_096);
    for place in 0..gathered / part {
        gather(&tiles, &keys, place * part..(place + 1) * part).unwrap();
    }
    let gathered = (thread_seconds() - before) / gathered as f64 * 1e6;
    let beside = directory.path().join("beside");
    let none = TileStore::new(directory.path(), 0);
    let mut store = Store::open(&beside, &IndexKey::new(&[5; 32]), "log", &none).unwrap();
    let mut kept = 0.0;
    for shelf in 0..8 {
        let stretch = gather(&tiles, &keys, shelf * SHELF..(shelf + 1) * SHELF).unwrap();
        let before = thread_seconds();
        store.keep(stretch).unwrap();
        kept += (thread_seconds() - before) / SHELF as f64 / 8.0 * 1e6;
    }
    println!("an entry takes {gathered:.1} µs to open and {kept:.1} µs to keep");

    let entries = Entries {
        tiles: tiles.clone(),
        details: keys,
    };
    let key = IndexKey::new(&[5; 32]);
    let (started, mut last) = (Instant::now(), Instant::now());
    let index = directory.path().join("index");
    let end = rebuild(&index, &key, "log", &entries, &mut |done, _| {
        if done % 1_048_576 == 0 {
            println!(
                "{done}: {:.0}/s",
                1_048_576.0 / last.elapsed().as_secs_f64()
            );
            last = Instant::now();
        }
    })
    .unwrap();
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{end} entries indexed, {:.0} a second",
        end as f64 / seconds
    );

    let reader = Reader(Store::open(&index, &key, "log", &tiles).unwrap());
    let some = |value: &str| Some(value.to_owned());
    let person = Filter {
        subjects: vec![pseudonym(77_777)],
        ..Filter::default()
    };
    let agency = Filter {
        agency: some("agency-7"),
        purpose: some("purpose-77"),
        from: "2026-11-18T10:00:00Z".parse().ok(),
        until: "2026-11-18T12:00:00Z".parse().ok(),
        ..Filter::default()
    };
    let case = Filter {
        case: some("H01.12-7777"),
        ..Filter::default()
    };
    let nothing = Filter {
        agency: some("agency-7"),
        client: some("client-8"),
        ..Filter::default()
    };
    let first = entry(0).time;
    for (name, filter) in [
        ("person", person),
        ("agency", agency),
        ("case", case),
        ("nothing", nothing),
    ] {
        for round in ["first", "again"] {
            let started = Instant::now();
            let found = reader.search(&entries, &filter, u64::MAX, 100).unwrap();
            let (took, found) = (started.elapsed(), found.places.len());
            println!("{name}, {round}: {found} in {took:.1?} (log begins {first})");
        }
    }
    let started = Instant::now();
    let found = reader
        .of_subject(&[pseudonym(77_777)], u64::MAX, 1_000)
        .unwrap();
    println!(
        "a person's drawer: {} in {:.1?}",
        found.len(),
        started.elapsed()
    );
}
