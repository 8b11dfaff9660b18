//! The keys of one month: the tree, and what was taken from it lately.
//!
//! An answer about somebody is sealed, read by the detectors and filed by the index within the same
//! second, and often followed by another about the same person: the way down the tree is walked once.

use std::fmt;
use std::sync::Mutex;

use zeroize::Zeroizing;

use super::derive;
use super::tree::{KeyTree, Seed};
use crate::pseudonym::Pseudonym;
use crate::shared::lock;

/// A month's keys. They never change: a tree that loses keys is another `MonthKeys`, and what was
/// remembered of this one goes with it.
pub(super) struct MonthKeys {
    tree: KeyTree,
    /// The keys taken last, each in the one place that its subject can have; empty before the first.
    lately: Mutex<Vec<Option<Taken>>>,
}

/// The key of a subject that is in use.
#[derive(Clone)]
pub(super) struct SubjectKey {
    /// How often the subject was erased before.
    pub(super) generation: u32,
    pub(super) seed: Zeroizing<Seed>,
}

struct Taken {
    subject: Pseudonym,
    key: SubjectKey,
}

/// Keys that are remembered of a month: 80 bytes each, 320 KB. More questions than that are seldom
/// on their way between their answer and the last one who reads their entry.
const REMEMBERED: u16 = 4_096;
/// How often one subject can be erased within a month.
const ERASURES_MAX: u32 = 10_000;

impl MonthKeys {
    /// The keys of this tree.
    pub(super) const fn new(tree: KeyTree) -> Self {
        Self {
            tree,
            lately: Mutex::new(Vec::new()),
        }
    }

    pub(super) const fn tree(&self) -> &KeyTree {
        &self.tree
    }

    /// The key of a subject; `None` where no month's tree can give one.
    pub(super) fn key(&self, subject: &Pseudonym) -> Option<SubjectKey> {
        let place = place(subject);
        if let Some(Some(taken)) = lock(&self.lately).get(place)
            && taken.subject == *subject
        {
            return Some(taken.key.clone());
        }
        let (generation, seed) = newest(&self.tree, subject)?;
        let key = SubjectKey { generation, seed };
        let taken = Taken {
            subject: *subject,
            key: key.clone(),
        };
        let mut lately = lock(&self.lately);
        if lately.is_empty() {
            lately.resize_with(REMEMBERED.into(), || None);
        }
        if let Some(before) = lately.get_mut(place) {
            *before = Some(taken);
        }
        Some(key)
    }
}

impl fmt::Debug for MonthKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MonthKeys(hidden)")
    }
}

/// Takes the key of a subject out of a tree.
pub(super) fn erase(tree: &mut KeyTree, subject: &Pseudonym) {
    if let Some((generation, _)) = newest(tree, subject) {
        tree.erase(label(subject, generation));
    }
}

/// The key of a subject that is in use, and how often the subject was erased before.
fn newest(tree: &KeyTree, subject: &Pseudonym) -> Option<(u32, Zeroizing<Seed>)> {
    // A subject is not erased twice a minute for years; the bound only ends a search in an empty tree.
    (0..ERASURES_MAX).find_map(|generation| {
        let key = tree.key(label(subject, generation))?;
        Some((generation, key))
    })
}

pub(super) fn label(subject: &Pseudonym, generation: u32) -> u64 {
    let bytes = derive(b"label", &[&subject.value.0, &generation.to_be_bytes()]);
    bytes
        .first_chunk()
        .map_or(0, |first| u64::from_be_bytes(*first))
}

/// Where a subject's key is remembered: pseudonyms are as good as random.
fn place(subject: &Pseudonym) -> usize {
    let first = subject.value.0.first_chunk().copied().unwrap_or_default();
    usize::from(u16::from_be_bytes(first) % REMEMBERED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::record::Bytes32;
    use crate::merkle::sha256;

    fn pseudonym(n: u32) -> Pseudonym {
        Pseudonym {
            epoch: 1,
            value: Bytes32(sha256(&n.to_be_bytes())),
        }
    }

    #[test]
    fn a_remembered_key_is_the_one_of_the_tree() {
        let tree = KeyTree::new(&[7; 32]);
        let keys = MonthKeys::new(tree.clone());
        // More people than places, so that they take each other's.
        for n in (0..6_000).chain(0..6_000).chain([1, 1, 1]) {
            let key = keys.key(&pseudonym(n)).unwrap();
            let (generation, seed) = newest(&tree, &pseudonym(n)).unwrap();
            assert_eq!((key.generation, &key.seed), (generation, &seed));
        }
        assert_eq!(lock(&keys.lately).len(), usize::from(REMEMBERED));
    }

    #[test]
    fn the_same_person_in_another_epoch_is_somebody_else() {
        let keys = MonthKeys::new(KeyTree::new(&[7; 32]));
        let (one, other) = (
            pseudonym(1),
            Pseudonym {
                epoch: 2,
                ..pseudonym(1)
            },
        );
        assert_eq!(keys.key(&one).unwrap().seed, keys.key(&other).unwrap().seed);
        assert!(lock(&keys.lately)[place(&one)].as_ref().unwrap().subject == other);
    }
}
