//! People with a story, whom demos and tests know by name.
//!
//! | name | story |
//! |---|---|
//! | lan | NGUYỄN THỊ LAN, married to Hải, mother of An, owns land and a company, insured |
//! | hai | TRẦN VĂN HẢI, her husband |
//! | an | TRẦN NGUYỄN HOÀI AN, their daughter, whose number was given at birth; vaccinated |
//! | minh | LÊ QUANG MINH, died in 2024, one parcel still in his name, its taxes frozen |
//! | mai | VŨ THỊ MAI, his widow |
//! | hoa | PHẠM THỊ HOA, of whom only the year of birth is known; never married, allergic to penicillin |
//! | tuan | ĐỖ ANH TUẤN, shares a parcel with Lan and Hải; his address is secret, and he owes taxes |
//! | phuc | LÊ HOÀNG PHÚC, an orphan; his grandfather Minh was his guardian, his grandmother Mai is |
//! | nobody | a valid number that is in no register |

mod civil;
mod guardianships;
mod insurance;
mod property;
mod record;
mod tax;

pub(super) use civil::{household, person};
pub(super) use insurance::{health_insurance, social_insurance};
pub(super) use property::{enterprise, parcels, roles};
pub(super) use record::record as health_record;
pub(super) use tax::{
    income as tax_income, obligations as tax_obligations, registration as tax_registration,
};

pub const LAN: &str = "001185012345";
pub const HAI: &str = "001082004321";
pub const AN: &str = "001316006789";
pub const MINH: &str = "001058007777";
pub const MAI: &str = "001161008888";
pub const HOA: &str = "001158002468";
pub const TUAN: &str = "001083009753";
pub const PHUC: &str = "001215004567";
pub const NOBODY: &str = "001190999999";
/// Lan's company.
pub const ENTERPRISE: &str = "0108472167";

/// Everybody above who is in the registers.
pub(super) const IN_REGISTERS: [&str; 8] = [LAN, HAI, AN, MINH, MAI, HOA, TUAN, PHUC];

/// Numbers that no generated person may have.
pub(super) const RESERVED: &[u64] = &[
    1_185_012_345,
    1_082_004_321,
    1_316_006_789,
    1_058_007_777,
    1_161_008_888,
    1_158_002_468,
    1_083_009_753,
    1_215_004_567,
    1_190_999_999,
];

/// What the personas add to the sizes of the registers.
pub(super) const BIRTHS: u64 = 8;
pub(super) const CHILDREN_WITH_NUMBER: u64 = 1;
pub(super) const MARRIAGES: u64 = 2;
pub(super) const DEATHS: u64 = 1;

pub(super) fn is_persona(number: &str) -> bool {
    IN_REGISTERS.contains(&number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::{Population, facts::MaritalState};

    #[test]
    fn the_numbers_of_all_personas_are_reserved() {
        let numbers: Vec<u64> = IN_REGISTERS
            .iter()
            .chain([&NOBODY])
            .map(|number| number.parse().unwrap())
            .collect();
        assert_eq!(numbers, RESERVED);
    }

    #[test]
    fn each_persona_has_the_story_that_the_table_tells() {
        let people = Population::new(1);
        let person = |number| people.person(number).unwrap();
        assert_eq!(
            person(LAN).marriages[0].spouse_personal_id.as_deref(),
            Some(HAI)
        );
        assert_eq!(people.roles(LAN)[0].enterprise_code, ENTERPRISE);
        assert_eq!(
            people.enterprise(ENTERPRISE).unwrap().owners[0]
                .personal_id
                .as_deref(),
            Some(LAN)
        );
        assert_eq!(people.parcels(LAN).len(), 2);
        assert!(people.health_insurance(LAN).is_some() && people.social_insurance(LAN).is_some());
        let mother = person(AN).birth.unwrap().mother.unwrap();
        assert_eq!(mother.personal_id.as_deref(), Some(LAN));
        assert_eq!(people.household(AN).len(), 3);
        let death = person(MINH).death.unwrap();
        assert_eq!(death.registration.date.to_string(), "2024-02-19");
        assert_eq!(people.parcels(MINH).len(), 1);
        assert_eq!(person(MAI).marital_status.status, MaritalState::Widowed);
        assert_eq!(person(HOA).identity.birth_date.to_string(), "1958");
        assert!(person(HOA).marriages.is_empty());
        assert!(person(TUAN).residence.unwrap().address_secret);
        assert!(
            people.parcels(TUAN)[0]
                .co_owners
                .iter()
                .any(|o| o.personal_id.as_deref() == Some(LAN))
        );
        let phuc = person(PHUC);
        assert!(phuc.birth.unwrap().father.is_none());
        let guardians: Vec<_> = phuc
            .guardianships
            .iter()
            .map(|each| (each.guardian_personal_id.as_deref(), each.ended.is_some()))
            .collect();
        assert_eq!(guardians, [(Some(MINH), true), (Some(MAI), false)]);
        assert_eq!(people.household(PHUC), people.household(MAI));
        assert!(people.person(NOBODY).is_none());
    }

    #[test]
    fn a_guardian_in_force_lives_with_the_ward_and_one_of_before_served_while_alive() {
        let people = Population::new(1);
        let home = |number: &str| people.person(number)?.residence;
        for ward in IN_REGISTERS {
            let person = people.person(ward).unwrap();
            for guardianship in person.guardianships {
                let number = guardianship.guardian_personal_id.unwrap();
                let guardian = people.person(&number).unwrap();
                assert_eq!(guardianship.guardian_full_name, guardian.identity.full_name);
                assert!(guardian.identity.birth_date.year() + 18 < guardianship.from.year());
                match (guardianship.ended, guardian.death) {
                    (Some((on, _)), death) => {
                        assert!(death.is_none_or(|death| on.latest() <= death.date.latest()));
                        assert!(guardianship.from.latest() < on.earliest());
                    }
                    (None, death) => {
                        assert_eq!(death, None);
                        let (own, of_ward) = (home(&number).unwrap(), home(ward).unwrap());
                        assert_eq!(own.permanent_address, of_ward.permanent_address);
                    }
                }
            }
        }
    }
}
