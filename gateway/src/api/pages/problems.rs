//! `GET /problems` and `GET /problems/{code}`: where the `type` of a problem document leads.

use super::{
    frame::{Frame, Piece, VERSION, prose},
    language, page,
};
use crate::{
    api::{
        circumstances::Circumstances,
        problem::{example, status},
    },
    i18n::vocabulary::{denial_title, problem_title, registry_problem},
};
use askama::Template;
use axum::{
    extract::{Extension, Path},
    http::{StatusCode, Uri},
    response::Response,
};
use motlan_schemas::{
    answer::{DenialReason, RegistryProblem},
    language::Language,
    problem::ProblemCode,
};

#[derive(Template)]
#[template(path = "problems.html")]
struct ProblemList {
    frame: Frame,
    lead: Vec<Piece>,
    groups: [Group; 3],
    lists: [Meanings; 2],
}

struct Group {
    id: &'static str,
    title: String,
    problems: Vec<Row>,
}

struct Row {
    code: &'static str,
    status: u16,
    title: String,
    retryable: bool,
}

/// A closed list of codes with their meanings.
struct Meanings {
    id: &'static str,
    title: String,
    lead: Vec<Piece>,
    entries: Vec<(&'static str, String)>,
}

/// Whose part it is to mend a problem.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Party {
    Caller,
    Registry,
    Gateway,
}

/// Lists all problems.
pub(super) async fn problems_list(Extension(on): Extension<Circumstances>, uri: Uri) -> Response {
    let language = language(&uri, &on);
    let mut frame = Frame {
        language,
        path: "/problems".to_owned(),
        title: String::new(),
    };
    frame.title = frame.text("problems-title");
    let parties = [
        (Party::Caller, "problems-caller"),
        (Party::Registry, "problems-registry"),
        (Party::Gateway, "problems-gateway"),
    ];
    let groups = parties.map(|(whose, id)| {
        let codes = ProblemCode::ALL
            .iter()
            .filter(|code| party(**code) == whose);
        let mut problems: Vec<_> = codes.map(|code| row(*code, language)).collect();
        problems.sort_by_key(|row| row.status);
        Group {
            id,
            title: frame.text(id),
            problems,
        }
    });
    let denials = DenialReason::ALL.map(|reason| (reason.as_str(), denial_title(language, reason)));
    let datasets = REGISTRY_PROBLEMS.map(|code| (code.as_str(), registry_problem(language, code)));
    let lists = [
        meanings(&frame, "problems-denials", denials.into()),
        meanings(&frame, "problems-datasets", datasets.into()),
    ];
    let lead = prose(&frame.text("problems-lead"));
    page(
        StatusCode::OK,
        language,
        &ProblemList {
            frame,
            lead,
            groups,
            lists,
        },
    )
}

const REGISTRY_PROBLEMS: [RegistryProblem; 6] = [
    RegistryProblem::RegistryTimeout,
    RegistryProblem::RegistryDown,
    RegistryProblem::RegistryRefused,
    RegistryProblem::RegistryMalformed,
    RegistryProblem::RegistryTruncated,
    RegistryProblem::RegistryWrongSubject,
];

const fn party(code: ProblemCode) -> Party {
    match code {
        ProblemCode::RegistriesUnavailable
        | ProblemCode::RegistriesTimeout
        | ProblemCode::IncompleteAnswer => Party::Registry,
        ProblemCode::IssuerUnavailable
        | ProblemCode::AccessLogUnavailable
        | ProblemCode::IndexBehind
        | ProblemCode::Overloaded
        | ProblemCode::Internal => Party::Gateway,
        _ => Party::Caller,
    }
}

fn row(code: ProblemCode, language: Language) -> Row {
    Row {
        code: code.as_str(),
        status: status(code).as_u16(),
        title: problem_title(language, code),
        retryable: code.is_retryable(),
    }
}

fn meanings(frame: &Frame, id: &'static str, entries: Vec<(&'static str, String)>) -> Meanings {
    let lead = prose(&frame.text(&format!("{id}-lead")));
    Meanings {
        id,
        title: frame.text(id),
        lead,
        entries,
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    frame: Frame,
    row: Row,
    cause: Vec<Piece>,
    remedy: Vec<Piece>,
    example: String,
}

/// Explains one problem; an unknown code is itself a problem, `not_found`.
pub(super) async fn problem_show(
    Path(code): Path<String>,
    Extension(on): Extension<Circumstances>,
    uri: Uri,
) -> Response {
    let language = language(&uri, &on);
    let known = ProblemCode::ALL.iter().find(|known| known.as_str() == code);
    let (code, answer) = known.map_or((ProblemCode::NotFound, StatusCode::NOT_FOUND), |known| {
        (*known, StatusCode::OK)
    });
    let row = row(code, language);
    let path = format!("/problems/{}", row.code);
    let frame = Frame {
        language,
        path,
        title: row.title.clone(),
    };
    let text = |part| prose(&frame.text(&format!("problem-{}.{part}", row.code)));
    let (cause, remedy) = (text("cause"), text("remedy"));
    // INVARIANT: a problem has text keys only, so it always serialises.
    let example = serde_json::to_string_pretty(&example(code, language)).unwrap_or_default();
    page(
        answer,
        language,
        &ProblemPage {
            frame,
            row,
            cause,
            remedy,
            example,
        },
    )
}
