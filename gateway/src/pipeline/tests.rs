//! The pipeline against withdrawals that come at any moment: in whatever order things happen, no
//! answer begun after the acknowledgement of a withdrawal holds withdrawn data, and no entry of an
//! answer by a consent follows the entry of its withdrawal.

mod federated;
mod house;

use super::*;
use house::{House, Turns};
use motlan_access_log::entry::{Record, record};
use motlan_schemas::{consent::ConsentUses, ids::PersonalId};

/// What may happen to one citizen's consent, at random moments.
async fn interleave(house: &House, turns: &Turns, person: PersonalId) {
    let uses = match turns.below(3) {
        0 => ConsentUses::Once,
        _ => ConsentUses::Repeated,
    };
    let consent = house.give(person, uses).await;
    if turns.below(2) == 0 {
        // A warm cache, unless this uses the consent up.
        house.ask(person).await;
    }
    let mut asking = Vec::new();
    for _ in 0..=turns.below(3) {
        let (house, turns) = (house.clone(), turns.clone());
        asking.push(tokio::spawn(async move {
            turns.wait().await;
            house.ask(person).await
        }));
    }
    turns.wait().await;
    let withdrawn = house.withdraw(person, consent).await;
    // From here on nothing may be told, whatever is cached or under way.
    for _ in 0..=turns.below(2) {
        let after = house.ask(person).await;
        assert!(
            !after.told,
            "asked after the withdrawal ({withdrawn}), and told"
        );
    }
    let mut told = 0;
    for asking in asking {
        told += usize::from(asking.await.unwrap().told);
    }
    if uses == ConsentUses::Once {
        assert!(told <= 1, "a consent for one answer gave {told}");
    }
}

/// A consent for one answer comes while answers by another are under way.
async fn interleave_two(house: &House, turns: &Turns, person: PersonalId) {
    let repeated = house.give(person, ConsentUses::Repeated).await;
    let mut asking = Vec::new();
    for _ in 0..4 {
        let (house, turns) = (house.clone(), turns.clone());
        asking.push(tokio::spawn(async move {
            turns.wait().await;
            house.ask(person).await
        }));
    }
    turns.wait().await;
    house.give(person, ConsentUses::Once).await;
    turns.wait().await;
    house.withdraw(person, repeated).await;
    for asking in asking {
        asking.await.unwrap();
    }
    // Whatever was left of the other consent is used up by the first of these.
    house.ask(person).await;
    assert!(
        !house.ask(person).await.told,
        "told twice by a consent for one answer"
    );
}

#[tokio::test]
async fn a_consent_for_one_answer_given_meanwhile_is_used_once() {
    let house = House::new(1);
    for round in 0..400 {
        let turns = Turns::new(round + 1);
        house.turns.set(round + 1);
        interleave_two(&house, &turns, house::person(round)).await;
    }
    nothing_follows_the_end_of_a_consent(&house);
}

/// Reads the log as an outsider would: after the end of a consent nothing is released by it.
fn nothing_follows_the_end_of_a_consent(house: &House) {
    let details = house.pipeline.entries.details();
    let mut ended = std::collections::HashSet::new();
    let (mut disclosures, mut ends) = (0, 0);
    for entry in &house.log.entries() {
        match details.read(entry).unwrap().record {
            Record::Disclosure(access) => {
                let Some(record::Basis::Consent { reference }) = access.basis else {
                    panic!("every question here rests on consent");
                };
                if access.answer_digest.is_some() {
                    disclosures += 1;
                    assert!(!ended.contains(&reference), "released after its end");
                }
            }
            Record::ConsentChange(change) if change.change != "given" => {
                ends += 1;
                assert!(ended.insert(change.consent.id), "a consent ends once");
            }
            _ => {}
        }
    }
    assert!(disclosures > 0 && ends > 0, "{disclosures} and {ends}");
}

async fn interleavings(rounds: u64) {
    let house = House::new(1);
    for round in 0..rounds {
        let turns = Turns::new(round + 1);
        house.turns.set(round + 1);
        interleave(&house, &turns, house::person(round)).await;
    }
    nothing_follows_the_end_of_a_consent(&house);
}

#[tokio::test]
async fn no_answer_begun_after_a_withdrawal_holds_withdrawn_data() {
    interleavings(1_500).await;
}

/// The same at length: `cargo test -p motlan-gateway -- --ignored interleavings`.
#[tokio::test]
#[ignore = "takes a minute; the short form is always run"]
async fn a_hundred_thousand_interleavings_of_asking_and_withdrawing() {
    interleavings(100_000).await;
}
