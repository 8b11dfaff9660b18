//! The scope of a breach: whose data went where in which time, so that the authority can be told
//! within 72 hours and the people concerned can be found. The log names people by pseudonym; the
//! query ids and cases let the agencies that asked, who know the people, notify them.

use super::{Found, ReportError, found, places};
use crate::index::{Entries, Filter, Reader};
use jiff::{Timestamp, ToSpan};
use motlan_access_log::entry::{
    Record,
    record::{Access, Mention, Officer},
};
use motlan_schemas::clock::wire_time;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What has leaked, through whom, and when.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// The attribute.
    pub attribute: Option<String>,
    /// Or the whole dataset.
    pub dataset: Option<String>,
    /// The client it went to.
    pub client: Option<String>,
    /// Or the agency.
    pub agency: Option<String>,
    /// Or the officer.
    pub officer: Option<String>,
    /// The first moment.
    pub from: Option<Timestamp>,
    /// The first moment that does not count any more.
    pub until: Option<Timestamp>,
}

/// The whole scope.
#[derive(Debug, Serialize, ToSchema)]
pub struct Breach {
    /// How many different people and enterprises.
    pub subjects_total: usize,
    /// How many disclosures.
    pub disclosures_total: usize,
    /// The first disclosure, in UTC.
    #[schema(required)]
    pub first: Option<String>,
    /// The last one.
    #[schema(required)]
    pub last: Option<String>,
    /// How many disclosures of each attribute.
    pub attributes: BTreeMap<String, u64>,
    /// How many disclosures to each agency.
    pub agencies: BTreeMap<String, u64>,
    /// Entries whose details are erased: whether they belong here can no longer be told.
    pub erased: u64,
    /// Whether there are more than the million entries that were looked at.
    pub truncated: bool,
    /// The time for telling the authority.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub clock: Option<NotificationClock>,
    /// The first thousand; the table (`Accept: text/csv`) and the lines (`application/x-ndjson`) have
    /// all.
    pub subjects: Vec<BreachedSubject>,
}

/// The 72 hours within which the authority is told (GDPR, Article 33; Law 91/2025/QH15, Article 23).
#[derive(Debug, Serialize, ToSchema)]
pub struct NotificationClock {
    /// When the breach was discovered, in UTC.
    pub discovered_at: String,
    /// Until when the authority has to be told.
    pub notify_by: String,
    /// How many whole hours are left; negative where it is late.
    pub hours_left: i64,
}

/// One person or enterprise, by pseudonym.
#[derive(Debug, Serialize, ToSchema)]
pub struct BreachedSubject {
    /// The pseudonym, base64.
    pub pseudonym: String,
    /// Each disclosure, oldest first.
    pub disclosures: Vec<BreachedDisclosure>,
}

/// One disclosure.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BreachedDisclosure {
    /// Where its entry stands in the access log.
    pub leaf_index: u64,
    /// When it was, in UTC.
    pub time: String,
    /// `disclosure` or `mention`.
    pub kind: &'static str,
    /// The query.
    pub query_id: String,
    /// The agency's case.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub case: Option<String>,
    /// The agency.
    pub agency: String,
    /// The client.
    pub client: String,
    /// The officer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub officer: Option<String>,
    /// What of it the question is about.
    pub attributes: Vec<String>,
}

/// Shown in one JSON document.
const SUBJECTS_SHOWN_MAX: usize = 1_000;

impl Question {
    fn filter(&self) -> Filter {
        Filter {
            kinds: vec!["disclosure", "mention"],
            attribute: self.attribute.clone(),
            client: self.client.clone(),
            agency: self.agency.clone(),
            officer: self.officer.clone(),
            from: self.from,
            until: self.until,
            ..Filter::default()
        }
    }

    /// The filters as a look into the log records them.
    #[must_use]
    pub fn filters(&self) -> Vec<String> {
        let named = [
            ("attribute", &self.attribute),
            ("dataset", &self.dataset),
            ("client", &self.client),
            ("agency", &self.agency),
            ("officer", &self.officer),
        ];
        let named = named
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name}={}", value.as_ref()?)));
        let times = [("from", self.from), ("to", self.until)].into_iter();
        let times = times.filter_map(|(name, time)| Some(format!("{name}={}", wire_time(time?))));
        std::iter::once("report=breach".to_owned())
            .chain(named)
            .chain(times)
            .collect()
    }

    /// The places of the entries that may belong to it, oldest first, and whether there are more.
    ///
    /// # Errors
    /// [`ReportError`].
    pub fn candidates(
        &self,
        reader: &Reader,
        entries: &Entries,
    ) -> Result<(Vec<u64>, bool), ReportError> {
        places(reader, entries, &self.filter())
    }

    /// The disclosure at a place, if it belongs to the breach, with the subject's pseudonym; `Err`
    /// inside where its details are erased.
    ///
    /// # Errors
    /// [`ReportError`].
    pub fn disclosure(
        &self,
        entries: &Entries,
        place: u64,
    ) -> Result<Option<(String, BreachedDisclosure)>, ReportError> {
        let Some(Found {
            leaf_index,
            entry: Some(entry),
            ..
        }) = found(entries, place)?
        else {
            return Ok(None);
        };
        let (subject, mut disclosure) = match entry.record {
            Record::Disclosure(access) => (access.subject, of_access(leaf_index, access)),
            Record::Mention(mention) => (mention.subject, of_mention(leaf_index, mention)),
            _ => return Ok(None),
        };
        disclosure.attributes.retain(|name| self.concerns(name));
        disclosure.time = entry.time;
        let pseudonym = format!("{:?}", subject.value);
        Ok((!disclosure.attributes.is_empty()).then_some((pseudonym, disclosure)))
    }

    fn concerns(&self, attribute: &str) -> bool {
        let of_dataset = |dataset: &String| {
            let below = attribute.strip_prefix(dataset.as_str());
            below.is_some_and(|rest| rest.starts_with('.'))
        };
        self.attribute.as_deref().is_none_or(|it| it == attribute)
            && self.dataset.as_ref().is_none_or(of_dataset)
    }

    /// The whole scope.
    ///
    /// # Errors
    /// [`ReportError`].
    pub fn scope(
        &self,
        entries: &Entries,
        places: &[u64],
        truncated: bool,
    ) -> Result<Breach, ReportError> {
        let mut subjects: BTreeMap<String, Vec<BreachedDisclosure>> = BTreeMap::new();
        let mut breach = Breach {
            subjects_total: 0,
            disclosures_total: 0,
            first: None,
            last: None,
            attributes: BTreeMap::new(),
            agencies: BTreeMap::new(),
            erased: 0,
            truncated,
            clock: None,
            subjects: Vec::new(),
        };
        for place in places {
            if let Some((subject, disclosure)) = self.disclosure(entries, *place)? {
                breach.count(&disclosure);
                let known = subjects.len();
                let of_subject = subjects.entry(subject).or_default();
                // Beyond those that are shown, a subject is counted and no more.
                if known < SUBJECTS_SHOWN_MAX || !of_subject.is_empty() {
                    of_subject.push(disclosure);
                }
            } else if let Some(Found { entry: None, .. }) = found(entries, *place)? {
                breach.erased += 1;
            }
        }
        breach.subjects_total = subjects.len();
        let shown = subjects.into_iter().filter(|(_, all)| !all.is_empty());
        let shown = shown.map(|(pseudonym, disclosures)| BreachedSubject {
            pseudonym,
            disclosures,
        });
        breach.subjects = shown.collect();
        Ok(breach)
    }
}

impl Breach {
    fn count(&mut self, disclosure: &BreachedDisclosure) {
        self.disclosures_total += 1;
        let time = &disclosure.time;
        let is_first = self.first.as_ref().is_none_or(|first| time < first);
        if is_first {
            self.first = Some(time.clone());
        }
        if self.last.as_ref().is_none_or(|last| time > last) {
            self.last = Some(time.clone());
        }
        for attribute in &disclosure.attributes {
            *self.attributes.entry(attribute.clone()).or_default() += 1;
        }
        *self.agencies.entry(disclosure.agency.clone()).or_default() += 1;
    }
}

impl NotificationClock {
    /// The clock of a breach that was discovered at this moment.
    #[must_use]
    pub fn of(discovered_at: Timestamp, now: Timestamp) -> Self {
        let notify_by = discovered_at
            .checked_add(72.hours())
            .unwrap_or(discovered_at);
        Self {
            discovered_at: wire_time(discovered_at),
            notify_by: wire_time(notify_by),
            hours_left: (notify_by.as_second() - now.as_second()).div_euclid(3_600),
        }
    }
}

fn of_access(leaf_index: u64, access: Access) -> BreachedDisclosure {
    BreachedDisclosure {
        leaf_index,
        time: String::new(),
        kind: "disclosure",
        query_id: access.query_id,
        case: access.case,
        agency: access.agency,
        client: access.client,
        officer: officer(access.officer),
        attributes: access.attributes,
    }
}

fn of_mention(leaf_index: u64, mention: Mention) -> BreachedDisclosure {
    BreachedDisclosure {
        leaf_index,
        time: String::new(),
        kind: "mention",
        query_id: mention.query_id,
        case: None,
        agency: mention.agency,
        client: mention.client,
        officer: officer(mention.officer),
        attributes: mention.attributes,
    }
}

fn officer(officer: Option<Officer>) -> Option<String> {
    officer.map(|officer| officer.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authority_is_told_within_72_hours() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let discovered = at("2026-11-20T08:00:00Z");
        let clock = NotificationClock::of(discovered, at("2026-11-22T09:30:00Z"));
        assert_eq!(clock.notify_by, "2026-11-23T08:00:00.000Z");
        assert_eq!(clock.hours_left, 22);
        let late = NotificationClock::of(discovered, at("2026-11-23T08:00:01Z"));
        assert_eq!(late.hours_left, -1);
    }

    #[test]
    fn a_dataset_concerns_its_own_attributes_alone() {
        let question = Question {
            dataset: Some("population.identity".to_owned()),
            ..Question::default()
        };
        assert!(question.concerns("population.identity.full_name"));
        assert!(!question.concerns("population.identity_cards.number"));
        assert!(!question.concerns("population.residence.address"));
    }
}
