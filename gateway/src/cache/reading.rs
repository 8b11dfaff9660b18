//! What a read gives: the permitted part of what a registry said, and nothing else.
//!
//! The cache may hold more about a subject than the permit at hand allows. The records themselves
//! never leave this module; whoever holds a [`Reading`] sees them through its permit.

use jiff::Timestamp;
use motlan_policies::permit::Permit;
use motlan_schemas::{
    answer::ServedFrom,
    catalogue::{AttributeIndex, AttributeSet, Dataset},
    ids::PersonalId,
    record::Records,
};
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU64, Ordering},
};

/// What a registry said of one subject in one dataset, once.
#[derive(Debug)]
pub(super) struct Held {
    /// What it was asked for, flags included.
    pub(super) asked: AttributeSet,
    /// What it said.
    pub(super) records: Records,
    /// When it said it.
    pub(super) as_of: Timestamp,
    /// What it sent beyond what was asked; that was dropped.
    pub(super) over_delivered: usize,
    /// How many requests it took; the first reading that is logged takes them, so that those who
    /// share a fetch do not count it again.
    pub(super) requests: AtomicU64,
    /// The persons whom the records identify, found at the first answer that needs them.
    pub(super) persons: OnceLock<Box<[(PersonalId, AttributeIndex)]>>,
}

/// What a read gave.
#[derive(Debug)]
pub struct Reading {
    held: Arc<Held>,
    permitted: AttributeSet,
    /// Whether the registry was asked.
    pub served_from: ServedFrom,
    /// Older than the permit's freshness, and allowed because the registry is out.
    pub stale: bool,
}

impl Reading {
    pub(super) fn new(held: Arc<Held>, permit: &Permit, served_from: ServedFrom) -> Self {
        Self {
            held,
            permitted: permit.attributes(),
            served_from,
            stale: false,
        }
    }

    pub(super) fn stale(held: Arc<Held>, permit: &Permit) -> Self {
        Self {
            stale: true,
            ..Self::new(held, permit, ServedFrom::Cache)
        }
    }

    /// The same reading through another permit: what both allow, and nothing else.
    #[must_use]
    pub fn narrowed(self, permit: &Permit) -> Self {
        Self {
            permitted: self.permitted & permit.attributes(),
            ..self
        }
    }

    /// The attributes that can be seen here.
    #[must_use]
    pub const fn attributes(&self) -> AttributeSet {
        self.permitted
    }

    /// Whether some record has this flag set. Flags are in every permit.
    #[must_use]
    pub fn has_flag(&self, flag: AttributeIndex) -> bool {
        self.permitted.contains(flag)
            && self.held.records.as_slice().iter().any(|record| {
                let mut values = record.values();
                values.any(|(index, value)| index == flag && value == "true")
            })
    }

    /// The texts that records have for a permitted attribute.
    #[must_use]
    pub fn texts(&self, attribute: AttributeIndex) -> Vec<String> {
        if !self.permitted.contains(attribute) {
            return Vec::new();
        }
        let values = self.held.records.as_slice().iter();
        let values = values.flat_map(|record| record.values());
        let values = values.filter(|(index, _)| *index == attribute);
        values
            .filter_map(|(_, value)| serde_json::from_str(value).ok())
            .collect()
    }

    /// The permitted attributes as they go to the caller; `None` where nothing is on record.
    #[must_use]
    pub fn to_json(&self, dataset: &Dataset) -> Option<String> {
        self.held.records.to_json(dataset, self.permitted)
    }

    /// Whether the registry holds nothing about the subject.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self.held.records, Records::Absent)
    }

    /// When the registry said it.
    #[must_use]
    pub fn as_of(&self) -> Timestamp {
        self.held.as_of
    }

    /// How many values the registry sent beyond what it was asked for; they were dropped.
    #[must_use]
    pub fn over_delivered(&self) -> usize {
        self.held.over_delivered
    }

    /// How many requests to the registry this reading has to answer for: those of its fetch, where
    /// no other reading has taken them. They are not told twice.
    #[must_use]
    pub fn take_requests(&self) -> u64 {
        self.held.requests.swap(0, Ordering::Relaxed)
    }

    /// The persons whom permitted attributes identify, each with the attribute that does so.
    pub fn persons(
        &self,
        dataset: &Dataset,
    ) -> impl Iterator<Item = (PersonalId, AttributeIndex)> + '_ {
        let persons = self
            .held
            .persons
            .get_or_init(|| self.held.records.persons(dataset).into());
        persons
            .iter()
            .copied()
            .filter(|(_, attribute)| self.permitted.contains(*attribute))
    }
}
