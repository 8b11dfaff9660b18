//! `motlan log search`: who saw what, asked of a running gateway and shown as a table.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]

use super::asked::Asked;
use crate::cli::style::{BAD, GOOD, QUIET, TITLE, WARNING, paint};
use anstream::println;
use anstyle::Style;
use anyhow::Context;
use clap::Args;
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

const COLUMNS: [&str; 8] = [
    "entry", "time", "kind", "outcome", "agency", "officer", "purpose", "case",
];
/// Where the outcome stands among them.
const OUTCOME: usize = 3;

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

/// One line an entry, in columns as wide as what stands in them.
fn table(entries: &[Value]) -> String {
    let rows: Vec<[String; COLUMNS.len()]> = entries.iter().map(row).collect();
    let mut widths = COLUMNS.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let line = |cells: &[String; COLUMNS.len()], style: &dyn Fn(usize, &str) -> Option<Style>| {
        let cells = cells.iter().zip(widths).enumerate();
        let cells = cells.map(|(place, (cell, width))| {
            let padded = format!("{cell:width$}");
            match style(place, cell) {
                Some(style) => paint(style, &padded),
                None => padded,
            }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(&COLUMNS.map(str::to_owned), &|_, _| Some(TITLE))];
    lines.extend(rows.iter().map(|row| line(row, &style)));
    lines.join("\n")
}

fn row(entry: &Value) -> [String; COLUMNS.len()] {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let agency = match &entry["agency"] {
        Value::Null => &entry["consent"]["agency"],
        agency => agency,
    };
    let officer = match &entry["officer"] {
        Value::Object(officer) => officer.get("id").map(&text).unwrap_or_default(),
        officer => text(officer),
    };
    let outcome = match entry["erased"] == true {
        true => "erased".to_owned(),
        false => text(&entry["outcome"]),
    };
    [
        entry["leaf_index"].to_string(),
        local(&entry["time"]),
        text(&entry["kind"]),
        outcome,
        text(agency),
        officer,
        text(&entry["purpose"]),
        text(&entry["case"]),
    ]
}

/// How a cell is painted.
fn style(column: usize, cell: &str) -> Option<Style> {
    match (column, cell) {
        (OUTCOME, "disclosed" | "given" | "justified") => Some(GOOD),
        (OUTCOME, "refused" | "misuse" | "incident") => Some(BAD),
        (OUTCOME, "alerted" | "withdrawn" | "sealed") => Some(WARNING),
        (OUTCOME, "erased") => Some(QUIET),
        _ => None,
    }
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
        let shown = table(&entries);
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
