//! The verifiable log: who saw what, why, and on which ground, in a form that an outsider can check
//! from the files alone and that neither a crash nor an editor can quietly change.
//!
//! # The model
//!
//! The log is a list of [entries](crate::entry), numbered from 0. An entry is *acknowledged* once it is
//! durable in a segment, and *published* once a signed [checkpoint] covers it. Between
//! the two lies a fraction of a second. The checkpoint signs the number of entries and the root
//! hash of a Merkle tree over them, so that one line of text stands for everything the log says.
//! Whoever keeps a checkpoint can later ask for proof that its log was only ever added to.
//!
//! Suppose the land office of Hà Nội asks about Lan. The gateway [appends](log::AccessLog::append)
//! an entry that names the office, the officer, the case, the legal ground, the attributes released
//! and Lan's [pseudonym], and waits. The writer thread writes it into the segment with
//! whatever else waits at that moment, syncs once, and answers with a leaf index and a leaf hash:
//! only now may the answer leave, with both in its [receipt]. The publisher thread reads
//! the bytes back from the disk, hashes them again, writes tiles, and signs. A year later the
//! receipt and one short text prove to a court that the entry was there.
//!
//! # On disk
//!
//! Everything below is in one directory, which may be served or copied as it is. The private keys
//! are [elsewhere](keys), and so is a second copy of the last signed checkpoint.
//!
//! | path | what | form |
//! |---|---|---|
//! | `checkpoint` | the last published checkpoint | [C2SP tlog-checkpoint](https://c2sp.org/tlog-checkpoint) in a [signed note](https://c2sp.org/signed-note), Ed25519 |
//! | `checkpoint.cosigned` | the newest one that a quorum of [witnesses](witness) cosigned, if any are asked | the same, with cosignatures of [C2SP tlog-cosignature](https://c2sp.org/tlog-cosignature) |
//! | `log.vkey` | the keys in force that verify them, newest first | one line a key, `name+hash+key`, as in [signed-note](https://c2sp.org/signed-note) |
//! | `pruned` | how many of the oldest entries were removed by policy, if any were | `pruned ` and the number; an entry of the log says the same |
//! | `tile/<L>/<N>[.p/<W>]` | Merkle tree hashes | [C2SP tlog-tiles](https://c2sp.org/tlog-tiles#merkle-tree), hashing of [RFC 6962 §2.1](https://www.rfc-editor.org/rfc/rfc6962#section-2.1) |
//! | `tile/entries/<N>[.p/<W>]` | the entries, 256 a file | [C2SP tlog-tiles](https://c2sp.org/tlog-tiles#log-entries): each after its length as 16-bit big-endian number |
//! | `pruned` | where old entries were removed by policy: `pruned <leaf index>`, see [`pruning`] | one line |
//! | `segments/<first leaf, 20 digits>.seg` | entries as they were acknowledged | see below |
//! | `lock`, `tmp/` | held while open; files not whole yet, and the [ballast](reserve) | emptied at start |
//!
//! An entry is [canonical JSON](https://www.rfc-editor.org/rfc/rfc8785) with the members `kind`,
//! `nonce`, `record`, `time` and `version`; its leaf hash is SHA-256 of a zero byte and the entry.
//! In an entry about somebody, `record` has the members `shown`, `subject` and `withheld`: a
//! pseudonym in clear, and two [sealed parts](details) under keys that are kept elsewhere.
//! Partial tiles stay while their tile grows, and for about ten seconds after it is full; those that
//! a crash left behind go in the first [scrub].
//!
//! A segment is a header and then batches, numbers big-endian:
//!
//! ```text
//! segment header, 64 bytes          batch header, 64 bytes
//!   0  FF "MLSEG1" 0A                 0  FF "MLBAT1" 0A
//!   8  first leaf index, u64          8  first leaf index, u64
//!  16  SHA-256 of the origin         16  number of entries, u32
//!  48  SHA-256 of 0..48, cut to 16   20  length of the body, u32
//!                                    24  SHA-256 of all leaf hashes of the batch, one after another
//!                                    56  SHA-256 of 0..56, cut to 8
//!                                   body: the entries, each after its length, as in a bundle
//! ```
//!
//! One batch is one write and one `fdatasync`. Only the last batch of the last segment can be torn,
//! and then nobody was told of it: it is cut off at start. A broken batch that another one follows
//! was whole once, and is damage. Segments are removed when all their entries are in durable full
//! bundles under a durable checkpoint; after a power cut some of them may be back, and gaps among
//! them mean nothing.
//!
//! # What must hold
//!
//! - No acknowledgement before the sync, and none after the first failure of any write or sync:
//!   the log then [fails](log::AccessLog::failed) for ever and its node must stop.
//! - Nothing is built upon that a power cut could still take away. What a killed process wrote and
//!   did not sync looks whole afterwards: so a start first syncs the last segment and the names of
//!   all that it goes on from. A name is durable once its directory is synced, and not before.
//! - No signature over a tree that does not extend every tree signed before. The checkpoint goes to
//!   its second place before it is published, and at start the tree is compared with both. A
//!   restored backup, a second writer, a lost or edited file are refused with an
//!   [`OpenError`](log::OpenError), never mended.
//! - Nothing is signed that was not read back: leaf hashes come from the bytes on disk. And nothing
//!   is signed after a failure, whichever thread met it.
//! - The disk is never filled to the brim: below a [low-water mark](reserve) ordinary entries are
//!   refused with [`DiskFull`](log::AppendError::DiskFull), which is no failure. Reading, proving and
//!   [what must be written](log::AccessLog::append_reserved) go on.
//! - Every byte is read again: the start reads the right edge of the tree, the [scrub] all the rest,
//!   and damage that it finds is a failure.
//! - [`verify`] shares the published formats with the writer, and no code that stores anything. It
//!   needs no async runtime.
//!
//! Deliberately absent: HTTP, search, and any knowledge of queries and registries beyond their names.
#![warn(missing_docs)]

pub mod canonical;
pub mod checkpoint;
pub mod cosignature;
pub mod details;
pub mod edge;
pub mod entry;
pub mod files;
pub mod keys;
pub mod log;
pub mod merkle;
pub mod note;
pub mod prover;
pub mod pruning;
pub mod pseudonym;
pub mod receipt;
pub mod reserve;
pub mod scrub;
pub mod store;
pub mod tile;
pub mod verify;
pub mod witness;

mod publisher;
mod recover;
mod segment;
mod shared;
mod writer;
