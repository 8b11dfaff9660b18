//! `motlan adapter try`: one question to a test system, followed from the request to the checked record.
//!
//! It prints what the source holds about somebody, so it asks systems with invented people only. A
//! look at a real person goes through a gateway, which decides and logs it.

use super::{Directory, exit, told, workbench};
use crate::cli::style::{ACCENT, BAD, GOOD, QUIET, TITLE, WARNING, paint};
use anstream::println;
use anyhow::{Context, anyhow, ensure};
use clap::Args;
use motlan_adapter_sdk::{
    adapter::{Adapter, AdapterError, Call, Fetched},
    conformance::{Watch, Watched, Wish},
};
use motlan_declarative::{DeclarativeAdapter, Environment, Folder, fixtures};
use motlan_schemas::{
    catalogue::{AttributeSet, Catalogue, Dataset},
    query::Subject,
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};
use uuid::Uuid;

#[derive(Debug, Args)]
pub(in crate::cli) struct Try {
    #[command(flatten)]
    directory: Directory,
    /// The number of an invented person whom the test system knows.
    #[arg(long, value_name = "NUMBER", required_unless_present = "enterprise")]
    person: Option<String>,
    /// The code of an invented enterprise.
    #[arg(long, value_name = "CODE", conflicts_with = "person")]
    enterprise: Option<String>,
    /// The attributes to ask for: `tax.income.year`, or a whole dataset: `tax.income`.
    #[arg(long = "attribute", value_name = "ATTRIBUTE", required = true, num_args = 1..)]
    attributes: Vec<String>,
    /// Ask the folder's recorded exchanges in place of the source.
    #[arg(long)]
    recorded: bool,
}

impl Try {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let Some(folder) = self.directory.folder() else {
            return Ok(exit(false));
        };
        ensure!(
            self.recorded || folder.environment() == Environment::Test,
            "this folder's source holds real people (`environment = \"production\"`). Ask about them \
             through a gateway, which decides and logs; try the folder with a test system"
        );
        let subject = subject(self.person.as_deref(), self.enterprise.as_deref())?;
        let (contract, permits) = workbench::of(&folder)?;
        let catalogue = Arc::clone(contract.catalogue());
        let mut good = true;
        for (name, attributes) in wanted(&catalogue, &self.attributes)? {
            let dataset = catalogue
                .dataset_named(&name)
                .ok_or_else(|| anyhow!("there is no dataset `{name}`"))?;
            let watch = self.watch(&folder).await?;
            let url = watch.as_ref().and_then(Watch::url);
            let adapter = DeclarativeAdapter::new(folder.clone(), url, Arc::clone(&contract));
            let Some(adapter) = told(adapter) else {
                return Ok(exit(false));
            };
            let wish = Wish {
                subject: &subject,
                dataset,
                attributes,
            };
            let permit = permits(&wish).map_err(|reason| anyhow!("no permit: {reason}"))?;
            let fetched = adapter.fetch(&permit, &call()).await;
            println!(
                "{}",
                paint(TITLE, &format!("{name} of {}", folder.registry()))
            );
            let seen = watch.map(|watch| watch.seen());
            tell_exchanges(seen.as_deref());
            good &= tell_result(
                &folder,
                dataset,
                permit.attributes() | dataset.flags,
                &fetched,
            );
        }
        Ok(exit(good))
    }

    /// The window before the source; none before a database.
    async fn watch(&self, folder: &Folder) -> anyhow::Result<Option<Watch>> {
        if !self.recorded {
            return Ok(folder.watch().await?);
        }
        let recorded = fixtures(self.directory.path())?;
        Ok(Some(Watch::before(recorded).await?))
    }
}

/// Whom a command asks about. Errors do not repeat what was typed.
pub(super) fn subject(person: Option<&str>, enterprise: Option<&str>) -> anyhow::Result<Subject> {
    match (person, enterprise) {
        (Some(number), _) => Ok(Subject::Person(number.parse().context("`--person`")?)),
        (_, Some(code)) => Ok(Subject::Enterprise(code.parse().context("`--enterprise`")?)),
        _ => Err(anyhow!("give `--person` or `--enterprise`")),
    }
}

pub(super) fn call() -> Call {
    Call {
        deadline: Instant::now() + ANSWERED_WITHIN,
        id: Uuid::nil(),
        traceparent: None,
    }
}

/// The wanted attributes of each dataset.
fn wanted(
    catalogue: &Catalogue,
    names: &[String],
) -> anyhow::Result<BTreeMap<String, AttributeSet>> {
    let mut wanted: BTreeMap<String, AttributeSet> = BTreeMap::new();
    for name in names {
        let (of, set) = match (catalogue.dataset_named(name), name.rsplit_once('.')) {
            (Some(dataset), _) => (name.as_str(), dataset.all()),
            (None, Some((of, attribute))) => {
                let dataset = catalogue.dataset_named(of);
                let dataset = dataset.ok_or_else(|| anyhow!("there is no dataset `{of}`"))?;
                let known = dataset.attribute(attribute).ok_or_else(|| {
                    let names = dataset.attributes.iter().map(|known| &*known.name);
                    let names = names.collect::<Vec<_>>().join(", ");
                    anyhow!("`{of}` has no attribute `{attribute}`; it has {names}")
                })?;
                (of, std::iter::once(known.index).collect())
            }
            (None, None) => {
                return Err(anyhow!(
                    "`{name}` is no attribute; write `registry.dataset.attribute`"
                ));
            }
        };
        let all = wanted.entry(of.to_owned()).or_default();
        *all = *all | set;
    }
    Ok(wanted)
}

fn tell_exchanges(seen: Option<&[Watched]>) {
    let Some(seen) = seen else {
        println!(
            "{}",
            paint(QUIET, "  what goes to and from a database is not shown")
        );
        return;
    };
    if seen.is_empty() {
        println!("{}", paint(QUIET, "  the source was not asked"));
    }
    for (nth, exchange) in (1..).zip(seen) {
        heading(&format!("request {nth}"));
        println!("{} {}", exchange.method, exchange.target);
        tell_message(&exchange.headers, &exchange.body);
        heading(&format!("answer {nth}"));
        match &exchange.answer {
            Some(answer) => {
                println!("HTTP {}", answer.status);
                tell_message(&answer.headers, &answer.body);
            }
            None => println!("{}", paint(WARNING, "none")),
        }
    }
}

fn tell_message(headers: &[(String, String)], body: &str) {
    for (name, value) in headers {
        println!("{}", paint(QUIET, &format!("{name}: {value}")));
    }
    if !body.is_empty() {
        println!("{}", shown(body));
    }
}

/// Whether the answer could be read.
fn tell_result(
    folder: &Folder,
    dataset: &Dataset,
    keep: AttributeSet,
    fetched: &Result<Fetched, AdapterError>,
) -> bool {
    heading("mapped and validated");
    match fetched {
        Ok(fetched) => {
            match fetched.records().to_json(dataset, keep) {
                Some(records) => println!("{}", shown(&records)),
                None => println!("nothing on record"),
            }
            println!(
                "{} valid against the schema of `{}`",
                paint(GOOD, "✓"),
                dataset.name
            );
            if fetched.over_delivered() > 0 {
                let dropped = format!(
                    "{} values came unasked, and were dropped",
                    fetched.over_delivered()
                );
                println!("{} {dropped}", paint(WARNING, "!"));
            }
            true
        }
        Err(error) => {
            println!("{} {error}", paint(BAD, "✗"));
            println!(
                "  {} compare the answer above with `[datasets.\"{}\"]` of `{}`",
                paint(QUIET, "fix:"),
                dataset.name,
                folder.registry()
            );
            false
        }
    }
}

fn heading(text: &str) {
    println!("\n{}", paint(ACCENT, &format!("── {text}")));
}

/// JSON in lines, and anything else as it is.
fn shown(body: &str) -> String {
    let json: Option<Value> = serde_json::from_str(body).ok();
    let lines = json.and_then(|json| serde_json::to_string_pretty(&json).ok());
    lines.unwrap_or_else(|| body.to_owned())
}

const ANSWERED_WITHIN: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_gathered_by_their_datasets() {
        let catalogue = Catalogue::national();
        let names = |names: &[&str]| {
            names
                .iter()
                .map(|&name| name.to_owned())
                .collect::<Vec<_>>()
        };
        let of = names(&[
            "tax.income.year",
            "tax.registration",
            "tax.income.payer_name",
        ]);
        let wanted = wanted(&catalogue, &of).unwrap();
        let income = catalogue.dataset_named("tax.income").unwrap();
        assert_eq!(wanted.len(), 2);
        assert_eq!(income.attributes_in(wanted["tax.income"]).count(), 2);
    }

    #[test]
    fn an_unknown_attribute_is_named_with_those_that_there_are() {
        let error = wanted(&Catalogue::national(), &["tax.income.yeer".to_owned()]).unwrap_err();
        assert!(error.to_string().contains("it has year, "), "{error}");
        assert!(wanted(&Catalogue::national(), &["tax".to_owned()]).is_err());
    }
}
