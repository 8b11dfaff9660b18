//! An entry as a data protection officer sees it: all its members, flat; and as a line of an export.

use crate::index::outcome;
use base64::{Engine, engine::general_purpose::STANDARD};
use motlan_access_log::{
    details::{DetailKeys, DetailsError, PartKeys},
    merkle::hash_leaf,
    receipt::InclusionProof,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// An entry of the log, opened as far as there are keys.
#[derive(Debug)]
pub(super) struct Opened {
    leaf_index: u64,
    /// As it was logged.
    bytes: Vec<u8>,
    /// With its details in clear; `None` where they are erased or damaged.
    text: Option<Vec<u8>>,
    /// What opens the sealed parts.
    keys: Option<PartKeys>,
}

/// One entry, with all that its record says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LoggedEntry)]
pub(in crate::api) struct EntryView {
    /// Where it stands in the log.
    leaf_index: u64,
    /// What kind of entry it is: `disclosure`, `refusal`, `mention`, `check`, `dry_run`,
    /// `consent_change`, `seal_change`, `registry_change`, `emergency_review`, `look`, `alert`,
    /// `alert_review`, `erasure`, `pruning`, `policy_load`, `mapping_load`, `node_start`, `key_change`.
    kind: String,
    /// When it happened, in UTC.
    time: String,
    /// SHA-256 of a zero byte and the entry, base64.
    leaf_hash: String,
    /// What came of it, in one word.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    outcome: Option<String>,
    /// The person it is about was erased, or its retention has ended: only the pseudonym is left.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    erased: bool,
    /// The members of its record, as the log’s documentation lists them by kind.
    #[serde(flatten)]
    record: BTreeMap<String, Value>,
}

/// An entry with everything that an outsider needs to check it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct ProvenEntry {
    /// The entry.
    #[serde(flatten)]
    view: EntryView,
    /// The bytes that were logged, base64. Their hash is `leaf_hash`.
    entry: String,
    /// What opens the sealed parts of these bytes, and nothing else; null where nothing is sealed or
    /// it is erased.
    #[schema(required)]
    keys: Option<PartKeysView>,
    /// That the entry is under the signed checkpoint (C2SP tlog-proof).
    tlog_proof: String,
}

/// The keys of an entry’s two sealed parts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PartKeys)]
pub(in crate::api) struct PartKeysView {
    /// Opens what the citizen may see, base64.
    shown: String,
    /// Opens what only a data protection officer may see, base64.
    withheld: String,
}

#[derive(Deserialize)]
struct Text {
    kind: String,
    record: BTreeMap<String, Value>,
    time: String,
}

#[derive(Serialize)]
struct Line<'a> {
    leaf_index: u64,
    entry: String,
    keys: Option<PartKeys>,
    opened: Option<&'a RawValue>,
    tlog_proof: String,
}

/// The columns of a table of entries.
pub(super) const COLUMNS: [&str; 17] = [
    "leaf_index",
    "time",
    "kind",
    "agency",
    "client",
    "officer",
    "purpose",
    "case",
    "attributes",
    "outcome",
    "basis",
    "subject",
    "query_id",
    // Of a registry's change.
    "dataset",
    "registry",
    "leaf_hash",
    "tlog_proof",
];

impl Opened {
    /// Opens an entry as far as there are keys.
    pub(super) fn new(leaf_index: u64, bytes: Vec<u8>, details: &DetailKeys) -> Self {
        let opened = details.open_entry(&bytes).and_then(|text| {
            let keys = details.part_keys(&bytes)?;
            Ok((text.into_owned(), keys))
        });
        let (text, keys) = match opened {
            Ok((text, keys)) => (Some(text), keys),
            Err(error) => {
                if !matches!(error, DetailsError::Erased) {
                    tracing::error!(%error, leaf_index, "an entry of the access log cannot be opened");
                }
                (None, None)
            }
        };
        Self {
            leaf_index,
            bytes,
            text,
            keys,
        }
    }

    /// All its members.
    pub(super) fn view(&self) -> EntryView {
        let bytes = self.text.as_deref().unwrap_or(&self.bytes);
        let text: Option<Text> = serde_json::from_slice(bytes).ok();
        let mut text = text.unwrap_or_else(|| Text {
            kind: String::new(),
            record: BTreeMap::new(),
            time: String::new(),
        });
        let erased = self.text.is_none();
        if erased {
            text.record.retain(|name, _| name == "subject");
        }
        let released = text.record.get("attributes").and_then(Value::as_array);
        let released = released.is_some_and(|attributes| !attributes.is_empty());
        let word = ["change", "state", "verdict"];
        let word = word
            .iter()
            .find_map(|name| text.record.get(*name)?.as_str());
        let outcome = match erased {
            true => None,
            false => outcome(&text.kind, released, word).map(str::to_owned),
        };
        EntryView {
            leaf_index: self.leaf_index,
            leaf_hash: STANDARD.encode(hash_leaf(&self.bytes)),
            kind: text.kind,
            time: text.time,
            outcome,
            erased,
            record: text.record,
        }
    }

    /// The entry with its proof.
    pub(super) fn proven(&self, proof: &InclusionProof) -> ProvenEntry {
        ProvenEntry {
            view: self.view(),
            entry: STANDARD.encode(&self.bytes),
            keys: self.keys.map(|keys| PartKeysView {
                shown: STANDARD.encode(keys.shown.0),
                withheld: STANDARD.encode(keys.withheld.0),
            }),
            tlog_proof: proof.to_string(),
        }
    }

    /// Writes the line of an NDJSON export.
    pub(super) fn write_json(&self, proof: &InclusionProof, to: &mut Vec<u8>) {
        let opened = self.text.as_deref();
        let line = Line {
            leaf_index: self.leaf_index,
            entry: STANDARD.encode(&self.bytes),
            keys: self.keys,
            opened: opened.and_then(|text| serde_json::from_slice(text).ok()),
            tlog_proof: proof.to_string(),
        };
        // Texts and numbers always serialise, and a vector takes everything.
        let _ = serde_json::to_writer(&mut *to, &line);
        to.push(b'\n');
    }

    /// Writes the line of a CSV export.
    pub(super) fn write_csv(&self, proof: &InclusionProof, to: &mut Vec<u8>) {
        let view = self.view();
        let text = |name: &str| match view.record.get(name) {
            Some(Value::String(text)) => text.clone(),
            _ => String::new(),
        };
        let member = |name: &str, within: &str| {
            let member = view.record.get(name).and_then(|value| value.get(within));
            member
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        // In an alert the officer stands by id alone.
        let officer = match text("officer") {
            officer if officer.is_empty() => member("officer", "id"),
            officer => officer,
        };
        let attributes = view.record.get("attributes").and_then(Value::as_array);
        let attributes = attributes.into_iter().flatten().filter_map(Value::as_str);
        let attributes: Vec<_> = attributes.collect();
        let basis = match member("basis", "kind") {
            kind if kind.is_empty() => kind,
            kind => format!("{kind}: {}", member("basis", "reference")),
        };
        let epoch = view
            .record
            .get("subject")
            .and_then(|s| s.get("epoch")?.as_u64());
        let subject = epoch.map(|epoch| format!("{epoch}:{}", member("subject", "pseudonym")));
        let cells = [
            view.leaf_index.to_string(),
            view.time.clone(),
            view.kind.clone(),
            text("agency"),
            text("client"),
            officer,
            text("purpose"),
            text("case"),
            attributes.join(" "),
            view.outcome.clone().unwrap_or_default(),
            basis,
            subject.unwrap_or_default(),
            text("query_id"),
            text("dataset"),
            text("registry"),
            format!("sha256:{}", view.leaf_hash),
            STANDARD.encode(proof.to_string()),
        ];
        write_row(cells.iter().map(String::as_str), to);
    }
}

/// Writes a row as [RFC 4180](https://www.rfc-editor.org/rfc/rfc4180) has it. A cell that a
/// spreadsheet would take for a formula begins with an apostrophe.
pub(super) fn write_row<'a>(cells: impl Iterator<Item = &'a str>, to: &mut Vec<u8>) {
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            to.push(b',');
        }
        let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let is_quoted = cell.contains([',', '"', '\r', '\n']);
        let defused = if is_formula { "'" } else { "" };
        match is_quoted {
            true => {
                let cell = cell.replace('"', "\"\"");
                to.extend_from_slice(format!("\"{defused}{cell}\"").as_bytes());
            }
            false => to.extend_from_slice(format!("{defused}{cell}").as_bytes()),
        }
    }
    to.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_where_it_must_be_and_never_a_formula() {
        let mut row = Vec::new();
        let cells = [
            "plain",
            "a,b",
            "say \"no\"",
            "=1+1",
            "-x, y",
            "",
            "@sum",
            "two\nlines",
        ];
        write_row(cells.into_iter(), &mut row);
        let expected =
            "plain,\"a,b\",\"say \"\"no\"\"\",'=1+1,\"'-x, y\",,'@sum,\"two\nlines\"\r\n";
        assert_eq!(String::from_utf8(row).unwrap(), expected);
    }
}
