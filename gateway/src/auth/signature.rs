//! Signatures: the three algorithms, and a self-test that they work before anybody relies on them.
//!
//! jsonwebtoken finds its cryptography at run time and panics at the first signature when it finds
//! none, or two. So it is installed by hand and tried once at start.

use aws_lc_rs::signature::ED25519_PUBLIC_KEY_LEN;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::crypto::{CryptoProvider, aws_lc};
use serde::{Deserialize, Serialize};

/// A signature algorithm of the FAPI 2.0 security profile (section 5.4.1): asymmetric, and without
/// the weaknesses of RSA with PKCS #1 v1.5 padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// Ed25519 (RFC 8037), also called `Ed25519` (RFC 9864).
    #[serde(rename = "EdDSA", alias = "Ed25519")]
    EdDsa,
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// RSASSA-PSS with SHA-256.
    #[serde(rename = "PS256")]
    Ps256,
}

/// Signatures cannot be checked by this program on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cryptographic self-test failed")]
pub struct CryptographyError;

impl Algorithm {
    /// Every algorithm.
    pub const ALL: [Self; 3] = [Self::EdDsa, Self::Es256, Self::Ps256];

    /// The algorithm of exactly this name in an `alg` member.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "EdDSA" | "Ed25519" => Some(Self::EdDsa),
            "ES256" => Some(Self::Es256),
            "PS256" => Some(Self::Ps256),
            _ => None,
        }
    }
}

/// The numbers of a public key, as they stand in a JWK (RFC 7518, section 6; RFC 8037).
#[derive(PartialEq, Eq)]
pub(super) enum PublicKey {
    /// An Ed25519 point.
    Ed25519([u8; ED25519_PUBLIC_KEY_LEN]),
    /// A point of P-256, uncompressed: 4, x, y.
    P256([u8; 65]),
    /// An RSA modulus and exponent, big-endian.
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

/// A public key with the one algorithm it is for.
pub(super) struct VerifyingKey {
    public: PublicKey,
    decoding: DecodingKey,
}

impl VerifyingKey {
    pub(super) fn new(public: PublicKey) -> Self {
        let decoding = match &public {
            PublicKey::Ed25519(point) => DecodingKey::from_ed_der(point),
            PublicKey::P256(point) => DecodingKey::from_ec_der(point),
            PublicKey::Rsa { n, e } => DecodingKey::from_rsa_raw_components(n, e),
        };
        Self { public, decoding }
    }

    pub(super) const fn algorithm(&self) -> Algorithm {
        match self.public {
            PublicKey::Ed25519(_) => Algorithm::EdDsa,
            PublicKey::P256(_) => Algorithm::Es256,
            PublicKey::Rsa { .. } => Algorithm::Ps256,
        }
    }

    /// Whether `signature` (base64url) is this key's signature of `signed`.
    ///
    /// An ECDSA signature has a twin with the negated `s` that verifies too; RFC 7518 allows both.
    /// The twin carries the same claims, and nothing here takes a signature for an identity.
    pub(super) fn verifies(&self, signed: &str, signature: &str) -> bool {
        let algorithm = match self.algorithm() {
            Algorithm::EdDsa => jsonwebtoken::Algorithm::EdDSA,
            Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
            Algorithm::Ps256 => jsonwebtoken::Algorithm::PS256,
        };
        // An error means a malformed signature or key: no more acceptable than a wrong one.
        jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &self.decoding, algorithm)
            .unwrap_or(false)
    }
}

impl PartialEq for VerifyingKey {
    fn eq(&self, other: &Self) -> bool {
        self.public == other.public
    }
}

/// Makes aws-lc the cryptography of jsonwebtoken for the whole process, and tries it.
///
/// # Errors
/// [`CryptographyError`] if a known good signature is refused or a bad one accepted.
pub fn install_cryptography() -> Result<(), CryptographyError> {
    // An error means that one is installed already; whether it works is what the test says.
    let _: Result<(), &CryptoProvider> = aws_lc::DEFAULT_PROVIDER.install_default();
    let key = VerifyingKey::new(PublicKey::Ed25519(SELF_TEST_KEY));
    let good = key.verifies(SELF_TEST_SIGNED, SELF_TEST_SIGNATURE);
    let bad = key.verifies("eyJhbGciOiJFZERTQSJ9.e30", SELF_TEST_SIGNATURE);
    if good && !bad {
        Ok(())
    } else {
        Err(CryptographyError)
    }
}

/// The published example of RFC 8037, appendices A.2 and A.4.
const SELF_TEST_KEY: [u8; ED25519_PUBLIC_KEY_LEN] = [
    0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
    0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
];
const SELF_TEST_SIGNED: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
const SELF_TEST_SIGNATURE: &str =
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_verifies_however_often_it_is_tried() {
        assert_eq!(install_cryptography(), Ok(()));
        assert_eq!(install_cryptography(), Ok(()));
    }
}
