//! What a folder says of itself, for the tools of those who write one.

use crate::{codes::CodeTable as Table, folder::Folder, manifest::SourceConfig};
use motlan_adapter_sdk::conformance::{CodeTable, Watch};
use motlan_schemas::catalogue::Catalogue;
use std::{io, path::PathBuf};

/// Where a source is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Its name or number, without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The address as the manifest writes it; nothing for a database.
    pub base_url: Option<url::Url>,
}

impl Folder {
    /// The same folder, whose source is trusted by the certificate authorities of a PEM file only.
    #[must_use]
    pub fn trusting(&self, roots: PathBuf) -> Self {
        Self {
            roots: Some(roots),
            ..self.clone()
        }
    }

    /// Where the source is reached, by the manifest.
    #[must_use]
    pub fn address(&self) -> Address {
        match &self.manifest.address {
            SourceConfig::Http(config) => {
                let url = &config.base_url;
                let host = url.host_str().unwrap_or_default();
                Address {
                    host: host.trim_matches(['[', ']']).to_owned(),
                    port: url.port_or_known_default().unwrap_or_default(),
                    base_url: Some(url.clone()),
                }
            }
            SourceConfig::Sql(config) => Address {
                host: config.host.clone(),
                port: config.port,
                base_url: None,
            },
        }
    }

    /// A window before the source, through which an adapter made for its address can be watched;
    /// nothing for a database.
    ///
    /// # Errors
    /// Settings of the source that cannot work, and a port that cannot be had.
    pub async fn watch(&self) -> io::Result<Option<Watch>> {
        match &self.manifest.address {
            SourceConfig::Http(config) => Watch::open(config).await.map(Some),
            SourceConfig::Sql(_) => Ok(None),
        }
    }

    /// The code tables of attributes whose values are in a code list of the vocabulary.
    #[must_use]
    pub fn code_tables(&self, catalogue: &Catalogue) -> Vec<CodeTable> {
        let mut tables = Vec::new();
        for dataset in &self.manifest.datasets {
            let Some(known) = catalogue.dataset_named(&dataset.name) else {
                continue;
            };
            for attribute in &dataset.attributes {
                let table = attribute.codes.as_ref();
                let table = table.and_then(|file| self.codes.get(file));
                let place = known.attribute(&attribute.name);
                let list = place.and_then(|known| known.code_list.as_deref());
                if let (Some(table), Some(list)) = (table, list) {
                    tables.push(CodeTable {
                        attribute: format!("{}.{}", dataset.name, attribute.name),
                        code_list: list.to_owned(),
                        pairs: pairs(table),
                    });
                }
            }
        }
        tables
    }
}

/// The rows of a table in the order of their codes.
fn pairs(table: &Table) -> Vec<(String, String)> {
    let mut pairs: Vec<_> = table
        .rows()
        .map(|(from, to)| (from.to_owned(), to.to_owned()))
        .collect();
    pairs.sort();
    pairs
}
