//! Citizens' consents: given, used, withdrawn, each change an entry of the access log first.
//!
//! The log is the truth and the [store](store) follows it: a change is appended, then kept, then
//! acknowledged. What a crash cuts off between the two is made good at start, from the log
//! ([`ConsentLedger::follow`]). So nothing acknowledged is lost, and nothing is half done.
//!
//! An answer that rests on consent is decided once more while it [holds](ConsentLedger::hold) the
//! citizen's consents, and its entry is appended before it lets go. Withdrawing takes the same hold
//! alone. Therefore no entry of an answer by a consent ever follows the entry of its withdrawal,
//! which whoever reads the log can check.

mod change;
pub mod entry;
mod follow;
pub mod receipt;
pub mod store;

pub use change::{Changed, Giving, LedgerError, Terms, VerifiedActing};
pub use follow::{FollowError, Followed, follow};

use crate::{
    keys::SubjectKeys,
    pipeline::AccessEntryWriter,
    random::{self, Random},
};
use jiff::Timestamp;
use motlan_access_log::{
    entry::{
        EncodedEntry, Entry, Record,
        record::{Acting, Bytes32, ConsentChange},
    },
    log::{AccessLog, AppendError, Appended},
};
use motlan_policies::consent::{
    Consent, ConsentState, ConsentStore, ConsentStoreError, ConsentTerms, EntryPlace,
    IdempotentRequest, LogMarker, LoggedConsent, SubjectKey,
};
use motlan_schemas::{
    catalogue::Catalogue,
    clock::{Clock, wire_time},
    ids::{ConsentId, PersonalId, QueryId},
};
use std::sync::Arc;
use tokio::sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The consents of all citizens.
#[derive(Debug)]
pub struct ConsentLedger {
    store: Arc<dyn ConsentStore>,
    log: Arc<dyn AccessLog>,
    writer: Arc<AccessEntryWriter>,
    catalogue: Arc<Catalogue>,
    keys: Arc<SubjectKeys>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    /// Changes come one after the other, so that the store's marker says what it has followed.
    changes: Mutex<()>,
    /// Some citizens share a lock by chance, which costs a wait and nothing else.
    holds: Box<[RwLock<()>]>,
}

/// What a ledger is made of.
#[derive(Debug)]
pub struct LedgerParts {
    /// Keeps the consents.
    pub store: Arc<dyn ConsentStore>,
    /// Knows every change.
    pub log: Arc<dyn AccessLog>,
    /// Writes the log's entries.
    pub writer: Arc<AccessEntryWriter>,
    /// Names the attributes.
    pub catalogue: Arc<Catalogue>,
    /// Hides the citizens.
    pub keys: Arc<SubjectKeys>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids and nonces.
    pub random: Arc<dyn Random>,
}

/// The citizen's consents, kept as they are until this is dropped.
#[derive(Debug)]
pub enum Hold<'a> {
    /// Shared with other answers: none of them uses a consent up.
    Shared(RwLockReadGuard<'a, ()>),
    /// Alone: the answer uses a consent up.
    Alone(MutexGuard<'a, ()>, RwLockWriteGuard<'a, ()>),
}

/// The most consents about one citizen.
pub const CONSENTS_MAX: usize = 1_000;

impl ConsentLedger {
    /// A ledger over a store and a log.
    #[must_use]
    pub fn new(parts: LedgerParts) -> Self {
        Self {
            store: parts.store,
            log: parts.log,
            writer: parts.writer,
            catalogue: parts.catalogue,
            keys: parts.keys,
            clock: parts.clock,
            random: parts.random,
            changes: Mutex::new(()),
            holds: (0..HOLDS).map(|_| RwLock::new(())).collect(),
        }
    }

    /// Gives a consent, or finds the one that the same call gave before.
    ///
    /// # Errors
    /// [`LedgerError`]; the consent is then not given.
    pub async fn give(&self, giving: Giving) -> Result<Changed, LedgerError> {
        let subject = self.keys.key(&giving.subject);
        let changes = self.changes.lock().await;
        if let Some(request) = &giving.request
            && let Some((id, body)) = self.store.requested(&subject, &request.key).await?
        {
            return self.given_before(&subject, id, body == request.body).await;
        }
        if self.store.list(&subject).await?.len() >= CONSENTS_MAX {
            return Err(LedgerError::TooMany);
        }
        let now = milliseconds(self.clock.now());
        let terms = ConsentTerms {
            subject,
            giver: giving.acting.as_ref().map(|a| self.keys.key(&a.person)),
            agency: giving.terms.agency,
            purposes: giving.terms.purposes,
            attributes: giving.terms.attributes,
            from: giving.terms.from.map_or(now, milliseconds),
            until: milliseconds(giving.terms.until),
            uses: giving.terms.uses,
        };
        let id = ConsentId::new(now, random::bytes(self.random.as_ref()));
        let consent = Consent::give(id, terms, now)?;
        let _alone = self.hold_of(&subject).write().await;
        let change = Change {
            name: "given",
            subject: giving.subject,
            client: giving.client,
            acting: giving.acting,
            request: giving.request,
        };
        self.change(&changes, consent, change).await
    }

    async fn given_before(
        &self,
        subject: &SubjectKey,
        id: ConsentId,
        same_body: bool,
    ) -> Result<Changed, LedgerError> {
        if !same_body {
            return Err(LedgerError::OtherRequest);
        }
        let consents = self.store.list(subject).await?;
        let consent = consents.into_iter().find(|consent| consent.id == id);
        Ok(Changed {
            consent: consent.ok_or(LedgerError::Unknown)?,
            is_new: false,
        })
    }

    /// Withdraws a consent about a citizen; whoever calls has made sure that it may be. From the
    /// moment this returns, nothing more is read by it. Doing it again changes nothing.
    ///
    /// # Errors
    /// [`LedgerError`]; [`LedgerError::Unknown`] too where the consent is about somebody else.
    pub async fn withdraw(
        &self,
        subject: &PersonalId,
        id: ConsentId,
        client: String,
        acting: Option<VerifiedActing>,
    ) -> Result<Changed, LedgerError> {
        let changes = self.changes.lock().await;
        let consents = self.store.list(&self.keys.key(subject)).await?;
        let found = consents.into_iter().find(|consent| consent.id == id);
        let consent = found.ok_or(LedgerError::Unknown)?;
        let _alone = self.hold_of(&consent.subject).write().await;
        let now = milliseconds(self.clock.now());
        match consent.state_at(now) {
            ConsentState::Given => {}
            ConsentState::Withdrawn { .. } => {
                return Ok(Changed {
                    consent,
                    is_new: false,
                });
            }
            ended => return Err(LedgerError::Ended(ended)),
        }
        let withdrawn = consent
            .withdraw(now)
            .map_err(|refused| LedgerError::Ended(refused.state))?;
        let change = Change {
            name: "withdrawn",
            subject: *subject,
            client,
            acting,
            request: None,
        };
        self.change(&changes, withdrawn, change).await
    }

    /// The consents about a citizen, newest first.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn about(&self, citizen: &PersonalId) -> Result<Vec<Consent>, ConsentStoreError> {
        self.store.list(&self.keys.key(citizen)).await
    }

    /// The consents that a citizen gave in somebody else's place, newest first.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn given_by(&self, citizen: &PersonalId) -> Result<Vec<Consent>, ConsentStoreError> {
        self.store.given_by(&self.keys.key(citizen)).await
    }

    /// Where the last entry about a consent stands in the log.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn entry_of(
        &self,
        consent: &Consent,
    ) -> Result<Option<EntryPlace>, ConsentStoreError> {
        self.store.entry_of(consent).await
    }

    /// Whether these two are the giver and the subject of a consent.
    #[must_use]
    pub fn was_given_by(
        &self,
        consent: &Consent,
        giver: &PersonalId,
        subject: &PersonalId,
    ) -> bool {
        consent.giver == Some(self.keys.key(giver)) && consent.subject == self.keys.key(subject)
    }

    /// The consents about a citizen for one agency and purpose, whatever their state.
    ///
    /// # Errors
    /// The store cannot be read. No consent may then be assumed.
    pub async fn lookup(
        &self,
        citizen: &PersonalId,
        agency: &motlan_schemas::ids::AgencyId,
        purpose: &motlan_schemas::ids::PurposeId,
    ) -> Result<Vec<Consent>, ConsentStoreError> {
        let key = self.keys.key(citizen);
        self.store.lookup(&key, agency, purpose).await
    }

    /// Keeps the consents about a citizen as they are while an answer by them is decided for the
    /// last time and logged; `alone` if it uses one up.
    pub async fn hold(&self, citizen: &PersonalId, alone: bool) -> Hold<'_> {
        let hold = self.hold_of(&self.keys.key(citizen));
        if alone {
            let changes = self.changes.lock().await;
            Hold::Alone(changes, hold.write().await)
        } else {
            Hold::Shared(hold.read().await)
        }
    }

    /// The entry that says that an answer used a consent up; it is appended with the answer's own.
    ///
    /// # Errors
    /// The consent is not in force, or too long to write.
    pub fn used_up(
        &self,
        consent: Consent,
        citizen: PersonalId,
        query_id: QueryId,
        client: String,
        now: Timestamp,
    ) -> Result<(Consent, EncodedEntry), AppendError> {
        let used = consent.use_for_answer(milliseconds(now)).map_err(|_| {
            // It was in force a moment ago, under the same hold.
            AppendError::TooLarge
        })?;
        let change = Change {
            name: "used_up",
            subject: citizen,
            client,
            acting: None,
            request: None,
        };
        let entry = self.entry(&used, &change, Some(query_id), now)?;
        Ok((used, entry))
    }

    /// Keeps what the log now says of a consent that was used up under this hold.
    ///
    /// # Errors
    /// The store failed: the answer must not leave, and the store is made good at the next start.
    pub async fn keep_used_up(
        &self,
        _alone: &Hold<'_>,
        used: Consent,
        appended: &Appended,
    ) -> Result<(), ConsentStoreError> {
        let used = LoggedConsent {
            consent: used,
            request: None,
            entry: place(appended),
        };
        self.store.apply(&[used], &self.after(appended)).await
    }

    /// Forgets a citizen's ended consents for good. Whoever calls has made sure that none is in force,
    /// under this hold.
    ///
    /// # Errors
    /// The store failed; it can be tried again.
    pub async fn forget(
        &self,
        _alone: &Hold<'_>,
        citizen: &PersonalId,
    ) -> Result<(), ConsentStoreError> {
        self.store.forget(&self.keys.key(citizen)).await
    }

    /// Forgets for good the consents that have ended and whose last entry stands before this place:
    /// the log no longer says what they were.
    ///
    /// # Errors
    /// The store failed; it can be tried again.
    pub async fn forget_older(&self, before: u64) -> Result<(), ConsentStoreError> {
        let _changes = self.changes.lock().await;
        self.store.forget_older(before, self.clock.now()).await
    }

    async fn change(
        &self,
        _changes: &MutexGuard<'_, ()>,
        consent: Consent,
        change: Change,
    ) -> Result<Changed, LedgerError> {
        let entry = self.entry(&consent, &change, None, self.clock.now())?;
        let appended = self.log.append(vec![entry]).await?;
        if let Some(appended) = appended.first() {
            let logged = LoggedConsent {
                consent: consent.clone(),
                request: change.request,
                entry: place(appended),
            };
            self.store.apply(&[logged], &self.after(appended)).await?;
        }
        Ok(Changed {
            consent,
            is_new: true,
        })
    }

    fn entry(
        &self,
        consent: &Consent,
        change: &Change,
        query_id: Option<QueryId>,
        now: Timestamp,
    ) -> Result<EncodedEntry, AppendError> {
        let acting = change.acting.as_ref().map(|acting| Acting {
            person: self.writer.pseudonym(&acting.person),
            relation: acting.relation.as_str().into(),
            verified_by: Some(acting.verified_by.clone()),
        });
        let record = ConsentChange {
            acting,
            change: change.name.into(),
            client: change.client.clone(),
            consent: entry::record(consent, &self.catalogue, change.request),
            holder: Bytes32(consent.subject.0),
            query_id: query_id.map(|id| id.to_string()),
            subject: self.writer.pseudonym(&change.subject),
        };
        let entry = Entry {
            time: wire_time(now),
            nonce: Bytes32(random::bytes(self.random.as_ref())),
            record: Record::ConsentChange(record),
        };
        self.writer.seal(&entry).map_err(|error| {
            tracing::error!(%error, "a consent cannot be written");
            AppendError::TooLarge
        })
    }

    fn after(&self, appended: &Appended) -> LogMarker {
        LogMarker {
            origin: self.writer.origin().to_owned(),
            next: appended.leaf_index.0.saturating_add(1),
        }
    }

    fn hold_of(&self, subject: &SubjectKey) -> &RwLock<()> {
        let [first, second, ..] = subject.0;
        let place = usize::from(u16::from_be_bytes([first, second])) % HOLDS;
        // INVARIANT: there are HOLDS of them, so the first stands in for none.
        self.holds.get(place).unwrap_or(&NO_HOLD)
    }
}

struct Change {
    name: &'static str,
    subject: PersonalId,
    client: String,
    acting: Option<VerifiedActing>,
    request: Option<IdempotentRequest>,
}

const fn place(appended: &Appended) -> EntryPlace {
    EntryPlace {
        leaf_index: appended.leaf_index.0,
        leaf_hash: appended.leaf_hash,
    }
}

/// As the log and the store write times, so that what is kept is what was given.
fn milliseconds(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}

const HOLDS: usize = 1_024;

static NO_HOLD: RwLock<()> = RwLock::const_new(());

#[cfg(test)]
mod tests;
