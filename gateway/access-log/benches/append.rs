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
use std::time::Instant;

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

/// Pairs of turns of which the median ratio is taken, and batches in one turn: about a quarter of a
/// second, so that the log publishes within its own.
const RATIO_TURNS: usize = 21;
const RATIO_ROUNDS: usize = 500;

fn main() {
    for batch in [16, 64] {
        let (median, least, most) = ratio(batch);
        println!(
            "access log / bare file, {batch} appends together: median {median:.2} ({least:.2}–{most:.2})"
        );
    }
    divan::main();
}

/// The rate of the log over the rate of the bare file: median, least and most of many turns. They
/// take turns, so that whatever else the disk is doing slows both, and one moment of it is one turn
/// among many; what the log has still to publish does not burden the file's turn.
fn ratio(batch: usize) -> (f64, f64, f64) {
    let (runtime, log, _directory) = open_log();
    let (mut file, _file_directory) = open_file();
    let bytes = entry().as_bytes().repeat(batch);
    let mut ratios: Vec<f64> = (0..RATIO_TURNS)
        .map(|_| {
            let started = Instant::now();
            append_concurrently(&runtime, &log, batch, RATIO_ROUNDS);
            let log_time = started.elapsed();
            runtime.block_on(log.published(log.tree_size())).unwrap();
            let started = Instant::now();
            write_batches(&mut file, &bytes, RATIO_ROUNDS);
            started.elapsed().as_secs_f64() / log_time.as_secs_f64()
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    let at = |place: usize| ratios.get(place).copied().unwrap_or_default();
    (at(RATIO_TURNS / 2), at(0), at(RATIO_TURNS - 1))
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
