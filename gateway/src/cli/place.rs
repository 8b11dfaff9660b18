//! Which installation a command is about: that of a configuration file, or a demo's.

use crate::{
    config::{AccessLogConfig, Config, ConsentsConfig, IndexConfig, PoliciesConfig},
    demo,
};
use clap::Args;
use std::path::PathBuf;

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
}

impl Place {
    pub(super) fn installation(&self) -> anyhow::Result<Installation> {
        if let Some(data_dir) = &self.data_dir {
            return Ok(Installation {
                access_log: demo::access_log(data_dir),
                index: demo::index(data_dir),
                policies: demo::policies(data_dir),
                consents: demo::consents(data_dir),
            });
        }
        // The group sees to it that one of the two is given.
        let config = Config::read(&self.config.clone().unwrap_or_default())?;
        Ok(Installation {
            access_log: config.access_log,
            index: config.index,
            policies: config.policies,
            consents: config.consents,
        })
    }
}
