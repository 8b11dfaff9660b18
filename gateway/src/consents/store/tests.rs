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
    let error = store.now().stop(io::Error::other("the disk said no"));
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

#[tokio::test]
async fn a_forgotten_citizen_is_in_no_file_and_everybody_else_is_where_they_were() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("consents");
    let request = |number: u8| IdempotentRequest {
        key: [number; 32],
        body: [number; 32],
    };
    let all: Vec<_> = (1..=40).map(|n| consent(n, subject(n % 4))).collect();
    {
        let store = open(&path);
        for (place, consent) in (1..).zip(&all) {
            let logged = LoggedConsent {
                request: Some(request(place)),
                ..logged(consent, u64::from(place))
            };
            store
                .apply(&[logged], &marker(u64::from(place)))
                .await
                .unwrap();
        }
        let ids: Vec<_> = of(&all, 2).map(|c| c.id.to_string()).collect();
        assert!(ids.iter().any(|id| is_in_a_file(&path, id.as_bytes())));
        store.forget(&subject(2)).await.unwrap();
        store.forget(&subject(2)).await.unwrap();
        assert_eq!(store.list(&subject(2)).await.unwrap(), []);
        // It goes on as before.
        let next = consent(41, subject(1));
        store
            .apply(&[logged(&next, 41)], &marker(41))
            .await
            .unwrap();
    }
    let store = open(&path);
    assert_eq!(store.marker().await.unwrap(), Some(marker(41)));
    for other in [0, 1, 3] {
        let kept = store.list(&subject(other)).await.unwrap();
        let given = of(&all, other).count() + usize::from(other == 1);
        assert_eq!(kept.len(), given);
        let first = of(&all, other).next().unwrap();
        assert!(store.entry_of(first).await.unwrap().is_some());
    }
    drop(store);
    for gone in of(&all, 2) {
        let id = gone.id.to_string();
        let uuid = gone.id.uuid();
        assert!(!is_in_a_file(&path, id.as_bytes()), "{id}");
        assert!(!is_in_a_file(&path, uuid.as_bytes()), "{id}");
    }
    assert!(!is_in_a_file(&path, &subject(2).0));
}

#[tokio::test]
async fn a_copy_that_was_cut_short_is_not_believed() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("consents");
    let first = consent(1, subject(1));
    {
        let store = open(&path);
        store.apply(&[logged(&first, 1)], &marker(1)).await.unwrap();
    }
    // A copy without its marker, newer than the one that counts.
    drop(Shared::open(&path.join("7"), Catalogue::national()).unwrap());
    let store = open(&path);
    assert_eq!(store.list(&subject(1)).await.unwrap(), [first]);
    assert!(!path.join("7").exists());
}

#[tokio::test]
async fn ended_consents_of_long_ago_go_and_what_is_in_force_stays() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("consents");
    let (ended, in_force, late) = (
        consent(1, subject(1)).withdraw(at(2)).unwrap(),
        consent(2, subject(1)),
        consent(3, subject(1)).withdraw(at(4)).unwrap(),
    );
    let store = open(&path);
    for (consent, place) in [(&ended, 5), (&in_force, 6), (&late, 900)] {
        let logged = [logged(consent, place)];
        store.apply(&logged, &marker(place + 1)).await.unwrap();
    }
    store.forget_older(512, at(10)).await.unwrap();
    let left = store.list(&subject(1)).await.unwrap();
    assert_eq!(left, [late, in_force]);
    drop(store);
    assert!(!is_in_a_file(&path, ended.id.to_string().as_bytes()));
}

fn of(all: &[Consent], byte: u8) -> impl Iterator<Item = &Consent> {
    all.iter().filter(move |c| c.subject == subject(byte))
}

fn is_in_a_file(directory: &Path, bytes: &[u8]) -> bool {
    fs::read_dir(directory).unwrap().any(|found| {
        let path = found.unwrap().path();
        match path.is_dir() {
            true => is_in_a_file(&path, bytes),
            // A file that sled has just replaced holds nothing any more.
            false => match fs::read(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => false,
                read => read.unwrap().windows(bytes.len()).any(|w| w == bytes),
            },
        }
    })
}
