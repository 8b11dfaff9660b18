//! Chores of the project, run with `cargo xtask <chore>`; nothing else need be installed for them.

mod bench;
mod openapi;
mod shell;
mod test;

use clap::{Parser, Subcommand};

/// Chores of the project.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Everything that must pass before a change lands: format, lints, tests, doc tests.
    Test,
    /// The budgets of the design, as ratios measured in one run.
    Bench(bench::Bench),
    /// Write the API's OpenAPI document to `docs/openapi.json`.
    Openapi,
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().chore {
        Chore::Test => test::run(),
        Chore::Bench(bench) => bench.run(),
        Chore::Openapi => openapi::run(),
    }
}
