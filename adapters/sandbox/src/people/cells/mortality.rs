//! How many of each cell are dead: by age, and exactly as many as the register of deaths holds.

use super::{CHILDREN_MAX, Cell, DEATHS, along, as_of, cell_of};
use crate::people::personas;

/// Of ten thousand people of an age, how many have died (registered deaths only).
const DEAD_BY_AGE: [(i16, u32); 10] = [
    (0, 40),
    (20, 120),
    (40, 400),
    (50, 900),
    (60, 2000),
    (70, 4200),
    (78, 6800),
    (85, 8800),
    (92, 9600),
    (110, 9900),
];
/// Husbands born later have children not yet born, so that a share of them is no sure number.
const LAST_YEAR_WITH_DEAD_CHILDREN: i16 = 1979;
/// Ages of the family's members on the day looked at, beside the husband's.
const WIFE_YOUNGER: i16 = 1;
const FIRST_CHILD_YOUNGER: i16 = 28;
const CHILD_GAP: i16 = 2;

/// Husband, wife and children of one cell.
const PLACES: usize = 2 + CHILDREN_MAX;

pub(super) fn bury(cells: &mut [Cell]) {
    let target = DEATHS - personas::DEATHS;
    let expected: u64 = cells
        .iter()
        .enumerate()
        .flat_map(|(at, cell)| expected(at, cell))
        .sum();
    let mut buried = 0;
    for (at, cell) in cells.iter_mut().enumerate() {
        let people = people(at, cell);
        let shares = expected_of(at, people);
        for ((dead, share), alive) in dead(cell).into_iter().zip(shares).zip(people) {
            let share = share * target / expected.max(1);
            *dead = u32::try_from(share).unwrap_or(u32::MAX).min(alive);
            buried += u64::from(*dead);
        }
    }
    let mut grown = true;
    while buried < target && grown {
        grown = false;
        for (at, cell) in cells.iter_mut().enumerate() {
            let people = people(at, cell);
            for (dead, alive) in dead(cell).into_iter().zip(people) {
                if *dead < alive && buried < target {
                    *dead += 1;
                    buried += 1;
                    grown = true;
                }
            }
        }
    }
}

fn expected(at: usize, cell: &Cell) -> [u64; PLACES] {
    expected_of(at, people(at, cell))
}

/// Deaths expected of each place in the family, times ten thousand.
fn expected_of(at: usize, people: [u32; PLACES]) -> [u64; PLACES] {
    let age = as_of().year() - cell_of(at).1;
    let mut place = 0;
    people.map(|people| {
        let age = match place {
            0 => age,
            1 => age - WIFE_YOUNGER,
            child => age - FIRST_CHILD_YOUNGER - CHILD_GAP * (child - 2),
        };
        place += 1;
        u64::from(people) * u64::from(along(&DEAD_BY_AGE, age.max(0)))
    })
}

fn people(at: usize, cell: &Cell) -> [u32; PLACES] {
    let [first, second, third, fourth] = if cell_of(at).1 <= LAST_YEAR_WITH_DEAD_CHILDREN {
        cell.children
    } else {
        [0; CHILDREN_MAX]
    };
    [cell.couples, cell.couples, first, second, third, fourth]
}

fn dead(cell: &mut Cell) -> [&mut u32; PLACES] {
    let [first, second, third, fourth] = &mut cell.dead_children;
    [
        &mut cell.dead_husbands,
        &mut cell.dead_wives,
        first,
        second,
        third,
        fourth,
    ]
}
