//! The civil-status adapter: SOAP 1.1 with X-Road message protocol 4.0 headers.
//!
//! One operation a dataset. The subject's number travels in the SOAP body only, beside the list of
//! the elements that the permit allows; what comes back anyway is dropped and counted.
//! [`Config`] names everything a deployment may call differently; [`mapping`] turns elements into
//! attributes.

mod config;
mod mapping;
#[cfg(test)]
mod tests;

pub use config::{Config, Operations};

use async_trait::async_trait;
use mapping::{Mapping, Mappings};
use motlan_adapter_sdk::{
    adapter::{Adapter, AdapterError, Call, Descriptor, Fetched, ServedDataset},
    config::ConfigError,
    contract::{Contract, Mapped},
    http::HttpClient,
    soap::{SoapAnswer, SoapClient, SoapService},
    xml::Element,
};
use motlan_policies::permit::Permit;
use motlan_schemas::{catalogue::Cardinality, ids::PersonalId, query::Subject};
use std::sync::Arc;

/// The civil-status register of one authority.
#[derive(Debug)]
pub struct CivilStatusAdapter {
    descriptor: Descriptor,
    soap: SoapClient,
    config: Config,
    mappings: Mappings,
    contract: Arc<Contract>,
}

impl CivilStatusAdapter {
    /// An adapter; makes no connection yet.
    ///
    /// # Errors
    /// What is wrong with the configuration.
    pub fn new(config: Config, contract: Arc<Contract>) -> Result<Self, ConfigError> {
        let mappings = Mappings::new(&config, contract.catalogue())?;
        let served = |mapping: &Mapping| ServedDataset {
            dataset: mapping.dataset,
            selective: config.field_selection,
        };
        let descriptor = Descriptor {
            registry: config.registry.clone(),
            datasets: mappings.iter().map(served).collect(),
            answers_depend_on_asker: false,
        };
        let service = SoapService {
            xroad: config.xroad.clone(),
            provider: config.provider.clone(),
            version: config.service_version.clone(),
            namespace: config.namespace.clone(),
            not_found_codes: config.not_found_codes.clone(),
        };
        let soap = SoapClient::new(HttpClient::new(&config.http)?, service)?;
        Ok(Self {
            descriptor,
            soap,
            config,
            mappings,
            contract,
        })
    }

    /// The children of the operation's element: the subject, and the fields that are wanted.
    fn request(&self, mapping: &Mapping, permit: &Permit, person: &PersonalId) -> Vec<Element> {
        let element = |name: &str| Element::new(self.soap.namespace(), name);
        let mut content = vec![element(&self.config.subject_element).with_text(person.expose())];
        if self.config.field_selection {
            let wanted = mapping.elements(permit.attributes());
            content.push(wanted.fold(element("fields"), |fields, name| {
                fields.with_child(element("field").with_text(name))
            }));
        }
        content
    }

    /// The records about the subject in a response.
    fn read(
        &self,
        mapping: &Mapping,
        permit: &Permit,
        person: &PersonalId,
        response: &Element,
    ) -> Result<Mapped, AdapterError> {
        let records: Vec<_> = response
            .children_named(&self.config.record_element)
            .collect();
        self.check_total(response, records.len())?;
        let mut own = Vec::new();
        for record in &records {
            let subject = record
                .child_named(&self.config.subject_element)
                .and_then(Element::value);
            let subject = subject
                .ok_or_else(|| AdapterError::malformed("a record without its person's number"))?;
            if subject == person.expose() {
                own.push(mapping.record(
                    record,
                    &self.config.subject_element,
                    permit.attributes(),
                )?);
            }
        }
        if own.is_empty() && !records.is_empty() {
            return Err(AdapterError::WrongSubject);
        }
        match mapping.cardinality {
            Cardinality::Many => Ok(Mapped::Many(own)),
            Cardinality::One if own.len() > 1 => Err(AdapterError::malformed(
                "more than one record where one is expected",
            )),
            Cardinality::One => Ok(own.pop().map_or(Mapped::NotFound, Mapped::One)),
        }
    }

    /// A response that announces more records than it has is not complete.
    fn check_total(&self, response: &Element, records: usize) -> Result<(), AdapterError> {
        let Some(total) = response
            .child_named(&self.config.total_element)
            .and_then(Element::value)
        else {
            return Ok(());
        };
        let total: usize = total
            .parse()
            .map_err(|_| AdapterError::malformed("the number of records is no number"))?;
        if records < total {
            return Err(AdapterError::Truncated {
                reason: format!("{records} of {total} records"),
            });
        }
        Ok(())
    }
}

#[async_trait]
impl Adapter for CivilStatusAdapter {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    async fn fetch(&self, permit: &Permit, call: &Call) -> Result<Fetched, AdapterError> {
        let not_served = || AdapterError::Refused {
            reason: "the dataset or kind of subject is not served".to_owned(),
        };
        let mapping = self.mappings.get(permit.dataset()).ok_or_else(not_served)?;
        let Subject::Person(person) = permit.subject() else {
            return Err(not_served());
        };
        let content = self.request(mapping, permit, person);
        let answer = self
            .soap
            .call(&mapping.operation, content, Some(permit.asking()), call)
            .await?;
        let mapped = match answer {
            SoapAnswer::NotFound => Mapped::NotFound,
            SoapAnswer::Response(response) => self.read(mapping, permit, person, &response)?,
        };
        self.contract.check(permit, mapped, None)
    }

    async fn health(&self, call: &Call) -> Result<(), AdapterError> {
        self.soap.list_methods(call).await
    }
}
