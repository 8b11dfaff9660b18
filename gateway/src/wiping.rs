//! Removes files so that what they held is gone: their bytes are overwritten before their space is
//! given back.
//!
//! On a disk that writes elsewhere what is written again, copies can remain in cells that no file
//! names any more: what holds anything about people belongs on an encrypted volume.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
    thread,
    time::Duration,
};

/// A directory into which somebody still writes is emptied again so often, and after so long.
const ATTEMPTS_MAX: u32 = 200;
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(5);
/// Overwritten at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// Removes a file and overwrites what it held; one that is not there is gone already.
///
/// # Errors
/// It cannot be overwritten or removed.
pub fn remove_file(path: &Path) -> io::Result<()> {
    let file = match OpenOptions::new().write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    overwrite(&file)?;
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        removed => removed?,
    }
    sync_above(path)
}

/// Removes a directory with all it holds, and overwrites that. What is written into it meanwhile is
/// removed too: the threads of a database that was just closed can take a moment to end.
///
/// # Errors
/// A file cannot be overwritten or removed; those before it are gone.
pub fn remove_directory(path: &Path) -> io::Result<()> {
    for attempt in 1..=ATTEMPTS_MAX {
        let removed = empty(path).and_then(|()| fs::remove_dir(path));
        match removed {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error)
                if error.kind() == io::ErrorKind::DirectoryNotEmpty && attempt < ATTEMPTS_MAX =>
            {
                thread::sleep(BETWEEN_ATTEMPTS);
            }
            removed => {
                removed?;
                break;
            }
        }
    }
    sync_above(path)
}

/// Removes all that a directory holds; what others have removed meanwhile is gone already.
fn empty(path: &Path) -> io::Result<()> {
    for found in fs::read_dir(path)? {
        let found = found?;
        let is_directory = match found.file_type() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            kind => kind?.is_dir(),
        };
        match is_directory {
            true => remove_directory(&found.path())?,
            false => remove_file(&found.path())?,
        }
    }
    Ok(())
}

/// Puts another file in the place of one, as one step, and overwrites what that one held.
///
/// # Errors
/// The new file cannot be put there: the old one stands. Or the old one's bytes cannot be
/// overwritten: the new one stands.
pub fn replace(path: &Path, put: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    let old = match OpenOptions::new().write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        opened => Some(opened?),
    };
    put()?;
    old.map_or(Ok(()), |old| overwrite(&old))
}

fn overwrite(mut file: &File) -> io::Result<()> {
    let zeros = vec![0; CHUNK_BYTES];
    let mut left = file.metadata()?.len();
    while left > 0 {
        let now = usize::try_from(left)
            .unwrap_or(CHUNK_BYTES)
            .min(CHUNK_BYTES);
        file.write_all(zeros.get(..now).unwrap_or(&zeros))?;
        left = left.saturating_sub(now as u64);
    }
    file.sync_all()
}

fn sync_above(path: &Path) -> io::Result<()> {
    let above = path.parent().filter(|path| !path.as_os_str().is_empty());
    above.map_or(Ok(()), |above| File::open(above)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Seek};

    /// What a file held can still be read by whoever had it open.
    fn left(file: &mut File) -> Vec<u8> {
        let mut bytes = Vec::new();
        file.rewind().unwrap();
        file.read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn what_a_removed_file_held_is_overwritten() {
        let home = tempfile::tempdir().unwrap();
        let below = home.path().join("a/b");
        fs::create_dir_all(&below).unwrap();
        let path = below.join("file");
        let secret = b"somebody".repeat(20_000);
        fs::write(&path, &secret).unwrap();
        let mut held = File::open(&path).unwrap();
        remove_directory(&home.path().join("a")).unwrap();
        assert!(!home.path().join("a").exists());
        assert_eq!(left(&mut held), vec![0; secret.len()]);
        remove_directory(&home.path().join("a")).unwrap();
        remove_file(&path).unwrap();
    }

    #[test]
    fn what_is_written_meanwhile_is_removed_too() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("closing");
        fs::create_dir(&path).unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                for number in 0..300 {
                    // Fails once the directory is gone.
                    let _ = fs::write(path.join(number.to_string()), b"somebody");
                }
            });
            remove_directory(&path).unwrap();
        });
        assert!(!path.exists());
    }

    #[test]
    fn a_replaced_file_is_overwritten_and_the_new_one_stands() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("file");
        fs::write(&path, b"old").unwrap();
        let mut held = File::open(&path).unwrap();
        let new = home.path().join("new");
        fs::write(&new, b"new").unwrap();
        replace(&path, || fs::rename(&new, &path)).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(left(&mut held), [0; 3]);
    }
}
