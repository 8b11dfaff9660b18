//! The command line: what an operator, an integrator or an auditor types.

mod adapter;
mod demo;
mod init;
mod log;
mod officers;
mod openapi;
mod place;
mod policy;
mod query;
mod render;
mod report;
mod serve;
mod style;
mod token;
mod witness;

use clap::{Parser, Subcommand, ValueEnum};
use motlan_schemas::language::Language;
use std::process::ExitCode;

/// What `motlan --help` begins with.
const ABOUT: &str = "Motlan answers an agency's one question about a citizen out of the registers: lawfully, and logged";

#[derive(Debug, Parser)]
#[command(name = "motlan", version, max_term_width = 100, about = ABOUT)]
struct Arguments {
    /// The language of what people read.
    #[arg(long, global = true, env = "MOTLAN_LANG", default_value = "en")]
    lang: CliLanguage,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum CliLanguage {
    Vi,
    En,
    Fr,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start seven sandbox registries, a gateway and an issuer, ask one question, and keep serving.
    Demo(demo::Demo),
    /// Run the gateway with a configuration.
    Serve(serve::Serve),
    /// Make keys and a commented configuration in a new directory.
    Init(init::Init),
    /// Ask a gateway one question and show the answer.
    Query(query::Query),
    /// Mint a token of the demo's issuer.
    Token(token::Token),
    /// Look after an access log.
    #[command(subcommand)]
    Log(Box<log::Log>),
    /// Watch access logs from elsewhere and cosign their checkpoints.
    Witness(witness::Witness),
    /// Say which officers there are, to notice those who ask about themselves.
    #[command(subcommand)]
    Officers(officers::OfficersCommand),
    /// Answer the questions of data protection: about a person, a breach, the register, a registry.
    #[command(subcommand)]
    Report(Box<report::Report>),
    /// Check, test, tabulate and explain the policies.
    #[command(subcommand)]
    Policy(policy::Policy),
    /// Connect a registry by a folder: make it, check it, test it, describe it.
    #[command(subcommand)]
    Adapter(Box<adapter::AdapterCommand>),
    /// Print the OpenAPI document of the API.
    Openapi,
}

/// Runs the command of the process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let language = match arguments.lang {
        CliLanguage::Vi => Language::Vi,
        CliLanguage::En => Language::En,
        CliLanguage::Fr => Language::Fr,
    };
    let result = match arguments.command {
        Command::Demo(demo) => in_runtime(demo.run(language)),
        Command::Serve(serve) => in_runtime(serve.run()),
        Command::Init(init) => init.run(),
        Command::Query(query) => in_runtime(query.run(language)),
        Command::Token(token) => token.run(),
        Command::Log(log) => log.run(language),
        Command::Witness(witness) => in_runtime(witness.run()),
        Command::Officers(officers) => officers.run(),
        Command::Report(report) => in_runtime(report.run(language)),
        Command::Policy(policy) => policy.run(language),
        Command::Adapter(adapter) => in_runtime(adapter.run(language)),
        Command::Openapi => openapi::run(),
    };
    result.unwrap_or_else(|error| {
        style::complain(&error);
        ExitCode::FAILURE
    })
}

fn in_runtime(command: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(command)
}
