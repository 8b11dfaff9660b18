//! `motlan adapter check`: from the configuration to the source's own answer, one step after the other.
//! Nobody is asked about: the last step is the adapter's own `health`.

use super::{Directory, exit, workbench};
use crate::cli::style::{BAD, GOOD, QUIET, paint};
use anstream::println;
use clap::Args;
use motlan_adapter_sdk::adapter::{Adapter, AdapterError, Call};
use motlan_declarative::{Address, DeclarativeAdapter, Folder, Mistake, Mistakes};
use serde::Serialize;
use std::{
    process::ExitCode,
    time::{Duration, Instant},
};
use tokio::{net::TcpStream, time::timeout};
use uuid::Uuid;

#[derive(Debug, Args)]
pub(in crate::cli) struct Check {
    #[command(flatten)]
    directory: Directory,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// One step: what it looked at, and what is wrong with it.
#[derive(Debug, Serialize)]
struct Step {
    what: String,
    good: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    wrong: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

impl Check {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let mut steps = Vec::new();
        // Every step needs the ones before.
        let _ = steps_of(&self.directory, &mut steps).await;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&steps)?);
        } else {
            steps.iter().for_each(Step::tell);
        }
        Ok(exit(steps.iter().all(|step| step.good)))
    }
}

/// Goes through the steps, and ends at the first that fails.
async fn steps_of(directory: &Directory, steps: &mut Vec<Step>) -> Option<()> {
    let folder = Folder::read(directory.path());
    let folder = noted(
        steps,
        "the folder: manifest, mappings, code tables, schemas",
        folder,
    )?;
    let address = folder.address();
    let made = workbench::of(&folder).map_err(|error| error.to_string());
    let (contract, _) = stepped(
        steps,
        "the datasets, beside the national ones",
        made,
        DATASETS,
    )?;
    let adapter = DeclarativeAdapter::new(folder, None, contract);
    let adapter = noted(
        steps,
        "the settings of the source, and its secrets",
        adapter,
    )?;
    let Address { host, port, .. } = &address;
    let connected = connect(&address).await;
    stepped(
        steps,
        &format!("a connection to {host}, port {port}"),
        connected,
        CONNECTION,
    )?;
    let call = Call {
        deadline: Instant::now() + HEALTH_WITHIN,
        id: Uuid::nil(),
        traceparent: None,
    };
    let health = adapter.health(&call).await;
    let fix = health.as_ref().err().map_or("", mend);
    let health = health.map_err(|error| error.to_string());
    stepped(
        steps,
        "the source answers, and takes the credentials",
        health,
        fix,
    )
}

async fn connect(address: &Address) -> Result<(), String> {
    let connecting = TcpStream::connect((address.host.as_str(), address.port));
    match timeout(CONNECTED_WITHIN, connecting).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("nothing in {} s", CONNECTED_WITHIN.as_secs())),
    }
}

/// What to do about a source that does not answer as it should.
const fn mend(error: &AdapterError) -> &'static str {
    match error {
        AdapterError::Timeout => {
            "the connection stands and nothing comes: ask the source's operator, or raise \
             `first_byte_timeout_ms` in `[source]`"
        }
        AdapterError::Down { .. } => {
            "with `https`, see whether the certificate names this host and is of an authority that the \
             system or `roots_pem_file` knows; else ask the source's operator"
        }
        AdapterError::Refused { .. } => {
            "HTTP 401 and 403: compare the credentials in `[source]` with those that the operator gave \
             you; 404: compare `base_url` and `[health]` with the source's documentation"
        }
        _ => {
            "something else answers there: compare `protocol`, `base_url` and `[health]` with the \
             source's documentation"
        }
    }
}

fn stepped<T>(
    steps: &mut Vec<Step>,
    what: &str,
    result: Result<T, String>,
    fix: &str,
) -> Option<T> {
    let (good, wrong) = match result {
        Ok(good) => (Some(good), None),
        Err(wrong) => (None, Some(wrong)),
    };
    steps.push(Step {
        what: what.to_owned(),
        good: good.is_some(),
        fix: wrong.as_ref().map(|_| fix.to_owned()),
        wrong,
    });
    good
}

/// Mistakes bring their own fixes.
fn noted<T>(steps: &mut Vec<Step>, what: &str, result: Result<T, Vec<Mistake>>) -> Option<T> {
    let told = |mistakes| Mistakes(mistakes).to_string();
    let result = stepped(steps, what, result.map_err(told), "");
    if let Some(step) = steps.last_mut() {
        step.fix = None;
    }
    result
}

impl Step {
    fn tell(&self) {
        let mark = if self.good {
            paint(GOOD, "✓")
        } else {
            paint(BAD, "✗")
        };
        println!("{mark} {}", self.what);
        for line in self.wrong.iter().flat_map(|wrong| wrong.lines()) {
            println!("  {line}");
        }
        if let Some(fix) = &self.fix {
            println!("  {} {fix}", paint(QUIET, "fix:"));
        }
    }
}

const DATASETS: &str = "compare `datasets/` with the schemas of the catalogue";
const CONNECTION: &str =
    "is the source running, and may this machine reach it? The address stands in `[source]`";
const CONNECTED_WITHIN: Duration = Duration::from_secs(5);
const HEALTH_WITHIN: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    async fn steps(registry: &str) -> Vec<Step> {
        let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../adapters/declarative/registries")
            .join(registry);
        let mut steps = Vec::new();
        let _ = steps_of(&Directory { directory }, &mut steps).await;
        steps
    }

    #[tokio::test]
    async fn a_folder_that_is_not_there_is_told_first_and_alone() {
        let steps = steps("nowhere").await;
        assert_eq!(steps.len(), 1);
        assert!(!steps[0].good && steps[0].wrong.as_ref().unwrap().contains("fix:"));
    }

    #[test]
    fn every_failed_step_has_a_fix() {
        let mut steps = Vec::new();
        let missing: Option<()> = stepped(&mut steps, "a", Err("b".to_owned()), CONNECTION);
        assert!(missing.is_none());
        assert_eq!(steps[0].fix.as_deref(), Some(CONNECTION));
    }
}
