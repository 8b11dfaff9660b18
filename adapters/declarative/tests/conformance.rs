//! The folders of tax and health before the conformance kit, with the sandbox as their source.
//!
//! `motlan adapter test DIR --sandbox REGISTRY --write` writes what is compared here.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test says what is wrong by panicking"
)]

use motlan_adapter_sdk::{
    conformance::{Candidate, Permits, Snapshot, Source, draft, run},
    testing::{asking, contract},
    tier::{Committed, FILE_NAME, Tier, digest},
};
use motlan_declarative::{Folder, Mistakes, candidate};
use motlan_policies::permit::Permit;
use motlan_sandbox::{Sandbox, SandboxOptions};
use serde::Serialize;
use std::{fs, path::Path, sync::Arc};

#[tokio::test(flavor = "multi_thread")]
async fn the_kit_finds_of_tax_what_is_committed() {
    assert_committed("tax").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kit_finds_of_health_what_is_committed() {
    assert_committed("health").await;
}

async fn assert_committed(registry: &str) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("registries")
        .join(registry);
    let folder =
        Folder::read(&directory).unwrap_or_else(|mistakes| panic!("{}", Mistakes(mistakes)));
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let url = sandbox.registry(registry).unwrap().url.parse().unwrap();
    let mut candidate = candidate(
        &directory,
        &folder,
        Source::Sandbox(url),
        permits(),
        &contract(),
    )
    .unwrap_or_else(|mistake| panic!("{mistake}"));
    candidate.now = "2026-12-31T00:00:00Z".parse().unwrap();
    if ordered("draft") {
        candidate.cases = draft(&candidate).await.unwrap();
        write(&directory, "cases.json", &candidate.cases);
        write(&directory, "previous.json", &snapshot(&candidate));
        candidate.previous = Some(snapshot(&candidate));
    }
    let report = run(&candidate).await.unwrap();
    let found = report.committed(Some(digest(&directory).unwrap()));
    let path = directory.join(FILE_NAME);
    if ordered("write") || ordered("draft") {
        fs::write(&path, found.to_toml().unwrap()).unwrap();
    }
    let committed = Committed::read(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(found, committed, "{}", report.table());
    assert_eq!(report.tier, Tier::Gold, "{}", report.table());
}

/// Permits that nobody decided.
fn permits() -> Permits {
    let asking = asking();
    Arc::new(move |wish| {
        Ok(Permit::dangerous_without_decision(
            asking.clone(),
            wish.subject.clone(),
            wish.dataset.id,
            wish.attributes,
        ))
    })
}

/// What the adapter serves now: `previous.json` of the next version.
fn snapshot(candidate: &Candidate) -> Snapshot {
    let adapter = (candidate.make)("http://127.0.0.1:1/".parse().unwrap()).unwrap();
    Snapshot::of(adapter.descriptor(), candidate.contract.catalogue())
}

fn write(directory: &Path, name: &str, content: &impl Serialize) {
    let text = serde_json::to_string_pretty(content).unwrap();
    fs::write(directory.join("conformance").join(name), text + "\n").unwrap();
}

fn ordered(order: &str) -> bool {
    std::env::var_os("MOTLAN_CONFORMANCE").is_some_and(|given| given == order)
}
