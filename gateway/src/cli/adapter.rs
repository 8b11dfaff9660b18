//! `motlan adapter`: what whoever connects a registry does with a folder that describes it.

mod check;
mod docs;
mod mask;
mod new;
mod protocol;
mod record;
mod test;
mod try_out;
mod workbench;

use crate::cli::style::{BAD, paint};
use anstream::eprintln;
use clap::{Args, Subcommand};
use motlan_declarative::{Folder, Mistake, Mistakes};
use motlan_schemas::language::Language;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

#[derive(Debug, Subcommand)]
pub(super) enum AdapterCommand {
    /// Make a folder for a registry, complete with code tables, cases and recorded exchanges.
    New(new::New),
    /// Check a folder, and whether its source answers with its credentials; names nobody.
    Check(check::Check),
    /// Put a folder through the conformance kit, offline.
    Test(test::Test),
    /// Ask a test system one question, and show request, answer and what the mappings make of it.
    Try(try_out::Try),
    /// Record exchanges with a test system, with invented values in place of what it holds.
    Record(record::Record),
    /// Print a page about a folder: what it serves, and where each attribute comes from.
    Docs(docs::Docs),
}

/// Which folder is meant.
#[derive(Debug, Args)]
struct Directory {
    /// The folder: it holds `adapter.toml`.
    #[arg(value_name = "DIR", default_value = ".")]
    directory: PathBuf,
}

impl AdapterCommand {
    pub(super) async fn run(self, language: Language) -> anyhow::Result<ExitCode> {
        match self {
            Self::New(new) => new.run(),
            Self::Check(check) => check.run().await,
            Self::Test(test) => test.run().await,
            Self::Try(tried) => tried.run().await,
            Self::Record(record) => record.run().await,
            Self::Docs(docs) => docs.run(language),
        }
    }
}

impl Directory {
    fn path(&self) -> &Path {
        &self.directory
    }

    /// The folder, or nothing where it has mistakes, which are then told.
    fn folder(&self) -> Option<Folder> {
        told(Folder::read(&self.directory))
    }
}

/// What was read, or nothing where there are mistakes, which are then told.
fn told<T>(read: Result<T, impl IntoMistakes>) -> Option<T> {
    let mistakes = match read {
        Ok(read) => return Some(read),
        Err(mistakes) => mistakes.into_mistakes(),
    };
    let counted = match mistakes.0.len() {
        1 => "1 mistake".to_owned(),
        count => format!("{count} mistakes"),
    };
    eprintln!("{mistakes}");
    eprintln!("{} {counted}", paint(BAD, "✗"));
    None
}

/// One mistake or several.
trait IntoMistakes {
    fn into_mistakes(self) -> Mistakes;
}

impl IntoMistakes for Mistake {
    fn into_mistakes(self) -> Mistakes {
        Mistakes(vec![self])
    }
}

impl IntoMistakes for Vec<Mistake> {
    fn into_mistakes(self) -> Mistakes {
        Mistakes(self)
    }
}

const fn exit(good: bool) -> ExitCode {
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
