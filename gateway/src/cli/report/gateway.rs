//! Which gateway a data protection officer asks, with which token, and about whom. A person's number
//! is read from a file, from standard input or at a prompt: a process list shows arguments to
//! everybody on the machine.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]

use crate::{cli::render, demo::file::DemoFile};
use anstream::println;
use anyhow::{Context, bail, ensure};
use clap::Args;
use motlan_schemas::language::Language;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::{
    fs,
    io::{self, BufRead, IsTerminal, Read},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

/// A report reads every entry about a person.
const WAIT_MAX: Duration = Duration::from_mins(5);

#[derive(Debug, Args)]
pub(in crate::cli) struct Gateway {
    /// The gateway's address. Without it, the demo of `--data-dir` is asked.
    #[arg(long, requires = "token")]
    gateway: Option<String>,
    /// The bearer token of a data protection officer (scope `audit`).
    #[arg(long, env = "MOTLAN_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// The demo's data directory.
    #[arg(long, default_value = "motlan-data")]
    data_dir: PathBuf,
}

/// About whom.
#[derive(Debug, Args)]
pub(in crate::cli) struct Subjects {
    /// A file with a person's number on each line; `-` is standard input. Without it, the number is
    /// asked for.
    #[arg(long, conflicts_with_all = ["persona", "enterprise"])]
    person_file: Option<PathBuf>,
    /// A persona of the demo: lan, an, minh, hoa, tuan, nobody, phuc.
    #[arg(long, conflicts_with = "enterprise")]
    persona: Option<String>,
    /// The enterprise's code.
    #[arg(long)]
    enterprise: Option<String>,
}

impl Gateway {
    /// Sends a call and gives back its status and its body.
    pub(in crate::cli) async fn call(
        &self,
        method: Method,
        path: &str,
        (accept, language): (&str, Language),
        body: Option<&Value>,
    ) -> anyhow::Result<(StatusCode, String)> {
        let (gateway, token) = self.target()?;
        let client = reqwest::Client::builder().timeout(WAIT_MAX).build()?;
        let mut call = client
            .request(method, format!("{gateway}{path}"))
            .bearer_auth(token)
            .header("accept", accept)
            .header("accept-language", language.tag());
        if let Some(body) = body {
            call = call
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let response = call.send().await.context("the gateway cannot be reached")?;
        let status = response.status();
        let text = response.text().await.context("the answer broke off")?;
        Ok((status, text))
    }

    /// Sends a call that answers JSON. A refusal is told, and is `None`.
    pub(in crate::cli) async fn json(
        &self,
        path: &str,
        language: Language,
        body: &Value,
    ) -> anyhow::Result<Option<Value>> {
        let wanted = ("application/json", language);
        let (status, text) = self.call(Method::POST, path, wanted, Some(body)).await?;
        let answer: Value = serde_json::from_str(&text).context("the answer is not JSON")?;
        if status.is_success() {
            return Ok(Some(answer));
        }
        println!("{}", render::problem(&answer));
        for obstacle in answer["obstacles"].as_array().into_iter().flatten() {
            println!("  - {}", obstacle["detail"].as_str().unwrap_or_default());
        }
        Ok(None)
    }

    /// Sends a call and prints what comes, whatever it is.
    pub(in crate::cli) async fn print(
        &self,
        (method, path): (Method, &str),
        wanted: (&str, Language),
        body: Option<&Value>,
    ) -> anyhow::Result<ExitCode> {
        let (status, text) = self.call(method, path, wanted, body).await?;
        if status.is_success() {
            anstream::print!("{text}");
            return Ok(ExitCode::SUCCESS);
        }
        let problem: Value = serde_json::from_str(&text).context("the answer is not JSON")?;
        println!("{}", render::problem(&problem));
        Ok(ExitCode::FAILURE)
    }

    /// The number of a persona of the demo.
    fn persona(&self, name: &str) -> anyhow::Result<String> {
        Ok(DemoFile::read(&self.data_dir)?.persona(name)?.to_owned())
    }

    fn target(&self) -> anyhow::Result<(String, String)> {
        if let Some(gateway) = &self.gateway {
            let token = self.token.clone();
            let token = token.context("`--gateway` needs `--token`")?;
            return Ok((gateway.trim_end_matches('/').to_owned(), token));
        }
        let demo = DemoFile::read(&self.data_dir)?;
        let token = match &self.token {
            Some(token) => token.clone(),
            None => demo.token("dpo")?.to_owned(),
        };
        Ok((demo.gateway, token))
    }
}

impl Subjects {
    /// All of them, each as the body of a call names it.
    pub(in crate::cli) fn all(&self, gateway: &Gateway) -> anyhow::Result<Vec<Value>> {
        let people = match (&self.persona, &self.enterprise, &self.person_file) {
            (Some(name), _, _) => vec![gateway.persona(name)?],
            (_, Some(code), _) => return Ok(vec![json!({ "enterprise": code })]),
            (_, _, Some(file)) if file.as_os_str() == "-" => lines(io::stdin().lock())?,
            (_, _, Some(file)) => {
                let bytes = fs::read(file).with_context(|| format!("`{}`", file.display()))?;
                lines(bytes.as_slice())?
            }
            (None, None, None) => vec![asked()?],
        };
        ensure!(!people.is_empty(), "no number was given");
        let people = people.into_iter();
        Ok(people.map(|person| json!({ "person": person })).collect())
    }

    /// The one subject.
    pub(in crate::cli) fn one(&self, gateway: &Gateway) -> anyhow::Result<Value> {
        let mut all = self.all(gateway)?;
        match (all.pop(), all.is_empty()) {
            (Some(one), true) => Ok(one),
            _ => bail!("one number is expected, and several were given"),
        }
    }
}

fn lines(mut source: impl Read) -> anyhow::Result<Vec<String>> {
    let mut text = String::new();
    source.read_to_string(&mut text)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    Ok(lines.map(str::to_owned).collect())
}

fn asked() -> anyhow::Result<String> {
    if io::stdin().is_terminal() {
        anstream::eprint!("The person's number: ");
    }
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim().to_owned())
}
