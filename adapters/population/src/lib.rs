//! The population adapter: `POST /persons` with mandatory `fields`, over X-Road REST.
//!
//! The request says which fields it wants, and the registry sends no others; the person's number
//! travels in the body. Flags (`deceased`, `underInvestigation`, `addressSecret`) come unasked.
//! [`Config`] names everything that a deployment may call differently.

mod config;
mod defaults;
mod mapping;
#[cfg(test)]
mod tests;

pub use config::{Config, Datasets, DateNames, Records};

use async_trait::async_trait;
use motlan_adapter_sdk::{
    adapter::{Adapter, AdapterError, Call, Descriptor, Fetched, ServedDataset},
    config::ConfigError,
    contract::{Contract, Mapped},
    field_map::first,
    http::{HttpAnswer, HttpClient, public_code},
    xroad,
};
use motlan_policies::permit::Permit;
use motlan_schemas::{
    catalogue::{Catalogue, Dataset, DatasetId},
    ids::PersonalId,
    query::Subject,
};
use serde_json::{Value, json};
use std::{borrow::Cow, sync::Arc};

/// What the conformance kit found of this adapter: the text of its `conformance.toml`.
pub const CONFORMANCE: &str = include_str!("../conformance.toml");

/// The population register.
#[derive(Debug)]
pub struct PopulationAdapter {
    descriptor: Descriptor,
    http: HttpClient,
    config: Config,
    served: Vec<(DatasetId, Records)>,
    contract: Arc<Contract>,
}

impl PopulationAdapter {
    /// An adapter; makes no connection yet.
    ///
    /// # Errors
    /// What is wrong with the configuration.
    pub fn new(config: Config, contract: Arc<Contract>) -> Result<Self, ConfigError> {
        config.xroad.check()?;
        let served = served(&config, contract.catalogue())?;
        let selective = |(dataset, _): &(DatasetId, Records)| ServedDataset {
            dataset: *dataset,
            selective: true,
        };
        let descriptor = Descriptor {
            registry: config.registry.clone(),
            datasets: served.iter().map(selective).collect(),
            answers_depend_on_asker: false,
        };
        let http = HttpClient::new(&config.http)?;
        Ok(Self {
            descriptor,
            http,
            config,
            served,
            contract,
        })
    }

    /// Asks for one person's fields.
    async fn ask(
        &self,
        fields: &[Cow<'_, str>],
        person: &PersonalId,
        permit: &Permit,
        call: &Call,
    ) -> Result<Value, AdapterError> {
        let xroad = &self.config.xroad;
        let url = self.http.url(&xroad.rest_path(
            &self.config.provider,
            Some(&self.config.service),
            &self.config.path,
        ))?;
        let mut headers = xroad.rest_headers(Some(permit.asking()), call);
        headers.insert(
            http::header::CONTENT_TYPE,
            http::HeaderValue::from_static("application/json; charset=utf-8"),
        );
        headers.insert(
            http::header::ACCEPT,
            http::HeaderValue::from_static("application/json"),
        );
        let further = self.config.query_members.iter();
        let further = further.map(|(name, value)| (name.as_str(), json!(value)));
        let question = [
            ("type", json!(self.config.query_type)),
            (&self.config.numbers_member, json!([person.expose()])),
            ("fields", json!(fields)),
        ];
        let members = further.chain(question);
        let body: Value = members
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let answer = self
            .http
            .post(&url, headers, body.to_string(), call)
            .await?;
        xroad::check_rest_answer(&answer, call)?;
        if answer.status == http::StatusCode::OK {
            answer.json()
        } else {
            Err(refusal(&answer))
        }
    }

    /// The persons of an answer that are the subject.
    fn own(&self, answer: &mut Value, person: &PersonalId) -> Result<Option<Value>, AdapterError> {
        let persons = answer.get_mut(&self.config.persons_member).map(Value::take);
        let Some(Value::Array(persons)) = persons else {
            return Err(AdapterError::malformed(
                "an answer without its list of persons",
            ));
        };
        let sent = persons.len();
        let announced = answer
            .get(&self.config.total_member)
            .and_then(Value::as_u64)
            .and_then(|total| usize::try_from(total).ok());
        if let Some(total) = announced.filter(|total| *total > sent) {
            return Err(AdapterError::Truncated {
                reason: format!("{sent} of {total} persons"),
            });
        }
        let mut own = Vec::new();
        for candidate in persons {
            match candidate.get(&self.config.number_member) {
                Some(Value::String(number)) if number == person.expose() => own.push(candidate),
                Some(Value::String(_)) => {}
                _ => return Err(AdapterError::malformed("a person without a number")),
            }
        }
        match own.len() {
            0 if sent > 0 => Err(AdapterError::WrongSubject),
            0 | 1 => Ok(own.pop()),
            _ => Err(AdapterError::malformed(
                "more than one person with the same number",
            )),
        }
    }
}

#[async_trait]
impl Adapter for PopulationAdapter {
    fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    async fn fetch(&self, permit: &Permit, call: &Call) -> Result<Fetched, AdapterError> {
        let not_served = || AdapterError::Refused {
            reason: "the dataset or kind of subject is not served".to_owned(),
        };
        let (_, records) = self
            .served
            .iter()
            .find(|(id, _)| *id == permit.dataset())
            .ok_or_else(not_served)?;
        let Subject::Person(person) = permit.subject() else {
            return Err(not_served());
        };
        let dataset = self.contract.catalogue().dataset(permit.dataset());
        let asked_for = asked_for(dataset, permit);
        let mut fields = records.fields.paths(&asked_for);
        if let Some((_, field)) = records.counted_by(dataset, &asked_for) {
            fields.extend(field.path.iter().map(Cow::Borrowed));
        }
        // Asking for what comes unasked is a mistake (`paramsValidation`).
        fields.retain(|path| !self.config.comes_unasked(first(path)));
        // Without its number a person could not be compared with the subject.
        if !fields.contains(&Cow::Borrowed(self.config.number_member.as_str())) {
            fields.push(Cow::Borrowed(&self.config.number_member));
        }
        let mut answer = self.ask(&fields, person, permit, call).await?;
        let mapped = match self.own(&mut answer, person)? {
            None => Mapped::NotFound,
            Some(person) => mapping::map(&self.config, records, dataset, permit, person)?,
        };
        self.contract.check(permit, mapped, None)
    }

    async fn health(&self, call: &Call) -> Result<(), AdapterError> {
        let xroad = &self.config.xroad;
        let path = if xroad.enabled {
            "listMethods"
        } else {
            &self.config.health_path
        };
        let url = self
            .http
            .url(&xroad.rest_path(&self.config.provider, None, path))?;
        let answer = self
            .http
            .get(&url, xroad.rest_headers(None, call), call)
            .await?;
        xroad::check_rest_answer(&answer, call)?;
        if answer.status.is_success()
            || self
                .config
                .health_statuses
                .contains(&answer.status.as_u16())
        {
            Ok(())
        } else {
            Err(refusal(&answer))
        }
    }
}

/// The permitted attributes that may be asked for; flags are delivered unasked, and asking for one
/// is a mistake (`paramsValidation`).
fn asked_for<'a>(dataset: &'a Dataset, permit: &Permit) -> impl Fn(&str) -> bool + use<'a> {
    let wanted = permit.attributes() - dataset.flags;
    move |name| {
        dataset
            .attribute(name)
            .is_some_and(|attribute| wanted.contains(attribute.index))
    }
}

/// The registry's own refusal, with the code of its problem document (RFC 9457).
fn refusal(answer: &HttpAnswer) -> AdapterError {
    let document = answer.json().ok();
    let code = document
        .as_ref()
        .and_then(|document| document.get("code"))
        .and_then(Value::as_str);
    match (answer.unexpected_status(), code) {
        (AdapterError::Refused { reason }, Some(code)) => AdapterError::Refused {
            reason: format!("{reason} {}", public_code(code)),
        },
        (error, _) => error,
    }
}

fn served(
    config: &Config,
    catalogue: &Catalogue,
) -> Result<Vec<(DatasetId, Records)>, ConfigError> {
    let datasets = &config.datasets;
    let all = [
        ("population.identity", &datasets.identity),
        ("population.residence", &datasets.residence),
        ("population.household", &datasets.household),
        ("population.documents", &datasets.documents),
    ];
    let served = config.serves.of(&all.map(|(name, _)| name))?;
    let named = |(name, records): (&str, &Records)| {
        let missing = || ConfigError::setting("datasets", format!("the catalogue has no {name}"));
        let dataset = catalogue.dataset_named(name).ok_or_else(missing)?;
        let setting = name.replace("population.", "datasets.");
        records
            .fields
            .check(dataset, &format!("{setting}.fields"))?;
        Ok((dataset.id, records.clone()))
    };
    all.into_iter()
        .filter(|(name, _)| served.contains(name))
        .map(named)
        .collect()
}
