//! From a token to a caller who may use the endpoint at hand.

use super::{circumstances::Circumstances, problem::ProblemResponse};
use crate::{
    app::App,
    auth::{Scope, Token},
    quota::OverQuota,
};
use axum::{
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use motlan_policies::decide::{Caller, Policies};
use motlan_schemas::{
    ids::PersonalId,
    problem::ProblemCode,
    query::{FieldError, Mistake, Question, Subject},
};
use std::{num::NonZeroU32, sync::Arc};

/// The token, if it is good and has the scope.
///
/// # Errors
/// The response to send instead.
pub async fn with_scope(
    app: &App,
    headers: &HeaderMap,
    scope: Scope,
    on: &Circumstances,
) -> Result<Arc<Token>, Response> {
    let token = app
        .authenticator
        .authenticate(headers)
        .await
        .map_err(|error| ProblemResponse::from_auth_error(&error, on).into_response())?;
    if !token.scopes.has(scope) {
        let problem = ProblemResponse::new(ProblemCode::InsufficientScope, on);
        return Err(problem.required_scope(scope.as_str()).into_response());
    }
    Ok(token)
}

/// The citizen who calls for themselves, with the token.
///
/// # Errors
/// The response to send instead.
pub async fn citizen(
    app: &App,
    headers: &HeaderMap,
    scope: Scope,
    on: &Circumstances,
) -> Result<(Arc<Token>, PersonalId), Response> {
    let token = with_scope(app, headers, scope, on).await?;
    match token.person {
        Some(person) => Ok((token, person)),
        None => Err(ProblemResponse::new(ProblemCode::PersonMissing, on).into_response()),
    }
}

/// The agency that asks, and the policies under which it does: all of one question is decided by
/// them, also when others come into force meanwhile.
///
/// # Errors
/// The response to send instead.
pub async fn agency(
    app: &App,
    headers: &HeaderMap,
    on: &Circumstances,
) -> Result<(Caller, Arc<Policies>), Response> {
    let token = with_scope(app, headers, Scope::Query, on).await?;
    let policies = app.pipeline.policies.load_full();
    let Some(agency) = policies.agencies().by_client(&token.client) else {
        return Err(ProblemResponse::new(ProblemCode::UnknownClient, on).into_response());
    };
    let caller = Caller {
        agency: Arc::clone(agency),
        client: token.client.clone(),
        officer: token.officer.clone(),
        roles: token.roles.clone(),
    };
    Ok((caller, policies))
}

/// Counts a subject in the caller's budgets against harvesting, before anything is read.
///
/// # Errors
/// The problem to send instead: 429 with `Retry-After` until the window ends.
pub async fn within_budget(
    app: &App,
    caller: &Caller,
    subject: &Subject,
    question: &Question,
    on: &Circumstances,
) -> Result<(), ProblemResponse> {
    let admitted = app.pipeline.admit(caller, subject, question, on).await;
    admitted.map_err(|exhausted| {
        ProblemResponse::new(ProblemCode::BudgetExhausted, on).retry_after(exhausted.seconds)
    })
}

/// Takes questions from the caller's quota.
///
/// # Errors
/// The response to send instead: 429 with `Retry-After`, or 422 where waiting does not help.
pub fn within_quota(
    app: &App,
    caller: &Caller,
    cost: usize,
    on: &Circumstances,
) -> Result<(), Response> {
    let cost = u32::try_from(cost)
        .ok()
        .and_then(NonZeroU32::new)
        .unwrap_or(NonZeroU32::MIN);
    let taken = app.quotas.take(&caller.agency, &caller.client, cost);
    taken.map_err(|over| match over {
        OverQuota::Until { seconds } => {
            let problem = ProblemResponse::new(ProblemCode::RateLimited, on);
            problem.retry_after(seconds).into_response()
        }
        OverQuota::Never { burst } => {
            let mistake = Mistake::TooMany { max: burst.into() };
            let errors = [FieldError {
                pointer: "/subjects".to_owned(),
                mistake,
            }];
            let problem = ProblemResponse::new(ProblemCode::InvalidQuery, on);
            problem.mistakes(&errors).into_response()
        }
    })
}
