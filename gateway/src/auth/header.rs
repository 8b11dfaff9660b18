//! The outer form of a token: three base64url parts, and a header that may say very little.
//!
//! Compact serialisation only (RFC 7515, section 7.1). Whatever in a header would let the token
//! choose its own key, or change what the signature covers, refuses the token unread.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use motlan_schemas::json;
use serde_json::{Map, Value};

use super::signature::Algorithm;
use super::{AuthError, invalid};

/// Tokens of this system take less than 1 KiB; issuers that add much stay below this.
pub(super) const TOKEN_BYTES_MAX: usize = 8 * 1024;

/// Key ids of known issuers have 8 to 64 characters.
const KID_BYTES_MAX: usize = 128;

/// A header is flat; the one list it might hold (`crit`) is refused anyway.
const HEADER_DEPTH_MAX: usize = 3;

/// Members that refuse a token, each with what the caller is told.
///
/// Keys and their addresses inside a token (RFC 8725, section 3.10), extensions that must be
/// understood (RFC 7515, section 4.1.11), and everything of encryption, compression and nesting.
const REFUSED: [(&str, &str); 9] = [
    ("crit", "the header must not have `crit`"),
    ("b64", "the header must not have `b64`"),
    ("zip", "the header must not have `zip`"),
    ("enc", "the header must not have `enc`"),
    ("cty", "the header must not have `cty`"),
    ("jwk", "the header must not have `jwk`"),
    ("jku", "the header must not have `jku`"),
    ("x5u", "the header must not have `x5u`"),
    ("x5c", "the header must not have `x5c`"),
];

/// A token taken apart; nothing of it is verified yet.
pub(super) struct Compact<'a> {
    /// The algorithm that the header claims.
    pub(super) algorithm: Algorithm,
    /// The id of the key that the header claims.
    pub(super) kid: Box<str>,
    /// Header and payload as they were signed.
    pub(super) signed: &'a str,
    /// The decoded claims.
    pub(super) payload: Vec<u8>,
    /// The signature, still base64url.
    pub(super) signature: &'a str,
}

impl<'a> Compact<'a> {
    /// Takes `token` apart and reads its header.
    pub(super) fn parse(token: &'a str) -> Result<Self, AuthError> {
        let mistake = || invalid("a token has three base64url parts with a dot between them");
        let (signed, signature) = token.rsplit_once('.').ok_or_else(mistake)?;
        let (header, payload) = signed.split_once('.').ok_or_else(mistake)?;
        // A fourth part would leave a dot here; so would anything outside the alphabet.
        let is_part = |part: &str| !part.is_empty() && part.bytes().all(is_base64url);
        if ![header, payload, signature].into_iter().all(is_part) {
            return Err(mistake());
        }
        let decode = |part| URL_SAFE_NO_PAD.decode(part).map_err(|_| mistake());
        let header = read(&decode(header)?)?;
        Ok(Self {
            algorithm: algorithm(&header)?,
            kid: kid(&header)?,
            signed,
            payload: decode(payload)?,
            signature,
        })
    }
}

fn read(bytes: &[u8]) -> Result<Map<String, Value>, AuthError> {
    let Ok(Value::Object(header)) = json::parse(bytes, HEADER_DEPTH_MAX) else {
        return Err(invalid(
            "the header is not one JSON object with each key once",
        ));
    };
    let refused = REFUSED
        .into_iter()
        .find(|(name, _)| header.contains_key(*name));
    if let Some((_, reason)) = refused {
        return Err(invalid(reason));
    }
    // RFC 9068, section 4: an ID token, a logout token or a DPoP proof is no access token.
    let typ = header.get("typ").and_then(Value::as_str);
    let is_access_token = typ.is_some_and(|typ| {
        typ.eq_ignore_ascii_case("at+jwt") || typ.eq_ignore_ascii_case("application/at+jwt")
    });
    if is_access_token {
        Ok(header)
    } else {
        Err(invalid("the header's `typ` is not `at+jwt`"))
    }
}

fn algorithm(header: &Map<String, Value>) -> Result<Algorithm, AuthError> {
    header
        .get("alg")
        .and_then(Value::as_str)
        .and_then(Algorithm::from_name)
        .ok_or_else(|| invalid("the algorithm is not one of those accepted here"))
}

fn kid(header: &Map<String, Value>) -> Result<Box<str>, AuthError> {
    header
        .get("kid")
        .and_then(Value::as_str)
        .filter(|kid| is_kid(kid))
        .map(Into::into)
        .ok_or_else(|| invalid("the header needs a `kid` of 1 to 128 printable ASCII characters"))
}

/// Whether a text may be a key's id, in a header as in a key set.
pub(super) fn is_kid(text: &str) -> bool {
    (1..=KID_BYTES_MAX).contains(&text.len()) && text.bytes().all(|b| matches!(b, b' '..=b'~'))
}

const fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}
