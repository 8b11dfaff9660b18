//! The witness's answers, one by one, and what no order of requests and failures may lead to.

use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;

use super::*;
use crate::checkpoint::Checkpoint;
use crate::files::{LogFile, Space};
use crate::merkle::{Hash, NodeId, consistency_proof, hash_leaf, root_of};
use crate::note::Signer;

const ORIGIN: &str = "example.vn/log";

/// A log whose tree is a list of leaves.
struct Log {
    signer: Signer,
    leaves: Vec<Hash>,
}

impl Log {
    fn new(leaves: u64) -> Self {
        Self::branch(leaves, leaves)
    }

    /// A tree whose leaves from `fork` on are others.
    fn branch(leaves: u64, fork: u64) -> Self {
        let leaf = |n: u64| hash_leaf(&[&[u8::from(n >= fork)][..], &n.to_be_bytes()].concat());
        Self {
            signer: Signer::from_seed(ORIGIN, &[1; 32]).unwrap(),
            leaves: (0..leaves).map(leaf).collect(),
        }
    }

    fn note(&self, size: usize) -> String {
        let checkpoint = Checkpoint {
            origin: self.signer.verifier().name().to_owned(),
            tree_size: size as u64,
            root: root_of(&self.leaves[..size]),
        };
        checkpoint.sign(&self.signer).note
    }

    fn request(&self, old: usize, new: usize) -> AddCheckpoint {
        let mut node = |node: NodeId| {
            let width = 1_usize << node.level;
            let start = usize::try_from(node.index).unwrap() * width;
            Ok::<_, ()>(root_of(&self.leaves[start..start + width]))
        };
        AddCheckpoint {
            old_size: old as u64,
            proof: consistency_proof(old as u64, new as u64, &mut node).unwrap(),
            checkpoint: self.note(new),
        }
    }

    fn body(&self, old: usize, new: usize) -> Vec<u8> {
        self.request(old, new).to_string().into_bytes()
    }
}

fn options(directory: &Path) -> Options {
    let log = Log::new(0);
    Options::new(
        directory.join("witness"),
        vec![log.signer.verifier().clone()],
    )
}

fn open(directory: &Path) -> Witness {
    Witness::open(options(directory), &mut || [9; 32]).unwrap()
}

#[test]
fn checkpoints_that_extend_each_other_are_cosigned_and_remembered() {
    let directory = tempfile::tempdir().unwrap();
    let (witness, log) = (open(directory.path()), Log::new(300));
    for (old, new, now) in [(0, 5, 10), (5, 5, 11), (5, 256, 12), (256, 300, 13)] {
        let line = witness.add_checkpoint(&log.body(old, new), now).unwrap();
        let note = format!("{}{line}", log.note(new));
        let found = witness.verifier().find(note.as_bytes()).unwrap().unwrap();
        assert_eq!((found.timestamp, found.line), (now, line));
    }
    drop(witness);
    // Another start knows what the last one saw.
    let witness = open(directory.path());
    let status = &witness.status()[0];
    assert_eq!(status.tree_size, Some(300));
    assert_eq!((status.since, status.last), (Some(10), Some(13)));
    assert_eq!(
        witness.add_checkpoint(&log.body(256, 300), 14),
        Err(Refusal::OtherSize { size: 300 })
    );
}

#[test]
fn the_empty_tree_may_be_cosigned_first() {
    let directory = tempfile::tempdir().unwrap();
    let (witness, log) = (open(directory.path()), Log::new(4));
    witness.add_checkpoint(&log.body(0, 0), 1).unwrap();
    witness.add_checkpoint(&log.body(0, 4), 2).unwrap();
}

#[test]
fn every_refusal_is_the_one_of_the_protocol() {
    let directory = tempfile::tempdir().unwrap();
    let (witness, log) = (open(directory.path()), Log::new(20));
    let refused = |body: &[u8]| witness.add_checkpoint(body, 1).unwrap_err();
    let say = |request: AddCheckpoint| refused(request.to_string().as_bytes());
    witness.add_checkpoint(&log.body(0, 10), 1).unwrap();
    let good = log.request(10, 20);

    assert_eq!(refused(b"hello"), Refusal::Malformed);
    assert_eq!(refused(b"old 0\n\nno note\n"), Refusal::Malformed);
    let mut stranger = Log::new(20);
    stranger.signer = Signer::from_seed("example.vn/other", &[1; 32]).unwrap();
    assert_eq!(refused(&stranger.body(0, 20)), Refusal::UnknownLog);
    stranger.signer = Signer::from_seed(ORIGIN, &[2; 32]).unwrap();
    assert_eq!(refused(&stranger.body(10, 20)), Refusal::NotSigned);
    let changed = good.checkpoint.replacen("\n20\n", "\n21\n", 1);
    let changed = AddCheckpoint {
        checkpoint: changed,
        ..good.clone()
    };
    assert_eq!(say(changed), Refusal::NotSigned);
    let larger = AddCheckpoint {
        old_size: 21,
        ..good.clone()
    };
    assert_eq!(say(larger), Refusal::OldSizeTooLarge);
    for old in [0, 9, 11, 20] {
        assert_eq!(refused(&log.body(old, 20)), Refusal::OtherSize { size: 10 });
    }
    let mut short = good.clone();
    short.proof.pop();
    assert_eq!(say(short), Refusal::WrongProof);
    let mut wrong = good;
    wrong.proof[0][0] ^= 1;
    assert_eq!(say(wrong), Refusal::WrongProof);
    let mut superfluous = log.request(10, 10);
    superfluous.proof.push([0; 32]);
    assert_eq!(say(superfluous), Refusal::WrongProof);
    assert_eq!(witness.status()[0].contradiction, None);
    witness.add_checkpoint(&log.body(10, 20), 2).unwrap();
}

#[test]
fn a_forked_log_is_refused_and_its_contradiction_kept() {
    let directory = tempfile::tempdir().unwrap();
    let (witness, log, fork) = (open(directory.path()), Log::new(20), Log::branch(20, 7));
    witness.add_checkpoint(&log.body(0, 10), 1).unwrap();
    assert_eq!(
        witness.add_checkpoint(&fork.body(10, 20), 2),
        Err(Refusal::WrongProof)
    );
    let other = Err(Refusal::OtherRoot { size: 10 });
    assert_eq!(witness.add_checkpoint(&fork.body(10, 10), 3), other);
    drop(witness);
    let witness = open(directory.path());
    assert_eq!(witness.status()[0].contradiction, Some(fork.note(10)));
    assert_eq!(witness.status()[0].last, Some(1));
    // The log as it was first seen may go on, and the contradiction stays on record.
    witness.add_checkpoint(&log.body(10, 20), 4).unwrap();
    assert_eq!(witness.status()[0].contradiction, Some(fork.note(10)));
}

#[test]
fn while_a_log_changes_its_key_either_key_will_do() {
    let directory = tempfile::tempdir().unwrap();
    let (mut log, new_key) = (Log::new(9), Signer::from_seed(ORIGIN, &[7; 32]).unwrap());
    let mut options = options(directory.path());
    options.logs.push(new_key.verifier().clone());
    let witness = Witness::open(options, &mut || [9; 32]).unwrap();
    assert_eq!(witness.status().len(), 1);
    witness.add_checkpoint(&log.body(0, 3), 1).unwrap();
    log.signer = new_key.beside(log.signer).unwrap();
    witness.add_checkpoint(&log.body(3, 6), 2).unwrap();
    log.signer = Signer::from_seed(ORIGIN, &[7; 32]).unwrap();
    witness.add_checkpoint(&log.body(6, 9), 3).unwrap();
}

#[test]
fn keys_and_state_are_private_and_one_witness_works_in_a_directory() {
    let directory = tempfile::tempdir().unwrap();
    let witness = open(directory.path());
    let key = directory.path().join("witness").join(KEY_FILE);
    let mode = std::fs::metadata(&key).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(witness.verifier().name().starts_with("motlan-witness/"));
    let second = Witness::open(options(directory.path()), &mut || unreachable!());
    assert!(matches!(second, Err(OpenError::InUse { .. })));
    drop(witness);

    let renamed = Options {
        name: Some("another.example".to_owned()),
        ..options(directory.path())
    };
    let renamed = Witness::open(renamed, &mut || unreachable!());
    assert!(matches!(renamed, Err(OpenError::OtherName { .. })));
}

#[test]
fn a_damaged_memory_stops_the_witness_instead_of_beginning_anew() {
    let directory = tempfile::tempdir().unwrap();
    let witness = open(directory.path());
    witness
        .add_checkpoint(&Log::new(20).body(0, 20), 1)
        .unwrap();
    drop(witness);
    let mut files = std::fs::read_dir(directory.path().join("witness")).unwrap();
    let state = files.find_map(|file| {
        let path = file.unwrap().path();
        path.extension()
            .is_some_and(|e| e == "json")
            .then_some(path)
    });
    let state = state.unwrap();
    let text = std::fs::read_to_string(&state).unwrap();
    for damaged in [
        String::new(),
        text.replacen("\"tree_size\": 20", "\"tree_size\": 10", 1),
        text[..text.len() / 2].to_owned(),
    ] {
        std::fs::write(&state, damaged).unwrap();
        let opened = Witness::open(options(directory.path()), &mut || unreachable!());
        assert!(matches!(opened, Err(OpenError::State { .. })));
    }
}

/// A disk that refuses to sync once it is told to.
#[derive(Debug, Default)]
struct FailingFiles {
    failing: AtomicBool,
}

impl FailingFiles {
    fn check(&self) -> io::Result<()> {
        match self.failing.load(Ordering::Relaxed) {
            true => Err(io::Error::other("no more")),
            false => Ok(()),
        }
    }
}

impl Files for FailingFiles {
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
        DiskFiles.remove_file(path)
    }
    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        DiskFiles.remove_dir_all(path)
    }
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        self.check()?;
        DiskFiles.sync_dir(path)
    }
    fn allocate(&self, path: &Path, bytes: u64) -> io::Result<()> {
        DiskFiles.allocate(path, bytes)
    }
    fn space(&self, directory: &Path) -> io::Result<Space> {
        DiskFiles.space(directory)
    }
}

#[test]
fn after_a_failed_write_nothing_is_cosigned_until_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let (log, files) = (Log::new(20), Arc::new(FailingFiles::default()));
    let options = Options {
        files: Arc::clone(&files) as Arc<dyn Files>,
        ..options(directory.path())
    };
    let witness = Witness::open(options, &mut || [9; 32]).unwrap();
    witness.add_checkpoint(&log.body(0, 5), 1).unwrap();
    files.failing.store(true, Ordering::Relaxed);
    let refused = Err(Refusal::Storage);
    assert_eq!(witness.add_checkpoint(&log.body(5, 9), 2), refused);
    files.failing.store(false, Ordering::Relaxed);
    assert_eq!(witness.add_checkpoint(&log.body(5, 9), 3), refused);
    drop(witness);
    // The name reached the disk before the directory's sync failed; the next start knows that.
    let witness = open(directory.path());
    witness.add_checkpoint(&log.body(9, 20), 4).unwrap();
}

#[test]
fn of_two_requests_at_once_only_one_is_cosigned() {
    let directory = tempfile::tempdir().unwrap();
    let (witness, log) = (open(directory.path()), Log::new(400));
    let fork = Log::branch(400, 0);
    let cosigned: usize = std::thread::scope(|scope| {
        let bodies = (1..=20).map(|n| match n % 2 {
            0 => log.body(0, n * 10),
            _ => fork.body(0, n * 10),
        });
        let threads: Vec<_> = bodies
            .map(|body| {
                let witness = &witness;
                scope.spawn(move || usize::from(witness.add_checkpoint(&body, 1).is_ok()))
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    });
    assert_eq!(cosigned, 1);
}

proptest! {
    /// Whatever two branches of a log offer in whatever order: the checkpoints that were cosigned
    /// are of one branch, or of the part that both have.
    #[test]
    fn what_is_cosigned_never_contradicts_itself(
        offers in prop::collection::vec((any::<bool>(), 0_usize..40, 0_usize..40), 1..40),
        fork in 0_u64..40,
    ) {
        let directory = tempfile::tempdir().unwrap();
        let witness = open(directory.path());
        let logs = [Log::new(40), Log::branch(40, fork)];
        let (mut on, mut size) = ([true, true], 0);
        for (branch, old, new) in offers {
            let log = &logs[usize::from(branch)];
            let (old, new) = (if old % 2 == 0 { size } else { old }, new);
            if old > new {
                continue;
            }
            if witness.add_checkpoint(&log.body(old, new), 1).is_ok() {
                prop_assert!(new >= size);
                size = new;
                if new as u64 > fork {
                    on[usize::from(!branch)] = false;
                }
                prop_assert!(on[usize::from(branch)]);
            }
        }
    }

    /// Bytes that nobody would send do no harm.
    #[test]
    fn arbitrary_bytes_are_refused(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let directory = tempfile::tempdir().unwrap();
        prop_assert!(open(directory.path()).add_checkpoint(&body, 1).is_err());
    }
}
