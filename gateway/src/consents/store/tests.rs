//! The store keeps what it is told, and tells what it keeps.

use super::*;
use jiff::Timestamp;
use motlan_policies::consent::{ConsentState, ConsentTerms, ConsentUses, IdempotentRequest};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn subject(byte: u8) -> SubjectKey {
    SubjectKey([byte; 32])
}

fn consent(number: u8, subject: SubjectKey) -> Consent {
    let catalogue = Catalogue::national();
    let terms = ConsentTerms {
        subject,
        giver: None,
        agency: "ward-ba-dinh".parse().unwrap(),
        purposes: vec!["social-housing-application".parse().unwrap()],
        attributes: [catalogue.resolve("insurance.social.kind").unwrap()]
            .into_iter()
            .collect(),
        from: at(0),
        until: at(1_000),
        uses: ConsentUses::Once,
    };
    let given_at = at(i64::from(number));
    Consent::give(ConsentId::new(given_at, [number; 10]), terms, given_at).unwrap()
}

fn logged(consent: &Consent, leaf_index: u64) -> LoggedConsent {
    LoggedConsent {
        consent: consent.clone(),
        request: None,
        entry: EntryPlace {
            leaf_index,
            leaf_hash: [3; 32],
        },
    }
}

fn marker(next: u64) -> LogMarker {
    LogMarker {
        origin: "log.example".to_owned(),
        next,
    }
}

fn open(directory: &Path) -> SledConsents {
    SledConsents::open(directory, Catalogue::national()).unwrap()
}

#[tokio::test]
async fn a_consent_is_found_again_by_its_citizen_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("deep/consents");
    let (first, second) = (consent(1, subject(1)), consent(2, subject(1)));
    {
        let store = open(&path);
        let both = [logged(&first, 0), logged(&second, 1)];
        store.apply(&both, &marker(2)).await.unwrap();
        let other = [logged(&consent(3, subject(2)), 7)];
        store.apply(&other, &marker(8)).await.unwrap();
    }
    let store = open(&path);
    assert_eq!(store.marker().await.unwrap(), Some(marker(8)));
    assert_eq!(
        store.list(&subject(1)).await.unwrap(),
        [second.clone(), first]
    );
    assert_eq!(store.list(&subject(9)).await.unwrap(), []);
    let place = store.entry_of(&second).await.unwrap().unwrap();
    assert_eq!((place.leaf_index, place.leaf_hash), (1, [3; 32]));
}

#[tokio::test]
async fn a_lookup_is_by_citizen_agency_and_purpose() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let consent = consent(1, subject(1));
    store
        .apply(&[logged(&consent, 0)], &marker(1))
        .await
        .unwrap();
    let purpose = consent.purposes[0].clone();
    let lookup = async |citizen, agency: &str, purpose: &PurposeId| {
        store
            .lookup(&subject(citizen), &agency.parse().unwrap(), purpose)
            .await
            .unwrap()
            .len()
    };
    assert_eq!(lookup(1, "ward-ba-dinh", &purpose).await, 1);
    assert_eq!(lookup(2, "ward-ba-dinh", &purpose).await, 0);
    assert_eq!(lookup(1, "social-insurance", &purpose).await, 0);
    assert_eq!(
        lookup(1, "ward-ba-dinh", &"birth-registration".parse().unwrap()).await,
        0
    );
}

#[tokio::test]
async fn the_last_state_counts_and_the_giver_and_the_call_are_remembered() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let mut given = consent(1, subject(1));
    given.giver = Some(subject(5));
    let request = IdempotentRequest {
        key: [8; 32],
        body: [9; 32],
    };
    let with_call = LoggedConsent {
        request: Some(request),
        ..logged(&given, 0)
    };
    store.apply(&[with_call], &marker(1)).await.unwrap();
    let withdrawn = given.clone().withdraw(at(5)).unwrap();
    store
        .apply(&[logged(&withdrawn, 1)], &marker(2))
        .await
        .unwrap();
    let kept = store.list(&subject(1)).await.unwrap();
    assert_eq!(kept, [withdrawn]);
    assert_eq!(
        kept[0].state_at(at(7)),
        ConsentState::Withdrawn { at: at(5) }
    );
    assert_eq!(store.given_by(&subject(5)).await.unwrap(), kept);
    assert_eq!(store.given_by(&subject(1)).await.unwrap(), []);
    let found = store.requested(&subject(1), &[8; 32]).await.unwrap();
    assert_eq!(found, Some((given.id, [9; 32])));
    assert_eq!(store.requested(&subject(2), &[8; 32]).await.unwrap(), None);
}

#[tokio::test]
async fn after_clearing_nothing_is_left() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let given = consent(1, subject(1));
    store.apply(&[logged(&given, 0)], &marker(1)).await.unwrap();
    store.clear().await.unwrap();
    assert_eq!(store.marker().await.unwrap(), None);
    assert_eq!(store.list(&subject(1)).await.unwrap(), []);
    assert_eq!(store.entry_of(&given).await.unwrap(), None);
}

#[tokio::test]
async fn after_a_failure_nothing_is_answered_or_kept() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    let given = consent(1, subject(1));
    store.apply(&[logged(&given, 0)], &marker(1)).await.unwrap();
    let error = store.shared.stop(io::Error::other("the disk said no"));
    assert!(matches!(error, ConsentStoreError::Failed(_)));
    let stopped = |result| matches!(result, Err(ConsentStoreError::Stopped));
    assert!(stopped(store.list(&subject(1)).await.map(|_| ())));
    assert!(stopped(store.marker().await.map(|_| ())));
    assert!(stopped(store.apply(&[logged(&given, 1)], &marker(2)).await));
}

#[test]
fn a_directory_that_cannot_be_made_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(SledConsents::open(&file.join("consents"), Catalogue::national()).is_err());
}
