//! The conformance kit for the tests of adapters in Rust: with the sandbox as source, and with
//! permits that nobody decided.
//!
//! ```no_run
//! # use motlan_adapter_sdk::{adapter::Adapter, config::ConfigError, contract::Contract, testing::examination::Examination};
//! # use std::{path::PathBuf, sync::Arc};
//! # async fn examine<A: Adapter + 'static>(new: fn(url::Url, Arc<Contract>, Option<PathBuf>) -> Result<A, ConfigError>) {
//! let mut examination = Examination::start("population", new).await;
//! examination.read_folder(concat!(env!("CARGO_MANIFEST_DIR"), "/conformance")).await;
//! examination.assert_committed(env!("CARGO_MANIFEST_DIR")).await;
//! # }
//! ```
//!
//! With `MOTLAN_CONFORMANCE=write` in the environment the committed file is written anew; with
//! `draft`, what the cases expect is written down from what the adapter says. Both are to be
//! reviewed like any other change.

use super::{asking, contract};
use crate::{
    adapter::Adapter,
    config::ConfigError,
    conformance::{
        Candidate, Case, Committed, Factory, Report, Snapshot, Source, TrustingFactory, draft, run,
    },
    contract::Contract,
    tier::FILE_NAME,
};
use motlan_policies::permit::Permit;
use motlan_sandbox::{Sandbox, SandboxOptions};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use url::Url;

/// A candidate whose source is a registry of a running sandbox.
#[derive(Debug)]
pub struct Examination {
    /// What is examined; to be completed by the test.
    pub candidate: Candidate,
    /// The source, which ends with this value.
    pub sandbox: Sandbox,
}

impl Examination {
    /// Starts a sandbox, and makes a candidate for one of its registries. The third argument of
    /// `new` is a file of certificate authorities, where the kit wants its own to be trusted.
    pub async fn start<A: Adapter + 'static>(
        registry: &str,
        new: impl Fn(Url, Arc<Contract>, Option<PathBuf>) -> Result<A, ConfigError>
        + Clone
        + Send
        + Sync
        + 'static,
    ) -> Self {
        let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
        let url: Url = sandbox.registry(registry).unwrap().url.parse().unwrap();
        let candidate = candidate(registry, Source::Sandbox(url), new);
        Self { candidate, sandbox }
    }

    /// Reads what the adapter's folder `conformance` has for the kit: `cases.json`, and
    /// `previous.json` where there was a version before.
    pub async fn read_folder(&mut self, folder: &str) {
        let path = Path::new(folder).join("cases.json");
        self.candidate.cases = Case::read(&fs::read_to_string(&path).unwrap()).unwrap();
        if ordered("draft") {
            self.candidate.cases = draft(&self.candidate).await.unwrap();
            let text = serde_json::to_string_pretty(&self.candidate.cases).unwrap();
            fs::write(&path, text + "\n").unwrap();
        }
        let previous = Path::new(folder).join("previous.json");
        if ordered("draft") && !previous.exists() {
            let text = serde_json::to_string_pretty(&self.snapshot()).unwrap();
            fs::write(&previous, text + "\n").unwrap();
        }
        if let Ok(previous) = fs::read_to_string(&previous) {
            self.candidate.previous = Some(serde_json::from_str(&previous).unwrap());
        }
    }

    /// What the adapter serves now: `previous.json` of the next version.
    pub fn snapshot(&self) -> Snapshot {
        let adapter = (self.candidate.make)("http://127.0.0.1:1/".parse().unwrap()).unwrap();
        Snapshot::of(adapter.descriptor(), self.candidate.contract.catalogue())
    }

    /// Runs the kit, and asserts that it finds what is committed in the crate's `conformance.toml`.
    pub async fn assert_committed(&self, crate_folder: &str) -> Report {
        let report = run(&self.candidate).await.unwrap();
        let path = Path::new(crate_folder).join(FILE_NAME);
        let found = report.committed(None);
        if ordered("write") || ordered("draft") {
            fs::write(&path, found.to_toml().unwrap()).unwrap();
        }
        let committed = Committed::read(&fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(found, committed, "{}", report.table());
        report
    }
}

fn ordered(order: &str) -> bool {
    std::env::var_os("MOTLAN_CONFORMANCE").is_some_and(|given| given == order)
}

/// A candidate with permits that nobody decided, and with the examples of the vocabulary.
pub fn candidate<A: Adapter + 'static>(
    name: &str,
    source: Source,
    new: impl Fn(Url, Arc<Contract>, Option<PathBuf>) -> Result<A, ConfigError>
    + Clone
    + Send
    + Sync
    + 'static,
) -> Candidate {
    let contract = contract();
    let (for_plain, for_trusting) = (Arc::clone(&contract), Arc::clone(&contract));
    let trusting = new.clone();
    let make: Factory = Arc::new(move |url| {
        let adapter = new(url, Arc::clone(&for_plain), None)?;
        Ok(Arc::new(adapter) as Arc<dyn Adapter>)
    });
    let make_trusting: TrustingFactory = Arc::new(move |url, roots: &Path| {
        let adapter = trusting(url, Arc::clone(&for_trusting), Some(roots.to_owned()))?;
        Ok(Arc::new(adapter) as Arc<dyn Adapter>)
    });
    let asking = asking();
    let mut candidate = Candidate::new(
        name,
        make,
        source,
        Arc::new(move |wish| {
            let (subject, dataset) = (wish.subject.clone(), wish.dataset.id);
            let asking = asking.clone();
            Ok(Permit::dangerous_without_decision(
                asking,
                subject,
                dataset,
                wish.attributes,
            ))
        }),
        contract,
    );
    candidate.make_trusting = Some(make_trusting);
    candidate.examples = examples(&candidate);
    candidate.now = "2026-12-31T00:00:00Z".parse().unwrap();
    candidate
}

/// The examples that stand beside the schemas, of the datasets that the adapter serves.
fn examples(candidate: &Candidate) -> BTreeMap<String, serde_json::Value> {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../schemas/datasets/examples"
    );
    let adapter = (candidate.make)("http://127.0.0.1:1/".parse().unwrap()).unwrap();
    let served = adapter.descriptor().datasets.iter();
    let names = served.map(|served| candidate.contract.catalogue().dataset(served.dataset));
    let read = |name: &str| {
        let text = fs::read_to_string(Path::new(folder).join(format!("{name}.json"))).ok()?;
        Some((name.to_owned(), serde_json::from_str(&text).unwrap()))
    };
    names.filter_map(|dataset| read(&dataset.name)).collect()
}
