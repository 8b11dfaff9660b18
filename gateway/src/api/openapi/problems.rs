//! The problems that operations can meet, as responses with an example for each code.

use crate::{
    api::problem::{MEDIA_TYPE, example, status},
    i18n::vocabulary::problem_title,
};
use motlan_schemas::{
    language::Language,
    problem::{Problem, ProblemCode},
};
use std::collections::BTreeMap;
use utoipa::{
    ToSchema,
    openapi::{
        ContentBuilder, Ref, RefOr, Response, ResponseBuilder,
        example::{Example, ExampleBuilder},
    },
};

use super::shapes::OutcomeProblem;

/// Met by every call that names its caller.
pub(super) const CALLER: &[ProblemCode] = &[
    ProblemCode::TokenMissing,
    ProblemCode::TokenInvalid,
    ProblemCode::TokenExpired,
    ProblemCode::InsufficientScope,
    ProblemCode::IssuerUnavailable,
];
/// Met by every call on behalf of an agency.
pub(super) const AGENCY: &[ProblemCode] = &[ProblemCode::UnknownClient, ProblemCode::RateLimited];
/// Met by every call with a body.
pub(super) const BODY: &[ProblemCode] = &[
    ProblemCode::MalformedJson,
    ProblemCode::BodyTimeout,
    ProblemCode::BodyTooLarge,
    ProblemCode::UnsupportedMediaType,
];
/// Met by every call with a question.
pub(super) const QUESTION: &[ProblemCode] = &[ProblemCode::InvalidQuery];
/// Met where a question is answered.
pub(super) const ANSWER: &[ProblemCode] = &[
    ProblemCode::NothingPermitted,
    ProblemCode::RegistriesUnavailable,
    ProblemCode::RegistriesTimeout,
    ProblemCode::IncompleteAnswer,
    ProblemCode::AccessLogUnavailable,
];
/// Met where statements are checked.
pub(super) const CHECKED: &[ProblemCode] = &[
    ProblemCode::NothingPermitted,
    ProblemCode::AccessLogUnavailable,
];
/// Met where registries are asked about people.
pub(super) const BUDGET: &[ProblemCode] = &[ProblemCode::BudgetExhausted];
/// Met by every call.
pub(super) const ANY: &[ProblemCode] = &[ProblemCode::Overloaded, ProblemCode::Internal];

/// One response a status, with an example for each code.
pub(super) fn responses(groups: &[&[ProblemCode]]) -> Vec<(String, Response)> {
    let mut by_status: BTreeMap<u16, Vec<ProblemCode>> = BTreeMap::new();
    for code in groups.iter().copied().chain([ANY]).flatten() {
        by_status
            .entry(status(*code).as_u16())
            .or_default()
            .push(*code);
        if *code == ProblemCode::IncompleteAnswer {
            let too_late = status(ProblemCode::RegistriesTimeout).as_u16();
            by_status.entry(too_late).or_default().push(*code);
        }
    }
    by_status
        .into_iter()
        .map(|(status, codes)| (status.to_string(), response(&codes)))
        .collect()
}

fn response(codes: &[ProblemCode]) -> Response {
    let schema = if codes.iter().any(|code| ANSWER.contains(code)) {
        OutcomeProblem::name()
    } else {
        Problem::name()
    };
    let examples = codes.iter().map(|code| {
        let example = Ref::new(format!("#/components/examples/{}", code.as_str()));
        (code.as_str(), RefOr::<Example>::Ref(example))
    });
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(schema)))
        .examples_from_iter(examples)
        .build();
    let titles: Vec<_> = codes
        .iter()
        .map(|code| {
            format!(
                "`{}`: {}",
                code.as_str(),
                problem_title(Language::En, *code)
            )
        })
        .collect();
    ResponseBuilder::new()
        .description(titles.join(". "))
        .content(MEDIA_TYPE, content)
        .build()
}

/// An example for each code, in English.
pub(super) fn examples() -> Vec<(&'static str, Example)> {
    ProblemCode::ALL
        .iter()
        .map(|code| {
            let problem = example(*code, Language::En);
            let example = ExampleBuilder::new()
                .summary(problem.title.clone())
                .value(serde_json::to_value(&problem).ok())
                .build();
            (code.as_str(), example)
        })
        .collect()
}
