//! Keys that sign come and go while the log goes on: who is believed, and who no longer is.

use super::*;
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::note::{NoteError, Verifiers};
use crate::verify::{Known, source::Directory, verify};

const ORIGIN: &str = "example.vn/log";

fn key(seed: u8) -> Signer {
    Signer::from_seed(ORIGIN, &[seed; 32]).unwrap()
}

fn both(newer: u8, older: u8) -> Signer {
    key(newer).beside(key(older)).unwrap()
}

impl Bench {
    fn open_with(&self, signer: Signer) -> Result<TileLog, OpenError> {
        TileLog::open(Options {
            signer,
            ..self.options()
        })
    }

    /// Opens the log with these keys, appends, and closes it.
    async fn run_with(&self, signer: Signer, entries: std::ops::Range<u64>) {
        let log = self.open_with(signer).unwrap();
        log.append(entries.map(entry).collect()).await.unwrap();
        log.shutdown().unwrap();
    }

    fn verify_with(&self, seed: u8) -> Result<Report, VerifyError> {
        verify_dir(
            &self.directory(),
            Some(key(seed).verifier()),
            &mut |_, _| {},
        )
    }

    fn published_keys(&self) -> Verifiers {
        let text = fs::read_to_string(self.directory().join("log.vkey")).unwrap();
        text.parse().unwrap()
    }
}

#[tokio::test]
async fn either_key_verifies_until_the_old_one_is_retired() {
    let bench = Bench::new();
    bench.run_with(key(1), 0..300).await;
    assert_eq!(bench.published_keys(), key(1).verifiers());

    bench.run_with(both(2, 1), 300..600).await;
    assert_eq!(bench.published_keys(), both(2, 1).verifiers());
    assert_eq!(bench.verify_with(1).unwrap().published, 600);
    assert_eq!(bench.verify_with(2).unwrap().published, 600);
    assert_eq!(bench.verify().unwrap().keys.keys().len(), 2);

    bench.run_with(key(2), 600..900).await;
    assert_eq!(bench.published_keys(), key(2).verifiers());
    assert_eq!(bench.verify_with(2).unwrap().published, 900);
    let refused = bench.verify_with(1).unwrap_err();
    let not_signed = CheckpointError::Note(NoteError::NotSigned);
    assert!(matches!(refused, VerifyError::Checkpoint(error) if error == not_signed));
}

#[tokio::test]
async fn the_keys_in_force_sign_as_soon_as_the_log_is_opened() {
    let bench = Bench::new();
    bench.run_with(key(1), 0..10).await;
    for (signer, seeds) in [(both(2, 1), vec![1, 2]), (key(2), vec![2])] {
        bench.open_with(signer).unwrap().shutdown().unwrap();
        let note = fs::read(bench.directory().join("checkpoint")).unwrap();
        assert_eq!(fs::read(bench.second()).unwrap(), note);
        for seed in 1..=3 {
            let opened = key(seed).verifier().open(&note).is_ok();
            assert_eq!(opened, seeds.contains(&seed), "{seed} of {seeds:?}");
        }
        assert_eq!(bench.verify().unwrap().published, 10);
    }
}

#[tokio::test]
async fn entries_that_a_crash_left_unpublished_survive_a_change_of_keys() {
    let bench = Bench::new();
    bench.run_with(key(1), 0..100).await;
    let before = bench.files();
    bench.run_with(key(1), 100..150).await;
    // As after a crash between the sync and the publication: the entries stand in the segment, and
    // the second place has a checkpoint over them that the log does not have.
    for (path, bytes) in &before {
        if !path.starts_with(bench.directory().join("segments")) {
            fs::write(path, bytes).unwrap();
        }
    }
    bench.run_with(both(2, 1), 150..200).await;
    bench.run_with(key(2), 200..201).await;
    assert_eq!(bench.verify_with(2).unwrap().published, 201);
}

#[tokio::test]
async fn a_stolen_key_signs_nothing_that_is_believed_once_it_is_retired() {
    let bench = Bench::new();
    bench.run_with(key(1), 0..50).await;
    bench.run_with(both(2, 1), 50..60).await;
    bench.run_with(key(2), 60..70).await;
    // The thief signs the very tree that is there, and another one.
    let honest = SignedCheckpoint::open(
        &fs::read(bench.directory().join("checkpoint")).unwrap(),
        key(2).verifier(),
    );
    let honest = honest.unwrap().checkpoint;
    let forged = Checkpoint {
        root: [0; 32],
        ..honest.clone()
    };
    for stolen in [honest, forged] {
        let note = stolen.sign(&key(1)).note;
        fs::write(bench.directory().join("checkpoint"), &note).unwrap();
        assert!(matches!(
            bench.verify_with(2),
            Err(VerifyError::Checkpoint(_))
        ));
        let refused = bench.open_with(key(2)).unwrap_err();
        assert!(matches!(refused, OpenError::Checkpoint { .. }), "{refused}");
        fs::write(bench.second(), &note).unwrap();
        assert!(bench.open_with(key(2)).is_err());
        let untouched = fs::read_to_string(bench.directory().join("checkpoint")).unwrap();
        assert_eq!(untouched, note, "nothing was signed");
    }
    // A list of keys that holds only the stolen one is not ours.
    fs::write(
        bench.directory().join("log.vkey"),
        key(1).verifiers().to_string(),
    )
    .unwrap();
    assert!(matches!(bench.open_with(key(2)), Err(OpenError::OtherKey)));
}

#[tokio::test]
async fn the_second_place_guards_across_a_change_of_keys() {
    let bench = Bench::new();
    bench.run_with(key(1), 0..300).await;
    let backup = bench.files();
    bench.run_with(both(2, 1), 300..301).await;
    bench.restore(&backup);
    let refused = bench.open_with(both(2, 1)).unwrap_err();
    assert!(
        matches!(
            refused,
            OpenError::RolledBack {
                second_size: 301,
                ..
            }
        ),
        "{refused}"
    );

    // Another history under the same keys.
    let other = Bench::new();
    other.run_with(both(2, 1), 1_000..1_400).await;
    fs::copy(bench.second(), other.second()).unwrap();
    let refused = other.open_with(both(2, 1)).unwrap_err();
    assert!(
        matches!(refused, OpenError::Forked { second_size: 301 }),
        "{refused}"
    );
}

#[tokio::test]
async fn a_checkpoint_kept_under_the_old_key_pins_the_log_under_the_new_one() {
    let bench = Bench::new();
    bench.run_with(key(1), 0..300).await;
    let kept = fs::read(bench.directory().join("checkpoint")).unwrap();
    bench.run_with(both(2, 1), 300..301).await;
    bench.run_with(key(2), 301..400).await;
    let keys = key(2).verifiers();
    let known = Known {
        keys: Some(&keys),
        since: Some(&kept),
        ..Known::default()
    };
    let report = verify(&Directory::new(&bench.directory()), &known, &mut |_, _| {});
    assert_eq!(report.unwrap().since, Some(300));
}

#[tokio::test]
async fn keys_change_between_runs_while_many_append() {
    let bench = Bench::new();
    let signers = [key(1), both(2, 1), both(2, 1), key(2), both(3, 2), key(3)];
    let mut acknowledged = 0;
    for (run, signer) in (0_u64..).zip(signers) {
        let log = Arc::new(bench.open_with(signer).unwrap());
        let writers: Vec<_> = (0..4_u64)
            .map(|writer| {
                let log = Arc::clone(&log);
                tokio::spawn(async move {
                    for number in 0..50 {
                        let number = run * 1_000 + writer * 100 + number;
                        log.append(vec![entry(number)]).await.unwrap();
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
        acknowledged += 200;
        log.shutdown().unwrap();
        assert_eq!(bench.verify().unwrap().published, acknowledged);
    }
    assert!(bench.verify_with(2).is_err());
}
