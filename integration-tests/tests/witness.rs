//! Two witnesses in processes of their own watch a gateway's log: what a quorum cosigned is public,
//! and a log that was begun anew under the same key is told by them.

use motlan_integration_tests::{
    demo::Home,
    log::{cosigned_at, open},
    program::run,
    serving::{ORIGIN, Serving, Witness, install},
    wait,
};
use std::{fs, time::Duration};

/// What decision 0014 promises, and the tests of a busy machine need.
const COSIGNED_MAX: Duration = Duration::from_secs(60);
const COSIGNED: &str = "/v1/access-log/checkpoint/cosigned";

#[test]
fn two_witnesses_cosign_the_log_and_notice_when_it_is_begun_anew() {
    let home = Home::default();
    let log_key = install(
        &home,
        "witnesses = \"witnesses.policy\"\nwitness_interval_seconds = 1",
    );
    let one = Witness::start(&home, "one", &[&log_key]);
    let two = Witness::start(&home, "two", &[&log_key]);
    let policy = format!(
        "log {log_key}\nwitness one {} {}\nwitness two {} {}\ngroup both all one two\nquorum both\n",
        one.key, one.url, two.key, two.url
    );
    fs::write(home.path().join("witnesses.policy"), policy).unwrap();

    let serving = Serving::start(&home);
    let note = wait::until("both cosign", COSIGNED_MAX, || {
        let (status, note) = serving.get(COSIGNED);
        (status == 200).then_some(note)
    });
    let checkpoint = open(&note, &log_key);
    assert!(checkpoint.tree_size >= 1 && checkpoint.origin == ORIGIN);
    for witness in [&one, &two] {
        assert!(cosigned_at(&note, &witness.key).is_some_and(|time| time > 1_700_000_000));
        let log = &witness.overview()["logs"][0];
        assert!(
            log["tree_size"]
                .as_u64()
                .is_some_and(|size| size >= checkpoint.tree_size),
            "{log}"
        );
    }
    let url = serving.url();
    let policy = ["--key", &log_key, "--witnesses", "witnesses.policy"];
    let arguments = [&["log", "verify", &url][..], &policy].concat();
    let said = run(home.path(), &arguments).well();
    assert!(
        said.contains("entries are cosigned, witnesses: 2"),
        "{said}"
    );
    let (status, ready) = serving.readiness();
    assert_eq!(
        (status, &ready["witnesses"]["status"]),
        (200, &"cosigned".into()),
        "{ready}"
    );
    let (_, metrics) = serving.get("/metrics");
    assert!(metrics.contains(r#"motlan_witness_requests_total{witness="one",outcome="cosigned"}"#));
    serving.stop();
    let arguments = [&["log", "verify", "log"][..], &policy].concat();
    let said = run(home.path(), &arguments).well();
    assert!(
        said.contains("entries valid") && said.contains("witnesses: 2"),
        "{said}"
    );

    // Somebody with the key removes every trace of the log and begins it anew.
    for path in ["log", "index", "consents"] {
        fs::remove_dir_all(home.path().join(path)).unwrap();
    }
    fs::remove_file(home.path().join("second-checkpoint")).unwrap();
    let serving = Serving::start(&home);
    let ready = wait::until("the witnesses tell", COSIGNED_MAX, || {
        let (status, ready) = serving.readiness();
        (status == 503).then_some(ready)
    });
    assert_eq!(ready["witnesses"]["status"], "forked", "{ready}");
    assert_eq!(serving.get(COSIGNED).0, 404, "nobody cosigned the new log");
    assert!(
        serving
            .get("/metrics")
            .1
            .contains("motlan_access_log_fork_alarm 1")
    );
}
