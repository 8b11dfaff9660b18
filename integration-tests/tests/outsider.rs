//! A stranger who trusts nobody here checks the access log with `demo.json` and the published
//! formats alone.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use motlan_integration_tests::{
    demo::{Demo, Home},
    log::{Hash, Verified, leaf_hash, open, root, root_from_proof, tiles},
    questions::{CASE, OFFICER, PURPOSE, SELECT, outcome_of, question, with},
    reply::Reply,
    wait,
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};

/// The promise is one second; a shared machine is forgiven a little.
const PUBLISHED_WITHIN: Duration = Duration::from_secs(3);

#[test]
fn a_stranger_verifies_the_log_and_reads_who_looked_and_why() {
    let home = Home::default();
    let demo = Demo::start(&home);
    fill_more_than_one_tile(&demo);
    let select = [
        &SELECT[..],
        &["population.household", "population.identity.religion"],
    ]
    .concat();
    let asked = with(
        question(demo.persona("lan"), &select),
        &json!({ "max_age_seconds": 0 }),
    );
    let reply = demo.ask(&asked);
    let answer = reply.answer();
    let log = wait::until(
        "the entry is under the checkpoint",
        PUBLISHED_WITHIN,
        || Some(Verified::fetch(&demo)).filter(|log| log.entries.len() as u64 > index(&answer)),
    );
    log.check_receipt(&answer["receipt"]);
    an_entry_tells_everything_but_values(&demo, &log, &reply);
    other_persons_of_an_answer_have_entries_of_their_own(&log, &answer);
    hash_tiles_alone_give_the_same_root(&demo);
    proofs_lead_to_the_signed_root(&demo, &log, &answer);
    entries_are_for_auditors_only(&demo);
    the_key_is_published_as_a_jwk_too(&demo);
}

fn index(answer: &Value) -> u64 {
    answer["receipt"]["leaf_index"].as_u64().unwrap()
}

/// A bundle holds 256 entries; the tree is only interesting beyond.
fn fill_more_than_one_tile(demo: &Demo) {
    let mut batch = question("", &["population.identity.full_name"]);
    batch.as_object_mut().unwrap().remove("subject");
    let subjects = vec![json!({ "person": demo.persona("nobody") }); 300];
    let reply = demo.post(
        "/v1/query-batches",
        demo.token("agency"),
        &with(batch, &json!({ "subjects": subjects })),
    );
    assert_eq!(reply.text().lines().count(), 300, "{}", reply.text());
}

fn an_entry_tells_everything_but_values(demo: &Demo, log: &Verified, reply: &Reply) {
    let answer = reply.answer();
    let entry = log.entry(index(&answer));
    assert_eq!(
        (&entry["kind"], &entry["version"]),
        (&json!("disclosure"), &json!(1)),
        "{entry:#}"
    );
    assert!(entry["time"].as_str().unwrap().ends_with('Z'));
    assert_eq!(
        STANDARD
            .decode(entry["nonce"].as_str().unwrap())
            .unwrap()
            .len(),
        32
    );
    let record = &entry["record"];
    assert_eq!(record["agency"], "ward-ba-dinh");
    assert_eq!(record["client"], "ward-ba-dinh-one-stop");
    assert_eq!(
        record["officer"],
        json!({ "asserted_by": "agency", "id": OFFICER })
    );
    assert_eq!(
        (&record["purpose"], &record["case"]),
        (&json!(PURPOSE), &json!(CASE))
    );
    assert_eq!(record["basis"]["kind"], "law");
    assert_eq!(record["query_id"], answer["query_id"]);
    let released = record["attributes"].as_array().unwrap();
    assert!(
        SELECT.iter().all(|name| released.contains(&json!(name))),
        "{record:#}"
    );
    let denied = json!([{ "attribute": "population.identity.religion", "reason": "not_in_purpose", "rule": answer["denied"][0]["rule"] }]);
    assert_eq!(record["denied"], denied);
    for (dataset, outcomes) in record["datasets"].as_object().unwrap() {
        // Of a dataset that several registries serve, there is one of each.
        for outcome in outcomes.as_array().unwrap() {
            let registry = outcome["registry"].as_str().unwrap();
            let told = outcome_of(&answer["datasets"][dataset], registry);
            assert_eq!(outcome["status"], told["status"], "{dataset}");
            assert_eq!(outcome["as_of"], told["as_of"], "{dataset}");
            assert_eq!(outcome["served_from"], "registry", "{dataset}");
        }
    }
    let without_receipt = format!("{}}}", reply.text().split_once(",\"receipt\":").unwrap().0);
    let digest = digest(&SHA256, without_receipt.as_bytes());
    assert_eq!(
        record["answer_digest"],
        STANDARD.encode(digest),
        "the digest of the answer without its receipt"
    );
    let opened = log
        .entries
        .iter()
        .map(|entry| log.keys.open(entry).to_string());
    let sealed = log
        .entries
        .iter()
        .map(|entry| String::from_utf8_lossy(entry).into_owned());
    for entry in opened.chain(sealed) {
        for number in demo.numbers() {
            assert!(!entry.contains(&number), "a personal number in {entry}");
        }
        for value in [
            "NGUYỄN",
            "TRẦN",
            "1985-06-12",
            "1450.5",
            "married",
            "HOÀI AN",
            "Đội Cấn",
        ] {
            assert!(!entry.contains(value), "{value} in {entry}");
        }
    }
}

fn other_persons_of_an_answer_have_entries_of_their_own(log: &Verified, answer: &Value) {
    let subject = log.entry(index(answer))["record"]["subject"].clone();
    let all = (0..log.entries.len() as u64).map(|index| log.entry(index));
    let of_answer: Vec<Value> = all
        .filter(|entry| entry["record"]["query_id"] == answer["query_id"])
        .collect();
    let mentioned: BTreeSet<String> = of_answer
        .iter()
        .filter(|entry| entry["kind"] == "mention")
        .map(|entry| {
            assert_eq!(
                entry["record"]["attributes"],
                json!(["population.household.member_personal_id"])
            );
            entry["record"]["subject"].to_string()
        })
        .collect();
    assert_eq!(
        mentioned.len(),
        2,
        "her husband and her daughter: {of_answer:#?}"
    );
    assert!(!mentioned.contains(&subject.to_string()));
}

fn hash_tiles_alone_give_the_same_root(demo: &Demo) {
    let note = demo.get("/v1/access-log/checkpoint", None);
    assert!(note.header("content-type").starts_with("text/plain"));
    let checkpoint = open(&note.text(), demo.text("/log_verifier_key"));
    assert!(checkpoint.tree_size > 256);
    assert_eq!(checkpoint.origin, "motlan.example/demo");
    let mut leaves: Vec<Hash> = Vec::new();
    for (path, width) in tiles(checkpoint.tree_size) {
        let tile = hashes(demo, &format!("0/{path}"));
        assert_eq!(tile.len() as u64, width);
        leaves.extend(tile);
    }
    assert_eq!(root(&leaves), checkpoint.root);
    let full = checkpoint.tree_size / 256;
    let above = hashes(demo, &format!("1/000.p/{full}"));
    let expected: Vec<Hash> = leaves.chunks_exact(256).map(root).collect();
    assert_eq!(
        above, expected,
        "the tile above holds the roots of the full tiles"
    );
}

fn hashes(demo: &Demo, path: &str) -> Vec<Hash> {
    let tile = demo.get(&format!("/v1/access-log/tile/{path}"), None);
    assert_eq!(tile.status, 200, "{path}: {}", tile.text());
    assert!(tile.header("cache-control").contains("immutable"), "{path}");
    tile.body
        .chunks_exact(32)
        .map(|hash| hash.try_into().unwrap())
        .collect()
}

fn proofs_lead_to_the_signed_root(demo: &Demo, log: &Verified, answer: &Value) {
    let prove = |question: Value| demo.post("/v1/access-log/proofs", demo.token("dpo"), &question);
    let list = |proof: &Value| -> Vec<Hash> {
        let hashes = proof["hashes"].as_array().unwrap().iter();
        hashes
            .map(|hash| {
                STANDARD
                    .decode(hash.as_str().unwrap())
                    .unwrap()
                    .try_into()
                    .unwrap()
            })
            .collect()
    };
    for leaf_index in [0, 255, 256, index(answer)] {
        let proof = prove(json!({ "leaf_index": leaf_index })).answer();
        let checkpoint = open(
            proof["checkpoint"].as_str().unwrap(),
            demo.text("/log_verifier_key"),
        );
        let leaf = leaf_hash(&log.entries[usize::try_from(leaf_index).unwrap()]);
        let reached = root_from_proof(leaf, leaf_index, checkpoint.tree_size, &list(&proof));
        assert_eq!(reached, checkpoint.root, "entry {leaf_index}");
    }
    let leaves: Vec<Hash> = log.entries.iter().map(|entry| leaf_hash(entry)).collect();
    for old_size in [1, 2, 255, 256, 257, leaves.len() - 1] {
        let asked = json!({ "old_size": old_size, "new_size": leaves.len() });
        assert_eq!(
            list(&prove(asked).answer()),
            consistency(&leaves, old_size, true),
            "from {old_size}"
        );
    }
    drop(prove(json!({ "leaf_index": 10_000_000 })).problem(404, "not_found"));
}

/// RFC 6962, section 2.1.2: SUBPROOF(m, D[n], b).
fn consistency(leaves: &[Hash], old_size: usize, whole: bool) -> Vec<Hash> {
    if old_size == leaves.len() {
        return if whole {
            Vec::new()
        } else {
            vec![root(leaves)]
        };
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let (mut proof, sibling) = if old_size <= left.len() {
        (consistency(left, old_size, whole), root(right))
    } else {
        (consistency(right, old_size - left.len(), false), root(left))
    };
    proof.push(sibling);
    proof
}

fn entries_are_for_auditors_only(demo: &Demo) {
    let path = "/v1/access-log/tile/entries/000";
    drop(demo.get(path, None).problem(401, "token_missing"));
    for holder in ["agency", "other_agency", "citizen", "registry"] {
        drop(
            demo.get(path, Some(demo.token(holder)))
                .problem(403, "insufficient_scope"),
        );
    }
    assert_eq!(
        demo.get(path, Some(demo.token("dpo")))
            .header("cache-control"),
        "no-store"
    );
}

fn the_key_is_published_as_a_jwk_too(demo: &Demo) {
    let keys = demo.get("/.well-known/jwks.json", None).answer();
    let key = keys["keys"][0]["x"].as_str().unwrap();
    let published = demo
        .text("/log_verifier_key")
        .splitn(3, '+')
        .last()
        .unwrap();
    let published = STANDARD.decode(published).unwrap();
    let same = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&published[1..]);
    assert_eq!(key, same);
}
