//! Reads the entries of the published log in order, for whatever follows it.

use super::FollowError;
use motlan_access_log::{
    store::{ReadError, TileStore},
    tile::{self, TILE_WIDTH, TileKind, TilePath, width_at},
};

/// Shows each entry from an index up to `size` to `follow`, with its index.
///
/// # Errors
/// A file of the log cannot be read, or `follow` refused.
pub fn each_entry(
    tiles: &TileStore,
    from: u64,
    size: u64,
    follow: &mut dyn FnMut(u64, &[u8]) -> Result<(), FollowError>,
) -> Result<(), FollowError> {
    let mut next = from;
    while next < size {
        let index = next / u64::from(TILE_WIDTH);
        let path = TilePath {
            kind: TileKind::Entries,
            index,
            width: width_at(size, 0, index),
        };
        let damaged = || ReadError::Damaged {
            path: path.to_string(),
        };
        let bundle = tiles.read(path)?;
        let skip = usize::try_from(next % u64::from(TILE_WIDTH)).unwrap_or(0);
        let before = next;
        for entry in tile::entries(&bundle).skip(skip) {
            follow(next, entry.ok_or_else(damaged)?)?;
            next += 1;
        }
        if next == before {
            return Err(damaged().into());
        }
    }
    Ok(())
}
