//! Signed notes ([C2SP signed-note](https://c2sp.org/signed-note)) with Ed25519 keys: the outer
//! form of a checkpoint, and the text form of keys. A log may have several keys in force while it
//! changes them: the newest signs first, and whoever knows any of them can verify.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::merkle::sha256;

/// Signature type of a plain Ed25519 note signature.
const TYPE_ED25519: u8 = 0x01;
/// What separates the text of a note from its signatures begins each line of them.
const SIGNATURE_PREFIX: &str = "— ";
/// A note holds a checkpoint and a few cosignatures; more than this is not one of ours.
const NOTE_BYTES_MAX: usize = 64 * 1024;

/// What is wrong with a note or a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// The text does not have the form of a signed note.
    #[error("not a signed note")]
    Malformed,
    /// No signature by the expected key.
    #[error("the note is not signed by the expected key")]
    NotSigned,
    /// A signature claims to be by the expected key and is not.
    #[error("the signature of the note is wrong")]
    WrongSignature,
    /// The text is not a verifier key, or not an Ed25519 one.
    #[error("not a verifier key of the form `name+hash+key`")]
    MalformedKey,
    /// A key name is empty or holds a space, a plus sign or a control character.
    #[error("a key name must be non-empty, without spaces and plus signs")]
    MalformedName,
    /// A list of keys is empty, or its keys have different names.
    #[error("the keys of one log must be at least one, and all with the log's name")]
    MixedKeys,
}

/// A note taken apart, nothing verified yet: its text must not be used before a signature holds.
pub(crate) struct ReadNote<'a> {
    /// What is signed, newline at its end included.
    pub(crate) text: &'a str,
    pub(crate) signatures: Vec<SignatureLine<'a>>,
}

/// One line below the text of a note.
pub(crate) struct SignatureLine<'a> {
    pub(crate) name: &'a str,
    pub(crate) key_id: [u8; 4],
    pub(crate) signature: Vec<u8>,
}

impl<'a> ReadNote<'a> {
    pub(crate) fn parse(note: &'a [u8]) -> Result<Self, NoteError> {
        let note = std::str::from_utf8(note).map_err(|_| NoteError::Malformed)?;
        let control = |c: char| c < ' ' && c != '\n';
        if note.len() > NOTE_BYTES_MAX || note.contains(control) || !note.ends_with('\n') {
            return Err(NoteError::Malformed);
        }
        let border = note.rfind("\n\n").ok_or(NoteError::Malformed)? + 1;
        let (text, signatures) = note.split_at(border);
        let lines = signatures.lines().skip(1).map(SignatureLine::parse);
        let signatures = lines.collect::<Option<_>>().ok_or(NoteError::Malformed)?;
        Ok(Self { text, signatures })
    }
}

impl<'a> SignatureLine<'a> {
    /// Reads one line, without the newline at its end.
    pub(crate) fn parse(line: &'a str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix(SIGNATURE_PREFIX)?.split_once(' ')?;
        let bytes = STANDARD.decode(encoded).ok()?;
        let (key_id, signature) = bytes.split_first_chunk()?;
        Some(Self {
            name,
            key_id: *key_id,
            signature: signature.to_vec(),
        })
    }

    /// The line, newline included.
    pub(crate) fn text(name: &str, key_id: [u8; 4], signature: &[u8]) -> String {
        let signature = STANDARD.encode([&key_id, signature].concat());
        format!("{SIGNATURE_PREFIX}{name} {signature}\n")
    }
}

/// The id of a key: the beginning of the SHA-256 hash of its name, its signature type and itself.
pub(crate) fn key_id(name: &str, signature_type: u8, public_key: &[u8; 32]) -> [u8; 4] {
    let identified = [name.as_bytes(), &[b'\n', signature_type], public_key].concat();
    let [a, b, c, d, ..] = sha256(&identified);
    [a, b, c, d]
}

/// Whether a name may stand in a note.
pub(crate) fn check_name(name: &str) -> Result<(), NoteError> {
    let invalid = |c: char| c.is_whitespace() || c.is_control() || c == '+';
    if name.is_empty() || name.contains(invalid) {
        return Err(NoteError::MalformedName);
    }
    Ok(())
}

/// The public half of a key: checks signatures. Its text form is the `vkey` that is published.
#[derive(Clone, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    key_id: [u8; 4],
    public_key: [u8; 32],
}

impl Verifier {
    fn new(name: &str, public_key: [u8; 32]) -> Result<Self, NoteError> {
        check_name(name)?;
        Ok(Self {
            name: name.to_owned(),
            key_id: key_id(name, TYPE_ED25519, &public_key),
            public_key,
        })
    }

    /// The key name, which for a log's key is the log's origin.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether two keys are the same behind different names.
    pub(crate) fn is_same_key(&self, other: &Self) -> bool {
        self.public_key == other.public_key
    }

    /// The signed text of a note, newline at its end included, if this key signed it.
    ///
    /// # Errors
    /// [`NoteError`]; a wrong signature by this key refuses the note even beside right ones.
    pub fn open<'a>(&self, note: &'a [u8]) -> Result<&'a str, NoteError> {
        let note = ReadNote::parse(note)?;
        match self.signed(&note)? {
            true => Ok(note.text),
            false => Err(NoteError::NotSigned),
        }
    }

    /// Whether this key signed a note; a wrong signature in its name is an error.
    fn signed(&self, note: &ReadNote<'_>) -> Result<bool, NoteError> {
        let mut signed = false;
        for line in &note.signatures {
            if line.name == self.name && line.key_id == self.key_id {
                UnparsedPublicKey::new(&ED25519, &self.public_key)
                    .verify(note.text.as_bytes(), &line.signature)
                    .map_err(|_| NoteError::WrongSignature)?;
                signed = true;
            }
        }
        Ok(signed)
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = public_text(&self.name, self.key_id, TYPE_ED25519, &self.public_key);
        formatter.write_str(&text)
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Verifier({self})")
    }
}

impl FromStr for Verifier {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let (name, public_key) = read_key(text.trim_end(), TYPE_ED25519)?;
        Self::new(&name, *public_key)
    }
}

/// The keys of one log that are in force, newest first: at least one, all with the log's name.
/// Their text form, one line a key, is the file `log.vkey`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifiers(Vec<Verifier>);

impl Verifiers {
    /// The keys of one log.
    ///
    /// # Errors
    /// [`NoteError::MixedKeys`].
    pub fn new(keys: Vec<Verifier>) -> Result<Self, NoteError> {
        let name = keys.first().map(Verifier::name);
        match name.is_some() && keys.iter().all(|key| Some(key.name()) == name) {
            true => Ok(Self(keys)),
            false => Err(NoteError::MixedKeys),
        }
    }

    /// The log's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.first().map_or("", Verifier::name)
    }

    /// The keys, newest first.
    #[must_use]
    pub fn keys(&self) -> &[Verifier] {
        &self.0
    }

    /// Whether the two lists have a key in common.
    #[must_use]
    pub fn shares_a_key_with(&self, other: &Self) -> bool {
        self.0.iter().any(|key| other.0.contains(key))
    }

    /// The signed text of a note, newline at its end included, if any of the keys signed it.
    ///
    /// # Errors
    /// [`NoteError`]; a wrong signature in the name of any key refuses the note.
    pub fn open<'a>(&self, note: &'a [u8]) -> Result<&'a str, NoteError> {
        let note = ReadNote::parse(note)?;
        let mut signed = false;
        for key in &self.0 {
            signed |= key.signed(&note)?;
        }
        match signed {
            true => Ok(note.text),
            false => Err(NoteError::NotSigned),
        }
    }
}

impl From<Verifier> for Verifiers {
    fn from(key: Verifier) -> Self {
        Self(vec![key])
    }
}

impl fmt::Display for Verifiers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|key| writeln!(formatter, "{key}"))
    }
}

impl FromStr for Verifiers {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let keys: Result<Vec<Verifier>, NoteError> = text.lines().map(str::parse).collect();
        Self::new(keys?)
    }
}

/// The private half of a key: signs notes. Never shown by `Debug`.
///
/// While a log changes its key, the older keys in force sign beside the newest one.
pub struct Signer {
    verifier: Verifier,
    pair: Ed25519KeyPair,
    older: Vec<Self>,
}

impl Signer {
    /// A signer from the 32-byte seed of [RFC 8032](https://www.rfc-editor.org/rfc/rfc8032#section-5.1.5).
    ///
    /// # Errors
    /// [`NoteError::MalformedName`] for a name no note may carry.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        let (pair, public_key) = key_pair(seed)?;
        Ok(Self {
            verifier: Verifier::new(name, public_key)?,
            pair,
            older: Vec::new(),
        })
    }

    /// Reads the text form `PRIVATE+KEY+name+hash+key`, the one that Go's `note` package writes.
    ///
    /// # Errors
    /// [`NoteError::MalformedKey`] when it is not one, or does not belong to its own hash.
    pub fn from_text(text: &str) -> Result<Self, NoteError> {
        let (name, key_id, seed) = read_private(text, TYPE_ED25519)?;
        let signer = Self::from_seed(name, &seed)?;
        match hex_id(signer.verifier.key_id) == key_id {
            true => Ok(signer),
            false => Err(NoteError::MalformedKey),
        }
    }

    /// The text form of a private key with this seed; see [`Signer::from_text`].
    ///
    /// # Errors
    /// [`NoteError::MalformedName`] for a name no note may carry.
    pub fn text_of(name: &str, seed: &[u8; 32]) -> Result<Zeroizing<String>, NoteError> {
        let id = Self::from_seed(name, seed)?.verifier.key_id;
        Ok(private_text(name, id, TYPE_ED25519, seed))
    }

    /// The same signer with an older key of the log, which signs after it.
    ///
    /// # Errors
    /// [`NoteError::MixedKeys`] when the keys have different names.
    pub fn beside(mut self, older: Self) -> Result<Self, NoteError> {
        if older.verifier.name != self.verifier.name {
            return Err(NoteError::MixedKeys);
        }
        self.older.push(older);
        Ok(self)
    }

    /// The public half of the newest key.
    #[must_use]
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// The public halves of all keys that sign, newest first.
    #[must_use]
    pub fn verifiers(&self) -> Verifiers {
        let older = self.older.iter().map(Self::verifier);
        Verifiers([&self.verifier].into_iter().chain(older).cloned().collect())
    }

    /// The note of a text, which must end with a newline.
    #[must_use]
    pub fn sign(&self, text: &str) -> String {
        let mut note = format!("{text}\n");
        for signer in [self].into_iter().chain(&self.older) {
            let signature = signer.pair.sign(text.as_bytes());
            let Verifier { name, key_id, .. } = &signer.verifier;
            note += &SignatureLine::text(name, *key_id, signature.as_ref());
        }
        note
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Signer({})", self.verifier)
    }
}

const PRIVATE_PREFIX: &str = "PRIVATE+KEY+";

/// The Ed25519 key of a seed, and its public half.
pub(crate) fn key_pair(seed: &[u8; 32]) -> Result<(Ed25519KeyPair, [u8; 32]), NoteError> {
    let malformed = NoteError::MalformedKey;
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| malformed)?;
    let public_key = pair.public_key().as_ref().try_into();
    Ok((pair, public_key.map_err(|_| malformed)?))
}

/// The name and the key of a text `name+hash+key` of a signature type.
pub(crate) fn read_key(
    text: &str,
    signature_type: u8,
) -> Result<(String, Zeroizing<[u8; 32]>), NoteError> {
    let (name, id, key) = split_key(text)?;
    let key = key_bytes(key, signature_type)?;
    check_name(name)?;
    match hex_id(key_id(name, signature_type, &key)) == id {
        true => Ok((name.to_owned(), key)),
        false => Err(NoteError::MalformedKey),
    }
}

/// The text form of a public key.
pub(crate) fn public_text(name: &str, id: [u8; 4], signature_type: u8, key: &[u8; 32]) -> String {
    let key = STANDARD.encode([&[signature_type], &key[..]].concat());
    format!("{name}+{}+{key}", hex_id(id))
}

/// The text form of a private key, newline included.
pub(crate) fn private_text(
    name: &str,
    id: [u8; 4],
    signature_type: u8,
    seed: &[u8; 32],
) -> Zeroizing<String> {
    let mut key = Zeroizing::new(vec![signature_type]);
    key.extend_from_slice(seed);
    let (id, encoded) = (hex_id(id), Zeroizing::new(STANDARD.encode(&*key)));
    Zeroizing::new(format!("{PRIVATE_PREFIX}{name}+{id}+{}\n", *encoded))
}

/// The name, the id and the seed of a private key's text form; the caller compares the id.
pub(crate) fn read_private(
    text: &str,
    signature_type: u8,
) -> Result<(&str, &str, Zeroizing<[u8; 32]>), NoteError> {
    let rest = text.trim_end().strip_prefix(PRIVATE_PREFIX);
    let (name, id, key) = split_key(rest.ok_or(NoteError::MalformedKey)?)?;
    Ok((name, id, key_bytes(key, signature_type)?))
}

/// A key id as texts have it.
pub(crate) fn hex_id(id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}

fn split_key(text: &str) -> Result<(&str, &str, &str), NoteError> {
    // The name holds no plus sign; the base64 key may.
    let mut parts = text.splitn(3, '+');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(name), Some(key_id), Some(key)) => Ok((name, key_id, key)),
        _ => Err(NoteError::MalformedKey),
    }
}

fn key_bytes(encoded: &str, signature_type: u8) -> Result<Zeroizing<[u8; 32]>, NoteError> {
    let malformed = NoteError::MalformedKey;
    let bytes = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| malformed)?);
    match bytes.split_first() {
        Some((first, key)) if *first == signature_type => {
            let key = key.try_into().map_err(|_| malformed)?;
            Ok(Zeroizing::new(key))
        }
        _ => Err(malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Go package `golang.org/x/mod/sumdb/note`.
    const VKEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn a_note_made_by_the_go_package_opens() {
        let verifier: Verifier = VKEY.parse().unwrap();
        assert_eq!(verifier.to_string(), VKEY);
        let text = verifier.open(NOTE.as_bytes()).unwrap();
        assert!(text.starts_with("If you think") && text.ends_with("problem is.\n"));
    }

    #[test]
    fn a_changed_note_is_refused() {
        let verifier: Verifier = VKEY.parse().unwrap();
        let changed = NOTE.replace("answer", "Answer");
        assert_eq!(
            verifier.open(changed.as_bytes()),
            Err(NoteError::WrongSignature)
        );
        let other = NOTE.replace("— PeterNeumann", "— Petra");
        assert_eq!(verifier.open(other.as_bytes()), Err(NoteError::NotSigned));
        for cut in 0..NOTE.len() {
            assert!(
                verifier.open(&NOTE.as_bytes()[..cut]).is_err(),
                "cut at {cut}"
            );
        }
    }

    #[test]
    fn a_private_key_survives_its_text_form_and_stays_out_of_debug() {
        let seed = [7; 32];
        let text = Signer::text_of("example.vn/log", &seed).unwrap();
        let signer = Signer::from_text(&text).unwrap();
        let note = signer.sign("hello\n");
        assert_eq!(signer.verifier().open(note.as_bytes()), Ok("hello\n"));
        assert!(!format!("{signer:?}").contains(text.rsplit('+').next().unwrap().trim()));
        let other = text.replace("example.vn/log", "example.vn/lot");
        assert!(matches!(
            Signer::from_text(&other),
            Err(NoteError::MalformedKey)
        ));
    }

    #[test]
    fn names_that_no_note_may_carry_are_refused() {
        for name in ["", "a b", "a+b", "a\nb", "a\u{a0}b"] {
            assert!(matches!(
                Signer::from_seed(name, &[1; 32]),
                Err(NoteError::MalformedName)
            ));
        }
    }

    #[test]
    fn unknown_signatures_beside_ours_are_ignored() {
        let ours = Signer::from_seed("ours", &[1; 32]).unwrap();
        let witness = Signer::from_seed("witness", &[2; 32]).unwrap();
        let cosignature = witness.sign("text\n");
        let line = cosignature.lines().last().unwrap();
        let note = format!("{}{line}\n", ours.sign("text\n"));
        assert_eq!(ours.verifier().open(note.as_bytes()), Ok("text\n"));
        assert_eq!(witness.verifier().open(note.as_bytes()), Ok("text\n"));
    }

    #[test]
    fn while_keys_change_either_verifies_and_a_wrong_signature_of_either_refuses() {
        let make = |seed| Signer::from_seed("example.vn/log", &[seed; 32]).unwrap();
        let (old, new, stranger) = (make(1), make(2), make(3));
        let (old_key, new_key) = (old.verifier().clone(), new.verifier().clone());
        let both = new.beside(old).unwrap();
        let note = both.sign("text\n");
        assert_eq!(note.lines().count(), 4);
        for key in [&old_key, &new_key] {
            assert_eq!(key.open(note.as_bytes()), Ok("text\n"));
        }
        let keys = both.verifiers();
        assert_eq!(keys.keys(), [new_key, old_key]);
        assert_eq!(keys.to_string().parse(), Ok(keys.clone()));
        assert_eq!(keys.open(note.as_bytes()), Ok("text\n"));
        let unknown = stranger.verifier().open(note.as_bytes());
        assert_eq!(unknown, Err(NoteError::NotSigned));

        // One line of the old key over another text beside a right one of the new key.
        let other = make(1).sign("other\n");
        let forged = format!(
            "{}{}\n",
            make(2).sign("text\n"),
            other.lines().last().unwrap()
        );
        assert_eq!(keys.open(forged.as_bytes()), Err(NoteError::WrongSignature));

        let elsewhere = Signer::from_seed("example.vn/other", &[4; 32]).unwrap();
        assert!(matches!(
            make(1).beside(elsewhere),
            Err(NoteError::MixedKeys)
        ));
        assert_eq!("".parse::<Verifiers>(), Err(NoteError::MixedKeys));
    }
}
