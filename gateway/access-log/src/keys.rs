//! The log's secrets on disk: the signing keys, the pseudonym keys and those of the details, in a
//! directory of their own that is not part of the log nor of its backups. Files are readable by
//! their owner only.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::details::DetailKeys;
use crate::note::{NoteError, Signer};
use crate::pseudonym::{Epoch, Pseudonymiser};

mod epochs;
mod signing;

pub use epochs::{begin_epoch, destroy_epoch, epochs};
pub use signing::{add_signing_key, remove_signing_key};

/// The directory of the keys that seal details, below the directory of all keys.
pub const DETAILS_DIRECTORY: &str = "details";

/// What a log needs to sign checkpoints and to name people.
#[derive(Debug)]
pub struct LogKeys {
    /// Signs checkpoints, with every key that is in force; its name is the log's origin.
    pub signer: Signer,
    /// Names people in entries.
    pub pseudonymiser: Pseudonymiser,
    /// Seals what entries say about people.
    pub details: DetailKeys,
}

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// A file could not be read or written.
    #[error("could not read or write `{}`", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The key file does not hold a key.
    #[error("`{}` does not hold a key", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
    },
    /// Others than the owner may read the file.
    #[error("`{}` may be read by others; its mode must be 0600", path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
    },
    /// The signing key belongs to a log with another origin.
    #[error("the signing key belongs to the log `{found}`, not to `{expected}`")]
    OtherOrigin {
        /// The origin that was asked for.
        expected: String,
        /// The origin that the key names.
        found: String,
    },
    /// A key that is not there, or the one that signs alone.
    #[error("the key is not one that signs beside a newer one")]
    NotRetired,
    /// The epoch whose key names people now, or one that has no key.
    #[error("epoch {epoch} has no key, or is the one that names people now")]
    EpochInUse {
        /// The epoch.
        epoch: Epoch,
    },
    /// The origin cannot be a key name.
    #[error(transparent)]
    Origin(#[from] NoteError),
}

impl LogKeys {
    /// Reads the keys of a log from a directory, and makes those that are missing: `log.key` when
    /// there is no key that signs, `pseudonym-1.key` when there is no `pseudonym-<epoch>.key` yet, and
    /// in `details/` the keys of every month in which something is sealed. `new_secret` must return 32 fresh bytes from a
    /// cryptographic source.
    ///
    /// # Errors
    /// [`KeysError`]; an existing file is never replaced.
    pub fn open_or_create(
        directory: &Path,
        origin: &str,
        new_secret: impl Fn() -> [u8; 32] + Send + Sync + 'static,
    ) -> Result<Self, KeysError> {
        create_private_directory(directory)?;
        let signer = match signing::read(directory, origin)? {
            Some(signer) => signer,
            None => signing::create_first(directory, origin, &Zeroizing::new(new_secret()))?,
        };
        if epochs(directory)?.is_empty() {
            begin_epoch(directory, &Zeroizing::new(new_secret()))?;
        }
        Ok(Self {
            signer,
            pseudonymiser: epochs::read(directory)?,
            details: DetailKeys::open(&directory.join(DETAILS_DIRECTORY), new_secret)?,
        })
    }
}

pub(crate) fn create_private_directory(directory: &Path) -> Result<(), KeysError> {
    let mut builder = DirBuilder::new();
    builder
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(at(directory))
}

pub(crate) fn create_private_file(path: &Path, bytes: &[u8]) -> Result<(), KeysError> {
    // Written whole under another name first: a crash must not leave half a key.
    let temporary = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let write = || {
        let mut file = options.open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        path.parent()
            .map_or(Ok(()), |parent| File::open(parent)?.sync_all())
    };
    write().map_err(at(path))
}

pub(crate) fn read_private_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeysError> {
    let mode = fs::metadata(path).map_err(at(path))?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(KeysError::TooOpen {
            path: path.to_owned(),
        });
    }
    fs::read(path).map(Zeroizing::new).map_err(at(path))
}

/// Overwrites a file's bytes and removes it, durably.
pub(crate) fn remove_for_good(path: &Path) -> io::Result<()> {
    overwrite(&OpenOptions::new().write(true).open(path)?)?;
    fs::remove_file(path)?;
    path.parent()
        .map_or(Ok(()), |parent| File::open(parent)?.sync_all())
}

/// Writes zeros over a file's bytes. On a disk that moves what is written elsewhere, copies can
/// remain: keys belong on an encrypted volume.
pub(crate) fn overwrite(file: &File) -> io::Result<()> {
    let length = file.metadata()?.len();
    let zeros = vec![0; usize::try_from(length).unwrap_or(0)];
    file.write_all_at(&zeros, 0)?;
    file.sync_all()
}

pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> KeysError {
    let path = path.to_owned();
    move |source| KeysError::Io { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pseudonym::SubjectKind;

    #[test]
    fn keys_are_made_once_private_and_read_again() {
        let directory = tempfile::tempdir().unwrap();
        let keys = directory.path().join("keys");
        let first = LogKeys::open_or_create(&keys, "example.vn/log", || [1; 32]).unwrap();
        let again = LogKeys::open_or_create(&keys, "example.vn/log", || unreachable!()).unwrap();
        assert_eq!(first.signer.verifier(), again.signer.verifier());
        let name = |keys: &LogKeys| keys.pseudonymiser.pseudonym(SubjectKind::Person, "1");
        assert_eq!(name(&first), name(&again));

        assert_eq!(
            fs::metadata(&keys).unwrap().permissions().mode() & 0o777,
            0o700
        );
        for file in ["log.key", "pseudonym-1.key"] {
            let mode = fs::metadata(keys.join(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
    }

    #[test]
    fn keys_of_another_log_open_to_others_or_damaged_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let keys = directory.path();
        let open = |origin| LogKeys::open_or_create(keys, origin, || [1; 32]);
        open("a").unwrap();
        assert!(matches!(open("b"), Err(KeysError::OtherOrigin { .. })));

        let path = keys.join("pseudonym-1.key");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(open("a"), Err(KeysError::TooOpen { .. })));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, [0; 31]).unwrap();
        assert!(matches!(open("a"), Err(KeysError::Malformed { .. })));
    }
}
