//! What a header may not say, and keys taken for other keys.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::super::issuer::Signer;
use super::{Attack, with};

/// What the header says, rightly signed all the same.
pub(super) fn header_attacks(signer: &Signer, good: &Value) -> Vec<Attack> {
    let mut changes = Vec::new();
    for alg in [
        "none", "None", "nOnE", "NONE", "", "HS256", "RS256", "ES384", "ES256K", "eddsa",
    ] {
        changes.push(json!({ "alg": alg }));
    }
    changes.extend([
        json!({"alg": null}),
        json!({"alg": 1}),
        json!({"alg": [signer.alg()]}),
    ]);
    changes.push(json!({"jwk": signer.jwk()}));
    for name in ["jku", "x5u"] {
        changes.push(json!({ name: "https://attacker.test/keys" }));
    }
    changes.push(json!({"x5c": ["MIIB"]}));
    for kid in [
        "",
        "unknown",
        "../../etc/passwd",
        "' OR 1=1 --",
        "key-1\0",
        "KEY-1",
        "é",
    ] {
        changes.push(json!({ "kid": kid }));
    }
    changes.extend([
        json!({"kid": null}),
        json!({"kid": 1}),
        json!({"kid": ["key-1"]}),
        json!({"kid": "k".repeat(129)}),
        json!({"kid": "k".repeat(100_000)}),
        json!({"crit": ["exp"]}),
        json!({"crit": []}),
        json!({"crit": ["b64"], "b64": false}),
        json!({"b64": false}),
        json!({"b64": true}),
        json!({"zip": "DEF"}),
        json!({"enc": "A256GCM"}),
        json!({"cty": "JWT"}),
        json!({"alg": "PBES2-HS256+A128KW", "p2c": 1_000_000_000}),
        json!({"alg": "RSA-OAEP-256", "enc": "A256GCM"}),
    ]);
    for typ in [
        "JWT",
        "jwt",
        "dpop+jwt",
        "logout+jwt",
        "at+jwt ",
        "at",
        "application/jwt",
        "",
    ] {
        changes.push(json!({ "typ": typ }));
    }
    changes.extend([json!({"typ": null}), json!({"typ": ["at+jwt"]})]);
    let sign = |change: Value| {
        let token = signer.sign_json(&with(&signer.header(), &change), good);
        (format!("header {change}"), token.into_bytes())
    };
    changes.into_iter().map(sign).collect()
}

/// Keys taken for other keys.
pub(super) fn key_attacks(
    signer: &Signer,
    others: &[Signer],
    twin: &Signer,
    good: &Value,
) -> Vec<Attack> {
    let mut attacks = Vec::new();
    let jwk = signer.jwk();
    let public = ["x", "n"]
        .iter()
        .find_map(|member| jwk[*member].as_str())
        .unwrap();
    let raw = URL_SAFE_NO_PAD.decode(public).unwrap();
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        STANDARD.encode(&raw)
    );
    let secrets = [
        raw,
        pem.into_bytes(),
        jwk.to_string().into_bytes(),
        Vec::new(),
    ];
    for (number, secret) in secrets.iter().enumerate() {
        let header = with(&signer.header(), &json!({"alg": "HS256"}));
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", encode(&header), encode(good));
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let tag = hmac::sign(&key, signed.as_bytes());
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag));
        attacks.push((format!("HS256 with secret {number}"), token.into_bytes()));
    }
    for other in others {
        // Signed by one key, under the name of another; then with the other's algorithm as well.
        let borrowed = with(&other.header(), &json!({"kid": signer.kid}));
        attacks.push((
            format!("{} as {}", other.alg(), signer.kid),
            other.sign_json(&borrowed, good).into_bytes(),
        ));
        attacks.push((
            format!("{} signs for {}", other.kid, signer.alg()),
            other.sign_json(&signer.header(), good).into_bytes(),
        ));
        let renamed = with(&signer.header(), &json!({"kid": other.kid}));
        attacks.push((
            format!("{} under {}", signer.alg(), other.kid),
            signer.sign_json(&renamed, good).into_bytes(),
        ));
        if other.alg() != signer.alg() {
            let confused = with(&other.header(), &json!({"alg": signer.alg()}));
            attacks.push((
                format!("{} says {}", other.kid, signer.alg()),
                other.sign_json(&confused, good).into_bytes(),
            ));
        }
    }
    attacks.push((
        "two keys of one id".to_owned(),
        twin.sign_json(&twin.header(), good).into_bytes(),
    ));
    attacks
}
