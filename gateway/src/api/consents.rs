//! `/v1/consents`: a citizen gives, sees and withdraws consents, for themself or for whom they may
//! act.

mod terms;
pub mod view;

use super::{body, caller, circumstances::Circumstances, problem::ProblemResponse};
use crate::{
    app::App,
    auth::Scope,
    consents::{CONSENTS_MAX, Changed, Giving, LedgerError, VerifiedActing},
};
use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    Json,
    body::Body,
    extract::{Extension, Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use motlan_policies::{
    consent::{Consent, ConsentTermsError, IdempotentRequest},
    known::Verified,
};
use motlan_schemas::{
    consent::{ConsentRequest, parse_on_behalf_of},
    ids::{ConsentId, PersonalId},
    problem::ProblemCode,
    query::{Applicant, FieldError, Mistake, QueryError},
};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use view::{ConsentView, ConsentsView};

/// Gives a consent.
pub async fn consents_give(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    give(&app, &on, &headers, body)
        .await
        .unwrap_or_else(|refusal| refusal)
}

async fn give(
    app: &App,
    on: &Circumstances,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Response> {
    let (token, citizen) = caller::citizen(app, headers, Scope::Consent, on).await?;
    let bytes = body::read_json(headers, body, on).await?;
    let request = ConsentRequest::parse(&bytes, &app.pipeline.catalogue)
        .map_err(|error| ProblemResponse::from_query_error(&error, on).into_response())?;
    let policies = app.pipeline.policies.load_full();
    let terms = terms::checked(
        &request,
        &policies,
        &app.pipeline.catalogue,
        app.clock.now(),
    )
    .map_err(|errors| invalid(errors, on))?;
    let idempotent = idempotent(headers, &bytes).map_err(|error| invalid(vec![error], on))?;
    let (subject, acting) = match &request.on_behalf_of {
        Some(other) => acting(app, &citizen, other, on).await?,
        None => (citizen, None),
    };
    let giving = Giving {
        subject,
        terms,
        client: token.client.to_string(),
        acting,
        request: idempotent,
    };
    let Changed { consent, .. } = app
        .pipeline
        .ledger
        .give(giving)
        .await
        .map_err(|error| refused(&error, on))?;
    Ok(with_receipt(app, &consent, StatusCode::CREATED, on).await)
}

/// Shows the citizen's consents.
pub async fn consents_list(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    headers: HeaderMap,
) -> Response {
    list(&app, &on, &headers)
        .await
        .unwrap_or_else(|refusal| refusal)
}

async fn list(app: &App, on: &Circumstances, headers: &HeaderMap) -> Result<Response, Response> {
    let (_, citizen) = caller::citizen(app, headers, Scope::Consent, on).await?;
    let ledger = &app.pipeline.ledger;
    let failed = |error| refused(&LedgerError::Store(error), on);
    let own = ledger.about(&citizen).await.map_err(failed)?;
    let others = ledger.given_by(&citizen).await.map_err(failed)?;
    let policies = app.pipeline.policies.load();
    let now = app.clock.now();
    let view = |consent: &Consent, own: bool| {
        ConsentView::new(
            consent,
            own,
            &policies,
            &app.pipeline.catalogue,
            on.language,
            now,
        )
    };
    let mut consents: Vec<_> = own.iter().map(|consent| view(consent, true)).collect();
    consents.extend(others.iter().map(|consent| view(consent, false)));
    consents.sort_by(|a, b| b.given_at.cmp(&a.given_at));
    Ok(personal(
        StatusCode::OK,
        Json(ConsentsView { consents }),
        on,
    ))
}

/// Shows one consent with its receipt.
pub async fn consents_show(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let found = async {
        let (_, citizen) = caller::citizen(&app, &headers, Scope::Consent, &on).await?;
        find(&app, &citizen, &id, &on).await
    };
    match found.await {
        Ok((consent, _)) => with_receipt(&app, &consent, StatusCode::OK, &on).await,
        Err(refusal) => refusal,
    }
}

/// Withdraws a consent, with effect on the next question.
pub async fn consents_revoke(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    revoke(&app, &on, &id, &headers, body)
        .await
        .unwrap_or_else(|refusal| refusal)
}

async fn revoke(
    app: &App,
    on: &Circumstances,
    id: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Response> {
    let (token, citizen) = caller::citizen(app, headers, Scope::Consent, on).await?;
    let other = match body::read_optional_json(headers, body, on).await? {
        Some(bytes) => parse_on_behalf_of(&bytes)
            .map_err(|error| ProblemResponse::from_query_error(&error, on).into_response())?,
        None => None,
    };
    let ledger = &app.pipeline.ledger;
    let (subject, acting, id) = match other {
        None => {
            let (consent, own) = find(app, &citizen, id, on).await?;
            if !own {
                // The number of whom it is about is not kept, and its entry has to name them.
                let error = FieldError {
                    pointer: "/on_behalf_of".to_owned(),
                    mistake: Mistake::Missing,
                };
                return Err(invalid(vec![error], on));
            }
            (citizen, None, consent.id)
        }
        Some(other) => {
            let id = consent_id(id, on)?;
            let consents = ledger.about(&other.person).await;
            let consents = consents.map_err(|error| refused(&LedgerError::Store(error), on))?;
            let mut consents = consents.iter();
            let gave = |c: &&Consent| c.id == id && ledger.was_given_by(c, &citizen, &other.person);
            if consents.any(|consent| gave(&consent)) {
                // Whoever gave it may take it back, without being looked up again.
                let acting = VerifiedActing {
                    person: citizen,
                    relation: other.relation,
                    verified_by: id.to_string(),
                };
                (other.person, Some(acting), id)
            } else {
                let (subject, acting) = acting(app, &citizen, &other, on).await?;
                (subject, acting, id)
            }
        }
    };
    let client = token.client.to_string();
    let changed = ledger.withdraw(&subject, id, client, acting).await;
    let Changed { consent, .. } = changed.map_err(|error| refused(&error, on))?;
    Ok(with_receipt(app, &consent, StatusCode::OK, on).await)
}

/// A consent of the citizen, and whether it is about themself.
async fn find(
    app: &App,
    citizen: &PersonalId,
    id: &str,
    on: &Circumstances,
) -> Result<(Consent, bool), Response> {
    let id = consent_id(id, on)?;
    let ledger = &app.pipeline.ledger;
    let failed = |error| refused(&LedgerError::Store(error), on);
    let own = ledger.about(citizen).await.map_err(failed)?;
    if let Some(consent) = own.into_iter().find(|consent| consent.id == id) {
        return Ok((consent, true));
    }
    let others = ledger.given_by(citizen).await.map_err(failed)?;
    let consent = others.into_iter().find(|consent| consent.id == id);
    consent
        .map(|consent| (consent, false))
        .ok_or_else(|| refused(&LedgerError::Unknown, on))
}

fn consent_id(text: &str, on: &Circumstances) -> Result<ConsentId, Response> {
    text.parse().map_err(|_| refused(&LedgerError::Unknown, on))
}

/// The person for whom the citizen acts, after the registers have shown that they may.
async fn acting(
    app: &App,
    citizen: &PersonalId,
    other: &Applicant,
    on: &Circumstances,
) -> Result<(PersonalId, Option<VerifiedActing>), Response> {
    let claim = Applicant {
        person: *citizen,
        relation: other.relation,
    };
    let policies = app.pipeline.policies.load_full();
    let until = on.received + LOOK_UP_WITHIN;
    let verified = app
        .pipeline
        .verify_and_log(&policies, &claim, &other.person, on, until)
        .await
        .map_err(|error| refused(&LedgerError::Log(error), on))?;
    match verified {
        Some((Verified::Confirmed, Some(verified_by))) => {
            let acting = VerifiedActing {
                person: *citizen,
                relation: other.relation,
                verified_by,
            };
            Ok((other.person, Some(acting)))
        }
        _ => Err(ProblemResponse::new(ProblemCode::RelationUnverified, on).into_response()),
    }
}

const LOOK_UP_WITHIN: Duration = Duration::from_secs(5);

/// The key and the body of a call that may be repeated
/// (<https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>).
fn idempotent(headers: &HeaderMap, body: &Bytes) -> Result<Option<IdempotentRequest>, FieldError> {
    let Some(key) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let key = key.as_bytes();
    let printable = key.iter().all(|byte| (b' '..=b'~').contains(byte));
    if !printable || !(1..=KEY_BYTES_MAX).contains(&key.len()) {
        return Err(FieldError {
            pointer: "Idempotency-Key".to_owned(),
            mistake: Mistake::IdempotencyKey,
        });
    }
    let sha256 = |bytes: &[u8]| {
        digest(&SHA256, bytes)
            .as_ref()
            .try_into()
            .unwrap_or_default()
    };
    Ok(Some(IdempotentRequest {
        key: sha256(key),
        body: sha256(body),
    }))
}

const KEY_BYTES_MAX: usize = 255;

async fn with_receipt(
    app: &App,
    consent: &Consent,
    status: StatusCode,
    on: &Circumstances,
) -> Response {
    let entry = match app.pipeline.ledger.entry_of(consent).await {
        Ok(entry) => entry,
        Err(error) => return refused(&LedgerError::Store(error), on),
    };
    let (policies, now) = (app.pipeline.policies.load_full(), app.clock.now());
    let catalogue = &app.pipeline.catalogue;
    let receipt = app
        .receipts
        .receipt(consent, entry, &app.pipeline.log, &policies, catalogue, now)
        .await;
    let body = json!({
        "consent_id": consent.id,
        "status": consent.state_at(now).as_str(),
        "receipt": receipt,
    });
    personal(status, Json(body), on)
}

fn personal(status: StatusCode, body: impl IntoResponse, on: &Circumstances) -> Response {
    let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let language = HeaderValue::from_static(on.language.tag());
    let language = (header::CONTENT_LANGUAGE, language);
    (status, [no_store, language], body).into_response()
}

fn invalid(errors: Vec<FieldError>, on: &Circumstances) -> Response {
    ProblemResponse::from_query_error(&QueryError::Invalid(errors), on).into_response()
}

fn refused(error: &LedgerError, on: &Circumstances) -> Response {
    let mistake = |pointer: &str, mistake| {
        let pointer = pointer.to_owned();
        invalid(vec![FieldError { pointer, mistake }], on)
    };
    let code = match error {
        LedgerError::Terms(ConsentTermsError::Period) => return mistake("/until", Mistake::Period),
        LedgerError::Terms(ConsentTermsError::NoPurpose) => {
            return mistake("/purposes", Mistake::Empty);
        }
        LedgerError::Terms(ConsentTermsError::NoAttribute) => {
            return mistake("/attributes", Mistake::Empty);
        }
        LedgerError::TooMany => {
            let max = CONSENTS_MAX as u64;
            return mistake("", Mistake::TooManyConsents { max });
        }
        LedgerError::OtherRequest => ProblemCode::IdempotencyConflict,
        LedgerError::Unknown => ProblemCode::NotFound,
        LedgerError::Ended(_) => ProblemCode::ConsentEnded,
        LedgerError::Log(error) => {
            tracing::error!(%error, request.id = %on.request_id, "a consent cannot be logged");
            ProblemCode::AccessLogUnavailable
        }
        LedgerError::Store(error) => {
            tracing::error!(%error, request.id = %on.request_id, "the consent store failed");
            ProblemCode::AccessLogUnavailable
        }
    };
    ProblemResponse::new(code, on).into_response()
}
