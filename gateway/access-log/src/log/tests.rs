//! The log as a whole, on real files; what it leaves behind is checked by `verify`, which shares
//! no code with what wrote it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::entry::record::{Bytes32, NodeStart};
use crate::entry::{Entry, Record};
use crate::store::ReadError;
use crate::verify::{Report, VerifyError, verify_dir};

mod durability;
mod publishing;
mod rotation;
mod tampering;

/// A log in a directory of its own, and a place outside it for the second checkpoint.
struct Bench {
    root: TempDir,
}

impl Bench {
    fn new() -> Self {
        Self {
            root: tempfile::tempdir().unwrap(),
        }
    }

    fn directory(&self) -> PathBuf {
        self.root.path().join("log")
    }

    fn second(&self) -> PathBuf {
        self.root.path().join("second/checkpoint")
    }

    fn options(&self) -> Options {
        let signer = Signer::from_seed("example.vn/log", &[7; 32]).unwrap();
        let options = Options::new(self.directory(), self.second(), signer);
        Options {
            publish_interval: Duration::from_millis(10),
            scrub_interval: None,
            reserve: Reserve {
                ballast_bytes: Some(0),
                ..Reserve::default()
            },
            ..options
        }
    }

    fn open(&self) -> TileLog {
        TileLog::open(self.options()).unwrap()
    }

    fn verify(&self) -> Result<Report, VerifyError> {
        verify_dir(&self.directory(), None, &mut |_, _| {})
    }

    /// Every file of the log with its bytes.
    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut directories = vec![self.directory()];
        while let Some(directory) = directories.pop() {
            for entry in fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    directories.push(path);
                } else {
                    files.insert(path.clone(), fs::read(path).unwrap());
                }
            }
        }
        files
    }

    /// Puts the log's directory into an earlier state.
    fn restore(&self, files: &BTreeMap<PathBuf, Vec<u8>>) {
        fs::remove_dir_all(self.directory()).unwrap();
        for (path, bytes) in files {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }
}

/// An entry that says nothing but its number.
pub(crate) fn entry(number: u64) -> EncodedEntry {
    let mut nonce = [0; 32];
    nonce[..8].copy_from_slice(&number.to_be_bytes());
    let record = NodeStart {
        cut_bytes: number,
        mappings: Vec::new(),
        software: "test".to_owned(),
    };
    let time = "2026-11-21T08:00:00Z".to_owned();
    Entry {
        time,
        nonce: Bytes32(nonce),
        record: Record::NodeStart(record),
    }
    .encode()
    .unwrap()
}

/// Appends entries one after the other and returns their acknowledgements.
async fn append(log: &TileLog, numbers: std::ops::Range<u64>) -> Vec<Appended> {
    let mut appended = Vec::new();
    for number in numbers {
        appended.extend(log.append(vec![entry(number)]).await.unwrap());
    }
    appended
}
