//! `motlan adapter record`: exchanges with a test system, as fixtures for the conformance kit.
//!
//! What the source holds is replaced before anything is written: see [`Mask`].

use super::{
    Directory, exit,
    mask::Mask,
    try_out::{call, subject},
    workbench,
};
use crate::{
    cli::style::{GOOD, paint},
    random::{self, SystemRandomness},
};
use anstream::println;
use anyhow::{Context, anyhow, ensure};
use clap::Args;
use motlan_adapter_sdk::{
    adapter::Adapter,
    conformance::{
        Case, Expect, Fixture, FixtureAnswer, FixtureRequest, Fixtures, Source, Watched, Wish,
        draft,
    },
};
use motlan_declarative::{DeclarativeAdapter, Environment, Folder, MANIFEST, Mistakes, candidate};
use motlan_schemas::clock::{Clock, SystemClock};
use serde::Serialize;
use serde_json::Value;
use std::{collections::HashSet, fs, path::Path, process::ExitCode, sync::Arc};

#[derive(Debug, Args)]
pub(in crate::cli) struct Record {
    #[command(flatten)]
    directory: Directory,
    /// The number of an invented person whom the test system knows.
    #[arg(long, value_name = "NUMBER", required_unless_present = "enterprise")]
    person: Option<String>,
    /// The code of an invented enterprise.
    #[arg(long, value_name = "CODE", conflicts_with = "person")]
    enterprise: Option<String>,
    /// The number that stands for it in what is written.
    #[arg(long = "as", value_name = "NUMBER")]
    test_number: String,
    /// The datasets to ask for, with all their attributes.
    #[arg(long = "dataset", value_name = "DATASET", required = true, num_args = 1..)]
    datasets: Vec<String>,
}

/// What was recorded of one dataset.
struct Recorded {
    dataset: String,
    fixtures: Vec<Fixture>,
}

impl Record {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let Some(folder) = self.directory.folder() else {
            return Ok(exit(false));
        };
        ensure!(
            folder.environment() == Environment::Test,
            "this folder's source holds real people (`environment = \"production\"`), who are not \
             recorded, masked or not. Record a test system"
        );
        let test_number = Some(self.test_number.as_str());
        match self.person {
            Some(_) => subject(test_number, None),
            None => subject(None, test_number),
        }
        .context("`--as` needs a number of the same kind")?;
        let mut all = Vec::new();
        let key = random::bytes(&SystemRandomness::default());
        for dataset in &self.datasets {
            all.push(self.recorded(&folder, dataset, key).await?);
        }
        let cases = self.drafted(&folder, &all).await?;
        self.write(&all, &cases)?;
        println!("  read what was drafted against the source before you commit it");
        Ok(exit(true))
    }

    fn number(&self) -> &str {
        let number = self.person.as_ref().or(self.enterprise.as_ref());
        number.map_or("", String::as_str)
    }

    /// Asks for a dataset, and masks what went to and fro.
    async fn recorded(
        &self,
        folder: &Folder,
        name: &str,
        key: [u8; 32],
    ) -> anyhow::Result<Recorded> {
        let (contract, permits) = workbench::of(folder)?;
        let dataset = contract.catalogue().dataset_named(name);
        let dataset = dataset.ok_or_else(|| anyhow!("there is no dataset `{name}`"))?;
        let watch = folder.watch().await?;
        let watch = watch.ok_or_else(|| anyhow!("a database cannot be recorded"))?;
        let url = watch
            .url()
            .ok_or_else(|| anyhow!("the source has no address"))?;
        let origin = url.origin().ascii_serialization();
        let adapter = DeclarativeAdapter::new(folder.clone(), Some(url), Arc::clone(&contract));
        let adapter = adapter.map_err(Mistakes)?;
        let subject = subject(self.person.as_deref(), self.enterprise.as_deref())?;
        let wish = Wish {
            subject: &subject,
            dataset,
            attributes: dataset.all(),
        };
        let permit = permits(&wish).map_err(|reason| anyhow!("no permit: {reason}"))?;
        let fetched = adapter.fetch(&permit, &call()).await;
        let fetched = fetched.with_context(|| {
            format!(
                "`{name}` cannot be recorded while the source is not read; see `motlan adapter try`"
            )
        });
        drop(fetched?);
        let kept = self.kept()?;
        let numbers = (self.number(), self.test_number.as_str());
        let fixtures = masked(
            &watch.seen(),
            &Mask::new(key, numbers, kept.clone(), &origin),
            self.number(),
            &kept,
        );
        Ok(Recorded {
            dataset: name.to_owned(),
            fixtures: fixtures?,
        })
    }

    /// The texts that say nothing of anybody: those of the manifest and of the code tables.
    fn kept(&self) -> anyhow::Result<HashSet<String>> {
        let directory = self.directory.path();
        let manifest = fs::read_to_string(directory.join(MANIFEST))?;
        let quoted = manifest.split(['"', '\'', '\n']).map(str::trim);
        let mut kept: HashSet<String> = quoted.map(str::to_owned).collect();
        let tables = fs::read_dir(directory.join("codes")).into_iter().flatten();
        for table in tables {
            let mut reader = csv::Reader::from_path(table?.path())?;
            for row in reader.records() {
                kept.extend(row?.iter().map(|cell| cell.trim().to_owned()));
            }
        }
        Ok(kept)
    }

    /// The cases that the adapter makes of what was recorded, beside those that there are.
    async fn drafted(&self, folder: &Folder, all: &[Recorded]) -> anyhow::Result<Vec<Case>> {
        let fixtures = all.iter().flat_map(|recorded| recorded.fixtures.clone());
        let source = Source::Fixtures(Arc::new(Fixtures::new(fixtures.collect())));
        let (contract, permits) = workbench::of(folder)?;
        let mut candidate = candidate(self.directory.path(), folder, source, permits, &contract)?;
        candidate.now = SystemClock.now();
        let mut cases = std::mem::take(&mut candidate.cases);
        candidate.cases = all
            .iter()
            .map(|recorded| self.case(&recorded.dataset))
            .collect();
        let drafted = draft(&candidate).await.context(
            "what was recorded cannot be read any more once its texts are invented; add a code table \
             for the texts that must stay. Nothing was written",
        )?;
        let is_new = |case: &Case| {
            !drafted
                .iter()
                .any(|new| (&new.subject, &new.dataset) == (&case.subject, &case.dataset))
        };
        cases.retain(is_new);
        cases.extend(drafted);
        Ok(cases)
    }

    fn case(&self, dataset: &str) -> Case {
        Case {
            name: format!("{dataset}, recorded as {}", self.test_number),
            subject: self.test_number.clone(),
            dataset: dataset.to_owned(),
            expect: Expect::Absent,
            as_of: None,
        }
    }

    fn write(&self, all: &[Recorded], cases: &[Case]) -> anyhow::Result<()> {
        let directory = self.directory.path();
        for Recorded { dataset, fixtures } in all {
            for (nth, fixture) in (1..).zip(fixtures) {
                let name = format!("fixtures/{dataset}-{}-{nth}.json", self.test_number);
                write(&directory.join(name), fixture)?;
            }
        }
        write(&directory.join("conformance/cases.json"), &cases)
    }
}

/// Exchanges as fixtures, with nothing of anybody in them.
fn masked(
    seen: &[Watched],
    mask: &Mask,
    number: &str,
    kept: &HashSet<String>,
) -> anyhow::Result<Vec<Fixture>> {
    let mut fixtures = Vec::new();
    // What earlier answers said tells apart the requests for further pages.
    let mut said: HashSet<String> = HashSet::new();
    for exchange in seen {
        let answer = exchange.answer.as_ref();
        let answer = answer.ok_or_else(|| anyhow!("the source did not answer every request"))?;
        let mut contains = Vec::new();
        let body: Value = serde_json::from_str(&exchange.body).unwrap_or(Value::Null);
        if exchange.body.contains(number) || exchange.target.contains(number) {
            contains.push(mask.text(number));
        }
        for text in members(&body).filter(|text| *text != number) {
            if kept.contains(text) || said.contains(text) {
                contains.push(mask.text(text));
            }
        }
        let masked = masked_body(&answer.body, mask)?;
        leaves(
            &serde_json::from_str(&answer.body).unwrap_or(Value::Null),
            &mut said,
        );
        let headers = answer.headers.iter();
        let headers = headers.filter(|(name, _)| HEADERS.contains(&name.as_str()));
        fixtures.push(Fixture {
            request: FixtureRequest {
                method: exchange.method.clone(),
                path: mask.target(&exchange.target),
                contains,
            },
            answer: FixtureAnswer {
                status: answer.status,
                headers: headers.cloned().collect(),
                body: masked,
            },
        });
    }
    Ok(fixtures)
}

fn masked_body(body: &str, mask: &Mask) -> anyhow::Result<Value> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    if let Ok(json) = serde_json::from_str(body) {
        return Ok(mask.json(&json));
    }
    ensure!(
        body.trim_start().starts_with('<'),
        "an answer is neither JSON nor XML, and cannot be masked. Nothing was written"
    );
    let masked = mask
        .xml(body)
        .context("an answer cannot be masked. Nothing was written")?;
    Ok(masked.into())
}

/// The texts that are members of a request: not those in lists, which name fields.
fn members(body: &Value) -> impl Iterator<Item = &str> {
    let members = body.as_object().into_iter().flatten();
    members.filter_map(|(_, value)| value.as_str())
}

fn leaves(value: &Value, found: &mut HashSet<String>) {
    match value {
        Value::String(text) => drop(found.insert(text.clone())),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, found)),
        Value::Object(members) => members.values().for_each(|member| leaves(member, found)),
        _ => {}
    }
}

fn write(path: &Path, content: &impl Serialize) -> anyhow::Result<()> {
    let cannot = || format!("cannot write `{}`", path.display());
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).with_context(cannot)?;
    }
    let text = serde_json::to_string_pretty(content)? + "\n";
    fs::write(path, text).with_context(cannot)?;
    println!("{} {}", paint(GOOD, "✓"), path.display());
    Ok(())
}

/// The headers of an answer that its reading needs.
const HEADERS: [&str; 2] = ["content-type", "last-modified"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::adapter::test::examined;
    use motlan_sandbox::{Sandbox, SandboxOptions};

    const LAN: &str = "001185012345";
    const TEST: &str = "001190000001";

    /// A copy of a registry's folder that asks a running sandbox.
    fn copy(registry: &str, port: &str, url: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let place = tempfile::tempdir().unwrap();
        let (from, to) = (
            Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../adapters/declarative/registries")
                .join(registry),
            place.path().join(registry),
        );
        for folder in ["codes", "conformance", "datasets/examples"] {
            fs::create_dir_all(to.join(folder)).unwrap();
            for entry in fs::read_dir(from.join(folder)).unwrap() {
                let entry = entry.unwrap();
                fs::copy(entry.path(), to.join(folder).join(entry.file_name())).unwrap();
            }
        }
        let manifest = fs::read_to_string(from.join(MANIFEST)).unwrap();
        let manifest = manifest.replace(
            &format!("http://127.0.0.1:{port}"),
            url.trim_end_matches('/'),
        );
        fs::write(to.join(MANIFEST), manifest).unwrap();
        fs::write(to.join("conformance/cases.json"), "[]").unwrap();
        (place, to)
    }

    async fn assert_recorded(
        registry: &str,
        port: &str,
        datasets: &[&str],
        personal: &[&str],
    ) -> Vec<usize> {
        let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
        let url = sandbox.registry(registry).unwrap().url.clone();
        let (_place, directory) = copy(registry, port, &url);
        let record = Record {
            directory: Directory {
                directory: directory.clone(),
            },
            person: Some(LAN.to_owned()),
            enterprise: None,
            test_number: TEST.to_owned(),
            datasets: datasets.iter().map(|&name| name.to_owned()).collect(),
        };
        let ended = record.run().await.map_err(|error| format!("{error:#}"));
        assert_eq!(ended, Ok(ExitCode::SUCCESS));
        let files = fs::read_dir(directory.join("fixtures")).unwrap();
        let mut written = fs::read_to_string(directory.join("conformance/cases.json")).unwrap();
        for file in files {
            written += &fs::read_to_string(file.unwrap().path()).unwrap();
        }
        for text in personal.iter().chain(&[LAN]) {
            assert!(!written.contains(text), "a personal value was written");
        }
        assert!(written.contains(TEST));
        let cases = fs::read_to_string(directory.join("conformance/cases.json")).unwrap();
        let cases = Case::read(&cases).unwrap();
        assert_eq!(cases.len(), datasets.len());
        // Nothing that was recorded fails a check; what is not recorded is unproven.
        let folder = Folder::read(&directory).unwrap();
        let recorded = motlan_declarative::fixtures(&directory).unwrap();
        let report = examined(&directory, &folder, recorded)
            .await
            .unwrap()
            .unwrap();
        assert!(report.failed().is_empty(), "{}", report.table());
        let records = |case: Case| match case.expect {
            Expect::Records(Value::Array(records)) => records.len(),
            Expect::Records(_) => 1,
            Expect::Absent => 0,
        };
        cases.into_iter().map(records).collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn taxes_are_recorded_with_all_their_pages_and_nothing_of_lan() {
        let personal = ["MAY MẶC", "0108472167", "300.000.000"];
        let records = assert_recorded("tax", "8086", &["tax.income", "tax.obligations"], &personal);
        assert_eq!(records.await, [11, 19]);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_health_record_is_recorded_and_nothing_of_lan() {
        let personal = ["TRẦN VĂN HẢI", "0900000124", "Tôm"];
        let datasets = ["health.summary", "health.allergies"];
        let records = assert_recorded("health", "8087", &datasets, &personal);
        assert_eq!(records.await, [1, 1]);
    }
}
