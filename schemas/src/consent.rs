//! What a citizen sends to give a consent (`POST /v1/consents`), parsed into a value whose every
//! name exists. Whether the agency and the purposes exist, and rest on consent, is for those who
//! know the policies.

use crate::{
    catalogue::{AttributeSet, Catalogue, DatasetId},
    ids::{AgencyId, PurposeId},
    query::{Applicant, QueryError, parse_consent, parse_on_behalf_of as query_on_behalf_of},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How often a consent may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ConsentUses {
    /// For one answer.
    Once,
    /// For any number of answers.
    Repeated,
}

/// A consent as the citizen words it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentRequest {
    /// The agency that may ask.
    pub agency: AgencyId,
    /// The procedures for which it may; 1 to [`PURPOSES_MAX`].
    pub purposes: Vec<PurposeId>,
    /// What it may be told, in the order of the body; 1 to 130 names.
    pub attributes: Vec<NamedAttributes>,
    /// From when it counts; at once where it does not say.
    pub from: Option<Timestamp>,
    /// From when it no longer counts.
    pub until: Timestamp,
    /// How often it may be used.
    pub uses: ConsentUses,
    /// For whom the citizen consents, where it is not for themself. `person` is that other one.
    pub on_behalf_of: Option<Applicant>,
}

/// The attributes that one name of the body stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedAttributes {
    /// The dataset.
    pub dataset: DatasetId,
    /// Its attributes.
    pub attributes: AttributeSet,
    /// The dataset was named, rather than one attribute: then what the purposes do not need is
    /// left out instead of refused.
    pub whole: bool,
}

/// The most procedures that one consent may be for.
pub const PURPOSES_MAX: usize = 10;

impl ConsentRequest {
    /// Reads the body of `POST /v1/consents`.
    ///
    /// # Errors
    /// Not JSON at all, or every field that is wrong with its JSON pointer.
    pub fn parse(body: &[u8], catalogue: &Catalogue) -> Result<Self, QueryError> {
        parse_consent(body, catalogue)
    }
}

/// Reads the body of `POST /v1/consents/{id}/revoke`, which says nothing, or for whom the citizen
/// acts.
///
/// # Errors
/// As [`ConsentRequest::parse`].
pub fn parse_on_behalf_of(body: &[u8]) -> Result<Option<Applicant>, QueryError> {
    query_on_behalf_of(body)
}

impl ConsentUses {
    /// As on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::Repeated => "repeated",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn good() -> Value {
        json!({
            "agency": "ward-ba-dinh", "purposes": ["social-housing-application"],
            "attributes": ["insurance.social.salary_vnd", "land.parcels"],
            "until": "2027-01-01T00:00:00Z", "uses": "once"
        })
    }

    fn parse(value: &Value) -> Result<ConsentRequest, Vec<(String, &'static str)>> {
        let body = serde_json::to_vec(value).unwrap();
        ConsentRequest::parse(&body, &Catalogue::national()).map_err(|error| match error {
            QueryError::Invalid(errors) => errors
                .into_iter()
                .map(|e| (e.pointer, e.mistake.code()))
                .collect(),
            QueryError::Json(error) => panic!("{error}"),
        })
    }

    #[test]
    fn a_consent_names_one_attribute_or_a_whole_dataset() {
        let consent = parse(&good()).unwrap();
        assert_eq!(consent.uses, ConsentUses::Once);
        assert_eq!(consent.from, None);
        let wholes: Vec<_> = consent.attributes.iter().map(|a| a.whole).collect();
        assert_eq!(wholes, [false, true]);
        assert_eq!(consent.attributes[0].attributes.len(), 1);
    }

    #[test]
    fn days_and_moments_are_both_times() {
        let mut value = good();
        value["from"] = json!("2026-12-01");
        value["until"] = json!("2026-12-31T17:00:00+07:00");
        let consent = parse(&value).unwrap();
        assert_eq!(consent.from.unwrap().to_string(), "2026-11-30T17:00:00Z");
        assert_eq!(consent.until.to_string(), "2026-12-31T10:00:00Z");
    }

    #[test]
    fn each_wrong_field_is_named() {
        let wrong = [
            ("agency", json!(7), "/agency", "wrong_type"),
            ("agency", json!("No Agency"), "/agency", "unknown_agency"),
            ("purposes", json!([]), "/purposes", "empty"),
            ("purposes", json!(["x y"]), "/purposes/0", "unknown_purpose"),
            ("attributes", json!([]), "/attributes", "empty"),
            (
                "attributes",
                json!(["land.parcel"]),
                "/attributes/0",
                "unknown_attribute",
            ),
            ("until", json!("tomorrow"), "/until", "time_form"),
            ("uses", json!("twice"), "/uses", "not_one_of"),
            (
                "on_behalf_of",
                json!({"person": "1"}),
                "/on_behalf_of/relation",
                "required",
            ),
            ("consent", json!(1), "/consent", "unknown_field"),
        ];
        for (field, value, pointer, code) in wrong {
            let mut body = good();
            body[field] = value;
            let errors = parse(&body).unwrap_err();
            assert!(
                errors.contains(&(pointer.to_owned(), code)),
                "{field}: {errors:?}"
            );
        }
    }
}
