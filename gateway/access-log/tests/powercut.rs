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

use motlan_access_log::log::{AccessLog, Appended, TileLog};
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
use common::{entry, log_directory, options};
use disk::{Disk, Model};
use recording::{Recording, RecordingFiles, Replay, Step};

/// Cuts in a run of the tests, for each model.
const CUTS: usize = 500;
/// Of so many cuts one is followed by another while the log is being opened again.
const SECOND_CUT_EVERY: usize = 3;

#[test]
fn nothing_acknowledged_is_lost_when_all_that_was_not_synced_is_gone() {
    cut_often(Model::AllLost, CUTS, 1);
}

#[test]
fn nothing_acknowledged_is_lost_when_some_of_what_was_not_synced_survives() {
    cut_often(Model::SomeSurvive, CUTS, 2);
}

#[test]
#[ignore = "takes minutes; for the night"]
fn nothing_acknowledged_is_lost_in_ten_times_as_many_power_cuts() {
    for seed in 0..10 {
        cut_often(Model::AllLost, CUTS, 1_000 + seed);
        cut_often(Model::SomeSurvive, CUTS, 2_000 + seed);
    }
}

fn runtime() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()
        .unwrap()
}

/// One life of a log: opened, written to, and ended in order or by a kill.
struct Lives {
    root: TempDir,
    recording: Arc<Recording>,
    runtime: Runtime,
    appended: u64,
    lives: usize,
}

impl Lives {
    fn new() -> Self {
        Self {
            root: tempfile::tempdir().unwrap(),
            recording: Arc::default(),
            runtime: runtime(),
            appended: 0,
            lives: 0,
        }
    }

    /// Appends entries, some of them together, and ends.
    fn live(&mut self, count: u64, killed: bool) {
        self.lives += 1;
        let files = RecordingFiles::new(self.root.path(), &self.recording, self.lives * 1_000_000);
        let log = TileLog::open(options(self.root.path(), Arc::new(files.clone()))).unwrap();
        self.appended = log.tree_size();
        let end = self.appended + count;
        while self.appended < end {
            let together = 1 + self.appended % 5;
            let entries = (self.appended..self.appended + together).map(entry);
            let appended = log.append(entries.collect());
            for appended in self.runtime.block_on(appended).unwrap() {
                self.recording.mark(Step::Acknowledged(appended));
            }
            self.appended += together;
            let published = log.checkpoint().checkpoint.tree_size;
            self.recording.mark(Step::Published(published));
        }
        if killed {
            files.kill();
        } else {
            log.shutdown().unwrap();
        }
    }
}

/// Records the lives of a log and cuts the power at random moments of them.
fn cut_often(model: Model, cuts: usize, seed: u64) {
    let mut lives = Lives::new();
    for (count, killed) in [
        (0, true),
        (3, true),
        (0, true),
        (120, false),
        (160, true),
        (0, false),
        (250, true),
        (90, true),
    ] {
        lives.live(count, killed);
    }
    let recording = lives.recording;
    let steps = recording.steps();
    let mut chance = Chance::seeded(seed);
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
        let root = tempfile::tempdir().unwrap();
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
    let copy = tempfile::tempdir().unwrap();
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
    let left = tempfile::tempdir().unwrap();
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
    let directory = log_directory(root);
    if told.published > 0 {
        // What a verifier sees who comes before the log is opened again.
        let report = verify_dir(&directory, None, &mut |_, _| {});
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
    let report = verify_dir(&directory, None, &mut |_, _| {})
        .unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(report.published, log.tree_size(), "{what}");
    assert_eq!(report.not_yet_published, 0, "{what}");
}
