//! Vaccinations: children by the Expanded Programme on Immunization, adults against COVID-19.
//!
//! Ages are those of the national schedule, codes those of ATC group J07 (general knowledge).

use super::first_records;
use crate::people::{
    cells::as_of,
    draw::{Draw, Topic, date, later},
    facts::record::{Dose, DoseStatus},
    family::Life,
};
use jiff::civil::Date;
use motlan_schemas::date::PartialDate;

/// A dose of the schedule: the vaccine, which dose of it, and how many days after birth it is due.
struct Due {
    code: &'static str,
    vaccine: &'static str,
    number: u8,
    after_days: i32,
}

/// Where somebody is vaccinated, and until when doses can have been given.
#[derive(Debug, Clone, Copy)]
pub(in crate::people) struct Clinic<'a> {
    pub(in crate::people) name: Option<&'a str>,
    pub(in crate::people) until: Date,
}

pub(super) fn doses(seed: u64, life: &Life, clinic: Option<&str>) -> Vec<Dose> {
    let mut draw = Draw::new(seed, Topic::Record, life.id() ^ VACCINES);
    let clinic = Clinic {
        name: clinic,
        until: life.died.unwrap_or_else(as_of),
    };
    // Children born before are on paper only.
    if life.born >= date(2016, 1, 1) {
        return childhood(&mut draw, life.born, clinic);
    }
    if life.age_on(date(2021, 9, 1)) < 12 {
        return Vec::new();
    }
    against_covid(&mut draw, clinic)
}

/// What a child has had by the last day, most of it within a month of when it was due.
pub(in crate::people) fn childhood(draw: &mut Draw, born: Date, clinic: Clinic<'_>) -> Vec<Dose> {
    let mut doses = Vec::new();
    for due in SCHEDULE {
        let late = if due.after_days < 2 {
            0
        } else {
            i32::try_from(draw.between(0, 40)).unwrap_or_default()
        };
        let on = later(born, due.after_days + late);
        let missed = draw.chance(400);
        let lot = lot(draw, on);
        if on <= clinic.until {
            doses.push(Dose {
                vaccine_code: due.code,
                vaccine: due.vaccine,
                given_on: Some(PartialDate::Full(on)),
                number: due.number,
                lot: (!missed).then_some(lot),
                status: if missed {
                    DoseStatus::NotDone
                } else {
                    DoseStatus::Completed
                },
                facility_name: clinic.name.map(str::to_owned),
            });
        }
    }
    doses
}

/// Up to three doses in 2021 and 2022; of some nobody entered the day.
fn against_covid(draw: &mut Draw, clinic: Clinic<'_>) -> Vec<Dose> {
    let count = draw.weighted(&[(7, 0), (8, 1), (30, 2), (55, 3u8)]);
    let mut on = draw.day_between(date(2021, 7, 1), date(2021, 12, 20));
    let mut doses = Vec::new();
    for number in 1..=count {
        if on > clinic.until || on < first_records() {
            break;
        }
        let dated = draw.chance(9700);
        doses.push(Dose {
            vaccine_code: COVID.0,
            vaccine: COVID.1,
            given_on: dated.then_some(PartialDate::Full(on)),
            number,
            lot: Some(lot(draw, on)),
            status: DoseStatus::Completed,
            facility_name: clinic.name.map(str::to_owned),
        });
        on = later(on, i32::try_from(draw.between(28, 150)).unwrap_or(28));
    }
    doses
}

fn lot(draw: &mut Draw, on: Date) -> String {
    format!(
        "{:02}{:02}-{:04}",
        on.year() % 100,
        on.month(),
        draw.below(10_000)
    )
}

/// Draws of one person's record that are independent of the others.
const VACCINES: u64 = 1 << 62;
pub(in crate::people) const COVID: (&str, &str) = ("J07BN01", "COVID-19 (mRNA)");

const fn due(code: &'static str, vaccine: &'static str, number: u8, after_days: i32) -> Due {
    Due {
        code,
        vaccine,
        number,
        after_days,
    }
}

const SCHEDULE: [Due; 17] = [
    due("J07BC01", "Viêm gan B", 1, 0),
    due("J07AN01", "Lao (BCG)", 1, 1),
    due(
        "J07CA11",
        "Bạch hầu, ho gà, uốn ván, viêm gan B, Hib",
        1,
        60,
    ),
    due("J07BF04", "Bại liệt uống", 1, 60),
    due(
        "J07CA11",
        "Bạch hầu, ho gà, uốn ván, viêm gan B, Hib",
        2,
        90,
    ),
    due("J07BF04", "Bại liệt uống", 2, 90),
    due(
        "J07CA11",
        "Bạch hầu, ho gà, uốn ván, viêm gan B, Hib",
        3,
        120,
    ),
    due("J07BF04", "Bại liệt uống", 3, 120),
    due("J07BF03", "Bại liệt tiêm", 1, 150),
    due("J07BD01", "Sởi", 1, 270),
    due("J07BF03", "Bại liệt tiêm", 2, 270),
    due("J07BA02", "Viêm não Nhật Bản", 1, 365),
    due("J07BA02", "Viêm não Nhật Bản", 2, 379),
    due("J07BD53", "Sởi, rubella", 1, 548),
    due("J07AJ51", "Bạch hầu, ho gà, uốn ván", 4, 548),
    due("J07BA02", "Viêm não Nhật Bản", 3, 730),
    due("J07AM51", "Uốn ván, bạch hầu", 1, 2555),
];
