//! `motlan report breach`.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]

use super::gateway::Gateway;
use crate::cli::style::{TITLE, WARNING, paint};
use anstream::println;
use clap::{Args, ValueEnum};
use motlan_schemas::language::Language;
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(in crate::cli) struct Breach {
    #[command(flatten)]
    gateway: Gateway,
    /// What leaked: the full dotted name of an attribute.
    #[arg(long, conflicts_with = "dataset")]
    attribute: Option<String>,
    /// Or a whole dataset.
    #[arg(long)]
    dataset: Option<String>,
    /// The client that data went to.
    #[arg(long, required_unless_present_any = ["agency", "officer"])]
    client: Option<String>,
    /// Or the agency.
    #[arg(long)]
    agency: Option<String>,
    /// Or the officer.
    #[arg(long)]
    officer: Option<String>,
    /// From when: a time or a day.
    #[arg(long)]
    from: String,
    /// Until when: a time or a day, which does not count any more.
    #[arg(long)]
    to: String,
    /// When it was discovered; then the 72 hours are counted.
    #[arg(long)]
    discovered_at: Option<String>,
    /// In which form.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
    Csv,
    Ndjson,
}

const PATH: &str = "/v1/reports/breach";

impl Breach {
    pub(super) async fn run(self, language: Language) -> anyhow::Result<ExitCode> {
        let body = self.body();
        let accept = match self.format {
            Format::Csv => "text/csv",
            Format::Ndjson => "application/x-ndjson",
            Format::Text | Format::Json => {
                let Some(breach) = self.gateway.json(PATH, language, &body).await? else {
                    return Ok(ExitCode::FAILURE);
                };
                match self.format {
                    Format::Text => tell(&breach),
                    _ => println!("{breach:#}"),
                }
                return Ok(ExitCode::SUCCESS);
            }
        };
        let call = (Method::POST, PATH);
        self.gateway
            .print(call, (accept, language), Some(&body))
            .await
    }

    fn body(&self) -> Value {
        let mut body = Map::new();
        let optional = [
            ("attribute", &self.attribute),
            ("dataset", &self.dataset),
            ("client", &self.client),
            ("agency", &self.agency),
            ("officer", &self.officer),
            ("discovered_at", &self.discovered_at),
        ];
        for (name, value) in optional {
            body.extend(value.as_ref().map(|value| (name.to_owned(), json!(value))));
        }
        body.insert("from".to_owned(), json!(self.from));
        body.insert("to".to_owned(), json!(self.to));
        Value::Object(body)
    }
}

fn tell(breach: &Value) {
    let count = |name: &str| breach[name].as_u64().unwrap_or(0);
    let (subjects, disclosures) = (count("subjects_total"), count("disclosures_total"));
    let title = format!("{disclosures} disclosures about {subjects} people or enterprises");
    println!("{}", paint(TITLE, &title));
    if let (Some(first), Some(last)) = (breach["first"].as_str(), breach["last"].as_str()) {
        println!("  {first} – {last}");
    }
    for (kind, counts) in [("attribute", "attributes"), ("agency", "agencies")] {
        for (name, count) in breach[counts].as_object().into_iter().flatten() {
            println!("  {kind} {name}: {count}");
        }
    }
    if count("erased") > 0 {
        println!(
            "  {} entries are erased and cannot be told",
            count("erased")
        );
    }
    if let Some(notify_by) = breach["clock"]["notify_by"].as_str() {
        let left = &breach["clock"]["hours_left"];
        let told = format!("  the authority has to be told by {notify_by}: {left} hours left");
        println!("{}", paint(WARNING, &told));
    }
}
