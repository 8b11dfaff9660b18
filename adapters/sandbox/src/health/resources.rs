//! A health record as FHIR resources: `Patient` with extensions for the general part, and the three
//! types of entries.
//!
//! The person is named in every resource by reference and by identifier, since a client that searches
//! by identifier has no id to compare.

use crate::{
    exchange::{with, without_nulls},
    fhir::{IDENTIFIER_TYPE, NATIONAL_ID, patient_id},
    people::facts::record::{
        Allergy, Condition, Contact, ContactKind, Dose, HealthRecord, Verification,
    },
};
use motlan_schemas::date::PartialDate;
use serde_json::{Value, json};

pub(super) fn patient(number: &str, record: &HealthRecord) -> Value {
    let facility = record.facility_code.as_ref().map(|code| {
        json!({
            "identifier": {"system": FACILITY_CODE, "value": code},
            "display": record.facility_name,
        })
    });
    without_nulls(json!({
        "resourceType": "Patient",
        "id": patient_id(number),
        "identifier": [{
            "use": "official",
            "type": {"coding": [{"system": IDENTIFIER_TYPE, "code": "NI"}]},
            "system": NATIONAL_ID,
            "value": number,
        }],
        "active": record.open,
        "deceasedDateTime": record.died.map(written),
        "extension": extensions(record),
        "managingOrganization": facility,
        "contact": record.contact.as_ref().map(|known| json!([contact(known)])),
    }))
}

fn extensions(record: &HealthRecord) -> Value {
    let blood_type = record
        .blood_type
        .map(|blood| json!({"valueCodeableConcept": coded(BLOOD_TYPE, blood.code(), None)}));
    let organ_donor = record.organ_donor.map(|is| json!({ "valueBoolean": is }));
    // A moment with its zone, of which the day counts.
    let updated = json!({"valueDateTime": format!("{}T09:30:00+07:00", record.updated_on)});
    let all = [
        ("blood-type", blood_type),
        ("organ-donor", organ_donor),
        ("insured", Some(json!({"valueBoolean": record.insured}))),
        ("record-updated", Some(updated)),
    ];
    let known = all.into_iter().filter_map(|(name, extension)| {
        Some(with(
            extension?,
            json!({"url": format!("{EXTENSION}{name}")}),
        ))
    });
    Value::Array(known.collect())
}

fn contact(contact: &Contact) -> Value {
    let kind = match contact.relationship {
        ContactKind::Spouse => "SPS",
        ContactKind::Child => "CHILD",
        ContactKind::Parent => "PRN",
        ContactKind::Sibling => "SIB",
        ContactKind::Other => "O",
    };
    json!({
        "relationship": [{"coding": [
            {"system": CONTACT_ROLE, "code": "C"},
            {"system": ROLE, "code": kind},
        ]}],
        "name": {"text": contact.full_name},
        "telecom": [{"system": "phone", "value": spaced(&contact.phone)}],
    })
}

/// As people write a telephone number: `0900 000 124`.
fn spaced(phone: &str) -> String {
    let mut spaced = String::new();
    for (place, digit) in phone.chars().enumerate() {
        if place == 4 || place == 7 {
            spaced.push(' ');
        }
        spaced.push(digit);
    }
    spaced
}

pub(super) fn allergies(number: &str, record: &HealthRecord) -> Vec<Value> {
    entries(&record.allergies, |nth, known| allergy(number, nth, known))
}

fn allergy(number: &str, nth: usize, allergy: &Allergy) -> Value {
    let allergen = allergy.allergen;
    let coding = allergen
        .atc
        .map(|code| json!([{"system": ATC, "code": code, "display": allergen.substance}]));
    let mistaken = allergy.verification == Verification::EnteredInError;
    let status = (!mistaken).then(|| coded(ALLERGY_STATUS, allergy.status.code(), None));
    without_nulls(json!({
        "resourceType": "AllergyIntolerance",
        "id": entry_id(number, "a", nth),
        "patient": person(number),
        "clinicalStatus": status,
        "verificationStatus": coded(ALLERGY_VERIFICATION, verification(allergy.verification), None),
        "category": [allergen.category.code()],
        "criticality": hyphened(allergy.criticality.code()),
        "code": {"coding": coding, "text": allergen.substance},
        "reaction": [{"manifestation": [{"text": allergen.reaction}]}],
        "onsetDateTime": allergy.onset.map(written),
        "onsetString": allergy.onset.is_none().then_some("không rõ"),
        "recordedDate": written(allergy.recorded_on),
    }))
}

pub(super) fn conditions(number: &str, record: &HealthRecord) -> Vec<Value> {
    entries(&record.conditions, |nth, known| {
        condition(number, nth, known)
    })
}

fn condition(number: &str, nth: usize, condition: &Condition) -> Value {
    let recorder = condition.facility_name.as_ref();
    without_nulls(json!({
        "resourceType": "Condition",
        "id": entry_id(number, "c", nth),
        "subject": person(number),
        "clinicalStatus": coded(CONDITION_STATUS, condition.status.code(), None),
        "verificationStatus": coded(CONDITION_VERIFICATION, verification(condition.verification), None),
        "code": coded(ICD_10, condition.code, Some(condition.title)),
        "onsetDateTime": condition.onset.map(written),
        "onsetString": condition.onset.is_none().then_some("nhiều năm trước"),
        "abatementDateTime": condition.ended_on.map(written),
        "recordedDate": format!("{}T08:15:00+07:00", written(condition.recorded_on)),
        "recorder": recorder.map(|name| json!({ "display": name })),
    }))
}

pub(super) fn immunizations(number: &str, record: &HealthRecord) -> Vec<Value> {
    entries(&record.doses, |nth, dose| immunization(number, nth, dose))
}

fn immunization(number: &str, nth: usize, dose: &Dose) -> Value {
    let facility = dose.facility_name.as_ref();
    without_nulls(json!({
        "resourceType": "Immunization",
        "id": entry_id(number, "i", nth),
        "patient": person(number),
        "status": hyphened(dose.status.code()),
        "vaccineCode": coded(ATC, dose.vaccine_code, Some(dose.vaccine)),
        "occurrenceDateTime": dose.given_on.map(written),
        "occurrenceString": dose.given_on.is_none().then_some("không rõ ngày"),
        "lotNumber": dose.lot,
        "protocolApplied": [{"doseNumberPositiveInt": dose.number}],
        "location": facility.map(|name| json!({ "display": name })),
    }))
}

fn entries<T>(known: &[T], resource: impl Fn(usize, &T) -> Value) -> Vec<Value> {
    let numbered = known.iter().enumerate();
    numbered.map(|(nth, known)| resource(nth, known)).collect()
}

fn entry_id(number: &str, kind: &str, nth: usize) -> String {
    format!("{}-{kind}{}", patient_id(number), nth + 1)
}

fn person(number: &str) -> Value {
    json!({
        "reference": format!("Patient/{}", patient_id(number)),
        "identifier": {"system": NATIONAL_ID, "value": number},
    })
}

/// A CodeableConcept of one coding, with the words for it.
fn coded(system: &str, code: &str, text: Option<&str>) -> Value {
    without_nulls(
        json!({"coding": [{"system": system, "code": code, "display": text}], "text": text}),
    )
}

fn written(date: PartialDate) -> String {
    date.to_string()
}

/// FHIR's codes have hyphens where ours have underscores.
fn hyphened(code: &str) -> String {
    code.replace('_', "-")
}

const fn verification(verification: Verification) -> &'static str {
    match verification {
        Verification::Unconfirmed => "unconfirmed",
        Verification::Presumed => "provisional",
        Verification::Confirmed => "confirmed",
        Verification::Refuted => "refuted",
        Verification::EnteredInError => "entered-in-error",
    }
}

const ALLERGY_STATUS: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical";
const ALLERGY_VERIFICATION: &str =
    "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification";
const CONDITION_STATUS: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";
const CONDITION_VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
const CONTACT_ROLE: &str = "http://terminology.hl7.org/CodeSystem/v2-0131";
const ROLE: &str = "http://terminology.hl7.org/CodeSystem/v3-RoleCode";
const ICD_10: &str = "http://hl7.org/fhir/sid/icd-10";
const ATC: &str = "http://www.whocc.no/atc";
const FACILITY_CODE: &str = "https://motlan.gov.vn/fhir/sid/facility-code";
const BLOOD_TYPE: &str = "https://motlan.gov.vn/fhir/CodeSystem/blood-type";
const EXTENSION: &str = "https://motlan.gov.vn/fhir/StructureDefinition/";
