//! `motlan log begin-epoch` and `motlan log destroy-epoch`: change the key that names people.
//!
//! The gateway is stopped for each of them, for a moment, as for the keys that sign.

use super::{keys::write, reindex::open_log};
use crate::{
    cli::{
        place::Place,
        style::{GOOD, paint},
    },
    random::{self, SystemRandomness},
};
use anstream::println;
use anyhow::ensure;
use clap::Args;
use motlan_access_log::{
    entry::{
        Record,
        keys::{EpochChange, EpochChangeKind},
    },
    keys::{begin_epoch, destroy_epoch, epochs},
    pseudonym::Epoch,
};
use std::process::ExitCode;
use zeroize::Zeroizing;

#[derive(Debug, Args)]
pub(in crate::cli) struct BeginEpoch {
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct DestroyEpoch {
    /// The epoch whose key is destroyed; entries name it beside each pseudonym.
    epoch: Epoch,
    #[command(flatten)]
    place: Place,
}

impl BeginEpoch {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let installation = self.place.installation()?;
        let keys = &installation.access_log.keys_directory;
        let log = open_log(&installation)?;
        let next = epochs(keys)?
            .last()
            .map_or(1, |newest| newest.saturating_add(1));
        write(&log, record(EpochChangeKind::Begun, next))?;
        let secret = Zeroizing::new(random::bytes(&SystemRandomness::default()));
        let epoch = begin_epoch(keys, &secret)?;
        println!(
            "{} epoch {epoch} begins: people have new names in the log from the next start on",
            paint(GOOD, "✓")
        );
        println!("  the key of the epoch before still finds its entries, until:");
        println!("  motlan log destroy-epoch {}", epoch.saturating_sub(1));
        Ok(ExitCode::SUCCESS)
    }
}

impl DestroyEpoch {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let installation = self.place.installation()?;
        let keys = &installation.access_log.keys_directory;
        let known = epochs(keys)?;
        ensure!(
            known.contains(&self.epoch) && known.last() != Some(&self.epoch),
            "epoch {} has no key, or is the one that names people now; those that can be \
             destroyed: {:?}",
            self.epoch,
            known.split_last().map_or(&[][..], |(_, past)| past)
        );
        let log = open_log(&installation)?;
        write(&log, record(EpochChangeKind::Destroyed, self.epoch))?;
        destroy_epoch(keys, self.epoch)?;
        println!(
            "{} the key of epoch {} is destroyed: nobody can tell any more whom its entries are about",
            paint(GOOD, "✓"),
            self.epoch
        );
        Ok(ExitCode::SUCCESS)
    }
}

fn record(change: EpochChangeKind, epoch: Epoch) -> Record {
    Record::EpochChange(EpochChange { change, epoch })
}
