//! `motlan report person`.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]

use super::gateway::{Gateway, Subjects};
use crate::cli::style::{QUIET, TITLE, WARNING, paint};
use anstream::println;
use clap::{Args, ValueEnum};
use comfy_table::{Table, presets::NOTHING};
use motlan_schemas::language::Language;
use reqwest::Method;
use serde_json::{Value, json};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(in crate::cli) struct Person {
    #[command(flatten)]
    gateway: Gateway,
    #[command(flatten)]
    subjects: Subjects,
    /// For whom it is: the person's own copy has neither officers nor what an order hides.
    #[arg(long, value_enum, default_value = "officer")]
    audience: Audience,
    /// Print the report as JSON.
    #[arg(long, conflicts_with = "html")]
    json: bool,
    /// Print a page that can be printed on paper.
    #[arg(long)]
    html: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Audience {
    Citizen,
    Officer,
}

const PATH: &str = "/v1/reports/person";

impl Person {
    pub(super) async fn run(self, language: Language) -> anyhow::Result<ExitCode> {
        let audience = match self.audience {
            Audience::Citizen => "citizen",
            Audience::Officer => "officer",
        };
        let subject = self.subjects.one(&self.gateway)?;
        let body = json!({ "subject": subject, "audience": audience });
        if self.html {
            let wanted = ("text/html", language);
            let call = (Method::POST, PATH);
            return self.gateway.print(call, wanted, Some(&body)).await;
        }
        let Some(report) = self.gateway.json(PATH, language, &body).await? else {
            return Ok(ExitCode::FAILURE);
        };
        if self.json {
            println!("{report:#}");
        } else {
            tell(&report);
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn tell(report: &Value) {
    println!("{}", paint(TITLE, text(&report["sentence"])));
    let mut table = Table::new();
    table.load_preset(NOTHING);
    for recipient in list(&report["recipients"]) {
        let count = |name: &str| recipient[name].as_u64().unwrap_or(0).to_string();
        table.add_row([
            text(&recipient["agency"]["name"]).to_owned(),
            count("disclosures"),
            count("checks"),
            count("refusals"),
            count("mentions"),
            text(&recipient["last"]).to_owned(),
        ]);
    }
    println!("{table}\n");
    let mut table = Table::new();
    table.load_preset(NOTHING);
    for entry in list(&report["entries"]) {
        let what = match (&entry["access"]["sentence"], entry["erased"] == true) {
            (Value::String(sentence), _) => sentence.clone(),
            (_, true) => paint(QUIET, "—"),
            _ => text(&entry["kind"]).to_owned(),
        };
        let hidden = entry["hidden_until"].as_str();
        let hidden = hidden.map(|until| paint(WARNING, &format!("→ {until}")));
        table.add_row([
            entry["leaf_index"].to_string(),
            text(&entry["time"]).to_owned(),
            what,
            hidden.unwrap_or_default(),
        ]);
    }
    println!("{table}");
    for right in list(&report["rights"]) {
        println!("{} {}", paint(QUIET, "·"), text(right));
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
