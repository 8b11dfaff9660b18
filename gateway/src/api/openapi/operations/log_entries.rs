//! The calls by which data protection officers read the access log.

use super::{
    super::{
        problems::{BODY, CALLER, QUESTION},
        shapes::LogSearch,
    },
    Call, Described,
};
use crate::{
    api::access_log::{EntriesFound, ProvenEntry},
    auth::Scope,
};
use motlan_schemas::problem::ProblemCode;
use utoipa::openapi::{ObjectBuilder, Type};

/// What the search goes by, and what that means.
const FILTERS: [(&str, &str); 14] = [
    (
        "kind",
        "Kinds of entries, with commas between them: `disclosure,refusal`.",
    ),
    ("agency", "The agency that asked, or that a consent is for."),
    ("client", "The program that was used."),
    ("officer", "The officer’s id within the agency."),
    ("purpose", "The procedure, or one of a consent’s."),
    (
        "case",
        "The agency’s case. One that holds a personal number belongs into a body.",
    ),
    ("dataset", "A dataset that was asked for."),
    ("attribute", "An attribute that was released."),
    (
        "outcome",
        "What came of it: `disclosed`, `nothing_disclosed`, `refused`, `withdrawn`, ….",
    ),
    ("rule", "The rule of a denial or of an alert."),
    (
        "registry",
        "A registry that was asked, whether it answered or not.",
    ),
    (
        "from",
        "Not before this day (on the clocks of Việt Nam) or this time.",
    ),
    ("to", "Up to this day, or before this time."),
    ("cursor", "`next` of an earlier page."),
];

pub(super) fn log_entries() -> Vec<Described> {
    let limit = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(500))
        .default(Some(50.into()));
    let list = Call::get(
        "/v1/access-log/entries",
        "entries_list",
        "Search the access log",
    )
    .text(
        "What the log says, newest first: everything that is named must hold. Without a filter \
             it lists the whole log. Each entry comes with all members of its record; of a person \
             who was erased only the pseudonym is left.\n\nWith `Accept: text/csv` or \
             `application/x-ndjson` all matches leave as a stream, up to a million, each with its \
             proof; `motlan log verify` checks the lines offline. An export that had to end before \
             that says so in its last line, with the `cursor` of the next one.\n\nThe call is \
             itself an entry of the log, written before anything leaves.",
    )
    .scope(Scope::Audit);
    let list = FILTERS.iter().fold(list, |list, (name, description)| {
        let text = ObjectBuilder::new().schema_type(Type::String);
        list.query_parameter(name, description, text)
    });
    vec![
        list.query_parameter("limit", "How many entries a page has at most.", limit)
            .returns::<EntriesFound>("The entries.", ENTRIES)
            .problems(&[CALLER, QUESTION, SEARCHED]),
        Call::get(
            "/v1/access-log/entries/{leaf_index}",
            "entries_show",
            "Get one entry with its proof",
        )
        .text(
            "One entry: what it says, the bytes that were logged, the keys that open its sealed \
             parts and nothing else, and the proof that it stands in the log. That is all an \
             outsider needs to check it.",
        )
        .scope(Scope::Audit)
        .path_parameter("leaf_index", "Where the entry stands in the log, from 0.")
        .returns::<ProvenEntry>("The entry.", ENTRY)
        .problems(&[CALLER, SEARCHED, &[ProblemCode::NotFound]]),
        Call::post(
            "/v1/access-log/searches",
            "searches_make",
            "Search the access log by person",
        )
        .text(
            "The same search with its filters in a body, and the only one that can name a person \
             or an enterprise. Exports work here too. The look is written into the person’s own \
             list of accesses.",
        )
        .scope(Scope::Audit)
        .body::<LogSearch>(SEARCH)
        .returns::<EntriesFound>("The entries.", ENTRIES)
        .problems(&[CALLER, BODY, QUESTION, SEARCHED]),
    ]
}

/// Met where the log is read through its index.
const SEARCHED: &[ProblemCode] = &[ProblemCode::IndexBehind, ProblemCode::AccessLogUnavailable];

const SEARCH: &str = r#"{
  "subject": {"person": "001185012345"},
  "kind": ["disclosure", "mention"],
  "from": "2026-11-01",
  "to": "2026-11-21"
}"#;

const ENTRIES: &str = r#"{
  "entries": [
    {
      "leaf_index": 1234,
      "kind": "disclosure",
      "time": "2026-11-21T07:14:51.208Z",
      "leaf_hash": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
      "outcome": "disclosed",
      "agency": "ward-ba-dinh",
      "attributes": ["population.identity.full_name"],
      "basis": {"kind": "law", "reference": "Law on Residence 2020, Article 21"},
      "case": "H01.12-261121-0007",
      "client": "one-stop-shop",
      "officer": {"asserted_by": "token", "id": "cb-4711"},
      "policy_version": "sha256:3c31e04867eacc5bcba91118",
      "purpose": "permanent-residence-registration",
      "query_id": "qry_0193b6a4-7c1e-7d52-9a31-5f0c2e8b4d17",
      "subject": {"epoch": 1, "pseudonym": "9lpYjIbwb5WPmCGtLnNFKi6ivvNuv1SLy7LxpQtKgIA="}
    }
  ],
  "next": "AAAAAAAABNI"
}"#;

const ENTRY: &str = r#"{
  "leaf_index": 1234,
  "kind": "mention",
  "time": "2026-11-21T07:14:51.208Z",
  "leaf_hash": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
  "outcome": "mentioned",
  "agency": "ward-ba-dinh",
  "attributes": ["civil_status.marital_status.spouse"],
  "client": "one-stop-shop",
  "policy_version": "sha256:3c31e04867eacc5bcba91118",
  "purpose": "permanent-residence-registration",
  "query_id": "qry_0193b6a4-7c1e-7d52-9a31-5f0c2e8b4d17",
  "subject": {"epoch": 1, "pseudonym": "9lpYjIbwb5WPmCGtLnNFKi6ivvNuv1SLy7LxpQtKgIA="},
  "entry": "eyJraW5kIjoi…",
  "keys": {
    "shown": "Qk2yq0gPqIzkLrYVOyyUe0sRGMnCzPyoLyQ9H7M5R3E=",
    "withheld": "hC6nmjkA0x3GxJ0q0Q4cUqCkU0oE3J5wJ9mVn9d7d2s="
  },
  "tlog_proof": "c2sp.org/tlog-proof@v1\nindex 1234\n…"
}"#;
