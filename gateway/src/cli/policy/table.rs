//! `motlan policy table`: the tables in which a reviewer sees what a change of policies widens.

use super::Directory;
use crate::i18n::texts;
use anstream::println;
use anyhow::Context;
use clap::{Args, ValueEnum};
use motlan_policies::tables;
use motlan_schemas::language::Language;
use std::{fs, path::Path, process::ExitCode};

#[derive(Debug, Args)]
pub(in crate::cli) struct TableCommand {
    #[command(flatten)]
    directory: Directory,
    /// Print this table alone, as it is in its file.
    #[arg(long, conflicts_with = "write")]
    only: Option<Which>,
    /// Write the tables to DIR/tables instead of printing them.
    #[arg(long, requires = "directory")]
    write: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    /// What each purpose rests on, and how carefully it reads (Markdown).
    Purposes,
    /// Which agency carries out which purpose (Markdown).
    Agencies,
    /// Which purpose covers which attribute (CSV).
    Attributes,
}

impl Which {
    const fn file(self) -> &'static str {
        match self {
            Self::Purposes => "purposes.md",
            Self::Agencies => "agencies.md",
            Self::Attributes => "attributes.csv",
        }
    }
}

impl TableCommand {
    pub(super) fn run(self, language: Language) -> anyhow::Result<ExitCode> {
        let tables = tables::all(&self.directory.policies()?);
        if let Some(directory) = self.directory.directory.as_deref().filter(|_| self.write) {
            return write(&directory.join("tables"), &tables, language);
        }
        for (name, table) in &tables {
            match self.only {
                None => println!("# {name}\n\n{table}"),
                Some(which) if which.file() == *name => anstream::print!("{table}"),
                Some(_) => {}
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn write(
    directory: &Path,
    tables: &[(&'static str, String)],
    language: Language,
) -> anyhow::Result<ExitCode> {
    fs::create_dir_all(directory)
        .with_context(|| format!("`{}` cannot be made", directory.display()))?;
    for (name, table) in tables {
        let path = directory.join(name);
        let changed = fs::read_to_string(&path).ok().as_ref() != Some(table);
        let key = if changed {
            "policy-table-changed"
        } else {
            "policy-table-same"
        };
        if changed {
            fs::write(&path, table)
                .with_context(|| format!("`{}` cannot be written", path.display()))?;
        }
        let path = path.display().to_string();
        println!("{}", texts().get(language, key, &[("file", &path)]));
    }
    Ok(ExitCode::SUCCESS)
}
