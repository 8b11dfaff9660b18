//! The command line as its users meet it: help for everything, exit codes that scripts can rely
//! on, and an OpenAPI document that is the committed one.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

fn motlan(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_motlan"));
    command
        .env_remove("MOTLAN_TOKEN")
        .env_remove("MOTLAN_LANG")
        .env("NO_COLOR", "1");
    match command.args(arguments).output() {
        Ok(output) => output,
        Err(error) => {
            unreachable!("the program was built for this test, and does not start: {error}")
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn every_command_explains_itself() {
    let commands: [&[&str]; 21] = [
        &[],
        &["demo"],
        &["serve"],
        &["init"],
        &["query"],
        &["token"],
        &["log"],
        &["log", "verify"],
        &["policy"],
        &["policy", "check"],
        &["policy", "test"],
        &["policy", "table"],
        &["policy", "explain"],
        &["log", "reindex"],
        &["log", "rotate-key"],
        &["log", "retire-key"],
        &["witness"],
        &["policy", "load"],
        &["policy", "rollback"],
        &["policy", "versions"],
        &["openapi"],
    ];
    for command in commands {
        let output = motlan(&[command, &["--help"]].concat());
        let help = text(&output.stdout);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{command:?}: {}",
            text(&output.stderr)
        );
        assert!(help.contains("Usage: motlan"), "{command:?}:\n{help}");
        let first = help.lines().next().unwrap();
        assert!(first.len() > 20, "{command:?} says what it does: {first}");
    }
    assert!(text(&motlan(&["--version"]).stdout).starts_with("motlan "));
}

#[test]
fn the_openapi_document_is_the_committed_one() {
    let output = motlan(&["openapi"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let generated = text(&output.stdout);
    let differs = generated
        .lines()
        .zip(committed.lines())
        .position(|(new, old)| new != old);
    assert!(
        generated == committed,
        "docs/openapi.json differs from the code (first at line {:?}): run `cargo xtask openapi` and review the change",
        differs.map(|line| line + 1)
    );
}

#[test]
fn wrong_arguments_are_told_with_exit_code_2() {
    let wrong: [&[&str]; 9] = [
        &[],
        &["dance"],
        &["demo", "--port", "many"],
        &["demo", "--port", "65536"],
        &["demo", "--colour"],
        &["query", "--persona", "lan"],
        &[
            "query",
            "--purpose",
            "x",
            "--select",
            "y",
            "--persona",
            "lan",
            "--enterprise",
            "0100109106",
        ],
        &[
            "query",
            "--purpose",
            "x",
            "--select",
            "y",
            "--gateway",
            "http://127.0.0.1:1",
        ],
        &["--lang", "de", "openapi"],
    ];
    for arguments in wrong {
        let output = motlan(arguments);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?}: {}",
            text(&output.stdout)
        );
        let told = text(&output.stderr);
        assert!(told.contains("--help"), "{arguments:?}: {told}");
    }
}

#[test]
fn what_cannot_be_done_is_told_with_exit_code_1_and_a_reason() {
    let home = tempfile::tempdir().unwrap();
    let nowhere = home.path().join("nowhere").display().to_string();
    let no_config = home.path().join("none.toml").display().to_string();
    let empty = home.path().display().to_string();
    let cases: [(&[&str], &str); 9] = [
        (
            &[
                "query",
                "--data-dir",
                &nowhere,
                "--purpose",
                "x",
                "--select",
                "y",
                "--persona",
                "lan",
            ],
            "motlan demo",
        ),
        (&["token", "--data-dir", &nowhere], "motlan demo"),
        (&["serve", "--config", &no_config], "none.toml"),
        (
            &["log", "verify", &nowhere],
            "there is no file or directory",
        ),
        (&["log", "verify", &empty], "holds no access log"),
        (
            &["log", "verify", "http://127.0.0.1:1"],
            "cannot read the log at http://127.0.0.1:1",
        ),
        (
            &["log", "verify", &empty, "--witnesses", &nowhere],
            "cannot read the witness policy",
        ),
        (&["log", "verify", &nowhere, "--key", "no-key"], "--key"),
        (
            &[
                "witness",
                "--listen",
                "192.0.2.1:8444",
                "--directory",
                &nowhere,
                "--log",
                "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            ],
            "--tls-certificate",
        ),
    ];
    for (arguments, reason) in cases {
        let output = motlan(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(
            text(&output.stderr).contains(reason),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
    }
}

#[test]
fn a_configuration_is_never_replaced() {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().display().to_string();
    let init = || motlan(&["init", "--origin", "motlan.example/log", &directory]);
    assert_eq!(init().status.code(), Some(0), "the directory is new");
    let before = fs::read(home.path().join("motlan.toml")).unwrap();
    let again = init();
    assert_eq!(again.status.code(), Some(1));
    assert!(
        text(&again.stderr).contains("nothing was changed"),
        "{}",
        text(&again.stderr)
    );
    assert_eq!(fs::read(home.path().join("motlan.toml")).unwrap(), before);
}
