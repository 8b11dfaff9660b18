//! An orderly stop, and a caller who leaves: what is under way is finished and logged.

use motlan_integration_tests::{
    demo::{Demo, Home},
    log::Verified,
    program::run,
    questions::{BY_REGISTRY, SELECT, question, with},
    wait,
};
use serde_json::{Value, json};
use std::{
    io::Write,
    net::{Shutdown, TcpStream},
    time::Duration,
};

/// Some registries are asked two or three times in a row; all of it stays below their time limit.
const SLOW_MS: u64 = 800;
const NOTICED_WITHIN: Duration = Duration::from_secs(5);
const ENDED_WITHIN: Duration = Duration::from_secs(20);

#[test]
fn questions_under_way_are_answered_and_logged_before_the_end() {
    let home = Home::default();
    let mut demo = Demo::start(&home);
    for (registry, _) in BY_REGISTRY {
        demo.set_fault(registry, "slow", SLOW_MS);
    }
    let before = demo.requests();
    let patient = json!({ "max_age_seconds": 0, "deadline_ms": 10_000 });
    let asked = with(question(demo.persona("lan"), &SELECT), &patient);
    let answers: Vec<Value> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| demo.ask(&asked).answer()))
            .collect();
        wait::until("all four are under way", NOTICED_WITHIN, || {
            let land = demo.seen("land").requests;
            (land >= before["land"] + 4).then_some(())
        });
        demo.terminate();
        asking
            .into_iter()
            .map(|asking| asking.join().unwrap())
            .collect()
    });
    assert_eq!(
        demo.ended(ENDED_WITHIN).code(),
        Some(0),
        "{}",
        demo.stderr()
    );
    assert!(
        answers.iter().all(|answer| answer["complete"] == true),
        "{answers:#?}"
    );
    drop(demo);
    let report = run(home.path(), &["log", "verify", "data"]).well();
    assert!(
        !report.contains("not yet published"),
        "the last entries are published: {report}"
    );

    let log = Verified::fetch(&Demo::start(&home));
    for answer in &answers {
        log.check_receipt(&answer["receipt"]);
    }
}

#[test]
fn a_question_is_logged_also_when_its_caller_hangs_up() {
    let home = Home::default();
    let demo = Demo::start(&home);
    demo.set_fault("land", "slow", SLOW_MS);
    let before = demo.requests();
    let case = "HUNG-UP-1";
    let change = json!({ "max_age_seconds": 0, "deadline_ms": 10_000, "case": case });
    let body = with(
        question(demo.persona("lan"), &["land.parcels.area_m2"]),
        &change,
    )
    .to_string();
    let address = demo.file["gateway"].as_str().unwrap();
    let host = address.strip_prefix("http://").unwrap();
    let mut caller = TcpStream::connect(host).unwrap();
    write!(
        caller,
        "POST /v1/queries HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        demo.token("agency"),
        body.len()
    )
    .unwrap();
    wait::until("the registry is asked", NOTICED_WITHIN, || {
        (demo.seen("land").requests > before["land"]).then_some(())
    });
    caller.shutdown(Shutdown::Both).unwrap();
    drop(caller);
    wait::until("the entry is published", ENDED_WITHIN, || {
        let log = Verified::fetch(&demo);
        let names_the_case = |entry: &[u8]| log.keys.open(entry)["record"]["case"] == case;
        log.entries
            .iter()
            .any(|entry| names_the_case(entry))
            .then_some(())
    });
}
