//! What the registries that speak FHIR R4 share: the server's frame, outcomes, bundles with their pages, the elements
//! that were asked for, and ids of patients.

use crate::exchange::{Window, accepts, is_of, json, origin, text, with};
use axum::{
    Router,
    extract::Request,
    middleware::{self, Next},
    response::Response,
    routing::MethodRouter,
};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value, json as document};
use std::collections::BTreeMap;
use url::form_urlencoded;

/// Why a form is no search: the issue's code, and a text.
#[derive(Debug)]
pub(crate) struct Mistake {
    pub(crate) code: &'static str,
    pub(crate) text: &'static str,
}

impl Mistake {
    pub(crate) const fn required(text: &'static str) -> Self {
        Self {
            code: "required",
            text,
        }
    }
}

/// A server: its searches behind a bearer token, what it can do open to all, and the refusals of
/// everything else.
pub(crate) fn server<S: Clone + Send + Sync + 'static>(
    searches: Router<S>,
    token: &'static str,
    metadata: MethodRouter<S>,
) -> Router<S> {
    let guard = move |request: Request, next: Next| async move {
        if shows(request.headers(), token) {
            next.run(request).await
        } else {
            let text = "a bearer token is wanted";
            outcome(StatusCode::UNAUTHORIZED, "login", text)
        }
    };
    searches
        .layer(middleware::from_fn(guard))
        .route("/metadata", metadata)
        .fallback(|| async { outcome(StatusCode::NOT_FOUND, "not-found", "no such resource") })
        .method_not_allowed_fallback(|| async {
            let text = "search by POST on _search";
            outcome(StatusCode::METHOD_NOT_ALLOWED, "not-supported", text)
        })
}

/// The refusal of a search that is no form.
pub(crate) fn refused_body(headers: &HeaderMap) -> Option<Response> {
    let form = is_of(headers, "application/x-www-form-urlencoded");
    let refusal = || {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        outcome(status, "not-supported", "send a form")
    };
    (!form).then(refusal)
}

/// Whether the request shows the bearer token.
fn shows(headers: &HeaderMap, token: &str) -> bool {
    let shown = text(headers, &header::AUTHORIZATION);
    shown.and_then(|shown| shown.strip_prefix("Bearer ")) == Some(token)
}

pub(crate) fn answer(document: &Value) -> Response {
    json(StatusCode::OK, FHIR, document)
}

pub(crate) fn outcome(status: StatusCode, code: &str, text: &str) -> Response {
    let issue = document!({"severity": "error", "code": code, "diagnostics": text});
    json(
        status,
        FHIR,
        &document!({"resourceType": "OperationOutcome", "issue": [issue]}),
    )
}

/// What the server can do: the types that can be searched, with their parameters.
pub(crate) fn capabilities(resources: &[(&str, &[&str])]) -> Response {
    let resources: Vec<Value> = resources
        .iter()
        .map(|(kind, parameters)| {
            let parameters: Vec<Value> = parameters
                .iter()
                .map(|name| document!({ "name": name }))
                .collect();
            document!({"type": kind, "interaction": [{"code": "search-type"}], "searchParam": parameters})
        })
        .collect();
    answer(&document!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "kind": "instance",
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [{"mode": "server", "resource": resources}],
    }))
}

/// Whether the caller takes FHIR; if not, the refusal.
pub(crate) fn refused_format(headers: &HeaderMap) -> Option<Response> {
    (!accepts(headers, &[FHIR, "application/json"])).then(|| {
        outcome(
            StatusCode::NOT_ACCEPTABLE,
            "not-supported",
            "application/fhir+json is offered",
        )
    })
}

/// One page of a search as a Bundle. `next` remembers the further search and gives its token.
pub(crate) fn bundle(
    headers: &HeaderMap,
    mut window: Window,
    next: impl FnOnce() -> String,
) -> Response {
    let base = origin(headers);
    let mut links = vec![document!({"relation": "self", "url": format!("{base}/")})];
    if window.goes_on {
        let token = next();
        links.push(document!({"relation": "next", "url": format!("{base}/?_getpages={token}")}));
    }
    let entry = |resource: Value| {
        let url = format!(
            "{base}/{}/{}",
            text_of(&resource, "resourceType"),
            text_of(&resource, "id")
        );
        document!({"fullUrl": url, "resource": resource, "search": {"mode": "match"}})
    };
    let entries: Vec<Value> = window.listed.drain(..).map(entry).collect();
    let mut bundle = document!({
        "resourceType": "Bundle",
        "type": "searchset",
        "total": window.total,
        "link": links,
    });
    if !entries.is_empty() {
        bundle = with(bundle, document!({ "entry": entries }));
    }
    window.answer(FHIR, &bundle)
}

fn text_of<'v>(resource: &'v Value, member: &str) -> &'v str {
    resource
        .get(member)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The parameters of a search, if all are known.
pub(crate) fn parameters(form: &[u8], known: &[&str]) -> Result<BTreeMap<String, String>, Mistake> {
    let parameters: BTreeMap<String, String> = form_urlencoded::parse(form).into_owned().collect();
    if parameters.keys().all(|name| known.contains(&name.as_str())) {
        Ok(parameters)
    } else {
        Err(Mistake {
            code: "not-supported",
            text: "a search parameter that is not known",
        })
    }
}

/// The list of `_elements`, if it was given.
pub(crate) fn elements(form: &mut BTreeMap<String, String>) -> Option<Vec<String>> {
    let list = form.remove("_elements")?;
    Some(list.split(',').map(str::to_owned).collect())
}

/// `_count`, within what the server gives at once.
pub(crate) fn count(form: &mut BTreeMap<String, String>, max: usize) -> Result<usize, Mistake> {
    let Some(count) = form.remove("_count") else {
        return Ok(max);
    };
    let count: usize = count.parse().map_err(|_| Mistake {
        code: "value",
        text: "_count is a number",
    })?;
    Ok(count.clamp(1, max))
}

/// The values of an identifier parameter that are of the system, or of none.
pub(crate) fn identifiers(parameter: &str, system: &str) -> Vec<String> {
    let tokens = parameter.split(',').filter_map(|token| {
        let (stated, value) = token.split_once('|').unwrap_or(("", token));
        [system, ""].contains(&stated).then(|| value.to_owned())
    });
    tokens.collect()
}

/// The elements that were asked for, those that always come, and the tag that says so (R4,
/// 3.1.1.5.10).
pub(crate) fn subset(resource: Value, elements: &[String], always: &[&str]) -> Value {
    let Value::Object(members) = resource else {
        return resource;
    };
    // An element of several types is asked for by its base name.
    let asked = |name: &str| {
        elements.iter().map(String::as_str).any(|element| {
            element == name || (CHOICES.contains(&element) && name.starts_with(element))
        })
    };
    let kept = members.into_iter().filter(|(name, _)| {
        ["resourceType", "id"].contains(&name.as_str())
            || asked(name)
            || always.iter().any(|always| name.starts_with(always))
    });
    let mut kept: Map<String, Value> = kept.collect();
    let tag = document!({"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"});
    kept.insert("meta".to_owned(), document!({ "tag": [tag] }));
    Value::Object(kept)
}

/// A patient's id must not be the personal number: ids stand in URLs.
pub(crate) fn patient_id(number: &str) -> String {
    let number: u64 = number.parse().unwrap_or_default();
    format!("{:016x}", number.wrapping_mul(SCATTER) ^ MASK)
}

/// The number back from the id, if it is one.
pub(crate) fn number_of_patient(id: &str) -> Option<String> {
    let scattered = u64::from_str_radix(id, 16).ok()?;
    let number = (scattered ^ MASK).wrapping_mul(inverse(SCATTER));
    (number < 1_000_000_000_000).then(|| format!("{number:012}"))
}

/// The number whose product with an odd number is 1 modulo 2^64, by Newton's iteration.
const fn inverse(odd: u64) -> u64 {
    let mut inverse = odd;
    let mut round = 0;
    while round < 6 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(inverse)));
        round += 1;
    }
    inverse
}

const SCATTER: u64 = 0xd134_2543_de82_ef95;
const MASK: u64 = 0x5851_f42d_4c95_7f2d;

/// The elements whose names go on with their type.
const CHOICES: [&str; 4] = ["deceased", "onset", "abatement", "occurrence"];
/// The identifier system of personal numbers, after vn-core.
pub(crate) const NATIONAL_ID: &str = "http://fhir.ehealth.gov.vn/core/sid/national_id";
pub(crate) const IDENTIFIER_TYPE: &str = "http://terminology.hl7.org/CodeSystem/v2-0203";
const FHIR: &str = "application/fhir+json";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patients_id_leads_back_to_the_number_and_does_not_show_it() {
        for number in ["001185012345", "096399999999", "001000000000"] {
            let id = patient_id(number);
            assert!(!id.contains(number.trim_start_matches('0')));
            assert_eq!(number_of_patient(&id).as_deref(), Some(number));
        }
        assert_eq!(number_of_patient("0000000000000000"), None);
        assert_eq!(number_of_patient("x"), None);
    }

    #[test]
    fn a_subset_has_what_was_asked_for_and_a_choice_by_its_base_name() {
        let resource = document!({
            "resourceType": "Condition", "id": "1", "code": {}, "onsetDateTime": "2019", "note": [],
        });
        let elements = ["onset".to_owned(), "code".to_owned()];
        let Value::Object(kept) = subset(resource, &elements, &[]) else {
            panic!("an object");
        };
        let mut names: Vec<_> = kept.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            ["code", "id", "meta", "onsetDateTime", "resourceType"]
        );
    }
}
