//! The business-registry adapter: REST with HAL, and ownership as BODS 0.4 statements.
//!
//! A person's roles are searched by posting, so that the number is in no URL, unless the configuration
//! says that a registry has no other way; enterprises have no other address than their code. The registry is asked for the permitted fields, and for the one
//! that says whom a record is about, which is compared whatever was searched for.

mod check;
mod config;
mod mapping;
mod ownership;

pub use config::{Condition, Config, Owners, Profile, Roles};

use async_trait::async_trait;
use motlan_adapter_sdk::{
    adapter::{Adapter, AdapterError, Call, Descriptor, Fetched, ServedDataset},
    caller_headers::CallerHeaders,
    config::ConfigError,
    contract::{Contract, Mapped},
    field_map::wanted,
    hal::HalClient,
    http::HttpClient,
};
use motlan_policies::permit::Permit;
use motlan_schemas::{
    catalogue::{Catalogue, Dataset, DatasetId},
    ids::{EnterpriseCode, PersonalId},
    query::Subject,
};
use std::sync::Arc;

/// What the conformance kit found of this adapter: the text of its `conformance.toml`.
pub const CONFORMANCE: &str = include_str!("../conformance.toml");

/// A business registry.
#[derive(Debug)]
pub struct BusinessRegistryAdapter {
    config: Config,
    contract: Arc<Contract>,
    descriptor: Descriptor,
    profile: DatasetId,
    client: HalClient,
    headers: CallerHeaders,
}

impl BusinessRegistryAdapter {
    /// An adapter; makes no connection yet.
    ///
    /// # Errors
    /// What is wrong with the configuration.
    pub fn new(config: Config, contract: Arc<Contract>) -> Result<Self, ConfigError> {
        let catalogue = contract.catalogue();
        let served = config.serves.of(&[ROLES, PROFILE, OWNERS])?;
        let mut datasets = Vec::new();
        for name in served {
            let dataset = named(catalogue, name)?;
            config.check(dataset)?;
            datasets.push(ServedDataset {
                dataset: dataset.id,
                selective: config.is_selective(dataset),
            });
        }
        let descriptor = Descriptor {
            registry: config.registry.clone(),
            datasets,
            answers_depend_on_asker: false,
        };
        let profile = named(catalogue, PROFILE)?.id;
        let client = HalClient::new(
            HttpClient::new(&config.http)?,
            &config.media_type,
            config.paging,
        )?;
        let headers = CallerHeaders::new(&config.headers)?;
        Ok(Self {
            config,
            contract,
            descriptor,
            profile,
            client,
            headers,
        })
    }

    async fn roles(
        &self,
        permit: &Permit,
        subject: &PersonalId,
        call: &Call,
    ) -> Result<Mapped, AdapterError> {
        let config = &self.config.roles;
        let wanted = wanted(self.dataset(permit), permit);
        let headers = self.headers.headers(permit, call);
        let sent = match mapping::roles_path(config, subject, &wanted) {
            Some(path) => {
                let list = self.client.list(&path, &config.embedded, &headers, call);
                list.await?
            }
            None => {
                let query = mapping::roles_query(config, subject, &wanted);
                self.client
                    .search(&config.path, &query, &config.embedded, &headers, call)
                    .await?
            }
        };
        let roles = mapping::roles(config, &sent, subject, &wanted)?;
        Ok(if roles.is_empty() {
            Mapped::NotFound
        } else {
            Mapped::Many(roles)
        })
    }

    async fn profile(
        &self,
        permit: &Permit,
        code: &EnterpriseCode,
        call: &Call,
    ) -> Result<Mapped, AdapterError> {
        let config = &self.config.profile;
        let wanted = wanted(self.dataset(permit), permit);
        let path = mapping::profile_path(config, code, &wanted);
        let headers = self.headers.headers(permit, call);
        match self.client.get(&path, &headers, call).await? {
            Some(sent) => mapping::profile(config, &sent, code, &wanted).map(Mapped::One),
            None => Ok(Mapped::NotFound),
        }
    }

    async fn owners(
        &self,
        permit: &Permit,
        code: &EnterpriseCode,
        call: &Call,
    ) -> Result<Mapped, AdapterError> {
        let config = &self.config.owners;
        let path = config.path.replace("{code}", code.as_str());
        let headers = self.headers.headers(permit, call);
        let Some(sent) = self.client.get(&path, &headers, call).await? else {
            return Ok(Mapped::NotFound);
        };
        let owners = match &config.attributes {
            None => ownership::owners(config, &sent, code)?,
            Some(attributes) => {
                let wanted = wanted(self.dataset(permit), permit);
                mapping::owners(config, attributes, &sent, code, &wanted)?
            }
        };
        Ok(if owners.is_empty() {
            Mapped::NotFound
        } else {
            Mapped::Many(owners)
        })
    }

    fn dataset(&self, permit: &Permit) -> &Dataset {
        self.contract.catalogue().dataset(permit.dataset())
    }
}

#[async_trait]
impl Adapter for BusinessRegistryAdapter {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    async fn fetch(&self, permit: &Permit, call: &Call) -> Result<Fetched, AdapterError> {
        self.contract.check_served(&self.descriptor, permit)?;
        let mapped = match permit.subject() {
            Subject::Person(subject) => self.roles(permit, subject, call).await?,
            Subject::Enterprise(code) if permit.dataset() == self.profile => {
                self.profile(permit, code, call).await?
            }
            Subject::Enterprise(code) => self.owners(permit, code, call).await?,
        };
        self.contract.check(permit, mapped, None)
    }

    async fn health(&self, call: &Call) -> Result<(), AdapterError> {
        match self
            .client
            .get(&self.config.health_path, &Default::default(), call)
            .await?
        {
            Some(_) => Ok(()),
            None => Err(AdapterError::Down {
                reason: "its entry point is not found".to_owned(),
            }),
        }
    }
}

fn named<'c>(catalogue: &'c Catalogue, name: &str) -> Result<&'c Dataset, ConfigError> {
    let missing = || ConfigError::setting("registry", format!("the catalogue has no `{name}`"));
    catalogue.dataset_named(name).ok_or_else(missing)
}

const ROLES: &str = "business.roles";
const PROFILE: &str = "business.profile";
const OWNERS: &str = "business.owners";

#[cfg(test)]
mod tests;
