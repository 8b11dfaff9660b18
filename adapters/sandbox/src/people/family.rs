//! The lives of one family: who was born, married, separated and died when.
//!
//! Every register's facts about a person start here, which is why they agree.

use super::{
    cells::{CELLS, CHILDREN_MAX, Couple, Member, Role, as_of, marriage_year},
    draw::{Draw, Topic, date, later},
    facts::Sex,
    names,
    number::{self, Number},
};
use jiff::civil::Date;
use motlan_schemas::date::PartialDate;

/// One person's life, without any text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Life {
    pub(super) member: Member,
    pub(super) number: Number,
    pub(super) sex: Sex,
    pub(super) born: Date,
    pub(super) died: Option<Date>,
    pub(super) ethnicity: &'static str,
    known: Known,
}

/// How much of the birth date the registers know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Year,
    Month,
    Day,
}

#[derive(Debug, Clone)]
pub(super) struct Family {
    pub(super) couple: Couple,
    pub(super) husband: Life,
    pub(super) wife: Life,
    pub(super) children: [Option<Life>; CHILDREN_MAX],
    pub(super) married: Date,
    pub(super) separated: Option<Separation>,
    seed: u64,
}

/// An end of the marriage while both lived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Separation {
    pub(super) on: Date,
    pub(super) annulled: bool,
}

/// Deaths before this year are not in the electronic register.
const FIRST_DEATHS: i16 = 2008;

impl Life {
    pub(super) fn birth_date(&self) -> PartialDate {
        match self.known {
            Known::Year => PartialDate::Year(self.born.year()),
            Known::Month => PartialDate::YearMonth(self.born.year(), self.born.month()),
            Known::Day => PartialDate::Full(self.born),
        }
    }

    pub(super) fn id(&self) -> u64 {
        number::id(self.member)
    }

    pub(super) fn full_name(&self, seed: u64) -> String {
        names::full_name(seed, self)
    }

    pub(super) fn is_alive(&self) -> bool {
        self.died.is_none()
    }

    /// Age in whole years on a day after birth.
    pub(super) fn age_on(&self, day: Date) -> i16 {
        let before_birthday = (day.month(), day.day()) < (self.born.month(), self.born.day());
        day.year() - self.born.year() - i16::from(before_birthday)
    }

    /// Age today, or at death.
    pub(super) fn age(&self) -> i16 {
        self.age_on(self.died.unwrap_or_else(as_of))
    }

    pub(super) fn is_minor(&self) -> bool {
        self.age_on(as_of()) < 18
    }
}

impl Family {
    pub(super) fn of(seed: u64, couple: Couple) -> Self {
        let mut draw = Draw::new(seed, Topic::Couple, number::couple_id(couple));
        let married = draw.day_in(marriage_year(couple));
        let (husband_ethnicity, wife_ethnicity) = names::ethnicities(seed, couple);
        let mut children = [None; CHILDREN_MAX];
        let mut last_birth = married;
        for (rank, child) in children.iter_mut().enumerate() {
            let member = Member {
                couple,
                role: Role::Child(rank),
            };
            if CELLS.has(member) {
                let life = live(seed, member, husband_ethnicity, married);
                last_birth = last_birth.max(life.born);
                *child = Some(life);
            }
        }
        // Both parents live to see the year after their last child's birth.
        let member = |role| Member { couple, role };
        let husband = live(seed, member(Role::Husband), husband_ethnicity, last_birth);
        let wife = live(seed, member(Role::Wife), wife_ethnicity, last_birth);
        let separated = separate(&mut draw, last_birth, husband.died, wife.died);
        Self {
            couple,
            husband,
            wife,
            children,
            married,
            separated,
            seed,
        }
    }

    pub(super) fn life(&self, role: Role) -> Option<&Life> {
        match role {
            Role::Husband => Some(&self.husband),
            Role::Wife => Some(&self.wife),
            Role::Child(rank) => self.children.get(rank)?.as_ref(),
        }
    }

    pub(super) fn spouse_of(&self, role: Role) -> Option<&Life> {
        match role {
            Role::Husband => Some(&self.wife),
            Role::Wife => Some(&self.husband),
            Role::Child(_) => None,
        }
    }

    pub(super) fn children(&self) -> impl Iterator<Item = &Life> {
        self.children.iter().flatten()
    }

    pub(super) fn everybody(&self) -> impl Iterator<Item = &Life> {
        [&self.husband, &self.wife]
            .into_iter()
            .chain(self.children())
    }

    /// The day of the first death of a spouse, unless they had separated.
    pub(super) fn ended_by_death(&self) -> Option<Date> {
        let deaths = self.husband.died.into_iter().chain(self.wife.died);
        deaths.min().filter(|_| self.separated.is_none())
    }

    pub(super) fn draw(&self, topic: Topic) -> Draw {
        Draw::new(self.seed, topic, number::couple_id(self.couple))
    }
}

fn live(seed: u64, member: Member, ethnicity: &'static str, alive_at: Date) -> Life {
    let mut draw = Draw::new(seed, Topic::Life, number::id(member));
    // The first draw of this sequence is the sex.
    let sex = number::sex(seed, member);
    draw.any();
    let born = draw.day_in(number::birth_year(seed, member));
    let known = known(&mut draw, born);
    let died = CELLS
        .is_dead(member)
        .then(|| die(&mut draw, born, alive_at));
    Life {
        member,
        number: Number::of(seed, member),
        sex,
        born,
        died,
        ethnicity,
        known,
    }
}

fn known(draw: &mut Draw, born: Date) -> Known {
    let (year_only, month_only) = match born.year() {
        ..1945 => (1400, 400),
        1945..1960 => (700, 300),
        1960..1980 => (250, 100),
        _ => (0, 0),
    };
    let drawn = draw.below(10_000);
    if drawn < year_only {
        Known::Year
    } else if drawn < year_only + month_only {
        Known::Month
    } else {
        Known::Day
    }
}

fn die(draw: &mut Draw, born: Date, alive_at: Date) -> Date {
    let earliest = later(alive_at.max(born), 1).max(date(FIRST_DEATHS, 1, 1));
    // The later of two days, because mortality grows with age.
    let earlier = draw.day_between(earliest, as_of());
    draw.day_between(earlier, as_of())
}

fn separate(
    draw: &mut Draw,
    last_birth: Date,
    husband_died: Option<Date>,
    wife_died: Option<Date>,
) -> Option<Separation> {
    let separates = draw.chance(850);
    let annulled = draw.chance(60);
    let until = husband_died
        .into_iter()
        .chain(wife_died)
        .min()
        .unwrap_or_else(as_of);
    let from = later(last_birth, 200).max(date(1995, 1, 1));
    let on = draw.day_between(from, later(until, -1));
    (separates && from < until).then_some(Separation { on, annulled })
}
