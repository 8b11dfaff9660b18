//! Keys that come and go, and an issuer that does not answer.

use super::issuer::{Answer, key_set};
use super::*;

/// Waits for a background fetch, which is a task of its own, to end.
async fn until_fetches(wall: &Wall, count: u64) {
    for _ in 0..200 {
        if wall.server.fetches() >= count {
            // The answer is on its way; let the gateway take it in.
            tokio::time::sleep(Duration::from_millis(100)).await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no fetch number {count}");
}

#[tokio::test]
async fn a_new_key_counts_once_the_cooldown_is_over() {
    let (old, new) = (Signer::ed25519("old"), Signer::p256("new"));
    let wall = Wall::around(&[&old]).await;
    wall.call(sign(&old, wall.now())).await.unwrap();
    wall.server.publish(&[&old, &new]);
    let token = sign(&new, wall.now());
    assert!(wall.call(&token).await.is_err());
    wall.wait(29);
    assert!(wall.call(&token).await.is_err());
    assert_eq!(wall.server.fetches(), 1);
    wall.wait(1);
    assert!(wall.call(&token).await.is_ok());
    assert_eq!(wall.server.fetches(), 2);
}

#[tokio::test]
async fn a_withdrawn_key_ends_with_the_age_of_the_set_even_for_remembered_tokens() {
    let (old, new) = (Signer::ed25519("old"), Signer::ed25519("new"));
    let wall = Wall::with(&[&old, &new], |config| config.lifetime_seconds_max = 3600).await;
    let mut claims = issuer::claims(wall.now());
    claims["exp"] = serde_json::json!(wall.now().as_second() + 3600);
    let token = old.sign_json(&old.header(), &claims);
    wall.call(&token).await.unwrap();
    wall.server.publish(&[&new]);
    wall.wait(400);
    assert!(wall.call(&token).await.is_ok(), "the set is young enough");
    wall.wait(201);
    let refused = wall.call(&token).await;
    assert_eq!(refused.err(), Some(invalid("the issuer has no such key")));
    assert!(wall.call(sign(&new, wall.now())).await.is_ok());
}

#[tokio::test]
async fn keys_are_renewed_in_the_background_before_they_are_too_old() {
    let (old, new) = (Signer::ed25519("old"), Signer::ed25519("new"));
    let wall = Wall::around(&[&old]).await;
    wall.call(sign(&old, wall.now())).await.unwrap();
    wall.server.publish(&[&new]);
    wall.wait(481);
    assert!(wall.call(sign(&old, wall.now())).await.is_ok());
    until_fetches(&wall, 2).await;
    assert!(wall.call(sign(&old, wall.now())).await.is_err());
    assert!(wall.call(sign(&new, wall.now())).await.is_ok());
    assert_eq!(wall.server.fetches(), 2);
}

#[tokio::test]
async fn a_flood_of_unknown_keys_asks_the_issuer_once_per_cooldown() {
    let (known, strange) = (Signer::ed25519("known"), Signer::ed25519("strange"));
    let wall = Wall::around(&[&known]).await;
    wall.call(sign(&known, wall.now())).await.unwrap();
    wall.wait(30);
    let mut header = strange.header();
    for n in 0..200 {
        header["kid"] = serde_json::json!(format!("kid-{n}"));
        let token = strange.sign_json(&header, &issuer::claims(wall.now()));
        assert!(wall.call(token).await.is_err());
    }
    assert_eq!(wall.server.fetches(), 2);
    assert!(wall.call(sign(&known, wall.now())).await.is_ok());
}

#[tokio::test]
async fn a_hundred_first_callers_share_one_fetch() {
    let signer = Signer::ed25519("key-1");
    let wall = Wall::around(&[&signer]).await;
    wall.server.say(Answer::Slow(key_set(&[&signer])));
    let token = sign(&signer, wall.now());
    let calls = (0..100).map(|_| wall.call(&token));
    for answer in futures::future::join_all(calls).await {
        answer.unwrap();
    }
    assert_eq!(wall.server.fetches(), 1);
}

#[tokio::test]
async fn a_caller_who_hangs_up_does_not_end_the_fetch_of_the_others() {
    let signer = Signer::ed25519("key-1");
    let wall = Wall::around(&[&signer]).await;
    wall.server.say(Answer::Slow(key_set(&[&signer])));
    let token = sign(&signer, wall.now());
    let hasty = tokio::time::timeout(Duration::from_millis(50), wall.call(&token));
    assert!(hasty.await.is_err());
    assert!(wall.call(&token).await.is_ok());
    assert_eq!(wall.server.fetches(), 1);
}

#[tokio::test]
async fn the_last_good_keys_count_for_an_hour_of_outage_and_then_nobody_is_let_in() {
    let signer = Signer::ed25519("key-1");
    let wall = Wall::around(&[&signer]).await;
    wall.call(sign(&signer, wall.now())).await.unwrap();
    wall.server.say(Answer::Status(503));
    wall.wait(601);
    assert!(wall.call(sign(&signer, wall.now())).await.is_ok());
    wall.wait(2999);
    assert!(wall.call(sign(&signer, wall.now())).await.is_ok());
    wall.wait(1);
    let refused = wall.call(sign(&signer, wall.now())).await;
    assert_eq!(refused.err(), Some(AuthError::IssuerUnavailable));

    wall.server.publish(&[&signer]);
    wall.wait(2);
    assert!(
        wall.call(sign(&signer, wall.now())).await.is_ok(),
        "it heals by itself"
    );
}

#[tokio::test]
async fn an_issuer_that_was_never_there_lets_nobody_in_until_it_comes() {
    let signer = Signer::ed25519("key-1");
    let wall = Wall::around(&[&signer]).await;
    for answer in [
        Answer::Status(404),
        Answer::Status(204),
        Answer::Redirect,
        Answer::Body("<html>".to_owned()),
        Answer::Body(" ".repeat(64 * 1024 + 1)),
        Answer::Body(r#"{"keys": {}}"#.to_owned()),
    ] {
        wall.server.say(answer);
        wall.wait(2);
        let refused = wall.call(sign(&signer, wall.now())).await;
        assert_eq!(refused.err(), Some(AuthError::IssuerUnavailable));
        // Asked again at once, the issuer is left in peace.
        assert!(wall.call(sign(&signer, wall.now())).await.is_err());
    }
    assert_eq!(wall.server.fetches(), 6);
    wall.server.publish(&[&signer]);
    wall.wait(2);
    assert!(wall.call(sign(&signer, wall.now())).await.is_ok());
}

#[tokio::test]
async fn a_bad_answer_does_not_displace_good_keys() {
    let signer = Signer::ed25519("key-1");
    let wall = Wall::around(&[&signer]).await;
    wall.call(sign(&signer, wall.now())).await.unwrap();
    wall.server.say(Answer::Body("{}".to_owned()));
    wall.wait(601);
    assert!(wall.call(sign(&signer, wall.now())).await.is_ok());
    // An empty set, though, is the issuer's word that no key counts any more.
    wall.server.publish(&[]);
    wall.wait(601);
    wall.call(sign(&signer, wall.now())).await.unwrap();
    until_fetches(&wall, 3).await;
    assert!(wall.call(sign(&signer, wall.now())).await.is_err());
}

#[tokio::test]
async fn a_clock_set_back_makes_keys_old_not_young() {
    let signer = Signer::ed25519("key-1");
    let wall = Wall::around(&[&signer]).await;
    wall.call(sign(&signer, wall.now())).await.unwrap();
    wall.wait(-7200);
    wall.call(sign(&signer, wall.now())).await.unwrap();
    assert_eq!(wall.server.fetches(), 2);
}
