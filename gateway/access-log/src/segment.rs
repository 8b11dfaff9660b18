//! Segments: the append-only files that make an entry durable before anything else happens.
//!
//! A segment is a header and then batches; one batch is one write and one `fdatasync`. All numbers
//! are big-endian.
//!
//! ```text
//! segment header, 64 bytes          batch header, 64 bytes
//!   0  magic FF "MLSEG1" 0A           0  magic FF "MLBAT1" 0A
//!   8  first leaf index, u64          8  first leaf index, u64
//!  16  SHA-256 of the origin         16  number of entries, u32
//!  48  SHA-256 of 0..48, cut to 16   20  length of the body, u32
//!                                    24  SHA-256 of all leaf hashes of the batch
//!                                    56  SHA-256 of 0..56, cut to 8
//!                                   body: each entry after its length as u16, as in a bundle
//! ```
//!
//! The magic starts with a byte that no UTF-8 text holds, so entries never look like a header:
//! that is how a torn last batch is told from damage in the middle of a segment.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::merkle::{Hash, hash_leaf, sha256};
use crate::tile;

/// Directory of the segments, below the log's directory.
pub(crate) const SEGMENTS_DIRECTORY: &str = "segments";
/// Bytes of either header.
pub(crate) const HEADER_BYTES: u64 = 64;
/// Longest body that a header may announce; the writer's queue keeps batches well below it.
const BODY_BYTES_MAX: u32 = 64 * 1024 * 1024;

const SEGMENT_MAGIC: [u8; 8] = *b"\xffMLSEG1\n";
const BATCH_MAGIC: [u8; 8] = *b"\xffMLBAT1\n";

/// The file of the segment that starts with this leaf.
pub(crate) fn path(log_directory: &Path, first: u64) -> PathBuf {
    log_directory
        .join(SEGMENTS_DIRECTORY)
        .join(format!("{first:020}.seg"))
}

/// The first leaf of each segment, in order.
pub(crate) fn list(log_directory: &Path) -> io::Result<Vec<u64>> {
    let mut firsts = Vec::new();
    for entry in log_directory.join(SEGMENTS_DIRECTORY).read_dir()? {
        let name = entry?.file_name();
        let first: Option<u64> = name
            .to_str()
            .and_then(|name| name.strip_suffix(".seg")?.parse().ok());
        firsts.extend(first);
    }
    firsts.sort_unstable();
    Ok(firsts)
}

/// The header of a segment.
pub(crate) fn segment_header(first: u64, origin: &str) -> Vec<u8> {
    let mut header = SEGMENT_MAGIC.to_vec();
    header.extend_from_slice(&first.to_be_bytes());
    header.extend_from_slice(&sha256(origin.as_bytes()));
    header.extend_from_slice(&checksum::<16>(&header));
    header
}

/// The first `N` bytes of the SHA-256 of some bytes.
fn checksum<const N: usize>(bytes: &[u8]) -> [u8; N] {
    sha256(bytes).first_chunk().copied().unwrap_or([0; N])
}

/// A batch being put together; its buffers are kept from one batch to the next.
#[derive(Debug, Default)]
pub(crate) struct BatchBuilder {
    bytes: Vec<u8>,
    hashes: Vec<Hash>,
}

impl BatchBuilder {
    /// Starts an empty batch.
    pub(crate) fn start(&mut self) {
        self.hashes.clear();
        self.bytes.clear();
        self.bytes.extend_from_slice(&[0; 64]);
    }

    /// Adds an entry and returns its leaf hash.
    pub(crate) fn push(&mut self, entry: &[u8]) -> Hash {
        let hash = hash_leaf(entry);
        tile::push_entry(&mut self.bytes, entry);
        self.hashes.push(hash);
        hash
    }

    /// Fills in the header and returns the bytes to write.
    pub(crate) fn finish(&mut self, first: u64) -> &[u8] {
        let body = self.bytes.len().saturating_sub(64);
        let header = BatchHeader {
            first,
            entries: u32::try_from(self.hashes.len()).unwrap_or(u32::MAX),
            body_bytes: u32::try_from(body).unwrap_or(u32::MAX),
            leaves: sha256(self.hashes.as_flattened()),
        };
        if let Some(place) = self.bytes.first_chunk_mut() {
            *place = header.encode();
        }
        &self.bytes
    }
}

/// The header of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BatchHeader {
    pub(crate) first: u64,
    pub(crate) entries: u32,
    pub(crate) body_bytes: u32,
    leaves: Hash,
}

impl BatchHeader {
    fn encode(&self) -> [u8; 64] {
        let mut bytes = Vec::with_capacity(64);
        bytes.extend_from_slice(&BATCH_MAGIC);
        bytes.extend_from_slice(&self.first.to_be_bytes());
        bytes.extend_from_slice(&self.entries.to_be_bytes());
        bytes.extend_from_slice(&self.body_bytes.to_be_bytes());
        bytes.extend_from_slice(&self.leaves);
        bytes.extend_from_slice(&checksum::<8>(&bytes));
        bytes.try_into().unwrap_or([0; 64])
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (magic, rest) = bytes.split_first_chunk()?;
        let (first, rest) = rest.split_first_chunk()?;
        let (entries, rest) = rest.split_first_chunk()?;
        let (body_bytes, rest) = rest.split_first_chunk()?;
        let (leaves, _) = rest.split_first_chunk()?;
        let header = Self {
            first: u64::from_be_bytes(*first),
            entries: u32::from_be_bytes(*entries),
            body_bytes: u32::from_be_bytes(*body_bytes),
            leaves: *leaves,
        };
        let whole = bytes.first_chunk::<64>()? == &header.encode();
        (whole && *magic == BATCH_MAGIC && header.body_bytes <= BODY_BYTES_MAX).then_some(header)
    }

    /// The index after the last entry.
    pub(crate) fn end(&self) -> u64 {
        self.first.saturating_add(self.entries.into())
    }

    /// The bytes of header and body together.
    pub(crate) fn total_bytes(&self) -> u64 {
        HEADER_BYTES + u64::from(self.body_bytes)
    }
}

/// A batch read back: its entries hash to what was acknowledged.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) header: BatchHeader,
    body: Vec<u8>,
    pub(crate) hashes: Vec<Hash>,
}

impl Batch {
    /// Every entry with its leaf hash.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&[u8], &Hash)> {
        tile::entries(&self.body).flatten().zip(&self.hashes)
    }
}

/// What stands at a place of a segment.
#[derive(Debug)]
pub(crate) enum Found<T> {
    /// A whole one.
    Whole(T),
    /// Nothing: the file ends here.
    End,
    /// Bytes that are not a whole batch.
    Broken,
}

/// A segment open for reading.
#[derive(Debug)]
pub(crate) struct SegmentReader {
    file: File,
    pub(crate) first: u64,
}

impl SegmentReader {
    /// Opens a segment; `None` when its header is not the one that belongs there.
    pub(crate) fn open(log_directory: &Path, first: u64, origin: &str) -> io::Result<Option<Self>> {
        let file = File::open(path(log_directory, first))?;
        let header = read_at(&file, 0, HEADER_BYTES)?;
        Ok((header == segment_header(first, origin)).then_some(Self { file, first }))
    }

    pub(crate) fn length(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// The header of the batch at this offset, if its body is there in full length.
    pub(crate) fn header_at(&self, offset: u64) -> io::Result<Found<BatchHeader>> {
        let bytes = read_at(&self.file, offset, HEADER_BYTES)?;
        if bytes.is_empty() {
            return Ok(Found::End);
        }
        let Some(header) = BatchHeader::decode(&bytes) else {
            return Ok(Found::Broken);
        };
        if offset.saturating_add(header.total_bytes()) > self.length()? {
            return Ok(Found::Broken);
        }
        Ok(Found::Whole(header))
    }

    /// The batch at this offset, with the hash of every entry computed anew and compared.
    pub(crate) fn batch_at(&self, offset: u64) -> io::Result<Found<Batch>> {
        let header = match self.header_at(offset)? {
            Found::Whole(header) => header,
            Found::End => return Ok(Found::End),
            Found::Broken => return Ok(Found::Broken),
        };
        let body = read_at(&self.file, offset + HEADER_BYTES, header.body_bytes.into())?;
        let hashes: Option<Vec<Hash>> = tile::entries(&body)
            .map(|entry| entry.map(hash_leaf))
            .collect();
        let Some(hashes) = hashes else {
            return Ok(Found::Broken);
        };
        let count_fits = u32::try_from(hashes.len()) == Ok(header.entries);
        if count_fits && sha256(hashes.as_flattened()) == header.leaves {
            Ok(Found::Whole(Batch {
                header,
                body,
                hashes,
            }))
        } else {
            Ok(Found::Broken)
        }
    }

    /// Whether the header of a later batch follows after this offset. Batches are written one
    /// after the other, each after the sync of the one before: if one follows, what stands at the
    /// offset was durable once, and is damage rather than a torn write.
    pub(crate) fn batch_follows(&self, offset: u64, next: u64) -> io::Result<bool> {
        let length = self.length()?.saturating_sub(offset);
        let bytes = read_at(&self.file, offset, length)?;
        Ok(bytes.windows(64).skip(1).any(|window| {
            window.starts_with(&BATCH_MAGIC)
                && BatchHeader::decode(window).is_some_and(|header| header.first > next)
        }))
    }
}

/// Up to `length` bytes from an offset; fewer where the file ends.
fn read_at(file: &File, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        let position = offset.saturating_add(u64::try_from(filled).unwrap_or(u64::MAX));
        match file.read_at(rest, position) {
            Ok(0) => break,
            Ok(read) => filled = filled.saturating_add(read),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

/// Reads batches one after the other, from segment to segment.
#[derive(Debug)]
pub(crate) struct SegmentCursor {
    log_directory: PathBuf,
    origin: String,
    reader: Option<SegmentReader>,
    offset: u64,
    next: u64,
}

impl SegmentCursor {
    /// A cursor at a batch: in segment `position.0` at offset `position.1`, or, without a
    /// position, at the start of the segment that will begin with leaf `next`.
    pub(crate) fn new(log_directory: &Path, origin: &str, next: u64) -> Self {
        Self {
            log_directory: log_directory.to_owned(),
            origin: origin.to_owned(),
            reader: None,
            offset: HEADER_BYTES,
            next,
        }
    }

    /// The same cursor standing at an offset of an open segment.
    pub(crate) fn at(self, reader: SegmentReader, offset: u64) -> Self {
        Self {
            reader: Some(reader),
            offset,
            ..self
        }
    }

    /// The next batch, which must be durable already. `None` when what is there is not it.
    pub(crate) fn next_batch(&mut self) -> io::Result<Option<Batch>> {
        if let Some(reader) = &self.reader {
            match reader.batch_at(self.offset)? {
                Found::Whole(batch) => return Ok(self.advance(batch)),
                Found::Broken => return Ok(None),
                Found::End => {}
            }
        }
        let Some(reader) = SegmentReader::open(&self.log_directory, self.next, &self.origin)?
        else {
            return Ok(None);
        };
        self.offset = HEADER_BYTES;
        let found = reader.batch_at(self.offset)?;
        self.reader = Some(reader);
        match found {
            Found::Whole(batch) => Ok(self.advance(batch)),
            Found::End | Found::Broken => Ok(None),
        }
    }

    fn advance(&mut self, batch: Batch) -> Option<Batch> {
        self.offset += batch.header.total_bytes();
        let expected = batch.header.first <= self.next && self.next < batch.header.end();
        self.next = batch.header.end();
        expected.then_some(batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_header_survives_its_bytes_and_every_bit_counts() {
        let header = BatchHeader {
            first: 5,
            entries: 2,
            body_bytes: 77,
            leaves: [3; 32],
        };
        let bytes = header.encode();
        assert_eq!(BatchHeader::decode(&bytes), Some(header));
        for bit in 0..512 {
            let mut flipped = bytes;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(BatchHeader::decode(&flipped), None, "bit {bit}");
        }
    }

    #[test]
    fn the_header_of_a_segment_fills_its_place() {
        assert_eq!(segment_header(7, "example.vn/log").len(), 64);
    }
}
