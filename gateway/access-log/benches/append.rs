//! Appending with group commit beside a bare file that gets the same batches and the same syncs,
//! in one run. The design asks for at least half the rate of the bare file.
//!
//! `cargo bench -p motlan-access-log`

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench has nobody to report to"
)]

use std::fs::File;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use divan::Bencher;
use divan::counter::ItemsCount;
use motlan_access_log::entry::EncodedEntry;
use motlan_access_log::log::{AccessLog, Options, TileLog};
use motlan_access_log::merkle::{hash_leaf, root_of};
use motlan_access_log::note::Signer;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// The length of an ordinary entry.
const ENTRY_BYTES: usize = 1_000;
/// Batches in one measured round.
const ROUNDS: usize = 20;
/// Appends that wait at the same time, and so form one batch.
const BATCHES: [usize; 3] = [1, 16, 64];

/// Pairs of turns from which the ratio is taken, and batches in one turn: long enough that the log
/// publishes several times within its own.
const RATIO_TURNS: usize = 4;
const RATIO_ROUNDS: usize = 1_000;

fn main() {
    println!(
        "access log / bare file, 64 appends together: {:.2}",
        ratio(64)
    );
    divan::main();
}

/// The rate of the log over the rate of the bare file. They take turns, so that whatever else the
/// disk is doing slows both; what the log has still to publish does not burden the file's turn.
fn ratio(batch: usize) -> f64 {
    let (runtime, log, _directory) = open_log();
    let (mut file, _file_directory) = open_file();
    let bytes = entry().as_bytes().repeat(batch);
    let (mut log_time, mut file_time) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..RATIO_TURNS {
        let started = Instant::now();
        append_concurrently(&runtime, &log, batch, RATIO_ROUNDS);
        log_time += started.elapsed();
        runtime.block_on(log.published(log.tree_size())).unwrap();
        let started = Instant::now();
        write_batches(&mut file, &bytes, RATIO_ROUNDS);
        file_time += started.elapsed();
    }
    file_time.as_secs_f64() / log_time.as_secs_f64()
}

fn open_file() -> (File, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    (
        File::create(directory.path().join("file")).unwrap(),
        directory,
    )
}

fn open_log() -> (Runtime, Arc<TileLog>, TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()
        .unwrap();
    let signer = Signer::from_seed("example.vn/log", &[1; 32]).unwrap();
    let (log, second) = (
        directory.path().join("log"),
        directory.path().join("second"),
    );
    let log = TileLog::open(Options::new(log, second, signer)).unwrap();
    (runtime, Arc::new(log), directory)
}

fn write_batches(file: &mut File, bytes: &[u8], rounds: usize) {
    for _ in 0..rounds {
        file.write_all(bytes).unwrap();
        file.sync_data().unwrap();
    }
}

fn entry() -> EncodedEntry {
    let text = "x".repeat(ENTRY_BYTES - 2);
    EncodedEntry::from_canonical(format!("\"{text}\"").into_bytes()).unwrap()
}

#[divan::bench(args = BATCHES, sample_count = 20)]
fn bare_file(bencher: Bencher<'_, '_>, batch: usize) {
    let (mut file, _directory) = open_file();
    let bytes = entry().as_bytes().repeat(batch);
    bencher
        .counter(ItemsCount::new(batch * ROUNDS))
        .bench_local(|| write_batches(&mut file, &bytes, ROUNDS));
}

#[divan::bench(args = BATCHES, sample_count = 20)]
fn access_log(bencher: Bencher<'_, '_>, batch: usize) {
    let (runtime, log, _directory) = open_log();
    bencher
        .counter(ItemsCount::new(batch * ROUNDS))
        .bench_local(|| append_concurrently(&runtime, &log, batch, ROUNDS));
}

/// `batch` callers, each of which appends `rounds` entries and waits for every one.
fn append_concurrently(runtime: &Runtime, log: &Arc<TileLog>, batch: usize, rounds: usize) {
    let callers: Vec<_> = (0..batch)
        .map(|_| {
            let (log, entry) = (Arc::clone(log), entry());
            runtime.spawn(async move {
                for _ in 0..rounds {
                    log.append(vec![entry.clone()])
                        .await
                        .expect("an acknowledgement");
                }
            })
        })
        .collect();
    runtime.block_on(async {
        for caller in callers {
            caller.await.unwrap();
        }
    });
}

#[divan::bench]
fn leaf_hash(bencher: Bencher<'_, '_>) {
    let entry = entry();
    bencher.bench_local(|| hash_leaf(entry.as_bytes()));
}

#[divan::bench]
fn tile_root(bencher: Bencher<'_, '_>) {
    let hashes = vec![[7; 32]; 256];
    bencher.bench_local(|| root_of(&hashes));
}
