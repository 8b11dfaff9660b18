//! The access log verified over the network, by somebody who trusts nobody here: with the published
//! key alone, with a token, and with a checkpoint kept from last time.

use motlan_integration_tests::{
    demo::{Demo, Home},
    program::{Said, run},
    questions, wait,
};
use serde_json::Value;
use std::{fs, time::Duration};

/// Entries are published within a second, and the machine may be busy.
const PUBLISHED_MAX: Duration = Duration::from_secs(20);

#[test]
fn an_outsider_verifies_the_tree_and_an_auditor_the_entries() {
    let home = Home::default();
    let demo = Demo::start(&home);
    let (url, key) = (demo.text("/gateway"), demo.text("/log_verifier_key"));
    let verify = |more: &[&str]| -> Said {
        let arguments = [&["log", "verify", url, "--key", key][..], more].concat();
        run(home.path(), &arguments)
    };
    let said = verify(&["--save", "kept"]).well();
    assert!(
        said.contains("entries valid; entries not shown to outsiders"),
        "{said}"
    );

    fs::write(home.path().join("token"), demo.token("dpo")).unwrap();
    let said = verify(&["--token-file", "token"]).well();
    assert!(
        said.contains("entries valid") && !said.contains("not shown"),
        "{said}"
    );

    let question = questions::question(demo.persona("lan"), &questions::SELECT);
    assert_eq!(demo.ask(&question).status, 200);
    let told = wait::until("the answer's entry is published", PUBLISHED_MAX, || {
        let said = verify(&["--since", "kept", "--json"]).well();
        let told: Value = serde_json::from_str(&said).unwrap();
        (told["since"].as_u64() < told["tree_size"].as_u64()).then_some(told)
    });
    assert_eq!(
        (&told["valid"], &told["entries_shown"]),
        (&true.into(), &false.into()),
        "{told}"
    );

    // A token that may not read entries is told so, and nothing is passed over in silence.
    fs::write(home.path().join("token"), demo.token("citizen")).unwrap();
    let refused = verify(&["--token-file", "token"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("scope `audit`"), "{}", refused.err);

    // The key of another log, and a checkpoint that this log never had.
    let other = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let refused = run(home.path(), &["log", "verify", url, "--key", other]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.err.contains("not signed by the expected key"),
        "{}",
        refused.err
    );
    let kept = fs::read_to_string(home.path().join("kept")).unwrap();
    let size = kept.lines().nth(1).unwrap();
    let larger = kept.replacen(&format!("\n{size}\n"), "\n1000000\n", 1);
    fs::write(home.path().join("kept"), larger).unwrap();
    let refused = verify(&["--since", "kept"]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused
            .err
            .contains("the earlier checkpoint says it had 1000000"),
        "{}",
        refused.err
    );
}
