//! One claim wrong, rightly signed.

use serde_json::{Value, json};

use super::super::issuer::Signer;
use super::super::{AUDIENCE, ISSUER};
use super::{Attack, with};

/// One claim wrong, rightly signed.
pub(super) fn claim_attacks(signer: &Signer, good: &Value) -> Vec<Attack> {
    let now = good["iat"].as_i64().unwrap();
    let mut changes: Vec<Value> = ["iss", "aud", "sub", "client_id", "jti", "iat", "exp"]
        .into_iter()
        .flat_map(|claim| {
            // `null` takes the claim away; the others give it a wrong type.
            [
                json!(null),
                json!(true),
                json!({}),
                json!([]),
                json!(""),
                json!([null]),
            ]
            .map(|value| json!({ claim: value }))
        })
        .collect();
    for iss in [
        json!([ISSUER]),
        json!(format!("{ISSUER}/")),
        json!("https://issuer.test.attacker.test"),
        json!("HTTPS://ISSUER.TEST"),
        json!(1),
    ] {
        changes.push(json!({ "iss": iss }));
    }
    for aud in [
        json!("https://motlan.test/"),
        json!("motlan"),
        json!(["https://other.test"]),
        json!([AUDIENCE, 7]),
        json!([[AUDIENCE]]),
        json!(7),
        json!(format!("{AUDIENCE} https://other.test")),
    ] {
        changes.push(json!({ "aud": aud }));
    }
    for exp in [
        json!("tomorrow"),
        json!((now + 300).to_string()),
        json!(1e308),
        json!(-1),
        json!(now - 11),
        json!(now + 3601),
        json!((now + 300) as f64 + 0.5),
        json!(u64::MAX),
        json!(i64::MAX),
        json!(253_402_300_800_i64),
    ] {
        changes.push(json!({ "exp": exp }));
    }
    for claim in ["nbf", "iat"] {
        for value in [
            json!(now.to_string()),
            json!(now + 61),
            json!(1e308),
            json!(-1),
            json!([now]),
            json!(false),
        ] {
            changes.push(json!({ claim: value }));
        }
    }
    changes.extend([
        json!({"scope": ["query"]}),
        json!({"scope": "query  me"}),
        json!({"scope": " query"}),
        json!({"scope": ""}),
        json!({"scope": 1}),
        json!({"act": "cb-4711"}),
        json!({"act": {}}),
        json!({"act": {"sub": 7}}),
        json!({"act": {"sub": "a\nb"}}),
        json!({"act": {"sub": "x".repeat(65)}}),
        json!({"cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}}),
        json!({"cnf": {}}),
        json!({"personal_id": "000000000000"}),
        json!({"personal_id": 1_185_012_345}),
        json!({"personal_id": "٠٠١١٨٥٠١٢٣٤٥"}),
        json!({"registry": "../land"}),
        json!({"registry": ["land"]}),
        json!({"client_id": "Ward Client"}),
        json!({"client_id": "a".repeat(65)}),
        json!({"sub": "s".repeat(257)}),
        json!({"sub": "a\u{0}b"}),
        json!({"jti": 7}),
    ]);
    let sign = |change: Value| {
        let token = signer.sign_json(&signer.header(), &with(good, &change));
        (format!("claims {change}"), token.into_bytes())
    };
    changes.into_iter().map(sign).collect()
}
