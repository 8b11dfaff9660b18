//! `motlan report register`: from a running gateway, or from a policy directory alone.

use super::gateway::Gateway;
use crate::{
    api::reports::register_document, cli::place::Adapters, reports::register::Register as Made,
    retention::RetentionPolicy,
};
use anstream::println;
use clap::Args;
use motlan_policies::decide::Policies;
use motlan_schemas::language::Language;
use reqwest::Method;
use std::{path::PathBuf, process::ExitCode};

#[derive(Debug, Args)]
pub(in crate::cli) struct Register {
    #[command(flatten)]
    gateway: Gateway,
    /// Make it of a policy directory, without a gateway; for the retention of the log, the usual one
    /// is assumed.
    #[arg(long)]
    policies: Option<PathBuf>,
    #[command(flatten)]
    adapters: Adapters,
    /// Print a table for spreadsheets.
    #[arg(long, conflicts_with = "html")]
    csv: bool,
    /// Print a page that can be printed on paper.
    #[arg(long)]
    html: bool,
}

impl Register {
    pub(super) async fn run(self, language: Language) -> anyhow::Result<ExitCode> {
        let Some(directory) = &self.policies else {
            let accept = match (self.csv, self.html) {
                (true, _) => "text/csv",
                (_, true) => "text/html",
                _ => "application/json",
            };
            let call = (Method::GET, "/v1/processing-register");
            return self.gateway.print(call, (accept, language), None).await;
        };
        let policies = Policies::load(directory, &self.adapters.catalogue()?)?;
        let register = Made::of(&policies, RetentionPolicy::default(), language);
        if self.csv {
            for line in register.csv_lines() {
                anstream::print!("{line}");
            }
        } else if self.html {
            println!("{}", register_document(language, &register));
        } else {
            println!("{}", serde_json::to_string_pretty(&register)?);
        }
        Ok(ExitCode::SUCCESS)
    }
}
