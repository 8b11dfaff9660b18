//! Damage and tampering in any file: the verifier notices, and so does a node, at its start or in
//! the scrub that follows it, before anything is signed.
//!
//! A start reads the checkpoints, the key, the right edge of the tree and what is not published yet.
//! Everything else is read by the scrub.
//!
//! `cargo nextest run -p motlan-access-log --run-ignored only ten_thousand` flips ten thousand bits
//! under each.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use motlan_access_log::files::DiskFiles;
use motlan_access_log::log::{AccessLog, Failure, Options, TileLog};
use motlan_access_log::merkle::hash_leaf;
use motlan_access_log::tile;
use motlan_access_log::verify::verify_dir;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

#[path = "powercut/chance.rs"]
#[expect(dead_code, reason = "each test uses its part")]
mod chance;
#[expect(dead_code, reason = "each test uses its part")]
mod common;

use chance::Chance;
use common::{directory, entry, log_directory, second_checkpoint};

/// Flips that the verifier is given, and those that a node is started over.
const FLIPS: usize = 1_000;
const FLIPS_UNDER_A_NODE: usize = 400;
/// Both, at night.
const FLIPS_AT_NIGHT: usize = 10_000;
/// The scrub of a small log takes milliseconds.
const NOTICED_WITHIN: Duration = Duration::from_secs(20);

/// A log that is closed, with a copy of all its files.
struct Kept {
    root: TempDir,
    files: BTreeMap<PathBuf, Vec<u8>>,
    runtime: Runtime,
}

impl Kept {
    fn new() -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_time()
            .build()
            .unwrap();
        let root = directory();
        let mut next = 0;
        // Several publications, so that older partial tiles are there too.
        for count in [100, 80, 250, 150] {
            let log = TileLog::open(options(root.path(), None)).unwrap();
            for _ in 0..5 {
                let entries = (next..next + count / 5).map(entry).collect();
                runtime.block_on(log.append(entries)).unwrap();
                next += count / 5;
            }
            log.shutdown().unwrap();
        }
        let files = files(root.path());
        Self {
            root,
            files,
            runtime,
        }
    }

    /// The files that a flip can be in; the lock holds nothing.
    fn targets(&self) -> Vec<(&PathBuf, &Vec<u8>)> {
        let holds =
            |(path, bytes): &(&PathBuf, &Vec<u8>)| !path.ends_with("lock") && !bytes.is_empty();
        self.files.iter().filter(holds).collect()
    }

    fn restore(&self) {
        for directory in ["data", "elsewhere"] {
            fs::remove_dir_all(self.root.path().join(directory)).unwrap();
        }
        for (path, bytes) in &self.files {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }

    fn verifies(&self) -> bool {
        verify_dir(&log_directory(self.root.path()), None, &mut |_, _| {}).is_ok()
    }

    /// Starts a node over the files as they are now: it must refuse to start, or stop by itself, and
    /// sign nothing. Tells whether it was the start that noticed.
    fn is_noticed_by_a_node(&self, what: &str) -> bool {
        let checkpoints = || {
            let published = log_directory(self.root.path()).join("checkpoint");
            let second = second_checkpoint(self.root.path());
            (fs::read(published).ok(), fs::read(second).ok())
        };
        let before = checkpoints();
        let scrub = Some(Duration::from_secs(3600));
        let at_start = match TileLog::open(options(self.root.path(), scrub)) {
            Err(_) => true,
            Ok(log) => {
                let failed = async { tokio::time::timeout(NOTICED_WITHIN, log.failed()).await };
                let failure = self.runtime.block_on(failed);
                assert!(
                    matches!(failure, Ok(Failure::Damaged { .. })),
                    "{what}: {failure:?}"
                );
                assert!(log.shutdown().is_err(), "{what}");
                false
            }
        };
        assert!(before == checkpoints(), "{what}: something was signed");
        at_start
    }
}

fn options(root: &Path, scrub_interval: Option<Duration>) -> Options {
    Options {
        // One publication for each life of the log that writes.
        publish_interval: Duration::from_secs(3600),
        scrub_interval,
        segment_bytes_max: 20_000,
        ..common::options(root, Arc::new(DiskFiles))
    }
}

fn files(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut directories = vec![root.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else {
                files.insert(path.clone(), fs::read(path).unwrap());
            }
        }
    }
    files
}

/// Flips a random bit in a random file: every file has the same chance, for most bytes are entries.
fn flip(targets: &[(&PathBuf, &Vec<u8>)], chance: &mut Chance) -> (PathBuf, String) {
    let (path, bytes) = targets[chance.below(targets.len())];
    let bit = chance.below(bytes.len() * 8);
    let mut flipped = bytes.clone();
    flipped[bit / 8] ^= 1 << (bit % 8);
    fs::write(path, flipped).unwrap();
    (path.clone(), format!("bit {bit} of {}", path.display()))
}

#[test]
fn the_verifier_notices_every_flipped_bit() {
    flips_under_the_verifier(FLIPS);
}

#[test]
#[ignore = "takes minutes; for the night"]
fn the_verifier_notices_every_one_of_ten_thousand_flipped_bits() {
    flips_under_the_verifier(FLIPS_AT_NIGHT);
}

fn flips_under_the_verifier(flips: usize) {
    let kept = Kept::new();
    assert!(kept.verifies());
    let mut targets = kept.targets();
    // It is kept elsewhere, and is no part of what is verified.
    targets.retain(|(path, _)| !path.starts_with(kept.root.path().join("elsewhere")));
    let mut chance = Chance::seeded(5);
    for _ in 0..flips {
        let (path, what) = flip(&targets, &mut chance);
        assert!(!kept.verifies(), "{what}");
        fs::write(&path, &kept.files[&path]).unwrap();
    }
    assert!(kept.verifies());
}

#[test]
fn a_node_notices_every_flipped_bit_before_it_signs_anything() {
    flips_under_a_node(FLIPS_UNDER_A_NODE);
}

#[test]
#[ignore = "takes minutes; for the night"]
fn a_node_notices_every_one_of_ten_thousand_flipped_bits() {
    flips_under_a_node(FLIPS_AT_NIGHT);
}

fn flips_under_a_node(flips: usize) {
    let kept = Kept::new();
    let targets = kept.targets();
    let mut chance = Chance::seeded(6);
    let mut at_start = 0;
    for _ in 0..flips {
        let (_, what) = flip(&targets, &mut chance);
        at_start += usize::from(kept.is_noticed_by_a_node(&what));
        kept.restore();
    }
    println!("{at_start} of {flips} noticed by the start, the rest by the scrub");
    assert!(at_start > 0 && at_start < flips);
}

/// The bytes of a tile or bundle, to be changed.
struct Edit<'a>(&'a Kept);

impl Edit<'_> {
    fn path(&self, name: &str) -> PathBuf {
        log_directory(self.0.root.path()).join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    fn swap(&self, one: &str, other: &str) {
        let (first, second) = (self.read(one), self.read(other));
        self.write(one, &second);
        self.write(other, &first);
    }

    /// Changes the entries of the first bundle, and the tile of their hashes with them.
    fn entries(&self, change: impl FnOnce(&mut Vec<Vec<u8>>)) {
        let bundle = self.read("tile/entries/000");
        let mut entries: Vec<Vec<u8>> = tile::entries(&bundle)
            .map(|entry| entry.unwrap().to_vec())
            .collect();
        change(&mut entries);
        let (mut bundle, mut hashes) = (Vec::new(), Vec::new());
        for entry in entries {
            bundle.extend(u16::try_from(entry.len()).unwrap().to_be_bytes());
            bundle.extend(&entry);
            hashes.extend(hash_leaf(&entry));
        }
        self.write("tile/entries/000", &bundle);
        self.write("tile/0/000", &hashes);
    }
}

#[test]
fn tampering_is_noticed_by_the_verifier_and_by_a_node() {
    let kept = Kept::new();
    let edit = Edit(&kept);
    let (bundles, tiles) = (
        ["tile/entries/000", "tile/entries/001"],
        ["tile/0/000", "tile/0/001"],
    );
    let tampering: [(&str, &dyn Fn()); 9] = [
        ("a bundle is deleted", &|| {
            fs::remove_file(edit.path(bundles[0])).unwrap();
        }),
        ("a tile is deleted", &|| {
            fs::remove_file(edit.path(tiles[0])).unwrap();
        }),
        ("two bundles are swapped", &|| {
            edit.swap(bundles[0], bundles[1])
        }),
        ("two bundles and their tiles are swapped", &|| {
            edit.swap(bundles[0], bundles[1]);
            edit.swap(tiles[0], tiles[1]);
        }),
        ("a bundle is there twice", &|| {
            edit.write(bundles[1], &edit.read(bundles[0]));
            edit.write(tiles[1], &edit.read(tiles[0]));
        }),
        ("two entries are swapped", &|| {
            edit.entries(|entries| entries.swap(3, 200));
        }),
        ("an entry is there twice", &|| {
            edit.entries(|entries| entries[4] = entries[3].clone());
        }),
        ("an entry is deleted, and another fills its place", &|| {
            edit.entries(|entries| {
                entries.remove(7);
                entries.push(entry(9_999).as_bytes().to_vec());
            });
        }),
        ("an entry is edited", &|| {
            edit.entries(|entries| entries[5] = entry(1_005).as_bytes().to_vec());
        }),
    ];
    for (what, tamper) in tampering {
        tamper();
        assert!(!kept.verifies(), "{what}");
        kept.is_noticed_by_a_node(what);
        kept.restore();
    }
    assert!(kept.verifies());
}

#[test]
fn the_scrub_comes_round_tells_its_progress_and_clears_away_what_a_crash_left() {
    let kept = Kept::new();
    let log_directory = log_directory(kept.root.path());
    let partials = log_directory.join("tile/0/000.p");
    let empty = log_directory.join("tile/entries/000.p");
    fs::create_dir_all(&partials).unwrap();
    fs::write(
        partials.join("3"),
        &fs::read(log_directory.join("tile/0/000")).unwrap()[..96],
    )
    .unwrap();
    fs::create_dir_all(&empty).unwrap();
    // Pruned by policy, which is no damage.
    fs::write(log_directory.join("pruned"), "pruned 256\n").unwrap();
    fs::remove_file(log_directory.join("tile/entries/000")).unwrap();
    let scrub = Some(Duration::from_millis(1));
    let log = TileLog::open(options(kept.root.path(), scrub)).unwrap();
    while log.condition().scrub.passes < 2 {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(log.condition().scrub.tree_size, 580);
    assert!(!partials.exists() && !empty.exists());
    assert!(log_directory.join("tile/0/002.p").exists());
    // A bit that flips while the log runs is found in the next pass.
    fs::write(log_directory.join("tile/0/001"), [0; 8192]).unwrap();
    let failure = kept.runtime.block_on(log.failed());
    assert!(matches!(failure, Failure::Damaged { .. }), "{failure}");
    assert!(failure.to_string().contains("tile/0/001"), "{failure}");
}
