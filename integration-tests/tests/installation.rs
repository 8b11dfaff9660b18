//! A real installation begins: keys that only their owner reads, and a configuration that serves.
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{
    demo::Home,
    program::{command, run},
    wait,
};
use serde_json::Value;
use std::{
    fs::{self, File},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Child,
    time::Duration,
};

#[test]
fn an_installation_begins_with_keys_that_only_their_owner_reads() {
    let home = Home::default();
    let said = run(
        home.path(),
        &["init", "--origin", "motlan.example/journey", "new"],
    )
    .well();
    let key = fs::read_to_string(home.path().join("new/keys/log.vkey")).ok();
    assert!(
        said.contains("motlan.example/journey+"),
        "the key to publish {key:?} is shown:\n{said}"
    );
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let keys = home.path().join("new/keys");
    assert_eq!(mode(&keys), 0o700);
    assert_eq!(mode(&home.path().join("new/motlan.toml")), 0o600);
    let files: Vec<_> = fs::read_dir(&keys)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    assert!(files.len() >= 2, "{files:?}");
    for file in files {
        let expected = if file.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&file), expected, "{}", file.display());
    }
}

#[test]
fn an_installation_serves_with_the_configuration_that_was_written_for_it() {
    let home = Home::default();
    drop(
        run(
            home.path(),
            &["init", "--origin", "motlan.example/journey", "."],
        )
        .well(),
    );
    let file = home.path().join("motlan.toml");
    let nobody_listens = |line: &str| match line.split_once(" = \"https://") {
        Some((name @ ("issuer" | "base_url"), _)) => format!("{name} = \"http://127.0.0.1:1/\""),
        Some((name @ "jwks_url", _)) => format!("{name} = \"http://127.0.0.1:1/keys\""),
        _ => line.replace("127.0.0.1:8080", "127.0.0.1:0"),
    };
    let text = fs::read_to_string(&file).unwrap();
    let text: Vec<String> = text.lines().map(nobody_listens).collect();
    fs::write(&file, text.join("\n")).unwrap();

    let log = home.path().join("stderr");
    let mut serving = Serving::start(&home, &log);
    let address = wait::until("it serves", START_MAX, || {
        let log = fs::read_to_string(&log).ok()?;
        let ended = serving.0.try_wait().unwrap();
        assert!(ended.is_none(), "it ended: {log}");
        let (_, address) = log.split_once("address=")?;
        address.split_whitespace().next().map(str::to_owned)
    });
    let alive = reqwest::blocking::get(format!("http://{address}/healthz")).unwrap();
    assert_eq!(alive.status(), 200);
    let ready = reqwest::blocking::get(format!("http://{address}/readyz")).unwrap();
    let ready: Value = serde_json::from_slice(&ready.bytes().unwrap()).unwrap();
    assert_eq!(ready["access_log"], "writable", "{ready}");
    assert_eq!(ready["registries"]["land"], "unreachable", "{ready}");
    drop(serving);
    drop(run(home.path(), &["log", "verify", "log"]).well());
}

/// The program is built without optimisation, and machines are shared.
const START_MAX: Duration = Duration::from_secs(60);

/// `motlan serve`, killed when dropped.
struct Serving(Child);

impl Serving {
    fn start(home: &Home, log: &Path) -> Self {
        let mut serve = command(home.path());
        serve.args(["serve", "--config", "motlan.toml"]);
        Self(serve.stderr(File::create(log).unwrap()).spawn().unwrap())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Fails only where it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
