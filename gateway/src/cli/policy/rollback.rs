//! `motlan policy rollback`: goes back to a version that was in force.

use super::store;
use crate::{cli::place::Place, policy_store::Cause};
use clap::Args;
use motlan_schemas::language::Language;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(in crate::cli) struct Rollback {
    /// The version: as much of its name as tells it from others, or `base` for the policies of the
    /// configuration. Without it: what was in force before the current one.
    version: Option<String>,
    #[command(flatten)]
    place: Place,
}

impl Rollback {
    pub(super) fn run(&self, language: Language) -> anyhow::Result<ExitCode> {
        let store = store::of(&self.place)?;
        let changing = store.change()?;
        let version = match &self.version {
            Some(name) => store.find(name)?,
            None => store.earlier()?,
        };
        store::put_in_force(&store, &changing, version, Cause::Rollback, language)
    }
}
