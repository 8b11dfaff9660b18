//! The register's refusals: problem documents (RFC 9457) with a code and the wrong parameters.

use crate::exchange;
use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

/// A refusal.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: &'static str,
    invalid_params: Vec<Value>,
}

impl Problem {
    pub(super) const fn new(status: StatusCode, code: &'static str, detail: &'static str) -> Self {
        Self {
            status,
            code,
            detail,
            invalid_params: Vec::new(),
        }
    }

    /// A question with a wrong parameter.
    pub(super) fn parameter(name: &str, code: &str, reason: &str) -> Self {
        let detail = "one or more parameters are not correct";
        let problem = Self::new(StatusCode::BAD_REQUEST, "paramsValidation", detail);
        let wrong = json!({ "name": name, "code": code, "reason": reason });
        Self {
            invalid_params: vec![wrong],
            ..problem
        }
    }

    pub(super) fn into_response(self) -> Response {
        let mut document = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason(),
            "status": self.status.as_u16(),
            "detail": self.detail,
            "instance": "/persons",
            "code": self.code,
        });
        if let Some(members) = document
            .as_object_mut()
            .filter(|_| !self.invalid_params.is_empty())
        {
            members.insert(
                "invalidParams".to_owned(),
                Value::Array(self.invalid_params),
            );
        }
        exchange::json(self.status, "application/problem+json", &document)
    }
}
