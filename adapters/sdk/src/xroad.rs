//! X-Road: who asks whom, on whose behalf; the REST protocol r1; what its errors mean.
//!
//! Sections refer to the X-Road message protocol for REST (PR-REST, version r1) and the X-Road
//! message protocol 4.0 (PR-MESS); SOAP envelopes are in [`soap`](crate::soap).

mod identifier;

pub use identifier::{IdentifierError, Subsystem};

use crate::{
    adapter::{AdapterError, Call},
    config::ConfigError,
    http::{HttpAnswer, public_code},
};
use ::http::{HeaderMap, HeaderName, HeaderValue};
use identifier::percent_encoded;
use motlan_policies::permit::Asking;
use serde::Deserialize;

/// How Motlan appears on X-Road.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct XRoadConfig {
    /// Whether paths carry the `/r1/…` prefix and requests the X-Road headers. Off where the
    /// registry is reached without security servers.
    pub enabled: bool,
    /// Motlan's own subsystem: `instance/class/code/subsystem`.
    pub client: Subsystem,
    /// Put before the officer's id, which is unique within one country only (PR-REST, 4.3).
    pub user_id_prefix: String,
    /// The member class under which the asking agency is named as the represented party; absent or
    /// empty, it is not named.
    pub represented_party_class: Option<String>,
    /// The HTTP header that names the purpose, and whether SOAP requests have a header element for
    /// it; absent or empty, the purpose is not sent. X-Road itself has no field for it.
    pub purpose_header: Option<String>,
}

impl Default for XRoadConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            client: Subsystem::motlan(),
            user_id_prefix: "VN".to_owned(),
            represented_party_class: Some("GOV".to_owned()),
            purpose_header: Some("X-Motlan-Purpose".to_owned()),
        }
    }
}

impl XRoadConfig {
    /// Checks what cannot be checked while reading.
    ///
    /// # Errors
    /// A purpose header whose name no header can have.
    pub fn check(&self) -> Result<(), ConfigError> {
        match self.purpose_header().map(HeaderName::try_from) {
            Some(Err(_)) => Err(ConfigError::setting(
                "xroad.purpose_header",
                "is no header name",
            )),
            _ => Ok(()),
        }
    }

    /// The path of a service's resource: `r1/instance/class/code/subsystem/service/path`
    /// (PR-REST, 4.1); without X-Road only `path`. Without a service, the provider's metadata.
    #[must_use]
    pub fn rest_path(&self, provider: &Subsystem, service: Option<&str>, path: &str) -> String {
        if !self.enabled {
            return path.to_owned();
        }
        let mut full = format!("r1/{}", provider.encoded());
        for part in service
            .map(percent_encoded)
            .into_iter()
            .chain([path.to_owned()])
        {
            full.push('/');
            full.push_str(&part);
        }
        full
    }

    /// The headers of a REST request (PR-REST, 4.3). Without a question, as for a check of health,
    /// they name only the client and the request.
    #[must_use]
    pub fn rest_headers(&self, asking: Option<&Asking>, call: &Call) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut add = |name: &str, text: &str| {
            if let (Ok(name), Ok(value)) = (
                HeaderName::try_from(name),
                HeaderValue::try_from(ascii(text)),
            ) {
                headers.insert(name, value);
            }
        };
        if let (Some(name), Some(asking)) = (self.purpose_header(), asking) {
            add(name, asking.purpose.as_str());
        }
        if !self.enabled {
            return headers;
        }
        add("x-road-client", &self.client.encoded());
        add("x-road-id", &call.id.to_string());
        if let Some(asking) = asking {
            if let Some(user) = self.user_id(asking) {
                add("x-road-userid", &user);
            }
            if let Some(case) = &asking.case {
                add("x-road-issue", case.as_str());
            }
            if let Some(class) = self.represented_party_class() {
                let party = format!(
                    "{}/{}",
                    percent_encoded(class),
                    percent_encoded(asking.agency.as_str())
                );
                add("x-road-represented-party", &party);
            }
        }
        headers
    }

    /// A configuration file cannot say "none" where there is a default, so an empty text does.
    pub(crate) fn represented_party_class(&self) -> Option<&str> {
        self.represented_party_class
            .as_deref()
            .filter(|class| !class.is_empty())
    }

    pub(crate) fn purpose_header(&self) -> Option<&str> {
        self.purpose_header
            .as_deref()
            .filter(|name| !name.is_empty())
    }

    /// The officer as X-Road names users: with the country before the id.
    pub(crate) fn user_id(&self, asking: &Asking) -> Option<String> {
        let officer = asking.officer.as_ref()?;
        Some(format!("{}{}", self.user_id_prefix, officer.id))
    }
}

/// Tells a security server's error from the registry's own (PR-REST, 4.6): only the first has the
/// header `X-Road-Error`.
///
/// # Errors
/// The security server's error; or an answer to another request than `call`.
pub fn check_rest_answer(answer: &HttpAnswer, call: &Call) -> Result<(), AdapterError> {
    let header = |name: &str| {
        answer
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    if answer.headers.contains_key("x-road-error") {
        return Err(security_server_error(
            header("x-road-error").unwrap_or_default(),
        ));
    }
    match header("x-road-id") {
        Some(id) if !id.eq_ignore_ascii_case(&call.id.to_string()) => {
            Err(AdapterError::malformed("X-Road-Id is another request's"))
        }
        _ => Ok(()),
    }
}

/// What an error code of a security server means: `Client.…` is a request that it refuses,
/// `Server.ClientProxy.…` and `Server.ServerProxy.…` a failure on the way, except for rights.
pub(crate) fn security_server_error(code: &str) -> AdapterError {
    let code = code.trim();
    let reason = format!("X-Road {}", public_code(code));
    if code.starts_with("Client") || code.ends_with("AccessDenied") {
        AdapterError::Refused { reason }
    } else {
        AdapterError::Down { reason }
    }
}

/// Header values are ASCII; other characters are percent-encoded UTF-8, as in identifiers.
fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            ' '..='~' => out.push(character),
            other => out.push_str(&percent_encoded(other.encode_utf8(&mut [0; 4]))),
        }
    }
    out
}

#[cfg(test)]
mod tests;
