//! Forgetting one person or enterprise: what the log says about them is made unreadable for good, and
//! everything that was made of it is removed.
//!
//! 1. Nothing may stand in the way: a consent or a seal in force, an emergency use that waits for
//!    its review, an open alert, an entry that is hidden by order ([`Obstacle`]).
//! 2. An entry says that the person is erased, and on which ground. It is durable before anything
//!    else happens.
//! 3. The keys of the person's details are destroyed, in every month.
//! 4. The ended consents leave the consent store, an ended seal leaves its file, cached records go,
//!    and the index is made anew.
//!
//! What stays, because the log would be no proof without it: that *something* of a kind happened at a
//! time under a pseudonym, and the hashes. A crash in between leaves an entry that says more than was
//! done; the caller got no answer, and doing it again finishes it.

use crate::{
    app::App,
    consents::Hold,
    index::{Entries, EntryUnreadable, Filter, IndexError, Reader},
};
use jiff::Timestamp;
use motlan_access_log::{
    details::DetailsError,
    entry::{
        Entry, Record,
        record::{Erasure, Hidden},
    },
    keys::KeysError,
    log::{AppendError, Appended, LeafIndex},
    merkle::hash_leaf,
    pseudonym::Pseudonym,
    store::ReadError,
};
use motlan_policies::{
    consent::{ConsentState, ConsentStoreError},
    known::Seal,
};
use motlan_schemas::query::Subject;
use std::{collections::BTreeSet, io, sync::Arc};

mod alerts;

pub use alerts::OpenAlerts;

/// Somebody to be forgotten.
#[derive(Debug)]
pub struct Request {
    /// Whom.
    pub subject: Subject,
    /// The law or decision that asks for it.
    pub ground: String,
    /// The program that the data protection officer uses.
    pub client: String,
}

/// What was done.
#[derive(Debug)]
pub struct Erased {
    /// Months whose keys changed.
    pub months: usize,
    /// Entries about the person whose details can no longer be read, all in all.
    pub entries: u64,
    /// How many of them could be read before.
    pub newly: u64,
    /// The entry that says so: that of an earlier call, where nothing was left to erase.
    pub appended: Appended,
}

/// Something that needs what the log knows about the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// What it is.
    pub kind: ObstacleKind,
    /// Where it stands in the log; empty where that is not known.
    pub entries: Vec<u64>,
    /// When it ends by itself, the last of them.
    pub until: Option<Timestamp>,
}

/// What can stand in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObstacleKind {
    /// A consent is in force.
    Consent,
    /// The person's data is sealed.
    Seal,
    /// An emergency use waits for its review.
    EmergencyUse,
    /// An alert with entries about the person is open.
    Alert,
    /// An entry is hidden from the citizen by order.
    Hidden,
}

/// Why somebody was not erased.
#[derive(Debug, thiserror::Error)]
pub enum ErasureError {
    /// These stand in the way.
    #[error("{} things that are in force or undecided stand in the way", .0.len())]
    Hindered(Vec<Obstacle>),
    /// The index does not find what is there.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The log cannot be read.
    #[error("the access log cannot be read")]
    Log(#[from] ReadError),
    /// The erasure could not be logged, so it did not happen.
    #[error("the erasure could not be logged")]
    Append(#[from] AppendError),
    /// The keys could not be destroyed.
    #[error("the keys of the details could not be destroyed")]
    Keys(#[from] KeysError),
    /// The consent store failed.
    #[error(transparent)]
    Consents(#[from] ConsentStoreError),
    /// A file could not be written anew.
    #[error("a file that was made of the log could not be made anew")]
    File(#[from] io::Error),
    /// A task of the runtime ended.
    #[error("the erasure was cut short")]
    CutShort,
}

impl ObstacleKind {
    /// As on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Seal => "seal",
            Self::EmergencyUse => "emergency_use",
            Self::Alert => "alert",
            Self::Hidden => "hidden",
        }
    }
}

/// Forgets somebody.
///
/// # Errors
/// [`ErasureError`]; where it is [`ErasureError::Hindered`], nothing has happened, and otherwise it
/// can be done again.
pub async fn erase(app: &App, request: Request) -> Result<Erased, ErasureError> {
    // No emergency use is being reviewed, and no consent given or used, while this is looked at.
    let _reviews = app.reviews.lock().await;
    let hold = match &request.subject {
        Subject::Person(person) => Some(app.pipeline.ledger.hold(person, true).await),
        Subject::Enterprise(_) => None,
    };
    let pseudonyms = app.pipeline.entries.all_pseudonyms(&request.subject);
    let reader = app.index.reader(app.pipeline.log.tree_size()).await?;
    let known = known(&reader, app.entries(), pseudonyms.clone()).await?;

    let obstacles = obstacles(app, &request.subject, &reader, &known).await?;
    if !obstacles.is_empty() {
        return Err(ErasureError::Hindered(obstacles));
    }
    let appended = match known.erasure {
        Some(before) if known.readable == 0 => before,
        _ => log(app, &request, &pseudonyms).await?,
    };
    let details = Arc::clone(app.pipeline.entries.details());
    let destroying = tokio::task::spawn_blocking(move || details.erase(&pseudonyms)).await;
    let months = destroying.map_err(|_| ErasureError::CutShort)??;
    forget_what_was_made(app, &request.subject, hold.as_ref()).await?;
    Ok(Erased {
        months,
        entries: known.total,
        newly: known.readable,
        appended,
    })
}

async fn log(
    app: &App,
    request: &Request,
    pseudonyms: &[Pseudonym],
) -> Result<Appended, ErasureError> {
    let mut last = Err(AppendError::TooLarge);
    for subject in pseudonyms {
        let entry = Erasure {
            client: request.client.clone(),
            ground: request.ground.clone(),
            subject: *subject,
        };
        last = Ok(app.record(Record::Erasure(entry)).await?);
    }
    Ok(last?)
}

/// Removes what was made of the log.
async fn forget_what_was_made(
    app: &App,
    subject: &Subject,
    hold: Option<&Hold<'_>>,
) -> Result<(), ErasureError> {
    if let (Subject::Person(person), Some(hold)) = (subject, hold) {
        app.pipeline.ledger.forget(hold, person).await?;
        app.pipeline
            .seals
            .forget_ended(person, app.clock.now())
            .await?;
    }
    let datasets = app.pipeline.catalogue.datasets().iter();
    let datasets = datasets.map(|dataset| dataset.id);
    app.pipeline.cache.forget_subject(subject, datasets);
    app.index.forget();
    Ok(())
}

/// What the log knows of somebody.
#[derive(Debug, Default)]
struct Known {
    places: BTreeSet<u64>,
    /// Entries with details, readable or not.
    total: u64,
    readable: u64,
    /// Those that an order hides, and until when.
    hidden: Vec<(u64, Timestamp)>,
    /// The entry of an earlier erasure.
    erasure: Option<Appended>,
}

async fn known(
    reader: &Reader,
    entries: Entries,
    pseudonyms: Vec<Pseudonym>,
) -> Result<Known, ErasureError> {
    let places = reader.of_subject(&pseudonyms, u64::MAX, usize::MAX)?;
    let reading = tokio::task::spawn_blocking(move || {
        let mut known = Known::default();
        for (place, _) in places {
            known.take(place, &entries)?;
        }
        Ok(known)
    });
    reading.await.map_err(|_| ErasureError::CutShort)?
}

impl Known {
    fn take(&mut self, place: u64, entries: &Entries) -> Result<(), ErasureError> {
        self.places.insert(place);
        let bytes = match entries.tiles.entry(place) {
            // What retention has removed needs no erasing.
            Err(ReadError::Pruned { .. }) => return Ok(()),
            read => read?,
        };
        match entries.details.read(&bytes) {
            Ok(Entry {
                record: Record::Erasure(_),
                ..
            }) => {
                let leaf_hash = hash_leaf(&bytes);
                let leaf_index = LeafIndex(place);
                // Newest first: the first one found is the last erasure.
                self.erasure.get_or_insert(Appended {
                    leaf_index,
                    leaf_hash,
                });
            }
            Ok(entry) => {
                self.total += 1;
                self.readable += 1;
                let until = hidden(&entry.record).map(|hidden| hidden.until.parse());
                // An end that cannot be read is no end.
                let until = until.map(|until| until.unwrap_or(Timestamp::MAX));
                self.hidden.extend(until.map(|until| (place, until)));
            }
            Err(DetailsError::Erased) => self.total += 1,
            // An entry that is not understood is erased like any other.
            Err(_) => {
                self.total += 1;
                self.readable += 1;
            }
        }
        Ok(())
    }
}

/// The order that hides an entry from its citizen, if one does or did.
#[must_use]
pub const fn hidden(record: &Record) -> Option<&Hidden> {
    match record {
        Record::Disclosure(access)
        | Record::Refusal(access)
        | Record::Check(access)
        | Record::DryRun(access) => access.hidden.as_ref(),
        Record::Mention(mention) => mention.hidden.as_ref(),
        _ => None,
    }
}

async fn obstacles(
    app: &App,
    subject: &Subject,
    reader: &Reader,
    known: &Known,
) -> Result<Vec<Obstacle>, ErasureError> {
    let now = app.clock.now();
    let mut obstacles = Vec::new();
    if let Subject::Person(person) = subject {
        let mut consents = Obstacle::of(ObstacleKind::Consent);
        for consent in app.pipeline.ledger.about(person).await? {
            if consent.state_at(now) == ConsentState::Given && now < consent.until {
                let place = app.pipeline.ledger.entry_of(&consent).await?;
                consents.entries.extend(place.map(|place| place.leaf_index));
                consents.until = consents.until.max(Some(consent.until));
            }
        }
        obstacles.extend((consents.until.is_some()).then_some(consents));
        let sealed = app.pipeline.seals.of(person, now) != Seal::None;
        obstacles.extend(sealed.then(|| Obstacle::of(ObstacleKind::Seal)));
    }
    let uses = reader.open_uses()?.into_iter().map(|open| open.leaf_index);
    let uses = uses.filter(|place| known.places.contains(place)).collect();
    obstacles.extend(Obstacle::at(ObstacleKind::EmergencyUse, uses));
    let alerts = OpenAlerts::find(reader, &app.entries()).await?;
    obstacles.extend(Obstacle::at(
        ObstacleKind::Alert,
        alerts.about(&known.places),
    ));
    let hidden = known.hidden.iter().filter(|(_, until)| now < *until);
    let (places, ends): (Vec<_>, Vec<_>) = hidden.copied().unzip();
    let hidden = Obstacle::at(ObstacleKind::Hidden, places);
    obstacles.extend(hidden.map(|hidden| Obstacle {
        until: ends.into_iter().max(),
        ..hidden
    }));
    Ok(obstacles)
}

impl Obstacle {
    const fn of(kind: ObstacleKind) -> Self {
        Self {
            kind,
            entries: Vec::new(),
            until: None,
        }
    }

    /// One at these places; none where there are none.
    fn at(kind: ObstacleKind, entries: Vec<u64>) -> Option<Self> {
        let obstacle = Self {
            entries,
            ..Self::of(kind)
        };
        (!obstacle.entries.is_empty()).then_some(obstacle)
    }
}

impl From<EntryUnreadable> for ErasureError {
    fn from(error: EntryUnreadable) -> Self {
        match error {
            EntryUnreadable::Log(error) => Self::Log(error),
            EntryUnreadable::Details(error) => Self::File(io::Error::other(error)),
        }
    }
}
