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

#[derive(Debug, Serialize)]
struct Entitlements<'a> {
    agency: AgencyView<'a>,
    purposes: Vec<PurposeView<'a>>,
}

#[derive(Debug, Serialize)]
struct AgencyView<'a> {
    id: &'a str,
    name: &'a str,
}

#[derive(Debug, Serialize)]
struct PurposeView<'a> {
    id: &'a str,
    code: Option<&'a str>,
    title: &'a str,
    basis: BasisView<'a>,
    case_required: bool,
    officer_required: bool,
    attributes: Vec<&'a str>,
}

#[derive(Debug, Serialize)]
struct BasisView<'a> {
    kind: &'static str,
    reference: &'a str,
}

/// Shows the purposes of the caller's agency with their attributes.
pub async fn entitlements_show(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    headers: HeaderMap,
) -> Response {
    let caller = match caller::agency(&app, &headers, &on).await {
        Ok(caller) => caller,
        Err(refusal) => return refusal,
    };
    let policies = app.pipeline.policies.load();
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
