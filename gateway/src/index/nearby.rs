//! Reads entries that lie close together, each bundle once.

use motlan_access_log::{
    store::{ReadError, TileStore},
    tile::{self, TILE_WIDTH},
};

/// Reads one entry after the other; entries of one bundle should follow each other.
#[derive(Debug)]
pub struct Nearby {
    tiles: TileStore,
    /// The bundle read last.
    read: Option<(u64, Vec<u8>)>,
}

impl Nearby {
    /// A reader of these tiles.
    #[must_use]
    pub const fn new(tiles: TileStore) -> Self {
        Self { tiles, read: None }
    }

    /// The bytes of an entry.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn entry(&mut self, leaf_index: u64) -> Result<Vec<u8>, ReadError> {
        let width = u64::from(TILE_WIDTH);
        let index = leaf_index / width;
        let bundle = match self.read.take() {
            Some((known, bundle)) if known == index => bundle,
            _ => self.tiles.bundle(index)?,
        };
        let place = usize::try_from(leaf_index % width).unwrap_or(usize::MAX);
        let entry = tile::entries(&bundle).nth(place).flatten();
        let entry = entry.map(<[u8]>::to_vec);
        self.read = Some((index, bundle));
        match entry {
            Some(entry) => Ok(entry),
            None if leaf_index >= self.tiles.tree_size() => Err(ReadError::OutsideTree {
                tree_size: self.tiles.tree_size(),
            }),
            None => Err(ReadError::Damaged {
                path: format!("entry {leaf_index}"),
            }),
        }
    }
}
