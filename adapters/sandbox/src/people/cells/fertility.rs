//! When couples marry and how many children they have, so that the sums come out exactly.

use super::{
    BIRTHS, CHILDREN_MAX, CHILDREN_WITH_NUMBER, Cell, Couple, LAST_BIRTH_YEAR, MARRIAGES,
    NUMBER_AT_BIRTH_FROM, cell_of,
};
use crate::people::personas;

/// After so many couples of a cell the same marriage ages and gaps between births return.
pub(super) const PATTERN: u32 = 64;

/// Years of the husband's age at marriage above [`YOUNGEST_HUSBAND`], for each couple of the pattern.
const MARRIAGE_AGES: [i16; PATTERN as usize] = [
    0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4,
    4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 7, 7, 7, 7, 8, 8, 8, 8, 9, 9,
];
const YOUNGEST_HUSBAND: i16 = 22;
const MARRIAGE_AGES_SPAN: i16 = 9;
/// The last cohort marries young enough to have children by [`LAST_BIRTH_YEAR`].
const YOUNGEST_FATHERS: i16 = 1998;

/// Years between the first child and each child: never less than two.
const GAPS: [[i16; CHILDREN_MAX]; 4] = [[0, 2, 4, 6], [0, 2, 5, 7], [0, 3, 5, 8], [0, 2, 4, 7]];

/// Of a thousand couples, how many have a first, a second, a third child.
const FIRST_THREE: [u32; 3] = [985, 960, 860];
/// Of a hundred couples of the middle years, how many have a fourth child.
const FOURTH_IN_MIDDLE_YEARS: u32 = 55;
/// All children of couples before these years are born before 2016, all after these years since.
const MIDDLE_YEARS: std::ops::RangeInclusive<i16> = 1972..=1987;
const FOURTH: usize = 3;

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Births {
    pub(super) before_2016: u64,
    pub(super) since_2016: u64,
}

impl Births {
    pub(super) fn all(self) -> u64 {
        self.before_2016 + self.since_2016
    }
}

pub(in crate::people) fn marriage_year(couple: Couple) -> i16 {
    let span = (YOUNGEST_FATHERS - couple.husband_year).clamp(0, MARRIAGE_AGES_SPAN);
    let age = MARRIAGE_AGES
        .get(pattern(couple))
        .copied()
        .unwrap_or_default();
    couple.husband_year + YOUNGEST_HUSBAND + age * (span + 1) / (MARRIAGE_AGES_SPAN + 1)
}

/// The year in which a child of the couple is born, if the couple has that child.
pub(in crate::people) fn child_year(couple: Couple, child: usize) -> i16 {
    let gaps = GAPS.get(pattern(couple) * 37 / 4 % GAPS.len());
    let gap = gaps
        .and_then(|gaps| gaps.get(child))
        .copied()
        .unwrap_or_default();
    marriage_year(couple) + 1 + gap
}

fn pattern(couple: Couple) -> usize {
    let turn = u32::from(couple.husband_year.unsigned_abs()) * 7 + couple.index;
    (turn % PATTERN) as usize
}

/// The births of one cell's first (second, …) children when so many couples have one.
pub(super) fn births(cell: usize, child: usize, couples: u32) -> Births {
    let (province, husband_year) = cell_of(cell);
    let mut births = Births::default();
    for index in 0..PATTERN.min(couples) {
        let year = child_year(
            Couple {
                province,
                husband_year,
                index,
            },
            child,
        );
        let times = u64::from((couples - index).div_ceil(PATTERN));
        if year > LAST_BIRTH_YEAR {
            continue;
        } else if year >= NUMBER_AT_BIRTH_FROM {
            births.since_2016 += times;
        } else {
            births.before_2016 += times;
        }
    }
    births
}

pub(super) fn children_born(at: usize, cell: &Cell) -> Births {
    cell.children
        .iter()
        .enumerate()
        .fold(Births::default(), |sum, (child, couples)| {
            let born = births(at, child, *couples);
            Births {
                before_2016: sum.before_2016 + born.before_2016,
                since_2016: sum.since_2016 + born.since_2016,
            }
        })
}

/// Gives first to third children by fixed shares; fourth children then make both sums exact.
pub(super) fn bear_children(cells: &mut [Cell]) {
    let mut born = Births::default();
    for (at, cell) in cells.iter_mut().enumerate() {
        let couples = cell.couples;
        let (_, husband_year) = cell_of(at);
        let [first, second, third] = FIRST_THREE.map(|share| couples * share / 1000);
        let in_middle = MIDDLE_YEARS.contains(&husband_year);
        let fourth = if in_middle {
            couples * FOURTH_IN_MIDDLE_YEARS / 100
        } else {
            0
        };
        cell.children = [first, second, third, fourth];
        let of_cell = children_born(at, cell);
        born.before_2016 += of_cell.before_2016;
        born.since_2016 += of_cell.since_2016;
    }
    let since_2016 = CHILDREN_WITH_NUMBER - personas::CHILDREN_WITH_NUMBER;
    let spouses = 2 * (MARRIAGES - personas::MARRIAGES);
    let before_2016 = BIRTHS - personas::BIRTHS - spouses - since_2016;
    let missing = |target: u64, sum: u64| target.saturating_sub(sum);
    bear_fourth(cells, missing(before_2016, born.before_2016), |year| {
        year < *MIDDLE_YEARS.start()
    });
    bear_fourth(cells, missing(since_2016, born.since_2016), |year| {
        year > *MIDDLE_YEARS.end()
    });
}

/// Spreads exactly so many fourth children over the cells of the years asked for.
fn bear_fourth(cells: &mut [Cell], target: u64, of_year: impl Fn(i16) -> bool) {
    let asked = |at: usize| of_year(cell_of(at).1);
    let possible: u64 = (0..cells.len())
        .filter(|at| asked(*at))
        .map(|at| births(at, FOURTH, cells.get(at).map_or(0, |cell| cell.couples)).all())
        .sum();
    let mut born = 0;
    for (at, cell) in cells.iter_mut().enumerate().filter(|(at, _)| asked(*at)) {
        // A little less than the share, because the pattern may give more; the rest one by one.
        let share = u64::from(cell.couples) * target * 199 / (possible.max(1) * 200);
        let couples = u32::try_from(share).unwrap_or(u32::MAX).min(cell.couples);
        born += births(at, FOURTH, couples).all();
        set_fourth(cell, couples);
    }
    let mut grown = true;
    while born < target && grown {
        grown = false;
        for (at, cell) in cells.iter_mut().enumerate().filter(|(at, _)| asked(*at)) {
            let [.., couples] = cell.children;
            if couples < cell.couples && born < target {
                born += births(at, FOURTH, couples + 1).all() - births(at, FOURTH, couples).all();
                set_fourth(cell, couples + 1);
                grown = true;
            }
        }
    }
}

fn set_fourth(cell: &mut Cell, couples: u32) {
    let [.., fourth] = &mut cell.children;
    *fourth = couples;
}
