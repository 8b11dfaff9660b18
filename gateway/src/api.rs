//! What the gateway says over HTTP: one file an endpoint, one file for all problem documents.

pub mod access_log;
pub mod alerts;
pub mod batches;
pub mod body;
pub mod caller;
pub mod catalogue;
pub mod checks;
pub mod circumstances;
pub mod consents;
pub mod emergency_uses;
pub mod entitlements;
pub mod erasures;
pub mod explain;
pub mod layers;
pub mod me;
mod members;
pub mod openapi;
pub mod operations;
pub mod pages;
mod parameters;
pub mod problem;
pub mod processing_register;
pub mod queries;
pub mod registry_changes;
pub mod reports;
pub mod retention;
pub mod seals;

use crate::app::App;
use axum::{
    Router,
    extract::Extension,
    handler::Handler,
    http::Method,
    middleware,
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post},
};
use circumstances::Circumstances;
use motlan_schemas::problem::ProblemCode;
use problem::ProblemResponse;
use std::sync::Arc;

/// Every operation of the gateway: method and path. Tests hold the router, the OpenAPI document
/// and the table of rights against it.
pub const ROUTES: &[(&str, &str)] = &[
    ("POST", "/v1/queries"),
    ("POST", "/v1/queries/explain"),
    ("POST", "/v1/query-batches"),
    ("POST", "/v1/checks"),
    ("GET", "/v1/catalogue"),
    ("GET", "/v1/entitlements"),
    ("GET", "/v1/consents"),
    ("POST", "/v1/consents"),
    ("GET", "/v1/consents/{id}"),
    ("POST", "/v1/consents/{id}/revoke"),
    ("GET", "/v1/seals"),
    ("POST", "/v1/seals"),
    ("POST", "/v1/seals/lift"),
    ("GET", "/v1/me/accesses"),
    ("GET", "/v1/emergency-uses"),
    ("POST", "/v1/emergency-uses/{query_id}/review"),
    ("GET", "/v1/access-log/entries"),
    ("GET", "/v1/access-log/entries/{leaf_index}"),
    ("POST", "/v1/access-log/searches"),
    ("GET", "/v1/alerts"),
    ("POST", "/v1/alerts/{leaf_index}/review"),
    ("GET", "/v1/access-log/checkpoint"),
    ("GET", "/v1/access-log/checkpoint/cosigned"),
    ("GET", "/v1/access-log/tile/{*path}"),
    ("POST", "/v1/access-log/proofs"),
    ("POST", "/v1/access-log/erasures"),
    ("GET", "/v1/access-log/retention"),
    ("GET", "/v1/access-log/pruned"),
    ("POST", "/v1/reports/person"),
    ("POST", "/v1/reports/breach"),
    ("POST", "/v1/reports/reconciliation"),
    ("GET", "/v1/processing-register"),
    ("POST", "/v1/registries/{id}/changes"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/.well-known/jwks.json"),
    ("GET", "/openapi.json"),
];

/// The whole API.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/v1/queries", post_or_query(queries::queries_ask))
        .route(
            "/v1/queries/explain",
            post_or_query(explain::queries_explain),
        )
        .route("/v1/query-batches", post(batches::query_batches_ask))
        .route("/v1/checks", post(checks::checks_make))
        .route("/v1/catalogue", get(catalogue::catalogue_show))
        .route("/v1/entitlements", get(entitlements::entitlements_show))
        .route("/v1/me/accesses", get(me::me_accesses_list))
        .route(
            "/v1/emergency-uses",
            get(emergency_uses::emergency_uses_list),
        )
        .route(
            "/v1/emergency-uses/{query_id}/review",
            post(emergency_uses::emergency_uses_review),
        )
        .route(
            "/v1/consents",
            get(consents::consents_list).post(consents::consents_give),
        )
        .route("/v1/consents/{id}", get(consents::consents_show))
        .route("/v1/consents/{id}/revoke", post(consents::consents_revoke))
        .route("/v1/seals", get(seals::seals_list).post(seals::seals_set))
        .route("/v1/seals/lift", post(seals::seals_lift))
        .route("/v1/alerts", get(alerts::alerts_list))
        .route(
            "/v1/alerts/{leaf_index}/review",
            post(alerts::alerts_review),
        )
        .route(
            "/v1/access-log/entries",
            get(access_log::entries::entries_list),
        )
        .route(
            "/v1/access-log/entries/{leaf_index}",
            get(access_log::entries::entries_show),
        )
        .route(
            "/v1/access-log/searches",
            post(access_log::entries::searches_make),
        )
        .route(
            "/v1/access-log/checkpoint",
            get(access_log::checkpoint_show),
        )
        .route(
            "/v1/access-log/checkpoint/cosigned",
            get(access_log::cosigned_checkpoint_show),
        )
        .route("/v1/access-log/tile/{*path}", get(access_log::tile_show))
        .route("/v1/access-log/proofs", post(access_log::proofs_make))
        .route("/v1/access-log/erasures", post(erasures::erasures_make))
        .route("/v1/access-log/retention", get(retention::retention_show))
        .route("/v1/access-log/pruned", get(retention::pruned_show))
        .route("/v1/reports/person", post(reports::reports_person))
        .route("/v1/reports/breach", post(reports::reports_breach))
        .route(
            "/v1/reports/reconciliation",
            post(reports::reports_reconciliation),
        )
        .route(
            "/v1/processing-register",
            get(processing_register::processing_register_show),
        )
        .route(
            "/v1/registries/{id}/changes",
            post(registry_changes::registry_changes_tell),
        )
        .route("/healthz", get(operations::healthz))
        .route("/readyz", get(operations::readyz))
        .route("/metrics", get(operations::metrics))
        .route("/.well-known/jwks.json", get(operations::jwks))
        .route("/openapi.json", get(operations::openapi))
        .merge(pages::router())
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        // The outermost layer of the API: it makes the circumstances that all others need, counts
        // the call, and turns a panic into a problem document.
        .layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            layers::observe,
        ))
        .with_state(app)
}

/// A route for POST and for HTTP QUERY (RFC 10008): safe, with a body. axum's method filters do
/// not know QUERY yet, so it arrives at the route's fallback.
fn post_or_query<H, T>(handler: H) -> MethodRouter<Arc<App>>
where
    H: Handler<T, Arc<App>> + Clone,
    T: 'static,
{
    let query = handler.clone();
    let fallback = |state: axum::extract::State<Arc<App>>,
                    Extension(on): Extension<Circumstances>,
                    request: axum::extract::Request| async move {
        if request.method().as_str() == "QUERY" {
            query.call(request, state.0).await
        } else {
            method_problem(&on, "POST, QUERY")
        }
    };
    post(handler).fallback(fallback)
}

async fn not_found(Extension(on): Extension<Circumstances>) -> Response {
    ProblemResponse::new(ProblemCode::NotFound, &on).into_response()
}

async fn method_not_allowed(Extension(on): Extension<Circumstances>, method: Method) -> Response {
    let allowed = if method == Method::GET || method == Method::HEAD {
        "POST"
    } else {
        "GET"
    };
    method_problem(&on, allowed)
}

fn method_problem(on: &Circumstances, allowed: &'static str) -> Response {
    ProblemResponse::new(ProblemCode::MethodNotAllowed, on)
        .allow(allowed)
        .into_response()
}

#[cfg(test)]
mod tests;
