//! `motlan log alerts`: what a data protection officer should look at, from a running gateway.

use crate::{
    cli::{
        render::problem,
        style::{QUIET, paint},
    },
    demo::file::DemoFile,
    i18n::texts,
};
use anstream::println;
use anyhow::Context;
use clap::{Args, ValueEnum};
use comfy_table::{ContentArrangement, Table, presets};
use motlan_schemas::language::Language;
use serde_json::Value;
use std::{path::PathBuf, process::ExitCode, time::Duration};
use url::Url;

#[derive(Debug, Args)]
pub(in crate::cli) struct Alerts {
    /// The gateway's address. Without it, the demo of `--data-dir` is asked.
    #[arg(long, requires = "token")]
    gateway: Option<Url>,
    /// A bearer token with the scope `audit`.
    #[arg(long, env = "MOTLAN_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// The demo's data directory.
    #[arg(long, default_value = "motlan-data")]
    data_dir: PathBuf,
    /// Only alerts in this state.
    #[arg(long)]
    state: Option<StateArgument>,
    /// How many.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u8).range(1..=100))]
    limit: u8,
    /// Where an earlier page ended.
    #[arg(long)]
    cursor: Option<String>,
    /// Print the answer as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum StateArgument {
    New,
    InReview,
    Justified,
    Incident,
}

/// Longer than the gateway waits for its own list.
const WAIT_MAX: Duration = Duration::from_secs(20);

impl Alerts {
    pub(super) async fn run(self, language: Language) -> anyhow::Result<ExitCode> {
        crate::auth::install_cryptography()?;
        let (url, token) = self.target()?;
        let client = reqwest::Client::builder().timeout(WAIT_MAX).build()?;
        let asked = client
            .get(url)
            .bearer_auth(token)
            .header("accept-language", language.tag());
        let response = asked.send().await;
        let response = response.context("the gateway cannot be reached")?;
        let status = response.status();
        let bytes = response.bytes().await.context("the answer broke off")?;
        let answer: Value = serde_json::from_slice(&bytes).context("the answer is not JSON")?;
        if self.json {
            println!("{answer:#}");
        } else if status.is_success() {
            println!("{}", table(&answer, language));
        } else {
            println!("{}", problem(&answer));
        }
        Ok(if status.is_success() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    fn target(&self) -> anyhow::Result<(Url, String)> {
        let (gateway, token) = match (&self.gateway, &self.token) {
            (Some(gateway), Some(token)) => (gateway.clone(), token.clone()),
            (_, token) => {
                let demo = DemoFile::read(&self.data_dir)?;
                let token = match token {
                    Some(token) => token.clone(),
                    None => demo.token("dpo")?.to_owned(),
                };
                (demo.gateway.parse()?, token)
            }
        };
        let mut url = gateway.join("/v1/alerts")?;
        let mut query = url.query_pairs_mut();
        query.append_pair("limit", &self.limit.to_string());
        if let Some(state) = self.state.and_then(|state| state.to_possible_value()) {
            query.append_pair("state", state.get_name());
        }
        if let Some(cursor) = &self.cursor {
            query.append_pair("cursor", cursor);
        }
        drop(query);
        Ok((url, token))
    }
}

fn table(answer: &Value, language: Language) -> String {
    let text = |key: &str| texts().plain(language, key);
    let alerts = answer["alerts"].as_array().map_or(&[][..], Vec::as_slice);
    let mut blocks = Vec::new();
    if alerts.is_empty() {
        blocks.push(text("alerts-none"));
    } else {
        let mut table = Table::new();
        table
            .load_preset(presets::UTF8_HORIZONTAL_ONLY)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_header(
                ["place", "time", "state", "what"]
                    .map(|column| text(&format!("alerts-heading-{column}"))),
            );
        for alert in alerts {
            let state = alert["state"].as_str().unwrap_or_default();
            let sentences = alert["sentences"].as_array().into_iter().flatten();
            let sentences: Vec<_> = sentences.filter_map(Value::as_str).collect();
            table.add_row([
                alert["leaf_index"].to_string(),
                alert["time"].as_str().unwrap_or_default().to_owned(),
                text(&format!("alerts-state-{state}")),
                sentences.join("\n"),
            ]);
        }
        blocks.push(table.to_string());
    }
    let counts = &answer["counts"];
    let count = |state: &str| counts[state].to_string();
    let counts = ["new", "in_review", "justified", "incident"].map(|state| (state, count(state)));
    let arguments: Vec<_> = counts.iter().map(|(name, n)| (*name, n.as_str())).collect();
    let counts = texts().get(language, "alerts-counts", &arguments);
    blocks.push(paint(QUIET, &counts));
    if let Some(next) = answer["next"].as_str() {
        let more = texts().get(language, "alerts-more", &[("cursor", next)]);
        blocks.push(paint(QUIET, &more));
    }
    blocks.join("\n")
}
