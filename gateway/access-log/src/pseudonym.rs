//! Pseudonyms: how entries name people and enterprises without their numbers.
//!
//! A pseudonym is HMAC-SHA-256 over the subject's kind and number under a secret key. Without the
//! key nobody can try out the numbers; without the keys of past epochs nobody can link old entries
//! to a person. Keys live outside the log and its backups.

use std::collections::BTreeMap;
use std::fmt;

use aws_lc_rs::hmac;
use serde::{Deserialize, Serialize};

use crate::entry::record::Bytes32;

/// Which key made a pseudonym; epochs count from 1 upwards.
pub type Epoch = u32;

/// Separates this use of the key from any other.
const CONTEXT: &[u8] = b"motlan/access-log/pseudonym/v1";

/// The name of a subject inside the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pseudonym {
    /// The epoch of the key.
    pub epoch: Epoch,
    /// The HMAC.
    #[serde(rename = "pseudonym")]
    pub value: Bytes32,
}

/// What kind of number names the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectKind {
    /// A personal number of 12 digits.
    Person,
    /// An enterprise code of 10 digits.
    Enterprise,
}

/// Makes pseudonyms under the key of the newest epoch, and can find those of older epochs.
pub struct Pseudonymiser {
    current: (Epoch, hmac::Key),
    past: BTreeMap<Epoch, hmac::Key>,
}

impl Pseudonymiser {
    /// A pseudonymiser whose current key is this one.
    #[must_use]
    pub fn new(epoch: Epoch, key: &[u8; 32]) -> Self {
        let current = (epoch, hmac::Key::new(hmac::HMAC_SHA256, key));
        Self {
            current,
            past: BTreeMap::new(),
        }
    }

    /// Adds a key; it becomes the current one when its epoch is the newest.
    pub fn add(&mut self, epoch: Epoch, key: &[u8; 32]) {
        let mut added = (epoch, hmac::Key::new(hmac::HMAC_SHA256, key));
        if epoch > self.current.0 {
            std::mem::swap(&mut self.current, &mut added);
        }
        self.past.insert(added.0, added.1);
    }

    /// The pseudonym for a new entry.
    #[must_use]
    pub fn pseudonym(&self, kind: SubjectKind, number: &str) -> Pseudonym {
        Self::make(self.current.0, &self.current.1, kind, number)
    }

    /// Every pseudonym that entries may know the subject by, oldest epoch first.
    #[must_use]
    pub fn all_pseudonyms(&self, kind: SubjectKind, number: &str) -> Vec<Pseudonym> {
        let past = self
            .past
            .iter()
            .map(|(epoch, key)| Self::make(*epoch, key, kind, number));
        past.chain([self.pseudonym(kind, number)]).collect()
    }

    fn make(epoch: Epoch, key: &hmac::Key, kind: SubjectKind, number: &str) -> Pseudonym {
        let kind: &[u8] = match kind {
            SubjectKind::Person => b"\0person\0",
            SubjectKind::Enterprise => b"\0enterprise\0",
        };
        let mut context = hmac::Context::with_key(key);
        context.update(CONTEXT);
        context.update(kind);
        context.update(number.as_bytes());
        let mut value = [0; 32];
        value.copy_from_slice(context.sign().as_ref());
        Pseudonym {
            epoch,
            value: Bytes32(value),
        }
    }
}

impl fmt::Debug for Pseudonymiser {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "Pseudonymiser(epoch {}, key hidden)",
            self.current.0
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_subject_has_one_pseudonym_per_epoch_and_kind() {
        let mut pseudonymiser = Pseudonymiser::new(1, &[1; 32]);
        let first = pseudonymiser.pseudonym(SubjectKind::Person, "0123456789");
        assert_eq!(
            first,
            pseudonymiser.pseudonym(SubjectKind::Person, "0123456789")
        );
        assert_ne!(
            first,
            pseudonymiser.pseudonym(SubjectKind::Enterprise, "0123456789")
        );
        assert_ne!(
            first,
            pseudonymiser.pseudonym(SubjectKind::Person, "0123456780")
        );

        pseudonymiser.add(2, &[2; 32]);
        let second = pseudonymiser.pseudonym(SubjectKind::Person, "0123456789");
        assert_eq!(second.epoch, 2);
        assert_ne!(second.value, first.value);
        assert_eq!(
            pseudonymiser.all_pseudonyms(SubjectKind::Person, "0123456789"),
            [first, second]
        );
    }

    #[test]
    fn the_key_of_an_older_epoch_does_not_become_current() {
        let mut pseudonymiser = Pseudonymiser::new(5, &[5; 32]);
        pseudonymiser.add(3, &[3; 32]);
        assert_eq!(pseudonymiser.pseudonym(SubjectKind::Person, "1").epoch, 5);
        assert_eq!(
            pseudonymiser.all_pseudonyms(SubjectKind::Person, "1").len(),
            2
        );
    }
}
