//! An outsider's verifier of the access log, written from the public formats alone: RFC 6962 tree
//! hashes, C2SP signed notes, checkpoints and tiles. It shares no code with the log.

use crate::{demo::Demo, details::Keys};
use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{ED25519, UnparsedPublicKey},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// A log whose checkpoint and entries were fetched and found to agree.
#[derive(Debug)]
pub struct Verified {
    /// The root hash that the checkpoint signs.
    pub root: Hash,
    /// Every entry, byte for byte.
    pub entries: Vec<Vec<u8>>,
    /// What opens their details.
    pub keys: Keys,
}

/// What a checkpoint says.
#[derive(Debug)]
pub struct Checkpoint {
    /// The log's name.
    pub origin: String,
    /// The number of entries.
    pub tree_size: u64,
    /// The root hash over them.
    pub root: Hash,
}

impl Verified {
    /// Fetches the checkpoint and everything under it, and checks signature and root.
    ///
    /// # Panics
    /// Something does not hold.
    #[must_use]
    pub fn fetch(demo: &Demo) -> Self {
        let note = demo.get("/v1/access-log/checkpoint", None);
        let checkpoint = open(&note.text(), demo.text("/log_verifier_key"));
        let entries = entries(demo, checkpoint.tree_size);
        let leaves: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        assert_eq!(
            root(&leaves),
            checkpoint.root,
            "the entries do not have the root that is signed"
        );
        Self {
            root: checkpoint.root,
            entries,
            keys: Keys::of(&demo.data()),
        }
    }

    /// The entry at an index as JSON, its details in clear.
    ///
    /// # Panics
    /// There is none.
    #[must_use]
    pub fn entry(&self, leaf_index: u64) -> Value {
        let index = usize::try_from(leaf_index).expect("an index");
        self.keys
            .open(self.entries.get(index).expect("a published entry"))
    }

    /// Checks that a receipt tells the truth about this log.
    ///
    /// # Panics
    /// It does not.
    pub fn check_receipt(&self, receipt: &Value) {
        let index = receipt["leaf_index"]
            .as_u64()
            .and_then(|index| usize::try_from(index).ok());
        let entry = index.and_then(|index| self.entries.get(index));
        let entry =
            entry.unwrap_or_else(|| panic!("{} entries lack {receipt}", self.entries.len()));
        assert_eq!(
            receipt["leaf_hash"],
            STANDARD.encode(leaf_hash(entry)),
            "{receipt}"
        );
    }
}

/// Checks the signature of a checkpoint with a published key and reads it.
///
/// # Panics
/// It is not signed by that key, or is no checkpoint.
#[must_use]
pub fn open(note: &str, verifier_key: &str) -> Checkpoint {
    let (name, rest) = verifier_key.split_once('+').expect("name+id+key");
    let (id, key) = rest.split_once('+').expect("name+id+key");
    let key = STANDARD.decode(key).expect("base64");
    let named = sha256(&[name.as_bytes(), b"\n", &key]);
    assert_eq!(
        id,
        format!(
            "{:08x}",
            u32::from_be_bytes([named[0], named[1], named[2], named[3]])
        )
    );
    assert_eq!(key[0], 1, "a plain Ed25519 key");

    let (text, signatures) = note
        .split_once("\n\n")
        .expect("text, empty line, signatures");
    let text = format!("{text}\n");
    // While the log changes its key, a line of each key stands there.
    let prefix = format!("— {name} ");
    let lines = signatures
        .lines()
        .filter_map(|line| line.strip_prefix(&prefix));
    let mut decoded = lines.map(|line| STANDARD.decode(line).expect("base64"));
    let signature = decoded.find(|signature| signature.starts_with(&named[..4]));
    let signature = signature.expect("a signature of the log by this key");
    let public = UnparsedPublicKey::new(&ED25519, &key[1..]);
    public
        .verify(text.as_bytes(), &signature[4..])
        .expect("the signature holds");

    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], name, "the origin");
    let root = STANDARD
        .decode(lines[2])
        .expect("base64")
        .try_into()
        .expect("32 bytes");
    Checkpoint {
        origin: lines[0].to_owned(),
        tree_size: lines[1].parse().expect("a size"),
        root,
    }
}

/// When the witness with this key cosigned a checkpoint (C2SP tlog-cosignature), in seconds since
/// 1970; `None` where it did not.
///
/// # Panics
/// A cosignature in its name does not hold.
#[must_use]
pub fn cosigned_at(note: &str, witness_key: &str) -> Option<u64> {
    let (name, rest) = witness_key.split_once('+').expect("name+id+key");
    let (_, key) = rest.split_once('+').expect("name+id+key");
    let key = STANDARD.decode(key).expect("base64");
    assert_eq!(key[0], 4, "a key of cosignatures");
    let named = sha256(&[name.as_bytes(), b"\n", &key]);
    let (text, lines) = note
        .split_once("\n\n")
        .expect("text, empty line, signatures");
    let prefix = format!("— {name} ");
    let line = lines.lines().find_map(|line| line.strip_prefix(&prefix))?;
    let line = STANDARD.decode(line).expect("base64");
    assert_eq!(&line[..4], &named[..4], "the key id");
    let time = u64::from_be_bytes(line[4..12].try_into().expect("eight bytes"));
    let message = format!("cosignature/v1\ntime {time}\n{text}\n");
    let public = UnparsedPublicKey::new(&ED25519, &key[1..]);
    public
        .verify(message.as_bytes(), &line[12..])
        .expect("the cosignature holds");
    Some(time)
}

/// RFC 6962, section 2.1: the hash over a list of leaf hashes.
#[must_use]
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => sha256(&[]),
        [leaf] => *leaf,
        leaves => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(&root(left), &root(right))
        }
    }
}

/// The root that a leaf and its inclusion proof lead to (RFC 9162, section 2.1.3.2).
#[must_use]
pub fn root_from_proof(leaf: Hash, leaf_index: u64, tree_size: u64, proof: &[Hash]) -> Hash {
    let (mut position, mut last, mut hash) = (leaf_index, tree_size - 1, leaf);
    for sibling in proof {
        if position % 2 == 1 || position == last {
            hash = node_hash(sibling, &hash);
            while position % 2 == 0 && position != 0 {
                (position, last) = (position / 2, last / 2);
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        (position, last) = (position / 2, last / 2);
    }
    hash
}

/// RFC 6962: the hash of an entry as a leaf.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    sha256(&[&[0], entry])
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left, right])
}

fn sha256(parts: &[&[u8]]) -> Hash {
    digest(&SHA256, &parts.concat())
        .as_ref()
        .try_into()
        .expect("32 bytes")
}

/// The entries of a tree of that size, bundle by bundle, as the data protection officer.
fn entries(demo: &Demo, tree_size: u64) -> Vec<Vec<u8>> {
    let mut entries = Vec::new();
    for (path, width) in tiles(tree_size) {
        let path = format!("/v1/access-log/tile/entries/{path}");
        let bundle = demo.get(&path, Some(demo.token("dpo")));
        assert_eq!(bundle.status, 200, "{path}: {}", bundle.text());
        let mut rest = bundle.body.as_slice();
        for _ in 0..width {
            let (length, after) = rest.split_first_chunk().expect("a length");
            let (entry, after) = after.split_at(u16::from_be_bytes(*length).into());
            entries.push(entry.to_vec());
            rest = after;
        }
        assert!(rest.is_empty(), "{path} has more than {width} entries");
    }
    entries
}

/// The tiles of level 0 (and so the bundles) of a tree: path and width of each.
#[must_use]
pub fn tiles(tree_size: u64) -> Vec<(String, u64)> {
    let tile = |index: u64| {
        let width = (tree_size - index * 256).min(256);
        let path = match index {
            0..1000 => format!("{index:03}"),
            _ => format!("x{:03}/{:03}", index / 1000, index % 1000),
        };
        (
            if width < 256 {
                format!("{path}.p/{width}")
            } else {
                path
            },
            width,
        )
    };
    (0..tree_size.div_ceil(256)).map(tile).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The eight entries and the root that implementations of RFC 6962 test themselves with.
    #[test]
    fn the_root_of_the_published_example_is_found() {
        let entries: [&[u8]; 8] = [
            b"",
            b"\x00",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ];
        let leaves = entries.map(leaf_hash);
        let hex: String = root(&leaves).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(
            hex,
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
        );
        let proof = [
            leaves[4],
            node_hash(&leaves[6], &leaves[7]),
            root(&leaves[..4]),
        ];
        assert_eq!(root_from_proof(leaves[5], 5, 8, &proof), root(&leaves));
        assert_ne!(root_from_proof(leaves[5], 4, 8, &proof), root(&leaves));
    }
}
