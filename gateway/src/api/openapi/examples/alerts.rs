//! Examples of alerts and of their reviews.

pub(in crate::api::openapi) const ALERTS: &str = r#"{
  "alerts": [
    {
      "leaf_index": 4711,
      "time": "2026-11-20T07:02:00.413Z",
      "rule": "volume",
      "state": "in_review",
      "agency": {"id": "ward-ba-dinh", "name": "People’s Committee of Ba Đình ward"},
      "client": "ward-ba-dinh-one-stop",
      "officer": "cb-4711",
      "count": 37,
      "limit": 37,
      "sentences": [
        "Officer cb-4711 of People’s Committee of Ba Đình ward asked about 37 different people or enterprises on 20 November 2026 until 14:02; on a usual day (the median of their last four weeks) it is 12.",
        "For this officer an alert is raised from 37 a day on.",
        "Whether a campaign, a deadline or a colleague’s absence explains the day."
      ],
      "entries": [4630, 4644, 4702],
      "reviews": [
        {
          "leaf_index": 4800,
          "time": "2026-11-23T02:10:31.002Z",
          "state": "in_review",
          "note": "Asked the ward for the applications of that day."
        }
      ]
    }
  ],
  "counts": {"new": 0, "in_review": 1, "justified": 12, "incident": 1},
  "next": null
}"#;

pub(in crate::api::openapi) const STEP: &str = r#"{
  "state": "justified",
  "note": "A school registered its first year; the applications are there."
}"#;

pub(in crate::api::openapi) const REVIEWED: &str = r#"{
  "leaf_index": 4711,
  "state": "justified",
  "receipt": {
    "log": "motlan.example.vn/log",
    "leaf_index": 4960,
    "leaf_hash": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
    "checkpoint": "/v1/access-log/checkpoint"
  }
}"#;
