//! `kill -9` while several writers append, again and again: every acknowledged entry is there
//! afterwards, nothing is that was not asked for, what was there before is unchanged, and the whole
//! log verifies after each kill.
//!
//! The night's form, 200 kills and half a million entries:
//! `cargo nextest run --release -p motlan-access-log --run-ignored only two_hundred_kills`
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use motlan_access_log::files::DiskFiles;
use motlan_access_log::log::{AccessLog, Appended, LeafIndex, Options, TileLog};
use motlan_access_log::verify::verify_dir;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

#[path = "powercut/chance.rs"]
#[expect(dead_code, reason = "each test uses its part")]
mod chance;
#[expect(dead_code, reason = "each test uses its part")]
mod common;

use chance::Chance;
use common::{entry, log_directory};

/// Set for the child: the directory of its log.
const CHILD: &str = "MOTLAN_TEST_KILLED_LOG";
/// Writers of a child, and entries of one append at most.
const WRITERS: u64 = 4;
const TOGETHER_MAX: u64 = 16;

/// How often, and how long a log is used before a new one is begun.
struct Plan {
    kills: usize,
    kills_per_log: usize,
    /// A kill comes after this many acknowledged entries, and up to as many more.
    entries_before_a_kill: usize,
}

#[test]
fn nothing_acknowledged_is_lost_in_twenty_kills() {
    let entries = kill_often(&Plan {
        kills: 20,
        kills_per_log: 10,
        entries_before_a_kill: 200,
    });
    assert!(entries >= 20 * 200, "{entries}");
}

#[test]
#[ignore = "takes minutes; for the night"]
fn nothing_acknowledged_is_lost_in_two_hundred_kills_and_half_a_million_entries() {
    let entries = kill_often(&Plan {
        kills: 200,
        kills_per_log: 50,
        entries_before_a_kill: 2_500,
    });
    assert!(entries >= 500_000, "{entries}");
}

/// Returns the number of entries acknowledged in all.
fn kill_often(plan: &Plan) -> usize {
    let mut chance = Chance::seeded(11);
    let runtime = runtime();
    let (mut acknowledged, mut unpublished) = (0, 0);
    let mut root = TempDir::new().unwrap();
    let mut before = (0, None);
    for kill in 0..plan.kills {
        if kill > 0 && kill % plan.kills_per_log == 0 {
            root = TempDir::new().unwrap();
            before = (0, None);
        }
        let enough = plan.entries_before_a_kill + chance.below(plan.entries_before_a_kill);
        let told = killed_after(root.path(), enough);
        let directory = log_directory(root.path());
        let report = verify_dir(&directory, None, &mut |_, _| {}).unwrap();
        let (held, count) = (
            report.published + report.not_yet_published,
            told.len() as u64,
        );
        let most = count + WRITERS * TOGETHER_MAX;
        let added = held - before.0;
        assert!(
            (count..=most).contains(&added),
            "kill {kill}: {count} {added}"
        );
        unpublished += usize::from(report.not_yet_published > 0);

        let log = TileLog::open(child_options(root.path())).unwrap();
        runtime.block_on(log.published(held)).unwrap();
        common::holds(&log, &told);
        if let (size, Some(old)) = before {
            assert_eq!(log.tiles().root(size).unwrap(), old, "kill {kill}");
        }
        before = (held, Some(log.checkpoint().checkpoint.root));
        log.shutdown().unwrap();
        acknowledged += told.len();
    }
    println!(
        "{} kills, {acknowledged} entries acknowledged, {unpublished} kills left some unpublished",
        plan.kills
    );
    assert!(unpublished > 0, "no kill fell before a publication");
    acknowledged
}

/// Runs a child until so many entries were acknowledged, kills it, and returns all that were.
fn killed_after(root: &Path, enough: usize) -> Vec<Appended> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--ignored",
            "--exact",
            "a_process_that_is_killed",
            "--nocapture",
        ])
        .env(CHILD, root)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = Vec::new();
    let mut killed = false;
    // After the kill too: what stands in the pipe was acknowledged before.
    for line in BufReader::new(child.stdout.take().unwrap()).split(b'\n') {
        told.extend(acknowledged(&line.unwrap()));
        if told.len() >= enough && !killed {
            child.kill().unwrap();
            killed = true;
        }
    }
    child.wait().unwrap();
    assert!(killed, "the child ended by itself after {}", told.len());
    told
}

/// One acknowledgement; none from another line, or one that the kill cut off.
fn acknowledged(line: &[u8]) -> Option<Appended> {
    let line = std::str::from_utf8(line).ok()?;
    let mut words = line
        .strip_prefix("acknowledged ")?
        .strip_suffix(" .")?
        .split(' ');
    let leaf_index = LeafIndex(words.next()?.parse().ok()?);
    let hash = words.next()?;
    let bytes = (0..64)
        .step_by(2)
        .map(|at| u8::from_str_radix(&hash[at..at + 2], 16).unwrap());
    Some(Appended {
        leaf_index,
        leaf_hash: bytes.collect::<Vec<u8>>().try_into().unwrap(),
    })
}

fn child_options(root: &Path) -> Options {
    Options {
        publish_interval: Duration::from_millis(40),
        segment_bytes_max: 100_000,
        ..common::options(root, Arc::new(DiskFiles))
    }
}

fn runtime() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .unwrap()
}

/// The process under test: writers that append for ever and print what they are told.
#[test]
#[ignore = "is started by the other tests"]
fn a_process_that_is_killed() {
    let Some(root) = std::env::var_os(CHILD) else {
        return;
    };
    let log = Arc::new(TileLog::open(child_options(Path::new(&root))).unwrap());
    runtime().block_on(async {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| tokio::spawn(write_for_ever(Arc::clone(&log), writer)))
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
    });
}

async fn write_for_ever(log: Arc<TileLog>, writer: u64) {
    for number in 0.. {
        let count = 1 + (number + writer) % TOGETHER_MAX;
        let entries = (0..count).map(|place| entry((writer << 40) + (number << 8) + place));
        let appended = log.append(entries.collect()).await.unwrap();
        let mut lines = String::new();
        for appended in appended {
            let hash: String = appended
                .leaf_hash
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            lines += &format!("acknowledged {} {hash} .\n", appended.leaf_index);
        }
        std::io::stdout()
            .lock()
            .write_all(lines.as_bytes())
            .unwrap();
    }
}
