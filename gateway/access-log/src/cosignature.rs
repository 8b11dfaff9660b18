//! Cosignatures of witnesses ([C2SP tlog-cosignature](https://c2sp.org/tlog-cosignature)), in their
//! Ed25519 form: the statement that, as of a moment, a checkpoint is the largest consistent one
//! that the witness has seen of its log. Other signature types are ignored.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use zeroize::Zeroizing;

use crate::note::{
    NoteError, ReadNote, SignatureLine, check_name, hex_id, key_id, key_pair, private_text,
    public_text, read_key, read_private,
};

/// Signature type of a timestamped Ed25519 cosignature.
const TYPE_COSIGNATURE: u8 = 0x04;
/// A timestamp must not exceed this.
const TIMESTAMP_MAX: u64 = i64::MAX.unsigned_abs();

/// The public half of a witness's key. Its text form is a `vkey` of signature type 4.
#[derive(Clone, PartialEq, Eq)]
pub struct CosignatureVerifier {
    name: String,
    key_id: [u8; 4],
    public_key: [u8; 32],
}

/// A cosignature that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// When the witness made it, in seconds since 1970.
    pub timestamp: u64,
    /// The signature line as it stands in a note, newline included.
    pub line: String,
}

impl CosignatureVerifier {
    fn new(name: &str, public_key: [u8; 32]) -> Result<Self, NoteError> {
        check_name(name)?;
        Ok(Self {
            name: name.to_owned(),
            key_id: key_id(name, TYPE_COSIGNATURE, &public_key),
            public_key,
        })
    }

    /// The witness's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether two keys are the same behind different names.
    pub(crate) fn is_same_key(&self, other: &Self) -> bool {
        self.public_key == other.public_key
    }

    /// The newest cosignature of this witness among the signatures of a checkpoint note; none
    /// where it has made none.
    ///
    /// # Errors
    /// [`NoteError::WrongSignature`] when a line in this witness's name does not hold, or
    /// [`NoteError::Malformed`].
    pub fn find(&self, note: &[u8]) -> Result<Option<Cosignature>, NoteError> {
        let note = ReadNote::parse(note)?;
        let mut newest: Option<Cosignature> = None;
        for line in &note.signatures {
            if let Some(cosignature) = self.check(note.text, line)?
                && newest
                    .as_ref()
                    .is_none_or(|known| known.timestamp < cosignature.timestamp)
            {
                newest = Some(cosignature);
            }
        }
        Ok(newest)
    }

    /// What a signature line says of a checkpoint's text, if it is this witness's.
    fn check(
        &self,
        text: &str,
        line: &SignatureLine<'_>,
    ) -> Result<Option<Cosignature>, NoteError> {
        if line.name != self.name || line.key_id != self.key_id {
            return Ok(None);
        }
        let (timestamp, signature) = line
            .signature
            .split_first_chunk()
            .ok_or(NoteError::WrongSignature)?;
        let timestamp = u64::from_be_bytes(*timestamp);
        if timestamp > TIMESTAMP_MAX {
            return Err(NoteError::WrongSignature);
        }
        UnparsedPublicKey::new(&ED25519, &self.public_key)
            .verify(signed_message(timestamp, text).as_bytes(), signature)
            .map_err(|_| NoteError::WrongSignature)?;
        Ok(Some(Cosignature {
            timestamp,
            line: SignatureLine::text(&self.name, self.key_id, &line.signature),
        }))
    }
}

impl fmt::Display for CosignatureVerifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            key_id,
            public_key,
        } = self;
        formatter.write_str(&public_text(name, *key_id, TYPE_COSIGNATURE, public_key))
    }
}

impl fmt::Debug for CosignatureVerifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "CosignatureVerifier({self})")
    }
}

impl FromStr for CosignatureVerifier {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let (name, public_key) = read_key(text.trim_end(), TYPE_COSIGNATURE)?;
        Self::new(&name, *public_key)
    }
}

/// The private half of a witness's key. Never shown by `Debug`.
pub struct Cosigner {
    verifier: CosignatureVerifier,
    pair: Ed25519KeyPair,
}

impl Cosigner {
    /// A cosigner from a 32-byte seed.
    ///
    /// # Errors
    /// [`NoteError::MalformedName`] for a name no note may carry.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        let (pair, public_key) = key_pair(seed)?;
        let verifier = CosignatureVerifier::new(name, public_key)?;
        Ok(Self { verifier, pair })
    }

    /// Reads the text form `PRIVATE+KEY+name+hash+key` of signature type 4.
    ///
    /// # Errors
    /// [`NoteError::MalformedKey`] when it is not one, or does not belong to its own hash.
    pub fn from_text(text: &str) -> Result<Self, NoteError> {
        let (name, id, seed) = read_private(text, TYPE_COSIGNATURE)?;
        let cosigner = Self::from_seed(name, &seed)?;
        match hex_id(cosigner.verifier.key_id) == id {
            true => Ok(cosigner),
            false => Err(NoteError::MalformedKey),
        }
    }

    /// The text form of a private key with this seed; see [`Cosigner::from_text`].
    ///
    /// # Errors
    /// [`NoteError::MalformedName`] for a name no note may carry.
    pub fn text_of(name: &str, seed: &[u8; 32]) -> Result<Zeroizing<String>, NoteError> {
        let id = Self::from_seed(name, seed)?.verifier.key_id;
        Ok(private_text(name, id, TYPE_COSIGNATURE, seed))
    }

    /// The public half.
    #[must_use]
    pub fn verifier(&self) -> &CosignatureVerifier {
        &self.verifier
    }

    /// Cosigns the text of a checkpoint, which must end with a newline; returns the signature line.
    #[must_use]
    pub fn cosign(&self, text: &str, timestamp: u64) -> String {
        let timestamp = timestamp.min(TIMESTAMP_MAX);
        let signature = self.pair.sign(signed_message(timestamp, text).as_bytes());
        let timestamped = [&timestamp.to_be_bytes(), signature.as_ref()].concat();
        let CosignatureVerifier { name, key_id, .. } = &self.verifier;
        SignatureLine::text(name, *key_id, &timestamped)
    }
}

impl fmt::Debug for Cosigner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Cosigner({})", self.verifier)
    }
}

/// [tlog-cosignature, "Ed25519 signed message"](https://c2sp.org/tlog-cosignature#ed25519-signed-message).
fn signed_message(timestamp: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {timestamp}\n{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    fn cosigner() -> Cosigner {
        Cosigner::from_seed("witness.example.com/w1", &[5; 32]).unwrap()
    }

    #[test]
    fn the_line_of_the_specification_is_taken_apart_as_it_says() {
        // The example of tlog-cosignature; the specification gives no key for it.
        let line = "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==";
        let line = SignatureLine::parse(line).unwrap();
        let (timestamp, signature) = line.signature.split_first_chunk().unwrap();
        assert_eq!(u64::from_be_bytes(*timestamp), 1_679_315_147);
        assert_eq!(signature.len(), 64);
        let message = signed_message(u64::from_be_bytes(*timestamp), TEXT);
        assert_eq!(message, format!("cosignature/v1\ntime 1679315147\n{TEXT}"));
    }

    #[test]
    fn a_cosignature_is_found_beside_others_and_the_newest_counts() {
        let cosigner = cosigner();
        let other = Cosigner::from_seed("witness.example.com/w2", &[6; 32]).unwrap();
        let unknown_type = "— witness.example.com/w1 AAAAAP8=\n";
        let lines = [
            other.cosign(TEXT, 30),
            cosigner.cosign(TEXT, 10),
            unknown_type.to_owned(),
            cosigner.cosign(TEXT, 20),
        ];
        let note = format!("{TEXT}\n{}", lines.concat());
        let found = cosigner.verifier().find(note.as_bytes()).unwrap().unwrap();
        assert_eq!(found.timestamp, 20);
        assert_eq!(found.line, lines[3]);
        let nothing = format!("{TEXT}\n{}", lines[0]);
        assert_eq!(cosigner.verifier().find(nothing.as_bytes()), Ok(None));
    }

    #[test]
    fn a_cosignature_of_another_text_or_time_is_wrong() {
        let cosigner = cosigner();
        let line = cosigner.cosign(TEXT, 10);
        let other = TEXT.replace("20852163", "20852164");
        let note = format!("{other}\n{line}");
        let wrong = Err(NoteError::WrongSignature);
        assert_eq!(cosigner.verifier().find(note.as_bytes()), wrong);

        let read = SignatureLine::parse(line.trim_end()).unwrap();
        for bit in 0..read.signature.len() * 8 {
            let mut signature = read.signature.clone();
            signature[bit / 8] ^= 1 << (bit % 8);
            let line = SignatureLine::text(read.name, read.key_id, &signature);
            let note = format!("{TEXT}\n{line}");
            assert_eq!(
                cosigner.verifier().find(note.as_bytes()),
                wrong,
                "bit {bit}"
            );
        }
    }

    #[test]
    fn a_plain_signature_by_the_same_seed_is_no_cosignature() {
        let seed = [5; 32];
        let plain = crate::note::Signer::from_seed("witness.example.com/w1", &seed).unwrap();
        let note = plain.sign(TEXT);
        assert_eq!(cosigner().verifier().find(note.as_bytes()), Ok(None));
        let key = plain.verifier().to_string();
        assert_eq!(
            key.parse::<CosignatureVerifier>(),
            Err(NoteError::MalformedKey)
        );
    }

    #[test]
    fn keys_survive_their_text_form_and_stay_out_of_debug() {
        let text = Cosigner::text_of("witness.example.com/w1", &[5; 32]).unwrap();
        let read = Cosigner::from_text(&text).unwrap();
        assert_eq!(read.verifier(), cosigner().verifier());
        let public = read.verifier().to_string();
        assert_eq!(public.parse(), Ok(read.verifier().clone()));
        assert!(!format!("{read:?}").contains(text.rsplit('+').next().unwrap().trim()));
        assert!(Cosigner::from_text(&text.replace("w1", "w2")).is_err());
    }
}
