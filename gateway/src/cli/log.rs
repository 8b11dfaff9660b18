//! `motlan log verify`: checks an access log from its files alone. `motlan log reindex` makes what is
//! made of it anew.

mod reindex;

use super::style::{BAD, GOOD, QUIET, paint};
use anstream::{eprintln, println};
use anyhow::Context;
use clap::{Args, Subcommand};
use motlan_access_log::{
    note::Verifier,
    verify::{Report, verify_dir},
};
use std::{
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    process::ExitCode,
};

#[derive(Debug, Subcommand)]
pub(super) enum Log {
    /// Check every entry, every hash and the signature of a log.
    Verify(Verify),
    /// Make the index anew from the log, while the gateway does not run.
    Reindex(reindex::Reindex),
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The log's directory, or a demo's data directory.
    directory: PathBuf,
    /// The log's published key. Without it the key beside the log is used: then the log is shown
    /// to be consistent, not to be the right one.
    #[arg(long)]
    key: Option<String>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

impl Log {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Verify(verify) => verify.run(),
            Self::Reindex(reindex) => reindex.run(),
        }
    }
}

impl Verify {
    fn run(self) -> anyhow::Result<ExitCode> {
        let directory = log_directory(&self.directory);
        let key = self.key.as_deref().map(str::parse::<Verifier>).transpose();
        let key = key.context("`--key` is no verifier key (name+hash+base64)")?;
        let shows_progress = io::stderr().is_terminal() && !self.json;
        let mut progress = |done, total| {
            if shows_progress && (done == total || done % 65_536 == 0) {
                eprint!("\r{done} of {total} entries");
            }
        };
        let result = verify_dir(&directory, key.as_ref(), &mut progress);
        if shows_progress {
            eprint!("\r\u{1b}[K");
        }
        if self.json {
            let (valid, detail) = match &result {
                Ok(report) => (true, report.to_string()),
                Err(error) => (false, chain(error)),
            };
            println!(
                "{}",
                serde_json::json!({ "valid": valid, "detail": detail })
            );
        } else {
            tell(&result, &directory, self.key.is_some());
        }
        Ok(if result.is_ok() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

fn tell<E: std::error::Error>(result: &Result<Report, E>, directory: &Path, key_given: bool) {
    match result {
        Ok(report) => {
            println!("{} {report}", paint(GOOD, "✓"));
            if !key_given {
                let hint =
                    "checked with the key beside the log; give --key to be sure whose log it is";
                println!("  {}", paint(QUIET, hint));
            }
        }
        Err(error) => {
            eprintln!(
                "{} the log in `{}` does not hold",
                paint(BAD, "✗"),
                directory.display()
            );
            eprintln!("  {}", chain(error));
        }
    }
}

/// A demo keeps its log below its data directory.
fn log_directory(directory: &Path) -> PathBuf {
    let below = directory.join("log");
    if below.join("checkpoint").exists() {
        below
    } else {
        directory.to_owned()
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
