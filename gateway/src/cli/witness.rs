//! `motlan witness`: watches access logs from elsewhere and cosigns their checkpoints
//! ([C2SP tlog-witness](https://c2sp.org/tlog-witness)). Only checkpoints and hashes reach it, so
//! whoever runs it learns nothing about anybody.

mod server;

use super::style::{ACCENT, GOOD, QUIET, paint};
use crate::{
    auth::install_cryptography,
    random::{self, SystemRandomness},
    server::{ListenConfig, Listener, TlsConfig},
    telemetry::{Telemetry, TelemetryConfig},
};
use anstream::println;
use anyhow::{Context, ensure};
use clap::Args;
use motlan_access_log::{
    note::Verifier,
    witness::{Options, Witness as LogWitness},
};
use motlan_schemas::clock::SystemClock;
use std::{net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc};
use tokio::signal::unix::{SignalKind, signal};

#[derive(Debug, Args)]
pub(super) struct Witness {
    /// The address to listen on; only a loopback address may do without TLS.
    #[arg(long)]
    listen: SocketAddr,
    /// The directory of its key and its memory. Never restore it from a backup: a witness that
    /// forgets may cosign a log that was rewritten.
    #[arg(long)]
    directory: PathBuf,
    /// A key of a log to watch, `name+hash+key`; once for every key.
    #[arg(long = "log", required = true, value_name = "VKEY")]
    logs: Vec<Verifier>,
    /// Its name, a URL without scheme, fixed at the first start. By default made from its key.
    #[arg(long)]
    name: Option<String>,
    /// The certificate chain, PEM.
    #[arg(long, requires = "tls_key")]
    tls_certificate: Option<PathBuf>,
    /// Its private key, PEM.
    #[arg(long, requires = "tls_certificate")]
    tls_key: Option<PathBuf>,
}

impl Witness {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        ensure!(
            self.listen.ip().is_loopback() || self.tls_certificate.is_some(),
            "{} is not a loopback address: give --tls-certificate and --tls-key",
            self.listen
        );
        let telemetry = Telemetry::start(&TelemetryConfig::default())?;
        install_cryptography()?;
        let random = SystemRandomness::default();
        let options = Options {
            name: self.name,
            ..Options::new(self.directory, self.logs)
        };
        let mut new_secret = || random::bytes::<32>(&random);
        let witness = LogWitness::open(options, &mut new_secret)?;
        let mut listen = ListenConfig::new(self.listen);
        listen.connections_max = CONNECTIONS_MAX;
        listen.tls = self.tls_certificate.zip(self.tls_key).map(|files| {
            let (certificate, key) = files;
            TlsConfig { certificate, key }
        });
        let listener = Listener::bind(&listen).await?;
        let scheme = if listen.tls.is_some() {
            "https"
        } else {
            "http"
        };
        println!(
            "{} witness at {}",
            paint(GOOD, "✓"),
            paint(ACCENT, &format!("{scheme}://{}", listener.address()?))
        );
        println!(
            "  {}",
            paint(QUIET, "its key, for the policies of logs and verifiers:")
        );
        println!("  {}", paint(ACCENT, &witness.verifier().to_string()));

        let mut terminate = signal(SignalKind::terminate()).context("cannot listen for signals")?;
        let stop = async {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        };
        let router = server::router(Arc::new(witness), Arc::new(SystemClock));
        listener.serve(router, stop).await;
        tokio::task::spawn_blocking(|| telemetry.shutdown()).await?;
        Ok(ExitCode::SUCCESS)
    }
}

/// A witness is asked by a handful of logs, a few times a minute each.
const CONNECTIONS_MAX: usize = 256;
