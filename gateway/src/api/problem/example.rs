//! A typical document of each problem, for the API's description and the problem's page.

use super::status;
use crate::i18n::vocabulary::{mistake, problem_detail, problem_title};
use motlan_schemas::{
    answer::FieldProblem,
    language::Language,
    problem::{Problem, ProblemCode},
    query::Mistake,
};

/// The members that every document of this problem has.
#[must_use]
pub fn example(code: ProblemCode, language: Language) -> Problem {
    let arguments = [
        ("seconds", "1"),
        ("scope", "query"),
        ("allow", "POST, QUERY"),
        ("count", "1"),
    ];
    Problem {
        r#type: format!("/problems/{}", code.as_str()),
        title: problem_title(language, code),
        status: status(code).as_u16(),
        detail: problem_detail(language, code, &arguments),
        code: code.as_str(),
        request_id: "req_0193b6a4-7c1e-7d52-9a31-5f0c2e8b4d17".to_owned(),
        retryable: code.is_retryable(),
        errors: match code {
            ProblemCode::InvalidQuery => vec![wrong_field(language)],
            _ => Vec::new(),
        },
    }
}

fn wrong_field(language: Language) -> FieldProblem {
    let wrong = Mistake::UnknownAttribute {
        nearest: Some("population.identity.full_name".to_owned()),
    };
    FieldProblem::new("/select/0".to_owned(), &wrong, mistake(language, &wrong))
}
