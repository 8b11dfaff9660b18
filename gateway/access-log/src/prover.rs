//! Proves many entries under one checkpoint: it remembers the tiles and nodes of the last proof, most
//! of which the next one needs again.

use std::collections::HashMap;
use std::sync::Arc;

use crate::checkpoint::SignedCheckpoint;
use crate::log::LeafIndex;
use crate::merkle::{self, Hash, NodeId};
use crate::receipt::InclusionProof;
use crate::store::{ReadError, TileStore};
use crate::tile::{TILE_WIDTH, width_at};

/// Makes proofs under one checkpoint. It is fast for entries that lie close together.
#[derive(Debug)]
pub struct Prover {
    signed: Arc<SignedCheckpoint>,
    tiles: TileStore,
    /// The tile read last, by level of tiles.
    read: HashMap<u8, (u64, Vec<Hash>)>,
    nodes: HashMap<(u32, u64), Hash>,
}

/// Nodes that are remembered: 64 bytes each.
const NODES_MAX: usize = 4_096;

impl Prover {
    /// A prover under a checkpoint, which these tiles must hold.
    #[must_use]
    pub fn new(signed: Arc<SignedCheckpoint>, tiles: TileStore) -> Self {
        Self {
            signed,
            tiles,
            read: HashMap::new(),
            nodes: HashMap::new(),
        }
    }

    /// The proof of an entry.
    ///
    /// # Errors
    /// [`ReadError::OutsideTree`] when the entry is not under the checkpoint; otherwise damage.
    pub fn prove(&mut self, leaf_index: LeafIndex) -> Result<InclusionProof, ReadError> {
        let tree_size = self.signed.checkpoint.tree_size;
        if tree_size > self.tiles.tree_size() || leaf_index.0 >= tree_size {
            let tree_size = tree_size.min(self.tiles.tree_size());
            return Err(ReadError::OutsideTree { tree_size });
        }
        let hashes = merkle::inclusion_proof(leaf_index.0, tree_size, &mut |node| self.node(node))?;
        Ok(InclusionProof {
            leaf_index,
            hashes,
            checkpoint: self.signed.note.clone(),
        })
    }

    fn node(&mut self, node: NodeId) -> Result<Hash, ReadError> {
        let id = (node.level, node.index);
        if let Some(known) = self.nodes.get(&id) {
            return Ok(*known);
        }
        let level = u8::try_from(node.level / 8).unwrap_or(u8::MAX);
        let leaves = 1_u64 << (node.level % 8);
        let start = node.index * leaves;
        let index = start / u64::from(TILE_WIDTH);
        if self
            .read
            .get(&level)
            .is_none_or(|(known, _)| *known != index)
        {
            let width = width_at(self.tiles.tree_size(), level, index);
            let hashes = self.tiles.hashes(level, index, width)?;
            self.read.insert(level, (index, hashes));
        }
        let start = usize::try_from(start % u64::from(TILE_WIDTH)).unwrap_or(usize::MAX);
        let end = start.saturating_add(usize::try_from(leaves).unwrap_or(usize::MAX));
        let hashes = self.read.get(&level).map(|(_, hashes)| hashes.as_slice());
        let below = hashes.and_then(|hashes| hashes.get(start..end));
        let below = below.ok_or_else(|| ReadError::Damaged {
            path: format!("tile {index} of level {level}"),
        })?;
        let hash = merkle::root_of(below);
        if self.nodes.len() >= NODES_MAX {
            self.nodes.clear();
        }
        self.nodes.insert(id, hash);
        Ok(hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::Checkpoint;
    use crate::merkle::{hash_leaf, root_of};
    use crate::note::Signer;
    use crate::receipt::Receipt;
    use crate::tile::{TileKind, TilePath};
    use std::fs;

    const ORIGIN: &str = "example.vn/log";

    #[test]
    fn every_proof_holds_in_whatever_order_they_are_made() {
        let directory = tempfile::tempdir().unwrap();
        let leaves: Vec<Hash> = (0..700_u32).map(|n| hash_leaf(&n.to_be_bytes())).collect();
        let mut rows = vec![leaves.clone()];
        rows.push(leaves.chunks_exact(256).map(root_of).collect());
        for (level, row) in (0..).zip(&rows) {
            for (index, hashes) in (0..).zip(row.chunks(256)) {
                let width = u16::try_from(hashes.len()).unwrap();
                let kind = TileKind::Hashes(level);
                let path = TilePath { kind, index, width }.to_string();
                let path = directory.path().join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, hashes.concat()).unwrap();
            }
        }
        let tiles = TileStore::new(directory.path(), 700);
        let signer = Signer::from_seed(ORIGIN, &[1; 32]).unwrap();
        let checkpoint = Checkpoint {
            origin: ORIGIN.to_owned(),
            tree_size: 700,
            root: tiles.root(700).unwrap(),
        };
        let mut prover = Prover::new(Arc::new(checkpoint.sign(&signer)), tiles);
        let scattered = (0..700).map(|n| n * 37 % 700);
        for index in (0..700).rev().chain(scattered) {
            let proof = prover.prove(LeafIndex(index)).unwrap();
            let receipt = Receipt {
                origin: ORIGIN.to_owned(),
                leaf_index: LeafIndex(index),
                leaf_hash: hash_leaf(&u32::try_from(index).unwrap().to_be_bytes()),
            };
            proof.verify(&receipt, signer.verifier()).unwrap();
        }
        assert!(prover.prove(LeafIndex(700)).is_err());
    }
}
