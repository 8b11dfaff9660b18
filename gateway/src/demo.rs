//! The demonstration: everything that `motlan demo` starts beside the gateway.
//!
//! The sandbox registries, an issuer of test tokens, and a gateway configured for them; all on
//! loopback, all in one process. Started again on the same directory it goes on: same keys, same
//! log, same consents.

pub mod file;
mod folders;
pub mod issuer;
mod personas;
mod setup;

use crate::{
    app::{App, StartError},
    auth::{AuthConfig, JwksUrl},
    config::{
        AccessLogConfig, BudgetsConfig, CacheConfig, Config, ConsentsConfig, IndexConfig,
        PoliciesConfig,
    },
    declarative::DeclarativeConfig,
    detectors::DetectorsConfig,
    keys::private_directory,
    officers::OfficersConfig,
    random::{self, Random, SystemRandomness},
    retention::RetentionPolicy,
    server::{ListenConfig, ListenError, Listener, Zone},
    telemetry::TelemetryConfig,
};
use file::{DemoFile, RegistryFile};
use ipnet::IpNet;
use issuer::{Issuer, IssuerError};
use jiff::SignedDuration;
use motlan_sandbox::{Sandbox, SandboxOptions};
use motlan_schemas::{
    clock::{Clock, SystemClock},
    ids::SlugError,
    language::Language,
};
use std::{
    collections::BTreeMap,
    io,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::net::TcpListener;
use url::Url;

/// What a demonstration is made of.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    /// The gateway's port; 0 takes any free one.
    pub port: u16,
    /// Where keys, log and consents are kept.
    pub data_dir: PathBuf,
    /// The language of callers who name none.
    pub language: Language,
}

/// A running demonstration. Dropping it ends the registries and the issuer.
#[derive(Debug)]
pub struct Demo {
    /// The gateway.
    pub app: Arc<App>,
    /// Where it will listen.
    pub listener: Listener,
    /// What the demonstration says of itself, also in `demo.json`.
    pub file: DemoFile,
    sandbox: Sandbox,
    issuer: tokio::task::JoinHandle<()>,
}

/// Why a demonstration cannot start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A directory, file or socket.
    #[error("cannot make or use {what}")]
    Io {
        /// What.
        what: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The issuer of test tokens.
    #[error("the issuer of test tokens cannot start")]
    Issuer(#[from] IssuerError),
    /// The gateway.
    #[error("the gateway cannot start")]
    Gateway(#[from] StartError),
    /// The gateway's address.
    #[error("the gateway cannot listen")]
    Listen(#[from] ListenError),
    /// An address of the demonstration's own that is none; a mistake in the program.
    #[error("an address of the demonstration is none")]
    Address(#[from] url::ParseError),
    /// A name of the demonstration's own that is none; a mistake in the program.
    #[error("a name of the demonstration is none")]
    Name(#[source] SlugError),
}

/// The seed of the sandbox's people: the year of the Law on Civil Status's new decree.
const SEED: u64 = 2026;
/// Tokens are for a day of trying things out.
const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(24);
/// The name of the demonstration's log.
const ORIGIN: &str = "motlan.example/demo";
/// What tokens must be for.
const AUDIENCE: &str = "https://motlan.example";

impl Demo {
    /// Starts everything but the gateway's own accept loop, and writes `demo.json`.
    ///
    /// # Errors
    /// The first part that cannot start.
    pub async fn start(options: &DemoOptions) -> Result<Self, DemoError> {
        let random = Arc::new(SystemRandomness::default());
        let keys = options.data_dir.join("keys");
        private_directory(&keys).map_err(io_error("the data directory"))?;

        let sandbox = Sandbox::start(SandboxOptions {
            seed: SEED,
            land_by_office: true,
            ..SandboxOptions::default()
        })
        .await
        .map_err(io_error("the sandbox registries"))?;
        let (issuer_url, socket) = issuer_socket(&options.data_dir)
            .await
            .map_err(io_error("the issuer's port"))?;
        let mut new_secret = || random::bytes::<32>(random.as_ref());
        let issuer = Arc::new(Issuer::open(&keys, &issuer_url, AUDIENCE, &mut new_secret)?);
        let serving = axum::serve(socket, issuer.router());
        let serving = tokio::spawn(async move {
            // It ends with the process; there is nothing to hand over.
            let _ = serving.await;
        });

        folders::write(&options.data_dir).map_err(io_error("the folders of registries"))?;
        let config = config(options, &sandbox, &issuer_url)?;
        let app = App::start(
            &config,
            Arc::new(SystemClock),
            Arc::clone(&random) as Arc<dyn Random>,
        )
        .await?;
        let listener = Listener::bind(&config.server).await?;
        let address = listener
            .address()
            .map_err(io_error("the gateway's address"))?;

        let file = DemoFile {
            gateway: format!("http://{address}"),
            tokens: setup::tokens(&issuer, TOKEN_LIFETIME, SystemClock.now(), random.as_ref())?,
            personas: personas::all(),
            registries: registries(&sandbox),
            data_dir: absolute(&options.data_dir),
            log_verifier_key: app.log_verifier_key.clone(),
            issuer: issuer_url,
            audience: AUDIENCE.to_owned(),
        };
        file.write(&options.data_dir)
            .map_err(io_error("demo.json"))?;
        Ok(Self {
            app,
            listener,
            file,
            sandbox,
            issuer: serving,
        })
    }

    /// Splits into what serves and what must be kept alive meanwhile.
    #[must_use]
    pub fn into_parts(self) -> (Arc<App>, Listener, DemoFile, Running) {
        let running = Running {
            sandbox: self.sandbox,
            issuer: self.issuer,
        };
        (self.app, self.listener, self.file, running)
    }
}

/// The parts beside the gateway; they end when it is dropped.
#[derive(Debug)]
pub struct Running {
    sandbox: Sandbox,
    issuer: tokio::task::JoinHandle<()>,
}

impl Running {
    /// Ends the registries and the issuer.
    pub async fn stop(self) {
        self.issuer.abort();
        self.sandbox.stop().await;
    }
}

fn config(options: &DemoOptions, sandbox: &Sandbox, issuer: &str) -> Result<Config, DemoError> {
    let data = &options.data_dir;
    let jwks: JwksUrl = format!("{issuer}/.well-known/jwks.json")
        .parse()
        .map_err(StartError::from)?;
    let mut auth = AuthConfig::new(issuer.to_owned(), jwks, AUDIENCE.to_owned());
    auth.lifetime_seconds_max = u32::try_from(TOKEN_LIFETIME.as_secs()).unwrap_or(u32::MAX);
    Ok(Config {
        server: ListenConfig {
            zones: vec![Zone {
                name: "government".to_owned(),
                networks: vec![IpNet::new_assert(Ipv4Addr::LOCALHOST.into(), 8)],
            }],
            ..ListenConfig::new(SocketAddr::from((Ipv4Addr::LOCALHOST, options.port)))
        },
        auth,
        access_log: access_log(data),
        policies: policies(data),
        consents: consents(data),
        budgets: BudgetsConfig::default(),
        index: index(data),
        detectors: detectors(),
        officers: officers(data),
        retention: RetentionPolicy::default(),
        cache: CacheConfig::default(),
        registries: setup::registries(sandbox)?,
        declarative: setup::declarative(data, sandbox)?,
        telemetry: TelemetryConfig::default(),
        language: options.language,
    })
}

/// The access log of the demonstration with this data directory.
#[must_use]
pub fn access_log(data: &Path) -> AccessLogConfig {
    AccessLogConfig {
        origin: ORIGIN.to_owned(),
        directory: data.join("log"),
        keys_directory: data.join("keys"),
        second_checkpoint: data.join("second-checkpoint"),
        // A demonstration writes little, and shall work on a laptop that is nearly full.
        low_water_bytes: Some(16 * 1024 * 1024),
        ballast_bytes: Some(4 * 1024 * 1024),
        scrub_hours: crate::config::scrub_hours(),
        witnesses: None,
        witness_interval_seconds: crate::config::witness_interval_seconds(),
    }
}

/// The consents of a demonstration in this directory.
#[must_use]
pub fn consents(data_dir: &Path) -> ConsentsConfig {
    ConsentsConfig {
        directory: data_dir.join("consents"),
    }
}

/// Its index.
#[must_use]
pub fn index(data: &Path) -> IndexConfig {
    IndexConfig {
        directory: data.join("index"),
    }
}

/// Its detectors: all but the one for work at night, since a demonstration is tried at any hour.
fn detectors() -> DetectorsConfig {
    let mut detectors = DetectorsConfig::default();
    detectors.out_of_hours.enabled = false;
    detectors
}

/// What it knows of officers.
#[must_use]
pub fn officers(data: &Path) -> OfficersConfig {
    OfficersConfig {
        file: data.join("officers.json"),
        ..OfficersConfig::default()
    }
}

/// Its policies: those of this build, until a version is loaded.
#[must_use]
pub fn policies(data: &Path) -> PoliciesConfig {
    PoliciesConfig {
        directory: None,
        store: Some(data.join("policies")),
    }
}

/// Its folders of declarative registries; a demonstration of an older version has none.
#[must_use]
pub fn declarative(data: &Path) -> DeclarativeConfig {
    DeclarativeConfig {
        directory: Some(data.join("adapters")).filter(|directory| directory.is_dir()),
        ..DeclarativeConfig::default()
    }
}

/// The issuer's address, which is its name too: the one of the last start where it is free, so that
/// tokens from then are still good.
async fn issuer_socket(data_dir: &Path) -> io::Result<(String, TcpListener)> {
    let last = DemoFile::read(data_dir)
        .ok()
        .and_then(|file| Url::parse(&file.issuer).ok()?.port());
    let socket = match TcpListener::bind((Ipv4Addr::LOCALHOST, last.unwrap_or(0))).await {
        Ok(socket) => socket,
        Err(_) => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?,
    };
    let url = format!("http://{}", socket.local_addr()?);
    Ok((url, socket))
}

fn registries(sandbox: &Sandbox) -> BTreeMap<String, RegistryFile> {
    let describe = |registry: motlan_sandbox::RunningRegistry| {
        (
            registry.id.to_string(),
            RegistryFile {
                url: registry.url,
                faults: registry.faults_url,
            },
        )
    };
    sandbox.registries().into_iter().map(describe).collect()
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn io_error(what: &'static str) -> impl FnOnce(io::Error) -> DemoError {
    move |source| DemoError::Io { what, source }
}
