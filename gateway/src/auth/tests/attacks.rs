//! The known attacks on JSON Web Tokens, one table for each algorithm: every token is refused.
//!
//! After RFC 8725 and the history of the libraries that read such tokens.

mod claims;
mod form;
mod header;
mod signature;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::issuer::claims;
use super::*;

type Attack = (String, Vec<u8>);

#[tokio::test]
async fn no_forged_token_passes_ed25519() {
    refuses_everything(&Signer::ed25519("key-1")).await;
}

#[tokio::test]
async fn no_forged_token_passes_es256() {
    refuses_everything(&Signer::p256("key-1")).await;
}

#[tokio::test]
async fn no_forged_token_passes_ps256() {
    refuses_everything(&Signer::rsa("key-1")).await;
}

async fn refuses_everything(signer: &Signer) {
    // The issuer has keys of every kind, so that confusing one with another is worth trying; and
    // two keys of one id.
    let others = [
        Signer::ed25519("ed"),
        Signer::p256("ec"),
        Signer::rsa("rsa"),
    ];
    let (twin, same) = (Signer::ed25519("twin"), Signer::ed25519("twin"));
    let [ed, ec, rsa] = &others;
    let wall = Wall::around(&[signer, ed, ec, rsa, &twin, &same]).await;
    assert!(wall.call(sign(signer, wall.now())).await.is_ok());
    let good = claims(wall.now());

    let mut attacks = Vec::new();
    attacks.extend(header::header_attacks(signer, &good));
    attacks.extend(header::key_attacks(signer, &others, &twin, &good));
    attacks.extend(claims::claim_attacks(signer, &good));
    attacks.extend(form::byte_attacks(signer, &good));
    attacks.extend(form::form_attacks(signer, &good));
    attacks.extend(signature::signature_attacks(signer, &good));
    assert!(attacks.len() >= 120, "only {} attacks", attacks.len());
    for (name, token) in attacks {
        let answer = wall.call(&token).await;
        assert!(answer.is_err(), "{name} was let in");
        let reason = match answer.err() {
            Some(AuthError::Invalid { reason }) => reason,
            other => {
                assert_eq!(other, Some(AuthError::Expired), "{name}");
                continue;
            }
        };
        // RFC 6750, section 3: what may stand in `error_description`.
        let is_plain = |c: char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
        assert!(reason.chars().all(is_plain), "{name}: {reason}");
    }
    assert!(wall.call(sign(signer, wall.now())).await.is_ok());
}

/// `object` with members changed; `null` takes a member away.
fn with(object: &Value, changes: &Value) -> Value {
    let mut changed: Map<String, Value> = object.as_object().unwrap().clone();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            changed.remove(name);
        } else {
            changed.insert(name.clone(), value.clone());
        }
    }
    Value::Object(changed)
}

/// Words that look like a scope grant nothing, and `sub` is never taken for the client.
#[tokio::test]
async fn scopes_are_whole_words_and_the_subject_is_not_the_client() {
    let signer = Signer::ed25519("key-1");
    let wall = Wall::around(&[&signer]).await;
    let changes = json!({
        "scope": "queryall xquery QUERY query:read consents audit.read m openid",
        "sub": "dpo-client", "client_id": "ward-client", "azp": "dpo-client",
    });
    let token = signer.sign_json(&signer.header(), &with(&claims(wall.now()), &changes));
    let token = wall.call(token).await.unwrap();
    assert_eq!(token.scopes, Scopes::default());
    assert_eq!(token.client.as_str(), "ward-client");
    assert_eq!(&*token.subject, "dpo-client");
}

/// The forms that RFC 9068 and RFC 9864 allow beside the plainest one.
#[tokio::test]
async fn what_the_standards_allow_is_let_in() {
    let signer = Signer::ed25519("key-1");
    let wall = Wall::around(&[&signer]).await;
    let good = claims(wall.now());
    for header in [
        json!({"typ": "AT+JWT"}),
        json!({"typ": "application/at+jwt"}),
        json!({"alg": "Ed25519"}),
        json!({"x5t#S256": "…", "org.example": {"a": 1}}),
    ] {
        let token = signer.sign_json(&with(&signer.header(), &header), &good);
        assert!(wall.call(token).await.is_ok(), "{header}");
    }
    for change in [
        json!({"aud": [AUDIENCE]}),
        json!({"aud": ["https://other.test", AUDIENCE]}),
        json!({"scope": null, "act": null}),
        json!({"act": {"sub": "cb-4711", "act": {"sub": "before"}}}),
        json!({"realm_access": {"roles": ["a", {"b": [1]}]}}),
    ] {
        let token = signer.sign_json(&signer.header(), &with(&good, &change));
        assert!(wall.call(token).await.is_ok(), "{change}");
    }
}

/// An algorithm that the operator struck from the list is refused although the issuer has the key.
#[tokio::test]
async fn an_algorithm_that_is_not_configured_is_refused() {
    let (ed, ec) = (Signer::ed25519("ed"), Signer::p256("ec"));
    let wall = Wall::with(&[&ed, &ec], |config| {
        config.algorithms = vec![Algorithm::Es256]
    })
    .await;
    assert!(wall.call(sign(&ed, wall.now())).await.is_err());
    assert!(wall.call(sign(&ec, wall.now())).await.is_ok());
}

/// However a valid token is damaged, it opens nothing, and nothing panics.
#[test]
fn a_damaged_token_never_verifies() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let signers = Signer::each("key-1");
    let walls = signers
        .each_ref()
        .map(|signer| runtime.block_on(Wall::around(&[signer])));
    let damage = prop::collection::vec((any::<prop::sample::Index>(), 1_u8..), 1..4);
    let cut = prop::option::of(any::<prop::sample::Index>());
    proptest!(ProptestConfig::with_cases(2000), |(algorithm in 0_usize..3, damage in damage, cut in cut)| {
        let wall = &walls[algorithm];
        let original = sign(&signers[algorithm], wall.now()).into_bytes();
        let mut token = original.clone();
        for (at, change) in damage {
            let at = at.index(token.len());
            token[at] ^= change;
        }
        if let Some(cut) = cut {
            token.truncate(cut.index(token.len()));
        }
        if token != original {
            prop_assert!(runtime.block_on(wall.call(&token)).is_err());
        }
    });
}
