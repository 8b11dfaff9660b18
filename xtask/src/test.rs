//! `cargo xtask test`: what must pass before a change lands.

use crate::shell::{self, cargo, exists, output, step};
use std::{path::Path, process::Command};

const STEPS: usize = 4;

pub(crate) fn run() -> anyhow::Result<()> {
    step(
        1,
        STEPS,
        "format",
        cargo().args(["fmt", "--all", "--check"]),
    )?;
    step(
        2,
        STEPS,
        "lints",
        cargo().args([
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ]),
    )?;
    install_nextest()?;
    install_go()?;
    install_postgresql()?;
    // The gateway has tests of its own command line, so its binary is built here too; the journeys
    // in integration-tests start it.
    step(
        3,
        STEPS,
        "tests",
        cargo().args([
            "nextest",
            "run",
            "--workspace",
            "--locked",
            "--no-fail-fast",
        ]),
    )?;
    step(
        4,
        STEPS,
        "doc tests",
        cargo().args(["test", "--doc", "--workspace", "--locked"]),
    )
}

/// Go and its packages of notes and logs, in which the access log has a verifier that shares nothing
/// with ours. Where they cannot be installed, the test that needs them says what to do.
fn install_go() -> anyhow::Result<()> {
    let packages = Path::new("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog");
    if packages.exists() && exists("go", "version") {
        return Ok(());
    }
    install(
        "for the independent verifier",
        &["golang-go", "golang-golang-x-mod-dev"],
    )
}

/// PostgreSQL, of which the tests of SQL sources start one of their own. Without it they are skipped
/// with a line that says so.
fn install_postgresql() -> anyhow::Result<()> {
    let is_there = Path::new("/usr/lib/postgresql").read_dir();
    if is_there.is_ok_and(|mut versions| versions.next().is_some()) {
        return Ok(());
    }
    install("for the tests of SQL sources", &["postgresql"])
}

/// Installs packages where this machine has apt and we may; goes on without where not.
fn install(reason: &str, packages: &[&str]) -> anyhow::Result<()> {
    if !exists("apt-get", "--version") {
        return Ok(());
    }
    let root = output(Command::new("id").arg("-u"))?.trim() == "0";
    let may = root || output(Command::new("sudo").args(["-n", "true"])).is_ok();
    if !may {
        return Ok(());
    }
    eprintln!("installing {}, {reason}", packages.join(" and "));
    let apt = |arguments: &[&str]| {
        let mut command = Command::new(if root { "env" } else { "sudo" });
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]);
        shell::run(command.args(arguments))
    };
    let install = [&["install", "-y", "--no-install-recommends"][..], packages].concat();
    if let Err(error) = apt(&["update"]).and_then(|()| apt(&install)) {
        eprintln!("{error:#}; going on without");
    }
    Ok(())
}

/// The test runner is a cargo subcommand of its own; a fresh machine has only cargo.
fn install_nextest() -> anyhow::Result<()> {
    if output(cargo().args(["nextest", "--version"])).is_ok() {
        return Ok(());
    }
    eprintln!("cargo-nextest is missing; installing it takes some minutes, once");
    shell::run(cargo().args(["install", "--locked", "cargo-nextest"]))
}
