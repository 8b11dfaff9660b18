//! Alerts: what a data protection officer should look at, and how far that has come.
//!
//! The access log is the only store. An alert is an entry, and so is each step of its review; what
//! is here follows from them. [`follow`] reads the log as it grows, shows its questions to the
//! [detectors](crate::detectors), writes what they find into the log, and keeps this list.

mod follow;
mod kept;

pub use follow::{Alerts, Behind};

use motlan_access_log::entry::{
    Entry, Record,
    record::{Alert, AlertReview},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far an alert has come.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[schema(as = AlertState)]
pub enum State {
    /// Nobody has taken it up.
    New,
    /// Somebody is looking into it.
    InReview,
    /// There was a good reason. It is closed.
    Justified,
    /// It was a misuse, or a mistake with consequences. It is closed.
    Incident,
}

/// One alert as the log has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Where it stands in the log.
    pub leaf_index: u64,
    /// When it was raised.
    pub time: String,
    /// What it says.
    pub alert: Alert,
    /// How far it has come.
    pub state: State,
    /// The steps of its review, the first one first.
    pub reviews: Vec<Reviewed>,
}

/// One step of a review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewed {
    /// Where it stands in the log.
    pub leaf_index: u64,
    /// When it was taken.
    pub time: String,
    /// The state that it led to.
    pub state: State,
    /// What the reviewer said.
    pub note: String,
}

/// How many alerts there are in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = AlertCounts)]
pub struct Counts {
    /// Nobody has taken them up.
    pub new: u64,
    /// Somebody is looking into them.
    pub in_review: u64,
    /// Closed: there was a good reason.
    pub justified: u64,
    /// Closed: there was none.
    pub incident: u64,
}

/// All open alerts, and the closed ones of late.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    alerts: BTreeMap<u64, Listed>,
    counts: Counts,
}

/// Alerts that are kept in memory, about half a kilobyte each. Where there are more, closed ones go
/// first, and the older ones before the newer ones. The log keeps them all.
const KEPT_MAX: usize = 10_000;
/// Closed alerts that are kept.
const CLOSED_KEPT_MAX: u64 = 1_000;

impl State {
    /// All states, in their order.
    pub const ALL: [Self; 4] = [Self::New, Self::InReview, Self::Justified, Self::Incident];

    /// As on the wire and in the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::InReview => "in_review",
            Self::Justified => "justified",
            Self::Incident => "incident",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Whether a review may lead from here to there: an alert is taken up, and then closed once.
    #[must_use]
    pub const fn leads_to(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::New, Self::InReview) | (Self::InReview, Self::Justified | Self::Incident)
        )
    }

    /// Whether somebody has to look yet.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::New | Self::InReview)
    }
}

impl Counts {
    const fn of(&mut self, state: State) -> &mut u64 {
        match state {
            State::New => &mut self.new,
            State::InReview => &mut self.in_review,
            State::Justified => &mut self.justified,
            State::Incident => &mut self.incident,
        }
    }
}

impl Book {
    /// Takes the next entry of the log; most say nothing about alerts.
    pub fn apply(&mut self, leaf_index: u64, entry: Entry) {
        match entry.record {
            Record::Alert(alert) => self.raise(leaf_index, entry.time, alert),
            Record::AlertReview(review) => self.review(leaf_index, entry.time, review),
            _ => {}
        }
    }

    /// The alerts below a place of the log, the newest first.
    pub fn newest(&self, before: u64, state: Option<State>) -> impl Iterator<Item = &Listed> {
        let below = self.alerts.range(..before).rev();
        below
            .map(|(_, listed)| listed)
            .filter(move |listed| state.is_none_or(|state| listed.state == state))
    }

    /// The alert at a place of the log.
    #[must_use]
    pub fn at(&self, leaf_index: u64) -> Option<&Listed> {
        self.alerts.get(&leaf_index)
    }

    /// How many alerts there are in each state, kept here or not.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    fn raise(&mut self, leaf_index: u64, time: String, alert: Alert) {
        let listed = Listed {
            leaf_index,
            time,
            alert,
            state: State::New,
            reviews: Vec::new(),
        };
        self.counts.new += 1;
        self.alerts.insert(leaf_index, listed);
        if self.alerts.len() > KEPT_MAX {
            let closed = self.alerts.values().find(|listed| !listed.state.is_open());
            let goes = closed.or_else(|| self.alerts.values().next());
            if let Some(goes) = goes.map(|listed| listed.leaf_index) {
                self.alerts.remove(&goes);
            }
        }
    }

    /// A step that does not follow from the one before was not written by this gateway.
    fn review(&mut self, leaf_index: u64, time: String, review: AlertReview) {
        let Some(listed) = self.alerts.get_mut(&review.alert) else {
            return;
        };
        let Some(state) = State::named(&review.state).filter(|next| listed.state.leads_to(*next))
        else {
            return;
        };
        *self.counts.of(listed.state) -= 1;
        *self.counts.of(state) += 1;
        listed.state = state;
        listed.reviews.push(Reviewed {
            leaf_index,
            time,
            state,
            note: review.note,
        });
        self.forget_closed();
    }

    fn forget_closed(&mut self) {
        let kept = self.alerts.values();
        let closed = kept.filter(|listed| !listed.state.is_open()).count() as u64;
        if closed > CLOSED_KEPT_MAX {
            let oldest = self.alerts.values().find(|listed| !listed.state.is_open());
            if let Some(oldest) = oldest.map(|listed| listed.leaf_index) {
                self.alerts.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests;
