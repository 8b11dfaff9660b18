//! The insurance adapter: FHIR R4 Patient and Coverage search.
//!
//! Two steps: the Patient with the personal number, then the Coverages of that Patient. Both are
//! searched by posting a form, so that the number is in no URL, and with `_elements`, so that only
//! what is permitted is sent, unless the configuration says that a server cannot do so. Identifiers and references are compared whatever was searched for.

mod config;
mod coverage;
mod identifier;
mod mapping;
mod patient;

pub use config::{Config, EXTENSION_BASE, HealthCard, SocialRecord, UtcOffset};

use async_trait::async_trait;
use identifier::escaped;
use mapping::Reading;
use motlan_adapter_sdk::{
    adapter::{Adapter, AdapterError, Call, Descriptor, Fetched, ServedDataset},
    caller_headers::CallerHeaders,
    config::ConfigError,
    contract::{Contract, Mapped},
    fhir::{Coding, FhirClient},
    field_map::wanted,
    http::HttpClient,
};
use motlan_policies::permit::Permit;
use motlan_schemas::{catalogue::DatasetId, ids::PersonalId, query::Subject};
use patient::Insured;
use serde_json::Value;
use std::sync::Arc;

/// What the conformance kit found of this adapter: the text of its `conformance.toml`.
pub const CONFORMANCE: &str = include_str!("../conformance.toml");

/// An insurance registry.
#[derive(Debug)]
pub struct InsuranceAdapter {
    config: Config,
    contract: Arc<Contract>,
    descriptor: Descriptor,
    health: DatasetId,
    client: FhirClient,
    headers: CallerHeaders,
}

impl InsuranceAdapter {
    /// An adapter; makes no connection yet.
    ///
    /// # Errors
    /// What is wrong with the configuration.
    pub fn new(config: Config, contract: Arc<Contract>) -> Result<Self, ConfigError> {
        config.check()?;
        let named = |name: &str| {
            let dataset = contract
                .catalogue()
                .dataset_named(name)
                .map(|dataset| dataset.id);
            dataset.ok_or_else(|| {
                ConfigError::setting("registry", format!("the catalogue has no `{name}`"))
            })
        };
        let health = named(HEALTH)?;
        let served = |name| {
            Ok(ServedDataset {
                dataset: named(name)?,
                selective: config.ask_elements,
            })
        };
        let datasets = config.serves.of(&[HEALTH, SOCIAL])?;
        let descriptor = Descriptor {
            registry: config.registry.clone(),
            datasets: datasets.into_iter().map(served).collect::<Result<_, _>>()?,
            answers_depend_on_asker: false,
        };
        let client = FhirClient::new(HttpClient::new(&config.http)?, config.paging)
            .searching(config.search, config.trailing_slash);
        let headers = CallerHeaders::new(&config.headers)?;
        Ok(Self {
            config,
            contract,
            descriptor,
            health,
            client,
            headers,
        })
    }

    async fn insured(
        &self,
        permit: &Permit,
        subject: &PersonalId,
        call: &Call,
    ) -> Result<Option<Insured>, AdapterError> {
        let persons = self.config.persons();
        let mut parameters = vec![("identifier", persons.token(subject.expose()))];
        self.add_elements(&mut parameters, &["identifier", "deceased"]);
        let headers = self.headers.headers(permit, call);
        let patients = self
            .client
            .search("Patient", &parameters, &headers, call)
            .await?;
        Insured::among(&patients, persons, subject)
    }

    async fn coverages(
        &self,
        permit: &Permit,
        insured: &Insured,
        scheme: Option<&Coding>,
        elements: &[&str],
        call: &Call,
    ) -> Result<Vec<Value>, AdapterError> {
        let beneficiary = self.config.beneficiary_parameter.as_str();
        let mut parameters = vec![(beneficiary, insured.references())];
        if let Some(Coding { system, code }) = scheme.filter(|_| self.config.ask_type) {
            parameters.push(("type", format!("{}|{}", escaped(system), escaped(code))));
        }
        self.add_elements(&mut parameters, elements);
        let headers = self.headers.headers(permit, call);
        self.client
            .search("Coverage", &parameters, &headers, call)
            .await
    }

    fn add_elements(&self, parameters: &mut Vec<(&str, String)>, elements: &[&str]) {
        if self.config.ask_elements {
            parameters.push(("_elements", elements.join(",")));
        }
        parameters.push(("_count", self.config.page_size.to_string()));
    }

    async fn read(
        &self,
        permit: &Permit,
        subject: &PersonalId,
        call: &Call,
    ) -> Result<Mapped, AdapterError> {
        let Some(insured) = self.insured(permit, subject, call).await? else {
            return Ok(Mapped::NotFound);
        };
        let wanted = wanted(self.contract.catalogue().dataset(permit.dataset()), permit);
        let is_health = permit.dataset() == self.health;
        let (scheme, elements) = if is_health {
            (
                self.config.health.scheme.as_ref(),
                mapping::health_elements(&wanted),
            )
        } else {
            (
                self.config.social.scheme.as_ref(),
                mapping::social_elements(&wanted),
            )
        };
        let sent = self
            .coverages(permit, &insured, scheme, &elements, call)
            .await?;
        let own = coverage::of_subject(&self.config, &sent, &insured, subject, scheme)?;
        let Some(coverage) = coverage::current(&own, self.config.utc_offset.offset())? else {
            return Ok(Mapped::NotFound);
        };
        let reading = Reading {
            config: &self.config,
            coverage,
            insured: &insured,
            decided_at: permit.asking().decided_at,
            wanted: &wanted,
        };
        let map = if is_health {
            mapping::health
        } else {
            mapping::social
        };
        map(reading, &elements).map(Mapped::One)
    }
}

#[async_trait]
impl Adapter for InsuranceAdapter {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    async fn fetch(&self, permit: &Permit, call: &Call) -> Result<Fetched, AdapterError> {
        self.contract.check_served(&self.descriptor, permit)?;
        let Subject::Person(subject) = permit.subject() else {
            return Err(AdapterError::Refused {
                reason: "insurance is kept by person".to_owned(),
            });
        };
        let mut served = self.descriptor.datasets.iter();
        if !served.any(|served| served.dataset == permit.dataset()) {
            return Err(AdapterError::Refused {
                reason: "the dataset is not served".to_owned(),
            });
        }
        let mapped = self.read(permit, subject, call).await?;
        self.contract.check(permit, mapped, None)
    }

    async fn health(&self, call: &Call) -> Result<(), AdapterError> {
        self.client.metadata(call).await
    }
}

const HEALTH: &str = "insurance.health";
const SOCIAL: &str = "insurance.social";

#[cfg(test)]
mod tests;
