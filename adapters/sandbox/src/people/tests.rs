//! Laws of the whole population, over people drawn at random.

use super::{
    Population, cells, enterprises, facts::*, number::Number, personas, provinces::FORMER_PROVINCES,
};
use motlan_schemas::{
    codes::administrative_units,
    date::PartialDate,
    ids::{EnterpriseCode, PersonalId},
};
use proptest::prelude::*;

mod money_and_health;

const SEED: u64 = 20_260_701;

fn population() -> Population {
    Population::new(SEED)
}

fn any_number() -> impl Strategy<Value = String> {
    let personas = proptest::sample::select(personas::IN_REGISTERS.to_vec());
    prop_oneof![
        29 => (0..cells::BIRTHS).prop_map(|index| population().sample(index).unwrap()),
        1 => personas.prop_map(str::to_owned),
    ]
}

fn any_person() -> impl Strategy<Value = (String, Person)> {
    any_number().prop_map(|number| {
        let person = population().person(&number).unwrap();
        (number, person)
    })
}

fn communes(person: &Person) -> Vec<String> {
    let birth = person.birth.iter();
    let births = birth.flat_map(|b| {
        b.place_commune
            .clone()
            .into_iter()
            .chain([b.registration.office.clone()])
    });
    let marriages = person
        .marriages
        .iter()
        .map(|marriage| marriage.registration.office.clone());
    let deaths = person
        .death
        .iter()
        .map(|death| death.registration.office.clone());
    let homes = person
        .residence
        .iter()
        .flat_map(|r| [r.permanent_commune.clone(), r.current_commune.clone()]);
    births.chain(marriages).chain(deaths).chain(homes).collect()
}

fn last_day(date: PartialDate) -> String {
    date.latest().to_string()
}

#[test]
fn the_registers_have_the_sizes_of_the_real_ones() {
    let sizes = population().sizes();
    assert_eq!(sizes.births, 23_000_000);
    assert_eq!(sizes.children_with_number, 7_000_000);
    assert_eq!(sizes.marriages, 4_500_000);
    assert_eq!(sizes.deaths, 3_200_000);
    assert!(population().sample(sizes.births - 1).is_some());
    assert!(population().sample(sizes.births).is_none());
}

#[test]
fn no_cell_outgrows_its_room_in_the_serial_number() {
    for province in 0..FORMER_PROVINCES.len() {
        for year in 0..i16::try_from(cells::YEARS).unwrap() {
            let cell = cells::CELLS.cell(province, cells::FIRST_YEAR + year);
            assert!(
                cell.couples <= cells::CELL_MAX,
                "{province} {year}: {}",
                cell.couples
            );
        }
    }
}

#[test]
fn a_sampled_walk_finds_the_shares_that_the_sizes_state() {
    let step = 4_603;
    let (mut people, mut dead, mut married, mut born_since_2016) = (0u64, 0u64, 0u64, 0u64);
    let mut numbers = std::collections::HashSet::new();
    for index in (0..cells::BIRTHS).step_by(step) {
        let number = population().sample(index).unwrap();
        let person = population().person(&number).unwrap();
        people += 1;
        dead += u64::from(person.death.is_some());
        married += person.marriages.len() as u64;
        born_since_2016 += u64::from(person.identity.birth_date.year() >= 2016);
        assert!(numbers.insert(number));
    }
    let estimate = |count: u64| count * cells::BIRTHS / people;
    let near = |count: u64, real: u64| estimate(count).abs_diff(real) < real / 20;
    assert!(near(dead, cells::DEATHS), "{}", estimate(dead));
    assert!(near(married, 2 * cells::MARRIAGES), "{}", estimate(married));
    assert!(
        near(born_since_2016, cells::CHILDREN_WITH_NUMBER),
        "{}",
        estimate(born_since_2016)
    );
}

#[test]
fn every_former_province_leads_to_its_present_communes() {
    for province in 0..FORMER_PROVINCES.len() {
        let mut draw = super::draw::Draw::new(1, super::draw::Topic::Home, 1);
        let place = super::places::Place::in_former(&mut draw, province).unwrap();
        assert_eq!(
            administrative_units()
                .province_of(place.commune.code())
                .unwrap()
                .code(),
            place.province.code()
        );
    }
}

#[test]
fn nguyen_is_the_surname_of_about_a_third() {
    let count = 4000;
    let nguyen = (0..count).filter(|index| {
        let number = population().sample(index * 5_003).unwrap();
        population()
            .person(&number)
            .unwrap()
            .identity
            .full_name
            .starts_with("NGUYỄN ")
    });
    let share = nguyen.count() as u64 * 100 / count;
    assert!((28..42).contains(&share), "{share}");
}

#[test]
fn another_seed_gives_other_people_and_the_same_seed_the_same() {
    let other = Population::new(SEED + 1);
    let mut differing = 0;
    for index in (0..20).map(|nth| nth * 1_000_003) {
        let number = population().sample(index).unwrap();
        assert_eq!(Population::new(SEED).sample(index).as_ref(), Some(&number));
        assert_eq!(
            Population::new(SEED).person(&number),
            population().person(&number)
        );
        differing += u32::from(other.sample(index) != Some(number));
    }
    assert_eq!(differing, 20);
}

#[test]
fn nobody_is_in_no_register() {
    let people = population();
    for number in [
        personas::NOBODY,
        "",
        "12",
        "001385012345",
        "00118501234a",
        "003185012345",
    ] {
        assert!(people.person(number).is_none());
        assert!(people.household(number).is_empty());
        assert!(people.roles(number).is_empty());
        assert!(people.health_insurance(number).is_none());
        assert!(people.social_insurance(number).is_none());
        assert!(people.parcels(number).is_empty());
        assert!(people.tax_registration(number).is_none());
        assert!(people.tax_income(number).is_empty());
        assert!(people.tax_obligations(number).is_empty());
        assert!(people.health_record(number).is_none());
    }
    assert!(people.enterprise("0100000000").is_none());
}

#[test]
fn a_company_may_have_a_branch_that_names_it() {
    let people = population();
    let branch = (0..200_000u64)
        .step_by(7)
        .filter_map(|index| people.roles(&people.sample(index)?).first().cloned())
        .find_map(|role| people.enterprise(&format!("{}-001", role.enterprise_code)))
        .unwrap();
    let parent = people
        .enterprise(branch.parent_code.as_deref().unwrap())
        .unwrap();
    assert_eq!(branch.legal_form, LegalForm::Branch);
    assert_eq!(
        branch.owners[0].enterprise_code.as_ref(),
        Some(&parent.enterprise_code)
    );
    assert!(branch.enterprise_code.parse::<EnterpriseCode>().is_ok());
}

#[test]
fn the_check_digit_is_the_published_one() {
    assert_eq!(
        enterprises::with_check_digit(1, 847_216).as_deref(),
        Some(personas::ENTERPRISE)
    );
    assert_eq!(enterprises::with_check_digit(1, 847_215), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn every_number_is_valid_and_leads_back_to_its_person(index in 0..cells::BIRTHS) {
        let number = population().sample(index).unwrap();
        let id: PersonalId = number.parse().unwrap();
        let person = population().person(&number).unwrap();
        prop_assert_eq!(&person.identity.personal_id, &number);
        prop_assert_eq!(id.birth_year(), person.identity.birth_date.year());
        if let Some(member) = cells::CELLS.member_at(index) {
            prop_assert_eq!(Number::parse(&number).unwrap().member(SEED), Some(member));
        }
    }

    #[test]
    fn a_number_made_up_belongs_to_nobody_or_to_itself(value in 0u64..96_399_999_999) {
        let number = format!("{value:012}");
        if let Some(person) = population().person(&number) {
            prop_assert_eq!(person.identity.personal_id, number);
        }
    }

    #[test]
    fn birth_and_identity_agree((_, person) in any_person()) {
        let birth = person.birth.as_ref().unwrap();
        prop_assert_eq!(&birth.full_name, &person.identity.full_name);
        prop_assert_eq!(birth.date, person.identity.birth_date);
        prop_assert_eq!(birth.full_name.to_uppercase(), birth.full_name.clone());
        // Composed letters only, as NFC has them.
        let combining = '\u{300}'..='\u{36f}';
        prop_assert!(!birth.full_name.contains(|letter| combining.contains(&letter)));
        prop_assert!(birth.registration.date.latest() >= birth.date.earliest());
        for commune in communes(&person) {
            prop_assert!(administrative_units().province_of(&commune).is_some(), "{commune}");
        }
    }

    #[test]
    fn registered_parents_are_married_and_have_the_data_of_their_own_records((_, child) in any_person()) {
        let birth = child.birth.as_ref().unwrap();
        let (Some(mother), Some(father)) = (&birth.mother, &birth.father) else { return Ok(()) };
        let Some(mother_id) = &mother.personal_id else { return Ok(()) };
        let father_id = father.personal_id.clone().unwrap();
        let people = population();
        for (named, id) in [(mother, mother_id.clone()), (father, father_id.clone())] {
            let parent = people.person(&id).unwrap();
            prop_assert_eq!(&parent.identity.full_name, &named.full_name);
            prop_assert_eq!(Some(parent.identity.birth_date), named.birth_date);
        }
        let mother = people.person(mother_id).unwrap();
        prop_assert_eq!(mother.marriages[0].spouse_personal_id.as_ref(), Some(&father_id));
        prop_assert!(mother.marriages[0].date.latest() < birth.date.latest());
        let father = people.person(&father_id).unwrap();
        let surname = father.identity.full_name.split(' ').next().unwrap();
        prop_assert!(child.identity.full_name.starts_with(surname));
        let age = birth.date.year() - mother.identity.birth_date.year();
        prop_assert!((17..=45).contains(&age), "{age}");
    }

    #[test]
    fn a_minor_lives_with_a_living_parent_or_a_sibling((number, child) in any_person()) {
        if child.identity.birth_date.year() < 2009 || child.death.is_some() {
            return Ok(());
        }
        let people = population();
        let household = people.household(&number);
        prop_assert!(household.iter().any(|member| member.personal_id == number));
        let birth = child.birth.unwrap();
        let parents: Vec<String> =
            birth.mother.into_iter().chain(birth.father).filter_map(|parent| parent.personal_id).collect();
        let alive = parents.iter().any(|id| people.person(id).unwrap().death.is_none());
        let with_parent = household.iter().any(|member| parents.contains(&member.personal_id));
        let separated = parents.iter().any(|id| {
            let status = people.person(id).unwrap().marital_status.status;
            matches!(status, MaritalState::Divorced | MaritalState::NeverMarried)
        });
        prop_assert!(with_parent || !alive || separated);
        let address = child.residence.unwrap().permanent_address;
        for member in &household {
            let home = people.person(&member.personal_id).unwrap().residence.unwrap();
            prop_assert_eq!(&home.permanent_address, &address);
        }
    }

    #[test]
    fn a_household_is_the_same_for_all_its_members(number in any_number()) {
        let people = population();
        let household = people.household(&number);
        let heads = household.iter().filter(|member| member.relationship == Relationship::Head);
        prop_assert_eq!(heads.count(), usize::from(!household.is_empty()));
        for member in &household {
            prop_assert_eq!(&people.household(&member.personal_id), &household);
            prop_assert!(people.person(&member.personal_id).unwrap().death.is_none());
        }
    }

    #[test]
    fn a_marriage_has_the_same_entry_for_both((number, person) in any_person()) {
        let Some(marriage) = person.marriages.first() else {
            prop_assert_eq!(person.marital_status.status, MaritalState::NeverMarried);
            return Ok(());
        };
        let spouse = population().person(marriage.spouse_personal_id.as_ref().unwrap()).unwrap();
        let other = &spouse.marriages[0];
        prop_assert_eq!(other.spouse_personal_id.as_ref(), Some(&number));
        prop_assert_eq!(&other.spouse_full_name, &person.identity.full_name);
        prop_assert_eq!(&other.registration, &marriage.registration);
        prop_assert_eq!((other.status, other.date), (marriage.status, marriage.date));
        prop_assert_eq!((other.ended_on, other.end_reason), (marriage.ended_on, marriage.end_reason));
        let widowed = person.marital_status.status == MaritalState::Widowed;
        prop_assert!(!widowed || spouse.death.is_some());
        let (both_alive, divorced) = (
            person.death.is_none() && spouse.death.is_none(),
            person.marital_status.status == MaritalState::Divorced,
        );
        prop_assert_eq!(divorced, spouse.marital_status.status == MaritalState::Divorced);
        if both_alive && !divorced && marriage.status != MarriageStatus::Annulled {
            prop_assert_eq!(marriage.status, MarriageStatus::Valid);
            prop_assert_eq!(spouse.marital_status.status, MaritalState::Married);
        }
    }

    #[test]
    fn the_dead_have_no_insurance_running_and_no_valid_document((number, person) in any_person()) {
        let people = population();
        let health = people.health_insurance(&number);
        let social = people.social_insurance(&number);
        let Some(death) = &person.death else {
            prop_assert!(health.is_none_or(|card| card.status != HealthStatus::Ended));
            prop_assert!(social.is_none_or(|record| record.status != SocialStatus::Ended));
            return Ok(());
        };
        prop_assert!(person.identity.deceased && person.marital_status.deceased);
        prop_assert!(death.date.latest() >= person.identity.birth_date.earliest());
        if let Some(card) = health {
            prop_assert_eq!((card.status, card.valid_until), (HealthStatus::Ended, death.date));
            prop_assert!(card.valid_from.latest() <= card.valid_until.latest());
        }
        if let Some(record) = social {
            prop_assert_eq!(record.status, SocialStatus::Ended);
            prop_assert!(record.last_contribution.unwrap().earliest() <= death.date.latest());
        }
        prop_assert!(person.documents.iter().all(|document| document.status == DocumentStatus::Revoked));
        for document in &person.documents {
            prop_assert!(last_day(document.issued_on) <= last_day(death.date));
        }
    }

    #[test]
    fn insurance_is_plausible((number, person) in any_person()) {
        let born = person.identity.birth_date;
        if let Some(card) = population().health_insurance(&number) {
            prop_assert!(card.valid_from.latest() >= born.earliest());
            prop_assert!(card.valid_until.latest() >= card.valid_from.latest());
            let level = card.card_number.as_bytes()[2] - b'0';
            prop_assert!(card.card_number.len() == 10 || level == card.benefit_level);
            prop_assert!((1..=5).contains(&card.benefit_level));
        }
        if let Some(record) = population().social_insurance(&number) {
            prop_assert!(record.first_contribution.year() >= born.year() + 18);
            prop_assert!(record.contribution_months >= record.unemployment_months);
            prop_assert!(record.last_contribution.unwrap().latest() >= record.first_contribution.latest());
            if let Some(code) = record.employer_code {
                prop_assert_eq!(population().enterprise(&code).map(|e| e.name), record.employer_name);
            }
        }
    }

    #[test]
    fn parcels_add_up_and_their_holders_agree((number, person) in any_person()) {
        let people = population();
        for parcel in people.parcels(&number) {
            let sum: f64 = parcel.land_uses.iter().map(|land_use| land_use.area_m2).sum();
            prop_assert!((sum - parcel.area_m2).abs() < 0.001);
            prop_assert!(administrative_units().province_of(&parcel.commune).is_some());
            prop_assert_eq!(parcel.tenure == Tenure::Common, !parcel.co_owners.is_empty());
            for other in &parcel.co_owners {
                let other_id = other.personal_id.as_ref().unwrap();
                prop_assert!(other_id != &number);
                let owner = people.person(other_id).unwrap();
                prop_assert_eq!(&owner.identity.full_name, &other.full_name);
                let theirs = people.parcels(other_id);
                let same = theirs.iter().find(|theirs| theirs.parcel_id == parcel.parcel_id).unwrap();
                let named = same.co_owners.iter().find(|named| named.personal_id.as_ref() == Some(&number));
                prop_assert_eq!(&named.unwrap().full_name, &person.identity.full_name);
                prop_assert_eq!(&same.land_uses, &parcel.land_uses);
            }
        }
    }

    #[test]
    fn companies_name_their_owners_and_owners_their_companies((number, person) in any_person()) {
        let people = population();
        for role in people.roles(&number) {
            prop_assert!(role.enterprise_code.parse::<EnterpriseCode>().is_ok());
            let enterprise = people.enterprise(&role.enterprise_code).unwrap();
            prop_assert_eq!(&enterprise.name, &role.enterprise_name);
            let owner = enterprise.owners.iter().find(|owner| owner.personal_id.as_ref() == Some(&number));
            prop_assert_eq!(&owner.unwrap().full_name, &person.identity.full_name);
            let whole: f64 = enterprise.owners.iter().filter_map(|owner| owner.share_percent).sum();
            prop_assert!((whole - 100.0).abs() < 0.001);
            for owner in &enterprise.owners {
                let roles = people.roles(owner.personal_id.as_ref().unwrap());
                prop_assert!(roles.iter().any(|role| role.enterprise_code == enterprise.enterprise_code));
            }
            if person.death.is_some() {
                prop_assert_eq!(enterprise.status, EnterpriseStatus::Dissolved);
            }
        }
    }
}
