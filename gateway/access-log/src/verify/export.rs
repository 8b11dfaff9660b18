//! Verifies an export: entries taken out of a log, one JSON object a line, each with its proof.
//! Nothing else is needed than the log's key.
//!
//! A line has at least the members `leaf_index`, `entry` (the entry's bytes, base64) and
//! `tlog_proof` ([C2SP tlog-proof](https://c2sp.org/tlog-proof)); others are not looked at, because
//! nothing proves them.

use std::io::{self, BufRead};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::grouped;
use crate::log::LeafIndex;
use crate::merkle::hash_leaf;
use crate::note::Verifiers;
use crate::receipt::{InclusionProof, Receipt, ReceiptError};
use crate::witness::policy::{Policy, Unsatisfied};

/// Longest line that is read: an entry of 64 KiB in base64, its proof, and what else the exporter
/// adds for people.
const LINE_BYTES_MAX: u64 = 1024 * 1024;

/// What does not hold in an export.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The file cannot be read.
    #[error("the export cannot be read")]
    Io(#[from] io::Error),
    /// A line is no exported entry.
    #[error("line {line} of the export has no `leaf_index`, `entry` and `tlog_proof`")]
    Malformed {
        /// The line, from 1.
        line: u64,
    },
    /// A proof does not lead from its entry to a checkpoint of the log.
    #[error("line {line} of the export is not proven")]
    Unproven {
        /// The line, from 1.
        line: u64,
        /// Why.
        #[source]
        source: ReceiptError,
    },
    /// Too few witnesses cosigned the checkpoint of a proof.
    #[error("line {line} of the export is not under a cosigned checkpoint")]
    NotCosigned {
        /// The line, from 1.
        line: u64,
        /// Why.
        #[source]
        source: Unsatisfied,
    },
}

#[derive(Deserialize)]
struct Line {
    leaf_index: u64,
    entry: String,
    tlog_proof: String,
}

/// Verifies every line of an export; returns their number. `progress` is called with the lines done.
///
/// # Errors
/// [`ExportError`] names the first line that does not hold.
pub fn verify_export(
    mut export: impl BufRead,
    keys: &Verifiers,
    witnesses: Option<&Policy>,
    progress: &mut dyn FnMut(u64),
) -> Result<u64, ExportError> {
    let mut text = Vec::new();
    for line in 1.. {
        text.clear();
        let bounded = &mut io::Read::take(&mut export, LINE_BYTES_MAX);
        if bounded.read_until(b'\n', &mut text)? == 0 {
            return Ok(line - 1);
        }
        verify_line(&text, line, keys, witnesses)?;
        progress(line);
    }
    Ok(u64::MAX)
}

fn verify_line(
    text: &[u8],
    line: u64,
    keys: &Verifiers,
    witnesses: Option<&Policy>,
) -> Result<(), ExportError> {
    let malformed = || ExportError::Malformed { line };
    let read: Line = serde_json::from_slice(text).map_err(|_| malformed())?;
    let entry = STANDARD.decode(&read.entry).map_err(|_| malformed())?;
    let proof: InclusionProof = read.tlog_proof.parse().map_err(|_| malformed())?;
    let receipt = Receipt {
        origin: keys.name().to_owned(),
        leaf_index: LeafIndex(read.leaf_index),
        leaf_hash: hash_leaf(&entry),
    };
    proof
        .verify_any(&receipt, keys)
        .map_err(|source| ExportError::Unproven { line, source })?;
    if let Some(policy) = witnesses {
        policy
            .open(proof.checkpoint.as_bytes(), Some(keys))
            .map_err(|source| ExportError::NotCosigned { line, source })?;
    }
    Ok(())
}

/// The sentence about an export that holds.
#[must_use]
pub fn sentence(lines: u64) -> String {
    let lines = grouped(lines);
    format!("{lines} of {lines} exported entries proven")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::Checkpoint;
    use crate::merkle::hash_children;
    use crate::note::Signer;

    fn export() -> (String, Signer) {
        let signer = Signer::from_seed("example.vn/log", &[1; 32]).unwrap();
        let entries = [&b"left"[..], b"right"];
        let [left, right] = entries.map(hash_leaf);
        let checkpoint = Checkpoint {
            origin: "example.vn/log".to_owned(),
            tree_size: 2,
            root: hash_children(&left, &right),
        };
        let checkpoint = checkpoint.sign(&signer).note;
        let lines = [(0, right), (1, left)].into_iter().zip(entries).map(
            |((index, other), entry)| {
                let proof = InclusionProof {
                    leaf_index: LeafIndex(index),
                    hashes: vec![other],
                    checkpoint: checkpoint.clone(),
                };
                let (entry, proof) = (STANDARD.encode(entry), proof.to_string());
                let line = serde_json::json!({
                    "leaf_index": index, "entry": entry, "tlog_proof": proof, "title": "for people",
                });
                format!("{line}\n")
            },
        );
        (lines.collect(), signer)
    }

    #[test]
    fn every_line_of_an_export_is_proven() {
        let (export, signer) = export();
        let verified = verify_export(export.as_bytes(), &signer.verifiers(), None, &mut |_| {});
        assert_eq!(verified.unwrap(), 2);
        assert_eq!(sentence(2), "2 of 2 exported entries proven");
    }

    #[test]
    fn a_changed_line_is_named() {
        let (export, signer) = export();
        let keys = signer.verifiers();
        let policy = Policy::parse("quorum none\n").unwrap();
        let refused = |text: &str| {
            verify_export(text.as_bytes(), &keys, Some(&policy), &mut |_| {}).unwrap_err()
        };
        let other = export.replace(&STANDARD.encode("right"), &STANDARD.encode("wrong"));
        assert!(matches!(
            refused(&other),
            ExportError::Unproven { line: 2, .. }
        ));
        let other = export.replacen("\"leaf_index\":0", "\"leaf_index\":1", 1);
        assert!(matches!(
            refused(&other),
            ExportError::Unproven { line: 1, .. }
        ));
        let cut = &export[..export.len() - 5];
        assert!(matches!(refused(cut), ExportError::Malformed { line: 2 }));
        let foreign = Signer::from_seed("example.vn/log", &[2; 32]).unwrap();
        let error = verify_export(export.as_bytes(), &foreign.verifiers(), None, &mut |_| {});
        assert!(matches!(error, Err(ExportError::Unproven { line: 1, .. })));
    }
}
