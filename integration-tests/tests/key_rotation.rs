//! The key that signs the log changes: both keys verify in between, and afterwards the new one only.
#![expect(clippy::expect_used, reason = "a journey fails by panicking")]
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]

use motlan_integration_tests::{
    demo::Home,
    log::open,
    program::{Said, run},
    serving::{ORIGIN, Serving, install},
};
use serde_json::Value;

#[test]
fn a_key_is_changed_without_a_break_in_the_log() {
    let home = Home::default();
    let old = install(&home, "");
    let log = |arguments: &[&str]| run(home.path(), &[&["log"], arguments].concat());
    let change = |command| log(&[command, "--config", "motlan.toml"]);
    let verify = |key: &str, more: &[&str]| -> Said {
        log(&[&["verify", "log", "--key", key], more].concat())
    };

    let serving = Serving::start(&home);
    let refused = change("rotate-key");
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("stop it first"), "{}", refused.err);
    serving.stop();
    drop(verify(&old, &["--save", "kept"]).well());
    let alone = change("retire-key");
    assert!(alone.err.contains("one key alone signs"), "{}", alone.err);

    let said = change("rotate-key").well();
    let mut words = said.split_whitespace();
    let new = words.find(|word| word.starts_with(&format!("{ORIGIN}+")));
    let new = new
        .unwrap_or_else(|| panic!("the new key is shown: {said}"))
        .to_owned();
    assert_ne!(old, new);
    // At once, and while the gateway serves.
    drop(verify(&old, &["--since", "kept"]).well());
    let serving = Serving::start(&home);
    let (_, note) = serving.get("/v1/access-log/checkpoint");
    assert_eq!(open(&note, &old).root, open(&note, &new).root);
    assert_eq!(log_keys(&serving), 2);
    serving.stop();
    drop(verify(&new, &["--since", "kept"]).well());

    drop(change("retire-key").well());
    let serving = Serving::start(&home);
    assert_eq!(log_keys(&serving), 1);
    serving.stop();
    drop(verify(&new, &["--since", "kept"]).well());
    let refused = verify(&old, &[]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.err.contains("not signed by the expected key"),
        "{}",
        refused.err
    );
    assert!(
        !home.path().join("keys/log.key").exists(),
        "the old key is destroyed"
    );
}

fn log_keys(serving: &Serving) -> usize {
    let (_, keys) = serving.get("/.well-known/jwks.json");
    let keys: Value = serde_json::from_str(&keys).expect("JSON");
    let keys = keys["keys"].as_array().expect("a list");
    let of_log = |key: &&Value| {
        key["kid"]
            .as_str()
            .is_some_and(|kid| kid.starts_with(ORIGIN))
    };
    keys.iter().filter(of_log).count()
}
