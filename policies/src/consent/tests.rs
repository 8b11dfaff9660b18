//! A consent leaves the state "given" once, for good, and only for a reason.

use super::*;
use motlan_schemas::catalogue::Catalogue;
use proptest::prelude::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn terms(uses: ConsentUses) -> ConsentTerms {
    let attributes = Catalogue::national().resolve("insurance.social").unwrap();
    ConsentTerms {
        subject: SubjectKey([7; 32]),
        giver: None,
        agency: "ward-ba-dinh".parse().unwrap(),
        purposes: vec!["social-housing-application".parse().unwrap()],
        attributes: [attributes].into_iter().collect(),
        from: at(10),
        until: at(100),
        uses,
    }
}

fn consent(uses: ConsentUses) -> Consent {
    Consent::give(ConsentId::new(at(0), [1; 10]), terms(uses), at(0)).unwrap()
}

#[test]
fn it_counts_from_its_beginning_until_its_end() {
    let consent = consent(ConsentUses::Repeated);
    for (second, in_force) in [(0, false), (9, false), (10, true), (99, true), (100, false)] {
        assert_eq!(consent.is_in_force(at(second)), in_force, "{second}");
    }
    assert_eq!(
        consent.state_at(at(100)),
        ConsentState::Expired { at: at(100) }
    );
}

#[test]
fn a_consent_for_one_answer_is_used_up_by_it() {
    let used = consent(ConsentUses::Once).use_for_answer(at(20)).unwrap();
    assert_eq!(used.state_at(at(21)), ConsentState::UsedUp { at: at(20) });
    let refused = used.use_for_answer(at(22)).unwrap_err();
    assert_eq!(refused.to_string(), "the consent is used_up");
    let again = consent(ConsentUses::Repeated)
        .use_for_answer(at(20))
        .unwrap();
    assert!(again.use_for_answer(at(21)).is_ok());
}

#[test]
fn a_withdrawn_consent_stays_withdrawn() {
    let withdrawn = consent(ConsentUses::Repeated).withdraw(at(5)).unwrap();
    assert_eq!(
        withdrawn.state_at(at(500)),
        ConsentState::Withdrawn { at: at(5) }
    );
    assert!(withdrawn.clone().withdraw(at(6)).is_err());
    assert!(withdrawn.use_for_answer(at(20)).is_err());
    assert!(
        consent(ConsentUses::Once).withdraw(at(100)).is_err(),
        "expired"
    );
}

#[test]
fn terms_under_which_nothing_can_be_read_are_refused() {
    let give = |terms| Consent::give(ConsentId::new(at(0), [1; 10]), terms, at(0)).unwrap_err();
    let good = || terms(ConsentUses::Once);
    assert_eq!(
        give(ConsentTerms {
            until: at(10),
            ..good()
        }),
        ConsentTermsError::Period
    );
    let past = ConsentTerms {
        from: at(-9),
        until: at(0),
        ..good()
    };
    assert_eq!(give(past), ConsentTermsError::Period);
    assert_eq!(
        give(ConsentTerms {
            purposes: vec![],
            ..good()
        }),
        ConsentTermsError::NoPurpose
    );
    let nothing = ConsentTerms {
        attributes: Selection::default(),
        ..good()
    };
    assert_eq!(give(nothing), ConsentTermsError::NoAttribute);
}

#[test]
fn a_kept_consent_comes_back_as_it_was() {
    let withdrawn = consent(ConsentUses::Once).withdraw(at(3)).unwrap();
    let back = Consent::restore(
        withdrawn.id,
        terms(ConsentUses::Once),
        Vec::new(),
        withdrawn.given_at,
        withdrawn.kept_state(),
    );
    assert_eq!(back, withdrawn);
    assert_eq!(format!("{:?}", back.subject), "SubjectKey(redacted)");
}

proptest! {
    /// Whatever happens in whatever order, nothing follows the end, and time never un-ends it.
    #[test]
    fn once_ended_it_is_never_in_force_again(steps in prop::collection::vec((0_u8..3, 0_i64..30), 1..20), once: bool) {
        let uses = if once { ConsentUses::Once } else { ConsentUses::Repeated };
        let (mut consent, mut now, mut ended) = (consent(uses), 0, false);
        for (step, seconds) in steps {
            now += seconds;
            ended |= consent.state_at(at(now)) != ConsentState::Given;
            let result = match step {
                0 => consent.clone().withdraw(at(now)),
                1 => consent.clone().use_for_answer(at(now)),
                _ => Ok(consent.clone()),
            };
            match result {
                Ok(next) => {
                    prop_assert!(!ended || next == consent);
                    consent = next;
                }
                Err(refused) => prop_assert_eq!(refused.state, consent.state_at(at(now))),
            }
            ended |= consent.state_at(at(now)) != ConsentState::Given;
            prop_assert!(!(ended && consent.is_in_force(at(now))));
        }
    }
}
