//! `motlan policy`: what lawyers and data protection officers do with purposes, agencies and rules.

mod check;
mod explain;
mod load;
mod rollback;
mod simulate;
mod store;
mod table;
mod test;
mod versions;

use super::place::Adapters;
use clap::{Args, Subcommand};
use motlan_policies::{
    decide::Policies,
    load::{LoadError, PolicyFiles},
};
use motlan_schemas::language::Language;
use std::{path::PathBuf, process::ExitCode};

#[derive(Debug, Subcommand)]
pub(super) enum Policy {
    /// Tell every mistake in purposes, agencies and rules, with file, line and suggestion.
    Check(check::Check),
    /// Run the cases that say what the rules must allow and deny.
    Test(test::Test),
    /// Print the tables by which reviewers see what a change widens.
    Table(table::TableCommand),
    /// Decide one question offline, and say for each attribute which rule decided, and why.
    Explain(explain::Explain),
    /// Decide the questions of the past by a draft: who would lose or gain what.
    Simulate(simulate::Simulate),
    /// Put a draft into force while the gateway runs, if nothing is wrong with it.
    Load(load::Load),
    /// Go back to the policies that were in force before, or to a version.
    Rollback(rollback::Rollback),
    /// List the versions of the policy store, and which one is current.
    Versions(versions::Versions),
}

/// Which policies are meant.
#[derive(Debug, Args)]
struct Directory {
    /// A directory with purposes/, agencies/ and bundle/. Without it: the national policies that
    /// are part of this program.
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
    #[command(flatten)]
    adapters: Adapters,
}

impl Policy {
    pub(super) fn run(self, language: Language) -> anyhow::Result<ExitCode> {
        match self {
            Self::Check(check) => check.run(language),
            Self::Test(test) => test.run(language),
            Self::Table(table) => table.run(language),
            Self::Explain(explain) => explain.run(language),
            Self::Simulate(simulate) => simulate.run(language),
            Self::Load(load) => load.run(language),
            Self::Rollback(rollback) => rollback.run(language),
            Self::Versions(versions) => versions.run(language),
        }
    }
}

impl Directory {
    fn files(&self) -> Result<PolicyFiles, LoadError> {
        match &self.directory {
            Some(directory) => PolicyFiles::read(directory),
            None => Ok(PolicyFiles::embedded()),
        }
    }

    fn policies(&self) -> anyhow::Result<Policies> {
        let catalogue = self.adapters.catalogue()?;
        Ok(Policies::from_files(&self.files()?, &catalogue)?)
    }

    /// A file as it can be opened from here.
    fn path(&self, file: &str) -> String {
        match &self.directory {
            Some(directory) => directory.join(file).display().to_string(),
            None => file.to_owned(),
        }
    }

    /// A place as editors and terminals understand it.
    fn place(&self, file: &str, line: Option<usize>) -> String {
        let path = self.path(file);
        line.map_or_else(|| path.clone(), |line| format!("{path}:{line}"))
    }
}

const fn exit(good: bool) -> ExitCode {
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
