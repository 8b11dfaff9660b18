//! A search of the insurance registry: read from a form, and answered for one insured person.

use super::resources::{self, Insured, NATIONAL_ID};
use crate::{exchange::with, faults::Fault};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use url::form_urlencoded;

pub(super) const PATIENT_PARAMETERS: &[&str] = &["identifier", "active", "_elements", "_count"];
pub(super) const COVERAGE_PARAMETERS: &[&str] = &[
    "beneficiary",
    "patient",
    "type",
    "status",
    "_elements",
    "_count",
];

/// A search that can be answered.
#[derive(Debug, Clone)]
pub(super) struct Search {
    kind: Kind,
    numbers: Vec<String>,
    elements: Option<Vec<String>>,
    pub(super) count: usize,
    pub(super) offset: usize,
}

#[derive(Debug, Clone)]
enum Kind {
    Patients,
    Coverages {
        scheme: Option<String>,
        status: Option<String>,
    },
}

/// Why a form is no search: the code, and a text.
#[derive(Debug)]
pub(super) struct Mistake {
    pub(super) code: &'static str,
    pub(super) text: &'static str,
}

impl Search {
    pub(super) fn for_patients(form: &[u8]) -> Result<Self, Mistake> {
        let mut form = parameters(form, PATIENT_PARAMETERS)?;
        let identifier = form
            .remove("identifier")
            .ok_or(required("identifier is required"))?;
        let numbers = identifier.split(',').filter_map(|token| {
            let (system, value) = token.split_once('|').unwrap_or(("", token));
            [NATIONAL_ID, ""]
                .contains(&system)
                .then(|| value.to_owned())
        });
        let numbers = numbers.collect();
        Self {
            kind: Kind::Patients,
            numbers,
            elements: None,
            count: COUNT_MAX,
            offset: 0,
        }
        .paged(form)
    }

    pub(super) fn for_coverages(form: &[u8]) -> Result<Self, Mistake> {
        let mut form = parameters(form, COVERAGE_PARAMETERS)?;
        let beneficiary = form
            .remove("beneficiary")
            .or_else(|| form.remove("patient"));
        let beneficiary = beneficiary.ok_or(required("beneficiary is required"))?;
        let ids = beneficiary
            .split(',')
            .map(|id| id.strip_prefix("Patient/").unwrap_or(id));
        let numbers = ids.filter_map(resources::number_of_patient).collect();
        let scheme = form
            .remove("type")
            .map(|token| match token.split_once('|') {
                Some((_, code)) => code.to_owned(),
                None => token,
            });
        let kind = Kind::Coverages {
            scheme,
            status: form.remove("status"),
        };
        Self {
            kind,
            numbers,
            elements: None,
            count: COUNT_MAX,
            offset: 0,
        }
        .paged(form)
    }

    fn paged(mut self, mut form: BTreeMap<String, String>) -> Result<Self, Mistake> {
        self.elements = form
            .remove("_elements")
            .map(|list| list.split(',').map(str::to_owned).collect());
        if let Some(count) = form.remove("_count") {
            let count: usize = count.parse().map_err(|_| Mistake {
                code: "value",
                text: "_count is a number",
            })?;
            self.count = count.clamp(1, COUNT_MAX);
        }
        Ok(self)
    }

    /// The same search, one page further on.
    pub(super) fn further(mut self) -> Self {
        self.offset += self.count;
        self
    }

    /// The personal numbers of those who are searched for.
    pub(super) fn numbers(&self) -> &[String] {
        &self.numbers
    }

    /// What of an insured person's resources the search finds.
    pub(super) fn resources(&self, insured: &Insured, fault: Fault) -> Vec<Value> {
        let found = match &self.kind {
            Kind::Patients => vec![insured.patient()],
            Kind::Coverages { scheme, status } => {
                let mut coverages = insured.coverages();
                coverages.retain(|coverage| {
                    scheme.as_ref().is_none_or(|scheme| {
                        coverage
                            .pointer("/type/coding/0/code")
                            .is_some_and(|code| *code == **scheme)
                    }) && status.as_ref().is_none_or(|status| {
                        coverage
                            .get("status")
                            .is_some_and(|known| *known == **status)
                    })
                });
                coverages
            }
        };
        found
            .into_iter()
            .map(|resource| self.shown(resource, fault))
            .collect()
    }

    fn shown(&self, resource: Value, fault: Fault) -> Value {
        if fault == Fault::OverDelivery {
            let more = json!({
                "text": {"status": "generated", "div": "<div>…</div>"},
                "order": 1,
                "photo": [{"contentType": "image/jpeg"}],
            });
            return with(resource, more);
        }
        match (&self.elements, resource) {
            (Some(elements), Value::Object(members)) => Value::Object(subset(members, elements)),
            (_, resource) => resource,
        }
    }
}

/// The elements that were asked for, and the tag that says so (R4, 3.1.1.5.10).
fn subset(members: Map<String, Value>, elements: &[String]) -> Map<String, Value> {
    let asked = |name: &str| {
        // An element of several types is asked for by its base name.
        elements
            .iter()
            .any(|e| e == name || (e == "deceased" && name.starts_with("deceased")))
    };
    let always = ["resourceType", "id"];
    let kept = members
        .into_iter()
        .filter(|(name, _)| always.contains(&name.as_str()) || asked(name));
    let mut kept: Map<String, Value> = kept.collect();
    let tag = json!({"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"});
    kept.insert("meta".to_owned(), json!({ "tag": [tag] }));
    kept
}

fn parameters(form: &[u8], known: &[&str]) -> Result<BTreeMap<String, String>, Mistake> {
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

const fn required(text: &'static str) -> Mistake {
    Mistake {
        code: "required",
        text,
    }
}

const COUNT_MAX: usize = 20;
