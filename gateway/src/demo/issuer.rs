//! An issuer of test tokens. **Not for production**: it gives a token to whoever calls
//! [`Issuer::mint`], asks for no proof of identity, and cannot withdraw a token.
//!
//! It exists so that the demo, `motlan token` and tests have tokens of the form that a real issuer
//! gives (RFC 9068), checked by the same code. Its one Ed25519 key lies in a file of the given
//! directory and is made once, so that tokens outlive a restart.

use std::fmt;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::digest;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use motlan_schemas::ids::{ClientId, OfficerId, PersonalId, RegistryId};
use serde_json::{Value, json};

use crate::auth::Scopes;

/// Where the keys are, below the issuer's URL.
pub const JWKS_PATH: &str = "/.well-known/jwks.json";

/// The issuer's description of itself (RFC 8414, section 3).
const METADATA_PATH: &str = "/.well-known/oauth-authorization-server";

/// The key's file in the issuer's directory.
const KEY_FILE: &str = "test-issuer.pk8";

/// An Ed25519 key in PKCS #8 has 48 or 83 bytes; no reason to read more of a file.
const KEY_BYTES_MAX: u64 = 1024;

/// The issuer of test tokens.
#[derive(Debug)]
pub struct Issuer {
    key: Ed25519KeyPair,
    kid: String,
    url: String,
    audience: String,
}

/// What a test token shall say. `Debug` shows no person.
#[derive(Clone)]
pub struct TokenRequest {
    /// The program that will call.
    pub client_id: ClientId,
    /// On whose behalf: any name the issuer likes.
    pub subject: String,
    /// What the token may be used for.
    pub scopes: Scopes,
    /// The officer for whom the client acts.
    pub officer: Option<OfficerId>,
    /// The citizen who has signed in, for citizens' tokens.
    pub person: Option<PersonalId>,
    /// The registry for which the client speaks, for registries' tokens.
    pub registry: Option<RegistryId>,
    /// How long the token lives, in whole seconds.
    pub lifetime: SignedDuration,
}

/// Why the issuer's key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// The key's file could not be read or written.
    #[error("could not read or write `{}`", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Others than the owner may read the key.
    #[error("`{}` may be read by others; its mode must be 0600", path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
    },
    /// The file holds no Ed25519 key in PKCS #8.
    #[error("`{}` does not hold a key", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
    },
    /// No key could be made from the secret.
    #[error("could not make a key")]
    NoKey,
}

impl Issuer {
    /// Opens the issuer whose key lies in `directory`, and makes the key if there is none yet.
    ///
    /// `url` becomes the tokens' `iss`, `audience` their `aud`. `new_secret` must return 32 fresh
    /// bytes from a cryptographic source.
    ///
    /// # Errors
    /// [`IssuerError`]; an existing file is never replaced.
    pub fn open(
        directory: &Path,
        url: &str,
        audience: &str,
        new_secret: &mut dyn FnMut() -> [u8; 32],
    ) -> Result<Self, IssuerError> {
        let path = directory.join(KEY_FILE);
        if !path.exists() {
            create_key(directory, &path, new_secret())?;
        }
        let key = read_key(&path)?;
        Ok(Self {
            kid: thumbprint(&key),
            key,
            url: url.to_owned(),
            audience: audience.to_owned(),
        })
    }

    /// The public key as a JSON Web Key Set.
    #[must_use]
    pub fn jwks(&self) -> String {
        let mut jwk = public_jwk(&self.key);
        if let Value::Object(members) = &mut jwk {
            members.insert("kid".to_owned(), json!(self.kid));
            members.insert("use".to_owned(), json!("sig"));
            members.insert("alg".to_owned(), json!("EdDSA"));
        }
        json!({ "keys": [jwk] }).to_string()
    }

    /// Signs a token that says what `request` asks for. `random` becomes its `jti`.
    #[must_use]
    pub fn mint(&self, request: &TokenRequest, now: Timestamp, random: [u8; 16]) -> String {
        let header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": self.kid});
        let issued_at = now.as_second();
        let mut claims = json!({
            "iss": self.url,
            "aud": self.audience,
            "sub": request.subject,
            "client_id": request.client_id,
            "iat": issued_at,
            "exp": issued_at.saturating_add(request.lifetime.as_secs()),
            "jti": URL_SAFE_NO_PAD.encode(random),
        });
        // An empty `scope` is no scope: RFC 6749 wants at least one word.
        let scope = Some(request.scopes.to_string()).filter(|words| !words.is_empty());
        let optional = [
            ("scope", scope.map(Value::String)),
            (
                "act",
                request.officer.as_ref().map(|o| json!({"sub": o.as_str()})),
            ),
            (
                "personal_id",
                request.person.as_ref().map(|p| json!(p.expose())),
            ),
            ("registry", request.registry.as_ref().map(|r| json!(r))),
        ];
        if let Value::Object(members) = &mut claims {
            let present = |(name, value): (&str, Option<Value>)| Some((name.to_owned(), value?));
            members.extend(optional.into_iter().filter_map(present));
        }
        let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        let signature = self.key.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Serves the public key, and where it is, to a gateway that trusts this issuer.
    pub fn router(self: &Arc<Self>) -> Router {
        let jwks = self.jwks();
        let metadata = self.metadata();
        let json = |body: String| get(async move || ([(CONTENT_TYPE, "application/json")], body));
        Router::new()
            .route(JWKS_PATH, json(jwks))
            .route(METADATA_PATH, json(metadata))
    }

    fn metadata(&self) -> String {
        json!({
            "issuer": self.url,
            "jwks_uri": format!("{}{JWKS_PATH}", self.url),
            // No endpoint gives tokens, so no way of asking for one is supported.
            "response_types_supported": [],
            "grant_types_supported": [],
        })
        .to_string()
    }
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TokenRequest")
            .field("client_id", &self.client_id)
            .field("scopes", &self.scopes)
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

fn public_jwk(key: &Ed25519KeyPair) -> Value {
    let point = URL_SAFE_NO_PAD.encode(key.public_key().as_ref());
    json!({"crv": "Ed25519", "kty": "OKP", "x": point})
}

/// The key's id: RFC 7638 wants exactly these members, in this order, without white space.
fn thumbprint(key: &Ed25519KeyPair) -> String {
    let point = URL_SAFE_NO_PAD.encode(key.public_key().as_ref());
    let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{point}"}}"#);
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, canonical.as_bytes()))
}

fn create_key(directory: &Path, path: &Path, secret: [u8; 32]) -> Result<(), IssuerError> {
    let key = Ed25519KeyPair::from_seed_unchecked(&secret).map_err(|_| IssuerError::NoKey)?;
    let document: Pkcs8V1Der<'_> = key.as_der().map_err(|_| IssuerError::NoKey)?;
    let mut builder = DirBuilder::new();
    let made = builder.recursive(true).mode(0o700).create(directory);
    made.map_err(at(directory))?;
    // Written beside and then renamed, so that no half-written key is ever found.
    let beside = path.with_extension("new");
    let mut options = OpenOptions::new();
    let opened = options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = opened.open(&beside).map_err(at(&beside))?;
    file.write_all(document.as_ref()).map_err(at(&beside))?;
    file.sync_all().map_err(at(&beside))?;
    std::fs::rename(&beside, path).map_err(at(path))
}

fn read_key(path: &Path) -> Result<Ed25519KeyPair, IssuerError> {
    let file = OpenOptions::new().read(true).open(path).map_err(at(path))?;
    let mode = file.metadata().map_err(at(path))?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(IssuerError::TooOpen {
            path: path.to_owned(),
        });
    }
    let mut bytes = Vec::new();
    file.take(KEY_BYTES_MAX)
        .read_to_end(&mut bytes)
        .map_err(at(path))?;
    Ed25519KeyPair::from_pkcs8_maybe_unchecked(&bytes).map_err(|_| IssuerError::Malformed {
        path: path.to_owned(),
    })
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> IssuerError + use<> {
    let path = path.to_owned();
    move |source| IssuerError::Io { path, source }
}

#[cfg(test)]
mod tests;
