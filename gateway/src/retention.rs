//! How long the access log keeps what it says, and the removal of what is older.
//!
//! Two times count, in whole months of the calendar of UTC: after the shorter one the keys of
//! details are destroyed, so that an entry says no more than that something of a kind happened under
//! a pseudonym; after the longer one entries themselves are removed, and their hashes stay. Nothing
//! goes that is still [needed](needed): a consent or seal in force, an emergency use that waits for
//! its review, an open alert, an entry hidden by order.

mod needed;
mod prune;

pub use needed::{Needed, NeededError};
pub use prune::{Plan, PruneError, Pruned, Pruner};

use crate::app::App;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use motlan_access_log::details::Period;
use serde::{Deserialize, Serialize};
use std::{
    path::PathBuf,
    sync::{Arc, Weak},
    time::Duration,
};
use utoipa::ToSchema;

/// The section `retention`: the published policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = RetentionPolicy)]
pub struct RetentionPolicy {
    /// Entries of months older than this are removed.
    pub entries_months: u16,
    /// What entries of months older than this say about people becomes unreadable.
    pub details_months: u16,
}

impl Default for RetentionPolicy {
    /// Ten years is how long a claim for damage by a public servant can be brought, at most, and an
    /// office's decisions are audited; five years is how long a citizen usefully asks who looked.
    fn default() -> Self {
        Self {
            entries_months: 120,
            details_months: 60,
        }
    }
}

/// Nobody could answer a question about a month that is just over with less.
const MONTHS_MIN: u16 = 6;
/// How often a gateway looks for what is too old.
const EVERY: Duration = Duration::from_hours(24);
/// The first time, when the start is over.
const FIRST_AFTER: Duration = Duration::from_mins(10);

impl RetentionPolicy {
    /// What is wrong with it, for the reader of a configuration.
    ///
    /// # Errors
    /// The sentence.
    pub const fn check(self) -> Result<(), &'static str> {
        if self.details_months < MONTHS_MIN {
            Err("`retention.details_months` must be at least 6")
        } else if self.entries_months < self.details_months {
            Err("`retention.entries_months` must not be less than `retention.details_months`")
        } else {
            Ok(())
        }
    }

    /// The policy as it is written into the log.
    #[must_use]
    pub fn text(self) -> String {
        format!(
            "entries {} months, details {} months",
            self.entries_months, self.details_months
        )
    }

    /// The first month whose details are kept.
    #[must_use]
    pub fn details_from(self, now: Timestamp) -> Option<Period> {
        months_before(now, self.details_months)
    }

    /// The first month whose entries are kept.
    #[must_use]
    pub fn entries_from(self, now: Timestamp) -> Option<Period> {
        months_before(now, self.entries_months)
    }
}

fn months_before(now: Timestamp, months: u16) -> Option<Period> {
    let then = now
        .to_zoned(TimeZone::UTC)
        .checked_sub(i32::from(months).months());
    then.ok()?.date().to_string().get(..7)?.parse().ok()
}

/// Prunes once a day, for as long as the gateway lives.
pub fn keep(app: &Arc<App>, directory: PathBuf) {
    let app: Weak<App> = Arc::downgrade(app);
    tokio::spawn(async move {
        tokio::time::sleep(FIRST_AFTER).await;
        loop {
            let Some(running) = app.upgrade() else { return };
            let pruned = prune_now(&running, directory.clone()).await;
            match pruned {
                Ok(pruned) if pruned.is_nothing() => {}
                Ok(pruned) => {
                    // It says still what can be read no more.
                    running.index.forget();
                    forget_what_ended(&running, pruned.details_first).await;
                    tracing::info!(
                        months = pruned.months,
                        bundles = pruned.bundles,
                        first = pruned.first,
                        "what the retention policy keeps no longer is removed"
                    );
                }
                Err(error) => {
                    let cause = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::error!(%error, cause, "old entries cannot be removed");
                }
            }
            drop(running);
            tokio::time::sleep(EVERY).await;
        }
    });
}

/// Ended consents and seals leave with what the log said of them.
async fn forget_what_ended(app: &App, before: u64) {
    if let Err(error) = app.pipeline.ledger.forget_older(before).await {
        tracing::error!(%error, "ended consents cannot be removed from their store");
    }
    if let Err(error) = app.pipeline.seals.forget_all_ended(app.clock.now()).await {
        tracing::error!(%error, "ended seals cannot be removed from their file");
    }
}

async fn prune_now(app: &App, directory: PathBuf) -> Result<Pruned, PruneError> {
    let pruner = Pruner {
        policy: app.retention,
        directory,
        entries: app.entries(),
        now: app.clock.now(),
    };
    pruner.run(&*app.pipeline.log, app.random.as_ref()).await
}

#[cfg(test)]
mod tests;
