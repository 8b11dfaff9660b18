//! The Merkle tree of [RFC 6962 §2.1](https://www.rfc-editor.org/rfc/rfc6962#section-2.1): hashing,
//! proofs and their verification. Pure functions over hashes; where nodes are stored is the
//! caller's affair.

use std::ops::Range;

use aws_lc_rs::digest::{Context, Digest, SHA256, digest};

/// A SHA-256 hash: of a leaf, of an inner node, or the root.
pub type Hash = [u8; 32];

/// The root of one perfect subtree: `index` counts the subtrees of `2^level` leaves from the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeId {
    /// Height of the subtree; a leaf has level 0.
    pub level: u32,
    /// Position among the subtrees of this level, from the left.
    pub index: u64,
}

/// Why a proof does not show what it claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The leaf index or the older size lies outside the tree.
    #[error("the proof is about a position outside the tree")]
    OutsideTree,
    /// The number of hashes does not fit the position and the size.
    #[error("the proof has the wrong number of hashes")]
    WrongLength,
    /// The hashes lead to another root.
    #[error("the proof leads to another root hash")]
    WrongRoot,
}

/// SHA-256 of bytes as they are.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Hash {
    hash(digest(&SHA256, bytes))
}

/// The hash of a leaf: SHA-256 of `0x00` and the entry.
#[must_use]
pub fn hash_leaf(entry: &[u8]) -> Hash {
    let mut context = Context::new(&SHA256);
    context.update(&[0]);
    context.update(entry);
    hash(context.finish())
}

/// The hash of an inner node: SHA-256 of `0x01` and both children.
#[must_use]
pub fn hash_children(left: &Hash, right: &Hash) -> Hash {
    // In one piece, which is much quicker than a context for three.
    let mut block = [1; 1 + 2 * 32];
    let (_, children) = block.split_at_mut(1);
    let (first, second) = children.split_at_mut(left.len());
    first.copy_from_slice(left);
    second.copy_from_slice(right);
    sha256(&block)
}

/// The root of the tree without leaves: SHA-256 of nothing.
#[must_use]
pub fn empty_root() -> Hash {
    sha256(&[])
}

fn hash(digest: Digest) -> Hash {
    digest.as_ref().try_into().unwrap_or([0; 32])
}

/// The Merkle tree hash over a list of nodes of one level, in order.
#[must_use]
pub fn root_of(nodes: &[Hash]) -> Hash {
    match nodes {
        [] => empty_root(),
        [only] => *only,
        more => {
            let width = u64::try_from(more.len()).unwrap_or(u64::MAX);
            let middle = usize::try_from(left_width(width)).unwrap_or(more.len());
            let (left, right) = more.split_at(middle);
            hash_children(&root_of(left), &root_of(right))
        }
    }
}

/// The Merkle tree hash of a range of leaves that starts where a perfect subtree may start,
/// put together from perfect subtrees.
///
/// # Errors
/// Whatever `node` returns.
pub fn subtree_root<E>(
    leaves: Range<u64>,
    node: &mut impl FnMut(NodeId) -> Result<Hash, E>,
) -> Result<Hash, E> {
    let width = leaves.end.saturating_sub(leaves.start);
    if width == 0 {
        return Ok(empty_root());
    }
    if width.is_power_of_two() && leaves.start.is_multiple_of(width) {
        return node(NodeId {
            level: width.trailing_zeros(),
            index: leaves.start / width,
        });
    }
    let middle = leaves.start + left_width(width);
    let left = subtree_root(leaves.start..middle, node)?;
    let right = subtree_root(middle..leaves.end, node)?;
    Ok(hash_children(&left, &right))
}

/// The inclusion proof of one leaf ([RFC 6962 §2.1.1](https://www.rfc-editor.org/rfc/rfc6962#section-2.1.1)),
/// from the leaf's sibling up to the root's child. Empty when the index lies outside the tree.
///
/// # Errors
/// Whatever `node` returns.
pub fn inclusion_proof<E>(
    leaf_index: u64,
    tree_size: u64,
    node: &mut impl FnMut(NodeId) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let mut path = Vec::new();
    let (mut start, mut end) = (0, tree_size);
    while leaf_index < tree_size && end - start > 1 {
        let middle = start + left_width(end - start);
        if leaf_index < middle {
            path.push(subtree_root(middle..end, node)?);
            end = middle;
        } else {
            path.push(subtree_root(start..middle, node)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The proof that the tree of `new_size` leaves extends the tree of `old_size`
/// ([RFC 6962 §2.1.2](https://www.rfc-editor.org/rfc/rfc6962#section-2.1.2)). Empty when one of
/// them is empty or both are the same size.
///
/// # Errors
/// Whatever `node` returns.
pub fn consistency_proof<E>(
    old_size: u64,
    new_size: u64,
    node: &mut impl FnMut(NodeId) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let mut path = Vec::new();
    if old_size == 0 || old_size >= new_size {
        return Ok(path);
    }
    let (mut start, mut end) = (0, new_size);
    while old_size != end {
        let middle = start + left_width(end - start);
        if old_size <= middle {
            path.push(subtree_root(middle..end, node)?);
            end = middle;
        } else {
            path.push(subtree_root(start..middle, node)?);
            start = middle;
        }
    }
    // The verifier knows the old root, so it is only sent when it is not this subtree itself.
    if start != 0 {
        path.push(subtree_root(start..end, node)?);
    }
    path.reverse();
    Ok(path)
}

/// Checks that a leaf stands at `leaf_index` of the tree with this size and root
/// ([RFC 9162 §2.1.3.2](https://www.rfc-editor.org/rfc/rfc9162#section-2.1.3.2)).
///
/// # Errors
/// [`ProofError`] says what does not fit.
pub fn verify_inclusion(
    leaf_hash: &Hash,
    leaf_index: u64,
    tree_size: u64,
    root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if leaf_index >= tree_size {
        return Err(ProofError::OutsideTree);
    }
    let (mut node, mut last) = (leaf_index, tree_size - 1);
    let mut hash = *leaf_hash;
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::WrongLength);
        }
        if node & 1 == 1 || node == last {
            hash = hash_children(sibling, &hash);
            skip_promoted_levels(&mut node, &mut last);
        } else {
            hash = hash_children(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    match (last, hash == *root) {
        (0, true) => Ok(()),
        (0, false) => Err(ProofError::WrongRoot),
        _ => Err(ProofError::WrongLength),
    }
}

/// Checks that a newer tree extends an older one
/// ([RFC 9162 §2.1.4.2](https://www.rfc-editor.org/rfc/rfc9162#section-2.1.4.2)).
///
/// # Errors
/// [`ProofError`] says what does not fit.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Hash,
    new_size: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old_size > new_size {
        return Err(ProofError::OutsideTree);
    }
    if old_size == new_size || old_size == 0 {
        let known = if old_size == 0 {
            empty_root()
        } else {
            *new_root
        };
        return match (proof.is_empty(), *old_root == known) {
            (true, true) => Ok(()),
            (true, false) => Err(ProofError::WrongRoot),
            _ => Err(ProofError::WrongLength),
        };
    }
    let (mut node, mut last) = (old_size - 1, new_size - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    // A perfect older tree is itself the first node, and is left out of the proof.
    let (first, rest) = if old_size.is_power_of_two() {
        (old_root, proof)
    } else {
        proof.split_first().ok_or(ProofError::WrongLength)?
    };
    let (mut old, mut new) = (*first, *first);
    for sibling in rest {
        if last == 0 {
            return Err(ProofError::WrongLength);
        }
        if node & 1 == 1 || node == last {
            old = hash_children(sibling, &old);
            new = hash_children(sibling, &new);
            skip_promoted_levels(&mut node, &mut last);
        } else {
            new = hash_children(&new, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    match (last, old == *old_root && new == *new_root) {
        (0, true) => Ok(()),
        (0, false) => Err(ProofError::WrongRoot),
        _ => Err(ProofError::WrongLength),
    }
}

/// A right-most node without a sibling moves up unchanged; the proof has no hash for those levels.
fn skip_promoted_levels(node: &mut u64, last: &mut u64) {
    while *node & 1 == 0 && *node != 0 {
        *node >>= 1;
        *last >>= 1;
    }
}

/// The largest power of two below `width`, where RFC 6962 splits a tree; `width` is at least 2.
fn left_width(width: u64) -> u64 {
    1 << (width.saturating_sub(1).max(1)).ilog2()
}

#[cfg(test)]
mod tests;
