//! The civil-status adapter: SOAP 1.1 with X-Road message protocol 4.0 headers.
//!
//! One operation a dataset. The subject's number travels in the SOAP body only, beside the list of
//! the elements that the permit allows; what comes back anyway is dropped and counted.
//! [`Config`] names everything a deployment may call differently; [`mapping`] turns elements into
//! attributes.

mod config;
mod mapping;
mod response;
#[cfg(test)]
mod tests;

pub use config::{Config, Constant, History, Operations};
pub use mapping::default_codes;

use ::http::HeaderMap;
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
use response::Response;
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;

/// What the conformance kit found of this adapter: the text of its `conformance.toml`.
pub const CONFORMANCE: &str = include_str!("../conformance.toml");

/// The civil-status register of one authority.
#[derive(Debug)]
pub struct CivilStatusAdapter {
    descriptor: Descriptor,
    http: HttpClient,
    soap: SoapClient,
    config: Config,
    before_subject: Vec<(String, SecretString)>,
    after_subject: Vec<(String, SecretString)>,
    response: Response,
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
            version: config
                .service_version
                .clone()
                .filter(|version| !version.is_empty()),
            namespace: config.namespace.clone(),
            not_found_codes: config.not_found_codes.clone(),
        };
        let before_subject = revealed(&config.before_subject, "before_subject")?;
        let after_subject = revealed(&config.after_subject, "after_subject")?;
        let http = HttpClient::new(&config.http)?;
        let soap = SoapClient::new(http.clone(), service)?;
        Ok(Self {
            descriptor,
            http,
            soap,
            before_subject,
            after_subject,
            response: Response::new(&config),
            config,
            mappings,
            contract,
        })
    }

    /// The children of the operation's element: the subject, and the fields that are wanted.
    fn request(&self, mapping: &Mapping, permit: &Permit, person: &PersonalId) -> Vec<Element> {
        let namespace = if self.config.qualified {
            self.soap.namespace()
        } else {
            ""
        };
        let element = |name: &str| Element::new(namespace, name);
        let constant =
            |(name, text): &(String, SecretString)| element(name).with_text(text.expose_secret());
        let mut content: Vec<_> = self.before_subject.iter().map(constant).collect();
        content.push(element(&self.config.subject_element).with_text(person.expose()));
        content.extend(self.after_subject.iter().map(constant));
        if self.config.field_selection {
            let wanted = mapping.elements(permit.attributes());
            content.push(wanted.fold(element("fields"), |fields, name| {
                fields.with_child(element("field").with_text(name))
            }));
        }
        if self.config.request_element.is_empty() {
            return content;
        }
        let mut around = element(&self.config.request_element);
        around.children = content;
        vec![around]
    }

    /// The records about the subject in a response.
    fn read(
        &self,
        mapping: &Mapping,
        permit: &Permit,
        person: &PersonalId,
        response: &Element,
    ) -> Result<Mapped, AdapterError> {
        let records = self.response.records(response, &mapping.records)?;
        let place = match self.config.record_subject.as_str() {
            "" => &self.config.subject_element,
            other => other,
        };
        let mut own = Vec::new();
        for record in &records {
            let subject = response::at(record, place).and_then(Element::value);
            let subject = subject
                .ok_or_else(|| AdapterError::malformed("a record without its person's number"))?;
            if subject == person.expose() {
                own.push(*record);
            }
        }
        if own.is_empty() && !records.is_empty() {
            return Err(AdapterError::WrongSubject);
        }
        let read = |record: &Element| mapping.record(record, place, permit.attributes());
        match (mapping.cardinality, own.as_slice(), &self.config.history) {
            (Cardinality::Many, own, _) => {
                let records = own.iter().map(|record| read(record));
                records.collect::<Result<_, _>>().map(Mapped::Many)
            }
            (Cardinality::One, [], _) => Ok(Mapped::NotFound),
            (Cardinality::One, [one], _) => read(one).map(Mapped::One),
            (Cardinality::One, several, Some(history)) => {
                let current = response::current(several, history)?;
                current.map_or(Ok(Mapped::NotFound), |one| read(one).map(Mapped::One))
            }
            (Cardinality::One, _, None) => Err(AdapterError::malformed(
                "more than one record where one is expected",
            )),
        }
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
        if self.config.xroad.enabled {
            return self.soap.list_methods(call).await;
        }
        let url = self.http.url(&self.config.health_path)?;
        let answer = self.http.get(&url, HeaderMap::new(), call).await?;
        if answer.status.is_success() {
            Ok(())
        } else {
            Err(answer.unexpected_status())
        }
    }
}

fn revealed(
    constants: &[Constant],
    setting: &str,
) -> Result<Vec<(String, SecretString)>, ConfigError> {
    let reveal = |constant: &Constant| {
        let setting = format!("{setting}.{}", constant.name);
        Ok((constant.name.clone(), constant.value.reveal(&setting)?))
    };
    constants.iter().map(reveal).collect()
}
