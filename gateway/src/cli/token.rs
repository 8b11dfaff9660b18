//! `motlan token`: a token of the demo's issuer, for trying things out. A real gateway trusts a
//! real issuer, and this command cannot speak for one.

use crate::{
    auth::Scope,
    demo::{
        file::DemoFile,
        issuer::{Issuer, TokenRequest},
    },
    random::{self, SystemRandomness},
};
use anstream::println;
use anyhow::Context;
use clap::Args;
use jiff::SignedDuration;
use motlan_schemas::clock::{Clock, SystemClock};
use std::{path::PathBuf, process::ExitCode};

#[derive(Debug, Args)]
pub(super) struct Token {
    /// The demo's data directory.
    #[arg(long, default_value = "motlan-data")]
    data_dir: PathBuf,
    /// The client program, as an agency's file names it.
    #[arg(long, default_value = "ward-ba-dinh-one-stop")]
    client: String,
    /// The scopes: query, consent, me, audit, changes.
    #[arg(long, default_value = "query", value_delimiter = ' ')]
    scope: Vec<String>,
    /// The officer for whom the token vouches.
    #[arg(long)]
    officer: Option<String>,
    /// The citizen who holds the token: a persona's name.
    #[arg(long)]
    persona: Option<String>,
    /// The registry that holds the token.
    #[arg(long)]
    registry: Option<String>,
    /// For how many seconds it is good.
    #[arg(long, default_value_t = 3_600)]
    lifetime_seconds: u32,
}

impl Token {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let demo = DemoFile::read(&self.data_dir)?;
        let random = SystemRandomness::default();
        let mut new_secret = || random::bytes::<32>(&random);
        let keys = self.data_dir.join("keys");
        let issuer = Issuer::open(&keys, &demo.issuer, &demo.audience, &mut new_secret)?;
        let person = match &self.persona {
            Some(name) => Some(
                demo.persona(name)?
                    .parse()
                    .context("the persona's number")?,
            ),
            None => None,
        };
        let request = TokenRequest {
            client_id: self.client.parse().context("`--client`")?,
            subject: self.persona.clone().unwrap_or_else(|| self.client.clone()),
            scopes: self
                .scope
                .iter()
                .map(|word| scope(word))
                .collect::<Result<_, _>>()?,
            officer: self
                .officer
                .as_deref()
                .map(str::parse)
                .transpose()
                .context("`--officer`")?,
            person,
            registry: self
                .registry
                .as_deref()
                .map(str::parse)
                .transpose()
                .context("`--registry`")?,
            lifetime: SignedDuration::from_secs(self.lifetime_seconds.into()),
        };
        let token = issuer.mint(&request, SystemClock.now(), random::bytes(&random));
        println!("{token}");
        Ok(ExitCode::SUCCESS)
    }
}

fn scope(word: &str) -> anyhow::Result<Scope> {
    let known = Scope::ALL.into_iter().find(|scope| scope.as_str() == word);
    known.with_context(|| {
        format!("there is no scope `{word}`; there are query, consent, me, audit, changes")
    })
}
