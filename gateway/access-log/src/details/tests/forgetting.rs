//! A thousand of ten thousand people forgotten: nothing of them is left in any file, nothing of the
//! others is lost, and the log is the same.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use super::*;
use crate::details::month::label;
use crate::entry::record::Basis;
use crate::log::{AccessLog, Options, TileLog};
use crate::note::Signer;
use crate::tile;
use crate::verify::verify_dir;

const PEOPLE: usize = 10_000;
const ORIGIN: &str = "example.vn/log";

/// The five identifiers of a person that an entry can lead to; the number is never in an entry.
fn identifiers(person: usize) -> [String; 5] {
    [
        format!("0011850{person:05}"),
        format!("case~{person:011}"),
        format!("qry_~{person:011}"),
        format!("cns_~{person:011}"),
        format!("note~{person:011}"),
    ]
}

fn entry_of(person: usize) -> Entry {
    let [number, case, query_id, consent, note] = identifiers(person);
    let mut entry = access_entry();
    let month = 1 + person % 3;
    entry.time = format!("2026-{month:02}-21T08:00:00Z");
    entry.nonce = Bytes32(sha256(number.as_bytes()));
    if let Record::Disclosure(access) = &mut entry.record {
        access.subject = pseudonym(&number);
        access.case = Some(case);
        access.query_id = query_id;
        access.basis = Some(Basis::Consent { reference: consent });
        access.emergency_reason = Some(note);
    }
    entry
}

const fn is_erased(person: usize) -> bool {
    person % 10 == 3
}

/// Every file below a directory.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}

/// The identifiers that stand somewhere in these bytes.
fn found_in(bytes: &[u8], wanted: &HashSet<Vec<u8>>) -> usize {
    let is_wanted = |place: usize, length: usize| {
        let candidate = bytes.get(place..place + length);
        candidate.is_some_and(|candidate| wanted.contains(candidate))
    };
    let is_number = |place: usize| {
        let rest = bytes.get(place..).unwrap_or_default();
        rest.starts_with(b"0011850") && is_wanted(place, 12)
    };
    let found = bytes.iter().enumerate().filter(|(place, byte)| match byte {
        b'~' => place
            .checked_sub(4)
            .is_some_and(|start| is_wanted(start, 16)),
        b'0' => is_number(*place),
        _ => false,
    });
    found.count()
}

/// From the root of a month's tree to the key of a label, by the description alone.
fn path(root: Seed, label: u64) -> Vec<Seed> {
    let digits = (0..32).map(|depth| (label >> (62 - 2 * depth)) & 3);
    let mut seeds = vec![root];
    for digit in digits {
        let seed = seeds.last().unwrap();
        let block = [
            &b"motlan/key-tree/"[..],
            seed,
            &[u8::try_from(digit).unwrap()],
        ]
        .concat();
        seeds.push(sha256(&block));
    }
    seeds
}

#[tokio::test]
async fn a_thousand_of_ten_thousand_people_are_forgotten_and_everything_else_stays() {
    let home = tempfile::tempdir().unwrap();
    let (log_directory, key_directory) = (home.path().join("log"), home.path().join("keys"));
    let keys = DetailKeys::open(&key_directory, || [9; 32]).unwrap();
    let signer = Signer::from_seed(ORIGIN, &[7; 32]).unwrap();
    let verifier = signer.verifier().clone();
    let second = home.path().join("second/checkpoint");
    let options = Options::new(log_directory.clone(), second, signer);
    let log = TileLog::open(options).unwrap();
    for people in (0..PEOPLE).collect::<Vec<_>>().chunks(500) {
        let sealed = people.iter().map(|p| keys.seal(&entry_of(*p)).unwrap());
        log.append(sealed.collect()).await.unwrap();
    }
    let before = log.published(PEOPLE as u64).await.unwrap();

    let erased: Vec<_> = (0..PEOPLE).filter(|p| is_erased(*p)).collect();
    assert_eq!(erased.len(), 1_000);
    let pseudonyms: Vec<_> = erased
        .iter()
        .map(|p| pseudonym(&identifiers(*p)[0]))
        .collect();
    assert_eq!(keys.erase(&pseudonyms).unwrap(), 3, "months");

    // Read again from the files, as after a restart.
    let keys = DetailKeys::open(&key_directory, || [9; 32]).unwrap();
    let tiles = log.tiles();
    for index in 0..(PEOPLE as u64).div_ceil(256) {
        let bundle = tiles.bundle(index).unwrap();
        for (place, bytes) in (usize::try_from(index).unwrap() * 256..).zip(tile::entries(&bundle))
        {
            let read = keys.read(bytes.unwrap());
            match is_erased(place) {
                true => assert!(matches!(read, Err(DetailsError::Erased)), "{place}"),
                false => assert_eq!(read.unwrap(), entry_of(place)),
            }
        }
    }
    log.shutdown().unwrap();
    let report = verify_dir(&log_directory, Some(&verifier), &mut |_, _| {}).unwrap();
    assert!(report.to_string().contains("10,000") || report.to_string().contains("10000"));
    assert_eq!(log.checkpoint().checkpoint.root, before.checkpoint.root);
    no_identifier_is_in_any_file(home.path(), &erased);
    no_key_is_left_in_any_file(home.path(), &erased);
}

fn no_identifier_is_in_any_file(home: &Path, erased: &[usize]) {
    let wanted: HashSet<Vec<u8>> = erased
        .iter()
        .flat_map(|person| identifiers(*person).map(String::into_bytes))
        .collect();
    // The scan finds them where they are.
    let clear = entry_of(3).to_text().unwrap();
    assert_eq!(found_in(&clear, &wanted), 4);
    for file in files(home) {
        let bytes = fs::read(&file).unwrap();
        assert_eq!(found_in(&bytes, &wanted), 0, "{}", file.display());
    }
}

fn no_key_is_left_in_any_file(home: &Path, erased: &[usize]) {
    // Every seed from which the key of somebody erased would follow, and the key.
    let seeds: HashSet<Seed> = erased
        .iter()
        .flat_map(|person| path([9; 32], label(&pseudonym(&identifiers(*person)[0]), 0)))
        .collect();
    assert!(seeds.len() > 20_000);
    let mut nodes = HashMap::new();
    for file in files(&home.join("keys")) {
        let bytes = fs::read(&file).unwrap();
        for window in bytes.windows(32) {
            let seed: &Seed = window.try_into().unwrap();
            assert!(!seeds.contains(seed), "{}", file.display());
        }
        let text = &bytes[b"motlan/details/v1\n".len()..bytes.len() - 32];
        nodes.extend(text.chunks(41).map(|node| (node[9..].to_vec(), node[8])));
    }
    // And tried as somebody would: each node that is left, down the path of a label.
    let label = label(&pseudonym(&identifiers(3)[0]), 0);
    let key = *path([9; 32], label).last().unwrap();
    for (seed, depth) in nodes {
        let below = label.checked_shl(2 * u32::from(depth)).unwrap_or(0);
        let steps = 32 - usize::from(depth);
        let tried = path(seed.try_into().unwrap(), below);
        assert_ne!(tried[steps], key);
    }
}
