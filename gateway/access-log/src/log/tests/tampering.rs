//! Edited, lost, swapped and restored files are noticed, by the verifier and at start, and nothing
//! is signed over them.

use super::*;
use crate::tile::{TileKind, TilePath};

async fn published(bench: &Bench, numbers: std::ops::Range<u64>) {
    // One publication, when the log is shut down.
    let publish_interval = Duration::from_secs(3600);
    let log = TileLog::open(Options {
        publish_interval,
        ..bench.options()
    })
    .unwrap();
    append(&log, numbers).await;
    log.shutdown().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn any_flipped_bit_in_any_file_is_noticed_by_the_verifier() {
    let bench = Bench::new();
    published(&bench, 0..100).await;
    published(&bench, 100..270).await;
    let files = bench.files();
    bench.verify().unwrap();
    let mut flips = 0;
    for (path, bytes) in files.iter().filter(|(path, _)| !path.ends_with("lock")) {
        // A prime step, so that every kind of field is hit somewhere.
        for position in (0..bytes.len()).step_by(if bytes.len() > 2000 { 131 } else { 13 }) {
            let mut flipped = bytes.clone();
            flipped[position] ^= 1 << (position % 8);
            fs::write(path, flipped).unwrap();
            assert!(
                bench.verify().is_err(),
                "{} byte {position}",
                path.display()
            );
            flips += 1;
        }
        fs::write(path, bytes).unwrap();
    }
    assert!(flips > 900, "{flips}");
    bench.verify().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_verifier_names_the_file_and_the_entry() {
    let bench = Bench::new();
    published(&bench, 0..300).await;
    let path = TilePath {
        kind: TileKind::Entries,
        index: 1,
        width: 44,
    }
    .to_string();
    let file = bench.directory().join(&path);
    let bytes = fs::read(&file).unwrap();
    let first = usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
    let second = usize::from(u16::from_be_bytes([bytes[first + 2], bytes[first + 3]]));

    // Another number in entry 257: still canonical, and not what the tree holds.
    let mut edited = bytes.clone();
    let digit = (first + 4..first + 4 + second)
        .find(|at| bytes[*at..].starts_with(b"257"))
        .unwrap();
    edited[digit] = b'3';
    fs::write(&file, &edited).unwrap();
    let error = bench.verify().unwrap_err();
    let VerifyError::WrongTile {
        leaf_index: 257,
        path: tile,
    } = &error
    else {
        panic!("{error}")
    };
    assert_eq!(tile, "tile/0/001.p/44");

    // Not JSON any more.
    edited[first + 4] = b' ';
    fs::write(&file, &edited).unwrap();
    let error = bench.verify().unwrap_err();
    let VerifyError::WrongEntry {
        leaf_index: 257,
        path: named,
    } = &error
    else {
        panic!("{error}")
    };
    assert_eq!(*named, path);
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_swapped_and_repeated_files_are_noticed() {
    let bench = Bench::new();
    published(&bench, 0..600).await;
    let files = bench.files();
    let tile = |kind, index, width| {
        bench
            .directory()
            .join(TilePath { kind, index, width }.to_string())
    };
    let (first, second) = (
        tile(TileKind::Entries, 0, 256),
        tile(TileKind::Entries, 1, 256),
    );
    let (hashes, more) = (
        tile(TileKind::Hashes(0), 0, 256),
        tile(TileKind::Hashes(0), 1, 256),
    );
    let needed = [
        &first,
        &second,
        &hashes,
        &more,
        &tile(TileKind::Hashes(1), 0, 2),
    ];
    for path in needed {
        fs::remove_file(path).unwrap();
        assert!(bench.verify().is_err(), "{}", path.display());
        bench.restore(&files);
    }
    for (one, other) in [(&first, &second), (&hashes, &more)] {
        fs::write(one, files.get(other).unwrap()).unwrap();
        assert!(bench.verify().is_err());
        fs::write(other, files.get(one).unwrap()).unwrap();
        assert!(bench.verify().is_err());
        bench.restore(&files);
    }
    // Both entries and hashes swapped consistently: only the signed root is against it.
    for (one, other) in [(&first, &second), (&hashes, &more)] {
        fs::write(one, files.get(other).unwrap()).unwrap();
        fs::write(other, files.get(one).unwrap()).unwrap();
    }
    assert!(bench.verify().is_err());
    bench.restore(&files);
    bench.verify().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_backup_is_refused_and_nothing_is_signed() {
    let bench = Bench::new();
    published(&bench, 0..10).await;
    let backup = bench.files();
    published(&bench, 10..20).await;
    let second = fs::read(bench.second()).unwrap();
    bench.restore(&backup);
    let refused = TileLog::open(bench.options());
    assert!(matches!(
        refused,
        Err(OpenError::RolledBack {
            tree_size: 10,
            second_size: 20
        })
    ));
    assert_eq!(bench.files(), backup);
    assert_eq!(fs::read(bench.second()).unwrap(), second);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_history_under_the_same_key_is_refused() {
    let bench = Bench::new();
    published(&bench, 0..10).await;
    let (backup, remembered) = (bench.files(), fs::read(bench.second()).unwrap());
    published(&bench, 10..20).await;
    let other_second = fs::read(bench.second()).unwrap();
    // A second writer on the backup, with its own idea of what was signed.
    bench.restore(&backup);
    fs::write(bench.second(), remembered).unwrap();
    for (numbers, size) in [(50..60, 20), (60..70, 30)] {
        published(&bench, numbers).await;
        let fork = fs::read(bench.second()).unwrap();
        fs::write(bench.second(), &other_second).unwrap();
        let files = bench.files();
        let refused = TileLog::open(bench.options());
        assert!(
            matches!(refused, Err(OpenError::Forked { second_size: 20 })),
            "at {size}"
        );
        // Nothing was signed, and nothing changed.
        assert_eq!(bench.files(), files);
        assert_eq!(fs::read(bench.second()).unwrap(), other_second);
        fs::write(bench.second(), fork).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_log_stops_when_another_signs_in_its_second_place() {
    let bench = Bench::new();
    let log = bench.open();
    append(&log, 0..3).await;
    log.published(3).await.unwrap();
    fs::write(bench.second(), "something else\n").unwrap();
    append(&log, 3..4).await;
    assert_eq!(log.failed().await, Failure::Forked);
    assert_eq!(log.checkpoint().checkpoint.tree_size, 3);
    let refused = log.append(vec![entry(4)]).await;
    assert_eq!(refused, Err(AppendError::Unavailable(Failure::Forked)));
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_parts_are_refused_each_by_name() {
    let bench = Bench::new();
    published(&bench, 0..300).await;
    let (files, second) = (bench.files(), fs::read(bench.second()).unwrap());
    let directory = bench.directory();
    let open_without = |path: &Path| {
        fs::remove_file(path).unwrap();
        let refused = TileLog::open(bench.options()).unwrap_err();
        fs::write(bench.second(), &second).unwrap();
        bench.restore(&files);
        refused
    };
    let error = open_without(&bench.second());
    assert!(
        matches!(error, OpenError::SecondCheckpointMissing),
        "{error}"
    );
    let error = open_without(&directory.join("checkpoint"));
    assert!(matches!(error, OpenError::RolledBack { .. }), "{error}");
    let error = open_without(&directory.join("log.vkey"));
    assert!(matches!(error, OpenError::OtherKey), "{error}");
    let error = open_without(&segment::path(&directory, 0));
    assert!(
        matches!(error, OpenError::SegmentMissing { leaf_index: 300 }),
        "{error}"
    );
    let error = open_without(&directory.join("tile/0/001.p/44"));
    assert!(
        matches!(error, OpenError::Tile(ReadError::Missing { .. })),
        "{error}"
    );
    let error = open_without(&directory.join("tile/entries/001.p/44"));
    assert!(
        matches!(error, OpenError::Tile(ReadError::Missing { .. })),
        "{error}"
    );

    fs::remove_file(bench.second()).unwrap();
    fs::remove_file(directory.join("checkpoint")).unwrap();
    let error = TileLog::open(bench.options()).unwrap_err();
    assert!(matches!(error, OpenError::CheckpointMissing), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_neither_continues_nor_verifies_the_log() {
    let bench = Bench::new();
    published(&bench, 0..10).await;
    let signer = Signer::from_seed("example.vn/log", &[8; 32]).unwrap();
    let other = signer.verifier().clone();
    let refused = TileLog::open(Options {
        signer,
        ..bench.options()
    });
    assert!(matches!(refused, Err(OpenError::OtherKey)));
    let error = verify_dir(&bench.directory(), Some(&other), &mut |_, _| {}).unwrap_err();
    assert!(matches!(error, VerifyError::Checkpoint(_)), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn any_flipped_bit_in_the_published_key_is_refused_at_start() {
    let bench = Bench::new();
    published(&bench, 0..10).await;
    let path = bench.directory().join("log.vkey");
    let key = fs::read(&path).unwrap();
    // Some bits of all, and every one of the last byte, which a reader may take for mere space.
    let last = key.len() * 8 - 8;
    for bit in (0..last).step_by(29).chain(last..last + 8) {
        let mut flipped = key.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, &flipped).unwrap();
        let refused = TileLog::open(bench.options());
        assert!(matches!(refused, Err(OpenError::OtherKey)), "bit {bit}");
        assert_eq!(fs::read(&path).unwrap(), flipped, "bit {bit}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_at_the_right_edge_is_refused_at_start() {
    let bench = Bench::new();
    published(&bench, 0..300).await;
    let files = bench.files();
    for name in [
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/entries/001.p/44",
        "checkpoint",
    ] {
        let path = bench.directory().join(name);
        let bytes = files.get(&path).unwrap();
        for position in (0..bytes.len()).step_by(41) {
            let mut flipped = bytes.clone();
            flipped[position] ^= 4;
            fs::write(&path, flipped).unwrap();
            assert!(
                TileLog::open(bench.options()).is_err(),
                "{name} byte {position}"
            );
        }
        bench.restore(&files);
    }
    bench.open();
}
