//! Problem documents (RFC 9457): the one place where status codes are chosen.
//!
//! Handlers say what went wrong by its [`ProblemCode`]; how it looks on the wire, in which language
//! and under which status, is said here. Nothing of the input is repeated.

mod example;

pub use example::example;

use crate::{
    api::circumstances::Circumstances,
    auth::AuthError,
    i18n::vocabulary::{json_mistake, mistake, problem_detail, problem_title},
};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use motlan_schemas::{
    answer::FieldProblem,
    language::Language,
    problem::{Problem, ProblemCode},
    query::{FieldError, QueryError},
};
use serde::Serialize;
use serde_json::{Map, Value};
use std::sync::Arc;

/// The media type of problem documents.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// How long a caller should wait where nobody knows better.
const RETRY_AFTER_SECONDS: u64 = 1;

/// The HTTP status of each problem.
#[must_use]
pub const fn status(code: ProblemCode) -> StatusCode {
    match code {
        ProblemCode::MalformedJson => StatusCode::BAD_REQUEST,
        ProblemCode::TokenMissing | ProblemCode::TokenInvalid | ProblemCode::TokenExpired => {
            StatusCode::UNAUTHORIZED
        }
        ProblemCode::InsufficientScope
        | ProblemCode::UnknownClient
        | ProblemCode::PersonMissing
        | ProblemCode::RelationUnverified
        | ProblemCode::ForeignRegistry
        | ProblemCode::NothingPermitted => StatusCode::FORBIDDEN,
        ProblemCode::ConsentEnded
        | ProblemCode::ReviewedAlready
        | ProblemCode::ReviewOutOfOrder
        | ProblemCode::EventReplayed
        | ProblemCode::ErasureHindered => StatusCode::CONFLICT,
        ProblemCode::EntryPruned => StatusCode::GONE,
        ProblemCode::NotFound => StatusCode::NOT_FOUND,
        ProblemCode::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ProblemCode::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
        ProblemCode::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ProblemCode::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ProblemCode::InvalidQuery | ProblemCode::IdempotencyConflict => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        ProblemCode::RateLimited | ProblemCode::BudgetExhausted => StatusCode::TOO_MANY_REQUESTS,
        ProblemCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        ProblemCode::IncompleteAnswer => StatusCode::BAD_GATEWAY,
        ProblemCode::IssuerUnavailable
        | ProblemCode::RegistriesUnavailable
        | ProblemCode::AccessLogUnavailable
        | ProblemCode::IndexBehind
        | ProblemCode::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
        ProblemCode::RegistriesTimeout => StatusCode::GATEWAY_TIMEOUT,
    }
}

/// A problem on its way to the caller.
///
/// Its response carries the [`ProblemCode`] as an extension, for metrics.
#[derive(Debug)]
pub struct ProblemResponse {
    code: ProblemCode,
    status: StatusCode,
    language: Language,
    request_id: Arc<str>,
    detail: Option<String>,
    errors: Vec<FieldProblem>,
    members: Map<String, Value>,
    retry_after_seconds: Option<u64>,
    scope: Option<&'static str>,
    allow: Option<&'static str>,
    token_error: Option<&'static str>,
}

impl ProblemResponse {
    /// A problem with its usual text, in the language of the call.
    #[must_use]
    pub fn new(code: ProblemCode, circumstances: &Circumstances) -> Self {
        Self {
            code,
            status: status(code),
            language: circumstances.language,
            request_id: Arc::clone(&circumstances.request_id),
            detail: None,
            errors: Vec::new(),
            members: Map::new(),
            retry_after_seconds: None,
            scope: None,
            allow: None,
            token_error: None,
        }
    }

    /// The problem of a body that is no question: not JSON at all, or with wrong fields.
    #[must_use]
    pub fn from_query_error(error: &QueryError, circumstances: &Circumstances) -> Self {
        match error {
            QueryError::Json(error) => Self::new(ProblemCode::MalformedJson, circumstances)
                .detail(json_mistake(circumstances.language, error)),
            QueryError::Invalid(errors) => {
                Self::new(ProblemCode::InvalidQuery, circumstances).mistakes(errors)
            }
        }
    }

    /// The problem of a caller who cannot be let in.
    #[must_use]
    pub fn from_auth_error(error: &AuthError, circumstances: &Circumstances) -> Self {
        let code = match error {
            AuthError::Missing => ProblemCode::TokenMissing,
            AuthError::Invalid { reason } => {
                let problem = Self::new(ProblemCode::TokenInvalid, circumstances);
                return Self {
                    token_error: Some(reason),
                    ..problem
                };
            }
            AuthError::Expired => ProblemCode::TokenExpired,
            AuthError::IssuerUnavailable => ProblemCode::IssuerUnavailable,
        };
        Self::new(code, circumstances)
    }

    /// `incomplete_answer`: a gateway time-out (504) if all that is missing came too late, else a
    /// bad gateway (502).
    #[must_use]
    pub fn incomplete_answer(all_too_late: bool, circumstances: &Circumstances) -> Self {
        let problem = Self::new(ProblemCode::IncompleteAnswer, circumstances);
        if !all_too_late {
            return problem;
        }
        Self {
            status: StatusCode::GATEWAY_TIMEOUT,
            ..problem
        }
    }

    /// A text of its own in place of the usual one. It must not repeat any input.
    #[must_use]
    pub fn detail(self, detail: String) -> Self {
        Self {
            detail: Some(detail),
            ..self
        }
    }

    /// The wrong fields, already in the language of the call.
    #[must_use]
    pub fn errors(self, errors: Vec<FieldProblem>) -> Self {
        Self { errors, ..self }
    }

    /// The wrong fields of a question.
    #[must_use]
    pub fn mistakes(self, errors: &[FieldError]) -> Self {
        let localised = errors.iter().map(|error| {
            let detail = mistake(self.language, &error.mistake);
            FieldProblem::new(error.pointer.clone(), &error.mistake, detail)
        });
        let errors = localised.collect();
        self.errors(errors)
    }

    /// An extension member: `denied`, `datasets`, `query_id`, `receipt`, ….
    #[must_use]
    pub fn member(mut self, name: &'static str, value: &impl Serialize) -> Self {
        // INVARIANT: our wire types have text keys only, so they always serialise.
        if let Ok(value) = serde_json::to_value(value) {
            self.members.insert(name.to_owned(), value);
        }
        self
    }

    /// When the caller should try again.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        Self {
            retry_after_seconds: Some(seconds),
            ..self
        }
    }

    /// The scope that the token lacks.
    #[must_use]
    pub fn required_scope(self, scope: &'static str) -> Self {
        Self {
            scope: Some(scope),
            ..self
        }
    }

    /// The methods that the path takes: `POST, QUERY`.
    #[must_use]
    pub fn allow(self, methods: &'static str) -> Self {
        Self {
            allow: Some(methods),
            ..self
        }
    }

    /// The document alone, for a line of a batch.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let document = Document {
            problem: Problem {
                r#type: format!("/problems/{}", self.code.as_str()),
                title: problem_title(self.language, self.code),
                status: self.status.as_u16(),
                detail: self.detail.clone().unwrap_or_else(|| self.usual_detail()),
                code: self.code.as_str(),
                request_id: self.request_id.to_string(),
                retryable: self.code.is_retryable(),
                errors: self.errors.clone(),
            },
            members: &self.members,
        };
        // INVARIANT: a document has text keys only, so it always serialises.
        serde_json::to_vec(&document).unwrap_or_default()
    }

    /// Waiting helps with these, so the caller is told for how long.
    fn wait_seconds(&self) -> Option<u64> {
        let waits = matches!(
            self.status,
            StatusCode::TOO_MANY_REQUESTS
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::BAD_GATEWAY
                | StatusCode::GATEWAY_TIMEOUT
        );
        self.retry_after_seconds
            .or_else(|| waits.then_some(RETRY_AFTER_SECONDS))
    }

    fn usual_detail(&self) -> String {
        let seconds = self.wait_seconds().unwrap_or_default().to_string();
        let count = self.errors.len().to_string();
        let arguments = [
            ("seconds", seconds.as_str()),
            ("scope", self.scope.unwrap_or_default()),
            ("allow", self.allow.unwrap_or_default()),
            ("count", &count),
        ];
        problem_detail(self.language, self.code, &arguments)
    }

    /// What a token would have to be (RFC 6750, section 3).
    fn challenge(&self) -> Option<String> {
        let error = match self.code {
            ProblemCode::TokenMissing => String::new(),
            ProblemCode::TokenInvalid | ProblemCode::TokenExpired => {
                let description = self.token_error.unwrap_or("the token has run out");
                format!(r#", error="invalid_token", error_description="{description}""#)
            }
            ProblemCode::InsufficientScope => {
                let scope = self.scope.unwrap_or_default();
                format!(r#", error="insufficient_scope", scope="{scope}""#)
            }
            _ => return None,
        };
        Some(format!(r#"Bearer realm="motlan"{error}"#))
    }
}

/// The members of every problem and those of its kind.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    problem: Problem,
    #[serde(flatten)]
    members: &'a Map<String, Value>,
}

impl IntoResponse for ProblemResponse {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.to_json()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        let language = HeaderValue::from_static(self.language.tag());
        headers.insert(header::CONTENT_LANGUAGE, language);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.wait_seconds() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(challenge) = self
            .challenge()
            .and_then(|text| HeaderValue::try_from(text).ok())
        {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(methods) = self.allow {
            headers.insert(header::ALLOW, HeaderValue::from_static(methods));
        }
        response.extensions_mut().insert(self.code);
        response
    }
}

#[cfg(test)]
mod tests;
