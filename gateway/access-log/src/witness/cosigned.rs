//! The checkpoint that a quorum of witnesses has cosigned, beside the one that is published: it is
//! older by the time that witnesses take, and nobody can show it to some and another to others.

use std::fs;
use std::io;
use std::path::Path;

use super::policy::{Policy, Unsatisfied};
use crate::checkpoint::SignedCheckpoint;
use crate::cosignature::Cosignature;
use crate::files::{Files, replace};
use crate::note::Verifiers;

/// Its name below the log's directory.
pub const COSIGNED_FILE: &str = "checkpoint.cosigned";

/// A checkpoint with the cosignatures of a quorum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigned {
    /// The checkpoint; its note carries the cosignatures.
    pub signed: SignedCheckpoint,
    /// When the first of the cosignatures was made, in seconds since 1970.
    pub timestamp: u64,
}

/// Why there is no cosigned checkpoint to be had.
#[derive(Debug, thiserror::Error)]
pub enum CosignedError {
    /// The file cannot be read or written.
    #[error("`{COSIGNED_FILE}` cannot be read or written")]
    Io(#[from] io::Error),
    /// The note does not satisfy the policy.
    #[error("`{COSIGNED_FILE}` does not satisfy the witness policy")]
    Unsatisfied(#[from] Unsatisfied),
}

impl Cosigned {
    /// Puts cosignatures below a checkpoint's note; the log's keys are those of `keys` where the
    /// policy names none.
    ///
    /// # Errors
    /// [`Unsatisfied`] when they are no quorum.
    pub fn assemble(
        checkpoint: &SignedCheckpoint,
        cosignatures: &[Cosignature],
        policy: &Policy,
        keys: &Verifiers,
    ) -> Result<Self, Unsatisfied> {
        let lines = cosignatures.iter().map(|cosignature| &*cosignature.line);
        let note: String = [checkpoint.note.as_str()]
            .into_iter()
            .chain(lines)
            .collect();
        Self::open(note.as_bytes(), policy, keys)
    }

    fn open(note: &[u8], policy: &Policy, keys: &Verifiers) -> Result<Self, Unsatisfied> {
        let signed = policy.open(note, Some(keys))?;
        let quorum = policy.check_quorum(note)?;
        let times = quorum.iter().map(|(_, cosignature)| cosignature.timestamp);
        Ok(Self {
            signed,
            timestamp: times.min().unwrap_or(0),
        })
    }

    /// Reads the one of a log's directory; none where there never was one.
    ///
    /// # Errors
    /// [`CosignedError`].
    pub fn read(
        directory: &Path,
        policy: &Policy,
        keys: &Verifiers,
    ) -> Result<Option<Self>, CosignedError> {
        match fs::read(directory.join(COSIGNED_FILE)) {
            Ok(note) => Ok(Some(Self::open(&note, policy, keys)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Puts it into a log's directory, durably.
    ///
    /// # Errors
    /// [`CosignedError::Io`].
    pub fn write(&self, files: &dyn Files, directory: &Path) -> Result<(), CosignedError> {
        let path = directory.join(COSIGNED_FILE);
        Ok(replace(files, &path, self.signed.note.as_bytes())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::Checkpoint;
    use crate::cosignature::Cosigner;
    use crate::files::DiskFiles;
    use crate::note::Signer;

    #[test]
    fn a_quorum_is_kept_and_read_again_and_less_is_neither() {
        let directory = tempfile::tempdir().unwrap();
        let log = Signer::from_seed("example.vn/log", &[1; 32]).unwrap();
        let witness = |n| Cosigner::from_seed(&format!("w{n}"), &[n; 32]).unwrap();
        let (a, b) = (witness(2), witness(3));
        let (a_key, b_key) = (a.verifier(), b.verifier());
        let policy = format!("witness a {a_key}\nwitness b {b_key}\ngroup g all a b\nquorum g\n");
        let policy = Policy::parse(&policy).unwrap();
        let signed = Checkpoint {
            origin: "example.vn/log".to_owned(),
            tree_size: 9,
            root: [4; 32],
        }
        .sign(&log);
        let text = signed.checkpoint.text();
        let cosignature = |cosigner: &Cosigner, time| {
            let note = format!("{text}\n{}", cosigner.cosign(&text, time));
            cosigner.verifier().find(note.as_bytes()).unwrap().unwrap()
        };
        let both = [cosignature(&a, 20), cosignature(&b, 10)];
        let keys = log.verifiers();
        let cosigned = Cosigned::assemble(&signed, &both, &policy, &keys).unwrap();
        assert_eq!(cosigned.timestamp, 10);
        assert_eq!(cosigned.signed.checkpoint, signed.checkpoint);
        assert!(Cosigned::assemble(&signed, &both[..1], &policy, &keys).is_err());

        assert_eq!(
            Cosigned::read(directory.path(), &policy, &keys).unwrap(),
            None
        );
        cosigned.write(&DiskFiles, directory.path()).unwrap();
        let read = Cosigned::read(directory.path(), &policy, &keys).unwrap();
        assert_eq!(read, Some(cosigned));
        fs::write(directory.path().join(COSIGNED_FILE), &signed.note).unwrap();
        let read = Cosigned::read(directory.path(), &policy, &keys);
        assert!(matches!(read, Err(CosignedError::Unsatisfied(_))));
    }
}
