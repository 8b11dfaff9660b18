//! Signed notes ([C2SP signed-note](https://c2sp.org/signed-note)) with Ed25519 keys: the outer
//! form of a checkpoint, and the text form of keys.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::merkle::sha256;

/// Signature type of a plain Ed25519 note signature.
const TYPE_ED25519: u8 = 1;
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
        let invalid = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        if name.is_empty() || name.contains(invalid) {
            return Err(NoteError::MalformedName);
        }
        let mut identified = name.as_bytes().to_vec();
        identified.extend_from_slice(&[b'\n', TYPE_ED25519]);
        identified.extend_from_slice(&public_key);
        let [a, b, c, d, ..] = sha256(&identified);
        Ok(Self {
            name: name.to_owned(),
            key_id: [a, b, c, d],
            public_key,
        })
    }

    /// The key name, which for a log's key is the log's origin.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The signed text of a note, newline at its end included, if this key signed it.
    ///
    /// # Errors
    /// [`NoteError`]; a wrong signature by this key refuses the note even beside right ones.
    pub fn open<'a>(&self, note: &'a [u8]) -> Result<&'a str, NoteError> {
        let note = std::str::from_utf8(note).map_err(|_| NoteError::Malformed)?;
        let control = |c: char| c < ' ' && c != '\n';
        if note.len() > NOTE_BYTES_MAX || note.contains(control) || !note.ends_with('\n') {
            return Err(NoteError::Malformed);
        }
        let border = note.rfind("\n\n").ok_or(NoteError::Malformed)? + 1;
        let (text, signatures) = note.split_at(border);
        let mut signed = false;
        for line in signatures.lines().skip(1) {
            let line = line.strip_prefix("— ").ok_or(NoteError::Malformed)?;
            let (name, encoded) = line.split_once(' ').ok_or(NoteError::Malformed)?;
            let bytes = STANDARD.decode(encoded).map_err(|_| NoteError::Malformed)?;
            let (key_id, signature) = bytes.split_first_chunk().ok_or(NoteError::Malformed)?;
            if name != self.name || *key_id != self.key_id {
                continue;
            }
            UnparsedPublicKey::new(&ED25519, &self.public_key)
                .verify(text.as_bytes(), signature)
                .map_err(|_| NoteError::WrongSignature)?;
            signed = true;
        }
        if signed {
            Ok(text)
        } else {
            Err(NoteError::NotSigned)
        }
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![TYPE_ED25519];
        key.extend_from_slice(&self.public_key);
        let key_id = u32::from_be_bytes(self.key_id);
        write!(
            formatter,
            "{}+{key_id:08x}+{}",
            self.name,
            STANDARD.encode(key)
        )
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
        let (name, key_id, key) = split_key(text.trim_end())?;
        let verifier = Self::new(name, ed25519_bytes(key)?)?;
        if format!("{:08x}", u32::from_be_bytes(verifier.key_id)) == key_id {
            Ok(verifier)
        } else {
            Err(NoteError::MalformedKey)
        }
    }
}

/// The private half of a key: signs notes. Never shown by `Debug`.
pub struct Signer {
    verifier: Verifier,
    pair: Ed25519KeyPair,
}

impl Signer {
    /// A signer from the 32-byte seed of [RFC 8032](https://www.rfc-editor.org/rfc/rfc8032#section-5.1.5).
    ///
    /// # Errors
    /// [`NoteError::MalformedName`] for a name no note may carry.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        let pair =
            Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| NoteError::MalformedKey)?;
        let public_key = pair
            .public_key()
            .as_ref()
            .try_into()
            .map_err(|_| NoteError::MalformedKey)?;
        Ok(Self {
            verifier: Verifier::new(name, public_key)?,
            pair,
        })
    }

    /// Reads the text form `PRIVATE+KEY+name+hash+key`, the one that Go's `note` package writes.
    ///
    /// # Errors
    /// [`NoteError::MalformedKey`] when it is not one, or does not belong to its own hash.
    pub fn from_text(text: &str) -> Result<Self, NoteError> {
        let rest = text
            .trim_end()
            .strip_prefix("PRIVATE+KEY+")
            .ok_or(NoteError::MalformedKey)?;
        let (name, key_id, key) = split_key(rest)?;
        let signer = Self::from_seed(name, &Zeroizing::new(ed25519_bytes(key)?))?;
        if format!("{:08x}", u32::from_be_bytes(signer.verifier.key_id)) == key_id {
            Ok(signer)
        } else {
            Err(NoteError::MalformedKey)
        }
    }

    /// The text form of a private key with this seed; see [`Signer::from_text`].
    ///
    /// # Errors
    /// [`NoteError::MalformedName`] for a name no note may carry.
    pub fn text_of(name: &str, seed: &[u8; 32]) -> Result<Zeroizing<String>, NoteError> {
        let signer = Self::from_seed(name, seed)?;
        let mut key = Zeroizing::new(vec![TYPE_ED25519]);
        key.extend_from_slice(seed);
        let key_id = u32::from_be_bytes(signer.verifier.key_id);
        let encoded = Zeroizing::new(STANDARD.encode(&*key));
        Ok(Zeroizing::new(format!(
            "PRIVATE+KEY+{name}+{key_id:08x}+{}\n",
            *encoded
        )))
    }

    /// The public half.
    #[must_use]
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// The note of a text, which must end with a newline.
    #[must_use]
    pub fn sign(&self, text: &str) -> String {
        let mut signature = self.verifier.key_id.to_vec();
        signature.extend_from_slice(self.pair.sign(text.as_bytes()).as_ref());
        format!(
            "{text}\n— {} {}\n",
            self.verifier.name,
            STANDARD.encode(signature)
        )
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Signer({})", self.verifier)
    }
}

fn split_key(text: &str) -> Result<(&str, &str, &str), NoteError> {
    // The name holds no plus sign; the base64 key may.
    let mut parts = text.splitn(3, '+');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(name), Some(key_id), Some(key)) => Ok((name, key_id, key)),
        _ => Err(NoteError::MalformedKey),
    }
}

fn ed25519_bytes(encoded: &str) -> Result<[u8; 32], NoteError> {
    let bytes = Zeroizing::new(
        STANDARD
            .decode(encoded)
            .map_err(|_| NoteError::MalformedKey)?,
    );
    match bytes.split_first() {
        Some((&TYPE_ED25519, key)) => key.try_into().map_err(|_| NoteError::MalformedKey),
        _ => Err(NoteError::MalformedKey),
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
}
