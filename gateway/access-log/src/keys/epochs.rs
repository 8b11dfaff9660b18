//! The keys that make pseudonyms, one an epoch: `pseudonym-<epoch>.key`.
//!
//! A new epoch gives everybody a new name in the log; the old key still finds the entries of its
//! time. Once it is destroyed nobody can tell any more whom those entries are about.

use std::fs;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{KeysError, at, create_private_file, read_private_file, remove_for_good};
use crate::pseudonym::{Epoch, Pseudonymiser};

/// The epochs that have a key, oldest first.
///
/// # Errors
/// [`KeysError::Io`].
pub fn epochs(directory: &Path) -> Result<Vec<Epoch>, KeysError> {
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

/// Makes the key of the next epoch, which names people from the next start on.
///
/// # Errors
/// [`KeysError::Io`].
pub fn begin_epoch(directory: &Path, secret: &[u8; 32]) -> Result<Epoch, KeysError> {
    let newest = epochs(directory)?.last().copied().unwrap_or(0);
    let epoch = newest.saturating_add(1);
    create_private_file(&path(directory, epoch), secret)?;
    Ok(epoch)
}

/// Destroys the key of an old epoch.
///
/// # Errors
/// [`KeysError::EpochInUse`], or the file cannot be removed.
pub fn destroy_epoch(directory: &Path, epoch: Epoch) -> Result<(), KeysError> {
    let epochs = epochs(directory)?;
    if !epochs.contains(&epoch) || epochs.last() == Some(&epoch) {
        return Err(KeysError::EpochInUse { epoch });
    }
    let path = path(directory, epoch);
    remove_for_good(&path).map_err(at(&path))
}

/// The pseudonymiser of all epochs that have a key.
pub(super) fn read(directory: &Path) -> Result<Pseudonymiser, KeysError> {
    let mut pseudonymiser: Option<Pseudonymiser> = None;
    for epoch in epochs(directory)? {
        let path = path(directory, epoch);
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

fn path(directory: &Path, epoch: Epoch) -> PathBuf {
    directory.join(format!("pseudonym-{epoch}.key"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::LogKeys;
    use crate::pseudonym::SubjectKind;

    #[test]
    fn a_new_epoch_names_everybody_anew_and_a_destroyed_one_finds_nobody() {
        let directory = tempfile::tempdir().unwrap();
        let open = || LogKeys::open_or_create(directory.path(), "a", || [1; 32]).unwrap();
        let before = open().pseudonymiser.pseudonym(SubjectKind::Person, "1");
        assert_eq!(begin_epoch(directory.path(), &[2; 32]).unwrap(), 2);
        let both = open().pseudonymiser;
        let named = both.pseudonym(SubjectKind::Person, "1");
        assert_eq!(named.epoch, 2);
        assert_eq!(
            both.all_pseudonyms(SubjectKind::Person, "1"),
            [before, named]
        );
        drop(both);

        for kept in [2, 3] {
            assert!(matches!(
                destroy_epoch(directory.path(), kept),
                Err(KeysError::EpochInUse { .. })
            ));
        }
        destroy_epoch(directory.path(), 1).unwrap();
        let left = open().pseudonymiser;
        assert_eq!(left.all_pseudonyms(SubjectKind::Person, "1"), [named]);
        // The number of an epoch is never used again.
        assert_eq!(begin_epoch(directory.path(), &[3; 32]).unwrap(), 3);
    }
}
