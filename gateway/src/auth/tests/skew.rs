//! Clocks differ, a little: what is let in and what is not, to the second.

use serde_json::{Value, json};

use super::issuer::claims;
use super::*;

/// A token whose time claims are `(claim, seconds from now)`.
async fn with_times(times: &[(&str, i64)]) -> Result<Arc<Token>, AuthError> {
    let signer = Signer::ed25519("key-1");
    let wall = Wall::around(&[&signer]).await;
    let mut claims = claims(wall.now());
    for (claim, seconds) in times {
        claims[*claim] = json!(wall.now().as_second() + seconds);
    }
    wall.call(signer.sign_json(&signer.header(), &claims)).await
}

#[tokio::test]
async fn small_differences_are_let_in() {
    for times in [
        [("iat", 9)].as_slice(),
        &[("iat", 60)],
        &[("nbf", 9)],
        &[("nbf", -3600)],
        &[("iat", -300), ("exp", -9)],
        &[("iat", -3000), ("exp", 600)],
    ] {
        assert!(with_times(times).await.is_ok(), "{times:?}");
    }
}

#[tokio::test]
async fn larger_differences_are_refused() {
    for times in [
        [("iat", 61)].as_slice(),
        &[("nbf", 61)],
        &[("nbf", 100_000_000_000)],
        &[("iat", -1), ("exp", 3600)],
        &[("iat", 0), ("exp", 0)],
        &[("iat", 9), ("exp", 5)],
    ] {
        let refused = with_times(times).await;
        assert!(
            matches!(refused, Err(AuthError::Invalid { .. })),
            "{times:?}"
        );
    }
    for exp in [-10, -11, -299] {
        let refused = with_times(&[("iat", -300), ("exp", exp)]).await;
        assert_eq!(refused.err(), Some(AuthError::Expired), "{exp}");
    }
}

#[tokio::test]
async fn the_demo_may_allow_longer_lives() {
    let signer = Signer::ed25519("key-1");
    let wall = Wall::with(&[&signer], |config| config.lifetime_seconds_max = 86_400).await;
    let mut claims: Value = claims(wall.now());
    claims["exp"] = json!(wall.now().as_second() + 86_400);
    assert!(
        wall.call(signer.sign_json(&signer.header(), &claims))
            .await
            .is_ok()
    );
}
