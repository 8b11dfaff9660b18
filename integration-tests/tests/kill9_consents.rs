//! Killed in the middle of a thousand changes of consents: what was acknowledged is so, what was
//! not is one thing or the other and never half, and the log alone says the same.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{
    demo::{Demo, Home},
    tokens::Forge,
    wait,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

const ROUNDS: usize = 4;
const CITIZENS: usize = 16;
/// The kill falls among the changes that follow these; four rounds come to a thousand.
const CHANGES_BEFORE_THE_KILL: usize = 250;
const LOAD_MAX: Duration = Duration::from_secs(60);

/// What is known of one consent: the state last acknowledged, and one asked for without an answer.
#[derive(Clone, Debug, Default)]
struct Told {
    acknowledged: String,
    in_doubt: Option<&'static str>,
}

type Ledger = BTreeMap<String, Told>;

#[test]
fn no_change_is_lost_and_none_is_half_done() {
    let home = Home::default();
    let mut ledgers = vec![Ledger::new(); CITIZENS];
    for _ in 0..ROUNDS {
        let demo = Demo::start(&home);
        check(&demo, &mut ledgers);
        change_until_killed(&demo, &mut ledgers);
    }
    let after = {
        let mut demo = Demo::start(&home);
        let after = check(&demo, &mut ledgers);
        demo.terminate();
        demo.ended(Duration::from_secs(10));
        after
    };
    std::fs::remove_dir_all(home.data().join("consents")).unwrap();
    let demo = Demo::start(&home);
    assert_eq!(
        check(&demo, &mut ledgers),
        after,
        "rebuilt from the log alone"
    );
    let changes: usize = ledgers.iter().map(BTreeMap::len).sum();
    assert!(changes > ROUNDS * CHANGES_BEFORE_THE_KILL / 2, "{changes}");
}

/// Numbers of people whom no registry needs to know.
fn token(demo: &Demo, citizen: usize) -> String {
    let number = format!("0011850{citizen:05}");
    let claims = json!({"client_id": "citizen-portal", "scope": "consent", "personal_id": number});
    Forge::of(demo).token(&json!({}), &claims)
}

fn change_until_killed(demo: &Demo, ledgers: &mut [Ledger]) {
    let done = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for (citizen, ledger) in ledgers.iter_mut().enumerate() {
            let (token, done) = (token(demo, citizen), &done);
            scope.spawn(move || while change(demo, &token, ledger, done).is_some() {});
        }
        wait::until("the changes are acknowledged", LOAD_MAX, || {
            (done.load(Ordering::Relaxed) >= CHANGES_BEFORE_THE_KILL).then_some(())
        });
        demo.kill();
    });
}

/// Gives a consent and withdraws it; `None` when the gateway is gone.
fn change(demo: &Demo, token: &str, ledger: &mut Ledger, done: &AtomicUsize) -> Option<()> {
    let terms = json!({
        "agency": "ward-ba-dinh", "purposes": ["social-housing-application"],
        "attributes": ["land.parcels.area_m2"], "until": "2036-01-01", "uses": "repeated",
    });
    let given = post(demo, "/v1/consents", token, &terms)?;
    let id = given["consent_id"].as_str().unwrap().to_owned();
    let told = ledger.entry(id.clone()).or_default();
    told.acknowledged = "given".to_owned();
    done.fetch_add(1, Ordering::Relaxed);
    told.in_doubt = Some("withdrawn");
    post(
        demo,
        &format!("/v1/consents/{id}/revoke"),
        token,
        &json!({}),
    )?;
    told.acknowledged = "withdrawn".to_owned();
    told.in_doubt = None;
    done.fetch_add(1, Ordering::Relaxed);
    Some(())
}

fn post(demo: &Demo, path: &str, token: &str, body: &Value) -> Option<Value> {
    let call = demo.client().post(demo.url(path)).bearer_auth(token);
    let call = call.header("content-type", "application/json");
    let reply = call.body(body.to_string()).send().ok()?;
    assert!(reply.status().is_success(), "{}", reply.status());
    Some(serde_json::from_slice(&reply.bytes().ok()?).unwrap())
}

/// Holds what the gateway says against what was acknowledged, and settles what was in doubt.
fn check(demo: &Demo, ledgers: &mut [Ledger]) -> Vec<Value> {
    let mut all = Vec::new();
    for (citizen, ledger) in ledgers.iter_mut().enumerate() {
        let list = demo
            .get("/v1/consents", Some(&token(demo, citizen)))
            .answer();
        let mut kept = BTreeMap::new();
        for consent in list["consents"].as_array().unwrap() {
            let text = |field: &str| consent[field].as_str().unwrap().to_owned();
            kept.insert(text("consent_id"), text("status"));
        }
        for (id, told) in ledger.iter_mut() {
            assert!(kept.contains_key(id), "{id} is lost");
            let status = &kept[id];
            let as_told = *status == told.acknowledged || told.in_doubt == Some(status.as_str());
            assert!(as_told, "{id} is {status}, told {told:?}");
            told.acknowledged.clone_from(status);
            told.in_doubt = None;
        }
        for (id, status) in kept {
            // Given, and killed before the answer: whole, or not there at all.
            let told = ledger.entry(id).or_insert_with(|| Told {
                acknowledged: status.clone(),
                in_doubt: None,
            });
            assert_eq!(told.acknowledged, status);
        }
        all.push(list);
    }
    all
}
