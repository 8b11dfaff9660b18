//! Keys that this node makes for itself and keeps in files that only it can read.

use aws_lc_rs::{
    hmac,
    signature::{Ed25519KeyPair, KeyPair},
};
use motlan_policies::consent::SubjectKey;
use motlan_schemas::ids::PersonalId;
use std::{
    fs::{DirBuilder, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};
use zeroize::Zeroizing;

/// The key under which consents are kept: a stolen store names nobody.
pub struct SubjectKeys(hmac::Key);

impl SubjectKeys {
    /// Reads `consent.key` from a directory, or makes it.
    ///
    /// # Errors
    /// The file cannot be read or made, or is not 32 bytes long.
    pub fn open_or_create(
        directory: &Path,
        random: &dyn crate::random::Random,
    ) -> io::Result<Self> {
        let key = secret(&directory.join("consent.key"), random)?;
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, key.as_ref())))
    }

    /// The key of one person.
    #[must_use]
    pub fn key(&self, person: &PersonalId) -> SubjectKey {
        let tag = hmac::sign(&self.0, person.expose().as_bytes());
        SubjectKey(tag.as_ref().try_into().unwrap_or_default())
    }
}

impl std::fmt::Debug for SubjectKeys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SubjectKeys(redacted)")
    }
}

/// The key under which the index keeps what entries say: a stolen index names no case and no officer.
#[derive(Clone)]
pub struct IndexKey(hmac::Key);

impl IndexKey {
    /// Reads `index.key` from a directory, or makes it.
    ///
    /// # Errors
    /// The file cannot be read or made, or is not 32 bytes long.
    pub fn open_or_create(
        directory: &Path,
        random: &dyn crate::random::Random,
    ) -> io::Result<Self> {
        Ok(Self::new(&*secret(&directory.join("index.key"), random)?))
    }

    /// A key that is kept elsewhere, or nowhere.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The name of a value of a facet in the index.
    pub(crate) fn tag(&self, facet: u8, value: &str) -> [u8; 12] {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(&[facet]);
        context.update(value.as_bytes());
        let first = context.sign().as_ref().first_chunk().copied();
        first.unwrap_or_default()
    }
}

impl std::fmt::Debug for IndexKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("IndexKey(redacted)")
    }
}

/// The key under which the officers' directory compares: a stolen directory names nobody.
pub struct OfficersKey(hmac::Key);

impl OfficersKey {
    /// Reads `officers.key` from a directory, or makes it.
    ///
    /// # Errors
    /// The file cannot be read or made, or is not 32 bytes long.
    pub fn open_or_create(
        directory: &Path,
        random: &dyn crate::random::Random,
    ) -> io::Result<Self> {
        let key = secret(&directory.join("officers.key"), random)?;
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, key.as_ref())))
    }

    /// The keyed hash of a text that says `what`.
    #[must_use]
    pub fn hash(&self, what: &str, text: &str) -> [u8; 32] {
        let mut message = Zeroizing::new(Vec::with_capacity(128));
        message.extend_from_slice(b"motlan/officers/v1/");
        message.extend_from_slice(what.as_bytes());
        message.push(0);
        message.extend_from_slice(text.as_bytes());
        let tag = hmac::sign(&self.0, &message);
        tag.as_ref().try_into().unwrap_or_default()
    }
}

impl std::fmt::Debug for OfficersKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("OfficersKey(redacted)")
    }
}

/// The key that signs the receipts of consents: Ed25519.
pub struct ReceiptKey(Ed25519KeyPair);

impl ReceiptKey {
    /// Reads `receipt.key` from a directory, or makes it.
    ///
    /// # Errors
    /// The file cannot be read or made, or is not 32 bytes long.
    pub fn open_or_create(
        directory: &Path,
        random: &dyn crate::random::Random,
    ) -> io::Result<Self> {
        let seed = secret(&directory.join("receipt.key"), random)?;
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_ref());
        pair.map(Self).map_err(io::Error::other)
    }

    /// The public key, 32 bytes.
    #[must_use]
    pub fn public(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    /// The signature of some bytes.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.0.sign(bytes).as_ref().to_vec()
    }
}

impl std::fmt::Debug for ReceiptKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ReceiptKey(redacted)")
    }
}

/// The 32 secret bytes of a key file, which is made if there is none yet.
fn secret(path: &Path, random: &dyn crate::random::Random) -> io::Result<Zeroizing<[u8; 32]>> {
    let mut key = Zeroizing::new([0; 32]);
    match File::open(path) {
        Ok(mut file) => {
            // As for the log's keys: a key that others may read is no secret.
            if file.metadata()?.permissions().mode() & 0o077 != 0 {
                let message = "the key may be read by others; its mode must be 0600";
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
            }
            file.read_exact(key.as_mut())?;
            if file.read(&mut [0])? != 0 {
                let message = "a key of 32 bytes is expected";
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            random.fill(key.as_mut());
            write_new(path, key.as_ref())?;
        }
        Err(error) => return Err(error),
    }
    Ok(key)
}

/// Makes a directory (with those above it) that only this user can enter.
///
/// # Errors
/// It cannot be made.
pub fn private_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Writes a file that must not exist yet and that only this user can read, durably.
///
/// # Errors
/// It exists, or cannot be written.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    path.parent()
        .map_or(Ok(()), |directory| File::open(directory)?.sync_all())
}

/// Writes a file that only this user can read, in place of an older one: a reader sees the one or
/// the other, never a part.
///
/// # Errors
/// It cannot be written.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&new, path)
}
