//! Health and social insurance: cards by age and work, months of contribution from a plausible career.

use super::{
    cells::{CELLS, Member, Role, as_of},
    draw::{Draw, Permutation, Topic, date, later},
    enterprises::{self, Slot},
    facts::{HealthInsurance, HealthStatus, Sex, SocialInsurance, SocialKind, SocialStatus},
    family::{Family, Life},
    home,
    places::Place,
    provinces::FORMER_PROVINCES,
};
use jiff::civil::Date;
use motlan_schemas::{date::PartialDate, language::Language};

const SERIALS_ROOT: u32 = 10_000;
/// Members of one family get numbers from eight places.
const PLACES: u64 = 8;

/// A working life as far as it was insured.
#[derive(Debug, Clone)]
struct Career {
    kind: SocialKind,
    started: Date,
    stopped: Option<Date>,
    months: u32,
    pension: bool,
    public: bool,
    draw: Draw,
}

pub(super) fn social(seed: u64, family: &Family, role: Role) -> Option<SocialInsurance> {
    let life = family.life(role)?;
    let career = career(seed, life)?;
    let mut draw = career.draw;
    let status = match (life.is_alive(), career.pension, career.stopped) {
        (false, ..) => SocialStatus::Ended,
        (true, true, _) => SocialStatus::Pension,
        (true, false, Some(_)) => SocialStatus::Paused,
        (true, false, None) => SocialStatus::Contributing,
    };
    let compulsory = career.kind == SocialKind::Compulsory;
    let working = status == SocialStatus::Contributing && compulsory;
    let employer = if working {
        employer(seed, &mut draw, family, career.public)
    } else {
        None
    };
    let (employer_code, employer_name) = employer.unwrap_or_default();
    // Unemployment insurance exists since 2009.
    let since_2009 = months_between(
        career.started.max(date(2009, 1, 1)),
        last_day(&career.stopped),
    );
    let salary_vnd = draw.between(48, 240) * 100_000;
    Some(SocialInsurance {
        social_insurance_number: insured_number(seed, life.member)?,
        kind: career.kind,
        status,
        contribution_months: career.months,
        unemployment_months: if compulsory {
            since_2009.min(career.months)
        } else {
            0
        },
        first_contribution: month(career.started),
        last_contribution: Some(month(last_day(&career.stopped))),
        employer_code,
        employer_name,
        salary_vnd: (status == SocialStatus::Contributing).then_some(u64::from(salary_vnd)),
        deceased: !life.is_alive(),
    })
}

pub(super) fn health(seed: u64, family: &Family, role: Role) -> Option<HealthInsurance> {
    let life = family.life(role)?;
    let mut draw = Draw::new(seed, Topic::Health, life.id());
    // The register of cards begins with the cards of 2015.
    let covered = draw.chance(9350);
    if !covered || life.died.is_some_and(|died| died < date(2015, 1, 1)) {
        return None;
    }
    let career = career(seed, life);
    let group = group(&mut draw, life, career.as_ref());
    let (benefit_level, coverage_percent) = match group {
        "TE" => (1, 100),
        "HN" => (2, 100),
        "HT" | "CN" => (3, 95),
        _ => (4, 80),
    };
    let number = insured_number(seed, life.member)?;
    let province = number.get(..2).unwrap_or_default();
    let old_style = draw.chance(3800);
    let card_number = if old_style {
        format!("{group}{benefit_level}{province}{number}")
    } else {
        number
    };
    let renewed = date(2026, 1, 1);
    let (status, valid_from, valid_until) = match life.died {
        Some(died) => (
            HealthStatus::Ended,
            date(died.year(), 1, 1).max(life.born),
            died,
        ),
        None if group == "TE" => (HealthStatus::Active, life.born, end_of_childhood(life)),
        None if draw.chance(350) => {
            let until = draw.day_between(date(2023, 12, 31), date(2025, 12, 31));
            (
                HealthStatus::Expired,
                later(until, -364).max(life.born),
                until,
            )
        }
        None if draw.chance(60) => (HealthStatus::Suspended, renewed, date(2026, 12, 31)),
        None => (HealthStatus::Active, renewed, date(2026, 12, 31)),
    };
    let facility = home::home_of(family, life).map(|home| home.place);
    let five_years = later(
        valid_from,
        -i32::try_from(draw.between(0, 3000)).unwrap_or_default(),
    );
    Some(HealthInsurance {
        card_number,
        status,
        group,
        benefit_level,
        coverage_percent,
        valid_from: PartialDate::Full(valid_from),
        valid_until: PartialDate::Full(valid_until),
        facility_code: facility.map(|place| facility_code(&mut draw, place)),
        facility_name: facility.map(facility_name),
        five_years_from: (life.age() >= 6 && draw.chance(7000))
            .then(|| PartialDate::Full(date(five_years.year() + 5, five_years.month(), 1))),
        deceased: !life.is_alive(),
    })
}

/// The ten digits of the social-insurance code, which new health cards bear as well.
fn insured_number(seed: u64, member: Member) -> Option<String> {
    let province = FORMER_PROVINCES.get(member.couple.province)?.code;
    let role = match member.role {
        Role::Husband => 0,
        Role::Wife => 1,
        Role::Child(rank) => 2 + rank as u64,
    };
    let place = u64::from(CELLS.place_in_province(member.couple)) * PLACES + role;
    let permutation = Permutation::new(seed, 1 << 41 | u64::from(province), SERIALS_ROOT);
    Some(format!("{province:02}{:08}", permutation.apply(place)))
}

fn career(seed: u64, life: &Life) -> Option<Career> {
    let mut draw = Draw::new(seed, Topic::Career, life.id());
    let insured = draw.chance(if life.born.year() < 1960 { 3000 } else { 5800 });
    let kind = if draw.chance(9100) {
        SocialKind::Compulsory
    } else {
        SocialKind::Voluntary
    };
    let public = kind == SocialKind::Compulsory && draw.chance(2200);
    let first_year = life.born.year() + draw.year(18, 27);
    let scheme = if kind == SocialKind::Voluntary {
        date(2008, 1, 1)
    } else {
        date(1995, 1, 1)
    };
    let started = date(
        first_year,
        i8::try_from(draw.between(1, 12)).unwrap_or(1),
        1,
    )
    .max(scheme);
    let retired = date(
        life.born.year() + if life.sex == Sex::Male { 60 } else { 55 },
        life.born.month(),
        1,
    );
    let left_early = draw
        .chance(2600)
        .then(|| draw.day_between(started, as_of()));
    let ends = [
        life.died,
        Some(retired).filter(|day| *day <= as_of()),
        left_early,
    ];
    let stopped = ends.into_iter().flatten().min();
    if !insured || stopped.is_some_and(|day| day <= later(started, 60)) || started >= as_of() {
        return None;
    }
    // Few careers are without a gap.
    let months = (months_between(started, last_day(&stopped)) * draw.between(70, 100) / 100).max(1);
    // Fifteen years give a pension (Law 41/2024/QH15, Article 64).
    let pension = life.is_alive() && retired <= as_of() && months >= 180;
    Some(Career {
        kind,
        started,
        stopped,
        months,
        pension,
        public,
        draw,
    })
}

fn last_day(stopped: &Option<Date>) -> Date {
    stopped.unwrap_or_else(as_of)
}

fn months_between(from: Date, until: Date) -> u32 {
    let months = |day: Date| i32::from(day.year()) * 12 + i32::from(day.month());
    u32::try_from(months(until) - months(from) + 1).unwrap_or_default()
}

fn month(day: Date) -> PartialDate {
    PartialDate::YearMonth(day.year(), day.month())
}

pub(super) type Employer = (Option<String>, Option<String>);

/// A company of the same province that is in the business register, or a public body without a code.
pub(super) fn employer(
    seed: u64,
    draw: &mut Draw,
    family: &Family,
    public: bool,
) -> Option<Employer> {
    let province = family.couple.province;
    if public {
        let place = Place::in_former(draw, province)?;
        let body = draw.pick(&[
            "Ủy ban nhân dân",
            "Trường Tiểu học",
            "Trường Trung học cơ sở",
            "Trạm y tế",
            "Trung tâm phục vụ hành chính công",
        ]);
        return Some((None, Some(format!("{body} {}", place.name()))));
    }
    let company = (0..16).find_map(|_| {
        let slot = Slot::at(seed, province, draw.below(CELLS.couples_in(province)))?;
        slot.company(seed).filter(enterprises::Company::is_active)
    })?;
    Some((company.code(seed), Some(enterprises::name(seed, &company))))
}

fn group(draw: &mut Draw, life: &Life, career: Option<&Career>) -> &'static str {
    let (poor, near_poor) = (draw.chance(350), draw.chance(350));
    let employee =
        career.filter(|career| career.stopped.is_none() && career.kind == SocialKind::Compulsory);
    match (life.age(), career, employee) {
        (..6, ..) => "TE",
        (_, Some(career), _) if career.pension => "HT",
        (_, _, Some(employee)) if employee.public => "HC",
        (_, _, Some(_)) => "DN",
        _ if poor => "HN",
        _ if near_poor => "CN",
        (6..18, ..) => "HS",
        (18..22, ..) if draw.chance(4500) => "SV",
        (80.., ..) => "BT",
        _ => "GD",
    }
}

/// A child's card is good until the September after the sixth birthday.
fn end_of_childhood(life: &Life) -> Date {
    let sixth = date(life.born.year() + 6, life.born.month(), 1);
    let school = date(sixth.year(), 9, 30);
    if sixth > school {
        date(sixth.year() + 1, 9, 30)
    } else {
        school
    }
}

fn facility_code(draw: &mut Draw, place: Place) -> String {
    format!("{}{:03}", place.province.code(), draw.between(1, 260))
}

fn facility_name(place: Place) -> String {
    let commune = place.commune.title(Language::Vi);
    let bare = commune.split_once(' ').map_or(commune, |(_, name)| name);
    if place.is_urban() {
        format!("Bệnh viện đa khoa {bare}")
    } else {
        format!("Trạm y tế {bare}")
    }
}
