//! Where the members of a family live, and with whom.

use super::{
    cells::{Role, as_of},
    civil::UNDER_INVESTIGATION,
    draw::{Draw, Topic, date},
    facts::{HouseholdMember, Relationship, Residence, TemporaryResidence},
    family::{Family, Life},
    places::Place,
    provinces::FORMER_PROVINCES,
};
use jiff::civil::Date;
use motlan_schemas::date::PartialDate;

/// Where somebody lives, or lived until death.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dwelling {
    /// With the family.
    Family,
    /// Moved out: a household of one.
    Own,
    Abroad,
    Unknown,
}

/// A house and since when it has been lived in.
#[derive(Debug, Clone)]
pub(super) struct Home {
    pub(super) place: Place,
    pub(super) address: String,
    pub(super) since: Date,
}

/// Of ten thousand people, how many have their address kept secret.
const SECRET_ADDRESS: u32 = 10;

pub(super) fn dwelling(family: &Family, life: &Life) -> Dwelling {
    let mut draw = family.draw(Topic::Home);
    let husband_leaves = draw.chance(6500);
    match life.member.role {
        Role::Husband | Role::Wife => {
            let leaves =
                family.separated.is_some() && husband_leaves == (life.member.role == Role::Husband);
            if leaves {
                Dwelling::Own
            } else {
                Dwelling::Family
            }
        }
        Role::Child(rank) => {
            let mut draw = Draw::new(draw.any(), Topic::Home, rank as u64);
            let moved_out = draw.chance(match life.age() {
                ..22 => 0,
                22..30 => 3500,
                30..40 => 6000,
                _ => 8500,
            });
            match draw.below(10_000) {
                _ if !moved_out => Dwelling::Family,
                ..150 => Dwelling::Abroad,
                150..155 => Dwelling::Unknown,
                _ => Dwelling::Own,
            }
        }
    }
}

/// The house of the couple and of those who have not moved out.
pub(super) fn family_home(family: &Family) -> Option<Home> {
    let mut draw = family.draw(Topic::Home);
    draw.any();
    draw.any();
    home(&mut draw, family.couple.province, 1000, family.married)
}

/// The house that somebody lives in; `None` when that is abroad or unknown.
pub(super) fn home_of(family: &Family, life: &Life) -> Option<Home> {
    match dwelling(family, life) {
        Dwelling::Family => {
            let home = family_home(family)?;
            Some(Home {
                since: home.since.max(life.born),
                ..home
            })
        }
        Dwelling::Own => {
            let since = match (life.member.role, family.separated) {
                (Role::Husband | Role::Wife, Some(separation)) => separation.on,
                _ => date(life.born.year() + 22, 1, 1),
            };
            let mut draw = family.draw(Topic::Home);
            let mut draw = Draw::new(draw.any(), Topic::Home, life.id());
            let until = life.died.unwrap_or_else(as_of);
            home(&mut draw, family.couple.province, 3500, since.min(until))
        }
        Dwelling::Abroad | Dwelling::Unknown => None,
    }
}

pub(super) fn residence(family: &Family, life: &Life) -> Option<Residence> {
    let home = home_of(family, life)?;
    let mut draw = Draw::new(life.id(), Topic::Home, family.draw(Topic::Home).any());
    let commune = home.place.commune.code().to_owned();
    let temporary = temporary(&mut draw, life);
    let (current_address, current_commune) = match &temporary {
        Some(temporary) => (temporary.address.clone(), temporary.commune.clone()),
        None => (home.address.clone(), commune.clone()),
    };
    Some(Residence {
        permanent_address: home.address,
        permanent_commune: commune,
        permanent_province: home.place.province.code().to_owned(),
        permanent_since: (!draw.chance(700)).then_some(PartialDate::Full(home.since)),
        temporary,
        current_address,
        current_commune,
        address_secret: life.is_alive() && draw.chance(SECRET_ADDRESS),
        under_investigation: draw.chance(UNDER_INVESTIGATION),
    })
}

/// People who work or study in another place for a time.
fn temporary(draw: &mut Draw, life: &Life) -> Option<TemporaryResidence> {
    if !(life.is_alive() && (18..45).contains(&life.age()) && draw.chance(900)) {
        return None;
    }
    let place = Place::in_city(draw)?;
    let from = draw.day_between(date(2024, 7, 1), as_of());
    Some(TemporaryResidence {
        address: place.address(draw),
        commune: place.commune.code().to_owned(),
        province: place.province.code().to_owned(),
        from: PartialDate::Full(from),
        // Temporary residence is registered for two years at most (Law 68/2020/QH14, Article 27).
        until: (!draw.chance(1000))
            .then(|| PartialDate::Full(date(from.year() + 2, from.month(), from.day()))),
    })
}

/// The living members of the subject's household, the head first; nobody for the dead.
pub(super) fn household(seed: u64, family: &Family, role: Role) -> Vec<HouseholdMember> {
    let Some(subject) = family.life(role).filter(|life| life.is_alive()) else {
        return Vec::new();
    };
    let members: Vec<&Life> = match dwelling(family, subject) {
        Dwelling::Abroad | Dwelling::Unknown => Vec::new(),
        Dwelling::Own => vec![subject],
        Dwelling::Family => family
            .everybody()
            .filter(|life| life.is_alive() && dwelling(family, life) == Dwelling::Family)
            .collect(),
    };
    // A child heads the household only when both parents are dead or gone; then the eldest does.
    let head = members
        .iter()
        .min_by_key(|life| match life.member.role {
            Role::Husband => (0, life.born),
            Role::Wife => (1, life.born),
            Role::Child(_) => (2, life.born),
        })
        .map(|life| life.member.role);
    let code = household_code(family, subject);
    let mut members: Vec<HouseholdMember> = members
        .into_iter()
        .filter_map(|life| {
            let home = home_of(family, life)?;
            Some(HouseholdMember {
                household_code: code.clone(),
                full_name: life.full_name(seed),
                personal_id: life.number.text(),
                relationship: relationship(head?, life.member.role),
                sex: life.sex,
                birth_date: life.birth_date(),
                since: Some(PartialDate::Full(home.since)),
            })
        })
        .collect();
    members.sort_by_key(|member| member.relationship != Relationship::Head);
    members
}

fn relationship(head: Role, role: Role) -> Relationship {
    match (head, role) {
        (head, role) if head == role => Relationship::Head,
        (Role::Child(_), Role::Child(_)) => Relationship::Sibling,
        (_, Role::Child(_)) => Relationship::Child,
        (_, Role::Husband | Role::Wife) => Relationship::Spouse,
    }
}

/// Ten digits: province, year, couple, and whose household it is of the family's.
fn household_code(family: &Family, subject: &Life) -> String {
    let couple = family.couple;
    let province = FORMER_PROVINCES
        .get(couple.province)
        .map_or(0, |province| province.code);
    let place = match (dwelling(family, subject), subject.member.role) {
        (Dwelling::Own, Role::Child(rank)) => 2 + rank,
        (Dwelling::Own, _) => 1,
        _ => 0,
    };
    format!(
        "{province:02}{:02}{:05}{place}",
        couple.husband_year % 100,
        couple.index
    )
}

fn home(draw: &mut Draw, province: usize, moves: u32, earliest: Date) -> Option<Home> {
    let moved = draw.chance(moves);
    let place = if moved {
        Place::in_city(draw)
    } else {
        Place::in_former(draw, province)
    }?;
    let address = place.address(draw);
    let since = draw.day_between(earliest, earliest.max(date(2008, 1, 1)));
    Some(Home {
        place,
        address,
        since,
    })
}
