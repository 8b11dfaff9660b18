//! Faults at every file call of a log, in a real process: the call fails, or writes half, or the
//! process is killed instead of it. Whatever happens, no acknowledgement is false, none follows the
//! first failure, and what is left opens and verifies.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, reason = "a test fails by panicking")]
#![expect(clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use motlan_access_log::files::DiskFiles;
use motlan_access_log::log::{AccessLog, Appended, LeafIndex, Options, TileLog};
use motlan_access_log::verify::verify_dir;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

mod common;
#[path = "../../../integration-tests/src/fault_shim.rs"]
#[expect(unreachable_pub, reason = "the integration tests' crate exports it")]
#[expect(clippy::expect_used, reason = "a test fails by panicking")]
mod fault_shim;

use common::{directory, entry, log_directory};
use fault_shim::Fault;

/// Set for the child: the directory of its log.
const CHILD: &str = "MOTLAN_TEST_LOG";
/// Entries that a log holds before a child appends to it: a few below the border of a tile.
const ENTRIES_BEFORE: u64 = 253;
/// Appends of a child, one after the other: they cross the border and start segments.
const APPENDS: u64 = 5;
/// A log has no more file calls than this in the life of a child.
const CALLS_MAX: u64 = 2_000;

#[test]
fn a_call_that_fails_stops_the_log() {
    every_call(Fault::Eio);
}

#[test]
fn a_sync_that_fails_stops_the_log() {
    every_call(Fault::Sync);
}

#[test]
fn a_full_disk_at_any_call_stops_the_log() {
    every_call(Fault::Enospc);
}

#[test]
fn a_kill_at_any_call_loses_nothing_acknowledged() {
    every_call(Fault::Kill);
}

#[test]
fn a_kill_in_the_middle_of_any_write_loses_nothing_acknowledged() {
    every_call(Fault::Torn);
}

#[test]
fn a_short_write_is_completed() {
    every_call(Fault::Short);
}

/// Lets each call of a child fail in turn, until none is left to fail.
fn every_call(fault: Fault) {
    let shim = fault_shim::build();
    let made = log_before();
    for before in [None, Some(&made)] {
        let mut reached = 0;
        for at in 1..CALLS_MAX {
            let root = before.map_or_else(directory, copy_of);
            if !one_fault(&shim, root.path(), fault, at, before.is_some()) {
                break;
            }
            reached = at;
        }
        println!("{fault:?}: {reached} calls");
        assert!(reached > 10 && reached < CALLS_MAX - 1, "{reached}");
    }
}

/// Runs a child with one fault and looks at what it leaves; `false` when it came to its end first.
fn one_fault(shim: &Path, root: &Path, fault: Fault, at: u64, existed: bool) -> bool {
    let report = root.join("reached");
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args([
            "--ignored",
            "--exact",
            "a_process_that_appends",
            "--nocapture",
        ])
        .env(CHILD, root);
    fault.inject(&mut child, shim, root, at, &report);
    let output = child.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let what = format!("{fault:?} at call {at}, log there before: {existed}\n{said}");
    let reached = report.exists();
    let told = acknowledged(&said, &what);
    let ended = said.lines().any(|line| line == "ended in order");
    if !reached || fault == Fault::Short {
        assert!(ended, "{what}");
        assert_eq!(told.len() as u64, APPENDS, "{what}");
    } else {
        // No call is tried again, and no failure is passed over.
        assert!(!ended, "{what}");
    }
    if existed {
        let report = verify_dir(&log_directory(root), None, &mut |_, _| {});
        assert!(report.is_ok(), "{report:?} {what}");
    }
    let runtime = runtime();
    let log = TileLog::open(child_options(root)).unwrap_or_else(|error| panic!("{error:?} {what}"));
    let before = if existed { ENTRIES_BEFORE } else { 0 };
    let (least, most) = (before + told.len() as u64, before + APPENDS);
    assert!((least..=most).contains(&log.tree_size()), "{what}");
    let more = runtime.block_on(log.append(vec![entry(9)])).unwrap();
    log.shutdown().unwrap();
    common::holds(&log, &told);
    common::holds(&log, &more);
    let verified = verify_dir(&log_directory(root), None, &mut |_, _| {}).unwrap();
    assert_eq!(verified.published, log.tree_size(), "{what}");
    reached
}

/// What the child was told; it was told nothing after a refusal, and a refusal is a failed log.
fn acknowledged(said: &str, what: &str) -> Vec<Appended> {
    let mut told = Vec::new();
    let (mut refused, mut failed) = (false, false);
    for line in said.lines() {
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["acknowledged", index, hash] => {
                assert!(!refused && !failed, "{what}");
                let bytes = (0..64).step_by(2);
                let bytes = bytes.map(|at| u8::from_str_radix(&hash[at..at + 2], 16).unwrap());
                told.push(Appended {
                    leaf_index: LeafIndex(index.parse().unwrap()),
                    leaf_hash: bytes.collect::<Vec<u8>>().try_into().unwrap(),
                });
            }
            ["refused"] => refused = true,
            ["failed"] => failed = true,
            _ => {}
        }
    }
    assert!(!refused || failed, "{what}");
    told
}

/// A log that holds entries.
fn log_before() -> TempDir {
    let root = directory();
    let publish_interval = Duration::from_secs(3600);
    let log = TileLog::open(Options {
        publish_interval,
        ..child_options(root.path())
    })
    .unwrap();
    let entries = (0..ENTRIES_BEFORE).map(entry).collect();
    runtime().block_on(log.append(entries)).unwrap();
    log.shutdown().unwrap();
    root
}

fn copy_of(root: &TempDir) -> TempDir {
    let copy = directory();
    let mut left = vec![PathBuf::new()];
    while let Some(below) = left.pop() {
        for entry in fs::read_dir(root.path().join(&below)).unwrap() {
            let path = below.join(entry.unwrap().file_name());
            let (from, to) = (root.path().join(&path), copy.path().join(&path));
            if from.is_dir() {
                fs::create_dir(&to).unwrap();
                left.push(path);
            } else {
                fs::copy(from, to).unwrap();
            }
        }
    }
    copy
}

fn child_options(root: &Path) -> Options {
    Options {
        // Every append but the first starts a segment.
        segment_bytes_max: 600,
        ..common::options(root, Arc::new(DiskFiles))
    }
}

fn runtime() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()
        .unwrap()
}

/// The process under test. It prints what it is told, and goes on asking after a refusal.
#[test]
#[ignore = "is started by the other tests"]
fn a_process_that_appends() {
    let Some(root) = std::env::var_os(CHILD) else {
        return;
    };
    let log = match TileLog::open(child_options(Path::new(&root))) {
        Ok(log) => log,
        Err(error) => return println!("not opened: {error}"),
    };
    let runtime = runtime();
    for number in 0..APPENDS {
        match runtime.block_on(log.append(vec![entry(1_000 + number)])) {
            Ok(appended) => {
                let hash = appended[0]
                    .leaf_hash
                    .iter()
                    .map(|byte| format!("{byte:02x}"));
                let hash: String = hash.collect();
                println!("acknowledged {} {hash}", appended[0].leaf_index);
                let _failed = runtime.block_on(log.published(log.tree_size()));
            }
            Err(_) => {
                println!("refused");
                runtime.block_on(log.failed());
                println!("failed");
            }
        }
    }
    if log.shutdown().is_ok() {
        println!("ended in order");
    }
}
