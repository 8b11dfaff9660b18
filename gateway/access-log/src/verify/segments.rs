//! The segments of a log under verification: entries that were acknowledged and may not be
//! published yet. Reads the form that the crate's documentation describes, on its own.

use std::io;

use super::source::Source;
use super::{VerifyError, check_entry, read};
use crate::checkpoint::Checkpoint;
use crate::merkle::{Hash, hash_leaf, sha256};
use crate::tile::{self, TILE_WIDTH};

const SEGMENT_MAGIC: &[u8] = b"\xffMLSEG1\n";
const BATCH_MAGIC: &[u8] = b"\xffMLBAT1\n";
const HEADER_BYTES: usize = 64;

/// What stands in the segments beyond the checkpoint.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) entries: u64,
    pub(super) torn_bytes: u64,
}

/// The first leaf that a segment holds; none when there is no segment.
pub(super) fn first_leaf(source: &dyn Source) -> Result<Option<u64>, VerifyError> {
    Ok(list(source)?.first().copied())
}

/// A copy of the published part alone has no segments, and can be verified too.
fn list(source: &dyn Source) -> Result<Vec<u64>, VerifyError> {
    let names = source.names("segments").map_err(|source| VerifyError::Io {
        path: "segments".to_owned(),
        source,
    })?;
    let first = |name: String| name.strip_suffix(".seg")?.parse().ok();
    let mut firsts: Vec<u64> = names.into_iter().filter_map(first).collect();
    firsts.sort_unstable();
    Ok(firsts)
}

/// Checks every segment. `known` holds the leaf hashes of the published entries from `known_from`.
pub(super) fn verify(
    source: &dyn Source,
    checkpoint: &Checkpoint,
    known_from: u64,
    known: &[Hash],
) -> Result<Waiting, VerifyError> {
    let mut walk = Walk {
        checkpoint,
        known_from,
        known,
        waiting: Waiting::default(),
    };
    let mut next = None;
    let segments = list(source)?;
    // Where all entries of a segment are in full bundles the log removes it, and after a power cut
    // some of those that it had removed may be back.
    let width = u64::from(TILE_WIDTH);
    let bundled = checkpoint.tree_size / width * width;
    for (position, first) in segments.iter().enumerate() {
        let path = format!("segments/{first:020}.seg");
        let bytes = match read(source, &path) {
            // The log is running and has just removed it.
            Err(VerifyError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                continue;
            }
            bytes => bytes?,
        };
        if next.is_some_and(|next| next != *first && (next > *first || *first > bundled)) {
            return Err(VerifyError::Damaged {
                path,
                leaf_index: next.unwrap_or(*first),
            });
        }
        next = Some(walk.segment(&path, &bytes, *first, position + 1 == segments.len())?);
    }
    match next {
        Some(next) if next < checkpoint.tree_size => Err(VerifyError::Damaged {
            path: "segments".to_owned(),
            leaf_index: next,
        }),
        _ => Ok(walk.waiting),
    }
}

struct Walk<'a> {
    checkpoint: &'a Checkpoint,
    known_from: u64,
    known: &'a [Hash],
    waiting: Waiting,
}

impl Walk<'_> {
    /// Checks one segment; returns the index after its last entry.
    fn segment(
        &mut self,
        path: &str,
        bytes: &[u8],
        first: u64,
        last: bool,
    ) -> Result<u64, VerifyError> {
        let damaged = |leaf_index| VerifyError::Damaged {
            path: path.to_owned(),
            leaf_index,
        };
        let (header, mut rest) = bytes
            .split_at_checked(HEADER_BYTES)
            .ok_or_else(|| damaged(first))?;
        if header != segment_header(first, &self.checkpoint.origin) {
            return Err(damaged(first));
        }
        let mut next = first;
        while !rest.is_empty() {
            let Some((batch, after)) = read_batch(rest, next) else {
                // Only the very last write may be torn, and nothing published can be part of it.
                if !last || next < self.checkpoint.tree_size || batch_follows(rest, next) {
                    return Err(damaged(next));
                }
                self.waiting.torn_bytes = u64::try_from(rest.len()).unwrap_or(u64::MAX);
                return Ok(next);
            };
            for (entry, leaf_hash) in batch {
                self.entry(path, next, entry, &leaf_hash)?;
                next += 1;
            }
            rest = after;
        }
        Ok(next)
    }

    fn entry(
        &mut self,
        path: &str,
        leaf_index: u64,
        entry: &[u8],
        leaf_hash: &Hash,
    ) -> Result<(), VerifyError> {
        if leaf_index >= self.checkpoint.tree_size {
            self.waiting.entries += 1;
            return check_entry(entry, path, leaf_index).map(|_| ());
        }
        let place = leaf_index
            .checked_sub(self.known_from)
            .and_then(|place| usize::try_from(place).ok());
        let published = place.and_then(|place| self.known.get(place));
        match published == Some(leaf_hash) {
            true => Ok(()),
            false => Err(VerifyError::OtherEntry {
                path: path.to_owned(),
                leaf_index,
            }),
        }
    }
}

fn segment_header(first: u64, origin: &str) -> Vec<u8> {
    let mut header = [
        SEGMENT_MAGIC,
        &first.to_be_bytes(),
        &sha256(origin.as_bytes()),
    ]
    .concat();
    let checksum = sha256(&header);
    header.extend(checksum.iter().take(16));
    header
}

/// The fields of a batch header: first leaf, number of entries, length of the body, digest of the
/// leaf hashes.
fn read_header(bytes: &[u8]) -> Option<(u64, u32, u32, Hash)> {
    let header = bytes.get(..HEADER_BYTES)?;
    let (signed, checksum) = header.split_at_checked(56)?;
    if !sha256(signed).starts_with(checksum) {
        return None;
    }
    let rest = signed.strip_prefix(BATCH_MAGIC)?;
    let (first, rest) = rest.split_first_chunk()?;
    let (entries, rest) = rest.split_first_chunk()?;
    let (body, rest) = rest.split_first_chunk()?;
    let leaves = Hash::try_from(rest).ok()?;
    Some((
        u64::from_be_bytes(*first),
        u32::from_be_bytes(*entries),
        u32::from_be_bytes(*body),
        leaves,
    ))
}

type ReadBatch<'a> = (Vec<(&'a [u8], Hash)>, &'a [u8]);

/// The entries of the batch at the beginning of the bytes, if it is whole and begins with `next`.
fn read_batch(bytes: &[u8], next: u64) -> Option<ReadBatch<'_>> {
    let (first, entries, body, leaves) = read_header(bytes)?;
    let (body, after) = bytes
        .get(HEADER_BYTES..)?
        .split_at_checked(usize::try_from(body).ok()?)?;
    let read: Option<Vec<(&[u8], Hash)>> = tile::entries(body)
        .map(|entry| entry.map(|entry| (entry, hash_leaf(entry))))
        .collect();
    let read = read?;
    let hashes: Vec<Hash> = read.iter().map(|(_, hash)| *hash).collect();
    let whole = u32::try_from(read.len()) == Ok(entries) && sha256(hashes.as_flattened()) == leaves;
    (whole && first == next).then_some((read, after))
}

/// Whether a later batch begins somewhere in these bytes; then what is before it was once whole.
fn batch_follows(bytes: &[u8], next: u64) -> bool {
    bytes
        .windows(HEADER_BYTES)
        .skip(1)
        .filter(|window| window.starts_with(BATCH_MAGIC))
        .any(|window| read_header(window).is_some_and(|(first, ..)| first > next))
}
