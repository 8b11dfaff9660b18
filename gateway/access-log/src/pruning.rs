//! Removing old entries by policy, while every proof still verifies, as [C2SP tlog-tiles, "Pruning"]
//! allows.
//!
//! What goes is a prefix of whole bundles; the hash tiles stay, so the root, every consistency proof
//! and every inclusion proof stay too, also those about what is gone. Three steps, each durable
//! before the next:
//!
//! 1. an entry of kind `pruning` that names the first leaf that is kept is appended and published;
//! 2. the file `pruned` beside the checkpoint says the same: `pruned <leaf index>` ([`write_mark`]);
//! 3. the bundles below it are removed ([`remove_bundles`]).
//!
//! A crash between two steps leaves a log that is whole and readable; whoever prunes next goes on
//! where it stopped. Entries stay a while longer in the segment that is being written, until 64 MiB
//! of newer ones have followed.
//!
//! [C2SP tlog-tiles, "Pruning"]: https://c2sp.org/tlog-tiles#pruning

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::files::{DiskFiles, replace};
use crate::store::ReadError;
use crate::tile::{TILE_WIDTH, TileKind, TilePath};

/// Name of the mark below the log's directory.
pub const MARK_FILE: &str = "pruned";
/// Longer than the mark can be.
const MARK_BYTES_MAX: usize = 64;

/// The first entry that is kept; 0 where nothing was ever removed.
///
/// # Errors
/// [`ReadError`]: the mark cannot be read, or is none.
pub fn mark(log_directory: &Path) -> Result<u64, ReadError> {
    let path = MARK_FILE.to_owned();
    let bytes = match fs::read(log_directory.join(MARK_FILE)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(source) => return Err(ReadError::Io { path, source }),
    };
    parse_mark(&bytes).ok_or(ReadError::Damaged { path })
}

/// The leaf index of a mark's bytes; `None` when they are no mark.
#[must_use]
pub fn parse_mark(bytes: &[u8]) -> Option<u64> {
    if bytes.len() > MARK_BYTES_MAX {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let number = text.strip_prefix("pruned ")?.strip_suffix('\n')?;
    let first: u64 = number.parse().ok()?;
    // One mark, one spelling.
    let is_canonical = number == first.to_string() && first.is_multiple_of(TILE_WIDTH.into());
    is_canonical.then_some(first)
}

/// The mark as it is written.
#[must_use]
pub fn mark_text(first: u64) -> String {
    format!("pruned {first}\n")
}

/// Writes the mark, durably. The entry that says the same must have been published before.
///
/// # Errors
/// The mark cannot be written.
pub fn write_mark(log_directory: &Path, first: u64) -> io::Result<()> {
    let text = mark_text(first);
    replace(&DiskFiles, &log_directory.join(MARK_FILE), text.as_bytes())
}

/// Removes the bundles below the mark, whole and partial, and returns how many files that were. Does
/// nothing where they are gone already.
///
/// # Errors
/// [`ReadError`]; what was removed before stays removed, and it can be tried again.
pub fn remove_bundles(log_directory: &Path) -> Result<u64, ReadError> {
    let first = mark(log_directory)?;
    if first == 0 {
        return Ok(0);
    }
    let mut removed = 0;
    for file in bundle_files(log_directory).map_err(unreadable)? {
        let path = file.strip_prefix(log_directory).ok();
        let path = path.and_then(|path| path.to_str()?.parse::<TilePath>().ok());
        let Some(path) = path.filter(|path| path.kind == TileKind::Entries) else {
            continue;
        };
        if path.index < first / u64::from(TILE_WIDTH) {
            match fs::remove_file(&file) {
                // The publisher clears partial bundles away too.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                removing => {
                    removing.map_err(unreadable)?;
                    removed += 1;
                }
            }
        }
    }
    if removed > 0 {
        remove_empty_directories(&log_directory.join("tile/entries")).map_err(unreadable)?;
    }
    Ok(removed)
}

fn unreadable(source: io::Error) -> ReadError {
    ReadError::Io {
        path: "tile/entries".to_owned(),
        source,
    }
}

/// Every file below `tile/entries`.
fn bundle_files(log_directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut directories = vec![log_directory.join("tile/entries")];
    while let Some(directory) = directories.pop() {
        let listed = match fs::read_dir(&directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            listed => listed?,
        };
        for found in listed {
            let found = found?;
            match found.file_type()?.is_dir() {
                true => directories.push(found.path()),
                false => files.push(found.path()),
            }
        }
    }
    Ok(files)
}

/// Makes the removals durable, and removes directories that have become empty. The newest is never
/// empty: the last bundle is not removed.
fn remove_empty_directories(directory: &Path) -> io::Result<()> {
    for found in fs::read_dir(directory)? {
        let found = found?;
        if found.file_type()?.is_dir() {
            remove_empty_directories(&found.path())?;
            if fs::read_dir(found.path())?.next().is_none() {
                fs::remove_dir(found.path())?;
            }
        }
    }
    fs::File::open(directory)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_has_one_spelling() {
        assert_eq!(parse_mark(b"pruned 512\n"), Some(512));
        assert_eq!(parse_mark(b"pruned 0\n"), Some(0));
        for other in [
            "pruned 512",
            "pruned 0512\n",
            "pruned 500\n",
            "pruned +512\n",
            "pruned 512\n\n",
            "512\n",
            "",
        ] {
            assert_eq!(parse_mark(other.as_bytes()), None, "{other:?}");
        }
    }

    #[test]
    fn bundles_below_the_mark_go_and_nothing_else() {
        let home = tempfile::tempdir().unwrap();
        let log = home.path();
        let files = [
            "tile/entries/000",
            "tile/entries/000.p/17",
            "tile/entries/001",
            "tile/entries/002",
            "tile/entries/x001/000",
            "tile/0/000",
            "tile/0/001",
        ];
        for file in files {
            let path = log.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"x").unwrap();
        }
        assert_eq!(remove_bundles(log).unwrap(), 0, "without a mark");
        write_mark(log, 512).unwrap();
        assert_eq!(mark(log).unwrap(), 512);
        assert_eq!(remove_bundles(log).unwrap(), 3);
        assert_eq!(remove_bundles(log).unwrap(), 0, "a second time");
        let left: Vec<_> = files
            .iter()
            .filter(|file| log.join(file).exists())
            .collect();
        let expected = [
            "tile/entries/002",
            "tile/entries/x001/000",
            "tile/0/000",
            "tile/0/001",
        ];
        assert_eq!(left, expected.iter().collect::<Vec<_>>());
        assert!(!log.join("tile/entries/000.p").exists());
    }

    #[test]
    fn a_mark_that_is_none_is_damage() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join(MARK_FILE), "pruned soon\n").unwrap();
        assert!(matches!(mark(home.path()), Err(ReadError::Damaged { .. })));
    }
}
