//! What the civil-status registers and the identity register hold about one member of a family.

use super::{
    cells::{Role, as_of},
    documents,
    draw::{Draw, Topic, date, later},
    facts::{
        Birth, Death, EndReason, Identity, MaritalState, MaritalStatus, Marriage, MarriageStatus,
        Parent, Person, PersonStatus, Registration, RegistrationKind, Sex,
    },
    family::{Family, Life},
    home::{self, Dwelling},
    names, number,
    places::{self, Place},
};
use jiff::civil::Date;
use motlan_schemas::date::PartialDate;

pub(super) const VIETNAM: &str = "VN";
/// Of ten thousand records, how many a register has under investigation.
pub(super) const UNDER_INVESTIGATION: u32 = 20;

pub(super) fn person(seed: u64, family: &Family, role: Role) -> Option<Person> {
    let life = family.life(role)?;
    let birth = birth(seed, family, life)?;
    let marriages = marriage(seed, family, role).into_iter().collect();
    Some(Person {
        identity: identity(seed, family, life, &birth),
        marital_status: marital_status(family, life),
        marriages,
        // Orphans live with a sibling in the generated families, and no register says more.
        guardianships: Vec::new(),
        death: life.died.and_then(|died| death(family, life, died)),
        residence: home::residence(family, life),
        documents: documents::documents(seed, life, &birth),
        birth: Some(birth),
    })
}

fn identity(seed: u64, family: &Family, life: &Life, birth: &Birth) -> Identity {
    let mut draw = Draw::new(seed, Topic::Civil, life.id() ^ 1 << 60);
    let status = match (life.is_alive(), home::dwelling(family, life)) {
        (false, _) => PersonStatus::Deceased,
        (true, Dwelling::Abroad) => PersonStatus::Emigrated,
        (true, Dwelling::Unknown) => PersonStatus::Missing,
        (true, Dwelling::Family | Dwelling::Own) => PersonStatus::Active,
    };
    let religion = draw.weighted(&RELIGIONS);
    Identity {
        full_name: birth.full_name.clone(),
        personal_id: birth.personal_id.clone(),
        birth_date: birth.date,
        sex: birth.sex,
        ethnicity: birth.ethnicity,
        religion: (!draw.chance(900)).then_some(religion),
        nationality: VIETNAM,
        birth_place: birth.place.clone(),
        home_town: birth.home_town.clone(),
        status,
        deceased: !life.is_alive(),
        under_investigation: draw.chance(UNDER_INVESTIGATION),
    }
}

fn birth(seed: u64, family: &Family, life: &Life) -> Option<Birth> {
    let mut draw = Draw::new(seed, Topic::Civil, life.id());
    let place = Place::in_former(&mut draw, family.couple.province)?;
    let kind = draw.weighted(&[
        (90, Some(RegistrationKind::OnTime)),
        (7, Some(RegistrationKind::Late)),
        (3, Some(RegistrationKind::Again)),
    ])?;
    let registered = registered(&mut draw, life, kind);
    let old = life.born.year() < 1975;
    let (mother, father) = match life.member.role {
        Role::Child(_) => (
            Some(parent(seed, family, &family.wife)),
            Some(parent(seed, family, &family.husband)),
        ),
        Role::Husband | Role::Wife => parents_on_paper(&mut draw, seed, life),
    };
    Some(Birth {
        full_name: life.full_name(seed),
        personal_id: life.number.text(),
        date: life.birth_date(),
        sex: life.sex,
        place: (!(old && draw.chance(1200))).then(|| birth_place(&mut draw, place)),
        place_commune: (!(old && draw.chance(2500))).then(|| place.commune.code().to_owned()),
        home_town: (!draw.chance(300)).then(|| home_town(seed, family)),
        ethnicity: (!draw.chance(150)).then_some(life.ethnicity),
        nationality: VIETNAM,
        mother,
        father,
        registration: registration(&mut draw, registered, place),
        kind,
        under_investigation: draw.chance(UNDER_INVESTIGATION),
        cancelled: false,
    })
}

/// The day of registration, which the person lived to see.
fn registered(draw: &mut Draw, life: &Life, kind: RegistrationKind) -> Date {
    let (from, until) = match kind {
        RegistrationKind::OnTime => (later(life.born, 3), later(life.born, 60)),
        RegistrationKind::Late => (later(life.born, 61), later(life.born, 5000)),
        // Books that were lost have been written again since the decree of 1998.
        RegistrationKind::Again => (later(life.born, 61).max(date(1998, 10, 10)), as_of()),
    };
    let last = life.died.unwrap_or_else(as_of);
    draw.day_between(from, until.min(last)).min(last)
}

/// A parent who is in the registers: the same data as in the parent's own records.
fn parent(seed: u64, family: &Family, life: &Life) -> Parent {
    Parent {
        full_name: life.full_name(seed),
        personal_id: Some(life.number.text()),
        birth_date: Some(life.birth_date()),
        ethnicity: Some(life.ethnicity),
        nationality: Some(VIETNAM),
        residence: home::family_home(family).map(|home| home.address),
    }
}

/// Mother and father of older people stand in the old books only, without a number.
fn parents_on_paper(draw: &mut Draw, seed: u64, life: &Life) -> (Option<Parent>, Option<Parent>) {
    let own_surname = names::surname(seed, life.id(), life.ethnicity);
    let other_surname = names::any_surname(draw, life.ethnicity);
    let mut on_paper = |surname: &str, sex: Sex, older: (u32, u32), unknown: u32| {
        let years = i16::try_from(draw.between(older.0, older.1)).unwrap_or(25);
        let year = life.born.year() - years;
        let full_name = names::on_paper(draw, surname, sex, year);
        let birth_date = (!draw.chance(800)).then_some(PartialDate::Year(year));
        (!draw.chance(unknown)).then_some(Parent {
            full_name,
            personal_id: None,
            birth_date,
            ethnicity: Some(life.ethnicity),
            nationality: Some(VIETNAM),
            residence: None,
        })
    };
    let mother = on_paper(other_surname, Sex::Female, (19, 38), 100);
    let father = on_paper(own_surname, Sex::Male, (20, 45), 400);
    (mother, father)
}

fn birth_place(draw: &mut Draw, place: Place) -> String {
    let kind = if place.is_urban() {
        draw.pick(&["Bệnh viện Phụ sản", "Bệnh viện đa khoa", "Nhà hộ sinh"])
    } else {
        draw.pick(&["Trạm y tế", "Bệnh viện đa khoa khu vực", "Tại nhà,"])
    };
    format!("{kind} {}", place.name())
}

/// Where the husband's family comes from; wife and children are entered with it, as is the custom
/// for children, and a simplification for wives.
fn home_town(seed: u64, family: &Family) -> String {
    let mut draw = Draw::new(
        seed,
        Topic::Origin,
        number::couple_id(family.couple) * 8 + 6,
    );
    if draw.chance(3000) {
        return places::former_name(family.couple.province);
    }
    Place::in_former(&mut draw, family.couple.province).map_or_else(String::new, Place::name)
}

fn marital_status(family: &Family, life: &Life) -> MaritalStatus {
    let own_death = life.died;
    let (status, since) = match family.spouse_of(life.member.role) {
        None => (MaritalState::NeverMarried, None),
        Some(spouse) => match (family.separated, spouse.died) {
            (Some(separation), _) if separation.annulled => (MaritalState::NeverMarried, None),
            (Some(separation), _) => (MaritalState::Divorced, Some(separation.on)),
            (None, Some(widowed)) if own_death.is_none_or(|own| widowed < own) => {
                (MaritalState::Widowed, Some(widowed))
            }
            (None, _) => (MaritalState::Married, Some(family.married)),
        },
    };
    let last_event = own_death.or(since).unwrap_or(life.born);
    let mut draw = family.draw(Topic::Civil);
    let confirmed = draw.day_between(last_event.max(date(2021, 1, 1)), as_of());
    MaritalStatus {
        status,
        since: since.map(PartialDate::Full),
        confirmed_on: PartialDate::Full(confirmed),
        deceased: !life.is_alive(),
    }
}

fn marriage(seed: u64, family: &Family, role: Role) -> Option<Marriage> {
    let spouse = family.spouse_of(role)?;
    // One entry for both spouses: everything is drawn for the couple.
    let mut draw = family.draw(Topic::Civil);
    draw.any();
    let office = Place::in_former(&mut draw, family.couple.province)?;
    let (status, ended_on, end_reason) = match (family.separated, family.ended_by_death()) {
        (Some(separation), _) if separation.annulled => (
            MarriageStatus::Annulled,
            Some(separation.on),
            Some(EndReason::Annulment),
        ),
        (Some(separation), _) => (
            MarriageStatus::Dissolved,
            Some(separation.on),
            Some(EndReason::Divorce),
        ),
        (None, Some(died)) => (
            MarriageStatus::Dissolved,
            Some(died),
            Some(EndReason::Death),
        ),
        (None, None) => (MarriageStatus::Valid, None, None),
    };
    Some(Marriage {
        spouse_full_name: spouse.full_name(seed),
        spouse_personal_id: Some(spouse.number.text()),
        spouse_birth_date: Some(spouse.birth_date()),
        spouse_nationality: Some(VIETNAM),
        date: PartialDate::Full(family.married),
        status,
        ended_on: ended_on.map(PartialDate::Full),
        end_reason,
        registration: registration(&mut draw, family.married, office),
        under_investigation: draw.chance(UNDER_INVESTIGATION),
    })
}

fn death(family: &Family, life: &Life, died: Date) -> Option<Death> {
    let mut draw = family.draw(Topic::Civil);
    let id = life.id();
    // Each death has its own entry: the draw goes on from the member's place in the family.
    draw = Draw::new(draw.any(), Topic::Civil, id);
    let office = Place::in_former(&mut draw, family.couple.province)?;
    let at_home = draw.chance(6200);
    let by_court = draw.chance(15);
    let registered =
        later(died, i32::try_from(draw.between(0, 20)).unwrap_or_default()).min(as_of());
    let place = if at_home {
        "Tại nhà".to_owned()
    } else {
        birth_place(&mut draw, office)
    };
    let cause = draw.weighted(&CAUSES);
    Some(Death {
        date: PartialDate::Full(died),
        time: (!by_court && draw.chance(8800))
            .then(|| format!("{:02}:{:02}", draw.below(24), draw.below(12) * 5)),
        place: (!by_court).then_some(place),
        place_commune: (!by_court).then(|| office.commune.code().to_owned()),
        cause: (!by_court && draw.chance(9000)).then_some(cause),
        certificate_number: (!by_court && draw.chance(9300))
            .then(|| format!("{:04}/{}", draw.between(1, 9999), died.year())),
        declared_by_court: by_court,
        registration: registration(&mut draw, registered, office),
        under_investigation: draw.chance(UNDER_INVESTIGATION),
    })
}

/// An entry in the book of an office; the number returns every year.
fn registration(draw: &mut Draw, on: Date, office: Place) -> Registration {
    let year = on.year();
    Registration {
        number: format!("{}/{year}", draw.between(1, 480)),
        book: (year >= 1990 || draw.chance(6000))
            .then(|| format!("{:02}/{year}", draw.between(1, 3))),
        date: PartialDate::Full(on),
        office: office.commune.code().to_owned(),
    }
}

const RELIGIONS: [(u32, &str); 7] = [
    (863, "Không"),
    (47, "Phật giáo"),
    (61, "Công giáo"),
    (10, "Phật giáo Hòa Hảo"),
    (10, "Tin Lành"),
    (6, "Cao Đài"),
    (3, "Hồi giáo"),
];
const CAUSES: [(u32, &str); 8] = [
    (34, "Tuổi già"),
    (22, "Bệnh tim mạch"),
    (16, "Tai biến mạch máu não"),
    (14, "Ung thư"),
    (5, "Bệnh phổi mạn tính"),
    (4, "Tai nạn giao thông"),
    (3, "Đái tháo đường"),
    (2, "Viêm phổi"),
];
