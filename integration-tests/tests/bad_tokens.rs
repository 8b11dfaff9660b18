//! Tokens that are forged, worn out, confused or meant for something else open nothing.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]
#![expect(clippy::unwrap_used, reason = "a journey fails by panicking")]

use motlan_integration_tests::{
    demo::{Demo, Home},
    questions::{SELECT, question, with},
    refusals::{NUMBER, refused},
    tokens::{Forge, now, unsigned},
};
use reqwest::blocking::RequestBuilder;
use serde_json::{Value, json};

#[test]
fn only_a_good_token_of_the_issuer_for_this_use_opens_anything() {
    let home = Home::default();
    let demo = Demo::start(&home);
    tokens_that_are_wrong(&demo);
    tokens_that_are_good_for_something_else(&demo);
}

/// Tokens that are refused as no access token for this gateway.
fn invalid_tokens(forge: &Forge) -> Vec<(&'static str, String)> {
    let header = |members: Value| forge.token(&members, &json!({}));
    let claims = |members: Value| forge.token(&json!({}), &members);
    let good = claims(json!({}));
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (good_header, good_claims) = (forge.header().to_string(), forge.claims().to_string());
    let jwk = forge.jwk();
    vec![
        ("garbage", "garbage".to_owned()),
        ("three dots", "...".to_owned()),
        ("somebody else's key", forge.by_another_key()),
        ("another curve", forge.on_another_curve()),
        (
            "the public key as a secret",
            forge.with_the_public_key_as_secret(),
        ),
        (
            "alg none, no signature",
            format!(
                "{}.",
                unsigned(
                    &json!({ "alg": "none", "typ": "at+jwt" }).to_string(),
                    &good_claims
                )
            ),
        ),
        ("alg none", header(json!({ "alg": "none" }))),
        ("alg nOnE", header(json!({ "alg": "nOnE" }))),
        ("alg RS256", header(json!({ "alg": "RS256" }))),
        ("alg missing", header(json!({ "alg": null }))),
        ("typ JWT", header(json!({ "typ": "JWT" }))),
        ("typ dpop+jwt", header(json!({ "typ": "dpop+jwt" }))),
        ("typ missing", header(json!({ "typ": null }))),
        ("kid unknown", header(json!({ "kid": "nobody" }))),
        ("kid missing", header(json!({ "kid": null }))),
        (
            "kid a path",
            header(json!({ "kid": "../../keys/test-issuer.pk8" })),
        ),
        ("kid long", header(json!({ "kid": "k".repeat(4_000) }))),
        ("jwk inside", header(json!({ "jwk": jwk }))),
        ("jku", header(json!({ "jku": "http://127.0.0.1:1/keys" }))),
        (
            "x5u",
            header(json!({ "x5u": "http://127.0.0.1:1/certificate" })),
        ),
        ("crit", header(json!({ "crit": ["exp"] }))),
        (
            "b64 false",
            header(json!({ "b64": false, "crit": ["b64"] })),
        ),
        ("cty", header(json!({ "cty": "JWT" }))),
        ("zip", header(json!({ "zip": "DEF" }))),
        (
            "aud another",
            claims(json!({ "aud": "https://other.example" })),
        ),
        ("aud missing", claims(json!({ "aud": null }))),
        ("aud a number", claims(json!({ "aud": 7 }))),
        (
            "iss another",
            claims(json!({ "iss": "http://127.0.0.1:1" })),
        ),
        (
            "iss with a slash",
            claims(json!({ "iss": format!("{}/", forge.claims()["iss"].as_str().unwrap()) })),
        ),
        (
            "iss a list",
            claims(json!({ "iss": [forge.claims()["iss"]] })),
        ),
        ("exp missing", claims(json!({ "exp": null }))),
        (
            "exp a text",
            claims(json!({ "exp": (now() + 300).to_string() })),
        ),
        ("exp negative", claims(json!({ "exp": -1 }))),
        ("exp beyond all time", claims(json!({ "exp": 1e308 }))),
        (
            "a lifetime of ten years",
            claims(json!({ "exp": now() + 315_360_000 })),
        ),
        ("nbf a text", claims(json!({ "nbf": "0" }))),
        ("nbf in two minutes", claims(json!({ "nbf": now() + 120 }))),
        (
            "iat in two minutes",
            claims(json!({ "iat": now() + 120, "exp": now() + 400 })),
        ),
        ("iat missing", claims(json!({ "iat": null }))),
        ("jti missing", claims(json!({ "jti": null }))),
        ("sub missing", claims(json!({ "sub": null }))),
        ("client_id missing", claims(json!({ "client_id": null }))),
        ("bound to a key", claims(json!({ "cnf": { "jkt": "x" } }))),
        (
            "a claim twice",
            forge.raw(
                &good_header,
                &good_claims.replacen('{', r#"{"sub":"other","#, 1),
            ),
        ),
        (
            "claims with a byte order mark",
            forge.raw(&good_header, &format!("\u{feff}{good_claims}")),
        ),
        (
            "claims with a NUL after them",
            forge.raw(&good_header, &format!("{good_claims}\0")),
        ),
        (
            "claims that are a list",
            forge.raw(&good_header, &format!("[{good_claims}]")),
        ),
        ("a fourth part", format!("{good}.e30")),
        ("no signature", signed.to_owned()),
        ("padding", format!("{good}=")),
        ("a signature cut short", good[..good.len() - 4].to_owned()),
        (
            "a signature of zeros",
            format!("{signed}.{}", "A".repeat(signature.len())),
        ),
        ("JSON serialisation", json!({ "payload": good }).to_string()),
        ("20 KiB", "e".repeat(20_000)),
    ]
}

fn tokens_that_are_wrong(demo: &Demo) {
    let forge = Forge::of(demo);
    let question = question(NUMBER, &SELECT);
    let call = |authorization: &str| {
        let call = demo
            .client()
            .post(demo.url("/v1/queries"))
            .header("authorization", authorization);
        call.header("content-type", "application/json")
            .body(question.to_string())
    };
    let challenged = |name: &str, call: RequestBuilder, code: &str| {
        let (reply, _) = refused(name, call, 401, code);
        let challenge = reply.header("www-authenticate");
        assert!(challenge.starts_with("Bearer"), "{name}: {challenge}");
    };
    for (name, token) in invalid_tokens(&forge) {
        challenged(name, call(&format!("Bearer {token}")), "token_invalid");
    }
    challenged(
        "another scheme",
        call("Basic YWxhZGRpbg=="),
        "token_invalid",
    );
    challenged("nothing after the scheme", call("Bearer"), "token_invalid");
    let good = forge.token(&json!({}), &json!({}));
    let twice = call(&format!("Bearer {good}")).header("authorization", format!("Bearer {good}"));
    challenged("two tokens", twice, "token_invalid");
    let over = forge.token(
        &json!({}),
        &json!({ "iat": now() - 400, "exp": now() - 60 }),
    );
    challenged("run out", call(&format!("Bearer {over}")), "token_expired");

    let bare = |path: String| {
        demo.client()
            .post(demo.url(&path))
            .header("content-type", "application/json")
    };
    let body = question.to_string();
    challenged(
        "none",
        bare("/v1/queries".to_owned()).body(body.clone()),
        "token_missing",
    );
    let in_address = bare(format!("/v1/queries?access_token={good}")).body(body);
    challenged("in the address", in_address, "token_missing");
    let in_body = with(question.clone(), &json!({ "access_token": good }));
    challenged(
        "in the body",
        bare("/v1/queries".to_owned()).body(in_body.to_string()),
        "token_missing",
    );

    for claims in [
        json!({}),
        json!({ "iat": now() + 5, "exp": now() + 300 }),
        json!({ "aud": ["x", forge.claims()["aud"]] }),
    ] {
        let token = forge.token(&json!({}), &claims);
        assert_eq!(
            demo.post("/v1/queries", &token, &question).status,
            200,
            "a good token: {claims}"
        );
    }
}

fn tokens_that_are_good_for_something_else(demo: &Demo) {
    let forge = Forge::of(demo);
    let body = question(NUMBER, &SELECT).to_string();
    let call = |token: &str| {
        let call = demo
            .client()
            .post(demo.url("/v1/queries"))
            .bearer_auth(token);
        call.header("content-type", "application/json")
            .body(body.clone())
    };
    let scoped = |scope: Value| forge.token(&json!({}), &json!({ "scope": scope }));
    for (name, token) in [
        ("no scope", scoped(Value::Null)),
        ("other services' scopes", scoped(json!("openid profile"))),
        (
            "a scope that contains ours",
            scoped(json!("queryx notquery Query")),
        ),
        ("a citizen's", demo.token("citizen").to_owned()),
        (
            "an officer's of data protection",
            demo.token("dpo").to_owned(),
        ),
        ("a registry's", demo.token("registry").to_owned()),
    ] {
        let (reply, _) = refused(name, call(&token), 403, "insufficient_scope");
        assert!(
            reply
                .header("www-authenticate")
                .contains(r#"scope="query""#),
            "{name}"
        );
    }
    let stranger = forge.token(&json!({}), &json!({ "client_id": "nobody-knows-it" }));
    drop(refused(
        "a client of no agency",
        call(&stranger),
        403,
        "unknown_client",
    ));
}
