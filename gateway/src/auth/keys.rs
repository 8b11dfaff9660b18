//! The issuer's key set (RFC 7517): which of its keys may verify a token, and for which algorithm.
//!
//! A key that is not clearly one public signature key is left out; tokens that name it are refused.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use motlan_schemas::json;
use serde_json::{Map, Value};

use super::header::is_kid;
use super::signature::{Algorithm, PublicKey, VerifyingKey};

/// Rotation keeps two or three keys; a set of more than this is not one issuer's.
const KEYS_MAX: usize = 32;

/// Set, list, key, list of operations: four levels.
const DEPTH_MAX: usize = 6;

/// Members that only secret keys have. A published secret key verifies nothing any more.
const SECRET_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// RSA moduli: 2048 to 8192 bits.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;

/// RSA exponents: up to 32 bits; all known issuers use 65537.
const EXPONENT_BYTES_MAX: usize = 4;

/// The usable keys of an issuer by their ids.
#[derive(Default, PartialEq)]
pub(super) struct KeySet(HashMap<Box<str>, Arc<VerifyingKey>>);

/// Why a document is no key set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum KeySetError {
    #[error("the answer is not a JSON Web Key Set")]
    Malformed,
    #[error("the key set has more than {KEYS_MAX} keys")]
    TooMany,
}

impl KeySet {
    /// Reads a key set, keeping the keys for one of `algorithms`.
    ///
    /// A set without a usable key is a set all the same: an issuer that withdraws its last key
    /// means it.
    pub(super) fn parse(bytes: &[u8], algorithms: &[Algorithm]) -> Result<Self, KeySetError> {
        let document = json::parse(bytes, DEPTH_MAX).map_err(|_| KeySetError::Malformed)?;
        let keys = document.get("keys").and_then(Value::as_array);
        let keys = keys.ok_or(KeySetError::Malformed)?;
        if keys.len() > KEYS_MAX {
            return Err(KeySetError::TooMany);
        }
        let named = |kid: &str| {
            let same = |key: &&Value| key.get("kid").and_then(Value::as_str) == Some(kid);
            keys.iter().filter(same).count()
        };
        let usable = keys
            .iter()
            .filter_map(Value::as_object)
            .filter_map(read_key)
            .filter(|(_, key)| algorithms.contains(&key.algorithm()))
            // Two keys of one id: nobody can say which is meant, so neither counts.
            .filter(|(kid, _)| named(kid) == 1)
            .map(|(kid, key)| (kid, Arc::new(key)))
            .collect();
        Ok(Self(usable))
    }

    pub(super) fn get(&self, kid: &str) -> Option<Arc<VerifyingKey>> {
        self.0.get(kid).cloned()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// One key with its id, if it is a public signature key of a kind that is known here.
fn read_key(jwk: &Map<String, Value>) -> Option<(Box<str>, VerifyingKey)> {
    let kid = text(jwk, "kid").filter(|kid| is_kid(kid))?;
    let is_for_signatures = match jwk.get("use") {
        Some(usage) => usage == "sig",
        None => true,
    };
    let may_verify = match jwk.get("key_ops") {
        Some(operations) => operations.as_array()?.iter().any(|name| name == "verify"),
        None => true,
    };
    let is_public = !SECRET_MEMBERS
        .iter()
        .any(|member| jwk.contains_key(*member));
    if !(is_for_signatures && may_verify && is_public) {
        return None;
    }
    let key = VerifyingKey::new(read_public_key(jwk)?);
    // INVARIANT: type and curve decide the algorithm; `alg`, where given, must be that one. An RSA
    // key without `alg` is one for PS256, never for the older padding.
    let agrees = match jwk.get("alg") {
        Some(name) => name.as_str().and_then(Algorithm::from_name) == Some(key.algorithm()),
        None => true,
    };
    agrees.then(|| (kid.into(), key))
}

fn read_public_key(jwk: &Map<String, Value>) -> Option<PublicKey> {
    match (text(jwk, "kty")?, text(jwk, "crv")) {
        ("OKP", Some("Ed25519")) => {
            let point: [u8; 32] = number(jwk, "x")?.try_into().ok()?;
            (!is_of_small_order(&point)).then_some(PublicKey::Ed25519(point))
        }
        ("EC", Some("P-256")) => {
            let (x, y) = (number(jwk, "x")?, number(jwk, "y")?);
            if x.len() != 32 {
                return None;
            }
            let point = [&[4], x.as_slice(), y.as_slice()].concat();
            Some(PublicKey::P256(point.try_into().ok()?))
        }
        ("RSA", None) => {
            let (n, e) = (number(jwk, "n")?, number(jwk, "e")?);
            let sized = MODULUS_BYTES.contains(&n.len()) && e.len() <= EXPONENT_BYTES_MAX;
            let minimal = n.first() != Some(&0) && e.first() != Some(&0);
            (sized && minimal && !e.is_empty()).then_some(PublicKey::Rsa { n, e })
        }
        _ => None,
    }
}

fn text<'a>(jwk: &'a Map<String, Value>, member: &str) -> Option<&'a str> {
    jwk.get(member).and_then(Value::as_str)
}

fn number(jwk: &Map<String, Value>, member: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text(jwk, member)?).ok()
}

/// Whether an Ed25519 point is one of the few for which anybody can make signatures (RFC 8032,
/// section 8.9, leaves the check to the application). The sign bit does not matter.
fn is_of_small_order(point: &[u8; 32]) -> bool {
    let [rest @ .., last] = point;
    let last = last & 0x7f;
    let field_prime = |lowest: u8| {
        let [first, middle @ ..] = rest;
        *first == lowest && middle.iter().all(|byte| *byte == 0xff) && last == 0x7f
    };
    let small = |lowest: u8| {
        let [first, middle @ ..] = rest;
        *first == lowest && middle.iter().all(|byte| *byte == 0) && last == 0
    };
    // y = 0, 1, -1, the same beyond the prime, and the two points of order eight.
    small(0)
        || small(1)
        || (0xec..=0xee).any(field_prime)
        || ORDER_EIGHT
            .iter()
            .any(|[known @ .., top]| known == rest && *top == last)
}

const ORDER_EIGHT: [[u8; 32]; 2] = [
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ed25519(kid: &str) -> Value {
        let point = URL_SAFE_NO_PAD.encode([9; 32]);
        json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": point})
    }

    fn with(kid: &str, extra: Value) -> Value {
        let mut key = ed25519(kid);
        let (Value::Object(members), Value::Object(extra)) = (&mut key, extra) else {
            unreachable!()
        };
        members.extend(extra);
        key
    }

    fn parse(keys: &[Value]) -> Result<KeySet, KeySetError> {
        KeySet::parse(
            json!({ "keys": keys }).to_string().as_bytes(),
            &Algorithm::ALL,
        )
    }

    #[test]
    fn only_clear_public_signature_keys_count() {
        let good = [
            json!({}),
            json!({"use": "sig", "alg": "EdDSA"}),
            json!({"alg": "Ed25519", "key_ops": ["verify"], "x5t": "…"}),
        ];
        for extra in good {
            assert_eq!(
                parse(&[with("a", extra.clone())]).unwrap().len(),
                1,
                "{extra}"
            );
        }
        let bad = [
            json!({"use": "enc"}),
            json!({"use": null}),
            json!({"key_ops": ["sign"]}),
            json!({"key_ops": "verify"}),
            json!({"d": "c2VjcmV0"}),
            json!({"alg": "ES256"}),
            json!({"alg": "HS256"}),
            json!({"alg": null}),
            json!({"crv": "Ed448"}),
            json!({"crv": "X25519"}),
            json!({"kty": "oct", "k": "AAAA"}),
            json!({"kty": "EC"}),
            json!({"kid": ""}),
            json!({"kid": "x".repeat(129)}),
            json!({"kid": 7}),
            json!({"x": "AAAA"}),
            json!({"x": "not base64url"}),
        ];
        for extra in bad {
            assert_eq!(
                parse(&[with("a", extra.clone())]).unwrap().len(),
                0,
                "{extra}"
            );
        }
    }

    #[test]
    fn two_keys_of_one_id_are_both_dropped() {
        let other = with("a", json!({"use": "enc"}));
        let set = parse(&[ed25519("a"), other, ed25519("b")]).unwrap();
        assert_eq!(set.len(), 1);
        assert!(set.get("a").is_none() && set.get("b").is_some());
    }

    #[test]
    fn what_is_no_key_set_is_told_from_an_empty_one() {
        assert_eq!(parse(&[]).unwrap().len(), 0);
        let many: Vec<_> = (0..33).map(|n| ed25519(&n.to_string())).collect();
        assert_eq!(parse(&many).err(), Some(KeySetError::TooMany));
        for bad in [
            "",
            "[]",
            "{}",
            r#"{"keys": {}}"#,
            r#"{"keys": [], "keys": []}"#,
            r#"{"keys": [[[[[[[]]]]]]]}"#,
            "<html>",
        ] {
            let parsed = KeySet::parse(bad.as_bytes(), &Algorithm::ALL);
            assert_eq!(parsed.err(), Some(KeySetError::Malformed), "{bad}");
        }
    }

    #[test]
    fn keys_for_algorithms_that_are_not_accepted_do_not_count() {
        let document = json!({ "keys": [ed25519("a")] }).to_string();
        let set = KeySet::parse(document.as_bytes(), &[Algorithm::Es256]).unwrap();
        assert_eq!(set.len(), 0);
    }

    /// Under a point of small order the signature (1, 0) fits one message in eight, at least: the
    /// library accepts it, so the key must never get that far.
    #[test]
    fn points_under_which_anybody_can_sign_are_refused() {
        let one = {
            let mut bytes = [0; 32];
            bytes[0] = 1;
            bytes
        };
        let minus_one = {
            let mut bytes = [0xff; 32];
            bytes[0] = 0xec;
            bytes[31] = 0x7f;
            bytes
        };
        let signature = URL_SAFE_NO_PAD.encode([one, [0; 32]].concat());
        for point in [[0; 32], one, minus_one, ORDER_EIGHT[0], ORDER_EIGHT[1]] {
            let key = VerifyingKey::new(PublicKey::Ed25519(point));
            let forged = (0..400).any(|n| key.verifies(&n.to_string(), &signature));
            assert!(forged, "the point is of small order: {point:x?}");
            for sign in [0, 0x80] {
                let mut point = point;
                point[31] |= sign;
                let x = URL_SAFE_NO_PAD.encode(point);
                assert_eq!(parse(&[with("a", json!({ "x": x }))]).unwrap().len(), 0);
            }
        }
    }
}
