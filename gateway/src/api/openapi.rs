//! The OpenAPI 3.1 description of the API, generated from code.
//!
//! [`operations`] says what each call does, [`problems`] which problems it can meet. What goes in
//! and comes out is said by the types that are read and sent, and by [`shapes`] where there is no
//! such type. The document is committed as `docs/openapi.json`; a test fails when it and the code
//! differ.

mod examples;
mod operations;
mod problems;
pub mod shapes;

use super::{
    access_log::{EntriesFound, EntryView, PartKeysView, Proof, ProofRequest, ProvenEntry},
    alerts::{AlertReviewView, AlertReviewed, AlertView, AlertsView, ReviewStep},
    catalogue::{AttributeView, CatalogueView, ConformanceView, DatasetView, RegistryView},
    consents::view::{ConsentView, ConsentsView, NamedThing},
    emergency_uses::{EmergencyUseView, EmergencyUses, OfficerView, Review, Reviewed, Verdict},
    entitlements::{AgencyView, BasisView, Entitlements, PurposeView},
    me::view::{
        AccessView, Accesses, AgencyName, AttributeName, DeniedView, EmergencyView, GroundView,
        PurposeName,
    },
    operations::{DiskReadiness, PolicyReadiness, Readiness, ScrubReadiness, WitnessReadiness},
    registry_changes::{ChangeData, ChangeEvent, TakenView},
    seals::{SealView, SealsView},
};
use crate::alerts;
use crate::pipeline::{
    check::{CheckAnswer, CheckDenial, CheckedStatement},
    explain::{AttributeVerdict, Effect, Explanation, WouldAsk},
};
use motlan_schemas::{
    answer::{
        Basis, DatasetAnswer, DatasetProblem, DatasetStatus, Denial, DenialReason, FieldProblem,
        Receipt, RegistryAnswer, RegistryProblem, ServedFrom,
    },
    check::{Check, CheckResult, InsuranceKind},
    consent::ConsentUses,
    problem::Problem,
    query::{EmergencyGround, Relation},
    seal::SealLevel,
};
use serde_json::Value;
use utoipa::openapi::{
    Components, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Paths,
    security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    tag::TagBuilder,
};

/// The name of the security scheme.
const BEARER: &str = "bearer";

/// The document, ready to be served.
#[must_use]
pub fn document() -> Value {
    // INVARIANT: the document has text keys only, so it always serialises.
    serde_json::to_value(build()).unwrap_or_default()
}

/// The examples of the call at a path as they were written: of its body and of its answer.
pub(super) fn written_examples(path: &str) -> (Option<&'static str>, Option<&'static str>) {
    let described = operations::all()
        .into_iter()
        .find(|described| described.path == path);
    described.map_or((None, None), |described| {
        (described.request, described.response)
    })
}

fn build() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Motlan")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(INTRODUCTION))
        .license(Some(
            LicenseBuilder::new()
                .name("Apache-2.0 OR MIT")
                .identifier(Some("Apache-2.0 OR MIT"))
                .build(),
        ));
    let mut paths = Paths::new();
    for operation in operations::all() {
        paths.add_path_operation(operation.path, vec![operation.method], operation.operation);
    }
    let tags = operations::TAGS.map(|(name, description)| {
        TagBuilder::new()
            .name(name)
            .description(Some(description))
            .build()
    });
    OpenApiBuilder::new()
        .info(info.build())
        .paths(paths)
        .components(Some(components()))
        .tags(Some(tags))
        .build()
}

const INTRODUCTION: &str = "One question about a citizen or an enterprise, one lawful answer out of \
the civil-status, population, business, insurance, land, tax and health registries.\n\nEvery \
question names a purpose, the administrative procedure for which it is asked. What the purpose does \
not cover is refused before any registry is called, with the rule and a remedy. What is disclosed \
is first recorded in a publicly verifiable log; the receipt in each answer proves it.\n\nTexts for \
people come in Vietnamese, English or French (`Accept-Language`). Every response carries \
`Request-Id` and `traceparent`; both are taken over from the request where they are well-formed. \
Personal numbers travel in bodies only, never in addresses.";

fn components() -> Components {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some(
            "An access token (RFC 9068) from the issuer that the gateway trusts, with the scope \
             that the operation names.",
        ))
        .build();
    let components = Components::builder()
        .security_scheme(BEARER, SecurityScheme::Http(bearer))
        .schema_from::<shapes::Query>()
        .schema_from::<shapes::Batch>()
        .schema_from::<shapes::Require>()
        .schema_from::<shapes::Subject>()
        .schema_from::<shapes::PersonSubject>()
        .schema_from::<shapes::EnterpriseSubject>()
        .schema_from::<shapes::Answer>()
        .schema_from::<DatasetAnswer>()
        .schema_from::<RegistryAnswer>()
        .schema_from::<DatasetStatus>()
        .schema_from::<ServedFrom>()
        .schema_from::<DatasetProblem>()
        .schema_from::<RegistryProblem>()
        .schema_from::<Denial>()
        .schema_from::<DenialReason>()
        .schema_from::<Basis>()
        .schema_from::<Receipt>()
        .schema_from::<Explanation>()
        .schema_from::<AttributeVerdict>()
        .schema_from::<WouldAsk>()
        .schema_from::<Effect>()
        .schema_from::<shapes::Checks>()
        .schema_from::<shapes::Applicant>()
        .schema_from::<shapes::Hidden>()
        .schema_from::<Relation>()
        .schema_from::<Check>()
        .schema_from::<InsuranceKind>()
        .schema_from::<CheckResult>()
        .schema_from::<CheckAnswer>()
        .schema_from::<CheckedStatement>()
        .schema_from::<CheckDenial>()
        .schema_from::<CatalogueView<'_>>()
        .schema_from::<DatasetView<'_>>()
        .schema_from::<AttributeView<'_>>()
        .schema_from::<RegistryView<'_>>()
        .schema_from::<ConformanceView>()
        .schema_from::<Entitlements<'_>>()
        .schema_from::<AgencyView<'_>>()
        .schema_from::<PurposeView<'_>>()
        .schema_from::<BasisView<'_>>()
        .schema_from::<shapes::Emergency>()
        .schema_from::<EmergencyGround>()
        .schema_from::<shapes::ConsentRequest>()
        .schema_from::<ConsentUses>()
        .schema_from::<shapes::Revocation>()
        .schema_from::<shapes::ConsentReceipt>()
        .schema_from::<ConsentsView>()
        .schema_from::<ConsentView>()
        .schema_from::<NamedThing>()
        .schema_from::<shapes::SealRequest>()
        .schema_from::<SealLevel>()
        .schema_from::<SealView>()
        .schema_from::<SealsView>()
        .schema_from::<Accesses>()
        .schema_from::<AccessView>()
        .schema_from::<AgencyName>()
        .schema_from::<PurposeName>()
        .schema_from::<AttributeName>()
        .schema_from::<GroundView>()
        .schema_from::<DeniedView>()
        .schema_from::<EmergencyView>()
        .schema_from::<EmergencyUses>()
        .schema_from::<EmergencyUseView>()
        .schema_from::<OfficerView>()
        .schema_from::<Review>()
        .schema_from::<Verdict>()
        .schema_from::<Reviewed>()
        .schema_from::<shapes::LogSearch>()
        .schema_from::<EntriesFound>()
        .schema_from::<EntryView>()
        .schema_from::<ProvenEntry>()
        .schema_from::<PartKeysView>()
        .schema_from::<AlertsView>()
        .schema_from::<AlertView>()
        .schema_from::<AlertReviewView>()
        .schema_from::<alerts::Counts>()
        .schema_from::<alerts::State>()
        .schema_from::<ReviewStep>()
        .schema_from::<AlertReviewed>()
        .schema_from::<ChangeEvent>()
        .schema_from::<ChangeData>()
        .schema_from::<TakenView>()
        .schema_from::<ProofRequest>()
        .schema_from::<Proof>()
        .schema_from::<shapes::Health>()
        .schema_from::<Readiness>()
        .schema_from::<WitnessReadiness>()
        .schema_from::<PolicyReadiness>()
        .schema_from::<DiskReadiness>()
        .schema_from::<ScrubReadiness>()
        .schema_from::<shapes::KeySet>()
        .schema_from::<Problem>()
        .schema_from::<FieldProblem>()
        .schema_from::<shapes::OutcomeProblem>();
    problems::examples()
        .into_iter()
        .fold(
            operations::reports::schemas(components),
            |components, (code, example)| components.example(code, example),
        )
        .build()
}

#[cfg(test)]
mod tests;
