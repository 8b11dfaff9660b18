//! `motlan report reconcile`.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]

use super::gateway::Gateway;
use crate::cli::style::{BAD, GOOD, paint};
use anstream::println;
use anyhow::Context;
use clap::Args;
use motlan_schemas::language::Language;
use serde_json::{Value, json};
use std::{fs, path::PathBuf, process::ExitCode};

#[derive(Debug, Args)]
pub(in crate::cli) struct Reconcile {
    #[command(flatten)]
    gateway: Gateway,
    /// The registry.
    #[arg(long)]
    registry: String,
    /// From when: a time or a day.
    #[arg(long)]
    from: String,
    /// Until when: a time or a day, which does not count any more.
    #[arg(long)]
    to: String,
    /// How many requests the registry counted.
    #[arg(long, required_unless_present = "by_hour")]
    requests: Option<u64>,
    /// A JSON file with the registry's count by hour: `{"2026-11-21T08:00:00Z": 12}`.
    #[arg(long, conflicts_with = "requests")]
    by_hour: Option<PathBuf>,
    /// Print the comparison as JSON.
    #[arg(long)]
    json: bool,
}

impl Reconcile {
    /// Fails where the counts do not agree.
    pub(super) async fn run(self, language: Language) -> anyhow::Result<ExitCode> {
        let mut body = json!({ "registry": self.registry, "from": self.from, "to": self.to });
        if let Some(requests) = self.requests {
            body["requests"] = json!(requests);
        }
        if let Some(file) = &self.by_hour {
            let unreadable = || format!("`{}` is no JSON file", file.display());
            let text = fs::read(file).with_context(unreadable)?;
            body["by_hour"] = serde_json::from_slice(&text).with_context(unreadable)?;
        }
        let path = "/v1/reports/reconciliation";
        let Some(compared) = self.gateway.json(path, language, &body).await? else {
            return Ok(ExitCode::FAILURE);
        };
        let agrees = compared["verdict"] == "agree";
        if self.json {
            println!("{compared:#}");
        } else {
            tell(&compared, agrees);
        }
        Ok(match agrees {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    }
}

fn tell(compared: &Value, agrees: bool) {
    let mark = match agrees {
        true => paint(GOOD, "✓"),
        false => paint(BAD, "✗"),
    };
    println!(
        "{mark} {}",
        compared["sentence"].as_str().unwrap_or_default()
    );
    for hour in compared["hours"].as_array().into_iter().flatten() {
        if hour["agrees"] == false {
            let (when, ours) = (hour["hour"].as_str(), &hour["ours"]["requests"]);
            let theirs = &hour["theirs"];
            println!("  {}: {theirs} : {ours}", when.unwrap_or_default());
        }
    }
}
