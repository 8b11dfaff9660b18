//! Budgets against harvesting: how many different people a client and its officers may ask about.
//!
//! A quota limits how often somebody asks; it does not stop somebody who slowly asks about
//! everybody. What is counted here is *different subjects*: asked about, refused, unknown to every
//! register, and next to a number asked about before. Asking again about somebody who was counted
//! already costs nothing, and goes on when a budget is used up: an office can finish the cases on
//! its desk, and learns nothing new.
//!
//! Windows are the hour and the day of the clock in Vietnam, not the last 60 minutes or 24 hours: an
//! office works within a day, a used-up budget has an end that everybody can name, and one set of
//! hashes a window is all that has to be kept. The price is that two budgets can be used around
//! midnight.
//!
//! Memory: a set holds at most as many 64-bit keyed hashes as its budget allows, and the numbers
//! (for neighbours) at most as many as subjects. A restart rebuilds subjects and refusals from the
//! access log ([`rebuild`]). It cannot rebuild neighbours, because the log has pseudonyms and no
//! numbers; nor misses, because the log does not tell a batch, whose misses do not count.
//!
//! Deliberately absent: network addresses. Whoever harvests has many.

mod account;
pub mod reach;
pub mod rebuild;

use account::{Account, Moment};
use jiff::Timestamp;
use motlan_policies::agency::{Budget, BudgetLimits};
use motlan_schemas::ids::{ClientId, OfficerId, PersonalId};
use parking_lot::{Mutex, RwLock};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// What all clients have used of their budgets.
#[derive(Default)]
pub struct Budgets {
    clients: RwLock<HashMap<ClientId, Arc<Mutex<Books>>>>,
}

/// Whose budgets are used.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// The program.
    pub client: &'a ClientId,
    /// The officer, where the question names one.
    pub officer: Option<&'a OfficerId>,
}

/// Whom a question is about.
#[derive(Debug, Clone, Copy)]
pub struct Counted<'a> {
    /// A keyed hash of the subject.
    pub key: u64,
    /// The number, where it is a person's who was named alone: a batch says at once whom it is
    /// about, and its neighbours are its own affair.
    pub walked: Option<&'a PersonalId>,
}

/// What came of a question, as far as budgets are concerned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Nothing was permitted, or something is sealed.
    pub refused: bool,
    /// No register that was asked knows the subject.
    pub missed: bool,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// Different subjects.
    Subjects,
    /// Different subjects of whom everything was refused, or something is sealed.
    Refusals,
    /// Different subjects whom no register knows.
    Misses,
    /// Different subjects whose numbers are close to one asked about before.
    Neighbours,
}

/// The time that a budget is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Window {
    /// An hour of the clock.
    Hour,
    /// A day of the calendar in Vietnam.
    Day,
}

/// A budget that is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exhausted {
    /// Which.
    pub rule: Rule,
    /// For how long.
    pub window: Window,
    /// Whether it is the officer's, and not the client's.
    pub officers_own: bool,
    /// How many there were.
    pub count: u64,
    /// How many there may be.
    pub limit: u32,
    /// In how many seconds the next window begins.
    pub seconds: u64,
    /// Nobody was told yet in this window.
    pub first: bool,
}

/// What one client has used.
#[derive(Default)]
struct Books {
    client: Account,
    /// By officer; questions without one are one nameless officer's.
    officers: HashMap<Option<OfficerId>, Account>,
    /// The numbers asked about one by one on this day.
    numbers: BTreeSet<u64>,
    moment: Moment,
}

/// How close numbers are neighbours. Of a year's births in a province a few thousand numbers of a
/// million are given, so honest questions meet one within so few only by chance.
const NEIGHBOURHOOD: u64 = 100;
/// Officers of a client who have a budget of their own; all who come after them share the nameless
/// officer's. The agency says who its officers are, and could invent any number of them.
const OFFICERS_MAX: usize = 10_000;

impl Budgets {
    /// Counts a subject before anything is read of it.
    ///
    /// # Errors
    /// The budget that is used up. Nothing is counted then.
    pub fn admit(
        &self,
        asker: Asker<'_>,
        budget: &Budget,
        subject: Counted<'_>,
        now: Timestamp,
    ) -> Result<(), Exhausted> {
        let moment = Moment::of(now);
        let books = self.books(asker.client);
        let mut books = books.lock();
        books.turn_to(moment);
        let number = subject.walked.and_then(number);
        let is_neighbour = number.is_some_and(|number| books.has_neighbour(number));
        for (account, limits, officers_own) in books.accounts(asker.officer, budget) {
            if let Some(exhausted) = account.exhausted(subject.key, limits, moment) {
                return Err(Exhausted {
                    officers_own,
                    ..exhausted
                });
            }
        }
        for (account, limits, _) in books.accounts(asker.officer, budget) {
            account.count(Rule::Subjects, subject.key, limits);
            if is_neighbour {
                account.count(Rule::Neighbours, subject.key, limits);
            }
        }
        books.numbers.extend(number);
        Ok(())
    }

    /// Counts what came of a question that was admitted.
    pub fn settle(
        &self,
        asker: Asker<'_>,
        budget: &Budget,
        key: u64,
        outcome: Outcome,
        now: Timestamp,
    ) {
        if outcome == Outcome::default() {
            return;
        }
        let books = self.books(asker.client);
        let mut books = books.lock();
        books.turn_to(Moment::of(now));
        for (account, limits, _) in books.accounts(asker.officer, budget) {
            if outcome.refused {
                account.count(Rule::Refusals, key, limits);
            }
            if outcome.missed {
                account.count(Rule::Misses, key, limits);
            }
        }
    }

    /// Counts a question of the past: in the hour and the day of `now` in which it was asked, or
    /// not at all.
    fn recall(
        &self,
        asker: Asker<'_>,
        budget: &Budget,
        key: u64,
        refused: bool,
        (asked, now): (Timestamp, Timestamp),
    ) {
        let (asked, now) = (Moment::of(asked), Moment::of(now));
        if asked.day != now.day {
            return;
        }
        let books = self.books(asker.client);
        let mut books = books.lock();
        books.turn_to(now);
        for (account, limits, _) in books.accounts(asker.officer, budget) {
            account.recall(key, refused, asked.hour == now.hour, limits);
        }
    }

    fn books(&self, client: &ClientId) -> Arc<Mutex<Books>> {
        if let Some(books) = self.clients.read().get(client) {
            return Arc::clone(books);
        }
        Arc::clone(self.clients.write().entry(client.clone()).or_default())
    }
}

impl Books {
    fn turn_to(&mut self, moment: Moment) {
        if self.moment.day != moment.day {
            self.officers.clear();
            self.numbers.clear();
        }
        self.moment = moment;
    }

    fn has_neighbour(&self, number: u64) -> bool {
        let around = number.saturating_sub(NEIGHBOURHOOD)..=number.saturating_add(NEIGHBOURHOOD);
        self.numbers.range(around).any(|other| *other != number)
    }

    /// The officer's account before the client's: who has used up their own budget is told so.
    fn accounts<'a>(
        &'a mut self,
        officer: Option<&OfficerId>,
        budget: &'a Budget,
    ) -> [(&'a mut Account, &'a BudgetLimits, bool); 2] {
        let mut name = officer.cloned();
        if self.officers.len() >= OFFICERS_MAX && !self.officers.contains_key(&name) {
            name = None;
        }
        let own = self.officers.entry(name).or_default();
        own.turn_to(self.moment);
        self.client.turn_to(self.moment);
        [
            (own, &budget.officer, true),
            (&mut self.client, &budget.client, false),
        ]
    }
}

impl Rule {
    /// All, in the order in which they are looked at.
    pub const ALL: [Self; 4] = [
        Self::Neighbours,
        Self::Misses,
        Self::Refusals,
        Self::Subjects,
    ];

    /// As in the log and in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Subjects => "subjects",
            Self::Refusals => "refusals",
            Self::Misses => "misses",
            Self::Neighbours => "neighbours",
        }
    }
}

impl Window {
    /// As in the log and in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }
}

fn number(person: &PersonalId) -> Option<u64> {
    person.expose().parse().ok()
}

/// Numbers of persons are inside: only sizes are shown.
impl std::fmt::Debug for Budgets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Budgets({} clients)", self.clients.read().len())
    }
}

#[cfg(test)]
mod tests;
