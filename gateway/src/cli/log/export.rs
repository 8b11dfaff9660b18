//! `motlan log export`: entries with their proofs into a file, as a running gateway streams them.

use super::asked::Asked;
use crate::cli::style::{GOOD, QUIET, paint};
use anstream::eprintln;
use anyhow::{Context, ensure};
use clap::Args;
use motlan_schemas::language::Language;
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::ExitCode,
};

#[derive(Debug, Args)]
pub(in crate::cli) struct Export {
    #[command(flatten)]
    asked: Asked,
    /// The file; `-` is standard output.
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// A table (CSV) in place of lines (NDJSON), which alone can be verified.
    #[arg(long)]
    csv: bool,
}

impl Export {
    pub(super) async fn run(self, language: Language) -> anyhow::Result<ExitCode> {
        let accept = if self.csv {
            "text/csv"
        } else {
            "application/x-ndjson"
        };
        let mut response = self.asked.send(None, accept, language).await?;
        let to_stdout = self.output == Path::new("-");
        // What breaks off does not look like an export.
        let unfinished = self.output.with_added_extension("part");
        let mut output: Box<dyn Write> = if to_stdout {
            Box::new(io::stdout())
        } else {
            ensure!(
                !self.output.exists(),
                "`{}` exists already",
                self.output.display()
            );
            // What it says about people is for its owner only.
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true).mode(0o600);
            let file = options.open(&unfinished);
            let file = file.with_context(|| format!("cannot write `{}`", unfinished.display()))?;
            Box::new(file)
        };
        let mut lines = 0_u64;
        while let Some(chunk) = response.chunk().await.context("the export broke off")? {
            lines += chunk.iter().filter(|byte| **byte == b'\n').count() as u64;
            output
                .write_all(&chunk)
                .context("cannot write the export")?;
        }
        output.flush().context("cannot write the export")?;
        if to_stdout {
            return Ok(ExitCode::SUCCESS);
        }
        fs::rename(&unfinished, &self.output)
            .with_context(|| format!("cannot write `{}`", self.output.display()))?;
        let file = self.output.display();
        eprintln!("{} {lines} lines in `{file}`", paint(GOOD, "✓"));
        if !self.csv {
            let hint = format!("check it with `motlan log verify {file} --key …`");
            eprintln!("  {}", paint(QUIET, &hint));
        }
        Ok(ExitCode::SUCCESS)
    }
}
