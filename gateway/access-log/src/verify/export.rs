//! Verifies an export: entries taken out of a log, one JSON object a line, each with its proof.
//! Nothing else is needed than the log's key.
//!
//! A line has the members `leaf_index`, `entry` (the entry's bytes, base64) and `tlog_proof`
//! ([C2SP tlog-proof](https://c2sp.org/tlog-proof)), and may have `keys` (of the entry's sealed
//! parts) and `opened` (what the entry says): then the entry, opened with these keys, must say
//! exactly that. Nothing else may stand there, because nothing would prove it. An export that had to
//! end before everything was told ends in a line with the one member `cut`.

use std::io::{self, BufRead};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::grouped;
use crate::details::{self, PartKeys};
use crate::log::LeafIndex;
use crate::merkle::hash_leaf;
use crate::note::Verifiers;
use crate::receipt::{InclusionProof, Receipt, ReceiptError};
use crate::witness::policy::{Policy, Unsatisfied};

/// Longest line that is read: an entry of 64 KiB in base64, opened, and its proof.
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
    /// The text that is given as the entry's is another one than the keys open.
    #[error("line {line} of the export says something else than its entry")]
    SaysOther {
        /// The line, from 1.
        line: u64,
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
#[serde(deny_unknown_fields)]
struct Line<'a> {
    leaf_index: u64,
    entry: String,
    #[serde(default)]
    keys: Option<PartKeys>,
    #[serde(borrow, default)]
    opened: Option<&'a RawValue>,
    tlog_proof: String,
}

/// What holds of an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Proven {
    /// Entries that are proven: all of them.
    pub entries: u64,
    /// Those of them whose sealed parts are not opened, because they are erased or were left out.
    pub unopened: u64,
    /// The export had to end before everything was told.
    pub is_cut: bool,
}

/// Verifies every line of an export. `progress` is called with the lines done.
///
/// # Errors
/// [`ExportError`] names the first line that does not hold.
pub fn verify_export(
    mut export: impl BufRead,
    keys: &Verifiers,
    witnesses: Option<&Policy>,
    progress: &mut dyn FnMut(u64),
) -> Result<Proven, ExportError> {
    let mut proven = Proven::default();
    let mut text = Vec::new();
    for line in 1.. {
        text.clear();
        let bounded = &mut io::Read::take(&mut export, LINE_BYTES_MAX);
        if bounded.read_until(b'\n', &mut text)? == 0 {
            return Ok(proven);
        }
        // Nothing may follow the line that says that something is missing.
        if proven.is_cut {
            return Err(ExportError::Malformed { line });
        }
        if text.starts_with(CUT) && is_cut_line(&text) {
            proven.is_cut = true;
            continue;
        }
        let is_opened = verify_line(&text, line, keys, witnesses)?;
        proven.entries = line;
        proven.unopened += u64::from(!is_opened);
        progress(line);
    }
    Ok(proven)
}

const CUT: &[u8] = b"{\"cut\":";

fn is_cut_line(text: &[u8]) -> bool {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Cut {
        #[serde(rename = "cut")]
        _cut: serde::de::IgnoredAny,
    }
    serde_json::from_slice::<Cut>(text).is_ok()
}

fn verify_line(
    text: &[u8],
    line: u64,
    keys: &Verifiers,
    witnesses: Option<&Policy>,
) -> Result<bool, ExportError> {
    let malformed = || ExportError::Malformed { line };
    let read: Line<'_> = serde_json::from_slice(text).map_err(|_| malformed())?;
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
    opens(&entry, &read).ok_or(ExportError::SaysOther { line })
}

/// Whether everything that the entry says is given; `None` where it says something else.
fn opens(entry: &[u8], line: &Line<'_>) -> Option<bool> {
    let given = line.opened.map(|opened| opened.get().as_bytes());
    match (line.keys, given) {
        (Some(keys), Some(given)) => {
            let opened = details::open_with(entry, &keys).ok()?;
            (opened == given).then_some(true)
        }
        // In clear: what is given is the entry itself.
        (None, Some(given)) => (given == entry).then_some(!details::is_sealed(entry)),
        (None, None) => Some(false),
        (Some(_), None) => None,
    }
}

/// The sentence about an export that holds.
#[must_use]
pub fn sentence(proven: &Proven) -> String {
    let entries = grouped(proven.entries);
    let mut sentence = format!("{entries} of {entries} exported entries proven");
    if proven.unopened > 0 {
        let unopened = grouped(proven.unopened);
        sentence.push_str(&format!(
            "; {unopened} of them do not show their details, which are erased or left out"
        ));
    }
    if proven.is_cut {
        sentence.push_str("; the export was cut: more entries follow in another one");
    }
    sentence
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
        let lines =
            [(0, right), (1, left)]
                .into_iter()
                .zip(entries)
                .map(|((index, other), entry)| {
                    let proof = InclusionProof {
                        leaf_index: LeafIndex(index),
                        hashes: vec![other],
                        checkpoint: checkpoint.clone(),
                    };
                    let (entry, proof) = (STANDARD.encode(entry), proof.to_string());
                    let line = serde_json::json!({
                        "leaf_index": index, "entry": entry, "tlog_proof": proof,
                    });
                    format!("{line}\n")
                });
        (lines.collect(), signer)
    }

    #[test]
    fn every_line_of_an_export_is_proven() {
        let (export, signer) = export();
        let verified = verify_export(export.as_bytes(), &signer.verifiers(), None, &mut |_| {});
        let proven = verified.unwrap();
        assert_eq!((proven.entries, proven.unopened), (2, 2));
        let detail = "; 2 of them do not show their details, which are erased or left out";
        let sentence = sentence(&proven);
        assert_eq!(sentence, format!("2 of 2 exported entries proven{detail}"));
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
