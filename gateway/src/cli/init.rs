//! `motlan init`: keys and a commented configuration, to begin a real installation with.

use super::style::{ACCENT, GOOD, paint};
use crate::{
    keys::{SubjectKeys, private_directory, write_new},
    random::{self, SystemRandomness},
};
use anstream::println;
use anyhow::{Context, ensure};
use clap::Args;
use motlan_access_log::keys::LogKeys;
use std::{path::PathBuf, process::ExitCode};

#[derive(Debug, Args)]
pub(super) struct Init {
    /// The directory to make; it must not hold a configuration yet.
    #[arg(default_value = ".")]
    directory: PathBuf,
    /// The access log's name, a URL without scheme. It can never change.
    #[arg(long)]
    origin: String,
}

/// The configuration with its comments; `ORIGIN` is filled in.
const TEMPLATE: &str = include_str!("init/motlan.toml");

impl Init {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let file = self.directory.join("motlan.toml");
        ensure!(
            !file.exists(),
            "`{}` exists already; nothing was changed",
            file.display()
        );
        let keys = self.directory.join("keys");
        private_directory(&keys).with_context(|| format!("cannot make `{}`", keys.display()))?;
        let random = SystemRandomness::default();
        let secrets = SystemRandomness::default();
        let new_secret = move || random::bytes(&secrets);
        let log_keys = LogKeys::open_or_create(&keys, &self.origin, new_secret)?;
        SubjectKeys::open_or_create(&keys, &random)
            .context("cannot make the key of the consents")?;
        let text = TEMPLATE.replace("ORIGIN", &self.origin);
        write_new(&file, text.as_bytes())
            .with_context(|| format!("cannot write `{}`", file.display()))?;
        println!("{} {}", paint(GOOD, "✓"), file.display());
        println!(
            "{} {} (mode 0700; keep a copy apart from the log)",
            paint(GOOD, "✓"),
            keys.display()
        );
        println!("  publish this key, so that outsiders can verify the access log:");
        println!(
            "  {}",
            paint(ACCENT, &log_keys.signer.verifier().to_string())
        );
        println!("  then fill in `auth` and `registries`, and run:");
        println!(
            "  {}",
            paint(ACCENT, &format!("motlan serve --config {}", file.display()))
        );
        Ok(ExitCode::SUCCESS)
    }
}
