//! `motlan query`: one question to a gateway, and its answer as a person would like to read it.

use super::render;
use crate::demo::file::DemoFile;
use anstream::println;
use anyhow::{Context, bail};
use clap::Args;
use motlan_schemas::{catalogue::Catalogue, language::Language};
use serde_json::{Map, Value, json};
use std::{
    io::{self, Read},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

#[derive(Debug, Args)]
pub(super) struct Query {
    /// The gateway's address. Without it, the demo of `--data-dir` is asked.
    #[arg(long, requires = "token")]
    gateway: Option<String>,
    /// The bearer token; `-` reads it from standard input.
    #[arg(long, env = "MOTLAN_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// The demo's data directory.
    #[arg(long, default_value = "motlan-data")]
    data_dir: PathBuf,
    /// A persona of the demo: lan, an, minh, hoa, tuan, nobody, phuc.
    #[arg(long, conflicts_with_all = ["person", "enterprise"])]
    persona: Option<String>,
    /// The person's number; `-` reads it from standard input, where no process list shows it.
    #[arg(long, conflicts_with = "enterprise")]
    person: Option<String>,
    /// The enterprise's code.
    #[arg(long)]
    enterprise: Option<String>,
    /// The procedure for which the question is asked.
    #[arg(long)]
    purpose: String,
    /// What is asked for: dotted names of datasets and attributes.
    #[arg(long, required = true, value_delimiter = ',', num_args = 1..)]
    select: Vec<String>,
    /// The case, in the agency's words.
    #[arg(long)]
    case: Option<String>,
    /// The officer, in the agency's words.
    #[arg(long)]
    officer: Option<String>,
    /// The oldest answer that will do, in seconds; 0 always asks the registry.
    #[arg(long)]
    max_age_seconds: Option<u64>,
    /// The provinces whose land offices are asked, by their codes; without it, all are.
    #[arg(long, value_delimiter = ',', num_args = 1..)]
    provinces: Vec<String>,
    /// How long to wait, in milliseconds.
    #[arg(long)]
    deadline_ms: Option<u64>,
    /// Only explain the decision; no registry is asked.
    #[arg(long)]
    explain: bool,
    /// Print the answer as JSON.
    #[arg(long)]
    json: bool,
}

impl Query {
    pub(super) async fn run(self, language: Language) -> anyhow::Result<ExitCode> {
        crate::auth::install_cryptography()?;
        let (gateway, token) = self.target()?;
        let path = if self.explain {
            "/v1/queries/explain"
        } else {
            "/v1/queries"
        };
        let body = self.body()?;
        let (status, answer) = ask(&format!("{gateway}{path}"), &token, &body, language).await?;
        if self.json {
            println!("{answer:#}");
        } else if status.is_success() && self.explain {
            println!("{}", render::explanation(&answer));
        } else if status.is_success() {
            println!(
                "{}",
                render::answer(&answer, &Catalogue::national(), language)
            );
        } else {
            println!("{}", render::problem(&answer));
        }
        Ok(if status.is_success() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    fn target(&self) -> anyhow::Result<(String, String)> {
        let token = match self.token.as_deref() {
            Some("-") => Some(from_stdin()?),
            other => other.map(str::to_owned),
        };
        if let Some(gateway) = &self.gateway {
            let token = token.context("`--gateway` needs `--token`")?;
            return Ok((gateway.trim_end_matches('/').to_owned(), token));
        }
        let demo = DemoFile::read(&self.data_dir)?;
        let token = match token {
            Some(token) => token,
            None => demo.token("agency")?.to_owned(),
        };
        Ok((demo.gateway, token))
    }

    fn body(&self) -> anyhow::Result<Value> {
        let mut body = Map::new();
        body.insert("subject".to_owned(), self.subject()?);
        body.insert("purpose".to_owned(), json!(self.purpose));
        body.insert("select".to_owned(), json!(self.select));
        let mut optional = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                body.insert(name.to_owned(), value);
            }
        };
        optional("case", self.case.as_ref().map(|case| json!(case)));
        optional(
            "officer",
            self.officer.as_ref().map(|officer| json!(officer)),
        );
        optional(
            "max_age_seconds",
            self.max_age_seconds.map(|seconds| json!(seconds)),
        );
        let provinces = (!self.provinces.is_empty()).then(|| json!(self.provinces));
        optional("provinces", provinces);
        optional(
            "deadline_ms",
            self.deadline_ms.map(|deadline| json!(deadline)),
        );
        Ok(Value::Object(body))
    }

    fn subject(&self) -> anyhow::Result<Value> {
        match (&self.persona, &self.person, &self.enterprise) {
            (Some(name), _, _) => {
                let demo = DemoFile::read(&self.data_dir)?;
                Ok(json!({ "person": demo.persona(name)? }))
            }
            (_, Some(person), _) if person == "-" => Ok(json!({ "person": from_stdin()? })),
            (_, Some(person), _) => Ok(json!({ "person": person })),
            (_, _, Some(code)) => Ok(json!({ "enterprise": code })),
            (None, None, None) => {
                bail!("name the subject: `--persona`, `--person` or `--enterprise`")
            }
        }
    }
}

/// Sends a question, and gives back the status and the JSON document, answer or problem.
pub(super) async fn ask(
    url: &str,
    token: &str,
    body: &Value,
    language: Language,
) -> anyhow::Result<(reqwest::StatusCode, Value)> {
    let client = reqwest::Client::builder().timeout(WAIT_MAX).build()?;
    let response = client
        .post(url)
        .bearer_auth(token)
        .header("content-type", "application/json")
        .header("accept-language", language.tag())
        .body(body.to_string())
        .send()
        .await
        .context("the gateway cannot be reached")?;
    let status = response.status();
    let bytes = response.bytes().await.context("the answer broke off")?;
    let answer = serde_json::from_slice(&bytes).context("the answer is not JSON")?;
    Ok((status, answer))
}

/// A little longer than the longest deadline that a question can have.
const WAIT_MAX: Duration = Duration::from_secs(35);

fn from_stdin() -> anyhow::Result<String> {
    let mut text = String::new();
    io::stdin()
        .read_to_string(&mut text)
        .context("standard input")?;
    Ok(text.trim().to_owned())
}
