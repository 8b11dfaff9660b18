//! Examples of bodies and answers, as a person would write them. The people are the demo's, who do
//! not exist.

pub(super) mod alerts;
pub(super) mod citizens;
pub(super) mod registries;

pub(super) const QUERY: &str = r#"{
  "subject": {"person": "001185012345"},
  "purpose": "permanent-residence-registration",
  "select": [
    "population.identity.full_name",
    "civil_status.marital_status",
    "land.parcels.area_m2"
  ],
  "case": "H01.12-261121-0007",
  "officer": "cb-4711",
  "max_age_seconds": 3600,
  "deadline_ms": 2000
}"#;

pub(super) const BATCH: &str = r#"{
  "subjects": [{"person": "001185012345"}, {"person": "001082004321"}],
  "purpose": "permanent-residence-registration",
  "select": ["population.identity.full_name"],
  "case": "H01.12-261121-0007",
  "officer": "cb-4711"
}"#;

pub(super) const ANSWER: &str = r#"{
  "query_id": "qry_0193b6a4-7c1e-7d52-9a31-5f0c2e8b4d17",
  "complete": false,
  "datasets": {
    "population.identity": {
      "status": "ok",
      "data": {"full_name": "NGUYỄN THỊ LAN"},
      "registry": "population",
      "as_of": "2026-11-21T07:14:09Z",
      "served_from": "cache",
      "age_seconds": 42,
      "stale": false
    },
    "civil_status.marital_status": {"status": "denied"},
    "land.parcels": {
      "status": "ok",
      "data": [{"area_m2": 86.4, "disputed": false}],
      "registries": [
        {
          "registry": "land",
          "status": "ok",
          "as_of": "2026-11-21T07:14:51Z",
          "served_from": "registry",
          "age_seconds": 0,
          "stale": false
        },
        {
          "registry": "land_south",
          "status": "unavailable",
          "problem": {"code": "registry_timeout", "retryable": true}
        }
      ],
      "as_of": "2026-11-21T07:14:51Z",
      "served_from": "registry",
      "age_seconds": 0,
      "stale": false
    }
  },
  "denied": [
    {
      "attribute": "civil_status.marital_status",
      "reason": "not_in_purpose",
      "rule": "purpose-covers-attribute",
      "basis": null,
      "remedy": "Leave it out, or ask for it under the procedure that needs it."
    }
  ],
  "receipt": {
    "log": "motlan.example.vn/log",
    "leaf_index": 1234,
    "leaf_hash": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
    "checkpoint": "/v1/access-log/checkpoint"
  }
}"#;

/// One line of the stream.
pub(super) const BATCH_LINE: &str = r#"{"index": 0, "query_id": "qry_0193b6a4-7c1e-7d52-9a31-5f0c2e8b4d17", "complete": true, "datasets": {"population.identity": {"status": "ok", "data": {"full_name": "NGUYỄN THỊ LAN"}}}, "denied": [], "receipt": {"log": "motlan.example.vn/log", "leaf_index": 1235, "leaf_hash": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=", "checkpoint": "/v1/access-log/checkpoint"}}"#;

pub(super) const EXPLANATION: &str = r#"{
  "policy_version": "sha256:3c31e04867eacc5bcba91118",
  "purpose": "permanent-residence-registration",
  "permitted": true,
  "attributes": [
    {
      "attribute": "population.identity.full_name",
      "verdict": "permit",
      "rule": "law-allows",
      "basis": {"kind": "law", "reference": "Law on Residence 68/2020/QH14, Article 21"}
    },
    {
      "attribute": "civil_status.marital_status.status",
      "verdict": "deny",
      "rule": "purpose-covers-attribute",
      "basis": null,
      "reason": "not_in_purpose",
      "remedy": "Leave it out, or ask for it under the procedure that needs it."
    }
  ],
  "would_ask": [{"dataset": "population.identity", "registries": ["population"]}]
}"#;

pub(super) const CHECKS: &str = r#"{
  "subject": {"person": "001185012345"},
  "purpose": "social-pension",
  "checks": [
    {"check": "age_at_least", "years": 75},
    {"check": "resides_in", "area": "00004"}
  ],
  "case": "H01.12-261121-0007"
}"#;

pub(super) const CHECK_ANSWER: &str = r#"{
  "query_id": "qry_0193b6a4-7c1e-7d52-9a31-5f0c2e8b4d17",
  "checks": [
    {
      "check": "age_at_least",
      "years": 75,
      "result": "no",
      "as_of": "2026-11-21T07:14:09Z",
      "basis": {"kind": "law", "reference": "Law on Social Insurance 41/2024/QH15, Article 21"},
      "receipt": {
        "log": "motlan.example.vn/log",
        "leaf_index": 1236,
        "leaf_hash": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
        "checkpoint": "/v1/access-log/checkpoint"
      }
    },
    {
      "check": "resides_in",
      "area": "00004",
      "result": "unknown",
      "problem": {"code": "registry_timeout", "retryable": true},
      "receipt": {
        "log": "motlan.example.vn/log",
        "leaf_index": 1237,
        "leaf_hash": "LCa0a2j/xo/5m0U8HTBBNBNCLXBkg7+g+YpeiGJm564=",
        "checkpoint": "/v1/access-log/checkpoint"
      }
    }
  ],
  "complete": false
}"#;

pub(super) const CATALOGUE: &str = r#"{
  "datasets": [
    {
      "name": "population.identity",
      "title": "Identity",
      "description": "The citizen’s core data in the National Population Database.",
      "registry": "population",
      "owner": "Ministry of Public Security",
      "subject": "person",
      "cardinality": "one",
      "max_age_seconds": 86400,
      "attributes": [
        {
          "name": "population.identity.full_name",
          "title": "Full name",
          "description": "In capitals with diacritics, as registered at birth.",
          "type": "string",
          "sensitivity": "basic",
          "identifies_another_person": false,
          "flag": false
        }
      ]
    }
  ],
  "registries": [
    {
      "id": "population",
      "datasets": ["population.identity"],
      "conformance": {"tier": "gold", "checks_passed": 95, "checks_skipped": 3, "kit": "1"}
    }
  ]
}"#;

pub(super) const ENTITLEMENTS: &str = r#"{
  "agency": {"id": "ward-ba-dinh", "name": "People’s Committee of Ba Đình ward"},
  "purposes": [
    {
      "id": "permanent-residence-registration",
      "code": "1.004222",
      "title": "Permanent residence registration",
      "basis": {"kind": "law", "reference": "Law on Residence 68/2020/QH14, Article 21"},
      "case_required": true,
      "officer_required": false,
      "attributes": ["population.identity.full_name", "population.residence.permanent_address"]
    }
  ]
}"#;

pub(super) const ACCESSES: &str = r#"{
  "accesses": [
    {
      "leaf_index": 1234,
      "time": "2026-11-21T07:14:51.208Z",
      "kind": "disclosure",
      "sentence": "People’s Committee of Ba Đình ward was told the following about you for “Permanent residence registration” (case H01.12-261121-0007) on 21 November 2026 at 14:14: identity – full name; legal ground: Law on Residence 68/2020/QH14, Article 21; answered from a copy at most 1 min old. One more detail was asked for and refused.",
      "outcome": "disclosed",
      "agency": {"id": "ward-ba-dinh", "name": "People’s Committee of Ba Đình ward"},
      "purpose": {"id": "permanent-residence-registration", "title": "Permanent residence registration"},
      "basis": {"kind": "law", "reference": "Law on Residence 68/2020/QH14, Article 21"},
      "case": "H01.12-261121-0007",
      "officer_recorded": true,
      "attributes": [{"name": "population.identity.full_name", "title": "Full name"}],
      "denied": [{"attribute": "civil_status.marital_status.status", "reason": "not_in_purpose"}],
      "served_from": "cache",
      "age_seconds": 42
    }
  ],
  "next": "AAAAAAAABNI",
  "hidden_in_log": 3
}"#;

pub(super) const EMERGENCY_USES: &str = r#"{
  "open": 1,
  "overdue": 0,
  "uses": [
    {
      "query_id": "qry_0193b6a4-7c1e-7d52-9a31-5f0c2e8b4d17",
      "leaf_index": 1234,
      "time": "2026-11-21T07:14:51.208Z",
      "review_due": "2026-11-24T07:14:51.208Z",
      "overdue": false,
      "agency": {"id": "hospital-song-hong", "name": "Sông Hồng General Hospital"},
      "client": "hospital-admission",
      "officer": {"id": "bs-0815", "asserted_by": "token"},
      "purpose": {"id": "emergency-care", "title": "Emergency care"},
      "ground": "life_in_danger",
      "reason": "Brought in unconscious after a traffic accident, without papers",
      "attributes": [{"name": "insurance.health.card_number", "title": "Card number"}]
    }
  ]
}"#;

pub(super) const REVIEW: &str = r#"{
  "verdict": "justified",
  "note": "The hospital showed the admission sheet."
}"#;

pub(super) const REVIEWED: &str = r#"{
  "query_id": "qry_0193b6a4-7c1e-7d52-9a31-5f0c2e8b4d17",
  "verdict": "justified",
  "receipt": {
    "log": "motlan.example.vn/log",
    "leaf_index": 1240,
    "leaf_hash": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
    "checkpoint": "/v1/access-log/checkpoint"
  }
}"#;

pub(super) const PROOF_REQUEST: &str = r#"{"leaf_index": 1234}"#;

pub(super) const PROOF: &str = r#"{
  "leaf_index": 1234,
  "hashes": ["n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="],
  "checkpoint": "motlan.example.vn/log\n1235\nn4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=\n\n— …\n",
  "tlog_proof": "c2sp.org/tlog-proof@v1\nindex 1234\n…"
}"#;

pub(super) const HEALTH: &str = r#"{"status": "ok"}"#;

pub(super) const READINESS: &str = r#"{
  "status": "ready",
  "access_log": "writable",
  "access_log_disk": { "free_bytes": 53687091200, "low_water_bytes": 268435456, "ballast_bytes": 67108864 },
  "access_log_scrub": { "checked": 120400, "tree_size": 120400, "passes": 1 },
  "witnesses": {"status": "cosigned", "cosigned_entries": 1234},
  "policy": {"version": "sha256:3c31e04867eacc5bcba91118", "refused": null},
  "registries": {"population": "reachable", "land": "unreachable"}
}"#;

pub(super) const KEYS: &str = r#"{
  "keys": [
    {
      "kty": "OKP",
      "crv": "Ed25519",
      "use": "sig",
      "alg": "EdDSA",
      "kid": "motlan.example.vn/log+2f1a9c3e",
      "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    }
  ]
}"#;

/// A signed checkpoint (C2SP tlog-checkpoint).
pub(super) const COSIGNED_CHECKPOINT: &str = "motlan.example.vn/log
1234
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— motlan.example.vn/log Lxqc…
— witness.example.org/motlan jWbP…
";

pub(super) const CHECKPOINT: &str = "motlan.example.vn/log\n1235\n\
n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=\n\n— motlan.example.vn/log Lxqc…\n";
