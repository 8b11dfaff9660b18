//! `motlan log search`: who saw what, asked of a running gateway and shown as a table.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]

use super::asked::Asked;
use crate::cli::style::{BAD, GOOD, QUIET, TITLE, WARNING, paint};
use anstream::println;
use anyhow::Context;
use clap::Args;
use comfy_table::{ContentArrangement, Table, presets};
use jiff::{Timestamp, tz};
use motlan_schemas::language::Language;
use serde_json::Value;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(in crate::cli) struct Search {
    #[command(flatten)]
    asked: Asked,
    /// How many entries are shown at most.
    #[arg(long, default_value_t = 50)]
    limit: u32,
    /// Print the entries as JSON, with all that they say.
    #[arg(long)]
    json: bool,
}

/// Where the terminal does not say how wide it is.
const TABLE_WIDTH: u16 = 120;
const COLUMNS: [&str; 8] = [
    "entry", "time", "kind", "outcome", "agency", "officer", "purpose", "case",
];

impl Search {
    pub(super) async fn run(self, language: Language) -> anyhow::Result<ExitCode> {
        let accept = "application/json";
        let response = self.asked.send(Some(self.limit), accept, language).await?;
        let bytes = response.bytes().await.context("the answer broke off")?;
        let page: Value = serde_json::from_slice(&bytes).context("the answer is not JSON")?;
        if self.json {
            println!("{page:#}");
            return Ok(ExitCode::SUCCESS);
        }
        let entries = page["entries"].as_array().map_or(&[][..], Vec::as_slice);
        println!("{}", table(entries));
        let shown = format!("{} entries, newest first", entries.len());
        println!("{}", paint(QUIET, &shown));
        if let Some(next) = page["next"].as_str() {
            println!("{}", paint(QUIET, &format!("more with --cursor {next}")));
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn table(entries: &[Value]) -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(COLUMNS.map(|title| paint(TITLE, title)));
    if table.width().is_none() {
        table.set_width(TABLE_WIDTH);
    }
    for entry in entries {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let agency = match &entry["agency"] {
            Value::Null => &entry["consent"]["agency"],
            agency => agency,
        };
        let officer = match &entry["officer"] {
            Value::Object(officer) => officer.get("id").map(&text).unwrap_or_default(),
            officer => text(officer),
        };
        table.add_row([
            entry["leaf_index"].to_string(),
            local(&entry["time"]),
            text(&entry["kind"]),
            outcome(entry),
            text(agency),
            officer,
            text(&entry["purpose"]),
            text(&entry["case"]),
        ]);
    }
    table
}

fn outcome(entry: &Value) -> String {
    if entry["erased"] == true {
        return paint(QUIET, "erased");
    }
    let outcome = entry["outcome"].as_str().unwrap_or_default();
    let style = match outcome {
        "disclosed" | "given" | "justified" => GOOD,
        "refused" | "misuse" | "incident" => BAD,
        "alerted" | "withdrawn" | "sealed" => WARNING,
        _ => return outcome.to_owned(),
    };
    paint(style, outcome)
}

/// A time on the clocks of the country.
fn local(time: &Value) -> String {
    let text = time.as_str().unwrap_or_default();
    let Ok(time) = text.parse::<Timestamp>() else {
        return text.to_owned();
    };
    let time = time.to_zoned(tz::offset(7).to_time_zone());
    time.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_entry_is_one_row_whatever_its_kind() {
        let entries = [
            json!({
                "leaf_index": 12, "kind": "disclosure", "time": "2026-11-21T18:30:00.000Z",
                "outcome": "disclosed", "agency": "ward-ba-dinh", "officer": {"id": "cb-1"},
                "purpose": "birth-registration", "case": "A-1",
            }),
            json!({
                "leaf_index": 11, "kind": "alert", "time": "2026-11-21T08:00:00Z",
                "outcome": "alerted", "agency": "ward-ba-dinh", "officer": "cb-2",
            }),
            json!({
                "leaf_index": 10, "kind": "consent_change", "time": "2026-11-21T08:00:00Z",
                "outcome": "given", "consent": {"agency": "land-office"},
            }),
            json!({ "leaf_index": 9, "kind": "mention", "time": "soon", "erased": true }),
        ];
        let shown = table(&entries).to_string();
        let rows: Vec<&str> = shown.lines().collect();
        assert_eq!(rows.len(), 5, "{shown}");
        for (row, words) in [
            (1, ["12", "2026-11-22 01:30:00", "cb-1"]),
            (2, ["alert", "cb-2", "ward-ba-dinh"]),
            (3, ["given", "land-office", "2026-11-21 15:00:00"]),
            (4, ["9", "soon", "erased"]),
        ] {
            for word in words {
                assert!(rows[row].contains(word), "{word}: {}", rows[row]);
            }
        }
    }
}
