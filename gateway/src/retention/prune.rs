//! One run of the removal: what is too old, what of it is still needed, and the steps in their order.
//! Each step is durable before the next; a run that was cut short is finished by the next one.

use super::{Needed, NeededError, RetentionPolicy};
use crate::{
    index::Entries,
    random::{self, Random},
};
use jiff::Timestamp;
use motlan_access_log::{
    details::Period,
    entry::{
        Entry, EntryError, Record,
        record::{Bytes32, Pruning},
    },
    keys::KeysError,
    log::{AccessLog, AppendError, Failure},
    pruning,
    store::ReadError,
    tile::{self, TILE_WIDTH},
};
use motlan_schemas::clock::wire_time;
use serde::Deserialize;
use std::{borrow::Cow, io, path::PathBuf};

/// Removes what the policy keeps no longer.
#[derive(Debug)]
pub struct Pruner {
    /// The policy.
    pub policy: RetentionPolicy,
    /// The log's directory.
    pub directory: PathBuf,
    /// What is published.
    pub entries: Entries,
    /// The time.
    pub now: Timestamp,
}

/// What a run would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The first entry that is kept now.
    pub first: u64,
    /// The first entry that will be kept.
    pub first_after: u64,
    /// The months whose details become unreadable.
    pub months: Vec<Period>,
    /// The first entry whose details will be kept by its month.
    pub details_first: u64,
    /// The oldest entry that is kept because something rests on it, where that is why not more goes.
    pub needed: Option<u64>,
    /// The log says already that these entries are removed, and the removal was cut short.
    announced: bool,
}

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Months whose keys are destroyed.
    pub months: usize,
    /// Files of entries that are removed.
    pub bundles: u64,
    /// The first entry that is kept.
    pub first: u64,
    /// The first entry whose details are kept by its month.
    pub details_first: u64,
}

/// Why nothing, or not everything, was removed.
#[derive(Debug, thiserror::Error)]
pub enum PruneError {
    /// What is needed cannot be told.
    #[error(transparent)]
    Needed(#[from] NeededError),
    /// The log cannot be read.
    #[error("the access log cannot be read")]
    Log(#[from] ReadError),
    /// The removal could not be logged, so it did not happen.
    #[error("the removal could not be logged")]
    Append(#[from] AppendError),
    /// The entry about the removal cannot be written.
    #[error("the removal could not be logged")]
    Entry(#[from] EntryError),
    /// The log has failed.
    #[error("the access log failed: {0}")]
    Failed(Failure),
    /// The keys could not be destroyed.
    #[error("the keys of old details cannot be destroyed")]
    Keys(#[from] KeysError),
    /// The mark of the pruning could not be written.
    #[error("the mark of the pruning cannot be written")]
    Mark(#[from] io::Error),
    /// A task of the runtime ended.
    #[error("the removal was cut short")]
    CutShort,
}

#[derive(Deserialize)]
struct Timed<'a> {
    #[serde(borrow)]
    time: Cow<'a, str>,
}

impl Plan {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.first_after <= self.first && self.months.is_empty()
    }
}

impl Pruned {
    /// Whether nothing was removed.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.months == 0 && self.bundles == 0
    }
}

impl Pruner {
    /// What a run would do now.
    ///
    /// # Errors
    /// The log or the keys cannot be read.
    pub fn plan(&self) -> Result<Plan, PruneError> {
        let first = self.entries.tiles.first()?;
        let old_months = self.old_months()?;
        let old_entries = self.old_entries(first)?;
        let mut plan = Plan {
            first,
            first_after: first,
            months: Vec::new(),
            details_first: first,
            needed: None,
            announced: false,
        };
        if old_months.is_empty() && old_entries == first {
            return Ok(plan);
        }
        // Entries up to where details or entries may go are read whole.
        let until = self.first_of_month(first, self.policy.details_from(self.now))?;
        let needed = Needed::find(&self.entries, until.max(old_entries))?;
        let oldest = needed.oldest(self.now);
        let width = u64::from(TILE_WIDTH);
        let kept = oldest.map_or(old_entries, |oldest| {
            old_entries.min(oldest / width * width)
        });
        plan.first_after = kept.max(first);
        let oldest_month = oldest
            .map(|place| self.month_of(place))
            .transpose()?
            .flatten();
        let may_go = |month: &Period| oldest_month.is_none_or(|needed| *month < needed);
        plan.months = old_months.iter().copied().filter(may_go).collect();
        plan.details_first = until.min(oldest.unwrap_or(until));
        let held_back = kept < old_entries || plan.months.len() < old_months.len();
        plan.needed = oldest.filter(|_| held_back);
        // A run that was cut short after its entry goes on with what that entry says.
        if let Some((before, _)) = needed.pruning.filter(|(before, _)| *before > first) {
            plan.first_after = plan.first_after.max(before);
            plan.announced = plan.first_after == before && plan.months.is_empty();
        }
        Ok(plan)
    }

    /// Does it.
    ///
    /// # Errors
    /// [`PruneError`]; the next run goes on where this one stopped.
    pub async fn run(self, log: &dyn AccessLog, random: &dyn Random) -> Result<Pruned, PruneError> {
        let (pruner, plan) = in_background(move || {
            let plan = self.plan()?;
            Ok((self, plan))
        })
        .await?;
        if !plan.is_nothing() && !plan.announced {
            pruner.announce(&plan, log, random).await?;
        }
        in_background(move || pruner.remove(&plan)).await
    }

    pub(super) async fn announce(
        &self,
        plan: &Plan,
        log: &dyn AccessLog,
        random: &dyn Random,
    ) -> Result<(), PruneError> {
        let entry = Entry {
            time: wire_time(self.now),
            nonce: Bytes32(random::bytes(random)),
            record: Record::Pruning(Pruning {
                before: plan.first_after,
                details_before: plan.months.last().map(|month| next(*month)),
                policy: self.policy.text(),
            }),
        };
        let appended = log.append(vec![entry.encode()?]).await?;
        let place = appended.first().ok_or(AppendError::TooLarge)?.leaf_index.0;
        let published = log.published(place.saturating_add(1)).await;
        published.map(drop).map_err(PruneError::Failed)
    }

    fn remove(&self, plan: &Plan) -> Result<Pruned, PruneError> {
        let mut months = 0;
        if let Some(last) = plan.months.last()
            && let Ok(after) = next(*last).parse()
        {
            months = self.entries.details.destroy_before(after)?;
        }
        if plan.first_after > plan.first {
            pruning::write_mark(&self.directory, plan.first_after)?;
        }
        Ok(Pruned {
            months,
            bundles: pruning::remove_bundles(&self.directory)?,
            first: plan.first_after,
            details_first: plan.details_first,
        })
    }

    fn old_months(&self) -> Result<Vec<Period>, PruneError> {
        let Some(kept_from) = self.policy.details_from(self.now) else {
            return Ok(Vec::new());
        };
        let months = self.entries.details.periods()?.into_iter();
        Ok(months.filter(|month| *month < kept_from).collect())
    }

    /// The end of the whole bundles that are too old.
    fn old_entries(&self, first: u64) -> Result<u64, PruneError> {
        self.first_of_month(first, self.policy.entries_from(self.now))
    }

    /// The first entry, at the border of a bundle, from which on entries are of a month or later.
    /// Entries stand in the order of time, but for minutes; the last bundle never counts as older.
    fn first_of_month(&self, first: u64, month: Option<Period>) -> Result<u64, PruneError> {
        let width = u64::from(TILE_WIDTH);
        let Some(month) = month else { return Ok(first) };
        let whole = self.entries.tiles.tree_size() / width;
        let mut bundle = first / width;
        while bundle < whole && self.is_older(bundle, month)? {
            bundle += 1;
        }
        Ok(bundle * width)
    }

    fn is_older(&self, bundle: u64, month: Period) -> Result<bool, PruneError> {
        let bytes = self.entries.tiles.bundle(bundle)?;
        // What cannot be read is not old, so it stays.
        Ok(tile::entries(&bytes)
            .all(|entry| entry.and_then(month_of).is_some_and(|its| its < month)))
    }

    fn month_of(&self, place: u64) -> Result<Option<Period>, PruneError> {
        Ok(month_of(&self.entries.tiles.entry(place)?))
    }
}

fn month_of(entry: &[u8]) -> Option<Period> {
    let timed: Timed<'_> = serde_json::from_slice(entry).ok()?;
    timed.time.parse().ok()
}

/// The month after one, `YYYY-MM`.
fn next(month: Period) -> String {
    let text = month.to_string();
    let (year, month) = text.split_once('-').unwrap_or((&text, "12"));
    match (year.parse::<u16>(), month.parse::<u8>()) {
        (Ok(year), Ok(12)) => format!("{:04}-01", year.saturating_add(1)),
        (Ok(year), Ok(month)) => format!("{year:04}-{:02}", month.saturating_add(1)),
        _ => text,
    }
}

async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PruneError> + Send + 'static,
) -> Result<T, PruneError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| PruneError::CutShort)?
}
