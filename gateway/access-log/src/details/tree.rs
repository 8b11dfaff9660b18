//! A tree of keys from which single keys can be taken out for good.
//!
//! This is the pseudorandom function of Goldreich, Goldwasser and Micali ("How to Construct Random
//! Functions", 1986) with the property that Boneh and Waters later called *constrained*, and others
//! *puncturable*: every node of a tree has a seed, a child's seed is a hash of its parent's, and the
//! key of a label is the seed at the end of its path. Who keeps the root can make every key, so a
//! hundred million people need 32 bytes. To erase one label, the root is replaced by the siblings
//! along that label's path: from these every other key still follows, and this one no longer does.
//!
//! Nodes have four children and labels 64 bits, so a key costs 32 hashes (about 2 µs) and an erased
//! label about 4 KB. Two labels are the same by chance once in 2⁶⁴: then both people are erased
//! together, which is rarer than any other way to lose an entry.

use std::collections::BTreeMap;

use zeroize::{Zeroize, Zeroizing};

use crate::merkle::sha256;

/// The seed of a node, and at the end of a path the key.
pub(super) type Seed = [u8; 32];

/// Bits of a label that one step down the tree takes.
const STEP_BITS: u32 = 2;
/// Steps from the root to a key.
const DEPTH_MAX: u8 = 32;
/// Separates these hashes from all others; with seed and digit it fits one block of SHA-256.
const CONTEXT: &[u8; 16] = b"motlan/key-tree/";
/// Bytes of a node in the written form: first label, depth, seed.
const NODE_BYTES: usize = 8 + 1 + 32;

/// The nodes that are left; together they cover every label that is not erased.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct KeyTree {
    /// By the first label below the node.
    nodes: BTreeMap<u64, Node>,
}

#[derive(Clone, PartialEq, Eq)]
struct Node {
    depth: u8,
    seed: Seed,
}

impl KeyTree {
    /// The tree with this root, from which nothing is erased.
    pub(super) fn new(root: &Seed) -> Self {
        let node = Node {
            depth: 0,
            seed: *root,
        };
        Self {
            nodes: BTreeMap::from([(0, node)]),
        }
    }

    /// The key of a label; `None` when it is erased.
    pub(super) fn key(&self, label: u64) -> Option<Zeroizing<Seed>> {
        let (_, node) = self.covering(label)?;
        let mut seed = Zeroizing::new(node.seed);
        let mut step = Step::new();
        for depth in node.depth..DEPTH_MAX {
            *seed = step.child(&seed, digit(label, depth));
        }
        Some(seed)
    }

    /// Takes a label out for good. The caller makes sure that no older form of the tree is kept.
    pub(super) fn erase(&mut self, label: u64) {
        let Some((first, _)) = self.covering(label) else {
            return;
        };
        let Some(mut node) = self.nodes.remove(&first) else {
            return;
        };
        let mut step = Step::new();
        for depth in node.depth..DEPTH_MAX {
            let on_the_path = digit(label, depth);
            for sibling in (0..1 << STEP_BITS).filter(|digit| *digit != on_the_path) {
                let sibling_node = Node {
                    depth: depth + 1,
                    seed: step.child(&node.seed, sibling),
                };
                self.nodes
                    .insert(with_digit(label, depth, sibling), sibling_node);
            }
            let next = step.child(&node.seed, on_the_path);
            node.seed.zeroize();
            node.seed = next;
        }
    }

    /// The node above a label, with the first label below it.
    fn covering(&self, label: u64) -> Option<(u64, &Node)> {
        let (first, node) = self.nodes.range(..=label).next_back()?;
        let below = u64::MAX
            .checked_shr(STEP_BITS * u32::from(node.depth))
            .unwrap_or(0);
        (label - first <= below).then_some((*first, node))
    }

    /// The written form: its nodes one after the other.
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.nodes.len() * NODE_BYTES));
        for (first, node) in &self.nodes {
            bytes.extend_from_slice(&first.to_be_bytes());
            bytes.push(node.depth);
            bytes.extend_from_slice(&node.seed);
        }
        bytes
    }

    /// Reads the written form; `None` when it is none.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (nodes, rest) = bytes.as_chunks::<NODE_BYTES>();
        let mut tree = Self::default();
        for bytes in nodes {
            let (first, after) = bytes.split_first_chunk()?;
            let (depth, seed) = after.split_first()?;
            let node = Node {
                depth: *depth,
                seed: seed.try_into().ok()?,
            };
            let first = u64::from_be_bytes(*first);
            let distinct = tree.covering(first).is_none() && node.depth <= DEPTH_MAX;
            tree.nodes.insert(first, node);
            if !distinct {
                return None;
            }
        }
        rest.is_empty().then_some(tree)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.seed.zeroize();
    }
}

/// Which child a label's path takes at this depth.
fn digit(label: u64, depth: u8) -> u8 {
    let shift = u64::BITS - STEP_BITS * (u32::from(depth) + 1);
    u8::try_from((label >> shift) & 3).unwrap_or(0)
}

/// The first label below the child `digit` of the node on this label's path.
fn with_digit(label: u64, depth: u8, digit: u8) -> u64 {
    let shift = u64::BITS - STEP_BITS * (u32::from(depth) + 1);
    let above = label.checked_shr(shift + STEP_BITS).unwrap_or(0);
    let above = above.checked_shl(shift + STEP_BITS).unwrap_or(0);
    above | (u64::from(digit) << shift)
}

/// What is hashed for one step down after the other: context, seed, digit.
struct Step(Zeroizing<[u8; STEP_BYTES]>);

const STEP_BYTES: usize = CONTEXT.len() + 32 + 1;

impl Step {
    fn new() -> Self {
        let mut block = Zeroizing::new([0; STEP_BYTES]);
        let (context, _) = block.split_at_mut(CONTEXT.len());
        context.copy_from_slice(CONTEXT);
        Self(block)
    }

    fn child(&mut self, seed: &Seed, digit: u8) -> Seed {
        let (_, rest) = self.0.split_at_mut(CONTEXT.len());
        let (place, last) = rest.split_at_mut(seed.len());
        place.copy_from_slice(seed);
        last.fill(digit);
        sha256(&*self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn erasing_takes_that_key_and_no_other(
            erased in vec(any::<u64>(), 0..12),
            others in vec(any::<u64>(), 1..12),
            near in any::<bool>(),
        ) {
            let whole = KeyTree::new(&[7; 32]);
            let mut tree = whole.clone();
            for label in &erased {
                tree.erase(*label);
            }
            let near = erased.iter().filter(|_| near).flat_map(|label| [label ^ 1, label ^ (1 << 63)]);
            for label in others.iter().copied().chain(near) {
                if erased.contains(&label) {
                    continue;
                }
                prop_assert_eq!(tree.key(label), whole.key(label));
            }
            for label in &erased {
                prop_assert!(tree.key(*label).is_none());
            }
            prop_assert!(KeyTree::from_bytes(&tree.to_bytes()) == Some(tree));
        }
    }

    #[test]
    fn the_ends_of_the_range_can_be_erased() {
        for label in [0, u64::MAX, 1, u64::MAX - 1, 1 << 63] {
            let mut tree = KeyTree::new(&[1; 32]);
            tree.erase(label);
            assert!(tree.key(label).is_none());
            assert!(tree.key(label ^ 1).is_some() && tree.key(label ^ (1 << 63)).is_some());
            assert_eq!(tree.nodes.len(), 3 * 32);
            tree.erase(label);
            assert_eq!(tree.nodes.len(), 3 * 32);
        }
    }

    #[test]
    fn what_is_left_holds_no_ancestor_of_an_erased_key() {
        let mut tree = KeyTree::new(&[3; 32]);
        let path: Vec<_> = (0..=DEPTH_MAX)
            .scan([3; 32], |seed, depth| {
                let now = *seed;
                if depth < DEPTH_MAX {
                    *seed = Step::new().child(seed, digit(42, depth));
                }
                Some(now)
            })
            .collect();
        tree.erase(42);
        let written = tree.to_bytes();
        for seed in path {
            assert!(!written.windows(32).any(|bytes| bytes == seed));
        }
    }

    #[test]
    fn other_bytes_are_no_tree() {
        let bytes = KeyTree::new(&[1; 32]).to_bytes();
        assert!(KeyTree::from_bytes(&bytes[1..]).is_none());
        let twice = [&bytes[..], &bytes[..]].concat();
        assert!(KeyTree::from_bytes(&twice).is_none());
        let mut deep = bytes.to_vec();
        deep[8] = 33;
        assert!(KeyTree::from_bytes(&deep).is_none());
    }
}
