//! The personas' health records. Mai's was never begun.

use super::{
    AN, HAI, HOA, LAN, MAI, MINH, PHUC, TUAN,
    civil::{day, minh_died, name_and_birth},
    insurance::health_insurance,
};
use crate::people::{
    cells::as_of,
    draw::{Draw, Topic, date},
    facts::{
        HealthStatus,
        record::{
            Allergen, Allergy, AllergyStatus, BloodType, Condition, ConditionStatus, Contact,
            ContactKind, Criticality, Dose, DoseStatus, HealthRecord, Verification,
        },
    },
    record::{ALLERGENS, COVID, Clinic, childhood},
};
use motlan_schemas::date::PartialDate;

const FACILITY: &str = "Bệnh viện đa khoa Ba Đình";

pub(in crate::people) fn record(number: &str) -> Option<HealthRecord> {
    let spouse = |number, phone| contact(number, ContactKind::Spouse, phone);
    let parent = |number, phone| contact(number, ContactKind::Parent, phone);
    let draft = draft(number);
    Some(match number {
        LAN => HealthRecord {
            blood_type: Some(BloodType::OPositive),
            organ_donor: Some(true),
            contact: spouse(HAI, "0900000124"),
            allergies: vec![allergy(
                "Tôm, cua",
                Criticality::Low,
                Some(PartialDate::Year(2003)),
            )?],
            conditions: vec![condition(
                "K29.7",
                "Viêm dạ dày, không đặc hiệu",
                day(2019, 5, 6),
            )],
            doses: against_covid([Some(day(2021, 8, 14)), Some(day(2021, 10, 9))]),
            ..draft
        },
        HAI => HealthRecord {
            blood_type: Some(BloodType::APositive),
            contact: spouse(LAN, "0900000123"),
            conditions: vec![condition("B18.1", "Viêm gan virus B mạn", day(2018, 3, 12))],
            ..draft
        },
        AN => HealthRecord {
            blood_type: Some(BloodType::OPositive),
            contact: parent(LAN, "0900000123"),
            doses: childhood(
                &mut Draw::new(0, Topic::Record, 1),
                date(2016, 3, 8),
                clinic(),
            ),
            ..draft
        },
        PHUC => HealthRecord {
            contact: contact(MAI, ContactKind::Other, "0900000125"),
            ..draft
        },
        MINH => HealthRecord {
            open: false,
            blood_type: Some(BloodType::BPositive),
            insured: false,
            contact: spouse(MAI, "0900000125"),
            updated_on: minh_died(),
            died: Some(minh_died()),
            conditions: vec![
                condition(
                    "I25.9",
                    "Bệnh tim thiếu máu cục bộ mạn, không đặc hiệu",
                    day(2018, 9, 3),
                ),
                condition("I10", "Tăng huyết áp vô căn (nguyên phát)", day(2018, 9, 3)),
            ],
            ..draft
        },
        HOA => half_unknown(draft)?,
        TUAN => HealthRecord {
            blood_type: Some(BloodType::AbPositive),
            organ_donor: Some(false),
            ..draft
        },
        _ => return None,
    })
}

/// What is the same for most: an open record without entries.
fn draft(number: &str) -> HealthRecord {
    let card = health_insurance(number);
    HealthRecord {
        open: true,
        blood_type: None,
        organ_donor: None,
        insured: card
            .as_ref()
            .is_some_and(|card| card.status == HealthStatus::Active),
        facility_code: card.as_ref().and_then(|card| card.facility_code.clone()),
        facility_name: card.and_then(|card| card.facility_name),
        contact: None,
        updated_on: day(2026, 4, 14),
        died: None,
        allergies: Vec::new(),
        conditions: Vec::new(),
        doses: Vec::new(),
    }
}

/// Of Hoa's allergies one is known to the year and one to nobody; her illness began some month.
fn half_unknown(draft: HealthRecord) -> Option<HealthRecord> {
    let mut hypertension = condition(
        "I10",
        "Tăng huyết áp vô căn (nguyên phát)",
        day(2019, 3, 21),
    );
    hypertension.onset = Some(PartialDate::YearMonth(2019, 3));
    Some(HealthRecord {
        allergies: vec![
            allergy(
                "Penicillin",
                Criticality::High,
                Some(PartialDate::Year(1987)),
            )?,
            allergy("Mạt bụi nhà", Criticality::UnableToAssess, None)?,
        ],
        // Nobody entered the day of the second.
        doses: against_covid([Some(day(2021, 9, 2)), None]),
        conditions: vec![hypertension],
        ..draft
    })
}

fn allergy(
    substance: &str,
    criticality: Criticality,
    onset: Option<PartialDate>,
) -> Option<Allergy> {
    let is_it = |(_, allergen): &(u32, Allergen)| allergen.substance == substance;
    let (_, allergen) = ALLERGENS.into_iter().find(is_it)?;
    Some(Allergy {
        allergen,
        criticality,
        status: AllergyStatus::Active,
        verification: Verification::Confirmed,
        onset,
        recorded_on: day(2018, 1, 9),
    })
}

fn condition(code: &'static str, title: &'static str, found: PartialDate) -> Condition {
    Condition {
        code,
        title,
        status: ConditionStatus::Active,
        verification: Verification::Confirmed,
        onset: Some(found),
        ended_on: None,
        recorded_on: found,
        facility_name: Some(FACILITY.to_owned()),
    }
}

fn against_covid(days: [Option<PartialDate>; 2]) -> Vec<Dose> {
    let dose = |(number, given_on): (u8, Option<PartialDate>)| Dose {
        vaccine_code: COVID.0,
        vaccine: COVID.1,
        given_on,
        number,
        lot: given_on.map(|_| format!("2108-000{number}")),
        status: DoseStatus::Completed,
        facility_name: Some(FACILITY.to_owned()),
    };
    (1..).zip(days).map(dose).collect()
}

fn contact(number: &str, relationship: ContactKind, phone: &str) -> Option<Contact> {
    let (full_name, _) = name_and_birth(number)?;
    Some(Contact {
        full_name: full_name.to_owned(),
        relationship,
        phone: phone.to_owned(),
    })
}

fn clinic() -> Clinic<'static> {
    Clinic {
        name: Some("Trạm y tế phường Ba Đình"),
        until: as_of(),
    }
}
