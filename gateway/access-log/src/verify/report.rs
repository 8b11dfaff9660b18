//! What a verified log holds, and the sentence that says so.

use std::fmt;

use crate::checkpoint::SignedCheckpoint;
use crate::merkle::Hash;
use crate::note::Verifiers;

/// What a verified log holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The log's name.
    pub origin: String,
    /// The keys that were checked against.
    pub keys: Verifiers,
    /// Whether they came from the log's own place rather than from the caller.
    pub keys_from_log: bool,
    /// The checkpoint, as it can be kept to be compared with later.
    pub checkpoint: SignedCheckpoint,
    /// Entries under the signed checkpoint, all of them valid as far as they are there.
    pub published: u64,
    /// Of these, the oldest ones whose entries were pruned by policy; their hashes are valid.
    pub pruned: u64,
    /// Whether the entries themselves were read; otherwise only the tree over them.
    pub entries_shown: bool,
    /// The root hash.
    pub root: Hash,
    /// Well-formed entries that were acknowledged after the checkpoint was signed.
    pub not_yet_published: u64,
    /// Bytes at the end of the last segment that are no whole batch: a torn write that was never
    /// acknowledged. The log cuts them off when it starts.
    pub torn_bytes: u64,
    /// Hash tiles and entry bundles that were checked.
    pub files: u64,
    /// Entries of the earlier checkpoint that the log was found to extend.
    pub since: Option<u64>,
    /// What witnesses say of it.
    pub cosigned: Option<CosignedPart>,
}

/// The part of a log that a quorum of witnesses has cosigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CosignedPart {
    /// Entries under the cosigned checkpoint.
    pub tree_size: u64,
    /// Witnesses of the policy that cosigned it.
    pub witnesses: usize,
    /// When the first of them did, in seconds since 1970.
    pub timestamp: u64,
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let published = grouped(self.published);
        if self.entries_shown {
            let valid = grouped(self.published.saturating_sub(self.pruned));
            write!(formatter, "{valid} of {published} entries valid")?;
        } else {
            write!(
                formatter,
                "tree of {published} entries valid; entries not shown to outsiders"
            )?;
        }
        if self.pruned > 0 {
            let pruned = grouped(self.pruned);
            write!(formatter, ", {pruned} older ones pruned by policy")?;
        }
        if self.not_yet_published > 0 {
            let count = grouped(self.not_yet_published);
            write!(
                formatter,
                ", {count} more acknowledged and not yet published"
            )?;
        }
        Ok(())
    }
}

/// Digits in groups of three, as people read them.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_for_reading() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(1_000_000), "1,000,000");
    }
}
