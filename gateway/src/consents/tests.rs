//! Consents: given once, used once, withdrawn for good; and the same after every restart.

use super::{store::SledConsents, *};
use crate::random::SystemRandomness;
use motlan_access_log::{
    details::DetailKeys,
    log::{Options, TileLog},
    note::Signer,
    pseudonym::Pseudonymiser,
};
use motlan_schemas::{clock::FixedClock, consent::ConsentUses, query::Relation};
use std::path::Path;

const ORIGIN: &str = "motlan.example/test";
const LAN: &str = "001185012345";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn lan() -> PersonalId {
    LAN.parse().unwrap()
}

struct House {
    ledger: Arc<ConsentLedger>,
    clock: Arc<FixedClock>,
    log: Arc<TileLog>,
}

/// A ledger over the log and the store of a directory, which may have been used before.
async fn house(directory: &Path, store: &str) -> House {
    let catalogue = Catalogue::national();
    let random = Arc::new(SystemRandomness::default());
    let signer = Signer::from_seed(ORIGIN, &[1; 32]).unwrap();
    let second = directory.join("second-checkpoint");
    let log = TileLog::open(Options::new(directory.join("log"), second, signer)).unwrap();
    let log = Arc::new(log);
    let keys = SubjectKeys::open_or_create(directory, random.as_ref()).unwrap();
    let clock = Arc::new(FixedClock::new(at(0)));
    let pseudonyms = Pseudonymiser::new(1, &[2; 32]);
    let store = SledConsents::open(&directory.join(store), Arc::clone(&catalogue)).unwrap();
    let ledger = ConsentLedger::new(LedgerParts {
        store: Arc::new(store),
        log: Arc::clone(&log) as Arc<dyn AccessLog>,
        writer: Arc::new(AccessEntryWriter::new(
            Arc::clone(&catalogue),
            pseudonyms,
            Arc::new(DetailKeys::kept_nowhere([3; 32])),
            ORIGIN.to_owned(),
        )),
        catalogue,
        keys: Arc::new(keys),
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        random,
    });
    ledger.follow().await.unwrap();
    House {
        ledger: Arc::new(ledger),
        clock,
        log,
    }
}

fn giving(uses: ConsentUses) -> Giving {
    let catalogue = Catalogue::national();
    Giving {
        subject: lan(),
        terms: Terms {
            agency: "ward-ba-dinh".parse().unwrap(),
            purposes: vec!["social-housing-application".parse().unwrap()],
            attributes: [catalogue.resolve("insurance.social.salary_vnd").unwrap()]
                .into_iter()
                .collect(),
            from: None,
            until: at(1_000),
            uses,
        },
        client: "citizen-portal".to_owned(),
        acting: None,
        request: None,
    }
}

#[tokio::test]
async fn what_a_crash_kept_from_the_store_comes_back_from_the_log() {
    let directory = tempfile::tempdir().unwrap();
    let (first, second) = {
        let house = house(directory.path(), "consents").await;
        let first = house.ledger.give(giving(ConsentUses::Once)).await.unwrap();
        house.clock.set(at(5));
        let second = house.ledger.give(giving(ConsentUses::Repeated)).await;
        let id = first.consent.id;
        let client = "citizen-portal".to_owned();
        let first = house.ledger.withdraw(&lan(), id, client, None).await;
        house.log.shutdown().unwrap();
        (first.unwrap().consent, second.unwrap().consent)
    };
    // An empty store stands for one that lost everything.
    let house = house(directory.path(), "another-store").await;
    let kept = house.ledger.about(&lan()).await.unwrap();
    assert_eq!(kept, [second, first]);
    let again = house.ledger.follow().await.unwrap();
    assert_eq!(again, Followed::default(), "followed once, nothing is left");
}

#[tokio::test]
async fn a_store_that_is_ahead_of_the_log_is_made_anew() {
    let directory = tempfile::tempdir().unwrap();
    let house = house(directory.path(), "consents").await;
    let given = house.ledger.give(giving(ConsentUses::Once)).await.unwrap();
    let ahead = LogMarker {
        origin: ORIGIN.to_owned(),
        next: 99,
    };
    house.ledger.store.advance(&ahead).await.unwrap();
    let followed = house.ledger.follow().await.unwrap();
    assert_eq!(followed.changes, 1);
    let kept = house.ledger.about(&lan()).await.unwrap();
    assert_eq!(kept, [given.consent]);
}

#[tokio::test]
async fn the_same_call_gives_one_consent_and_another_body_none() {
    let directory = tempfile::tempdir().unwrap();
    let house = house(directory.path(), "consents").await;
    let call = |body| {
        let request = Some(IdempotentRequest {
            key: [1; 32],
            body: [body; 32],
        });
        let giving = Giving {
            request,
            ..giving(ConsentUses::Once)
        };
        house.ledger.give(giving)
    };
    let first = call(1).await.unwrap();
    let again = call(1).await.unwrap();
    assert!(first.is_new && !again.is_new);
    assert_eq!(first.consent, again.consent);
    assert!(matches!(call(2).await, Err(LedgerError::OtherRequest)));
    assert_eq!(house.ledger.about(&lan()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn withdrawing_twice_is_withdrawing_once_and_an_ended_consent_stays_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let house = house(directory.path(), "consents").await;
    let given = house.ledger.give(giving(ConsentUses::Once)).await.unwrap();
    let withdraw = async |person: PersonalId, id| {
        let client = "citizen-portal".to_owned();
        house.ledger.withdraw(&person, id, client, None).await
    };
    let first = withdraw(lan(), given.consent.id).await.unwrap();
    house.clock.set(at(9));
    let again = withdraw(lan(), given.consent.id).await.unwrap();
    assert!(first.is_new && !again.is_new);
    assert_eq!(first.consent, again.consent, "with the time of the first");
    let somebody = "001082004321".parse().unwrap();
    let stranger = withdraw(somebody, given.consent.id).await;
    assert!(matches!(stranger, Err(LedgerError::Unknown)));
    let other = house.ledger.give(giving(ConsentUses::Once)).await.unwrap();
    house.clock.set(at(2_000));
    let late = withdraw(lan(), other.consent.id).await;
    assert!(matches!(
        late,
        Err(LedgerError::Ended(ConsentState::Expired { .. }))
    ));
}

#[tokio::test]
async fn whoever_gave_it_for_a_child_finds_it_again() {
    let directory = tempfile::tempdir().unwrap();
    let house = house(directory.path(), "consents").await;
    let child: PersonalId = "001316004321".parse().unwrap();
    let acting = VerifiedActing {
        person: lan(),
        relation: Relation::Parent,
        verified_by: "civil_status.birth".to_owned(),
    };
    let given = house
        .ledger
        .give(Giving {
            subject: child,
            acting: Some(acting),
            ..giving(ConsentUses::Repeated)
        })
        .await
        .unwrap();
    let ledger = &house.ledger;
    assert_eq!(ledger.about(&lan()).await.unwrap(), []);
    assert_eq!(
        ledger.given_by(&lan()).await.unwrap(),
        std::slice::from_ref(&given.consent)
    );
    assert!(ledger.was_given_by(&given.consent, &lan(), &child));
    assert!(!ledger.was_given_by(&given.consent, &child, &lan()));
}

/// A withdrawal waits for answers under way, and answers begun after it see it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_use_of_a_consent_is_logged_after_its_withdrawal() {
    let directory = tempfile::tempdir().unwrap();
    let house = house(directory.path(), "consents").await;
    let given = house.ledger.give(giving(ConsentUses::Once)).await.unwrap();
    let users = (0..16_u8).map(|number| {
        let (ledger, log) = (Arc::clone(&house.ledger), Arc::clone(&house.log));
        tokio::spawn(async move {
            let hold = ledger.hold(&lan(), true).await;
            let consents = ledger.about(&lan()).await.unwrap();
            let consent = consents.into_iter().next().unwrap();
            let id = QueryId::new(at(0), [number; 10]);
            let Ok((used, entry)) = ledger.used_up(consent, lan(), id, String::new(), at(1)) else {
                return false;
            };
            let appended = log.append(vec![entry]).await.unwrap();
            ledger
                .keep_used_up(&hold, used, &appended[0])
                .await
                .unwrap();
            true
        })
    });
    let users: Vec<_> = users.collect();
    let client = "citizen-portal".to_owned();
    let withdrawn = house
        .ledger
        .withdraw(&lan(), given.consent.id, client, None)
        .await;
    let mut used = 0;
    for user in users {
        used += usize::from(user.await.unwrap());
    }
    match withdrawn {
        Ok(_) => assert_eq!(used, 0, "it was withdrawn first"),
        Err(LedgerError::Ended(_)) => assert_eq!(used, 1, "it was used first, once"),
        Err(error) => panic!("{error}"),
    }
}
