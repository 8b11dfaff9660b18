//! `motlan.toml`: one typed section a part, unknown fields refused, secrets by reference.

mod one_or_many;

use crate::{
    auth::AuthConfig, declarative::DeclarativeConfig, detectors::DetectorsConfig,
    officers::OfficersConfig, registry::RegistryLimits, retention::RetentionPolicy,
    server::ListenConfig, telemetry::TelemetryConfig,
};
use motlan_access_log::{log::Options, note::Signer, reserve::Reserve};
use motlan_schemas::{codes::Provinces, language::Language};
use serde::Deserialize;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// The whole configuration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the gateway listens.
    pub server: ListenConfig,
    /// Whose tokens it accepts.
    pub auth: AuthConfig,
    /// The access log.
    pub access_log: AccessLogConfig,
    /// Purposes, agencies and rules.
    #[serde(default)]
    pub policies: PoliciesConfig,
    /// Citizens' consents.
    pub consents: ConsentsConfig,
    /// What is kept of budgets against harvesting.
    #[serde(default)]
    pub budgets: BudgetsConfig,
    /// The index over the access log.
    #[serde(default)]
    pub index: IndexConfig,
    /// Patterns in the access log that raise alerts.
    #[serde(default)]
    pub detectors: DetectorsConfig,
    /// What is known of officers.
    #[serde(default)]
    pub officers: OfficersConfig,
    /// How long the access log is kept.
    #[serde(default)]
    pub retention: RetentionPolicy,
    /// What registries said lately.
    #[serde(default)]
    pub cache: CacheConfig,
    /// The registries; one that is not named is not asked.
    pub registries: RegistriesConfig,
    /// Registries that folders describe.
    #[serde(default)]
    pub declarative: DeclarativeConfig,
    /// Logs and traces.
    #[serde(default)]
    pub telemetry: TelemetryConfig,
    /// The language of callers who name none.
    #[serde(default)]
    pub language: Language,
}

/// The section `access_log`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessLogConfig {
    /// The log's name, a URL without scheme: `motlan.example.gov.vn/log`. It never changes.
    pub origin: String,
    /// The log's directory; it can be served and verified as it is.
    pub directory: PathBuf,
    /// The keys' directory, outside the log's and its backups.
    pub keys_directory: PathBuf,
    /// Where the checkpoint signed last is kept a second time: best on another disk.
    pub second_checkpoint: PathBuf,
    /// Below this many free bytes on the log's disk questions are refused; absent: 256 MiB, or 5 % of
    /// a smaller file system.
    #[serde(default)]
    pub low_water_bytes: Option<u64>,
    /// Bytes set aside in the log's directory, given up when the disk is nearly full; absent: 64 MiB,
    /// or a quarter of a lower low-water mark; 0: none.
    #[serde(default)]
    pub ballast_bytes: Option<u64>,
    /// How long after the end of a pass the whole log is read again in the background, in hours; 0:
    /// never, not even after the start.
    #[serde(default = "scrub_hours")]
    pub scrub_hours: u64,
    /// The witnesses that are asked to cosign checkpoints, and how many must: a file in the form of
    /// C2SP tlog-policy. Absent: none is asked.
    #[serde(default)]
    pub witnesses: Option<PathBuf>,
    /// How often at most each witness is asked, in seconds.
    #[serde(default = "witness_interval_seconds")]
    pub witness_interval_seconds: u64,
}

/// Often enough for a cosigned checkpoint within a minute, seldom enough for a small witness.
pub(crate) const fn witness_interval_seconds() -> u64 {
    5
}

/// A day: a disk that loses bits is noticed while yesterday's copy is still there.
pub(crate) const fn scrub_hours() -> u64 {
    24
}

impl AccessLogConfig {
    /// How the log is opened with this key.
    #[must_use]
    pub fn options(&self, signer: Signer) -> Options {
        let hours = Duration::from_secs(60 * 60)
            .saturating_mul(u32::try_from(self.scrub_hours).unwrap_or(u32::MAX));
        Options {
            reserve: Reserve {
                low_water_bytes: self.low_water_bytes,
                ballast_bytes: self.ballast_bytes,
            },
            scrub_interval: (self.scrub_hours > 0).then_some(hours),
            ..Options::new(
                self.directory.clone(),
                self.second_checkpoint.clone(),
                signer,
            )
        }
    }
}

/// The section `policies`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PoliciesConfig {
    /// A directory with `purposes/`, `agencies/` and `bundle/`; absent: those of this build.
    pub directory: Option<PathBuf>,
    /// Where `motlan policy load` keeps versions, of which the gateway follows the current one while
    /// it runs. Before the first one is loaded, and without a store, `directory` counts.
    pub store: Option<PathBuf>,
}

/// The section `consents`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentsConfig {
    /// The directory of the consent store.
    pub directory: PathBuf,
}

/// The section `budgets`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BudgetsConfig {
    /// Where the count of citizens that each client was told of is kept; absent: `reach` beside the
    /// access log's directory.
    pub directory: Option<PathBuf>,
}

/// The section `index`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IndexConfig {
    /// The directory of the index. It may be removed at any time: it is made anew from the log.
    pub directory: PathBuf,
}

impl Default for IndexConfig {
    fn default() -> Self {
        Self {
            directory: PathBuf::from("index"),
        }
    }
}

/// The section `cache`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CacheConfig {
    /// How much memory cached records may take.
    pub bytes_max: u64,
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self {
            bytes_max: 256 * 1024 * 1024,
        }
    }
}

/// The section `registries`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RegistriesConfig {
    /// Civil status: SOAP with X-Road headers.
    pub civil_status: Option<RegistryConfig<motlan_civil_status::Config>>,
    /// Population: `POST /persons` over X-Road REST.
    pub population: Option<RegistryConfig<motlan_population::Config>>,
    /// Business registration: HAL and BODS.
    pub business: Option<RegistryConfig<motlan_business_registry::Config>>,
    /// Insurance: FHIR R4.
    pub insurance: Option<RegistryConfig<motlan_insurance::Config>>,
    /// Land: OGC API – Features. One table, or one for each land office that keeps a register of its
    /// own, in the order in which their records are told.
    pub land: OneOrMany<RegistryConfig<motlan_land::Config>>,
}

/// One registry: how the gateway treats it, and how its adapter speaks to it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistryConfig<A> {
    /// Time limit, share and breaker.
    #[serde(default)]
    pub limits: RegistryLimits,
    /// The codes of the provinces that it serves; absent: the whole country. Where several registries
    /// serve one dataset, each names its own.
    #[serde(default)]
    pub provinces: Option<Provinces>,
    /// The adapter's own settings.
    pub adapter: A,
}

pub use one_or_many::OneOrMany;

/// Why a configuration cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A section that can be read says something that cannot be meant.
    #[error("`{}` cannot be used: {what}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// The file is not a configuration; the source has line and column.
    #[error("`{}` is not a configuration of motlan", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: Box<toml::de::Error>,
    },
}

impl Config {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// The file cannot be read, or line and column of what is wrong in it.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
            path: path.to_owned(),
            source,
        })?;
        let mut config: Self = toml::from_str(&text).map_err(|source| ConfigError::Parse {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        config
            .retention
            .check()
            .map_err(|what| ConfigError::Unusable {
                path: path.to_owned(),
                what,
            })?;
        let above = std::path::absolute(path).map_err(|source| ConfigError::Read {
            path: path.to_owned(),
            source,
        })?;
        config.resolve_paths(above.parent().unwrap_or(Path::new("/")));
        Ok(config)
    }

    /// Relative paths are meant from where the file is, wherever the gateway is started.
    fn resolve_paths(&mut self, above: &Path) {
        let log = &mut self.access_log;
        let tls = self
            .server
            .tls
            .iter_mut()
            .flat_map(|tls| [&mut tls.certificate, &mut tls.key]);
        let paths = [
            &mut log.directory,
            &mut log.keys_directory,
            &mut log.second_checkpoint,
        ]
        .into_iter()
        .chain([&mut self.consents.directory, &mut self.index.directory])
        .chain(&mut log.witnesses)
        .chain([&mut self.officers.file])
        .chain(&mut self.policies.directory)
        .chain(&mut self.declarative.directory)
        .chain(&mut self.budgets.directory)
        .chain(&mut self.policies.store)
        .chain(tls);
        for path in paths {
            *path = above.join(&*path);
        }
    }
}
