//! Electronic health records: blood type from the parents, findings by age, vaccinations by schedule.
//!
//! The facility that keeps the record is the one on the health card; the contact is a spouse, a
//! parent or a grown child who is alive.

mod blood;
mod findings;
mod vaccines;

pub(super) use blood::blood_type;
pub(super) use findings::ALLERGENS;
pub(super) use vaccines::{COVID, Clinic, childhood};

use super::{
    cells::{Role, as_of},
    draw::{Draw, Topic, date},
    facts::{
        HealthStatus,
        record::{Contact, ContactKind, HealthRecord},
    },
    family::{Family, Life},
    insurance,
};
use jiff::civil::Date;
use motlan_schemas::date::PartialDate;

/// Records have been kept electronically since this day.
pub(super) fn first_records() -> Date {
    date(2017, 7, 1)
}

pub(super) fn record(seed: u64, family: &Family, role: Role) -> Option<HealthRecord> {
    let life = family.life(role)?;
    let mut draw = Draw::new(seed, Topic::Record, life.id());
    let end = life.died.unwrap_or_else(as_of);
    if !draw.chance(9000) || end < first_records() {
        return None;
    }
    let card = insurance::health(seed, family, role);
    let insured = card
        .as_ref()
        .is_some_and(|card| card.status == HealthStatus::Active);
    let (facility_code, facility_name) = card
        .map(|card| (card.facility_code, card.facility_name))
        .unwrap_or_default();
    let known = draw.chance(6000);
    let organ_donor = (life.age() >= 18 && draw.chance(3000)).then(|| draw.chance(700));
    let contact = contact(seed, &mut draw, family, life);
    let updated_on = draw.day_between(first_records().max(life.born), end);
    let clinic = facility_name.as_deref();
    Some(HealthRecord {
        open: life.is_alive(),
        blood_type: known.then(|| blood_type(seed, family, life)),
        organ_donor,
        insured,
        contact,
        updated_on: PartialDate::Full(updated_on),
        died: life.died.map(PartialDate::Full),
        allergies: findings::allergies(seed, life),
        conditions: findings::conditions(seed, life, clinic),
        doses: vaccines::doses(seed, life, clinic),
        facility_code,
        facility_name,
    })
}

/// Whoever is alive and closest.
fn contact(seed: u64, draw: &mut Draw, family: &Family, life: &Life) -> Option<Contact> {
    let named = draw.chance(8500);
    let phone = format!("0900{:06}", draw.below(1_000_000));
    let alive = |life: &&Life| life.is_alive();
    let (contact, relationship) = match life.member.role {
        Role::Child(_) => {
            let parents = [&family.wife, &family.husband];
            (parents.into_iter().find(alive)?, ContactKind::Parent)
        }
        role => {
            let spouse = family.spouse_of(role).filter(alive);
            match spouse.filter(|_| family.separated.is_none()) {
                Some(spouse) => (spouse, ContactKind::Spouse),
                None => {
                    let grown = |child: &&Life| child.is_alive() && !child.is_minor();
                    (family.children().find(grown)?, ContactKind::Child)
                }
            }
        }
    };
    named.then(|| Contact {
        full_name: contact.full_name(seed),
        relationship,
        phone,
    })
}
