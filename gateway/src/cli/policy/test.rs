//! `motlan policy test`: what the rules must allow, must deny and must not accept.

use super::{Directory, exit};
use crate::{
    cli::style::{BAD, GOOD, QUIET, paint},
    i18n::texts,
};
use anstream::println;
use clap::Args;
use motlan_policies::bundle::cases::{self, Outcome, Report};
use motlan_schemas::language::Language;
use serde_json::{Value, json};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(in crate::cli) struct Test {
    #[command(flatten)]
    directory: Directory,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

impl Test {
    pub(super) fn run(self, language: Language) -> anyhow::Result<ExitCode> {
        let catalogue = self.directory.adapters.catalogue()?;
        let report = cases::run(&self.directory.files()?, &catalogue)?;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&as_json(&report))?);
        } else {
            self.tell(&report, language);
        }
        Ok(exit(report.holds()))
    }

    fn tell(&self, report: &Report, language: Language) {
        for outcome in &report.outcomes {
            let place = self.directory.place(&outcome.file, Some(outcome.line));
            let place = paint(QUIET, &place);
            match &outcome.failure {
                None => println!("{} {}  {place}", paint(GOOD, "✓"), outcome.name),
                Some(failure) => {
                    println!("{} {}  {place}", paint(BAD, "✗"), outcome.name);
                    println!("    {failure}");
                }
            }
        }
        for rule in &report.untested {
            let told = texts().get(language, "policy-test-untested", &[("rule", rule)]);
            println!("{} {told}", paint(BAD, "✗"));
        }
        let (key, mark) = if report.holds() {
            ("policy-test-good", paint(GOOD, "✓"))
        } else {
            ("policy-test-bad", paint(BAD, "✗"))
        };
        let cases = report.outcomes.len().to_string();
        let (failed, untested) = (
            report.failed().to_string(),
            report.untested.len().to_string(),
        );
        let arguments = [
            ("cases", cases.as_str()),
            ("failed", failed.as_str()),
            ("untested", untested.as_str()),
        ];
        println!("{mark} {}", texts().get(language, key, &arguments));
    }
}

fn as_json(report: &Report) -> Value {
    let outcome = |one: &Outcome| {
        json!({
            "file": one.file,
            "line": one.line,
            "name": one.name,
            "passed": one.failure.is_none(),
            "failure": one.failure,
        })
    };
    json!({
        "holds": report.holds(),
        "cases": report.outcomes.iter().map(outcome).collect::<Vec<_>>(),
        "untested_rules": report.untested,
    })
}
