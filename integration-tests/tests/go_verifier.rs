//! The log as strangers to this project see it: a program of a hundred lines on Go's
//! `golang.org/x/mod/sumdb/{note,tlog}`, the code that the formats were written from, reads a log of
//! 100,000 entries and judges proofs that our code made.
//!
//! It needs Debian's `golang-go` and `golang-golang-x-mod-dev`, which `cargo xtask test` installs.
//! Where that cannot be, `MOTLAN_SKIP_GO=1` leaves this test out.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use base64::{Engine, engine::general_purpose::STANDARD};
use motlan_access_log::{
    entry::{
        EncodedEntry, Entry, Record,
        record::{Bytes32, NodeStart},
    },
    log::{AccessLog, Options, TileLog},
    merkle::sha256,
    note::Signer,
    store::TileStore,
};
use std::{env, fmt::Write, fs, path::Path, process::Command, time::Duration};

const ENTRIES: u64 = 100_000;
/// Entries appended at once while the log is being filled.
const TOGETHER: u64 = 4_000;
const PROOFS: u64 = 1_000;
const ORIGIN: &str = "motlan.example/go";
/// Where Debian puts the sources of Go packages.
const GOPATH: &str = "/usr/share/gocode";

#[test]
fn go_accepts_the_log_and_its_proofs_and_no_changed_proof() {
    #[expect(clippy::disallowed_methods, reason = "a switch of this test alone")]
    let skipped = env::var("MOTLAN_SKIP_GO").is_ok_and(|value| value == "1");
    if skipped {
        return;
    }
    let there = Path::new(GOPATH)
        .join("src/golang.org/x/mod/sumdb/tlog")
        .exists();
    assert!(
        there && Command::new("go").arg("version").output().is_ok(),
        "install the Debian packages golang-go and golang-golang-x-mod-dev, or set MOTLAN_SKIP_GO=1 \
         to leave out the independent verifier"
    );
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("log");
    fill(&log, &directory.path().join("second"));
    let proofs = directory.path().join("proofs");
    fs::write(&proofs, proofs_of(&TileStore::new(&log, ENTRIES))).unwrap();

    let said = verify(&log, &proofs);
    assert_eq!(
        said,
        Ok(format!(
            "entries {ENTRIES} tiles 394 inclusion {PROOFS} consistency {PROOFS} mutated 20000 forged 0\n"
        ))
    );

    // The oracle is awake: one changed bit in one entry, or in one tile, and it refuses.
    for (path, tells) in [
        ("tile/entries/123", "tile/0/123"),
        ("tile/0/200", "tile/0/200"),
    ] {
        let file = log.join(path);
        let honest = fs::read(&file).unwrap();
        let mut changed = honest.clone();
        *changed.get_mut(100).unwrap() ^= 1;
        fs::write(&file, changed).unwrap();
        let said = verify(&log, &proofs).unwrap_err();
        assert!(said.contains(tells), "{said}");
        fs::write(&file, honest).unwrap();
    }
}

fn verify(log: &Path, proofs: &Path) -> Result<String, String> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("go/verify.go");
    let output = Command::new("go")
        .arg("run")
        .args([&program, log, proofs])
        .env("GO111MODULE", "off")
        .env("GOPATH", GOPATH)
        .env(
            "GOCACHE",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("go-cache"),
        )
        .env("GOFLAGS", "")
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match output.status.success() {
        true => Ok(text(&output.stdout)),
        false => Err(text(&output.stderr)),
    }
}

fn fill(log: &Path, second: &Path) {
    let signer = Signer::from_seed(ORIGIN, &[1; 32]).unwrap();
    let options = Options {
        append_timeout: Duration::from_secs(60),
        ..Options::new(log.to_owned(), second.to_owned(), signer)
    };
    let log = TileLog::open(options).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    for first in (0..ENTRIES).step_by(usize::try_from(TOGETHER).unwrap()) {
        let entries: Vec<EncodedEntry> = (first..first + TOGETHER).map(entry).collect();
        runtime.block_on(log.append(entries)).unwrap();
    }
    log.shutdown().unwrap();
}

fn entry(number: u64) -> EncodedEntry {
    let entry = Entry {
        time: "2026-01-01T00:00:00Z".to_owned(),
        nonce: Bytes32(sha256(&number.to_be_bytes())),
        record: Record::NodeStart(NodeStart {
            cut_bytes: number,
            software: "x".repeat(usize::try_from(number % 300).unwrap()),
            mappings: Vec::new(),
        }),
    };
    entry.encode().unwrap()
}

/// Proofs at sizes and places drawn with a fixed seed, with the edges of tiles among them.
fn proofs_of(tiles: &TileStore) -> String {
    let mut text = String::new();
    let edges = [
        2, 3, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, ENTRIES,
    ];
    for number in 0..PROOFS {
        let drawn = |salt: &str, below: u64| {
            let [a, b, c, d, e, f, g, h, ..] = sha256(format!("{salt}{number}").as_bytes());
            u64::from_be_bytes([a, b, c, d, e, f, g, h]) % below
        };
        let edge = usize::try_from(number)
            .ok()
            .and_then(|n| edges.get(n).copied());
        let size = edge.unwrap_or_else(|| 2 + drawn("size", ENTRIES - 1));
        let index = drawn("index", size);
        let hashes = tiles.inclusion_proof(index, size).unwrap();
        line(&mut text, "inclusion", index, size, &hashes);
        let old = 1 + drawn("old", size - 1);
        let hashes = tiles.consistency_proof(old, size).unwrap();
        line(&mut text, "consistency", old, size, &hashes);
    }
    text
}

fn line(text: &mut String, kind: &str, from: u64, to: u64, hashes: &[[u8; 32]]) {
    let hashes: Vec<String> = hashes.iter().map(|hash| STANDARD.encode(hash)).collect();
    writeln!(text, "{kind} {from} {to} {}", hashes.join(",")).unwrap();
}
