//! `motlan serve`: the gateway with a configuration file, until it is told to stop.

use crate::{
    api, app::App, auth::install_cryptography, config::Config, random::SystemRandomness,
    server::Listener, telemetry::Telemetry,
};
use anyhow::Context;
use clap::Args;
use motlan_schemas::clock::SystemClock;
use std::{path::PathBuf, process::ExitCode, sync::Arc};
use tokio::signal::unix::{SignalKind, signal};

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// The configuration file.
    #[arg(long, default_value = "motlan.toml")]
    config: PathBuf,
}

impl Serve {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let config = Config::read(&self.config)?;
        let telemetry = Telemetry::start(&config.telemetry)?;
        install_cryptography()?;
        let random = Arc::new(SystemRandomness::default());
        let app = App::start(&config, Arc::new(SystemClock), random).await?;
        let listener = Listener::bind(&config.server).await?;
        tracing::info!(address = %listener.address()?, "serving");
        let code = until_stopped(app, listener).await?;
        tokio::task::spawn_blocking(|| telemetry.shutdown()).await?;
        Ok(code)
    }
}

/// Serves until a signal or a failed access log, finishes the calls under way, closes the log.
pub(super) async fn until_stopped(app: Arc<App>, listener: Listener) -> anyhow::Result<ExitCode> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for signals")?;
    let stop = async {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => tracing::info!("stopping: calls under way are finished"),
            _ = terminate.recv() => tracing::info!("stopping: calls under way are finished"),
            failure = app.log_failed() => {
                // A log that failed once may have lost what the disk said it had: nothing more
                // may be promised by this process, not even an orderly end.
                tracing::error!(%failure, "the access log failed; stopping at once");
                std::process::exit(LOG_FAILED);
            }
        }
    };
    listener.serve(api::router(Arc::clone(&app)), stop).await;
    app.close()
        .context("the access log could not be closed in order")?;
    Ok(ExitCode::SUCCESS)
}

/// What the process ends with when its access log fails; a supervisor should not restart it
/// without a look at the disk.
const LOG_FAILED: i32 = 70;
