//! `motlan officers import`: which officers there are, as keyed hashes, so that the gateway can tell
//! when one asks about themselves or theirs.

use super::{
    place::Place,
    style::{BAD, GOOD, QUIET, paint},
};
use crate::{
    keys::private_directory,
    officers::{Officers, import::Mistakes},
    random::SystemRandomness,
};
use anstream::{eprintln, println};
use anyhow::{Context, ensure};
use clap::{Args, Subcommand};
use std::{path::PathBuf, process::ExitCode};

#[derive(Debug, Subcommand)]
pub(super) enum OfficersCommand {
    /// Put a list of officers in the place of the one before.
    Import(Import),
}

#[derive(Debug, Args)]
pub(super) struct Import {
    /// CSV in UTF-8 with the columns agency, officer, personal_number, full_name and
    /// household_numbers (divided by blanks). Destroy it afterwards.
    list: PathBuf,
    #[command(flatten)]
    place: Place,
}

/// A list is not a register of the population.
const LIST_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// More mistakes than these have one cause.
const MISTAKES_SHOWN_MAX: usize = 20;

impl OfficersCommand {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Import(import) => import.run(),
        }
    }
}

impl Import {
    fn run(self) -> anyhow::Result<ExitCode> {
        let place = self.place.installation()?;
        let keys = &place.access_log.keys_directory;
        private_directory(keys).with_context(|| format!("cannot make `{}`", keys.display()))?;
        // Whatever there is now goes: a directory that cannot be read is imported anew.
        let officers = Officers::to_import(&place.officers, keys, &SystemRandomness::default());
        let officers = officers.context("the key of the officers' directory cannot be used")?;
        let read = || format!("cannot read `{}`", self.list.display());
        let bytes = std::fs::metadata(&self.list).with_context(read)?.len();
        ensure!(
            bytes <= LIST_BYTES_MAX,
            "`{}` is longer than {LIST_BYTES_MAX} bytes",
            self.list.display()
        );
        let list = std::fs::read(&self.list).with_context(read)?;
        let imported = match officers.import(&list) {
            Ok(imported) => imported,
            Err(mistakes) => {
                tell(&mistakes);
                return Ok(ExitCode::FAILURE);
            }
        };
        let file = &place.officers.file;
        let written = imported.write(file);
        written.with_context(|| format!("cannot write `{}`", file.display()))?;
        println!(
            "{} {} officers in `{}`, as keyed hashes; a running gateway reads it within seconds",
            paint(GOOD, "✓"),
            imported.len(),
            file.display()
        );
        let hint = format!("destroy `{}` now: it names people", self.list.display());
        println!("  {}", paint(QUIET, &hint));
        Ok(ExitCode::SUCCESS)
    }
}

fn tell(mistakes: &Mistakes) {
    eprintln!("{} {mistakes}", paint(BAD, "✗"));
    for mistake in mistakes.0.iter().take(MISTAKES_SHOWN_MAX) {
        eprintln!("  {mistake}");
    }
    let more = mistakes.0.len().saturating_sub(MISTAKES_SHOWN_MAX);
    if more > 0 {
        eprintln!("  … and {more} more");
    }
}
