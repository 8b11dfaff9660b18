//! A search of the health registry: read from a form, and answered from one record.

use super::resources;
use crate::{
    exchange::with,
    faults::Fault,
    fhir::{self, Mistake, NATIONAL_ID},
    people::facts::record::HealthRecord,
};
use serde_json::{Value, json};

/// The types of resources that this client may search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Patient,
    Allergy,
    Condition,
    Immunization,
}

/// A search that can be answered.
#[derive(Debug, Clone)]
pub(super) struct Search {
    kind: Kind,
    numbers: Vec<String>,
    elements: Option<Vec<String>>,
    pub(super) count: usize,
    pub(super) offset: usize,
}

/// Why a request is no search.
#[derive(Debug)]
pub(super) enum Refusal {
    NoSuchType,
    Forbidden(&'static str),
    Mistake(Mistake),
}

impl From<Mistake> for Refusal {
    fn from(mistake: Mistake) -> Self {
        Self::Mistake(mistake)
    }
}

impl Kind {
    pub(super) const ALL: [Self; 4] = [
        Self::Patient,
        Self::Allergy,
        Self::Condition,
        Self::Immunization,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Patient => "Patient",
            Self::Allergy => "AllergyIntolerance",
            Self::Condition => "Condition",
            Self::Immunization => "Immunization",
        }
    }

    pub(super) const fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::Patient => &["identifier", "_elements", "_count"],
            _ => &["patient.identifier", "_elements", "_count"],
        }
    }

    /// The elements that R4 demands of each resource, which come whatever was asked for.
    const fn mandatory(self) -> &'static [&'static str] {
        match self {
            Self::Patient => &[],
            Self::Allergy => &["patient"],
            Self::Condition => &["subject"],
            Self::Immunization => &["patient", "status", "vaccineCode", "occurrence"],
        }
    }
}

impl Search {
    pub(super) fn read(kind: &str, form: &[u8]) -> Result<Self, Refusal> {
        if WITHHELD_TYPES.contains(&kind) {
            return Err(Refusal::Forbidden("this client may not search this type"));
        }
        let kind = Kind::ALL.into_iter().find(|known| known.name() == kind);
        let kind = kind.ok_or(Refusal::NoSuchType)?;
        let mut form = fhir::parameters(form, kind.parameters())?;
        let identifier = form
            .remove("identifier")
            .or_else(|| form.remove("patient.identifier"));
        let identifier = identifier.ok_or(Mistake::required("the patient is not named"))?;
        let elements = fhir::elements(&mut form);
        let withheld = |element: &String| WITHHELD_ELEMENTS.contains(&element.as_str());
        if elements.iter().flatten().any(withheld) {
            return Err(Refusal::Forbidden("this client may not read an element"));
        }
        Ok(Self {
            kind,
            numbers: fhir::identifiers(&identifier, NATIONAL_ID),
            elements,
            count: fhir::count(&mut form, COUNT_MAX)?,
            offset: 0,
        })
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

    /// What of somebody's record the search finds.
    pub(super) fn resources(
        &self,
        number: &str,
        record: &HealthRecord,
        fault: Fault,
    ) -> Vec<Value> {
        let found = match self.kind {
            Kind::Patient => vec![resources::patient(number, record)],
            Kind::Allergy => resources::allergies(number, record),
            Kind::Condition => resources::conditions(number, record),
            Kind::Immunization => resources::immunizations(number, record),
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
                "note": [{"text": "…"}],
                "photo": [{"contentType": "image/jpeg"}],
            });
            return with(resource, more);
        }
        match &self.elements {
            Some(elements) => fhir::subset(resource, elements, self.kind.mandatory()),
            None => resource,
        }
    }
}

/// What the registry has and this client may not search.
const WITHHELD_TYPES: [&str; 3] = ["Observation", "MedicationRequest", "Encounter"];
const WITHHELD_ELEMENTS: [&str; 3] = ["address", "telecom", "photo"];
/// Few enough that a child's vaccinations take several pages.
const COUNT_MAX: usize = 5;
