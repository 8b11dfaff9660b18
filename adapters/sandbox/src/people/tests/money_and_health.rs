//! Laws of taxes and health records: what they say fits the other registers.

use super::{any_person, population};
use crate::people::{
    facts::{
        record::{BloodType, DoseStatus, HealthRecord},
        tax::{IncomeKind, ObligationStatus, TaxKind, TaxpayerStatus},
    },
    personas::{self, AN, HAI, HOA, LAN, MAI, MINH, PHUC, TUAN},
};
use motlan_schemas::ids::EnterpriseCode;
use proptest::prelude::*;

/// The alleles that a blood type shows, without those that may hide behind them.
fn shows(blood: BloodType) -> (bool, bool) {
    let code = blood.code();
    (code.contains('A'), code.contains('B'))
}

/// All that a record says of days.
fn days(record: &HealthRecord) -> Vec<(motlan_schemas::date::PartialDate, bool)> {
    let allergies = record.allergies.iter().flat_map(|a| {
        let entered = [Some(a.recorded_on), a.onset];
        entered.into_iter().flatten().map(|day| (day, true))
    });
    let conditions = record.conditions.iter().flat_map(|c| {
        let entered = [Some(c.recorded_on), c.onset, c.ended_on];
        entered.into_iter().flatten().map(|day| (day, true))
    });
    let doses = record
        .doses
        .iter()
        .filter_map(|dose| Some((dose.given_on?, dose.status == DoseStatus::Completed)));
    allergies.chain(conditions).chain(doses).collect()
}

#[test]
fn each_persona_has_the_taxes_of_its_story() {
    let people = population();
    let statuses = |number: &str| -> Vec<_> {
        let owed = people.tax_obligations(number);
        owed.iter()
            .map(|o| (o.kind, o.status, o.disputed))
            .collect()
    };
    let lan = people.tax_income(LAN);
    let from_company = lan
        .iter()
        .filter(|i| i.payer_code.as_deref() == Some(personas::ENTERPRISE));
    assert_eq!(from_company.count(), lan.len());
    assert!(lan.iter().any(|i| i.kind == IncomeKind::Capital));
    let minh = people.tax_registration(MINH).unwrap();
    assert_eq!((minh.status, minh.deceased), (TaxpayerStatus::Closed, true));
    assert!(statuses(MINH).contains(&(
        TaxKind::NonAgriculturalLand,
        ObligationStatus::Frozen,
        false
    )));
    assert!(people.tax_income(MINH).is_empty());
    assert!(statuses(TUAN).contains(&(TaxKind::ValueAdded, ObligationStatus::Overdue, true)));
    assert!(statuses(TUAN).contains(&(TaxKind::LatePayment, ObligationStatus::Overdue, false)));
    assert_eq!(
        people
            .tax_registration(HOA)
            .unwrap()
            .registered_on
            .to_string(),
        "2012-03"
    );
    for number in [MAI, AN, PHUC] {
        assert!(people.tax_registration(number).is_none());
        assert!(people.tax_income(number).is_empty() && people.tax_obligations(number).is_empty());
    }
}

#[test]
fn each_persona_has_the_health_record_of_its_story() {
    let people = population();
    let record = |number: &str| people.health_record(number).unwrap();
    let hoa = record(HOA);
    let onsets: Vec<_> = hoa
        .allergies
        .iter()
        .map(|a| a.onset.map(|on| on.to_string()))
        .collect();
    assert_eq!(onsets, [Some("1987".to_owned()), None]);
    assert_eq!(hoa.conditions[0].onset.unwrap().to_string(), "2019-03");
    let minh = record(MINH);
    assert!(!minh.open && minh.died.is_some() && !minh.conditions.is_empty());
    assert!(record(AN).doses.len() > 15);
    assert_eq!(
        record(LAN).contact.unwrap().full_name,
        people.person(HAI).unwrap().identity.full_name
    );
    assert!(people.health_record(MAI).is_none());
}

#[test]
fn personal_tax_codes_of_before_have_the_check_digit_of_all() {
    let people = population();
    let sampled = (0..400).filter_map(|nth| people.sample(nth * 50_021));
    let numbers = sampled.chain(personas::IN_REGISTERS.map(str::to_owned));
    let codes: Vec<_> = numbers
        .filter_map(|number| people.tax_registration(&number)?.former_tax_code)
        .collect();
    assert!(codes.len() > 50, "{}", codes.len());
    for code in codes {
        assert!(code.parse::<EnterpriseCode>().is_ok(), "{code}");
    }
}

#[test]
fn about_as_many_have_each_blood_type_as_in_the_country() {
    let people = population();
    let records = (0..4_000).filter_map(|nth| people.health_record(&people.sample(nth * 5_003)?));
    let blood: Vec<_> = records.filter_map(|record| record.blood_type).collect();
    let percent = |kind| blood.iter().filter(|blood| **blood == kind).count() * 100 / blood.len();
    assert!(
        (38..49).contains(&percent(BloodType::OPositive)),
        "{}",
        percent(BloodType::OPositive)
    );
    assert!(
        (3..9).contains(&percent(BloodType::AbPositive)),
        "{}",
        percent(BloodType::AbPositive)
    );
    assert!(percent(BloodType::BPositive) > percent(BloodType::APositive));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn only_those_with_a_tax_code_have_income_or_debts((number, person) in any_person()) {
        let people = population();
        let (income, owed) = (people.tax_income(&number), people.tax_obligations(&number));
        let Some(registration) = people.tax_registration(&number) else {
            prop_assert!(income.is_empty() && owed.is_empty());
            return Ok(());
        };
        let born = person.identity.birth_date;
        prop_assert_eq!(&registration.tax_code, &number);
        prop_assert!(registration.registered_on.latest().year() >= born.year() + 18);
        prop_assert_eq!(registration.deceased, person.death.is_some());
        prop_assert_eq!(registration.status == TaxpayerStatus::Closed, person.death.is_some());
        prop_assert_eq!(registration.closed_on.is_some(), person.death.is_some());
        prop_assert_eq!(registration.office_code.len(), 5);
    }

    #[test]
    fn income_has_a_payer_whom_other_registers_know_and_ends_with_death((number, person) in any_person()) {
        let people = population();
        let last = person.death.map_or(i16::MAX, |death| death.date.year());
        for income in people.tax_income(&number) {
            prop_assert!(income.year <= last);
            prop_assert!(income.withheld_vnd < income.gross_vnd);
            prop_assert!(income.payer_name.is_some());
            if let Some(code) = &income.payer_code {
                prop_assert_eq!(people.enterprise(code).map(|e| e.name), income.payer_name);
            }
        }
    }

    #[test]
    fn what_is_owed_adds_up_and_the_newest_year_comes_first((number, person) in any_person()) {
        let owed = population().tax_obligations(&number);
        prop_assert!(owed.is_sorted_by_key(|o| std::cmp::Reverse(o.year)));
        for obligation in owed {
            let open = obligation.outstanding_vnd() > 0;
            prop_assert_eq!(obligation.status == ObligationStatus::Paid, !open);
            if obligation.status == ObligationStatus::Frozen {
                prop_assert!(person.death.is_some());
            }
        }
    }

    #[test]
    fn a_record_is_closed_by_death_and_nothing_in_it_is_of_before_birth_or_after((number, person) in any_person()) {
        let Some(record) = population().health_record(&number) else { return Ok(()) };
        let born = person.identity.birth_date.earliest();
        let end = person.death.as_ref().map(|death| death.date.latest());
        prop_assert_eq!(record.open, end.is_none());
        prop_assert_eq!(record.died, person.death.map(|death| death.date));
        prop_assert!(end.is_none() || !record.insured);
        for (day, happened) in days(&record) {
            prop_assert!(day.latest() >= born, "{day}");
            prop_assert!(!happened || end.is_none_or(|end| day.earliest() <= end), "{day}");
        }
    }

    #[test]
    fn a_blood_type_comes_from_the_parents((number, child) in any_person()) {
        let people = population();
        let blood = |number: &str| people.health_record(number)?.blood_type;
        let birth = child.birth.unwrap();
        let parent = |parent: Option<crate::people::facts::Parent>| blood(&parent?.personal_id?);
        let (Some(own), Some(mother), Some(father)) =
            (blood(&number), parent(birth.mother), parent(birth.father)) else { return Ok(()) };
        let ((a, b), (mother_a, mother_b), (father_a, father_b)) = (shows(own), shows(mother), shows(father));
        prop_assert!(!a || mother_a || father_a);
        prop_assert!(!b || mother_b || father_b);
        // Who has both can give no O, and who has none nothing but O.
        let (both, none) = ((true, true), (false, false));
        prop_assert!(shows(own) != none || (shows(mother) != both && shows(father) != both));
        prop_assert!(shows(own) != both || (shows(mother) != none && shows(father) != none));
    }
}
