//! A folder in use: with its connections, and its places in the catalogue.

use crate::{
    fetch::{self, Client, Connections},
    folder::Folder,
    manifest::{Attribute, Dataset, SourceConfig},
    mapping::Mapping,
    mistake::Mistake,
};
use jiff::Timestamp;
use motlan_adapter_sdk::{
    adapter::{AdapterError, Call, Descriptor, Fetched, ServedDataset},
    caller_headers::CallerHeaders,
    config::ConfigError,
    contract::{Contract, Mapped},
    http::HttpClient,
    sql::SqlClient,
};
use motlan_policies::permit::Permit;
use motlan_schemas::{
    catalogue::{AttributeIndex, Cardinality, Catalogue, DatasetId},
    query::Subject,
};
use serde_json::Value;
use std::{path::Path, sync::Arc, time::Instant};
use url::Url;

/// One version of a folder.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) folder: Folder,
    headers: CallerHeaders,
    served: Vec<Served>,
}

#[derive(Debug)]
struct Served {
    id: DatasetId,
    client: Client,
    /// Where the manifest's attributes are in the catalogue, in the manifest's order.
    places: Vec<AttributeIndex>,
}

/// What a source said about the subject, not yet compared and mapped.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) records: Vec<crate::jq::Val>,
    pub(crate) as_of: Option<Timestamp>,
}

impl Loaded {
    pub(crate) fn new(
        folder: Folder,
        base_url: Option<&Url>,
        catalogue: &Catalogue,
    ) -> Result<Self, Vec<Mistake>> {
        let manifest = &folder.manifest;
        let mut mistakes = Vec::new();
        let section = |error: &ConfigError| {
            folder.source.mistake(
                manifest.source_place.start..folder.source.end_of_line(manifest.source_place.start),
                format!("`[source]`: {error}"),
                "mend the setting that is named; docs/declarative-adapters.md describes the section",
            )
        };
        let connections = connections(&manifest.address, base_url, folder.roots.as_deref());
        let connections = connections.map_err(|error| vec![section(&error)])?;
        let headers =
            CallerHeaders::new(&manifest.callers).map_err(|error| vec![section(&error)])?;
        let mut served = Vec::new();
        for dataset in &manifest.datasets {
            let client = Client::new(manifest, dataset, &connections);
            match (place(&folder, dataset, catalogue), client) {
                (Ok((id, places)), Ok(client)) => served.push(Served { id, client, places }),
                (Err(mistake), _) => mistakes.push(mistake),
                (_, Err(error)) => mistakes.push(section(&error)),
            }
        }
        if mistakes.is_empty() {
            Ok(Self {
                folder,
                headers,
                served,
            })
        } else {
            Err(mistakes)
        }
    }

    pub(crate) fn descriptor(&self) -> Descriptor {
        let datasets = self.folder.manifest.datasets.iter().zip(&self.served);
        Descriptor {
            registry: self.folder.manifest.registry.clone(),
            datasets: datasets
                .map(|(dataset, served)| ServedDataset {
                    dataset: served.id,
                    selective: dataset.selective,
                })
                .collect(),
            answers_depend_on_asker: self.folder.manifest.answers_depend_on_asker,
        }
    }

    pub(crate) async fn fetch(
        &self,
        contract: &Contract,
        permit: &Permit,
        call: &Call,
    ) -> Result<Fetched, AdapterError> {
        let manifest = &self.folder.manifest;
        let known = contract.catalogue().dataset(permit.dataset());
        let served = self.served.iter().zip(&manifest.datasets);
        let (served, dataset) = served
            .into_iter()
            .find(|(served, _)| served.id == permit.dataset())
            .filter(|_| permit.subject().kind() == known.subject)
            .ok_or_else(|| AdapterError::Refused {
                reason: "the dataset or kind of subject is not served".to_owned(),
            })?;
        let permitted = permit.attributes() | known.flags;
        let wanted = dataset.attributes.iter().zip(&served.places);
        let wanted = wanted.filter(|(_, place)| permitted.contains(**place));
        let wanted: Vec<&Attribute> = wanted.map(|(attribute, _)| attribute).collect();
        let subject = match permit.subject() {
            Subject::Person(person) => person.expose(),
            Subject::Enterprise(enterprise) => enterprise.as_str(),
        };
        let mapping = Mapping::new(
            dataset,
            manifest.protocol,
            &self.folder.codes,
            subject,
            wanted,
        );
        let question = fetch::Question {
            manifest,
            dataset,
            mapping: &mapping,
            subject,
            permit,
            headers: match &manifest.xroad {
                Some(xroad) => xroad.headers(Some(permit.asking()), call),
                None => self.headers.headers(permit, call),
            },
            call,
        };
        let said = served.client.ask(&question).await?;
        let mapped = mapped(&mapping, known.cardinality, said.records, call).await?;
        contract.check(permit, mapped, said.as_of)
    }

    pub(crate) async fn health(&self, call: &Call) -> Result<(), AdapterError> {
        match self.served.first() {
            Some(served) => served.client.health(&self.folder.manifest, call).await,
            None => Err(AdapterError::malformed("a folder without datasets")),
        }
    }
}

/// The connections to a source, at another address and with other certificate authorities where
/// they are given.
fn connections(
    source: &SourceConfig,
    base_url: Option<&Url>,
    roots: Option<&Path>,
) -> Result<Connections, ConfigError> {
    match source {
        SourceConfig::Http(config) => {
            let mut config = config.clone();
            if let Some(url) = base_url {
                // A token endpoint on the same host moves with it.
                if let Some(oauth) = &mut config.oauth
                    && oauth.token_url.origin() == config.base_url.origin()
                    && let Ok(moved) = url.join(oauth.token_url.path())
                {
                    oauth.token_url = moved;
                }
                config.base_url = url.clone();
            }
            if let Some(roots) = roots {
                config.roots_pem_file = Some(roots.to_owned());
            }
            HttpClient::new(&config).map(Connections::Http)
        }
        SourceConfig::Sql(config) => {
            let mut config = config.clone();
            if let Some(host) = base_url.and_then(Url::host_str) {
                config.host = host.to_owned();
            }
            if let Some(port) = base_url.and_then(Url::port) {
                config.port = port;
            }
            SqlClient::new(&config).map(Connections::Sql)
        }
    }
}

/// The subject's records among those that came, mapped.
async fn mapped(
    mapping: &Mapping<'_>,
    cardinality: Cardinality,
    records: Vec<crate::jq::Val>,
    call: &Call,
) -> Result<Mapped, AdapterError> {
    let sent = records.len();
    let mut own = Vec::new();
    for (place, record) in records.into_iter().enumerate() {
        // A registry that sends very much shall neither hold up others nor outlast the deadline.
        if place % RECORDS_A_TURN == RECORDS_A_TURN - 1 {
            tokio::task::yield_now().await;
        }
        if Instant::now() > call.deadline {
            return Err(AdapterError::Timeout);
        }
        if mapping.is_own(&record)? {
            own.push(mapping.map(record)?);
        }
    }
    match (cardinality, own.len()) {
        (_, 0) if sent > 0 => Err(AdapterError::WrongSubject),
        (_, 0) => Ok(Mapped::NotFound),
        (Cardinality::Many, _) => Ok(Mapped::Many(own)),
        (Cardinality::One, 1) => Ok(own.pop().map_or(Mapped::NotFound, Mapped::One)),
        (Cardinality::One, _) => Err(AdapterError::malformed(
            "more than one record where one is expected",
        )),
    }
}

/// A dataset's places in the catalogue, whose schema must be the folder's, where it brings one.
fn place(
    folder: &Folder,
    dataset: &Dataset,
    catalogue: &Catalogue,
) -> Result<(DatasetId, Vec<AttributeIndex>), Mistake> {
    let known = catalogue.dataset_named(&dataset.name);
    let brought = folder
        .schemas()
        .iter()
        .find(|(name, _)| *name == dataset.name);
    let same = |text: &str| {
        let schema: Option<Value> = serde_json::from_str(text).ok();
        known.is_some_and(|known| schema.as_ref() == Some(&known.schema))
    };
    let places = |known: &motlan_schemas::catalogue::Dataset| {
        let attributes = dataset.attributes.iter();
        attributes
            .map(|attribute| Some(known.attribute(&attribute.name)?.index))
            .collect::<Option<Vec<_>>>()
    };
    match known
        .filter(|_| brought.is_none_or(|(_, text)| same(text)))
        .map(|known| (known.id, places(known)))
    {
        Some((id, Some(places))) => Ok((id, places)),
        _ => Err(folder.source.mistake(
            0..folder.source.first_line().len(),
            format!(
                "the running catalogue has no dataset `{}` as this folder needs it",
                dataset.name
            ),
            "datasets are read at the start; start the gateway anew",
        )),
    }
}

const RECORDS_A_TURN: usize = 64;

impl AsRef<Folder> for Loaded {
    fn as_ref(&self) -> &Folder {
        &self.folder
    }
}

/// Folders are shared, so that a call under way keeps the one that it began with.
pub(crate) type Current = arc_swap::ArcSwap<Loaded>;

pub(crate) fn current(loaded: Loaded) -> Current {
    Current::new(Arc::new(loaded))
}
