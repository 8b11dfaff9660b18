//! What an outsider knows, and what of a log may be missing.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;
use tokio::runtime::Builder;

use super::*;
use crate::checkpoint::Checkpoint;
use crate::cosignature::Cosigner;
use crate::entry::record::{Bytes32, NodeStart, Pruning};
use crate::entry::{EncodedEntry, Entry, Record};
use crate::files::DiskFiles;
use crate::log::{AccessLog, Options, TileLog};
use crate::merkle::sha256;
use crate::note::Signer;
use crate::witness::cosigned::Cosigned;

const ORIGIN: &str = "example.vn/log";

/// A log that was written and closed.
struct Written(TempDir);

impl Written {
    fn new(entries: &[EncodedEntry]) -> Self {
        let written = Self(tempfile::tempdir().unwrap());
        written.append(entries);
        written
    }

    fn append(&self, entries: &[EncodedEntry]) {
        let second = self.0.path().join("second");
        let log = TileLog::open(Options::new(self.directory(), second, signer())).unwrap();
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        for together in entries.chunks(4_000) {
            runtime.block_on(log.append(together.to_vec())).unwrap();
        }
        log.shutdown().unwrap();
    }

    fn directory(&self) -> PathBuf {
        self.0.path().join("log")
    }

    fn file(&self, path: &str) -> PathBuf {
        self.directory().join(path)
    }

    fn note(&self) -> Vec<u8> {
        fs::read(self.file("checkpoint")).unwrap()
    }

    fn verify(&self, known: &Known<'_>) -> Result<Report, VerifyError> {
        verify(&Directory::new(&self.directory()), known, &mut |_, _| {})
    }

    fn flip(&self, path: &str) {
        let file = self.file(path);
        let mut bytes = fs::read(&file).unwrap();
        bytes[40] ^= 1;
        fs::write(file, bytes).unwrap();
    }
}

fn signer() -> Signer {
    Signer::from_seed(ORIGIN, &[1; 32]).unwrap()
}

fn encoded(number: u64, record: Record) -> EncodedEntry {
    let entry = Entry {
        time: "2026-01-01T00:00:00Z".to_owned(),
        nonce: Bytes32(sha256(&number.to_be_bytes())),
        record,
    };
    entry.encode().unwrap()
}

fn entry(number: u64) -> EncodedEntry {
    let software = "test".to_owned();
    encoded(
        number,
        Record::NodeStart(NodeStart {
            cut_bytes: number,
            mappings: Vec::new(),
            software,
        }),
    )
}

fn pruning(before: u64) -> EncodedEntry {
    let policy = "five years".to_owned();
    encoded(
        before,
        Record::Pruning(Pruning {
            before,
            details_before: None,
            policy,
        }),
    )
}

/// The log as the gateway shows it to somebody without a token.
struct Outside(Directory);

impl Source for Outside {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        match path.starts_with("tile/entries") {
            true => Err(io::ErrorKind::PermissionDenied.into()),
            false => self.0.read(path),
        }
    }
    fn names(&self, _path: &str) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }
    fn shows_entries(&self) -> bool {
        false
    }
    fn expect(&self, _path: &str) {}
}

#[test]
fn a_log_must_extend_the_checkpoint_that_somebody_kept() {
    let log = Written::new(&(0..300).map(entry).collect::<Vec<_>>());
    let kept = log.note();
    let since = |kept| Known {
        since: Some(kept),
        ..Known::default()
    };
    log.append(&(300..700).map(entry).collect::<Vec<_>>());
    let report = log.verify(&since(&kept)).unwrap();
    assert_eq!((report.since, report.published), (Some(300), 700));
    assert_eq!(report.checkpoint.note.as_bytes(), log.note());

    // The same key over a log that was written anew: as long, longer, shorter.
    let anew = |count: u64| Written::new(&(1_000..1_000 + count).map(entry).collect::<Vec<_>>());
    let error = anew(300).verify(&since(&kept)).unwrap_err();
    assert!(
        matches!(
            error,
            VerifyError::Rewritten {
                pinned_size: 300,
                ..
            }
        ),
        "{error}"
    );
    let error = anew(800).verify(&since(&kept)).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("not those of the earlier checkpoint"),
        "{error}"
    );
    let error = anew(299).verify(&since(&kept)).unwrap_err();
    assert!(
        matches!(
            error,
            VerifyError::RolledBack {
                pinned_size: 300,
                ..
            }
        ),
        "{error}"
    );

    let empty = Checkpoint {
        origin: ORIGIN.to_owned(),
        tree_size: 0,
        root: crate::merkle::empty_root(),
    };
    let empty = signer().sign(&empty.text());
    assert_eq!(log.verify(&since(empty.as_bytes())).unwrap().since, Some(0));
    let error = log.verify(&since(b"nonsense\n")).unwrap_err();
    assert!(matches!(error, VerifyError::Since(_)), "{error}");
    let foreign = empty.replace(ORIGIN, "example.vn/other");
    let error = log.verify(&since(foreign.as_bytes())).unwrap_err();
    assert!(matches!(error, VerifyError::Since(_)), "{error}");
}

#[test]
fn outsiders_verify_the_tree_without_the_entries() {
    let log = Written::new(&(0..70_000).map(entry).collect::<Vec<_>>());
    let outside = || {
        verify(
            &Outside(Directory::new(&log.directory())),
            &Known::default(),
            &mut |_, _| {},
        )
    };
    assert_eq!(
        outside().unwrap().to_string(),
        "tree of 70,000 entries valid; entries not shown to outsiders"
    );
    for path in [
        "tile/0/100",
        "tile/0/273.p/112",
        "tile/1/000",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
    ] {
        let bytes = fs::read(log.file(path)).unwrap();
        let mut changed = bytes.clone();
        changed[17] ^= 4;
        fs::write(log.file(path), changed).unwrap();
        assert!(outside().is_err(), "{path}");
        fs::write(log.file(path), bytes).unwrap();
    }
    let tile = fs::read(log.file("tile/0/007")).unwrap();
    fs::write(log.file("tile/0/007"), &tile[..8_000]).unwrap();
    assert!(matches!(outside(), Err(VerifyError::Damaged { .. })));
}

#[test]
fn a_pruned_log_is_valid_where_an_entry_says_that_it_was_pruned() {
    let log = Written::new(&(0..2_000).map(entry).collect::<Vec<_>>());
    log.append(&[pruning(512), entry(2_001)]);
    fs::write(log.file("pruned"), "pruned 512\n").unwrap();
    let known = Known::default();
    // Before the first bundle is removed, and while they are being removed.
    let whole = log.verify(&known).unwrap();
    assert_eq!(whole.to_string(), "2,002 of 2,002 entries valid");
    fs::remove_file(log.file("tile/entries/001")).unwrap();
    assert_eq!(log.verify(&known).unwrap().pruned, 256);
    fs::remove_file(log.file("tile/entries/000")).unwrap();
    assert_eq!(
        log.verify(&known).unwrap().to_string(),
        "1,490 of 2,002 entries valid, 512 older ones pruned by policy"
    );

    log.flip("tile/0/001");
    assert!(
        log.verify(&known).is_err(),
        "the hashes of pruned entries count"
    );
    log.flip("tile/0/001");
    fs::write(log.file("pruned"), "pruned 256\n").unwrap();
    let error = log.verify(&known).unwrap_err();
    assert!(
        matches!(&error, VerifyError::Io { path, .. } if path == "tile/entries/001"),
        "{error}"
    );
    fs::remove_file(log.file("pruned")).unwrap();
    let error = log.verify(&known).unwrap_err();
    assert!(
        matches!(&error, VerifyError::Io { path, .. } if path == "tile/entries/000"),
        "{error}"
    );

    fs::write(log.file("pruned"), "pruned 512\n").unwrap();
    fs::remove_file(log.file("tile/entries/002")).unwrap();
    let error = log.verify(&known).unwrap_err();
    assert!(
        matches!(&error, VerifyError::Io { path, .. } if path == "tile/entries/002"),
        "{error}"
    );
}

#[test]
fn a_mark_of_pruning_without_its_entry_is_an_error() {
    let log = Written::new(
        &(0..2_000)
            .map(entry)
            .chain([pruning(256)])
            .collect::<Vec<_>>(),
    );
    for mark in ["pruned 512\n", "pruned 1792\n"] {
        fs::write(log.file("pruned"), mark).unwrap();
        let error = log.verify(&Known::default()).unwrap_err();
        assert!(matches!(error, VerifyError::PrunedUnsaid { .. }), "{error}");
    }
    for mark in [
        "",
        "pruned 100\n",
        "pruned 2048\n",
        "pruned 0256\n",
        "pruned 256",
        "pruned +256\n",
    ] {
        fs::write(log.file("pruned"), mark).unwrap();
        let error = log.verify(&Known::default()).unwrap_err();
        assert!(
            matches!(error, VerifyError::PrunedMark),
            "{mark:?}: {error}"
        );
    }
    fs::write(log.file("pruned"), "pruned 256\n").unwrap();
    assert!(log.verify(&Known::default()).is_ok());
}

#[test]
fn with_a_policy_the_log_must_extend_what_its_witnesses_cosigned() {
    let log = Written::new(&(0..300).map(entry).collect::<Vec<_>>());
    let witness = Cosigner::from_seed("w.example", &[2; 32]).unwrap();
    let policy = format!("witness w {}\nquorum w\n", witness.verifier());
    let policy = Policy::parse(&policy).unwrap();
    let known = Known {
        witnesses: Some(&policy),
        ..Known::default()
    };
    assert!(matches!(log.verify(&known), Err(VerifyError::Io { .. })));

    let keys = signer().verifiers();
    let cosign = |checkpoint: Checkpoint| {
        let (text, note) = (checkpoint.text(), signer().sign(&checkpoint.text()));
        let line = format!("{text}\n{}", witness.cosign(&text, 50));
        let cosignature = witness.verifier().find(line.as_bytes()).unwrap().unwrap();
        let signed = SignedCheckpoint { checkpoint, note };
        let cosigned = Cosigned::assemble(&signed, &[cosignature], &policy, &keys).unwrap();
        cosigned.write(&DiskFiles, &log.directory()).unwrap();
    };
    let at_300 = SignedCheckpoint::open_any(&log.note(), &keys)
        .unwrap()
        .checkpoint;
    cosign(at_300.clone());
    log.append(&(300..400).map(entry).collect::<Vec<_>>());
    let cosigned = log.verify(&known).unwrap().cosigned.unwrap();
    assert_eq!(
        (cosigned.tree_size, cosigned.witnesses, cosigned.timestamp),
        (300, 1, 50)
    );

    cosign(Checkpoint {
        root: [3; 32],
        ..at_300.clone()
    });
    let error = log.verify(&known).unwrap_err();
    assert!(
        matches!(
            error,
            VerifyError::Rewritten {
                pinned_size: 300,
                ..
            }
        ),
        "{error}"
    );
    cosign(Checkpoint {
        tree_size: 500,
        ..at_300
    });
    let error = log.verify(&known).unwrap_err();
    assert!(
        matches!(
            error,
            VerifyError::RolledBack {
                pinned_size: 500,
                ..
            }
        ),
        "{error}"
    );
    fs::copy(log.file("checkpoint"), log.file("checkpoint.cosigned")).unwrap();
    let error = log.verify(&known).unwrap_err();
    assert!(matches!(error, VerifyError::Witnesses(_)), "{error}");
}
