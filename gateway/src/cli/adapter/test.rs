//! `motlan adapter test`: the conformance kit against a folder's recorded exchanges, or against a
//! registry of the built-in sandbox.

use super::{Directory, exit, told, workbench};
use crate::cli::style::{BAD, GOOD, WARNING, paint};
use anstream::println;
use anyhow::{Context, anyhow, ensure};
use clap::Args;
use motlan_adapter_sdk::{
    conformance::{Report, Source, run},
    tier::{FILE_NAME, digest},
};
use motlan_declarative::{Folder, Mistake, Protocol, candidate, fixtures};
use motlan_sandbox::{REGISTRIES, Sandbox, SandboxOptions};
use motlan_schemas::clock::{Clock, SystemClock};
use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Test {
    #[command(flatten)]
    directory: Directory,
    /// Examine it against a registry of the built-in sandbox, not against its recorded exchanges.
    #[arg(long, value_name = "REGISTRY")]
    sandbox: Option<String>,
    /// Write the result as JUnit XML, for continuous integration.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write the result into the folder: the catalogue shows the tier while the folder stays as it is.
    #[arg(long)]
    write: bool,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

impl Test {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let Some(folder) = self.directory.folder() else {
            return Ok(exit(false));
        };
        ensure!(
            folder.protocol() != Protocol::Sql,
            "a database cannot be recorded, and the sandbox has none. See whether the folder is right \
             with `motlan adapter check`, against a test database"
        );
        // The sandbox lives as long as it is asked.
        let (source, _sandbox) = match &self.sandbox {
            Some(registry) => {
                let (source, sandbox) = in_sandbox(registry).await?;
                (source, Some(sandbox))
            }
            None => match told(fixtures(self.directory.path())) {
                Some(source) => (source, None),
                None => return Ok(exit(false)),
            },
        };
        let report = examined(self.directory.path(), &folder, source).await?;
        let Some(report) = told(report) else {
            return Ok(exit(false));
        };
        self.write_down(&report)?;
        if self.json {
            println!("{}", report.json());
        } else {
            tell(&report);
        }
        Ok(exit(report.failed().is_empty()))
    }

    fn write_down(&self, report: &Report) -> anyhow::Result<()> {
        let write = |file: &Path, text: String| {
            fs::write(file, text).with_context(|| format!("cannot write `{}`", file.display()))
        };
        if let Some(file) = &self.junit {
            write(file, report.junit())?;
        }
        if self.write {
            let directory = self.directory.path();
            let committed = report.committed(Some(digest(directory)?));
            write(&directory.join(FILE_NAME), committed.to_toml()?)?;
        }
        Ok(())
    }
}

/// Puts a folder through the kit; a mistake in one of the files for the kit is told apart.
pub(super) async fn examined(
    directory: &Path,
    folder: &Folder,
    source: Source,
) -> anyhow::Result<Result<Report, Mistake>> {
    let (contract, permits) = workbench::of(folder)?;
    let mut candidate = match candidate(directory, folder, source, permits, &contract) {
        Ok(candidate) => candidate,
        Err(mistake) => return Ok(Err(mistake)),
    };
    candidate.now = SystemClock.now();
    Ok(Ok(run(&candidate).await?))
}

async fn in_sandbox(id: &str) -> anyhow::Result<(Source, Sandbox)> {
    let sandbox = Sandbox::start(SandboxOptions::default()).await?;
    let registry = sandbox
        .registry(id)
        .ok_or_else(|| anyhow!("the sandbox has {}, and no `{id}`", REGISTRIES.join(", ")))?;
    Ok((Source::Sandbox(registry.url.parse()?), sandbox))
}

/// The kit's table, with what needs a person's eye in colour.
fn tell(report: &Report) {
    let table = report.table();
    for line in table.trim_end().lines() {
        match line.split_once(' ') {
            Some(("FAIL", _)) => println!("{}", paint(BAD, line)),
            Some(("open", _)) => println!("{}", paint(WARNING, line)),
            _ => println!("{line}"),
        }
    }
    if report.failed().is_empty() {
        println!("{} no check failed", paint(GOOD, "✓"));
    } else {
        println!("{} {}", paint(BAD, "✗"), report.failed().join(", "));
    }
}
