//! The alerts that nobody has closed yet, as the log tells them.

use super::{ErasureError, Filter, Reader};
use crate::index::Entries;
use motlan_access_log::entry::{Record, record::AlertReview};
use std::collections::{BTreeMap, BTreeSet};

/// Alerts by their place in the log, with the entries behind each.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct OpenAlerts(BTreeMap<u64, BTreeSet<u64>>);

/// Found at once.
const PAGE: usize = 1_000;

impl OpenAlerts {
    /// Finds them through the index.
    ///
    /// # Errors
    /// The index or the log cannot be read.
    pub(super) async fn find(reader: &Reader, entries: &Entries) -> Result<Self, ErasureError> {
        let (reader, entries) = (reader.clone(), entries.clone());
        let finding = tokio::task::spawn_blocking(move || Self::find_now(&reader, &entries));
        finding.await.map_err(|_| ErasureError::CutShort)?
    }

    fn find_now(reader: &Reader, entries: &Entries) -> Result<Self, ErasureError> {
        let filter = Filter {
            kinds: vec!["alert", "alert_review"],
            ..Filter::default()
        };
        let mut places = Vec::new();
        let mut before = Some(u64::MAX);
        while let Some(from) = before {
            let found = reader.search(entries, &filter, from, PAGE)?;
            places.extend(found.places);
            before = found.next;
        }
        let mut open = Self::default();
        for place in places.into_iter().rev() {
            open.see(place, &entries.entry(place)?.record);
        }
        Ok(open)
    }

    /// Takes the next record of the log.
    pub fn see(&mut self, place: u64, record: &Record) {
        match record {
            Record::Alert(alert) => {
                self.0
                    .insert(place, alert.entries.iter().copied().collect());
            }
            Record::AlertReview(review) if is_closed(review) => {
                self.0.remove(&review.alert);
            }
            _ => {}
        }
    }

    /// Those that rest on one of these entries.
    #[must_use]
    pub fn about(&self, places: &BTreeSet<u64>) -> Vec<u64> {
        let about = self
            .0
            .iter()
            .filter(|(_, entries)| !entries.is_disjoint(places));
        about.map(|(alert, _)| *alert).collect()
    }

    /// The oldest entry that they rest on.
    #[must_use]
    pub fn oldest(&self) -> Option<u64> {
        let all = self.0.iter();
        all.flat_map(|(alert, entries)| entries.first().copied().into_iter().chain([*alert]))
            .min()
    }
}

fn is_closed(review: &AlertReview) -> bool {
    review.state == "justified" || review.state == "incident"
}

#[cfg(test)]
mod tests {
    use super::*;
    use motlan_access_log::entry::record::Alert;

    fn alert(entries: &[u64]) -> Record {
        Record::Alert(Alert {
            agency: "ward-ba-dinh".to_owned(),
            attribute: None,
            client: "one-stop".to_owned(),
            count: 9,
            entries: entries.to_vec(),
            limit: 5,
            officer: None,
            purpose: None,
            rule: "one_case".into(),
            usual: None,
            window: "day".into(),
        })
    }

    fn review(alert: u64, state: &'static str) -> Record {
        Record::AlertReview(AlertReview {
            alert,
            client: "dpo-console".to_owned(),
            note: "looked at the case file".to_owned(),
            state: state.into(),
        })
    }

    #[test]
    fn an_alert_is_open_until_it_is_justified_or_an_incident() {
        let mut open = OpenAlerts::default();
        open.see(10, &alert(&[3, 4]));
        open.see(11, &alert(&[7]));
        open.see(12, &review(10, "in_review"));
        let places = BTreeSet::from([4, 7]);
        assert_eq!(open.about(&places), [10, 11]);
        assert_eq!(open.oldest(), Some(3));
        open.see(13, &review(10, "justified"));
        assert_eq!(open.about(&places), [11]);
        open.see(14, &review(11, "incident"));
        assert_eq!(open.about(&places), [0_u64; 0]);
        assert_eq!(open.oldest(), None);
    }
}
