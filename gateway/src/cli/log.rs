//! `motlan log …`: checking an access log from outside, and looking after the one that is here.

mod alerts;
mod asked;
mod epochs;
mod erase;
mod export;
mod keys;
mod prune;
mod reindex;
mod search;
mod verify;

use clap::Subcommand;
use motlan_schemas::language::Language;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(super) enum Log {
    /// Check every entry, every hash and the signature of a log.
    Verify(verify::Verify),
    /// Search the log of a running gateway: who saw what, and why.
    Search(Box<search::Search>),
    /// Take entries out of the log of a running gateway, each with its proof.
    Export(Box<export::Export>),
    /// Make the index anew from the log, while the gateway does not run.
    Reindex(reindex::Reindex),
    /// Put a new key that signs the log beside the one before, while the gateway does not run.
    RotateKey(keys::RotateKey),
    /// Destroy the oldest key beside a newer one, while the gateway does not run.
    RetireKey(keys::RetireKey),
    /// Give people new names in the log, while the gateway does not run.
    BeginEpoch(epochs::BeginEpoch),
    /// Destroy the key of an old epoch's names, while the gateway does not run.
    DestroyEpoch(epochs::DestroyEpoch),
    /// Show what a data protection officer should look at.
    Alerts(alerts::Alerts),
    /// Have people forgotten by a running gateway: what the log says about them becomes unreadable.
    Erase(erase::Erase),
    /// Remove what the retention policy keeps no longer, while the gateway does not run.
    Prune(prune::Prune),
}

impl Log {
    pub(super) fn run(self, language: Language) -> anyhow::Result<ExitCode> {
        match self {
            Self::Search(search) => client()?.block_on(search.run(language)),
            Self::Export(export) => client()?.block_on(export.run(language)),
            Self::Verify(verify) => verify.run(),
            Self::Reindex(reindex) => reindex.run(),
            Self::RotateKey(rotate) => rotate.run(),
            Self::RetireKey(retire) => retire.run(),
            Self::BeginEpoch(begin) => begin.run(),
            Self::DestroyEpoch(destroy) => destroy.run(),
            Self::Alerts(alerts) => super::in_runtime(alerts.run(language)),
            Self::Erase(erase) => super::in_runtime(erase.run(language)),
            Self::Prune(prune) => prune.run(),
        }
    }
}

/// What calls a gateway.
fn client() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}
