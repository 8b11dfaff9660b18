//! An outsider's reader of entries, who was handed the keys of their details: written from the
//! description of the format alone. It shares no code with the log.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    digest::{SHA256, digest},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};
use std::{collections::HashMap, fs, path::Path};

/// The keys of all months, from which nobody was erased.
#[derive(Debug, Default)]
pub struct Keys(HashMap<String, [u8; 32]>);

impl Keys {
    /// The keys that a demonstration keeps.
    ///
    /// # Panics
    /// A file is not as described.
    #[must_use]
    pub fn of(data_dir: &Path) -> Self {
        let mut roots = HashMap::new();
        for file in fs::read_dir(data_dir.join("keys/details")).expect("keys of details") {
            let path = file.expect("a file").path();
            let month = path.file_stem().expect("a month").to_string_lossy();
            let bytes = fs::read(&path).expect("a key file");
            let nodes = bytes
                .strip_prefix(b"motlan/details/v1\n")
                .expect("its first line");
            let (nodes, checksum) = nodes.split_at(nodes.len() - 32);
            assert_eq!(checksum, sha256(&[&bytes[..bytes.len() - 32]]));
            assert_eq!(nodes.len(), 41, "the root and nothing else");
            assert_eq!(nodes[..9], [0; 9], "the first label, and no depth");
            roots.insert(month.into_owned(), nodes[9..].try_into().expect("a seed"));
        }
        Self(roots)
    }

    /// The entry with its details in clear.
    ///
    /// # Panics
    /// They do not open.
    #[must_use]
    pub fn open(&self, entry: &[u8]) -> Value {
        let mut entry: Value = serde_json::from_slice(entry).expect("JSON");
        let record = entry["record"].clone();
        let (Some(shown), Some(withheld)) = (record["shown"].as_str(), record["withheld"].as_str())
        else {
            return entry;
        };
        let subject = decode(&record["subject"]["pseudonym"]);
        let month = entry["time"].as_str().expect("a time")[..7].to_owned();
        let root = self.0.get(&month).expect("the keys of the month");
        let label = derive(b"label", &[&subject, &[0; 4]]);
        let key = descend(*root, label[..8].try_into().expect("8 bytes"));
        let secret = derive(b"entry", &[&key, &subject, &decode(&entry["nonce"])]);
        let kind = entry["kind"].as_str().expect("a kind").to_owned();
        let mut members = Map::new();
        for (name, sealed) in [("shown", shown), ("withheld", withheld)] {
            let key = derive(name.as_bytes(), &[&secret]);
            let part = open_part(&format!("{kind}/{name}"), &key, sealed);
            let Value::Object(part) = serde_json::from_slice(&part).expect("JSON") else {
                panic!("the part `{name}` is no object");
            };
            members.extend(part);
        }
        members.insert("subject".to_owned(), record["subject"].clone());
        entry["record"] = Value::Object(members);
        entry
    }
}

/// From the root of the tree to the seed of a label: two bits a step.
fn descend(mut seed: [u8; 32], label: [u8; 8]) -> [u8; 32] {
    for byte in label {
        for shift in [6, 4, 2, 0] {
            seed = sha256(&[b"motlan/key-tree/", &seed, &[(byte >> shift) & 3]]);
        }
    }
    seed
}

fn open_part(bound_to: &str, key: &[u8; 32], sealed: &str) -> Vec<u8> {
    let sealed = STANDARD.decode(sealed).expect("base64");
    let (commitment, ciphertext) = sealed.split_at(32);
    assert_eq!(commitment, derive(b"commitment", &[key]), "the commitment");
    let cipher = UnboundKey::new(&AES_256_GCM, &derive(b"encryption", &[key])).expect("a key");
    let nonce = Nonce::assume_unique_for_key([0; 12]);
    let mut text = ciphertext.to_vec();
    let opened = LessSafeKey::new(cipher).open_in_place(nonce, Aad::from(bound_to), &mut text);
    opened.expect("the part opens").to_vec()
}

fn derive(purpose: &[u8], secret: &[&[u8]]) -> [u8; 32] {
    let counter = 1_u32.to_be_bytes();
    let mut parts: Vec<&[u8]> = vec![&counter];
    parts.extend_from_slice(secret);
    parts.extend_from_slice(&[b"motlan/access-log/details/v1/", purpose]);
    sha256(&parts)
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let hash = digest(&SHA256, &parts.concat());
    hash.as_ref().try_into().expect("32 bytes")
}

fn decode(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("text");
    STANDARD.decode(text).expect("base64")
}
