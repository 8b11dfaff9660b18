//! Allergies and illnesses: rare in the young, and more with age.
//!
//! How often each is found is plausible, not measured (general knowledge).

use super::first_records;
use crate::people::{
    cells::as_of,
    draw::{Draw, Topic, date, later},
    facts::record::{
        Allergen, Allergy, AllergyCategory, AllergyStatus, Condition, ConditionStatus, Criticality,
        Verification,
    },
    family::Life,
};
use jiff::civil::Date;
use motlan_schemas::date::PartialDate;

/// An illness: from which age on it is found, in how many of ten thousand, and whether it passes.
struct Illness {
    code: &'static str,
    title: &'static str,
    from_age: i16,
    per_ten_thousand: u32,
    passes: bool,
}

pub(super) fn allergies(seed: u64, life: &Life) -> Vec<Allergy> {
    let mut draw = Draw::new(seed, Topic::Record, life.id() ^ ALLERGIES);
    let mut found = Vec::new();
    for (per_ten_thousand, allergen) in ALLERGENS {
        if !draw.chance(per_ten_thousand) {
            continue;
        }
        let first = draw.day_between(life.born, end(life));
        let remembered = draw.chance(8500);
        let onset = remembered.then(|| partial(&mut draw, first));
        let criticality = draw.weighted(&[
            (5, Some(Criticality::Low)),
            (4, Some(Criticality::High)),
            (1, Some(Criticality::UnableToAssess)),
        ]);
        let (status, verification) = draw
            .weighted(&[
                (80, Some((AllergyStatus::Active, Verification::Confirmed))),
                (12, Some((AllergyStatus::Active, Verification::Unconfirmed))),
                (5, Some((AllergyStatus::Resolved, Verification::Confirmed))),
                (2, Some((AllergyStatus::Inactive, Verification::Refuted))),
                (
                    1,
                    Some((AllergyStatus::Inactive, Verification::EnteredInError)),
                ),
            ])
            .unwrap_or((AllergyStatus::Active, Verification::Confirmed));
        found.push(Allergy {
            allergen,
            criticality: criticality.unwrap_or(Criticality::UnableToAssess),
            status,
            verification,
            onset,
            recorded_on: recorded(&mut draw, life, first),
        });
    }
    found
}

pub(super) fn conditions(seed: u64, life: &Life, clinic: Option<&str>) -> Vec<Condition> {
    let mut draw = Draw::new(seed, Topic::Record, life.id() ^ CONDITIONS);
    let mut found = Vec::new();
    for illness in ILLNESSES {
        let ill = draw.chance(illness.per_ten_thousand);
        let earliest = date(life.born.year() + illness.from_age, life.born.month(), 1);
        let earliest = earliest.max(life.born);
        if !ill || earliest > end(life) {
            continue;
        }
        let began = draw.day_between(earliest, end(life));
        let over = later(began, i32::try_from(draw.between(7, 60)).unwrap_or(7)).min(end(life));
        let (status, ended_on) = match (illness.passes, draw.below(100)) {
            (true, _) => (ConditionStatus::Resolved, Some(PartialDate::Full(over))),
            (false, 0..6) => (ConditionStatus::Remission, Some(partial(&mut draw, over))),
            (false, 6..9) => (ConditionStatus::Recurrence, None),
            (false, _) => (ConditionStatus::Active, None),
        };
        let verification = if draw.chance(9300) {
            Verification::Confirmed
        } else {
            Verification::Presumed
        };
        found.push(Condition {
            code: illness.code,
            title: illness.title,
            status,
            verification,
            onset: draw.chance(9000).then(|| partial(&mut draw, began)),
            ended_on,
            recorded_on: recorded(&mut draw, life, began),
            facility_name: clinic.map(str::to_owned),
        });
    }
    found
}

fn end(life: &Life) -> Date {
    life.died.unwrap_or_else(as_of)
}

/// On the day, soon after it, or when the record was begun.
fn recorded(draw: &mut Draw, life: &Life, first: Date) -> PartialDate {
    let soon = later(
        first,
        i32::try_from(draw.between(0, 30)).unwrap_or_default(),
    );
    PartialDate::Full(soon.max(first_records()).min(end(life)).max(first))
}

/// A day as people remember it: often only the year.
fn partial(draw: &mut Draw, day: Date) -> PartialDate {
    match draw.below(10) {
        0..3 => PartialDate::Year(day.year()),
        3..5 => PartialDate::YearMonth(day.year(), day.month()),
        _ => PartialDate::Full(day),
    }
}

/// Draws of one person's record that are independent of each other.
const ALLERGIES: u64 = 1 << 60;
const CONDITIONS: u64 = 1 << 61;

const fn allergen(
    substance: &'static str,
    atc: Option<&'static str>,
    category: AllergyCategory,
    reaction: &'static str,
) -> Allergen {
    Allergen {
        substance,
        atc,
        category,
        reaction,
    }
}

/// How many of ten thousand have it, and what it is.
pub(in crate::people) const ALLERGENS: [(u32, Allergen); 9] = [
    (
        190,
        allergen(
            "Penicillin",
            Some("J01C"),
            AllergyCategory::Medication,
            "Nổi mề đay",
        ),
    ),
    (
        60,
        allergen(
            "Cephalosporin",
            Some("J01D"),
            AllergyCategory::Medication,
            "Phát ban",
        ),
    ),
    (
        70,
        allergen(
            "Acid acetylsalicylic",
            Some("N02BA01"),
            AllergyCategory::Medication,
            "Co thắt phế quản",
        ),
    ),
    (
        40,
        allergen(
            "Sulfamethoxazole",
            Some("J01EC01"),
            AllergyCategory::Medication,
            "Hồng ban",
        ),
    ),
    (
        210,
        allergen("Tôm, cua", None, AllergyCategory::Food, "Nổi mề đay"),
    ),
    (
        60,
        allergen("Đậu phộng", None, AllergyCategory::Food, "Phù môi, khó thở"),
    ),
    (
        90,
        allergen("Sữa bò", None, AllergyCategory::Food, "Tiêu chảy, phát ban"),
    ),
    (
        220,
        allergen(
            "Mạt bụi nhà",
            None,
            AllergyCategory::Environment,
            "Viêm mũi",
        ),
    ),
    (
        15,
        allergen(
            "Huyết thanh kháng uốn ván",
            Some("J06AA02"),
            AllergyCategory::Biologic,
            "Sốc phản vệ",
        ),
    ),
];

const fn illness(
    code: &'static str,
    title: &'static str,
    from_age: i16,
    per_ten_thousand: u32,
    passes: bool,
) -> Illness {
    Illness {
        code,
        title,
        from_age,
        per_ten_thousand,
        passes,
    }
}

const ILLNESSES: [Illness; 12] = [
    illness("I10", "Tăng huyết áp vô căn (nguyên phát)", 45, 2500, false),
    illness(
        "E11.9",
        "Đái tháo đường type 2 không biến chứng",
        42,
        700,
        false,
    ),
    illness("E78.5", "Tăng lipid máu, không đặc hiệu", 40, 1400, false),
    illness("B18.1", "Viêm gan virus B mạn", 20, 800, false),
    illness("J45.9", "Hen phế quản, không đặc hiệu", 4, 400, false),
    illness(
        "J44.9",
        "Bệnh phổi tắc nghẽn mạn tính, không đặc hiệu",
        55,
        450,
        false,
    ),
    illness("K29.7", "Viêm dạ dày, không đặc hiệu", 20, 1200, false),
    illness(
        "M17.9",
        "Thoái hóa khớp gối, không đặc hiệu",
        58,
        1500,
        false,
    ),
    illness("I63.9", "Nhồi máu não, không đặc hiệu", 62, 300, false),
    illness("A90", "Sốt xuất huyết Dengue", 2, 600, true),
    illness("J18.9", "Viêm phổi, không đặc hiệu", 0, 500, true),
    illness("S82.9", "Gãy xương cẳng chân, không đặc hiệu", 5, 150, true),
];
