//! Who the subject is on the server: the Patients with the personal number.

use crate::identifier::Identifiers;
use motlan_adapter_sdk::{adapter::AdapterError, fhir::reference_id};
use motlan_schemas::ids::PersonalId;
use serde_json::Value;

/// The subject as the server knows them. A person may be entered twice; all entries count.
#[derive(Debug)]
pub(crate) struct Insured {
    ids: Vec<String>,
    /// `None` where the server says neither yes nor no.
    pub(crate) deceased: Option<bool>,
}

impl Insured {
    /// The subject among the Patients that a search found; `None` where it found nobody. If it found
    /// others only, the server has answered about somebody else.
    pub(crate) fn among(
        patients: &[Value],
        numbers: Identifiers<'_>,
        subject: &PersonalId,
    ) -> Result<Option<Self>, AdapterError> {
        let mut insured = Self {
            ids: Vec::new(),
            deceased: None,
        };
        for patient in patients {
            if patient.get("identifier").is_none() {
                return Err(AdapterError::malformed("a Patient without identifier"));
            }
            if numbers.of(patient).any(|number| number == subject.expose()) {
                let id = patient.get("id").and_then(Value::as_str);
                let id = id.ok_or_else(|| AdapterError::malformed("a Patient without id"))?;
                insured.ids.push(id.to_owned());
                insured.deceased = either(insured.deceased, deceased(patient));
            }
        }
        match (insured.ids.is_empty(), patients.is_empty()) {
            (false, _) => Ok(Some(insured)),
            (true, true) => Ok(None),
            (true, false) => Err(AdapterError::WrongSubject),
        }
    }

    /// The search parameter that names them: `Patient/a,Patient/b`.
    pub(crate) fn references(&self) -> String {
        let references: Vec<String> = self.ids.iter().map(|id| format!("Patient/{id}")).collect();
        references.join(",")
    }

    /// Whether a reference means the subject, by id or by identifier.
    pub(crate) fn is_meant_by(
        &self,
        reference: &Value,
        numbers: Identifiers<'_>,
        subject: &PersonalId,
    ) -> bool {
        let by_id = reference_id(reference, "Patient")
            .is_some_and(|id| self.ids.iter().any(|own| own == id));
        let identifier = reference.get("identifier").unwrap_or(&Value::Null);
        let value = identifier.get("value").and_then(Value::as_str);
        by_id || (numbers.means(identifier) && value == Some(subject.expose()))
    }
}

/// `deceasedBoolean`, or a `deceasedDateTime`, which only the dead have.
fn deceased(patient: &Value) -> Option<bool> {
    let date = patient
        .get("deceasedDateTime")
        .is_some_and(|date| !date.is_null());
    if date {
        Some(true)
    } else {
        patient.get("deceasedBoolean")?.as_bool()
    }
}

fn either(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one || other),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NUMBERS: Identifiers<'_> = Identifiers {
        system: "s",
        kind: None,
    };

    fn subject() -> PersonalId {
        "001185012345".parse().unwrap()
    }

    fn patient(id: &str, system: &str, number: &str) -> Value {
        json!({"resourceType": "Patient", "id": id, "identifier": [{"system": system, "value": number}]})
    }

    #[test]
    fn only_the_number_in_its_own_system_is_the_subject() {
        let among = |patients: &[Value]| Insured::among(patients, NUMBERS, &subject());
        assert!(among(&[]).unwrap().is_none());
        assert!(matches!(
            among(&[patient("a", "s", "001082004321")]),
            Err(AdapterError::WrongSubject)
        ));
        assert!(matches!(
            among(&[patient("a", "passport", "001185012345")]),
            Err(AdapterError::WrongSubject)
        ));
        assert!(matches!(
            among(&[json!({"id": "a"})]),
            Err(AdapterError::Malformed { .. })
        ));
        let mixed = [
            patient("a", "s", "001082004321"),
            patient("b", "s", "001185012345"),
            patient("c", "s", "001185012345"),
        ];
        assert_eq!(
            among(&mixed).unwrap().unwrap().references(),
            "Patient/b,Patient/c"
        );
    }

    #[test]
    fn a_reference_may_name_the_person_by_id_or_by_number() {
        let insured = Insured::among(&[patient("b", "s", "001185012345")], NUMBERS, &subject())
            .unwrap()
            .unwrap();
        let meant = |reference: Value| insured.is_meant_by(&reference, NUMBERS, &subject());
        assert!(meant(
            json!({"reference": "https://fhir.example/Patient/b"})
        ));
        assert!(meant(
            json!({"identifier": {"system": "s", "value": "001185012345"}})
        ));
        assert!(!meant(json!({"reference": "Patient/bb"})));
        assert!(!meant(
            json!({"identifier": {"system": "t", "value": "001185012345"}})
        ));
    }

    #[test]
    fn a_date_of_death_is_a_death() {
        assert_eq!(deceased(&json!({"deceasedDateTime": "2024"})), Some(true));
        assert_eq!(deceased(&json!({"deceasedBoolean": false})), Some(false));
        assert_eq!(deceased(&json!({})), None);
    }
}
