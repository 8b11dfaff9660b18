//! `motlan policy check`: every mistake at once, and what a person should look at.

use super::{Directory, exit};
use crate::{
    cli::style::{BAD, GOOD, TITLE, WARNING, paint},
    i18n::texts,
};
use anstream::println;
use clap::Args;
use motlan_policies::load::{self, Findings, LoadError, Warning};
use motlan_schemas::{catalogue::Catalogue, language::Language};
use serde_json::{Value, json};
use std::{process::ExitCode, sync::Arc};

#[derive(Debug, Args)]
pub(in crate::cli) struct Check {
    #[command(flatten)]
    directory: Directory,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) fn run(self, language: Language) -> anyhow::Result<ExitCode> {
        let findings = self.findings(&self.directory.adapters.catalogue()?);
        if self.json {
            println!("{}", serde_json::to_string_pretty(&as_json(&findings))?);
        } else {
            self.tell(&findings, language);
        }
        Ok(exit(findings.mistakes.is_empty()))
    }

    /// A check of a directory, for another command.
    pub(super) const fn of(directory: Directory) -> Self {
        Self {
            directory,
            json: false,
        }
    }

    pub(super) fn findings(&self, catalogue: &Arc<Catalogue>) -> Findings {
        match self.directory.files() {
            Ok(files) => load::check(&files, catalogue),
            // A directory that cannot be read is one mistake, and nothing else can be seen.
            Err(error) => Findings {
                mistakes: vec![error],
                warnings: Vec::new(),
                purposes: 0,
                agencies: 0,
                files: 0,
            },
        }
    }

    pub(super) fn tell(&self, findings: &Findings, language: Language) {
        for mistake in &findings.mistakes {
            let place = self.directory.place(&mistake.file(), mistake.line());
            println!("{} {}", paint(BAD, "✗"), paint(TITLE, &place));
            println!("    {}", mistake.what());
        }
        for warning in &findings.warnings {
            let place = self.directory.place(&warning.file, warning.line);
            println!("{} {}", paint(WARNING, "!"), paint(TITLE, &place));
            println!("    {}", warning.what);
        }
        let (key, mark) = if findings.mistakes.is_empty() {
            ("policy-check-good", paint(GOOD, "✓"))
        } else {
            ("policy-check-bad", paint(BAD, "✗"))
        };
        println!("{mark} {}", sentence(findings, key, language));
    }
}

fn sentence(findings: &Findings, key: &str, language: Language) -> String {
    let counts = [
        ("mistakes", findings.mistakes.len()),
        ("warnings", findings.warnings.len()),
        ("files", findings.files),
        ("purposes", findings.purposes),
        ("agencies", findings.agencies),
    ];
    let counts = counts.map(|(name, count)| (name, count.to_string()));
    let arguments: Vec<_> = counts.iter().map(|(name, n)| (*name, n.as_str())).collect();
    texts().get(language, key, &arguments)
}

fn as_json(findings: &Findings) -> Value {
    let mistake = |error: &LoadError| json!({"file": error.file(), "line": error.line(), "what": error.what()});
    let warning = |warning: &Warning| json!({"file": warning.file, "line": warning.line, "what": warning.what});
    json!({
        "valid": findings.mistakes.is_empty(),
        "mistakes": findings.mistakes.iter().map(mistake).collect::<Vec<_>>(),
        "warnings": findings.warnings.iter().map(warning).collect::<Vec<_>>(),
        "files": findings.files,
        "purposes": findings.purposes,
        "agencies": findings.agencies,
    })
}
