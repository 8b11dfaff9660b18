//! Names and contents of the files of [C2SP tlog-tiles](https://c2sp.org/tlog-tiles): hash tiles
//! and entry bundles. Pure; reading and writing them is elsewhere.

use std::fmt;
use std::str::FromStr;

use crate::merkle::Hash;

/// Hashes in a full tile, and entries in a full bundle.
pub const TILE_WIDTH: u16 = 256;

/// What a tile file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TileKind {
    /// Merkle tree hashes of this tile level; level 0 holds leaf hashes.
    Hashes(u8),
    /// The entries themselves, each prefixed by its length.
    Entries,
}

/// The path of a tile or bundle below the log's directory or URL, for example
/// `tile/0/x001/x234/067` or `tile/entries/000.p/17`.
///
/// ```
/// use motlan_access_log::tile::{TileKind, TilePath};
/// let path = TilePath { kind: TileKind::Hashes(0), index: 1_234_067, width: 256 };
/// assert_eq!(path.to_string(), "tile/0/x001/x234/067");
/// assert_eq!("tile/entries/000.p/17".parse::<TilePath>().unwrap().width, 17);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TilePath {
    /// Hash tile of a level, or entry bundle.
    pub kind: TileKind,
    /// Position within the level.
    pub index: u64,
    /// Number of hashes or entries: 1–255 for a partial tile, 256 for a full one.
    pub width: u16,
}

/// The text is not the path of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the path of a tile or entry bundle")]
pub struct TilePathError;

impl TilePath {
    /// Whether all 256 places are taken.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.width == TILE_WIDTH
    }

    /// The same tile when it is full.
    #[must_use]
    pub fn full(self) -> Self {
        Self {
            width: TILE_WIDTH,
            ..self
        }
    }

    /// The directory that holds the partial forms of this tile, such as `tile/0/000.p`.
    #[must_use]
    pub fn partials(&self) -> String {
        format!("{}.p", self.full())
    }
}

impl fmt::Display for TilePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes(level) => write!(formatter, "tile/{level}/")?,
            TileKind::Entries => formatter.write_str("tile/entries/")?,
        }
        let mut groups = 1_u32;
        while self.index / 1000_u64.saturating_pow(groups) > 0 && groups < 7 {
            groups += 1;
        }
        for group in (1..groups).rev() {
            write!(
                formatter,
                "x{:03}/",
                self.index / 1000_u64.pow(group) % 1000
            )?;
        }
        write!(formatter, "{:03}", self.index % 1000)?;
        if self.is_full() {
            Ok(())
        } else {
            write!(formatter, ".p/{}", self.width)
        }
    }
}

impl FromStr for TilePath {
    type Err = TilePathError;

    fn from_str(text: &str) -> Result<Self, TilePathError> {
        let rest = text.strip_prefix("tile/").ok_or(TilePathError)?;
        let (kind, rest) = rest.split_once('/').ok_or(TilePathError)?;
        let kind = match kind {
            "entries" => TileKind::Entries,
            level => match level.parse() {
                Ok(level @ 0..=63) => TileKind::Hashes(level),
                _ => return Err(TilePathError),
            },
        };
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => match width.parse() {
                Ok(width @ 1..TILE_WIDTH) => (index, width),
                _ => return Err(TilePathError),
            },
            None => (rest, TILE_WIDTH),
        };
        let mut number = 0_u64;
        for group in index.split('/') {
            let digits = group.strip_prefix('x').unwrap_or(group);
            let group: u64 = digits.parse().map_err(|_| TilePathError)?;
            number = number
                .checked_mul(1000)
                .and_then(|number| number.checked_add(group))
                .ok_or(TilePathError)?;
        }
        let path = Self {
            kind,
            index: number,
            width,
        };
        // One tile, one name: only the exact spelling is accepted.
        if path.to_string() == text {
            Ok(path)
        } else {
            Err(TilePathError)
        }
    }
}

/// How many places tile `index` of `level` has taken in a tree of this size: 0–256.
#[must_use]
pub fn width_at(tree_size: u64, level: u8, index: u64) -> u16 {
    let nodes = tree_size.checked_shr(8 * u32::from(level)).unwrap_or(0);
    let width = nodes.saturating_sub(index.saturating_mul(u64::from(TILE_WIDTH)));
    u16::try_from(width.min(u64::from(TILE_WIDTH))).unwrap_or(TILE_WIDTH)
}

/// The hashes of a tile's bytes; `None` when the length is not a multiple of 32.
#[must_use]
pub fn hashes(bytes: &[u8]) -> Option<&[Hash]> {
    match bytes.as_chunks() {
        (hashes, []) => Some(hashes),
        _ => None,
    }
}

/// Appends one entry to a bundle. The caller has checked that it is at most 65,535 bytes long;
/// a longer one is cut, and so would not verify.
pub(crate) fn push_entry(bundle: &mut Vec<u8>, entry: &[u8]) {
    let length = u16::try_from(entry.len()).unwrap_or(u16::MAX);
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry.get(..usize::from(length)).unwrap_or(entry));
}

/// The entries of a bundle in order. Yields `None` once, and ends, where the bytes do not fit.
pub fn entries(bundle: &[u8]) -> impl Iterator<Item = Option<&[u8]>> {
    let mut rest = Some(bundle);
    std::iter::from_fn(move || {
        let bytes = rest.take().filter(|bytes| !bytes.is_empty())?;
        let entry = bytes.split_first_chunk().and_then(|(length, after)| {
            let (entry, after) = after.split_at_checked(u16::from_be_bytes(*length).into())?;
            rest = Some(after);
            Some(entry)
        });
        Some(entry)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_spelt_as_in_the_specification() {
        for (index, width, text) in [
            (0, 256, "tile/1/000"),
            (999, 256, "tile/1/999"),
            (1000, 256, "tile/1/x001/000"),
            (1_234_067, 256, "tile/1/x001/x234/067"),
            (1_234_067, 255, "tile/1/x001/x234/067.p/255"),
            (u64::MAX, 1, "tile/1/x018/x446/x744/x073/x709/x551/615.p/1"),
        ] {
            let path = TilePath {
                kind: TileKind::Hashes(1),
                index,
                width,
            };
            assert_eq!(path.to_string(), text);
            assert_eq!(text.parse(), Ok(path));
        }
    }

    #[test]
    fn other_spellings_and_escapes_are_refused() {
        for text in [
            "tile/0/0",
            "tile/0/x000/000",
            "tile/00/000",
            "tile/64/000",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/../checkpoint",
            "tile/0/1000",
            "tile/entries/x001",
            "tile/0/x001/x000",
            "tile/0/+01",
            "tile/-1/000",
            "tile/0/",
            "",
            "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        ] {
            assert_eq!(text.parse::<TilePath>(), Err(TilePathError), "{text}");
        }
    }

    #[test]
    fn entries_of_a_bundle_come_back_and_a_cut_bundle_is_noticed() {
        let mut bundle = Vec::new();
        push_entry(&mut bundle, b"first");
        push_entry(&mut bundle, b"");
        push_entry(&mut bundle, b"third");
        let read: Vec<_> = entries(&bundle).collect();
        assert_eq!(read, [Some(&b"first"[..]), Some(b""), Some(b"third")]);
        assert_eq!(entries(&bundle[..bundle.len() - 1]).last(), Some(None));
    }

    #[test]
    fn widths_follow_the_tree_size() {
        assert_eq!(width_at(70_000, 0, 273), 112);
        assert_eq!(width_at(70_000, 1, 1), 17);
        assert_eq!(width_at(70_000, 2, 0), 1);
        assert_eq!(width_at(256, 0, 0), 256);
        assert_eq!(width_at(256, 0, 1), 0);
    }
}
