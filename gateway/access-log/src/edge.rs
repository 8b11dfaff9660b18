//! The right edge of a growing tree: per tile level, the hashes of the tile that is not full yet.
//! It is all a log must know to append and to compute its root (at most 8 × 255 hashes).

use crate::merkle::{Hash, empty_root, hash_children, root_of};
use crate::tile::{TILE_WIDTH, width_at};

/// The right edge of the tree with [`Edge::tree_size`] leaves.
#[derive(Clone, Debug, Default)]
pub struct Edge {
    tree_size: u64,
    levels: Vec<Vec<Hash>>,
}

impl Edge {
    /// Rebuilds the edge of a tree from its partial tiles, level 0 first.
    ///
    /// # Errors
    /// Whatever `partial_tile` returns; it is asked for `(level, index, width)` with `width` 1–255.
    pub fn load<E>(
        tree_size: u64,
        mut partial_tile: impl FnMut(u8, u64, u16) -> Result<Vec<Hash>, E>,
    ) -> Result<Self, E> {
        let mut levels = Vec::new();
        for level in 0..8 {
            let nodes = tree_size >> (8 * u32::from(level));
            if nodes == 0 {
                break;
            }
            let index = nodes / u64::from(TILE_WIDTH);
            let width = width_at(tree_size, level, index);
            levels.push(if width == 0 {
                Vec::new()
            } else {
                partial_tile(level, index, width)?
            });
        }
        Ok(Self { tree_size, levels })
    }

    /// The number of leaves.
    #[must_use]
    pub fn tree_size(&self) -> u64 {
        self.tree_size
    }

    /// Appends a leaf; calls `full_tile(level, index, hashes)` for every tile that it completes.
    pub fn push(&mut self, leaf_hash: Hash, mut full_tile: impl FnMut(u8, u64, &[Hash])) {
        let mut carry = leaf_hash;
        self.tree_size += 1;
        let mut nodes = self.tree_size;
        for level in 0..u8::MAX {
            let depth = usize::from(level);
            if self.levels.len() == depth {
                self.levels
                    .push(Vec::with_capacity(usize::from(TILE_WIDTH)));
            }
            let Some(hashes) = self.levels.get_mut(depth) else {
                return;
            };
            hashes.push(carry);
            if hashes.len() < usize::from(TILE_WIDTH) {
                return;
            }
            nodes /= u64::from(TILE_WIDTH);
            full_tile(level, nodes.saturating_sub(1), hashes);
            carry = root_of(hashes);
            hashes.clear();
        }
    }

    /// The partial tiles of the tree as `(level, index, hashes)`, without the empty ones.
    pub fn partial_tiles(&self) -> impl Iterator<Item = (u8, u64, &[Hash])> {
        (0..)
            .zip(&self.levels)
            .filter(|(_, hashes)| !hashes.is_empty())
            .map(|(level, hashes)| {
                let index = (self.tree_size >> (8 * u32::from(level))) / u64::from(TILE_WIDTH);
                (level, index, hashes.as_slice())
            })
    }

    /// The root hash.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut root: Option<Hash> = None;
        for hashes in &self.levels {
            let mut rest = hashes.as_slice();
            while !rest.is_empty() {
                // The right-most perfect subtree of this tile: the lowest bit of its width.
                let width = 1 << rest.len().trailing_zeros();
                let (before, subtree) = rest.split_at(rest.len().saturating_sub(width));
                let node = root_of(subtree);
                root = Some(root.map_or(node, |right| hash_children(&node, &right)));
                rest = before;
            }
        }
        root.unwrap_or_else(empty_root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::hash_leaf;

    #[test]
    fn root_of_the_edge_is_the_root_of_the_tree_across_tile_borders() {
        let mut edge = Edge::default();
        let mut leaves = Vec::new();
        assert_eq!(edge.root(), empty_root());
        for index in 0..1100_u32 {
            let leaf = hash_leaf(&index.to_be_bytes());
            leaves.push(leaf);
            edge.push(leaf, |_, _, _| {});
            if index % 7 == 0 || (250..260).contains(&index) {
                assert_eq!(edge.root(), root_of(&leaves), "at size {}", index + 1);
            }
        }
    }

    #[test]
    fn an_edge_loaded_from_partial_tiles_goes_on_with_the_same_tree() {
        let mut edge = Edge::default();
        let mut full = Vec::new();
        for index in 0..70_000_u32 {
            edge.push(hash_leaf(&index.to_be_bytes()), |level, tile, hashes| {
                full.push((level, tile, hashes.len()));
            });
        }
        // The example of tlog-tiles: 273 full tiles of level 0, one of level 1, partials 112/17/1.
        assert_eq!(full.iter().filter(|(level, ..)| *level == 0).count(), 273);
        assert_eq!(full.iter().filter(|(level, ..)| *level == 1).count(), 1);
        let partial: Vec<_> = edge
            .partial_tiles()
            .map(|(l, n, h)| (l, n, h.len()))
            .collect();
        assert_eq!(partial, [(0, 273, 112), (1, 1, 17), (2, 0, 1)]);

        let loaded = Edge::load(70_000, |level, index, width| {
            let (.., hashes) = edge.partial_tiles().find(|(l, ..)| *l == level).unwrap();
            assert_eq!(hashes.len(), usize::from(width));
            assert_eq!(
                edge.partial_tiles().find(|(l, ..)| *l == level).unwrap().1,
                index
            );
            Ok::<_, ()>(hashes.to_vec())
        })
        .unwrap();
        assert_eq!(loaded.root(), edge.root());
    }
}
