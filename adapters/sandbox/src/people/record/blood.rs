//! Blood types as genes make them: each child has one allele of each parent.

use crate::people::{
    cells::Role,
    draw::{Draw, Topic},
    facts::record::BloodType,
    family::{Family, Life},
};

/// One allele of the ABO system, and whether its bearer has the Rhesus factor from it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Abo {
    A,
    B,
    #[default]
    O,
}

type Genes = [(Abo, bool); 2];

/// Shares of the alleles in Vietnam: about 43 % have type O, 5 % AB, and one in a thousand is
/// Rhesus-negative (general knowledge).
const ALLELES: [(u32, Abo); 3] = [(145, Abo::A), (195, Abo::B), (660, Abo::O)];
const RHESUS_NEGATIVE_ALLELES: u32 = 320;

pub(in crate::people) fn blood_type(seed: u64, family: &Family, life: &Life) -> BloodType {
    let genes = match life.member.role {
        Role::Husband | Role::Wife => drawn(seed, life),
        Role::Child(_) => {
            let mut draw = Draw::new(seed, Topic::Genes, life.id());
            let mut inherited = |parent: &Life| draw.pick(&drawn(seed, parent));
            [inherited(&family.husband), inherited(&family.wife)]
        }
    };
    shown(genes)
}

fn drawn(seed: u64, life: &Life) -> Genes {
    let mut draw = Draw::new(seed, Topic::Genes, life.id());
    let mut allele = || {
        (
            draw.weighted(&ALLELES),
            !draw.chance(RHESUS_NEGATIVE_ALLELES),
        )
    };
    [allele(), allele()]
}

fn shown([(one, one_positive), (other, other_positive)]: Genes) -> BloodType {
    let positive = one_positive || other_positive;
    match (one, other, positive) {
        (Abo::O, Abo::O, true) => BloodType::OPositive,
        (Abo::O, Abo::O, false) => BloodType::ONegative,
        (Abo::A, Abo::B, true) | (Abo::B, Abo::A, true) => BloodType::AbPositive,
        (Abo::A, Abo::B, false) | (Abo::B, Abo::A, false) => BloodType::AbNegative,
        (Abo::A, _, true) | (_, Abo::A, true) => BloodType::APositive,
        (Abo::A, _, false) | (_, Abo::A, false) => BloodType::ANegative,
        (Abo::B, _, true) | (_, Abo::B, true) => BloodType::BPositive,
        (Abo::B, _, false) | (_, Abo::B, false) => BloodType::BNegative,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_of_two_o_has_o_and_a_hidden_o_shows_with_another_only() {
        let [o, a, b] = [Abo::O, Abo::A, Abo::B].map(|abo| (abo, true));
        assert_eq!(shown([o, o]), BloodType::OPositive);
        assert_eq!(shown([o, a]), BloodType::APositive);
        assert_eq!(shown([b, a]), BloodType::AbPositive);
        assert_eq!(
            shown([(Abo::B, false), (Abo::O, false)]),
            BloodType::BNegative
        );
    }
}
