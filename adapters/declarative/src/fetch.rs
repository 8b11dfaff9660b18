//! Asking a source, in its protocol, through the protocol's client.

mod outcome;
mod rest;

use crate::{
    jq::{Kinds, Val, read},
    loaded::Said,
    manifest::{Body, Dataset, Manifest, Method, Protocol, Request, Rule},
    mapping::{Mapping, run},
    template::Values,
    xml,
};
use http::{HeaderMap, StatusCode, header};
use jiff::{Timestamp, fmt::rfc2822};
use motlan_adapter_sdk::{
    adapter::{AdapterError, Call},
    config::ConfigError,
    fhir::FhirClient,
    field_map::FieldKind,
    hal::HalClient,
    http::HttpClient,
    ogc::{FeatureQuery, FeaturesClient},
    paging,
    soap::{SoapAnswer, SoapClient},
    sql::SqlClient,
    xroad,
};
use motlan_policies::permit::Permit;
use serde_json::Value;

/// The client of one dataset.
#[derive(Debug)]
pub(crate) enum Client {
    Rest(HttpClient),
    Hal(HalClient),
    Fhir(FhirClient),
    Ogc(FeaturesClient),
    Soap(Box<SoapClient>),
    Sql(SqlClient),
}

/// The connections that all datasets of a source share.
#[derive(Debug, Clone)]
pub(crate) enum Connections {
    Http(HttpClient),
    Sql(SqlClient),
}

/// One call.
#[derive(Debug)]
pub(crate) struct Question<'a> {
    pub(crate) manifest: &'a Manifest,
    pub(crate) dataset: &'a Dataset,
    pub(crate) mapping: &'a Mapping<'a>,
    pub(crate) subject: &'a str,
    pub(crate) permit: &'a Permit,
    /// Who asks, and why, where the protocol has no fields of its own for it.
    pub(crate) headers: HeaderMap,
    pub(crate) call: &'a Call,
}

impl Client {
    pub(crate) fn new(
        manifest: &Manifest,
        dataset: &Dataset,
        connections: &Connections,
    ) -> Result<Self, ConfigError> {
        let http = match connections.clone() {
            Connections::Sql(client) => return Ok(Self::Sql(client)),
            Connections::Http(http) => http,
        };
        Ok(match (manifest.protocol, &dataset.request) {
            (Protocol::Hal, Request::Http { headers, .. }) => {
                let accept = headers
                    .get(header::ACCEPT)
                    .and_then(|value| value.to_str().ok());
                Self::Hal(HalClient::new(
                    http,
                    accept.unwrap_or(HAL),
                    manifest.limits,
                )?)
            }
            (_, Request::Http { .. }) => Self::Rest(http),
            (_, Request::Fhir { .. }) => Self::Fhir(FhirClient::new(http, manifest.limits)),
            (
                _,
                Request::Ogc {
                    collection, search, ..
                },
            ) => Self::Ogc(FeaturesClient::new(
                http,
                collection.clone(),
                *search,
                manifest.limits,
            )),
            (_, Request::Sql(_)) => {
                return Err(ConfigError::setting(
                    "protocol",
                    "is not `sql`, and the request is one",
                ));
            }
            (_, Request::Soap { .. }) => {
                let service = manifest.soap.clone().ok_or_else(|| {
                    ConfigError::setting("soap", "is missing, and the request is one for SOAP")
                })?;
                Self::Soap(Box::new(SoapClient::new(http, service)?))
            }
        })
    }

    /// What the source says about the subject.
    pub(crate) async fn ask(&self, question: &Question<'_>) -> Result<Said, AdapterError> {
        let Question {
            dataset,
            headers,
            call,
            permit,
            ..
        } = question;
        let call_id = call.id.to_string();
        let fields = question.mapping.fields();
        let values = question.values(&call_id, &fields);
        let items: Vec<Val> = match (self, &dataset.request) {
            (Self::Rest(http), Request::Http { .. }) => {
                return rest::ask(http, question, &values).await;
            }
            (
                Self::Hal(client),
                Request::Http {
                    method,
                    path,
                    body,
                    embedded,
                    ..
                },
            ) => {
                let path = path.address(&values);
                let found = match (method, body) {
                    (Method::Post, Some(Body::Json(body))) => {
                        let body = body.json(&values).unwrap_or_default();
                        let embedded = embedded.as_deref().unwrap_or_default();
                        client.search(&path, &body, embedded, headers, call).await?
                    }
                    _ => client
                        .get(&path, headers, call)
                        .await?
                        .into_iter()
                        .collect(),
                };
                sent(found)?
            }
            (
                Self::Fhir(client),
                Request::Fhir {
                    resource,
                    parameters,
                },
            ) => {
                let parameters: Vec<(&str, String)> = parameters
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.text(&values)))
                    .collect();
                let found = client.search(resource, &parameters, headers, call).await?;
                sent(found)?
            }
            (
                Self::Ogc(client),
                Request::Ogc {
                    queryable,
                    comparison,
                    page_size,
                    ..
                },
            ) => {
                let query = FeatureQuery {
                    queryable,
                    comparison: *comparison,
                    value: question.subject,
                    properties: &fields,
                    page_size: *page_size,
                };
                let found = client.features(query, headers, call).await?;
                sent(found)?
            }
            (Self::Soap(client), Request::Soap { operation, content }) => {
                let content = content.elements(&values);
                match client
                    .call(operation, content, Some(permit.asking()), call)
                    .await?
                {
                    SoapAnswer::NotFound => Vec::new(),
                    SoapAnswer::Response(element) => vec![xml::to_value(&element)],
                }
            }
            (Self::Sql(client), Request::Sql(query)) => {
                let rows = client.select(query, &fields, permit, call).await?;
                sent(rows)?
            }
            _ => return Err(AdapterError::malformed("a request of another protocol")),
        };
        question.said(items)
    }

    /// Whether the source can be reached, asked for nothing personal.
    pub(crate) async fn health(
        &self,
        manifest: &Manifest,
        call: &Call,
    ) -> Result<(), AdapterError> {
        let http = match self {
            Self::Rest(http) => http,
            Self::Hal(client) => client.http(),
            Self::Fhir(client) => return client.metadata(call).await,
            Self::Ogc(client) => return client.describe(call).await,
            Self::Soap(client) => return client.list_methods(call).await,
            Self::Sql(client) => return client.ping(call).await,
        };
        let url = http.url(&manifest.health_path())?;
        let xroad = manifest.xroad.as_ref();
        let headers = xroad.map(|xroad| xroad.headers(None, call));
        let answer = http.get(&url, headers.unwrap_or_default(), call).await?;
        if xroad.is_some() {
            xroad::check_rest_answer(&answer, call)?;
        }
        match answer.status {
            StatusCode::OK | StatusCode::NO_CONTENT => Ok(()),
            _ => Err(paging::refusal(&answer, paging::problem_code)),
        }
    }
}

impl<'a> Question<'a> {
    fn values<'v>(&'v self, call_id: &'v str, fields: &'v [&'v str]) -> Values<'v> {
        let asking = self.permit.asking();
        let page_size = match &self.dataset.request {
            Request::Http { page_size, .. } => *page_size,
            _ => None,
        };
        Values {
            subject: self.subject,
            fields,
            call_id,
            officer: asking.officer.as_ref().map(|officer| officer.id.as_str()),
            case: asking.case.as_ref().map(|case| case.as_str()),
            purpose: asking.purpose.as_str(),
            page_size,
            ..Values::default()
        }
    }

    /// The records in what a protocol's client found.
    fn said(&self, items: Vec<Val>) -> Result<Said, AdapterError> {
        let mut said = Said::default();
        for item in items {
            match outcome::of_item(self, &item)? {
                Some(Rule::Absent) => {}
                _ => {
                    said.note_as_of(self.as_of(&item)?);
                    let total = self.total(&item)?;
                    let records = self.records(item)?;
                    if total.is_some_and(|total| u64::try_from(records.len()).unwrap_or(0) < total)
                    {
                        let reason = "fewer records than announced".to_owned();
                        return Err(AdapterError::Truncated { reason });
                    }
                    said.records.extend(records);
                }
            }
        }
        Ok(said)
    }

    /// The records of a page.
    fn records(&self, page: Val) -> Result<Vec<Val>, AdapterError> {
        match &self.dataset.records {
            None => Ok(vec![page]),
            Some(records) => run("records", records, page, self.mapping.around()),
        }
    }

    /// How many records a page announces.
    fn total(&self, page: &Val) -> Result<Option<u64>, AdapterError> {
        let Some(total) = &self.dataset.total else {
            return Ok(None);
        };
        let totals = run("total", total, page.clone(), self.mapping.around())?;
        let number = totals
            .first()
            .map(|total| read(Kinds::Field(FieldKind::Integer), total));
        match number {
            None | Some(Ok(Val::Null)) => Ok(None),
            Some(Ok(Val::Int(number))) if number >= 0 => Ok(u64::try_from(number).ok()),
            Some(_) => Err(AdapterError::malformed("`total` is no number of records")),
        }
    }

    /// When a page says that it was true.
    fn as_of(&self, page: &Val) -> Result<Option<Timestamp>, AdapterError> {
        let Some(as_of) = &self.dataset.as_of else {
            return Ok(None);
        };
        let moments = run("as_of", as_of, page.clone(), self.mapping.around())?;
        match moments.first().and_then(Val::as_text) {
            None => Ok(None),
            Some(text) => moment(text).map(Some),
        }
    }
}

impl Said {
    /// An answer is as old as its oldest part.
    fn note_as_of(&mut self, as_of: Option<Timestamp>) {
        self.as_of = match (self.as_of, as_of) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
}

/// What a protocol's client found, as values of mappings.
fn sent(found: Vec<Value>) -> Result<Vec<Val>, AdapterError> {
    let values = found.into_iter().map(Val::sent);
    let values = values.collect::<Option<_>>();
    values.ok_or_else(|| AdapterError::malformed("nested too deeply"))
}

/// A moment in ISO 8601 with a zone, or as HTTP headers write it.
fn moment(text: &str) -> Result<Timestamp, AdapterError> {
    let text = text.trim();
    let moment = text
        .parse()
        .ok()
        .or_else(|| Some(rfc2822::parse(text).ok()?.timestamp()));
    moment.ok_or_else(|| AdapterError::malformed("`as_of` is no moment"))
}

/// HAL's media type, and JSON for servers that do not know it.
const HAL: &str = "application/hal+json, application/json;q=0.9";
