//! Examples of change events.

pub(in crate::api::openapi) const EVENT: &str = r#"{
  "specversion": "1.0",
  "type": "vn.motlan.registry.record-changed.v1",
  "source": "/population/outbox",
  "id": "c9a5ffb2-0007",
  "time": "2026-11-21T08:00:00Z",
  "data": {
    "dataset": "population.residence",
    "subject": {"person": "001185012345"}
  }
}"#;

/// The data of an event alone, as the body in binary mode.
pub(in crate::api::openapi) const DATA: &str = r#"{
  "dataset": "population.residence",
  "subject": {"person": "001185012345"}
}"#;

pub(in crate::api::openapi) const TAKEN: &str = r#"{
  "accepted": 1,
  "receipts": [
    {
      "log": "motlan.example.vn/log",
      "leaf_index": 1238,
      "leaf_hash": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
      "checkpoint": "/v1/access-log/checkpoint"
    }
  ]
}"#;
