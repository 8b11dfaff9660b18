//! The answers of `add-checkpoint`, as logs meet them.

use super::*;
use axum::http::Request;
use motlan_access_log::{
    checkpoint::Checkpoint,
    merkle::{empty_root, hash_children, hash_leaf},
    note::Signer,
    witness::Options,
};
use motlan_schemas::clock::SystemClock;
use tempfile::TempDir;
use tower::ServiceExt;

const ORIGIN: &str = "example.vn/log";

fn server() -> (TempDir, Router) {
    let directory = tempfile::tempdir().unwrap();
    let logs = vec![signer(1).verifier().clone()];
    let options = Options::new(directory.path().to_owned(), logs);
    let witness = Witness::open(options, &mut || [3; 32]).unwrap();
    let router = router(Arc::new(witness), Arc::new(SystemClock));
    (directory, router)
}

fn signer(seed: u8) -> Signer {
    Signer::from_seed(ORIGIN, &[seed; 32]).unwrap()
}

fn note(signer: &Signer, tree_size: u64, root: [u8; 32]) -> String {
    let checkpoint = Checkpoint {
        origin: signer.verifier().name().to_owned(),
        tree_size,
        root,
    };
    signer.sign(&checkpoint.text())
}

async fn post(router: &Router, body: String) -> (u16, String, String) {
    let request = Request::post("/add-checkpoint").body(Body::from(body));
    let response = router.clone().oneshot(request.unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let media_type = response.headers().get(header::CONTENT_TYPE);
    let media_type = media_type
        .map_or("", |value| value.to_str().unwrap())
        .to_owned();
    let body = to_bytes(response.into_body(), 10_000).await.unwrap();
    (
        status,
        media_type,
        String::from_utf8(body.to_vec()).unwrap(),
    )
}

#[tokio::test]
async fn each_answer_has_the_status_and_media_type_of_the_protocol() {
    let (_directory, router) = server();
    let (one, two) = (hash_leaf(b"one"), hash_leaf(b"two"));
    let log = signer(1);
    let first = note(&log, 1, one);
    let (status, _, line) = post(&router, format!("old 0\n\n{first}")).await;
    assert_eq!(status, 200, "{line}");
    assert!(line.starts_with("— ") && line.ends_with('\n') && line.lines().count() == 1);

    let (status, media_type, body) = post(&router, format!("old 0\n\n{first}")).await;
    assert_eq!(
        (status, media_type.as_str(), body.as_str()),
        (409, "text/x.tlog.size", "1\n")
    );
    let other = note(&log, 1, two);
    let (status, media_type, body) = post(&router, format!("old 1\n\n{other}")).await;
    assert_eq!(
        (status, media_type.as_str(), body.as_str()),
        (409, "text/x.tlog.size", "1\n")
    );

    let second = note(&log, 2, hash_children(&one, &two));
    let elsewhere = Signer::from_seed("elsewhere.example", &[1; 32]).unwrap();
    for (expected, body) in [
        (400, "nonsense".to_owned()),
        (400, "x".repeat(BODY_BYTES_MAX + 1)),
        (400, format!("old 3\n\n{second}")),
        (403, format!("old 1\n\n{}", note(&signer(2), 2, one))),
        (
            404,
            format!("old 0\n\n{}", note(&elsewhere, 0, empty_root())),
        ),
        (422, format!("old 1\n\n{second}")),
    ] {
        assert_eq!(post(&router, body.clone()).await.0, expected, "{body}");
    }
}

#[tokio::test]
async fn whoever_asks_is_told_what_is_watched() {
    let (_directory, router) = server();
    let first = note(&signer(1), 1, hash_leaf(b"one"));
    assert_eq!(post(&router, format!("old 0\n\n{first}")).await.0, 200);
    let request = Request::get("/").body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    let body = to_bytes(response.into_body(), 10_000).await.unwrap();
    let told: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(told["logs"][0]["origin"], ORIGIN);
    assert_eq!(told["logs"][0]["tree_size"], 1);
    assert!(
        told["logs"][0]["since"]
            .as_u64()
            .is_some_and(|since| since > 1_700_000_000)
    );
    assert!(
        told["witness"]
            .as_str()
            .is_some_and(|key| key.starts_with("motlan-witness/"))
    );
}
