//! Appending, publishing, proofs, and going on after a restart.

use super::*;
use crate::merkle::{hash_leaf, verify_consistency};
use crate::receipt::{InclusionProof, Receipt};
use crate::tile::{TILE_WIDTH, TileKind, TilePath};

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_appends_get_distinct_neighbouring_indices_and_all_are_published() {
    let bench = Bench::new();
    let log = Arc::new(bench.open());
    let mut tasks = Vec::new();
    for task in 0..16_u64 {
        let log = Arc::clone(&log);
        tasks.push(tokio::spawn(async move {
            let mut appended = Vec::new();
            for number in 0..50 {
                let both = vec![
                    entry(task * 1000 + number),
                    entry(500_000 + task * 1000 + number),
                ];
                let hashes: Vec<_> = both.iter().map(|e| hash_leaf(e.as_bytes())).collect();
                let both = log.append(both).await.unwrap();
                assert_eq!(both[0].leaf_index.0 + 1, both[1].leaf_index.0);
                assert_eq!([both[0].leaf_hash, both[1].leaf_hash], hashes[..]);
                appended.extend(both);
            }
            appended
        }));
    }
    let mut appended = Vec::new();
    for task in tasks {
        appended.extend(task.await.unwrap());
    }
    appended.sort_by_key(|appended| appended.leaf_index);
    let indices: Vec<_> = appended
        .iter()
        .map(|appended| appended.leaf_index.0)
        .collect();
    assert_eq!(indices, (0..1600).collect::<Vec<_>>());

    let checkpoint = log.published(1600).await.unwrap();
    assert_eq!(checkpoint.checkpoint.tree_size, 1600);
    let report = bench.verify().unwrap();
    assert_eq!((report.published, report.not_yet_published), (1600, 0));
    assert_eq!(report.to_string(), "1,600 of 1,600 entries valid");

    for appended in appended.iter().step_by(37) {
        let proof = InclusionProof::build(&*log, appended.leaf_index).unwrap();
        let receipt = Receipt {
            origin: "example.vn/log".to_owned(),
            leaf_index: appended.leaf_index,
            leaf_hash: appended.leaf_hash,
        };
        proof.verify(&receipt, log.verifier()).unwrap();
        let bytes = log.tiles().entry(appended.leaf_index.0).unwrap();
        assert_eq!(hash_leaf(&bytes), appended.leaf_hash);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_opened_again_goes_on_with_the_same_tree() {
    let bench = Bench::new();
    let mut checkpoints = Vec::new();
    let mut count = 0;
    // Sizes at, just below and just above the borders of tiles.
    for step in [0, 1, 254, 1, 1, 255, 700, 0, 3] {
        let log = bench.open();
        assert_eq!(log.tree_size(), count);
        append(&log, count..count + step).await;
        count += step;
        log.shutdown().unwrap();
        let report = bench.verify().unwrap();
        assert_eq!((report.published, report.not_yet_published), (count, 0));
        checkpoints.push(log.checkpoint());
    }
    let log = bench.open();
    let newest = &checkpoints.last().unwrap().checkpoint;
    for old in checkpoints.iter().map(|signed| &signed.checkpoint) {
        let proof = log
            .tiles()
            .consistency_proof(old.tree_size, newest.tree_size)
            .unwrap();
        let (size, root) = (newest.tree_size, &newest.root);
        verify_consistency(old.tree_size, &old.root, size, root, &proof).unwrap();
        assert_eq!(log.tiles().root(old.tree_size).unwrap(), old.root);
    }
    assert!(log.tiles().inclusion_proof(count, count).is_err());
    assert!(log.tiles().consistency_proof(1, count + 1).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_directory_is_laid_out_as_the_specification_says() {
    let bench = Bench::new();
    let log = bench.open();
    append(&log, 0..300).await;
    log.shutdown().unwrap();
    let directory = bench.directory();
    let read = |kind, index, width| {
        fs::read(directory.join(TilePath { kind, index, width }.to_string())).unwrap()
    };
    assert_eq!(read(TileKind::Hashes(0), 0, TILE_WIDTH).len(), 8192);
    assert_eq!(read(TileKind::Hashes(0), 1, 44).len(), 44 * 32);
    let first = entry(0);
    let bundle = read(TileKind::Entries, 0, TILE_WIDTH);
    let length = u16::from_be_bytes([bundle[0], bundle[1]]);
    assert_eq!(usize::from(length), first.as_bytes().len());
    assert_eq!(&bundle[2..2 + first.as_bytes().len()], first.as_bytes());
    assert_eq!(read(TileKind::Hashes(1), 0, 1).len(), 32);
    let vkey = fs::read_to_string(directory.join("log.vkey")).unwrap();
    assert_eq!(vkey.parse::<Verifier>().unwrap(), *log.verifier());
    assert_eq!(
        fs::read(directory.join("checkpoint")).unwrap(),
        fs::read(bench.second()).unwrap()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn segments_are_removed_once_their_entries_are_in_full_bundles() {
    let bench = Bench::new();
    let log = TileLog::open(Options {
        segment_bytes_max: 20_000,
        ..bench.options()
    })
    .unwrap();
    append(&log, 0..1000).await;
    log.published(1000).await.unwrap();
    log.shutdown().unwrap();
    let segments = segment::list(&bench.directory()).unwrap();
    let bundled = 1000 / 256 * 256;
    assert!(segments[0] > 0 && segments[0] <= bundled, "{segments:?}");
    assert!(
        segments.get(1).is_none_or(|second| *second > bundled),
        "{segments:?}"
    );
    assert_eq!(bench.verify().unwrap().published, 1000);
    let log = bench.open();
    append(&log, 1000..1010).await;
    log.shutdown().unwrap();
    assert_eq!(bench.verify().unwrap().published, 1010);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_can_be_verified_while_it_is_being_written() {
    let bench = Bench::new();
    let log = TileLog::open(Options {
        segment_bytes_max: 50_000,
        ..bench.options()
    })
    .unwrap();
    let log = Arc::new(log);
    let writing = {
        let log = Arc::clone(&log);
        tokio::spawn(async move { append(&log, 0..4000).await })
    };
    let mut verified = 0;
    while !writing.is_finished() {
        let report = bench.verify().unwrap();
        assert!(report.published >= verified);
        verified = report.published;
    }
    writing.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_shut_down_takes_nothing_and_says_so() {
    let bench = Bench::new();
    let log = bench.open();
    append(&log, 0..3).await;
    assert_eq!(log.health(), Ok(()));
    log.shutdown().unwrap();
    log.shutdown().unwrap();
    assert_eq!(log.health(), Err(Failure::ShutDown));
    let refused = log.append(vec![entry(3)]).await;
    assert_eq!(refused, Err(AppendError::Unavailable(Failure::ShutDown)));
    assert_eq!(log.checkpoint().checkpoint.tree_size, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_that_can_never_fit_is_refused_and_an_empty_one_is_nothing() {
    let bench = Bench::new();
    let log = bench.open();
    assert_eq!(
        log.append(vec![entry(0); 20_000]).await,
        Err(AppendError::TooLarge)
    );
    assert_eq!(log.append(Vec::new()).await, Ok(Vec::new()));
    assert_eq!(log.tree_size(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_finds_the_log_in_use() {
    let bench = Bench::new();
    let _log = bench.open();
    assert!(matches!(
        TileLog::open(bench.options()),
        Err(OpenError::InUse { .. })
    ));
}
