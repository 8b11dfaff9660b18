//! A disk that fails one sync: the gateway stops, and answers nothing any more before it does.

use motlan_integration_tests::{
    demo::{Demo, Home},
    fault_shim::{self, Fault},
    log::Verified,
    program::run,
    questions::{SELECT, question},
};
use serde_json::Value;
use std::{
    fs::{self, File},
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

const WRITERS: usize = 4;
/// The code that tells a supervisor not to start it again.
const LOG_FAILED: i32 = 70;
const ENDED_WITHIN: Duration = Duration::from_secs(5);
const ANSWERS_BEFORE: usize = 3;

#[test]
fn the_first_failed_sync_stops_the_gateway_and_no_answer_follows_it() {
    let home = Home::default();
    let shim = fault_shim::build();
    let root = fs::canonicalize(home.path()).unwrap();
    let (begin, reached) = (root.join("begin"), root.join("reached"));
    let mut demo = Demo::start_prepared(&home, &["--log", "info"], |command| {
        // The program runs in its home, with relative paths.
        Fault::Sync.inject(command, &shim, Path::new("data/log"), 1, &reached);
        command.env("MOTLAN_FAULT_AFTER", &begin);
    });
    let false_answers = AtomicBool::new(false);
    let receipts: Vec<Value> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let body = question(demo.persona("lan"), &SELECT).to_string();
                let (demo, begin, reached) = (&demo, &begin, &reached);
                let false_answers = &false_answers;
                scope.spawn(move || {
                    let mut receipts = Vec::new();
                    loop {
                        if writer == 0 && receipts.len() == ANSWERS_BEFORE {
                            File::create(begin).unwrap();
                        }
                        // A question that begins after the failure must not be answered.
                        let failed = reached.exists();
                        let Some(receipt) = ask(demo, &body) else {
                            return receipts;
                        };
                        false_answers.fetch_or(failed, Ordering::Relaxed);
                        receipts.push(receipt);
                    }
                })
            })
            .collect();
        writers
            .into_iter()
            .flat_map(|writer| writer.join().unwrap())
            .collect()
    });
    assert!(reached.exists());
    assert!(!false_answers.load(Ordering::Relaxed));
    assert_eq!(demo.ended(ENDED_WITHIN).code(), Some(LOG_FAILED));
    assert!(
        demo.stderr().contains("the access log failed"),
        "{}",
        demo.stderr()
    );
    drop(demo);

    // Every receipt handed out is good, now that the disk is.
    assert!(receipts.len() >= ANSWERS_BEFORE);
    let log = Verified::fetch(&Demo::start(&home));
    for receipt in &receipts {
        log.check_receipt(receipt);
    }
    assert!(
        run(home.path(), &["log", "verify", "data"])
            .well()
            .contains("entries valid")
    );
}

/// The receipt of an answer; `None` where there is none.
fn ask(demo: &Demo, body: &str) -> Option<Value> {
    let call = demo
        .client()
        .post(demo.url("/v1/queries"))
        .bearer_auth(demo.token("agency"))
        .header("content-type", "application/json")
        .body(body.to_owned());
    let reply = call.send().ok()?;
    if reply.status() != 200 {
        return None;
    }
    let answer: Value = serde_json::from_slice(&reply.bytes().ok()?).ok()?;
    answer.get("receipt").cloned()
}
