//! Which installation a command is about: that of a configuration file, or a demo's.

use crate::{
    config::{AccessLogConfig, Config, ConsentsConfig, IndexConfig, PoliciesConfig},
    declarative::{DeclarativeConfig, Found},
    demo,
    keys::IndexKey,
    officers::OfficersConfig,
    random::{self, SystemRandomness},
    retention::RetentionPolicy,
};
use anyhow::Context;
use clap::Args;
use motlan_access_log::{details::DetailKeys, keys::DETAILS_DIRECTORY};
use motlan_schemas::catalogue::Catalogue;
use std::{path::PathBuf, sync::Arc};

/// Exactly one of the two ways to name an installation.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct Place {
    /// The gateway's configuration file.
    #[arg(long)]
    config: Option<PathBuf>,
    /// A demo's data directory.
    #[arg(long)]
    data_dir: Option<PathBuf>,
}

/// The parts of an installation that commands work on.
#[derive(Debug)]
pub(super) struct Installation {
    pub(super) access_log: AccessLogConfig,
    pub(super) index: IndexConfig,
    pub(super) policies: PoliciesConfig,
    pub(super) consents: ConsentsConfig,
    pub(super) officers: OfficersConfig,
    pub(super) retention: RetentionPolicy,
    pub(super) declarative: DeclarativeConfig,
}

/// The folders of declarative registries, for commands that are about no installation.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Adapters {
    /// The directory with the folders of declarative registries, which may bring datasets of their
    /// own. Without it: the national catalogue.
    #[arg(long, value_name = "DIR")]
    adapters: Option<PathBuf>,
}

impl Adapters {
    /// The national catalogue with the datasets of the folders.
    pub(super) fn catalogue(&self) -> anyhow::Result<Arc<Catalogue>> {
        let found = Found::read(&DeclarativeConfig {
            directory: self.adapters.clone(),
            ..DeclarativeConfig::default()
        })?;
        Ok(found.catalogue()?)
    }
}

impl Installation {
    /// What opens the details of the log's entries.
    pub(super) fn details(&self) -> anyhow::Result<Arc<DetailKeys>> {
        let directory = self.access_log.keys_directory.join(DETAILS_DIRECTORY);
        let random = SystemRandomness::default();
        let keys = DetailKeys::open(&directory, move || random::bytes(&random));
        let keys = keys.context("the keys of the access log's details cannot be used")?;
        Ok(Arc::new(keys))
    }

    /// The datasets that its gateway knows.
    pub(super) fn catalogue(&self) -> anyhow::Result<Arc<Catalogue>> {
        let found = Found::read(&self.declarative)?;
        Ok(found.catalogue()?)
    }

    /// What hides the values in the index.
    pub(super) fn index_key(&self) -> anyhow::Result<IndexKey> {
        let key = IndexKey::open_or_create(
            &self.access_log.keys_directory,
            &SystemRandomness::default(),
        );
        key.context("the key of the index, `index.key`, cannot be used")
    }
}

impl Place {
    pub(super) fn installation(&self) -> anyhow::Result<Installation> {
        if let Some(data_dir) = &self.data_dir {
            return Ok(Installation {
                access_log: demo::access_log(data_dir),
                index: demo::index(data_dir),
                policies: demo::policies(data_dir),
                consents: demo::consents(data_dir),
                officers: demo::officers(data_dir),
                retention: RetentionPolicy::default(),
                declarative: demo::declarative(data_dir),
            });
        }
        // The group sees to it that one of the two is given.
        let config = Config::read(&self.config.clone().unwrap_or_default())?;
        Ok(Installation {
            access_log: config.access_log,
            index: config.index,
            policies: config.policies,
            consents: config.consents,
            officers: config.officers,
            retention: config.retention,
            declarative: config.declarative,
        })
    }
}
