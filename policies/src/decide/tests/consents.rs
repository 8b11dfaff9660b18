//! A purpose that rests on consent reads what the citizen allows, while they allow it.

use super::*;
use proptest::prelude::*;

const WARD: &str = "ward-ba-dinh";
const HOUSING: &str = "social-housing-application";
const SALARY: &str = "insurance.social.salary_vnd";
const KIND: &str = "insurance.social.kind";

fn consent(number: u8, attributes: &[&str], uses: ConsentUses) -> Consent {
    let catalogue = Catalogue::national();
    let given_at = now() - Duration::from_secs(u64::from(255 - number) * 60);
    let terms = ConsentTerms {
        subject: SubjectKey([1; 32]),
        giver: None,
        agency: WARD.parse().unwrap(),
        purposes: vec![HOUSING.parse().unwrap()],
        attributes: attributes
            .iter()
            .map(|name| catalogue.resolve(name).unwrap())
            .collect(),
        from: given_at,
        until: now() + Duration::from_secs(3_600),
        uses,
    };
    Consent::give(ConsentId::new(given_at, [number; 10]), terms, given_at).unwrap()
}

fn given(attributes: &[&str]) -> Consent {
    consent(1, attributes, ConsentUses::Repeated)
}

fn salary(consents: &[Consent]) -> Result<Option<String>, DenialReason> {
    let decision = decide_with(policies(), WARD, &query(HOUSING, &[SALARY]), consents);
    match decision.denials.first() {
        Some(denied) => {
            assert!(decision.permits.is_empty());
            assert_eq!(denied.rule.as_ref(), "citizen-consents");
            assert!(matches!(
                denied.basis,
                Some(Basis::Consent {
                    consent_id: None,
                    ..
                })
            ));
            Err(denied.reason)
        }
        None => match decision.permits[0].basis() {
            Basis::Consent { consent_id, .. } => Ok(consent_id.as_ref().map(ToString::to_string)),
            Basis::Law { .. } | Basis::VitalInterest { .. } => {
                panic!("the purpose rests on consent")
            }
        },
    }
}

#[test]
fn a_consent_in_force_is_the_basis() {
    let consent = given(&[SALARY]);
    assert_eq!(
        salary(std::slice::from_ref(&consent)),
        Ok(Some(consent.id.to_string()))
    );
}

#[test]
fn without_consent_it_is_required() {
    assert_eq!(salary(&[]), Err(DenialReason::ConsentRequired));
    assert_eq!(
        salary(&[given(&[KIND])]),
        Err(DenialReason::ConsentRequired),
        "to something else"
    );
    let mut later = given(&[SALARY]);
    later.from = now() + Duration::from_secs(1);
    assert_eq!(
        salary(&[later]),
        Err(DenialReason::ConsentRequired),
        "not yet"
    );
}

#[test]
fn a_consent_to_another_agency_or_purpose_is_none() {
    let mut foreign = given(&[SALARY]);
    foreign.agency = "ngan-hang-nhan-dan".parse().unwrap();
    let mut other = given(&[SALARY]);
    other.purposes = vec!["bank-loan-income-check".parse().unwrap()];
    assert_eq!(
        salary(&[foreign, other]),
        Err(DenialReason::ConsentRequired)
    );
}

#[test]
fn expired_withdrawn_and_used_up_are_told_apart() {
    let mut expired = given(&[SALARY]);
    expired.until = now();
    assert_eq!(salary(&[expired]), Err(DenialReason::ConsentExpired));
    let withdrawn = given(&[SALARY]).withdraw(now()).unwrap();
    assert_eq!(salary(&[withdrawn]), Err(DenialReason::ConsentRevoked));
    let used = consent(1, &[SALARY], ConsentUses::Once)
        .use_for_answer(now())
        .unwrap();
    assert_eq!(salary(&[used]), Err(DenialReason::ConsentRequired));
}

#[test]
fn the_newest_consent_tells_what_became_of_it_and_one_in_force_wins() {
    let withdrawn = consent(1, &[SALARY], ConsentUses::Repeated)
        .withdraw(now())
        .unwrap();
    let mut expired = consent(2, &[SALARY], ConsentUses::Repeated);
    expired.until = now();
    let both = [withdrawn.clone(), expired.clone()];
    assert_eq!(salary(&both), Err(DenialReason::ConsentExpired));
    let old = consent(0, &[SALARY], ConsentUses::Repeated);
    let all = [withdrawn, expired, old.clone()];
    assert_eq!(salary(&all), Ok(Some(old.id.to_string())));
}

#[test]
fn one_permit_names_the_one_consent_that_allows_most() {
    let narrow = consent(3, &[SALARY], ConsentUses::Repeated);
    let wide = consent(2, &[SALARY, KIND], ConsentUses::Repeated);
    let decision = decide_with(
        policies(),
        WARD,
        &query(HOUSING, &[SALARY, KIND]),
        &[narrow, wide.clone()],
    );
    assert_eq!(decision.permits.len(), 1);
    assert!(decision.denials.is_empty());
    let consent_id = Some(wide.id.to_string().into());
    assert!(
        matches!(decision.permits[0].basis(), Basis::Consent { consent_id: id, .. } if *id == consent_id)
    );
}

#[test]
fn a_consent_widens_neither_purpose_nor_mandate() {
    let everything = given(&["insurance.social", "insurance.health"]);
    let query = query(
        HOUSING,
        &[
            SALARY,
            "insurance.social.first_contribution",
            "insurance.health.status",
        ],
    );
    let decision = decide_with(policies(), WARD, &query, std::slice::from_ref(&everything));
    assert_eq!(
        told(&decision),
        [
            "insurance.health.status not_in_purpose purpose-covers-attribute",
            "insurance.social.first_contribution not_in_purpose purpose-covers-attribute",
        ]
    );
    let other = decide_with(policies(), "social-insurance", &query, &[everything]);
    assert!(other.permits.is_empty());
}

proptest! {
    /// What is read by consent is always within the consents in force.
    #[test]
    fn nothing_is_read_beyond_the_consents_in_force(
        picks in prop::collection::vec((prop::collection::vec(0_usize..6, 1..4), 0_u8..4, any::<bool>()), 0..5)
    ) {
        const NAMES: [&str; 6] = [SALARY, KIND, "insurance.social.status", "land.parcels.area_m2",
            "population.identity.full_name", "civil_status.marital_status.status"];
        let consents: Vec<_> = picks.iter().enumerate().map(|(number, (names, fate, once))| {
            let names: Vec<_> = names.iter().map(|name| NAMES[*name]).collect();
            let uses = if *once { ConsentUses::Once } else { ConsentUses::Repeated };
            let mut consent = consent(u8::try_from(number).unwrap(), &names, uses);
            match fate {
                0 => consent.until = now(),
                1 => consent = consent.withdraw(now()).unwrap(),
                2 => consent = consent.use_for_answer(now()).unwrap(),
                _ => {}
            }
            consent
        }).collect();
        let decision = decide_with(policies(), WARD, &query(HOUSING, &NAMES), &consents);
        for permit in &decision.permits {
            let Basis::Consent { consent_id: Some(id), .. } = permit.basis() else {
                return Err(TestCaseError::fail("no consent"));
            };
            let consent = consents.iter().find(|c| c.id.to_string() == **id).unwrap();
            prop_assert!(consent.is_in_force(now()));
            let flags = Catalogue::national().dataset(permit.dataset()).flags;
            prop_assert!(permit.attributes().is_subset(consent.attributes.of(permit.dataset()) | flags));
        }
    }
}
