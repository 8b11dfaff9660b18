//! SOAP 1.1, document/literal wrapped, with the headers of the X-Road message protocol 4.0.
//!
//! The rules that are easy to miss (PR-MESS: sections 2.2, 2.3, 2.7 and Annex D.2):
//! - a response copies every header of its request, in order; one that does not is not ours;
//! - a security server reports its own errors as a SOAP Fault, usually with HTTP 500;
//! - the registry reports its errors as a `fault` *inside* `…Response`, with HTTP 200, and "no such
//!   person" is one of them;
//! - an answer may come with attachments, in `multipart/related`; the envelope is its first part.

mod envelope;
mod mime;

use crate::{
    adapter::{AdapterError, Call},
    config::ConfigError,
    http::{HttpClient, public_code},
    xml::Element,
    xroad::{Subsystem, XRoadConfig, security_server_error},
};
use ::http::{HeaderMap, HeaderValue, StatusCode, header};
use mime::Part;
use motlan_policies::permit::Asking;
use url::Url;

/// A SOAP service, reached through X-Road or directly.
#[derive(Debug)]
pub struct SoapClient {
    http: HttpClient,
    url: Url,
    service: SoapService,
}

/// What a SOAP service is called, and how its answers are read.
#[derive(Debug, Clone)]
pub struct SoapService {
    /// How Motlan appears on X-Road.
    pub xroad: XRoadConfig,
    /// The subsystem that provides the service.
    pub provider: Subsystem,
    /// The version of the service, where it has one (`serviceVersion`).
    pub version: Option<String>,
    /// The namespace of the elements in the body.
    pub namespace: String,
    /// Fault codes within a response that mean "no such person".
    pub not_found_codes: Vec<String>,
}

/// What a SOAP service said.
#[derive(Debug)]
pub enum SoapAnswer {
    /// The element `…Response`.
    Response(Element),
    /// A fault with one of the service's not-found codes.
    NotFound,
}

impl SoapClient {
    /// A client for the service at the HTTP client's base address.
    ///
    /// # Errors
    /// What is wrong with the X-Road settings.
    pub fn new(http: HttpClient, service: SoapService) -> Result<Self, ConfigError> {
        service.xroad.check()?;
        let url = http
            .url("")
            .map_err(|error| ConfigError::setting("base_url", error.to_string()))?;
        Ok(Self { http, url, service })
    }

    /// The namespace of the service's elements.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.service.namespace
    }

    /// Calls an operation: `content` becomes the children of the wrapper element.
    ///
    /// # Errors
    /// See [`AdapterError`]; a fault other than not-found is [`AdapterError::Refused`] or
    /// [`AdapterError::Down`] with its code.
    pub async fn call(
        &self,
        operation: &str,
        content: Vec<Element>,
        asking: Option<&Asking>,
        call: &Call,
    ) -> Result<SoapAnswer, AdapterError> {
        let namespace = self.service.namespace.as_str();
        let wrapper = Element {
            children: content,
            ..Element::new(namespace, operation)
        };
        let response = self.exchange(operation, wrapper, asking, call).await?;
        match fault_within(&response) {
            None => Ok(SoapAnswer::Response(response)),
            Some(code)
                if self
                    .service
                    .not_found_codes
                    .iter()
                    .any(|known| known == code) =>
            {
                Ok(SoapAnswer::NotFound)
            }
            Some(code) => Err(service_error(code)),
        }
    }

    /// Asks for the provider's list of services, which names no person (X-Road service metadata
    /// protocol, `listMethods`).
    ///
    /// # Errors
    /// See [`AdapterError`].
    pub async fn list_methods(&self, call: &Call) -> Result<(), AdapterError> {
        let wrapper = Element::new(envelope::XROAD, "listMethods");
        self.exchange("listMethods", wrapper, None, call)
            .await
            .map(|_| ())
    }

    async fn exchange(
        &self,
        operation: &str,
        wrapper: Element,
        asking: Option<&Asking>,
        call: &Call,
    ) -> Result<Element, AdapterError> {
        let namespace = wrapper.namespace.clone();
        let header = envelope::header(&self.service, operation, asking, call);
        let request = envelope::envelope(header.clone(), wrapper).to_document();
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/xml; charset=utf-8"),
        );
        headers.insert("soapaction", HeaderValue::from_static("\"\""));
        let answer = self.http.post(&self.url, headers, request, call).await?;
        let part = Part::of(&answer)?;
        // A fault comes with 500 (SOAP 1.1, section 6.2); a page of a proxy may too.
        let is_envelope = matches!(
            answer.status,
            StatusCode::OK | StatusCode::INTERNAL_SERVER_ERROR
        );
        if !(is_envelope && part.is_xml()) {
            return Err(if answer.status == StatusCode::OK {
                AdapterError::malformed("the body is not text/xml")
            } else {
                answer.unexpected_status()
            });
        }
        let (copied, mut body) = envelope::open(part.document()?)?;
        mime::refuse_included(&body)?;
        if body.is(envelope::SOAP, "Fault") {
            let code = body
                .child_named("faultcode")
                .and_then(Element::value)
                .unwrap_or_default();
            // The code is a qualified name; its prefix means nothing here.
            let code = code.rsplit(':').next().unwrap_or_default();
            return Err(if self.service.xroad.enabled {
                security_server_error(code)
            } else {
                service_error(code)
            });
        }
        envelope::check_copied(&header, &copied)?;
        if !body.is(&namespace, &format!("{operation}Response")) {
            return Err(AdapterError::malformed(format!(
                "the body is no `{operation}Response`"
            )));
        }
        body.text.clear();
        Ok(body)
    }
}

/// An error of the service itself.
fn service_error(code: &str) -> AdapterError {
    let reason = format!("fault {}", public_code(code));
    if code.starts_with("Server") {
        AdapterError::Down { reason }
    } else {
        AdapterError::Refused { reason }
    }
}

/// The code of a fault within a response (PR-MESS, Annex D.2): the response's only child, or that
/// of a part of it (`response`, `keha`), as older services write it.
fn fault_within(response: &Element) -> Option<&str> {
    let is_fault = |part: &&Element| part.child_named("faultCode").is_some();
    let within = |part| Element::child_named(part, "fault").or_else(|| Some(part).filter(is_fault));
    let fault = within(response).or_else(|| response.children.iter().find_map(within))?;
    let code = fault
        .child_named("faultCode")
        .or_else(|| fault.child_named("faultcode"));
    Some(code.and_then(Element::value).unwrap_or_default())
}

#[cfg(test)]
mod tests;
