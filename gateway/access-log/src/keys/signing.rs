//! The files of the keys that sign: `log.key`, and `log-2.key`, `log-3.key`… of those that came
//! later. The one with the highest number is the newest and signs first; all others that are there
//! sign beside it. A key that is retired is removed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{KeysError, at, create_private_file, read_private_file};
use crate::note::{NoteError, Signer, Verifier};

/// The signer of a directory's keys; none where there is no key yet.
pub(super) fn read(directory: &Path, origin: &str) -> Result<Option<Signer>, KeysError> {
    let mut signer: Option<Signer> = None;
    for number in numbers(directory)?.into_iter().rev() {
        let key = read_key(&path(directory, number), origin)?;
        signer = Some(match signer {
            None => key,
            Some(newer) => newer.beside(key)?,
        });
    }
    Ok(signer)
}

/// Makes the first key of a directory.
pub(super) fn create_first(
    directory: &Path,
    origin: &str,
    seed: &[u8; 32],
) -> Result<Signer, KeysError> {
    let path = path(directory, 1);
    create_private_file(&path, Signer::text_of(origin, seed)?.as_bytes())?;
    read_key(&path, origin)
}

/// Puts a key of this seed beside those that sign already, as the newest. A log that is open goes
/// on with the keys it was opened with.
///
/// # Errors
/// [`KeysError`]; an existing file is never replaced.
pub fn add_signing_key(
    directory: &Path,
    origin: &str,
    seed: &[u8; 32],
) -> Result<Verifier, KeysError> {
    let number = numbers(directory)?.last().map_or(1, |newest| newest + 1);
    let path = path(directory, number);
    let text = Signer::text_of(origin, seed)?;
    create_private_file(&path, text.as_bytes())?;
    Ok(read_key(&path, origin)?.verifier().clone())
}

/// Removes a key that signs beside a newer one. The newest key stays whatever is asked for.
///
/// # Errors
/// [`KeysError::NotRetired`] when the key is the newest, or none of this directory.
pub fn remove_signing_key(directory: &Path, origin: &str, key: &Verifier) -> Result<(), KeysError> {
    let mut numbers = numbers(directory)?;
    numbers.pop();
    for number in numbers {
        let path = path(directory, number);
        if read_key(&path, origin)?.verifier() == key {
            let remove = || {
                fs::remove_file(&path)?;
                File::open(directory)?.sync_all()
            };
            return remove().map_err(at(&path));
        }
    }
    Err(KeysError::NotRetired)
}

fn read_key(path: &Path, origin: &str) -> Result<Signer, KeysError> {
    let bytes: Zeroizing<Vec<u8>> = read_private_file(path)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| NoteError::MalformedKey);
    let signer = text.and_then(Signer::from_text);
    let signer = signer.map_err(|_| KeysError::Malformed {
        path: path.to_owned(),
    })?;
    if signer.verifier().name() != origin {
        return Err(KeysError::OtherOrigin {
            expected: origin.to_owned(),
            found: signer.verifier().name().to_owned(),
        });
    }
    Ok(signer)
}

fn path(directory: &Path, number: u32) -> PathBuf {
    match number {
        1 => directory.join("log.key"),
        _ => directory.join(format!("log-{number}.key")),
    }
}

/// The numbers of the keys that are there, oldest first.
fn numbers(directory: &Path) -> Result<Vec<u32>, KeysError> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(directory).map_err(at(directory))? {
        let name = entry.map_err(at(directory))?.file_name();
        let number: Option<u32> = match name.to_str() {
            Some("log.key") => Some(1),
            name => name
                .and_then(|name| name.strip_prefix("log-")?.strip_suffix(".key"))
                .and_then(|number| number.parse().ok())
                .filter(|number| *number > 1),
        };
        numbers.extend(number);
    }
    numbers.sort_unstable();
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "example.vn/log";

    #[test]
    fn keys_are_added_as_the_newest_and_older_ones_removed() {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path();
        assert!(read(directory, ORIGIN).unwrap().is_none());
        let first = create_first(directory, ORIGIN, &[1; 32])
            .unwrap()
            .verifier()
            .clone();
        let second = add_signing_key(directory, ORIGIN, &[2; 32]).unwrap();
        let third = add_signing_key(directory, ORIGIN, &[3; 32]).unwrap();
        let in_force = || read(directory, ORIGIN).unwrap().unwrap().verifiers();
        assert_eq!(
            in_force().keys(),
            [third.clone(), second.clone(), first.clone()]
        );

        remove_signing_key(directory, ORIGIN, &first).unwrap();
        assert!(!directory.join("log.key").exists());
        remove_signing_key(directory, ORIGIN, &second).unwrap();
        for key in [&third, &first] {
            let refused = remove_signing_key(directory, ORIGIN, key);
            assert!(matches!(refused, Err(KeysError::NotRetired)));
        }
        assert_eq!(in_force().keys(), [third]);
        // The number of a key that was removed is not given again.
        add_signing_key(directory, ORIGIN, &[4; 32]).unwrap();
        assert!(directory.join("log-4.key").exists());
    }
}
