//! The known attacks on JSON Web Tokens, one table for each algorithm: every token is refused.
//!
//! After RFC 8725 and the history of its libraries. J1–J20 and J24 are the numbers of the
//! project's own list of attacks.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
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
    attacks.extend(header_attacks(signer, &good));
    attacks.extend(key_attacks(signer, &others, &twin, &good));
    attacks.extend(claim_attacks(signer, &good));
    attacks.extend(byte_attacks(signer, &good));
    attacks.extend(form_attacks(signer, &good));
    attacks.extend(signature_attacks(signer, &good));
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
        eprintln!("REASON {name:.60} => {reason}");
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

/// J1, J4–J9, J18: what the header says, rightly signed all the same.
fn header_attacks(signer: &Signer, good: &Value) -> Vec<Attack> {
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

/// J2, J3, J7: keys taken for other keys.
fn key_attacks(signer: &Signer, others: &[Signer], twin: &Signer, good: &Value) -> Vec<Attack> {
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

/// J10–J14, J24 and the claims of this gateway: one claim wrong, rightly signed.
fn claim_attacks(signer: &Signer, good: &Value) -> Vec<Attack> {
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

/// J15, J16, J19: bytes that two readers may read differently, or not at all; rightly signed.
fn byte_attacks(signer: &Signer, good: &Value) -> Vec<Attack> {
    let header = signer.header().to_string();
    let payload = good.to_string();
    let inner = |text: &str| text.strip_prefix('{').unwrap().to_owned();
    let payloads: Vec<(&str, Vec<u8>)> = vec![
        (
            "sub twice",
            format!("{{\"sub\":\"admin\",{}", inner(&payload)).into(),
        ),
        (
            "sub twice, once escaped",
            format!("{{\"s\\u0075b\":\"admin\",{}", inner(&payload)).into(),
        ),
        (
            "a null claim twice",
            format!("{{\"x\":null,\"x\":null,{}", inner(&payload)).into(),
        ),
        (
            "bad UTF-8",
            [b"{\"x\":\"\xff\",", inner(&payload).as_bytes()].concat(),
        ),
        (
            "an overlong UTF-8 form",
            [b"{\"x\":\"\xc0\xaf\",", inner(&payload).as_bytes()].concat(),
        ),
        (
            "a byte order mark",
            [b"\xef\xbb\xbf", payload.as_bytes()].concat(),
        ),
        (
            "a lone surrogate",
            format!("{{\"x\":\"\\ud800\",{}", inner(&payload)).into(),
        ),
        (
            "a raw NUL",
            format!("{{\"x\":\"\0\",{}", inner(&payload)).into(),
        ),
        ("NUL after the object", format!("{payload}\0").into()),
        ("two objects", format!("{payload}{payload}").into()),
        (
            "a null claim",
            format!("{{\"cnf\":null,{}", inner(&payload)).into(),
        ),
        (
            "a trailing comma",
            format!("{},}}", payload.strip_suffix('}').unwrap()).into(),
        ),
        ("a list", format!("[{payload}]").into()),
        ("a text", json!(payload).to_string().into()),
        (
            "deep lists",
            format!(
                "{{\"x\":{}{},{}",
                "[".repeat(900),
                "]".repeat(900),
                inner(&payload)
            )
            .into(),
        ),
        ("nested token", sign_again(signer, good).into()),
        (
            "an infinite number",
            format!("{{\"x\":1e999,{}", inner(&payload)).into(),
        ),
    ];
    let headers: Vec<(&str, Vec<u8>)> = vec![
        (
            "alg twice",
            format!("{{\"alg\":\"none\",{}", inner(&header)).into(),
        ),
        (
            "kid twice, once escaped",
            format!("{{\"\\u006bid\":\"x\",{}", inner(&header)).into(),
        ),
        (
            "bad UTF-8 in the header",
            [b"{\"x\":\"\xff\",", inner(&header).as_bytes()].concat(),
        ),
        (
            "a byte order mark in the header",
            [b"\xef\xbb\xbf", header.as_bytes()].concat(),
        ),
        (
            "a deep header",
            format!(
                "{{\"x\":{}{},{}",
                "[".repeat(900),
                "]".repeat(900),
                inner(&header)
            )
            .into(),
        ),
        ("an endless deep header", "[".repeat(5000).into()),
        (
            "crit null",
            format!("{{\"crit\":null,{}", inner(&header)).into(),
        ),
        ("an empty header", b"{}".to_vec()),
        ("a header that is no object", b"[]".to_vec()),
    ];
    let payloads = payloads.into_iter().map(|(name, bytes)| {
        (
            name.to_owned(),
            signer.sign_bytes(header.as_bytes(), &bytes).into_bytes(),
        )
    });
    let headers = headers.into_iter().map(|(name, bytes)| {
        (
            name.to_owned(),
            signer.sign_bytes(&bytes, payload.as_bytes()).into_bytes(),
        )
    });
    payloads.chain(headers).collect()
}

/// A token as the payload of another.
fn sign_again(signer: &Signer, good: &Value) -> String {
    signer.sign_json(&signer.header(), good)
}

/// J17–J19: the outer form.
fn form_attacks(signer: &Signer, good: &Value) -> Vec<Attack> {
    let token = signer.sign_json(&signer.header(), good);
    let [header, payload, signature]: [&str; 3] =
        token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let padded = |part: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(part).unwrap();
        URL_SAFE.encode(bytes)
    };
    let spare = format!("{{\"typ\":\"at+jwt\",{}", &signer.header().to_string()[1..]);
    let mut forms = vec![
        ("two parts", format!("{header}.{payload}")),
        ("no signature", format!("{header}.{payload}.")),
        ("no payload", format!("{header}..{signature}")),
        ("no header", format!(".{payload}.{signature}")),
        ("four parts", format!("{token}.{signature}")),
        ("four parts, one empty", format!("{token}.")),
        (
            "five parts, like JWE",
            format!("{header}.{payload}.{payload}.{payload}.{signature}"),
        ),
        ("a leading dot", format!(".{token}")),
        ("dots only", "..".to_owned()),
        ("nothing", String::new()),
        ("padding at the end", format!("{token}=")),
        ("padding twice at the end", format!("{token}==")),
        (
            "padding inside",
            format!("{}=.{payload}.{signature}", header),
        ),
        ("a space inside", format!("{header}. {payload}.{signature}")),
        ("a space in front", format!(" {token}")),
        ("a tab at the end", format!("{token}\t")),
        ("a line inside", format!("{header}.{payload}\n.{signature}")),
        ("percent signs", token.replace('.', "%2e")),
        ("a plus", format!("{header}.{payload}.+{signature}")),
        ("a slash", format!("{header}.{payload}./{signature}")),
        ("a NUL", format!("{header}.{payload}.{signature}\0")),
        ("quoted", format!("\"{token}\"")),
        (
            "JSON serialisation",
            json!({"payload": payload, "protected": header, "signature": signature}).to_string(),
        ),
        (
            "one megabyte",
            format!("{header}.{}.{signature}", "A".repeat(1024 * 1024)),
        ),
        (
            "one byte too many",
            format!("{header}.{payload}.{}", "A".repeat(8 * 1024)),
        ),
        (
            "typ twice",
            format!("{}.{payload}.{signature}", URL_SAFE_NO_PAD.encode(spare)),
        ),
        ("parts swapped", format!("{payload}.{header}.{signature}")),
        (
            "unsigned",
            format!(
                "{}.{payload}.",
                URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"at+jwt"}"#)
            ),
        ),
    ];
    if padded(payload) != payload {
        forms.push((
            "padded payload",
            format!("{header}.{}.{signature}", padded(payload)),
        ));
    }
    let forms = forms
        .into_iter()
        .map(|(name, token)| (name.to_owned(), token.into_bytes()));
    // Bytes beyond ASCII may stand in a header value.
    forms
        .chain([("not ASCII".to_owned(), [token.as_bytes(), b"\xff"].concat())])
        .collect()
}

/// J20: signatures that are none.
fn signature_attacks(signer: &Signer, good: &Value) -> Vec<Attack> {
    let token = signer.sign_json(&signer.header(), good);
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let real = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let half = real.len() / 2;
    let flipped = |at: usize| {
        let mut bytes = real.clone();
        bytes[at] ^= 1;
        bytes
    };
    let mut one = vec![0; real.len()];
    one[0] = 1;
    let mut signatures = vec![
        ("all zero", vec![0; real.len()]),
        ("all ones", vec![0xff; real.len()]),
        ("a small point and zero", one),
        ("r zero", [vec![0; half], real[half..].to_vec()].concat()),
        ("s zero", [real[..half].to_vec(), vec![0; half]].concat()),
        ("halves swapped", [&real[half..], &real[..half]].concat()),
        ("one byte short", real[..real.len() - 1].to_vec()),
        ("one byte long", [real.as_slice(), &[0]].concat()),
        ("one zero in front", [&[0], real.as_slice()].concat()),
        ("half", real[..half].to_vec()),
        ("one byte", vec![0]),
        ("first bit", flipped(0)),
        ("last bit", flipped(real.len() - 1)),
        ("middle bit", flipped(half)),
        ("of another message", signer.signature(b"another message")),
        (
            "of the bare claims",
            signer.signature(good.to_string().as_bytes()),
        ),
        ("in DER", der(&real)),
    ];
    if signer.alg() == "EdDSA" {
        signatures.push(("s beyond the group's order", with_order_added(&real)));
    }
    let forge = |(name, bytes): (&str, Vec<u8>)| {
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(bytes));
        (format!("signature: {name}"), token.into_bytes())
    };
    signatures.into_iter().map(forge).collect()
}

/// The DER form of a signature (r, s), which JWS does not use (RFC 7518, section 3.4).
fn der(real: &[u8]) -> Vec<u8> {
    let integer = |bytes: &[u8]| {
        let mut body = vec![0];
        body.extend_from_slice(bytes);
        [vec![2, u8::try_from(body.len() % 128).unwrap()], body].concat()
    };
    let (r, s) = real.split_at(real.len() / 2);
    let body = [integer(r), integer(s)].concat();
    [vec![0x30, u8::try_from(body.len() % 128).unwrap()], body].concat()
}

/// An Ed25519 signature with the order of the group added to `s`: the same point, another text.
fn with_order_added(real: &[u8]) -> Vec<u8> {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut changed = real.to_vec();
    let mut carry = 0;
    for (byte, order) in changed[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
    changed
}

/// J24: words that look like a scope grant nothing, and `sub` is never taken for the client.
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
