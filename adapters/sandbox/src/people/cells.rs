//! How many people there are: the population laid out in cells, with the exact sizes of the registers.
//!
//! A cell holds the couples of one former province whose husband was born in one year. Everybody
//! belongs to exactly one couple, as husband, wife or one of up to four children:
//!
//! ```text
//! 4,500,000 marriages = 9,000,000 spouses + 14,000,000 children = 23,000,000 births
//! ```
//!
//! Of the children 7,000,000 are born since 2016, and 3,200,000 of all people are dead. These sums
//! hold exactly, by construction: shares are handed out by cumulative rounding, and the last few
//! one by one. The personas are counted in. The seed plays no part: it decides who people are, not
//! how many there are.

mod fertility;
mod mortality;

pub(super) use fertility::{child_year, marriage_year};

use super::{draw::date, personas, provinces::FORMER_PROVINCES};
use fertility::{PATTERN, bear_children, births, children_born};
use jiff::civil::Date;
use std::sync::LazyLock;

/// What the national registers hold (published sizes), personas included.
pub(super) const BIRTHS: u64 = 23_000_000;
pub(super) const CHILDREN_WITH_NUMBER: u64 = 7_000_000;
pub(super) const MARRIAGES: u64 = 4_500_000;
pub(super) const DEATHS: u64 = 3_200_000;

/// Since this year children get their personal number at birth.
pub(super) const NUMBER_AT_BIRTH_FROM: i16 = 2016;
/// The last year in which generated people are born.
pub(super) const LAST_BIRTH_YEAR: i16 = 2025;
/// The years in which husbands are born.
pub(super) const FIRST_YEAR: i16 = 1926;
const LAST_YEAR: i16 = 2000;
pub(super) const YEARS: usize = 75;
pub(super) const CHILDREN_MAX: usize = 4;
/// INVARIANT: no cell is larger; a serial number has room for 56 slots of this size.
pub(super) const CELL_MAX: u32 = 17_857;

/// The day on which the registers are looked at: nothing later has happened.
pub(super) fn as_of() -> Date {
    date(2026, 6, 30)
}

/// How many couples there are in a cell, and of whom.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cell {
    pub(super) couples: u32,
    /// Couples whose index is below have a first, second, third, fourth child.
    pub(super) children: [u32; CHILDREN_MAX],
    dead_husbands: u32,
    dead_wives: u32,
    dead_children: [u32; CHILDREN_MAX],
}

impl Cell {
    fn dead(&self) -> u64 {
        let children = self.dead_children.iter().sum::<u32>();
        u64::from(self.dead_husbands + self.dead_wives + children)
    }
}

/// A couple: the number of its cell's province and year, and its index in the cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Couple {
    /// Index in [`FORMER_PROVINCES`].
    pub(super) province: usize,
    /// The year of the husband's birth.
    pub(super) husband_year: i16,
    pub(super) index: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Husband,
    Wife,
    /// The first is 0.
    Child(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) couple: Couple,
    pub(super) role: Role,
}

/// How many people the generated registers hold, personas included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    pub births: u64,
    /// Children born since 2016, who got their personal number at birth.
    pub children_with_number: u64,
    pub marriages: u64,
    pub deaths: u64,
}

#[derive(Debug)]
pub(super) struct Cells {
    cells: Vec<Cell>,
    /// How many couples all cells before have; one entry more than cells.
    first_couple: Vec<u32>,
    /// How many children all cells before have, for the first child of every cell, then the second…
    first_child: Vec<u64>,
}

pub(super) static CELLS: LazyLock<Cells> = LazyLock::new(Cells::build);

impl Cells {
    pub(super) fn cell(&self, province: usize, husband_year: i16) -> Cell {
        position(province, husband_year)
            .and_then(|at| self.cells.get(at))
            .copied()
            .unwrap_or_default()
    }

    /// Whether the couple has this member.
    pub(super) fn has(&self, member: Member) -> bool {
        let couple = member.couple;
        let cell = self.cell(couple.province, couple.husband_year);
        match member.role {
            Role::Husband | Role::Wife => couple.index < cell.couples,
            Role::Child(child) => {
                cell.children
                    .get(child)
                    .is_some_and(|below| couple.index < *below)
                    && child_year(couple, child) <= LAST_BIRTH_YEAR
            }
        }
    }

    pub(super) fn is_dead(&self, member: Member) -> bool {
        let couple = member.couple;
        let cell = self.cell(couple.province, couple.husband_year);
        let (dead, of, salt) = match member.role {
            Role::Husband => (cell.dead_husbands, cell.couples, 0),
            Role::Wife => (cell.dead_wives, cell.couples, 1),
            Role::Child(child) => (
                cell.dead_children.get(child).copied().unwrap_or_default(),
                cell.children.get(child).copied().unwrap_or_default(),
                2 + child as u64,
            ),
        };
        // A prime larger than any cell: multiplying by it permutes the couples of the cell.
        const STRIDE: u64 = 15_485_863;
        of > 0
            && (u64::from(couple.index) * STRIDE + salt * 7_919) % u64::from(of) < u64::from(dead)
    }

    /// Couples of a former province, all years together.
    pub(super) fn couples_in(&self, province: usize) -> u32 {
        self.couples_before((province + 1) * YEARS) - self.couples_before(province * YEARS)
    }

    /// The couple's place among the couples of its former province.
    pub(super) fn place_in_province(&self, couple: Couple) -> u32 {
        let at = position(couple.province, couple.husband_year).unwrap_or_default();
        self.couples_before(at) - self.couples_before(couple.province * YEARS) + couple.index
    }

    pub(super) fn couple_in_province(&self, province: usize, place: u32) -> Option<Couple> {
        let couple = self.couple_at(self.couples_before(province * YEARS) + place)?;
        (couple.province == province).then_some(couple)
    }

    /// The people in a fixed order: husbands, wives, first children and so on; no personas.
    pub(super) fn member_at(&self, index: u64) -> Option<Member> {
        let couples = u64::from(self.first_couple.last().copied()?);
        if index < 2 * couples {
            let role = if index < couples {
                Role::Husband
            } else {
                Role::Wife
            };
            let couple = self.couple_at(u32::try_from(index % couples).ok()?)?;
            return Some(Member { couple, role });
        }
        let index = index - 2 * couples;
        let at = self
            .first_child
            .partition_point(|first| *first <= index)
            .checked_sub(1)?;
        let within = index - self.first_child.get(at)?;
        let (child, cell) = (at / self.cells.len(), at % self.cells.len());
        let (province, husband_year) = cell_of(cell);
        // Births after the last year are left out, by a pattern that returns every 64 couples.
        let born: Vec<u32> = (0..PATTERN)
            .filter(|index| {
                child_year(
                    Couple {
                        province,
                        husband_year,
                        index: *index,
                    },
                    child,
                ) <= LAST_BIRTH_YEAR
            })
            .collect();
        let cycle = born.len() as u64;
        let offset = born.get(usize::try_from(within.checked_rem(cycle)?).ok()?)?;
        let index = u32::try_from(within / cycle).ok()? * PATTERN + offset;
        let couple = Couple {
            province,
            husband_year,
            index,
        };
        (child < CHILDREN_MAX).then_some(Member {
            couple,
            role: Role::Child(child),
        })
    }

    /// Counted cell by cell, not assumed.
    pub(super) fn sizes(&self) -> Sizes {
        let mut sizes = Sizes {
            births: personas::BIRTHS,
            children_with_number: personas::CHILDREN_WITH_NUMBER,
            marriages: personas::MARRIAGES,
            deaths: personas::DEATHS,
        };
        for (at, cell) in self.cells.iter().enumerate() {
            let born = children_born(at, cell);
            sizes.births += 2 * u64::from(cell.couples) + born.all();
            sizes.children_with_number += born.since_2016;
            sizes.marriages += u64::from(cell.couples);
            sizes.deaths += cell.dead();
        }
        sizes
    }

    fn couples_before(&self, cell: usize) -> u32 {
        self.first_couple.get(cell).copied().unwrap_or_default()
    }

    fn couple_at(&self, place: u32) -> Option<Couple> {
        let at = self
            .first_couple
            .partition_point(|first| *first <= place)
            .checked_sub(1)?;
        let (province, husband_year) = cell_of(at);
        let index = place - self.first_couple.get(at)?;
        (at < self.cells.len()).then_some(Couple {
            province,
            husband_year,
            index,
        })
    }

    fn build() -> Self {
        let mut cells = couples();
        bear_children(&mut cells);
        mortality::bury(&mut cells);
        let mut first_couple = vec![0];
        let mut sum = 0;
        for cell in &cells {
            sum += cell.couples;
            first_couple.push(sum);
        }
        let mut first_child = vec![0];
        let mut sum = 0;
        for child in 0..CHILDREN_MAX {
            for (at, cell) in cells.iter().enumerate() {
                sum += births(
                    at,
                    child,
                    cell.children.get(child).copied().unwrap_or_default(),
                )
                .all();
                first_child.push(sum);
            }
        }
        Self {
            cells,
            first_couple,
            first_child,
        }
    }
}

/// Hands out the couples to the cells, by province and age.
fn couples() -> Vec<Cell> {
    let weights: Vec<u64> = (0..FORMER_PROVINCES.len() * YEARS)
        .map(|at| {
            let (province, husband_year) = cell_of(at);
            let inhabitants = FORMER_PROVINCES
                .get(province)
                .map_or(0, |province| province.weight);
            u64::from(inhabitants) * u64::from(along(&HUSBANDS, husband_year))
        })
        .collect();
    let all: u64 = weights.iter().sum();
    let target = MARRIAGES - personas::MARRIAGES;
    let (mut weight_before, mut couples_before) = (0, 0);
    weights
        .iter()
        .map(|weight| {
            weight_before += weight;
            let couples_until = target * weight_before / all.max(1);
            let couples = u32::try_from(couples_until - couples_before).unwrap_or_default();
            couples_before = couples_until;
            Cell {
                couples,
                ..Cell::default()
            }
        })
        .collect()
}

/// How many husbands of a year's birth there are, in no unit: two waves, because the registers hold
/// many dead and many small children, and fewer of the years between.
const HUSBANDS: [(i16, u32); 13] = [
    (1926, 20),
    (1934, 60),
    (1942, 76),
    (1948, 66),
    (1954, 34),
    (1962, 12),
    (1974, 8),
    (1982, 16),
    (1985, 150),
    (1987, 226),
    (1995, 218),
    (1997, 90),
    (LAST_YEAR, 10),
];

/// The value at `x` on the straight lines between the points, which are in order of their x.
fn along(points: &[(i16, u32)], x: i16) -> u32 {
    let pair = points.windows(2).find_map(|pair| match pair {
        [low, high] if low.0 <= x && x <= high.0 => Some((*low, *high)),
        _ => None,
    });
    let Some((low, high)) = pair else { return 0 };
    let part = |from: i16, to: i16| u32::from(from.abs_diff(to));
    (low.1 * part(x, high.0) + high.1 * part(low.0, x)) / part(low.0, high.0).max(1)
}

fn position(province: usize, husband_year: i16) -> Option<usize> {
    let year = usize::try_from(husband_year - FIRST_YEAR).ok()?;
    (year < YEARS && province < FORMER_PROVINCES.len()).then_some(province * YEARS + year)
}

fn cell_of(position: usize) -> (usize, i16) {
    let year = i16::try_from(position % YEARS).unwrap_or_default();
    (position / YEARS, FIRST_YEAR + year)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts births and deaths one by one, as the register's own reader would.
    fn count(province: usize) -> (u64, u64, u64) {
        let roles = (0..CHILDREN_MAX)
            .map(Role::Child)
            .chain([Role::Husband, Role::Wife]);
        let (mut births, mut since_2016, mut deaths) = (0, 0, 0);
        for role in roles {
            for place in 0..CELLS.couples_in(province) {
                let couple = CELLS.couple_in_province(province, place).unwrap();
                let member = Member { couple, role };
                let born = CELLS.has(member);
                births += u64::from(born);
                deaths += u64::from(born && CELLS.is_dead(member));
                let Role::Child(child) = role else { continue };
                since_2016 += u64::from(born && child_year(couple, child) >= NUMBER_AT_BIRTH_FROM);
            }
        }
        (births, since_2016, deaths)
    }

    #[test]
    fn counting_people_one_by_one_gives_the_sums_of_the_tables() {
        const BAC_KAN: usize = 3;
        let (mut births, mut since_2016, mut deaths) = (0, 0, 0);
        for at in BAC_KAN * YEARS..(BAC_KAN + 1) * YEARS {
            let cell = CELLS.cells[at];
            let born = children_born(at, &cell);
            births += 2 * u64::from(cell.couples) + born.all();
            since_2016 += born.since_2016;
            deaths += cell.dead();
        }
        assert_eq!(count(BAC_KAN), (births, since_2016, deaths));
    }

    #[test]
    fn walking_over_all_indexes_meets_everybody_once() {
        let last = CELLS.sizes().births - personas::BIRTHS;
        assert!(CELLS.member_at(last - 1).is_some());
        assert!(CELLS.member_at(last).is_none());
        // Neighbours in the walk across the edges between roles and cells are different people.
        let mut before = None;
        for index in (9_990_000..10_010_000).chain(22_980_000..last) {
            let member = CELLS.member_at(index);
            assert!(member.is_some_and(|member| CELLS.has(member)));
            assert_ne!(member, before);
            before = member;
        }
    }
}
