//! What `motlan log search` and `motlan log export` ask a running gateway for. A person's number is
//! read from a file, from standard input or at a prompt, and never stands in the arguments, which
//! every process list shows.

use super::verify::remote::{is_loopback, read_token};
use crate::{auth::install_cryptography, cli::render, demo::file::DemoFile};
use anstream::eprint;
use anyhow::{Context, bail, ensure};
use clap::Args;
use motlan_schemas::language::Language;
use reqwest::{Client, Response, redirect::Policy};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use std::{
    fs,
    io::{self, IsTerminal, Read},
    path::{Path, PathBuf},
    time::Duration,
};
use url::Url;

/// Entries of a log, by what they say.
#[derive(Debug, Args)]
pub(super) struct Asked {
    /// The gateway's address. Without it, the demo of `--data-dir` is asked.
    #[arg(long, requires = "token_file", value_name = "URL")]
    gateway: Option<String>,
    /// A file with a token of the scope `audit`.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The demo's data directory.
    #[arg(long, default_value = "motlan-data", value_name = "DIRECTORY")]
    data_dir: PathBuf,
    /// Ask for a person's number, at a prompt or from standard input.
    #[arg(long, conflicts_with_all = ["person_file", "persona", "enterprise"])]
    person: bool,
    /// A file with a person's number.
    #[arg(long, conflicts_with_all = ["persona", "enterprise"], value_name = "FILE")]
    person_file: Option<PathBuf>,
    /// A persona of the demo: lan, an, minh, ….
    #[arg(long, conflicts_with = "enterprise")]
    persona: Option<String>,
    /// An enterprise's code.
    #[arg(long)]
    enterprise: Option<String>,
    /// Kinds of entries: disclosure, refusal, mention, look, alert, ….
    #[arg(long, value_delimiter = ',')]
    kind: Vec<String>,
    /// The agency that asked.
    #[arg(long)]
    agency: Option<String>,
    /// The program that was used.
    #[arg(long)]
    client: Option<String>,
    /// The officer's id within the agency.
    #[arg(long)]
    officer: Option<String>,
    /// The administrative procedure.
    #[arg(long)]
    purpose: Option<String>,
    /// The agency's case.
    #[arg(long)]
    case: Option<String>,
    /// A dataset that was asked for, or that changed.
    #[arg(long)]
    dataset: Option<String>,
    /// An attribute that was released.
    #[arg(long)]
    attribute: Option<String>,
    /// What came of it: disclosed, refused, mentioned, withdrawn, ….
    #[arg(long)]
    outcome: Option<String>,
    /// The rule of a denial or of an alert.
    #[arg(long)]
    rule: Option<String>,
    /// A registry that was asked, whether it answered or not, or that told of a change.
    #[arg(long)]
    registry: Option<String>,
    /// Not before this day in Việt Nam, or this time.
    #[arg(long)]
    from: Option<String>,
    /// Up to this day in Việt Nam, or before this time.
    #[arg(long)]
    to: Option<String>,
    /// Where an earlier page or export ended.
    #[arg(long)]
    cursor: Option<String>,
}

const PATH: &str = "/v1/access-log/searches";
/// How long a gateway may be silent; an export of a million entries takes longer as a whole.
const SILENCE_MAX: Duration = Duration::from_secs(60);

impl Asked {
    /// Sends the search, and gives back a response that is a success.
    pub(super) async fn send(
        &self,
        limit: Option<u32>,
        accept: &'static str,
        language: Language,
    ) -> anyhow::Result<Response> {
        install_cryptography()?;
        let (gateway, token) = self.target()?;
        let client = Client::builder()
            .redirect(Policy::none())
            .read_timeout(SILENCE_MAX)
            .build()
            .context("cannot make an HTTP client")?;
        let response = client
            .post(format!("{gateway}{PATH}"))
            .bearer_auth(token.expose_secret())
            .header("content-type", "application/json")
            .header("accept", accept)
            .header("accept-language", language.tag())
            .body(self.body(limit)?.to_string())
            .send()
            .await
            .context("the gateway cannot be reached")?;
        if response.status().is_success() {
            return Ok(response);
        }
        let bytes = response.bytes().await.context("the answer broke off")?;
        let problem: Value = serde_json::from_slice(&bytes).context("the answer is not JSON")?;
        bail!("the gateway refuses:\n{}", render::problem(&problem))
    }

    fn target(&self) -> anyhow::Result<(String, SecretString)> {
        if let Some(gateway) = &self.gateway {
            let url: Url = gateway
                .parse()
                .with_context(|| format!("`{gateway}` is no address"))?;
            ensure!(
                url.scheme() == "https" || is_loopback(&url),
                "a token goes to https:// addresses only"
            );
            let file = self.token_file.as_deref().unwrap_or(Path::new(""));
            return Ok((gateway.trim_end_matches('/').to_owned(), read_token(file)?));
        }
        let demo = DemoFile::read(&self.data_dir)?;
        let token = match &self.token_file {
            Some(file) => read_token(file)?,
            None => SecretString::from(demo.token("dpo")?.to_owned()),
        };
        Ok((demo.gateway, token))
    }

    fn body(&self, limit: Option<u32>) -> anyhow::Result<Value> {
        let mut body = Map::new();
        if let Some(subject) = self.subject()? {
            body.insert("subject".to_owned(), subject);
        }
        if !self.kind.is_empty() {
            body.insert("kind".to_owned(), json!(self.kind));
        }
        let texts = [
            ("agency", &self.agency),
            ("client", &self.client),
            ("officer", &self.officer),
            ("purpose", &self.purpose),
            ("case", &self.case),
            ("dataset", &self.dataset),
            ("attribute", &self.attribute),
            ("outcome", &self.outcome),
            ("rule", &self.rule),
            ("registry", &self.registry),
            ("from", &self.from),
            ("to", &self.to),
            ("cursor", &self.cursor),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                body.insert(name.to_owned(), json!(text));
            }
        }
        if let Some(limit) = limit {
            body.insert("limit".to_owned(), json!(limit));
        }
        Ok(Value::Object(body))
    }

    fn subject(&self) -> anyhow::Result<Option<Value>> {
        if let Some(code) = &self.enterprise {
            return Ok(Some(json!({ "enterprise": code })));
        }
        let person = if let Some(name) = &self.persona {
            DemoFile::read(&self.data_dir)?.persona(name)?.to_owned()
        } else if let Some(path) = &self.person_file {
            fs::read_to_string(path)
                .with_context(|| format!("cannot read the number in `{}`", path.display()))?
        } else if self.person {
            read_number().context("cannot read a number from standard input")?
        } else {
            return Ok(None);
        };
        Ok(Some(json!({ "person": person.trim() })))
    }
}

fn read_number() -> io::Result<String> {
    let mut number = String::new();
    if io::stdin().is_terminal() {
        eprint!("personal number: ");
        io::stdin().read_line(&mut number)?;
    } else {
        io::stdin().read_to_string(&mut number)?;
    }
    Ok(number)
}
