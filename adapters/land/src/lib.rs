//! The land adapter: OGC API – Features.
//!
//! A parcel is a GeoJSON feature of one collection. The registry is asked for the properties that are
//! permitted and for no geometry. Its filter is not trusted: a feature counts only if its own list of
//! users has the subject.

mod config;
mod mapping;

pub use config::{Config, OwnerProperties};

use async_trait::async_trait;
use motlan_adapter_sdk::{
    adapter::{Adapter, AdapterError, Call, Descriptor, Fetched, ServedDataset},
    caller_headers::CallerHeaders,
    config::ConfigError,
    contract::{Contract, Mapped},
    field_map::wanted,
    http::HttpClient,
    ogc::{FeatureQuery, FeaturesClient},
};
use motlan_policies::permit::Permit;
use motlan_schemas::query::Subject;
use std::sync::Arc;

/// What the conformance kit found of this adapter: the text of its `conformance.toml`.
pub const CONFORMANCE: &str = include_str!("../conformance.toml");

/// A land registry.
#[derive(Debug)]
pub struct LandAdapter {
    config: Config,
    contract: Arc<Contract>,
    descriptor: Descriptor,
    client: FeaturesClient,
    headers: CallerHeaders,
}

impl LandAdapter {
    /// An adapter; makes no connection yet.
    ///
    /// # Errors
    /// What is wrong with the configuration.
    pub fn new(config: Config, contract: Arc<Contract>) -> Result<Self, ConfigError> {
        let dataset = contract.catalogue().dataset_named(DATASET).ok_or_else(|| {
            ConfigError::setting("registry", format!("the catalogue has no `{DATASET}`"))
        })?;
        config.attributes.check(dataset, "attributes")?;
        if !config.id_attribute.is_empty() && dataset.attribute(&config.id_attribute).is_none() {
            let reason = format!("`{DATASET}` has no attribute `{}`", config.id_attribute);
            return Err(ConfigError::setting("id_attribute", reason));
        }
        let descriptor = Descriptor {
            registry: config.registry.clone(),
            datasets: vec![ServedDataset {
                dataset: dataset.id,
                selective: !config.parameters.properties.is_empty(),
            }],
            answers_depend_on_asker: false,
        };
        let http = HttpClient::new(&config.http)?;
        let client = FeaturesClient::new(
            http,
            config.collection.clone(),
            config.search,
            config.paging,
        )
        .with_parameters(config.parameters.clone());
        let headers = CallerHeaders::new(&config.headers)?;
        Ok(Self {
            config,
            contract,
            descriptor,
            client,
            headers,
        })
    }
}

#[async_trait]
impl Adapter for LandAdapter {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    async fn fetch(&self, permit: &Permit, call: &Call) -> Result<Fetched, AdapterError> {
        self.contract.check_served(&self.descriptor, permit)?;
        let Subject::Person(subject) = permit.subject() else {
            return Err(AdapterError::Refused {
                reason: "parcels are kept by person".to_owned(),
            });
        };
        let wanted = wanted(self.contract.catalogue().dataset(permit.dataset()), permit);
        let properties = mapping::properties(&self.config, &wanted);
        let properties: Vec<&str> = properties.iter().map(AsRef::as_ref).collect();
        let query = FeatureQuery {
            queryable: &self.config.owner_queryable,
            comparison: self.config.owner_comparison,
            value: subject.expose(),
            properties: &properties,
            page_size: self.config.page_size,
        };
        let headers = self.headers.headers(permit, call);
        let features = self.client.features(query, &headers, call).await?;
        let parcels = mapping::parcels(&self.config, &features, subject, &wanted)?;
        let mapped = if parcels.is_empty() {
            Mapped::NotFound
        } else {
            Mapped::Many(parcels)
        };
        self.contract.check(permit, mapped, None)
    }

    async fn health(&self, call: &Call) -> Result<(), AdapterError> {
        self.client.describe(call).await
    }
}

const DATASET: &str = "land.parcels";

#[cfg(test)]
mod tests;
