//! Follows the log: shows its questions to the detectors, and keeps the list of alerts.
//!
//! At a start, the newest entries are read again, so that detectors know what is usual. Findings of
//! that replay are told only if they are of the last two days and the log has no such alert yet: a
//! gateway that was killed between an entry and its alert raises it now, and no restart raises one
//! twice.

use super::{Book, kept};
use crate::{
    app::App,
    detectors::{self, Day, Detectors, DetectorsConfig, Finding, REMEMBERED_DAYS},
    index::{Entries, Filter, ReplayError, read},
};
use jiff::Timestamp;
use motlan_access_log::{
    details::parts::Opener,
    entry::{Entry, Record, record::Alert},
    log::AccessLog,
    tile::TILE_WIDTH,
};
use motlan_policies::calendar::OfficeCalendar;
use parking_lot::Mutex;
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};
use tokio::{sync::watch, task::AbortHandle};

/// The alerts of a running gateway. Dropping it ends the following.
#[derive(Debug)]
pub struct Alerts {
    shared: Arc<Shared>,
    following: OnceLock<AbortHandle>,
    config: DetectorsConfig,
}

#[derive(Debug)]
struct Shared {
    /// Changed by the follower only.
    book: Mutex<Book>,
    /// How many entries are in the book.
    next: watch::Sender<u64>,
    file: PathBuf,
    origin: String,
}

/// The list has not caught up with the log in time; after a start, it may still be read.
#[derive(Debug, thiserror::Error)]
#[error("the list of alerts has not caught up with the access log")]
pub struct Behind;

/// As long as readers wait for the index.
const CATCH_UP_MAX: Duration = Duration::from_secs(2);
/// Entries that are read in one go, so that a gateway that is told to stop does so soon.
const STRETCH: u64 = 16_384;
/// The book is kept in its file after so many entries: as many as are read again within a moment.
const KEPT_EVERY: u64 = 65_536;
/// How far back a replay goes at most: a week more than detectors remember.
const REPLAY_DAYS: Day = REMEMBERED_DAYS + 7;
/// How long following rests after a failure.
const RETRY_AFTER: Duration = Duration::from_secs(1);

impl Alerts {
    /// A list that is empty until [`Alerts::follow`] is called. `file` is where it is kept meanwhile.
    #[must_use]
    pub fn new(file: PathBuf, origin: String, config: DetectorsConfig) -> Self {
        Self {
            shared: Arc::new(Shared {
                book: Mutex::default(),
                next: watch::Sender::new(0),
                file,
                origin,
            }),
            following: OnceLock::new(),
            config,
        }
    }

    /// Begins to follow the log of a gateway. It must be called within a tokio runtime, once.
    pub fn follow(app: &Arc<App>) {
        let (alerts, log) = (&app.alerts, Arc::clone(&app.pipeline.log));
        let follower = Follower {
            app: Arc::downgrade(app),
            shared: Arc::clone(&alerts.shared),
            entries: app.entries(),
            sight: Some(Sight::new(&alerts.config)),
            replay_entries_max: alerts.config.replay_entries_max,
            listed: 0,
            kept_at: 0,
        };
        let following = tokio::spawn(follower.run(log));
        // A second call would find it set, and end with the first one's.
        let _ = alerts.following.set(following.abort_handle());
    }

    /// Looks into the list when it knows at least the first `tree_size` entries, which is awaited
    /// for two seconds.
    ///
    /// # Errors
    /// [`Behind`].
    pub async fn read<T>(
        &self,
        tree_size: u64,
        look: impl FnOnce(&Book) -> T,
    ) -> Result<T, Behind> {
        let mut next = self.shared.next.subscribe();
        let caught_up = next.wait_for(|next| *next >= tree_size);
        let waited = tokio::time::timeout(CATCH_UP_MAX, caught_up).await;
        if !matches!(waited, Ok(Ok(_))) {
            return Err(Behind);
        }
        Ok(look(&self.shared.book.lock()))
    }
}

impl Drop for Alerts {
    fn drop(&mut self) {
        if let Some(following) = self.following.get() {
            following.abort();
        }
    }
}

/// What reads the log.
struct Follower {
    app: Weak<App>,
    shared: Arc<Shared>,
    entries: Entries,
    /// `None` only while a step has it.
    sight: Option<Sight>,
    replay_entries_max: u64,
    /// The list has the entries before this one already, though detectors have not.
    listed: u64,
    /// Of which entry the file is.
    kept_at: u64,
}

impl Follower {
    async fn run(mut self, log: Arc<dyn AccessLog>) {
        let size = log.tree_size();
        if log.published(size).await.is_err() {
            return;
        }
        let mut next = self.begin(&log).await;
        // What the replay finds, until the log is known to its end of this start.
        let mut found = Some(Vec::new());
        loop {
            if next >= size
                && let Some(found) = found.take()
            {
                self.catch_up(found).await;
            }
            // The log fails once and for ever, and its node stops.
            if log.published(next.saturating_add(1)).await.is_err() {
                return;
            }
            self.entries.tiles = log.tiles();
            match self.step(next).await {
                Some((until, findings)) => {
                    next = until;
                    match &mut found {
                        Some(found) => found.extend(findings),
                        None => self.raise(findings).await,
                    }
                }
                None => tokio::time::sleep(RETRY_AFTER).await,
            }
        }
    }

    /// Reads what the list lacks before the stretch that detectors see too. Returns where that is.
    async fn begin(&mut self, log: &Arc<dyn AccessLog>) -> u64 {
        self.entries.tiles = log.tiles();
        let (shared, entries) = (Arc::clone(&self.shared), self.entries.clone());
        let replay_entries_max = self.replay_entries_max;
        let beginning = tokio::task::spawn_blocking(move || {
            let from = replay_from(&entries, replay_entries_max);
            let (book, next) = kept::load(&shared.file, &shared.origin, &entries.tiles);
            *shared.book.lock() = book;
            alerts_only(&shared, &entries, next, from);
            (from, next.max(from))
        });
        // A panic in it is told by the runtime; then everything is read as it comes.
        let (from, listed) = beginning.await.unwrap_or_default();
        self.listed = listed;
        from
    }

    /// Takes in the next stretch of entries. `None` where the log cannot be read.
    async fn step(&mut self, next: u64) -> Option<(u64, Vec<Finding>)> {
        let policies = self.app.upgrade()?.pipeline.policies.load_full();
        let until = next
            .saturating_add(STRETCH)
            .min(self.entries.tiles.tree_size());
        let (shared, entries) = (Arc::clone(&self.shared), self.entries.clone());
        let mut sight = self.sight.take()?;
        let listed = self.listed;
        let keeps = until >= listed && until >= self.kept_at.saturating_add(KEPT_EVERY);
        let stepping = tokio::task::spawn_blocking(move || {
            let mut findings = Vec::new();
            let mut opener = Opener::new(&entries.details);
            let looked = read(&entries.tiles, next..until, |place, bytes| {
                if let Some(entry) = of_interest(bytes, &mut opener) {
                    findings.extend(sight.see(place, &entry, policies.calendar()));
                    if place >= listed {
                        shared.book.lock().apply(place, entry);
                    }
                }
                Ok(())
            });
            if keeps && looked.is_ok() {
                let book = shared.book.lock().clone();
                let saved = kept::save(&shared.file, &shared.origin, &entries.tiles, (book, until));
                if let Err(error) = saved {
                    tracing::warn!(%error, "the list of alerts cannot be kept; the log has it all the same");
                }
            }
            (sight, looked, findings)
        });
        let (sight, looked, findings) = stepping.await.ok()?;
        self.sight = Some(sight);
        if let Err(error) = looked {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::warn!(%error, cause, "the detectors cannot go on");
            return None;
        }
        if keeps {
            self.kept_at = until;
        }
        self.publish(until);
        Some((until, findings))
    }

    fn publish(&self, until: u64) {
        if let Some(app) = self.app.upgrade() {
            let counts = self.shared.book.lock().counts();
            app.metrics.alerts_open(counts.new, counts.in_review);
        }
        self.shared.next.send_replace(until);
    }

    /// The replay of a start is over: what it found lately is told, unless the log has it.
    async fn catch_up(&mut self, found: Vec<Finding>) {
        let Some(sight) = &self.sight else { return };
        let today = sight.detectors.day();
        let lately = found.into_iter().filter(|finding| finding.day + 1 >= today);
        let lately: Vec<_> = lately.collect();
        tracing::info!("the detectors know the newest entries of the access log");
        self.raise(lately).await;
    }

    /// Tells the data protection officer through the log, and the operator through a line and a
    /// metric. A log that takes no entry stops the node by itself.
    async fn raise(&mut self, findings: Vec<Finding>) {
        for finding in findings {
            let Some(sight) = &mut self.sight else { return };
            if !sight.tell(&finding) {
                continue;
            }
            let Some(app) = self.app.upgrade() else {
                return;
            };
            let alert = finding.alert;
            if alert.rule == "first_use" && was_used_before(&app, &alert).await {
                continue;
            }
            tracing::warn!(
                agency.id = alert.agency, client.id = alert.client, rule = %alert.rule,
                window = %alert.window, limit = alert.limit,
                "a detector found something to look at"
            );
            app.metrics.alerted(&alert.rule, &alert.window);
            if let Err(error) = app.record(Record::Alert(alert)).await {
                tracing::error!(%error, "an alert is not in the access log");
            }
        }
    }
}

/// Whether the agency did the same before, longer ago than detectors remember: the index knows. One
/// that cannot be asked denies nothing.
async fn was_used_before(app: &Arc<App>, alert: &Alert) -> bool {
    let Some(place) = alert.entries.last().copied() else {
        return false;
    };
    let Ok(reader) = app.index.reader(place).await else {
        return false;
    };
    let (entries, filter) = (
        app.entries(),
        Filter {
            kinds: vec!["disclosure"],
            agency: Some(alert.agency.clone()),
            purpose: alert.purpose.clone(),
            attribute: alert.attribute.clone(),
            ..Filter::default()
        },
    );
    let searching = move || reader.search(&entries, &filter, place, 1);
    let found = tokio::task::spawn_blocking(searching).await;
    matches!(found, Ok(Ok(found)) if !found.places.is_empty())
}

/// What the detectors saw, and what was told of it.
#[derive(Debug)]
pub(super) struct Sight {
    detectors: Detectors,
    raised: Raised,
    /// The place from which on each day begins.
    days: BTreeMap<u64, Day>,
}

impl Sight {
    pub(super) fn new(config: &DetectorsConfig) -> Self {
        Self {
            detectors: Detectors::new(config),
            raised: Raised::default(),
            days: BTreeMap::new(),
        }
    }

    /// Takes the next entry: a question, or an alert that was raised before.
    pub(super) fn see(
        &mut self,
        place: u64,
        entry: &Entry,
        calendar: &OfficeCalendar,
    ) -> Vec<Finding> {
        if let Record::Alert(alert) = &entry.record {
            // It is of the day of the entry that completed it, whenever it was written.
            let last = alert.entries.last().copied().unwrap_or_default();
            if let Some((_, day)) = self.days.range(..=last).next_back() {
                self.raised.insert(alert, *day);
            }
            return Vec::new();
        }
        let before = self.detectors.day();
        let findings = self.detectors.see(place, entry, calendar);
        let today = self.detectors.day();
        if today > before {
            self.days.insert(place, today);
            self.days.retain(|_, day| today - *day <= REPLAY_DAYS);
            self.raised.forget_before(today - REPLAY_DAYS);
        }
        findings
    }

    /// Notes that a finding is told; false where it was before.
    pub(super) fn tell(&mut self, finding: &Finding) -> bool {
        self.raised.insert(&finding.alert, finding.day)
    }
}

/// What was told already: a rule, about somebody, on a day.
#[derive(Debug, Default)]
struct Raised(BTreeSet<(Day, String)>);

impl Raised {
    /// Notes an alert; false where there was one.
    fn insert(&mut self, alert: &Alert, day: Day) -> bool {
        let who = alert.officer.as_ref().unwrap_or(&alert.client);
        let of = |part: &Option<String>| part.clone().unwrap_or_default();
        let (purpose, attribute) = (of(&alert.purpose), of(&alert.attribute));
        let key = format!(
            "{}/{}/{who}/{purpose}/{attribute}",
            alert.rule, alert.agency
        );
        self.0.insert((day, key))
    }

    fn forget_before(&mut self, day: Day) {
        self.0 = self.0.split_off(&(day, String::new()));
    }
}

/// Of the log's entries, those that detectors or the list look at. The others, and those that were
/// erased, are not even opened: the form of an entry begins with its kind.
fn of_interest(bytes: &[u8], opener: &mut Opener<'_>) -> Option<Entry> {
    const KINDS: [&[u8]; 4] = [
        br#"{"kind":"disclosure""#,
        br#"{"kind":"check""#,
        br#"{"kind":"refusal""#,
        br#"{"kind":"alert"#,
    ];
    let matters = KINDS.iter().any(|kind| bytes.starts_with(kind));
    let opened = matters.then(|| opener.open(bytes).and_then(|parts| parts.entry()));
    opened?.ok()
}

/// Brings the list to the alerts of a range, without looking at anything else in it. What retention
/// has removed is passed over.
fn alerts_only(shared: &Shared, entries: &Entries, from: u64, until: u64) {
    let width = u64::from(TILE_WIDTH);
    for bundle in from / width..until.div_ceil(width) {
        let range = (bundle * width).max(from)..((bundle + 1) * width).min(until);
        let looked = read(&entries.tiles, range, |place, bytes| {
            if bytes.starts_with(br#"{"kind":"alert"#)
                && let Ok(entry) = entries.details.read(bytes)
            {
                shared.book.lock().apply(place, entry);
            }
            Ok(())
        });
        if let Err(ReplayError::Follower(error)) = looked {
            tracing::warn!(%error, "alerts of the access log cannot be read");
        }
    }
}

/// The first entry that detectors are shown at a start: of the newest ones, and of five weeks.
fn replay_from(entries: &Entries, entries_max: u64) -> u64 {
    let (size, width) = (entries.tiles.tree_size(), u64::from(TILE_WIDTH));
    let day_of = |place| {
        let bytes = entries.tiles.entry(place).ok()?;
        let time: Time = serde_json::from_slice(&bytes).ok()?;
        Some(detectors::day(time.time.parse::<Timestamp>().ok()?))
    };
    let first = size.saturating_sub(entries_max);
    let Some(today) = size.checked_sub(1).and_then(day_of) else {
        return first;
    };
    // Days hardly ever go back, so that halving finds where they begin. What cannot be read any
    // more is older.
    let (mut low, mut high) = (first / width, size.div_ceil(width));
    while low < high {
        let middle = u64::midpoint(low, high);
        let is_old = day_of(middle * width).is_none_or(|day| today - day > REPLAY_DAYS);
        if is_old {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    first.max(low.saturating_sub(1) * width).min(size)
}

/// The one member of an entry that is always in clear and matters here.
#[derive(Deserialize)]
struct Time {
    time: String,
}
