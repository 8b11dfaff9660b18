//! Receipts and the proof of one entry, in the text form of
//! [C2SP tlog-proof](https://c2sp.org/tlog-proof), verifiable offline with only the log's key.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use crate::log::{AccessLog, LeafIndex};
use crate::merkle::{Hash, ProofError, verify_inclusion};
use crate::note::{Verifier, Verifiers};
use crate::store::{ReadError, TileStore};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";
/// A tree of 2^63 entries has proofs of 63 hashes.
const PROOF_HASHES_MAX: usize = 63;

/// What an agency gets with an answer: where the answer's entry stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The log's origin.
    pub origin: String,
    /// The entry's position.
    pub leaf_index: LeafIndex,
    /// The entry's hash.
    pub leaf_hash: Hash,
}

/// The proof that an entry stands in a log: position, hashes up to the root, signed checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InclusionProof {
    /// The entry's position.
    pub leaf_index: LeafIndex,
    /// The siblings on the way from the leaf to the root.
    pub hashes: Vec<Hash>,
    /// The note of the checkpoint that the proof leads to.
    pub checkpoint: String,
}

/// The text is not a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a proof of the form `c2sp.org/tlog-proof@v1`")]
pub struct MalformedProof;

/// Why a receipt does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// The checkpoint is not one of the log.
    #[error("the checkpoint of the proof does not hold")]
    Checkpoint(#[from] CheckpointError),
    /// The receipt is of another log, or of another entry than the proof.
    #[error("the proof is about another entry or log than the receipt")]
    OtherEntry,
    /// The hashes do not lead from the entry to the checkpoint.
    #[error("the entry is not under the checkpoint")]
    Proof(#[from] ProofError),
}

impl InclusionProof {
    /// The proof of an entry under the checkpoint published last.
    ///
    /// # Errors
    /// [`ReadError::OutsideTree`] when the entry is not published yet; otherwise damage.
    pub fn build(log: &dyn AccessLog, leaf_index: LeafIndex) -> Result<Self, ReadError> {
        Self::under(&log.checkpoint(), &log.tiles(), leaf_index)
    }

    /// The proof of an entry under any checkpoint of the log, such as one that witnesses cosigned.
    ///
    /// # Errors
    /// [`ReadError::OutsideTree`] when the entry is not under it; otherwise damage.
    pub fn under(
        signed: &SignedCheckpoint,
        tiles: &TileStore,
        leaf_index: LeafIndex,
    ) -> Result<Self, ReadError> {
        let tree_size = signed.checkpoint.tree_size;
        let hashes = tiles.inclusion_proof(leaf_index.0, tree_size)?;
        Ok(Self {
            leaf_index,
            hashes,
            checkpoint: signed.note.clone(),
        })
    }

    /// Checks that the entry of a receipt is under the signed checkpoint, and returns what is
    /// signed. Needs no files and no log.
    ///
    /// # Errors
    /// [`ReceiptError`].
    pub fn verify(&self, receipt: &Receipt, key: &Verifier) -> Result<Checkpoint, ReceiptError> {
        let signed = SignedCheckpoint::open(self.checkpoint.as_bytes(), key)?;
        self.leads_to(receipt, signed.checkpoint)
    }

    /// The same with any of the log's keys.
    ///
    /// # Errors
    /// [`ReceiptError`].
    pub fn verify_any(
        &self,
        receipt: &Receipt,
        keys: &Verifiers,
    ) -> Result<Checkpoint, ReceiptError> {
        let signed = SignedCheckpoint::open_any(self.checkpoint.as_bytes(), keys)?;
        self.leads_to(receipt, signed.checkpoint)
    }

    fn leads_to(
        &self,
        receipt: &Receipt,
        checkpoint: Checkpoint,
    ) -> Result<Checkpoint, ReceiptError> {
        if receipt.origin != checkpoint.origin || receipt.leaf_index != self.leaf_index {
            return Err(ReceiptError::OtherEntry);
        }
        let (size, root) = (checkpoint.tree_size, &checkpoint.root);
        let index = self.leaf_index.0;
        verify_inclusion(&receipt.leaf_hash, index, size, root, &self.hashes)?;
        Ok(checkpoint)
    }
}

impl fmt::Display for InclusionProof {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{FIRST_LINE}\nindex {}", self.leaf_index)?;
        for hash in &self.hashes {
            writeln!(formatter, "{}", STANDARD.encode(hash))?;
        }
        write!(formatter, "\n{}", self.checkpoint)
    }
}

impl FromStr for InclusionProof {
    type Err = MalformedProof;

    fn from_str(text: &str) -> Result<Self, MalformedProof> {
        let (proof, checkpoint) = text.split_once("\n\n").ok_or(MalformedProof)?;
        let mut lines = proof.split('\n').peekable();
        if lines.next() != Some(FIRST_LINE) {
            return Err(MalformedProof);
        }
        // Extra data is not authenticated; nothing here uses it.
        lines.next_if(|line| line.starts_with("extra "));
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let index = index.ok_or(MalformedProof)?;
        let leaf_index: u64 = index.parse().map_err(|_| MalformedProof)?;
        let decode = |line| Hash::try_from(STANDARD.decode(line).ok()?).ok();
        let hashes: Option<Vec<Hash>> = lines.map(decode).collect();
        let hashes = hashes.filter(|hashes| hashes.len() <= PROOF_HASHES_MAX);
        if leaf_index.to_string() != index {
            return Err(MalformedProof);
        }
        Ok(Self {
            leaf_index: LeafIndex(leaf_index),
            hashes: hashes.ok_or(MalformedProof)?,
            checkpoint: checkpoint.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::{hash_children, hash_leaf};
    use crate::note::Signer;

    fn example() -> (Receipt, InclusionProof, Signer) {
        let signer = Signer::from_seed("example.vn/log", &[1; 32]).unwrap();
        let (left, right) = (hash_leaf(b"left"), hash_leaf(b"right"));
        let checkpoint = Checkpoint {
            origin: "example.vn/log".to_owned(),
            tree_size: 2,
            root: hash_children(&left, &right),
        };
        let leaf_index = LeafIndex(1);
        let receipt = Receipt {
            origin: checkpoint.origin.clone(),
            leaf_index,
            leaf_hash: right,
        };
        let checkpoint = checkpoint.sign(&signer).note;
        (
            receipt,
            InclusionProof {
                leaf_index,
                hashes: vec![left],
                checkpoint,
            },
            signer,
        )
    }

    #[test]
    fn a_receipt_is_proved_from_the_text_alone() {
        let (receipt, proof, signer) = example();
        let read: InclusionProof = proof.to_string().parse().unwrap();
        assert_eq!(read, proof);
        assert_eq!(
            read.verify(&receipt, signer.verifier()).unwrap().tree_size,
            2
        );
        let extra = proof.to_string().replacen("index", "extra AAAA\nindex", 1);
        assert_eq!(extra.parse(), Ok(proof));
    }

    #[test]
    fn every_change_of_a_character_is_refused() {
        let (receipt, proof, signer) = example();
        let text = proof.to_string();
        for (position, character) in text.char_indices() {
            for other in ['A', 'B', '7', '\n', ' '] {
                let mut changed = text.clone();
                changed.replace_range(
                    position..position + character.len_utf8(),
                    other.encode_utf8(&mut [0; 4]),
                );
                let parsed = changed.parse::<InclusionProof>();
                let accepted = parsed.is_ok_and(|p| p.verify(&receipt, signer.verifier()).is_ok());
                assert!(!accepted || changed == text, "{changed}");
            }
        }
    }

    #[test]
    fn the_receipt_of_another_entry_or_log_is_refused() {
        let (receipt, proof, signer) = example();
        let other = Receipt {
            leaf_index: LeafIndex(0),
            origin: receipt.origin.clone(),
            ..receipt
        };
        assert_eq!(
            proof.verify(&other, signer.verifier()),
            Err(ReceiptError::OtherEntry)
        );
        let other = Receipt {
            origin: "example.vn/lot".to_owned(),
            ..receipt
        };
        assert_eq!(
            proof.verify(&other, signer.verifier()),
            Err(ReceiptError::OtherEntry)
        );
        let other = Receipt {
            leaf_hash: [0; 32],
            ..receipt
        };
        let wrong = Err(ReceiptError::Proof(ProofError::WrongRoot));
        assert_eq!(proof.verify(&other, signer.verifier()), wrong);
    }
}
