//! Problem documents (RFC 9457): the closed list of what can go wrong with a call.
//!
//! Which HTTP status a problem has is decided by the gateway, in one file; here are the names.

use serde::Serialize;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $code:literal, retry: $retry:literal;)*) => {
        /// What went wrong, for programs. `type` of a problem document is `/problems/<code>`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ProblemCode {
            $($(#[doc = $doc])+ $variant,)*
        }

        impl ProblemCode {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// As on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// Whether the same call later can succeed.
            #[must_use]
            pub const fn is_retryable(self) -> bool {
                match self { $(Self::$variant => $retry,)* }
            }
        }
    };
}

codes! {
    /// The body is not JSON.
    MalformedJson = "malformed_json", retry: false;
    /// The body is JSON, but not a question; `errors` has each wrong field.
    InvalidQuery = "invalid_query", retry: false;
    /// The body is larger than accepted.
    BodyTooLarge = "body_too_large", retry: false;
    /// The body did not arrive in time.
    BodyTimeout = "body_timeout", retry: true;
    /// The body is not `application/json`.
    UnsupportedMediaType = "unsupported_media_type", retry: false;
    /// No such path.
    NotFound = "not_found", retry: false;
    /// The path exists, but not with this method.
    MethodNotAllowed = "method_not_allowed", retry: false;
    /// No bearer token.
    TokenMissing = "token_missing", retry: false;
    /// A token that is not from the issuer, not for this gateway, or not an access token.
    TokenInvalid = "token_invalid", retry: false;
    /// A token that has run out.
    TokenExpired = "token_expired", retry: false;
    /// The issuer's keys cannot be fetched, so no token can be checked.
    IssuerUnavailable = "issuer_unavailable", retry: true;
    /// The token lacks the scope of this call.
    InsufficientScope = "insufficient_scope", retry: false;
    /// The token's client belongs to no agency that the gateway knows.
    UnknownClient = "unknown_client", retry: false;
    /// Nothing of what was asked for is permitted; `denied` says why.
    NothingPermitted = "nothing_permitted", retry: false;
    /// No registry could give anything; `datasets` says why.
    RegistriesUnavailable = "registries_unavailable", retry: true;
    /// No registry answered in time; `datasets` says which.
    RegistriesTimeout = "registries_timeout", retry: true;
    /// `require` was `all`, and a dataset is missing.
    IncompleteAnswer = "incomplete_answer", retry: true;
    /// The disclosure cannot be logged, so there is none.
    AccessLogUnavailable = "access_log_unavailable", retry: true;
    /// The token names no citizen.
    PersonMissing = "person_missing", retry: false;
    /// The citizen may not act for that person, as far as civil status shows.
    RelationUnverified = "relation_unverified", retry: false;
    /// The consent is withdrawn, used up or expired already.
    ConsentEnded = "consent_ended", retry: false;
    /// The emergency use is reviewed already.
    ReviewedAlready = "reviewed_already", retry: false;
    /// The alert is in a state from which that step does not lead on.
    ReviewOutOfOrder = "review_out_of_order", retry: false;
    /// The person cannot be erased yet; `obstacles` says what stands in the way.
    ErasureHindered = "erasure_hindered", retry: false;
    /// The entry was removed under the retention policy; its hash is still there.
    EntryPruned = "entry_pruned", retry: false;
    /// The token does not speak for this registry.
    ForeignRegistry = "foreign_registry", retry: false;
    /// The event was taken before; nothing is left to do.
    EventReplayed = "event_replayed", retry: false;
    /// The idempotency key came before with another body.
    IdempotencyConflict = "idempotency_conflict", retry: false;
    /// The index of the access log has not caught up with the log yet.
    IndexBehind = "index_behind", retry: true;
    /// More distinct subjects, refusals or misses than the agency's budget against harvesting.
    BudgetExhausted = "budget_exhausted", retry: true;
    /// More calls than the agency's quota.
    RateLimited = "rate_limited", retry: true;
    /// More calls at once than the gateway takes.
    Overloaded = "overloaded", retry: true;
    /// A mistake of the gateway.
    Internal = "internal", retry: true;
}

/// The members that every problem document has; the gateway adds those of its kind.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `/problems/<code>`: a page that explains it.
    pub r#type: String,
    /// What kind of problem it is, in the language asked for.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened here and what to do, in the language asked for. Never an id of a person.
    pub detail: String,
    /// The code, for programs.
    pub code: &'static str,
    /// The call, as the gateway's logs name it.
    pub request_id: String,
    /// Whether the same call later can succeed.
    pub retryable: bool,
    /// Each wrong field of the body.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<crate::answer::FieldProblem>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_snake_case() {
        let mut codes: Vec<_> = ProblemCode::ALL.iter().map(|code| code.as_str()).collect();
        assert!(
            codes
                .iter()
                .all(|c| c.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
        );
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), ProblemCode::ALL.len());
    }
}
