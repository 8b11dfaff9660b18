//! `motlan log rotate-key` and `motlan log retire-key`: change the key that signs the log.
//!
//! Between the two commands both keys sign, so that whoever knows either can verify. The gateway is
//! stopped for each of them, for a moment: a log has one writer. What the log says of its keys is
//! durable before the files change, so a crash in between leaves at most an entry too many.

use super::reindex::open_log;
use crate::{
    cli::{
        place::Place,
        style::{ACCENT, GOOD, paint},
    },
    random::{self, SystemRandomness},
};
use anstream::println;
use anyhow::{Context, bail};
use clap::Args;
use motlan_access_log::{
    entry::{
        Entry, Record,
        keys::{KeyChange, KeyChangeKind},
        record::Bytes32,
    },
    keys::{add_signing_key, remove_signing_key},
    log::{AccessLog, TileLog},
    note::{Signer, Verifier},
};
use motlan_schemas::clock::{Clock, SystemClock, wire_time};
use std::process::ExitCode;
use zeroize::Zeroizing;

#[derive(Debug, Args)]
pub(in crate::cli) struct RotateKey {
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RetireKey {
    #[command(flatten)]
    place: Place,
}

impl RotateKey {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let installation = self.place.installation()?;
        let config = &installation.access_log;
        let log = open_log(&installation)?;
        let seed = Zeroizing::new(random::bytes(&SystemRandomness::default()));
        let new = Signer::from_seed(&config.origin, &seed)?.verifier().clone();
        let before = log.verifiers().keys();
        let in_force: Vec<&Verifier> = [&new].into_iter().chain(before).collect();
        write(&log, change(KeyChangeKind::Added, &new, &in_force))?;
        add_signing_key(&config.keys_directory, &config.origin, &seed)?;
        // Opening it has everything that was signed before signed by the new key too.
        close(&open_log(&installation)?)?;
        println!(
            "{} a new key signs the log, beside the one before:",
            paint(GOOD, "✓")
        );
        println!("  {}", paint(ACCENT, &new.to_string()));
        println!("  publish it, give it to the witnesses, and start the gateway again;");
        println!("  once everybody has it: motlan log retire-key");
        Ok(ExitCode::SUCCESS)
    }
}

impl RetireKey {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let installation = self.place.installation()?;
        let config = &installation.access_log;
        let log = open_log(&installation)?;
        let in_force = log.verifiers().clone();
        let [kept @ .., oldest] = in_force.keys() else {
            bail!("no key signs the log");
        };
        if kept.is_empty() {
            close(&log)?;
            bail!("one key alone signs the log; `motlan log rotate-key` puts a new one beside it");
        }
        let kept: Vec<&Verifier> = kept.iter().collect();
        write(&log, change(KeyChangeKind::Retired, oldest, &kept))?;
        remove_signing_key(&config.keys_directory, &config.origin, oldest)?;
        close(&open_log(&installation)?)?;
        println!(
            "{} this key signs nothing any more, and is destroyed:",
            paint(GOOD, "✓")
        );
        println!("  {}", paint(ACCENT, &oldest.to_string()));
        println!("  take it out of what you published, and from the witnesses");
        Ok(ExitCode::SUCCESS)
    }
}

fn change(change: KeyChangeKind, key: &Verifier, in_force: &[&Verifier]) -> Record {
    Record::KeyChange(KeyChange {
        change,
        in_force: in_force.iter().map(ToString::to_string).collect(),
        key: key.to_string(),
    })
}

/// Appends the entry and closes the log.
pub(super) fn write(log: &TileLog, record: Record) -> anyhow::Result<()> {
    let entry = Entry {
        time: wire_time(SystemClock.now()),
        nonce: Bytes32(random::bytes(&SystemRandomness::default())),
        record,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime
        .block_on(log.append_reserved(vec![entry.encode()?]))
        .context("the change cannot be written to the access log")?;
    close(log)
}

fn close(log: &TileLog) -> anyhow::Result<()> {
    log.shutdown()
        .context("the access log could not be closed in order")
}
