//! From a member of a family to the personal number, and back without search.
//!
//! The six free digits are a keyed permutation of a place in the family and the couple's index in
//! its cell. Province, century, sex and year stand in the number as the decree wants them; for a
//! child the place also says how many years after the father the child was born, so that the
//! number alone leads to the father's cell:
//!
//! ```text
//! 001 1 85 483920  →  483920 decrypted = slot · 17,857 + index
//!                     slot 0–7: wife, by her age beside the husband's · slot 8–55: child, by rank and year
//! ```

use super::{
    cells::{CELL_MAX, CELLS, CHILDREN_MAX, Couple, Member, Role, child_year, marriage_year},
    draw::{Draw, Permutation, Topic},
    facts::Sex,
    personas,
    provinces::{self, FORMER_PROVINCES},
};

/// A personal number as an integer below 10¹².
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number(u64);

const SERIALS: u64 = 1_000_000;
const SERIALS_ROOT: u32 = 1000;
/// Slots of husband (0) or of wives (0 to 7), then of children.
const SPOUSE_SLOTS: u64 = 8;
/// A child is born in one of twelve years, counted from the first possible for its rank.
const CHILD_SLOTS: u64 = 12;
const FIRST_CHILD_AFTER: i16 = 23;
const CHILD_GAP: i16 = 2;
/// Places above these are free; they replace a serial that belongs to a persona.
const USED: u64 = (SPOUSE_SLOTS + CHILDREN_MAX as u64 * CHILD_SLOTS) * CELL_MAX as u64;

// Every place fits a serial number, and a few with each prefix are left for the displaced.
const _: () = assert!(USED + reserved_with_one_prefix() <= SERIALS);

/// A wife is born at most two years before her husband.
const WIFE_OLDER_MAX: i16 = 2;
const WIFE_YOUNGER_MAX: i16 = 5;
const YOUNGEST_WIFE: i16 = 18;

impl Number {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok().map(Self)).flatten()
    }

    pub(super) fn text(self) -> String {
        format!("{:012}", self.0)
    }

    pub(super) fn of(seed: u64, member: Member) -> Self {
        let prefix = prefix(seed, member);
        let serial = serial(seed, prefix, place(seed, member));
        Self(prefix * SERIALS + serial)
    }

    /// The member whose number this is; `None` for a persona's, and for numbers nobody has.
    pub(super) fn member(self, seed: u64) -> Option<Member> {
        let prefix = self.0 / SERIALS;
        let place = unserial(seed, prefix, self.0 % SERIALS)?;
        let province = provinces::by_code(u8::try_from(prefix / 1000).ok()?)?;
        let century = i16::try_from(prefix / 200 % 5).ok()?;
        let year = 1900 + century * 100 + i16::try_from(prefix % 100).ok()?;
        let index = u32::try_from(place % u64::from(CELL_MAX)).ok()?;
        let slot = place / u64::from(CELL_MAX);
        let (role, husband_year) = if slot >= SPOUSE_SLOTS {
            let rank = (slot - SPOUSE_SLOTS) / CHILD_SLOTS;
            let after = i16::try_from((slot - SPOUSE_SLOTS) % CHILD_SLOTS + 2 * rank).ok()?;
            (
                Role::Child(usize::try_from(rank).ok()?),
                year - FIRST_CHILD_AFTER - after,
            )
        } else if prefix / 100 % 2 == 1 {
            (
                Role::Wife,
                year - i16::try_from(slot).ok()? + WIFE_OLDER_MAX,
            )
        } else {
            (Role::Husband, year)
        };
        let member = Member {
            couple: Couple {
                province,
                husband_year,
                index,
            },
            role,
        };
        // The place may be one that no member of an existing family has.
        (CELLS.has(member) && Self::of(seed, member) == self).then_some(member)
    }
}

pub(super) fn birth_year(seed: u64, member: Member) -> i16 {
    let couple = member.couple;
    match member.role {
        Role::Husband => couple.husband_year,
        Role::Wife => couple.husband_year + wife_younger(seed, couple),
        Role::Child(child) => child_year(couple, child),
    }
}

pub(super) fn sex(seed: u64, member: Member) -> Sex {
    match member.role {
        Role::Husband => Sex::Male,
        Role::Wife => Sex::Female,
        // 111.5 boys to 100 girls, as counted at birth in recent years.
        Role::Child(_) if Draw::new(seed, Topic::Life, id(member)).chance(5272) => Sex::Male,
        Role::Child(_) => Sex::Female,
    }
}

/// One integer for each member of each family, to draw with.
pub(super) fn id(member: Member) -> u64 {
    let role = match member.role {
        Role::Husband => 0,
        Role::Wife => 1,
        Role::Child(child) => 2 + child as u64,
    };
    couple_id(member.couple) * 8 + role
}

pub(super) fn couple_id(couple: Couple) -> u64 {
    let year = u64::from(couple.husband_year.unsigned_abs());
    ((couple.province as u64) << 32) | (year << 20) | u64::from(couple.index)
}

fn wife_younger(seed: u64, couple: Couple) -> i16 {
    let mut draw = Draw::new(seed, Topic::Couple, couple_id(couple));
    let years = draw.weighted(&[
        (6, -WIFE_OLDER_MAX),
        (10, -1),
        (17, 0),
        (18, 1),
        (17, 2),
        (14, 3),
        (11, 4),
        (7, WIFE_YOUNGER_MAX),
    ]);
    years.min(marriage_year(couple) - couple.husband_year - YOUNGEST_WIFE)
}

/// Province, century and sex, year: the first six digits.
fn prefix(seed: u64, member: Member) -> u64 {
    let province = FORMER_PROVINCES
        .get(member.couple.province)
        .map_or(0, |province| province.code);
    let year = u64::from(birth_year(seed, member).unsigned_abs());
    let female = u64::from(sex(seed, member) == Sex::Female);
    let century = (year / 100 - 19) * 2 + female;
    u64::from(province) * 1000 + century * 100 + year % 100
}

fn place(seed: u64, member: Member) -> u64 {
    let couple = member.couple;
    let years = birth_year(seed, member) - couple.husband_year;
    let slot = match member.role {
        Role::Husband => 0,
        Role::Wife => u64::from((years + WIFE_OLDER_MAX).unsigned_abs()),
        Role::Child(rank) => {
            let after = years - FIRST_CHILD_AFTER - CHILD_GAP * i16::try_from(rank).unwrap_or(0);
            SPOUSE_SLOTS + rank as u64 * CHILD_SLOTS + u64::from(after.unsigned_abs())
        }
    };
    slot * u64::from(CELL_MAX) + u64::from(couple.index)
}

fn serial(seed: u64, prefix: u64, place: u64) -> u64 {
    let permutation = Permutation::new(seed, prefix, SERIALS_ROOT);
    let serial = permutation.apply(place);
    match taken(prefix).position(|taken| taken == serial) {
        None => serial,
        Some(nth) => (USED..SERIALS)
            .map(|free| permutation.apply(free))
            .filter(|free| taken(prefix).all(|taken| taken != *free))
            .nth(nth)
            .unwrap_or(serial),
    }
}

fn unserial(seed: u64, prefix: u64, serial: u64) -> Option<u64> {
    if taken(prefix).any(|taken| taken == serial) {
        return None;
    }
    let permutation = Permutation::new(seed, prefix, SERIALS_ROOT);
    let place = permutation.invert(serial);
    if place < USED {
        return Some(place);
    }
    let replaced = taken(prefix).map(|taken| permutation.invert(taken));
    replaced
        .filter(|place| *place < USED)
        .find(|place| self::serial(seed, prefix, *place) == serial)
}

/// The serials with this prefix that belong to personas, or to nobody at all.
fn taken(prefix: u64) -> impl Iterator<Item = u64> {
    personas::RESERVED
        .iter()
        .filter(move |number| **number / SERIALS == prefix)
        .map(|number| number % SERIALS)
}

/// The most personas whose numbers begin with the same six digits.
const fn reserved_with_one_prefix() -> u64 {
    let mut most = 0;
    let mut numbers = personas::RESERVED;
    while let [number, later @ ..] = numbers {
        let (mut same, mut others) = (1, later);
        while let [other, rest @ ..] = others {
            if *other / SERIALS == *number / SERIALS {
                same += 1;
            }
            others = rest;
        }
        if same > most {
            most = same;
        }
        numbers = later;
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_given_the_number_of_a_persona_and_the_displaced_are_found_again() {
        for seed in 0..20 {
            for reserved in personas::RESERVED {
                let prefix = reserved / SERIALS;
                assert_eq!(Number(*reserved).member(seed), None);
                let place = Permutation::new(seed, prefix, SERIALS_ROOT).invert(reserved % SERIALS);
                let other = serial(seed, prefix, place);
                assert_ne!(other, reserved % SERIALS);
                assert_eq!(unserial(seed, prefix, other), Some(place));
            }
        }
    }
}
