//! What the tests of the whole log have in common: a log's places, its entries, and the check of
//! what a log holds against what was acknowledged.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use motlan_access_log::entry::record::{Bytes32, NodeStart};
use motlan_access_log::entry::{EncodedEntry, Entry, Record};
use motlan_access_log::files::Files;
use motlan_access_log::log::{Appended, Options, TileLog};
use motlan_access_log::merkle::hash_leaf;
use motlan_access_log::note::Signer;
use motlan_access_log::reserve::Reserve;
use tempfile::TempDir;

/// A directory in memory where there is some: power cuts and faults are made by the tests, so the
/// disk need not be real.
pub(crate) fn directory() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}

/// Where the log lives below a test's directory.
pub(crate) fn log_directory(root: &Path) -> PathBuf {
    root.join("data/log")
}

/// Where the second checkpoint lives.
pub(crate) fn second_checkpoint(root: &Path) -> PathBuf {
    root.join("elsewhere/kept/checkpoint")
}

/// A log with small segments that publishes often.
pub(crate) fn options(root: &Path, files: Arc<dyn Files>) -> Options {
    let signer = Signer::from_seed("example.vn/log", &[7; 32]).unwrap();
    let options = Options::new(log_directory(root), second_checkpoint(root), signer);
    Options {
        files,
        publish_interval: Duration::from_millis(1),
        scrub_interval: None,
        reserve: Reserve {
            ballast_bytes: Some(0),
            ..Reserve::default()
        },
        segment_bytes_max: 6_000,
        ..options
    }
}

/// An entry that says nothing but its number.
pub(crate) fn entry(number: u64) -> EncodedEntry {
    let mut nonce = [0; 32];
    nonce[..8].copy_from_slice(&number.to_be_bytes());
    let record = NodeStart {
        cut_bytes: number,
        mappings: Vec::new(),
        software: "test".to_owned(),
    };
    let time = "2026-11-21T08:00:00Z".to_owned();
    Entry {
        time,
        nonce: Bytes32(nonce),
        record: Record::NodeStart(record),
    }
    .encode()
    .unwrap()
}

/// Every published entry must be what was acknowledged in its place; all must be published.
pub(crate) fn holds(log: &TileLog, acknowledged: &[Appended]) {
    use motlan_access_log::log::AccessLog;
    let tiles = log.tiles();
    let mut bundle = (u64::MAX, Vec::new());
    for appended in acknowledged {
        let leaf_index = appended.leaf_index.0;
        assert!(leaf_index < tiles.tree_size(), "entry {leaf_index} is lost");
        if bundle.0 != leaf_index / 256 {
            let bytes = tiles.bundle(leaf_index / 256).unwrap();
            let hashes = motlan_access_log::tile::entries(&bytes)
                .map(|entry| hash_leaf(entry.unwrap()))
                .collect();
            bundle = (leaf_index / 256, hashes);
        }
        let place = usize::try_from(leaf_index % 256).unwrap();
        assert_eq!(bundle.1[place], appended.leaf_hash, "entry {leaf_index}");
    }
}
