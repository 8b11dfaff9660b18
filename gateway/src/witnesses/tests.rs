//! The log and its witnesses: honest ones, absent ones, and such as say strange things.

use super::*;
use axum::{Router, body::Bytes, extract::State, http::StatusCode, routing::post};
use motlan_access_log::{
    cosignature::Cosigner,
    entry::{
        Entry, Record,
        record::{Bytes32, NodeStart},
    },
    log::{LeafIndex, Options},
    merkle::hash_leaf,
    note::Signer,
    receipt::{InclusionProof, Receipt},
    witness::{self, Refusal, Witness, cosigned::COSIGNED_FILE},
};
use std::path::Path;
use tempfile::TempDir;

const ORIGIN: &str = "example.vn/log";

fn signer() -> Signer {
    Signer::from_seed(ORIGIN, &[1; 32]).unwrap()
}

/// A log in a directory of its own, with that many entries.
struct House {
    directory: TempDir,
    log: Arc<TileLog>,
    metrics: Arc<Metrics>,
}

impl House {
    async fn with_entries(entries: u8) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let log = open(directory.path());
        let house = Self {
            directory,
            log,
            metrics: Arc::new(Metrics::new()),
        };
        house.append(entries).await;
        house
    }

    async fn append(&self, entries: u8) {
        self.append_from(0, entries).await;
    }

    async fn append_from(&self, first: u8, entries: u8) {
        let entries = (first..first + entries).map(|n| entry(n).encode().unwrap());
        self.log.append(entries.collect()).await.unwrap();
        self.log.published(self.log.tree_size()).await.unwrap();
    }

    fn witnesses(&self, policy: &str) -> Result<Arc<Witnesses>, WitnessesError> {
        let file = self.directory.path().join("policy");
        std::fs::write(&file, policy).unwrap();
        let config = AccessLogConfig {
            origin: ORIGIN.to_owned(),
            directory: self.directory.path().join("log"),
            keys_directory: PathBuf::new(),
            second_checkpoint: PathBuf::new(),
            low_water_bytes: None,
            ballast_bytes: None,
            scrub_hours: 0,
            witnesses: Some(file),
            witness_interval_seconds: 1,
        };
        let opened = Witnesses::open(&config, &self.log, &self.metrics)?;
        Ok(opened.unwrap())
    }

    fn metric(&self, line: &str) -> bool {
        self.metrics.render((0, 0), 0).contains(line)
    }
}

fn open(directory: &Path) -> Arc<TileLog> {
    let second = directory.join("second");
    let options = Options::new(directory.join("log"), second, signer());
    Arc::new(TileLog::open(options).unwrap())
}

fn entry(number: u8) -> Entry {
    Entry {
        time: "2026-01-01T00:00:00Z".to_owned(),
        nonce: Bytes32([number; 32]),
        record: Record::NodeStart(NodeStart {
            cut_bytes: 0,
            mappings: Vec::new(),
            software: "test".to_owned(),
        }),
    }
}

/// Serves `add-checkpoint`; returns its address.
async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// A witness that says the same whatever it is asked.
async fn saying(status: u16, body: impl Into<Bytes>) -> String {
    let answer = (StatusCode::from_u16(status).unwrap(), body.into());
    serve(Router::new().route("/add-checkpoint", post(move || async { answer }))).await
}

/// An honest witness, and the line of a policy that names it.
async fn honest(name: &str, directory: &Path, seed: u8) -> (String, Arc<Witness>) {
    let log = signer().verifier().clone();
    let options = witness::Options::new(directory.join(name), vec![log]);
    let witness = Arc::new(Witness::open(options, &mut || [seed; 32]).unwrap());
    let answer = |State(witness): State<Arc<Witness>>, body: Bytes| async move {
        match witness.add_checkpoint(&body, 100) {
            Ok(line) => (StatusCode::OK, line),
            Err(Refusal::OtherSize { size } | Refusal::OtherRoot { size }) => {
                (StatusCode::CONFLICT, format!("{size}\n"))
            }
            Err(Refusal::WrongProof) => (StatusCode::UNPROCESSABLE_ENTITY, String::new()),
            Err(_) => (StatusCode::BAD_REQUEST, String::new()),
        }
    };
    let router = Router::new().route("/add-checkpoint", post(answer));
    let url = serve(router.with_state(Arc::clone(&witness))).await;
    (
        format!("witness {name} {} {url}\n", witness.verifier()),
        witness,
    )
}

/// The line of a policy with a witness of that key elsewhere.
fn elsewhere(name: &str, seed: u8, url: &str) -> String {
    let cosigner = Cosigner::from_seed(name, &[seed; 32]).unwrap();
    format!("witness {name} {} {url}\n", cosigner.verifier())
}

#[tokio::test]
async fn a_quorum_cosigns_what_is_published_and_it_is_kept() {
    let house = House::with_entries(7).await;
    let (one, _) = honest("one", house.directory.path(), 2).await;
    let (two, _) = honest("two", house.directory.path(), 3).await;
    let gone = elsewhere("gone", 4, "http://127.0.0.1:1");
    let policy = format!("{one}{two}{gone}group most 2 one two gone\nquorum most\n");
    let witnesses = house.witnesses(&policy).unwrap();
    assert_eq!(witnesses.cosigned(), None);
    assert!(witnesses.round().await);
    assert!(witnesses.is_up_to_date());
    // The witnesses begin to answer from the size they know, and are told no proof twice.
    house.append(250).await;
    assert!(!witnesses.is_up_to_date());
    assert!(witnesses.round().await);
    let cosigned = witnesses.cosigned().unwrap();
    assert_eq!(cosigned.signed.checkpoint.tree_size, 257);
    assert_eq!(cosigned.timestamp, 100);
    assert!(!witnesses.fork_alarm());
    // A proof under it is good for whoever trusts the witnesses.
    let (index, tiles) = (LeafIndex(200), house.log.tiles());
    let proof = InclusionProof::under(&cosigned.signed, &tiles, index).unwrap();
    let receipt = Receipt {
        origin: ORIGIN.to_owned(),
        leaf_index: index,
        leaf_hash: hash_leaf(&tiles.entry(200).unwrap()),
    };
    let read: InclusionProof = proof.to_string().parse().unwrap();
    read.verify(&receipt, signer().verifier()).unwrap();
    let note = read.checkpoint.as_bytes();
    assert_eq!(witnesses.policy.check_quorum(note).unwrap().len(), 2);
    assert!(house.metric(r#"witness_requests_total{witness="gone",outcome="unreachable"} 2"#));
    assert!(house.metric("access_log_cosigned_timestamp_seconds 100"));

    // A gateway that starts again has it, and asks on from what the witnesses tell it.
    let again = house.witnesses(&policy).unwrap();
    assert_eq!(again.cosigned(), Some(cosigned));
    house.append(1).await;
    assert!(again.round().await);
    assert!(!again.fork_alarm());
}

#[tokio::test]
async fn less_than_a_quorum_changes_nothing() {
    let house = House::with_entries(7).await;
    let (one, _) = honest("one", house.directory.path(), 2).await;
    let gone = elsewhere("gone", 4, "http://127.0.0.1:1");
    let witnesses = house
        .witnesses(&format!(
            "{one}{gone}group both all one gone\nquorum both\n"
        ))
        .unwrap();
    assert!(!witnesses.round().await);
    assert_eq!(witnesses.cosigned(), None);
    assert!(
        !house
            .directory
            .path()
            .join("log")
            .join(COSIGNED_FILE)
            .exists()
    );
    assert!(!witnesses.fork_alarm());
}

#[tokio::test]
async fn a_log_that_was_rewritten_raises_the_alarm() {
    let shown = House::with_entries(20).await;
    let (line, _) = honest("one", shown.directory.path(), 2).await;
    let policy = format!("{line}quorum one\n");
    assert!(shown.witnesses(&policy).unwrap().round().await);
    // The same key over fewer entries (a restored backup), over as many others, and over more.
    for (first, entries) in [(0, 10), (100, 20), (100, 30)] {
        let other = House::with_entries(0).await;
        other.append_from(first, entries).await;
        let witnesses = other.witnesses(&policy).unwrap();
        assert!(!witnesses.round().await);
        assert!(witnesses.fork_alarm(), "{entries} from {first}");
        assert!(other.metric("access_log_fork_alarm 1"));
    }
    // What was shown first may go on.
    shown.append(3).await;
    let witnesses = shown.witnesses(&policy).unwrap();
    assert!(witnesses.round().await && !witnesses.fork_alarm());
}

#[tokio::test]
async fn strange_answers_are_neither_believed_nor_waited_for() {
    let house = House::with_entries(3).await;
    let foreign = Cosigner::from_seed("w", &[9; 32]).unwrap();
    let text = house.log.checkpoint().checkpoint.text();
    let other_text = text.replacen("\n3\n", "\n4\n", 1);
    let right_name = Cosigner::from_seed("w", &[2; 32]).unwrap();
    for (status, body, outcome) in [
        (200, String::new(), "wrong"),
        (200, foreign.cosign(&text, 1), "wrong"),
        (200, right_name.cosign(&other_text, 1), "wrong"),
        (200, "x".repeat(1_000_000), "wrong"),
        (409, "not a size\n".to_owned(), "wrong"),
        (409, "02\n".to_owned(), "wrong"),
        (409, "0\n".to_owned(), "wrong"),
        (409, "2\n".to_owned(), "wrong"),
        (409, "3\n".to_owned(), "forked"),
        (409, "4\n".to_owned(), "forked"),
        (422, String::new(), "forked"),
        (403, String::new(), "refused"),
        (404, String::new(), "refused"),
        (500, String::new(), "unreachable"),
        (302, String::new(), "unreachable"),
    ] {
        let url = saying(status, body.clone()).await;
        let policy = format!("{}quorum w\n", elsewhere("w", 2, &url));
        let witnesses = house.witnesses(&policy).unwrap();
        assert!(!witnesses.round().await);
        let newest = house.log.checkpoint();
        let offered = witnesses.endpoints[0].offer(&newest, &witnesses.log).await;
        let told = body.chars().take(20).collect::<String>();
        assert_eq!(offered.outcome(), outcome, "{status} {told}");
        assert_eq!(
            witnesses.fork_alarm(),
            outcome == "forked",
            "{status} {told}"
        );
    }
}

#[tokio::test]
async fn a_policy_that_cannot_work_is_refused_at_start() {
    let house = House::with_entries(1).await;
    let other = Signer::from_seed("example.vn/other", &[1; 32]).unwrap();
    let named = elsewhere("w", 2, "");
    for (policy, expected) in [
        ("nonsense\n".to_owned(), "line 1 of the witness policy"),
        (
            format!("log {}\nquorum none\n", other.verifier()),
            "no key of this one",
        ),
        (
            format!("{}quorum w\n", elsewhere("w", 2, "ftp://w")),
            "must begin with https",
        ),
        (format!("{named}quorum w\n"), "cannot make up the quorum"),
    ] {
        let error = house.witnesses(&policy).unwrap_err().to_string();
        assert!(error.contains(expected), "{policy}: {error}");
    }
}

#[tokio::test]
async fn a_log_that_does_not_extend_what_was_cosigned_does_not_start() {
    let shown = House::with_entries(20).await;
    let (line, _) = honest("one", shown.directory.path(), 2).await;
    let policy = format!("{line}quorum one\n");
    assert!(shown.witnesses(&policy).unwrap().round().await);
    let kept = shown.directory.path().join("log").join(COSIGNED_FILE);
    let older = House::with_entries(10).await;
    let place = older.directory.path().join("log").join(COSIGNED_FILE);
    std::fs::copy(&kept, place).unwrap();
    let error = older.witnesses(&policy).unwrap_err();
    assert!(
        matches!(error, WitnessesError::Forked { tree_size: 20 }),
        "{error}"
    );
}
