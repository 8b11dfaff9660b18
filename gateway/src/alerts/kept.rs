//! The list of alerts as it stood some entries ago, in a file, so that a start need not read the
//! whole log for them. It is believed only where it fits the log; the log alone is the truth.

use super::Book;
use crate::keys::write_private;
use base64::{Engine, engine::general_purpose::STANDARD};
use motlan_access_log::store::TileStore;
use serde::{Deserialize, Serialize};
use std::{io, path::Path};

/// What the file holds.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    /// The form of this file.
    version: u32,
    /// The log's name.
    origin: String,
    /// The book is that of the entries before this one.
    next: u64,
    /// SHA-256 of the last of them.
    last: String,
    book: Book,
}

const VERSION: u32 = 1;

/// The book of a file, and the place of the next entry; an empty one where the file does not fit.
pub(super) fn load(file: &Path, origin: &str, tiles: &TileStore) -> (Book, u64) {
    let kept = std::fs::read(file).ok();
    let kept: Option<Kept> = kept.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let kept = kept.filter(|kept| {
        kept.version == VERSION
            && kept.origin == origin
            && digest(tiles, kept.next).is_some_and(|last| last == kept.last)
    });
    kept.map_or_else(Default::default, |kept| (kept.book, kept.next))
}

/// Keeps a book.
///
/// # Errors
/// The file cannot be written, or the log cannot be read there.
pub(super) fn save(
    file: &Path,
    origin: &str,
    tiles: &TileStore,
    (book, next): (Book, u64),
) -> io::Result<()> {
    let last = digest(tiles, next).ok_or(io::ErrorKind::NotFound)?;
    let kept = Kept {
        version: VERSION,
        origin: origin.to_owned(),
        next,
        last,
        book,
    };
    write_private(file, &serde_json::to_vec(&kept)?)
}

fn digest(tiles: &TileStore, next: u64) -> Option<String> {
    let last = tiles.entry(next.checked_sub(1)?).ok()?;
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &last);
    Some(STANDARD.encode(digest.as_ref()))
}
