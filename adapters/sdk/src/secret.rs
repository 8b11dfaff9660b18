//! A secret in a configuration: written there, or better, named there and kept elsewhere.
//!
//! A configuration file is copied, mailed and put under version control, so a password in it is
//! known to more people than need it. A [`Secret`] may therefore name an environment variable or a
//! file (as secret stores of container platforms provide them) instead:
//!
//! ```toml
//! bearer_token = "a text"                       # for tests and demos
//! bearer_token = { env = "INSURANCE_TOKEN" }    # an environment variable
//! bearer_token = { file = "/run/secrets/token" }  # a file; a final line break is no part of it
//! ```
//!
//! The value is read when the client is made, so a missing one is noticed at the start and not at
//! the first question. It is in no `Debug` output and no error.

use crate::config::ConfigError;
use secrecy::{ExposeSecret, SecretString};
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};
use std::{
    fmt::{self, Debug, Formatter},
    io::{self, Read},
    path::{Path, PathBuf},
};

/// A secret, or where it is kept.
///
/// ```
/// use motlan_adapter_sdk::secret::Secret;
/// use secrecy::ExposeSecret;
/// let secret: Secret = serde_json::from_str(r#"{"env": "TOKEN"}"#).unwrap();
/// let environment = |name: &str| (name == "TOKEN").then(|| "s3cret".to_owned());
/// assert_eq!(secret.reveal_with("bearer_token", environment).unwrap().expose_secret(), "s3cret");
/// assert_eq!(format!("{:?}", Secret::from("s3cret")), "Secret(…)");
/// ```
#[derive(Clone)]
pub struct Secret(Source);

#[derive(Clone)]
enum Source {
    Text(SecretString),
    Environment(String),
    File(PathBuf),
}

impl Secret {
    /// The secret in a variable of the environment.
    #[must_use]
    pub fn in_environment(name: impl Into<String>) -> Self {
        Self(Source::Environment(name.into()))
    }

    /// The secret in a file.
    #[must_use]
    pub fn in_file(path: impl Into<PathBuf>) -> Self {
        Self(Source::File(path.into()))
    }

    /// The value, from the environment of this process where it is kept there.
    ///
    /// # Errors
    /// [`ConfigError`] that names `setting` and says what to do, where the secret is missing, empty
    /// or no text.
    #[expect(
        clippy::disallowed_methods,
        reason = "a configuration names the variable, so the command line cannot have read it"
    )]
    pub fn reveal(&self, setting: &str) -> Result<SecretString, ConfigError> {
        self.reveal_with(setting, |name| std::env::var(name).ok())
    }

    /// The value, from the environment that is given.
    ///
    /// # Errors
    /// As [`Secret::reveal`].
    pub fn reveal_with(
        &self,
        setting: &str,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<SecretString, ConfigError> {
        let value = match &self.0 {
            Source::Text(text) => text.clone(),
            Source::Environment(name) => environment(name).map(SecretString::from).ok_or_else(|| {
                let reason = format!("the environment variable `{name}` is not set, or is no text; set it for this process, or name a file: {{ file = \"path\" }}");
                ConfigError::setting(setting, reason)
            })?,
            Source::File(path) => in_file(path).map_err(|error| {
                let reason = format!("the secret cannot be read from {}: {error}; put it there, readable for this process", path.display());
                ConfigError::setting(setting, reason)
            })?,
        };
        if value.expose_secret().is_empty() {
            let reason = "the secret is empty; write it, or leave the setting out";
            return Err(ConfigError::setting(setting, reason));
        }
        Ok(value)
    }
}

/// The text of a file without the line break that editors put at its end.
fn in_file(path: &Path) -> io::Result<SecretString> {
    let mut text = String::new();
    std::fs::File::open(path)?
        .take(SECRET_BYTES_MAX + 1)
        .read_to_string(&mut text)?;
    if u64::try_from(text.len()).is_ok_and(|bytes| bytes > SECRET_BYTES_MAX) {
        return Err(io::Error::other("it is longer than any secret"));
    }
    Ok(text.trim_end_matches(['\r', '\n']).to_owned().into())
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Source::Text(text.into()))
    }
}

impl Debug for Secret {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Text(_) => formatter.write_str("Secret(…)"),
            Source::Environment(name) => write!(formatter, "Secret(env {name})"),
            Source::File(path) => write!(formatter, "Secret(file {})", path.display()),
        }
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SecretVisitor)
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Place {
    Env,
    File,
}

struct SecretVisitor;

impl<'de> Visitor<'de> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(EXPECTED)
    }

    fn visit_str<E>(self, text: &str) -> Result<Secret, E> {
        Ok(Secret::from(text))
    }

    fn visit_string<E>(self, text: String) -> Result<Secret, E> {
        Ok(Secret::from(text))
    }

    // A key of digits without quotes is a number to the file; the usual error would print it.
    fn visit_i64<E: Error>(self, _: i64) -> Result<Secret, E> {
        Err(E::custom(UNQUOTED))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Secret, E> {
        Err(E::custom(UNQUOTED))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Secret, E> {
        Err(E::custom(UNQUOTED))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Secret, A::Error> {
        let place = members.next_key()?;
        let secret = match place {
            Some(Place::Env) => Secret::in_environment(members.next_value::<String>()?),
            Some(Place::File) => Secret::in_file(members.next_value::<PathBuf>()?),
            None => return Err(A::Error::invalid_length(0, &EXPECTED)),
        };
        match members.next_key::<Place>()? {
            None => Ok(secret),
            Some(_) => Err(A::Error::invalid_length(2, &EXPECTED)),
        }
    }
}

const EXPECTED: &str = "a secret: a text, { env = \"NAME\" } or { file = \"path\" }";
const UNQUOTED: &str = "a secret is a text: put it in quotation marks";
/// Longer than any token or key, and short enough to read by mistake.
const SECRET_BYTES_MAX: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(json: &str) -> Result<Secret, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn a_secret_is_written_or_named_in_toml_and_json_alike() {
        #[derive(Deserialize)]
        struct Settings {
            keys: Vec<Secret>,
        }
        let path = std::env::temp_dir().join(format!("motlan-secret-{}", std::process::id()));
        std::fs::write(&path, "from a file\r\n").unwrap();
        let text = format!("keys = [\"plain\", {{ env = \"KEY\" }}, {{ file = {path:?} }}]");
        let settings: Settings = toml::from_str(&text).unwrap();
        let environment = |name: &str| (name == "KEY").then(|| "from outside".to_owned());
        let revealed = settings.keys.iter().map(|key| {
            let value = key.reveal_with("key", environment).unwrap();
            value.expose_secret().to_owned()
        });
        let expected = ["plain", "from outside", "from a file"];
        assert_eq!(revealed.collect::<Vec<_>>(), expected);
        std::fs::remove_file(&path).unwrap();
        assert!(parsed(r#"{"env": "KEY"}"#).is_ok());
    }

    #[test]
    fn a_missing_secret_names_the_setting_and_what_to_do() {
        let refused = |secret: Secret| {
            let error = secret.reveal_with("oauth.client_secret", |_| None);
            error.unwrap_err().to_string()
        };
        let unset = refused(Secret::in_environment("NO_SUCH_KEY"));
        assert!(unset.starts_with("`oauth.client_secret`: "), "{unset}");
        assert!(unset.contains("`NO_SUCH_KEY` is not set"), "{unset}");
        let missing = refused(Secret::in_file("/no/such/file"));
        assert!(
            missing.contains("/no/such/file") && missing.contains("put it there"),
            "{missing}"
        );
        assert!(refused("".into()).contains("empty"));
        assert!(refused(Secret::in_file("/dev/zero")).contains("longer"));
    }

    #[test]
    fn no_mistake_and_no_debug_output_repeats_a_secret() {
        for wrong in [
            "123456789",
            "-123456789",
            "1.23456789",
            "{}",
            r#"{"env": "A", "file": "b"}"#,
            r#"{"url": "x"}"#,
            "true",
            "[]",
        ] {
            let error = parsed(wrong).unwrap_err();
            assert!(!error.contains("23456789"), "{error}");
        }
        assert!(parsed("123456789").unwrap_err().contains("quotation marks"));
        assert!(parsed("{}").unwrap_err().contains("{ env = \"NAME\" }"));
        assert_eq!(
            format!("{:?}", Secret::in_environment("A")),
            "Secret(env A)"
        );
        assert!(!format!("{:?}", Secret::from("s3cret")).contains("s3cret"));
    }
}
