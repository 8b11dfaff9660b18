//! `GET /v1/catalogue`: what can be asked for at all, with titles in the caller's language.

use super::{caller, circumstances::Circumstances};
use crate::{app::App, auth::Scope};
use axum::{
    Json,
    extract::{Extension, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use motlan_schemas::{
    catalogue::{Attribute, Cardinality, Dataset, Sensitivity, SubjectKind},
    language::Language,
};
use serde::Serialize;
use std::sync::Arc;

/// The catalogue in one language.
#[derive(Debug, Serialize)]
struct CatalogueView<'a> {
    datasets: Vec<DatasetView<'a>>,
}

#[derive(Debug, Serialize)]
struct DatasetView<'a> {
    name: &'a str,
    title: &'a str,
    description: &'a str,
    registry: &'a str,
    owner: &'a str,
    subject: SubjectKind,
    cardinality: Cardinality,
    max_age_seconds: u64,
    attributes: Vec<AttributeView<'a>>,
}

#[derive(Debug, Serialize)]
struct AttributeView<'a> {
    name: &'a str,
    title: &'a str,
    description: &'a str,
    r#type: &'a str,
    sensitivity: Sensitivity,
    identifies_another_person: bool,
    flag: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    code_list: Option<&'a str>,
}

/// Shows the datasets and their attributes.
pub async fn catalogue_show(
    State(app): State<Arc<App>>,
    Extension(on): Extension<Circumstances>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = caller::with_scope(&app, &headers, Scope::Query, &on).await {
        return refusal;
    }
    let datasets = app.pipeline.catalogue.datasets().iter();
    let view = CatalogueView {
        datasets: datasets.map(|d| dataset(d, on.language)).collect(),
    };
    let language = (
        header::CONTENT_LANGUAGE,
        HeaderValue::from_static(on.language.tag()),
    );
    ([language], Json(view)).into_response()
}

fn dataset(dataset: &Dataset, language: Language) -> DatasetView<'_> {
    DatasetView {
        name: &dataset.name,
        title: dataset.title.get(language),
        description: dataset.description.get(language),
        registry: dataset.registry.as_str(),
        owner: dataset.owner.get(language),
        subject: dataset.subject,
        cardinality: dataset.cardinality,
        max_age_seconds: dataset.max_age_seconds,
        attributes: dataset
            .attributes
            .iter()
            .map(|a| attribute(a, language))
            .collect(),
    }
}

fn attribute(attribute: &Attribute, language: Language) -> AttributeView<'_> {
    AttributeView {
        name: &attribute.path,
        title: attribute.title.get(language),
        description: attribute.description.get(language),
        r#type: &attribute.kind,
        sensitivity: attribute.sensitivity,
        identifies_another_person: attribute.person,
        flag: attribute.flag,
        code_list: attribute.code_list.as_deref(),
    }
}
