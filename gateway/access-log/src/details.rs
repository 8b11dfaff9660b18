//! The details of entries: encrypted under a key per subject and month, so that a person can be
//! forgotten while every entry, every hash and every proof stays as it is.
//!
//! An entry about somebody says in clear what kind it is, when it was made, and the subject's
//! [pseudonym](crate::pseudonym). Everything else stands in two sealed parts:
//!
//! - `shown`: what the citizen may see of it: who asked, for what, on which ground, what left;
//! - `withheld`: what only a data protection officer may see: the officer, the client, the query.
//!
//! ```text
//! key of the subject in this month   from a tree of keys (see below), by the pseudonym
//!  └ secret of the entry             with the pseudonym and the entry's nonce
//!     └ key of a part                one for `shown`, one for `withheld`; may be told to a verifier
//!        ├ AES-256-GCM key           encrypts the part; used once, so its nonce is zero
//!        └ commitment                32 bytes before the ciphertext
//! ```
//!
//! Each step is the one-step key derivation of NIST SP 800-56C rev. 2 §4 with SHA-256. The
//! commitment binds a part to one key: AES-GCM alone would let whoever seals make one ciphertext
//! that opens to two texts, and then a log that outsiders check would not say one thing only.
//! Whoever is given the key of a part can check that this text, and no other, stands in the entry
//! ([`open_with`]); no other entry and no other part opens with it.
//!
//! Erasing a person takes their keys out of the [key trees](DetailKeys) of all months and writes
//! those anew. The pseudonym stays: whoever has the pseudonym key can still tell that *something*
//! happened to the number and when, until that epoch's key is destroyed too.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::str::FromStr;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::entry::record::Bytes32;
use crate::entry::{EncodedEntry, Entry, EntryError, Envelope};
use crate::keys::KeysError;
use crate::merkle::sha256;
use crate::pseudonym::Pseudonym;

pub mod parts;

mod month;
mod split;
mod store;
mod tree;

use parts::Opener;
use split::{Split, split};
use store::Trees;
use tree::Seed;

/// The keys of all details.
pub struct DetailKeys {
    trees: Trees,
}

/// A month: the time for which a subject has one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    year: u16,
    month: u8,
}

/// The keys of one entry's two parts, which open this entry and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartKeys {
    /// Opens what the citizen may see.
    pub shown: Bytes32,
    /// Opens what only a data protection officer may see.
    pub withheld: Bytes32,
}

/// Why the details of an entry cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum DetailsError {
    /// Their key was destroyed: the person was erased, or the month's retention has ended.
    #[error("the details of the entry have been erased")]
    Erased,
    /// The bytes are no entry with sealed parts.
    #[error("the sealed parts of the entry are damaged")]
    Damaged,
    /// The entry as a whole cannot be read or written.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// A month's keys cannot be read or made.
    #[error("the keys of the entry's details cannot be used")]
    Keys(#[from] KeysError),
}

/// The sealed record of an entry about somebody.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SealedRecord<'a> {
    #[serde(borrow)]
    shown: Cow<'a, str>,
    subject: Pseudonym,
    #[serde(borrow)]
    withheld: Cow<'a, str>,
}

/// The members of a record, as they stand in its text.
type Members<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

const SHOWN: &str = "shown";
const WITHHELD: &str = "withheld";
const COMMITMENT_BYTES: usize = 32;

impl DetailKeys {
    /// The keys in a directory; those of a new month are made when its first entry is sealed.
    /// `new_secret` must return 32 fresh bytes from a cryptographic source.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn open(
        directory: &Path,
        new_secret: impl Fn() -> [u8; 32] + Send + Sync + 'static,
    ) -> Result<Self, KeysError> {
        let trees = Trees::open(directory, Box::new(new_secret))?;
        Ok(Self { trees })
    }

    /// Keys that follow from one secret and are kept nowhere, for logs that end with the program.
    #[must_use]
    pub fn kept_nowhere(secret: [u8; 32]) -> Self {
        Self {
            trees: Trees::kept_nowhere(secret),
        }
    }

    /// The bytes of an entry, its details sealed if it is about somebody.
    ///
    /// # Errors
    /// [`DetailsError`]; never `Erased`.
    pub fn seal(&self, entry: &Entry) -> Result<EncodedEntry, DetailsError> {
        let Some(subject) = entry.record.subject() else {
            return Ok(EncodedEntry::within_limit(entry.to_text()?)?);
        };
        let kind = entry.record.kind();
        let period: Period = entry.time.parse().map_err(|_| EntryError::Time)?;
        let month = self.trees.of(period)?;
        let key = month.key(subject).ok_or(DetailsError::Damaged)?;
        let keys = part_keys(&key.seed, subject, &entry.nonce);

        let record = serde_json::to_vec(&entry.record).map_err(EntryError::Form)?;
        let Split { shown, withheld } = split(kind, &record).map_err(EntryError::Form)?;
        let sealed = SealedRecord {
            shown: seal_part(kind, SHOWN, &keys.shown, shown)?.into(),
            subject: *subject,
            withheld: seal_part(kind, WITHHELD, &keys.withheld, withheld)?.into(),
        };
        Ok(EncodedEntry::within_limit(entry.text_with(&sealed)?)?)
    }

    /// The bytes of an entry with its details in clear, as [`Entry::parse`] takes them. An entry
    /// about nobody is returned as it is.
    ///
    /// # Errors
    /// [`DetailsError`].
    pub fn open_entry<'a>(&self, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>, DetailsError> {
        let envelope = Envelope::parse(bytes)?;
        let Some(sealed) = envelope.sealed() else {
            return Ok(Cow::Borrowed(bytes));
        };
        let keys = self.keys_of(&envelope, &sealed)?;
        clear_text(&envelope, &sealed, &keys).map(Cow::Owned)
    }

    /// Opens an entry and reads it.
    ///
    /// # Errors
    /// [`DetailsError`].
    pub fn read(&self, bytes: &[u8]) -> Result<Entry, DetailsError> {
        Opener::new(self).open(bytes)?.entry()
    }

    /// The keys of the parts of one entry, to be told to a verifier; `None` for one without.
    ///
    /// # Errors
    /// [`DetailsError`].
    pub fn part_keys(&self, bytes: &[u8]) -> Result<Option<PartKeys>, DetailsError> {
        let envelope = Envelope::parse(bytes)?;
        match envelope.sealed() {
            Some(sealed) => self.keys_of(&envelope, &sealed).map(Some),
            None => Ok(None),
        }
    }

    /// Destroys the keys of these subjects, in every month there is. What is sealed about them later
    /// gets keys of its own. Returns how many months were changed.
    ///
    /// # Errors
    /// [`KeysError`]; the months before the one that failed are erased, and it can be tried again.
    pub fn erase(&self, subjects: &[Pseudonym]) -> Result<usize, KeysError> {
        self.trees.change_all(|tree| {
            for subject in subjects {
                month::erase(tree, subject);
            }
        })
    }

    /// Destroys all keys of the months before one. Returns how many months that were.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn destroy_before(&self, period: Period) -> Result<usize, KeysError> {
        self.trees.destroy_before(period)
    }

    /// The months that have keys, oldest first.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn periods(&self) -> Result<Vec<Period>, KeysError> {
        self.trees.periods()
    }

    /// Makes the keys of a month if there are none, so that its first entry need not wait for it.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn prepare(&self, period: Period) -> Result<(), KeysError> {
        self.trees.of(period).map(drop)
    }

    fn keys_of(
        &self,
        envelope: &Envelope<'_>,
        sealed: &SealedRecord<'_>,
    ) -> Result<PartKeys, DetailsError> {
        let period: Period = envelope.time.parse().map_err(|_| DetailsError::Damaged)?;
        let month = self.trees.find(period)?.ok_or(DetailsError::Erased)?;
        let key = month.key(&sealed.subject).ok_or(DetailsError::Erased)?;
        let keys = part_keys(&key.seed, &sealed.subject, &envelope.nonce);
        match is_committed(&keys.shown, &sealed.shown) {
            true => Ok(keys),
            // Sealed under a key that was erased since.
            false if key.generation > 0 => Err(DetailsError::Erased),
            false => Err(DetailsError::Damaged),
        }
    }
}

/// Opens an entry with the keys of its parts alone, as an outsider does.
///
/// # Errors
/// [`DetailsError::Damaged`] when these are not the keys of this entry, or it has no sealed parts.
pub fn open_with(bytes: &[u8], keys: &PartKeys) -> Result<Vec<u8>, DetailsError> {
    let envelope = Envelope::parse(bytes)?;
    let sealed = envelope.sealed().ok_or(DetailsError::Damaged)?;
    clear_text(&envelope, &sealed, keys)
}

/// Whether an entry has sealed parts.
#[must_use]
pub fn is_sealed(bytes: &[u8]) -> bool {
    Envelope::parse(bytes).is_ok_and(|envelope| envelope.sealed().is_some())
}

impl<'a> Envelope<'a> {
    /// The sealed record, where the entry is about somebody.
    fn sealed(&self) -> Option<SealedRecord<'a>> {
        serde_json::from_str(self.record.get()).ok()
    }
}

/// What only a data protection officer may see of an entry; everything else, the citizen may.
fn is_withheld(kind: &str, member: &str) -> bool {
    match kind {
        // That somebody is under protection is for nobody else to read.
        "seal_change" => true,
        // A record can change because somebody is being protected or investigated.
        "registry_change" => true,
        "emergency_review" => member != "verdict",
        "look" => member != "reader" && member != "shown",
        _ => matches!(
            member,
            "answer_digest"
                | "client"
                | "closeness"
                | "emergency_reason"
                | "hidden"
                | "holder"
                | "officer"
                | "policy_version"
                | "query_id"
                | "trace_id"
                | "zone"
        ),
    }
}

fn part_keys(key: &Seed, subject: &Pseudonym, nonce: &Bytes32) -> PartKeys {
    let secret = Zeroizing::new(derive(b"entry", &[key, &subject.value.0, &nonce.0]));
    PartKeys {
        shown: Bytes32(derive(SHOWN.as_bytes(), &[&*secret])),
        withheld: Bytes32(derive(WITHHELD.as_bytes(), &[&*secret])),
    }
}

/// The one-step key derivation of NIST SP 800-56C rev. 2 §4.1, option 1, with SHA-256: counter,
/// secret, fixed information. Every part has a fixed length for its purpose.
fn derive(purpose: &[u8], secret: &[&[u8]]) -> [u8; 32] {
    // On the stack: an entry takes a dozen of these.
    let mut input = Zeroizing::new([0; DERIVED_FROM_MAX]);
    let mut length = 0;
    let counter = 1_u32.to_be_bytes();
    let parts = [counter.as_slice()].into_iter();
    let parts = parts
        .chain(secret.iter().copied())
        .chain([CONTEXT, purpose]);
    for part in parts {
        let end = length + part.len();
        if let Some(place) = input.get_mut(length..end) {
            place.copy_from_slice(part);
        }
        length = end;
    }
    // INVARIANT: all inputs are shorter: at most three secrets of 32 bytes.
    sha256(input.get(..length).unwrap_or(&*input))
}

const CONTEXT: &[u8] = b"motlan/access-log/details/v1/";
const DERIVED_FROM_MAX: usize = 160;

fn commitment(key: &Bytes32) -> [u8; COMMITMENT_BYTES] {
    derive(b"commitment", &[&key.0])
}

fn cipher(key: &Bytes32) -> Option<LessSafeKey> {
    let key = Zeroizing::new(derive(b"encryption", &[&key.0]));
    UnboundKey::new(&AES_256_GCM, &*key)
        .ok()
        .map(LessSafeKey::new)
}

/// What else a part is bound to: its kind and its name.
fn bound_to(kind: &str, part: &str) -> Aad<Vec<u8>> {
    Aad::from([kind.as_bytes(), b"/", part.as_bytes()].concat())
}

fn seal_part(
    kind: &str,
    part: &str,
    key: &Bytes32,
    mut text: Vec<u8>,
) -> Result<String, DetailsError> {
    let cipher = cipher(key).ok_or(DetailsError::Damaged)?;
    let nonce = Nonce::assume_unique_for_key([0; 12]);
    cipher
        .seal_in_place_append_tag(nonce, bound_to(kind, part), &mut text)
        .map_err(|_| DetailsError::Damaged)?;
    let mut sealed = commitment(key).to_vec();
    sealed.append(&mut text);
    Ok(STANDARD.encode(sealed))
}

fn is_committed(key: &Bytes32, sealed: &str) -> bool {
    // 32 bytes are 43 characters; the 43rd also has bits of the ciphertext.
    let first = sealed.get(..44).and_then(|text| STANDARD.decode(text).ok());
    first.is_some_and(|bytes| bytes.starts_with(&commitment(key)))
}

/// The text of a part; `None` where it is sealed under another key.
fn open_part(
    kind: &str,
    part: &str,
    key: &Bytes32,
    sealed: &str,
) -> Result<Option<Zeroizing<Vec<u8>>>, DetailsError> {
    let bytes = STANDARD.decode(sealed).map_err(|_| DetailsError::Damaged)?;
    let mut text = Zeroizing::new(bytes);
    if !text.starts_with(&commitment(key)) {
        return Ok(None);
    }
    let cipher = cipher(key).ok_or(DetailsError::Damaged)?;
    let nonce = Nonce::assume_unique_for_key([0; 12]);
    let opened = cipher.open_within(nonce, bound_to(kind, part), &mut text, COMMITMENT_BYTES..);
    let length = opened.map_err(|_| DetailsError::Damaged)?.len();
    text.truncate(length);
    Ok(Some(text))
}

/// The entry as it was before its details were sealed.
fn clear_text(
    envelope: &Envelope<'_>,
    sealed: &SealedRecord<'_>,
    keys: &PartKeys,
) -> Result<Vec<u8>, DetailsError> {
    let shown = open_part(&envelope.kind, SHOWN, &keys.shown, &sealed.shown)?;
    let withheld = open_part(&envelope.kind, WITHHELD, &keys.withheld, &sealed.withheld)?;
    let (shown, withheld) = shown.zip(withheld).ok_or(DetailsError::Damaged)?;
    let subject = serde_json::value::to_raw_value(&sealed.subject);
    let subject = subject.map_err(|_| DetailsError::Damaged)?;
    let mut members: Members<'_> = BTreeMap::from([(Cow::Borrowed("subject"), &*subject)]);
    for part in [&shown, &withheld] {
        let part: Members<'_> = serde_json::from_slice(part).map_err(|_| DetailsError::Damaged)?;
        members.extend(part);
    }
    Ok(envelope.text_with(&members)?)
}

impl FromStr for Period {
    type Err = NotATime;

    /// The month of an RFC 3339 time in UTC, or of a `YYYY-MM`.
    fn from_str(text: &str) -> Result<Self, NotATime> {
        let part = |range: Range<usize>| {
            let digits = text.get(range)?;
            let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse::<u16>().ok().filter(|_| all_digits)
        };
        let (year, month) = part(0..4).zip(part(5..7)).ok_or(NotATime)?;
        let month = u8::try_from(month).map_err(|_| NotATime)?;
        let ends = matches!(text.as_bytes().get(7), None | Some(b'-'));
        if text.as_bytes().get(4) == Some(&b'-') && (1..=12).contains(&month) && ends {
            Ok(Self { year, month })
        } else {
            Err(NotATime)
        }
    }
}

/// The text does not begin with a year and a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time that begins with a year and a month")]
pub struct NotATime;

impl fmt::Display for Period {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}", self.year, self.month)
    }
}

impl fmt::Debug for DetailKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DetailKeys(hidden)")
    }
}

#[cfg(test)]
mod tests;
