//! Rules for one agency or one purpose stand apart from the general ones, and are evaluated for
//! exactly them: however many offices have rules of their own, the others do not pay for them.
//!
//! A rule is for one agency where its head says so (`principal == Agency::"…"`), and for one
//! purpose where its annotation does (`@purpose("…")`).

use super::rule::Names;
use crate::decide::facts::Slice;
use cedar_policy::{Policy, PolicySet};
use foldhash::fast::RandomState;
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

/// The rules of a bundle, by the agency and the purpose for which they are.
#[derive(Debug, Default)]
pub(crate) struct Slices {
    general: PolicySet,
    sliced: HashMap<Slice, Vec<Policy>, RandomState>,
    agencies: Places,
    purposes: Places,
    /// Agencies that matter whatever the purpose, and the other way round.
    always_agencies: HashSet<usize, RandomState>,
    always_purposes: HashSet<usize, RandomState>,
    /// Agencies and purposes that matter together.
    pairs: HashSet<(usize, usize), RandomState>,
}

/// A name in rules. It is looked up once for each agency and purpose, when policies are loaded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    place: usize,
    always: bool,
}

/// Names in the order in which they were met.
#[derive(Debug, Default)]
struct Places {
    names: Vec<String>,
    places: HashMap<String, usize, RandomState>,
}

impl Slices {
    /// Where rules name an agency, and whether that matters whatever it asks for.
    pub(crate) fn agency_place(&self, agency: &str) -> Option<Place> {
        let place = self.agencies.places.get(agency).copied()?;
        let always = self.always_agencies.contains(&place);
        Some(Place { place, always })
    }

    /// Where rules name a purpose, and whether that matters whoever asks.
    pub(crate) fn purpose_place(&self, purpose: &str) -> Option<Place> {
        let place = self.purposes.places.get(purpose).copied()?;
        let always = self.always_purposes.contains(&place);
        Some(Place { place, always })
    }

    /// What the rules can see of who asks for what.
    pub(crate) fn of(&self, agency: Option<Place>, purpose: Option<Place>) -> Slice {
        let pair = agency.zip(purpose).map(|(a, p)| (a.place, p.place));
        let together = pair.is_some_and(|pair| self.pairs.contains(&pair));
        let seen = |place: Option<Place>| place.filter(|p| together || p.always).map(|p| p.place);
        Slice {
            agency: seen(agency),
            purpose: seen(purpose),
        }
    }

    /// The general rules, and those for this agency and purpose. `None` where they cannot be put
    /// together, which denies.
    pub(super) fn policies(&self, slice: Slice) -> Option<Cow<'_, PolicySet>> {
        let Slice { agency, purpose } = slice;
        let for_agency = agency.map(|_| Slice {
            agency,
            purpose: None,
        });
        let for_purpose = purpose.map(|_| Slice {
            agency: None,
            purpose,
        });
        let both = agency.and(purpose).map(|_| slice);
        let slices = [for_agency, for_purpose, both].into_iter().flatten();
        let mut own = slices
            .filter_map(|slice| self.sliced.get(&slice))
            .flatten()
            .peekable();
        if own.peek().is_none() {
            return Some(Cow::Borrowed(&self.general));
        }
        let mut policies = self.general.clone();
        for policy in own {
            policies.add(policy.clone()).ok()?;
        }
        Some(Cow::Owned(policies))
    }

    pub(super) fn agency(&self, slice: Slice) -> Option<&str> {
        self.agencies.name(slice.agency?)
    }

    pub(super) fn purpose(&self, slice: Slice) -> Option<&str> {
        self.purposes.name(slice.purpose?)
    }
}

impl Places {
    fn place(&mut self, name: &str) -> usize {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let place = self.names.len();
        self.names.push(name.to_owned());
        self.places.insert(name.to_owned(), place);
        place
    }

    fn name(&self, place: usize) -> Option<&str> {
        self.names.get(place).map(String::as_str)
    }
}

/// Slices in the making.
#[derive(Debug, Default)]
pub(super) struct SlicesBuilder {
    slices: Slices,
    /// Collected, because a policy set is put together best at once.
    general: Vec<Policy>,
}

impl SlicesBuilder {
    /// Adds a rule whose id no other rule has.
    pub(super) fn add(&mut self, policy: Policy, names: &Names) {
        let slices = &mut self.slices;
        let mut agency = |name: &String| slices.agencies.place(name);
        let for_agency = names.for_agency.as_ref().map(&mut agency);
        let agencies: Vec<_> = names.agencies.iter().map(agency).collect();
        let mut purpose = |name: &String| slices.purposes.place(name);
        let for_purpose = names.for_purpose.as_ref().map(&mut purpose);
        let purposes: Vec<_> = names.purposes.iter().map(purpose).collect();
        match (for_agency, for_purpose) {
            (Some(agency), Some(purpose)) => _ = slices.pairs.insert((agency, purpose)),
            // In its conditions it may tell purposes apart, for this agency alone.
            (Some(agency), None) => {
                slices.always_agencies.insert(agency);
                let pairs = purposes.into_iter().map(|purpose| (agency, purpose));
                slices.pairs.extend(pairs);
            }
            (None, Some(purpose)) => {
                slices.always_purposes.insert(purpose);
                let pairs = agencies.into_iter().map(|agency| (agency, purpose));
                slices.pairs.extend(pairs);
            }
            (None, None) => {
                slices.always_agencies.extend(agencies);
                slices.always_purposes.extend(purposes);
                self.general.push(policy);
                return;
            }
        }
        let slice = Slice {
            agency: for_agency,
            purpose: for_purpose,
        };
        slices.sliced.entry(slice).or_default().push(policy);
    }

    pub(super) fn build(self) -> Slices {
        // INVARIANT: the ids differ, so the set takes all of them.
        let general = PolicySet::from_policies(self.general).unwrap_or_default();
        Slices {
            general,
            ..self.slices
        }
    }
}
