//! The few file operations that change the log on disk, behind a trait, so that a test can make
//! any one of them fail. Reading goes through `std::fs` directly: a failed read loses nothing.

use std::fmt::Debug;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{Advice, FallocateFlags, fadvise, fallocate, statvfs};

/// Room on the file system that a directory is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Bytes that this process may still use.
    pub free_bytes: u64,
    /// Bytes of the whole file system.
    pub total_bytes: u64,
}

/// Changes to files and directories.
///
/// Implementers must report every failure, and must not retry a failed write or sync: after one,
/// the kernel may have dropped the data, and a second sync would claim success.
pub trait Files: Debug + Send + Sync + 'static {
    /// Creates a directory and its parents, unless they exist.
    ///
    /// # Errors
    /// What the system says.
    fn create_dir_all(&self, path: &Path) -> io::Result<()>;
    /// Creates a file, or empties it.
    ///
    /// # Errors
    /// What the system says.
    fn create(&self, path: &Path) -> io::Result<Box<dyn LogFile>>;
    /// Opens an existing file to write at its end.
    ///
    /// # Errors
    /// What the system says.
    fn open_append(&self, path: &Path) -> io::Result<Box<dyn LogFile>>;
    /// Cuts a file to a length, durably.
    ///
    /// # Errors
    /// What the system says.
    fn truncate(&self, path: &Path, length: u64) -> io::Result<()>;
    /// Renames a file, replacing the target.
    ///
    /// # Errors
    /// What the system says.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    ///
    /// # Errors
    /// What the system says.
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// Removes a directory with all it holds.
    ///
    /// # Errors
    /// What the system says.
    fn remove_dir_all(&self, path: &Path) -> io::Result<()>;
    /// Makes the names in a directory durable (`fsync`).
    ///
    /// # Errors
    /// What the system says.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
    /// Creates a file that really takes up this many bytes, so that removing it makes room.
    ///
    /// # Errors
    /// What the system says; the file may then be there in part.
    fn allocate(&self, path: &Path, bytes: u64) -> io::Result<()>;
    /// How much room there is where a directory is.
    ///
    /// # Errors
    /// What the system says.
    fn space(&self, directory: &Path) -> io::Result<Space>;
}

/// A file being written. It stays open until its sync, so that no error is missed.
pub trait LogFile: Send {
    /// Writes all bytes at the end.
    ///
    /// # Errors
    /// What the system says.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Lets the system begin to write what it was given, without waiting for it: where many files
    /// are synced one after the other, the first sync then serves them all. Promises nothing.
    fn begin_sync(&mut self) {}
    /// Makes what was written durable (`fdatasync`).
    ///
    /// # Errors
    /// What the system says.
    fn sync_data(&mut self) -> io::Result<()>;
}

/// The file system of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct DiskFiles;

impl Files for DiskFiles {
    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn LogFile>> {
        Ok(Box::new(File::create(path)?))
    }

    fn open_append(&self, path: &Path) -> io::Result<Box<dyn LogFile>> {
        Ok(Box::new(OpenOptions::new().append(true).open(path)?))
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        let file = OpenOptions::new().write(true).open(path)?;
        file.set_len(length)?;
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_dir_all(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir_all(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn allocate(&self, path: &Path, bytes: u64) -> io::Result<()> {
        let mut file = File::create(path)?;
        if fallocate(&file, FallocateFlags::empty(), 0, bytes).is_err() {
            // Not every file system can do it; then the bytes are written.
            io::copy(&mut io::repeat(0x5a).take(bytes), &mut file)?;
            file.sync_all()?;
        }
        Ok(())
    }

    fn space(&self, directory: &Path) -> io::Result<Space> {
        let system = statvfs(directory)?;
        Ok(Space {
            free_bytes: system.f_bavail.saturating_mul(system.f_frsize),
            total_bytes: system.f_blocks.saturating_mul(system.f_frsize),
        })
    }
}

impl LogFile for File {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        Write::write_all(self, bytes)
    }

    fn begin_sync(&mut self) {
        // Linux begins to write what it is told is not needed. Before that the file has no blocks,
        // and each sync would be a commit of the file system's journal by itself.
        let _advice = fadvise(&*self, 0, None, Advice::DontNeed);
    }

    fn sync_data(&mut self) -> io::Result<()> {
        Self::sync_data(self)
    }
}

/// Replaces a file as one durable step: written and synced under another name in the same
/// directory, then renamed.
pub(crate) fn replace(files: &dyn Files, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_added_extension("new");
    let mut file = files.create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_data()?;
    files.rename(&temporary, path)?;
    files.sync_dir(&parent(path))
}

/// Makes a directory and its parents as one durable step each, so that none of them can be missing
/// above something that is durable.
///
/// What a killed process has made may not be durable yet, and nobody can see that it is not: so the
/// name of the lowest directory that is there already is synced too.
pub(crate) fn make_directory(files: &dyn Files, path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return match files.sync_dir(&parent(path)) {
            // Not ours to read, so not ours to have made.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
            synced => synced,
        };
    }
    let above = parent(path);
    make_directory(files, &above)?;
    files.create_dir_all(path)?;
    files.sync_dir(&above)
}

/// The directory that a path is in.
fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
        Some(parent) => parent.to_owned(),
        None => path.to_owned(),
    }
}
