//! A search of the insurance registry: read from a form, and answered for one insured person.

use super::resources::Insured;
use crate::{
    exchange::with,
    faults::Fault,
    fhir::{self, Mistake, NATIONAL_ID},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

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

impl Search {
    pub(super) fn for_patients(form: &[u8]) -> Result<Self, Mistake> {
        let mut form = fhir::parameters(form, PATIENT_PARAMETERS)?;
        let identifier = form
            .remove("identifier")
            .ok_or(Mistake::required("identifier is required"))?;
        Self {
            kind: Kind::Patients,
            numbers: fhir::identifiers(&identifier, NATIONAL_ID),
            elements: None,
            count: COUNT_MAX,
            offset: 0,
        }
        .paged(form)
    }

    pub(super) fn for_coverages(form: &[u8]) -> Result<Self, Mistake> {
        let mut form = fhir::parameters(form, COVERAGE_PARAMETERS)?;
        let beneficiary = form
            .remove("beneficiary")
            .or_else(|| form.remove("patient"));
        let beneficiary = beneficiary.ok_or(Mistake::required("beneficiary is required"))?;
        let ids = beneficiary
            .split(',')
            .map(|id| id.strip_prefix("Patient/").unwrap_or(id));
        let numbers = ids.filter_map(fhir::number_of_patient).collect();
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
        self.elements = fhir::elements(&mut form);
        self.count = fhir::count(&mut form, COUNT_MAX)?;
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
        match &self.elements {
            Some(elements) => fhir::subset(resource, elements, &[]),
            None => resource,
        }
    }
}

const COUNT_MAX: usize = 20;
