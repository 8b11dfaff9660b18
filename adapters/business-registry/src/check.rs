//! Whether a configuration can work, before the first question shows that it cannot.

use crate::{Config, OWNERS, PROFILE};
use motlan_adapter_sdk::config::ConfigError;
use motlan_schemas::catalogue::Dataset;

impl Config {
    /// Checks what is needed for one of the datasets.
    pub(crate) fn check(&self, dataset: &Dataset) -> Result<(), ConfigError> {
        match &*dataset.name {
            PROFILE => {
                let profile = &self.profile;
                holds_the_code(&profile.path, "profile.path")?;
                profile.attributes.check(dataset, "profile.attributes")
            }
            OWNERS => self.check_owners(dataset),
            _ => self.check_roles(dataset),
        }
    }

    /// Whether the registry can be asked for some attributes of a dataset and no others.
    pub(crate) fn is_selective(&self, dataset: &Dataset) -> bool {
        match &*dataset.name {
            PROFILE => !self.profile.fields_parameter.is_empty(),
            OWNERS => false,
            _ => !self.roles.fields_parameter.is_empty(),
        }
    }

    fn check_roles(&self, dataset: &Dataset) -> Result<(), ConfigError> {
        let roles = &self.roles;
        if roles.path.contains("{person}") && !roles.subject_in_url {
            let reason = "brings personal numbers into the logs of every proxy on the way; if the registry has no search by POST, say so with `subject_in_url = true`";
            return Err(ConfigError::setting("roles.path", reason));
        }
        roles.attributes.check(dataset, "roles.attributes")
    }

    fn check_owners(&self, dataset: &Dataset) -> Result<(), ConfigError> {
        let owners = &self.owners;
        holds_the_code(&owners.path, "owners.path")?;
        let Some(attributes) = &owners.attributes else {
            return Ok(());
        };
        let needed = [
            (
                "owners.list",
                &owners.list,
                "where the records are in the document",
            ),
            (
                "owners.code",
                &owners.code,
                "where the document says which enterprise it is about",
            ),
        ];
        for (setting, value, what) in needed {
            if value.is_empty() {
                let reason = format!("is needed beside `owners.attributes`: {what}");
                return Err(ConfigError::setting(setting, reason));
            }
        }
        attributes.check(dataset, "owners.attributes")
    }
}

fn holds_the_code(path: &str, setting: &str) -> Result<(), ConfigError> {
    if path.contains("{code}") {
        Ok(())
    } else {
        let reason = "must hold `{code}`, for the enterprise's code";
        Err(ConfigError::setting(setting, reason))
    }
}
