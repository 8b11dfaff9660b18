//! `motlan policy load`: puts a draft into force, without a restart, if nothing is wrong with it.

use super::{Directory, check::Check, store};
use crate::{
    cli::place::{Adapters, Place},
    policy_store::{Cause, Version},
};
use clap::Args;
use motlan_schemas::language::Language;
use std::{path::PathBuf, process::ExitCode};

#[derive(Debug, Args)]
pub(in crate::cli) struct Load {
    /// The draft: a directory with purposes/, agencies/ and bundle/.
    draft: PathBuf,
    #[command(flatten)]
    place: Place,
}

impl Load {
    pub(super) fn run(&self, language: Language) -> anyhow::Result<ExitCode> {
        let store = store::of(&self.place)?;
        let check = Check::of(Directory {
            directory: Some(self.draft.clone()),
            adapters: Adapters::default(),
        });
        let catalogue = self.place.installation()?.catalogue()?;
        let findings = check.findings(&catalogue);
        check.tell(&findings, language);
        if !findings.mistakes.is_empty() {
            return Ok(ExitCode::FAILURE);
        }
        let changing = store.change()?;
        let digest = changing.add(&self.draft, &catalogue)?;
        let version = Version::Stored(digest);
        store::put_in_force(&store, &changing, version, Cause::Change, language)
    }
}
