//! Examples of what citizens and data protection officers send and get.

pub(in crate::api::openapi) const CONSENT: &str = r#"{
  "agency": "ward-ba-dinh",
  "purposes": ["social-housing-application"],
  "attributes": ["insurance.social.salary_vnd", "land.parcels.area_m2"],
  "from": "2026-11-21",
  "until": "2027-02-21",
  "uses": "once"
}"#;

pub(in crate::api::openapi) const RECEIPT: &str = r#"{
  "consent_id": "cns_0193b6a4-7c1e-7d52-9a31-5f0c2e8b4d17",
  "status": "given",
  "receipt": {
    "@id": "urn:uuid:0193b6a4-7c1e-7d52-9a31-5f0c2e8b4d17",
    "@type": "dpv:ConsentReceipt",
    "dct:conformsTo": "https://w3id.org/dpv/schema/iso-27560",
    "dpv:hasConsentStatus": "dpv:ConsentGiven",
    "log": "motlan.example/demo",
    "leaf_index": 1234,
    "leaf_hash": "4WX8DvVb2DFvVYqDcJNm3M4L3YmEDv7QnS5BZJ7IkRo=",
    "checkpoint": "/v1/access-log/checkpoint",
    "proof": {"type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022"}
  }
}"#;

pub(in crate::api::openapi) const WITHDRAWN: &str = r#"{
  "consent_id": "cns_0193b6a4-7c1e-7d52-9a31-5f0c2e8b4d17",
  "status": "withdrawn",
  "receipt": {
    "@id": "urn:uuid:0193b6a4-7c1e-7d52-9a31-5f0c2e8b4d17",
    "@type": "dpv:ConsentReceipt",
    "dpv:hasConsentStatus": "dpv:ConsentWithdrawn"
  }
}"#;

pub(in crate::api::openapi) const REVOCATION: &str = r#"{
  "on_behalf_of": {"person": "001316004321", "relation": "parent"}
}"#;

pub(in crate::api::openapi) const CONSENTS: &str = r#"{
  "consents": [
    {
      "consent_id": "cns_0193b6a4-7c1e-7d52-9a31-5f0c2e8b4d17",
      "status": "given",
      "status_since": "2026-11-21T07:14:09.120Z",
      "agency": {"id": "ward-ba-dinh", "name": "People’s Committee of Ba Đình ward"},
      "purposes": [{"id": "social-housing-application", "name": "Application for social housing"}],
      "attributes": [{"id": "insurance.social.salary_vnd", "name": "Salary on which contributions are paid"}],
      "given_at": "2026-11-21T07:14:09.120Z",
      "from": "2026-11-21T07:14:09.120Z",
      "until": "2027-02-20T17:00:00.000Z",
      "uses": "once",
      "given_by": "self"
    }
  ]
}"#;

pub(in crate::api::openapi) const SEAL_REQUEST: &str = r#"{
  "person": "001185012345",
  "level": "address",
  "ground": "Protection order 12/2026 of the People’s Court of Ba Đình",
  "until": "2027-11-21"
}"#;

pub(in crate::api::openapi) const SEAL: &str = r#"{
  "level": "address",
  "ground": "Protection order 12/2026 of the People’s Court of Ba Đình",
  "until": "2027-11-20T17:00:00.000Z"
}"#;

pub(in crate::api::openapi) const SEALS: &str = r#"{
  "seals": [
    {
      "level": "address",
      "ground": "Protection order 12/2026 of the People’s Court of Ba Đình",
      "until": "2027-11-20T17:00:00.000Z"
    }
  ]
}"#;

pub(in crate::api::openapi) const PERSON: &str = r#"{"person": "001185012345"}"#;
