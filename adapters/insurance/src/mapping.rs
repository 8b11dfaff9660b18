//! From a Coverage to the attributes of `insurance.health` and `insurance.social`.

use crate::{
    config::{Config, HealthCard, SocialRecord},
    coverage::{CoverageStatus, period, status_from_period},
    identifier::Identifiers,
    patient::Insured,
};
use jiff::Timestamp;
use motlan_adapter_sdk::{
    adapter::AdapterError,
    codes::{Codes, Meaning},
    fhir::{self, Coding, contained, extension_value, identifiers},
    field_map::integer,
    value,
};
use serde_json::{Map, Value, json};

/// The elements of Coverage that hold the wanted attributes of a health card, and those that tell
/// whose it is, of which kind, and whether it counts.
pub(crate) fn health_elements(wanted: &dyn Fn(&str) -> bool) -> Vec<&'static str> {
    elements(
        wanted,
        &[
            ("card_number", &["identifier", "subscriberId"]),
            ("status", &["extension"]),
            ("group", &["class"]),
            ("benefit_level", &["class"]),
            ("coverage_percent", &["extension"]),
            ("facility_code", &["extension", "contained"]),
            ("facility_name", &["extension", "contained"]),
            ("five_years_from", &["extension"]),
        ],
    )
}

/// The same for a social-insurance record.
pub(crate) fn social_elements(wanted: &dyn Fn(&str) -> bool) -> Vec<&'static str> {
    elements(
        wanted,
        &[
            ("social_insurance_number", &["identifier"]),
            ("kind", &["extension"]),
            ("status", &["extension"]),
            ("contribution_months", &["extension"]),
            ("unemployment_months", &["extension"]),
            ("last_contribution", &["extension"]),
            ("employer_code", &["extension", "contained"]),
            ("employer_name", &["extension", "contained"]),
            ("salary_vnd", &["extension"]),
        ],
    )
}

/// What is always needed: whose it is, of which scheme, and which of several is in force.
const ALWAYS: [&str; 4] = ["beneficiary", "type", "status", "period"];

fn elements(
    wanted: &dyn Fn(&str) -> bool,
    sources: &[(&str, &'static [&'static str])],
) -> Vec<&'static str> {
    let needed = sources
        .iter()
        .filter(|(name, _)| wanted(name))
        .flat_map(|(_, elements)| *elements);
    let mut elements: Vec<&str> = ALWAYS.iter().chain(needed).copied().collect();
    elements.sort_unstable();
    elements.dedup();
    elements
}

/// A Coverage, and what to read it by.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) config: &'a Config,
    pub(crate) coverage: &'a Value,
    pub(crate) insured: &'a Insured,
    pub(crate) decided_at: Timestamp,
    pub(crate) wanted: &'a (dyn Fn(&str) -> bool + Sync),
}

/// A health card.
pub(crate) fn health(
    reading: Reading<'_>,
    elements: &[&str],
) -> Result<Map<String, Value>, AdapterError> {
    let card: &HealthCard = &reading.config.health;
    let number = || {
        let subscriber = reading.coverage.get("subscriberId").and_then(Value::as_str);
        reading
            .identifier(&card.card_system, card.card_type.as_ref())
            .or_else(|| subscriber.and_then(value::text))
    };
    let status = |status| match status {
        CoverageStatus::Active => "active",
        CoverageStatus::Over => "expired",
        CoverageStatus::Cancelled => "ended",
    };
    let facility = || reading.organization(&card.facility, &card.facility_system);
    let group = || coded(&card.group_codes, reading.class(&card.group_class)?);
    let mut record = Record {
        reading,
        members: Map::new(),
    };
    record.put("card_number", || {
        Ok(number().map(|number| json!(number.replace(' ', ""))))
    })?;
    record.put("status", || reading.status(&card.status_codes, status))?;
    record.put("group", || Ok(group()))?;
    record.put("benefit_level", || {
        whole(
            reading.class(&card.level_class).map(Value::String).as_ref(),
            "class",
        )
    })?;
    record.put("coverage_percent", || {
        whole(
            reading.extension(&card.coverage_percent),
            "coverage-percent",
        )
    })?;
    record.put("valid_from", || reading.period("start"))?;
    record.put("valid_until", || reading.period("end"))?;
    record.put("facility_code", || Ok(facility().0))?;
    record.put("facility_name", || Ok(facility().1))?;
    record.put("five_years_from", || {
        reading.day(&card.five_years_from, "five-years-from")
    })?;
    record.put("deceased", || Ok(reading.insured.deceased.map(Value::Bool)))?;
    Ok(record.with_surplus(elements))
}

/// A social-insurance record.
pub(crate) fn social(
    reading: Reading<'_>,
    elements: &[&str],
) -> Result<Map<String, Value>, AdapterError> {
    let social: &SocialRecord = &reading.config.social;
    let status = |status| match status {
        CoverageStatus::Active => "contributing",
        CoverageStatus::Over => "paused",
        CoverageStatus::Cancelled => "ended",
    };
    let employer = || reading.organization(&social.employer, &social.employer_system);
    let kind = || coded(&social.kind_codes, reading.code(&social.kind)?);
    let months = |url: &str| whole(reading.extension(url), "months");
    let salary = || {
        whole(
            reading
                .extension(&social.salary)
                .and_then(|money| money.get("value")),
            "salary",
        )
    };
    let mut record = Record {
        reading,
        members: Map::new(),
    };
    record.put("social_insurance_number", || {
        Ok(reading
            .identifier(&social.number_system, social.number_type.as_ref())
            .map(Value::String))
    })?;
    record.put("kind", || Ok(kind()))?;
    record.put("status", || reading.status(&social.status_codes, status))?;
    record.put("contribution_months", || {
        months(&social.contribution_months)
    })?;
    record.put("unemployment_months", || {
        months(&social.unemployment_months)
    })?;
    record.put("first_contribution", || reading.period("start"))?;
    record.put("last_contribution", || {
        reading.day(&social.last_contribution, "last-contribution")
    })?;
    record.put("employer_code", || Ok(employer().0))?;
    record.put("employer_name", || Ok(employer().1))?;
    record.put("salary_vnd", salary)?;
    record.put("deceased", || Ok(reading.insured.deceased.map(Value::Bool)))?;
    Ok(record.with_surplus(elements))
}

impl<'a> Reading<'a> {
    fn identifier(&self, system: &str, kind: Option<&Coding>) -> Option<String> {
        let meant = Identifiers { system, kind };
        meant.of(self.coverage).find_map(value::text)
    }

    fn period(&self, bound: &str) -> Result<Option<Value>, AdapterError> {
        let date = period(self.coverage, bound, self.config.utc_offset.offset())?;
        Ok(date.map(|date| json!(date.to_string())))
    }

    fn day(&self, url: &str, name: &str) -> Result<Option<Value>, AdapterError> {
        let offset = self.config.utc_offset.offset();
        let text = self.extension(url).and_then(Value::as_str);
        let date = text.map(|text| fhir::day_at(text, offset)).transpose();
        let date = date.map_err(|_| AdapterError::malformed(format!("`{name}` is not a date")))?;
        Ok(date.flatten().map(|date| json!(date.to_string())))
    }

    /// The code in an extension: a plain one, or that of a Coding or a CodeableConcept.
    fn code(&self, url: &str) -> Option<String> {
        let value = self.extension(url)?;
        let coding = value.pointer("/coding/0").unwrap_or(value);
        value::text(coding.get("code").unwrap_or(coding).as_str()?)
    }

    fn extension(&self, url: &str) -> Option<&'a Value> {
        extension_value(self.coverage, url)
    }

    /// The value of the class with a code.
    fn class(&self, code: &str) -> Option<String> {
        let classes = self.coverage.get("class")?.as_array()?;
        let is_it = |class: &&Value| {
            let codings = class
                .get("type")
                .and_then(|kind| kind.get("coding")?.as_array());
            codings.is_some_and(|codings| {
                codings
                    .iter()
                    .any(|coding| coding.get("code").is_some_and(|c| c == code))
            })
        };
        value::text(classes.iter().find(is_it)?.get("value")?.as_str()?)
    }

    /// Code and name of the organization that an extension refers to.
    fn organization(&self, url: &str, system: &str) -> (Option<Value>, Option<Value>) {
        let Some(reference) = self.extension(url) else {
            return (None, None);
        };
        let organization = contained(self.coverage, reference).unwrap_or(&Value::Null);
        let code = identifiers(organization).find(|(known, _)| *known == system);
        let name = organization
            .get("name")
            .or_else(|| reference.get("display"))
            .and_then(Value::as_str);
        (
            code.map(|(_, code)| json!(code)),
            name.and_then(value::text).map(Value::String),
        )
    }

    fn status(
        &self,
        codes: &Codes,
        word: impl Fn(CoverageStatus) -> &'static str,
    ) -> Result<Option<Value>, AdapterError> {
        if let Some(own) = self.code(&self.config.status_extension) {
            return Ok(coded(codes, own));
        }
        let offset = self.config.utc_offset.offset();
        let status = status_from_period(self.coverage, self.decided_at, offset)?;
        Ok(status.map(|status| json!(word(status))))
    }
}

struct Record<'a> {
    reading: Reading<'a>,
    members: Map<String, Value>,
}

impl Record<'_> {
    /// Reads an attribute if it is wanted.
    fn put(
        &mut self,
        name: &str,
        read: impl FnOnce() -> Result<Option<Value>, AdapterError>,
    ) -> Result<(), AdapterError> {
        if (self.reading.wanted)(name)
            && let Some(value) = read()?
        {
            self.members.insert(name.to_owned(), value);
        }
        Ok(())
    }

    /// Adds each element that was not asked for as `null`, for the contract to count and drop.
    fn with_surplus(mut self, asked: &[&str]) -> Map<String, Value> {
        let present = self
            .reading
            .coverage
            .as_object()
            .into_iter()
            .flat_map(Map::keys);
        let expected = |name: &str| UNASKED.contains(&name) || asked.contains(&name);
        // A question mark is in no attribute's name.
        self.members.extend(
            present
                .filter(|name| !expected(name))
                .map(|name| (format!("?{name}"), Value::Null)),
        );
        self.members
    }
}

/// What a server always sends (R4, 3.1.1.5.10), mandatory elements among it.
const UNASKED: [&str; 4] = ["resourceType", "id", "meta", "payor"];

fn whole(value: Option<&Value>, name: &str) -> Result<Option<Value>, AdapterError> {
    let Some(value) = value.filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let number = integer(value);
    let number =
        number.ok_or_else(|| AdapterError::malformed(format!("`{name}` is not a whole number")))?;
    Ok(Some(json!(number)))
}

fn coded(codes: &Codes, code: String) -> Option<Value> {
    match codes.meaning(&code) {
        Meaning::Is(meaning) => Some(json!(meaning)),
        Meaning::Nothing => None,
        Meaning::Unlisted => Some(Value::String(code)),
    }
}
