//! `motlan log erase`: has people forgotten by a running gateway.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]

use crate::cli::{
    report::gateway::{Gateway, Subjects},
    style::{BAD, GOOD, QUIET, paint},
};
use anstream::println;
use clap::Args;
use motlan_schemas::language::Language;
use serde_json::json;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(in crate::cli) struct Erase {
    #[command(flatten)]
    gateway: Gateway,
    #[command(flatten)]
    subjects: Subjects,
    /// The law or decision that asks for it, without any person's number. It stays in the log.
    #[arg(long)]
    ground: String,
    /// Print each answer as a line of JSON.
    #[arg(long)]
    json: bool,
}

impl Erase {
    /// Goes on where one cannot be erased, and fails at the end.
    pub(super) async fn run(self, language: Language) -> anyhow::Result<ExitCode> {
        crate::auth::install_cryptography()?;
        let subjects = self.subjects.all(&self.gateway)?;
        let (total, mut erased) = (subjects.len(), 0);
        for (place, subject) in (1..).zip(&subjects) {
            let body = json!({ "subject": subject, "ground": self.ground });
            let path = "/v1/access-log/erasures";
            // The person is called by the line: a number on a screen is seen by others.
            let Some(answer) = self.gateway.json(path, language, &body).await? else {
                println!("{} {place} of {total}", paint(BAD, "✗"));
                continue;
            };
            erased += 1;
            if self.json {
                println!("{answer}");
                continue;
            }
            let (entries, leaf_index) = (&answer["entries"], &answer["receipt"]["leaf_index"]);
            let told = format!("{entries} entries, logged as entry {leaf_index}");
            println!("{} {place} of {total}: {told}", paint(GOOD, "✓"));
            if place == total
                && let Some(explanation) = answer["explanation"].as_str()
            {
                println!("  {}", paint(QUIET, explanation));
            }
        }
        Ok(match erased == total {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    }
}
