//! A disk of which the test says how full it is.

use std::sync::atomic::AtomicU64;

use super::*;
use crate::files::{DiskFiles, LogFile};
use crate::log::{AccessLog, AppendError, Options, TileLog};
use crate::note::Signer;

const MIB: u64 = 1024 * 1024;

/// The real file system, but for its size.
#[derive(Debug)]
struct Small {
    free: AtomicU64,
    ballast: AtomicU64,
}

impl Small {
    fn with_free(bytes: u64) -> Arc<Self> {
        Arc::new(Self {
            free: AtomicU64::new(bytes),
            ballast: AtomicU64::new(0),
        })
    }

    fn set_free(&self, bytes: u64) {
        self.free.store(bytes, Ordering::SeqCst);
    }

    fn ballast(&self) -> u64 {
        self.ballast.load(Ordering::SeqCst)
    }
}

#[derive(Debug)]
struct OnSmall(Arc<Small>);

impl Files for OnSmall {
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        DiskFiles.create_dir_all(path)
    }
    fn create(&self, path: &Path) -> io::Result<Box<dyn LogFile>> {
        DiskFiles.create(path)
    }
    fn open_append(&self, path: &Path) -> io::Result<Box<dyn LogFile>> {
        DiskFiles.open_append(path)
    }
    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        DiskFiles.truncate(path, length)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        DiskFiles.rename(from, to)
    }
    fn remove_file(&self, path: &Path) -> io::Result<()> {
        if path.ends_with("tmp/ballast") {
            let bytes = self.0.ballast.swap(0, Ordering::SeqCst);
            self.0.free.fetch_add(bytes, Ordering::SeqCst);
            return Ok(());
        }
        DiskFiles.remove_file(path)
    }
    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        DiskFiles.remove_dir_all(path)
    }
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        DiskFiles.sync_dir(path)
    }
    fn allocate(&self, path: &Path, bytes: u64) -> io::Result<()> {
        assert!(path.ends_with("tmp/ballast"));
        self.0.ballast.store(bytes, Ordering::SeqCst);
        self.0.free.fetch_sub(bytes, Ordering::SeqCst);
        Ok(())
    }
    fn space(&self, _directory: &Path) -> io::Result<Space> {
        Ok(Space {
            free_bytes: self.0.free.load(Ordering::SeqCst),
            total_bytes: 100 * 1024 * MIB,
        })
    }
}

fn guard(small: &Arc<Small>) -> DiskGuard {
    let files = Arc::new(OnSmall(Arc::clone(small)));
    DiskGuard::new(files, Path::new("log"), Reserve::default())
}

#[test]
fn the_ballast_is_set_aside_given_up_and_set_aside_again() {
    let small = Small::with_free(1024 * MIB);
    let guard = guard(&small);
    guard.tend();
    assert_eq!((small.ballast(), guard.is_low()), (64 * MIB, false));

    small.set_free(255 * MIB);
    guard.tend();
    assert_eq!((small.ballast(), guard.is_low()), (64 * MIB, true));
    assert_eq!(guard.condition().free_bytes, 255 * MIB);

    // Others go on filling the disk: the last room is for what must be written.
    small.set_free(31 * MIB);
    guard.tend();
    assert_eq!((small.ballast(), guard.is_low()), (0, true));
    assert_eq!(guard.condition().free_bytes, 95 * MIB);

    // Just above the mark is not enough, or it would go to and fro.
    small.set_free(257 * MIB);
    guard.tend();
    assert!(guard.is_low());
    small.set_free(288 * MIB);
    guard.tend();
    assert_eq!((small.ballast(), guard.is_low()), (0, false));
    small.set_free(352 * MIB);
    guard.tend();
    assert_eq!((small.ballast(), guard.is_low()), (64 * MIB, false));
    assert_eq!(guard.condition().ballast_bytes, 64 * MIB);
}

#[test]
fn a_disk_without_room_for_ballast_gets_none() {
    let small = Small::with_free(300 * MIB);
    let guard = guard(&small);
    guard.tend();
    assert_eq!((small.ballast(), guard.is_low()), (0, false));
}

#[test]
fn on_a_small_file_system_the_marks_are_small() {
    let small = Small::with_free(0);
    let guard = guard(&small);
    assert_eq!(guard.ballast_wanted(LOW_WATER_BYTES), 64 * MIB);
    assert_eq!(
        guard.ballast_wanted(24 * MIB / LOW_WATER_SHARE),
        24 * MIB / 80
    );
}

#[test]
fn what_is_about_to_be_written_counts() {
    let small = Small::with_free(260 * MIB);
    let guard = guard(&small);
    assert_eq!(guard.admits(MIB), Admission::All);
    assert_eq!(guard.admits(17 * MIB), Admission::Reserved);
    assert_eq!(guard.admits(260 * MIB), Admission::Nothing);
}

#[test]
fn where_room_is_short_every_write_looks_first() {
    let small = Small::with_free(100 * MIB);
    let guard = guard(&small);
    assert_eq!(guard.admits(1), Admission::Reserved);
    // Others take the rest a moment after that look.
    small.set_free(0);
    assert_eq!(guard.admits(1), Admission::Nothing);
    small.set_free(1024 * MIB);
    assert_eq!(guard.admits(1), Admission::All);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_ordinary_entries_and_nothing_else() {
    let root = tempfile::tempdir().unwrap();
    let small = Small::with_free(1024 * MIB);
    let signer = Signer::from_seed("example.vn/log", &[7; 32]).unwrap();
    let log = TileLog::open(Options {
        files: Arc::new(OnSmall(Arc::clone(&small))),
        publish_interval: Duration::from_millis(5),
        ..Options::new(root.path().join("log"), root.path().join("second"), signer)
    })
    .unwrap();
    let entries = |number| vec![crate::log::tests::entry(number)];
    log.append(entries(0)).await.unwrap();

    small.set_free(100 * MIB);
    while !log.condition().disk.is_low {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(log.append(entries(1)).await, Err(AppendError::DiskFull));
    assert_eq!(log.health(), Ok(()));
    // A look by an officer is recorded, published, and can be proven.
    let looked = log.append_reserved(entries(2)).await.unwrap();
    assert_eq!(looked[0].leaf_index.0, 1);
    log.published(2).await.unwrap();
    assert_eq!(log.tiles().inclusion_proof(1, 2).unwrap().len(), 1);

    // Nothing is left at all, the ballast is gone too: the log waits, and does not fail.
    small.set_free(0);
    small.ballast.store(0, Ordering::SeqCst);
    while !log.condition().disk.is_exhausted {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let refused = log.append_reserved(entries(3)).await;
    assert_eq!(refused, Err(AppendError::DiskFull));
    assert_eq!(log.health(), Ok(()));
    assert_eq!(log.tiles().entry(0).unwrap(), entries(0)[0].as_bytes());

    small.set_free(1024 * MIB);
    while log.condition().disk.is_low {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let taken = log.append(entries(3)).await.unwrap();
    assert_eq!(taken[0].leaf_index.0, 2);
    log.shutdown().unwrap();
}
