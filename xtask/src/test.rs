//! `cargo xtask test`: what must pass before a change lands.

use crate::shell::{self, cargo, output, step};

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

/// The test runner is a cargo subcommand of its own; a fresh machine has only cargo.
fn install_nextest() -> anyhow::Result<()> {
    if output(cargo().args(["nextest", "--version"])).is_ok() {
        return Ok(());
    }
    eprintln!("cargo-nextest is missing; installing it takes some minutes, once");
    shell::run(cargo().args(["install", "--locked", "cargo-nextest"]))
}
