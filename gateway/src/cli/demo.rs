//! `motlan demo`: the first look. Some registries, one question, one answer, and its proof.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a member of a JSON value that has none gives null, never a panic"
)]

use super::{
    query::ask,
    render,
    serve::until_stopped,
    style::{ACCENT, GOOD, QUIET, TITLE, paint},
};
use crate::{
    api,
    auth::install_cryptography,
    demo::{Demo as Demonstration, DemoOptions, file::DemoFile},
    i18n::texts,
    telemetry::{Telemetry, TelemetryConfig},
};
use anstream::println;
use anyhow::{Context, bail, ensure};
use base64::{Engine, engine::general_purpose::STANDARD};
use clap::Args;
use motlan_access_log::{
    log::LeafIndex,
    note::Verifier,
    receipt::{InclusionProof, Receipt},
};
use motlan_schemas::{catalogue::Catalogue, language::Language};
use serde_json::{Value, json};
use std::{
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::oneshot;
use url::Url;

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// The gateway's port on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Where keys, log and consents are kept. An existing directory goes on.
    #[arg(long, default_value = "motlan-data")]
    data_dir: PathBuf,
    /// Show the one question and end.
    #[arg(long)]
    once: bool,
    /// Which log lines are shown, as `tracing` filters.
    #[arg(long, default_value = "warn")]
    log: String,
    /// Where spans go: the base address of an OTLP/HTTP collector.
    #[arg(long)]
    otlp: Option<Url>,
}

/// The purpose of the guided question: the one procedure that needs all five kinds of registries.
const PURPOSE: &str = "poor-household-recognition";
const CASE: &str = "H01.12-261121-0007";
const OFFICER: &str = "cb-4711";
/// A little of each registry, and one thing that the procedure has no right to.
const SELECT: [&str; 16] = [
    "population.identity.full_name",
    "population.identity.birth_date",
    "population.residence.permanent_address",
    "population.residence.permanent_commune",
    "civil_status.marital_status.status",
    "insurance.health.status",
    "insurance.health.coverage_percent",
    "insurance.social.contribution_months",
    "business.roles.enterprise_name",
    "business.roles.role",
    "land.parcels.address",
    "land.parcels.area_m2",
    "land.parcels.share",
    "tax.income.year",
    "tax.income.gross_income_vnd",
    "population.identity.religion",
];

impl Demo {
    pub(super) async fn run(self, language: Language) -> anyhow::Result<ExitCode> {
        let telemetry = Telemetry::start(&TelemetryConfig {
            log: self.log.clone(),
            otlp_endpoint: self.otlp.clone(),
            ..TelemetryConfig::default()
        })?;
        install_cryptography()?;
        let started = Instant::now();
        let options = DemoOptions {
            port: self.port,
            data_dir: self.data_dir.clone(),
            language,
        };
        let demo = Demonstration::start(&options).await?;
        let (app, listener, file, running) = demo.into_parts();
        tell_started(&file, started.elapsed(), language);
        let policies = app.pipeline.policies.load_full();
        let purpose = policies.purposes().get(&PURPOSE.parse()?);
        let purpose = purpose
            .map_or(PURPOSE, |purpose| purpose.title.get(language))
            .to_owned();

        let code = if self.once {
            let (stop, stopped) = oneshot::channel::<()>();
            let router = api::router(Arc::clone(&app));
            let serving = tokio::spawn(listener.serve(router, async {
                // An error means that the sender is gone, which ends the serving as well.
                let _ = stopped.await;
            }));
            guide(&file, &purpose, language).await?;
            drop(stop);
            serving.await?;
            app.close()?;
            ExitCode::SUCCESS
        } else {
            let guiding = tokio::spawn(guided_then_told(file, purpose, language));
            let code = until_stopped(app, listener).await?;
            guiding.abort();
            code
        };
        running.stop().await;
        tokio::task::spawn_blocking(|| telemetry.shutdown()).await?;
        Ok(code)
    }
}

async fn guided_then_told(file: DemoFile, purpose: String, language: Language) {
    match guide(&file, &purpose, language).await {
        Ok(()) => tell_next(&file, language),
        Err(error) => super::style::complain(&error),
    }
}

/// Asks the one question, shows its answer, and proves its entry.
async fn guide(file: &DemoFile, purpose: &str, language: Language) -> anyhow::Result<()> {
    let say = |key: &str, arguments: &[(&str, &str)]| texts().get(language, key, arguments);
    println!(
        "{}",
        paint(
            TITLE,
            &say("demo-question", &[("case", CASE), ("officer", OFFICER)])
        )
    );
    println!(
        "{}\n",
        paint(QUIET, &say("demo-question-detail", &[("purpose", purpose)]))
    );

    let question = json!({
        "subject": { "person": file.persona("lan")? },
        "purpose": PURPOSE, "select": SELECT, "case": CASE, "officer": OFFICER,
    });
    let asked = Instant::now();
    let url = format!("{}/v1/queries", file.gateway);
    let (status, answer) = ask(&url, file.token("agency")?, &question, language).await?;
    let took = format!("{:.1}", asked.elapsed().as_secs_f64() * 1_000.0);
    if !status.is_success() {
        bail!(
            "the question was not answered:\n{}",
            render::problem(&answer)
        );
    }
    println!(
        "{}",
        render::answer(&answer, &Catalogue::national(), language)
    );
    ensure!(
        answer["datasets"]
            .as_object()
            .is_some_and(|d| d.values().all(|d| d["status"] == "ok")),
        "a registry of the sandbox gave no answer"
    );

    let size = prove(file, &answer["receipt"]).await?;
    let index = answer["receipt"]["leaf_index"].to_string();
    let proven = say(
        "demo-proven",
        &[
            ("index", &index),
            ("size", &size.to_string()),
            ("ms", &took),
        ],
    );
    println!("{} {proven}", paint(GOOD, "✓"));
    Ok(())
}

/// Checks a receipt as an outsider would: with the published key, a proof and nothing else.
async fn prove(file: &DemoFile, receipt: &Value) -> anyhow::Result<u64> {
    let key: Verifier = file.log_verifier_key.parse().context("the log's key")?;
    let hash = STANDARD.decode(receipt["leaf_hash"].as_str().unwrap_or_default())?;
    let receipt = Receipt {
        origin: receipt["log"].as_str().unwrap_or_default().to_owned(),
        leaf_index: LeafIndex(
            receipt["leaf_index"]
                .as_u64()
                .context("the receipt's index")?,
        ),
        leaf_hash: hash.try_into().ok().context("the receipt's hash")?,
    };
    let url = format!("{}/v1/access-log/proofs", file.gateway);
    let question = json!({ "leaf_index": receipt.leaf_index.0 });
    let deadline = Instant::now() + PUBLISHED_WITHIN;
    loop {
        let (status, proof) = ask(&url, file.token("dpo")?, &question, Language::En).await?;
        if status.is_success() {
            let text = proof["tlog_proof"]
                .as_str()
                .context("a proof without its text")?;
            let checkpoint = text.parse::<InclusionProof>()?.verify(&receipt, &key)?;
            return Ok(checkpoint.tree_size);
        }
        ensure!(
            Instant::now() < deadline,
            "the entry was not published in time"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The promise is one second; a loaded machine is forgiven a little in the demonstration.
const PUBLISHED_WITHIN: Duration = Duration::from_secs(5);

fn tell_started(file: &DemoFile, took: Duration, language: Language) {
    let ms = took.as_millis().to_string();
    let registries = file.registries.len().to_string();
    let arguments = [("ms", ms.as_str()), ("registries", &registries)];
    let started = texts().get(language, "demo-started", &arguments);
    println!(
        "{} {started} {}\n",
        paint(GOOD, "●"),
        paint(ACCENT, &file.gateway)
    );
}

fn tell_next(file: &DemoFile, language: Language) {
    let gateway = &file.gateway;
    let data = file.data_dir.display();
    println!("\n{}", paint(TITLE, &texts().plain(language, "demo-next")));
    let commands = [
        ("demo-next-docs", format!("{gateway}/docs")),
        (
            "demo-next-query",
            format!(
                "motlan query --data-dir {data} --persona hoa --purpose {PURPOSE} --case A-1 --officer {OFFICER} --select population.identity,land.parcels"
            ),
        ),
        ("demo-next-verify", format!("motlan log verify {data}")),
        ("demo-next-file", format!("{data}/demo.json")),
    ];
    for (key, command) in commands {
        println!(
            "  {}\n    {}",
            texts().plain(language, key),
            paint(ACCENT, &command)
        );
    }
    println!("\n{}", paint(QUIET, &texts().plain(language, "demo-stop")));
}
