//! What an answer means, by the manifest's rules: the first that fits.

use super::Question;
use crate::{
    jq::Val,
    manifest::{Outcome, Rule},
    mapping::run,
};
use motlan_adapter_sdk::{adapter::AdapterError, http::public_code};

/// The rule for an HTTP answer; an error where the rule is one.
pub(super) fn of_answer(
    question: &Question<'_>,
    status: u16,
    page: &Val,
) -> Result<Option<Rule>, AdapterError> {
    decide(question, Some(status), page)
}

/// The rule for a resource, feature or element that a protocol's client found.
pub(super) fn of_item(question: &Question<'_>, item: &Val) -> Result<Option<Rule>, AdapterError> {
    decide(question, None, item)
}

fn decide(
    question: &Question<'_>,
    status: Option<u16>,
    page: &Val,
) -> Result<Option<Rule>, AdapterError> {
    for outcome in &question.dataset.outcomes {
        if !applies(question, outcome, status, page)? {
            continue;
        }
        return match outcome.rule {
            Rule::Ok | Rule::Absent => Ok(Some(outcome.rule)),
            Rule::Refused => Err(AdapterError::Refused {
                reason: reason(question, outcome, status, page),
            }),
            Rule::Down => Err(AdapterError::Down {
                reason: reason(question, outcome, status, page),
            }),
            Rule::Truncated => Err(AdapterError::Truncated {
                reason: reason(question, outcome, status, page),
            }),
            Rule::Malformed => Err(AdapterError::malformed(reason(
                question, outcome, status, page,
            ))),
        };
    }
    Ok(None)
}

fn applies(
    question: &Question<'_>,
    outcome: &Outcome,
    status: Option<u16>,
    page: &Val,
) -> Result<bool, AdapterError> {
    if !outcome.statuses.is_empty()
        && status.is_none_or(|status| !outcome.statuses.contains(&status))
    {
        return Ok(false);
    }
    match &outcome.when {
        None => Ok(true),
        Some(when) => when
            .holds(page.clone(), question.mapping.around())
            .map_err(|failure| AdapterError::malformed(format!("`when` {failure}"))),
    }
}

/// The status and the registry's own code, neither of which is about a person.
fn reason(question: &Question<'_>, outcome: &Outcome, status: Option<u16>, page: &Val) -> String {
    let code = outcome.code.as_ref().and_then(|code| {
        let found = run("code", code, page.clone(), question.mapping.around()).ok()?;
        found
            .first()
            .map(|code| public_code(&code.to_string().replace('"', "")).to_owned())
    });
    match (status, code) {
        (Some(status), Some(code)) => format!("HTTP {status}, {code}"),
        (Some(status), None) => format!("HTTP {status}, by the manifest's outcomes"),
        (None, Some(code)) => code,
        (None, None) => "by the manifest's outcomes".to_owned(),
    }
}
