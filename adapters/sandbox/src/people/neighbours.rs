//! Which other families one family has dealings with, so that each can be found from the other.
//!
//! Partners in a company or on a parcel are a fixed number of places apart among the couples of
//! their former province: going back the same number of places leads to who shares with whom.

use super::{
    cells::{CELLS, Couple, Member, Role},
    draw::{Draw, Topic},
    family::{Family, Life},
};

/// The spouse of another family whom this couple shares the thing with, in `slot` of `topic`.
pub(super) fn partner(seed: u64, couple: Couple, topic: Topic, slot: u32) -> Option<Life> {
    let couples = CELLS.couples_in(couple.province);
    let place =
        (CELLS.place_in_province(couple) + shift(seed, couple.province, topic, slot)) % couples;
    let other = Family::of(seed, CELLS.couple_in_province(couple.province, place)?);
    let husband = Draw::new(seed, topic, super::number::couple_id(couple) ^ 1 << 61).chance(5500);
    let role = if husband { Role::Husband } else { Role::Wife };
    other.life(role).copied().filter(Life::is_alive)
}

/// The couple that has this member's family as its partner in `slot`.
pub(super) fn partnered_by(seed: u64, member: Member, topic: Topic, slot: u32) -> Option<Couple> {
    let province = member.couple.province;
    let couples = CELLS.couples_in(province);
    let place = CELLS.place_in_province(member.couple) + couples;
    let place = (place - shift(seed, province, topic, slot)) % couples;
    CELLS.couple_in_province(province, place)
}

/// Between one place and all but one, so that nobody partners with themselves.
fn shift(seed: u64, province: usize, topic: Topic, slot: u32) -> u32 {
    let couples = CELLS.couples_in(province);
    let id = (topic as u64) << 32 | (province as u64) << 8 | u64::from(slot);
    Draw::new(seed, Topic::Shift, id).between(1, couples.saturating_sub(1))
}
