//! The tree of a log under verification: built leaf by leaf, compared with each hash tile as soon
//! as the tile is complete. Kept plain on purpose, and apart from the code that writes tiles.

use super::source::Source;
use super::{VerifyError, older_forms, read_tile};
use crate::merkle::{Hash, empty_root, hash_children, root_of};
use crate::tile::{TILE_WIDTH, TileKind, TilePath};

pub(super) struct Tree<'a> {
    source: &'a dyn Source,
    tree_size: u64,
    /// The leaves of the tile at hand come from that tile itself: nothing to compare it with.
    from_tile: bool,
    /// Per tile level, the hashes of the tile at hand and the number of tiles before it.
    levels: Vec<(Vec<Hash>, u64)>,
    files: u64,
}

impl<'a> Tree<'a> {
    pub(super) fn new(source: &'a dyn Source, tree_size: u64) -> Self {
        Self {
            source,
            tree_size,
            from_tile: false,
            levels: Vec::new(),
            files: 0,
        }
    }

    /// Adds the next leaf, of an entry or from the tile that holds its hash; checks every tile that
    /// it completes. All leaves of one tile come from the same.
    pub(super) fn push(&mut self, leaf_hash: Hash, from_tile: bool) -> Result<(), VerifyError> {
        self.from_tile = from_tile;
        let mut node = leaf_hash;
        for level in 0..8_u8 {
            let depth = usize::from(level);
            if self.levels.len() == depth {
                self.levels.push((Vec::new(), 0));
            }
            let Some((hashes, index)) = self.levels.get_mut(depth) else {
                break;
            };
            hashes.push(node);
            if hashes.len() < usize::from(TILE_WIDTH) {
                break;
            }
            let (complete, position) = (std::mem::take(hashes), *index);
            *index += 1;
            node = root_of(&complete);
            self.check(level, position, &complete)?;
        }
        Ok(())
    }

    /// Checks the partial tiles; returns the root and the number of tile files that were checked.
    pub(super) fn finish(mut self) -> Result<(Hash, u64), VerifyError> {
        let root = self.root();
        for (level, (hashes, index)) in (0..).zip(std::mem::take(&mut self.levels)) {
            if !hashes.is_empty() {
                self.check(level, index, &hashes)?;
            }
        }
        Ok((root, self.files))
    }

    /// The root over the leaves so far.
    pub(super) fn root(&self) -> Hash {
        let mut root = None;
        for (hashes, _) in &self.levels {
            // From the right: the perfect subtrees of this level, smallest first.
            let mut rest = hashes.as_slice();
            while !rest.is_empty() {
                let width = 1 << rest.len().trailing_zeros();
                let (before, subtree) = rest.split_at(rest.len().saturating_sub(width));
                let left = root_of(subtree);
                root = Some(root.map_or(left, |right| hash_children(&left, &right)));
                rest = before;
            }
        }
        root.unwrap_or_else(empty_root)
    }

    fn check(&mut self, level: u8, index: u64, computed: &[Hash]) -> Result<(), VerifyError> {
        if level == 0 && self.from_tile {
            return Ok(());
        }
        let width = u16::try_from(computed.len()).unwrap_or(TILE_WIDTH);
        let asked = TilePath {
            kind: TileKind::Hashes(level),
            index,
            width,
        };
        let (path, bytes) = read_tile(self.source, asked)?;
        let cut = if path == asked {
            bytes.as_slice()
        } else {
            bytes.get(..computed.len() * 32).unwrap_or(&[])
        };
        self.compare(path, cut, computed)?;
        for (partial, bytes) in older_forms(self.source, asked)? {
            let beginning = computed.get(..partial.width.into()).unwrap_or(&[]);
            self.compare(partial, &bytes, beginning)?;
        }
        Ok(())
    }

    fn compare(
        &mut self,
        path: TilePath,
        bytes: &[u8],
        computed: &[Hash],
    ) -> Result<(), VerifyError> {
        self.files += 1;
        if bytes == computed.as_flattened() {
            return Ok(());
        }
        let (found, _) = bytes.as_chunks::<32>();
        let place = computed
            .iter()
            .zip(found)
            .take_while(|(computed, found)| computed == found);
        let level = match path.kind {
            TileKind::Hashes(level) => level,
            TileKind::Entries => 0,
        };
        let node = path.index * u64::from(TILE_WIDTH) + u64::try_from(place.count()).unwrap_or(0);
        let leaf_index = (node << (8 * u32::from(level))).min(self.tree_size.saturating_sub(1));
        Err(VerifyError::WrongTile {
            path: path.to_string(),
            leaf_index,
        })
    }
}
