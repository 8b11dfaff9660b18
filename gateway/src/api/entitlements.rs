//! `GET /v1/entitlements`: what the caller's agency may ask, and on which basis.

use super::{caller, circumstances::Circumstances};
use crate::app::App;
use axum::{
    Json,
    extract::{Extension, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use motlan_policies::purpose::Purpose;
use motlan_schemas::{catalogue::Catalogue, language::Language};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// What the caller's agency may ask.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Entitlements<'a> {
    /// The agency of the token.
    agency: AgencyView<'a>,
    /// Its purposes.
    purposes: Vec<PurposeView<'a>>,
}

/// The agency of the token.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EntitledAgency)]
pub(super) struct AgencyView<'a> {
    /// Its id.
    id: &'a str,
    /// Its name, in the language asked for.
    name: &'a str,
}

/// A purpose: one administrative procedure.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EntitledPurpose)]
pub(super) struct PurposeView<'a> {
    /// The id to send as `purpose`.
    id: &'a str,
    /// The code of the procedure in the national database of procedures; null where it has none.
    #[schema(required)]
    code: Option<&'a str>,
    /// Its title, in the language asked for.
    title: &'a str,
    /// What allows it.
    basis: BasisView<'a>,
    /// Whether a question must name the case.
    case_required: bool,
    /// Whether a question must name the officer.
    officer_required: bool,
    /// The attributes it covers, by their full dotted names.
    attributes: Vec<&'a str>,
}

/// What allows a purpose.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PurposeBasis)]
pub(super) struct BasisView<'a> {
    /// `law` or `consent`.
    kind: &'static str,
    /// The law and the article.
    reference: &'a str,
}

/// Shows the purposes of the caller's agency with their attributes.
pub async fn entitlements_show(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    headers: HeaderMap,
) -> Response {
    let (caller, policies) = match caller::agency(&app, &headers, &on).await {
        Ok(asking) => asking,
        Err(refusal) => return refusal,
    };
    let catalogue = &app.pipeline.catalogue;
    let purposes = policies.entitlements(&caller.agency);
    let view = Entitlements {
        agency: AgencyView {
            id: caller.agency.id.as_str(),
            name: caller.agency.name.get(on.language),
        },
        purposes: purposes
            .map(|p| purpose(p, catalogue, on.language))
            .collect(),
    };
    let language = (
        header::CONTENT_LANGUAGE,
        HeaderValue::from_static(on.language.tag()),
    );
    ([language], Json(view)).into_response()
}

fn purpose<'a>(
    purpose: &'a Purpose,
    catalogue: &'a Catalogue,
    language: Language,
) -> PurposeView<'a> {
    let names = purpose.attributes.iter().flat_map(|(id, attributes)| {
        catalogue
            .dataset(id)
            .attributes_in(attributes)
            .map(|attribute| attribute.path.as_ref())
    });
    PurposeView {
        id: purpose.id.as_str(),
        code: purpose.code.as_deref(),
        title: purpose.title.get(language),
        basis: BasisView {
            kind: purpose.basis_kind.as_str(),
            reference: &purpose.basis_reference,
        },
        case_required: purpose.case_required,
        officer_required: purpose.officer_required,
        attributes: names.collect(),
    }
}
