//! The log's secrets on disk: the signing key, the pseudonym keys and those of the details, in a directory of their own
//! that is not part of the log nor of its backups. Files are readable by their owner only.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::details::DetailKeys;
use crate::note::{NoteError, Signer};
use crate::pseudonym::{Epoch, Pseudonymiser};

mod signing;

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
    /// The origin cannot be a key name.
    #[error(transparent)]
    Origin(#[from] NoteError),
}

impl LogKeys {
    /// Reads the keys of a log from a directory, and makes those that are missing: `log.key` when there is no key that signs,
    /// `pseudonym-1.key` when there is no `pseudonym-<epoch>.key` yet, and in `details/` the keys of
    /// every month in which something is sealed. `new_secret` must return 32 fresh bytes from a
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
        if pseudonym_key_files(directory)?.is_empty() {
            let secret = Zeroizing::new(new_secret());
            create_private_file(&pseudonym_key_path(directory, 1), &*secret)?;
        }
        Ok(Self {
            signer,
            pseudonymiser: read_pseudonym_keys(directory)?,
            details: DetailKeys::open(&directory.join(DETAILS_DIRECTORY), new_secret)?,
        })
    }
}

fn read_pseudonym_keys(directory: &Path) -> Result<Pseudonymiser, KeysError> {
    let mut pseudonymiser: Option<Pseudonymiser> = None;
    for epoch in pseudonym_key_files(directory)? {
        let path = pseudonym_key_path(directory, epoch);
        let bytes = read_private_file(&path)?;
        let key = bytes.as_slice().try_into();
        let key = Zeroizing::new(key.map_err(|_| KeysError::Malformed { path })?);
        match &mut pseudonymiser {
            None => pseudonymiser = Some(Pseudonymiser::new(epoch, &key)),
            Some(known) => known.add(epoch, &key),
        }
    }
    pseudonymiser.ok_or_else(|| KeysError::Malformed {
        path: directory.to_owned(),
    })
}

fn pseudonym_key_path(directory: &Path, epoch: Epoch) -> PathBuf {
    directory.join(format!("pseudonym-{epoch}.key"))
}

fn pseudonym_key_files(directory: &Path) -> Result<Vec<Epoch>, KeysError> {
    let mut epochs = Vec::new();
    for entry in fs::read_dir(directory).map_err(at(directory))? {
        let name = entry.map_err(at(directory))?.file_name();
        let epoch: Option<Epoch> = name
            .to_str()
            .and_then(|name| name.strip_prefix("pseudonym-")?.strip_suffix(".key"))
            .and_then(|epoch| epoch.parse().ok());
        epochs.extend(epoch);
    }
    epochs.sort_unstable();
    Ok(epochs)
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

    #[test]
    fn a_new_epoch_is_taken_up_from_its_file() {
        let directory = tempfile::tempdir().unwrap();
        let open = || LogKeys::open_or_create(directory.path(), "a", || [1; 32]).unwrap();
        open();
        create_private_file(&pseudonym_key_path(directory.path(), 12), &[2; 32]).unwrap();
        let pseudonymiser = open().pseudonymiser;
        assert_eq!(pseudonymiser.pseudonym(SubjectKind::Person, "1").epoch, 12);
        assert_eq!(
            pseudonymiser.all_pseudonyms(SubjectKind::Person, "1").len(),
            2
        );
    }
}
