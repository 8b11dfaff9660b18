//! From a response to the records in it: where they are, whether there are any, which of them count.

use crate::config::{Config, History};
use jiff::civil::Date;
use motlan_adapter_sdk::{adapter::AdapterError, http::public_code, value, xml::Element};

/// What the elements of a response are called.
#[derive(Debug)]
pub(crate) struct Response {
    total: String,
    error: String,
    success_codes: Vec<String>,
    not_found_codes: Vec<String>,
    notices: Vec<String>,
}

impl Response {
    pub(crate) fn new(config: &Config) -> Self {
        let mut notices = config.notice_elements.clone();
        // A response may repeat the request.
        notices.extend([config.request_element.clone(), "request".to_owned()]);
        Self {
            total: config.total_element.clone(),
            error: config.error_element.clone(),
            success_codes: config.success_codes.clone(),
            not_found_codes: config.not_found_codes.clone(),
            notices,
        }
    }

    /// All records of a response that are at a place; none where it says that there are none.
    pub(crate) fn records<'r>(
        &self,
        response: &'r Element,
        place: &str,
    ) -> Result<Vec<&'r Element>, AdapterError> {
        if self.reports_nobody(response)? {
            return Ok(Vec::new());
        }
        let total = self.total(response)?;
        let mut level = vec![response];
        for name in place.split('/') {
            let below = level
                .iter()
                .flat_map(|element| element.children_named(name));
            let below: Vec<_> = below.collect();
            if below.is_empty() && total == Some(0) {
                return Ok(below);
            }
            if below.is_empty() && level.iter().any(|element| self.holds_something(element)) {
                let reason =
                    format!("a response without `{name}`, where its records are looked for");
                return Err(AdapterError::malformed(reason));
            }
            level = below;
        }
        match total {
            Some(total) if level.len() < total => Err(AdapterError::Truncated {
                reason: format!("{} of {total} records", level.len()),
            }),
            _ => Ok(level),
        }
    }

    /// An error code in an element of the service's own.
    fn reports_nobody(&self, response: &Element) -> Result<bool, AdapterError> {
        let code = (!self.error.is_empty()).then(|| at(response, &self.error));
        let Some(code) = code.flatten().and_then(Element::value) else {
            return Ok(false);
        };
        let is_in = |codes: &[String]| codes.iter().any(|known| known == code);
        if is_in(&self.not_found_codes) {
            Ok(true)
        } else if is_in(&self.success_codes) {
            Ok(false)
        } else {
            let reason = format!("error {}", public_code(code));
            Err(AdapterError::Refused { reason })
        }
    }

    fn total(&self, response: &Element) -> Result<Option<usize>, AdapterError> {
        let total = at(response, &self.total).and_then(Element::value);
        total
            .map(str::parse)
            .transpose()
            .map_err(|_| AdapterError::malformed("the number of records is no number"))
    }

    fn holds_something(&self, element: &Element) -> bool {
        let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let (total, error) = (last(&self.total), last(&self.error));
        let is_known = |name: &str| {
            name == total || name == error || self.notices.iter().any(|notice| notice == name)
        };
        element.children.iter().any(|child| !is_known(&child.name))
    }
}

/// The first element at a way of names joined by `/`.
pub(crate) fn at<'e>(element: &'e Element, path: &str) -> Option<&'e Element> {
    path.split('/')
        .try_fold(element, |element, name| element.child_named(name))
}

/// Of elements that repeat for each time in which they held, the one that holds now; `None` where all
/// have ended.
pub(crate) fn current<'e>(
    elements: &[&'e Element],
    history: &History,
) -> Result<Option<&'e Element>, AdapterError> {
    let date = |element: &Element, name: &str| {
        let text = element.child_named(name).and_then(Element::value);
        let date = text.map(value::partial_date).transpose();
        date.map(|date| date.flatten())
            .map_err(|_| AdapterError::malformed("a time that is no date"))
    };
    let mut best: Option<(Option<Date>, &Element)> = None;
    for element in elements {
        if date(element, &history.until)?.is_some() {
            continue;
        }
        let began = date(element, &history.from)?.map(|date| date.earliest());
        if best.is_none_or(|(known, _)| began > known) {
            best = Some((began, element));
        }
    }
    Ok(best.map(|(_, element)| element))
}

#[cfg(test)]
mod tests;
