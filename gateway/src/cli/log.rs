//! `motlan log …`: checking an access log from outside, and looking after the one that is here.

mod epochs;
mod keys;
mod reindex;
mod verify;

use clap::Subcommand;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(super) enum Log {
    /// Check every entry, every hash and the signature of a log.
    Verify(verify::Verify),
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
}

impl Log {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Verify(verify) => verify.run(),
            Self::Reindex(reindex) => reindex.run(),
            Self::RotateKey(rotate) => rotate.run(),
            Self::RetireKey(retire) => retire.run(),
            Self::BeginEpoch(begin) => begin.run(),
            Self::DestroyEpoch(destroy) => destroy.run(),
        }
    }
}
