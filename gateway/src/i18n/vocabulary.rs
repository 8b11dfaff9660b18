//! The texts of the vocabulary's enums: problems, mistakes, denials, outcomes.

use super::texts;
use motlan_schemas::{
    answer::{DatasetStatus, DenialReason, RegistryProblem},
    json::{JsonError, JsonMistake},
    language::Language,
    problem::ProblemCode,
    query::Mistake,
};

/// The title of a problem.
#[must_use]
pub fn problem_title(language: Language, code: ProblemCode) -> String {
    texts().plain(language, &format!("problem-{}", code.as_str()))
}

/// What happened and what to do, for a problem document. Arguments that a text may use: `seconds`
/// until the next try, `scope`, `allow`ed methods, `count` of mistakes.
#[must_use]
pub fn problem_detail(language: Language, code: ProblemCode, arguments: &[(&str, &str)]) -> String {
    texts().get(
        language,
        &format!("problem-{}.detail", code.as_str()),
        arguments,
    )
}

/// Where a body stops being JSON, and why.
#[must_use]
pub fn json_mistake(language: Language, error: &JsonError) -> String {
    let reason = match error.reason {
        JsonMistake::Syntax => "json-syntax",
        JsonMistake::Ended => "json-ended",
        JsonMistake::DuplicateKey => "json-duplicate_key",
        JsonMistake::Depth => "json-depth",
    };
    let (line, column) = (error.line.to_string(), error.column.to_string());
    let reason = texts().plain(language, reason);
    let arguments = [
        ("line", line.as_str()),
        ("column", column.as_str()),
        ("reason", &reason),
    ];
    texts().get(language, "problem-malformed_json.at", &arguments)
}

/// What is wrong with a field, and what is expected.
#[must_use]
pub fn mistake(language: Language, mistake: &Mistake) -> String {
    let mut arguments = mistake.arguments();
    let mut key = format!("mistake-{}", mistake.code());
    for (name, text) in &mut arguments {
        match *name {
            "nearest" => key.push_str(".nearest"),
            "expected" => {
                *text = texts().plain(language, &format!("expected-{}", text.replace(' ', "-")));
            }
            _ => {}
        }
    }
    let arguments: Vec<_> = arguments
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    texts().get(language, &key, &arguments)
}

/// The words that a remedy may use.
#[derive(Debug, Clone, Copy)]
pub struct DenialWords<'a> {
    /// The title of the purpose, in the language of the remedy.
    pub purpose: &'a str,
    /// The name of the agency that asks.
    pub agency: &'a str,
    /// How to reach the agency's data protection officer.
    pub contact: &'a str,
    /// The id of the rule that refused.
    pub rule: &'a str,
}

/// Why an attribute is denied, in a few words.
#[must_use]
pub fn denial_title(language: Language, reason: DenialReason) -> String {
    texts().plain(language, &format!("denial-{}", reason.as_str()))
}

/// What the caller can do about a denial.
#[must_use]
pub fn denial_remedy(language: Language, reason: DenialReason, words: DenialWords<'_>) -> String {
    let arguments = [
        ("purpose", words.purpose),
        ("agency", words.agency),
        ("contact", words.contact),
        ("rule", words.rule),
    ];
    texts().get(
        language,
        &format!("denial-{}.remedy", reason.as_str()),
        &arguments,
    )
}

/// What became of a dataset.
#[must_use]
pub fn dataset_status(language: Language, status: DatasetStatus) -> String {
    texts().plain(language, &format!("status-{}", status.as_str()))
}

/// What is wrong with a registry.
#[must_use]
pub fn registry_problem(language: Language, problem: RegistryProblem) -> String {
    texts().plain(language, &format!("registry-{}", problem.as_str()))
}
