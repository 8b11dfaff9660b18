//! What data protection officers ask of the log beyond single entries: reports, the register of
//! processing, retention, and erasure.

use super::{
    super::problems::{BODY, CALLER, QUESTION},
    Call, Described,
};
use crate::{
    api::{
        erasures::{ErasedView, ErasureBody, ObstacleView},
        me::view::AccessView,
        reports::{
            BreachBody, PersonBody, PersonReport, RecipientLine, ReconciliationBody, ReportEntry,
        },
        retention::RetentionView,
    },
    auth::Scope,
    reports::{
        breach::{Breach, BreachedDisclosure, BreachedSubject, NotificationClock},
        person::{Audience, ConsentLine, Kept, Recipient},
        reconciliation::{Hour, LoggedRequests, Reconciliation},
        register::{
            Contact, Controller, Register, RegisteredAttribute, RegisteredPurpose, RegistrySource,
        },
    },
    retention::RetentionPolicy,
};
use motlan_schemas::problem::ProblemCode;
use utoipa::openapi::ComponentsBuilder;

/// Met where a report comes out of the access log.
const REPORTED: &[ProblemCode] = &[ProblemCode::IndexBehind, ProblemCode::AccessLogUnavailable];

pub(super) fn reports() -> Vec<Described> {
    vec![
        Call::post(
            "/v1/reports/person",
            "reports_person",
            "Report everything about one person",
        )
        .text(
            "Who was told what about a person or an enterprise, when, for what, on which ground and \
             out of which registry, with the place and hash of each entry; recipients, consents, \
             retention and rights. The person’s own copy (`audience` is `citizen`) has no officer, \
             and nothing that an order hides. With `Accept: text/html` it is a page to be printed. \
             The call is itself an entry.",
        )
        .scope(Scope::Audit)
        .body::<PersonBody>(PERSON_REQUEST)
        .returns::<PersonReport>("The report.", PERSON)
        .problems(&[CALLER, BODY, QUESTION, REPORTED]),
        Call::post(
            "/v1/reports/breach",
            "reports_breach",
            "Report the scope of a breach",
        )
        .text(
            "Whose attribute or dataset went to a client, an agency or an officer in a time, by \
             pseudonym, with the query ids and cases by which those concerned are found. \
             `discovered_at` starts the 72 hours for telling the authority. With `Accept: text/csv` \
             or `application/x-ndjson` all disclosures are streamed, one a line.",
        )
        .scope(Scope::Audit)
        .body::<BreachBody>(BREACH_REQUEST)
        .returns::<Breach>("The scope.", BREACH)
        .problems(&[CALLER, BODY, QUESTION, REPORTED]),
        Call::post(
            "/v1/reports/reconciliation",
            "reports_reconciliation",
            "Compare a registry’s count of requests",
        )
        .text(
            "Sets a registry’s own count of requests beside the log’s. A registry that counts more \
             was asked by somebody who did not log. Where a registry failed, the log cannot know \
             how many requests reached it: within that the counts agree.",
        )
        .scope(Scope::Audit)
        .body::<ReconciliationBody>(RECONCILIATION_REQUEST)
        .returns::<Reconciliation>("Both counts.", RECONCILIATION)
        .problems(&[CALLER, BODY, QUESTION, REPORTED]),
        Call::get(
            "/v1/processing-register",
            "processing_register_show",
            "Get the register of processing",
        )
        .text(
            "Who processes which data of whom, for what, on which ground, out of which registry and \
             for how long: made of the policies in force. Sorted, so that two can be compared. Also \
             as a table (`Accept: text/csv`) and as a page (`text/html`).",
        )
        .scope(Scope::Audit)
        .returns::<Register>("The register.", REGISTER)
        .problems(&[CALLER, &[ProblemCode::AccessLogUnavailable]]),
        Call::get(
            "/v1/access-log/retention",
            "retention_show",
            "See how long the log is kept",
        )
        .text("The published retention policy, and the first entry that is still kept. Public.")
        .returns::<RetentionView>("The policy.", RETENTION)
        .problems(&[&[ProblemCode::AccessLogUnavailable]]),
        Call::get(
            "/v1/access-log/pruned",
            "pruned_show",
            "Get the mark of what is removed",
        )
        .text(
            "`pruned <leaf index>`: the entries before it were removed under the retention policy, \
             and an entry of the log says so. Not there where nothing was removed. Public.",
        )
        .returns_text("text/plain", "The mark.", Some("pruned 512\n"))
        .problems(&[&[ProblemCode::NotFound, ProblemCode::AccessLogUnavailable]]),
        Call::post(
            "/v1/access-log/erasures",
            "erasures_make",
            "Forget a person or an enterprise",
        )
        .text(
            "Destroys the keys of everything that the log says about the subject, after an entry \
             that says so, and clears what was made of it. Every proof still verifies. Refused \
             while something in force or undecided rests on it: `obstacles` says what. Doing it \
             again changes nothing.",
        )
        .scope(Scope::Audit)
        .body::<ErasureBody>(ERASURE_REQUEST)
        .returns::<ErasedView>("The subject is forgotten.", ERASED)
        .problems(&[
            CALLER,
            BODY,
            QUESTION,
            REPORTED,
            &[ProblemCode::ErasureHindered, ProblemCode::Internal],
        ]),
    ]
}

/// The types behind them.
pub(in crate::api::openapi) fn schemas(components: ComponentsBuilder) -> ComponentsBuilder {
    components
        .schema_from::<PersonBody>()
        .schema_from::<PersonReport>()
        .schema_from::<RecipientLine>()
        .schema_from::<ReportEntry>()
        .schema_from::<AccessView>()
        .schema_from::<Audience>()
        .schema_from::<ConsentLine>()
        .schema_from::<Kept>()
        .schema_from::<Recipient>()
        .schema_from::<BreachBody>()
        .schema_from::<Breach>()
        .schema_from::<BreachedSubject>()
        .schema_from::<BreachedDisclosure>()
        .schema_from::<NotificationClock>()
        .schema_from::<ReconciliationBody>()
        .schema_from::<Reconciliation>()
        .schema_from::<Hour>()
        .schema_from::<LoggedRequests>()
        .schema_from::<Register>()
        .schema_from::<Controller>()
        .schema_from::<Contact>()
        .schema_from::<RegisteredPurpose>()
        .schema_from::<RegisteredAttribute>()
        .schema_from::<RegistrySource>()
        .schema_from::<RetentionPolicy>()
        .schema_from::<RetentionView>()
        .schema_from::<ErasureBody>()
        .schema_from::<ErasedView>()
        .schema_from::<ObstacleView>()
}

const PERSON_REQUEST: &str = r#"{
  "subject": { "person": "001185012345" },
  "audience": "citizen"
}"#;

const PERSON: &str = r#"{
  "audience": "citizen",
  "made_at": "2026-11-21T08:00:00.000Z",
  "log": "motlan.example.gov.vn/log",
  "sentence": "The access log has one entry about this person.",
  "kinds": { "disclosure": 1 },
  "erased": 0,
  "recipients": [{
    "agency": { "id": "ward-ba-dinh", "name": "People’s Committee of Ba Đình Ward" },
    "disclosures": 1, "checks": 0, "mentions": 0, "refusals": 0,
    "first": "2026-11-20T02:11:09.120Z",
    "last": "2026-11-20T02:11:09.120Z",
    "attributes": ["population.identity.full_name"],
    "registries": ["population"]
  }],
  "consents": [],
  "entries": [{
    "leaf_index": 1234,
    "leaf_hash": "p7CAN2zlWB7dtPzZkZ0vFv6WfW3NqOBcXbvFHj5Vt1o=",
    "time": "2026-11-20T02:11:09.120Z",
    "kind": "disclosure"
  }],
  "retention": { "entries_months": 120, "details_months": 60, "first": 0 },
  "rights": ["You may withdraw a consent at any time."]
}"#;

const BREACH_REQUEST: &str = r#"{
  "attribute": "land.parcels.area_m2",
  "client": "ward-ba-dinh-one-stop",
  "from": "2026-11-01",
  "to": "2026-11-21",
  "discovered_at": "2026-11-21T01:00:00Z"
}"#;

const BREACH: &str = r#"{
  "subjects_total": 1,
  "disclosures_total": 1,
  "first": "2026-11-20T02:11:09.120Z",
  "last": "2026-11-20T02:11:09.120Z",
  "attributes": { "land.parcels.area_m2": 1 },
  "agencies": { "ward-ba-dinh": 1 },
  "erased": 0,
  "truncated": false,
  "clock": {
    "discovered_at": "2026-11-21T01:00:00.000Z",
    "notify_by": "2026-11-24T01:00:00.000Z",
    "hours_left": 65
  },
  "subjects": [{
    "pseudonym": "m0w6l3aYc3lJx0V1l2uQ9m3fXWm3pXz7k1Qb2c5t8uI=",
    "disclosures": [{
      "leaf_index": 1234,
      "time": "2026-11-20T02:11:09.120Z",
      "kind": "disclosure",
      "query_id": "qry_0193b6a4-7c1e-7d52-9a31-5f0c2e8b4d17",
      "case": "H01.12-261121-0007",
      "agency": "ward-ba-dinh",
      "client": "ward-ba-dinh-one-stop",
      "officer": "cb-4711",
      "attributes": ["land.parcels.area_m2"]
    }]
  }]
}"#;

const RECONCILIATION_REQUEST: &str = r#"{
  "registry": "land",
  "from": "2026-11-20",
  "to": "2026-11-21",
  "requests": 412
}"#;

const RECONCILIATION: &str = r#"{
  "registry": "land",
  "ours": { "requests": 412, "failures": 0, "served": 415 },
  "theirs": 412,
  "difference": 0,
  "verdict": "agree",
  "sentence": "land counted 412 requests; the access log tells of 412 (0 failures). The counts agree.",
  "truncated": false,
  "hours": [{
    "hour": "2026-11-20T02:00:00.000Z",
    "ours": { "requests": 412, "failures": 0, "served": 415 }
  }]
}"#;

const REGISTER: &str = r#"{
  "policy_version": "sha256:5f0c2e8b4d17",
  "controllers": [{
    "id": "ward-ba-dinh",
    "name": "People’s Committee of Ba Đình Ward",
    "contact": { "name": "Office of the Committee", "email": "dpo@ba-dinh.example" },
    "purposes": ["social-pension"]
  }],
  "purposes": [{
    "id": "social-pension",
    "code": "1.001776",
    "title": "Monthly social pension",
    "basis": "law",
    "reference": "Law on Social Insurance 41/2024/QH15, Article 22",
    "subjects": ["person"],
    "data": [{
      "name": "population.identity.full_name", "title": "Full name", "sensitivity": "basic"
    }],
    "recipients": ["ward-ba-dinh"],
    "registries": ["population"],
    "retention_days": 3650,
    "conditions": ["case"]
  }],
  "registries": [{
    "id": "population", "owner": "Ministry of Public Security", "datasets": ["population.identity"]
  }],
  "retention": { "entries_months": 120, "details_months": 60 },
  "security_measures": ["Consents are checked at each use."],
  "third_country_transfers": false
}"#;

const RETENTION: &str = r#"{ "entries_months": 120, "details_months": 60, "first": 0 }"#;

const ERASURE_REQUEST: &str = r#"{
  "subject": { "person": "001185012345" },
  "ground": "Decision 12 of the Ba Đình court, erasure of unlawfully processed data"
}"#;

const ERASED: &str = r#"{
  "entries": 7,
  "newly_erased": 7,
  "months": 2,
  "kept": ["kind", "time", "pseudonym", "leaf_hash"],
  "explanation": "Everything that the log said about the person is unreadable for good.",
  "receipt": {
    "log": "motlan.example.gov.vn/log",
    "leaf_index": 1240,
    "leaf_hash": "p7CAN2zlWB7dtPzZkZ0vFv6WfW3NqOBcXbvFHj5Vt1o=",
    "checkpoint": "/v1/access-log/checkpoint"
  }
}"#;
