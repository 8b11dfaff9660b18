//! Which Coverage counts, and what its common elements say.

use crate::{config::Config, patient::Insured};
use jiff::{
    civil::Date,
    tz::{Offset, TimeZone},
};
use motlan_adapter_sdk::{
    adapter::AdapterError,
    fhir::{self, Coding, has_coding},
};
use motlan_schemas::{date::PartialDate, ids::PersonalId};
use serde_json::Value;

/// The subject's coverages of a scheme among those that the server sent. If it sent others' only, it
/// has answered about somebody else.
pub(crate) fn of_subject<'v>(
    config: &Config,
    sent: &'v [Value],
    insured: &Insured,
    subject: &PersonalId,
    scheme: Option<&Coding>,
) -> Result<Vec<&'v Value>, AdapterError> {
    let mut own = Vec::new();
    for coverage in sent {
        let beneficiary = coverage.get("beneficiary");
        let beneficiary =
            beneficiary.ok_or_else(|| AdapterError::malformed("a Coverage without beneficiary"))?;
        if insured.is_meant_by(beneficiary, config.persons(), subject) {
            own.push(coverage);
        }
    }
    if own.is_empty() && !sent.is_empty() {
        return Err(AdapterError::WrongSubject);
    }
    own.retain(|coverage| {
        scheme.is_none_or(|scheme| {
            coverage
                .get("type")
                .is_some_and(|kind| has_coding(kind, scheme))
        })
    });
    Ok(own)
}

/// The coverage that counts today: an active one before others, the one that began last before
/// earlier ones. Drafts and entries made in error never count.
pub(crate) fn current<'v>(
    coverages: &[&'v Value],
    offset: Offset,
) -> Result<Option<&'v Value>, AdapterError> {
    let mut best: Option<(Rank, &Value)> = None;
    for coverage in coverages {
        let status = coverage.get("status").and_then(Value::as_str);
        if matches!(status, Some("draft" | "entered-in-error")) {
            continue;
        }
        let bound = |name| period(coverage, name, offset);
        let (start, end) = (bound("start")?, bound("end")?);
        // A coverage without an end goes on.
        let end = end.map_or(Date::MAX, PartialDate::latest);
        let rank = (
            status == Some("active"),
            start.map(PartialDate::earliest),
            end,
        );
        if best.is_none_or(|(known, _)| rank > known) {
            best = Some((rank, coverage));
        }
    }
    Ok(best.map(|(_, coverage)| coverage))
}

/// Active or not, when it began, when it ends.
type Rank = (bool, Option<Date>, Date);

/// A bound of the coverage's period.
pub(crate) fn period(
    coverage: &Value,
    bound: &str,
    offset: Offset,
) -> Result<Option<PartialDate>, AdapterError> {
    let text = coverage
        .get("period")
        .and_then(|period| period.get(bound)?.as_str());
    let date = text.map(|text| fhir::day_at(text, offset)).transpose();
    date.map(Option::flatten)
        .map_err(|_| AdapterError::malformed(format!("`period.{bound}` is not a date")))
}

/// What R4's status and the period say, where the server has no word of ours for it.
pub(crate) fn status_from_period(
    coverage: &Value,
    decided_at: jiff::Timestamp,
    offset: Offset,
) -> Result<Option<CoverageStatus>, AdapterError> {
    let today = decided_at.to_zoned(TimeZone::fixed(offset)).date();
    let is_over = period(coverage, "end", offset)?.is_some_and(|end| end.latest() < today);
    Ok(match coverage.get("status").and_then(Value::as_str) {
        Some("active") if is_over => Some(CoverageStatus::Over),
        Some("active") => Some(CoverageStatus::Active),
        Some("cancelled") => Some(CoverageStatus::Cancelled),
        _ => None,
    })
}

/// The states that R4 can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CoverageStatus {
    Active,
    Over,
    Cancelled,
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz;
    use serde_json::json;

    fn current<'v>(coverages: &[&'v Value]) -> Result<Option<&'v Value>, AdapterError> {
        super::current(coverages, tz::offset(7))
    }

    fn coverage(status: &str, start: &str, end: &str) -> Value {
        json!({"status": status, "period": {"start": start, "end": end}})
    }

    #[test]
    fn an_active_coverage_counts_before_a_later_cancelled_one() {
        let old = coverage("active", "2024-01-01", "2024-12-31");
        let new = coverage("active", "2025-01-01T00:00:00", "2025-12-31");
        let cancelled = coverage("cancelled", "2026-01-01", "2026-12-31");
        let draft = coverage("draft", "2027-01-01", "2027-12-31");
        assert_eq!(
            current(&[&old, &new, &cancelled, &draft]).unwrap(),
            Some(&new)
        );
        assert_eq!(current(&[&cancelled, &draft]).unwrap(), Some(&cancelled));
        assert_eq!(current(&[&draft]).unwrap(), None);
        assert!(current(&[&coverage("active", "soon", "")]).is_err());
    }

    #[test]
    fn a_coverage_is_over_the_day_after_its_last_in_vietnam() {
        let card = coverage("active", "2026-01-01", "2026-12-31");
        let status =
            |now: &str| status_from_period(&card, now.parse().unwrap(), tz::offset(7)).unwrap();
        assert_eq!(status("2026-12-31T16:59:59Z"), Some(CoverageStatus::Active));
        assert_eq!(status("2026-12-31T17:00:00Z"), Some(CoverageStatus::Over));
        let unknown = json!({"status": "draft"});
        assert_eq!(
            status_from_period(&unknown, jiff::Timestamp::UNIX_EPOCH, tz::offset(7)).unwrap(),
            None
        );
    }
}
