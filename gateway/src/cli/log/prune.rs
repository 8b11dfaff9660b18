//! `motlan log prune`: removes what the retention policy keeps no longer, while the gateway does not
//! run. A running gateway does it by itself once a day.

use super::reindex::open_log;
use crate::{
    cli::{
        place::{Installation, Place},
        style::{GOOD, QUIET, paint},
    },
    consents::store::SledConsents,
    index::{self, Entries},
    random::SystemRandomness,
    retention::{Plan, Pruner},
    seals::Seals,
};
use anstream::println;
use anyhow::Context;
use clap::Args;
use jiff::Timestamp;
use motlan_access_log::log::AccessLog;
use motlan_policies::consent::ConsentStore;
use motlan_schemas::clock::{Clock, SystemClock};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(in crate::cli) struct Prune {
    #[command(flatten)]
    place: Place,
    /// Only say what would be removed.
    #[arg(long)]
    dry_run: bool,
}

impl Prune {
    pub(super) fn run(&self) -> anyhow::Result<ExitCode> {
        let place = self.place.installation()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(self.prune(&place, SystemClock.now()))
    }

    async fn prune(&self, place: &Installation, now: Timestamp) -> anyhow::Result<ExitCode> {
        let log = open_log(place)?;
        log.published(log.tree_size())
            .await
            .context("the last entries cannot be published")?;
        let pruner = Pruner {
            policy: place.retention,
            directory: place.access_log.directory.clone(),
            entries: Entries {
                tiles: log.tiles(),
                details: place.details()?,
            },
            now,
        };
        let plan = pruner.plan()?;
        println!("{}", paint(QUIET, &place.retention.text()));
        if self.dry_run {
            tell(&plan);
        } else {
            let pruned = pruner.run(&log, &SystemRandomness::default()).await?;
            if !pruned.is_nothing() {
                // What it says of what is gone goes too; the next start makes it anew.
                index::drop_files(&place.index.directory)?;
                Seals::forget(&place.consents.directory)?;
                let catalogue = place.catalogue()?;
                let consents = SledConsents::open(&place.consents.directory, catalogue)?;
                consents.forget_older(pruned.details_first, now).await?;
            }
            println!(
                "{} {} months of keys destroyed, {} files of entries removed; entries from {} on are kept",
                paint(GOOD, "✓"),
                pruned.months,
                pruned.bundles,
                pruned.first
            );
        }
        log.shutdown()
            .context("the access log could not be closed in order")?;
        Ok(ExitCode::SUCCESS)
    }
}

fn tell(plan: &Plan) {
    let months = plan.months.iter().map(ToString::to_string);
    let months = months.collect::<Vec<_>>().join(", ");
    println!(
        "would remove the entries {}..{} and destroy the keys of: {}",
        plan.first,
        plan.first_after,
        if months.is_empty() {
            "no month"
        } else {
            &months
        }
    );
    if let Some(needed) = plan.needed {
        println!(
            "more is old enough, and kept: something in force or undecided rests on entry {needed}"
        );
    }
}
