//! Companies: who founded them, who owns a part, and the way from the code back to the founders.
//!
//! The serial of an enterprise code is a keyed permutation of the founders' place among the couples
//! of their former province; its last digit is chosen so that a check digit exists.

mod profile;
mod trades;

pub(super) use profile::{enterprise, name, roles};

use super::{
    cells::{CELLS, Couple, Role, as_of},
    draw::{Draw, Permutation, Topic, date, later},
    facts::{EnterpriseStatus, LegalForm},
    family::{Family, Life},
    neighbours, number, personas,
    provinces::{self, FORMER_PROVINCES},
};
use jiff::civil::Date;

/// A couple founds at most two companies.
const SLOTS: u32 = 2;
/// Of ten thousand couples, how many have a first, a second company.
const FOUNDERS: [u32; SLOTS as usize] = [1500, 250];
const SERIALS_ROOT: u32 = 1000;
const WEIGHTS: [u64; 9] = [31, 29, 23, 19, 17, 13, 7, 5, 3];

/// Whose company: the founding couple's first or second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    couple: Couple,
    slot: u32,
}

/// A company with those who hold its capital, the founder first.
#[derive(Debug, Clone)]
pub(super) struct Company {
    slot: Slot,
    form: LegalForm,
    status: EnterpriseStatus,
    registered: Date,
    closed: Option<Date>,
    holders: Vec<(Life, u32)>,
}

impl Company {
    pub(super) fn is_active(&self) -> bool {
        self.status == EnterpriseStatus::Active
    }

    pub(super) fn code(&self, seed: u64) -> Option<String> {
        self.slot.code(seed)
    }
}

impl Slot {
    /// The companies that a member of a family may hold a part of.
    pub(super) fn of_member(seed: u64, life: &Life) -> Vec<Self> {
        if matches!(life.member.role, Role::Child(_)) {
            return Vec::new();
        }
        let own = (0..SLOTS).map(|slot| Self {
            couple: life.member.couple,
            slot,
        });
        let others = (0..SLOTS).filter_map(|slot| {
            let couple = neighbours::partnered_by(seed, life.member, Topic::Enterprise, slot)?;
            Some(Self { couple, slot })
        });
        own.chain(others).collect()
    }

    /// A company of the couple at this place of the former province, if it has one.
    pub(super) fn at(seed: u64, province: usize, place: u32) -> Option<Self> {
        let slot = Self {
            couple: CELLS.couple_in_province(province, place)?,
            slot: 0,
        };
        slot.is_taken(seed).then_some(slot)
    }

    pub(super) fn from_code(seed: u64, code: &str) -> Option<Self> {
        if code.len() != 10 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let province = provinces::by_code(code.get(..2)?.parse().ok()?)?;
        let serial = code.get(2..8)?.parse().ok()?;
        let place = permutation(seed, province).invert(serial);
        let slot = u32::try_from(place % u64::from(SLOTS)).ok()?;
        let place = u32::try_from(place / u64::from(SLOTS)).ok()?;
        let couple = CELLS.couple_in_province(province, place)?;
        let slot = Self { couple, slot };
        (slot.is_taken(seed) && slot.code(seed).as_deref() == Some(code)).then_some(slot)
    }

    pub(super) fn code(self, seed: u64) -> Option<String> {
        let province = FORMER_PROVINCES.get(self.couple.province)?.code;
        let place = CELLS.place_in_province(self.couple);
        let place = u64::from(place) * u64::from(SLOTS) + u64::from(self.slot);
        let serial = permutation(seed, self.couple.province).apply(place);
        // Of any two last digits at least one gives a check digit; never 0, so the serial is not 0.
        let first = u64::from(self.draw(seed).between(1, 9));
        (0..9)
            .filter_map(|step| with_check_digit(province, serial * 10 + (first - 1 + step) % 9 + 1))
            .find(|code| code != personas::ENTERPRISE)
    }

    fn is_taken(self, seed: u64) -> bool {
        let share = FOUNDERS
            .get(self.slot as usize)
            .copied()
            .unwrap_or_default();
        self.draw(seed).chance(share)
    }

    fn draw(self, seed: u64) -> Draw {
        let id = number::couple_id(self.couple) * u64::from(SLOTS) + u64::from(self.slot);
        Draw::new(seed, Topic::Enterprise, id)
    }

    /// Who founded the company, and who holds it with them. The founder is old enough and alive.
    pub(super) fn company(self, seed: u64) -> Option<Company> {
        if !self.is_taken(seed) {
            return None;
        }
        let family = Family::of(seed, self.couple);
        let mut draw = self.draw(seed);
        draw.any();
        let role = if draw.chance(6400) {
            Role::Husband
        } else {
            Role::Wife
        };
        let founder = *family.life(role)?;
        let youngest = date(founder.born.year() + 24, 1, 1).max(date(2001, 1, 1));
        let oldest = date(founder.born.year() + 66, 1, 1).min(as_of());
        let oldest = founder
            .died
            .map_or(oldest, |died| later(died, -365).min(oldest));
        if youngest > oldest {
            return None;
        }
        let registered = draw.day_between(youngest, oldest);
        let (form, others) = self.others(seed, &mut draw, &family, role, registered)?;
        let (status, closed) = fate(&mut draw, &founder, registered);
        let holders = share_out(&mut draw, founder, others);
        Some(Company {
            slot: self,
            form,
            status,
            registered,
            closed,
            holders,
        })
    }

    /// The legal form, and the spouse and the partner where the form has room for them.
    fn others(
        self,
        seed: u64,
        draw: &mut Draw,
        family: &Family,
        founder: Role,
        registered: Date,
    ) -> Option<(LegalForm, Vec<Life>)> {
        let wanted = draw.weighted(&[
            (47, Some(LegalForm::SingleMemberLlc)),
            (28, Some(LegalForm::MultiMemberLlc)),
            (15, Some(LegalForm::JointStock)),
            (10, Some(LegalForm::PrivateEnterprise)),
        ])?;
        let (spouse_joins, partner_joins) = (draw.chance(6500), draw.chance(4500));
        let grown = |life: &Life| life.is_alive() && life.age_on(registered) >= 18;
        let spouse = || {
            let spouse = family.spouse_of(founder).copied();
            spouse.filter(|spouse| grown(spouse) && family.separated.is_none())
        };
        let partner =
            || neighbours::partner(seed, self.couple, Topic::Enterprise, self.slot).filter(grown);
        let others: Vec<Life> = match wanted {
            LegalForm::JointStock => spouse().into_iter().chain(partner()).collect(),
            LegalForm::MultiMemberLlc => {
                let spouse = spouse().filter(|_| spouse_joins);
                let alone = spouse.is_none();
                let partner = (partner_joins || alone).then(partner).flatten();
                spouse.into_iter().chain(partner).collect()
            }
            _ => Vec::new(),
        };
        // A joint-stock company has three shareholders at least, the other form two.
        let form = match (wanted, others.len()) {
            (LegalForm::JointStock, 1) => LegalForm::MultiMemberLlc,
            (LegalForm::JointStock | LegalForm::MultiMemberLlc, 0) => LegalForm::SingleMemberLlc,
            (wanted, _) => wanted,
        };
        Some((form, others))
    }
}

/// The ten digits of a code, unless its serial has no valid check digit.
pub(super) fn with_check_digit(province: u8, serial: u64) -> Option<String> {
    let digits = format!("{province:02}{serial:07}");
    let weighted = digits
        .bytes()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u64::from(digit - b'0') * weight);
    let check = 10 - weighted.sum::<u64>() % 11;
    (check < 10).then(|| format!("{digits}{check}"))
}

/// A founder's death dissolves the company; some close or pause before.
fn fate(draw: &mut Draw, founder: &Life, registered: Date) -> (EnterpriseStatus, Option<Date>) {
    let closes = draw.chance(1400);
    let closing_day = draw.day_between(registered, as_of());
    match founder.died {
        Some(died) => (
            EnterpriseStatus::Dissolved,
            Some(later(died, 90).min(as_of())),
        ),
        None if closes => (EnterpriseStatus::Dissolved, Some(closing_day)),
        None if draw.chance(700) => (EnterpriseStatus::Suspended, None),
        None => (EnterpriseStatus::Active, None),
    }
}

fn share_out(draw: &mut Draw, founder: Life, others: Vec<Life>) -> Vec<(Life, u32)> {
    let parts = u32::try_from(others.len()).unwrap_or_default();
    let of_founder = if parts == 0 {
        100
    } else {
        draw.between(8, 16) * 5
    };
    let mut left = 100 - of_founder;
    let mut holders = vec![(founder, of_founder)];
    for (nth, other) in (1..).zip(others) {
        let share = if nth == parts {
            left
        } else {
            draw.between(1, left.saturating_sub(1))
        };
        left -= share;
        holders.push((other, share));
    }
    holders
}

fn permutation(seed: u64, province: usize) -> Permutation {
    Permutation::new(seed, 1 << 40 | province as u64, SERIALS_ROOT)
}
