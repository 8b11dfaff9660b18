//! Signatures that are none.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::super::issuer::Signer;
use super::Attack;

/// Signatures that are none.
pub(super) fn signature_attacks(signer: &Signer, good: &Value) -> Vec<Attack> {
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
