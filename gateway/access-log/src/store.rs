//! Reads tiles and bundles from the log's directory, and the tree's nodes out of them. The proofs
//! are built here; nothing is cached, a proof over a million entries reads about ten small files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::merkle::{self, Hash, NodeId};
use crate::pruning;
use crate::tile::{self, TILE_WIDTH, TileKind, TilePath, width_at};

/// Why a tile or a proof cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The position lies outside the published tree.
    #[error("the published log holds {tree_size} entries, fewer than asked for")]
    OutsideTree {
        /// Entries published so far.
        tree_size: u64,
    },
    /// The entries before this one were removed under the retention policy.
    #[error("the entries before {first} are no longer kept")]
    Pruned {
        /// The first entry that is kept.
        first: u64,
    },
    /// A file that must be there is missing.
    #[error("`{path}` is missing")]
    Missing {
        /// The file, below the log's directory.
        path: String,
    },
    /// A file does not have the length or form it must have.
    #[error("`{path}` is damaged")]
    Damaged {
        /// The file, below the log's directory.
        path: String,
    },
    /// A file could not be read.
    #[error("could not read `{path}`")]
    Io {
        /// The file, below the log's directory.
        path: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// The tiles of the tree with this many published entries.
#[derive(Clone, Debug)]
pub struct TileStore {
    log_directory: PathBuf,
    tree_size: u64,
}

impl TileStore {
    /// The tiles below a directory, as of a published tree size.
    #[must_use]
    pub fn new(log_directory: &Path, tree_size: u64) -> Self {
        Self {
            log_directory: log_directory.to_owned(),
            tree_size,
        }
    }

    /// The number of published entries that these tiles are about.
    #[must_use]
    pub const fn tree_size(&self) -> u64 {
        self.tree_size
    }

    /// The first entry that is kept: those before it were removed under the retention policy, and
    /// their hashes alone are left. See [`pruning`](crate::pruning).
    ///
    /// # Errors
    /// [`ReadError`]: the mark of the pruning cannot be read.
    pub fn first(&self) -> Result<u64, ReadError> {
        pruning::mark(&self.log_directory)
    }

    /// The bundle with this index, as wide as it is in this tree; for readers of many entries.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn bundle(&self, index: u64) -> Result<Vec<u8>, ReadError> {
        let width = width_at(self.tree_size, 0, index);
        if width == 0 {
            return Err(ReadError::OutsideTree {
                tree_size: self.tree_size,
            });
        }
        self.read(TilePath {
            kind: TileKind::Entries,
            index,
            width,
        })
    }

    /// The bytes of one tile or bundle; a partial one that is gone is cut out of the full one.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn read(&self, path: TilePath) -> Result<Vec<u8>, ReadError> {
        match self.read_any_width(path) {
            Err(ReadError::Missing { .. })
                if path.kind == TileKind::Entries && self.is_pruned(path)? =>
            {
                Err(ReadError::Pruned {
                    first: self.first()?,
                })
            }
            other => other,
        }
    }

    fn is_pruned(&self, path: TilePath) -> Result<bool, ReadError> {
        Ok(path.index < self.first()? / u64::from(TILE_WIDTH))
    }

    fn read_any_width(&self, path: TilePath) -> Result<Vec<u8>, ReadError> {
        match self.read_file(path) {
            Err(ReadError::Missing { .. }) if !path.is_full() => {
                let mut bytes = self.read_file(path.full())?;
                let length = match path.kind {
                    TileKind::Hashes(_) => usize::from(path.width) * 32,
                    TileKind::Entries => tile::entries(&bytes)
                        .take(path.width.into())
                        .map(|entry| entry.map_or(0, |entry| entry.len() + 2))
                        .sum(),
                };
                bytes.truncate(length);
                Ok(bytes)
            }
            other => other,
        }
    }

    fn read_file(&self, path: TilePath) -> Result<Vec<u8>, ReadError> {
        let path = path.to_string();
        fs::read(self.log_directory.join(&path)).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => ReadError::Missing { path },
            _ => ReadError::Io { path, source },
        })
    }

    /// The hashes of one tile.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn hashes(&self, level: u8, index: u64, width: u16) -> Result<Vec<Hash>, ReadError> {
        let path = TilePath {
            kind: TileKind::Hashes(level),
            index,
            width,
        };
        let bytes = self.read(path)?;
        match tile::hashes(&bytes) {
            Some(hashes) if hashes.len() == usize::from(width) => Ok(hashes.to_vec()),
            _ => Err(ReadError::Damaged {
                path: path.to_string(),
            }),
        }
    }

    /// The bytes of the entry with this index.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn entry(&self, leaf_index: u64) -> Result<Vec<u8>, ReadError> {
        if leaf_index >= self.tree_size {
            return Err(ReadError::OutsideTree {
                tree_size: self.tree_size,
            });
        }
        let index = leaf_index / u64::from(TILE_WIDTH);
        let bundle = self.bundle(index)?;
        let place = usize::try_from(leaf_index % u64::from(TILE_WIDTH)).unwrap_or(0);
        let entry = tile::entries(&bundle).nth(place).flatten();
        entry.map(<[u8]>::to_vec).ok_or_else(|| {
            let path = TilePath {
                kind: TileKind::Entries,
                index,
                width: width_at(self.tree_size, 0, index),
            };
            ReadError::Damaged {
                path: path.to_string(),
            }
        })
    }

    /// The hashes that lead from a leaf to the root of the tree of `tree_size` entries.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn inclusion_proof(&self, leaf_index: u64, tree_size: u64) -> Result<Vec<Hash>, ReadError> {
        if tree_size > self.tree_size || leaf_index >= tree_size {
            return Err(ReadError::OutsideTree {
                tree_size: self.tree_size.min(tree_size),
            });
        }
        merkle::inclusion_proof(leaf_index, tree_size, &mut |node| self.node(node))
    }

    /// The hashes that show that a newer tree extends an older one.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn consistency_proof(&self, old_size: u64, new_size: u64) -> Result<Vec<Hash>, ReadError> {
        if new_size > self.tree_size || old_size > new_size {
            return Err(ReadError::OutsideTree {
                tree_size: self.tree_size.min(new_size),
            });
        }
        merkle::consistency_proof(old_size, new_size, &mut |node| self.node(node))
    }

    /// The root of the tree when it had this many entries.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn root(&self, tree_size: u64) -> Result<Hash, ReadError> {
        if tree_size > self.tree_size {
            return Err(ReadError::OutsideTree {
                tree_size: self.tree_size,
            });
        }
        merkle::subtree_root(0..tree_size, &mut |node| self.node(node))
    }

    /// The root of a perfect subtree, from the tile that holds its level.
    fn node(&self, node: NodeId) -> Result<Hash, ReadError> {
        let level = u8::try_from(node.level / 8).unwrap_or(u8::MAX);
        let leaves = 1_u64 << (node.level % 8);
        let start = node.index * leaves;
        let index = start / u64::from(TILE_WIDTH);
        let width = width_at(self.tree_size, level, index);
        let hashes = self.hashes(level, index, width)?;
        let start = usize::try_from(start % u64::from(TILE_WIDTH)).unwrap_or(usize::MAX);
        let end = start.saturating_add(usize::try_from(leaves).unwrap_or(usize::MAX));
        match hashes.get(start..end) {
            Some(hashes) => Ok(merkle::root_of(hashes)),
            None => {
                let path = TilePath {
                    kind: TileKind::Hashes(level),
                    index,
                    width,
                };
                Err(ReadError::Damaged {
                    path: path.to_string(),
                })
            }
        }
    }
}
