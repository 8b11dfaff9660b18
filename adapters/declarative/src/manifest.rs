//! What `adapter.toml` says, read and compiled: everything but connections.

mod attributes;
mod dataset;
mod read;
mod request;
mod xroad;

pub(crate) use attributes::{Attribute, Expression};
pub(crate) use dataset::{Dataset, Outcome, Paging, Rule};
pub(crate) use request::{Body, Method, Request};
pub(crate) use xroad::XRoad;

use crate::{codes::CodeTables, mistake::Mistake};
use motlan_adapter_sdk::{
    caller_headers::CallerHeaderNames, http::HttpConfig, paging::PagingLimits, soap::SoapService,
    sql::SqlConfig,
};
use motlan_schemas::{catalogue::Catalogue, ids::RegistryId, language::Text};
use serde::Deserialize;
use std::{fmt, ops::Range};

/// A folder's manifest.
#[derive(Debug)]
pub(crate) struct Manifest {
    pub(crate) registry: RegistryId,
    pub(crate) title: Text,
    pub(crate) version: String,
    pub(crate) environment: Environment,
    pub(crate) protocol: Protocol,
    pub(crate) answers_depend_on_asker: bool,
    pub(crate) address: SourceConfig,
    /// Where `[source]` stands, for mistakes that only show when the client is made.
    pub(crate) source_place: Range<usize>,
    pub(crate) callers: CallerHeaderNames,
    pub(crate) limits: PagingLimits,
    pub(crate) soap: Option<SoapService>,
    pub(crate) xroad: Option<XRoad>,
    pub(crate) health: Option<String>,
    pub(crate) datasets: Vec<Dataset>,
}

/// How a source is reached.
#[derive(Debug, Clone)]
pub(crate) enum SourceConfig {
    Http(Box<HttpConfig>),
    Sql(Box<SqlConfig>),
}

/// Whether a source holds real people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// Invented people only.
    Test,
    /// Real people.
    Production,
}

/// What a source speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// JSON over HTTP.
    Rest,
    /// JSON with HAL's `_links` and `_embedded`.
    Hal,
    /// SOAP 1.1, with or without X-Road headers.
    Soap,
    /// FHIR R4 search.
    Fhir,
    /// OGC API – Features.
    Ogc,
    /// A PostgreSQL database.
    Sql,
}

impl Protocol {
    const ALL: [Self; 6] = [
        Self::Rest,
        Self::Hal,
        Self::Soap,
        Self::Fhir,
        Self::Ogc,
        Self::Sql,
    ];

    fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|protocol| protocol.to_string() == name)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Rest => "rest",
            Self::Hal => "hal",
            Self::Soap => "soap",
            Self::Fhir => "fhir",
            Self::Ogc => "ogc",
            Self::Sql => "sql",
        })
    }
}

/// What a manifest is read against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known<'a> {
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) codes: &'a CodeTables,
    /// jq definitions that every expression of the manifest may use.
    pub(crate) definitions: &'a str,
}

impl Manifest {
    /// Reads a manifest, and notes every mistake in it.
    pub(crate) fn read(
        source: &crate::source::Source,
        known: Known<'_>,
        mistakes: &mut Vec<Mistake>,
    ) -> Option<Self> {
        read::manifest(source, known, mistakes)
    }

    /// Where a path of the source is asked for.
    pub(crate) fn path(&self, path: String) -> String {
        match &self.xroad {
            Some(xroad) => xroad.path(&path),
            None => path,
        }
    }

    /// Where a source that speaks HTTP and nothing more tells that it lives.
    pub(crate) fn health_path(&self) -> String {
        let own = || self.health.clone().unwrap_or_default();
        match &self.xroad {
            Some(xroad) if xroad.is_enabled() => xroad.methods(),
            _ => own(),
        }
    }
}
