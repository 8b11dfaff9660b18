//! Whether a registry was asked as often as the access log says: the registry's own count of requests
//! beside the log's, hour by hour. A registry that counts more was asked by somebody who did not log;
//! one that counts fewer has lost requests, or the log tells of some that never arrived.
//!
//! The log knows how many requests each fetch took (`requests` of a dataset's outcome); of answers
//! that shared a fetch, one carries them. Where a registry failed, the log has that it was to be
//! asked, and not whether a request reached it: that is the range in which the counts agree.

use super::{ReportError, found, places};
use crate::index::{Entries, Filter, Reader};
use jiff::{Timestamp, ToSpan, Unit, tz::TimeZone};
use motlan_access_log::entry::Record;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What is to be compared.
#[derive(Debug, Clone)]
pub struct Question {
    /// Which registry.
    pub registry: String,
    /// The first moment.
    pub from: Timestamp,
    /// The first moment that does not count any more.
    pub until: Timestamp,
    /// What the registry counted.
    pub counted: Counted,
}

/// The registry's own count.
#[derive(Debug, Clone)]
pub enum Counted {
    /// In all.
    Total(u64),
    /// By hour, each by its first moment.
    ByHour(BTreeMap<Timestamp, u64>),
}

/// Both counts, and what their difference means.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reconciliation {
    /// The registry.
    pub registry: String,
    /// What the log says.
    pub ours: LoggedRequests,
    /// What the registry says.
    pub theirs: u64,
    /// By how many requests the registry counts more (or, negative, fewer) than the log can tell of.
    pub difference: i64,
    /// `agree`, `registry_counts_more` or `registry_counts_fewer`.
    pub verdict: &'static str,
    /// The same in a sentence, in the language asked for.
    pub sentence: String,
    /// Whether there are more than the million entries that were looked at: then ask for less time.
    pub truncated: bool,
    /// Hour by hour, where there was anything, oldest first.
    pub hours: Vec<Hour>,
}

/// What the log says of requests to a registry.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct LoggedRequests {
    /// Requests that were answered.
    pub requests: u64,
    /// Datasets for which the registry failed, also where a stale answer was served instead: none or
    /// several requests each may have reached it.
    pub failures: u64,
    /// Datasets that came from the registry, answers that shared a fetch counted each.
    pub served: u64,
}

/// One hour.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReconciledHour)]
pub struct Hour {
    /// Its first moment, in UTC.
    pub hour: String,
    /// What the log says.
    pub ours: LoggedRequests,
    /// What the registry says, where it says it by hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub theirs: Option<u64>,
    /// Whether the two agree, where both say.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub agrees: Option<bool>,
}

/// A failing fetch can have sent this many requests before it failed: as many pages as a registry
/// may have.
const REQUESTS_OF_A_FAILURE_MAX: u64 = 20;

/// What the log says by hour, and whether there are more than the million entries that were looked at.
///
/// # Errors
/// The log or its index cannot be read.
pub fn count(
    reader: &Reader,
    entries: &Entries,
    question: &Question,
) -> Result<(BTreeMap<Timestamp, LoggedRequests>, bool), ReportError> {
    let filter = Filter {
        kinds: vec!["disclosure", "refusal", "check"],
        registry: Some(question.registry.clone()),
        from: Some(question.from),
        until: Some(question.until),
        ..Filter::default()
    };
    let (places, truncated) = places(reader, entries, &filter)?;
    let mut hours = BTreeMap::new();
    for place in places {
        let entry = found(entries, place)?.and_then(|found| found.entry);
        let Some(entry) = entry else { continue };
        let (Record::Disclosure(access) | Record::Refusal(access) | Record::Check(access)) =
            &entry.record
        else {
            continue;
        };
        let Some(hour) = entry.time.parse().ok().and_then(hour_of) else {
            continue;
        };
        for outcome in access.datasets.values().flatten() {
            if outcome.registry.as_deref() == Some(&*question.registry) {
                let logged: &mut LoggedRequests = hours.entry(hour).or_default();
                logged.requests += outcome.requests;
                logged.failures += u64::from(outcome.problem.is_some() || outcome.stale);
                logged.served += u64::from(outcome.served_from.as_deref() == Some("registry"));
            }
        }
    }
    Ok((hours, truncated))
}

/// Compares the counts; `sentence` and `truncated` are filled in by whoever knows them.
#[must_use]
pub fn compare(question: &Question, ours: &BTreeMap<Timestamp, LoggedRequests>) -> Reconciliation {
    let total = ours
        .values()
        .fold(LoggedRequests::default(), |sum, hour| LoggedRequests {
            requests: sum.requests + hour.requests,
            failures: sum.failures + hour.failures,
            served: sum.served + hour.served,
        });
    let by_hour = match &question.counted {
        Counted::Total(_) => None,
        Counted::ByHour(hours) => Some(hours),
    };
    let theirs = match &question.counted {
        Counted::Total(total) => *total,
        Counted::ByHour(hours) => hours.values().sum(),
    };
    let known = ours
        .keys()
        .chain(by_hour.into_iter().flat_map(BTreeMap::keys));
    let known: std::collections::BTreeSet<_> = known.copied().collect();
    let hours: Vec<_> = known
        .into_iter()
        .map(|hour| {
            let ours = ours.get(&hour).copied().unwrap_or_default();
            let theirs = by_hour.map(|theirs| theirs.get(&hour).copied().unwrap_or(0));
            Hour {
                hour: motlan_schemas::clock::wire_time(hour),
                ours,
                theirs,
                agrees: theirs.map(|theirs| difference(ours, theirs) == 0),
            }
        })
        .collect();
    let difference = difference(total, theirs);
    Reconciliation {
        registry: question.registry.clone(),
        ours: total,
        theirs,
        difference,
        verdict: match difference {
            0 => "agree",
            1.. => "registry_counts_more",
            _ => "registry_counts_fewer",
        },
        sentence: String::new(),
        truncated: false,
        hours,
    }
}

/// How far the registry's count lies outside of what the log can explain.
fn difference(ours: LoggedRequests, theirs: u64) -> i64 {
    let most = ours.requests + ours.failures.saturating_mul(REQUESTS_OF_A_FAILURE_MAX);
    let beyond = theirs.saturating_sub(most);
    let short = ours.requests.saturating_sub(theirs);
    i64::try_from(beyond).unwrap_or(i64::MAX) - i64::try_from(short).unwrap_or(i64::MAX)
}

/// The hour that a moment lies in, by its first moment.
#[must_use]
pub fn hour_of(moment: Timestamp) -> Option<Timestamp> {
    let hour = moment.to_zoned(TimeZone::UTC);
    let rounding = jiff::ZonedRound::new()
        .smallest(Unit::Hour)
        .mode(jiff::RoundMode::Trunc);
    Some(hour.round(rounding).ok()?.timestamp())
}

/// The hour after one.
#[must_use]
pub fn next_hour(hour: Timestamp) -> Timestamp {
    hour.checked_add(1.hour()).unwrap_or(hour)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn logged(requests: u64, failures: u64) -> LoggedRequests {
        LoggedRequests {
            requests,
            failures,
            served: requests,
        }
    }

    fn question(counted: Counted) -> Question {
        Question {
            registry: "land".to_owned(),
            from: at("2026-11-21T00:00:00Z"),
            until: at("2026-11-22T00:00:00Z"),
            counted,
        }
    }

    #[test]
    fn counts_agree_within_what_failures_can_explain() {
        let hour = at("2026-11-21T08:00:00Z");
        let compared = |requests, failures, theirs| {
            let ours = BTreeMap::from([(hour, logged(requests, failures))]);
            let compared = compare(&question(Counted::Total(theirs)), &ours);
            (compared.verdict, compared.difference)
        };
        assert_eq!(compared(10, 0, 10), ("agree", 0));
        assert_eq!(compared(10, 0, 12), ("registry_counts_more", 2));
        assert_eq!(compared(10, 0, 7), ("registry_counts_fewer", -3));
        assert_eq!(compared(10, 1, 12), ("agree", 0));
        assert_eq!(compared(10, 1, 31), ("registry_counts_more", 1));
        assert_eq!(compared(10, 5, 9), ("registry_counts_fewer", -1));
    }

    #[test]
    fn hours_that_one_side_alone_knows_are_shown() {
        let (eight, nine) = (at("2026-11-21T08:00:00Z"), at("2026-11-21T09:00:00Z"));
        let ours = BTreeMap::from([(eight, logged(3, 0))]);
        let theirs = BTreeMap::from([(eight, 3), (nine, 2)]);
        let compared = compare(&question(Counted::ByHour(theirs)), &ours);
        let hours: Vec<_> = compared
            .hours
            .iter()
            .map(|h| (&*h.hour, h.agrees))
            .collect();
        let expected = [
            ("2026-11-21T08:00:00.000Z", Some(true)),
            ("2026-11-21T09:00:00.000Z", Some(false)),
        ];
        assert_eq!(hours, expected);
        assert_eq!(compared.difference, 2);
        assert_eq!(hour_of(at("2026-11-21T08:59:59.9Z")), Some(eight));
        assert_eq!(next_hour(eight), nine);
    }
}
