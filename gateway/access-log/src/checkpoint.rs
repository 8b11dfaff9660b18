//! Checkpoints ([C2SP tlog-checkpoint](https://c2sp.org/tlog-checkpoint)): the signed statement
//! of a log's size and root hash.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::merkle::Hash;
use crate::note::{NoteError, Signer, Verifier, Verifiers};

/// What a log says of itself at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name: a URL without scheme.
    pub origin: String,
    /// The number of entries.
    pub tree_size: u64,
    /// The root hash of the tree over them.
    pub root: Hash,
}

/// A checkpoint with the signed note that carries it, byte for byte as published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// What is signed.
    pub checkpoint: Checkpoint,
    /// The signed note.
    pub note: String,
}

/// Why bytes are not a checkpoint of the expected log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The note itself does not hold.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The note is fine, its text is not a checkpoint.
    #[error("the signed text is not a checkpoint")]
    Malformed,
    /// It is the checkpoint of another log.
    #[error("the checkpoint belongs to another log")]
    OtherLog,
}

impl Checkpoint {
    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.tree_size,
            STANDARD.encode(self.root)
        )
    }

    /// Reads the text; extension lines are allowed and ignored.
    ///
    /// # Errors
    /// [`CheckpointError::Malformed`].
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text
            .strip_suffix('\n')
            .ok_or(CheckpointError::Malformed)?
            .split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(CheckpointError::Malformed);
        };
        let tree_size: u64 = size.parse().map_err(|_| CheckpointError::Malformed)?;
        let root = STANDARD
            .decode(root)
            .ok()
            .and_then(|root| Hash::try_from(root).ok())
            .ok_or(CheckpointError::Malformed)?;
        // `+5` and `05` parse as numbers, and are not how a size is written.
        if origin.is_empty() || tree_size.to_string() != size || lines.any(str::is_empty) {
            return Err(CheckpointError::Malformed);
        }
        Ok(Self {
            origin: origin.to_owned(),
            tree_size,
            root,
        })
    }

    /// Signs it.
    pub(crate) fn sign(self, signer: &Signer) -> SignedCheckpoint {
        let note = signer.sign(&self.text());
        SignedCheckpoint {
            checkpoint: self,
            note,
        }
    }
}

impl SignedCheckpoint {
    /// Opens a checkpoint note and checks the signature of the log's key, whose name is the origin.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn open(note: &[u8], verifier: &Verifier) -> Result<Self, CheckpointError> {
        Self::of_log(verifier.name(), verifier.open(note)?, note)
    }

    /// Opens a checkpoint note that any key of the log has signed.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn open_any(note: &[u8], verifiers: &Verifiers) -> Result<Self, CheckpointError> {
        Self::of_log(verifiers.name(), verifiers.open(note)?, note)
    }

    fn of_log(origin: &str, text: &str, note: &[u8]) -> Result<Self, CheckpointError> {
        let checkpoint = Checkpoint::parse(text)?;
        if checkpoint.origin != origin {
            return Err(CheckpointError::OtherLog);
        }
        Ok(Self {
            checkpoint,
            note: String::from_utf8_lossy(note).into_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_the_specification_is_read_and_written_alike() {
        let text =
            "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        let checkpoint = Checkpoint::parse(text).unwrap();
        assert_eq!(checkpoint.tree_size, 20_852_163);
        assert_eq!(checkpoint.text(), text);
        let extended = Checkpoint::parse(&format!("{text}an extension\n")).unwrap();
        assert_eq!(extended, checkpoint);
    }

    #[test]
    fn other_texts_are_refused() {
        let root = STANDARD.encode([0; 32]);
        for text in [
            format!("o\n01\n{root}\n"),
            format!("o\n+1\n{root}\n"),
            format!("o\n-1\n{root}\n"),
            format!("\n1\n{root}\n"),
            format!("o\n1\n{root}"),
            format!("o\n1\n{root}\n\nx\n"),
            format!("o\n18446744073709551616\n{root}\n"),
            "o\n1\nAAAA\n".to_owned(),
            "o\n1\n".to_owned(),
            String::new(),
        ] {
            assert_eq!(
                Checkpoint::parse(&text),
                Err(CheckpointError::Malformed),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_signed_checkpoint_opens_for_its_own_log_only() {
        let signer = Signer::from_seed("example.vn/log", &[3; 32]).unwrap();
        let checkpoint = Checkpoint {
            origin: "example.vn/log".to_owned(),
            tree_size: 5,
            root: [9; 32],
        };
        let signed = checkpoint.clone().sign(&signer);
        let opened = SignedCheckpoint::open(signed.note.as_bytes(), signer.verifier()).unwrap();
        assert_eq!(opened, signed);

        let foreign = Checkpoint {
            origin: "example.vn/other".to_owned(),
            ..checkpoint
        };
        let foreign = foreign.sign(&signer);
        assert_eq!(
            SignedCheckpoint::open(foreign.note.as_bytes(), signer.verifier()),
            Err(CheckpointError::OtherLog)
        );
    }
}
