//! What happens when writes tear, syncs fail and processes die.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::*;
use crate::files::{LogFile, Space};
use crate::segment::SegmentReader;

/// A file system on which the operations with a given name fail from the n-th on.
#[derive(Debug, Default)]
struct Faulty {
    disk: DiskFiles,
    operation: &'static str,
    /// How many more succeed.
    left: AtomicUsize,
    armed: AtomicBool,
    /// Syncs take this long.
    sync_delay: Duration,
    /// Syncs do nothing: for tests of what is on disk, where no power fails.
    syncs_skipped: bool,
}

impl Faulty {
    fn new(operation: &'static str) -> Arc<Self> {
        Arc::new(Self {
            operation,
            syncs_skipped: true,
            ..Self::default()
        })
    }

    fn arm(&self, left: usize) {
        self.left.store(left, Ordering::SeqCst);
        self.armed.store(true, Ordering::SeqCst);
    }

    fn check(&self, operation: &str) -> io::Result<()> {
        if operation != self.operation || !self.armed.load(Ordering::SeqCst) {
            return Ok(());
        }
        let left = self
            .left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        left.map(|_| ()).map_err(|_| io::Error::other("injected"))
    }
}

#[derive(Debug)]
struct Injected(Arc<Faulty>);

impl Injected {
    fn file(&self, file: Box<dyn LogFile>) -> Box<dyn LogFile> {
        Box::new(InjectedFile {
            files: Arc::clone(&self.0),
            file,
        })
    }
}

struct InjectedFile {
    files: Arc<Faulty>,
    file: Box<dyn LogFile>,
}

impl LogFile for InjectedFile {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.files.check("write").is_err() {
            self.file.write_all(&bytes[..bytes.len() / 2])?;
            return Err(io::Error::other("injected"));
        }
        self.file.write_all(bytes)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        thread::sleep(self.files.sync_delay);
        self.files.check("sync")?;
        if self.files.syncs_skipped {
            Ok(())
        } else {
            self.file.sync_data()
        }
    }
}

impl Files for Injected {
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        self.0.check("create_dir_all")?;
        self.0.disk.create_dir_all(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn LogFile>> {
        self.0.check("create")?;
        Ok(self.file(self.0.disk.create(path)?))
    }

    fn open_append(&self, path: &Path) -> io::Result<Box<dyn LogFile>> {
        self.0.check("open_append")?;
        Ok(self.file(self.0.disk.open_append(path)?))
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        if self.0.syncs_skipped {
            return fs::OpenOptions::new()
                .write(true)
                .open(path)?
                .set_len(length);
        }
        self.0.disk.truncate(path, length)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.0.check("rename")?;
        self.0.disk.rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.0.check("remove_file")?;
        self.0.disk.remove_file(path)
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        self.0.disk.remove_dir_all(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.0.check("sync_dir")?;
        if self.0.syncs_skipped {
            Ok(())
        } else {
            self.0.disk.sync_dir(path)
        }
    }

    fn allocate(&self, path: &Path, bytes: u64) -> io::Result<()> {
        self.0.disk.allocate(path, bytes)
    }

    fn space(&self, directory: &Path) -> io::Result<Space> {
        self.0.disk.space(directory)
    }
}

/// Options of a log that does not wait for the disk.
fn unsynced(bench: &Bench) -> Options {
    let files = Arc::new(Injected(Faulty::new("none")));
    Options {
        files,
        ..bench.options()
    }
}

fn open_faulty(bench: &Bench, files: &Arc<Faulty>) -> TileLog {
    let files = Arc::new(Injected(Arc::clone(files)));
    // Small segments, so that creating one is among the operations that can fail.
    TileLog::open(Options {
        files,
        segment_bytes_max: 4_000,
        ..bench.options()
    })
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn after_one_failed_operation_nothing_is_acknowledged_and_all_acknowledged_is_kept() {
    for operation in [
        "sync",
        "write",
        "rename",
        "create",
        "sync_dir",
        "open_append",
        "remove_file",
    ] {
        for left in 0..12 {
            let bench = Bench::new();
            let files = Faulty::new(operation);
            let log = open_faulty(&bench, &files);
            let mut acknowledged = append(&log, 0..20).await;
            files.arm(left);
            let failed = loop {
                let number = u64::try_from(acknowledged.len()).unwrap();
                match log.append(vec![entry(number)]).await {
                    Ok(appended) => acknowledged.extend(appended),
                    Err(error) => break error,
                }
            };
            assert!(
                matches!(failed, AppendError::Unavailable(Failure::Storage { .. })),
                "{failed}"
            );
            let failure = log.failed().await;
            assert_eq!(log.health(), Err(failure.clone()));
            // The disk is fine again, and the log stays stopped.
            files.armed.store(false, Ordering::SeqCst);
            assert!(log.append(vec![entry(9)]).await.is_err());
            assert_eq!(log.shutdown(), Err(failure));
            drop(log);

            let log = TileLog::open(unsynced(&bench)).unwrap();
            let durable = log.tree_size();
            let count = u64::try_from(acknowledged.len()).unwrap();
            assert!(
                durable == count || durable == count + 1,
                "{operation} {left}"
            );
            log.shutdown().unwrap();
            assert_eq!(
                bench.verify().unwrap().published,
                durable,
                "{operation} {left}"
            );
            for appended in &acknowledged {
                let bytes = log.tiles().entry(appended.leaf_index.0).unwrap();
                assert_eq!(crate::merkle::hash_leaf(&bytes), appended.leaf_hash);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_append_that_waits_when_a_sync_fails_is_refused() {
    let bench = Bench::new();
    let files = Arc::new(Faulty {
        operation: "sync",
        sync_delay: Duration::from_millis(20),
        ..Faulty::default()
    });
    let log = Arc::new(open_faulty(&bench, &files));
    files.arm(0);
    let tasks: Vec<_> = (0..64)
        .map(|number| {
            let log = Arc::clone(&log);
            tokio::spawn(async move { log.append(vec![entry(number)]).await })
        })
        .collect();
    for task in tasks {
        assert!(matches!(
            task.await.unwrap(),
            Err(AppendError::Unavailable(_))
        ));
    }
    assert_eq!(log.tree_size(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_gives_up_when_the_disk_hangs() {
    let bench = Bench::new();
    let files = Arc::new(Faulty {
        sync_delay: Duration::from_millis(100),
        ..Faulty::default()
    });
    let files: Arc<dyn Files> = Arc::new(Injected(files));
    let append_timeout = Duration::from_millis(20);
    let log = TileLog::open(Options {
        files,
        append_timeout,
        ..bench.options()
    })
    .unwrap();
    assert_eq!(log.append(vec![entry(0)]).await, Err(AppendError::TimedOut));
    log.shutdown().unwrap();
    // Nobody was told so, and it is in the log nevertheless: more is recorded, never less.
    assert_eq!(bench.verify().unwrap().published, 1);
}

/// A log whose entries are durable in segments and, but for the first `published`, nowhere else.
async fn crashed(published: u64, batches: u64) -> (Bench, BTreeMap<PathBuf, Vec<u8>>) {
    let bench = Bench::new();
    let log = TileLog::open(unsynced(&bench)).unwrap();
    append(&log, 0..published).await;
    log.shutdown().unwrap();
    drop(log);
    let publish_interval = Duration::from_secs(3600);
    let log = TileLog::open(Options {
        publish_interval,
        ..bench.options()
    })
    .unwrap();
    append(&log, published..published + batches).await;
    let files = bench.files();
    drop(log);
    // What a dead process leaves: nothing of what the orderly end did.
    let second = files
        .get(&bench.directory().join("checkpoint"))
        .unwrap()
        .clone();
    fs::write(bench.second(), second).unwrap();
    bench.restore(&files);
    (bench, files)
}

/// Where each batch of the only segment ends.
fn batch_ends(bench: &Bench) -> Vec<(u64, u64)> {
    let reader = SegmentReader::open(&bench.directory(), 0, "example.vn/log")
        .unwrap()
        .unwrap();
    let (mut offset, mut ends) = (segment::HEADER_BYTES, vec![(segment::HEADER_BYTES, 0)]);
    while let segment::Found::Whole(header) = reader.header_at(offset).unwrap() {
        offset += header.total_bytes();
        ends.push((offset, header.end()));
    }
    ends
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_cut_at_any_byte_keeps_a_prefix_and_goes_on() {
    let (bench, files) = crashed(5, 3).await;
    let segment = segment::path(&bench.directory(), 0);
    let ends = batch_ends(&bench);
    let published = ends.iter().find(|(_, end)| *end == 5).unwrap().0;
    let second = fs::read(bench.second()).unwrap();
    for length in published..=ends.last().unwrap().0 {
        bench.restore(&files);
        fs::write(bench.second(), &second).unwrap();
        fs::write(
            &segment,
            &files.get(&segment).unwrap()[..usize::try_from(length).unwrap()],
        )
        .unwrap();
        let kept = ends.iter().rev().find(|(end, _)| *end <= length).unwrap();

        let report = bench.verify().unwrap();
        assert_eq!(report.published + report.not_yet_published, kept.1);
        assert_eq!(report.torn_bytes, length - kept.0);
        let log = TileLog::open(unsynced(&bench)).unwrap();
        assert_eq!(
            (log.tree_size(), log.cut_bytes()),
            (kept.1, length - kept.0)
        );
        let appended = append(&log, 100..101).await;
        assert_eq!(appended[0].leaf_index.0, kept.1);
        log.shutdown().unwrap();
        assert_eq!(
            bench.verify().unwrap().published,
            kept.1 + 1,
            "cut at {length}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torn_last_batch_is_cut_and_damage_before_it_is_refused() {
    let (bench, files) = crashed(5, 4).await;
    let segment = segment::path(&bench.directory(), 0);
    let ends = batch_ends(&bench);
    let bytes = files.get(&segment).unwrap();
    let last = usize::try_from(ends[ends.len() - 2].0).unwrap();
    let second = fs::read(bench.second()).unwrap();
    for position in (0..bytes.len()).step_by(3) {
        bench.restore(&files);
        fs::write(bench.second(), &second).unwrap();
        let mut damaged = bytes.clone();
        damaged[position] ^= 0x10;
        fs::write(&segment, damaged).unwrap();
        let opened = TileLog::open(unsynced(&bench));
        if position >= last {
            let log = opened.unwrap();
            assert_eq!(log.tree_size(), 8);
            continue;
        }
        // Bodies of published batches are not read again at start; `verify` reads them.
        let refused = match opened {
            Ok(log) => {
                drop(log);
                false
            }
            Err(OpenError::Damaged { .. }) => true,
            Err(error) => panic!("{error}"),
        };
        assert!(bench.verify().is_err(), "byte {position}");
        let published = usize::try_from(ends.iter().find(|(_, end)| *end == 5).unwrap().0).unwrap();
        assert!(refused || position < published, "byte {position}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_any_two_steps_of_a_publication_is_recovered() {
    // Every operation of the publisher fails once; what is left is opened and verified.
    for operation in ["sync", "create", "rename", "sync_dir", "create_dir_all"] {
        for left in 0..14 {
            let bench = Bench::new();
            let files = Faulty::new(operation);
            let log = open_faulty(&bench, &files);
            files.arm(left);
            for number in 0..300 {
                if log.append(vec![entry(number)]).await.is_err() {
                    break;
                }
            }
            let durable = log.tree_size();
            let _stopped = log.shutdown();
            drop(log);
            let log = TileLog::open(unsynced(&bench)).unwrap();
            assert!(log.tree_size() >= durable, "{operation} {left}");
            log.shutdown().unwrap();
            assert_eq!(
                bench.verify().unwrap().published,
                log.tree_size(),
                "{operation} {left}"
            );
        }
    }
}
