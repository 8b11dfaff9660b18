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

use divan::Bencher;
use divan::counter::ItemsCount;
use motlan_access_log::entry::EncodedEntry;
use motlan_access_log::log::{AccessLog, Options, TileLog};
use motlan_access_log::merkle::{hash_leaf, root_of};
use motlan_access_log::note::Signer;
use tokio::runtime::{Builder, Runtime};

/// The length of an ordinary entry.
const ENTRY_BYTES: usize = 1_000;
/// Batches in one measured round.
const ROUNDS: usize = 20;
/// Appends that wait at the same time, and so form one batch.
const BATCHES: [usize; 3] = [1, 16, 64];

fn main() {
    divan::main();
}

fn entry() -> EncodedEntry {
    let text = "x".repeat(ENTRY_BYTES - 2);
    EncodedEntry::from_canonical(format!("\"{text}\"").into_bytes()).unwrap()
}

#[divan::bench(args = BATCHES, sample_count = 20)]
fn bare_file(bencher: Bencher<'_, '_>, batch: usize) {
    let directory = tempfile::tempdir().unwrap();
    let mut file = File::create(directory.path().join("file")).unwrap();
    let bytes = entry().as_bytes().repeat(batch);
    bencher
        .counter(ItemsCount::new(batch * ROUNDS))
        .bench_local(|| {
            for _ in 0..ROUNDS {
                file.write_all(&bytes).unwrap();
                file.sync_data().unwrap();
            }
        });
}

#[divan::bench(args = BATCHES, sample_count = 20)]
fn access_log(bencher: Bencher<'_, '_>, batch: usize) {
    let directory = tempfile::tempdir().unwrap();
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()
        .unwrap();
    let log = {
        let signer = Signer::from_seed("example.vn/log", &[1; 32]).unwrap();
        let (log, second) = (
            directory.path().join("log"),
            directory.path().join("second"),
        );
        Arc::new(TileLog::open(Options::new(log, second, signer)).unwrap())
    };
    bencher
        .counter(ItemsCount::new(batch * ROUNDS))
        .bench_local(|| append_concurrently(&runtime, &log, batch));
}

/// `batch` callers, each of which appends [`ROUNDS`] entries and waits for every one.
fn append_concurrently(runtime: &Runtime, log: &Arc<TileLog>, batch: usize) {
    let callers: Vec<_> = (0..batch)
        .map(|_| {
            let (log, entry) = (Arc::clone(log), entry());
            runtime.spawn(async move {
                for _ in 0..ROUNDS {
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
