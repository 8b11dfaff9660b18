//! `GET /v1/catalogue`: what can be asked for at all, with titles in the caller's language.

use super::{caller, circumstances::Circumstances};
use crate::{app::App, auth::Scope, registry::Registry};
use axum::{
    Json,
    extract::{Extension, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use motlan_adapter_sdk::tier::Tier;
use motlan_schemas::{
    catalogue::{Attribute, Cardinality, Dataset, Sensitivity, SubjectKind},
    language::Language,
};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// Everything that can be asked for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Catalogue)]
pub(super) struct CatalogueView<'a> {
    /// The datasets, grouped by registry.
    datasets: Vec<DatasetView<'a>>,
    /// The registries that this gateway asks, in the order of its configuration.
    registries: Vec<RegistryView<'a>>,
}

/// A registry, and how far the adapter that asks it may be trusted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CatalogueRegistry)]
pub(super) struct RegistryView<'a> {
    /// Its id.
    id: &'a str,
    /// The datasets that it serves here.
    datasets: Vec<&'a str>,
    /// What the conformance kit found of its adapter; absent where it was not examined, or has
    /// changed since.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    conformance: Option<ConformanceView>,
}

/// What the conformance kit found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CatalogueConformance)]
pub(super) struct ConformanceView {
    /// `bronze`: safe. `silver`: frugal and exact too. `gold`: complete too. `none`: not shown to be
    /// safe.
    #[schema(value_type = String)]
    tier: Tier,
    /// How many checks it passed.
    checks_passed: usize,
    /// How many could not be shown of it, or were left out.
    checks_skipped: usize,
    /// The version of the kit.
    kit: String,
}

/// A dataset: the unit of fetching, caching and consent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CatalogueDataset)]
pub(super) struct DatasetView<'a> {
    /// The dotted name: `population.residence`.
    name: &'a str,
    /// Its title, in the language asked for.
    title: &'a str,
    /// What it holds.
    description: &'a str,
    /// The registry that serves it.
    registry: &'a str,
    /// The authority that answers for it.
    owner: &'a str,
    /// Whom it is about: `person` or `enterprise`.
    #[schema(value_type = String)]
    subject: SubjectKind,
    /// `one` record or `many`.
    #[schema(value_type = String)]
    cardinality: Cardinality,
    /// How long an answer counts as fresh where the purpose does not say less.
    max_age_seconds: u64,
    /// Its attributes.
    attributes: Vec<AttributeView<'a>>,
}

/// An attribute: the unit of release.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CatalogueAttribute)]
pub(super) struct AttributeView<'a> {
    /// The full dotted name.
    name: &'a str,
    /// Its title, in the language asked for.
    title: &'a str,
    /// What it means.
    description: &'a str,
    /// The JSON type of its value.
    r#type: &'a str,
    /// `basic`, `sensitive` or `special`.
    #[schema(value_type = String)]
    sensitivity: Sensitivity,
    /// Whether the value identifies another person, who then also gets a log entry.
    identifies_another_person: bool,
    /// Whether it is delivered whatever else of the dataset is selected.
    flag: bool,
    /// The code list of its values.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
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
    let registries = app.pipeline.registries.all().iter();
    let view = CatalogueView {
        datasets: datasets.map(|d| dataset(d, on.language)).collect(),
        registries: registries.map(|r| registry(r, &app)).collect(),
    };
    let language = (
        header::CONTENT_LANGUAGE,
        HeaderValue::from_static(on.language.tag()),
    );
    ([language], Json(view)).into_response()
}

fn registry<'a>(registry: &'a Registry, app: &'a App) -> RegistryView<'a> {
    let datasets = app.pipeline.catalogue.datasets().iter();
    let served = datasets.filter(|dataset| registry.serves(dataset.id));
    RegistryView {
        id: &registry.name,
        datasets: served.map(|dataset| &*dataset.name).collect(),
        conformance: registry.conformance().map(|found| ConformanceView {
            tier: found.tier,
            checks_passed: found.count("passed"),
            checks_skipped: found.count("not_applicable") + found.count("unproven"),
            kit: found.kit.clone(),
        }),
    }
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
