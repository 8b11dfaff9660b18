//! What X-Road's security servers do to a REST call (message protocol for REST, version r1).

use crate::exchange;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

const PROVIDER: &str = "VN/GOV/G01/population";
const SERVICE: &str = "person-service";
const CLIENT: HeaderName = HeaderName::from_static("x-road-client");
const ID: HeaderName = HeaderName::from_static("x-road-id");

/// An error of a security server: it has the header `X-Road-Error`.
#[derive(Debug)]
pub(super) struct XRoadError {
    kind: &'static str,
    message: &'static str,
}

impl XRoadError {
    const fn new(kind: &'static str, message: &'static str) -> Self {
        Self { kind, message }
    }

    pub(super) fn into_response(self) -> Response {
        let is_client = self.kind.starts_with("Client");
        let status = if is_client {
            StatusCode::BAD_REQUEST
        } else {
            StatusCode::INTERNAL_SERVER_ERROR
        };
        let document =
            json!({ "type": self.kind, "message": self.message, "detail": uuid::Uuid::nil() });
        let mut response = exchange::json(status, "application/json;charset=utf-8", &document);
        response
            .headers_mut()
            .insert("x-road-error", HeaderValue::from_static(self.kind));
        response
    }
}

/// The resource within the service that a path below `/r1/` names, if the call may pass.
pub(super) fn resource<'p>(path: &'p str, headers: &HeaderMap) -> Result<&'p str, XRoadError> {
    let client = exchange::text(headers, &CLIENT).ok_or(XRoadError::new(
        "Client.MissingHeader",
        "X-Road-Client is required",
    ))?;
    let parts = client.split('/').filter(|part| !part.is_empty()).count();
    if !(3..=4).contains(&parts) || parts != client.split('/').count() {
        return Err(XRoadError::new(
            "Client.InvalidHeader",
            "X-Road-Client is no identifier",
        ));
    }
    let own = path
        .strip_prefix(PROVIDER)
        .and_then(|rest| rest.strip_prefix('/'));
    let own = own.ok_or(XRoadError::new(
        "Server.ClientProxy.UnknownMember",
        "no such provider",
    ))?;
    if own == "listMethods" {
        return Ok(own);
    }
    let resource = own
        .strip_prefix(SERVICE)
        .and_then(|rest| rest.strip_prefix('/'));
    resource.ok_or(XRoadError::new(
        "Server.ServerProxy.UnknownService",
        "no such service",
    ))
}

/// The headers that security servers add to an answer.
pub(super) fn sign(response: &mut Response, request: &HeaderMap) {
    let headers = response.headers_mut();
    let nil = HeaderValue::from_static("00000000-0000-0000-0000-000000000000");
    headers.insert(ID, request.get(&ID).cloned().unwrap_or_else(|| nil.clone()));
    headers.insert("x-road-request-id", nil);
    headers.insert(
        "x-road-service",
        HeaderValue::from_static("VN/GOV/G01/population/person-service"),
    );
}

/// The provider's services (`listMethods`).
pub(super) fn methods() -> Value {
    json!({ "service": [{
        "object_type": "SERVICE", "xroad_instance": "VN", "member_class": "GOV", "member_code": "G01",
        "subsystem_code": "population", "service_code": SERVICE, "service_type": "OPENAPI",
        "endpoint_list": [{ "method": "POST", "path": "/persons" }],
    }] })
}
