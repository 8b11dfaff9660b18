//! Killed under load, again and again: what was acknowledged stays, in its place, provably.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{
    demo::{Demo, Home},
    log::Verified,
    program::run,
    questions::{SELECT, question},
    wait,
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

const ROUNDS: usize = 8;
const WRITERS: usize = 6;
/// The kill falls among the answers that follow these, wherever the disk is just then.
const ANSWERS_BEFORE_THE_KILL: usize = 150;
const LOAD_MAX: Duration = Duration::from_secs(30);
const PUBLISHED_WITHIN: Duration = Duration::from_secs(5);

#[test]
fn every_receipt_handed_out_before_a_kill_verifies_after_it() {
    let home = Home::default();
    let mut receipts: Vec<Value> = Vec::new();
    let mut killed_mid_write = 0;
    for round in 0..ROUNDS {
        let demo = Demo::start(&home);
        if round > 0 {
            all_verify(&demo, &receipts);
        }
        let handed_out = load_until_killed(&demo);
        assert!(
            handed_out.len() >= ANSWERS_BEFORE_THE_KILL,
            "round {round}: {}",
            handed_out.len()
        );
        receipts.extend(handed_out);
        drop(demo);
        // From the files alone, as the kill left them.
        let report = run(home.path(), &["log", "verify", "data"]).well();
        killed_mid_write += usize::from(report.contains("not yet published"));
    }
    let demo = Demo::start(&home);
    all_verify(&demo, &receipts);
    let unique: BTreeSet<u64> = receipts
        .iter()
        .filter_map(|receipt| receipt["leaf_index"].as_u64())
        .collect();
    assert_eq!(
        unique.len(),
        receipts.len(),
        "two receipts name the same entry"
    );
    assert!(
        killed_mid_write > 0,
        "no kill fell between an acknowledgement and its publication"
    );
    drop(demo);
    assert!(
        run(home.path(), &["log", "verify", "data"])
            .well()
            .contains("entries valid")
    );
}

/// Asks from several threads until the process is killed under them; gives the receipts of those
/// answers that arrived whole.
fn load_until_killed(demo: &Demo) -> Vec<Value> {
    let answered = AtomicUsize::new(0);
    let names = ["lan", "hai", "an", "mai", "hoa", "tuan"];
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let body = question(demo.persona(names[writer % names.len()]), &SELECT).to_string();
                let answered = &answered;
                scope.spawn(move || {
                    let mut receipts = Vec::new();
                    while let Some(receipt) = ask(demo, &body) {
                        receipts.push(receipt);
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                    receipts
                })
            })
            .collect();
        wait::until("the load is answered", LOAD_MAX, || {
            (answered.load(Ordering::Relaxed) >= ANSWERS_BEFORE_THE_KILL).then_some(())
        });
        demo.kill();
        writers
            .into_iter()
            .flat_map(|writer| writer.join().unwrap())
            .collect()
    })
}

fn ask(demo: &Demo, body: &str) -> Option<Value> {
    let call = demo
        .client()
        .post(demo.url("/v1/queries"))
        .bearer_auth(demo.token("agency"));
    let call = call
        .header("content-type", "application/json")
        .body(body.to_owned());
    let reply = call.send().ok()?;
    assert_eq!(reply.status(), 200);
    let answer: Value = serde_json::from_slice(&reply.bytes().ok()?).unwrap();
    Some(answer["receipt"].clone())
}

fn all_verify(demo: &Demo, receipts: &[Value]) {
    let last = receipts
        .iter()
        .filter_map(|receipt| receipt["leaf_index"].as_u64())
        .max()
        .unwrap();
    let log = wait::until("the last entry is published", PUBLISHED_WITHIN, || {
        Some(Verified::fetch(demo)).filter(|log| log.entries.len() as u64 > last)
    });
    for receipt in receipts {
        log.check_receipt(receipt);
    }
}
