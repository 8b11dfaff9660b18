//! Insured persons as FHIR resources: `Patient` after vn-core, `Coverage` after a profile of Motlan's.
//!
//! vn-core has no Coverage. A health card is a Coverage of type `BHYT`, a social-insurance record one
//! of type `BHXH`; what R4 has no element for is in the extensions named here.

use crate::{
    exchange::{with, without_nulls},
    fhir::{IDENTIFIER_TYPE, NATIONAL_ID, patient_id},
    people::{
        Population,
        facts::{HealthInsurance, HealthStatus, Person, Sex, SocialInsurance, SocialStatus},
    },
};
use motlan_schemas::date::PartialDate;
use serde_json::{Value, json};

/// Everything about one insured person.
#[derive(Debug)]
pub(super) struct Insured {
    number: String,
    person: Person,
    health: Option<HealthInsurance>,
    social: Option<SocialInsurance>,
}

impl Insured {
    /// `None` for somebody whom the insurance does not know.
    pub(super) fn new(people: &Population, number: &str) -> Option<Self> {
        let person = people.person(number)?;
        let (health, social) = (
            people.health_insurance(number),
            people.social_insurance(number),
        );
        (health.is_some() || social.is_some()).then(|| Self {
            number: number.to_owned(),
            person,
            health,
            social,
        })
    }

    pub(super) fn patient(&self) -> Value {
        let identity = &self.person.identity;
        let mut identifiers = vec![json!({
            "use": "official",
            "type": {"coding": [{"system": IDENTIFIER_TYPE, "code": "NI"}]},
            "system": NATIONAL_ID,
            "value": self.number,
        })];
        identifiers.extend(self.health.as_ref().map(card_identifier));
        let died = self
            .person
            .death
            .as_ref()
            .map(|death| death.date.to_string());
        without_nulls(json!({
            "resourceType": "Patient",
            "id": patient_id(&self.number),
            "identifier": identifiers,
            "active": true,
            "name": [{"use": "official", "text": identity.full_name}],
            "gender": match identity.sex { Sex::Male => "male", Sex::Female => "female" },
            "birthDate": identity.birth_date.to_string(),
            "deceasedBoolean": (identity.deceased && died.is_none()).then_some(true),
            "deceasedDateTime": died,
        }))
    }

    pub(super) fn coverages(&self) -> Vec<Value> {
        let health = self.health.iter().flat_map(|health| {
            let former = self.former_card(health);
            former.into_iter().chain([self.health_card(health)])
        });
        health
            .chain(
                self.social
                    .as_ref()
                    .map(|social| self.social_record(social)),
            )
            .collect()
    }

    fn health_card(&self, health: &HealthInsurance) -> Value {
        let status = if health.status == HealthStatus::Ended {
            "cancelled"
        } else {
            "active"
        };
        let facility = health.facility_code.as_ref().map(|code| {
            json!([{"resourceType": "Organization", "id": "facility", "identifier": [{"system": FACILITY_CODE, "value": code}], "name": health.facility_name}])
        });
        let extensions = [
            (
                "insurance-status",
                json!({"valueCode": health.status.code()}),
            ),
            (
                "coverage-percent",
                json!({"valueInteger": health.coverage_percent}),
            ),
            (
                "five-years-from",
                json!({"valueDate": health.five_years_from.map(|date| date.to_string())}),
            ),
            (
                "care-facility",
                json!({"valueReference": facility.as_ref().map(|_| json!({"reference": "#facility"}))}),
            ),
        ];
        self.coverage("bhyt", "BHYT", json!({
            "contained": facility,
            "extension": extended(extensions),
            "identifier": [card_identifier(health)],
            "status": status,
            "subscriberId": health.card_number,
            "period": {"start": health.valid_from.to_string(), "end": health.valid_until.to_string()},
            "class": [class("group", health.group), class("plan", &health.benefit_level.to_string())],
        }))
    }

    /// Last year's card: a register keeps what was.
    fn former_card(&self, health: &HealthInsurance) -> Option<Value> {
        let PartialDate::Full(from) = health.valid_from else {
            return None;
        };
        let day_before = from.yesterday().ok()?;
        if self.person.identity.birth_date.year() >= day_before.year() {
            return None;
        }
        let start = format!("{:04}-01-01", day_before.year());
        Some(self.coverage("bhyt-former", "BHYT", json!({
            "extension": extended([("insurance-status", json!({"valueCode": "ended"}))]),
            "identifier": [card_identifier(health)],
            "status": "cancelled",
            "period": {"start": start, "end": day_before.to_string()},
            "class": [class("group", health.group), class("plan", &health.benefit_level.to_string())],
        })))
    }

    fn social_record(&self, social: &SocialInsurance) -> Value {
        let status = if social.status == SocialStatus::Ended {
            "cancelled"
        } else {
            "active"
        };
        let known = social.employer_code.is_some() || social.employer_name.is_some();
        let identifier = social
            .employer_code
            .as_ref()
            .map(|code| json!([{"system": EMPLOYER_CODE, "value": code}]));
        let employer = known.then(|| {
            json!([{"resourceType": "Organization", "id": "employer", "identifier": identifier, "name": social.employer_name}])
        });
        let salary = social
            .salary_vnd
            .map(|salary| json!({"value": salary, "currency": "VND"}));
        let extensions = [
            (
                "insurance-status",
                json!({"valueCode": social.status.code()}),
            ),
            ("insurance-kind", json!({"valueCode": social.kind.code()})),
            (
                "contribution-months",
                json!({"valueUnsignedInt": social.contribution_months}),
            ),
            (
                "unemployment-months",
                json!({"valueUnsignedInt": social.unemployment_months}),
            ),
            (
                "last-contribution",
                json!({"valueDate": social.last_contribution.map(|date| date.to_string())}),
            ),
            ("contribution-salary", json!({ "valueMoney": salary })),
            (
                "employer",
                json!({"valueReference": employer.as_ref().map(|_| json!({"reference": "#employer"}))}),
            ),
        ];
        self.coverage("bhxh", "BHXH", json!({
            "contained": employer,
            "extension": extended(extensions),
            "identifier": [{"system": SOCIAL_INSURANCE_NUMBER, "value": social.social_insurance_number}],
            "status": status,
            "period": {"start": social.first_contribution.to_string()},
        }))
    }

    fn coverage(&self, suffix: &str, scheme: &str, coverage: Value) -> Value {
        let id = patient_id(&self.number);
        let common = json!({
            "resourceType": "Coverage",
            "id": format!("{id}-{suffix}"),
            "type": {"coding": [{"system": INSURANCE_SCHEME, "code": scheme}]},
            "beneficiary": {"reference": format!("Patient/{id}")},
            "payor": [{"display": "Bảo hiểm xã hội Việt Nam"}],
        });
        without_nulls(with(coverage, common))
    }
}

fn card_identifier(health: &HealthInsurance) -> Value {
    json!({"type": {"coding": [{"system": IDENTIFIER_TYPE, "code": "SB"}]}, "system": INSURANCE_NUMBER, "value": health.card_number})
}

fn class(kind: &str, value: &str) -> Value {
    json!({"type": {"coding": [{"system": COVERAGE_CLASS, "code": kind}]}, "value": value})
}

/// The extensions that have a value.
fn extended<const N: usize>(extensions: [(&str, Value); N]) -> Value {
    let full = |value: &Value| {
        value
            .as_object()
            .is_some_and(|value| value.values().all(|v| !v.is_null()))
    };
    let list = extensions
        .into_iter()
        .filter(|(_, value)| full(value))
        .map(|(name, extension)| with(extension, json!({"url": format!("{EXTENSION}{name}")})));
    Value::Array(list.collect())
}

const INSURANCE_NUMBER: &str = "http://fhir.ehealth.gov.vn/core/sid/insurance_number";
const SOCIAL_INSURANCE_NUMBER: &str = "https://motlan.gov.vn/fhir/sid/social-insurance-number";
const FACILITY_CODE: &str = "https://motlan.gov.vn/fhir/sid/facility-code";
const EMPLOYER_CODE: &str = "https://motlan.gov.vn/fhir/sid/employer-code";
const COVERAGE_CLASS: &str = "http://terminology.hl7.org/CodeSystem/coverage-class";
const INSURANCE_SCHEME: &str = "https://motlan.gov.vn/fhir/CodeSystem/insurance-scheme";
const EXTENSION: &str = "https://motlan.gov.vn/fhir/StructureDefinition/";
