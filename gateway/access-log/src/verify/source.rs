//! Where the files of a log under verification come from: a directory, or a place on the network.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A place that holds a log, by the paths that [the crate's documentation](crate) lists.
///
/// What is read is never believed, so implementers promise nothing about its content. A file that
/// is not there must be told by [`io::ErrorKind::NotFound`]: a partial tile may be gone once its
/// tile is full, and bundles may be pruned.
pub trait Source {
    /// The bytes of a file.
    ///
    /// # Errors
    /// What the system or the network says.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;

    /// The names in a directory; none where it is not there, or where the place does not list.
    ///
    /// # Errors
    /// What the system says.
    fn names(&self, path: &str) -> io::Result<Vec<String>>;

    /// Whether entries may be read here. Where they may not, hash tiles stand in for them.
    fn shows_entries(&self) -> bool;

    /// Tells that a file will be read soon; a slow place may begin to fetch it.
    fn expect(&self, path: &str);
}

/// A log's directory.
#[derive(Clone, Debug)]
pub struct Directory(PathBuf);

impl Directory {
    /// The log in this directory.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }
}

impl Source for Directory {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        fs::read(self.0.join(path))
    }

    fn names(&self, path: &str) -> io::Result<Vec<String>> {
        let listed = match self.0.join(path).read_dir() {
            Ok(listed) => listed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        // No file of a log has a name that is not Unicode.
        listed
            .filter_map(|entry| {
                entry
                    .map(|entry| entry.file_name().into_string().ok())
                    .transpose()
            })
            .collect()
    }

    fn shows_entries(&self) -> bool {
        true
    }

    fn expect(&self, _path: &str) {}
}
