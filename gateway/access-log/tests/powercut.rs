//! Power cuts: a log lives through starts, appends, publications, kills and starts again on a file
//! system that writes down every step. Then the disk is made as a power cut at any moment would
//! have left it, and the log must open, hold all that it had acknowledged, verify, and go on.
//!
//! `cargo nextest run -p motlan-access-log --run-ignored all power` cuts ten times as often.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, reason = "a test fails by panicking")]
#![expect(clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use motlan_access_log::log::{AccessLog, Appended, Options, TileLog};
use motlan_access_log::verify::verify_dir;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

#[path = "powercut/chance.rs"]
mod chance;
mod common;
#[path = "powercut/disk.rs"]
mod disk;
#[path = "powercut/recording.rs"]
mod recording;

use chance::Chance;
use common::{directory, entry, log_directory, options};
use disk::{Disk, Model};
use recording::{Recording, RecordingFiles, Replay, Step};

/// Cuts in a run of the tests, for each model, and the recordings that they are spread over.
const CUTS: usize = 500;
const RECORDINGS: u64 = 5;
/// Lives of a log in a recording, and the entries of one at most: together they fill a tile.
const LIVES: usize = 9;
const ENTRIES_MAX: usize = 120;
/// Of so many cuts one is followed by another while the log is being opened again.
const SECOND_CUT_EVERY: usize = 3;

#[test]
fn nothing_acknowledged_is_lost_when_all_that_was_not_synced_is_gone() {
    for seed in 0..RECORDINGS {
        cut_often(Model::AllLost, seed);
    }
}

#[test]
fn nothing_acknowledged_is_lost_when_some_of_what_was_not_synced_survives() {
    for seed in 100..100 + RECORDINGS {
        cut_often(Model::SomeSurvive, seed);
    }
}

#[test]
#[ignore = "takes minutes; for the night"]
fn nothing_acknowledged_is_lost_in_ten_times_as_many_power_cuts() {
    for seed in 1_000..1_000 + 10 * RECORDINGS {
        cut_often(Model::AllLost, seed);
        cut_often(Model::SomeSurvive, seed);
    }
}

#[test]
fn a_first_start_that_is_killed_anywhere_is_no_trap_for_the_second() {
    // The second life builds upon what the first made and never synced, and publishes nothing.
    let publish_interval = Duration::from_secs(3600);
    let runtime = runtime();
    for steps in 0..60 {
        let mut lives = Lives::new();
        lives.live(0, publish_interval, false, End::KilledAfter(steps));
        lives.live(3, publish_interval, false, End::KilledIdle);
        for model in [Model::AllLost, Model::SomeSurvive] {
            let mut replay = Replay::on(Disk::empty());
            for step in lives.recording.steps().iter() {
                replay.step(step);
            }
            let root = directory();
            let mut chance = Chance::seeded(7);
            replay.disk.cut_into(root.path(), model, &mut chance);
            let told = Told {
                acknowledged: &replay.acknowledged,
                published: replay.published,
            };
            let what = format!("{model:?}, first life killed after step {steps}");
            check(root.path(), &told, &runtime, &what);
        }
    }
}

fn runtime() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()
        .unwrap()
}

/// The lives of one log, each after the end of the one before.
struct Lives {
    root: TempDir,
    recording: Arc<Recording>,
    runtime: Runtime,
    lives: usize,
}

/// How a life ends.
#[derive(Clone, Copy)]
enum End {
    InOrder,
    KilledIdle,
    /// Between the write of a batch and its sync.
    KilledMidWrite,
    /// After so many steps, be it while the log is being opened.
    KilledAfter(usize),
}

impl Lives {
    fn new() -> Self {
        Self {
            root: directory(),
            recording: Arc::default(),
            runtime: runtime(),
            lives: 0,
        }
    }

    /// Opens the log, appends entries, some of them together, and ends.
    fn live(&mut self, count: u64, publish_interval: Duration, waits: bool, end: End) {
        self.lives += 1;
        let files = RecordingFiles::new(self.root.path(), &self.recording, self.lives * 1_000_000);
        if let End::KilledAfter(steps) = end {
            files.kill_after(steps);
        }
        let options = Options {
            publish_interval,
            ..options(self.root.path(), Arc::new(files.clone()))
        };
        let log = match TileLog::open(options) {
            Ok(log) => log,
            Err(_) if matches!(end, End::KilledAfter(_)) => return,
            Err(error) => panic!("{error:?}"),
        };
        if waits {
            // What a killed process left is published before anything is appended.
            let _killed = self.runtime.block_on(log.published(log.tree_size()));
        }
        let (mut next, last) = (log.tree_size(), log.tree_size() + count);
        while next < last {
            let together = 1 + next % 5;
            let entries = (next..next + together).map(entry);
            match self.runtime.block_on(log.append(entries.collect())) {
                Ok(appended) => self.acknowledged(&appended),
                Err(_) if matches!(end, End::KilledAfter(_)) => return,
                Err(error) => panic!("{error:?}"),
            }
            next += together;
            let published = log.checkpoint().checkpoint.tree_size;
            self.recording.mark(Step::Published(published));
        }
        match end {
            End::InOrder => log.shutdown().unwrap(),
            End::KilledIdle | End::KilledAfter(_) => files.kill(),
            End::KilledMidWrite => {
                files.kill_before_next_batch_is_synced();
                let appended = self.runtime.block_on(log.append(vec![entry(last)]));
                assert!(appended.is_err());
            }
        }
    }

    fn acknowledged(&self, appended: &[Appended]) {
        for appended in appended {
            self.recording.mark(Step::Acknowledged(*appended));
        }
    }
}

/// Records the lives of a log and cuts the power at random moments of them.
fn cut_often(model: Model, seed: u64) {
    let mut chance = Chance::seeded(seed);
    let mut lives = Lives::new();
    for life in 0..LIVES {
        let end = match (life, chance.below(5)) {
            (0, _) => End::KilledAfter(chance.below(40)),
            (_, 0) => End::InOrder,
            (_, 1) => End::KilledIdle,
            (_, 2 | 3) => End::KilledMidWrite,
            _ => End::KilledAfter(chance.below(600)),
        };
        let count = u64::try_from(chance.below(ENTRIES_MAX)).unwrap();
        let publish_interval = Duration::from_millis(if chance.flip() { 1 } else { 20 });
        lives.live(count, publish_interval, chance.flip(), end);
    }
    let recording = lives.recording;
    let steps = recording.steps();
    let cuts = CUTS / usize::try_from(RECORDINGS).unwrap();
    let mut moments: Vec<usize> = (0..cuts).map(|_| chance.below(steps.len() + 1)).collect();
    moments.sort_unstable();
    let mut replay = Replay::on(Disk::empty());
    let mut done = 0;
    let runtime = runtime();
    for (number, moment) in moments.into_iter().enumerate() {
        for step in &steps[done..moment] {
            replay.step(step);
        }
        done = moment;
        let root = directory();
        replay.disk.cut_into(root.path(), model, &mut chance);
        let told = Told {
            acknowledged: &replay.acknowledged,
            published: replay.published,
        };
        let what = format!("{model:?}, seed {seed}, cut {number} after step {moment}");
        if number % SECOND_CUT_EVERY == 0 {
            let again = cut_while_opening(root.path(), model, &mut chance);
            check(again.path(), &told, &runtime, &format!("{what}, and again"));
        }
        check(root.path(), &told, &runtime, &what);
    }
}

/// Opens a log and cuts the power somewhere between the first and the last step of that.
fn cut_while_opening(root: &Path, model: Model, chance: &mut Chance) -> TempDir {
    let mut replay = Replay::on(Disk::from_directory(root));
    let copy = directory();
    replay.disk.cut_into(copy.path(), Model::AllSurvive, chance);
    let recording = Arc::new(Recording::default());
    let files = RecordingFiles::new(copy.path(), &recording, 0);
    if let Ok(log) = TileLog::open(options(copy.path(), Arc::new(files))) {
        log.shutdown().unwrap();
    }
    let steps = recording.steps();
    for step in &steps[..chance.below(steps.len() + 1)] {
        replay.step(step);
    }
    let left = directory();
    replay.disk.cut_into(left.path(), model, chance);
    left
}

/// What the outside knew at the moment of a cut.
struct Told<'a> {
    acknowledged: &'a [Appended],
    published: u64,
}

/// The log opens, holds what it must, verifies, and takes another entry.
fn check(root: &Path, told: &Told<'_>, runtime: &Runtime, what: &str) {
    let log_directory = log_directory(root);
    if told.published > 0 {
        // What a verifier sees who comes before the log is opened again.
        let report = verify_dir(&log_directory, None, &mut |_, _| {});
        let report = report.unwrap_or_else(|error| panic!("{what}: {error:?}"));
        let (held, count) = (
            report.published + report.not_yet_published,
            told.acknowledged.len(),
        );
        assert!(held >= u64::try_from(count).unwrap(), "{what}");
        assert!(report.published >= told.published, "{what}");
    }
    let files = Arc::new(RecordingFiles::new(root, &Arc::default(), 0));
    let log = TileLog::open(options(root, files))
        .unwrap_or_else(|error| panic!("{what}: {error}: {error:?}"));
    let appended = runtime.block_on(log.append(vec![entry(u64::MAX)]));
    let appended = appended.unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(appended[0].leaf_index.0 + 1, log.tree_size(), "{what}");
    log.shutdown()
        .unwrap_or_else(|error| panic!("{what}: {error}"));
    common::holds(&log, told.acknowledged);
    common::holds(&log, &appended);
    let report = verify_dir(&log_directory, None, &mut |_, _| {})
        .unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(report.published, log.tree_size(), "{what}");
    assert_eq!(report.not_yet_published, 0, "{what}");
}
